//! `fascicle check`: every finding of all files, and of the links in them.

mod answers;
mod links;

use std::{path::Path, process::ExitCode};

use clap::{Args, ValueEnum};

use self::links::Memory;
use super::{given, term};
use crate::diagnostic::{Form, report};

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Args)]
pub(super) struct Arguments {
    /// How findings are written
    #[arg(long, value_enum, default_value = "human")]
    format: CheckFormat,
    /// Asks the web whether the links of the mails lead anywhere
    #[arg(long)]
    links: bool,
    /// Asks again what was answered within the last 24 hours
    #[arg(long, requires = "links")]
    fresh: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CheckFormat {
    /// With the line and a caret
    Human,
    /// One JSON array
    Json,
    /// Workflow commands for GitHub
    Github,
}

pub(super) async fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut loaded = given::load(folder)?;
    let mut summary = None;
    let mut cut_off = None;
    if let Some(project) = loaded.project.as_ref().filter(|_| arguments.links) {
        let memory = if arguments.fresh { Memory::Fresh } else { Memory::Trusted };
        match links::ask(folder, (&loaded.files, project), memory).await {
            Ok(asked) => {
                loaded.diagnostics.append(asked.findings);
                summary = Some(asked.summary);
            }
            // What the files say is told all the same.
            Err(error) => cut_off = Some(error),
        }
    } else if arguments.links {
        summary = Some("links are asked for when fascicle.toml can be read".to_owned());
    }
    let diagnostics = &loaded.diagnostics;
    match arguments.format {
        CheckFormat::Human if diagnostics.is_empty() => {
            let campaigns = loaded
                .project
                .map_or(0, |project| project.editions.len() + project.newsletters.len());
            let plural = if campaigns == 1 { "" } else { "s" };
            term::say(&format!("{campaigns} campaign{plural}, nothing to complain about"));
        }
        CheckFormat::Human => term::findings(diagnostics),
        CheckFormat::Json => term::data(&report(diagnostics, Form::Json))?,
        CheckFormat::Github => term::bytes(report(diagnostics, Form::GitHub).as_bytes())?,
    }
    if let Some(summary) = summary.filter(|_| arguments.format == CheckFormat::Human) {
        term::say(&summary);
    }
    match cut_off {
        Some(error) => Err(error),
        None => Ok(ExitCode::from(u8::from(diagnostics.has_errors()))),
    }
}
