//! `fascicle check`: every finding of all files.

use std::{path::Path, process::ExitCode};

use clap::{Args, ValueEnum};

use super::{given, term};
use crate::diagnostic::{Form, report};

#[derive(Args)]
pub(super) struct Arguments {
    /// How findings are written
    #[arg(long, value_enum, default_value = "human")]
    format: CheckFormat,
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

pub(super) fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let loaded = given::load(folder)?;
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
    Ok(ExitCode::from(u8::from(diagnostics.has_errors())))
}
