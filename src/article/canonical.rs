//! The canonical Markdown of a block: as a person would write it.

use comrak::{Node, format_commonmark, nodes::NodeValue};

use super::{escape, markdown};

/// The canonical Markdown of a block.
pub(super) fn write(node: Node<'_>) -> String {
    let table = matches!(node.data().value, NodeValue::Table(_));
    let mut text = String::new();
    format_commonmark(node, &markdown::options(), &mut text).expect("a string takes everything");
    let text = text.trim_matches('\n').to_owned();
    let text = if table { text } else { text.replace("<!-- end list -->", "") };
    let text = text.trim_matches('\n');
    // In code a backslash is one.
    let text = escape::in_prose(text, &|prose| plain_marks(&plain_brackets(prose)));
    let is_heading = matches!(node.data().value, NodeValue::Heading(_));
    if is_heading { plain_heading(&text) } else { text }
}

/// A heading is bold by itself.
fn plain_heading(text: &str) -> String {
    let Some((marks, words)) = text.split_once(' ') else { return text.to_owned() };
    let inner = words.strip_prefix("**").and_then(|rest| rest.strip_suffix("**"));
    match inner.filter(|inner| !inner.contains("**")) {
        Some(inner) => format!("{marks} {inner}"),
        None => text.to_owned(),
    }
}

/// Without backslashes before signs that are no marks where they stand: files
/// are written to be read.
fn plain_marks(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    let mut before = '\n';
    while let Some(c) = signs.next() {
        let next = signs.peek().copied().unwrap_or('\n');
        if c == '\\' && matches!(next, '!' | '#' | '@') {
            let mut ahead = signs.clone();
            ahead.next();
            let after = ahead.peek().copied().unwrap_or('\n');
            let is_mark = match next {
                '!' => after == '[',
                '#' => matches!(before, '\n' | '#') || after == ' ' || after == '\n',
                _ => before.is_alphanumeric() || !after.is_alphanumeric(),
            };
            if !is_mark {
                continue;
            }
        }
        if c == '\\' && next == '\\' {
            plain.push(c);
            signs.next();
        }
        plain.push(c);
        before = c;
    }
    plain
}

/// `\[2\]` → `[2]`: nothing but a citation, and nicer to read.
fn plain_brackets(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\[") {
        plain.push_str(&rest[..at]);
        let inner = &rest[at + 2..];
        let close = inner.find("\\]");
        let is_number = |inner: &str| {
            !inner.is_empty()
                && inner.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '–' | '-' | ' '))
        };
        match close {
            Some(close)
                if is_number(&inner[..close])
                    && !inner[close + 2..].starts_with(['(', '[', ':']) =>
            {
                plain.push('[');
                plain.push_str(&inner[..close]);
                plain.push(']');
                rest = &inner[close + 2..];
            }
            _ => {
                plain.push_str("\\[");
                rest = inner;
            }
        }
    }
    plain.push_str(rest);
    plain
}
