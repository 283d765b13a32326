//! What a page says to machines that its article is: `articleBody` of its
//! JSON-LD. It has no headings and no lists, but no menu either: where the
//! search found little of it, it tells which blocks of the page are content.

use dom_query::Document;
use serde_json::Value;

use crate::article::{Block, chrome, words};

/// Letters of a body that is worth listening to; shorter ones are teasers.
const LETTERS_MIN: usize = 1_000;
/// Letters of a block that cannot be in a body by chance.
const BLOCK_LETTERS: usize = 20;
/// Values in values beyond this are not looked into.
const DEPTH_MAX: usize = 6;

/// The letters of the article, as the page says it; before it is pruned.
pub(super) fn body(document: &Document) -> Option<String> {
    let scripts = document.select("script[type='application/ld+json']");
    let bodies = scripts.nodes().iter().filter_map(|script| {
        let value: Value = serde_json::from_str(&script.text()).ok()?;
        article_body(&value, 0).map(chrome::letters)
    });
    bodies.max_by_key(String::len).filter(|body| body.len() >= LETTERS_MIN)
}

fn article_body(value: &Value, depth: usize) -> Option<&str> {
    if depth > DEPTH_MAX {
        return None;
    }
    match value {
        Value::Object(map) => match map.get("articleBody").and_then(Value::as_str) {
            Some(body) => Some(body),
            None => map.values().find_map(|value| article_body(value, depth + 1)),
        },
        Value::Array(values) => values.iter().find_map(|value| article_body(value, depth + 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// The blocks of the whole page that are in `body`, and the headings and
/// images between them, when `found` has less than two thirds of it.
pub(super) fn listen(found: Vec<Block>, all: &[Block], body: &str) -> Vec<Block> {
    let is_said = |block: &Block| {
        let letters = chrome::letters(&block.text);
        letters.len() >= BLOCK_LETTERS && body.contains(&letters)
    };
    let said = |blocks: &[Block]| -> usize {
        let said = blocks.iter().filter(|block| is_said(block));
        said.map(|block| chrome::letters(&block.text).len()).sum()
    };
    let (before, whole) = (said(&found), said(all));
    if before * 3 >= body.len() * 2 || whole * 3 < body.len() * 2 {
        return found;
    }
    let first = all.iter().position(is_said).unwrap_or(0);
    let last = all.iter().rposition(is_said).unwrap_or(0);
    let between = all[first..=last].iter().filter(|block| {
        let is_mark = block.kind.level().is_some() && !words::is_chrome(&block.text);
        is_mark || is_said(block)
    });
    between.cloned().collect()
}
