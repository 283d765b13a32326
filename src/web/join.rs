//! Signing up. The answer is the same whatever is known about an address, and
//! nothing is looked up to make it: a form becomes one row, and the reception
//! looks at that later (REQ-100).

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    door::{self, Door, Values, go_to, join_path, list_value, open_list, show, trouble},
    form::Form,
    visitor::Visitor,
    zones,
};
use crate::{
    library::Applied,
    mail::{Purpose, Token},
    model::{EmailAddress, List, ListId, SignUp, Site},
    render::Page,
    time::{SignedDuration, Timestamp},
};

/// A form that comes back faster was filled in by a program (REQ-102).
const QUICKEST: SignedDuration = SignedDuration::from_secs(3);
/// A form that comes back later shows what may not be true any more.
const SLOWEST: SignedDuration = SignedDuration::from_hours(24);
/// The field that people do not see.
pub(super) const TRAP: &str = "homepage";
/// What is kept of a browser's name, and of where a form stood.
const NOTE_LENGTH_MAX: usize = 200;

/// What there is to say above the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Say {
    Nothing,
    /// The address is not one.
    BadEmail,
    /// It came from a form that we did not make.
    Look,
    Quick,
    Late,
    /// The words they agree to are others now.
    Changed,
}

impl Say {
    fn key(self) -> Option<&'static str> {
        match self {
            Say::Nothing => None,
            Say::BadEmail => Some("problem_email"),
            Say::Look => Some("remark_look"),
            Say::Quick => Some("remark_quick"),
            Say::Late => Some("remark_late"),
            Say::Changed => Some("remark_changed"),
        }
    }
}

/// GET: the form.
pub(super) async fn form(
    State(door): State<Door>,
    Path(name): Path<String>,
    visitor: Visitor,
) -> Response {
    let applied = match door.applied().await {
        Ok(applied) => applied,
        Err(response) => return response,
    };
    let (id, list) = match found(&applied, &name) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    let form = Form::empty(foreign(&applied, &visitor));
    let stamp = stamp(&door, id, list);
    show_form(&applied, (id, list), &form, (Say::Nothing, &stamp))
}

/// POST: from our page or from a form on another site.
pub(super) async fn send(
    State(door): State<Door>,
    Path(name): Path<String>,
    visitor: Visitor,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Response {
    let applied = match door.applied().await {
        Ok(applied) => applied,
        Err(response) => return response,
    };
    let (id, list) = match found(&applied, &name) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    let form = body.ok().and_then(|body| Form::parse(&body));
    let Some(mut form) = form else {
        return trouble(&applied, StatusCode::BAD_REQUEST, "large", Some(id));
    };
    if form.from.is_empty() {
        form.from = foreign(&applied, &visitor);
    }
    let site = &applied.project.site;
    let sent = format!("{}/sent", join_path(site, id));
    if !form.trap.is_empty() {
        // Whoever fills in everything is told what it wants to hear.
        return go_to(site, &sent);
    }
    let Ok(email) = EmailAddress::parse(&form.email) else {
        let stamp = form.stamp.clone().unwrap_or_else(|| stamp(&door, id, list));
        return show_form(&applied, (id, list), &form, (Say::BadEmail, &stamp));
    };
    let now = door.clock.now();
    if let Err(say) = check_stamp(&door, (id, list), form.stamp.as_deref(), now) {
        let kept = form.stamp.clone().filter(|_| say == Say::Quick);
        let stamp = kept.unwrap_or_else(|| stamp(&door, id, list));
        return show_form(&applied, (id, list), &form, (say, &stamp));
    }
    let network = visitor.network(&door.proxies);
    if !door.admits(network, now) {
        let mut response = trouble(&applied, StatusCode::TOO_MANY_REQUESTS, "busy", Some(id));
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("3600"));
        return response;
    }
    let sign_up = SignUp {
        list: id.clone(),
        email,
        zone: form.zone(),
        fields: form.fields(site, list),
        words: list.consent.clone(),
        snapshot: applied.snapshot.clone(),
        page: page_of(&applied, id, &form.from),
        network: network.to_string(),
        agent: visitor.header("user-agent", NOTE_LENGTH_MAX),
    };
    match door.store.note_sign_up(sign_up, now).await {
        Ok(()) => go_to(site, &sent),
        Err(_) => trouble(&applied, StatusCode::SERVICE_UNAVAILABLE, "later", Some(id)),
    }
}

/// GET: look in your inbox. The same for everybody.
pub(super) async fn sent(State(door): State<Door>, Path(name): Path<String>) -> Response {
    let applied = match door.applied().await {
        Ok(applied) => applied,
        Err(response) => return response,
    };
    let (_, list) = match found(&applied, &name) {
        Ok(found) => found,
        Err(response) => return *response,
    };
    let own = vec![("list", list_value(&list.title, &list.consent))];
    show(&applied, StatusCode::OK, Page::CheckInbox, own)
}

/// The open list called `name`, or the page that says that there is none.
fn found<'a>(applied: &'a Applied, name: &str) -> Result<(&'a ListId, &'a List), Box<Response>> {
    let gone = || Box::new(trouble(applied, StatusCode::NOT_FOUND, "gone", None));
    open_list(applied, name).ok_or_else(gone)
}

/// When a form was made, in a way that only we can say.
fn stamp(door: &Door, id: &ListId, list: &List) -> String {
    door.keys.token(Purpose::Form, subject(id, list), door.clock.now())
}

/// What a stamp is about: the list and the words that stood over the button.
fn subject(id: &ListId, list: &List) -> i64 {
    let hash = Sha256::digest(format!("{id}\n{}", list.consent));
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(bytes)
}

fn check_stamp(
    door: &Door,
    (id, list): (&ListId, &List),
    stamp: Option<&str>,
    now: Timestamp,
) -> Result<(), Say> {
    let token = stamp.and_then(|stamp| door.keys.verify(Purpose::Form, stamp));
    let Some(Token { subject: about, issued_at }) = token else { return Err(Say::Look) };
    if about != subject(id, list) {
        return Err(Say::Changed);
    }
    let age = now.duration_since(issued_at);
    if age < QUICKEST {
        return Err(Say::Quick);
    }
    if age > SLOWEST {
        return Err(Say::Late);
    }
    Ok(())
}

/// Where a form on another site stood, as far as the browser tells.
fn foreign(applied: &Applied, visitor: &Visitor) -> String {
    let referer = visitor.header("referer", NOTE_LENGTH_MAX);
    let is_page = referer.starts_with("https://") || referer.starts_with("http://");
    let own = applied.project.site.base_url.as_str();
    // `https://example.com.evil.example` is not below `https://example.com`.
    let is_own = referer
        .strip_prefix(own)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    if is_page && !is_own { referer } else { String::new() }
}

/// The source of a consent: our page, and the one that led there.
fn page_of(applied: &Applied, id: &ListId, from: &str) -> String {
    let own = format!("{}/join/{id}", applied.project.site.base_url);
    if from.is_empty() { own } else { format!("{own} (from {from})") }
}

fn show_form(
    applied: &Applied,
    (id, list): (&ListId, &List),
    form: &Form,
    (say, stamp): (Say, &str),
) -> Response {
    let site = &applied.project.site;
    let said = say.key().map_or(String::new(), |key| {
        let own: Values = vec![
            ("site", json!({"name": site.name})),
            ("list", list_value(&list.title, &list.consent)),
        ];
        applied
            .project
            .pages
            .as_ref()
            .map_or(String::new(), |pages| pages.say(Page::SignUp, key, own))
    });
    let (problem, remark) =
        if say == Say::BadEmail { (said, String::new()) } else { (String::new(), said) };
    let status = if problem.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut own = values(site, (id, list), form, stamp);
    own.extend([("problem", json!(problem)), ("remark", json!(remark))]);
    show(applied, status, Page::SignUp, own)
}

/// What the form says by itself.
pub(super) fn values(
    site: &Site,
    (id, list): (&ListId, &List),
    form: &Form,
    stamp: &str,
) -> Values {
    let mut values = about_them(site, list, form);
    values.extend([
        ("list", list_value(&list.title, &list.consent)),
        ("form_url", json!(join_path(site, id))),
        ("email", json!(form.email)),
        ("stamp", json!(stamp)),
        ("from", json!(form.from)),
    ]);
    values
}

/// The questions of `list` about a person, with what `form` answers.
pub(super) fn about_them(site: &Site, list: &List, form: &Form) -> Values {
    let fields = list.ask.iter().filter_map(|name| {
        let field = site.fields.get(name)?;
        let value = form.field(name.as_str());
        Some(json!({"name": name, "label": field.label, "value": value, "max": field.max}))
    });
    vec![
        ("fields", Value::Array(fields.collect())),
        ("zones", zones::choices(form.zone.as_deref().unwrap_or_default())),
        ("script_url", json!(format!("{}/zone.js", door::base_path(site)))),
    ]
}
