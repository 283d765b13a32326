//! A relay has answered, or a message ended without it.

use super::{DropReason, HoldReason, Rules, wait_for_next};
use crate::{
    model::{Enrollment, Errand, Message, MessageState, OnUnknown, Progress, StopReason, Verdict},
    time::{SignedDuration, Timestamp, backoff, trouble_backoff},
};

/// How long a relay may go on not taking a part before it expires.
pub const LIFE: SignedDuration = SignedDuration::from_hours(72);
/// How long a confirmation may go on not leaving, for whatever reason (REQ-060):
/// who still wants it signs up once more, and nobody finds three of them after
/// the relay was away.
pub(super) const CONFIRMATION_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// What becomes of a message and its enrollment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The message's next state: [`MessageState::Due`] to try again.
    pub state: MessageState,
    /// When it is tried again; only for [`MessageState::Due`].
    pub due_at: Option<Timestamp>,
    /// Why, in words for the owner.
    pub reason: String,
    /// Where the enrollment stands now; `None` when it does not change.
    pub enrollment: Option<Enrollment>,
    /// Times in a row that the relay did not take it, after this.
    pub deferrals: u32,
    /// When the first of them was.
    pub deferred_since: Option<Timestamp>,
    /// Lost verdicts after this.
    pub unknowns: u32,
    /// Whether the address must never be written to again.
    pub suppresses: bool,
}

/// How long after a lost answer a confirmation is tried once more. A second
/// copy asks the same, so there is nothing to decide for its owner.
const CONFIRMATION_UNKNOWN_DELAY: SignedDuration = SignedDuration::from_mins(15);

fn on_unknown(rules: Rules<'_>) -> (OnUnknown, SignedDuration) {
    match rules {
        Rules::Step { campaign, .. } => (campaign.send.on_unknown, campaign.send.unknown_delay),
        Rules::Confirmation => (OnUnknown::Resend, CONFIRMATION_UNKNOWN_DELAY),
    }
}

/// What becomes of `message` after `verdict` at `now`.
///
/// Accepted, refused, expired and unknown messages are settled: the next
/// delay counts from now. A hard refusal ends the enrollment. Deferred ones
/// are tried again with a growing delay; those that were never handed over
/// sooner, because that was not their fault.
pub fn settle(rules: Rules<'_>, message: &Message, verdict: &Verdict, now: Timestamp) -> Settled {
    let later = |span| now.saturating_add(span).unwrap_or(Timestamp::MAX);
    let deferred_since = message.deferred_since.unwrap_or(now);
    let again = |due_at, deferrals, unknowns| Settled {
        state: MessageState::Due,
        due_at: Some(due_at),
        reason: verdict.to_string(),
        enrollment: None,
        deferrals,
        deferred_since: Some(deferred_since),
        unknowns,
        suppresses: false,
    };
    // Time in which it was held, or waited for its window, is not counted.
    let life = match rules {
        Rules::Step { .. } => LIFE,
        Rules::Confirmation => CONFIRMATION_LIFE,
    };
    let is_over = now.duration_since(deferred_since) > life;
    let (deferrals, unknowns) = (message.deferrals, message.unknowns);
    let state = match verdict {
        Verdict::Accepted { .. } => MessageState::Sent,
        Verdict::Refused { .. } => MessageState::Refused,
        Verdict::Deferred { .. } | Verdict::NotHandedOver { .. } if is_over => {
            MessageState::Expired
        }
        Verdict::Deferred { .. } => {
            return again(later(backoff(deferrals + 1)), deferrals + 1, unknowns);
        }
        Verdict::NotHandedOver { .. } => {
            return again(later(trouble_backoff(deferrals + 1)), deferrals + 1, unknowns);
        }
        Verdict::Unknown { .. } => match on_unknown(rules) {
            (OnUnknown::Resend, delay) if unknowns == 0 => {
                return again(later(delay), deferrals, 1);
            }
            (OnUnknown::Resend | OnUnknown::Hold, _) => MessageState::Unknown,
        },
    };
    let is_hard = matches!(verdict, Verdict::Refused { is_hard: true, .. });
    let stop = is_hard.then_some(StopReason::Bounced);
    Settled {
        state,
        due_at: None,
        reason: verdict.to_string(),
        enrollment: after(rules, message, stop, now),
        deferrals,
        deferred_since: message.deferred_since,
        unknowns: unknowns + u32::from(state == MessageState::Unknown),
        suppresses: is_hard,
    }
}

/// What becomes of a message that is never sent, for `reason`.
pub fn drop_message(message: &Message, reason: DropReason) -> Settled {
    let stop = match reason {
        DropReason::Left => Some(StopReason::Left),
        DropReason::Suppressed => Some(StopReason::Bounced),
        DropReason::Exited => Some(StopReason::Exited),
        DropReason::Ended | DropReason::Answered | DropReason::TooLate => None,
    };
    let enrollment = match &message.errand {
        Errand::Step { enrollment, .. } => stop.and_then(|reason| stopped(enrollment, reason)),
        Errand::Confirmation(_) => None,
    };
    ended(message, MessageState::Dropped, reason.as_str().to_owned(), enrollment)
}

/// What becomes of a message that cannot be rendered: it is set aside for its
/// owner, and the course goes on, as it does after a refusal.
pub fn quarantine(rules: Rules<'_>, message: &Message, reason: String, now: Timestamp) -> Settled {
    let enrollment = after(rules, message, None, now);
    ended(message, MessageState::Quarantined, reason, enrollment)
}

fn ended(
    message: &Message,
    state: MessageState,
    reason: String,
    enrollment: Option<Enrollment>,
) -> Settled {
    Settled {
        state,
        due_at: None,
        reason,
        enrollment,
        deferrals: message.deferrals,
        deferred_since: message.deferred_since,
        unknowns: message.unknowns,
        suppresses: false,
    }
}

/// The enrollment after `message` was settled at `now`; `None` when it does not
/// wait for that step, because it was stopped or this was said before.
fn after(
    rules: Rules<'_>,
    message: &Message,
    early_end: Option<StopReason>,
    now: Timestamp,
) -> Option<Enrollment> {
    let Rules::Step { campaign, step, zone } = rules else { return None };
    let Errand::Step { enrollment, .. } = &message.errand else { return None };
    let Progress::Sending { step: awaited, due_at } = &enrollment.progress else { return None };
    if awaited != step {
        return None;
    }
    let mut done = enrollment.done.clone();
    if let Some(reason) = early_end {
        // The part did not arrive: whoever goes on later gets it then.
        return Some(Enrollment { progress: Progress::Stopped(reason), done });
    }
    done.push(step.clone());
    Some(wait_for_next(campaign, zone, done, *due_at, now))
}

fn stopped(enrollment: &Enrollment, reason: StopReason) -> Option<Enrollment> {
    match enrollment.progress {
        Progress::Waiting { .. } | Progress::Sending { .. } => {
            Some(Enrollment { progress: Progress::Stopped(reason), done: enrollment.done.clone() })
        }
        Progress::Finished | Progress::Stopped(_) => None,
    }
}

/// What becomes of a message that may not leave before `until`.
pub fn hold(message: &Message, until: Timestamp, reason: HoldReason) -> Settled {
    let settled = ended(message, MessageState::Due, reason.as_str().to_owned(), None);
    // The relay was not asked: what it did before does not count on.
    Settled { due_at: Some(until), deferrals: 0, deferred_since: None, ..settled }
}
