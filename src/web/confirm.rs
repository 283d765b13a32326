//! Confirming: the page behind the link of the mail, and its button. Looking
//! changes nothing; mail scanners look at everything (REQ-091).

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::StatusCode,
    response::Response,
};
use serde_json::json;

use super::{
    door::{self, Door, go_to, join_path, list_value, open_list, show, trouble},
    form::Form,
    join,
};
use crate::{
    engine::LINK_LIFE,
    library::Applied,
    mail::Purpose,
    model::{AskedSignUp, List, ListStanding, NewSubscription, Person, SignUpId},
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
    asked: AskedSignUp,
    /// The list, as it is now.
    list: List,
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
    let sign_up = &question.asked.sign_up;
    // Whoever typed it into the form: they see it, and have the last word.
    let mut own = join::about_them(&applied.project.site, &question.list, &Form::typed(sign_up));
    own.extend([
        // The words that stood over the button when they signed up.
        ("list", list_value(&question.list.title, &sign_up.words)),
        ("form_url", json!(confirm_path(&applied, &token))),
    ]);
    show(&applied, StatusCode::OK, Page::Confirm, own)
}

/// POST: acts. Said twice, it says the same.
pub(super) async fn act(
    State(door): State<Door>,
    Path(token): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (applied, found) = match look_up(&door, &token).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let question = match found {
        Found::Open(question) => question,
        Found::Inside(_) => return go_to(&applied.project.site, &confirm_path(&applied, &token)),
        Found::Left(asked) => return left(&applied, &asked),
    };
    let Some(form) = body.ok().and_then(|body| Form::parse(&body)) else {
        return trouble(&applied, StatusCode::BAD_REQUEST, "large", None);
    };
    let now = door.clock.now();
    let form = form.over(Form::typed(&question.asked.sign_up));
    let consented = consented(&applied, &question, &form, now);
    match door.store.confirm(consented, now).await {
        Ok(Confirmation::Confirmed { .. } | Confirmation::Known) => {
            go_to(&applied.project.site, &confirm_path(&applied, &token))
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
    let found = match asked.standing {
        ListStanding::Inside => Found::Inside(Box::new(asked)),
        ListStanding::Left if asked.is_from_before_leaving() => Found::Left(Box::new(asked)),
        ListStanding::Outside | ListStanding::Left => {
            if door.clock.now().duration_since(proven.issued_at) > LINK_LIFE {
                return Err(expired(&applied, Some(&asked)));
            }
            let Some(list) = applied.project.site.lists.get(&asked.sign_up.list) else {
                return Err(trouble(&applied, StatusCode::GONE, "gone", None));
            };
            let list = list.clone();
            Found::Open(Box::new(Question { id, asked, list }))
        }
    };
    Ok((applied, found))
}

/// What the store writes when they say yes.
fn consented(applied: &Applied, question: &Question, form: &Form, now: Timestamp) -> Consented {
    let Question { id, asked, list } = question;
    let sign_up = &asked.sign_up;
    let zone = form.zone();
    let subscription = NewSubscription {
        person: Person {
            email: sign_up.email.clone(),
            zone: zone.clone(),
            fields: form.fields(&applied.project.site, list),
        },
        tags: Vec::new(),
        list: sign_up.list.clone(),
        consent: sign_up.words.clone(),
        source: sign_up.page.clone(),
    };
    let arrival = applied.arrival(subscription, now);
    let resumed = asked.broken_off.iter().filter_map(|(id, before)| {
        let enters = arrival.enrollments.iter().any(|(campaign, _)| campaign == id);
        let resumed = applied.goes_on(id, zone.as_deref(), before, now);
        Some((id.clone(), resumed.filter(|_| enters)?))
    });
    let resumed = resumed.collect();
    let cleared = form.cleared(list);
    Consented { sign_up: *id, arrival, resumed, cleared }
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
