//! The inbox: mails that were caught, as their readers get them, with headers,
//! parts and source; and the way out, to be tried.

use axum::{
    extract::{Path, Query, State},
    http::header,
    response::{Html, IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Studio,
    asked::Look,
    frame, picture,
    shell::{self, absent, counted, page},
};
use crate::{mail::Caught, rehearsal, web::here::is_loopback};

/// Mails on one page.
const SHOWN_MAX: usize = 300;

/// Which side of a mail.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Side {
    view: String,
}

/// GET `/inbox`.
pub(super) async fn list(State(studio): State<Studio>) -> Response {
    let reading = studio.reading();
    let Some(catcher) = &studio.doors.inbox else { return nothing(&studio) };
    let caught = catcher.caught();
    let content = html! {
        div.head {
            h1 { "Inbox" }
            p.facts { span { (counted(caught.len(), "mail")) } span { "caught on this machine; nothing left it" } }
        }
        @if caught.is_empty() {
            p.muted { "Nothing was caught yet. Open a mail and send a test here, or point a relay at "
                code { (catcher.address()) } "." }
        }
        ul.caught {
            @for mail in caught.iter().rev().take(SHOWN_MAX) {
                li data-key={ "mail-" (mail.number) } { (line(mail)) }
            }
        }
        @if caught.len() > SHOWN_MAX { p.muted { "The older ones are not listed." } }
    };
    page(&studio, &reading, "Inbox", &content)
}

fn line(mail: &Caught) -> Markup {
    let from = mail.header("From").unwrap_or_default();
    let name = from.split('<').next().unwrap_or_default().trim().trim_matches('"').to_owned();
    let name = if name.is_empty() { from } else { name };
    let initial: String = name.chars().find(|c| c.is_alphanumeric()).into_iter().collect();
    html! {
        a.inbox href={ "/inbox/" (mail.number) } {
            span.avatar aria-hidden="true" { (initial.to_uppercase()) }
            span.from { (name) " → " (mail.to.join(", ")) }
            span.clock { (short_date(mail)) }
            span.subject { (mail.header("Subject").unwrap_or_default()) }
            span.teaser { (beginning(mail)) }
        }
    }
}

/// `Mon 6 Apr, 12:30` of `Mon, 6 Apr 2026 12:30:00 +0000`, where it is like that.
fn short_date(mail: &Caught) -> String {
    let date = mail.header("Date").unwrap_or_default();
    let words: Vec<&str> = date.split_whitespace().collect();
    match words.as_slice() {
        [weekday, day, month, _, clock, "+0000"] if clock.len() == 8 => {
            format!("{} {day} {month}, {} UTC", weekday.trim_end_matches(','), &clock[..5])
        }
        _ => date,
    }
}

/// What an inbox shows after the subject: what a mail hides for it, else how
/// its text begins.
fn beginning(mail: &Caught) -> String {
    let hidden = part(mail, "text/html").and_then(|html| picture::hidden_beginning(&html));
    let text = hidden.or_else(|| part(mail, "text/plain")).unwrap_or_default();
    text.split_whitespace().take(24).collect::<Vec<_>>().join(" ")
}

/// GET `/inbox/{number}`.
pub(super) async fn show(
    State(studio): State<Studio>,
    Path(number): Path<usize>,
    Query(side): Query<Side>,
) -> Response {
    let reading = studio.reading();
    let Some(mail) = find(&studio, number) else { return nothing(&studio) };
    let subject = mail.header("Subject").unwrap_or_default();
    let way_out = mail.unsubscribe_url().filter(|url| url.starts_with("http"));
    let leads_nowhere = reading.project.as_ref().map(|project| rehearsal::way_out(&project.site));
    let is_test = way_out.is_some() && way_out == leads_nowhere;
    let content = html! {
        div.head {
            p.crumbs { a href="/inbox" data-soft { "Inbox" } " › " (number) }
            h1 { (subject) }
            p.facts {
                span { "to " (mail.to.join(", ")) }
                span { (mail.header("Date").unwrap_or_default()) }
                span { (mail.bytes.len() / 1000) " kB" }
            }
        }
        div.bar { (views(number, &side.view)) @if let Some(url) = &way_out { @if is_test { p.muted { "A test: nobody is on a list by it, and its way out leads nowhere." } } @else { (leave(&mail, url)) } } }
        (content_of(&mail, &side.view, &subject))
    };
    // A form may go to where the mail says, and nowhere else.
    let target = way_out.as_deref().and_then(origin).filter(|origin| is_local(origin));
    shell::page_to(&studio, &reading, (&subject, target), &content)
}

fn views(number: usize, current: &str) -> Markup {
    let views = [
        ("", "Mail"),
        ("text", "Text"),
        ("headers", "Headers"),
        ("parts", "Parts"),
        ("source", "Source"),
    ];
    html! {
        nav.tabs aria-label="Which side of the mail" {
            @for (view, label) in views {
                @let url = if view.is_empty() { format!("/inbox/{number}") } else { format!("/inbox/{number}?view={view}") };
                a href=(url) aria-current=[(view == current).then_some("true")] { (label) }
            }
        }
    }
}

fn content_of(mail: &Caught, view: &str, subject: &str) -> Markup {
    let source = String::from_utf8_lossy(&mail.bytes);
    html! {
        @match view {
            "text" => pre.side tabindex="0" role="region" aria-label="The text part" { (part(mail, "text/plain").unwrap_or_default()) },
            "source" => pre.side tabindex="0" role="region" aria-label="The source" { (source) },
            "headers" => {
                dl.side {
                    @for (name, value) in shell::headers(&mail.bytes) { dt { (name) } dd { (value) } }
                }
            },
            "parts" => {
                ul.side {
                    @for part in mail.parts() { li { code { (part.content_type) } ", " (part.text.len()) " bytes" } }
                }
            },
            _ => {
                div.desk.full {
                    div.sheet {
                        div.paper {
                            iframe.mail.whole src={ "/inbox/" (mail.number) "/html" } title={ "The mail: " (subject) }
                                sandbox="allow-scripts" {}
                        }
                    }
                }
                p.leads data-keep aria-live="polite" {}
            },
        }
    }
}

/// The way out, as a mail program takes it (RFC 8058), and as a person does.
fn leave(mail: &Caught, url: &str) -> Markup {
    let is_one_click = mail.header("List-Unsubscribe-Post").is_some();
    html! {
        div.leave {
            @if is_one_click && origin(url).is_some_and(is_local) {
                form method="post" action=(url) target="_blank" rel="noopener" {
                    input type="hidden" name="List-Unsubscribe" value="One-Click";
                    button.quiet type="submit" { "Unsubscribe with one click" }
                }
            }
            a.quiet href=(url) target="_blank" rel="noopener noreferrer" { "Open the way out" }
        }
    }
}

/// `http://127.0.0.1:8400` of an address there.
fn origin(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let is_plain = host.bytes().all(|c| c.is_ascii_alphanumeric() || b".:[]-".contains(&c));
    is_plain.then(|| &url[..scheme.len() + 3 + host.len()])
}

fn is_local(origin: &str) -> bool {
    origin.split_once("://").is_some_and(|(_, host)| is_loopback(host))
}

/// GET `/inbox/{number}/html`: the HTML part alone, on an opaque origin.
pub(super) async fn html(State(studio): State<Studio>, Path(number): Path<usize>) -> Response {
    let html = find(&studio, number).and_then(|mail| part(&mail, "text/html"));
    let Some(html) = html else { return nothing(&studio) };
    let html = frame::dressed(&html, Look::Light, &[]);
    let policy = frame::policy("style-src 'unsafe-inline'");
    let policy =
        policy.replace("img-src https: data:", "img-src https: data: http://127.0.0.1:*/i/");
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
}

fn find(studio: &Studio, number: usize) -> Option<Caught> {
    studio.doors.inbox.as_ref()?.find(number)
}

fn part(mail: &Caught, content_type: &str) -> Option<String> {
    let parts = mail.parts();
    parts.into_iter().find(|part| part.content_type == content_type).map(|part| part.text)
}

fn nothing(studio: &Studio) -> Response {
    let what = "There is no such mail here, or it made room for newer ones.";
    absent(studio, &studio.reading(), &what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_goes_only_to_this_machine() {
        assert_eq!(origin("http://127.0.0.1:8400/u/abc"), Some("http://127.0.0.1:8400"));
        assert_eq!(origin("http://a b/u"), None);
        assert!(is_local("http://localhost:1"));
        assert!(!is_local("http://localhost.example.com"));
        assert!(!is_local("https://example.com"));
    }
}
