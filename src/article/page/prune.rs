//! Takes out of a page, before its article is looked for, what no article has,
//! and saves what the search would lose.

use dom_query::{Document, NodeRef, Selection};

use super::{cards, lines};
use crate::article::{
    chrome,
    keep::Keep,
    words::{self, Class},
};

/// Elements that are never article.
const NEVER: &str = "script, style, template, nav, form, button, input, select, textarea, dialog, canvas, object, embed, \
                     [role=navigation], [role=banner], [role=contentinfo], [role=search], [role=dialog], [role=alertdialog], \
                     [role=complementary], [hidden], [aria-hidden=true], link, meta[itemprop]";

/// A pruned element with more than this share of the page's words is kept: then
/// its name means something else.
const SHARE_MAX: usize = 3;

/// Words of prose that a box of the page's own does not have.
const PROSE_MIN: usize = 20;

/// Prunes `document`; returns the texts of what was taken out, in its order.
///
/// `base` is where the page is, when that is known.
pub(super) fn prune(document: &Document, keep: &Keep, base: Option<&str>) -> Vec<String> {
    let total = words::count(&document.select("body").text()).max(1);
    let mut gone = Vec::new();
    let mut take = |node: &NodeRef<'_>| {
        let text = cards::lines(node).join(" · ");
        if keep.wants(&text) {
            return;
        }
        let is_code = node.node_name().is_some_and(|name| {
            matches!(&*name, "script" | "style" | "template" | "link" | "meta")
        });
        if !text.is_empty() && !is_code {
            gone.push(text);
        }
        node.remove_from_parent();
    };
    unpack_noscript(document);
    for node in document.select(NEVER).nodes() {
        if words::count(&node.text()) * SHARE_MAX <= total * 2 && !has_figure_text(node) {
            take(node);
        }
    }
    for node in document.select("[class], [id]").nodes() {
        if is_own(node) && words::count(&node.text()) * SHARE_MAX <= total {
            take(node);
        }
    }
    for node in document.select("body > header, body > footer, footer, aside").nodes() {
        let has_title = node.descendants_it().any(|inner| inner.has_name("h1"));
        if !has_title && words::count(&node.text()) * SHARE_MAX <= total {
            take(node);
        }
    }
    lines::part(document);
    let host = base.and_then(|base| base.split_once("://"));
    let host = host.and_then(|(_, rest)| rest.split('/').next());
    for node in cards::own(document, host) {
        // What stands in a box that went away went with it.
        if node.parent().is_some() && words::count(&node.text()) * SHARE_MAX <= total {
            take(&node);
        }
    }
    for node in document.select("[class*=pullquote], [class*=pull-quote]").nodes() {
        let text = chrome::letters(&node.text());
        let whole = chrome::letters(&document.select("body").text());
        if !text.is_empty() && whole.matches(&text).count() > 1 {
            take(node);
        }
    }
    // The search for the article reads the names of headings as an omen.
    for heading in document.select("h1, h2, h3, h4, h5, h6").nodes() {
        heading.remove_attr("class");
        heading.remove_attr("id");
    }
    mend_images(document);
    mend_gaps(document);
    gone
}

/// A hidden element may hold the words that a script would show.
fn has_figure_text(node: &NodeRef<'_>) -> bool {
    node.has_name("pre") || node.has_name("code")
}

/// Images that load late have their real address elsewhere; without a script,
/// what stands in `noscript` is the image.
fn unpack_noscript(document: &Document) {
    for node in document.select("noscript").nodes() {
        let inner = node.text();
        let has_image =
            inner.contains("<img") || node.descendants_it().any(|one| one.has_name("img"));
        let before = node.prev_element_sibling();
        let is_double = before.is_some_and(|before| before.has_name("img") && has_address(&before));
        if !has_image || is_double {
            node.remove_from_parent();
        } else if inner.contains("<img") {
            let html = inner.to_string();
            node.replace_with_html(html);
        }
    }
}

fn has_address(image: &NodeRef<'_>) -> bool {
    address(image).is_some()
}

/// The address of an image, wherever a page keeps it.
fn address(image: &NodeRef<'_>) -> Option<String> {
    const NAMES: [&str; 7] = [
        "data-src",
        "data-lazy-src",
        "data-original",
        "data-orig-file",
        "data-full-url",
        "data-image-src",
        "src",
    ];
    let plain =
        NAMES.iter().filter_map(|name| image.attr(name)).map(|value| value.trim().to_owned());
    let found = plain.into_iter().find(|value| !value.is_empty() && !value.starts_with("data:"));
    found.or_else(|| {
        let set = image.attr("srcset").or_else(|| image.attr("data-srcset"))?;
        // The last one is the largest, as sets are written.
        let last = set.split(',').next_back()?.split_whitespace().next()?;
        Some(last.to_owned())
    })
}

fn mend_images(document: &Document) {
    for image in document.select("img").nodes() {
        match address(image) {
            Some(address) => image.set_attr("src", &address),
            None => image.remove_from_parent(),
        }
    }
}

/// Two or more empty paragraphs in a row are a pause; the search for the
/// article keeps rules and drops empty paragraphs.
fn mend_gaps(document: &Document) {
    let is_empty = |node: &NodeRef<'_>| {
        node.has_name("p")
            && node.text().trim().is_empty()
            && !node.descendants_it().any(|inner| inner.has_name("img"))
    };
    let empty: Selection<'_> = document.select("p");
    for node in empty.nodes() {
        let before = node.prev_element_sibling();
        if is_empty(node) && before.is_some_and(|before| is_empty(&before)) {
            let after = node.next_element_sibling();
            if !after.is_some_and(|after| is_empty(&after)) {
                node.replace_with_html("<hr>");
            }
        }
    }
}

/// Whether an element's class or id names something of the page's own.
fn is_own(node: &NodeRef<'_>) -> bool {
    // What is most of a heading is the heading, whatever a plugin calls it.
    let heading = node
        .ancestors_it(Some(3))
        .find(|one| ["h1", "h2", "h3", "h4", "h5", "h6"].iter().any(|name| one.has_name(name)));
    if heading.is_some_and(|heading| node.text().len() * 2 > heading.text().len()) {
        return false;
    }
    if ["html", "body", "article", "main", "h1", "h2", "h3", "pre", "code"]
        .iter()
        .any(|name| node.has_name(name))
    {
        return false;
    }
    let class = node.attr("class").unwrap_or_default();
    let id = node.attr("id").unwrap_or_default();
    let says = class
        .split_whitespace()
        .chain(id.split_whitespace())
        .filter_map(|name| says(&name.to_ascii_lowercase()))
        .reduce(|one, other| if one == Class::Page { one } else { other });
    match says {
        Some(Class::Page) => true,
        Some(Class::Perhaps) => prose(node) < PROSE_MIN,
        None => false,
    }
}

/// What a class or an id says, as a whole or in its words.
fn says(name: &str) -> Option<Class> {
    let mut parts = name
        .split(['-', '_'])
        .filter(|part| part.len() > 2 && !matches!(*part, "menu" | "bio" | "permalink"));
    words::class(name).or_else(|| parts.find_map(words::class))
}

/// Words of the sentences in `node` that are long enough to be an article's.
pub(super) fn prose(node: &NodeRef<'_>) -> usize {
    let own = std::iter::once(*node).chain(node.descendants_it());
    let paragraphs = own.filter(|one| one.has_name("p"));
    let counts = paragraphs.map(|one| one.text()).filter(|text| words::ends_sentence(text));
    counts.map(|text| words::count(&text)).filter(|count| *count >= words::PARAGRAPH_WORDS).sum()
}
