//! Text → Markdown that reads as the same text.

use std::borrow::Cow;

/// `text` with a backslash before what Markdown would take for a mark.
pub(super) fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = bare_address(word);
        let (before, address) = word.split_at(bare);
        for c in before.chars() {
            if matches!(c, '\\' | '*' | '_' | '`' | '<' | '[' | ']' | '~') {
                escaped.push('\\');
            }
            if c == '&' { escaped.push_str("&amp;") } else { escaped.push(c) }
        }
        // Markdown takes an address as it stands.
        for c in address.chars() {
            match c {
                '[' => escaped.push_str("%5B"),
                ']' => escaped.push_str("%5D"),
                '<' | '`' | '\\' => escaped.extend(['\\', c]),
                c => escaped.push(c),
            }
        }
    }
    escaped
}

/// Where in `word` an address begins that needs no mark to be a link; the end
/// of the word when there is none. GFM, "Autolinks (extension)".
fn bare_address(word: &str) -> usize {
    let found = ["https://", "http://", "www."].iter().filter_map(|start| word.find(start)).min();
    if let Some(at) = found
        && !word[..at].ends_with(|c: char| c.is_alphanumeric())
    {
        return at;
    }
    // `_` stands in the names of mail boxes.
    let is_mail = word.split_once('@').is_some_and(|(name, host)| {
        name.ends_with(|c: char| c.is_ascii_alphanumeric())
            && host.split_once('.').is_some_and(|(_, rest)| !rest.is_empty())
    });
    if !is_mail {
        return word.len();
    }
    let before = word.split('@').next().unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let name = before.len() - before.chars().rev().take_while(|c| is_name(*c)).count();
    let bare = before[name..].trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    before.len() - bare.len()
}

/// A line, whose text is escaped already, that begins like a mark and is none.
pub(super) fn start(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let after = &line[digits..];
    if digits > 0 && digits < 10 && after.starts_with(['.', ')']) {
        return format!("{}\\{after}", &line[..digits]);
    }
    if line.starts_with(['#', '>', '+', '-', '=', '|']) {
        format!("\\{line}")
    } else {
        line.to_owned()
    }
}

/// A stretch of Markdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stretch<'a> {
    Prose(&'a str),
    /// Code with its backticks, in a line or between fences.
    Code(&'a str),
}

/// `markdown`, parted where code begins and ends. `CommonMark` 0.31, 6.1: as
/// many backticks end it as began it.
pub(super) fn stretches(markdown: &str) -> Vec<Stretch<'_>> {
    let mut found = Vec::new();
    let (mut from, mut at) = (0, 0);
    let bytes = markdown.as_bytes();
    let run = |at: usize| bytes[at..].iter().take_while(|c| **c == b'`').count();
    // Runs of this length have no end any more.
    let mut alone = [false; 65];
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'`' => {
                let ticks = run(at);
                let slot = ticks.min(64);
                let mut end = at + ticks;
                let mut is_closed = false;
                while !alone[slot] && end < bytes.len() && !is_closed {
                    let length = run(end);
                    is_closed = length == ticks;
                    end += length.max(1);
                }
                if is_closed {
                    found.push(Stretch::Prose(&markdown[from..at]));
                    found.push(Stretch::Code(&markdown[at..end]));
                    from = end;
                    at = end;
                } else {
                    alone[slot] |= slot < 64;
                    at += ticks;
                }
            }
            _ => at += 1,
        }
    }
    found.push(Stretch::Prose(&markdown[from..]));
    found
}

/// `markdown` with `change` made to all of it that is no code.
pub(super) fn in_prose(markdown: &str, change: &dyn Fn(&str) -> String) -> String {
    let parts = stretches(markdown).into_iter().map(|part| match part {
        Stretch::Prose(prose) => Cow::Owned(change(prose)),
        Stretch::Code(code) => Cow::Borrowed(code),
    });
    parts.collect()
}

/// `text` with `between` before each brace that stands beside another of its
/// kind: templates read two of them as theirs.
pub(super) fn braces(text: &str, between: &str) -> String {
    let mut parted = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    let mut before = None;
    while let Some(c) = signs.next() {
        let is_double = before == Some(c) || signs.peek() == Some(&c);
        let is_first = before != Some(c);
        if matches!(c, '{' | '}') && is_double && !(is_first && between != "\\") {
            parted.push_str(between);
        }
        parted.push(c);
        before = Some(c);
    }
    parted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stay_as_they_are() {
        assert_eq!(text("a_b *c* <d>"), "a\\_b \\*c\\* \\<d>");
        assert_eq!(text("(https://x.org/a_b?c=1&d=*) a_b"), "(https://x.org/a_b?c=1&d=*) a\\_b");
        assert_eq!(text("_foo_bar@x.org_"), "\\_foo_bar@x.org_");
        assert_eq!(text("a_b@"), "a\\_b@");
    }

    #[test]
    fn code_is_parted_from_prose() {
        let parts = stretches("a `b` \\`c ``d`e`` ` f");
        let code: Vec<_> = parts.iter().filter(|part| matches!(part, Stretch::Code(_))).collect();
        assert_eq!(code, [&Stretch::Code("`b`"), &Stretch::Code("``d`e``")]);
        assert_eq!(
            in_prose("a `a` a\n```\na\n```", &|prose| prose.replace('a', "é")),
            "é `a` é\n```\na\n```"
        );
        assert_eq!(in_prose("\\", &str::to_uppercase), "\\");
    }

    #[test]
    fn no_two_braces_stay_together() {
        assert_eq!(braces("a {{{b}} {c}", "\\"), "a \\{\\{\\{b\\}\\} {c}");
        assert_eq!(braces("{{{b}} {c}", " "), "{ { {b} } {c}");
    }
}
