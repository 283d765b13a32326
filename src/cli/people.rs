//! `fascicle people`: the list, from the command line.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use super::{given, term};
use crate::{
    engine::enroll,
    library::{Applied, Library},
    model::{EmailAddress, ListId, Name, NewSubscription, Person, Site, Status, Trigger},
    project,
    store::{Arrival, BrokenOff, Missing, Newcomer, Remarks, Store},
    time::{Clock, Timestamp},
};

/// People in one transaction of an import.
const BATCH: usize = 1_000;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Adds one person who agreed
    Add(Add),
    /// Adds the people of a CSV file: a column `email`, and any of `zone`, `tags` and the fields
    Import(Import),
    /// Notes that a person did something
    Event(Event),
    /// Lets an address get mail again that bounced or complained
    Release(Release),
}

#[derive(Args)]
pub(super) struct Add {
    /// Their address
    email: String,
    /// The list they agreed to
    #[arg(long)]
    list: String,
    /// What is known about them
    #[arg(long = "field", value_name = "NAME=VALUE")]
    fields: Vec<String>,
    /// Their zone, like Europe/Berlin
    #[arg(long)]
    zone: Option<String>,
    /// A tag to give them
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// What they agreed to, when and where: the proof
    #[arg(long, value_name = "TEXT")]
    consent: String,
}

#[derive(Args)]
pub(super) struct Import {
    /// The file, `-` for standard input
    file: PathBuf,
    /// The list they agreed to
    #[arg(long)]
    list: String,
    /// What they agreed to, when and where: the proof
    #[arg(long, value_name = "TEXT")]
    consent: String,
}

#[derive(Args)]
pub(super) struct Event {
    /// Their address
    email: String,
    /// What they did: a name from `events` in fascicle.toml
    event: String,
}

#[derive(Args)]
pub(super) struct Release {
    /// The address
    email: String,
}

pub(super) async fn run(folder: &Path, command: Command) -> anyhow::Result<ExitCode> {
    let site = given::site(folder)?;
    match command {
        Command::Add(arguments) => add(folder, &site, &arguments).await,
        Command::Import(arguments) => import(folder, &site, &arguments).await,
        Command::Event(arguments) => event(folder, &site, &arguments).await,
        Command::Release(arguments) => release(folder, &site, &arguments).await,
    }
}

async fn add(folder: &Path, site: &Site, arguments: &Add) -> anyhow::Result<ExitCode> {
    let list = list(site, &arguments.list)?;
    let consent = consent(&arguments.consent)?;
    let person = Person {
        email: EmailAddress::parse(&arguments.email)?,
        zone: arguments.zone.as_deref().map(zone_name).transpose()?,
        fields: given::fields(site, &arguments.fields)?,
    };
    let tags = tags(site, &arguments.tags).map_err(anyhow::Error::msg)?;
    let store = given::store(folder, site, Missing::Create).await?;
    let now = Clock::System.now();
    let subscription = NewSubscription { person, tags, list, consent, source: "people add".into() };
    let entrance = entrance(&store).await?;
    let arrival = entrance.arrival(subscription, now);
    let newcomers = store.admit(vec![arrival], now).await?;
    for newcomer in &newcomers {
        term::say(remark(newcomer));
        tell_enrollments(newcomer.enrollments.len());
    }
    entrance.warn();
    let is_in = newcomers.iter().all(|newcomer| is_welcome(newcomer.remark));
    Ok(ExitCode::from(u8::from(!is_in)))
}

/// The list called `name`.
pub(super) fn list(site: &Site, name: &str) -> anyhow::Result<ListId> {
    let found = Name::parse(name).filter(|name| site.lists.contains_key(name));
    found.with_context(|| {
        let known: Vec<&str> = site.lists.keys().map(Name::as_str).collect();
        format!("there is no list `{name}`; there is: {}", known.join(", "))
    })
}

fn consent(text: &str) -> anyhow::Result<String> {
    if text.trim().is_empty() {
        bail!("--consent is empty: say what they agreed to, when and where");
    }
    Ok(text.trim().to_owned())
}

fn zone_name(name: &str) -> anyhow::Result<String> {
    given::zone(name).map(|_| name.to_owned())
}

fn tags(site: &Site, given: &[String]) -> Result<Vec<Name>, String> {
    given
        .iter()
        .map(|tag| {
            let found = Name::parse(tag).filter(|tag| site.tags.contains(tag));
            found.ok_or_else(|| {
                let known: Vec<&str> = site.tags.iter().map(Name::as_str).collect();
                format!("there is no tag `{tag}`; there is: {}", known.join(", "))
            })
        })
        .collect()
}

fn remark(newcomer: &Newcomer) -> &'static str {
    match newcomer.remark {
        Remarks::New => "added",
        Remarks::Known => "they were there already; brought up to date",
        Remarks::Left => "they left this list before, and stay out",
        Remarks::Suppressed => "the address is suppressed: nothing is sent to it",
    }
}

fn is_welcome(remark: Remarks) -> bool {
    matches!(remark, Remarks::New | Remarks::Known)
}

fn tell_enrollments(count: usize) {
    if count > 0 {
        term::say(&format!("entered {count} campaign{}", if count == 1 { "" } else { "s" }));
    }
}

/// Where new subscriptions enter: what is applied in `store`.
async fn entrance(store: &Store) -> anyhow::Result<Entrance> {
    Ok(Entrance(Library::new(store.clone()).current().await?))
}

/// The applied project, if there is one.
struct Entrance(Option<Arc<Applied>>);

impl Entrance {
    /// Says so when nobody can enter anything.
    fn warn(&self) {
        if self.0.is_none() {
            term::say(
                "nothing was applied yet, so they entered no campaign; after `fascicle apply`, \
                 `fascicle enroll CAMPAIGN` takes them in",
            );
        }
    }

    fn arrival(&self, subscription: NewSubscription, now: Timestamp) -> Arrival {
        match &self.0 {
            Some(applied) => applied.arrival(subscription, now),
            None => Arrival { subscription, enrollments: Vec::new(), by_tag: Vec::new() },
        }
    }
}

async fn import(folder: &Path, site: &Site, arguments: &Import) -> anyhow::Result<ExitCode> {
    let list = list(site, &arguments.list)?;
    let consent = consent(&arguments.consent)?;
    let name = arguments.file.display().to_string();
    let bytes = project::read_input(&name).with_context(|| format!("could not read {name}"))?;
    let (people, complaints) = read_people(site, &bytes)?;
    for (line, what) in &complaints {
        term::say(&format!("{name}:{line}: {what}"));
    }
    let store = given::store(folder, site, Missing::Create).await?;
    let now = Clock::System.now();
    let entrance = entrance(&store).await?;
    let source = format!("import {name}");
    let mut arrivals = people.into_iter().map(|(person, tags)| {
        let subscription = NewSubscription {
            person,
            tags,
            list: list.clone(),
            consent: consent.clone(),
            source: source.clone(),
        };
        entrance.arrival(subscription, now)
    });
    let mut remarks = Vec::new();
    let mut entered = 0;
    loop {
        let batch: Vec<Arrival> = arrivals.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        for newcomer in store.admit(batch, now).await? {
            entered += newcomer.enrollments.len();
            remarks.push(newcomer.remark);
        }
    }
    let count = |wanted| remarks.iter().filter(|remark| **remark == wanted).count();
    term::say(&format!(
        "{} added, {} known, {} left before, {} suppressed, {} not read",
        count(Remarks::New),
        count(Remarks::Known),
        count(Remarks::Left),
        count(Remarks::Suppressed),
        complaints.len()
    ));
    tell_enrollments(entered);
    entrance.warn();
    Ok(ExitCode::from(u8::from(!complaints.is_empty())))
}

type People = Vec<(Person, Vec<Name>)>;
type Complaints = Vec<(u64, String)>;

/// The people of a CSV file, and what is wrong with single lines.
///
/// Returns an error when the file as a whole is not one.
fn read_people(site: &Site, bytes: &[u8]) -> anyhow::Result<(People, Complaints)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first_line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first_line = String::from_utf8_lossy(first_line);
    // Spreadsheets of half of Europe separate with semicolons.
    let count = |separator: u8| first_line.matches(char::from(separator)).count();
    let separator = [b',', b';', b'\t'].into_iter().max_by_key(|separator| count(*separator));
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(separator.filter(|separator| count(*separator) > 0).unwrap_or(b','))
        .from_reader(bytes);
    let columns = reader.headers().context("the first line is not a line of column names")?;
    let columns: csv::StringRecord = columns.iter().map(str::to_lowercase).collect();
    if let Some(twice) =
        columns.iter().find(|name| columns.iter().filter(|other| other == name).count() > 1)
    {
        bail!("the column `{twice}` appears twice");
    }
    let is_known = |column: &str| {
        matches!(column, "email" | "zone" | "tags")
            || Name::parse(column).is_some_and(|name| site.fields.contains_key(&name))
    };
    if !columns.iter().any(|column| column == "email") {
        let read: Vec<&str> = columns.iter().collect();
        bail!("there is no column `email` in the first line, which has: {}", read.join(", "));
    }
    if let Some(column) = columns.iter().find(|column| !is_known(column)) {
        let known: Vec<&str> = site.fields.keys().map(Name::as_str).collect();
        bail!("there is no column `{column}`; there is: email, zone, tags, {}", known.join(", "));
    }
    let mut people = Vec::new();
    let mut complaints = Vec::new();
    let mut seen = BTreeSet::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                complaints.push((line, "this line is not UTF-8 or not CSV".to_owned()));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        match read_person(site, &columns, &record) {
            Ok((person, _)) if !seen.insert(person.email.key()) => {
                complaints.push((line, format!("{} is in the file twice", person.email)));
            }
            Ok(person) => people.push(person),
            Err(what) => complaints.push((line, what)),
        }
    }
    Ok((people, complaints))
}

fn read_person(
    site: &Site,
    columns: &csv::StringRecord,
    record: &csv::StringRecord,
) -> Result<(Person, Vec<Name>), String> {
    if record.len() != columns.len() {
        return Err(format!("it has {} of {} columns", record.len(), columns.len()));
    }
    let value = |wanted: &str| {
        let found = columns.iter().zip(record).find(|(column, _)| *column == wanted);
        found.map(|(_, value)| value).filter(|value| !value.is_empty())
    };
    let email = EmailAddress::parse(value("email").unwrap_or_default());
    let email = email.map_err(|error| error.to_string())?;
    let zone = match value("zone") {
        Some(name) => Some(zone_name(name).map_err(|error| error.to_string())?),
        None => None,
    };
    let given: Vec<String> = value("tags")
        .map(|text| text.split([' ', ';', ',']).filter(|tag| !tag.is_empty()).map(str::to_owned))
        .into_iter()
        .flatten()
        .collect();
    let mut fields = std::collections::BTreeMap::new();
    for name in site.fields.keys() {
        if let Some(text) = value(name.as_str()) {
            let (name, text) = given::field(site, name.as_str(), text)?;
            fields.insert(name, text);
        }
    }
    Ok((Person { email, zone, fields }, tags(site, &given)?))
}

async fn event(folder: &Path, site: &Site, arguments: &Event) -> anyhow::Result<ExitCode> {
    let event = Name::parse(&arguments.event).filter(|event| site.events.contains(event));
    let event = event.with_context(|| {
        let known: Vec<&str> = site.events.iter().map(Name::as_str).collect();
        format!("there is no event `{}`; there is: {}", arguments.event, known.join(", "))
    })?;
    let email = EmailAddress::parse(&arguments.email)?;
    let store = given::store(folder, site, Missing::Refuse).await?;
    if !store.note_event(&email, &event, Clock::System.now()).await? {
        bail!("nobody here has the address {email}");
    }
    term::say("noted");
    tell_enrollments(enter_by_event(&store, &email, &event).await?);
    Ok(ExitCode::SUCCESS)
}

async fn release(folder: &Path, site: &Site, arguments: &Release) -> anyhow::Result<ExitCode> {
    let email = EmailAddress::parse(&arguments.email)?;
    let store = given::store(folder, site, Missing::Refuse).await?;
    let now = Clock::System.now();
    let mut resumed = store.broken_off(&email).await?;
    let entrance = entrance(&store).await?;
    resumed.retain_mut(|course| {
        let applied = entrance.0.as_ref();
        let BrokenOff { campaign, zone, enrollment, .. } = course;
        let resumed = applied.and_then(|it| it.goes_on(campaign, zone.as_deref(), enrollment, now));
        let goes_on = resumed.is_some();
        *enrollment = resumed.unwrap_or_else(|| enrollment.clone());
        goes_on
    });
    let campaigns: Vec<&str> = resumed.iter().map(|course| course.campaign.as_str()).collect();
    let goes_on = campaigns.join(", ");
    if !store.release(&email, resumed, now).await? {
        bail!("{email} is not suppressed");
    }
    if goes_on.is_empty() {
        term::say("released: it gets mail again");
    } else {
        term::say(&format!("released: it gets mail again, and goes on with {goes_on}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes a person into the campaigns that wait for what they did.
async fn enter_by_event(
    store: &Store,
    email: &EmailAddress,
    event: &Name,
) -> anyhow::Result<usize> {
    let entrance = entrance(store).await?;
    let now = Clock::System.now();
    let mut entered = 0;
    for edition in entrance.0.iter().flat_map(|applied| applied.project.editions.values()) {
        let campaign = &edition.campaign;
        if campaign.status != Status::Active
            || campaign.enroll.when != Trigger::Event(event.clone())
        {
            continue;
        }
        let (list, again) = (&campaign.enroll.list, campaign.enroll.again);
        let mut accounts = store.candidates(&campaign.id, list, again).await?;
        accounts.retain(|account| account.email.key() == email.key());
        let enrollments = accounts.into_iter().map(|account| {
            let zone = campaign.zone(account.zone.as_deref(), &edition.site.zone);
            let enrollment = enroll(campaign, &zone, now);
            (account, enrollment)
        });
        entered += store.enroll(&campaign.id, again, enrollments.collect(), now).await?;
    }
    Ok(entered)
}
