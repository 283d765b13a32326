//! The lines of a paste: cleaned, and joined where they were only wrapped.

use crate::article::words;

/// One line, or several that were one before somebody wrapped them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number in the paste, from 1.
    pub(super) number: usize,
    /// Without white space around, single spaces within.
    pub(super) text: String,
    /// As it came, with its indentation.
    pub(super) raw: String,
    /// Empty lines before it.
    pub(super) gap: usize,
    /// Whether it is a line of the paste, and not several.
    pub(super) is_single: bool,
}

impl Line {
    /// `=====` or `-----`, which makes a heading of the line above.
    pub(super) fn is_underline(&self) -> bool {
        let text = self.text.as_str();
        text.len() >= 3
            && (text.bytes().all(|c| c == b'=')
                || text.bytes().all(|c| c == b'-')
                || text.bytes().all(|c| c == b'~'))
    }
}

/// Somebody wraps at 60 to 80 signs; browsers do not wrap what they copy.
const WRAPPED_AT: std::ops::RangeInclusive<usize> = 55..=90;

/// The lines of `text`.
pub(super) fn read(text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut gap = 0;
    for (index, raw) in text.lines().enumerate() {
        let clean: String = raw
            .chars()
            .filter(|c| !is_invisible(*c))
            .map(|c| if is_space(c) { ' ' } else { c })
            .collect();
        let text = clean.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            gap += 1;
            continue;
        }
        let raw = raw.trim_end().replace('\u{a0}', " ");
        lines.push(Line { number: index + 1, text, raw, gap, is_single: true });
        gap = 0;
    }
    if is_wrapped(&lines) { joined(lines) } else { lines }
}

fn is_space(c: char) -> bool {
    c != '\t' && c.is_whitespace()
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{ad}' | '\u{2060}')
}

/// Whether somebody wrapped the paragraphs: most lines have another right
/// behind them, and are about as long.
fn is_wrapped(lines: &[Line]) -> bool {
    let followed: Vec<usize> = lines
        .windows(2)
        .filter(|pair| pair[1].gap == 0)
        .map(|pair| pair[0].text.chars().count())
        .collect();
    let near = followed.iter().filter(|length| WRAPPED_AT.contains(*length)).count();
    let longest = lines.iter().map(|line| line.text.chars().count()).max().unwrap_or(0);
    followed.len() >= 4
        && followed.len() * 2 >= lines.len()
        && near * 10 >= followed.len() * 6
        && longest <= 2 * WRAPPED_AT.end()
}

/// Puts wrapped lines together again.
fn joined(lines: Vec<Line>) -> Vec<Line> {
    let mut whole: Vec<Line> = Vec::new();
    for line in lines {
        let goes_on = line.gap == 0 && !line.is_underline() && !begins_item(&line.text);
        match whole.last_mut().filter(|last| goes_on && !last.is_underline() && is_full(last)) {
            Some(last) => {
                // A word that was cut at the end of a line is whole again only
                // when its second half cannot stand alone.
                last.text.push(' ');
                last.text.push_str(&line.text);
                last.raw.push('\n');
                last.raw.push_str(&line.raw);
                last.is_single = false;
            }
            None => whole.push(line),
        }
    }
    whole
}

/// Whether the last line of a paragraph so far is as long as wrapped ones are.
fn is_full(line: &Line) -> bool {
    let last = line.raw.lines().next_back().unwrap_or_default();
    !line.is_single
        || last.trim().chars().count() >= 45
        || !words::ends_sentence(&line.text) && last.trim().chars().count() >= 30
}

/// Whether a line begins an item of a list.
pub(super) fn begins_item(text: &str) -> bool {
    bullet(text).is_some() || numbered(text).is_some() || text.starts_with('[')
}

/// The words of `• words`.
pub(super) fn bullet(text: &str) -> Option<&str> {
    const SIGNS: [char; 18] =
        ['•', '·', '・', '▪', '◦', '○', '●', '‣', '■', '□', '✓', '✔', '★', '➤', '►', '→', '☐', '☑'];
    let mut chars = text.chars();
    let first = chars.next()?;
    let rest = chars.as_str();
    if SIGNS.contains(&first) {
        return Some(rest.trim_start()).filter(|rest| !rest.is_empty());
    }
    let is_mark = matches!(first, '-' | '*' | '+' | '–' | '—');
    rest.strip_prefix(' ').filter(|_| is_mark).map(str::trim_start).filter(|rest| !rest.is_empty())
}

/// The number and the words of `3. words` or `3) words`.
pub(super) fn numbered(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = text.get(..digits)?.parse().ok().filter(|_| (1..=2).contains(&digits))?;
    let rest = text[digits..].strip_prefix(['.', ')', '、', '．'])?;
    // 3.5 is a number.
    let rest = rest
        .strip_prefix(' ')
        .or_else(|| rest.starts_with(|c: char| !c.is_ascii_digit()).then_some(rest))?;
    Some((number, rest.trim_start())).filter(|(_, rest)| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_known_by_their_signs() {
        assert_eq!(bullet("• one"), Some("one"));
        assert_eq!(bullet("- one"), Some("one"));
        assert_eq!(bullet("-one"), None);
        assert_eq!(numbered("3) Three"), Some((3, "Three")));
        assert_eq!(numbered("3.5 metres"), None);
        assert_eq!(numbered("2024. A year"), None);
    }

    #[test]
    fn wrapped_paragraphs_are_whole_again() {
        let text = "A line that somebody wrapped where the editor said that it should\nbe wrapped, which is after seventy signs or so, as it used to be in\nmail and on terminals, with a paragraph of several lines like this\none.\n\nAnother paragraph that is wrapped at the same place, because the same\neditor wrote it, and which has no heading above it or anything else\nto tell it by.\n";
        let lines = read(text);
        assert_eq!(lines.len(), 2);
        assert!(lines[0].text.ends_with("like this one."));
        assert_eq!((lines[1].number, lines[1].gap), (6, 1));
    }
}
