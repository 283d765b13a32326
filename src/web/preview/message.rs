//! One message: as HTML, text, headers and source.

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

use super::{
    Studio,
    asked::{Asked, Chosen, View, sample},
    findings::{Age, panel},
    picture::{self, Found, frame, inbox_line},
    reading::Reading,
    series::{age, sender},
    shell::{notice, page},
    switches, who,
};
use crate::{
    diagnostic::Diagnostics,
    engine::ExpectedOutcome,
    model::{Rendered, StepId},
    rehearsal::{Letter, Moment},
};

/// Gmail cuts a mail whose HTML is larger.
const GMAIL_BYTES: usize = 102_000;

/// A message and what stands around it.
struct Shown {
    path: String,
    asked: Asked,
    /// Where it belongs.
    crumbs: Markup,
    title: String,
    from: String,
    clock: String,
    facts: Vec<String>,
    form: Markup,
    findings: Diagnostics,
    age: Age,
    turns: Markup,
}

/// GET `/campaign/{id}/{step}`.
pub(super) async fn show(
    State(studio): State<Studio>,
    Path((id, step)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    let reading = studio.reading();
    let found = picture::edition(&reading, &id)
        .and_then(|edition| picture::step(edition, &step).map(|step| (edition, &step.id)));
    let (edition, step) = match found {
        Ok(found) => found,
        Err(what) => {
            return notice(&reading, StatusCode::NOT_FOUND, ("Not here", &what.to_string()));
        }
    };
    let campaign = &edition.campaign;
    let chosen = Chosen::of(&reading, edition, &asked, studio.clock.now());
    let moments = chosen.walk.moments();
    let letter = picture::of_step(&chosen.walk, &moments, step);
    let moment = moments.iter().find(|moment| moment.step == *step);
    let settled = chosen.settled(&asked);
    let path = format!("/campaign/{id}/{step}");
    let series = settled.url(&format!("/campaign/{id}"));
    let number = campaign.step_index(step).unwrap_or(0) + 1;
    let mut facts = vec![format!("part {number} of {}", campaign.steps.len())];
    facts.push(fate(moment, &chosen));
    let is_stale = reading.stale.contains(&(campaign.id.clone(), step.clone()));
    if is_stale {
        facts.push("as it was before the mistake".to_owned());
    }
    let shown = Shown {
        crumbs: html! { a href=(series) data-soft { (campaign.title) } },
        title: step.to_string(),
        from: sender(edition).to_owned(),
        clock: moment.map_or_else(String::new, |moment| moment.local.strftime("%H:%M").to_string()),
        facts,
        form: who::form(&path, &reading, &chosen, &asked),
        findings: reading.against(&campaign.id),
        age: age(&reading, campaign),
        turns: turns(&settled, edition, number - 1),
        path,
        asked: settled,
    };
    draw(&reading, &shown, letter)
}

/// When a part is sent, or why it is not.
fn fate(moment: Option<&Moment>, chosen: &Chosen<'_>) -> String {
    let Some(moment) = moment else { return "not reached".to_owned() };
    match moment.outcome {
        ExpectedOutcome::Sent => {
            let when = moment.local.strftime("%A %-d %B %Y, %H:%M");
            format!("day {}, {when}, {}", moment.day, chosen.zone)
        }
        ExpectedOutcome::Skipped => "skipped for this person".to_owned(),
        ExpectedOutcome::Exited => "not sent: this person leaves before it".to_owned(),
    }
}

/// The part before, and the one after.
fn turns(asked: &Asked, edition: &crate::campaign::Edition, index: usize) -> Markup {
    let campaign = &edition.campaign;
    let link = |step: &StepId| asked.url(&format!("/campaign/{}/{step}", campaign.id));
    let before = index.checked_sub(1).and_then(|index| campaign.steps.get(index));
    let after = campaign.steps.get(index + 1);
    html! {
        nav.turns aria-label="Other parts" {
            @if let Some(step) = before { a rel="prev" href=(link(&step.id)) data-soft { "← " (step.id) } }
            @if let Some(step) = after { a rel="next" href=(link(&step.id)) data-soft { (step.id) " →" } }
        }
    }
}

/// GET `/confirmation`.
pub(super) async fn confirmation(
    State(studio): State<Studio>,
    Query(asked): Query<Asked>,
) -> Response {
    let reading = studio.reading();
    let letter = picture::confirmation(&reading, &asked, studio.clock.now());
    let title = match (&reading.project, picture::list(&reading, &asked.list)) {
        (Some(project), Ok(list)) => project.site.lists[list].title.clone(),
        (_, Err(what)) => {
            return notice(&reading, StatusCode::NOT_FOUND, ("Not here", &what.to_string()));
        }
        (None, Ok(_)) => String::new(),
    };
    let site = reading.project.as_ref().map(|project| &project.site);
    let mut notices = Vec::new();
    let sample = sample(&reading, &asked.sample, &mut notices);
    let path = "/confirmation".to_owned();
    let shown = Shown {
        crumbs: html! { "The list “" (title) "”" },
        title: "Confirmation".to_owned(),
        from: site.map_or_else(String::new, |site| site.from_name.clone()),
        clock: "now".to_owned(),
        facts: vec!["sent at once, when somebody signs up".to_owned()],
        form: html! {
            (who::short_form(&path, &reading, &asked, sample))
            (who::notices(&notices))
        },
        findings: reading.diagnostics.only(|found| {
            let file = &*found.place.file;
            file.starts_with("templates/") || file == "fascicle.toml" || file == "samples.toml"
        }),
        age: if reading.diagnostics.has_errors() { Age::Before } else { Age::Now },
        turns: html! {},
        path,
        asked,
    };
    draw(&reading, &shown, letter)
}

fn draw(reading: &Reading, shown: &Shown, letter: Found) -> Response {
    let (title, drawn) = match &letter {
        Ok(letter) => (letter.rendered.subject.clone(), drawn(shown, letter)),
        Err(what) => (shown.title.clone(), html! { div.card.missing { p { (what) } } }),
    };
    let content = html! {
        div.head {
            p.crumbs { (shown.crumbs) " › " (shown.title) }
            h1 { (title) }
            p.facts {
                @for fact in &shown.facts { span { (fact) } }
                @if let Ok(letter) = &letter { (size(&letter.rendered)) }
            }
        }
        (panel(&shown.findings, reading.trouble.as_deref(), shown.age))
        div.bar { (shown.form) (shown.turns) }
        div.bar {
            (switches::views(&shown.path, &shown.asked))
            @if shown.asked.view == View::Html {
                (switches::widths(&shown.path, &shown.asked))
                (switches::look(&shown.path, &shown.asked))
            }
        }
        (drawn)
    };
    page(reading, &title, &content)
}

fn drawn(shown: &Shown, letter: &Letter) -> Markup {
    let asked = &shown.asked;
    match asked.view {
        View::Html => html! {
            div class={ "desk w" (asked.width.as_str()) " " (asked.look.as_str()) } tabindex="0" role="region" aria-label="The mail" {
                div.sheet {
                    div.inbox { (inbox_line(&shown.from, &letter.rendered, &shown.clock)) }
                    div.paper { (frame(&format!("/frame{}", shown.path), asked, &letter.rendered, "whole")) }
                }
            }
            p.drawn {
                "In a " (asked.look.as_str()) " mail program, as the author drew it. Some programs change colors by themselves."
            }
            p.leads data-keep aria-live="polite" {}
        },
        View::Text => html! {
            pre.side tabindex="0" role="region" aria-label="The text part" { (letter.rendered.text) }
        },
        View::Headers => html! {
            dl.side {
                @for (name, value) in headers(&letter.outgoing.bytes) { dt { (name) } dd { (value) } }
            }
        },
        View::Source => html! {
            pre.side tabindex="0" role="region" aria-label="The source" { (String::from_utf8_lossy(&letter.outgoing.bytes)) }
        },
    }
}

/// The size of the HTML, with a word of warning where it is cut.
fn size(rendered: &Rendered) -> Markup {
    let bytes = rendered.html.len();
    let tenths = bytes / 100;
    html! {
        span { "HTML " (tenths / 10) "." (tenths % 10) " kB" }
        @if bytes > GMAIL_BYTES { span.too-large { "Gmail cuts it at 102 kB" } }
    }
}

/// Names and values of the headers, as they go over the wire, unfolded.
fn headers(message: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(message);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let unfolded = head.replace("\r\n\t", " ").replace("\r\n ", " ");
    let lines = unfolded.lines().filter_map(|line| line.split_once(':'));
    lines.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
}
