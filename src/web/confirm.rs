//! Confirming: the page behind the link of the mail, and its button. Looking
//! changes nothing; mail scanners look at everything (REQ-091).

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde_json::json;

use super::door::{self, Door, go_to, join_path, list_value, open_list, show, trouble};
use crate::{
    engine::{LINK_LIFE, resume},
    library::Applied,
    mail::Purpose,
    model::{AskedSignUp, ListStanding, NewSubscription, Person, SignUpId},
    render::Page,
    store::{Confirmation, Consented},
    time::Timestamp,
};

/// What a link leads to.
enum Found {
    /// Nobody has answered yet.
    Open(Box<Question>),
    /// They are on the list.
    Inside(Box<AskedSignUp>),
    /// They left after this was sent.
    Left(Box<AskedSignUp>),
}

struct Question {
    id: SignUpId,
    asked_at: Timestamp,
    asked: AskedSignUp,
}

/// GET: a page with a button.
pub(super) async fn ask(State(door): State<Door>, Path(token): Path<String>) -> Response {
    let (applied, found) = match look_up(&door, &token).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let question = match found {
        Found::Open(question) => question,
        Found::Inside(asked) => return welcome(&applied, &asked),
        Found::Left(asked) => return left(&applied, &asked),
    };
    let asked = &question.asked;
    let own = vec![
        // The words that they saw when they signed up.
        ("list", list_value(&title(&applied, asked), &asked.sign_up.words)),
        ("form_url", json!(confirm_path(&applied, &token))),
    ];
    show(&applied, StatusCode::OK, Page::Confirm, own)
}

/// POST: acts. Said twice, it says the same.
pub(super) async fn act(State(door): State<Door>, Path(token): Path<String>) -> Response {
    let (applied, found) = match look_up(&door, &token).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let question = match found {
        Found::Open(question) => question,
        Found::Inside(_) => return go_to(&confirm_path(&applied, &token)),
        Found::Left(asked) => return left(&applied, &asked),
    };
    let now = door.clock.now();
    let consented = consented(&applied, &question, now);
    match door.store.confirm(consented, now).await {
        Ok(Confirmation::Confirmed { .. } | Confirmation::Known) => {
            go_to(&confirm_path(&applied, &token))
        }
        Ok(Confirmation::Left) => left(&applied, &question.asked),
        Ok(Confirmation::Gone) => expired(&applied, Some(&question.asked)),
        Err(_) => trouble(&applied, StatusCode::SERVICE_UNAVAILABLE, "later", None),
    }
}

async fn look_up(door: &Door, token: &str) -> Result<(Arc<Applied>, Found), Response> {
    let applied = door.applied().await?;
    let Some(proven) = door.keys.verify(Purpose::Confirm, token) else {
        return Err(trouble(&applied, StatusCode::NOT_FOUND, "incomplete", None));
    };
    let id = SignUpId(proven.subject);
    let asked = match door.store.sign_up(id).await {
        Ok(Some(asked)) => asked,
        // Forgotten after a month without an answer.
        Ok(None) => return Err(expired(&applied, None)),
        Err(_) => return Err(door::not_now()),
    };
    let asked_at = proven.issued_at;
    let found = match asked.standing {
        ListStanding::Inside => Found::Inside(Box::new(asked)),
        ListStanding::Left if asked.left_at.is_some_and(|left_at| asked_at <= left_at) => {
            Found::Left(Box::new(asked))
        }
        ListStanding::Outside | ListStanding::Left => {
            if door.clock.now().duration_since(asked_at) > LINK_LIFE {
                return Err(expired(&applied, Some(&asked)));
            }
            Found::Open(Box::new(Question { id, asked_at, asked }))
        }
    };
    Ok((applied, found))
}

/// What the store writes when they say yes.
fn consented(applied: &Applied, question: &Question, now: Timestamp) -> Consented {
    let Question { id, asked_at, asked } = question;
    let sign_up = &asked.sign_up;
    let subscription = NewSubscription {
        person: Person {
            email: sign_up.email.clone(),
            zone: sign_up.zone.clone(),
            fields: sign_up.fields.clone(),
        },
        tags: Vec::new(),
        list: sign_up.list.clone(),
        consent: sign_up.words.clone(),
        source: sign_up.page.clone(),
    };
    let arrival = applied.arrival(subscription, now);
    let resumed = asked.broken_off.iter().filter_map(|(id, before)| {
        let edition = applied.project.editions.get(id)?;
        let enters = arrival.enrollments.iter().any(|(campaign, _)| campaign == id);
        let zone = edition.campaign.zone(sign_up.zone.as_deref(), &edition.site.zone);
        Some((id.clone(), resume(&edition.campaign, &zone, before, now).filter(|_| enters)?))
    });
    let resumed = resumed.collect();
    Consented { sign_up: *id, asked_at: *asked_at, arrival, resumed }
}

fn welcome(applied: &Applied, asked: &AskedSignUp) -> Response {
    let own = vec![("list", list_value(&title(applied, asked), &asked.sign_up.words))];
    show(applied, StatusCode::OK, Page::Welcome, own)
}

fn left(applied: &Applied, asked: &AskedSignUp) -> Response {
    let list = &asked.sign_up.list;
    let join_url = open_list(applied, list.as_str())
        .map_or(String::new(), |_| join_path(&applied.project.site, list));
    let own = vec![("list", list_value(&title(applied, asked), "")), ("join_url", json!(join_url))];
    show(applied, StatusCode::OK, Page::Left, own)
}

fn expired(applied: &Applied, asked: Option<&AskedSignUp>) -> Response {
    let list = asked.map(|asked| &asked.sign_up.list);
    // With one list there is no question which it was.
    let mut lists = applied.project.site.lists.keys();
    let only = lists.next().filter(|_| lists.next().is_none());
    trouble(applied, StatusCode::GONE, "expired", list.or(only))
}

/// The list's title; a list that is gone has only its name.
fn title(applied: &Applied, asked: &AskedSignUp) -> String {
    let list = &asked.sign_up.list;
    let found = applied.project.site.lists.get(list);
    found.map_or_else(|| list.to_string(), |list| list.title.clone())
}

fn confirm_path(applied: &Applied, token: &str) -> String {
    format!("{}/c/{token}", door::base_path(&applied.project.site))
}
