//! Reads the tags of MJML, with their places, and checks that they pair up.
//!
//! mrml says nothing about where a tag was left open, aborts the process on
//! deep nesting and refuses HTML that is not closed. This scanner runs before
//! it and is the only thing that speaks to the author.

use std::ops::Range;

use super::{
    Passage,
    mustache::{self, Kind},
};
use crate::diagnostic::Diagnostics;

/// Tags in tags beyond this are refused; 3,000 nested wrappers overflow
/// mrml's stack, real layouts stay under 20.
pub(super) const DEPTH_MAX: usize = 64;

/// HTML elements that have no end tag.
const VOID: [&str; 9] = ["br", "hr", "img", "meta", "link", "input", "wbr", "col", "area"];

/// Components whose content is HTML or text, not further components.
pub(super) const ENDING: [&str; 13] = [
    "mj-text",
    "mj-button",
    "mj-table",
    "mj-raw",
    "mj-title",
    "mj-preview",
    "mj-style",
    "mj-navbar-link",
    "mj-social-element",
    "mj-accordion-title",
    "mj-accordion-text",
    "style",
    "mj-font",
];

/// Every component of MJML that mrml knows and that we let through.
const COMPONENTS: [&str; 34] = [
    "mjml",
    "mj-head",
    "mj-body",
    "mj-attributes",
    "mj-all",
    "mj-class",
    "mj-breakpoint",
    "mj-font",
    "mj-preview",
    "mj-style",
    "mj-title",
    "mj-accordion",
    "mj-accordion-element",
    "mj-accordion-text",
    "mj-accordion-title",
    "mj-button",
    "mj-carousel",
    "mj-carousel-image",
    "mj-column",
    "mj-divider",
    "mj-group",
    "mj-hero",
    "mj-image",
    "mj-navbar",
    "mj-navbar-link",
    "mj-raw",
    "mj-section",
    "mj-social",
    "mj-social-element",
    "mj-spacer",
    "mj-table",
    "mj-text",
    "mj-wrapper",
    "mj-include",
];

/// Components that hold components: text of their own is lost there.
const HOLDERS: [&str; 8] =
    ["mjml", "mj-body", "mj-section", "mj-column", "mj-group", "mj-wrapper", "mj-hero", "mj-head"];

/// One token of MJML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Text between tags.
    Text(Range<usize>),
    /// `<!-- … -->` and the like.
    Comment(Range<usize>),
    /// `<tag a="b">` or `<tag/>`.
    Open {
        /// From `<` to `>`.
        span: Range<usize>,
        /// Lower case.
        name: String,
        /// Name and value of each attribute, in bytes of the text.
        attributes: Vec<(Range<usize>, Range<usize>)>,
        /// `/>`, or an element that has no end tag.
        closes_itself: bool,
    },
    /// `</tag>`.
    Close {
        /// From `<` to `>`.
        span: Range<usize>,
        /// Lower case.
        name: String,
    },
}

/// A `<` or tag that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) span: Range<usize>,
    pub(super) what: &'static str,
    pub(super) hint: &'static str,
}

/// The tokens of `text`, and what could not be read as one.
pub(super) fn scan(text: &str) -> (Vec<Token>, Vec<Broken>) {
    let mut scanner = Scanner { text, at: 0, tokens: Vec::new(), broken: Vec::new() };
    scanner.run();
    (scanner.tokens, scanner.broken)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    broken: Vec<Broken>,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while self.at < self.text.len() {
            // What stands in <style> or mj-style is CSS: only its end tag counts.
            if let Some(Token::Open { name, closes_itself: false, .. }) = self.tokens.last()
                && matches!(name.as_str(), "mj-style" | "style")
            {
                let end = format!("</{name}");
                let length = self.text[self.at..].find(&end).unwrap_or(self.text.len() - self.at);
                self.push_text(self.at + length);
                if self.at == self.text.len() {
                    break;
                }
            }
            let next = self.text[self.at..].find('<').map(|offset| self.at + offset);
            self.push_text(next.unwrap_or(self.text.len()));
            if self.at < self.text.len() {
                self.tag();
            }
        }
    }

    fn push_text(&mut self, end: usize) {
        if end > self.at {
            self.tokens.push(Token::Text(self.at..end));
        }
        self.at = end;
    }

    fn tag(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        if rest.starts_with("<!--") {
            match rest.find("-->") {
                Some(length) => self.finish(Token::Comment(start..start + length + 3)),
                // All the rest is in it: looking further would take for ever.
                None => {
                    let hint = "close it with `-->`";
                    self.fail(start..start + 4, "this comment is never closed", hint);
                    self.at = self.text.len();
                }
            }
            return;
        }
        let bytes = rest.as_bytes();
        let is_close = bytes.get(1) == Some(&b'/');
        let name_from = if is_close { 2 } else { 1 };
        let name_length = rest[name_from..]
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == ':'))
            .unwrap_or(rest.len() - name_from);
        if name_length == 0 {
            self.fail(
                start..start + 1,
                "this `<` begins no tag",
                "write `&lt;` for the sign itself",
            );
            return;
        }
        let name = rest[name_from..name_from + name_length].to_ascii_lowercase();
        let after_name = start + name_from + name_length;
        let Some((end, attributes)) = self.attributes(after_name) else {
            self.fail(start..after_name, "this tag is never closed", "close it with `>`");
            return;
        };
        let closes_itself = self.text[..end].ends_with("/>") || VOID.contains(&name.as_str());
        let span = start..end;
        if is_close {
            self.finish(Token::Close { span, name });
        } else {
            self.finish(Token::Open { span, name, attributes, closes_itself });
        }
    }

    /// The end of the tag and its attributes; `None` when it does not end.
    #[expect(clippy::type_complexity, reason = "two spans an attribute, used in one place")]
    fn attributes(&self, from: usize) -> Option<(usize, Vec<(Range<usize>, Range<usize>)>)> {
        let bytes = self.text.as_bytes();
        let mut at = from;
        let mut attributes = Vec::new();
        loop {
            match *bytes.get(at)? {
                b'>' => return Some((at + 1, attributes)),
                b'<' => return None,
                b'/' | b' ' | b'\t' | b'\n' | b'\r' => at += 1,
                _ => {
                    let first = self.text[at..].chars().next()?;
                    if first.is_whitespace() {
                        at += first.len_utf8();
                        continue;
                    }
                    let stop = |c: char| c.is_whitespace() || matches!(c, '=' | '>' | '<' | '/');
                    let name_end = self.text[at..].find(stop).map(|offset| at + offset)?;
                    let name = at..name_end.max(at + first.len_utf8());
                    at = name.end;
                    if bytes.get(at) != Some(&b'=') {
                        attributes.push((name, at..at));
                        continue;
                    }
                    let quote = *bytes.get(at + 1)?;
                    if quote != b'"' && quote != b'\'' {
                        return None;
                    }
                    let value_from = at + 2;
                    let length = self.text.get(value_from..)?.find(char::from(quote))?;
                    attributes.push((name, value_from..value_from + length));
                    at = value_from + length + 1;
                }
            }
        }
    }

    fn finish(&mut self, token: Token) {
        let end = match &token {
            Token::Text(span)
            | Token::Comment(span)
            | Token::Open { span, .. }
            | Token::Close { span, .. } => span.end,
        };
        self.tokens.push(token);
        self.at = end;
    }

    fn fail(&mut self, span: Range<usize>, what: &'static str, hint: &'static str) {
        self.at = span.end;
        self.broken.push(Broken { span, what, hint });
    }
}

/// How deep the tags of `text` are nested, for what was expanded.
pub(super) fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for token in scan(text).0 {
        match token {
            Token::Open { closes_itself: false, .. } => depth += 1,
            Token::Close { .. } => depth = depth.saturating_sub(1),
            Token::Open { .. } | Token::Text(_) | Token::Comment(_) => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Whether every element of a page that was made is closed, in order.
pub(super) fn is_whole(html: &str) -> bool {
    let mut open: Vec<String> = Vec::new();
    for token in scan(html).0 {
        match token {
            Token::Open { name, closes_itself: false, .. } => open.push(name),
            Token::Close { name, .. } => {
                if open.pop_if(|opened| *opened == name).is_none() {
                    return false;
                }
            }
            Token::Open { .. } | Token::Text(_) | Token::Comment(_) => {}
        }
    }
    open.is_empty()
}

/// Checks that the tags of `passage` pair up, and what mrml cannot bear.
pub(super) fn check(passage: &Passage, diagnostics: &mut Diagnostics) {
    let (tokens, broken) = scan(&passage.text);
    for Broken { span, what, hint } in broken {
        diagnostics.unbalanced_tag(passage.place(span), what.to_owned(), hint);
    }
    let mut open: Vec<(&str, Range<usize>)> = Vec::new();
    for token in &tokens {
        match token {
            Token::Comment(_) => {}
            Token::Text(span) => check_text(passage, span, open.last(), diagnostics),
            Token::Open { span, name, closes_itself, .. } => {
                if name.starts_with("mj") && !COMPONENTS.contains(&name.as_str()) {
                    let place = passage.place(span.start + 1..span.start + 1 + name.len());
                    diagnostics.unknown_component(place, name, &COMPONENTS);
                }
                if name == "mj-include" {
                    let hint = "write `{{> name}}` for templates/partials/name.mjml";
                    diagnostics.refused_expression(
                        passage.place(span.clone()),
                        "`mj-include` is not supported",
                        hint,
                    );
                }
                if name == "mj-raw" && open.iter().any(|(outer, _)| *outer == "mj-wrapper") {
                    let hint = "put it outside the mj-wrapper: inside, only Outlook shows it";
                    diagnostics.refused_expression(
                        passage.place(span.clone()),
                        "`mj-raw` in an `mj-wrapper` is invisible",
                        hint,
                    );
                }
                if !closes_itself {
                    if open.len() == DEPTH_MAX {
                        diagnostics.too_large(
                            passage.place(span.clone()),
                            "the nesting of tags",
                            "64",
                        );
                    }
                    open.push((name, span.clone()));
                }
            }
            Token::Close { span, name } => close(passage, &mut open, name, span, diagnostics),
        }
    }
    for (name, span) in open {
        let what = format!("this `<{name}>` is never closed");
        diagnostics.unbalanced_tag(
            passage.place(span),
            what,
            &format!("close it with `</{name}>`"),
        );
    }
}

/// Components whose children are columns, which share the width.
const OF_COLUMNS: [&str; 2] = ["mj-section", "mj-group"];

/// The block tags of `text` that stand between columns, each with the component
/// that holds those.
pub(super) fn blocks_among_columns(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut open: Vec<String> = Vec::new();
    for token in scan(text).0 {
        match token {
            Token::Text(span) => {
                // In an mj-raw it is the component around that counts.
                let around = open.iter().rev().find(|name| *name != "mj-raw");
                let Some(holder) = around.filter(|name| OF_COLUMNS.contains(&name.as_str())) else {
                    continue;
                };
                let (mustaches, _) = mustache::scan(&text[span.clone()]);
                let blocks = mustaches.into_iter().filter(|mustache| mustache.kind == Kind::Open);
                found.extend(blocks.map(|block| {
                    let place = span.start + block.span.start..span.start + block.span.end;
                    (place, holder.clone())
                }));
            }
            Token::Open { name, closes_itself: false, .. } => open.push(name),
            Token::Close { name, .. } => {
                if let Some(at) = open.iter().rposition(|opened| *opened == name) {
                    open.truncate(at);
                }
            }
            Token::Open { .. } | Token::Comment(_) => {}
        }
    }
    found
}

/// Text between components reaches the HTML between table rows and the text
/// part not at all.
fn check_text(
    passage: &Passage,
    span: &Range<usize>,
    parent: Option<&(&str, Range<usize>)>,
    diagnostics: &mut Diagnostics,
) {
    let Some((parent, _)) = parent else { return };
    if !HOLDERS.contains(parent) {
        return;
    }
    let text = &passage.text[span.clone()];
    let (mustaches, _) = mustache::scan(text);
    let mut plain = String::new();
    let mut from = 0;
    for mustache in &mustaches {
        plain.push_str(&text[from..mustache.span.start]);
        from = mustache.span.end;
        let prints = matches!(mustache.kind, Kind::Value | Kind::Raw);
        if prints {
            plain.push('x');
        }
    }
    plain.push_str(&text[from..]);
    let begin = text.len() - text.trim_start().len();
    if !plain.trim().is_empty() {
        let place = passage.place(span.start + begin..span.start + text.trim_end().len());
        let what = format!("this text stands in `<{parent}>`, between components");
        diagnostics.unbalanced_tag(place, what, "put it into an `<mj-text>`");
    }
}

fn close(
    passage: &Passage,
    open: &mut Vec<(&str, Range<usize>)>,
    name: &str,
    span: &Range<usize>,
    diagnostics: &mut Diagnostics,
) {
    if let Some(at) = open.iter().rposition(|(opened, _)| *opened == name) {
        // Everything opened since then was forgotten.
        for (forgotten, span) in open.drain(at..).skip(1) {
            let what = format!("this `<{forgotten}>` is not closed before `</{name}>`");
            let hint = format!("close it with `</{forgotten}>`");
            diagnostics.unbalanced_tag(passage.place(span), what, &hint);
        }
    } else {
        let what = format!("`</{name}>` closes a tag that is not open");
        let hint = "remove it, or open the tag before it";
        diagnostics.unbalanced_tag(passage.place(span.clone()), what, hint);
    }
}
