//! Layouts and partials, and the confirmation, which is one of them.

use std::{collections::BTreeMap, sync::Arc};

use super::project::Reader;
use crate::{
    diagnostic::Place,
    model::Site,
    render::{Compiled, Essentials, Layout, LayoutFile, Passage, Vocabulary, Words, check_partial},
};

/// The layout of the confirmation.
const CONFIRMATION: &str = "confirm";
/// Where layouts are.
const FOLDER: &str = "templates/";
/// Where partials are.
const PARTIALS: &str = "templates/partials/";

impl Reader<'_> {
    /// The layout called `name`, checked for mails of one kind.
    pub(super) fn layout(
        &mut self,
        name: &str,
        place: Option<&Place>,
        vocabulary: &Vocabulary,
        essentials: Essentials,
    ) -> Option<Layout> {
        let path = format!("templates/{name}.mjml");
        let Some(layout) = self.text(&path) else {
            // A file that is there and cannot be read has its own finding.
            if let Some(place) = place.filter(|_| self.files.find(&path).is_none()) {
                let present: Vec<String> =
                    self.files.below(FOLDER).map(|(path, _)| path.to_string()).collect();
                let present: Vec<&str> = present.iter().map(String::as_str).collect();
                let what = format!("the layout `{name}`");
                self.diagnostics.missing_file(place.clone(), &what, &path, &present);
            }
            return None;
        };
        let partials = self.partials();
        let file = LayoutFile { layout, partials, tracing: self.tracing };
        Layout::parse(&file, vocabulary, essentials, self.diagnostics)
    }

    fn partials(&mut self) -> BTreeMap<String, Passage> {
        let files = self.files;
        let mut partials = BTreeMap::new();
        for (path, _) in files.below(PARTIALS) {
            let name = path.strip_prefix(PARTIALS).and_then(|name| name.strip_suffix(".mjml"));
            let Some(name) = name else { continue };
            if let Some(partial) = self.text(path) {
                partials.insert(name.to_owned(), partial);
            }
        }
        partials
    }

    /// Layouts that no campaign names, and partials that no layout does: a
    /// mistake in them waits for whoever does.
    pub(super) fn check_unused_layouts(&mut self, site: &Site) {
        let vocabulary = Vocabulary::of_any_mail(site);
        let files = self.files;
        for (path, _) in files.below(FOLDER) {
            let name = path.strip_prefix(FOLDER).and_then(|name| name.strip_suffix(".mjml"));
            let Some(name) = name.filter(|_| !self.diagnostics.knows_source(path)) else {
                continue;
            };
            if !name.contains('/') {
                self.layout(name, None, &vocabulary, Essentials::Subscribed);
            }
        }
        let partials = self.partials();
        let templates = self.files.below(FOLDER).map(|(_, bytes)| String::from_utf8_lossy(bytes));
        let templates: Vec<_> = templates.collect();
        for (name, partial) in partials {
            if !templates.iter().any(|text| names_partial(text, &name)) {
                check_partial(&partial, &vocabulary, self.diagnostics);
            }
        }
    }

    /// The mail that asks for a confirmation.
    pub(super) fn confirmation(
        &mut self,
        site: &Site,
        [subject, preheader]: [Passage; 2],
    ) -> Option<Compiled> {
        let vocabulary = Vocabulary::of_confirmation(site);
        let layout = self.layout(CONFIRMATION, None, &vocabulary, Essentials::Confirmation)?;
        let file: Arc<str> = format!("templates/{CONFIRMATION}.mjml").into();
        let words = Words { subject, preheader, body: Passage::empty(&file), lines_before_body: 0 };
        let mut mail =
            self.compiled((&Passage::empty(&file), &words), &layout, &vocabulary, "confirmation")?;
        // The same for everybody: its trials say how large it is.
        mail.check_letters(&[], self.diagnostics);
        Some(mail)
    }
}

/// Whether `{{> name}}` stands in `text`.
fn names_partial(text: &str, name: &str) -> bool {
    text.match_indices("{{>").any(|(at, sign)| {
        let rest = text[at + sign.len()..].trim_start().strip_prefix(name);
        rest.is_some_and(|rest| rest.trim_start().starts_with('}'))
    })
}
