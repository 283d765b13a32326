//! The mailbox: what the catcher caught. Plain pages, no JavaScript.

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};

use super::page::{notice, page};
use crate::mail::{Catcher, Caught};

/// Mails on one page.
const SHOWN_MAX: usize = 500;

/// Headers that a mail's page shows.
const HEADERS: [&str; 9] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
];

/// The way in, where the mailbox is all there is.
pub(super) async fn door() -> Redirect {
    Redirect::temporary("/inbox")
}

/// All mails, the newest first.
pub(super) async fn list(State(catcher): State<Catcher>) -> Response {
    let caught = catcher.caught();
    let content = html! {
        h1 class="wide" { "Mailbox" }
        p class="muted" {
            @match caught.len() {
                0 => "Nothing was caught yet.",
                1 => "One mail was caught.",
                n => { (n) " mails were caught. The newest is first." }
            }
        }
        ul class="mails" {
            @for mail in caught.iter().rev().take(SHOWN_MAX) { li { (line(mail)) } }
        }
        @if caught.len() > SHOWN_MAX { p class="muted" { "The older ones are not listed." } }
    };
    page("Mailbox", &content).into_response()
}

fn line(mail: &Caught) -> Markup {
    html! {
        a href={ "/inbox/" (mail.number) } {
            span class="to" { (mail.to.join(", ")) }
            span class="subject" { (mail.header("Subject").unwrap_or_default()) }
            span class="when" { (mail.header("Date").unwrap_or_default()) }
        }
    }
}

/// One mail: headers, and its HTML in a frame that can do nothing.
pub(super) async fn show(State(catcher): State<Catcher>, Path(number): Path<usize>) -> Response {
    let Some(mail) = catcher.find(number) else { return not_there() };
    let subject = mail.header("Subject").unwrap_or_default();
    let content = html! {
        nav class="wide" {
            a href="/inbox" { "All mails" }
            a href={ "/inbox/" (number) "/text" } { "Text" }
            a href={ "/inbox/" (number) "/html" } { "HTML alone" }
            a href={ "/inbox/" (number) "/source" } { "Source" }
        }
        h1 { (subject) }
        dl {
            @for name in HEADERS {
                @if let Some(value) = mail.header(name) {
                    dt { (name) }
                    dd { @if name == "List-Unsubscribe" { (unsubscribe(&mail)) } @else { (value) } }
                }
            }
        }
        iframe src={ "/inbox/" (number) "/html" } title={ "The mail: " (subject) }
            sandbox="allow-popups allow-popups-to-escape-sandbox" {}
    };
    page(&subject, &content).into_response()
}

/// The way out, as something to try. Only http(s) becomes a link.
fn unsubscribe(mail: &Caught) -> Markup {
    let url = mail.unsubscribe_url().unwrap_or_default();
    html! {
        @if url.starts_with("http://") || url.starts_with("https://") {
            a href=(url) rel="noreferrer" { (url) }
        } @else { (url) }
    }
}

/// The HTML part alone, on an opaque origin where nothing runs (REQ-113). A
/// link opens a window of its own, so that a mail can be followed; on this
/// machine only images of campaigns can be asked for.
pub(super) async fn html(State(catcher): State<Catcher>, Path(number): Path<usize>) -> Response {
    const POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; \
                          default-src 'none'; style-src 'unsafe-inline'; \
                          img-src https: data: http://127.0.0.1:*/i/ http://localhost:*/i/";
    let Some(html) = part(&catcher, number, "text/html") else { return not_there() };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, html).into_response()
}

/// The text part alone.
pub(super) async fn text(State(catcher): State<Catcher>, Path(number): Path<usize>) -> Response {
    let Some(text) = part(&catcher, number, "text/plain") else { return not_there() };
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// The mail as it came.
pub(super) async fn source(State(catcher): State<Catcher>, Path(number): Path<usize>) -> Response {
    let Some(mail) = catcher.find(number) else { return not_there() };
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], mail.bytes.to_vec()).into_response()
}

fn part(catcher: &Catcher, number: usize, content_type: &str) -> Option<String> {
    let parts = catcher.find(number)?.parts();
    parts.into_iter().find(|part| part.content_type == content_type).map(|part| part.text)
}

fn not_there() -> Response {
    notice(
        StatusCode::NOT_FOUND,
        "Not here",
        "There is no such mail, or it made room for newer ones.",
    )
}
