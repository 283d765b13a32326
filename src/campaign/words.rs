//! A file of words, of a step or of an issue: headers known, subject there.

use super::{header, table::Text};
use crate::{
    diagnostic::Diagnostics,
    model::IssueState,
    render::{Passage, Words},
    time::civil,
};

/// The headers a step may have.
const OF_A_STEP: [&str; 2] = ["Subject", "Preheader"];
/// The headers an issue may have.
const OF_AN_ISSUE: [&str; 4] = ["Subject", "Preheader", "Status", "Send"];

/// Words that were read.
pub(super) struct Read {
    pub(super) words: Words,
    /// Whether they may become a mail: the header block is whole, and there is
    /// a subject. Else they are only looked through for more mistakes.
    pub(super) is_whole: bool,
}

/// What an issue's headers say besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sending {
    pub(super) state: IssueState,
    pub(super) send_at: Option<civil::DateTime>,
}

/// Reads the words of a step.
pub(super) fn of_step(file: &Passage, diagnostics: &mut Diagnostics) -> Read {
    read(file, &OF_A_STEP, diagnostics).0
}

/// Reads the words of an issue.
pub(super) fn of_issue(file: &Passage, diagnostics: &mut Diagnostics) -> (Read, Sending) {
    let (read, others) = read(file, &OF_AN_ISSUE, diagnostics);
    let mut sending = Sending { state: IssueState::Draft, send_at: None };
    for (name, value) in others {
        let place = value.place(0..value.text.len());
        let text = Text { value: value.text.to_string(), place };
        if name == "status" {
            sending.state = state(&text, diagnostics);
        } else {
            sending.send_at = send_at(&text, diagnostics);
        }
    }
    (read, sending)
}

fn state(text: &Text, diagnostics: &mut Diagnostics) -> IssueState {
    match text.value.as_str() {
        "draft" => IssueState::Draft,
        "ready" => IssueState::Ready,
        _ => {
            let known = ["draft", "ready"];
            diagnostics.not_one_of(text.place.clone(), &text.value, "a status of an issue", &known);
            IssueState::Draft
        }
    }
}

/// `2026-12-01T09:00`, by the clock of the schedule.
fn send_at(text: &Text, diagnostics: &mut Diagnostics) -> Option<civil::DateTime> {
    // An offset would be read over in silence.
    let is_civil = text.value.len() == "2026-12-01T09:00".len()
        && text.value.bytes().all(|c| c.is_ascii_digit() || b"-T:".contains(&c));
    let at = text.value.parse().ok().filter(|_| is_civil);
    if at.is_none() {
        let hint = "write it like `2026-12-01T09:00`; the clock is that of the schedule's zone";
        diagnostics.bad_value(text.place.clone(), &text.value, "a time to send at", hint);
    }
    at
}

type Others = Vec<(String, Passage)>;

/// The words of `file`, and its headers beside subject and preheader.
fn read(file: &Passage, known: &[&str], diagnostics: &mut Diagnostics) -> (Read, Others) {
    let block = header::parse(file, diagnostics);
    let mut subject = None;
    let mut preheader = Passage::empty(&file.file);
    let mut others = Vec::new();
    for (name, value) in block.headers {
        let is_known = known.iter().any(|known| known.eq_ignore_ascii_case(&name.text));
        match name.text.to_ascii_lowercase().as_str() {
            "subject" => subject = Some(value),
            "preheader" => preheader = value,
            other if is_known => others.push((other.to_owned(), value)),
            _ => diagnostics.unknown_header(name.place(0..name.text.len()), &name.text, known),
        }
    }
    let subject = subject.filter(|subject| !subject.text.is_empty());
    // A block that is not whole may have lost it.
    if subject.is_none() && block.is_whole {
        diagnostics.missing_header(file.place(0..3), "Subject");
    }
    let is_whole = block.is_whole && subject.is_some();
    let subject = subject.unwrap_or_else(|| Passage::empty(&file.file));
    let body = block.body;
    let lines_before_body = file.text[..body.offset - file.offset].matches('\n').count();
    let words = Words { subject, preheader, body, lines_before_body };
    (Read { words, is_whole }, others)
}
