//! People × messages: every sample against every part of a campaign.
//!
//! The page comes with the schedule alone. What each letter says is asked for
//! in small portions, and whether it fits a phone is measured by the page's
//! module, so that two hundred people are no more work at once than ten.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Studio,
    asked::{Asked, Chosen},
    findings::panel,
    picture,
    reading::Reading,
    series::age,
    shell::{absent, counted, page},
};
use crate::{
    campaign::Edition,
    engine::ExpectedOutcome,
    model::{Sample, Step},
    rehearsal::Moment,
    time::Timestamp,
};

/// People on one page.
const PEOPLE_MAX: usize = 50;
/// People whose letters are made for one answer.
const PORTION_MAX: usize = 5;

/// Which people.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Portion {
    from: usize,
}

/// GET `/people/{id}`.
pub(super) async fn show(
    State(studio): State<Studio>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Query(from): Query<Portion>,
) -> Response {
    let reading = studio.reading();
    let edition = match picture::edition(&reading, &id) {
        Ok(edition) => edition,
        Err(what) => {
            return absent(&studio, &reading, &what);
        }
    };
    let campaign = &edition.campaign;
    let samples = samples(&reading);
    let from = from.from.min(samples.len().saturating_sub(1)) / PEOPLE_MAX * PEOPLE_MAX;
    let shown = &samples[from..samples.len().min(from + PEOPLE_MAX)];
    let table = Table { reading: &reading, edition, asked: &asked, now: studio.clock.now() };
    let series = asked.url(&format!("/campaign/{id}"));
    let content = html! {
        div.head {
            p.crumbs { a href=(series) data-soft { (campaign.title) } " › Every sample × every part" }
            h1 { "Every sample × every part" }
            p.facts {
                span { (counted(samples.len(), "sample")) } span { (counted(campaign.steps.len(), "part")) }
                span.measured data-keep {}
                span.unseen data-keep data-sum role="status" {}
            }
        }
        (panel(&reading.against(&campaign.id), reading.trouble.as_deref(), age(&reading, campaign)))
        @if samples.is_empty() {
            p { "There is nobody yet: write pretend subscribers into samples.toml." }
        } @else {
            (legend())
            (table.draw(shown, from))
            (pages(&id, from, samples.len()))
        }
    };
    page(&studio, &reading, "Every sample × every part", &content)
}

/// GET `/cells/{id}`: what the letters of some people say.
pub(super) async fn cells(
    State(studio): State<Studio>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Query(from): Query<Portion>,
) -> Response {
    let reading = studio.reading();
    let Ok(edition) = picture::edition(&reading, &id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let samples = samples(&reading);
    let table = Table { reading: &reading, edition, asked: &asked, now: studio.clock.now() };
    let people = samples.iter().skip(from.from).take(PORTION_MAX);
    let rows: Vec<Value> = people.map(|sample| table.states(sample)).collect();
    Json(json!({"rows": rows})).into_response()
}

fn samples(reading: &Reading) -> &[Sample] {
    reading.project.as_ref().map_or(&[], |project| &project.samples)
}

/// What every row needs.
struct Table<'a> {
    reading: &'a Reading,
    edition: &'a Edition,
    asked: &'a Asked,
    now: Timestamp,
}

impl Table<'_> {
    fn draw(&self, people: &[Sample], from: usize) -> Markup {
        let id = &self.edition.campaign.id;
        let steps = &self.edition.campaign.steps;
        html! {
            div.people tabindex="0" role="region" aria-label="Samples and parts" data-cells={ "/cells/" (id) } {
                table {
                    thead {
                        tr {
                            td {}
                            @for step in steps { th scope="col" { span { (step.id) } } }
                        }
                    }
                    tbody {
                        @for (number, sample) in (from..).zip(people) {
                            (self.row(sample, number))
                        }
                    }
                }
            }
        }
    }

    fn row(&self, sample: &Sample, number: usize) -> Markup {
        let asked = self.of(sample);
        let chosen = Chosen::of(self.reading, self.edition, &asked, self.now);
        let mut moments = chosen.walk.moments();
        let is_leaving = chosen.walk.until_leaving(&moments) < moments.len();
        moments.truncate(chosen.walk.until_leaving(&moments));
        let end = if is_leaving { ("×", "has left before it") } else { ("·", "not reached") };
        let asked = chosen.settled(&asked);
        let id = &self.edition.campaign.id;
        html! {
            tr data-key={ "row-" (number) } data-row=(number) {
                th scope="row" {
                    a href=(asked.url(&format!("/campaign/{id}"))) data-soft { (sample.name) }
                }
                @for step in &self.edition.campaign.steps {
                    (cell(&asked.url(&format!("/campaign/{id}/{}", step.id)), (sample, step), &moments, end))
                }
            }
        }
    }

    /// What becomes of each part for `sample`: nothing to say, or what is wrong.
    fn states(&self, sample: &Sample) -> Value {
        let asked = self.of(sample);
        let chosen = Chosen::of(self.reading, self.edition, &asked, self.now);
        let steps = self.edition.campaign.steps.iter();
        let states = steps.map(|step| match picture::rendered(&chosen.walk, &step.id) {
            Ok(_) => Value::Null,
            Err(what) => json!(what.to_string()),
        });
        states.collect()
    }

    /// The state of the page for one person: in their own zone.
    fn of(&self, sample: &Sample) -> Asked {
        Asked { sample: sample.name.clone(), zone: String::new(), ..self.asked.clone() }
    }
}

fn cell(
    url: &str,
    (sample, step): (&Sample, &Step),
    moments: &[Moment],
    (end, what): (&str, &str),
) -> Markup {
    let moment = moments.iter().find(|moment| moment.step == step.id);
    let (class, mark, said) = match moment {
        Some(moment) if moment.outcome == ExpectedOutcome::Sent => {
            ("sent", moment.day.to_string(), format!("day {}", moment.day))
        }
        Some(moment) if moment.outcome == ExpectedOutcome::Skipped => {
            ("none", "–".to_owned(), "skipped".to_owned())
        }
        Some(_) => ("none", "×".to_owned(), "leaves before it".to_owned()),
        None => ("none", end.to_owned(), what.to_owned()),
    };
    let label = format!("{}, {}: {said}", sample.name, step.id);
    html! {
        td class=(class) { a href=(url) data-soft aria-label=(label) title=(label) { (mark) } }
    }
}

fn legend() -> Markup {
    html! {
        p.legend {
            span { span.sent { "3" } " sent on day 3" }
            span { span.none { "–" } " skipped" }
            span { span.none { "×" } " leaves before it" }
            span { span.bad { "!" } " it cannot be made, or is wider than 360 px" }
        }
    }
}

fn pages(id: &str, from: usize, count: usize) -> Markup {
    html! {
        @if count > PEOPLE_MAX {
            nav.turns aria-label="More people" {
                @for start in (0..count).step_by(PEOPLE_MAX) {
                    a href={ "/people/" (id) "?from=" (start) } data-soft
                        aria-current=[(start == from).then_some("true")] {
                        (start + 1) "–" (count.min(start + PEOPLE_MAX))
                    }
                }
            }
        }
    }
}
