//! The page `/play`.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{Html, IntoResponse as _, Response},
};
use maud::{DOCTYPE, Markup, html};

use super::{
    Tales,
    calendar::Calendar,
    ledger, table,
    tale::{Account, Happened, Tale},
};
use crate::time::{SignedDuration, TimeZone, Timestamp};

/// Nothing but our own style and script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'none'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// GET `/play`.
pub(super) async fn show(State(tales): State<Tales>) -> Response {
    let tale: Arc<Tale> = tales.borrow().clone();
    let whole = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "The play · " (tale.title) }
                link rel="stylesheet" href="/style.css";
                link rel="stylesheet" href="/play.css";
                script type="module" src="/play.js" {}
            }
            body {
                a.skip href="#content" { "To the content" }
                header.top {
                    a.home href=(tale.series) { (tale.title) }
                    nav aria-label="The demo" {
                        a href=(tale.series) { "The series" }
                        a href="/play" aria-current="page" { "The play" }
                        a href="/inbox" { "The inbox" }
                    }
                }
                main id="content" tabindex="-1" { (content(&tale)) }
            }
        }
    };
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(whole.into_string())).into_response()
}

fn content(tale: &Tale) -> Markup {
    let calendar = Calendar::of(tale);
    let is_over = tale.account.is_some();
    let until = tale.happenings.iter().map(|one| one.at).max().unwrap_or(tale.started_at);
    html! {
        div.play data-from=(tale.started_at.as_millisecond()) data-until=(until.as_millisecond())
            data-state=(if is_over { "over" } else { "going" }) {
            h1 { "To each their own morning" }
            (introduction(tale, &calendar))
            div.controls hidden {
                button.run type="button" { "Play" }
                label.moment {
                    span.unseen { "Moment of the play" }
                    input type="range" min="0" max="1000" value="1000";
                }
                p.clock aria-hidden="true" {}
                label.speed {
                    "Speed "
                    select {
                        option value="0.4" { "slow" }
                        option value="1" selected { "20 seconds" }
                        option value="3" { "fast" }
                    }
                }
            }
            (counts(tale))
            @if !is_over { p.going role="status" { "The play is still going on: " (tale.happenings.len()) " things have happened." } }
            @if tale.happenings.is_empty() { p { "Nothing has arrived yet." } }
            @else { (table::draw(tale, &calendar)) }
            (legend(tale))
            @if let Some(account) = &tale.account { (ledger::draw(account)) }
        }
    }
}

fn introduction(tale: &Tale, calendar: &Calendar<'_>) -> Markup {
    let began = tale.started_at.to_zoned(TimeZone::UTC);
    let zones = calendar.groups.len();
    let is_crash = !tale.kills.is_empty();
    html! {
        p.lead {
            (tale.people.len()) " people"
            @if is_crash { ", made of a few samples," }
            " in "
            @if zones == 1 { "one time zone" } @else { (zones) " time zones" }
            " signed up on " (began.strftime("%A, %-d %B %Y at %H:%M")) " UTC. Each has a row, each day of their own "
            "calendar a column, and every mark is a mail that arrived, by their own clock. "
            @if calendar.groups.iter().any(|group| !group.changes.is_empty()) {
                "Where clocks change on the way, the morning stays the morning. "
            }
            @if is_crash {
                "Meanwhile the sending process was killed " (tale.kills.len()) " times. "
                @if tale.account.is_some() { "What it came to is in " a href="#ledger" { "the ledger" } "." }
            }
        }
        p.muted {
            "What is shown was recorded: real SMTP, a real database, and a clock that jumped from one due instant to the next. "
            span.replay hidden { "The button shows the days as they passed, in seconds." }
        }
    }
}

/// What it came to so far.
fn counts(tale: &Tale) -> Markup {
    let is_crash = !tale.kills.is_empty();
    let over = tale.account.as_ref();
    let final_of = |count: fn(&Account) -> usize| over.map(count);
    let so_far =
        |is: fn(&Happened) -> bool| tale.happenings.iter().filter(|one| is(&one.what)).count();
    let arrived = so_far(|what| what.arrival().is_some_and(|arrival| !arrival.is_copy));
    let copies = so_far(|what| what.arrival().is_some_and(|arrival| arrival.is_copy));
    let skipped = so_far(|what| matches!(what, Happened::Skipped(_)));
    let left = so_far(|what| matches!(what, Happened::Left | Happened::Exited));
    html! {
        dl.counts {
            (count("mail", if is_crash { "arrived" } else { "sent" }, Some(arrived)))
            (count("skip", "skipped", Some(skipped)))
            (count("left", "left early", Some(left)))
            (count("waiting", "waiting", final_of(|account| account.waiting)))
            @if is_crash { (count("kill", "times killed", Some(tale.kills.len()))) }
            (count("lost", "lost", final_of(|account| account.lost)))
            @if is_crash { (count("copy", "copies", Some(copies))) }
        }
    }
}

fn count(kind: &str, word: &str, count: Option<usize>) -> Markup {
    let number = count.map_or("–".to_owned(), |count| count.to_string());
    html! { div { dt { (word) } dd data-count=(kind) { (number) } } }
}

fn legend(tale: &Tale) -> Markup {
    html! {
        section.legend aria-labelledby="parts" {
            h2 id="parts" { "The parts" }
            ol { @for part in &tale.parts { li { (part) } } }
            p.muted {
                span.mark.asked { "?" } " asks whether they want it; they press the button. "
                span.mark.turn { "+1 h" } " here the clocks of their zone change. "
                @if !tale.kills.is_empty() {
                    span.mark.killed { "✕" } " the sender was killed. "
                    span.mark.again { "1" } " a copy of a mail that was there already."
                }
            }
        }
    }
}

/// `+1 h`, `−30 min`.
pub(super) fn shift(shift: SignedDuration) -> String {
    let sign = if shift.is_negative() { '−' } else { '+' };
    let minutes = shift.unsigned_abs().as_secs() / 60;
    if minutes.is_multiple_of(60) {
        format!("{sign}{} h", minutes / 60)
    } else {
        format!("{sign}{minutes} min")
    }
}

/// For the module: an instant in milliseconds.
pub(super) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}
