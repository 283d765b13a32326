//! A campaign: who gets it, when, and in which order.

use super::{CampaignId, Filter, ListId, Name, StepId};
use crate::time::{Delay, SendWindow, SignedDuration, TimeZone};

/// A drip: steps that everybody gets on their own clock.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The folder's name.
    pub id: CampaignId,
    /// The id it had before, when it was renamed.
    pub renamed_from: Option<CampaignId>,
    /// What people see.
    pub title: String,
    /// Whether it runs.
    pub status: Status,
    /// The name of its layout.
    pub layout: String,
    /// Who gets it.
    pub enroll: Enroll,
    /// When mail may leave.
    pub send: SendRules,
    /// The steps, in order. Never empty.
    pub steps: Vec<Step>,
}

/// Whether a campaign runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Being written: nobody is enrolled, nothing is sent.
    Draft,
    /// Runs.
    Active,
    /// Stands still; people keep their place.
    Paused,
    /// Takes nobody in; those inside go on to the end.
    Closed,
}

/// Who gets a campaign.
#[derive(Clone, Debug)]
pub struct Enroll {
    /// What takes people in.
    pub when: Trigger,
    /// The list whose consent covers it, and whose unsubscribe ends it.
    pub list: ListId,
    /// Whether one may come back.
    pub again: Again,
    /// Leaves early, whatever step, when this holds.
    pub exit: Option<Filter>,
}

/// What takes people into a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A confirmed subscription to the list.
    Confirmed,
    /// A tag that is added.
    Tag(Name),
    /// An event that happens.
    Event(Name),
    /// Only `fascicle enroll`.
    Api,
}

/// Whether somebody who went through a campaign may come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Once in a life.
    Never,
    /// After they finished it.
    AfterFinish,
}

/// When a campaign's mail may leave, and what happens when a relay is silent.
#[derive(Clone, Debug)]
pub struct SendRules {
    /// A fixed zone, or `None` for each subscriber's own.
    pub zone: Option<TimeZone>,
    /// Days and hours.
    pub window: SendWindow,
    /// What to do with a message whose verdict is unknown.
    pub on_unknown: OnUnknown,
    /// How long to wait before such a message is tried once more.
    pub unknown_delay: SignedDuration,
}

/// What to do with a message whose verdict is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnUnknown {
    /// Try once more after a delay, then park it.
    Resend,
    /// Park it at once.
    Hold,
}

/// One planned mail.
#[derive(Clone, Debug)]
pub struct Step {
    /// Identity: never changed after the first send.
    pub id: StepId,
    /// The id it had before, when it was renamed.
    pub renamed_from: Option<StepId>,
    /// Wait since the step before was settled.
    pub delay: Delay,
    /// Who does not get it.
    pub skip_if: Option<Filter>,
    /// The file with its words.
    pub file: String,
}

impl Campaign {
    /// The position of a step, 0-based.
    pub fn step_index(&self, id: &StepId) -> Option<usize> {
        self.steps.iter().position(|step| step.id == *id)
    }

    /// The zone in which `person_zone` (or `site_zone`) gets this campaign.
    pub fn zone(&self, person_zone: Option<&str>, site_zone: &TimeZone) -> TimeZone {
        if let Some(zone) = &self.send.zone {
            return zone.clone();
        }
        person_zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or_else(|| site_zone.clone())
    }

    /// The first step of no delay may leave at any hour: they just confirmed.
    pub fn leaves_at_any_hour(&self, step: &StepId) -> bool {
        self.step_index(step) == Some(0) && self.steps[0].delay.is_none()
    }
}
