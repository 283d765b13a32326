//! `samples.toml` → pretend subscribers, for previews, forecasts and the demo.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    filter::Names,
    mend::Mended,
    site,
    table::{Document, Table},
};
use crate::{
    diagnostic::{Diagnostics, Place},
    model::{EmailAddress, Name, Person, Sample, StepId},
    time::{Delay, SignedDuration},
};

/// The file's name in the project's folder.
pub(super) const FILE: &str = "samples.toml";

/// Reads `text`. Samples with mistakes are left out.
pub(super) fn parse(
    file: &Arc<str>,
    text: &str,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Sample> {
    let source = Mended::of(text);
    let document = Document::parse(file, &source, diagnostics);
    let mut root = document.root();
    let mut samples: Vec<Sample> = Vec::new();
    for table in root.tables("sample", diagnostics) {
        let place = table.place();
        let Some(sample) = sample(table, names, diagnostics) else { continue };
        if samples.iter().any(|other| other.name == sample.name) {
            diagnostics.duplicate_name(place, "sample", &sample.name);
            continue;
        }
        samples.push(sample);
    }
    root.finish(diagnostics);
    samples
}

fn sample(
    mut table: Table<'_>,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Sample> {
    let name = table.required_text("name", "name = \"Ada\"", diagnostics);
    let email = table.required_text("email", "email = \"ada@example.org\"", diagnostics);
    let zone = table.text("zone", diagnostics);
    let zone = zone.and_then(|text| site::zone(&text, diagnostics).map(|_| text.value));
    let fields = fields(&mut table, names, diagnostics);
    let tags = table.names("tags", diagnostics);
    let known: Vec<&str> = names.site.tags.iter().map(Name::as_str).collect();
    for (tag, place) in &tags {
        if !known.contains(&tag.as_str()) {
            diagnostics.unknown_name(place.clone(), "tag", tag.as_str(), &known);
        }
    }
    let events = events(&mut table, names, diagnostics);
    let leaves_after = table.name("leaves_after", diagnostics);
    if let Some((step, place)) = &leaves_after {
        check_step(step, place, names, diagnostics);
    }
    table.finish(diagnostics);
    let email = email.and_then(|text| match EmailAddress::parse(&text.value) {
        Ok(email) => Some(email),
        Err(_) => {
            let hint = "write it like `ada@example.org`";
            diagnostics.bad_value(text.place, &text.value, "an email address", hint);
            None
        }
    });
    Some(Sample {
        name: name?.value,
        person: Person { email: email?, zone, fields },
        tags: tags.into_iter().map(|(tag, _)| tag).collect(),
        events,
        leaves_after: leaves_after.map(|(step, _)| step),
    })
}

/// A step that is gone is no harm: it concerns only the demo.
fn check_step(step: &StepId, place: &Place, names: &Names<'_>, diagnostics: &mut Diagnostics) {
    let steps = names.campaigns.values().flat_map(|outline| &outline.steps);
    let steps: Vec<&str> = steps.map(StepId::as_str).collect();
    if !steps.contains(&step.as_str()) {
        diagnostics.leaves_after_nothing(place.clone(), step.as_str(), &steps);
    }
}

fn fields(
    table: &mut Table<'_>,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<Name, String> {
    let mut fields = BTreeMap::new();
    let Some(given) = table.table("fields", diagnostics) else { return fields };
    let known: Vec<&str> = names.site.fields.keys().map(Name::as_str).collect();
    for (name, entry) in given.entries(diagnostics) {
        if !names.site.fields.contains_key(&name) {
            diagnostics.unknown_name(entry.key.clone(), "field", name.as_str(), &known);
        }
        if let Some(text) = entry.text(diagnostics) {
            fields.insert(name, text.value);
        }
    }
    fields
}

fn events(
    table: &mut Table<'_>,
    names: &Names<'_>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<Name, SignedDuration> {
    let mut events = BTreeMap::new();
    let Some(given) = table.table("events", diagnostics) else { return events };
    let known: Vec<&str> = names.site.events.iter().map(Name::as_str).collect();
    for (name, entry) in given.entries(diagnostics) {
        if !names.site.events.contains(&name) {
            diagnostics.unknown_name(entry.key.clone(), "event", name.as_str(), &known);
        }
        let Some(text) = entry.text(diagnostics) else { continue };
        match Delay::parse(&text.value) {
            Ok(Delay::Exact(after)) => {
                events.insert(name, after);
            }
            Ok(Delay::Days(days)) => {
                events.insert(name, SignedDuration::from_hours(24 * i64::from(days)));
            }
            Err(_) => {
                let hint = "write how long after the enrollment it happens, like `5d`";
                diagnostics.bad_value(text.place, &text.value, "a span of time", hint);
            }
        }
    }
    events
}
