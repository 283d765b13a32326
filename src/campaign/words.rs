//! A step's file of words: headers known, subject there.

use super::header;
use crate::{
    diagnostic::Diagnostics,
    render::{Passage, Words},
};

/// The headers a step may have.
const HEADERS: [&str; 2] = ["Subject", "Preheader"];

/// Reads a file of words.
///
/// Returns `None` when it has no header block or no subject.
pub(super) fn parse(file: &Passage, diagnostics: &mut Diagnostics) -> Option<Words> {
    let block = header::parse(file, diagnostics)?;
    let mut subject = None;
    let mut preheader = Passage::empty(&file.file);
    for (name, value) in block.headers {
        match name.text.to_ascii_lowercase().as_str() {
            "subject" => subject = Some(value),
            "preheader" => preheader = value,
            _ => diagnostics.unknown_header(name.place(0..name.text.len()), &name.text, &HEADERS),
        }
    }
    let subject = subject.filter(|subject| !subject.text.is_empty());
    let Some(subject) = subject else {
        diagnostics.missing_header(file.place(0..3), "Subject");
        return None;
    };
    Some(Words { subject, preheader, body: block.body })
}
