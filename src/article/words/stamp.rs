//! Stamps: dates, counters and names with which a page labels a text.

use std::sync::LazyLock;

use super::{Phrases, count, fold, lines, sorted};

static UNITS: Phrases = Phrases(LazyLock::new(|| sorted(include_str!("stamp-units.txt"))));
static WORDS: Phrases = Phrases(LazyLock::new(|| sorted(include_str!("stamp-words.txt"))));
static DATES: Phrases = Phrases(LazyLock::new(|| sorted(include_str!("stamp-dates.txt"))));
static SIGNS: Phrases = Phrases(LazyLock::new(|| lines(include_str!("stamp-signs.txt"))));

/// How long a text takes to read, as pages say it.
const READ_TIMES: [&str; 7] = [
    "min read",
    "minute read",
    "mins read",
    "reading time",
    "min de lecture",
    "min. lesezeit",
    "lesezeit",
];

/// Signs of dates in scripts without spaces.
const DATE_SIGNS: &str = "年月日時时分秒週周曜星期一二三四五六七八九十上午下午";

/// Longer lines are no stamps.
const STAMP_WORDS: usize = 14;
/// Words of a name with what stands before it.
const BYLINE_WORDS: usize = 10;

/// How sure it is that a line is a stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Stamp {
    /// It is none.
    None,
    /// A date alone, which a heading of a diary is, too; or a name.
    Bare,
    /// It says besides what was done or counted.
    Sure,
}

/// Whether a line is a stamp of its page.
pub(in super::super) fn stamp(text: &str) -> Stamp {
    let folded = fold(text);
    if count(&folded) > STAMP_WORDS || folded.chars().count() > 90 {
        return Stamp::None;
    }
    if let Some(stamp) = dense(&folded) {
        return stamp;
    }
    // `By Ada Byron · 6 min read`: whatever else it says, it is about the page.
    if READ_TIMES.iter().any(|time| folded.contains(time))
        && folded.contains(|c: char| c.is_ascii_digit())
    {
        return Stamp::Sure;
    }
    if let Some(span) = folded.strip_suffix(" later").or_else(|| folded.strip_suffix(" ago")) {
        let is_span = count(span) == 2 && span.starts_with(|c: char| c.is_ascii_digit());
        return if is_span { Stamp::Sure } else { Stamp::None };
    }
    let is_joint = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '|' | '·' | '•' | ',' | '(' | ')' | '/' | '–' | '—' | '-' | '&' | '[' | ']' | '★'
            )
    };
    let (mut dates, mut numbers, mut units, mut verbs) = (0, 0, 0, 0);
    for word in folded
        .split(is_joint)
        .map(|word| word.trim_matches(['.', ':', '!']))
        .filter(|word| !word.is_empty())
    {
        if DATES.has(word) {
            dates += 1;
        } else if UNITS.has(word) {
            units += 1;
        } else if WORDS.has(word) {
            verbs += 1;
        } else if is_number(word) {
            numbers += 1;
        } else {
            return Stamp::None;
        }
    }
    match (dates, numbers, units, verbs) {
        // A bare number counts something, too: votes, claps.
        (0, 1, 0, 0) | (_, 1.., 1.., _) | (1.., 1.., _, 1..) => Stamp::Sure,
        (1.., 1.., _, _) | (0, 2.., 0, 0) => Stamp::Bare,
        _ => Stamp::None,
    }
}

/// Numbers as stamps have them: 3,682, 2k, 14:05, 3.2024, 3rd.
fn is_number(word: &str) -> bool {
    let mut chars = word.chars();
    let begins = chars.next().is_some_and(|c| c.is_ascii_digit() || c == '#' || c == '+');
    let rest = chars.as_str().trim_end_matches(char::is_alphabetic);
    let suffix = word.chars().rev().take_while(|c| c.is_alphabetic()).count();
    begins
        && suffix <= 3
        && rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ':' | '\'' | '+'))
}

/// Stamps of scripts without spaces: digits with the signs that stamps have.
fn dense(folded: &str) -> Option<Stamp> {
    if !folded.chars().any(super::is_dense) {
        return None;
    }
    let digits = folded.chars().filter(char::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    let mut rest = folded.to_owned();
    let mut counted = 0;
    for word in SIGNS.0.iter() {
        counted += rest.matches(*word).count();
        rest = rest.replace(*word, "");
    }
    let is_rest = |c: char| c.is_ascii_digit() || DATE_SIGNS.contains(c) || !c.is_alphanumeric();
    rest.chars().all(is_rest).then_some(if counted > 0 { Stamp::Sure } else { Stamp::Bare })
}

/// Whether a line only says who wrote it: `By Dolores Finch`.
pub(in super::super) fn byline(text: &str) -> Option<&str> {
    const STARTS: &[&str] = &[
        "By ",
        "BY ",
        "by ",
        "Von ",
        "von ",
        "Par ",
        "Por ",
        "Di ",
        "Door ",
        "Av ",
        "Текст: ",
        "Автор: ",
        "作者：",
        "作者:",
        "文・",
        "文：",
        "文／",
        "文/",
        "記者：",
        "撰文：",
        "بقلم ",
        "بقلم: ",
        "كتب: ",
        "Autor: ",
        "Autorin: ",
        "Author: ",
        "Text: ",
        "Words: ",
        "Written by ",
    ];
    let text = text.trim();
    let name = STARTS.iter().find_map(|start| text.strip_prefix(start))?.trim();
    let count = count(name);
    let is_name = name.split_whitespace().take(2).all(|word| {
        word.chars().next().is_some_and(|c| !c.is_lowercase())
            || matches!(word, "van" | "von" | "de" | "da" | "the" | "der")
    });
    let ends = name.ends_with(['!', '?', '。']) || name.ends_with('.') && count > 3;
    (is_name && !ends && (1..BYLINE_WORDS).contains(&count)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_told_from_headings() {
        let check = |text: &str, expected| assert_eq!(stamp(text), expected, "{text}");
        for text in [
            "asked Oct 2 at 8:14",
            "1,204 reputation",
            "Viewed 2k times",
            "3 Answers",
            "5 min read",
            "阅读 3682 · 评论 27",
            "Published: Oct 28, 2025",
            "3.4K Followers",
            "2 hours ago 14 comments",
        ] {
            check(text, Stamp::Sure);
        }
        check("41", Stamp::Sure);
        check("March 3, 2025", Stamp::Bare);
        check("12 сентября 2025, 14:05", Stamp::Bare);
        check("2025年3月1日", Stamp::Bare);
        check("Two answers", Stamp::None);
        check("7 Tips for 2025", Stamp::None);
        check("4. Dry the pan", Stamp::None);
        check("三月的番茄", Stamp::None);
    }

    #[test]
    fn bylines_name_somebody() {
        assert_eq!(byline("By Dolores Finch"), Some("Dolores Finch"));
        assert_eq!(byline("作者：小满的花盆"), Some("小满的花盆"));
        assert_eq!(byline("By the time we came home, the bread was cold."), None);
        assert_eq!(byline("By hand"), None);
    }
}
