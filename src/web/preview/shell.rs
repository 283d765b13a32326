//! The frame of every page of the preview.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};

use super::{Studio, reading::Reading};

/// The policy of our own pages: what a campaign says is only in frames.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// A page called `title` about what was read.
pub(super) fn page(reading: &Reading, title: &str, content: &Markup) -> Response {
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
                    span.where title="the project’s folder" { (reading.location) }
                    span.live data-keep role="status" {}
                }
                main id="content" tabindex="-1" { (content) }
            }
        }
    };
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(whole.into_string())).into_response()
}

/// A page that says one thing, with `status`.
pub(super) fn notice(
    reading: &Reading,
    status: StatusCode,
    (title, text): (&str, &str),
) -> Response {
    let content = html! {
        h1 { (title) }
        p { (text) }
        p { a href="/" data-soft { "All campaigns" } }
    };
    (status, page(reading, title, &content)).into_response()
}

/// Whatever else is asked for.
pub(super) async fn not_there(State(studio): State<Studio>) -> Response {
    let text = "There is no such page in this preview.";
    notice(&studio.reading(), StatusCode::NOT_FOUND, ("Not here", text))
}

/// The style sheet of the preview, over that of all pages.
pub(super) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("preview.css"))
}

/// `2 parts`, `1 part`.
pub(super) fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
