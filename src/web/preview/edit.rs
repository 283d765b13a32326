//! Words of a mail, as they stand in their file: read and written by line.

use axum::{
    Form, Json,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::Studio;
use crate::model::{LineEdit, lines_of};

/// The largest change: what lines say and said, each letter as three to nine
/// bytes of a form.
pub(super) const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Which lines.
#[derive(Debug, Deserialize)]
pub(super) struct Lines {
    file: String,
    first: usize,
    last: usize,
}

/// What becomes of them.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    file: String,
    first: usize,
    last: usize,
    before: String,
    after: String,
}

/// GET `/lines`: what some lines of a file say.
pub(super) async fn lines(State(studio): State<Studio>, Query(asked): Query<Lines>) -> Response {
    let reading = studio.reading();
    let text = reading.diagnostics.source(&asked.file);
    let text = text.and_then(|text| lines_of(text, asked.first, asked.last));
    let Some(text) = text else { return refuse(StatusCode::NOT_FOUND, "There are no such lines.") };
    // Also of a file with a mistake: whoever made it here wants to mend it here.
    let can_be_edited = studio.doors.save.is_some() && is_words(&asked.file);
    Json(json!({"text": text, "editable": can_be_edited})).into_response()
}

fn is_words(file: &str) -> bool {
    std::path::Path::new(file).extension().is_some_and(|extension| extension == "md")
}

/// POST `/edit`: writes lines of a file of words.
pub(super) async fn save(State(studio): State<Studio>, Form(change): Form<Change>) -> Response {
    let Some(save) = &studio.doors.save else {
        return refuse(StatusCode::FORBIDDEN, "What is shown here has no files.");
    };
    let Change { file, first, last, before, after } = change;
    let (before, after) = (before.replace("\r\n", "\n"), after.replace("\r\n", "\n"));
    if before == after {
        return StatusCode::NO_CONTENT.into_response();
    }
    match save(LineEdit { file, first, last, before, after }).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(what) => refuse(StatusCode::CONFLICT, &what),
    }
}

fn refuse(status: StatusCode, what: &str) -> Response {
    (status, Json(json!({"what": what}))).into_response()
}
