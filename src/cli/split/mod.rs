//! `fascicle split`: an article goes in, a campaign comes out.

pub(super) mod pictures;
pub(super) mod source;
mod tell;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail, ensure};
use clap::Args;

use self::source::Web;
use super::{Format, given, term};
use crate::{
    article::{self, Article, Memory, Plan, Saved, Series, Setting, Wishes},
    model::{Name, Status},
    project,
    time::Delay,
};

#[derive(Args)]
pub(super) struct Arguments {
    /// A file, `-` for standard input, or an address with --fetch
    article: String,
    /// The campaign's folder; campaigns/NAME of the project if not given
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How many emails, 1 to 30; as many as the article has themes if not given, ten at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=30))]
    into: Option<u8>,
    /// The campaign's name; made of the title if not given
    #[arg(long)]
    name: Option<String>,
    /// The list whose people get it; the project's first if not given
    #[arg(long, value_name = "LIST")]
    list: Option<String>,
    /// Between two emails, like 2d; if not given, a day, or two for long emails and for more than seven
    #[arg(long, value_name = "DELAY")]
    every: Option<String>,
    /// Puts back a piece that was left out, named by some of its words; may be said again
    #[arg(long, value_name = "WORDS")]
    keep: Vec<String>,
    /// Fetches the article from its address
    #[arg(long)]
    fetch: bool,
    #[command(flatten)]
    rehearsal: Rehearsal,
    /// How it is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Args)]
struct Rehearsal {
    /// Shows what would be written, and writes nothing
    #[arg(long = "dry-run")]
    is_dry: bool,
}

/// Whether files are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Write,
    DryRun,
}

/// Everything about one split.
struct Split {
    article: Article,
    series: Series,
    setting: Setting,
    /// Where the campaign is.
    folder: PathBuf,
    plan: Plan,
    /// Images that go with it.
    saved: Vec<Saved>,
    /// Proposals of earlier splits that the author has not looked at.
    waiting: Vec<String>,
    mode: Mode,
}

/// Emails of a series that is sent every day; a longer one has a day between.
const DAILY_MAX: usize = 7;
/// Words of an email that is read in a day's break.
const DAILY_WORDS: usize = 500;

pub(super) async fn run(project: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let web = if arguments.fetch { Web::Fetch } else { Web::Refuse };
    let article = source::read(&arguments.article, web, &arguments.keep).await?;
    for words in &arguments.keep {
        ensure!(
            article::says(&article, words),
            "nothing that was left out says `{words}`; without --keep, all of it is listed"
        );
    }
    let folder = folder(project, arguments, &article.title)?;
    let saved = pictures::save(&article, &arguments.article, web, &folder).await;
    let images = saved.iter().map(|one| (one.source.clone(), one.file.clone())).collect();
    let wishes = Wishes { into: arguments.into.map(usize::from), images };
    let series = article::series(&article, &wishes);
    let setting = setting(project, arguments, &series)?;
    let present = project::read_folder(&folder)
        .with_context(|| format!("looking into {}", folder.display()))?;
    let memory =
        present.get(article::MEMORY).map_or_else(Memory::default, |text| Memory::parse(text));
    let made = article::files(&article, &series, &setting);
    let plan = article::plan(&made, &memory, &present, (&series.title, &setting))
        .with_context(|| format!("splitting into {}", folder.display()))?;
    let writing = if arguments.rehearsal.is_dry { Mode::DryRun } else { Mode::Write };
    let unread = present.keys().filter(|name| is_beside(name)).cloned().collect();
    let split =
        Split { article, series, setting, folder, plan, saved, waiting: unread, mode: writing };
    if split.mode == Mode::Write {
        write(&split, &present)?;
    }
    match arguments.format {
        Format::Human => term::data(&tell::human(&split))?,
        Format::Json => term::data(&tell::json(&split))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether a file is a proposal: `1-causes.md.new`.
fn is_beside(name: &str) -> bool {
    name.rsplit_once(".new").is_some_and(|(_, end)| end.bytes().all(|c| c.is_ascii_digit()))
}

/// Where the campaign goes.
fn folder(project: &Path, arguments: &Arguments, title: &str) -> anyhow::Result<PathBuf> {
    let name = match &arguments.name {
        Some(name) => match Name::parse(name) {
            Some(name) => name,
            None => bail!(
                "`{name}` is no name for a campaign; use lower case letters, digits and dashes"
            ),
        },
        None => article::campaign_name(title),
    };
    if let Some(out) = &arguments.out {
        return Ok(out.clone());
    }
    ensure!(
        project.join(project::MANIFEST).is_file(),
        "there is no fascicle.toml here; make a project with `fascicle init`, or say where to write with --out DIR"
    );
    Ok(project.join("campaigns").join(name.as_str()))
}

/// Between two emails, when the author says nothing: long ones take two days.
pub(super) fn every(series: &Series) -> &'static str {
    let count = series.emails.len();
    let mean = series.emails.iter().map(|email| email.words).sum::<usize>() / count.max(1);
    if count > DAILY_MAX || mean > DAILY_WORDS { "2d" } else { "1d" }
}

/// What the project says about every campaign.
fn setting(project: &Path, arguments: &Arguments, series: &Series) -> anyhow::Result<Setting> {
    let site =
        project.join(project::MANIFEST).is_file().then(|| given::site(project).ok()).flatten();
    let lists = site.as_ref().map(|site| &site.lists);
    let list = match &arguments.list {
        Some(name) => {
            let known: Vec<&str> =
                lists.iter().flat_map(|lists| lists.keys()).map(Name::as_str).collect();
            ensure!(
                lists.is_none() || known.contains(&name.as_str()),
                "there is no list `{name}` in fascicle.toml; there is: {}",
                known.join(", ")
            );
            Some(name.clone())
        }
        None => lists.and_then(|lists| lists.keys().next()).map(ToString::to_string),
    };
    let layouts = project::read_folder(&project.join("templates")).unwrap_or_default();
    let mut layouts = layouts
        .keys()
        .filter_map(|name| name.strip_suffix(".mjml"))
        .filter(|name| *name != "confirm");
    let has_schema =
        arguments.out.is_none() && project.join(".fascicle/campaign.schema.json").is_file();
    let every = match &arguments.every {
        Some(text) => {
            ensure!(Delay::parse(text).is_ok(), "`{text}` is no delay; write 1d, 12h or 30m");
            text.clone()
        }
        None => every(series).to_owned(),
    };
    Ok(Setting {
        list: list.unwrap_or_else(|| "news".to_owned()),
        layout: layouts.next().unwrap_or("course").to_owned(),
        every,
        status: Status::Draft,
        schema: has_schema.then(|| "../../.fascicle/campaign.schema.json".to_owned()),
    })
}

fn write(split: &Split, present: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let mut files: Vec<(String, String)> = Vec::new();
    for change in &split.plan.changes {
        let name = change.fate.beside().unwrap_or(&change.name);
        if let Some(text) = &change.text
            && present.get(name) != Some(text)
        {
            files.push((name.clone(), text.clone()));
        }
    }
    let memory = split.plan.memory.to_text();
    if present.get(article::MEMORY) != Some(&memory) {
        files.push((article::MEMORY.to_owned(), memory));
    }
    let files: Vec<(String, Vec<u8>)> = split
        .saved
        .iter()
        .map(|saved| (saved.file.clone(), saved.bytes.clone()))
        .chain(files.into_iter().map(|(name, text)| (name, text.into_bytes())))
        .collect();
    project::write_folder(&split.folder, &files)
        .with_context(|| format!("writing {}", split.folder.display()))?;
    // What lies beside under another name now is not sent any more.
    for change in &split.plan.changes {
        if matches!(change.fate, article::Fate::Retired(_)) {
            project::remove_file(&split.folder.join(&change.name))
                .with_context(|| format!("taking {} away", change.name))?;
        }
    }
    Ok(())
}
