//! What one block is, by its words alone.

use super::super::{
    Block, BlockKind,
    words::{self, Stamp},
};

/// A block with more words is prose, whatever it begins with.
const SHORT_WORDS: usize = 12;
/// Words of a request, and of a remark, of the page.
const ASK_WORDS: usize = 40;
const NOTE_WORDS: usize = 45;
/// Words of a paragraph that is the article's without a doubt.
const PROSE_WORDS: usize = 20;
/// Words of a loose line, which is no sentence.
const LOOSE_WORDS: usize = 8;
/// Words of a title that a card shows.
const CARD_WORDS: usize = 16;

pub(super) fn is_heading(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Heading(_))
}

fn is_line(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Paragraph | BlockKind::Heading(_))
}

/// Prose, or what only articles have.
pub(super) fn is_prose(block: &Block) -> bool {
    let count = words::count(&block.text);
    match block.kind {
        BlockKind::Paragraph => {
            let is_page_own = words::asks(&block.text) && count <= ASK_WORDS
                || words::notes(&block.text) && count <= NOTE_WORDS;
            count >= PROSE_WORDS && words::ends_sentence(&block.text) && !is_page_own
        }
        BlockKind::List | BlockKind::Quote | BlockKind::Table => count >= 2 * PROSE_WORDS,
        BlockKind::Code => true,
        BlockKind::Heading(_) | BlockKind::Image => false,
    }
}

/// A paragraph that is all emphasis, as captions are written.
pub(super) fn is_emphasis(block: &Block) -> bool {
    let markdown = block.markdown.as_str();
    markdown.starts_with('*') && markdown.ends_with('*') && !markdown.starts_with("**")
}

/// Whether a heading above it is a section's.
pub(super) fn is_content(block: &Block) -> bool {
    !(is_heading(block) || is_own(block, None) || is_word(block) || is_loose(block))
}

/// Whether a block is a page's own wherever it stands.
///
/// `host` is the article's own, where it is known.
pub(super) fn is_own(block: &Block, host: Option<&str>) -> bool {
    let count = words::count(&block.text);
    match block.kind {
        BlockKind::Paragraph => {
            count <= SHORT_WORDS && words::is_chrome(&block.text)
                || asks(block)
                || count <= NOTE_WORDS && words::notes(&block.text)
                || words::stamp(&block.text) == Stamp::Sure
        }
        // “3 Answers” counts, and names no section.
        BlockKind::Heading(_) => {
            words::stamp(&block.text) == Stamp::Sure && words::end(&block.text).is_some()
        }
        BlockKind::List => {
            block.text.lines().all(words::is_chrome)
                || host.is_some_and(|host| is_links(block, host))
                || asks_throughout(block)
        }
        BlockKind::Table => is_offers(block),
        BlockKind::Quote => {
            count <= ASK_WORDS && (words::asks(&block.text) || words::notes(&block.text))
        }
        BlockKind::Image | BlockKind::Code => false,
    }
}

/// Whether a block asks readers for something that is the page's business.
pub(super) fn asks(block: &Block) -> bool {
    words::count(&block.text) <= ASK_WORDS && words::asks(&block.text)
}

fn asks_throughout(list: &Block) -> bool {
    list.text.lines().all(|line| words::asks(line) || words::notes(line) || words::is_chrome(line))
}

/// Whether a block labels the article, at an end of it: a date, a name, a
/// loose word.
pub(super) fn is_label(block: &Block) -> bool {
    block.kind == BlockKind::Paragraph
        && (words::stamp(&block.text) != Stamp::None
            || words::byline(&block.text).is_some()
            || is_word(block))
}

/// Whether a block is a word or two, as names beside a date are.
pub(super) fn is_word(block: &Block) -> bool {
    block.kind == BlockKind::Paragraph
        && words::count(&block.text) <= 4
        && !words::ends_sentence(&block.text)
        && !leads_in(block)
}

/// Whether a block is a line that is no sentence.
pub(super) fn is_loose(block: &Block) -> bool {
    let is_short = words::count(&block.text) <= LOOSE_WORDS && !words::ends_sentence(&block.text);
    is_line(block) && is_short || block.kind == BlockKind::Image
}

/// Whether a block could be the title of another text, or its picture.
pub(super) fn is_card(block: &Block) -> bool {
    let is_title =
        |text: &str| words::count(text) <= CARD_WORDS && !text.trim_end().ends_with(['.', '。']);
    match block.kind {
        BlockKind::Paragraph | BlockKind::Heading(_) | BlockKind::Quote => {
            is_title(&block.text) && !leads_in(block)
        }
        BlockKind::List => block.text.lines().all(is_title),
        BlockKind::Image => true,
        BlockKind::Code | BlockKind::Table => false,
    }
}

fn leads_in(block: &Block) -> bool {
    block.text.trim_end().ends_with([':', '：'])
}

/// A list of nothing but links to other texts of the site: at least three, each
/// a whole item.
fn is_links(block: &Block, host: &str) -> bool {
    let lines: Vec<&str> = block.markdown.lines().filter(|line| !line.trim().is_empty()).collect();
    let is_link = |line: &&str| {
        let bare = line.trim_start().trim_start_matches(|c: char| {
            matches!(c, '-' | '*' | '+' | '.' | ' ') || c.is_ascii_digit()
        });
        let is_here = bare.split_once("://").is_some_and(|(_, rest)| rest.starts_with(host));
        bare.starts_with('[') && bare.ends_with(')') && bare.matches("](").count() == 1 && is_here
    };
    lines.len() >= 3 && lines.iter().all(is_link)
}

/// A table of what can be bought: every row but the first has a price or asks
/// to look at one.
fn is_offers(block: &Block) -> bool {
    let rows: Vec<&str> = block.markdown.lines().filter(|row| !row.contains("---")).collect();
    let is_offer = |row: &&str| {
        let mut cells = row.trim_matches('|').split('|').map(plain);
        cells.any(|cell| words::is_chrome(&cell) && !cell.trim().is_empty() || words::asks(&cell))
    };
    let offers = rows.iter().filter(|row| is_offer(row)).count();
    offers > 0 && offers + 1 >= rows.len()
}

/// The words of a cell, without its link.
fn plain(cell: &str) -> String {
    let cell = cell.trim();
    let inner = cell.strip_prefix('[').and_then(|rest| rest.split_once("]("));
    inner.map_or(cell, |(words, _)| words).trim_matches('*').to_owned()
}

/// Whether a paragraph speaks about the author: `Ada Byron is a writer in London.`
pub(super) fn is_about(block: &Block, author: &str) -> bool {
    const ABOUT_WORDS: usize = 70;
    let (text, name) = (block.text.trim(), author.trim());
    let rest = text.strip_prefix(name).map(str::trim_start);
    let first = name.split_whitespace().next().unwrap_or_default();
    let rest = rest.or_else(|| text.strip_prefix(first).map(str::trim_start));
    let verbs = [
        "is ", "is a", "was ", "has ", "writes", "lives", "covers", "works", "teaches", "ist ",
        "schreibt", "lebt", "est ", "écrit", "es ", "escribe", "è ", "é ", "(", "—", ",",
    ];
    block.kind == BlockKind::Paragraph
        && first.chars().count() >= 2
        && words::count(text) <= ABOUT_WORDS
        && rest.is_some_and(|rest| verbs.iter().any(|verb| rest.starts_with(verb)))
}
