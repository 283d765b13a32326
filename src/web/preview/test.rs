//! What can be taken along: a link, a file, a test in a real inbox.

use std::time::Duration;

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Studio,
    asked::Asked,
    doors::{TestMail, Way},
    message::Shown,
    picture,
    reading::Reading,
    shell::{notice, page},
};
use crate::model::EmailAddress;

/// How long a page waits for a relay: less than an answer may take.
const PATIENCE: Duration = Duration::from_secs(12);

/// What the form says.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    to: String,
    way: String,
}

/// The panel under a mail.
pub(super) fn panel(studio: &Studio, reading: &Reading, shown: &Shown) -> Markup {
    let own = shown.path.strip_prefix("/campaign/").map(|rest| shown.asked.url(rest));
    let site = reading.project.as_ref().map(|project| &project.site);
    let to = site.map(|site| site.allow.first().map_or("", |own| own.as_str()));
    html! {
        section.take aria-label="Take it along" {
            button.quiet type="button" data-copy=(shown.asked.url(&shown.path)) hidden { "Copy link" }
            @if let Some(rest) = &own {
                a.quiet href={ "/eml/" (rest) } download { "Download .eml" }
                @if studio.doors.test.is_some() {
                    form.test method="post" action={ "/test/" (rest) } {
                        label for="to" { "Send me a test" }
                        input id="to" name="to" type="email" required autocomplete="email" value=[to];
                        button type="submit" name="way" value="relay" { "Send" }
                        @if studio.doors.inbox.is_some() {
                            button.quiet type="submit" name="way" value="inbox" { "Into the inbox here" }
                        }
                    }
                }
            }
        }
    }
}

/// POST `/test/{id}/{step}`: one real message, to whoever asks for it.
pub(super) async fn send(
    State(studio): State<Studio>,
    Path((id, step)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    Form(wanted): Form<Wanted>,
) -> Response {
    let reading = studio.reading();
    let Some(test) = &studio.doors.test else {
        let what = "This studio sends nothing.";
        return notice(&studio, &reading, StatusCode::FORBIDDEN, ("Not sent", what));
    };
    let now = studio.clock.now();
    let letter = match picture::letter(&reading, (&id, &step), &asked, now) {
        Ok(letter) => letter,
        Err(what) => {
            return notice(
                &studio,
                &reading,
                StatusCode::NOT_FOUND,
                ("Not sent", &what.to_string()),
            );
        }
    };
    let Ok(to) = EmailAddress::parse(wanted.to.trim()) else {
        let what = "This is not a whole email address. One looks like name@example.com.";
        return notice(&studio, &reading, StatusCode::UNPROCESSABLE_ENTITY, ("Not sent", what));
    };
    let way = if wanted.way == "inbox" { Way::Inbox } else { Way::Relay };
    if way == Way::Relay
        && let Some(what) = unfit(&reading, &id, &step)
    {
        return notice(&studio, &reading, StatusCode::CONFLICT, ("Not sent", what));
    }
    let Some(project) = &reading.project else {
        return notice(
            &studio,
            &reading,
            StatusCode::NOT_FOUND,
            ("Not sent", "There is no project."),
        );
    };
    let site = project.site.clone();
    let back = asked.url(&format!("/campaign/{id}/{step}"));
    let sending = test(TestMail { site, letter, to: to.clone(), way, at: now });
    let Ok(sent) = tokio::time::timeout(PATIENCE, sending).await else {
        let what = format!(
            "The relay takes its time. The mail to {to} is still being sent; look into your inbox before you send another."
        );
        return notice(&studio, &reading, StatusCode::ACCEPTED, ("Being sent", &what));
    };
    match sent {
        Ok(_) if way == Way::Inbox => Redirect::to("/inbox").into_response(),
        Ok(said) => {
            let what = format!("To {to}: {said}");
            told(&studio, (StatusCode::OK, "Sent"), &what, &back)
        }
        Err(what) => told(&studio, (StatusCode::BAD_GATEWAY, "Not sent"), &what, &back),
    }
}

/// What became of it, and the way back.
fn told(studio: &Studio, (status, title): (StatusCode, &str), what: &str, back: &str) -> Response {
    let content = html! {
        h1 { (title) }
        p { (what) }
        @if !status.is_success() {
            p.muted {
                "The relay is the one of " code { "[relay]" } " in fascicle.toml; for trying, "
                code { "fascicle catch" } " is one on this machine. Before " code { "production = true" }
                " it reaches only this machine and the addresses in " code { "allow" } "."
            }
        }
        p { a href=(back) data-soft { "Back to the mail" } }
    };
    (status, page(studio, &studio.reading(), title, &content)).into_response()
}

/// Why this mail may not leave the machine, if anything stands against it.
fn unfit(reading: &Reading, id: &str, step: &str) -> Option<&'static str> {
    let edition = reading.edition_of(id)?;
    let is_stale = reading
        .stale
        .iter()
        .any(|(campaign, stale)| campaign.as_str() == id && stale.as_str() == step);
    let is_broken = reading.trouble.is_some() || reading.against(&edition.campaign.id).has_errors();
    (is_stale || is_broken).then_some(
        "There are errors in its files. Mend them first, or look at it in the inbox here.",
    )
}
