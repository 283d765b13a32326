//! Notes what the words link to, show and are headed by, for the checks of the
//! rendered mail.

use std::ops::Range;

use comrak::Node;

use super::{Shown, Writer, plain_text};
use crate::render::lint::{Heading, Image, Link, Mark};

impl Writer<'_> {
    /// Notes the link `node`, whose target was just looked up.
    pub(super) fn note_link(&mut self, node: Node<'_>, target: &str) {
        let name = target.strip_prefix("link:");
        let leads_to = name.and_then(|name| self.vocabulary.link(name)).map(str::to_owned);
        self.marks.push(Mark::Link(Link {
            target: leads_to.unwrap_or_else(|| self.masks.reveal(target)),
            label: self.masks.reveal(&plain_text(node)),
            place: self.body.place(self.target.clone()),
        }));
    }

    /// Notes the image `node`, whose target was just looked up.
    pub(super) fn note_image(&mut self, node: Node<'_>, target: &str, shown: Shown) {
        self.marks.push(Mark::Image(Image {
            source: self.masks.reveal(target),
            // Markdown has no other way to say "decoration" than to forget it.
            alt: Some(self.masks.reveal(&plain_text(node))).filter(|alt| !alt.trim().is_empty()),
            shown,
            place: self.body.place(self.target.clone()),
        }));
    }

    /// Notes a heading, as the mail will have it.
    pub(super) fn note_heading(&mut self, node: Node<'_>, level: u8) {
        let line = node.data().sourcepos.start.line;
        let text = self.masks.reveal(&plain_text(node));
        let line = self.lines.get(line.wrapping_sub(1)).cloned().unwrap_or(0..0);
        let place = self.body.place(line);
        self.marks.push(Mark::Heading(Heading { level, text, place }));
    }
}

/// The lines of `text`, when they are those of `masked`: an expression may run
/// over several.
pub(super) fn lines(text: &str, masked: &str) -> Vec<Range<usize>> {
    if text.matches('\n').count() != masked.matches('\n').count() {
        return Vec::new();
    }
    let mut at = 0;
    let line = |line: &str| {
        let start = at;
        at += line.len();
        start..start + line.trim_end().len()
    };
    text.split_inclusive('\n').map(line).collect()
}
