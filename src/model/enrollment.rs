//! An enrollment: one subscriber's way through one drip.

use super::{
    CampaignId, EnrollmentId, Facts, Person, StepId, SubscriberId, SubscriptionId, Version,
};
use crate::time::Timestamp;

/// One subscriber's way through one drip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrollment {
    /// Where they stand.
    pub progress: Progress,
    /// Steps that are settled, in the order in which that happened.
    pub done: Vec<StepId>,
}

/// Where an enrollment stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The next step is due at an instant.
    Waiting {
        /// Which step.
        step: StepId,
        /// When.
        due_at: Timestamp,
    },
    /// A step's message is in the outbox.
    Sending {
        /// Which step.
        step: StepId,
        /// When it was due.
        due_at: Timestamp,
    },
    /// Went through all of it.
    Finished,
    /// Ended early.
    Stopped(StopReason),
}

/// Why an enrollment ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Unsubscribed.
    Left,
    /// The campaign's `exit` held.
    Exited,
    /// The address does not exist.
    Bounced,
}

impl StopReason {
    /// The word for it in the store and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            StopReason::Left => "left",
            StopReason::Exited => "exited",
            StopReason::Bounced => "bounced",
        }
    }
}

/// An enrollment that is due, with all that the engine wants to know.
#[derive(Clone, Debug)]
pub struct DueEnrollment {
    /// Its number.
    pub id: EnrollmentId,
    /// Who.
    pub subscriber: SubscriberId,
    /// By which consent.
    pub subscription: SubscriptionId,
    /// Through which campaign.
    pub campaign: CampaignId,
    /// Which time through it, from 0.
    pub occurrence: i64,
    /// The campaign's version that is applied now.
    pub version: Version,
    /// Address, zone and fields.
    pub person: Person,
    /// What conditions may ask.
    pub facts: Facts,
    /// Where they stand.
    pub enrollment: Enrollment,
}
