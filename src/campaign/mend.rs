//! A list or an inline table that is never closed swallows the rest of a TOML
//! file, line by line, each with an error of its own. This finds it before the
//! parser does, and hides it, so that the rest is read as it was meant.

use std::{borrow::Cow, ops::Range};

use toml::de::DeTable;

/// A TOML file's text as it is to be parsed.
pub(super) struct Mended<'a> {
    pub(super) text: Cow<'a, str>,
    /// The brackets that are never closed; what they swallowed is not in `text`.
    pub(super) unclosed: Vec<Range<usize>>,
}

impl<'a> Mended<'a> {
    /// Every place in it is the one in `text`.
    pub(super) fn of(text: &'a str) -> Mended<'a> {
        let found = unclosed(text);
        // What looks like one and is none is what the parser can read.
        if found.is_empty() || DeTable::parse_recoverable(text).1.is_empty() {
            return Mended { text: Cow::Borrowed(text), unclosed: Vec::new() };
        }
        let mended = without(text, &found);
        let brackets = found.into_iter().map(|found| found.bracket);
        Mended { text: Cow::Owned(mended), unclosed: brackets.collect() }
    }
}

/// A bracket that is never closed: where it opens, and what is to be hidden.
#[derive(Debug, PartialEq, Eq)]
struct Unclosed {
    bracket: Range<usize>,
    hidden: Range<usize>,
}

/// The brackets of `text` that are still open where a line begins that can only
/// be a table's header or another key.
fn unclosed(text: &str) -> Vec<Unclosed> {
    let mut found = Vec::new();
    // Each with the beginning of the line of the outermost one.
    let mut open: Vec<(u8, usize)> = Vec::new();
    let mut key_line = 0;
    let mut at = 0;
    let mut line_start = true;
    while at < text.len() {
        let rest = &text[at..];
        if line_start {
            line_start = false;
            if let Some((bracket, _)) = open.last()
                && is_new_line_of_its_own(rest, *bracket)
            {
                let (_, opened) = open[0];
                found.push(Unclosed { bracket: opened..opened + 1, hidden: key_line..at });
                open.clear();
            }
            if open.is_empty() {
                key_line = at;
                if rest.trim_start().starts_with('[') {
                    // A header: its brackets are not values.
                    at += rest.find('\n').unwrap_or(rest.len());
                    continue;
                }
            }
        }
        let Some(plain) = rest.find(['\n', '#', '"', '\'', '[', ']', '{', '}']) else { break };
        if plain > 0 {
            at += plain;
            continue;
        }
        match rest.as_bytes()[0] {
            b'\n' => {
                line_start = true;
                at += 1;
            }
            b'#' => at += rest.find('\n').unwrap_or(rest.len()),
            b'"' | b'\'' => at += text_length(rest),
            bracket @ (b'[' | b'{') => {
                open.push((bracket, at));
                at += 1;
            }
            _ => {
                open.pop();
                at += 1;
            }
        }
    }
    found
}

/// Whether `rest` begins with a line that cannot continue a value in `bracket`:
/// a header, or in a list a key.
fn is_new_line_of_its_own(rest: &str, bracket: u8) -> bool {
    let line = rest.lines().next().unwrap_or_default().trim();
    let is_word = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"._-\"".contains(&c))
            && !matches!(text, "true" | "false" | "inf" | "nan")
    };
    let content = line.split('#').next().unwrap_or_default().trim_end();
    let header = content.trim_start_matches('[').trim_end_matches(']');
    let is_header = content.starts_with('[') && is_word(header);
    let is_key = line.split_once('=').is_some_and(|(key, _)| is_word(key.trim()));
    is_header || bracket == b'[' && is_key
}

/// The length of the text in quotes at the beginning of `rest`.
fn text_length(rest: &str) -> usize {
    if rest.starts_with("\"\"\"") || rest.starts_with("'''") {
        return rest[3..].find(&rest[..3]).map_or(rest.len(), |length| length + 6);
    }
    let quote = rest.as_bytes()[0];
    let mut is_escaped = false;
    for (at, c) in rest.bytes().enumerate().skip(1) {
        match c {
            b'\n' => return at,
            b'\\' if quote == b'"' && !is_escaped => is_escaped = true,
            c if c == quote && !is_escaped => return at + 1,
            _ => is_escaped = false,
        }
    }
    rest.len()
}

/// `text` with spaces in place of what is hidden: every place stays.
fn without(text: &str, unclosed: &[Unclosed]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for Unclosed { hidden, .. } in unclosed {
        for byte in &mut bytes[hidden.clone()] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8(bytes).expect("whole characters became spaces")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = unclosed(text);
        assert_eq!(without(text, &found), expected);
        assert_eq!(found.is_empty(), text == expected);
    }

    #[test]
    fn what_is_never_closed_is_hidden() {
        check("a = [\"x\"\nb = 1\n", "        \nb = 1\n");
        check("a = [\n  \"x\",\n[b]\nc = 1\n", "     \n      \n[b]\nc = 1\n");
        check("a = { x = 1\n[[b]]\n", "           \n[[b]]\n");
        check("x = 1\na = [ # ]\nb.c = [ 1 ]\n", "x = 1\n         \nb.c = [ 1 ]\n");
        check("a = [\"é\"\nb = [\"ü\"\nc = 1", "         \n         \nc = 1");
    }

    #[test]
    fn what_is_closed_stays() {
        for text in [
            "a = [\n  \"b = 1\",\n  [1, 2],\n  [\"x\"],\n  { c = 1 },\n]\nd = 1\n",
            "a = \"[\"\nb = 1\n",
            "a = '''\n[\nb = 1\n'''\nc = \"\\\"[\"\nd = 1\n",
            "[a]\nb = { c = [1],\n d = 2 }\n[[e]]\n",
            "a = [ # b = 1\n  true,\n  # c = 1\n]\n",
            "a = ]\nb = 1\n",
        ] {
            check(text, text);
        }
    }
}
