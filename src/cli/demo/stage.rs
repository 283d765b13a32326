//! The play: people of `samples.toml` go through the doors, on a clock that
//! jumps; what happens is told line by line, and counted in the end.

use std::{
    collections::BTreeMap,
    path::Path,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::json;

use super::{Left, Told, What, visitor};
use crate::{
    campaign::Project,
    cli::{Format, given, term},
    library::Library,
    mail::{Catcher, Caught},
    model::{
        EmailAddress, ListId, MessageKind, MessageState, Name, NewSubscription, Sample, Status,
        Verdict,
    },
    project,
    service::Service,
    store::{Report, Store},
    time::{Clock, SignedDuration, TimeZone, Timestamp},
};

/// How long people need for the form.
pub(super) const TYPING: SignedDuration = SignedDuration::from_secs(20);

/// The stage and its props.
pub(super) struct Stage<'a> {
    pub(super) project: &'a Project,
    pub(super) store: &'a Store,
    pub(super) clock: &'a Clock,
    pub(super) catcher: &'a Catcher,
    pub(super) service: &'a Service,
    pub(super) told: Arc<Mutex<Vec<Told>>>,
    pub(super) shown: usize,
    pub(super) kept: usize,
    pub(super) format: Format,
    pub(super) out: Option<&'a Path>,
    pub(super) start: Timestamp,
    pub(super) base_url: &'a str,
}

impl Stage<'_> {
    /// Plays until nothing is due any more; prints the summary.
    pub(super) async fn play(&mut self) -> anyhow::Result<ExitCode> {
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

    /// Everybody opens the sign-up page of every list that an active campaign
    /// asks for, and sends it in.
    async fn enter(&self) -> anyhow::Result<()> {
        let lists = self.lists();
        ensure!(!lists.is_empty(), "no campaign is active");
        if self.format == Format::Human {
            let people = self.project.samples.len();
            let at = self.start.to_zoned(TimeZone::UTC);
            term::say(&format!(
                "{people} people sign up on {} UTC, and press the button in the mail that asks them\n",
                at.strftime("%A, %-d %B %Y at %H:%M")
            ));
        }
        let mut stamps = BTreeMap::new();
        let (open, closed): (Vec<&ListId>, Vec<&ListId>) =
            lists.iter().partition(|list| self.project.site.lists[*list].takes_sign_ups);
        for list in &open {
            let page = visitor::open(&format!("{}/join/{list}", self.base_url)).await?;
            let stamp = page.hidden("stamp").context("the sign-up page has no stamp")?;
            stamps.insert((*list).clone(), stamp.to_owned());
        }
        self.clock.wait_until(self.clock.now() + TYPING, &tokio::sync::Notify::new()).await;
        for (index, sample) in self.project.samples.iter().enumerate() {
            for list in &open {
                self.sign_up(sample, index, (list, &stamps[*list])).await?;
            }
            for list in &closed {
                self.take_in(sample, list).await?;
            }
        }
        Ok(())
    }

    fn lists(&self) -> Vec<ListId> {
        let mut lists: Vec<ListId> = Vec::new();
        for edition in self.project.editions.values() {
            let list = &edition.campaign.enroll.list;
            if edition.campaign.status == Status::Active && !lists.contains(list) {
                lists.push(list.clone());
            }
        }
        lists
    }

    async fn sign_up(
        &self,
        sample: &Sample,
        index: usize,
        (list, stamp): (&ListId, &str),
    ) -> anyhow::Result<()> {
        let person = &sample.person;
        let fields: Vec<(String, &str)> =
            person.fields.iter().map(|(name, value)| (format!("field.{name}"), &**value)).collect();
        let mut pairs = vec![
            ("email", person.email.as_str()),
            ("zone", person.zone.as_deref().unwrap_or_default()),
            ("stamp", stamp),
        ];
        pairs.extend(fields.iter().map(|(name, value)| (&**name, *value)));
        let url = format!("{}/join/{list}", self.base_url);
        let status = visitor::press(&url, index, &pairs).await?;
        ensure!(status == 303, "signing up {} answered {status}", person.email);
        Ok(())
    }

    /// What the owner knows about a sample besides: tags, fields that no form
    /// asks for, and the way into lists without a form.
    async fn take_in(&self, sample: &Sample, list: &ListId) -> anyhow::Result<()> {
        let applied = Library::new(self.store.clone()).current().await?.context("just applied")?;
        let now = self.clock.now();
        let subscription = NewSubscription {
            person: sample.person.clone(),
            tags: sample.tags.clone(),
            list: list.clone(),
            consent: self.project.site.lists[list].consent.clone(),
            source: "demo".to_owned(),
        };
        self.store.admit(vec![applied.arrival(subscription, now)], now).await?;
        Ok(())
    }

    /// Opens the link in the confirmation and presses its button.
    async fn confirm(&self, told: &Told, left: &Left) -> anyhow::Result<()> {
        let caught = self.find(&left.message_id).context("a mail that left did not arrive")?;
        let url = confirm_link(&caught, self.base_url).context("a confirmation without a link")?;
        visitor::open(&url).await?;
        let status = visitor::press(&url, 0, &[]).await?;
        ensure!(status == 303, "confirming answered {status}");
        if let Some(sample) = self.sample(&told.to) {
            self.take_in(sample, &left.campaign).await?;
        }
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
            let is_there = matches!(left.verdict, Verdict::Accepted { .. });
            if left.kind == MessageKind::Confirmation {
                if is_there {
                    self.confirm(told, left).await?;
                }
                continue;
            }
            let last_step = self.sample(&told.to).and_then(|sample| sample.leaves_after.as_ref());
            if last_step == Some(&left.step) && is_there {
                self.click_away(told, left).await?;
            }
        }
        Ok(())
    }

    fn sample(&self, email: &EmailAddress) -> Option<&Sample> {
        self.project.samples.iter().find(|sample| sample.person.email == *email)
    }

    fn print(&self, told: &Told) -> anyhow::Result<()> {
        let local = told.at.to_zoned(given::zone(self.zone(told))?);
        if self.format == Format::Json {
            let What::Left(left) = &told.what else { return Ok(()) };
            let line = json!({
                "kind": left.kind.as_str(),
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
            What::Left(Left { kind: MessageKind::Confirmation, subject, .. }) => {
                format!("{subject}   (presses the button)")
            }
            What::Left(Left { subject, verdict: Verdict::Accepted { .. }, .. }) => subject.clone(),
            What::Left(Left { subject, verdict, .. }) => format!("{subject}   [{verdict}]"),
            What::Skipped(step) => format!("(skips {step})"),
            What::Trouble(what) => what.clone(),
            What::Exited => "(leaves early: the campaign's exit holds)".to_owned(),
        };
        self.line(told, &what)
    }

    /// The zone of whom it happened to: a confirmation does not know it yet.
    fn zone<'a>(&'a self, told: &'a Told) -> &'a str {
        let own = self.sample(&told.to).and_then(|sample| sample.person.zone.as_deref());
        own.unwrap_or(&told.zone)
    }

    /// One line of the timeline, in the person's own time.
    fn line(&self, told: &Told, what: &str) -> anyhow::Result<()> {
        let zone = self.zone(told);
        let local = told.at.to_zoned(given::zone(zone)?);
        let who = self.sample(&told.to).map_or(told.to.as_str(), |sample| sample.name.as_str());
        let when = local.strftime("%a %d %b %H:%M");
        let place = format!("{} {zone}", local.strftime("%:z"));
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

    fn find(&self, message_id: &str) -> Option<Caught> {
        let caught = self.catcher.caught();
        caught.into_iter().find(|caught| caught.message_id().as_deref() == Some(message_id))
    }

    /// Leaves as a mail program does it: one POST to the address in the
    /// header of the mail that arrived (RFC 8058).
    async fn click_away(&self, told: &Told, left: &Left) -> anyhow::Result<()> {
        let caught = self.find(&left.message_id).context("a mail that left did not arrive")?;
        let url = caught.unsubscribe_url().context("a mail without a way out")?;
        let status = visitor::press(&url, 0, &[("List-Unsubscribe", "One-Click")]).await?;
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
        let mut ids: Vec<String> = caught.iter().filter_map(Caught::message_id).collect();
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

/// The link of a confirmation, found where its reader finds it.
fn confirm_link(mail: &Caught, base_url: &str) -> Option<String> {
    let start = format!("{base_url}/c/");
    let parts = mail.parts();
    let text = parts.iter().find(|part| part.content_type == "text/plain")?;
    let word = text.text.split_whitespace().find(|word| word.starts_with(&start))?;
    Some(word.to_owned())
}
