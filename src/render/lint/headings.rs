//! Headings: people who listen to a mail jump from one to the next.

use super::Mark;
use crate::diagnostic::Diagnostics;

pub(super) fn check(marks: &[Mark], found: &mut Diagnostics) {
    let mut above = None;
    let mut has_first = false;
    for mark in marks {
        let Mark::Heading(heading) = mark else { continue };
        let place = || heading.place.clone();
        if heading.text.trim().is_empty() {
            found.odd_heading(
                place(),
                "this heading has no words".to_owned(),
                "remove it, or say something",
            );
        }
        if heading.level == 1 && has_first {
            let what = "this is the second heading of the first level".to_owned();
            found.odd_heading(place(), what, "a mail has one title: make this one a `h2`");
        }
        has_first |= heading.level == 1;
        // What comes first may have any level: the subject is the title then.
        if let Some(above) = above.filter(|above| heading.level > above + 1) {
            let what =
                format!("this heading of level {} follows one of level {above}", heading.level);
            let signs = "#".repeat(usize::from(above) + 1);
            let hint = format!("make it one of level {}: `{signs}` in words", above + 1);
            found.odd_heading(place(), what, &hint);
        }
        above = Some(heading.level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagnostic::Place, render::lint::Heading};

    #[track_caller]
    fn check(levels: &[u8], expected: usize) {
        let heading = |level: &u8| {
            let place = Place::new(&"a.md".into(), usize::from(*level)..10);
            Mark::Heading(Heading { level: *level, text: "x".to_owned(), place })
        };
        let marks: Vec<Mark> = levels.iter().map(heading).collect();
        let mut found = Diagnostics::default();
        super::check(&marks, &mut found);
        assert_eq!(found.findings().len(), expected, "{levels:?}");
    }

    #[test]
    fn a_heading_is_at_most_one_level_below_the_one_before() {
        check(&[1, 2, 3, 2, 3], 0);
        check(&[2, 3, 3, 2], 0);
        check(&[3, 2], 0);
        check(&[1, 3], 1);
        check(&[2, 4], 1);
        check(&[1, 2, 1], 1);
        check(&[], 0);
    }
}
