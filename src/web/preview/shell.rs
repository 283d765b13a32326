//! The frame of every page of the preview.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};

use super::{Studio, reading::Reading};

/// The policy of our own pages: what a campaign says is only in frames.
/// `form` is where else a form may go.
fn policy(form: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; frame-src 'self'; form-action 'self'{form}; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// A page called `title` about what was read.
pub(super) fn page(studio: &Studio, reading: &Reading, title: &str, content: &Markup) -> Response {
    page_to(studio, reading, (title, None), content)
}

/// The same, with a form that goes to another origin.
pub(super) fn page_to(
    studio: &Studio,
    reading: &Reading,
    (title, target): (&str, Option<&str>),
    content: &Markup,
) -> Response {
    let name = reading.name();
    let whole = html! {
        (DOCTYPE)
        html lang="en" data-edition=(reading.edition()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (name) " · fascicle preview" }
                link rel="stylesheet" href="/style.css";
                link rel="stylesheet" href="/preview.css";
                script type="module" src="/live.js" {}
            }
            body {
                a.skip href="#content" { "To the content" }
                header.top {
                    a.home href="/" data-soft { (name) }
                    nav.rooms aria-label="Studio" {
                        a href="/" data-soft { "Campaigns" }
                        @if studio.doors.has_play { a href="/play" { "Play" } }
                        @if studio.doors.inbox.is_some() { a href="/inbox" data-soft { "Inbox" } }
                    }
                    span.where title="the project’s folder" { (reading.location) }
                    span.live data-keep role="status" {}
                }
                main id="content" tabindex="-1" { (content) }
            }
        }
    };
    let form = target.map_or_else(String::new, |origin| format!(" {origin}"));
    // Without a referrer a form would come from nowhere, and be refused.
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy(&form)),
        (header::REFERRER_POLICY, "same-origin".to_owned()),
    ];
    (headers, Html(whole.into_string())).into_response()
}

/// A page that says one thing, with `status`.
pub(super) fn notice(
    studio: &Studio,
    reading: &Reading,
    status: StatusCode,
    (title, text): (&str, &str),
) -> Response {
    let content = html! {
        h1 { (title) }
        p { (text) }
        p { a href="/" data-soft { "All campaigns" } }
    };
    (status, page(studio, reading, title, &content)).into_response()
}

/// A page that says why something is not there.
pub(super) fn absent(studio: &Studio, reading: &Reading, what: &impl ToString) -> Response {
    notice(studio, reading, StatusCode::NOT_FOUND, ("Not here", &what.to_string()))
}

/// Whatever else is asked for.
pub(super) async fn not_there(State(studio): State<Studio>) -> Response {
    let text = "There is no such page in this preview.";
    notice(&studio, &studio.reading(), StatusCode::NOT_FOUND, ("Not here", text))
}

const CSS: &str = concat!(
    include_str!("preview.css"),
    include_str!("series.css"),
    include_str!("message.css"),
    include_str!("people.css"),
);

/// The style sheet of the preview, over that of all pages.
pub(super) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], CSS)
}

/// `2 parts`, `1 part`.
pub(super) fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// Names and values of a message's headers, as they go over the wire, unfolded.
pub(super) fn headers(message: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(message);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let unfolded = head.replace("\r\n\t", " ").replace("\r\n ", " ");
    let lines = unfolded.lines().filter_map(|line| line.split_once(':'));
    lines.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
}
