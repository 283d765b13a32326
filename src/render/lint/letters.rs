//! What depends on who reads: the letters that the author's samples would get,
//! and somebody of whom nothing is known.

use super::size;
use crate::{
    diagnostic::{Diagnostics, Place},
    model::Rendered,
    render::{
        Passage, Words,
        mustache::{self, Kind},
    },
};

/// One person's letter.
#[derive(Clone, Debug)]
pub struct Letter {
    /// What the author calls them.
    pub to: String,
    /// What they would get.
    pub rendered: Rendered,
}

/// What programs print where a value is missing.
const NO_VALUES: [&str; 4] = ["undefined", "null", "NaN", "[object"];

/// Looks through `letters` of one mail, made of `words` and of the plain-text
/// template `text`; the largest of its trials has `bytes` of HTML.
pub(in crate::render) fn check_letters(
    words: &Words,
    text: &str,
    bytes: usize,
    letters: &[Letter],
    found: &mut Diagnostics,
) {
    let sizes = letters.iter().map(|letter| letter.rendered.html.len());
    size::check_bytes(sizes.max().unwrap_or(0).max(bytes), &words.body, found);
    let subject = &words.subject;
    let is_empty = |letter: &&Letter| letter.rendered.subject.trim().is_empty();
    if let Some(letter) = letters.iter().find(is_empty) {
        found.empty_subject(subject.place(0..subject.text.len()), &letter.to);
        return;
    }
    // Each hole is told once, whoever falls into it first.
    for (passage, template, part) in [
        (&words.subject, &*words.subject.text, Part::Subject),
        (&words.preheader, &*words.preheader.text, Part::Preheader),
        (&words.body, text, Part::Text),
    ] {
        let hole = letters.iter().find_map(|letter| {
            hole(part.of(&letter.rendered), template).map(|hole| (hole, letter))
        });
        if let Some((hole, letter)) = hole {
            let what = format!("{} would read `{hole}`", letter.to);
            let (place, name) = value_in(passage);
            let hint = if NO_VALUES.contains(&&*hole) {
                "leave the field out where it is unknown, or remove the word".to_owned()
            } else {
                format!(
                    "write `{{{{default {name} \"…\"}}}}`, or take what is around it into an `{{{{#if {name}}}}}`"
                )
            };
            found.unfilled(place, what, &hint);
        }
    }
}

/// A part of a letter that people read.
#[derive(Clone, Copy)]
enum Part {
    Subject,
    Preheader,
    Text,
}

impl Part {
    fn of(self, rendered: &Rendered) -> &str {
        match self {
            Part::Subject => &rendered.subject,
            Part::Preheader => &rendered.preheader,
            Part::Text => &rendered.text,
        }
    }
}

/// A value that may be missing, and where: the first one before a sign, or the
/// first of all, or nothing at the beginning.
fn value_in(passage: &Passage) -> (Place, String) {
    let (mustaches, _) = mustache::scan(&passage.text);
    let values = || mustaches.iter().filter(|mustache| mustache.kind == Kind::Value);
    let is_before_a_sign = |mustache: &&mustache::Mustache| {
        passage.text[mustache.span.end..].starts_with(is_sign) && mustache.words.len() == 1
    };
    let Some(found) = values().find(is_before_a_sign).or_else(|| values().next()) else {
        return (passage.beginning(), "first_name".to_owned());
    };
    let name = found.words.last().map_or("first_name", |(_, word)| word.as_str());
    (passage.place(found.span.clone()), name.to_owned())
}

/// What in `text` shows that a value of `template` is missing.
fn hole(text: &str, template: &str) -> Option<String> {
    let missing = NO_VALUES.iter().find(|word| count(text, word) > count(template, word));
    if let Some(word) = missing {
        return Some((*word).to_owned());
    }
    // A sign after a space, or at the beginning of a line, that nobody wrote.
    let (in_text, in_template) = (lone_signs(text), lone_signs(template));
    let at = *in_text.get(in_template.len())?;
    let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |offset| at + offset);
    let lines = text[line..end].char_indices().map(|(offset, _)| line + offset);
    // A few words before it, and nothing after.
    let begin = lines.filter(|start| *start <= at).rev().nth(QUOTED_BEFORE).unwrap_or(line);
    let after = at + text[at..].chars().next().map_or(0, char::len_utf8);
    Some(text[begin..after].trim().to_owned())
}

/// How much before a hole is quoted, in characters.
const QUOTED_BEFORE: usize = 24;

fn count(text: &str, word: &str) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let whole = text.match_indices(word).filter(|(at, word)| {
        !text[..*at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    });
    whole.count()
}

/// Where a sign stands after a space or at the beginning of a line, and ends a
/// word that is not there.
fn lone_signs(text: &str) -> Vec<usize> {
    let signs = text.char_indices().filter(|(at, c)| {
        let before = text[..*at].chars().next_back();
        let after = text[at + c.len_utf8()..].chars().next();
        is_sign(*c)
            && before.is_none_or(char::is_whitespace)
            && after.is_none_or(char::is_whitespace)
    });
    signs.map(|(at, _)| at).collect()
}

fn is_sign(c: char) -> bool {
    matches!(c, ',' | '.' | '!' | '?' | ';' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, text: &str, expected: Option<&str>) {
        assert_eq!(hole(text, template).as_deref(), expected, "{template} → {text}");
    }

    #[test]
    fn a_hole_is_where_nobody_wrote_one() {
        check("Hi {{first_name}},\nthanks.", "Hi ,\nthanks.", Some("Hi ,"));
        check("{{first_name}}, thanks.", ", thanks.", Some(","));
        check("Hi {{#if a}}{{a}}{{/if}}! Thanks.", "Hi ! Thanks.", Some("Hi !"));
        check("Hi {{a}}", "Hi undefined", Some("undefined"));
        check("A null of {{a}}", "A null of null", Some("null"));
    }

    #[test]
    fn what_is_filled_or_meant_is_none() {
        check("Hi {{first_name}},", "Hi Ada,", None);
        check("Hi{{#if a}} {{a}}{{/if}},", "Hi,", None);
        check("Bonjour {{a}} !", "Bonjour Ada !", None);
        check("An undefined term", "An undefined term", None);
        check("See .htaccess and , {{a}}", "See .htaccess and , x", None);
    }
}
