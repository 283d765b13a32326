//! A whole series on an axis of days, for one pretend subscriber.

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

use super::{
    Studio,
    asked::{Asked, Chosen},
    axis::{self, Item},
    findings::{Age, panel},
    home::status,
    picture::{self, THUMBNAIL, frame, inbox_line},
    reading::Reading,
    shell::{counted, notice, page},
    switches, who,
};
use crate::{
    engine::ExpectedOutcome,
    model::{Campaign, Step},
    rehearsal::Moment,
};

/// What a part's card needs.
struct Stage<'a> {
    reading: &'a Reading,
    chosen: &'a Chosen<'a>,
    asked: Asked,
    moments: Vec<Moment>,
}

/// GET `/campaign/{id}`.
pub(super) async fn show(
    State(studio): State<Studio>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let reading = studio.reading();
    let edition = match picture::edition(&reading, &id) {
        Ok(edition) => edition,
        Err(what) => {
            return notice(&reading, StatusCode::NOT_FOUND, ("Not here", &what.to_string()));
        }
    };
    let campaign = &edition.campaign;
    let chosen = Chosen::of(&reading, edition, &asked, studio.clock.now());
    let moments = chosen.walk.moments();
    let stage =
        Stage { reading: &reading, chosen: &chosen, asked: chosen.settled(&asked), moments };
    let path = format!("/campaign/{id}");
    let content = html! {
        div.head {
            h1 { (campaign.title) }
            p.facts {
                span class={ "status " (status(campaign.status)) } { (status(campaign.status)) }
                span { (counted(campaign.steps.len(), "part")) }
                span { (sum(&stage.moments)) }
            }
        }
        (panel(&reading.against(&campaign.id), reading.trouble.as_deref(), age(&reading, campaign)))
        div.bar {
            (who::form(&path, &reading, &chosen, &asked))
            (switches::look(&path, &asked))
        }
        (axis(&stage))
    };
    page(&reading, &campaign.title, &content)
}

/// Whether any picture of `campaign` is from before a mistake.
pub(super) fn age(reading: &Reading, campaign: &Campaign) -> Age {
    let is_old = reading.stale.iter().any(|(id, _)| *id == campaign.id);
    if is_old || reading.trouble.is_some() { Age::Before } else { Age::Now }
}

fn axis(stage: &Stage<'_>) -> Markup {
    let walk = &stage.chosen.walk;
    let until = stage.moments.last().map_or(walk.enrolled_at, |moment| moment.at);
    let changes = walk.clock_changes(until);
    let who = walk.sample.map_or("Somebody", |sample| sample.name.as_str());
    let start = walk.enrolled_at.to_zoned(walk.zone.clone());
    let begins_at_once = stage.moments.first().is_some_and(|moment| moment.gap.is_zero());
    html! {
        ol.axis aria-label={ "What " (who) " gets, day by day" } {
            @if !begins_at_once {
                li.start data-key="start" {
                    div.when {
                        span.day { (who) " enters" }
                        time { (start.strftime("%a %-d %b, %H:%M")) }
                    }
                }
            }
            @for item in axis::items(walk, &stage.moments, &changes) {
                @match item {
                    Item::Wait(wait) => (axis::wait(&wait)),
                    Item::Part(moment, since) => (part(stage, moment, &since)),
                }
            }
        }
    }
}

fn part(stage: &Stage<'_>, moment: &Moment, since: &str) -> Markup {
    let campaign = &stage.chosen.walk.edition.campaign;
    let Some(index) = campaign.step_index(&moment.step) else { return html! {} };
    let step = &campaign.steps[index];
    let class = match moment.outcome {
        ExpectedOutcome::Sent => "part sent",
        ExpectedOutcome::Skipped => "part skipped",
        ExpectedOutcome::Exited => "part exited",
    };
    html! {
        li class=(class) data-key=(step.id) {
            div.when {
                span.day { "Day " (moment.day) }
                time datetime=(moment.local.strftime("%FT%T%:z")) { (moment.local.strftime("%a %-d %b, %H:%M")) }
                span.gap { (since) }
            }
            @match moment.outcome {
                ExpectedOutcome::Sent => (sent(stage, moment, step)),
                ExpectedOutcome::Skipped => (skipped(stage, step)),
                ExpectedOutcome::Exited => (exited(stage, step)),
            }
        }
    }
}

fn sent(stage: &Stage<'_>, moment: &Moment, step: &Step) -> Markup {
    let walk = &stage.chosen.walk;
    let id = &walk.edition.campaign.id;
    let path = format!("/campaign/{id}/{}", step.id);
    let url = stage.asked.url(&path);
    let is_stale = stage.reading.stale.contains(&(id.clone(), step.id.clone()));
    let letter = match picture::of_step(walk, &stage.moments, &step.id) {
        Ok(letter) => letter,
        Err(what) => {
            return html! {
                div.card.missing { a href=(url) data-soft { (step.id) } p { (what) } }
            };
        }
    };
    let clock = moment.local.strftime("%H:%M").to_string();
    let from = sender(walk.edition);
    html! {
        a.inbox href=(url) data-soft { (inbox_line(from, &letter.rendered, &clock)) }
        @if is_stale { p.stale { "as it was before the mistake" } }
        div class={ "phone " (stage.asked.look.as_str()) } {
            (frame(&format!("/frame{path}"), &stage.asked, &letter.rendered, THUMBNAIL))
            a.cover href=(url) data-soft tabindex="-1" aria-hidden="true" {}
        }
    }
}

/// The name that stands in an inbox.
pub(super) fn sender(edition: &crate::campaign::Edition) -> &str {
    let site = &edition.site;
    if site.from_name.is_empty() { site.from.as_str() } else { &site.from_name }
}

fn skipped(stage: &Stage<'_>, step: &Step) -> Markup {
    let who = stage.chosen.walk.sample.map_or("them", |sample| sample.name.as_str());
    html! {
        div.card {
            p.step { (step_link(stage, step)) }
            p { "Skipped for " (who) ": " @if let Some(filter) = &step.skip_if { code { (filter) } } }
        }
    }
}

fn exited(stage: &Stage<'_>, step: &Step) -> Markup {
    let campaign = &stage.chosen.walk.edition.campaign;
    let who = stage.chosen.walk.sample.map_or("Somebody", |sample| sample.name.as_str());
    let index = campaign.step_index(&step.id).unwrap_or(0);
    html! {
        div.card {
            p.step { (who) " leaves here" }
            p { "The campaign’s exit holds: " @if let Some(exit) = &campaign.enroll.exit { code { (exit) } } }
            p { "Not sent any more:" }
            ul { @for step in &campaign.steps[index..] { li { (step_link(stage, step)) } } }
        }
    }
}

/// A part that is not sent can be read all the same.
fn step_link(stage: &Stage<'_>, step: &Step) -> Markup {
    let id = &stage.chosen.walk.edition.campaign.id;
    html! { a href=(stage.asked.url(&format!("/campaign/{id}/{}", step.id))) data-soft { (step.id) } }
}

/// `4 mails in 9 days`.
fn sum(moments: &[Moment]) -> String {
    let sent = moments.iter().filter(|moment| moment.outcome == ExpectedOutcome::Sent);
    let days = moments.last().map_or(0, |moment| moment.day);
    let days = counted(usize::try_from(days).unwrap_or(0), "day");
    format!("{} in {days}", counted(sent.count(), "mail"))
}
