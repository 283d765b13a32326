//! What depends on who reads: the letters that the author's samples would get,
//! and somebody of whom nothing is known.

use super::size;
use crate::{
    diagnostic::{Diagnostics, Place},
    model::Rendered,
    render::{
        Passage, Words,
        mustache::{self, Kind, Mustache},
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
    let is_before_a_sign = |mustache: &&Mustache| {
        passage.text[mustache.span.end..].starts_with(is_sign) && mustache.words.len() == 1
    };
    let Some(found) = values().find(is_before_a_sign).or_else(|| values().next()) else {
        return (passage.beginning(), "first_name".to_owned());
    };
    let name = found.words.last().map_or("first_name", |(_, word)| word.as_str());
    (passage.place(found.span.clone()), name.to_owned())
}

/// What in `text` shows that a value of `template` is missing: where the
/// template has a value between two stretches of the author's own words, the
/// letter has nothing there but a sign, or the word for nothing. Signs inside
/// values are nobody's mistake.
fn hole(text: &str, template: &str) -> Option<String> {
    let (mustaches, _) = mustache::scan(template);
    let gaps = mustaches.iter().filter(|one| one.kind == Kind::Value);
    gaps.map(|one| gap(template, one, &mustaches)).find_map(|(before, after)| {
        nothing_said(text, before, after).or_else(|| nothing_left(text, before, after))
    })
}

/// The author's own words on the line before and after a value.
fn gap<'a>(template: &'a str, value: &Mustache, all: &[Mustache]) -> (&'a str, &'a str) {
    let is_blank = |text: &str| !text.contains('\n') && text.trim().is_empty();
    let (mut start, mut end) = (value.span.start, value.span.end);
    // Blocks around the value are no words.
    while let Some(one) = all
        .iter()
        .rev()
        .find(|one| one.span.end <= start && is_blank(&template[one.span.end..start]))
    {
        start = one.span.start;
    }
    while let Some(one) = all.iter().find(|one| end == one.span.start) {
        end = one.span.end;
    }
    let before = template[..start].rsplit(['\n', '}']).next().unwrap_or_default();
    let after = template[end..].split(['\n', '{']).next().unwrap_or_default();
    let from = before.char_indices().rev().nth(CONTEXT - 1).map_or(0, |(at, _)| at);
    let until = after.char_indices().nth(CONTEXT).map_or(after.len(), |(at, _)| at);
    (&before[from..], &after[..until])
}

/// How much of the words around a value is looked for, in characters.
const CONTEXT: usize = 16;

/// The word for nothing, where the value should be.
fn nothing_said(text: &str, before: &str, after: &str) -> Option<String> {
    let stands = |word: &&&str| {
        let said = format!("{before}{word}{after}");
        let is_alone = |at: usize| {
            (!before.is_empty() || text[..at].is_empty() || text[..at].ends_with('\n'))
                && (!after.is_empty() || is_end(&text[at + said.len()..]))
        };
        text.match_indices(&said).any(|(at, _)| is_alone(at))
    };
    NO_VALUES.iter().find(stands).map(|word| (*word).to_owned())
}

fn is_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('\n')
}

/// A sign that ends a word which is not there.
fn nothing_left(text: &str, before: &str, after: &str) -> Option<String> {
    let sign = after.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    sign.chars().next().filter(|c| is_sign(*c))?;
    let words = before.trim_end();
    let at = text.match_indices(sign).map(|(at, _)| at).find(|at| {
        let said = text[..*at].trim_end_matches([' ', '\u{a0}', '\u{202f}']);
        match words {
            "" => said.is_empty() || said.ends_with('\n'),
            words => said.len() < *at && said.ends_with(words),
        }
    })?;
    let end = text[at..].chars().next().map_or(at, |sign| at + sign.len_utf8());
    let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let begin = text[line..at].char_indices().rev().nth(QUOTED_BEFORE).map_or(0, |(at, _)| at);
    Some(text[line + begin..end].trim().to_owned())
}

/// How much before a hole is quoted, in characters.
const QUOTED_BEFORE: usize = 24;

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
        check("Bonjour {{a}} !", "Bonjour  !", Some("Bonjour  !"));
    }

    #[test]
    fn what_is_filled_or_meant_is_none() {
        check("Hi {{first_name}},", "Hi Ada,", None);
        check("Hi{{#if a}} {{a}}{{/if}},", "Hi,", None);
        check("Bonjour {{a}} !", "Bonjour Ada !", None);
        check("An undefined term", "An undefined term", None);
        check("See .htaccess and , {{a}}", "See .htaccess and , x", None);
        // What stands in a value is somebody's own.
        check("# {{subject}}", "# Le dos, et vous ?", None);
        check("Next: {{next.title}}.", "Next: Mal de dos : causes.", None);
        check("About {{subject}}", "About null and nothing", None);
        check("Hi {{a}},", "Hi Grace . H,", None);
    }
}
