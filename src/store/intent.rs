//! What goes through the door: the values of its intentions.

use crate::{
    engine::Settled,
    model::{
        CampaignId, EmailAddress, Enrollment, EnrollmentId, Facts, ListId, Message, MessageKind,
        MessageState, Name, NewMessage, NewSubscription, Progress, ProjectFiles, SignUpId, Status,
        StepId, SubscriberId, SubscriptionId, Verdict, Version,
    },
    time::Timestamp,
};

/// A project to apply.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Its files, without secrets.
    pub files: ProjectFiles,
    /// Its campaigns.
    pub campaigns: Vec<CampaignState>,
}

/// A campaign as it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignState {
    /// Which.
    pub id: CampaignId,
    /// At which version.
    pub version: Version,
    /// Whether it runs.
    pub status: Status,
}

/// Somebody who confirmed, with the enrollments that follow from it.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Who, to which list, with which proof.
    pub subscription: NewSubscription,
    /// The campaigns they enter by confirming, and where they stand in each.
    pub enrollments: Vec<(CampaignId, Enrollment)>,
    /// The campaigns they enter by a tag that they did not have.
    pub by_tag: Vec<(Name, CampaignId, Enrollment)>,
}

/// A confirmation that was clicked.
#[derive(Clone, Debug)]
pub struct Consented {
    /// Of which sign-up.
    pub sign_up: SignUpId,
    /// Who they are now, and what they enter.
    pub arrival: Arrival,
    /// The campaigns that were broken off and that they go on with.
    pub resumed: Vec<(CampaignId, Enrollment)>,
    /// What they took back.
    pub cleared: Cleared,
}

/// What somebody was asked about themselves, and left empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    /// Fields.
    pub fields: Vec<Name>,
    /// Whether the zone is not known any more.
    pub zone: bool,
}

/// What became of a click on a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// They are on the list from now on.
    Confirmed {
        /// Campaigns that they entered.
        entered: usize,
    },
    /// They were on it already.
    Known,
    /// They left after they were asked.
    Left,
    /// There is no such sign-up any more.
    Gone,
}

/// What became of an arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// The subscriber.
    pub subscriber: SubscriberId,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// Enrollments that are new.
    pub enrollments: Vec<EnrollmentId>,
    /// What else there is to say.
    pub remark: Remarks,
}

/// What else there is to say about an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remarks {
    /// Nobody had this address.
    New,
    /// They were there; fields and zone were brought up to date.
    Known,
    /// They left this list before, and stay out: a new confirmation of their
    /// own is needed.
    Left,
    /// The address is suppressed.
    Suppressed,
}

/// A message, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Without angle brackets; `None` when it was never planned, but skipped.
    pub message_id: Option<String>,
    /// What kind of message.
    pub kind: MessageKind,
    /// Of which campaign; of a confirmation, for which list.
    pub campaign: CampaignId,
    /// Which step.
    pub step: StepId,
    /// To whom.
    pub to: EmailAddress,
    /// Where it stands.
    pub state: MessageState,
    /// SHA-256 of its bytes, if a relay ever answered about it.
    pub body_hash: Option<String>,
}

/// A subscriber who could be enrolled.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who.
    pub subscriber: SubscriberId,
    /// By which consent.
    pub subscription: SubscriptionId,
    /// Their address.
    pub email: EmailAddress,
    /// Their zone, if known.
    pub zone: Option<String>,
    /// What conditions may ask.
    pub facts: Facts,
}

/// A course that ended because mail came back, of somebody who is still on
/// its list.
#[derive(Clone, Debug)]
pub struct BrokenOff {
    /// Who.
    pub subscriber: SubscriberId,
    /// By which consent.
    pub subscription: SubscriptionId,
    /// Their zone, if known.
    pub zone: Option<String>,
    /// Which.
    pub campaign: CampaignId,
    /// Where it stood.
    pub enrollment: Enrollment,
}

/// What became of a due enrollment.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Which.
    pub id: EnrollmentId,
    /// Where it stood when it was claimed.
    pub before: Progress,
    /// Where it stands now.
    pub after: Enrollment,
    /// Steps that were skipped.
    pub skipped: Vec<StepId>,
    /// The message for the outbox, with its Message-ID.
    pub message: Option<(NewMessage, String)>,
}

/// What became of an attempt, or of a message without one.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The message as it was claimed.
    pub message: Message,
    /// What the engine made of it.
    pub settled: Settled,
    /// The relay's verdict; `None` when it was not asked.
    pub verdict: Option<Verdict>,
    /// SHA-256 of the bytes that were offered.
    pub body_hash: Option<String>,
}

/// Where everything stands.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Subscribers.
    pub people: i64,
    /// People who were asked to confirm and have not answered.
    pub pending: i64,
    /// Addresses that get no mail, because it came back or their owner said so.
    pub suppressed: i64,
    /// Each list that somebody was or is on.
    pub lists: Vec<ListReport>,
    /// Each applied campaign.
    pub campaigns: Vec<CampaignReport>,
    /// Messages by state.
    pub messages: Vec<(MessageState, i64)>,
    /// The oldest message that is due and has not left.
    pub oldest_due_at: Option<Timestamp>,
    /// The next instant at which anything is due.
    pub next_due_at: Option<Timestamp>,
    /// Why messages wait or did not go, the commonest first.
    pub reasons: Vec<(String, i64)>,
    /// Messages whose fate is unknown.
    pub unknown: Vec<UnknownMessage>,
}

/// How many are on one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListReport {
    /// Which.
    pub list: ListId,
    /// Those who confirmed and are there.
    pub subscribed: i64,
    /// Those who left.
    pub left: i64,
}

/// Where one campaign stands.
#[derive(Clone, Debug)]
pub struct CampaignReport {
    /// The campaign.
    pub state: CampaignState,
    /// Enrollments that wait or send.
    pub inside: i64,
    /// Enrollments that went through.
    pub finished: i64,
    /// Enrollments that ended early.
    pub stopped: i64,
    /// Messages of each step by state.
    pub steps: Vec<StepReport>,
}

/// Where one step stands.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// The step.
    pub step: Name,
    /// Its messages by state.
    pub messages: Vec<(MessageState, i64)>,
}

/// A message whose verdict was lost, for its owner to look into.
#[derive(Clone, Debug)]
pub struct UnknownMessage {
    /// Of which campaign.
    pub campaign: CampaignId,
    /// Which step.
    pub step: StepId,
    /// To whom.
    pub to: EmailAddress,
    /// How to find it in the relay's log.
    pub message_id: String,
    /// When it is tried once more; `None` when it is parked.
    pub retry_at: Option<Timestamp>,
}
