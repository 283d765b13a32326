//! The words by which pages give away what is not their article, in the
//! languages that we know. The lists are files of their own, in lower case, a
//! phrase a line; [`fold`] brings a text into that form.

mod says;
mod sentence;
mod stamp;

use std::sync::LazyLock;

pub(super) use says::{asks, discloses, notes};
pub(super) use sentence::split_sentences;
pub(super) use stamp::{Stamp, byline, stamp};

/// A list of phrases: lines of a file, without its remarks; sorted.
struct Phrases(LazyLock<Vec<&'static str>>);

macro_rules! phrases {
    ($file:literal) => {
        Phrases(LazyLock::new(|| sorted(include_str!($file))))
    };
}

static LINES: Phrases = phrases!("chrome-lines.txt");
static BEGINNINGS: Phrases = phrases!("chrome-beginnings.txt");
static ENDS: Phrases = phrases!("ends.txt");
static BUTTONS: Phrases = phrases!("buttons.txt");
static CLASSES: Phrases = phrases!("classes.txt");
static WEAK_CLASSES: Phrases = phrases!("classes-weak.txt");
static COMMENTS: Phrases = phrases!("comments.txt");
static SOURCES: Phrases = phrases!("sources.txt");
static CONTENTS: Phrases = phrases!("contents.txt");
static CREDITS: Phrases = phrases!("credits.txt");
static CUES: Phrases = phrases!("cues.txt");
static NOTICES: Phrases = phrases!("notices.txt");
static RELATED: Phrases = phrases!("related.txt");

/// `text` without signs that no reader sees and no mail may carry: controls,
/// and those that turn the direction of what follows.
pub(super) fn without_controls(text: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\r' | '\t') || matches!(c, '\u{202d}' | '\u{202e}')
    };
    text.chars().filter(|c| !is_hidden(*c)).collect()
}

impl Phrases {
    fn has(&self, folded: &str) -> bool {
        self.0.binary_search(&folded).is_ok()
    }

    fn begin(&self, folded: &str) -> bool {
        self.0.iter().any(|start| begins(folded, start))
    }
}

fn lines(file: &'static str) -> Vec<&'static str> {
    file.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).collect()
}

/// The lines of a file in an order in which they are found fast.
fn sorted(file: &'static str) -> Vec<&'static str> {
    let mut lines = lines(file);
    lines.sort_unstable();
    lines
}

/// A beginning counts where a word ends.
fn begins(text: &str, start: &str) -> bool {
    text.strip_prefix(start).is_some_and(|rest| {
        let is_open =
            start.chars().next_back().is_some_and(|c| is_dense(c) || !c.is_alphanumeric());
        is_open || !rest.starts_with(char::is_alphanumeric)
    })
}

/// `text` as the lists have it: lower case, spaces folded, no sign at its ends.
pub(super) fn fold(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let ends = |c: char| !c.is_alphanumeric() && !matches!(c, '©' | '(' | ')');
    words.join(" ").trim_matches(ends).replace('’', "'")
}

/// Words of a text; signs of scripts without spaces count half.
pub(super) fn count(text: &str) -> usize {
    let signs = text.chars().filter(|c| is_dense(*c)).count();
    let words = text
        .split_whitespace()
        .filter(|word| word.chars().any(|c| c.is_alphanumeric() && !is_dense(c)));
    words.count() + signs.div_ceil(2)
}

/// Signs of scripts that write no spaces between words.
pub(super) fn is_dense(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff)
}

/// Longer lines are never a page's own by their words.
const CHROME_WORDS: usize = 12;

/// Whether a line is a page's own.
pub(super) fn is_chrome(text: &str) -> bool {
    let folded = fold(text);
    if folded.is_empty() {
        return !text.trim().is_empty() && text.trim().chars().count() < 12;
    }
    // A sentence is prose, however it begins.
    LINES.has(&folded)
        || count(&folded) <= CHROME_WORDS && BEGINNINGS.begin(&folded) && !ends_sentence(text)
}

/// Whether a line is a page's own to the letter, whatever it leads to.
pub(super) fn is_chrome_line(text: &str) -> bool {
    LINES.has(&fold(text))
}

/// What begins behind a line that ends an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// What others say; it may be longer than the article.
    Comments,
    /// The page's own.
    Page,
}

/// Whether everything behind a line like this is no article.
pub(super) fn end(text: &str) -> Option<End> {
    let folded = fold(text);
    let is_around = |c: char| c.is_ascii_digit() || matches!(c, '(' | ')' | ' ' | ',');
    let bare = folded.trim_matches(is_around);
    if COMMENTS.has(bare) || COMMENTS.has(&folded) {
        Some(End::Comments)
    } else if ENDS.has(bare) || ENDS.has(&folded) || related(text) == Some(Related::Label) {
        Some(End::Page)
    } else {
        None
    }
}

/// Whether a line stands over the works that are cited.
pub(super) fn is_sources(text: &str) -> bool {
    SOURCES.has(&fold(text))
}

/// Whether a line stands over a list of the headings.
pub(super) fn is_contents(text: &str) -> bool {
    CONTENTS.has(&fold(text))
}

/// Words of a paragraph that is prose without a doubt.
pub(super) const PARAGRAPH_WORDS: usize = 20;

/// Words of the paragraphs of `markdown` that are prose.
pub(super) fn prose(markdown: &str) -> usize {
    let counts = markdown.lines().filter(|line| ends_sentence(line)).map(count);
    counts.filter(|count| *count >= PARAGRAPH_WORDS).sum()
}

/// What a class or an id says about its element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// It is the page's own.
    Page,
    /// The same, unless prose is in it: sections have such names, too.
    Perhaps,
}

/// What a word of a class or an id says about its element.
pub(super) fn class(name: &str) -> Option<Class> {
    if CLASSES.has(name) {
        Some(Class::Page)
    } else {
        WEAK_CLASSES.has(name).then_some(Class::Perhaps)
    }
}

/// Whether a line leads from a card to its text.
pub(super) fn is_button(text: &str) -> bool {
    BUTTONS.has(&fold(text))
}

/// Whether a line says that what follows is no article: `Advertisement`.
pub(super) fn is_notice(text: &str) -> bool {
    NOTICES.has(&fold(text))
}

/// What pages have more of.
const MORE: [&str; 12] = [
    "recipes",
    "stories",
    "articles",
    "posts",
    "news",
    "reviews",
    "guides",
    "interviews",
    "essays",
    "videos",
    "episodes",
    "resources",
];

/// What a line says that leads to other texts of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Related {
    /// That they follow.
    Label,
    /// Which one, on the same line.
    Whole,
}

/// Whether a line leads to other texts of the site.
pub(super) fn related(text: &str) -> Option<Related> {
    let folded = fold(text);
    // `More related stories`, `The Ledger recommends`.
    let is_longer = |phrase: &&str| {
        (phrase.contains(' ') || *phrase == "recommends")
            && folded.strip_suffix(phrase).is_some_and(|rest| rest.ends_with(' '))
    };
    // `Most read in Money`, `More chicken recipes`.
    let goes_on = |phrase: &&str| {
        let rest = folded.strip_prefix(phrase).unwrap_or_default();
        phrase.contains(' ')
            && [" in ", " on ", " from ", " by ", " for you"]
                .iter()
                .any(|joint| rest.starts_with(joint))
    };
    let more = folded
        .strip_prefix("more ")
        .is_some_and(|rest| MORE.iter().any(|what| rest.ends_with(what)) && count(rest) <= 4);
    let more = more || folded.starts_with("more from ") && count(&folded) <= 10;
    // `More must-reads from the Ledger`.
    let more =
        more || folded.starts_with("more ") && folded.contains(" from ") && count(&folded) <= 6;
    let is_short = count(&folded) <= 6 || more;
    if RELATED.has(&folded)
        || is_short && (more || RELATED.0.iter().any(|one| is_longer(one) || goes_on(one)))
    {
        return Some(Related::Label);
    }
    let (label, _) = folded.split_once([':', '：', '|', '>', '»', '→', '–'])?;
    RELATED.has(label.trim()).then_some(Related::Whole)
}

/// Whether a line names who made a picture.
pub(super) fn is_credit(text: &str) -> bool {
    let lower = text.trim().to_lowercase();
    CREDITS.begin(&lower) || lower.contains("getty images") || lower.ends_with("/ reuters")
}

/// Whether a paragraph begins with a new thought.
pub(super) fn begins_anew(text: &str) -> bool {
    CUES.begin(&fold(text))
}

/// Whether a line ends like a sentence.
pub(super) fn ends_sentence(text: &str) -> bool {
    let bare = text.trim_end().trim_end_matches(|c: char| {
        matches!(c, '"' | '”' | '’' | '\'' | '»' | ')' | ']' | '」' | '』' | '*' | '_')
            || c.is_ascii_digit()
    });
    let bare = bare.trim_end_matches('[');
    bare.ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', ';', '।'])
        || text.trim_end().ends_with(['」', '』'])
}
