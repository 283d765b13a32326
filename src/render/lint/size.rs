//! How much there is of a mail: Gmail cuts what is too long, and the text part
//! must say what the HTML does.

use super::{Mail, seen::Seen, selector::Answer};
use crate::{diagnostic::Diagnostics, render::Passage};

/// Gmail shows no more of the HTML than this, and hides the rest, with the way
/// out, behind a link. It counts what is left when the transfer encoding is
/// taken off; so do we.
const CLIPPED_BYTES: usize = 102_400;
/// From here on an edit, or a longer name, may be too much.
const LARGE_BYTES: usize = 90_000;

/// A text with less than this part of the HTML's words leaves something out.
const TEXT_PART_MIN: usize = 2;
/// Fewer words than this are no measure.
const WORDS_MIN: usize = 20;

/// Checks the size of the largest letter, `bytes` of HTML.
pub(super) fn check_bytes(bytes: usize, body: &Passage, found: &mut Diagnostics) {
    let place = || body.beginning();
    if bytes > CLIPPED_BYTES {
        found.clipped_mail(place(), bytes, CLIPPED_BYTES);
    } else if bytes > LARGE_BYTES {
        found.large_mail(place(), bytes, CLIPPED_BYTES);
    }
}

/// Checks that the text says about as much as can be read in the HTML.
pub(super) fn check_text(seen: &Seen, mail: &Mail<'_>, found: &mut Diagnostics) {
    let shown = seen.runs.iter().filter(|run| run.looks[0].is_hidden == Answer::No);
    let in_html: usize = shown.map(|run| count(&mail.html[run.text.clone()])).sum();
    let in_text = count(mail.text);
    if in_html >= WORDS_MIN && in_text * TEXT_PART_MIN < in_html {
        found.thin_text(mail.layout.passage.place(0..0));
    }
}

/// The words of `text`; addresses are none.
fn count(text: &str) -> usize {
    let is_word = |word: &&str| word.contains(char::is_alphanumeric) && !word.contains("://");
    text.split_whitespace().filter(is_word).count()
}
