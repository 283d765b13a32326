//! The checks of the rendered mail: what people, and the programs that show it
//! to them, would stumble over.
//!
//! Most of it is looked at once a version, in the HTML before values are filled
//! in, which has the arms of every block; what depends on a person is looked at
//! in the letters that the author's samples would get (`letters`). Findings
//! point to the author's file, never to the HTML, which nobody has seen. Where
//! something cannot be known, nothing is said.

mod color;
mod contrast;
pub(super) mod css;
mod elements;
mod headers;
mod headings;
mod images;
mod leftovers;
mod letters;
mod links;
mod marks;
mod seen;
mod selector;
mod sheet;
mod size;

pub use letters::Letter;
pub(super) use letters::check_letters;
pub(super) use marks::{Heading, Image, Link, Mark, Shown};

use super::{Layout, Vocabulary, Words, mask::Masks};
use crate::diagnostic::Diagnostics;

/// One check of a mail, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// What is true of a mail that passes.
    pub title: &'static str,
    /// The codes of the findings of a mail that does not.
    pub codes: &'static [&'static str],
}

/// Every check of a mail, in the order in which one would ask.
pub const CHECKS: [Check; 21] = [
    Check { title: "Way out and postal address in every variant", codes: &["E030", "E051"] },
    Check { title: "Nothing left unfilled", codes: &["E049"] },
    Check { title: "A subject for everybody", codes: &["E050"] },
    Check { title: "A subject that fits on a phone", codes: &["W102"] },
    Check { title: "A subject that does not shout or pretend", codes: &["W122", "W123"] },
    Check { title: "A preheader that says more than the subject", codes: &["W124"] },
    Check { title: "Words for everybody", codes: &["E054"] },
    Check { title: "Gmail shows all of it", codes: &["E048", "W110"] },
    Check { title: "The plain text says as much as the HTML", codes: &["W111"] },
    Check { title: "Images have words for those who do not see them", codes: &["W112"] },
    Check { title: "Images load fast", codes: &["W120"] },
    Check { title: "Images fit", codes: &["W121"] },
    Check { title: "Text can be read on its background", codes: &["W114"] },
    Check { title: "Headings in order", codes: &["W115"] },
    Check { title: "Links that lead somewhere", codes: &["E032", "W116"] },
    Check { title: "Links that filters trust", codes: &["W117", "W118"] },
    Check { title: "Links that say where they lead", codes: &["W119"] },
    Check { title: "Language and title", codes: &["W113"] },
    Check { title: "Nothing that mail programs take out", codes: &["E052", "E053"] },
    Check { title: "Readable in every large mail program", codes: &["W125"] },
    Check { title: "Small enough to be looked at whole", codes: &["W126"] },
];

/// A mail on its way to the recipients, before values are filled in.
pub(super) struct Mail<'a> {
    pub(super) layout: &'a Layout,
    pub(super) words: &'a Words,
    /// Links, images and headings of the words.
    pub(super) marks: &'a [Mark],
    pub(super) vocabulary: &'a Vocabulary,
    /// The HTML and the text, expressions hidden in `masks`.
    pub(super) html: &'a str,
    pub(super) text: &'a str,
    pub(super) masks: &'a Masks,
}

/// Looks for trouble in `mail`, whoever gets it.
pub(super) fn check(mail: &Mail<'_>, found: &mut Diagnostics) {
    let marks = all_marks(mail);
    links::check(&marks, mail.vocabulary, found);
    images::check(&marks, mail, found);
    headings::check(&marks, found);
    headers::check(mail.words, found);
    leftovers::check(mail.words, mail.vocabulary, found);
    elements::check(mail.layout, found);
    match seen::read(mail.html) {
        Some(seen) => {
            contrast::check(&seen, mail, found);
            size::check_text(&seen, mail, found);
        }
        None => found.given_up(mail.layout.passage.place(0..0)),
    }
}

/// Those of the layout, those of the words in their place.
fn all_marks(mail: &Mail<'_>) -> Vec<Mark> {
    let mut all = Vec::new();
    for mark in marks::of_layout(mail.layout) {
        match mark {
            Mark::Words => all.extend(mail.marks.iter().cloned()),
            mark @ (Mark::Link(_) | Mark::Image(_) | Mark::Heading(_)) => all.push(mark),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic;

    #[test]
    fn every_finding_about_a_finished_mail_belongs_to_one_check() {
        let is_about_mail = |code: &&str| {
            code.starts_with('E') && *code >= "E048" || ("W110".."W140").contains(code)
        };
        for code in diagnostic::codes().filter(is_about_mail) {
            let checks = CHECKS.iter().filter(|check| check.codes.contains(&code));
            assert_eq!(checks.count(), 1, "{code}");
        }
        for code in CHECKS.iter().flat_map(|check| check.codes) {
            assert!(diagnostic::explain(code).is_some(), "{code}");
        }
    }
}
