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
use crate::mail::Catcher;

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
    let inbox = studio.doors.inbox.as_ref().map(Catcher::arrivals);
    let stream = stream::unfold((readings, inbox), async |(mut readings, mut inbox)| {
        let arrival = async {
            match &mut inbox {
                Some(inbox) => inbox.changed().await,
                None => std::future::pending().await,
            }
        };
        let event = tokio::select! {
            changed = readings.changed() => {
                changed.ok()?;
                let edition = readings.borrow_and_update().edition();
                Event::default().event("edition").retry(RETRY).data(edition)
            }
            arrived = arrival => {
                arrived.ok()?;
                Event::default().event("mail").data("caught")
            }
        };
        Some((Ok(event), (readings, inbox)))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(PULSE))
}

/// The module of every page.
pub(super) async fn script() -> impl IntoResponse {
    module(include_str!("live.js"))
}

/// The module of a series: the handle in time.
pub(super) async fn series_script() -> impl IntoResponse {
    module(include_str!("series.js"))
}

/// The module of a message: widths, lines, words.
pub(super) async fn message_script() -> impl IntoResponse {
    module(include_str!("message.js"))
}

/// The module of people × messages: what breaks is measured.
pub(super) async fn people_script() -> impl IntoResponse {
    module(include_str!("people.js"))
}

fn module(text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], text)
}
