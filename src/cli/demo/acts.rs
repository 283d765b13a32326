//! What people do: sign up, confirm, leave. By the pages and mails that
//! everybody has.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use tokio::sync::Notify;

use super::{
    TYPING,
    stage::Stage,
    told::{Left, Told},
    visitor,
};
use crate::{
    library::Library,
    mail::Caught,
    model::{EmailAddress, ListId, Name, NewSubscription, Sample, Status},
    time::Timestamp,
};

impl Stage<'_> {
    /// Everybody opens the sign-up page of every list that an active campaign
    /// asks for, and sends it in.
    pub(super) async fn enter(&self) -> anyhow::Result<()> {
        let lists = self.lists();
        ensure!(!lists.is_empty(), "no campaign is active");
        self.tell_beginning();
        let mut stamps = BTreeMap::new();
        let (open, closed): (Vec<&ListId>, Vec<&ListId>) =
            lists.iter().partition(|list| self.project.site.lists[*list].takes_sign_ups);
        for list in &open {
            let page = visitor::open(&format!("{}/join/{list}", self.base_url)).await?;
            let stamp = page.hidden("stamp").context("the sign-up page has no stamp")?;
            stamps.insert((*list).clone(), stamp.to_owned());
        }
        self.clock.wait_until(self.clock.now() + TYPING, &Notify::new()).await;
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
    pub(super) async fn confirm(&self, told: &Told, left: &Left) -> anyhow::Result<()> {
        let caught = self.find(&left.message_id).context("a mail that left did not arrive")?;
        let url = confirm_link(caught, self.base_url).context("a confirmation without a link")?;
        visitor::open(&url).await?;
        let status = visitor::press(&url, 0, &[]).await?;
        ensure!(status == 303, "confirming answered {status}");
        if let Some(sample) = self.sample(&told.to) {
            self.take_in(sample, &left.campaign).await?;
        }
        Ok(())
    }

    /// What the samples' people do by themselves, in order.
    pub(super) fn happenings(&self) -> Vec<(Timestamp, EmailAddress, Name)> {
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

    /// Leaves as a mail program does it: one POST to the address in the
    /// header of the mail that arrived (RFC 8058).
    pub(super) async fn click_away(&self, left: &Left) -> anyhow::Result<()> {
        let caught = self.find(&left.message_id).context("a mail that left did not arrive")?;
        let url = caught.unsubscribe_url().context("a mail without a way out")?;
        let status = visitor::press(&url, 0, &[("List-Unsubscribe", "One-Click")]).await?;
        ensure!(status == 200, "unsubscribing answered {status}");
        Ok(())
    }
}

/// The link of a confirmation, found where its reader finds it.
fn confirm_link(mail: &Caught, base_url: &str) -> Option<String> {
    let start = format!("{base_url}/c/");
    let parts = mail.parts();
    let text = parts.iter().find(|part| part.content_type == "text/plain")?;
    let word = text.text.split_whitespace().find(|word| word.starts_with(&start))?;
    Some(word.to_owned())
}
