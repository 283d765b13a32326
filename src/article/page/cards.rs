//! Small boxes of a page, told by what is written in them: a label with the
//! title of another text, a request with its button.

use dom_query::{Document, NodeRef};

use super::write::is_block;
use crate::article::words;

/// Words of a box; a larger one is looked into, and not taken as one.
const BOX_WORDS: usize = 60;
/// Words of a sentence that a box of the article has, and one of the page has not.
const PROSE_WORDS: usize = 25;
/// Words of a button, and of a box whose purpose is its button.
const BUTTON_WORDS: usize = 10;
const OFFER_WORDS: usize = 40;
/// Words of a request.
const ASK_WORDS: usize = 40;
/// Elements that make boxes.
const BOXES: &str = "div, section, aside, figure, ul, table, blockquote, center, header";

/// The boxes that are the page's own.
pub(super) fn own<'a>(document: &'a Document, host: Option<&str>) -> Vec<NodeRef<'a>> {
    let mut own = Vec::new();
    own.extend(document.select("a").nodes().iter().filter(|link| is_card(link)));
    own.extend(document.select("ul, ol").nodes().iter().filter(|list| is_menu(list, host)));
    own.extend(document.select("p, div").nodes().iter().filter(|node| is_button(node)));
    own.extend(document.select(BOXES).nodes().iter().filter(|node| is_own(node)));
    own
}

/// A link around blocks: the title and the teaser of another text.
fn is_card(link: &NodeRef<'_>) -> bool {
    let count = words::count(&link.text());
    let holds = |names: &[&str]| {
        link.descendants_it().any(|one| names.iter().any(|name| one.has_name(name)))
    };
    (2..=BOX_WORDS).contains(&count)
        && holds(&["div", "h2", "h3", "h4", "h5", "h6", "p", "ul"])
        && !holds(&["h1", "figcaption"])
}

/// A list of nothing but links to the same site: its menu, or more to read.
fn is_menu(list: &NodeRef<'_>, host: Option<&str>) -> bool {
    let items: Vec<NodeRef<'_>> =
        list.children_it(false).filter(|item| item.has_name("li")).collect();
    let is_link = |item: &NodeRef<'_>| {
        let text = item.text();
        let mut linked = 0;
        for link in item.descendants_it().filter(|one| one.has_name("a")) {
            let href = link.attr("href").unwrap_or_default();
            let elsewhere = href
                .split_once("://")
                .is_some_and(|(_, rest)| host.is_none_or(|host| !rest.starts_with(host)));
            if elsewhere {
                return false;
            }
            linked += words::count(&link.text());
        }
        linked > 0 && linked >= words::count(&text)
    };
    items.len() >= 2 && items.iter().all(is_link)
}

/// A paragraph that is only a button.
fn is_button(node: &NodeRef<'_>) -> bool {
    let count = words::count(&node.text());
    let buttons = buttons(node);
    let linked: usize = buttons.iter().map(|button| words::count(&button.text())).sum();
    (1..=BUTTON_WORDS).contains(&count) && linked >= count && !buttons.is_empty()
}

/// What looks like a button in `node`.
fn buttons<'a>(node: &NodeRef<'a>) -> Vec<NodeRef<'a>> {
    let is_button = |one: &NodeRef<'a>| {
        let class = one.class().unwrap_or_default().to_ascii_lowercase();
        let says = class
            .split([' ', '-', '_'])
            .any(|word| matches!(word, "btn" | "button" | "cta" | "buttons"));
        one.has_name("button")
            || one.has_name("a")
                && (says || one.attr("role").is_some_and(|role| &*role == "button"))
    };
    node.descendants_it().filter(is_button).collect()
}

fn is_own(node: &NodeRef<'_>) -> bool {
    let count = words::count(&node.text());
    if count == 0 || count > BOX_WORDS || node.descendants_it().any(|one| one.has_name("h1")) {
        return false;
    }
    let lines = lines(node);
    if lines.iter().any(|line| is_prose(line)) {
        return false;
    }
    let leads_away = node
        .descendants_it()
        .any(|one| ["a", "button", "input", "form"].iter().any(|name| one.has_name(name)));
    let first = lines.iter().find(|line| !line.is_empty());
    let is_labelled =
        first.is_some_and(|line| words::related(line).is_some() || words::is_notice(line));
    let asks = lines.iter().any(|line| words::count(line) <= ASK_WORDS && words::asks(line));
    let sells = count <= OFFER_WORDS && !buttons(node).is_empty();
    sells
        || (is_labelled || asks) && leads_away
        || asks
            && lines
                .iter()
                .all(|line| words::asks(line) || words::is_chrome(line) || words::notes(line))
}

fn is_prose(line: &str) -> bool {
    words::count(line) >= PROSE_WORDS
        && words::ends_sentence(line)
        && !words::asks(line)
        && !words::notes(line)
}

/// What is written in `node`, a line for each block.
pub(super) fn lines(node: &NodeRef<'_>) -> Vec<String> {
    let mut lines = vec![String::new()];
    gather(node, &mut lines, 0);
    lines.retain(|line| !line.trim().is_empty());
    lines.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn gather(node: &NodeRef<'_>, lines: &mut Vec<String>, depth: usize) {
    const DEPTH_MAX: usize = 300;
    for child in node.children_it(false).filter(|_| depth < DEPTH_MAX) {
        if child.is_text() {
            if let Some(last) = lines.last_mut() {
                last.push_str(&child.text());
            }
            continue;
        }
        let ends = child
            .node_name()
            .is_some_and(|name| is_block(&name) || matches!(&*name, "br" | "button" | "td" | "tr"));
        if ends {
            lines.push(String::new());
        }
        gather(&child, lines, depth + 1);
        if ends {
            lines.push(String::new());
        }
    }
}
