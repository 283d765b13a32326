//! `fascicle forecast`: what a person would get, and when.

use std::{fmt::Write as _, path::Path, process::ExitCode};

use clap::Args;
use serde_json::json;

use super::{Format, given, term};
use crate::{
    engine::{Expected, ExpectedOutcome, forecast},
    time::{Clock, SignedDuration, Timestamp},
};

#[derive(Args)]
pub(super) struct Arguments {
    /// The campaign
    campaign: String,
    /// When they enter, like 2026-03-27T20:00 (their time); now if not given
    #[arg(long, value_name = "TIME")]
    enrolled: Option<String>,
    /// Their zone, like Europe/Berlin; the sample's or the site's if not given
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// The pretend subscriber of samples.toml, with their tags and events
    #[arg(long, value_name = "NAME")]
    sample: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (_, project) = given::load_clean(folder)?;
    let edition = given::edition(&project, &arguments.campaign)?;
    let campaign = &edition.campaign;
    // Without a sample: somebody of whom nothing is known.
    let sample = match &arguments.sample {
        Some(name) => Some(given::sample(&project, Some(name))?),
        None => None,
    };
    let sample_zone = sample.as_ref().and_then(|sample| sample.person.zone.as_deref());
    let zone = match &arguments.zone {
        Some(name) => campaign.zone(given::zone(name)?.iana_name(), &project.site.zone),
        None => campaign.zone(sample_zone, &project.site.zone),
    };
    let enrolled_at = match &arguments.enrolled {
        Some(text) => given::instant(text, &zone)?,
        None => Clock::System.now(),
    };
    let facts_at = |at: Timestamp| match &sample {
        Some(sample) => sample.facts(&campaign.enroll.list, at.duration_since(enrolled_at)),
        None => crate::model::Facts {
            lists: [campaign.enroll.list.clone()].into(),
            ..crate::model::Facts::default()
        },
    };
    let timeline = forecast(campaign, &zone, enrolled_at, facts_at);
    let fields = sample.map(|sample| sample.person.fields).unwrap_or_default();
    let lines = timeline
        .iter()
        .map(|line| {
            let local = line.at.to_zoned(zone.clone());
            let subject = edition.subject(&line.step, &fields)?;
            Ok((line, local, subject))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    if arguments.format == Format::Json {
        let array: Vec<_> = lines
            .iter()
            .map(|(line, local, subject)| {
                let mut object = json!({
                    "step": line.step,
                    "at": line.at.to_string(),
                    "local": local.strftime("%FT%T%:z").to_string(),
                    "subject": subject,
                });
                if line.outcome != ExpectedOutcome::Sent {
                    object["outcome"] = json!(word(line));
                }
                object
            })
            .collect();
        term::data(&format!("{:#}", serde_json::Value::Array(array)))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut before = enrolled_at;
    let mut text = String::new();
    for (line, local, subject) in &lines {
        let first = enrolled_at.to_zoned(zone.clone()).date();
        let day = local.date().since(first).map_or(0, |span| span.get_days());
        let gap = gap(line.at.duration_since(before));
        before = line.at;
        let note =
            if line.outcome == ExpectedOutcome::Sent { subject.as_str() } else { word(line) };
        let _ = writeln!(
            text,
            "day {day:<3} {}  {gap:>8}  {:<16} {note}",
            local.strftime("%a %F %H:%M %:z"),
            line.step.as_str(),
        );
    }
    term::data(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn word(line: &Expected) -> &'static str {
    match line.outcome {
        ExpectedOutcome::Sent => "sent",
        ExpectedOutcome::Skipped => "skipped",
        ExpectedOutcome::Exited => "left: the campaign's exit holds",
    }
}

fn gap(span: SignedDuration) -> String {
    match (span.as_hours() / 24, span.as_hours() % 24) {
        (0, 0) if span.as_mins() == 0 => "at once".to_owned(),
        (0, 0) => format!("+{}m", span.as_mins()),
        (0, hours) => format!("+{hours}h"),
        (days, 0) => format!("+{days}d"),
        (days, hours) => format!("+{days}d {hours}h"),
    }
}
