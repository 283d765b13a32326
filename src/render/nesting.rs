//! How blocks, elements and boxes may lie in each other.

use std::ops::Range;

use super::{
    markup::{self, Token},
    mask::{Masks, Piece},
    mustache::{self, Kind},
};

/// What is open at a point of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Opened {
    Tag(String),
    Block(String),
}

/// The block tags of `html` that do not lie around whole elements: each
/// opens or closes in the middle of one, or not at all.
pub(super) fn crossings(html: &str, masks: &Masks) -> Vec<String> {
    let mut crossing = Vec::new();
    let mut open: Vec<Opened> = Vec::new();
    for token in markup::scan(html).0 {
        match token {
            Token::Comment(_) | Token::Open { closes_itself: true, .. } => {}
            Token::Open { name, .. } => open.push(Opened::Tag(name)),
            Token::Close { name, .. } => {
                while let Some(Opened::Block(expression)) =
                    open.pop_if(|opened| matches!(opened, Opened::Block(_)))
                {
                    crossing.push(expression);
                }
                open.pop_if(|opened| *opened == Opened::Tag(name));
            }
            Token::Text(span) => {
                for expression in masks.hidden_in(&html[span]) {
                    step_over(expression, &mut open, &mut crossing);
                }
            }
        }
    }
    crossing.extend(open.into_iter().filter_map(|opened| match opened {
        Opened::Block(expression) => Some(expression),
        Opened::Tag(_) => None,
    }));
    crossing
}

fn step_over(expression: &str, open: &mut Vec<Opened>, crossing: &mut Vec<String>) {
    for mustache in mustache::scan(expression).0 {
        let is_inside = matches!(open.last(), Some(Opened::Block(_)));
        match mustache.kind {
            Kind::Open => open.push(Opened::Block(expression.to_owned())),
            Kind::Close if is_inside => {
                open.pop();
            }
            Kind::Else if is_inside => {}
            Kind::Close | Kind::Else => crossing.push(expression.to_owned()),
            Kind::Value | Kind::Raw | Kind::Partial | Kind::Comment => {}
        }
    }
}

/// Follows a line of block tags that lies around whole paragraphs; `depth` is
/// how many are open. Returns the tags that belong to none.
pub(super) fn around(text: &str, masks: &Masks, depth: &mut usize) -> Vec<String> {
    let mut lost = Vec::new();
    for expression in masks.hidden_in(text) {
        for mustache in mustache::scan(expression).0 {
            match mustache.kind {
                Kind::Open => *depth += 1,
                Kind::Close if *depth > 0 => *depth -= 1,
                Kind::Else if *depth > 0 => {}
                Kind::Close | Kind::Else => lost.push(expression.to_owned()),
                Kind::Value | Kind::Raw | Kind::Partial | Kind::Comment => {}
            }
        }
    }
    lost
}

/// The blocks of lowered words, and one sign for whatever stands between two
/// of their tags.
pub(super) fn skeleton(mjml: &str, masks: &Masks) -> String {
    let mut skeleton = String::new();
    for token in markup::scan(mjml).0 {
        match token {
            Token::Text(span) => {
                for piece in masks.pieces(&mjml[span]) {
                    match piece {
                        Piece::Plain(text) if text.trim().is_empty() => {}
                        Piece::Plain(_) => say(&mut skeleton),
                        Piece::Hidden(expression) => {
                            let (mustaches, _) = mustache::scan(expression);
                            if mustaches.iter().all(mustache::Mustache::is_block_tag) {
                                skeleton.push_str(expression);
                            } else {
                                say(&mut skeleton);
                            }
                        }
                    }
                }
            }
            Token::Open { name, .. }
                if matches!(name.as_str(), "mj-image" | "img" | "mj-button") =>
            {
                say(&mut skeleton);
            }
            Token::Open { .. } | Token::Close { .. } | Token::Comment(_) => {}
        }
    }
    skeleton
}

fn say(skeleton: &mut String) {
    if !skeleton.ends_with(SAID) {
        skeleton.push(SAID);
    }
}

/// What stands for words.
const SAID: char = 'x';

/// Where boxes (`:::callout`) begin that are never closed, outside of code.
pub(super) fn unclosed_boxes(text: &str) -> Vec<Range<usize>> {
    let mut open: Vec<Range<usize>> = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        // Code and boxes may stand in lists and quotes.
        let inner = line.trim_start_matches(|c: char| {
            c.is_whitespace()
                || c.is_ascii_digit()
                || matches!(c, '>' | '-' | '*' | '+' | '.' | ')')
        });
        let inner = inner.trim_end();
        let first = inner.chars().next().filter(|c| matches!(c, '`' | '~'));
        if let Some(mark) = first {
            let length = inner.chars().take_while(|c| *c == mark).count();
            let is_bare = inner.len() == length;
            match fence {
                None if length >= 3 && !(mark == '`' && inner[length..].contains('`')) => {
                    fence = Some((mark, length));
                }
                Some((opened, least)) if opened == mark && length >= least && is_bare => {
                    fence = None;
                }
                None | Some(_) => {}
            }
        }
        let Some(rest) = inner.strip_prefix(":::").filter(|_| fence.is_none()) else { continue };
        if rest.trim_matches(':').trim().is_empty() {
            open.pop();
        } else {
            let indent = line.len() - line.trim_start().len();
            open.push(start + indent..start + line.trim_end().len());
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &str, expected: &str) {
        let mut masks = Masks::avoiding(&[words]);
        let mut masked = String::new();
        let mut from = 0;
        for mustache in mustache::scan(words).0 {
            masked.push_str(&words[from..mustache.span.start]);
            masked.push_str(&masks.hide(&words[mustache.span.clone()]));
            from = mustache.span.end;
        }
        masked.push_str(&words[from..]);
        assert_eq!(skeleton(&masked, &masks), expected, "{words}");
    }

    #[test]
    fn a_skeleton_has_the_blocks_and_whether_something_is_said() {
        check("<p>Hi {{name}}, <b>you</b>.</p>", "x");
        check("<p>{{#if a}}<b>x</b> y{{else}}{{b}}{{/if}}</p>", "{{#if a}}x{{else}}x{{/if}}");
        check("{{#if a}} <p> </p> {{/if}}", "{{#if a}}{{/if}}");
        check("{{#if a}}{{/if}}<mj-image src=\"y\" />", "{{#if a}}{{/if}}x");
        check("<mj-divider /><!-- a note -->", "");
    }
}
