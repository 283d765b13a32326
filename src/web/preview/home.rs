//! The first page: campaigns, confirmations, and every finding.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use maud::{Markup, html};

use super::{
    Studio,
    asked::Asked,
    findings, pages,
    reading::{Reading, folder},
    shell::{counted, page},
};
use crate::{
    campaign::{Edition, Project},
    diagnostic::Severity,
    model::{Campaign, Status, Step, Trigger},
};

/// GET `/`.
pub(super) async fn show(State(studio): State<Studio>) -> Response {
    let reading = studio.reading();
    let shared = reading.shared();
    let content = html! {
        h1 { (reading.name()) }
        @if let Some(project) = &reading.project {
            @if project.editions.is_empty() && project.newsletters.is_empty() {
                p { "There is no campaign yet. One is a folder under campaigns/ with a campaign.toml." }
            }
            ul.campaigns {
                @for edition in project.editions.values() {
                    li data-key=(edition.campaign.id) { (campaign(&reading, edition)) }
                }
            }
            (newsletters(project))
            (agenda(&studio).await)
            (confirmations(project))
            (pages::cards(project))
        } @else {
            p { "Nothing of this project can be shown yet. Here is what stands in the way; the page follows as you mend it." }
        }
        @if let Some(trouble) = &reading.trouble {
            section.panel.error data-key="trouble" { h2 { "The files cannot be read" } p { (trouble) } }
        }
        @if !shared.is_empty() {
            section data-key="shared" class={ "panel " (panel_class(shared.count(Severity::Error))) } aria-labelledby="shared-title" {
                h2 id="shared-title" { "The project: " (findings::title(&shared)) }
                (findings::list(&shared))
            }
        } @else if reading.diagnostics.is_empty() && reading.trouble.is_none() {
            p.muted { "Nothing to complain about." }
        }
    };
    page(&studio, &reading, "Preview", &content)
}

fn campaign(reading: &Reading, edition: &Edition) -> Markup {
    let Campaign { id, title, steps, .. } = &edition.campaign;
    let prefix = folder(id);
    let own = reading.diagnostics.only(|found| found.place.file.starts_with(&prefix));
    html! {
        div.card {
            a.title href={ "/campaign/" (id) } data-soft { (title) }
            span.facts {
                span class={ "status " (status(edition.campaign.status)) } { (status(edition.campaign.status)) }
                " " (counted(steps.len(), "part")) " · " (trigger(&edition.campaign)) " · "
                code { (prefix) }
            }
            ol.steps {
                @for step in steps {
                    li { a href={ "/campaign/" (id) "/" (step.id) } data-soft { (subject(edition, step)) } }
                }
            }
        }
        @if !own.is_empty() {
            section class={ "panel " (panel_class(own.count(Severity::Error))) } aria-label={ "Findings of " (title) } {
                h2 { (findings::title(&own)) }
                (findings::list(&own))
            }
        }
    }
}

/// What stands in an inbox for somebody unknown; the step's name, where it
/// cannot be made.
fn subject(edition: &Edition, step: &Step) -> String {
    edition.subject(&step.id, &BTreeMap::new()).unwrap_or_else(|_| step.id.to_string())
}

/// What leaves in the days to come, when the project has a database.
async fn agenda(studio: &Studio) -> Markup {
    let Some(door) = &studio.doors.agenda else { return html! {} };
    let agenda = match door(studio.clock.now()).await {
        Ok(Some(agenda)) => agenda,
        Ok(None) => return html! {},
        Err(what) => return html! { h2 { "The next 14 days" } p.notice { (what) } },
    };
    html! {
        h2 { "The next 14 days" }
        @if agenda.departures.is_empty() {
            p.muted { "Nothing is due: nobody is on the way through a campaign." }
        } @else {
            div.agenda tabindex="0" role="region" aria-label="What leaves in the next 14 days" {
                table {
                    @for departure in &agenda.departures {
                        tr {
                            th scope="row" { (departure.day.strftime("%a %-d %b")) }
                            td { (counted(departure.count, "mail")) }
                            td {
                                a href={ "/campaign/" (departure.campaign) "/" (departure.step) } data-soft {
                                    (departure.campaign) "/" (departure.step)
                                }
                            }
                        }
                    }
                }
            }
            p.muted {
                "By the applied files and the days of those who get them, if nobody joins, leaves or does anything."
                @if agenda.is_cut { " More people are on the way than were looked at." }
            }
        }
    }
}

/// What is kept and not sent yet: title, status and issues.
fn newsletters(project: &Project) -> Markup {
    html! {
        @if !project.newsletters.is_empty() {
            h2 { "Newsletters" }
            ul.campaigns {
                @for edition in project.newsletters.values() {
                    @let newsletter = &edition.newsletter;
                    li.card data-key=(newsletter.id) {
                        span.title { (newsletter.title) }
                        span.facts {
                            span class={ "status " (status(newsletter.status)) } { (status(newsletter.status)) }
                            " " (counted(newsletter.issues.len(), "issue")) " · checked and kept, not sent by this version · "
                            code { (folder(&newsletter.id)) }
                        }
                    }
                }
            }
        }
    }
}

fn panel_class(errors: usize) -> &'static str {
    if errors > 0 { "error" } else { "warning" }
}

fn confirmations(project: &Project) -> Markup {
    html! {
        @if project.confirmation.is_some() {
            h2 { "Before a campaign" }
            ul.campaigns {
                @for (id, list) in &project.site.lists {
                    li data-key={ "list-" (id) } {
                        a.card href=(Asked { list: id.to_string(), ..Asked::default() }.url("/confirmation")) data-soft {
                            span.title { "Please confirm: " (list.title) }
                            span.facts { "the mail that asks whether they meant it" }
                        }
                    }
                }
            }
        }
    }
}

/// The word for a campaign's status, as its file writes it.
pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Draft => "draft",
        Status::Active => "active",
        Status::Paused => "paused",
        Status::Closed => "closed",
    }
}

fn trigger(campaign: &Campaign) -> String {
    match &campaign.enroll.when {
        Trigger::Confirmed => "begins when they confirm".to_owned(),
        Trigger::Tag(tag) => format!("begins with the tag {tag}"),
        Trigger::Event(event) => format!("begins with the event {event}"),
        Trigger::Api => "begins when you say so".to_owned(),
    }
}
