//! From which lines a block came, as a mark on what becomes of it.

use std::ops::RangeInclusive;

use comrak::Node;

use super::Writer;
use crate::render::trace;

impl Writer<'_> {
    /// The attribute that says where `node` came from, when it is to be known.
    pub(super) fn at(&self, node: Node<'_>) -> String {
        self.span(node).map_or_else(String::new, |lines| trace::attribute(trace::WORDS, &lines))
    }

    /// The same as one more class of a component.
    pub(super) fn class_at(&self, node: Node<'_>) -> String {
        let lines = self.span(node);
        lines.map_or_else(String::new, |lines| format!(" {}", trace::class(trace::WORDS, &lines)))
    }

    fn span(&self, node: Node<'_>) -> Option<RangeInclusive<usize>> {
        let place = node.data().sourcepos;
        Some(self.origins.as_ref()?.lines(place.start.line, place.end.line))
    }
}
