//! `fascicle demo`: the whole product in a minute, with nothing installed.
//!
//! A real SMTP listener, a real database in a temporary folder, and the
//! service's own loops, on a clock that jumps from one due instant to the
//! next. Nothing here is a second implementation: the demo only opens the
//! doors, plays the people of `samples.toml`, and counts.

mod acts;
mod arrivals;
pub(super) mod child;
mod course;
mod crowd;
mod house;
mod killer;
mod ledger;
mod sender;
mod stage;
mod tale;
mod telling;
mod told;
mod visitor;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use clap::Args;
use tokio::{net::TcpListener, sync::watch};

use self::{arrivals::Arrivals, house::House, stage::Stage};
use super::{
    Format, browser, given,
    run::until_stopped,
    split::{
        pictures,
        source::{self, Web},
    },
    term,
};
use crate::{
    campaign::{self, Memo, Project},
    mail::{RelayOptions, Security},
    model::{ProjectFiles, Reach},
    project,
    service::SenderOptions,
    time::{Clock, SignedDuration, Timestamp},
    web::{self, Reading},
};

/// Two days before clocks in Europe go forward, so that a change is on the way.
const START: Timestamp = Timestamp::constant(1_774_638_000, 0);

/// Connections of the demo: enough to show that order does not depend on one.
const CONNECTIONS: usize = 4;

/// How long people need for the form.
const TYPING: SignedDuration = SignedDuration::from_secs(20);

#[derive(Args)]
pub(super) struct Arguments {
    /// An article to play instead: a file, `-` for standard input, or an address with --fetch
    article: Option<String>,
    #[command(flatten)]
    web: Fetching,
    /// Ends by itself, instead of showing pages until Ctrl-C
    #[arg(long)]
    exit: bool,
    #[command(flatten)]
    browser: Browser,
    #[command(flatten)]
    danger: Danger,
    /// Keeps the mails in this folder, as .eml files
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// When the people sign up, like 2026-03-27T20:00 (UTC)
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// The port of the pages; a free one if not given
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How it is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Args)]
struct Browser {
    /// Does not open the browser
    #[arg(long)]
    no_open: bool,
}

impl Arguments {
    /// Whether somebody sits there and wants to see pages.
    fn shows_itself(&self) -> bool {
        let wants = !self.exit && !self.browser.no_open && self.format == Format::Human;
        wants && term::is_watched()
    }
}

#[derive(Clone, Copy, Args)]
struct Danger {
    /// Makes the sender a process of its own and kills it again and again, among 60 people; ends with what was
    /// sent, lost and doubled
    #[arg(long)]
    crash: bool,
}

#[derive(Args)]
struct Fetching {
    /// Fetches the article from its address
    #[arg(long, requires = "article")]
    fetch: bool,
}

/// What is played.
struct Course {
    files: ProjectFiles,
    project: Project,
    /// Where it comes from.
    location: String,
}

pub(super) async fn run(folder: &Path, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let mut course = course(folder, &arguments).await?;
    ensure!(!course.project.samples.is_empty(), "samples.toml has no people to play with");
    if arguments.danger.crash {
        course.project.samples = crowd::crowd(&course.project.samples);
    }
    let start = match &arguments.start {
        Some(text) => given::instant(text, &crate::time::TimeZone::UTC)?,
        None => START,
    };
    if let Some(out) = &arguments.out {
        // Say so before the play, not after it.
        project::make_folder(out).with_context(|| format!("writing to {}", out.display()))?;
    }
    let listener = TcpListener::bind(here(arguments.port)).await.context("serving the pages")?;
    let base_url = format!("http://{}", listener.local_addr()?);
    let house = House::open(&course, (&base_url, start), arguments.danger).await?;
    let tale = tale::begin(&course.project, start);
    let series = format!("{base_url}{}", tale.series);
    let (tales, told) = watch::channel(Arc::new(tale));
    let (_readings, readings) = watch::channel(Arc::new(reading(&course)));
    let studio = web::Demo {
        readings,
        clock: Clock::starting_at(start),
        catcher: house.catcher.clone(),
        tales: told,
    };
    let pages = web::demo(house.public().await?, studio);
    let serving = tokio::spawn(web::serve_live(listener, pages, until_stopped()));
    if arguments.shows_itself() {
        browser::open(&series);
    }
    if arguments.danger.crash && !arguments.exit {
        term::say(&format!("play:   {base_url}/play\n"));
    }
    let mut stage = Stage {
        project: &course.project,
        store: &house.store,
        clock: &house.clock,
        sender: house.sender,
        killer: house.killer,
        arrivals: Arrivals::new(house.catcher),
        heard: house.heard,
        tales,
        kept: 0,
        kills_told: 0,
        format: arguments.format,
        out: arguments.out.as_deref(),
        start,
        base_url: &base_url,
    };
    let account = tokio::select! {
        account = stage.play() => account?,
        () = until_stopped() => return Ok(ExitCode::from(1)),
    };
    if arguments.exit {
        return Ok(account);
    }
    term::say(&format!(
        "\nseries: {series}\nplay:   {base_url}/play\nmails:  {base_url}/inbox   (Ctrl-C ends)"
    ));
    serving.await??;
    Ok(account)
}

/// A port of this machine that nobody else reaches.
fn here(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// What is to be played: an article, the project here, or the founding one.
async fn course(folder: &Path, arguments: &Arguments) -> anyhow::Result<Course> {
    let Some(name) = &arguments.article else {
        if folder.join(project::MANIFEST).exists() {
            let (files, project) = given::load_clean(folder)?;
            return Ok(Course { files, project, location: project::location(folder) });
        }
        term::say("there is no project here: this is the founding one\n");
        let (files, project) = given::example()?;
        return Ok(Course { files, project, location: "the founding project".to_owned() });
    };
    let web = if arguments.web.fetch { Web::Fetch } else { Web::Refuse };
    let article = source::read(name, web, &[]).await?;
    let nowhere = Path::new("");
    let saved = pictures::save(&article, name, web, nowhere).await;
    let (files, project) = course::project(&article, &saved)?;
    let location = if name == "-" { "standard input".to_owned() } else { name.clone() };
    Ok(Course { files, project, location })
}

/// What the studio shows of `course`.
fn reading(course: &Course) -> Reading {
    let nothing = Reading::nothing(course.location.clone(), Clock::System.now());
    nothing.next(&course.files, campaign::read_traced(&course.files, &mut Memo::default()))
}

/// Everything to the catcher, at once.
fn options(catcher: SocketAddr, hello: String) -> SenderOptions {
    SenderOptions {
        relay: RelayOptions {
            host: catcher.ip().to_string(),
            port: catcher.port(),
            security: Security::Plain,
            credentials: None,
            hello,
        },
        connections: CONNECTIONS,
        pace: None,
        reach: Reach::Everybody,
    }
}
