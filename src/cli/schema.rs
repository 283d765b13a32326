//! `fascicle schema`: JSON Schemas of a project's files, for editors.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, ensure};
use clap::Args;

use super::term;
use crate::project;

/// Where the first lines of a project's files look for them.
const FOLDER: &str = ".fascicle";

#[derive(Args)]
pub(super) struct Arguments {
    /// Where they are written; the project's .fascicle/ if not given
    folder: Option<PathBuf>,
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let folder = arguments.folder.clone().unwrap_or_else(|| folder.join(FOLDER));
    ensure!(!project::is_link(&folder), "{} is a link; write it where it leads", folder.display());
    project::make_folder(&folder).with_context(|| format!("making {}", folder.display()))?;
    let example = project::example();
    for (path, bytes) in example.below(".fascicle/") {
        let path = folder.join(path.trim_start_matches(".fascicle/"));
        project::write_output(&path, bytes)
            .with_context(|| format!("writing {}", path.display()))?;
        term::say(&format!("wrote {}", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}
