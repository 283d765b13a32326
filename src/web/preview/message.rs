//! One message: as its readers see it, and from every other side.

use axum::{
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};

use super::{
    Studio,
    asked::{Asked, Chosen, View, sample},
    checks, desk,
    findings::{Age, panel},
    picture::{self, Found},
    reading::Reading,
    series::{age, sender},
    shell::{absent, page},
    sides, switches, test, who,
};
use crate::{
    campaign::Edition,
    diagnostic::{Diagnostics, Finding, Place},
    engine::ExpectedOutcome,
    model::{Campaign, Rendered, StepId},
    rehearsal::Moment,
    render::Compiled,
};

/// A message and what stands around it.
pub(super) struct Shown {
    pub(super) path: String,
    pub(super) asked: Asked,
    /// Where it belongs.
    crumbs: Markup,
    title: String,
    pub(super) from: String,
    pub(super) clock: String,
    facts: Vec<String>,
    form: Markup,
    pub(super) findings: Diagnostics,
    age: Age,
    turns: Markup,
    /// Where its subject and preheader stand, when they can be edited.
    pub(super) headers: [Option<Place>; 2],
    /// Its words, and the layout around them.
    pub(super) files: Vec<String>,
    /// What was compiled.
    pub(super) mail: Option<Compiled>,
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
            return absent(&studio, &reading, &what);
        }
    };
    let chosen = Chosen::of(&reading, edition, &asked, studio.clock.now());
    let moments = chosen.walk.moments();
    let letter = picture::of_step(&chosen.walk, &moments, step);
    let moment = moments.iter().find(|moment| moment.step == *step);
    let shown = shown(&reading, &chosen, &asked, (step, moment));
    draw(&studio, &reading, &shown, letter)
}

fn shown(
    reading: &Reading,
    chosen: &Chosen<'_>,
    asked: &Asked,
    (step, moment): (&StepId, Option<&Moment>),
) -> Shown {
    let edition = chosen.walk.edition;
    let campaign = &edition.campaign;
    let settled = chosen.settled(asked);
    let path = format!("/campaign/{}/{step}", campaign.id);
    let series = settled.url(&format!("/campaign/{}", campaign.id));
    let index = campaign.step_index(step).unwrap_or(0);
    let mut facts = vec![format!("part {} of {}", index + 1, campaign.steps.len())];
    facts.push(fate(moment, chosen));
    let is_stale = reading.stale.contains(&(campaign.id.clone(), step.clone()));
    if is_stale {
        facts.push("as it was before the mistake".to_owned());
    }
    let mail = edition.mails.get(step).filter(|_| !is_stale);
    let file = campaign.steps.get(index).map(|step| step.file.clone());
    Shown {
        crumbs: html! { a href=(series) data-soft { (campaign.title) } },
        title: step.to_string(),
        from: sender(edition).to_owned(),
        clock: moment.map_or_else(String::new, |moment| moment.local.strftime("%H:%M").to_string()),
        facts,
        form: who::form(&path, reading, chosen, asked),
        findings: reading.against(&campaign.id).only(|found| concerns(found, campaign, step)),
        age: age(reading, campaign),
        turns: turns(&settled, edition, index),
        headers: mail.map(Compiled::header_places).unwrap_or_default(),
        files: file.into_iter().collect(),
        mail: edition.mails.get(step).filter(|_| !is_stale).cloned(),
        path,
        asked: settled,
    }
}

/// Whether a finding is about this part: not when it stands in the words of another.
fn concerns(found: &Finding, campaign: &Campaign, step: &StepId) -> bool {
    let others = campaign.steps.iter().filter(|other| other.id != *step);
    !others.into_iter().any(|other| *other.file == *found.place.file)
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
fn turns(asked: &Asked, edition: &Edition, index: usize) -> Markup {
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
            return absent(&studio, &reading, &what);
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
        headers: [None, None],
        files: ["templates/confirm.mjml", "templates/words.toml"].map(str::to_owned).to_vec(),
        mail: reading.project.as_ref().and_then(|project| project.confirmation.clone()),
        path,
        asked,
    };
    draw(&studio, &reading, &shown, letter)
}

fn draw(studio: &Studio, reading: &Reading, shown: &Shown, letter: Found) -> Response {
    let title = letter.as_ref().map_or(&shown.title, |letter| &letter.rendered.subject).clone();
    let asked = &shown.asked;
    let content = html! {
        div.head {
            p.crumbs { (shown.crumbs) " › " (shown.title) }
            h1 { (title) }
            p.facts {
                @for fact in &shown.facts { span { (fact) } }
                @if let Ok(letter) = &letter { (size(&letter.rendered)) }
                @for file in &shown.files { span { a href=(super::file::url(file, 1)) data-soft { code { (file) } } } }
            }
        }
        (panel(&shown.findings, reading.trouble.as_deref(), shown.age))
        div.bar { (shown.form) (shown.turns) }
        div.bar { (switches::views(&shown.path, asked, shown.findings.findings().len())) }
        @match &letter {
            Err(what) => div.card.missing { p { (what) } },
            Ok(letter) => {
                @match asked.view {
                    View::Html => (desk::draw(studio, reading, shown, letter)),
                    View::Text => (sides::text(letter)),
                    View::Source => (sides::source(letter)),
                    View::Headers => (sides::headers(letter)),
                    View::Checks => (checks::draw(reading, shown)),
                }
                (test::panel(studio, reading, shown))
            }
        }
    };
    page(studio, reading, &title, &content)
}

/// The size of the HTML, which mail programs cut beyond a limit.
fn size(rendered: &Rendered) -> Markup {
    let tenths = rendered.html.len() / 100;
    html! { span { "HTML " (tenths / 10) "." (tenths % 10) " kB" } }
}

/// GET `/eml/{id}/{step}`: the message as a file, for any mail program.
pub(super) async fn download(
    State(studio): State<Studio>,
    Path((id, step)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    let reading = studio.reading();
    match picture::letter(&reading, (&id, &step), &asked, studio.clock.now()) {
        Ok(letter) => {
            let name = format!("attachment; filename=\"{step}.eml\"");
            let headers =
                [(header::CONTENT_TYPE, "message/rfc822"), (header::CONTENT_DISPOSITION, &name)];
            (headers, letter.outgoing.bytes.clone()).into_response()
        }
        Err(what) => absent(&studio, &reading, &what),
    }
}
