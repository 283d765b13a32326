//! The play: who got which mail when, each in their own row, by their own
//! calendar.
//!
//! The page is a function of a [`Tale`], a table that needs no script. Its
//! module lets the marks land one after another, at its own speed: the play
//! itself is over in seconds, because its clock jumps.

mod calendar;
mod ledger;
mod page;
mod table;
mod tale;

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::header,
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
    routing::get,
};
use futures_util::stream::{self, Stream};
use tokio::sync::watch;

pub use tale::{Account, Arrival, Copied, Crash, Happened, Happening, Player, Tale};

/// After how long a page asks again when the demo was stopped.
const RETRY: Duration = Duration::from_secs(2);
/// A page that is gone is noticed at the next of these.
const PULSE: Duration = Duration::from_secs(15);

/// What happened so far, and what happens.
type Tales = watch::Receiver<Arc<Tale>>;

/// `/play` and what it needs.
pub(super) fn pages(tales: Tales) -> Router {
    Router::new()
        .route("/play", get(page::show))
        .route("/play/events", get(events))
        .route("/play.css", get(style))
        .route("/play.js", get(script))
        .with_state(tales)
}

/// GET `/play/events`: how many things have happened, now and whenever there
/// are more; and that it is over.
async fn events(State(tales): State<Tales>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut tales = tales;
    tales.mark_changed();
    let stream = stream::unfold(tales, async |mut tales| {
        tales.changed().await.ok()?;
        let event = {
            let tale = tales.borrow_and_update();
            let name = if tale.account.is_some() { "over" } else { "more" };
            Event::default().event(name).retry(RETRY).data(tale.happenings.len().to_string())
        };
        Some((Ok(event), tales))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(PULSE))
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("play.css"))
}

async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("play.js"))
}
