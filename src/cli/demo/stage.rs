//! The play: people of `samples.toml` go through the doors, on a clock that
//! jumps; what happens is told, and counted in the end.

use std::{
    collections::BTreeMap,
    path::Path,
    process::ExitCode,
    sync::{Arc, PoisonError},
};

use anyhow::{Context as _, bail};
use tokio::sync::{Notify, watch};

use super::{
    arrivals::Arrivals,
    killer::Killer,
    ledger::{self, Life},
    sender::{Heard, Pass, Sender},
    tale,
    told::{Left, Told, Turn, What},
};
use crate::{
    campaign::Project,
    cli::Format,
    mail::Caught,
    model::{EmailAddress, MessageKind, Sample, Verdict},
    project,
    store::Store,
    time::{Clock, Timestamp},
    web::Tale,
};

/// What somebody did about a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Reads,
    Confirms,
    Leaves,
}

/// The stage and its props.
pub(super) struct Stage<'a> {
    pub(super) project: &'a Project,
    pub(super) store: &'a Store,
    pub(super) clock: &'a Clock,
    pub(super) sender: Sender,
    pub(super) killer: Killer,
    pub(super) arrivals: Arrivals,
    pub(super) heard: Heard,
    /// What the page of the play shows.
    pub(super) tales: watch::Sender<Arc<Tale>>,
    /// Mails that were shown.
    pub(super) kept: usize,
    /// Kills that were told.
    pub(super) kills_told: usize,
    pub(super) format: Format,
    pub(super) out: Option<&'a Path>,
    pub(super) start: Timestamp,
    pub(super) base_url: &'a str,
}

impl Stage<'_> {
    /// Plays until nothing is due any more; tells the account.
    pub(super) async fn play(&mut self) -> anyhow::Result<ExitCode> {
        self.enter().await?;
        let mut happenings = self.happenings();
        loop {
            let pass = self.sender.pass().await?;
            self.show().await?;
            if pass == Pass::Busy {
                continue;
            }
            let next_due = self.store.next_due_at().await?;
            match (happenings.first(), next_due) {
                (Some((at, ..)), _) if next_due.is_none_or(|due| *at <= due) => {
                    let (at, email, event) = happenings.remove(0);
                    self.clock.wait_until(at, &Notify::new()).await;
                    self.store.note_event(&email, &event, at).await?;
                }
                (_, Some(due)) => self.clock.wait_until(due, &Notify::new()).await,
                (_, None) => break,
            }
        }
        let life = if self.is_crash() {
            Life::Killed(self.killer.kills().len())
        } else {
            Life::Undisturbed
        };
        let people = self.project.samples.len();
        let time = (life, self.clock.now());
        let account = ledger::add_up(self.store, &self.arrivals, people, time).await?;
        self.tell_account(&account)?;
        let is_good = account.lost + account.different == 0
            && account.copies.len() <= account.crash.map_or(0, |crash| crash.copies_max);
        self.tales.send_modify(|tale| Arc::make_mut(tale).account = Some(account));
        Ok(ExitCode::from(u8::from(!is_good)))
    }

    /// Whether the sender is killed again and again.
    pub(super) fn is_crash(&self) -> bool {
        matches!(self.sender, Sender::Apart(_))
    }

    /// Shows what happened since the last look, in the order of local mornings,
    /// and lets people act on what arrived.
    async fn show(&mut self) -> anyhow::Result<()> {
        let mut new: Vec<Told> = {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.drain(..).collect()
        };
        let arrived = self.arrivals.look();
        if self.is_crash() {
            // A sender that dies does not tell: what arrived is told by arriving.
            new.extend(self.told_by(arrived).await?);
        }
        let order: BTreeMap<&EmailAddress, usize> = self
            .project
            .samples
            .iter()
            .enumerate()
            .map(|(index, sample)| (&sample.person.email, index))
            .collect();
        new.sort_by_key(|told| (told.at, order.get(&told.to).copied()));
        for told in &mut new {
            if let What::Trouble(what) = &told.what {
                bail!("the demo cannot go on: {what}");
            }
            if let What::Left(left) = &mut told.what
                && left.mail.is_none()
            {
                left.mail = self.arrivals.first(&left.message_id).map(|caught| caught.number);
            }
        }
        if self.is_crash() {
            self.tell_life(&new)?;
        }
        let mut leavers = Vec::new();
        for told in &new {
            if !self.is_crash() {
                self.tell_one(told)?;
            }
            tale::add(&self.tales, self.project, told);
            let What::Left(left) = &told.what else { continue };
            self.kept += 1;
            self.keep(&told.to, left)?;
            if self.act(told, left).await? == Act::Leaves {
                tale::leave(&self.tales, self.project, (&told.to, told.at));
                if self.is_crash() {
                    leavers.push(told);
                } else {
                    self.tell_leavers(&[told])?;
                }
            }
        }
        self.tell_leavers(&leavers)
    }

    /// What whoever got a mail does about it.
    async fn act(&self, told: &Told, left: &Left) -> anyhow::Result<Act> {
        if left.turn == Turn::Again || !matches!(left.verdict, Verdict::Accepted { .. }) {
            return Ok(Act::Reads);
        }
        if left.kind == MessageKind::Confirmation {
            self.confirm(told, left).await?;
            return Ok(Act::Confirms);
        }
        let last_step = self.sample(&told.to).and_then(|sample| sample.leaves_after.as_ref());
        if last_step != Some(&left.step) {
            return Ok(Act::Reads);
        }
        self.click_away(left).await?;
        Ok(Act::Leaves)
    }

    /// What mails tell by arriving: the database knows what they are.
    async fn told_by(&self, arrived: Vec<(String, Caught)>) -> anyhow::Result<Vec<Told>> {
        if arrived.is_empty() {
            return Ok(Vec::new());
        }
        let entries = self.store.ledger(ledger::MESSAGES_MAX).await?;
        let at = self.clock.now();
        let mut told = Vec::new();
        for (message_id, caught) in arrived {
            let is_it = |id: &Option<String>| id.as_ref() == Some(&message_id);
            let entry = entries.iter().find(|entry| is_it(&entry.message_id));
            let entry = entry.context("a mail arrived that nobody planned")?;
            let is_first = self.arrivals.first(&message_id).map(|first| first.number);
            let turn = if is_first == Some(caught.number) { Turn::First } else { Turn::Again };
            let left = Left {
                kind: entry.kind,
                campaign: entry.campaign.clone(),
                step: entry.step.clone(),
                subject: caught.header("Subject").unwrap_or_default(),
                verdict: Verdict::Accepted { reply: format!("caught as {}", caught.number) },
                mail: Some(caught.number),
                message_id,
                turn,
            };
            let zone = self.project.site.zone.iana_name().unwrap_or("UTC").to_owned();
            told.push(Told { to: entry.to.clone(), zone, at, what: What::Left(left) });
        }
        Ok(told)
    }

    pub(super) fn sample(&self, email: &EmailAddress) -> Option<&Sample> {
        self.project.samples.iter().find(|sample| sample.person.email == *email)
    }

    /// The mail with this Message-ID that arrived first.
    pub(super) fn find(&self, message_id: &str) -> Option<&Caught> {
        self.arrivals.first(message_id)
    }

    fn keep(&self, to: &EmailAddress, left: &Left) -> anyhow::Result<()> {
        let Some(out) = self.out else { return Ok(()) };
        let caught = left.mail.and_then(|number| self.arrivals.find(&left.message_id, number));
        let Some(caught) = caught else { return Ok(()) };
        let name = format!("{:02}-{}-{}.eml", self.kept, file_name(to.local()), left.step);
        let path = out.join(name);
        let written = project::write_output(&path, &caught.bytes);
        written.with_context(|| format!("writing {}", path.display()))
    }
}

/// A part of an address that is safe in a file's name.
fn file_name(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect()
}
