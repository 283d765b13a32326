//! What the lines of a paste are, by how they look beside each other.

use std::collections::BTreeSet;

use super::lines::{Line, bullet, numbered};
use crate::article::words;

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Heading(u8),
    Paragraph,
    Quote,
    /// An item, without its sign.
    Bullet(String),
    /// An item, without its number.
    Numbered(u32, String),
    /// A caption whose image did not come along.
    Caption,
    Code,
    /// A row of a table.
    Row(Vec<String>),
    Rule,
}

/// Whether a line of shape `next` belongs to a block that begins with `first`.
pub(super) fn goes_on(first: &Shape, next: &Shape) -> bool {
    match (first, next) {
        (Shape::Bullet(_), Shape::Bullet(_)) | (Shape::Code, Shape::Code) => true,
        // A number one begins a list anew.
        (Shape::Numbered(..), Shape::Numbered(number, _)) => *number != 1,
        (Shape::Row(first), Shape::Row(next)) => first.len() == next.len(),
        _ => false,
    }
}

/// Words of a line that can be a heading.
const HEADING_WORDS: usize = 14;
/// Points from which on a line is a heading.
const HEADING_POINTS: i32 = 3;
/// Words of a line that is prose without a doubt.
const PROSE_WORDS: usize = 20;
/// Words of an item in a list without signs.
const BARE_ITEM_WORDS: usize = 12;

/// The shapes of all lines. An underline makes a heading and is none itself.
///
/// `contents` are lines that are known to be headings.
pub(super) fn tell(lines: &[Line], title: &str, contents: &BTreeSet<String>) -> Vec<Shape> {
    let teller = Teller { lines, keyword: keyword(title), contents };
    let mut shapes: Vec<Shape> = (0..lines.len()).map(|at| teller.shape(at)).collect();
    teller.number_runs(&mut shapes);
    teller.bare_lists(&mut shapes);
    teller.tables(&mut shapes);
    shapes
}

/// What pages repeat at the start of headings and captions: the title up to
/// its colon or dash.
fn keyword(title: &str) -> &str {
    let end = title.find([':', '：']).or_else(|| title.find(" - ")).or_else(|| title.find(" – "));
    end.map_or("", |end| &title[..end])
}

struct Teller<'a> {
    lines: &'a [Line],
    keyword: &'a str,
    contents: &'a BTreeSet<String>,
}

/// How the title's keyword stands at the start of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyword {
    AsInTitle,
    InOtherCase,
}

impl Teller<'_> {
    fn shape(&self, at: usize) -> Shape {
        let line = &self.lines[at];
        let text = line.text.as_str();
        if line.is_underline() {
            return Shape::Rule;
        }
        if self.lines.get(at + 1).is_some_and(|next| next.gap == 0 && next.is_underline())
            && line.is_single
        {
            let level = if self.lines[at + 1].text.starts_with('=') { 2 } else { 3 };
            return Shape::Heading(level);
        }
        if matches!(text, "***" | "* * *" | "⁂" | "• • •" | "———" | "§") {
            return Shape::Rule;
        }
        if is_code(self.lines, at) {
            return Shape::Code;
        }
        if let Some(words) = bullet(text).filter(|_| !is_attribution(text)) {
            return Shape::Bullet(words.to_owned());
        }
        if is_quote(text) {
            return Shape::Quote;
        }
        if words::is_sources(text) || self.contents.contains(&words::fold(text)) {
            return Shape::Heading(2);
        }
        if !words::is_credit(text) && self.is_heading(at) {
            // What the contents do not name stands below what they name.
            return Shape::Heading(if self.contents.is_empty() { 2 } else { 3 });
        }
        if self.is_caption(at) {
            return Shape::Caption;
        }
        Shape::Paragraph
    }

    fn is_heading(&self, at: usize) -> bool {
        let line = &self.lines[at];
        let text = line.text.as_str();
        let count = words::count(text);
        let next = self.lines.get(at + 1);
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        if !line.is_single
            || count > HEADING_WORDS
            || letters < 2
            || text.starts_with(['"', '“', '«', '„', '[', '('])
            || text.contains("http")
        {
            return false;
        }
        // What stands directly under a line of prose goes on with it.
        let Some(next) = next else { return false };
        if self.is_lead_in(at) {
            return false;
        }
        let next_count = words::count(&next.text);
        let next_is_prose =
            next_count >= PROSE_WORDS || words::ends_sentence(&next.text) && next_count >= 8;
        let mut points = 0;
        points += i32::from(text.ends_with([':', '：']));
        points += i32::from(count <= 12 && !words::ends_sentence(text));
        points += i32::from(is_title_case(text));
        // Headings repeat the title's words in its own capitals; captions do not.
        points += match self.keyword_at_start(text) {
            Some(Keyword::AsInTitle) => 1,
            Some(Keyword::InOtherCase) if !text.ends_with([':', '：']) => -2,
            Some(Keyword::InOtherCase) | None => 0,
        };
        points += i32::from(next_is_prose);
        points += i32::from(line.gap > 0 && (next.gap > 0 || next_is_prose));
        points += i32::from(
            text.chars().any(char::is_alphabetic)
                && text.to_uppercase() == text
                && text.to_lowercase() != text,
        );
        let stands_alone = line.gap > 0 && next.gap > 0 && !is_counted(&next.text);
        points += 2 * i32::from(is_counted(text) && (next_is_prose || stands_alone));
        points += 2 * i32::from(text.ends_with(['?', '？', '؟']) && next_is_prose);
        points -= 3 * i32::from(text.ends_with(['.', ',', ';', '。', '，', '…', '!', '！']));
        points -= 2 * i32::from(
            !next_is_prose
                && next_count <= 8
                && !next.text.ends_with([':', '：'])
                && bullet(&next.text).is_none()
                && numbered(&next.text).is_none(),
        );
        points -= 2 * i32::from(starts_small(text));
        points >= HEADING_POINTS
    }

    /// A line that ends in a colon, with a list behind it.
    fn is_lead_in(&self, at: usize) -> bool {
        let text = &self.lines[at].text;
        let Some(next) = self.lines.get(at + 1) else { return false };
        let is_item = |line: &Line| {
            bullet(&line.text).is_some()
                || numbered(&line.text)
                    .is_some_and(|(number, words)| number == 1 && words::count(words) <= 25)
        };
        text.ends_with([':', '：']) && (is_item(next) || self.bare_items(at + 1) >= 2)
    }

    fn keyword_at_start(&self, text: &str) -> Option<Keyword> {
        let start: String = text.chars().take(self.keyword.chars().count()).collect();
        if self.keyword.is_empty() || start.to_lowercase() != self.keyword.to_lowercase() {
            None
        } else if start == self.keyword {
            Some(Keyword::AsInTitle)
        } else {
            Some(Keyword::InOtherCase)
        }
    }

    /// A short line about a picture that is gone: with somebody's credit, or
    /// with the page's keyword, which is how alternative texts are written.
    fn is_caption(&self, at: usize) -> bool {
        let text = self.lines[at].text.as_str();
        let is_short =
            words::count(text) <= 14 && !words::ends_sentence(text) && !text.ends_with([':', '：']);
        words::is_credit(text) && words::count(text) <= 25
            || is_short && self.keyword_at_start(text).is_some()
    }

    /// How many lines from `at` on look like items without signs.
    fn bare_items(&self, at: usize) -> usize {
        let is_item = |line: &Line| {
            let count = words::count(&line.text);
            line.is_single
                && (1..=BARE_ITEM_WORDS).contains(&count)
                && !words::ends_sentence(&line.text)
                && !line.text.ends_with([':', '：'])
        };
        let mut count = 0;
        for (index, line) in self.lines[at..].iter().enumerate() {
            // They stand together: a wider gap ends them.
            if !is_item(line) || index > 0 && line.gap > 0 {
                break;
            }
            count += 1;
        }
        count
    }

    /// Numbers that count up with no prose between them are a list; a number
    /// before prose is a heading's.
    fn number_runs(&self, shapes: &mut [Shape]) {
        let mut at = 0;
        while at < self.lines.len() {
            let Some((first, _)) = numbered(&self.lines[at].text).filter(|_| is_free(&shapes[at]))
            else {
                at += 1;
                continue;
            };
            let mut end = at;
            while let Some((number, _)) = self.lines.get(end).and_then(|line| numbered(&line.text))
            {
                if usize::try_from(number - first).is_ok_and(|distance| distance == end - at)
                    && number >= first
                {
                    end += 1;
                } else {
                    break;
                }
            }
            if end - at >= 2 {
                for (line, shape) in self.lines[at..end].iter().zip(&mut shapes[at..end]) {
                    if let Some((number, text)) = numbered(&line.text) {
                        *shape = Shape::Numbered(number, text.to_owned());
                    }
                }
            }
            at = end.max(at + 1);
        }
    }

    /// Short lines behind a colon are a list.
    fn bare_lists(&self, shapes: &mut [Shape]) {
        for at in 1..self.lines.len() {
            let is_lead_in = self.lines[at - 1].text.ends_with([':', '：'])
                && shapes[at - 1] == Shape::Paragraph;
            let count = if is_lead_in { self.bare_items(at) } else { 0 };
            if count >= 2 && shapes[at..at + count].iter().all(is_free) {
                for (line, shape) in
                    self.lines[at..at + count].iter().zip(&mut shapes[at..at + count])
                {
                    *shape = Shape::Bullet(line.text.clone());
                }
            }
        }
    }

    /// Lines with tabs or bars at the same places are a table.
    fn tables(&self, shapes: &mut [Shape]) {
        let cells = |line: &Line| -> Vec<String> {
            let raw = line.raw.trim();
            let sign = if raw.contains('\t') { '\t' } else { '|' };
            let inner = raw.trim_matches('|');
            inner
                .split(sign)
                .map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect()
        };
        let mut at = 0;
        while at < self.lines.len() {
            let width = cells(&self.lines[at]).len();
            let rows = self.lines[at..]
                .iter()
                .take_while(|line| width >= 2 && cells(line).len() == width)
                .count();
            if rows >= 2 && self.lines[at..at + rows].iter().all(|line| line.is_single) {
                for (line, shape) in self.lines[at..at + rows].iter().zip(&mut shapes[at..]) {
                    *shape = Shape::Row(cells(line));
                }
            }
            at += rows.max(1);
        }
    }
}

fn is_free(shape: &Shape) -> bool {
    matches!(shape, Shape::Paragraph | Shape::Heading(_) | Shape::Caption)
}

/// A whole paragraph in quotation marks, perhaps with its source behind it.
fn is_quote(text: &str) -> bool {
    const PAIRS: [(char, char); 7] =
        [('"', '"'), ('“', '”'), ('«', '»'), ('„', '“'), ('”', '”'), ('「', '」'), ('„', '”')];
    PAIRS.iter().any(|(open, close)| {
        let Some(inner) = text.strip_prefix(*open) else { return false };
        let Some(end) = inner.rfind(*close) else { return false };
        let after = inner[end + close.len_utf8()..].trim();
        let is_whole = inner[..end].matches(*open).count() == 0 && words::count(&inner[..end]) >= 6;
        let cites = after.trim_matches(['.', ' ']).starts_with('[')
            || after.starts_with(['-', '–', '—', '(']);
        is_whole && (after.len() <= 1 || cites && words::count(after) <= 15)
    })
}

/// `— Somebody`, behind a quotation.
fn is_attribution(text: &str) -> bool {
    text.starts_with(['–', '—']) && words::count(text) <= 8 && !words::ends_sentence(text)
}

/// Signs that only programs have, on this line and on one beside it.
fn is_code(lines: &[Line], at: usize) -> bool {
    let looks = |line: &Line| {
        let text = line.text.as_str();
        let ends = text.ends_with(['{', '}'])
            || text.ends_with(';') && text.contains(['(', '='])
            || text.ends_with(");");
        let begins = [
            "$ ", "#!/", "import ", "const ", "let ", "def ", "fn ", "return ", "</", "npm ",
            "cargo ", "pip ",
        ]
        .iter()
        .any(|start| text.starts_with(start));
        line.is_single
            && (ends
                || begins
                    && !words::ends_sentence(text)
                    && text.contains(['(', '=', '{', ':', '/', '-']))
    };
    let beside = at.checked_sub(1).and_then(|before| lines.get(before)).is_some_and(looks)
        && lines[at].gap == 0;
    let behind = lines.get(at + 1).is_some_and(|next| next.gap == 0 && looks(next));
    looks(&lines[at]) && (beside || behind)
}

/// Most long words begin with a capital.
fn is_title_case(text: &str) -> bool {
    let long: Vec<&str> =
        text.split_whitespace().filter(|word| word.chars().count() >= 4).collect();
    let capital =
        long.iter().filter(|word| word.chars().next().is_some_and(char::is_uppercase)).count();
    long.len() >= 2 && capital * 10 >= long.len() * 6
}

/// `Step 3`, `Day 1:`, `3. Title`, `一、`.
fn is_counted(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "step",
        "day",
        "tip",
        "part",
        "chapter",
        "week",
        "lesson",
        "phase",
        "rule",
        "schritt",
        "tag",
        "étape",
        "paso",
        "шаг",
        "第",
        "الخطوة",
    ];
    const NUMERALS: &str = "一二三四五六七八九十";
    let lower = text.to_lowercase();
    let is_word = WORDS.iter().any(|word| lower.starts_with(word))
        && (text.chars().any(char::is_numeric) || NUMERALS.chars().any(|c| text.contains(c)));
    let mut chars = text.chars();
    let is_numeral = chars.next().is_some_and(|c| NUMERALS.contains(c))
        && chars.as_str().starts_with(['、', '．', '.']);
    is_word || is_numeral || numbered(text).is_some()
}

/// Prose that goes on begins small; in scripts that have small letters.
fn starts_small(text: &str) -> bool {
    text.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_lowercase)
}
