//! The other sides of a message: text, source, headers.

use maud::{Markup, html};

use super::shell;
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
