//! `fascicle demo`: the whole product in a minute, with nothing installed.
//!
//! A real SMTP listener, a real database in a temporary folder, and the
//! service's own loops, on a clock that jumps from one due instant to the
//! next. Nothing here is a second implementation: the demo only opens the
//! doors, plays the people of `samples.toml`, and counts.

mod course;
mod stage;
mod visitor;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, ensure};
use clap::Args;
use tokio::net::TcpListener;

use self::stage::{Stage, TYPING};
use super::{
    Format, apply, given,
    run::until_stopped,
    scratch::Scratch,
    split::{
        pictures,
        source::{self, Web},
    },
    term,
};
use crate::{
    campaign::Project,
    mail::{Catcher, Keys, RelayOptions, Security},
    model::{EmailAddress, MessageKind, Name, ProjectFiles, Reach, StepId, Verdict},
    project,
    service::{Event, SenderOptions, Service},
    store::{Missing, Store},
    time::{Clock, Timestamp},
    web,
};

/// Two days before clocks in Europe go forward, so that a change is on the way.
const START: Timestamp = Timestamp::constant(1_774_638_000, 0);

/// Connections of the demo: enough to show that order does not depend on one.
const CONNECTIONS: usize = 4;

/// The demo's visitors say from which network they come.
const VISITORS: &str = "127.0.0.1/32";

#[derive(Args)]
pub(super) struct Arguments {
    /// An article to play instead: a file, `-` for standard input, or an address with --fetch
    article: Option<String>,
    #[command(flatten)]
    web: Fetching,
    /// Ends by itself, instead of showing the mails until Ctrl-C
    #[arg(long)]
    exit: bool,
    /// Keeps the mails in this folder, as .eml files
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// When the people sign up, like 2026-03-27T20:00 (UTC)
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// The port of the page that shows the mails; a free one if not given
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How it is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Args)]
struct Fetching {
    /// Fetches the article from its address
    #[arg(long, requires = "article")]
    fetch: bool,
}

/// Something that happened to somebody, as the service told it.
#[derive(Clone, Debug)]
struct Told {
    to: EmailAddress,
    zone: String,
    at: Timestamp,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// A message left.
    Left(Left),
    /// A part was skipped.
    Skipped(StepId),
    /// The campaign's exit held.
    Exited,
    /// The demo's own database or catcher refused: no play goes on like that.
    Trouble(String),
}

/// A message that left.
#[derive(Clone, Debug)]
struct Left {
    kind: MessageKind,
    /// Of a confirmation, the list.
    campaign: Name,
    step: StepId,
    message_id: String,
    subject: String,
    verdict: Verdict,
}

pub(super) async fn run(folder: &Path, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let (files, project) = match &arguments.article {
        Some(name) => {
            let web = if arguments.web.fetch { Web::Fetch } else { Web::Refuse };
            let article = source::read(name, web, &[]).await?;
            let nowhere = Path::new("");
            let saved = pictures::save(&article, name, web, nowhere).await;
            course::project(&article, &saved)?
        }
        None => load(folder)?,
    };
    ensure!(!project.samples.is_empty(), "samples.toml has no people to play with");
    let start = match &arguments.start {
        Some(text) => given::instant(text, &crate::time::TimeZone::UTC)?,
        None => START,
    };
    if let Some(out) = &arguments.out {
        // Say so before the play, not after it.
        project::make_folder(out).with_context(|| format!("writing to {}", out.display()))?;
    }
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let catcher = Catcher::listen(loopback(0)).await.context("starting the mail catcher")?;
    let listener = TcpListener::bind(loopback(arguments.port)).await.context("serving the page")?;
    let base_url = format!("http://{}", listener.local_addr()?);

    let scratch = Scratch::new("demo")?;
    let store = Store::open_sqlite(&scratch.path().join("demo.db"), Missing::Create).await?;
    store.become_sender().await?;
    // The form is sent in at `start`; it takes its time to fill in.
    let clock = Clock::starting_at(start - TYPING);
    store.apply(apply::snapshot(&files, Some(&base_url))?, clock.now()).await?;
    let keys = Keys::new(store.instance_secret().await?);

    let told: Arc<Mutex<Vec<Told>>> = Arc::default();
    let hears = told.clone();
    let on_event = Arc::new(move |event| {
        if let Some(heard) = heard(event) {
            hears.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
        }
    });
    let options = options(&catcher, &project);
    let service = Service::new(store.clone(), keys.clone(), clock.clone(), options, on_event);
    let public =
        web::public(store.clone(), service.library(), keys, clock.clone(), &[VISITORS.to_owned()]);
    let pages = web::demo(public, web::mailbox(catcher.clone()));
    let serving = tokio::spawn(web::serve(listener, pages, until_stopped()));
    let mut stage = Stage {
        project: &project,
        store: &store,
        clock: &clock,
        catcher: &catcher,
        service: &service,
        told,
        shown: 0,
        kept: 0,
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
    term::say(&format!("\nthe mails: {base_url}   (Ctrl-C ends)"));
    serving.await??;
    Ok(account)
}

/// Everything to the catcher, at once.
fn options(catcher: &Catcher, project: &Project) -> SenderOptions {
    SenderOptions {
        relay: RelayOptions {
            host: catcher.address().ip().to_string(),
            port: catcher.address().port(),
            security: Security::Plain,
            credentials: None,
            hello: project.site.from.domain().to_owned(),
        },
        connections: CONNECTIONS,
        pace: None,
        reach: Reach::Everybody,
    }
}

/// The project here, or the founding one.
fn load(folder: &Path) -> anyhow::Result<(ProjectFiles, Project)> {
    if folder.join(project::MANIFEST).exists() {
        return given::load_clean(folder);
    }
    term::say("there is no project here: this is the founding one\n");
    given::example()
}

fn heard(event: Event) -> Option<Told> {
    let told = |to, zone: Option<String>, at, what| {
        Some(Told { to, zone: zone.unwrap_or_else(|| "UTC".to_owned()), at, what })
    };
    match event {
        Event::Answered { kind, campaign, step, to, zone, at, message_id, subject, verdict } => {
            let left = Left { kind, campaign, step, message_id, subject, verdict };
            told(to, zone, at, What::Left(left))
        }
        Event::Skipped { step, to, zone, at, .. } => told(to, zone, at, What::Skipped(step)),
        Event::Exited { to, zone, at, .. } => told(to, zone, at, What::Exited),
        Event::StoreTrouble { what } | Event::RelayTrouble { reply: what, .. } => {
            let nobody = EmailAddress::parse("nobody@example.org").ok()?;
            told(nobody, None, Timestamp::MIN, What::Trouble(what))
        }
        Event::Kept { .. }
        | Event::Recovered { .. }
        | Event::Forgotten { .. }
        | Event::Crowd { .. } => None,
    }
}
