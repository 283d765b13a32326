//! Live pages: an event for every reading, and the module that listens.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::header,
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream::{self, Stream};

use super::Studio;

/// After how long a page asks again when the preview was stopped.
const RETRY: Duration = Duration::from_millis(500);
/// A page that is gone is noticed at the next of these.
const PULSE: Duration = Duration::from_secs(15);

/// GET `/events`: which reading is shown now, and each one after it.
///
/// The first event comes at once: a page that was away, or is older than this
/// run, sees by it that it has to repaint.
pub(super) async fn events(
    State(studio): State<Studio>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut readings = studio.readings;
    readings.mark_changed();
    let stream = stream::unfold(readings, async |mut readings| {
        readings.changed().await.ok()?;
        let edition = readings.borrow_and_update().edition();
        Some((Ok(Event::default().event("edition").retry(RETRY).data(edition)), readings))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(PULSE))
}

/// The module of every page.
pub(super) async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("live.js"))
}
