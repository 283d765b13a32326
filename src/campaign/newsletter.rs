//! `campaign.toml` with an audience and a schedule → [`Newsletter`], without its
//! issues: those are files.

use std::sync::Arc;

use super::{
    filter::{self, Names},
    manifest::{Head, head},
    mend::Mended,
    site,
    table::{Document, Table, Text},
};
use crate::{
    diagnostic::{Diagnostics, Place},
    model::{Audience, CampaignId, Empty, Name, Newsletter, Schedule},
    time::{Cron, InvalidCron, civil},
};

/// A manifest that was read.
pub(super) struct Manifest {
    /// The newsletter, without issues; `None` when what each needs is missing.
    pub(super) newsletter: Option<Newsletter>,
    /// The layout's name, and where it stands.
    pub(super) layout: Option<Text>,
}

/// Keys of a drip, which mean nothing here.
const OF_A_DRIP: [&str; 3] = ["enroll", "send", "step"];

/// Reads the manifest of the newsletter `id`.
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
    let Head { title, status, layout, renamed_from } = head(&mut root, id, names, diagnostics);
    let audience = audience(&mut root, names, diagnostics);
    let schedule = schedule(&mut root, diagnostics);
    let feed = feed(&mut root, diagnostics);
    for key in OF_A_DRIP {
        // In a file that is broken it may be a table that swallowed others.
        if let Some(place) = root.excuse(key).filter(|_| root.is_sound()) {
            diagnostics.key_of_a_drip(place, key);
        }
    }
    root.finish(diagnostics);
    let newsletter = (|| {
        Some(Newsletter {
            id: id.clone(),
            renamed_from,
            title: title?,
            status,
            layout: layout.as_ref()?.value.clone(),
            audience: audience?,
            schedule,
            feed,
            issues: Vec::new(),
        })
    })();
    Manifest { newsletter, layout }
}

fn audience(
    root: &mut Table<'_>,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Audience> {
    let Some(mut table) = root.table("audience", diagnostics) else {
        if !root.has("audience") {
            root.lacks("[audience]", "[audience] with `when`", diagnostics);
        }
        return None;
    };
    let when = table.required_text("when", "when = \"list:my-list\"", diagnostics);
    table.finish(diagnostics);
    let text = when?;
    let when = filter::lower(&text, names, diagnostics)?;
    let Some(list) = when.list().cloned() else {
        let known: Vec<&str> = names.site.lists.keys().map(Name::as_str).collect();
        diagnostics.audience_without_list(text.place, &known);
        return None;
    };
    Some(Audience { list, when })
}

/// The schedule; without one, issues leave when they say so themselves.
fn schedule(root: &mut Table<'_>, diagnostics: &mut Diagnostics) -> Option<Schedule> {
    let mut table = root.table("schedule", diagnostics)?;
    let cron = table.required_text("cron", "cron = \"0 9 * * MON\"", diagnostics);
    let mut zone = None;
    if let Some(text) = table.text("zone", diagnostics)
        && text.value != "subscriber"
    {
        zone = site::zone(&text, diagnostics);
    }
    let empty = match table.text("empty", diagnostics) {
        None => Empty::Skip,
        Some(text) => match text.value.as_str() {
            "skip" => Empty::Skip,
            "remind" => Empty::Remind,
            _ => {
                diagnostics.not_one_of(text.place, &text.value, "known here", &["skip", "remind"]);
                Empty::Skip
            }
        },
    };
    table.finish(diagnostics);
    let text = cron?;
    match Cron::parse(&text.value) {
        Ok(cron) => Some(Schedule { cron, zone, empty }),
        Err(InvalidCron::Unreadable) => {
            diagnostics.bad_cron(text.place, &text.value);
            None
        }
        Err(InvalidCron::Never) => {
            diagnostics.idle_cron(text.place, &text.value);
            None
        }
    }
}

fn feed(root: &mut Table<'_>, diagnostics: &mut Diagnostics) -> Option<String> {
    let mut table = root.table("source", diagnostics)?;
    let feed = table.required_text("feed", "feed = \"https://example.com/feed.xml\"", diagnostics);
    table.finish(diagnostics);
    let feed = feed?;
    let is_address = ["https://", "http://"]
        .iter()
        .filter_map(|scheme| feed.value.strip_prefix(scheme))
        .any(|rest| {
            !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
        });
    if !is_address {
        let hint = "write its address, like `https://example.com/feed.xml`";
        diagnostics.bad_value(feed.place, &feed.value, "the address of a feed", hint);
        return None;
    }
    Some(feed.value)
}

/// The date in an issue's name: `2026-11-23-hello`.
///
/// Returns `None`, and says so, when there is none.
pub(super) fn date_of(
    name: &str,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> Option<(Name, civil::Date)> {
    let is_date = |text: &str| {
        let mut bytes = text.bytes().enumerate();
        bytes.all(|(at, c)| if matches!(at, 4 | 7) { c == b'-' } else { c.is_ascii_digit() })
    };
    let date = name.get(..10).filter(|text| is_date(text)).and_then(|text| text.parse().ok());
    let has_name = name.get(10..).is_some_and(|rest| rest.len() > 1 && rest.starts_with('-'));
    let found = Name::parse(name).filter(|_| has_name).zip(date);
    if found.is_none() {
        let hint = "name the file like `2026-11-23-hello.md`: of those that are ready, the oldest leaves first";
        diagnostics.bad_value(place, name, "the name of an issue", hint);
    }
    found
}
