//! Finds and checks the `{{…}}` of a text, with their places.
//!
//! Handlebars itself reports an unclosed block only at the end of the file,
//! and an unknown variable only for the branch that a render reaches. This
//! reads every expression once, at compile time.

use std::ops::Range;

use super::{Passage, Vocabulary};
use crate::diagnostic::Diagnostics;

/// Blocks in blocks beyond this are refused: Handlebars' parser is recursive
/// (2,000 overflow a 2 MB stack).
pub(super) const BLOCK_DEPTH_MAX: usize = 32;

/// Helper calls in helper calls beyond this are refused, for the same reason.
const CALL_DEPTH_MAX: usize = 8;
/// An expression that is longer was not meant as one.
const EXPRESSION_BYTES_MAX: usize = 1_000;

/// Helpers that give a value.
const HELPERS: [&str; 2] = ["default", "url"];

/// One `{{…}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mustache {
    /// All of it, braces included.
    pub(super) span: Range<usize>,
    /// What it does.
    pub(super) kind: Kind,
    /// The words inside, each with its place.
    pub(super) words: Vec<(Range<usize>, String)>,
}

/// What an expression does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `{{x}}`, `{{helper x}}`.
    Value,
    /// `{{{x}}}`, `{{&x}}`.
    Raw,
    /// `{{#if x}}`, `{{^if x}}`.
    Open,
    /// `{{else}}`, `{{else if x}}`, `{{^}}`.
    Else,
    /// `{{/if}}`.
    Close,
    /// `{{> x}}`.
    Partial,
    /// `{{! … }}`, `{{!-- … --}}`.
    Comment,
}

impl Mustache {
    /// Whether it is a part of a block and prints nothing itself.
    pub(super) fn is_block_tag(&self) -> bool {
        match self.kind {
            Kind::Open | Kind::Else | Kind::Close | Kind::Comment => true,
            Kind::Value | Kind::Raw | Kind::Partial => false,
        }
    }
}

/// All expressions of `text`; an unclosed `{{` comes back as the error.
pub(super) fn scan(text: &str) -> (Vec<Mustache>, Option<Range<usize>>) {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("{{").map(|offset| at + offset) {
        let rest = &text[start..];
        let (open, close) = if rest.starts_with("{{!--") {
            ("{{!--", "--}}")
        } else if rest.starts_with("{{{") {
            ("{{{", "}}}")
        } else {
            ("{{", "}}")
        };
        let inner = start + open.len();
        // An expression is short, and never runs over an empty line.
        let limit = if open == "{{!--" { text.len() } else { end_of_expression(text, inner) };
        let Some(length) = text[inner..limit].find(close) else {
            return (found, Some(start..inner));
        };
        let end = inner + length + close.len();
        found.push(read(text, start..end, inner..inner + length, open));
        at = end;
    }
    (found, None)
}

/// Where an expression that begins at `from` must have ended.
fn end_of_expression(text: &str, from: usize) -> usize {
    let mut end = text.len().min(from + EXPRESSION_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let window = &text[from..end];
    let empty_line = window.find("\n\n").or_else(|| window.find("\n\r\n"));
    empty_line.map_or(end, |offset| from + offset)
}

fn read(text: &str, span: Range<usize>, inner: Range<usize>, open: &str) -> Mustache {
    let trimmed = text[inner.clone()].trim_matches(|c: char| c == '~' || c.is_whitespace());
    let (kind, sigil) = match (open, trimmed.as_bytes().first()) {
        ("{{!--", _) | (_, Some(b'!')) => (Kind::Comment, 1),
        ("{{{", _) => (Kind::Raw, 0),
        (_, Some(b'&')) => (Kind::Raw, 1),
        (_, Some(b'#')) => (Kind::Open, 1),
        (_, Some(b'^')) if trimmed.len() > 1 => (Kind::Open, 1),
        (_, Some(b'^')) => (Kind::Else, 1),
        (_, Some(b'/')) => (Kind::Close, 1),
        (_, Some(b'>')) => (Kind::Partial, 1),
        _ if trimmed == "else" || trimmed.starts_with("else ") => (Kind::Else, 4),
        _ => (Kind::Value, 0),
    };
    let words = if kind == Kind::Comment {
        Vec::new()
    } else {
        let base = inner.start + text[inner].find(trimmed).unwrap_or(0) + sigil;
        split(&trimmed[sigil.min(trimmed.len())..], base)
    };
    Mustache { span, kind, words }
}

/// Splits at spaces and parentheses, outside of quotes.
fn split(text: &str, base: usize) -> Vec<(Range<usize>, String)> {
    let mut words: Vec<(Range<usize>, String)> = Vec::new();
    let mut word: Option<usize> = None;
    let mut quote: Option<char> = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let ends = match quote {
            Some(q) => {
                if c == q {
                    quote = None;
                }
                at == text.len()
            }
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                false
            }
            None => c.is_whitespace() || c == '(' || c == ')',
        };
        match (word, ends) {
            (Some(start), true) => {
                words.push((base + start..base + at, text[start..at].to_owned()));
                word = None;
            }
            (None, false) => word = Some(at),
            (Some(_), false) | (None, true) => {}
        }
        if ends && c == '(' {
            words.push((base + at..base + at + 1, "(".to_owned()));
        }
    }
    // Most have one word; a file may have hundreds of thousands of expressions.
    words.shrink_to_fit();
    words
}

/// How deep the blocks of `text` are nested, for what was expanded.
pub(super) fn block_depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for mustache in scan(text).0 {
        match mustache.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Else | Kind::Value | Kind::Raw | Kind::Partial | Kind::Comment => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Whether `mustache` may stand in an address: one of the tool's own
/// addresses, or a value that went through `url`.
pub(super) fn fits_an_address(mustache: &Mustache) -> bool {
    match (mustache.kind, mustache.words.as_slice()) {
        (Kind::Value, [(_, name)]) => Vocabulary::is_safe_address(name),
        (Kind::Value, [(_, helper), ..]) => helper == "url",
        (Kind::Open | Kind::Else | Kind::Close | Kind::Comment, _) => true,
        (Kind::Value | Kind::Raw | Kind::Partial, _) => false,
    }
}

/// Checks every expression of `passage`: blocks pair up, names are known.
/// Returns the expressions.
pub(super) fn check(
    passage: &Passage,
    vocabulary: &Vocabulary,
    diagnostics: &mut Diagnostics,
) -> Vec<Mustache> {
    let (mustaches, unclosed) = scan(&passage.text);
    if let Some(span) = unclosed {
        let what = "this `{{` is never closed".to_owned();
        diagnostics.unbalanced_block(passage.place(span), what, "close it with `}}`");
    }
    check_blocks(passage, &mustaches, diagnostics);
    for mustache in &mustaches {
        check_names(passage, mustache, vocabulary, diagnostics);
    }
    mustaches
}

fn check_blocks(passage: &Passage, mustaches: &[Mustache], diagnostics: &mut Diagnostics) {
    let mut open: Vec<&Mustache> = Vec::new();
    for mustache in mustaches {
        let place = passage.place(mustache.span.clone());
        let name = mustache.words.first().map_or("", |(_, word)| word.as_str());
        match mustache.kind {
            Kind::Open => {
                if open.len() == BLOCK_DEPTH_MAX {
                    diagnostics.too_large(place, "the nesting of blocks", "32");
                }
                open.push(mustache);
            }
            Kind::Close => match open.pop() {
                None => {
                    let what = format!("`{{{{/{name}}}}}` closes a block that is not open");
                    diagnostics.unbalanced_block(
                        place,
                        what,
                        "remove it, or open the block before it",
                    );
                }
                Some(opened)
                    if opened.words.first().map(|(_, word)| word.as_str()) != Some(name) =>
                {
                    let wanted = opened.words.first().map_or("", |(_, word)| word.as_str());
                    let what =
                        format!("`{{{{/{name}}}}}` closes a block that was opened by `{wanted}`");
                    let hint = format!("write `{{{{/{wanted}}}}}` here");
                    diagnostics.unbalanced_block(place, what, &hint);
                }
                Some(_) => {}
            },
            Kind::Else if open.is_empty() => {
                let what = "this `else` belongs to no block".to_owned();
                diagnostics.unbalanced_block(
                    place,
                    what,
                    "put it between `{{#if …}}` and `{{/if}}`",
                );
            }
            Kind::Else | Kind::Value | Kind::Raw | Kind::Partial | Kind::Comment => {}
        }
    }
    for opened in open {
        let name = opened.words.first().map_or("if", |(_, word)| word.as_str());
        let what = format!("this `{{{{#{name}}}}}` is never closed");
        let hint = format!("close it with `{{{{/{name}}}}}`");
        diagnostics.unbalanced_block(passage.place(opened.span.clone()), what, &hint);
    }
}

fn check_names(
    passage: &Passage,
    mustache: &Mustache,
    vocabulary: &Vocabulary,
    diagnostics: &mut Diagnostics,
) {
    let place = || passage.place(mustache.span.clone());
    match mustache.kind {
        Kind::Comment | Kind::Close | Kind::Partial => return,
        Kind::Raw => {
            let hint = "write it with two braces: `{{…}}`; values are always escaped";
            diagnostics.refused_expression(place(), "a value cannot be put in unescaped", hint);
        }
        Kind::Value | Kind::Open | Kind::Else => {}
    }
    if mustache.words.iter().filter(|(_, word)| word == "(").count() > CALL_DEPTH_MAX {
        diagnostics.too_large(place(), "the nesting of helpers", "8");
        return;
    }
    let mut words = mustache.words.iter().peekable();
    let Some((_, first)) = words.peek() else {
        if mustache.kind != Kind::Else {
            diagnostics.refused_expression(
                place(),
                "this expression is empty",
                "name a variable in it",
            );
        }
        return;
    };
    let is_block = mustache.kind != Kind::Value && mustache.kind != Kind::Raw;
    let takes_arguments = mustache.words.len() > 1;
    if is_block || takes_arguments {
        let known: &[&str] = if is_block { vocabulary.blocks() } else { &HELPERS };
        if !known.contains(&first.as_str()) {
            let what = format!("`{first}` is not something to do here");
            let hint = format!("there is `{}`", known.join("`, `"));
            diagnostics.refused_expression(place(), &what, &hint);
            return;
        }
        words.next();
        if is_block && words.peek().is_none() {
            let what = format!("`{first}` wants a variable");
            diagnostics.refused_expression(place(), &what, "name one, as in `{{#if first_name}}`");
        }
    }
    while let Some((span, word)) = words.next() {
        if word == "(" {
            // A helper call in parentheses: its first word is the helper.
            if let Some((span, helper)) = words.next()
                && !HELPERS.contains(&helper.as_str())
            {
                let what = format!("`{helper}` is not something to do here");
                let hint = format!("there is `{}`", HELPERS.join("`, `"));
                diagnostics.refused_expression(passage.place(span.clone()), &what, &hint);
            }
            continue;
        }
        let is_literal = word.starts_with(['"', '\'']) || word.parse::<f64>().is_ok();
        if !is_literal && !vocabulary.knows(word) {
            let (place, known) = (passage.place(span.clone()), vocabulary.names());
            match vocabulary.elsewhere(word) {
                Some(hint) => diagnostics.variable_of_other_mail(place, word, hint),
                None => diagnostics.unknown_variable(place, word, &known),
            }
        }
    }
}
