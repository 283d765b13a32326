//! Small boxes of a page, told by what is written in them: a label with the
//! title of another text, a request with its button.

use dom_query::{Document, NodeRef};

use super::write::is_block;
use crate::article::words;

/// Words of a box; a larger one is looked into, and not taken as one.
const BOX_WORDS: usize = 60;
/// Words of a sentence that a box of the article has, and one of the page has not.
const PROSE_WORDS: usize = 25;
/// Words of a request.
const ASK_WORDS: usize = 40;
/// Elements that make boxes.
const BOXES: &str = "div, section, aside, figure, ul, table, blockquote, center, header";

/// The boxes that are the page's own.
pub(super) fn own(document: &Document) -> Vec<NodeRef<'_>> {
    let nodes = document.select(BOXES);
    nodes.nodes().iter().filter(|node| is_own(node)).copied().collect()
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
    (is_labelled || asks) && leads_away
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
fn lines(node: &NodeRef<'_>) -> Vec<String> {
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
