//! Hides stretches of text from a parser and brings them back afterwards.
//!
//! Markdown and MJML both damage `{{…}}` (percent-encoded in addresses,
//! dropped between components), and mrml prints attribute values with Rust's
//! escapes. A mask stands in for such a stretch: letters and digits only, so
//! every parser leaves it alone.

use std::fmt::Write as _;

/// What was hidden, by number.
#[derive(Debug)]
pub(super) struct Masks {
    prefix: String,
    hidden: Vec<String>,
}

impl Masks {
    /// Masks that occur nowhere in `texts`.
    pub(super) fn avoiding(texts: &[&str]) -> Masks {
        let mut prefix = "zq0".to_owned();
        while texts.iter().any(|text| text.contains(&prefix)) {
            prefix.push('q');
        }
        Masks { prefix, hidden: Vec::new() }
    }

    /// Hides `original`; what is returned stands in for it.
    pub(super) fn hide(&mut self, original: impl Into<String>) -> String {
        self.hidden.push(original.into());
        format!("{}x{}z", self.prefix, self.hidden.len() - 1)
    }

    /// Brings everything in `text` back.
    pub(super) fn reveal(&self, text: &str) -> String {
        let mut revealed = String::with_capacity(text.len());
        for piece in self.pieces(text) {
            match piece {
                Piece::Plain(plain) => revealed.push_str(plain),
                Piece::Hidden(original) => revealed.push_str(original),
            }
        }
        revealed
    }

    /// Whether `text` holds masks and white space, and nothing else.
    pub(super) fn is_only_masks(&self, text: &str) -> bool {
        let mut pieces = self.pieces(text).into_iter();
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
        self.pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Plain(_) => None,
            Piece::Hidden(original) => Some(original),
        })
    }

    fn pieces<'a>(&'a self, text: &'a str) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        let mut plain_from = 0;
        let mut at = 0;
        while let Some(start) = text[at..].find(&self.prefix).map(|offset| at + offset) {
            let number = start + self.prefix.len() + 1;
            let end = text[number.min(text.len())..].find('z').map(|offset| number + offset);
            let original = end.and_then(|end| {
                let number: usize = text[number..end].parse().ok()?;
                Some((end + 1, self.hidden.get(number)?.as_str()))
            });
            let Some((end, original)) = original else {
                at = start + self.prefix.len();
                continue;
            };
            pieces.push(Piece::Plain(&text[plain_from..start]));
            pieces.push(Piece::Hidden(original));
            plain_from = end;
            at = end;
        }
        pieces.push(Piece::Plain(&text[plain_from..]));
        pieces
    }
}

enum Piece<'a> {
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
