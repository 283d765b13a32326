//! The way out: one page, one button, and the one click of RFC 8058.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::html;
use serde_json::json;

use super::{
    door::{Door, base_path, join_path, list_value, open_list, show, trouble},
    page::{notice, page},
};
use crate::{
    library::Applied,
    mail::Purpose,
    model::{ListId, SubscriptionId},
    render::Page,
    store::Membership,
};

/// GET: a page with a button. Changes nothing.
pub(super) async fn ask(State(door): State<Door>, Path(token): Path<String>) -> Response {
    let applied = door.library.current().await.ok().flatten();
    let Some(subscription) = subscription(&door, &token) else {
        return incomplete(applied.as_deref());
    };
    let found = door.store.subscription(subscription).await.ok().flatten();
    let list = found.as_ref().map(|(list, _)| list);
    if matches!(found, Some((_, Membership::Left))) {
        return left(applied.as_deref(), list);
    }
    let Some(applied) = applied.filter(|applied| applied.project.pages.is_some()) else {
        // What cannot be looked up can still be left.
        let content = html! {
            h1 { "Leave this list?" }
            form method="post" { button type="submit" { "Unsubscribe" } }
        };
        return axum::response::IntoResponse::into_response(page("Unsubscribe", &content));
    };
    let own = vec![
        ("list", list_value(&title(&applied, list), "")),
        ("form_url", json!(format!("{}/u/{token}", base_path(&applied.project.site)))),
    ];
    show(&applied, StatusCode::OK, Page::Unsubscribe, own)
}

/// POST: acts. Mail programs send it by themselves (RFC 8058 3.1): without
/// cookies, without a page before it, in either form encoding, so nothing of
/// the body is asked for. Repeated, it changes nothing and says the same.
pub(super) async fn act(State(door): State<Door>, Path(token): Path<String>) -> Response {
    let Some(subscription) = subscription(&door, &token) else {
        return incomplete(door.library.current().await.ok().flatten().as_deref());
    };
    let done = door.store.unsubscribe(subscription, door.clock.now()).await;
    let applied = door.library.current().await.ok().flatten();
    match (done, applied) {
        // A subscription that is gone gets no mail either.
        (Ok(_), applied) => {
            let found = door.store.subscription(subscription).await.ok().flatten();
            left(applied.as_deref(), found.as_ref().map(|(list, _)| list))
        }
        // Never a "done" that is not written.
        (Err(_), Some(applied)) => {
            trouble(&applied, StatusCode::SERVICE_UNAVAILABLE, "later", None)
        }
        (Err(_), None) => {
            let text = "We could not write it down just now. Please try again in a minute.";
            notice(StatusCode::SERVICE_UNAVAILABLE, "Not yet", text)
        }
    }
}

fn left(applied: Option<&Applied>, list: Option<&ListId>) -> Response {
    let Some(applied) = applied.filter(|applied| applied.project.pages.is_some()) else {
        let text = "You will get no more mail from this list.";
        return notice(StatusCode::OK, "You have left", text);
    };
    let open = list.filter(|list| open_list(applied, list.as_str()).is_some());
    let join_url = open.map_or(String::new(), |list| join_path(&applied.project.site, list));
    let own = vec![("list", list_value(&title(applied, list), "")), ("join_url", json!(join_url))];
    show(applied, StatusCode::OK, Page::Left, own)
}

/// The list's title; of a list that is gone, the sender's name.
fn title(applied: &Applied, list: Option<&ListId>) -> String {
    let site = &applied.project.site;
    let found = list.and_then(|list| site.lists.get(list));
    found.map_or_else(|| site.name.clone(), |list| list.title.clone())
}

fn subscription(door: &Door, token: &str) -> Option<SubscriptionId> {
    Some(SubscriptionId(door.keys.verify(Purpose::Unsubscribe, token)?.subject))
}

fn incomplete(applied: Option<&Applied>) -> Response {
    match applied {
        Some(applied) => trouble(applied, StatusCode::NOT_FOUND, "incomplete", None),
        None => {
            let text = "This link is not complete. Open it again from the mail, whole.";
            notice(StatusCode::NOT_FOUND, "This link does not work", text)
        }
    }
}
