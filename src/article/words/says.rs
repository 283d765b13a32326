//! What short pieces of a page say for the page: requests to its readers, and
//! remarks about itself. Told by phrases that belong together.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::{count, ends_sentence, fold, is_dense, lines};

/// Ways of saying something.
struct Phrases {
    /// Of each phrase, its parts: all must be there, each in one of its forms.
    parts: Vec<Vec<Vec<usize>>>,
    forms: Vec<Form>,
    /// Finds all forms at once.
    finder: AhoCorasick,
}

/// One form of a part.
struct Form {
    text: &'static str,
    /// Whether a sentence begins with it.
    opens: bool,
}

static ASKS: LazyLock<Phrases> = LazyLock::new(|| Phrases::parse(include_str!("asks.txt")));
static NOTES: LazyLock<Phrases> = LazyLock::new(|| Phrases::parse(include_str!("notes.txt")));
static LABELS: LazyLock<Phrases> = LazyLock::new(|| Phrases::parse(include_str!("labels.txt")));

/// Words of a label.
const LABEL_WORDS: usize = 14;
/// Characters of a text in which the phrases are looked for: what a page says
/// for itself, it says soon.
const LOOKED_AT: usize = 400;

/// Whether a text asks readers for something that is the page's business.
pub(in super::super) fn asks(text: &str) -> bool {
    ASKS.are_in(text)
}

/// Whether a text is a page's remark about itself.
pub(in super::super) fn notes(text: &str) -> bool {
    let is_label = || count(text) <= LABEL_WORDS && !ends_sentence(text) && LABELS.are_in(text);
    NOTES.are_in(text) || is_label()
}

/// Whether a text is a remark that a law may want beside the words: whole
/// sentences about commissions, advice, sponsors.
pub(in super::super) fn discloses(text: &str) -> bool {
    const SENTENCE_WORDS: usize = 6;
    count(text) >= SENTENCE_WORDS && ends_sentence(text) && NOTES.are_in(text)
}

impl Phrases {
    fn parse(file: &'static str) -> Phrases {
        let mut forms: Vec<Form> = Vec::new();
        let mut part = |part: &'static str| -> Vec<usize> {
            let texts = part.split('|').filter(|form| !form.is_empty());
            let each = texts.map(|form| {
                forms.push(match form.strip_prefix('^') {
                    Some(text) => Form { text, opens: true },
                    None => Form { text: form, opens: false },
                });
                forms.len() - 1
            });
            each.collect()
        };
        let parts = lines(file)
            .into_iter()
            .map(|line| line.split(" + ").map(&mut part).collect())
            .collect();
        let finder = AhoCorasick::new(forms.iter().map(|form| form.text));
        Phrases { parts, finder: finder.expect("a few hundred phrases"), forms }
    }

    /// Whether one of them is said in `text`.
    fn are_in(&self, text: &str) -> bool {
        let end = text.char_indices().nth(LOOKED_AT).map_or(text.len(), |(at, _)| at);
        let folded = fold(&text[..end]);
        let mut is_there = vec![false; self.forms.len()];
        for found in self.finder.find_overlapping_iter(&folded) {
            let form = found.pattern().as_usize();
            is_there[form] |= self.forms[form].fits(&folded[..found.start()]);
        }
        self.parts
            .iter()
            .any(|parts| parts.iter().all(|forms| forms.iter().any(|form| is_there[*form])))
    }
}

impl Form {
    /// Whether the form, found behind `before`, begins a word, or a sentence.
    fn fits(&self, before: &str) -> bool {
        if self.opens {
            return opens_sentence(before);
        }
        let is_free = self.text.chars().next().is_some_and(|c| is_dense(c) || !c.is_alphanumeric());
        is_free || !before.ends_with(char::is_alphanumeric)
    }
}

/// Whether a sentence begins behind `before`.
fn opens_sentence(before: &str) -> bool {
    let bare = before.trim_end_matches([' ', '"', '“', '«', '(', '*', '¿', '¡', '>']);
    bare.is_empty()
        || bare.ends_with(['.', '!', '?', ':', '…', '|', '·', '。', '！', '？', '—', '–'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_from_advice() {
        for request in [
            "Enjoying this conversation? Get one like it every Sunday.",
            "Follow the Quarterly on Bluesky, or sign up to the weekly email here.",
            ">> Click here for our autumn seed list <<",
            "Subscribe to our newsletter",
            "Abonnez-vous à notre newsletter gratuite",
            "扫码关注公众号",
        ] {
            assert!(asks(request), "{request}");
        }
        for advice in [
            "Get one of the small pans first, and use it every Sunday.",
            "Sign up for an account, and write down the key.",
            "He asked me to follow him on foot.",
            "They join the pieces with glue.",
        ] {
            assert!(!asks(advice), "{advice}");
        }
    }

    #[test]
    fn remarks_of_a_page_are_told_from_its_words() {
        for remark in [
            "When you buy through links on our site, we may earn an affiliate commission.",
            "This interview has been edited and condensed.",
            "Este contenido no sustituye la consulta con un profesional.",
            "Published on 3 May by Solène",
        ] {
            assert!(notes(remark), "{remark}");
        }
        for words in [
            "The book was published on a Sunday, and nobody noticed.",
            "A baker may earn less than the oven costs.",
            "This article of clothing was condensed into a ball.",
        ] {
            assert!(!notes(words), "{words}");
        }
    }
}
