//! `campaign.toml` → [`Campaign`]: a drip. `newsletter` reads the other kind.

use std::sync::Arc;

use super::{
    filter::{self, Names},
    mend::Mended,
    site,
    table::{Document, Table, Text},
};
use crate::{
    diagnostic::{Diagnostics, Place},
    model::{
        Again, Campaign, CampaignId, Enroll, Filter, Name, OnUnknown, SendRules, Status, Step,
        StepId, Trigger,
    },
    time::{Days, Delay, Hours, SendWindow, SignedDuration, civil},
};

/// The delay of a step that names none, where the manifest has no `every`.
const EVERY: Delay = Delay::Days(1);

/// How long a message of unknown fate waits before it is tried once more.
const UNKNOWN_DELAY: SignedDuration = SignedDuration::from_mins(15);

/// Longer waits make people forget who writes.
const GAP_DAYS_MAX: i32 = 14;

/// A manifest that was read, with the places that later checks point to.
pub(super) struct Manifest {
    /// The campaign; `None` when what every campaign needs is missing.
    pub(super) campaign: Option<Campaign>,
    /// Where each step's id stands.
    pub(super) step_places: Vec<Place>,
    /// The layout's name, and where it stands.
    pub(super) layout: Option<Text>,
    /// Whether every line was understood.
    pub(super) is_sound: bool,
}

/// Reads the manifest of the drip `id`.
pub(super) fn parse(
    id: &CampaignId,
    file: &Arc<str>,
    text: &str,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> Manifest {
    let source = Mended::of(text);
    let document = Document::parse(file, &source, diagnostics);
    let mut root = document.root();
    let head = head(&mut root, id, names, diagnostics);
    // Where the words came from; never sent.
    root.text("source", diagnostics);
    let enroll = enroll(&mut root, names, diagnostics);
    let (send, every) = send(&mut root, diagnostics);
    let (steps, step_places) = steps(&mut root, every, names, diagnostics);
    root.finish(diagnostics);
    let campaign = (|| {
        Some(Campaign {
            id: id.clone(),
            renamed_from: head.renamed_from,
            title: head.title?,
            status: head.status,
            layout: head.layout.as_ref()?.value.clone(),
            enroll: enroll?,
            send,
            steps: Some(steps).filter(|steps| !steps.is_empty())?,
        })
    })();
    Manifest { campaign, step_places, layout: head.layout, is_sound: document.is_sound() }
}

/// What drips and newsletters say alike.
pub(super) struct Head {
    pub(super) title: Option<String>,
    pub(super) status: Status,
    pub(super) layout: Option<Text>,
    pub(super) renamed_from: Option<CampaignId>,
}

/// Reads what drips and newsletters say alike.
pub(super) fn head(
    root: &mut Table<'_>,
    id: &CampaignId,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> Head {
    let title = root.required_text("title", "title = \"My course\"", diagnostics);
    let place = title.as_ref().map_or_else(|| root.place(), |title| title.place.clone());
    let status = status(root, place, diagnostics);
    let layout = root.required_text("layout", "layout = \"course\"", diagnostics);
    let renamed_from = root.name("renamed_from", diagnostics);
    if let Some((former, place)) = &renamed_from {
        check_former_campaign(id, former, place, names, diagnostics);
    }
    let renamed_from = renamed_from.map(|(former, _)| former);
    Head { title: title.map(|title| title.value), status, layout, renamed_from }
}

fn status(root: &mut Table<'_>, otherwise: Place, diagnostics: &mut Diagnostics) -> Status {
    const KNOWN: [&str; 4] = ["draft", "active", "paused", "closed"];
    let Some(text) = root.text("status", diagnostics) else {
        if root.is_sound() && !root.has("status") {
            diagnostics.no_status(otherwise);
        }
        return Status::Draft;
    };
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

/// A former name is nobody's name now, and one campaign's only.
fn check_former_campaign(
    id: &CampaignId,
    former: &CampaignId,
    place: &Place,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) {
    let others = names.campaigns.iter().filter(|(other, _)| *other != id);
    let twin = others
        .into_iter()
        .find(|(_, outline)| outline.renamed_from.as_ref() == Some(former))
        .map(|(other, _)| other);
    let (what, hint) = if former == id {
        (format!("`{former}` is the name it has"), "remove this line, or write the name it had")
    } else if names.campaigns.contains_key(former) {
        let what = format!("there is still a campaign called `{former}`");
        (what, "a campaign that was renamed is gone under its former name: remove one of both")
    } else if let Some(twin) = twin {
        let what = format!("`{twin}` says too that it was called `{former}`");
        (what, "only one campaign can go on with its people: remove one of the two lines")
    } else {
        return;
    };
    diagnostics.bad_former_name(place.clone(), what, hint);
}

fn steps(
    root: &mut Table<'_>,
    every: Delay,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> (Vec<Step>, Vec<Place>) {
    let tables = root.tables("step", diagnostics);
    if tables.is_empty() {
        root.lacks("[[step]]", "[[step]] with an id", diagnostics);
    }
    let (mut steps, mut places): (Vec<Step>, Vec<Place>) = (Vec::new(), Vec::new());
    let mut former: Vec<(StepId, Place)> = Vec::new();
    for table in tables {
        let position = if steps.is_empty() { Position::First } else { Position::Later(every) };
        let Some((step, place, renamed_from)) = step(table, position, names, diagnostics) else {
            continue;
        };
        former.extend(renamed_from.map(|place| (step.id.clone(), place)));
        if steps.iter().any(|other| other.id == step.id) {
            diagnostics.duplicate_name(place, "step", step.id.as_str());
            continue;
        }
        steps.push(step);
        places.push(place);
    }
    for (id, place) in former {
        check_former_step(&id, &place, &steps, diagnostics);
    }
    (steps, places)
}

/// The same for steps: within their campaign.
fn check_former_step(id: &StepId, place: &Place, steps: &[Step], diagnostics: &mut Diagnostics) {
    let Some(step) = steps.iter().find(|step| step.id == *id) else { return };
    let Some(former) = &step.renamed_from else { return };
    let twin =
        steps.iter().find(|other| other.id != *id && other.renamed_from == step.renamed_from);
    let (what, hint) = if former == id {
        (format!("`{former}` is the name it has"), "remove this line, or write the name it had")
    } else if steps.iter().any(|other| other.id == *former) {
        let what = format!("there is still a step called `{former}`");
        (what, "a step that was renamed is gone under its former name: remove one of both")
    } else if let Some(twin) = twin {
        let what = format!("`{}` says too that it was called `{former}`", twin.id);
        (what, "only one step can be it: remove one of the two lines")
    } else {
        return;
    };
    diagnostics.bad_former_name(place.clone(), what, hint);
}

fn enroll(
    root: &mut Table<'_>,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Enroll> {
    let Some(mut table) = root.table("enroll", diagnostics) else {
        if !root.has("enroll") {
            root.lacks("[enroll]", "[enroll] with a list", diagnostics);
        }
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
    let every = delay(&mut table, "every", diagnostics).map_or(EVERY, |(every, place)| {
        check_gap(every, place, diagnostics);
        every
    });
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
        Some((Delay::Exact(delay), _)) => rules.unknown_delay = delay,
        Some((Delay::Days(days), _)) => {
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

fn delay(
    table: &mut Table<'_>,
    key: &'static str,
    diagnostics: &mut Diagnostics,
) -> Option<(Delay, Place)> {
    let text = table.text(key, diagnostics)?;
    let Ok(delay) = Delay::parse(&text.value) else {
        let hint = "write it like `30m`, `36h`, `2d` or `1w`";
        diagnostics.bad_value(text.place, &text.value, "a span of time", hint);
        return None;
    };
    Some((delay, text.place))
}

fn check_gap(delay: Delay, place: Place, diagnostics: &mut Diagnostics) {
    let longest = SignedDuration::from_hours(24 * i64::from(GAP_DAYS_MAX));
    let is_long = match delay {
        Delay::Days(days) => days > GAP_DAYS_MAX,
        Delay::Exact(span) => span > longest,
    };
    if is_long {
        diagnostics.long_gap(place, &delay.to_string());
    }
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

/// Where a step stands in its campaign.
#[derive(Clone, Copy)]
enum Position {
    First,
    /// With the delay of those that name none.
    Later(Delay),
}

/// A step, where its id stands, and where its former one does.
fn step(
    mut table: Table<'_>,
    position: Position,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<(Step, Place, Option<Place>)> {
    let id = table.name("id", diagnostics);
    if id.is_none() {
        table.required_text("id", "id = \"my-step\"", diagnostics);
    }
    let renamed_from = table.name("renamed_from", diagnostics);
    let delay = match (delay(&mut table, "after", diagnostics), position) {
        (None, Position::First) => Delay::NONE,
        (None, Position::Later(every)) => every,
        (Some((delay, place)), Position::First) => {
            if !delay.is_none() && delay != Delay::Days(0) {
                diagnostics.late_start(place, &delay.to_string());
            }
            delay
        }
        (Some((delay, place)), Position::Later(_)) => {
            check_gap(delay, place, diagnostics);
            delay
        }
    };
    let skip_if = condition(&mut table, "skip_if", names, diagnostics);
    table.finish(diagnostics);
    let (id, place) = id?;
    let (renamed_from, former_place) = renamed_from.unzip();
    Some((Step { id, renamed_from, delay, skip_if, file: String::new() }, place, former_place))
}
