//! `fascicle render`: one message, as its person would get it.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};

use super::{given, term};
use crate::{
    campaign::{Edition, Project},
    model::Sample,
    rehearsal::{self, Letter, Walk},
    time::Timestamp,
};

#[derive(Args)]
pub(super) struct Arguments {
    /// CAMPAIGN/STEP, NEWSLETTER/ISSUE, or `confirm`
    message: String,
    /// The pretend subscriber of samples.toml
    #[arg(long, value_name = "NAME")]
    sample: Option<String>,
    /// Which part
    #[arg(long, value_enum, default_value = "html")]
    part: Part,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Html,
    Text,
    Subject,
    Eml,
}

/// A message that is printed is dated like this, so that the same files print
/// the same bytes. Its person entered then, too.
const DATED_AT: Timestamp = Timestamp::constant(1_774_598_400, 0);

pub(super) fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (_, project) = given::load_clean(folder)?;
    let sample = given::sample(&project, arguments.sample.as_deref())?;
    let letter = match arguments.message.split_once('/') {
        Some((campaign, part)) => match given::newsletter(&project, campaign) {
            Some(edition) => {
                let issue = given::issue(edition, part)?;
                rehearsal::issue(edition, &issue, Some(&sample), DATED_AT)?
            }
            None => step(given::edition(&project, campaign)?, part, &sample)?,
        },
        None if arguments.message == "confirm" => confirmation(&project, &sample)?,
        None => bail!("`{}` is not CAMPAIGN/STEP or NEWSLETTER/ISSUE", arguments.message),
    };
    match arguments.part {
        Part::Html => term::data(&letter.rendered.html)?,
        Part::Text => term::data(&letter.rendered.text)?,
        Part::Subject => term::data(&letter.rendered.subject)?,
        Part::Eml => term::bytes(&letter.outgoing.bytes)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn step(edition: &Edition, step: &str, sample: &Sample) -> anyhow::Result<Letter> {
    let step = given::step(edition, step)?;
    let zone = Walk::zone(edition, Some(sample), None);
    let walk = Walk { edition, sample: Some(sample), zone, enrolled_at: DATED_AT };
    Ok(walk.letter(&step, DATED_AT)?)
}

fn confirmation(project: &Project, sample: &Sample) -> anyhow::Result<Letter> {
    let list = project.site.lists.keys().next().context("the project has no list")?;
    let letter = rehearsal::confirmation(project, list, sample, DATED_AT);
    Ok(letter.context("there is no templates/confirm.mjml")??)
}
