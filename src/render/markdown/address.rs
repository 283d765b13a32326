//! Where the links and images of the words lead, and where they stand.

use std::ops::Range;

use super::Writer;
use crate::render::{
    mask::escape,
    mustache::{self, Kind},
};

impl Writer<'_> {
    /// The address of an image: `images/NAME` is the campaign's own.
    pub(super) fn picture(&mut self, target: &str) -> String {
        if !target.starts_with("images/") {
            return self.address(target);
        }
        let span = self.locate_target(target);
        self.target = span.clone();
        if let Some(address) = self.vocabulary.image(target) {
            return escape(address);
        }
        let place = self.body.place(span);
        let target = self.masks.reveal(target);
        if self.vocabulary.is_unfit(&target) {
            self.diagnostics.unfit_image(place, &target);
        } else {
            self.diagnostics.missing_image(place, &target, &self.vocabulary.image_names());
        }
        String::new()
    }

    /// The address that a link's target stands for, escaped for an attribute.
    pub(super) fn address(&mut self, target: &str) -> String {
        let revealed = self.masks.reveal(target);
        let span = self.locate_target(&revealed);
        self.target = span.clone();
        if let Some(name) = target.strip_prefix("link:") {
            let Some(address) = self.vocabulary.link(name) else {
                let known = self.vocabulary.link_names();
                self.diagnostics.unknown_link(self.body.place(span), name, &known);
                return String::new();
            };
            return escape(address);
        }
        let (inside, _) = mustache::scan(&revealed);
        for mustache in inside.iter().filter(|mustache| !mustache::fits_an_address(mustache)) {
            let named = mustache.words.iter().find(|(_, word)| self.vocabulary.knows(word));
            if let Some((name_span, name)) = named {
                let place = self.body.place(span.clone()).within(name_span.clone());
                self.diagnostics.bare_field_in_address(place, name);
            }
        }
        let begins_with_value = inside
            .first()
            .is_some_and(|mustache| mustache.span.start == 0 && mustache.kind == Kind::Value);
        let schemes = ["https://", "http://", "mailto:", "tel:"];
        let lower = target.to_ascii_lowercase();
        if !begins_with_value && !schemes.iter().any(|scheme| lower.starts_with(scheme)) {
            self.diagnostics.bad_link_target(self.body.place(span), &revealed);
        }
        escape(target).replace('{', "%7B").replace('}', "%7D")
    }

    /// Where the target of a link or image stands, which words may say, too.
    pub(super) fn locate_target(&mut self, target: &str) -> Range<usize> {
        let text = &self.body.text;
        let from = self.link_at.min(text.len());
        match text[from..].find(&format!("]({target}")) {
            Some(at) => {
                let start = from + at + 2;
                self.link_at = start + target.len();
                start..start + target.len()
            }
            None => self.locate(target),
        }
    }

    /// Where `needle` stands in the words, from the last place found on.
    pub(super) fn locate(&mut self, needle: &str) -> Range<usize> {
        let text = &self.body.text;
        let from = self.link_at.min(text.len());
        let at = text[from..].find(needle).map(|at| from + at).or_else(|| text.find(needle));
        let Some(at) = at else { return 0..0 };
        self.link_at = at + needle.len();
        at..at + needle.len()
    }
}
