//! The way out: one page, one button, and the one click of RFC 8058.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use maud::html;

use super::page::{notice, page};
use crate::{
    library::Library,
    mail::{Keys, Purpose},
    model::SubscriptionId,
    store::{Membership, Store},
    time::Clock,
};

/// What the way out needs.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) store: Store,
    pub(super) library: Library,
    pub(super) keys: Keys,
    pub(super) clock: Clock,
}

/// GET: a page with a button. Changes nothing.
pub(super) async fn ask(State(door): State<Door>, Path(token): Path<String>) -> Response {
    let Some(subscription) = subscription(&door, &token) else { return unknown_link() };
    let (title, sender) = match door.names(subscription).await {
        Ok(Some((_, _, Membership::Left))) => return left(),
        Ok(Some((title, sender, Membership::On))) => (title, sender),
        // What cannot be looked up can still be left.
        Ok(None) | Err(_) => ("this list".to_owned(), String::new()),
    };
    let content = html! {
        @if !sender.is_empty() { p class="muted" { (sender) } }
        h1 { "Leave “" (title) "”?" }
        p { "You will get no more mail from this list. It takes effect at once." }
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
        Ok(_) => left(),
        // Never a "done" that is not written.
        Err(_) => {
            let text = "We could not write it down just now. Please try again in a minute.";
            notice(StatusCode::SERVICE_UNAVAILABLE, "Not yet", text)
        }
    }
}

impl Door {
    /// The list's title, the sender's name, and whether the list was left.
    async fn names(
        &self,
        subscription: SubscriptionId,
    ) -> anyhow::Result<Option<(String, String, Membership)>> {
        let Some((list, membership)) = self.store.subscription(subscription).await? else {
            return Ok(None);
        };
        let Some(applied) = self.library.current().await? else { return Ok(None) };
        let site = &applied.project.site;
        let title =
            site.lists.get(&list).map_or_else(|| "this list".to_owned(), |list| list.title.clone());
        Ok(Some((title, site.name.clone(), membership)))
    }
}

fn left() -> Response {
    let text = "You will get no more mail from this list.";
    notice(StatusCode::OK, "You have left", text)
}

fn subscription(door: &Door, token: &str) -> Option<SubscriptionId> {
    Some(SubscriptionId(door.keys.verify(Purpose::Unsubscribe, token)?.subject))
}

fn unknown_link() -> Response {
    let text = "This link is not complete. Open it again from the mail, whole.";
    notice(StatusCode::NOT_FOUND, "This link does not work", text)
}
