//! `fascicle help`: a command, a finding's code, or the format on one page.

use std::process::ExitCode;

use clap::{Args, CommandFactory as _};

use super::{Cli, term};
use crate::diagnostic::explain;

/// What there is besides commands and codes.
pub(super) const TOPICS: &str = "\
Topics:
  help format     campaigns, newsletters and words, on one page
  help templates  layouts, pages, and the variables they may use
  help E021       what a code of `check` means, with an example";

/// The project's own pages about its files.
const PAGES: [(&str, &str); 2] = [
    ("format", include_str!("../../campaigns/README.md")),
    ("templates", include_str!("../../templates/README.md")),
];

#[derive(Args)]
pub(super) struct Arguments {
    /// A command, a code like E021, `format` or `templates`
    topic: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let topic: Vec<&str> = arguments.topic.iter().map(String::as_str).collect();
    if let [word] = topic[..] {
        let page = PAGES.iter().find(|(name, _)| *name == word).map(|(_, text)| *text);
        if let Some(text) = page.or_else(|| explain(word)) {
            term::data(text)?;
            return Ok(ExitCode::SUCCESS);
        }
    }
    let mut command = Cli::command();
    // Fills in how each command is called.
    command.build();
    let mut found = &mut command;
    for word in topic {
        let Some(next) = found.find_subcommand_mut(word) else {
            term::say(&format!(
                "error: there is no command, topic or code `{word}`; `fascicle help` lists them"
            ));
            return Ok(ExitCode::from(2));
        };
        found = next;
    }
    term::help(found)?;
    Ok(ExitCode::SUCCESS)
}
