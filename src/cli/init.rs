//! `fascicle init`: a new project that works at once.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

use super::term;
use crate::project;

#[derive(Args)]
pub(super) struct Arguments {
    /// The new project's folder; this one if not given
    folder: Option<PathBuf>,
}

/// What a project's folder holds that does not belong into version control.
const IGNORED: &str = "/fascicle.db*\n/screenshots\n";

pub(super) fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let folder = arguments.folder.as_deref().unwrap_or(folder);
    let mut files = project::example();
    files.insert(".gitignore", IGNORED.as_bytes());
    project::write_new(folder, &files)?;
    term::say(&format!("a project with the founding course is in {}", folder.display()));
    term::say(
        "next: `cd` there, `fascicle preview`, and put your name and address into fascicle.toml",
    );
    Ok(ExitCode::SUCCESS)
}
