//! The other sides of a message: text, source, headers, checks.

use maud::{Markup, html};

use super::{findings, message::Shown, shell};
use crate::rehearsal::Letter;

/// The text part.
pub(super) fn text(letter: &Letter) -> Markup {
    html! {
        pre.side tabindex="0" role="region" aria-label="The text part" { (letter.rendered.text) }
    }
}

/// The message as it goes over the wire.
pub(super) fn source(letter: &Letter) -> Markup {
    let bytes = String::from_utf8_lossy(&letter.outgoing.bytes);
    html! {
        pre.side tabindex="0" role="region" aria-label="The source" { (bytes) }
    }
}

/// Its headers, unfolded.
pub(super) fn headers(letter: &Letter) -> Markup {
    html! {
        dl.side {
            @for (name, value) in shell::headers(&letter.outgoing.bytes) { dt { (name) } dd { (value) } }
        }
    }
}

/// What was found about it.
pub(super) fn checks(shown: &Shown) -> Markup {
    html! {
        section.side aria-label="Checks" {
            @if shown.findings.is_empty() {
                p { "Nothing to complain about: not in its words, its layout, or what becomes of them." }
            } @else {
                (findings::list(&shown.findings))
            }
        }
    }
}
