//! What all public pages share: the doors behind them, and how a page of the
//! project becomes an answer.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use ipnet::IpNet;
use serde_json::{Value, json};

use super::{limit::Limits, page::notice};
use crate::{
    library::{Applied, Library},
    mail::Keys,
    model::{List, ListId, Site},
    render::Page,
    store::Store,
    time::{Clock, Timestamp},
};

/// The policy of the public pages: nothing but our own style and our own
/// script, forms to ourselves, in nobody's frame (REQ-117).
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the public pages need.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) store: Store,
    pub(super) library: Library,
    pub(super) keys: Keys,
    pub(super) clock: Clock,
    /// Whose word about a visitor's address is believed.
    pub(super) proxies: Arc<[IpNet]>,
    pub(super) limits: Arc<Mutex<Limits>>,
}

/// Values for a page.
pub(super) type Values = Vec<(&'static str, Value)>;

impl Door {
    /// The project as it was applied last; an answer when there is none.
    pub(super) async fn applied(&self) -> Result<Arc<Applied>, Response> {
        match self.library.current().await {
            Ok(Some(applied)) => Ok(applied),
            Ok(None) => {
                let text = "Nothing was published here yet.";
                Err(notice(StatusCode::NOT_FOUND, "Nothing here yet", text))
            }
            Err(_) => Err(not_now()),
        }
    }

    /// Counts a form from `network`. Returns whether it may come in.
    pub(super) fn admits(&self, network: IpNet, now: Timestamp) -> bool {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner).admit(network, now)
    }
}

/// A public list of the project.
pub(super) fn open_list<'a>(applied: &'a Applied, name: &str) -> Option<(&'a ListId, &'a List)> {
    let found = applied.project.site.lists.iter().find(|(id, _)| id.as_str() == name);
    // Whom we cannot ask we do not let wait for a mail.
    let can_ask = applied.project.confirmation.is_some();
    found.filter(|(_, list)| list.takes_sign_ups && can_ask)
}

/// The path under which our pages are served: `base_url` may have one.
pub(super) fn base_path(site: &Site) -> &str {
    let rest = site.base_url.split_once("://").map_or("", |(_, rest)| rest);
    rest.find('/').map_or("", |at| &rest[at..])
}

/// Where one signs up for `list`, as a path.
pub(super) fn join_path(site: &Site, list: &ListId) -> String {
    format!("{}/join/{list}", base_path(site))
}

/// `list.title` and `list.consent`.
pub(super) fn list_value(title: &str, consent: &str) -> Value {
    json!({"title": title, "consent": consent})
}

/// `page` of the project with `own` values, as an answer.
pub(super) fn show(applied: &Applied, status: StatusCode, page: Page, own: Values) -> Response {
    let site = &applied.project.site;
    let mut values = own;
    values.extend(site_values(site));
    let Some(pages) = &applied.project.pages else { return not_now() };
    let Ok(html) = pages.render(page, values) else { return not_now() };
    let mut response = (status, axum::response::Html(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    insist_on_tls(headers, site);
    // Of use to nobody who only has the page.
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}

/// What every page of `site` may say.
pub(super) fn site_values(site: &Site) -> Values {
    let value = json!({"name": site.name, "address": site.address, "base_url": site.base_url});
    vec![("site", value), ("style_url", json!(format!("{}/pages.css", base_path(site))))]
}

/// A page about something in the way: its words begin with `key`.
pub(super) fn trouble(
    applied: &Applied,
    status: StatusCode,
    key: &str,
    list: Option<&ListId>,
) -> Response {
    let site = &applied.project.site;
    let say = |part: &str| {
        let pages = applied.project.pages.as_ref();
        let own = site_values(site);
        json!(pages.map(|pages| pages.say(Page::Notice, &format!("{key}_{part}"), own)))
    };
    let is_open = |list: &&ListId| open_list(applied, list.as_str()).is_some();
    let join_url = list.filter(is_open).map_or(String::new(), |list| join_path(site, list));
    let own =
        vec![("heading", say("heading")), ("text", say("text")), ("join_url", json!(join_url))];
    show(applied, status, Page::Notice, own)
}

/// When not even the project can be read: the database refuses.
pub(super) fn not_now() -> Response {
    let text = "We could not look it up just now. Please try again in a minute.";
    notice(StatusCode::SERVICE_UNAVAILABLE, "Not now", text)
}

/// Sends the browser on to `path` of `site`, with GET.
pub(super) fn go_to(site: &Site, path: &str) -> Response {
    // Made of names and tokens: always a header's value.
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    insist_on_tls(response.headers_mut(), site);
    response
}

/// Where links are https, browsers come back by https only (RFC 6797).
fn insist_on_tls(headers: &mut HeaderMap, site: &Site) {
    if site.base_url.starts_with("https://") {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
}

/// Any address that leads nowhere, in the project's look.
pub(super) async fn nothing_here(State(door): State<Door>) -> Response {
    match door.applied().await {
        Ok(applied) => trouble(&applied, StatusCode::NOT_FOUND, "gone", None),
        Err(response) => response,
    }
}
