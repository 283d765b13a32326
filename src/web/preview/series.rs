//! A whole series side by side, on a ruler of days, for one pretend
//! subscriber: what has come until “now”, and what is still on its way.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use maud::{Markup, html};

use super::{
    Studio,
    asked::{Asked, Chosen},
    findings::{Age, panel},
    home::status,
    picture::{self, THUMBNAIL, frame, inbox_line},
    reading::Reading,
    ruler::{self, Stretch, since},
    shell::{absent, counted, page},
    switches, who,
};
use crate::{
    campaign::Edition,
    engine::ExpectedOutcome,
    model::{Campaign, Rendered, Step, StepId},
    rehearsal::Moment,
    time::Timestamp,
};

/// What the cards of a series need.
struct Stage<'a> {
    reading: &'a Reading,
    chosen: &'a Chosen<'a>,
    asked: Asked,
    moments: Vec<Moment>,
    /// Parts that come no more, because they unsubscribe.
    unsent: Vec<StepId>,
    stretch: Stretch,
    now: Timestamp,
}

/// A part, and what it is for this person.
struct Card<'a> {
    moment: &'a Moment,
    step: &'a Step,
    number: usize,
    /// Since the part before, or the enrollment.
    since: String,
    /// The letter, or why there is none; nothing for a part that is not sent.
    letter: Option<Result<Rendered, picture::Absent>>,
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
            return absent(&studio, &reading, &what);
        }
    };
    let campaign = &edition.campaign;
    let chosen = Chosen::of(&reading, edition, &asked, studio.clock.now());
    let mut moments = chosen.walk.moments();
    let theirs = chosen.walk.until_leaving(&moments);
    let unsent: Vec<StepId> = moments.drain(theirs..).map(|moment| moment.step).collect();
    let stretch = Stretch::of(&chosen.walk, &moments);
    let stage = Stage {
        reading: &reading,
        chosen: &chosen,
        asked: chosen.settled(&asked),
        now: stretch.at(asked.now.0),
        moments,
        unsent,
        stretch,
    };
    let cards = cards(&stage);
    let path = format!("/campaign/{id}");
    let content = html! {
        div.head {
            p.crumbs { a href="/" data-soft { "All campaigns" } }
            h1 { (campaign.title) }
            p.facts {
                span class={ "status " (status(campaign.status)) } { (status(campaign.status)) }
                span { (counted(campaign.steps.len(), "part")) }
                span { (sum(&stage.moments)) }
                span { a href=(stage.asked.url(&format!("/people/{id}"))) data-soft { "Every sample × every part" } }
            }
        }
        (panel(&reading.against(&campaign.id), reading.trouble.as_deref(), age(&reading, campaign)))
        div.bar {
            (who::form(&path, &reading, &chosen, &asked))
            (switches::look(&path, &asked))
        }
        (player(&stage, &path))
        (row(&stage, &cards))
    };
    page(&studio, &reading, &campaign.title, &content)
}

/// Whether any picture of `campaign` is from before a mistake.
pub(super) fn age(reading: &Reading, campaign: &Campaign) -> Age {
    let is_old = reading.stale.iter().any(|(id, _)| *id == campaign.id);
    if is_old || reading.trouble.is_some() { Age::Before } else { Age::Now }
}

fn cards<'a>(stage: &'a Stage<'a>) -> Vec<Card<'a>> {
    let walk = &stage.chosen.walk;
    let campaign = &walk.edition.campaign;
    let mut before = walk.enrolled_at.to_zoned(walk.zone.clone());
    let mut cards = Vec::new();
    for (number, moment) in (1..).zip(&stage.moments) {
        let since = since(&before, &moment.local);
        before = moment.local.clone();
        let Some(index) = campaign.step_index(&moment.step) else { continue };
        let step = &campaign.steps[index];
        let is_sent = moment.outcome == ExpectedOutcome::Sent;
        let letter = is_sent.then(|| picture::rendered(walk, &step.id));
        cards.push(Card { moment, step, number, since, letter });
    }
    cards
}

/// The ruler, the handle that moves “now” along it, and the clock.
fn player(stage: &Stage<'_>, path: &str) -> Markup {
    let walk = &stage.chosen.walk;
    let changes = walk.clock_changes(stage.stretch.at(None));
    let local = stage.now.to_zoned(walk.zone.clone());
    let hours = stage.asked.now.0.unwrap_or(stage.stretch.hours).min(stage.stretch.hours);
    html! {
        form.player method="get" action=(path) data-soft data-start=(walk.enrolled_at.as_second())
            data-zone=(stage.chosen.zone) aria-label="Time" {
            p.clock {
                button.round type="button" data-play aria-label="Play" hidden { "▶" }
                button.quiet type="button" data-turn="-1" hidden { "Mail before" }
                button.quiet type="button" data-turn="1" hidden { "Next mail" }
                output for="now" aria-live="off" { (local.strftime("%A %-d %B, %H:%M")) }
                span.muted { (stage.chosen.zone) }
                (who::hidden(&stage.asked))
                noscript { button type="submit" { "Show that hour" } }
            }
            div.track {
                (ruler::draw(walk, &stage.moments, &changes, (stage.stretch, stage.now)))
                input id="now" type="range" name="now" min="0" max=(stage.stretch.hours) step="1" value=(hours)
                    autocomplete="off" aria-label="Now" aria-valuetext=(local.strftime("%A %-d %B, %H:%M"));
            }
            @for change in &changes { p.change { (ruler::words_of_change(change)) } }
        }
    }
}

fn row(stage: &Stage<'_>, cards: &[Card<'_>]) -> Markup {
    let walk = &stage.chosen.walk;
    let who = walk.sample.map_or("Somebody", |sample| sample.name.as_str());
    html! {
        ol.axis aria-label={ "What " (who) " gets, day by day" } {
            li.inbox-phone data-key="inbox" { (inbox(stage, cards, who)) }
            @for card in cards { (part(stage, card)) }
            @if !stage.unsent.is_empty() { (left(stage, who)) }
        }
    }
}

/// The inbox as it is now: the newest mail on top.
fn inbox(stage: &Stage<'_>, cards: &[Card<'_>], who: &str) -> Markup {
    let from = sender(stage.chosen.walk.edition);
    let entered = stage.chosen.walk.enrolled_at.to_zoned(stage.chosen.walk.zone.clone());
    let is_empty = !cards.iter().any(|card| card.moment.at <= stage.now && card.letter.is_some());
    html! {
        div.when {
            span.day { (who) "’s inbox" }
            span { "entered " (entered.strftime("%a %-d %b, %H:%M")) }
        }
        div.device {
            div.screen {
                p.waits hidden[!is_empty] { "Nothing yet." }
                ul {
                    @for card in cards.iter().rev() {
                        @if let Some(Ok(letter)) = &card.letter {
                            li data-at=(card.moment.at.as_second()) hidden[card.moment.at > stage.now] {
                                a.inbox href=(url(stage, card.step)) data-soft {
                                    (inbox_line(from, letter, &card.moment.local.strftime("%a %H:%M").to_string()))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn part(stage: &Stage<'_>, card: &Card<'_>) -> Markup {
    let Card { moment, step, .. } = card;
    let kind = match moment.outcome {
        ExpectedOutcome::Sent => "part sent",
        ExpectedOutcome::Skipped => "part skipped",
        ExpectedOutcome::Exited => "part exited",
    };
    let landing = if moment.at <= stage.now { "landed" } else { "coming" };
    html! {
        li class={ (kind) " " (landing) } data-key=(step.id) data-at=(moment.at.as_second()) {
            div.when {
                span.day { "Day " (moment.day) " " span.number { (card.number) } }
                time datetime=(moment.local.strftime("%FT%T%:z")) { (moment.local.strftime("%a %-d %b, %H:%M")) }
                span.gap { (card.since) }
            }
            @match &card.letter {
                Some(Ok(letter)) => (sent(stage, card, letter)),
                Some(Err(what)) => div.card.missing { (step_link(stage, step)) p { (what) } },
                None if moment.outcome == ExpectedOutcome::Skipped => (skipped(stage, step)),
                None => (exited(stage, step)),
            }
        }
    }
}

fn sent(stage: &Stage<'_>, card: &Card<'_>, letter: &Rendered) -> Markup {
    let walk = &stage.chosen.walk;
    let id = &walk.edition.campaign.id;
    let path = format!("/campaign/{id}/{}", card.step.id);
    let is_stale = stage.reading.stale.contains(&(id.clone(), card.step.id.clone()));
    let clock = card.moment.local.strftime("%H:%M").to_string();
    html! {
        div.device.(stage.asked.look.as_str()) {
            a.letter href=(url(stage, card.step)) data-soft {
                (inbox_line(sender(walk.edition), letter, &clock))
            }
            div.screen {
                (frame(&format!("/frame{path}"), &stage.asked, letter, THUMBNAIL))
                a.cover href=(url(stage, card.step)) data-soft tabindex="-1" aria-hidden="true" {}
            }
            p.flight aria-hidden="true" {}
        }
        @if is_stale { p.stale { "as it was before the mistake" } }
    }
}

/// The name that stands in an inbox.
pub(super) fn sender(edition: &Edition) -> &str {
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

/// Nothing more comes: they unsubscribe.
fn left(stage: &Stage<'_>, who: &str) -> Markup {
    let campaign = &stage.chosen.walk.edition.campaign;
    let unsent = campaign.steps.iter().filter(|step| stage.unsent.contains(&step.id));
    html! {
        li.part.exited data-key="left" {
            div.when { span.day { "Left" } }
            div.card {
                p.step { (who) " unsubscribes" }
                p { "after this part, as samples.toml says: " code { "leaves_after" } ". Not sent any more:" }
                ul { @for step in unsent { li { (step_link(stage, step)) } } }
            }
        }
    }
}

fn url(stage: &Stage<'_>, step: &Step) -> String {
    let id = &stage.chosen.walk.edition.campaign.id;
    stage.asked.url(&format!("/campaign/{id}/{}", step.id))
}

/// A part that is not sent can be read all the same.
fn step_link(stage: &Stage<'_>, step: &Step) -> Markup {
    html! { a href=(url(stage, step)) data-soft { (step.id) } }
}

/// `4 mails in 9 days`.
fn sum(moments: &[Moment]) -> String {
    let sent = moments.iter().filter(|moment| moment.outcome == ExpectedOutcome::Sent);
    let days = moments.last().map_or(0, |moment| moment.day);
    let days = counted(usize::try_from(days).unwrap_or(0), "day");
    format!("{} in {days}", counted(sent.count(), "mail"))
}
