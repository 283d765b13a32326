//! Hides stretches of text from a parser and brings them back afterwards.
//!
//! Markdown and MJML both damage `{{…}}` (percent-encoded in addresses,
//! dropped between components), and mrml prints attribute values with Rust's
//! escapes. A mask stands in for such a stretch: letters and digits only, so
//! every parser leaves it alone.

use std::fmt::Write as _;

use crate::model::sha256_hex;

/// Expressions that print a sign which would mean something to Handlebars.
/// The template's context knows them.
pub(super) const LEFT_BRACE: &str = "{{left_brace}}";
pub(super) const RIGHT_BRACE: &str = "{{right_brace}}";
pub(super) const BACKSLASH: &str = "{{backslash}}";

/// What was hidden, by number.
#[derive(Debug)]
pub(super) struct Masks {
    prefix: String,
    hidden: Vec<String>,
}

impl Masks {
    /// Masks that occur nowhere in `texts`, nor in what entities and escapes
    /// in them decode to: their prefix is made from a hash of the texts.
    pub(super) fn avoiding(texts: &[&str]) -> Masks {
        let hash = sha256_hex(texts.concat().as_bytes());
        // Letters only, so that no parser sees a number, a word break or an
        // end of a sentence in it.
        let letters =
            hash.bytes().take(16).map(|c| if c.is_ascii_digit() { c - b'0' + b'g' } else { c });
        let prefix = format!("zq{}", letters.map(char::from).collect::<String>());
        Masks { prefix, hidden: Vec::new() }
    }

    /// Hides `original`; what is returned stands in for it.
    pub(super) fn hide(&mut self, original: impl Into<String>) -> String {
        self.hidden.push(original.into());
        format!("{}x{}z", self.prefix, self.hidden.len() - 1)
    }

    /// Hides the braces of `text`, which came out of an entity or an escape
    /// and are meant as signs.
    pub(super) fn hide_braces(&mut self, text: &str) -> String {
        if !text.contains(['{', '}']) {
            return text.to_owned();
        }
        let mut hidden = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '{' => hidden.push_str(&self.hide(LEFT_BRACE)),
                '}' => hidden.push_str(&self.hide(RIGHT_BRACE)),
                c => hidden.push(c),
            }
        }
        hidden
    }

    /// Brings everything in `text` back.
    pub(super) fn reveal(&self, text: &str) -> String {
        let mut revealed = String::with_capacity(text.len());
        for piece in self.pieces(text) {
            match piece {
                Piece::Plain(plain) => revealed.push_str(plain),
                Piece::Hidden(original) => {
                    // For Handlebars backslashes before an expression escape it.
                    let bare = revealed.trim_end_matches('\\').len();
                    let backslashes = revealed.len() - bare;
                    if original.starts_with("{{") && backslashes > 0 {
                        revealed.truncate(bare);
                        revealed.push_str(&BACKSLASH.repeat(backslashes));
                    }
                    revealed.push_str(original);
                }
            }
        }
        revealed
    }

    /// Whether `text` holds masks and white space, and nothing else.
    pub(super) fn is_only_masks(&self, text: &str) -> bool {
        let mut pieces = self.pieces(text);
        let mut any = false;
        let blank = pieces.all(|piece| match piece {
            Piece::Plain(plain) => plain.trim().is_empty(),
            Piece::Hidden(_) => {
                any = true;
                true
            }
        });
        any && blank
    }

    /// What is hidden in `text`, in order.
    pub(super) fn hidden_in<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a str> {
        self.pieces(text).filter_map(|piece| match piece {
            Piece::Plain(_) => None,
            Piece::Hidden(original) => Some(original),
        })
    }

    /// What is hidden in `text`, and what is not, in order; one by one, because
    /// a text may have hundreds of thousands.
    pub(super) fn pieces<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Piece<'a>> {
        let mut plain_from = Some(0);
        let mut hidden = None;
        std::iter::from_fn(move || {
            if let Some(original) = hidden.take() {
                return Some(Piece::Hidden(original));
            }
            let from = plain_from?;
            let mut at = from;
            while let Some(start) = text[at..].find(&self.prefix).map(|offset| at + offset) {
                at = start + self.prefix.len();
                if let Some((end, original)) = self.hidden_at(text, at + 1) {
                    plain_from = Some(end);
                    hidden = Some(original);
                    return Some(Piece::Plain(&text[from..start]));
                }
            }
            plain_from = None;
            Some(Piece::Plain(&text[from..]))
        })
    }

    /// What the mask stands for whose number is at `number`, and where it ends.
    fn hidden_at(&self, text: &str, number: usize) -> Option<(usize, &str)> {
        let end = number + text.get(number..)?.find('z')?;
        let number: usize = text[number..end].parse().ok()?;
        Some((end + 1, self.hidden.get(number)?))
    }
}

/// A stretch of a text.
pub(super) enum Piece<'a> {
    Plain(&'a str),
    Hidden(&'a str),
}

/// Escapes text for HTML content and for an attribute in double quotes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\r' | '\t' => {
                write!(escaped, "&#{};", u32::from(c)).expect("a string takes everything");
            }
            c => escaped.push(c),
        }
    }
    escaped
}
