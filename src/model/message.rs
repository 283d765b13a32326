//! A message: one mail to one subscriber, from plan to wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    CampaignId, EmailAddress, Enrollment, EnrollmentId, Facts, MessageId, Name, SignUpId, StepId,
    SubscriberId, SubscriptionId, Version,
};
use crate::time::Timestamp;

/// What makes a message the only one of its kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageKey {
    /// Part of a drip, confirmation, …
    pub kind: MessageKind,
    /// To whom.
    pub subscriber: SubscriberId,
    /// Of which campaign; of a confirmation, for which list.
    pub campaign: CampaignId,
    /// Which step; `confirm` for a confirmation.
    pub step: StepId,
    /// Which time through the campaign, or which confirmation, from 0.
    pub occurrence: i64,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// A step of a drip.
    Step,
    /// The mail that asks an address whether it wants a list.
    Confirmation,
}

impl MessageKind {
    /// The word for it in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            MessageKind::Step => "step",
            MessageKind::Confirmation => "confirmation",
        }
    }
}

/// Where a message stands. All but the first two are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageState {
    /// Leaves as soon as its time comes.
    Due,
    /// A worker has it.
    Claimed,
    /// The relay took it.
    Sent,
    /// The relay will never take it.
    Refused,
    /// It may have arrived: the answer was lost, and it is not tried again.
    Unknown,
    /// Its person left, is suppressed, or ended the campaign before it went.
    Dropped,
    /// The relay did not take it within its life.
    Expired,
    /// It could not be rendered.
    Quarantined,
    /// Never planned: the step's `skip_if` held for its person.
    Skipped,
}

impl MessageState {
    /// Every state, in the order of a message's life.
    pub const ALL: [MessageState; 9] = [
        MessageState::Due,
        MessageState::Claimed,
        MessageState::Sent,
        MessageState::Refused,
        MessageState::Unknown,
        MessageState::Dropped,
        MessageState::Expired,
        MessageState::Quarantined,
        MessageState::Skipped,
    ];

    /// The word for it in the store and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            MessageState::Due => "due",
            MessageState::Claimed => "claimed",
            MessageState::Sent => "sent",
            MessageState::Refused => "refused",
            MessageState::Unknown => "unknown",
            MessageState::Dropped => "dropped",
            MessageState::Expired => "expired",
            MessageState::Quarantined => "quarantined",
            MessageState::Skipped => "skipped",
        }
    }
}

/// What a message is made of, frozen when it is planned, so that every
/// attempt has the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// Where it goes.
    pub email: EmailAddress,
    /// The person's zone: hours are theirs.
    pub zone: Option<String>,
    /// The person's fields on that day.
    pub fields: BTreeMap<Name, String>,
    /// What comes after it, as foreseen on that day.
    pub next: Option<Next>,
}

/// What comes after a part, for "Next: …, on Thursday".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// Which step.
    pub step: Name,
    /// `Thursday`.
    pub weekday: String,
    /// `2 April`.
    pub date: String,
}

/// A message to put into the outbox.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Unique.
    pub key: MessageKey,
    /// The version whose words it has.
    pub version: Version,
    /// The person's data.
    pub frozen: Frozen,
    /// When it may leave.
    pub due_at: Timestamp,
}

/// A message that a worker has claimed.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its number.
    pub id: MessageId,
    /// Unique.
    pub key: MessageKey,
    /// By which consent.
    pub subscription: SubscriptionId,
    /// What it is sent for.
    pub errand: Errand,
    /// The version whose words it has: of its campaign, or for a confirmation
    /// the snapshot of the project.
    pub version: Version,
    /// The person's data.
    pub frozen: Frozen,
    /// Message-ID, without the angle brackets.
    pub message_id: String,
    /// When it was put into the outbox.
    pub planned_at: Timestamp,
    /// The Date header: when it was first claimed.
    pub dated_at: Timestamp,
    /// SHA-256 of its bytes, from the attempt before.
    pub body_hash: Option<String>,
    /// Which connection claimed it.
    pub worker: u32,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Times in a row that the relay did not take it.
    pub deferrals: u32,
    /// When the first of them was.
    pub deferred_since: Option<Timestamp>,
    /// How often its verdict was lost.
    pub unknowns: u32,
    /// What stands against sending it, as of the claim.
    pub standing: Standing,
}

/// What a message is sent for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// A step of a drip.
    Step {
        /// Which way through it.
        id: EnrollmentId,
        /// Where that stood at the claim.
        enrollment: Enrollment,
    },
    /// To ask for a confirmation of a sign-up.
    Confirmation(SignUpId),
}

impl Errand {
    /// The kind of message that has it.
    pub fn kind(&self) -> MessageKind {
        match self {
            Errand::Step { .. } => MessageKind::Step,
            Errand::Confirmation(_) => MessageKind::Confirmation,
        }
    }
}

/// What is looked at immediately before a message leaves.
#[expect(clippy::struct_excessive_bools, reason = "separate questions, each with its own answer")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether the claim is still ours.
    pub is_ours: bool,
    /// Whether the subscription is confirmed and not left.
    pub is_subscribed: bool,
    /// Whether the address is on the suppression list.
    pub is_suppressed: bool,
    /// Whether the enrollment, or the sign-up, still waits for this message.
    pub is_awaited: bool,
    /// Whether the campaign is applied as paused or draft.
    pub is_paused: bool,
    /// What conditions may ask.
    pub facts: Facts,
}

/// A message's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The Subject.
    pub subject: String,
    /// What mail programs show after the subject; empty when there is none.
    pub preheader: String,
    /// The HTML part.
    pub html: String,
    /// The plain-text part.
    pub text: String,
}

/// Who a message is from and to in SMTP (RFC 5321), apart from its headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// MAIL FROM.
    pub from: EmailAddress,
    /// RCPT TO.
    pub to: EmailAddress,
}

/// Bytes and envelope, ready for a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Who from, who to.
    pub envelope: Envelope,
    /// The message as it goes over the wire, before dot-stuffing.
    pub bytes: Vec<u8>,
}
