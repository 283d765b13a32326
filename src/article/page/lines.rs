//! Lines that only a style sheet or two line breaks hold apart become
//! paragraphs, before the search for the article can glue them together.

use dom_query::{Document, NodeRef};

use super::write::is_inline;

/// Elements whose text may be parted by breaks.
const HOLDERS: &str = "div, td, th, center, section, article, blockquote, main, body, font, li, dd";

/// Parts the lines of `document`.
pub(super) fn part(document: &Document) {
    for node in document.select("div, section, header, footer, li, aside, p").nodes() {
        if is_row(node) {
            part_row(document, node);
        }
    }
    for node in document.select(HOLDERS).nodes() {
        let children: Vec<NodeRef<'_>> = node.children_it(false).collect();
        if has_double_break(&children) {
            part_breaks(document, &children);
        }
    }
}

/// An element that holds nothing but inline elements, two and more, with no
/// word between them.
fn is_row(node: &NodeRef<'_>) -> bool {
    let children: Vec<NodeRef<'_>> =
        node.children_it(false).filter(|child| !is_blank(child)).collect();
    let with_words = children.iter().filter(|child| !child.text().trim().is_empty()).count();
    let is_cell = |child: &NodeRef<'_>| {
        child.node_name().is_some_and(|name| {
            matches!(
                &*name,
                "span"
                    | "a"
                    | "button"
                    | "time"
                    | "img"
                    | "svg"
                    | "label"
                    | "small"
                    | "strong"
                    | "b"
            )
        })
    };
    let is_glued = || {
        children
            .windows(2)
            .any(|pair| pair[0].next_sibling().is_some_and(|next| next.id == pair[1].id))
    };
    let is_styled =
        || children.iter().any(|child| child.has_attr("class") || child.has_name("button"));
    // A paragraph is prose, unless all of it is spans without a space between.
    let is_paragraph = node.has_name("p");
    with_words >= 2
        && children.iter().all(is_cell)
        && is_glued()
        && (!is_paragraph
            || is_styled()
                && children.iter().all(|child| child.text().trim().split(' ').count() >= 2))
}

fn is_blank(node: &NodeRef<'_>) -> bool {
    node.is_text() && node.text().trim().is_empty() || node.is_comment()
}

fn part_row(document: &Document, row: &NodeRef<'_>) {
    let is_paragraph = row.has_name("p");
    for child in row.element_children() {
        if is_paragraph {
            if child.prev_element_sibling().is_some() {
                child.before_html("<br><br>");
            }
        } else {
            let line = document.tree.new_element("div");
            child.insert_before(&line);
            line.append_child(&child);
        }
    }
}

fn is_break(node: &NodeRef<'_>) -> bool {
    node.has_name("br")
}

fn has_double_break(children: &[NodeRef<'_>]) -> bool {
    let mut is_after_break = false;
    for child in children.iter().filter(|child| !is_blank(child)) {
        if is_break(child) && is_after_break {
            return true;
        }
        is_after_break = is_break(child);
    }
    false
}

/// Makes a paragraph of all that stands between two double breaks.
fn part_breaks(document: &Document, children: &[NodeRef<'_>]) {
    let mut run: Vec<NodeRef<'_>> = Vec::new();
    let mut breaks: Vec<NodeRef<'_>> = Vec::new();
    let close = |run: &mut Vec<NodeRef<'_>>| {
        let has_words = run.iter().any(|one| !is_blank(one) && !is_break(one));
        if let (Some(first), true) = (run.first(), has_words) {
            let paragraph = document.tree.new_element("p");
            first.insert_before(&paragraph);
            for one in run.iter() {
                paragraph.append_child(one);
            }
        }
        run.clear();
    };
    for child in children {
        if is_break(child) {
            breaks.push(*child);
            continue;
        }
        if is_blank(child) && !breaks.is_empty() {
            continue;
        }
        if breaks.len() >= 2 {
            close(&mut run);
            breaks.iter().for_each(NodeRef::remove_from_parent);
            breaks.clear();
        }
        run.append(&mut breaks);
        let is_line = child.is_text()
            || child.node_name().is_some_and(|name| is_inline(&name) || &*name == "img");
        if is_line {
            run.push(*child);
        } else {
            close(&mut run);
        }
    }
    close(&mut run);
}
