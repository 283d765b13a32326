//! `fascicle split`: an article goes in, a campaign comes out.

mod pictures;
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
    /// How many emails; as many as the article has themes if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=30))]
    into: Option<u8>,
    /// The campaign's name; made of the title if not given
    #[arg(long)]
    name: Option<String>,
    /// Between two emails, like 2d; a day or two if not given
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
    mode: Mode,
}

/// Emails of a series that is sent every day; a longer one has a day between.
const DAILY_MAX: usize = 7;
/// Words of an email that is read in a day's break.
const DAILY_WORDS: usize = 500;

pub(super) async fn run(project: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let web = if arguments.fetch { Web::Fetch } else { Web::Refuse };
    let article = source::read(&arguments.article, web, &arguments.keep).await?;
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
    let plan = article::plan(&made, &memory, &present, (&series.title, &setting));
    let writing = if arguments.rehearsal.is_dry { Mode::DryRun } else { Mode::Write };
    let split = Split { article, series, setting, folder, plan, saved, mode: writing };
    if split.mode == Mode::Write {
        write(&split, &present)?;
    }
    match arguments.format {
        Format::Human => term::data(&tell::human(&split))?,
        Format::Json => term::data(&tell::json(&split))?,
    }
    Ok(ExitCode::SUCCESS)
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
    let list = site.as_ref().and_then(|site| site.lists.keys().next());
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
        list: list.map_or_else(|| "news".to_owned(), ToString::to_string),
        layout: layouts.next().unwrap_or("course").to_owned(),
        every,
        status: Status::Draft,
        schema: has_schema.then(|| "../../.fascicle/campaign.schema.json".to_owned()),
    })
}

fn write(split: &Split, present: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let mut files: Vec<(String, String)> = Vec::new();
    for change in &split.plan.changes {
        let name = change.fate.proposal().unwrap_or(&change.name);
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
        .with_context(|| format!("writing {}", split.folder.display()))
}
