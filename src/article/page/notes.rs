//! Footnotes of a page: numbers in the text that lead to a note further down.
//! They are taken out before the search for the article can lose them.

use std::collections::BTreeMap;

use dom_query::{Document, NodeRef};

use super::write;
use crate::article::{Reference, ReferenceKey, markdown, words};

/// Words of a note; what is longer is a section that a number leads to.
const NOTE_WORDS: usize = 250;
/// Notes of a page.
const NOTES_MAX: usize = 1_000;

/// Takes the notes out of `document`. Their lines are not known yet.
pub(super) fn take(document: &Document, base: Option<&str>) -> Vec<Reference> {
    let mut notes: Vec<(Reference, NodeRef<'_>)> = Vec::new();
    let named = named(document);
    for link in document.select("a[href^='#']").nodes() {
        let text = link.text();
        let key = text.trim().trim_matches(['[', ']']).trim();
        let is_number =
            !key.is_empty() && key.len() <= 3 && key.bytes().all(|c| c.is_ascii_digit());
        let is_known = notes.iter().any(|(note, _)| note.key.0 == key);
        if !is_number || is_known || notes.len() >= NOTES_MAX {
            continue;
        }
        let href = link.attr("href").unwrap_or_default();
        let Some(target) = target(&named, &href[1..], link) else { continue };
        let markdown = written(&target, base, key);
        if !markdown.is_empty() && words::count(&markdown) <= NOTE_WORDS {
            let key = ReferenceKey(key.to_owned());
            notes.push((Reference { key, markdown, line: 1 }, target));
        }
    }
    // One number may be a jump to a chapter; notes come in numbers.
    notes.sort_by_key(|(note, _)| note.key.0.parse::<u32>().unwrap_or(u32::MAX));
    for (_, target) in &notes {
        target.remove_from_parent();
    }
    notes.into_iter().map(|(note, _)| note).collect()
}

/// Every element that a link can lead to.
fn named(document: &Document) -> BTreeMap<String, NodeRef<'_>> {
    let mut named = BTreeMap::new();
    for node in document.select("[id], a[name]").nodes() {
        if let Some(id) = node.attr("id").or_else(|| node.attr("name")) {
            named.entry(id.to_string()).or_insert(*node);
        }
    }
    named
}

/// The note that `id` names: the block that has it, or that holds what has it.
fn target<'a>(
    named: &BTreeMap<String, NodeRef<'a>>,
    id: &str,
    link: &NodeRef<'a>,
) -> Option<NodeRef<'a>> {
    let named = *named.get(id)?;
    let is_block = |node: &NodeRef<'a>| {
        ["li", "p", "div", "dd", "td", "tr", "aside"].iter().any(|name| node.has_name(name))
    };
    let note = if is_block(&named) {
        named
    } else {
        named.ancestors_it(Some(4)).find(|node| is_block(node))?
    };
    // Links that go forth and back are notes; a note does not hold its link.
    let holds_link = link.ancestors_it(None).any(|one| one.id == note.id);
    let is_section = note
        .descendants_it()
        .any(|one| ["h1", "h2", "h3", "h4"].iter().any(|name| one.has_name(name)));
    (!holds_link && !is_section).then_some(note)
}

/// The words of a note, without its number and the way back.
fn written(note: &NodeRef<'_>, base: Option<&str>, key: &str) -> String {
    for back in note.descendants() {
        let leads_back =
            back.has_name("a") && back.attr("href").is_some_and(|href| href.starts_with('#'));
        let is_label = back.class().is_some_and(|class| class.contains("backlink"));
        if leads_back || is_label {
            back.remove_from_parent();
        }
    }
    let text = write::markdown(note, base);
    let lines: Vec<&str> = text.split_whitespace().collect();
    let line = lines.join(" ").replace("<!-- -->", "");
    let words = line.trim().trim_start_matches(['↑', '^', ' ', '*']);
    let words = words
        .strip_prefix(&format!("[{key}]"))
        .or_else(|| words.strip_prefix(&format!("\\[{key}\\]")))
        .or_else(|| words.strip_prefix(&format!("{key}\\.")))
        .or_else(|| words.strip_prefix(&format!("{key}.")))
        .unwrap_or(words);
    markdown::line(words.trim_matches(['↑', '↩', '^', ' ', ':', '︎']))
}
