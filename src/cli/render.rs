//! `fascicle render`: one message, as its person would get it.

use std::{path::Path, process::ExitCode};

use clap::{Args, ValueEnum};

use super::{given, letters, term};
use crate::time::Timestamp;

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
pub(super) const DATED_AT: Timestamp = Timestamp::constant(1_774_598_400, 0);

pub(super) fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (_, project) = given::load_clean(folder)?;
    let sample = given::sample(&project, arguments.sample.as_deref())?;
    let letter = letters::one(&project, &arguments.message, &sample, DATED_AT)?;
    match arguments.part {
        Part::Html => term::data(&letter.rendered.html)?,
        Part::Text => term::data(&letter.rendered.text)?,
        Part::Subject => term::data(&letter.rendered.subject)?,
        Part::Eml => term::bytes(&letter.outgoing.bytes)?,
    }
    Ok(ExitCode::SUCCESS)
}
