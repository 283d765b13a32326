//! `fascicle forecast`: what a person would get, and when.

use std::{fmt::Write as _, path::Path, process::ExitCode};

use clap::Args;
use serde_json::json;

use super::{Format, given, term};
use crate::{
    engine::ExpectedOutcome,
    library::Library,
    rehearsal::{Moment, Walk},
    store::Missing,
    time::{Clock, SignedDuration},
};

#[derive(Args)]
pub(super) struct Arguments {
    /// The campaign; without one, what leaves in the next 14 days
    campaign: Option<String>,
    /// When they enter, like 2026-03-27T20:00 (their time); now if not given
    #[arg(long, value_name = "TIME", requires = "campaign")]
    enrolled: Option<String>,
    /// Their zone, like Europe/Berlin; the sample's or the site's if not given
    #[arg(long, value_name = "ZONE", requires = "campaign")]
    zone: Option<String>,
    /// The pretend subscriber of samples.toml, with their tags and events
    #[arg(long, value_name = "NAME", requires = "campaign")]
    sample: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) async fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.campaign {
        Some(campaign) => timeline(folder, arguments, campaign),
        None => agenda(folder, arguments.format).await,
    }
}

/// What leaves in the next 14 days, from the database.
async fn agenda(folder: &Path, format: Format) -> anyhow::Result<ExitCode> {
    let site = given::site(folder)?;
    let store = given::store(folder, &site, Missing::Refuse).await?;
    let agenda = Library::new(store).agenda(Clock::System.now()).await?;
    if format == Format::Json {
        let lines = agenda.departures.iter().map(|one| {
            let day = one.day.to_string();
            json!({"day": day, "campaign": one.campaign, "step": one.step, "count": one.count})
        });
        term::data(&format!("{:#}", serde_json::Value::Array(lines.collect())))?;
        return Ok(ExitCode::SUCCESS);
    }
    if agenda.departures.is_empty() {
        term::say("nothing is due: nobody is on the way through a campaign");
    }
    for one in &agenda.departures {
        let day = one.day.strftime("%a %F");
        term::data(&format!("{day}  {:>6}  {}/{}", one.count, one.campaign, one.step))?;
    }
    if agenda.is_cut {
        term::say("more people are on the way than were looked at");
    }
    Ok(ExitCode::SUCCESS)
}

fn timeline(folder: &Path, arguments: &Arguments, campaign: &str) -> anyhow::Result<ExitCode> {
    let (_, project) = given::load_clean(folder)?;
    let edition = given::edition(&project, campaign)?;
    // Without a sample: somebody of whom nothing is known.
    let sample = match &arguments.sample {
        Some(name) => Some(given::sample(&project, Some(name))?),
        None => None,
    };
    let zone_name = match &arguments.zone {
        Some(name) => given::zone(name)?.iana_name().map(str::to_owned),
        None => None,
    };
    let zone = Walk::zone(edition, sample.as_ref(), zone_name.as_deref());
    let enrolled_at = match &arguments.enrolled {
        Some(text) => given::instant(text, &zone)?,
        None => Clock::System.now(),
    };
    let walk = Walk { edition, sample: sample.as_ref(), zone, enrolled_at };
    let moments = walk.moments();
    let fields = sample.as_ref().map(|sample| sample.person.fields.clone()).unwrap_or_default();
    let lines = moments
        .iter()
        .map(|line| Ok((line, edition.subject(&line.step, &fields)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    if arguments.format == Format::Json {
        let array: Vec<_> = lines
            .iter()
            .map(|(line, subject)| {
                let mut object = json!({
                    "step": line.step,
                    "at": line.at.to_string(),
                    "local": line.local.strftime("%FT%T%:z").to_string(),
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
    let mut text = String::new();
    for (line, subject) in &lines {
        let note =
            if line.outcome == ExpectedOutcome::Sent { subject.as_str() } else { word(line) };
        let _ = writeln!(
            text,
            "day {:<3} {}  {:>8}  {:<16} {note}",
            line.day,
            line.local.strftime("%a %F %H:%M %:z"),
            gap(line.gap),
            line.step.as_str(),
        );
    }
    term::data(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn word(line: &Moment) -> &'static str {
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
