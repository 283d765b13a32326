//! One person's letter: an edition's mail, filled.
//!
//! Preview, forecast, demo and live run all come through here; there is no
//! second way to make a mail.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Edition, NewsletterEdition, Project};
use crate::{
    model::{IssueId, ListId, Name, Next, Rendered, Site, StepId},
    render::{Context, Failure, Traced},
    time::{TimeZone, Timestamp},
};

/// What a letter needs to know about its recipient.
#[derive(Clone, Copy, Debug)]
pub struct Addressee<'a> {
    /// Known fields.
    pub fields: &'a BTreeMap<Name, String>,
    /// What comes after this part.
    pub next: Option<&'a Next>,
    /// The way out.
    pub unsubscribe_url: &'a str,
}

impl Edition {
    /// The letter of `step` for one person.
    ///
    /// Returns [`Failure`] when the step is not in this edition, or its
    /// templates fail on these values.
    pub fn render(&self, step: &StepId, addressee: &Addressee<'_>) -> Result<Rendered, Failure> {
        let mail = self.mails.get(step).ok_or_else(|| Failure(format!("no words for `{step}`")))?;
        mail.render(self.context(step, addressee))
    }

    /// The HTML of that letter, with marks that say from which lines it came.
    ///
    /// Returns [`Failure`] as [`Edition::render`] does.
    pub fn render_traced(
        &self,
        step: &StepId,
        addressee: &Addressee<'_>,
    ) -> Result<Traced, Failure> {
        let mail = self.mails.get(step).ok_or_else(|| Failure(format!("no words for `{step}`")))?;
        mail.render_traced(self.context(step, addressee))
    }

    /// Only the subject of `step` for one person.
    pub fn subject(
        &self,
        step: &StepId,
        fields: &BTreeMap<Name, String>,
    ) -> Result<String, Failure> {
        let mail = self.mails.get(step).ok_or_else(|| Failure(format!("no words for `{step}`")))?;
        mail.subject(&self.context(step, &Addressee { fields, next: None, unsubscribe_url: "" }))
    }

    fn context(&self, step: &StepId, addressee: &Addressee<'_>) -> Context {
        let index = self.campaign.step_index(step).unwrap_or(0);
        let next = addressee.next.and_then(|next| {
            let title = self.subject(&next.step, addressee.fields).ok()?;
            Some(json!({"title": title, "weekday": next.weekday, "date": next.date}))
        });
        let own = [
            ("site", site(&self.site)),
            ("list", list(&self.site, &self.campaign.enroll.list)),
            ("campaign", json!({"title": self.campaign.title})),
            ("step", json!({"number": index + 1, "count": self.campaign.steps.len()})),
            ("first", json!(index == 0)),
            // Whoever gets nothing more reads the closing words, also when
            // the steps after this one are skipped for them.
            ("last", json!(next.is_none())),
            ("next", next.unwrap_or(Value::Null)),
            ("unsubscribe_url", json!(addressee.unsubscribe_url)),
        ];
        Context::new(fields(&self.site, addressee.fields), own)
    }
}

impl NewsletterEdition {
    /// The letter of `issue` for one person; nothing comes next.
    ///
    /// Returns [`Failure`] when the issue is not in this edition, or its
    /// templates fail on these values.
    pub fn render(&self, issue: &IssueId, addressee: &Addressee<'_>) -> Result<Rendered, Failure> {
        let missing = || Failure(format!("no words for `{issue}`"));
        let mail = self.mails.get(issue).ok_or_else(missing)?;
        let found = self.newsletter.issues.iter().find(|known| known.id == *issue);
        let date = found.ok_or_else(missing)?.date.strftime("%-d %B %Y").to_string();
        let own = [
            ("site", site(&self.site)),
            ("list", list(&self.site, &self.newsletter.audience.list)),
            ("campaign", json!({"title": self.newsletter.title})),
            ("issue", json!({"date": date})),
            ("unsubscribe_url", json!(addressee.unsubscribe_url)),
        ];
        mail.render(Context::new(fields(&self.site, addressee.fields), own))
    }
}

impl Project {
    /// The confirmation for one list; `None` when the project has no layout for it.
    pub fn render_confirmation(
        &self,
        list_id: &ListId,
        confirm_url: &str,
    ) -> Option<Result<Rendered, Failure>> {
        let mail = self.confirmation.as_ref()?;
        let own = [
            ("site", site(&self.site)),
            ("list", list(&self.site, list_id)),
            ("confirm_url", json!(confirm_url)),
        ];
        Some(mail.render(Context::new([], own)))
    }
}

/// What a letter says about the part that comes at `at`.
pub fn foresee(step: StepId, at: Timestamp, zone: &TimeZone) -> Next {
    let local = at.to_zoned(zone.clone());
    let weekday = local.strftime("%A").to_string();
    Next { step, weekday, date: local.strftime("%-d %B").to_string() }
}

fn site(site: &Site) -> Value {
    json!({"name": site.name, "address": site.address, "base_url": site.base_url})
}

fn list(site: &Site, id: &ListId) -> Value {
    let list = site.lists.get(id);
    let text =
        |text: fn(&crate::model::List) -> &String| list.map_or("", |list| text(list).as_str());
    json!({"title": text(|list| &list.title), "consent": text(|list| &list.consent)})
}

/// Every declared field: known, or its default.
fn fields(site: &Site, known: &BTreeMap<Name, String>) -> Vec<(String, String)> {
    let fields = site.fields.iter().map(|(name, field)| {
        let value = known.get(name).filter(|value| !value.trim().is_empty());
        let value = value.unwrap_or(&field.default);
        (name.as_str().to_owned(), value.chars().take(field.max).collect())
    });
    fields.collect()
}
