//! Where in a paste of a whole page the article is: the stretch of lines that
//! has the most prose and the least of everything else.

use super::lines::{Line, begins_item};
use crate::article::words::{self, Stamp};

/// Words that a sentence needs to speak for an article and not for a teaser.
const SENTENCE_WORDS: i32 = 12;
/// Words of an item that could be one of the article's.
const ITEM_WORDS: i32 = 8;
/// A long paragraph counts as so many words: one must not outweigh a page.
const COUNTED_MAX: i32 = 100;

/// The first line of the article's prose, and the line behind its last.
pub(super) fn core(lines: &[Line]) -> std::ops::Range<usize> {
    let mut best = (0, 0..0);
    let (mut sum, mut from) = (0, 0);
    for (at, line) in lines.iter().enumerate() {
        if sum <= 0 {
            (sum, from) = (0, at);
        }
        sum += weight(line);
        if sum > best.0 {
            best = (sum, from..at + 1);
        }
    }
    best.1
}

/// How much a line speaks for being inside of the article.
fn weight(line: &Line) -> i32 {
    let text = line.text.as_str();
    let count = i32::try_from(words::count(text)).unwrap_or(COUNTED_MAX);
    if words::notes(text) || words::asks(text) && count <= 40 {
        -25
    } else if is_own(text) || super::is_menu(line) {
        -12
    } else if words::ends_sentence(text) && count >= 4 {
        count.min(COUNTED_MAX) - SENTENCE_WORDS
    } else if begins_item(text) {
        if count >= ITEM_WORDS { 0 } else { -3 }
    } else {
        -6
    }
}

/// Whether a line is the page's, whatever stands around it.
pub(super) fn is_own(text: &str) -> bool {
    super::is_own(text)
        || words::stamp(text) == Stamp::Sure
        || words::related(text).is_some()
        || words::end(text).is_some()
        || words::count(text) <= 40 && (words::asks(text) || words::notes(text))
}
