//! The last look at a message before it leaves.

use super::{LATE_AFTER, settle::CONFIRMATION_LIFE};
use crate::{
    model::{Campaign, Standing, StepId},
    time::{SignedDuration, TimeZone, Timestamp},
};

/// How long a message waits before it is looked at again when no instant is
/// known at which it may leave.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(15);

/// What to do with a message that is about to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Let it go.
    Send,
    /// Not before `until`.
    Hold {
        /// When to look again.
        until: Timestamp,
        /// Why.
        reason: HoldReason,
    },
    /// Never.
    Drop(DropReason),
    /// Somebody else has it, or it is settled: touch nothing.
    Abandon,
}

/// Why a message waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldReason {
    /// Outside its send window.
    WindowClosed,
    /// The campaign is paused.
    Paused,
    /// `production = false`, a relay on another machine, and an address that is
    /// not in `allow`.
    Sandboxed,
    /// The version whose words it has cannot be loaded.
    NoVersion,
}

impl HoldReason {
    /// The words for it in the store and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            HoldReason::WindowClosed => "outside the send window",
            HoldReason::Paused => "the campaign is paused",
            HoldReason::NoVersion => "its version cannot be loaded",
            HoldReason::Sandboxed => "production = false, and the address is not in `allow`",
        }
    }
}

/// Why a message never leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// Its person left the list.
    Left,
    /// Its address is suppressed.
    Suppressed,
    /// Its enrollment ended.
    Ended,
    /// The campaign's `exit` held.
    Exited,
    /// The sign-up was confirmed or withdrawn meanwhile.
    Answered,
    /// The confirmation could not leave for a day: nobody waits for it now.
    TooLate,
}

impl DropReason {
    /// The words for it in the store and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            DropReason::Left => "left the list",
            DropReason::Suppressed => "the address is suppressed",
            DropReason::Ended => "the enrollment ended",
            DropReason::Exited => "the campaign's exit held",
            DropReason::Answered => "the sign-up was answered meanwhile",
            DropReason::TooLate => "nobody waits for it any more",
        }
    }
}

/// Whether the way out is open at all for this address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Production, a relay on this machine, or an address in `allow`.
    Open,
    /// Neither.
    Sandboxed,
}

/// What a last look sees.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// What the store says.
    pub standing: &'a Standing,
    /// Whether the way out is open.
    pub gate: Gate,
    /// When the message was due.
    pub due_at: Timestamp,
    /// When.
    pub now: Timestamp,
}

/// What a message goes by.
#[derive(Clone, Copy, Debug)]
pub enum Rules<'a> {
    /// A step of a campaign, for somebody in a zone.
    Step {
        /// The campaign, at the message's version.
        campaign: &'a Campaign,
        /// Which step.
        step: &'a StepId,
        /// Their zone.
        zone: &'a TimeZone,
    },
    /// A confirmation: they just asked for it, at whatever hour.
    Confirmation,
}

/// Decides about a message.
///
/// What forbids sending beats what delays it, and you can see it.
pub fn decide(rules: Rules<'_>, look: Look<'_>) -> Decision {
    match rules {
        Rules::Step { campaign, step, zone } => decide_step(campaign, step, zone, look),
        Rules::Confirmation => decide_confirmation(look),
    }
}

fn decide_step(campaign: &Campaign, step: &StepId, zone: &TimeZone, look: Look<'_>) -> Decision {
    let Look { standing, gate, due_at, now } = look;
    if !standing.is_ours {
        return Decision::Abandon;
    }
    if !standing.is_subscribed {
        return Decision::Drop(DropReason::Left);
    }
    if standing.is_suppressed {
        return Decision::Drop(DropReason::Suppressed);
    }
    if !standing.is_awaited {
        return Decision::Drop(DropReason::Ended);
    }
    if campaign.enroll.exit.as_ref().is_some_and(|exit| exit.matches(&standing.facts)) {
        return Decision::Drop(DropReason::Exited);
    }
    if standing.is_paused {
        return hold(HoldReason::Paused, now);
    }
    if gate == Gate::Sandboxed {
        return hold(HoldReason::Sandboxed, now);
    }
    let window = &campaign.send.window;
    // At any hour, because they just confirmed; not hours later in the night.
    let just_confirmed =
        campaign.leaves_at_any_hour(step) && now.duration_since(due_at) <= LATE_AFTER;
    if !just_confirmed && !window.is_open(now, zone) {
        let until = window.next_open(now, zone);
        return Decision::Hold { until, reason: HoldReason::WindowClosed };
    }
    Decision::Send
}

fn decide_confirmation(look: Look<'_>) -> Decision {
    let Look { standing, gate, due_at, now } = look;
    if !standing.is_ours {
        return Decision::Abandon;
    }
    if standing.is_suppressed {
        return Decision::Drop(DropReason::Suppressed);
    }
    if !standing.is_awaited {
        return Decision::Drop(DropReason::Answered);
    }
    if now.duration_since(due_at) > CONFIRMATION_LIFE {
        return Decision::Drop(DropReason::TooLate);
    }
    if gate == Gate::Sandboxed {
        return hold(HoldReason::Sandboxed, now);
    }
    Decision::Send
}

fn hold(reason: HoldReason, now: Timestamp) -> Decision {
    let until = now.saturating_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
    Decision::Hold { until, reason }
}
