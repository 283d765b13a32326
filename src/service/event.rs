//! What the loops have to tell, for whoever shows it.

use crate::{
    engine::ForgetReason,
    model::{CampaignId, EmailAddress, MessageKind, StepId, Verdict},
    time::Timestamp,
};

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A relay answered about a message.
    Answered {
        /// What kind of message.
        kind: MessageKind,
        /// Of which campaign; of a confirmation, for which list.
        campaign: CampaignId,
        /// Which step.
        step: StepId,
        /// To whom. Shown only where nothing is logged.
        to: EmailAddress,
        /// Their zone, if known.
        zone: Option<String>,
        /// When.
        at: Timestamp,
        /// Without angle brackets.
        message_id: String,
        /// The Subject.
        subject: String,
        /// The answer.
        verdict: Verdict,
    },
    /// A step was skipped for somebody.
    Skipped {
        /// Of which campaign.
        campaign: CampaignId,
        /// Which step.
        step: StepId,
        /// For whom.
        to: EmailAddress,
        /// Their zone.
        zone: Option<String>,
        /// When it was due.
        at: Timestamp,
    },
    /// Somebody left a campaign early, because its `exit` holds.
    Exited {
        /// Which campaign.
        campaign: CampaignId,
        /// Who.
        to: EmailAddress,
        /// Their zone.
        zone: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// A message will not leave, or not now.
    Kept {
        /// Of which campaign.
        campaign: CampaignId,
        /// Which step.
        step: StepId,
        /// Why.
        reason: String,
    },
    /// A form was sent in for nothing. Never with the address.
    Forgotten {
        /// Why.
        reason: ForgetReason,
    },
    /// More people sign up than is usual: somebody may work through a list.
    Crowd {
        /// Confirmations of the last hour, and those that wait.
        count: u32,
    },
    /// The relay takes nothing; sending rests until an instant.
    RelayTrouble {
        /// What it said.
        reply: String,
        /// When it is tried again.
        until: Timestamp,
    },
    /// The database refuses, or something in it cannot be used.
    StoreTrouble {
        /// What it said.
        what: String,
    },
    /// Messages of unknown fate that a process before this one left behind.
    Recovered {
        /// How many.
        count: usize,
    },
}
