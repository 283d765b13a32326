//! The way out: one page, one button, and the one click of RFC 8058.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use maud::html;

use super::page::{notice, page};
use crate::{
    mail::{Keys, Purpose},
    model::SubscriptionId,
    store::Store,
    time::Clock,
};

/// What the way out needs.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) store: Store,
    pub(super) keys: Keys,
    pub(super) clock: Clock,
}

/// GET: a page with a button. Changes nothing.
pub(super) async fn ask(State(door): State<Door>, Path(token): Path<String>) -> Response {
    if subscription(&door, &token).is_none() {
        return unknown_link();
    }
    let content = html! {
        h1 { "Leave this list?" }
        p { "You will get no more mail from it. It takes effect at once." }
        form method="post" { button type="submit" { "Unsubscribe" } }
    };
    page("Unsubscribe", &content).into_response()
}

/// POST: acts. Mail programs send it by themselves (RFC 8058 3.1): without
/// cookies, without a page before it, in either form encoding, so nothing of
/// the body is asked for. Repeated, it changes nothing and says the same.
pub(super) async fn act(State(door): State<Door>, Path(token): Path<String>) -> Response {
    let Some(subscription) = subscription(&door, &token) else { return unknown_link() };
    match door.store.unsubscribe(subscription, door.clock.now()).await {
        // A subscription that is gone gets no mail either.
        Ok(_) => {
            let text = "You will get no more mail from this list.";
            notice(StatusCode::OK, "You have left", text)
        }
        // Never a "done" that is not written.
        Err(_) => {
            let text = "We could not write it down just now. Please try again in a minute.";
            notice(StatusCode::SERVICE_UNAVAILABLE, "Not yet", text)
        }
    }
}

fn subscription(door: &Door, token: &str) -> Option<SubscriptionId> {
    door.keys.verify(Purpose::Unsubscribe, token)
}

fn unknown_link() -> Response {
    let text = "This link is not complete. Open it again from the mail, whole.";
    notice(StatusCode::NOT_FOUND, "This link does not work", text)
}
