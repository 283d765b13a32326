//! One letter as its pretend recipient would get it: content and bytes.

use std::collections::BTreeMap;

use super::Walk;
use crate::{
    campaign::{Addressee, NewsletterEdition, Project, foresee},
    mail::{Headers, Keys, Purpose, compose},
    model::{
        EmailAddress, IssueId, ListId, MessageKey, MessageKind, Outgoing, Rendered, Sample, Site,
        StepId, SubscriberId,
    },
    render::{Failure, Traced},
    time::Timestamp,
};

/// A letter that goes nowhere.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Subject, preheader, HTML and text.
    pub rendered: Rendered,
    /// The message as it would go over the wire.
    pub outgoing: Outgoing,
    /// Its Message-ID, without angle brackets.
    pub message_id: String,
    origin: Origin,
}

/// What a letter's headers come of.
#[derive(Clone, Debug)]
struct Origin {
    key: MessageKey,
    list: ListId,
    unsubscribe_url: Option<String>,
}

impl Letter {
    /// The same words to `to`, as a message of its own: whoever tries it twice
    /// has two mails, so the Message-ID comes of `dated_at` too.
    pub fn to(&self, site: &Site, to: &EmailAddress, dated_at: Timestamp) -> Letter {
        let mut origin = self.origin.clone();
        origin.key.occurrence = dated_at.as_microsecond();
        Letter::address(site, self.rendered.clone(), origin, (to, dated_at))
    }

    fn address(
        site: &Site,
        rendered: Rendered,
        origin: Origin,
        (to, dated_at): (&EmailAddress, Timestamp),
    ) -> Letter {
        let keys = keys();
        let domain = site.from.domain();
        let message_id = keys.message_id(&origin.key, domain);
        let headers = Headers {
            to,
            message_id: &message_id,
            dated_at,
            unsubscribe_url: origin.unsubscribe_url.as_deref(),
            list_id: &keys.list_id(&origin.list, domain),
        };
        let outgoing = compose(site, &rendered, &headers);
        Letter { rendered, outgoing, message_id, origin }
    }
}

/// The instant in every token, so that the same files make the same links.
const ISSUED_AT: Timestamp = Timestamp::constant(1_774_598_400, 0);

impl Walk<'_> {
    /// The letter of `step`, with `dated_at` as its Date.
    ///
    /// Returns [`Failure`] when the step has no words in this edition, or its
    /// templates fail on these values.
    pub fn letter(&self, step: &StepId, dated_at: Timestamp) -> Result<Letter, Failure> {
        let campaign = &self.edition.campaign;
        let site = &self.edition.site;
        let url = way_out(site);
        let rendered =
            self.with_addressee(step, &url, |addressee| self.edition.render(step, addressee))?;
        let to = self.sample.map_or(&site.from, |sample| &sample.person.email);
        let origin = Origin {
            key: key(MessageKind::Step, campaign.id.clone(), step.clone()),
            list: campaign.enroll.list.clone(),
            unsubscribe_url: Some(url),
        };
        Ok(Letter::address(site, rendered, origin, (to, dated_at)))
    }

    /// Only subject, HTML and text of that letter: a tenth of the work.
    ///
    /// Returns [`Failure`] as [`Walk::letter`] does.
    pub fn rendered(&self, step: &StepId) -> Result<Rendered, Failure> {
        let url = way_out(&self.edition.site);
        self.with_addressee(step, &url, |addressee| self.edition.render(step, addressee))
    }

    /// The HTML of that letter, with marks that say from which lines it came.
    ///
    /// Returns [`Failure`] as [`Walk::letter`] does.
    pub fn traced(&self, step: &StepId) -> Result<Traced, Failure> {
        let url = way_out(&self.edition.site);
        self.with_addressee(step, &url, |addressee| self.edition.render_traced(step, addressee))
    }

    fn with_addressee<T>(
        &self,
        step: &StepId,
        unsubscribe_url: &str,
        render: impl FnOnce(&Addressee<'_>) -> T,
    ) -> T {
        let next = self.next(step).map(|next| foresee(next.step, next.at, &self.zone));
        let nothing_known = BTreeMap::new();
        let fields = self.sample.map_or(&nothing_known, |sample| &sample.person.fields);
        render(&Addressee { fields, next: next.as_ref(), unsubscribe_url })
    }
}

/// A way out that leads nowhere, which every letter of a rehearsal has.
pub fn way_out(site: &Site) -> String {
    let token = keys().token(Purpose::Unsubscribe, 0, ISSUED_AT);
    format!("{}/u/{token}", site.base_url)
}

/// The letter of `issue` that `sample` would get, or somebody of whom nothing is
/// known, with `dated_at` as its Date.
///
/// Returns [`Failure`] when the issue has no words in this edition, or its
/// templates fail on these values.
pub fn issue(
    edition: &NewsletterEdition,
    issue: &IssueId,
    sample: Option<&Sample>,
    dated_at: Timestamp,
) -> Result<Letter, Failure> {
    let (newsletter, site) = (&edition.newsletter, &edition.site);
    let url = way_out(site);
    let nothing_known = BTreeMap::new();
    let fields = sample.map_or(&nothing_known, |sample| &sample.person.fields);
    let addressee = Addressee { fields, next: None, unsubscribe_url: &url };
    let rendered = edition.render(issue, &addressee)?;
    let to = sample.map_or(&site.from, |sample| &sample.person.email);
    let origin = Origin {
        key: key(MessageKind::Step, newsletter.id.clone(), issue.clone()),
        list: newsletter.audience.list.clone(),
        unsubscribe_url: Some(url),
    };
    Ok(Letter::address(site, rendered, origin, (to, dated_at)))
}

/// The confirmation that `sample` would get for `list`; `None` when the
/// project has no layout for it.
pub fn confirmation(
    project: &Project,
    list: &ListId,
    sample: &Sample,
    dated_at: Timestamp,
) -> Option<Result<Letter, Failure>> {
    let url = format!("{}/c/example", project.site.base_url);
    let rendered = project.render_confirmation(list, &url)?;
    let origin = Origin {
        key: key(MessageKind::Confirmation, list.clone(), StepId::trusted("confirm")),
        list: list.clone(),
        unsubscribe_url: None,
    };
    let to = (&sample.person.email, dated_at);
    Some(rendered.map(|rendered| Letter::address(&project.site, rendered, origin, to)))
}

fn key(kind: MessageKind, campaign: crate::model::CampaignId, step: StepId) -> MessageKey {
    MessageKey { kind, subscriber: SubscriberId(0), campaign, step, occurrence: 0 }
}

/// Keys that open nothing.
fn keys() -> Keys {
    Keys::new([0; 32])
}
