//! `campaign.toml` → [`Campaign`].

use std::sync::Arc;

use super::{
    filter::{self, Names},
    site,
    table::{Document, Table, Text},
};
use crate::{
    diagnostic::{Diagnostics, Place},
    model::{
        Again, Campaign, CampaignId, Enroll, Filter, Name, OnUnknown, SendRules, Status, Step,
        Trigger,
    },
    time::{Days, Delay, Hours, SendWindow, SignedDuration, civil},
};

/// The delay of a step that names none, where the manifest has no `every`.
const EVERY: Delay = Delay::Days(1);

/// How long a message of unknown fate waits before it is tried once more.
const UNKNOWN_DELAY: SignedDuration = SignedDuration::from_mins(15);

/// A manifest that was read, with the places that later checks point to.
pub(super) struct Manifest {
    pub(super) campaign: Campaign,
    /// Where each step's id stands.
    pub(super) step_places: Vec<Place>,
    /// Where `layout` stands.
    pub(super) layout_place: Place,
}

/// Reads the manifest of the campaign `id`.
///
/// Returns `None` when what every campaign needs is missing.
pub(super) fn parse(
    id: &CampaignId,
    file: &Arc<str>,
    text: &str,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Manifest> {
    let document = Document::parse(file, text, diagnostics);
    let mut root = document.root();
    let title = root.required_text("title", "title = \"My course\"", diagnostics);
    let status = status(&mut root, diagnostics);
    let layout = root.required_text("layout", "layout = \"course\"", diagnostics);
    // Where the words came from; never sent.
    root.text("source", diagnostics);
    let enroll = enroll(&mut root, names, diagnostics);
    let (send, every) = send(&mut root, diagnostics);
    let tables = root.tables("step", diagnostics);
    if tables.is_empty() {
        diagnostics.missing_key(root.place(), "[[step]]", "[[step]] with an id");
    }
    let mut steps = Vec::new();
    let mut step_places = Vec::new();
    for table in tables {
        let is_first = steps.is_empty();
        let default = if is_first { Delay::NONE } else { every };
        if let Some((step, place)) = step(table, default, names, diagnostics) {
            if steps.iter().any(|other: &Step| other.id == step.id) {
                diagnostics.duplicate_name(place, "step", step.id.as_str());
                continue;
            }
            steps.push(step);
            step_places.push(place);
        }
    }
    root.finish(diagnostics);
    if steps.is_empty() {
        return None;
    }
    let layout = layout?;
    let campaign = Campaign {
        id: id.clone(),
        title: title?.value,
        status,
        layout: layout.value,
        enroll: enroll?,
        send,
        steps,
    };
    Some(Manifest { campaign, step_places, layout_place: layout.place })
}

fn status(root: &mut Table<'_>, diagnostics: &mut Diagnostics) -> Status {
    const KNOWN: [&str; 4] = ["draft", "active", "paused", "closed"];
    let Some(text) = root.text("status", diagnostics) else { return Status::Draft };
    match text.value.as_str() {
        "draft" => Status::Draft,
        "active" => Status::Active,
        "paused" => Status::Paused,
        "closed" => Status::Closed,
        _ => {
            diagnostics.not_one_of(text.place, &text.value, "a status", &KNOWN);
            Status::Draft
        }
    }
}

fn enroll(
    root: &mut Table<'_>,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Enroll> {
    let Some(mut table) = root.table("enroll", diagnostics) else {
        diagnostics.missing_key(root.place(), "[enroll]", "[enroll] with a list");
        return None;
    };
    let when = match table.text("when", diagnostics) {
        None => Trigger::Confirmed,
        Some(text) => trigger(&text, names, diagnostics),
    };
    let list = match table.name("list", diagnostics) {
        Some((list, place)) => {
            let known: Vec<&str> = names.site.lists.keys().map(Name::as_str).collect();
            if !known.contains(&list.as_str()) {
                diagnostics.unknown_name(place, "list", list.as_str(), &known);
            }
            Some(list)
        }
        None => {
            let example = "list = \"my-list\"";
            table.required_text("list", example, diagnostics);
            None
        }
    };
    let again = match table.text("again", diagnostics) {
        Some(text) if text.value == "after-finish" => Again::AfterFinish,
        Some(text) if text.value != "never" => {
            let known = ["never", "after-finish"];
            diagnostics.not_one_of(text.place, &text.value, "known here", &known);
            Again::Never
        }
        Some(_) | None => Again::Never,
    };
    let exit = condition(&mut table, "exit", names, diagnostics);
    table.finish(diagnostics);
    Some(Enroll { when, list: list?, again, exit })
}

fn trigger(text: &Text, names: &Names<'_>, diagnostics: &mut Diagnostics) -> Trigger {
    let (kind, name) = text.value.split_once(':').unwrap_or((&text.value, ""));
    let known = match kind {
        "confirmed" if text.value == kind => return Trigger::Confirmed,
        "api" if text.value == kind => return Trigger::Api,
        "tag" => &names.site.tags,
        "event" => &names.site.events,
        _ => {
            let known = ["confirmed", "tag:NAME", "event:NAME", "api"];
            diagnostics.not_one_of(text.place.clone(), &text.value, "a way in", &known);
            return Trigger::Api;
        }
    };
    let Some(name) = known.iter().find(|known| known.as_str() == name) else {
        let known: Vec<&str> = known.iter().map(Name::as_str).collect();
        diagnostics.unknown_name(text.place.clone(), kind, name, &known);
        return Trigger::Api;
    };
    if kind == "tag" { Trigger::Tag(name.clone()) } else { Trigger::Event(name.clone()) }
}

fn send(root: &mut Table<'_>, diagnostics: &mut Diagnostics) -> (SendRules, Delay) {
    let mut rules = SendRules {
        zone: None,
        window: SendWindow::ALWAYS,
        on_unknown: OnUnknown::Resend,
        unknown_delay: UNKNOWN_DELAY,
    };
    let Some(mut table) = root.table("send", diagnostics) else { return (rules, EVERY) };
    if let Some(text) = table.text("zone", diagnostics)
        && text.value != "subscriber"
    {
        rules.zone = site::zone(&text, diagnostics);
    }
    rules.window = window(&mut table, diagnostics);
    let every = delay(&mut table, "every", diagnostics).unwrap_or(EVERY);
    if let Some(text) = table.text("on_unknown", diagnostics) {
        rules.on_unknown = match text.value.as_str() {
            "resend" => OnUnknown::Resend,
            "hold" => OnUnknown::Hold,
            _ => {
                diagnostics.not_one_of(text.place, &text.value, "known here", &["resend", "hold"]);
                OnUnknown::Hold
            }
        };
    }
    match delay(&mut table, "unknown_delay", diagnostics) {
        Some(Delay::Exact(delay)) => rules.unknown_delay = delay,
        Some(Delay::Days(days)) => {
            rules.unknown_delay = SignedDuration::from_hours(24 * i64::from(days));
        }
        None => {}
    }
    table.finish(diagnostics);
    (rules, every)
}

fn window(table: &mut Table<'_>, diagnostics: &mut Diagnostics) -> SendWindow {
    let mut place = table.place();
    let mut days = Days::ALL;
    if let Some(texts) = table.texts("days", diagnostics) {
        days = Days::NONE;
        for text in texts {
            match days.with(&text.value) {
                Ok(with) => days = with,
                Err(_) => {
                    diagnostics.not_one_of(text.place, &text.value, "a day", &Days::NAMES);
                    // A mistyped day should not make the window look closed besides.
                    days = Days::ALL;
                }
            }
        }
    }
    let mut hours = Hours::ALL;
    if let Some(text) = table.text("hours", diagnostics) {
        match Hours::parse(&text.value) {
            Ok(parsed) => hours = parsed,
            Err(_) => {
                let hint = "write it like `08:00-20:00`, the end after the start";
                diagnostics.bad_value(text.place, &text.value, "a span of hours", hint);
            }
        }
    }
    let mut at = hours.opens().max(civil::Time::constant(8, 0, 0, 0));
    if !hours.contains(at) {
        at = hours.opens();
    }
    if let Some(text) = table.text("at", diagnostics) {
        place = text.place.clone();
        match crate::time::parse_time(&text.value) {
            Some(parsed) => at = parsed,
            None => {
                let hint = "write it like `08:30`";
                diagnostics.bad_value(text.place, &text.value, "a time of day", hint);
            }
        }
    }
    SendWindow::new(days, hours, at).unwrap_or_else(|| {
        diagnostics.closed_window(place);
        SendWindow::ALWAYS
    })
}

fn delay(table: &mut Table<'_>, key: &'static str, diagnostics: &mut Diagnostics) -> Option<Delay> {
    let text = table.text(key, diagnostics)?;
    let delay = Delay::parse(&text.value);
    if delay.is_err() {
        let hint = "write it like `30m`, `36h`, `2d` or `1w`";
        diagnostics.bad_value(text.place, &text.value, "a span of time", hint);
    }
    delay.ok()
}

fn condition(
    table: &mut Table<'_>,
    key: &'static str,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Filter> {
    let text = table.text(key, diagnostics)?;
    filter::lower(&text, names, diagnostics)
}

fn step(
    mut table: Table<'_>,
    default_delay: Delay,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<(Step, Place)> {
    let id = table.name("id", diagnostics);
    if id.is_none() {
        table.required_text("id", "id = \"my-step\"", diagnostics);
    }
    let delay = delay(&mut table, "after", diagnostics).unwrap_or(default_delay);
    let skip_if = condition(&mut table, "skip_if", names, diagnostics);
    table.finish(diagnostics);
    let (id, place) = id?;
    Some((Step { id, delay, skip_if, file: String::new() }, place))
}
