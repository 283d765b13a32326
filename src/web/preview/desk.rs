//! The desk of a message: the mail in a program of any width, the line of an
//! inbox over it, and where its pieces came from.

use maud::{Markup, html};

use super::{
    asked::Width,
    file,
    message::Shown,
    picture::{frame, inbox_line},
    reading::Reading,
    switches,
};
use crate::{diagnostic::Place, rehearsal::Letter};

/// The mail, and what can be turned about it.
pub(super) fn draw(reading: &Reading, shown: &Shown, letter: &Letter) -> Markup {
    let asked = &shown.asked;
    let class = match asked.width {
        Width::Full => "full",
        Width::Pixels(_) => "sized",
    };
    html! {
        div.bar.desk-bar {
            (switches::widths(&shown.path, asked))
            (switches::every_look(&shown.path, asked))
            (switches::images(&shown.path, asked))
        }
        div class={ "desk " (class) " " (asked.look.as_str()) } tabindex="0" role="region" aria-label="The mail" {
            div.sheet data-width=(asked.width.word()) {
                div.inbox { (inbox_line(&shown.from, &letter.rendered, &shown.clock)) }
                (headers(reading, shown))
                div.paper {
                    (frame(&format!("/frame{}", shown.path), asked, &letter.rendered, "whole"))
                    (editor())
                }
                div.grip data-keep hidden role="slider" tabindex="0" aria-label="Width of the mail program"
                    aria-valuemin="240" aria-valuemax="1600" aria-valuenow="375" {}
            }
        }
        p.leads data-keep aria-live="polite" { span.muted { "Click a piece of the mail for its line; double-click it, or press Enter on it, to change its words." } }
        p.drawn { (switches::programs(asked.look)) }
    }
}

/// Ways to the lines of subject and preheader, and to change them.
fn headers(reading: &Reading, shown: &Shown) -> Markup {
    let [subject, preheader] = shown.headers.each_ref().map(|place| {
        let place = place.as_ref()?;
        reading.diagnostics.position(place).map(|[(line, _), _]| (place, line))
    });
    html! {
        p.origins {
            @for (name, at) in [("Subject", subject), ("Preheader", preheader)] {
                @if let Some((place, line)) = at { (origin(name, place, line)) }
            }
        }
    }
}

fn origin(name: &str, place: &Place, line: usize) -> Markup {
    html! {
        span.origin {
            a href=(file::url(&place.file, line)) data-soft { (name) ", line " (line) }
            " "
            button.quiet type="button" data-edit=(place.file) data-line=(line) { "Edit" span.unseen { " " (name) } }
        }
    }
}

/// Where words are changed; the page's module moves it over the piece.
fn editor() -> Markup {
    html! {
        div.editor data-keep hidden {
            label for="words" { "The words, as they stand in the file" }
            textarea id="words" spellcheck="true" autocomplete="off" {}
            p.actions {
                button type="button" data-save { "Save" }
                button.quiet type="button" data-cancel { "Cancel" }
                span.where {}
            }
            p.trouble role="alert" {}
        }
    }
}
