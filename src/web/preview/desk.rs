//! The desk of a message: the mail in a program of any width, the line of an
//! inbox over it, and where its pieces came from.

use maud::{Markup, html};

use super::{
    Studio,
    asked::Width,
    file,
    message::Shown,
    picture::{frame, inbox_line},
    reading::Reading,
    switches,
};
use crate::rehearsal::Letter;

/// The mail, and what can be turned about it.
pub(super) fn draw(studio: &Studio, reading: &Reading, shown: &Shown, letter: &Letter) -> Markup {
    let can_edit = studio.doors.save.is_some();
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
        p.drawn { (switches::programs(asked.look)) }
        p.drawn data-hint hidden {
            "Click a piece of the mail for its line"
            @if can_edit { "; double-click it, or press Enter on it, to change its words" } "."
        }
        div class={ "desk " (class) " " (asked.look.as_str()) } tabindex="0" role="region" aria-label="The mail" {
            div.sheet data-width=(asked.width.word()) {
                div.inbox { (inbox_line(&shown.from, &letter.rendered, &shown.clock)) }
                (headers(reading, shown, studio))
                div.paper {
                    (frame(&format!("/frame{}", shown.path), asked, &letter.rendered, "whole"))
                    (editor(&shown.path))
                }
                div.grip data-keep data-key=(shown.path) hidden role="slider" tabindex="0" aria-label="Width of the mail program"
                    aria-valuemin="240" aria-valuemax="1600" aria-valuenow="375" aria-valuetext="375 pixels" {}
            }
        }
        p.leads data-keep data-key=(shown.path) aria-live="polite" {}
    }
}

/// Ways to the lines of subject and preheader, and to change them.
fn headers(reading: &Reading, shown: &Shown, studio: &Studio) -> Markup {
    let can_edit = studio.doors.save.is_some();
    let [subject, preheader] = shown.headers.each_ref().map(|place| {
        let place = place.as_ref()?;
        reading.diagnostics.position(place).map(|[(line, _), _]| (place, line))
    });
    html! {
        p.origins {
            @for (name, at) in [("Subject", subject), ("Preheader", preheader)] {
                @if let Some((place, line)) = at {
                    span.origin {
                        a href=(file::url(&place.file, line)) data-soft { (name) ", line " (line) }
                        " "
                        @if can_edit {
                            button.quiet type="button" data-edit=(place.file) data-line=(line) hidden {
                                "Edit" span.unseen { " " (name) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Where words are changed; the page's module moves it over the piece.
fn editor(path: &str) -> Markup {
    html! {
        div.editor data-keep data-key=(path) hidden {
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
