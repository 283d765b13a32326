//! A web page → an article: the guard, what no article has, the main content,
//! Markdown.

mod cards;
mod guard;
mod lines;
mod notes;
mod prune;
mod rescue;
mod said;
mod write;

use std::collections::BTreeSet;

use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability};

use super::{
    Article, LeftOut, Origin, Reason, Refusal, chrome,
    keep::Keep,
    markdown,
    read::{BLOCKS_MAX, refuse_deep, refuse_large},
    words,
};

/// Pieces around the article that are told; the rest is counted.
const TOLD_MAX: usize = 500;
/// Signs of a piece that are told.
const PIECE_SHOWN: usize = 160;
/// How far ahead in the page the words of the next block are looked for.
const AHEAD_MAX: usize = 300_000;
/// The search for the article found too little when the page's own `article`
/// has so many times its words: three to two.
const FAR_MORE: (usize, usize) = (3, 2);

/// Reads a web page.
pub(super) fn read(html: &str, url: Option<&str>, keep: &Keep) -> Result<Article, Refusal> {
    if let Some(objection) = guard::objection(html) {
        return Err(Refusal(objection));
    }
    let document = Document::from(html);
    let about = about(html, url);
    let base = about.url.clone().or_else(|| own_address(&document));
    let lost_links = if base.is_none() { lost_links(&document) } else { None };
    let titles: Vec<String> = document
        .select("h1")
        .nodes()
        .iter()
        .map(|node| one_line(&node.text()))
        .filter(|text| !text.is_empty())
        .collect();
    let said = said::body(&document);
    let mut gone = prune::prune(&document, keep, base.as_deref());
    let references = notes::take(&document, base.as_deref());
    let whole =
        document.select("body").nodes().first().map(|body| write::markdown(body, base.as_deref()));
    let found = main_content(&document, base.as_deref());
    refuse_deep(&found)?;
    let mut blocks = markdown::parse(&found, &fragment).blocks;
    refuse_large(&blocks)?;
    let whole = whole.filter(|whole| refuse_deep(whole).is_ok()).unwrap_or_default();
    let mut whole = markdown::parse(&whole, &fragment).blocks;
    whole.truncate(BLOCKS_MAX);
    if let Some(said) = said {
        blocks = said::listen(blocks, &whole, &said);
    }
    let lost = rescue::rescue(&mut blocks, whole, keep);
    gone.extend(lost.into_iter().map(|block| block.text));
    let title = title(&about.title, &titles);
    let mut article =
        Article { title, origin: about.origin, blocks, references, ..Article::default() };
    place(&mut article, html);
    tell(&mut article, gone, html);
    article.origin.url = article.origin.url.or(base);
    article.left_out.extend(lost_links);
    Ok(article)
}

/// Where a page says that it is.
fn own_address(document: &Document) -> Option<String> {
    let attribute = |selector: &str, name: &str| {
        let found = document.select(selector);
        let value = found.nodes().first().and_then(|node| node.attr(name));
        value.map(|value| value.trim().to_owned()).filter(|value| markdown::is_address(value))
    };
    attribute("link[rel=canonical]", "href")
        .or_else(|| attribute("meta[property='og:url']", "content"))
        .or_else(|| attribute("base[href]", "href"))
}

/// Links that lead to a place on the page's own site, which nobody knows.
fn lost_links(document: &Document) -> Option<LeftOut> {
    const NAMED_MAX: usize = 4;
    let found = document.select("p a[href], li a[href]");
    let hrefs = found.nodes().iter().filter_map(|link| link.attr("href"));
    let mut lost: Vec<String> = hrefs
        .map(|href| href.trim().to_owned())
        .filter(|href| !href.is_empty() && !href.starts_with('#') && !href.contains(':'))
        .collect();
    lost.dedup();
    let count = lost.len();
    lost.truncate(NAMED_MAX);
    let more = if count > NAMED_MAX { ", …" } else { "" };
    let text = format!(
        "{count} links like {}{more} are words now: the page does not say its own address",
        lost.join(", ")
    );
    (count > 0).then_some(LeftOut { reason: Reason::NotForMail, text, line: 1 })
}

/// A piece of HTML in Markdown, as Markdown.
pub(super) fn fragment(html: &str) -> String {
    if guard::objection(html).is_some() {
        return String::new();
    }
    let document = Document::fragment(html);
    write::markdown(&document.root(), None).replace("<!-- -->", "")
}

/// What a page says of itself.
struct About {
    title: String,
    url: Option<String>,
    origin: Origin,
}

fn about(html: &str, url: Option<&str>) -> About {
    let config = Config::default();
    let nothing =
        || About { title: String::new(), url: url.map(str::to_owned), origin: Origin::default() };
    let Ok(mut readability) = Readability::new(html, url, Some(config)) else { return nothing() };
    let Ok(found) = readability.parse() else { return nothing() };
    let canonical =
        found.url.filter(|url| markdown::is_address(url)).or_else(|| url.map(str::to_owned));
    let origin = Origin {
        url: canonical.clone(),
        author: found
            .byline
            .map(|name| one_line(&name))
            .filter(|name| !name.is_empty() && name.chars().count() < 80),
        published: found.published_time,
        site: found.site_name,
        language: found
            .lang
            .map(|lang| lang.trim().to_owned())
            .filter(|lang| !lang.is_empty() && lang.len() < 20),
        ..Origin::default()
    };
    About { title: one_line(&found.title), url: canonical, origin }
}

/// The page's article as Markdown: what the search finds, or the page's own
/// `article` or `main` where that has far more.
fn main_content(document: &Document, base: Option<&str>) -> String {
    let own = ["article", "main", "[role=main]", "#content", "body"].iter().find_map(|selector| {
        let largest = document
            .select(selector)
            .nodes()
            .iter()
            .map(|node| (words::count(&node.text()), *node))
            .max_by_key(|(count, _)| *count);
        largest.filter(|(count, _)| *count > 0)
    });
    if let Some(readme) = sole(document, "article.markdown-body") {
        return write::markdown(&readme, base);
    }
    let whole = document.html().to_string();
    let found = Readability::new(whole, None, None)
        .ok()
        .and_then(|mut readability| readability.parse().ok());
    let found = found.map(|article| {
        let document = Document::fragment(article.content);
        write::markdown(&document.root(), base)
    });
    if let Some(found) = &found
        && let Some(holder) = holder(document, words::prose(found))
    {
        return write::markdown(&holder, base);
    }
    match (found, own) {
        (Some(found), Some((count, node))) => {
            let is_little = words::count(&found) * FAR_MORE.0 < count * FAR_MORE.1;
            let is_body = node.has_name("body");
            if is_little && !is_body { write::markdown(&node, base) } else { found }
        }
        (Some(found), None) => found,
        (None, Some((_, node))) => write::markdown(&node, base),
        (None, None) => String::new(),
    }
}

/// The one element that `selector` finds, when it is an article's size: hosts
/// of source code show a README in it, below the list of its files.
fn sole<'a>(document: &'a Document, selector: &str) -> Option<NodeRef<'a>> {
    const WORDS_MIN: usize = 100;
    let found = document.select(selector);
    let [node] = found.nodes() else { return None };
    (words::count(&node.text()) >= WORDS_MIN).then_some(*node)
}

/// Where most prose of a page is, when what was found has less than half of it:
/// some pages spread their article over several boxes.
fn holder(document: &Document, found: usize) -> Option<NodeRef<'_>> {
    const PROSE_MIN: usize = 200;
    let bodies = document.select("body");
    let mut node = *bodies.nodes().first()?;
    let whole = prune::prose(&node);
    if whole < PROSE_MIN || found * 2 >= whole {
        return None;
    }
    loop {
        let inner = node
            .children_it(false)
            .filter(NodeRef::is_element)
            .find(|child| prune::prose(child) * 100 >= whole * 85);
        match inner {
            Some(inner) => node = inner,
            None => return Some(node),
        }
    }
}

/// The title without the site's name: the first heading that the page's title
/// has in it, or the page's title.
fn title(said: &str, headings: &[String]) -> String {
    let whole = chrome::letters(said);
    let within = headings.iter().find(|heading| {
        let letters = chrome::letters(heading);
        !letters.is_empty()
            && (whole.contains(&letters) || !whole.is_empty() && letters.contains(&whole))
    });
    match within {
        Some(heading) => heading.trim_end_matches(['¶', '#', ' ']).to_owned(),
        None if said.is_empty() => headings.first().cloned().unwrap_or_default(),
        None => without_site(said).to_owned(),
    }
}

/// The longest part of a title between the signs that hold the site's name off.
fn without_site(title: &str) -> &str {
    let parts = [" | ", " :: ", " » ", " · "].iter().find_map(|sign| {
        title.contains(sign).then(|| title.split(sign).max_by_key(|part| part.chars().count()))
    });
    parts.flatten().unwrap_or(title).trim()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Gives every block its line in the page: where its first words stand, behind
/// those of the block before.
fn place(article: &mut Article, html: &str) {
    let mut at = 0;
    let mut line = 1;
    for block in &mut article.blocks {
        let first: String =
            block.text.lines().next().unwrap_or_default().chars().take(24).collect();
        // Signs that HTML writes in another way end what can be looked for.
        let plain = first
            .split(['&', '<', '>', '"', '\'', '’', '“', '”', '\u{a0}'])
            .next()
            .unwrap_or_default()
            .trim();
        let mut end = (at + AHEAD_MAX).min(html.len());
        while !html.is_char_boundary(end) {
            end -= 1;
        }
        if plain.chars().count() >= 4
            && let Some(found) = html[at..end].find(plain)
        {
            line += html[at..at + found].matches('\n').count();
            at += found;
        }
        block.line = line;
    }
}

/// What the article is not: pieces around it, as far as they can be told.
fn tell(article: &mut Article, gone: Vec<String>, html: &str) {
    let inside = chrome::letters(
        &article.blocks.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join(" "),
    );
    let mut rest = 0;
    let mut told = BTreeSet::new();
    for text in gone {
        let letters = chrome::letters(&text);
        if letters.is_empty() || inside.contains(&letters) || !told.insert(letters) {
            continue;
        }
        if article.left_out.len() >= TOLD_MAX {
            rest += 1;
            continue;
        }
        let shown: String = text.chars().take(PIECE_SHOWN).collect();
        let first: String = text.chars().take(16).collect();
        let line = html.find(first.trim()).map_or(1, |at| html[..at].matches('\n').count() + 1);
        let reason = if words::discloses(&text) { Reason::Notice } else { Reason::Chrome };
        article.left_out.push(LeftOut { reason, text: shown, line });
    }
    if rest > 0 {
        article.left_out.push(LeftOut {
            reason: Reason::Chrome,
            text: format!("and {rest} more pieces of the page"),
            line: 1,
        });
    }
}
