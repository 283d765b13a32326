//! `fascicle demo`: the whole product in a minute, with nothing installed.
//!
//! A real SMTP listener, a real database in a temporary folder, and the
//! service's own loops, on a clock that jumps from one due instant to the
//! next. Nothing here is a second implementation: the demo only opens the
//! doors, plays the people of `samples.toml`, and counts.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::{Format, apply, given, run::until_stopped, term};
use crate::{
    campaign::Project,
    library::Library,
    mail::{Catcher, Keys, RelayOptions, Security},
    model::{
        EmailAddress, ListId, MessageState, Name, NewSubscription, ProjectFiles, Sample, Status,
        StepId, Verdict,
    },
    project,
    service::{Event, SenderOptions, Service},
    store::{Missing, Report, Store},
    time::{Clock, Timestamp},
    web,
};

/// Two days before clocks in Europe go forward, so that a change is on the way.
const START: Timestamp = Timestamp::constant(1_774_638_000, 0);

/// Connections of the demo: enough to show that order does not depend on one.
const CONNECTIONS: usize = 4;

#[derive(Args)]
pub(super) struct Arguments {
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
    campaign: Name,
    step: StepId,
    message_id: String,
    subject: String,
    verdict: Verdict,
}

pub(super) async fn run(folder: &Path, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let (files, project) = load(folder)?;
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

    let scratch = Scratch::new()?;
    let store = Store::open_sqlite(&scratch.0.join("demo.db"), Missing::Create).await?;
    store.become_sender().await?;
    let clock = Clock::starting_at(start);
    store.apply(apply::snapshot(&files, Some(&base_url))?, clock.now()).await?;
    let keys = Keys::new(store.instance_secret().await?);

    let pages = web::demo(
        web::public(store.clone(), keys.clone(), clock.clone(), &[]),
        web::mailbox(catcher.clone()),
    );
    let serving = tokio::spawn(web::serve(listener, pages, until_stopped()));

    let told: Arc<Mutex<Vec<Told>>> = Arc::default();
    let hears = told.clone();
    let on_event = Arc::new(move |event| {
        if let Some(heard) = heard(event) {
            hears.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
        }
    });
    let options = SenderOptions {
        relay: RelayOptions {
            host: catcher.address().ip().to_string(),
            port: catcher.address().port(),
            security: Security::Plain,
            credentials: None,
            hello: project.site.from.domain().to_owned(),
        },
        connections: CONNECTIONS,
        pace: None,
        only: None,
    };
    let service = Service::new(store.clone(), keys, clock.clone(), options, on_event);
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
        Event::Answered { campaign, step, to, zone, at, message_id, subject, verdict } => {
            told(to, zone, at, What::Left(Left { campaign, step, message_id, subject, verdict }))
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

/// The stage and its props.
struct Stage<'a> {
    project: &'a Project,
    store: &'a Store,
    clock: &'a Clock,
    catcher: &'a Catcher,
    service: &'a Service,
    told: Arc<Mutex<Vec<Told>>>,
    shown: usize,
    kept: usize,
    format: Format,
    out: Option<&'a Path>,
    start: Timestamp,
}

impl Stage<'_> {
    /// Plays until nothing is due any more; prints the summary.
    async fn play(&mut self) -> anyhow::Result<ExitCode> {
        self.enter().await?;
        let mut happenings = self.happenings();
        loop {
            let busy = self.service.run_once().await?;
            self.show().await?;
            if busy > 0 {
                continue;
            }
            let next_due = self.store.next_due_at().await?;
            match happenings.first() {
                Some((at, ..)) if next_due.is_none_or(|due| *at <= due) => {
                    let (at, email, event) = happenings.remove(0);
                    self.clock.wait_until(at, &tokio::sync::Notify::new()).await;
                    self.store.note_event(&email, &event, at).await?;
                }
                _ => {
                    if !self.service.wait_for_next().await? {
                        break;
                    }
                }
            }
        }
        self.sum_up().await
    }

    /// Everybody signs up to every list that an active campaign asks for.
    async fn enter(&self) -> anyhow::Result<()> {
        let mut lists: Vec<ListId> = Vec::new();
        for edition in self.project.editions.values() {
            let list = &edition.campaign.enroll.list;
            if edition.campaign.status == Status::Active && !lists.contains(list) {
                lists.push(list.clone());
            }
        }
        ensure!(!lists.is_empty(), "no campaign is active");
        let applied = Library::new(self.store.clone()).current().await?.context("just applied")?;
        let now = self.clock.now();
        let mut arrivals = Vec::new();
        for sample in &self.project.samples {
            for list in &lists {
                let subscription = NewSubscription {
                    person: sample.person.clone(),
                    tags: sample.tags.clone(),
                    list: list.clone(),
                    consent: self.project.site.lists[list].consent.clone(),
                    source: "demo".to_owned(),
                };
                arrivals.push(applied.arrival(subscription, now));
            }
        }
        if self.format == Format::Human {
            let people = self.project.samples.len();
            let at = self.start.to_zoned(crate::time::TimeZone::UTC);
            term::say(&format!(
                "{people} people sign up on {} UTC\n",
                at.strftime("%A, %-d %B %Y at %H:%M")
            ));
        }
        self.store.admit(arrivals, now).await?;
        Ok(())
    }

    /// What the samples' people do by themselves, in order.
    fn happenings(&self) -> Vec<(Timestamp, EmailAddress, Name)> {
        let mut happenings = Vec::new();
        for sample in &self.project.samples {
            for (event, after) in &sample.events {
                let at = self.start.saturating_add(*after).unwrap_or(Timestamp::MAX);
                happenings.push((at, sample.person.email.clone(), event.clone()));
            }
        }
        happenings.sort();
        happenings
    }

    /// Shows what left since the last look, in the order of local mornings,
    /// and lets whoever leaves after it leave.
    async fn show(&mut self) -> anyhow::Result<()> {
        let mut new: Vec<Told> = {
            let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            told[self.shown..].to_vec()
        };
        self.shown += new.len();
        let order: BTreeMap<&EmailAddress, usize> = self
            .project
            .samples
            .iter()
            .enumerate()
            .map(|(index, sample)| (&sample.person.email, index))
            .collect();
        new.sort_by_key(|told| (told.at, order.get(&told.to).copied()));
        for told in &new {
            if let What::Trouble(what) = &told.what {
                bail!("the demo cannot go on: {what}");
            }
            self.print(told)?;
            let What::Left(left) = &told.what else { continue };
            self.kept += 1;
            self.keep(&told.to, left)?;
            let last_step = self.sample(&told.to).and_then(|sample| sample.leaves_after.as_ref());
            if last_step == Some(&left.step) && matches!(left.verdict, Verdict::Accepted { .. }) {
                self.click_away(told, left).await?;
            }
        }
        Ok(())
    }

    fn sample(&self, email: &EmailAddress) -> Option<&Sample> {
        self.project.samples.iter().find(|sample| sample.person.email == *email)
    }

    fn print(&self, told: &Told) -> anyhow::Result<()> {
        let zone = given::zone(&told.zone)?;
        let local = told.at.to_zoned(zone);
        if self.format == Format::Json {
            let What::Left(left) = &told.what else { return Ok(()) };
            let line = json!({
                "campaign": left.campaign,
                "step": left.step,
                "to": told.to.as_str(),
                "at": told.at.to_string(),
                "local": local.strftime("%FT%T%:z").to_string(),
                "message_id": left.message_id,
                "verdict": left.verdict.as_str(),
            });
            return Ok(term::data(&line.to_string())?);
        }
        let what = match &told.what {
            What::Left(Left { subject, verdict: Verdict::Accepted { .. }, .. }) => subject.clone(),
            What::Left(Left { subject, verdict, .. }) => format!("{subject}   [{verdict}]"),
            What::Skipped(step) => format!("(skips {step})"),
            What::Trouble(what) => what.clone(),
            What::Exited => "(leaves early: the campaign's exit holds)".to_owned(),
        };
        self.line(told, &what)
    }

    /// One line of the timeline, in the person's own time.
    fn line(&self, told: &Told, what: &str) -> anyhow::Result<()> {
        let local = told.at.to_zoned(given::zone(&told.zone)?);
        let who = self.sample(&told.to).map_or(told.to.as_str(), |sample| sample.name.as_str());
        let when = local.strftime("%a %d %b %H:%M");
        let place = format!("{} {}", local.strftime("%:z"), told.zone);
        Ok(term::data(&format!("{when}  {place:<26}  {who:<14}  {what}"))?)
    }

    fn keep(&self, to: &EmailAddress, left: &Left) -> anyhow::Result<()> {
        let Some(out) = self.out else { return Ok(()) };
        let Some(caught) = self.find(&left.message_id) else { return Ok(()) };
        let name = format!("{:02}-{}-{}.eml", self.kept, file_name(to.local()), left.step);
        let path = out.join(name);
        let written = project::write_output(&path, &caught.bytes);
        written.with_context(|| format!("writing {}", path.display()))
    }

    fn find(&self, message_id: &str) -> Option<crate::mail::Caught> {
        let caught = self.catcher.caught();
        caught.into_iter().find(|caught| caught.message_id().as_deref() == Some(message_id))
    }

    /// Leaves as a mail program does it: one POST to the address in the
    /// header of the mail that arrived (RFC 8058).
    async fn click_away(&self, told: &Told, left: &Left) -> anyhow::Result<()> {
        let caught = self.find(&left.message_id).context("a mail that left did not arrive")?;
        let url = caught.unsubscribe_url().context("a mail without a way out")?;
        let status = one_click(&url).await?;
        ensure!(status == 200, "unsubscribing answered {status}");
        if self.format == Format::Human {
            self.line(told, "(unsubscribes with one click)")?;
        }
        Ok(())
    }

    async fn sum_up(&self) -> anyhow::Result<ExitCode> {
        let report = self.store.report(self.clock.now()).await?;
        let count = |wanted| count(&report, wanted);
        let sent = count(MessageState::Sent);
        let caught = self.catcher.caught();
        let mut ids: Vec<String> =
            caught.iter().filter_map(crate::mail::Caught::message_id).collect();
        let arrived = ids.len();
        ids.sort();
        ids.dedup();
        let duplicates = arrived - ids.len();
        let open = count(MessageState::Due) + count(MessageState::Claimed);
        // Lost: noted as sent and not arrived, or never settled.
        let lost = sent.saturating_sub(ids.len()) + open;
        let stopped: i64 = report.campaigns.iter().map(|campaign| campaign.stopped).sum();
        let people = self.project.samples.len();
        let skipped = count(MessageState::Skipped);
        if self.format == Format::Json {
            let summary = json!({"summary": {
                "people": people,
                "sent": sent,
                "skipped": skipped,
                "left": stopped,
                "lost": lost,
                "duplicates": duplicates,
            }});
            term::data(&summary.to_string())?;
        } else {
            term::data(&format!(
                "\n{people} people, {sent} mails sent, {skipped} skipped, {stopped} left early, \
                 {lost} lost, {duplicates} doubled"
            ))?;
        }
        Ok(ExitCode::from(u8::from(lost + duplicates > 0)))
    }
}

/// A part of an address that is safe in a file's name.
fn file_name(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect()
}

fn count(report: &Report, wanted: MessageState) -> usize {
    let found = report.messages.iter().find(|(state, _)| *state == wanted);
    found.map_or(0, |(_, count)| usize::try_from(*count).unwrap_or(0))
}

/// POSTs the one click of RFC 8058 and returns the status.
async fn one_click(url: &str) -> anyhow::Result<u16> {
    let rest = url.strip_prefix("http://").context("the demo's links are plain http")?;
    let (host, path) = rest.split_once('/').context("a link without a path")?;
    let mut stream = TcpStream::connect(host).await?;
    let body = "List-Unsubscribe=One-Click";
    let request = format!(
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(1_000_000).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let Some(status) = answer.split(' ').nth(1).and_then(|status| status.parse().ok()) else {
        bail!("no answer to the one click");
    };
    Ok(status)
}

/// A temporary folder that goes away with the demo.
struct Scratch(PathBuf);

impl Scratch {
    /// A folder that nobody made before us.
    fn new() -> anyhow::Result<Scratch> {
        const TRIES_MAX: u32 = 1_000;
        let base = std::env::temp_dir();
        for n in 0..TRIES_MAX {
            let path = base.join(format!("fascicle-demo-{}-{n}", std::process::id()));
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Scratch(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("making {}", path.display()));
                }
            }
        }
        bail!("{} is full of folders of demos", base.display())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder that stays behind is no reason to fail.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
