//! The engine of time: pure decisions about who gets which part, and when.
//!
//! ```text
//! answer    a form was sent in       → ask for a confirmation, or forget it
//! enroll    a person enters          → waits for the first step
//! advance   a wait is over           → skip, enqueue, finish or leave
//! decide    a message is about to go → send, hold or drop
//! settle    a relay has answered     → wait for the next step, or try again
//! ```
//!
//! No I/O, no async, no `now()`: the live service, the demo and the forecast
//! go by the same rules.

mod advance;
mod decide;
mod enroll;
mod forecast;
mod settle;
mod sign_up;

pub use advance::{Advanced, advance};
pub use decide::{Decision, DropReason, Gate, HoldReason, Look, Rules, decide};
pub use enroll::{enroll, resume};
pub use forecast::{Expected, ExpectedOutcome, expect_next, forecast, forecast_from};
pub use settle::{LIFE, Settled, drop_message, hold, quarantine, settle};
pub use sign_up::{Answer, ForgetReason, HOURLY_MAX, LINK_LIFE, SIGN_UP_LIFE, answer_sign_up};

use crate::{
    model::{Campaign, Enrollment, Progress, StepId},
    time::{Delay, SignedDuration, TimeZone, Timestamp},
};

/// The least time between two parts of a course when the first of them came
/// late and their delay is one of days: an outage must not bunch them.
const LATE_GAP: SignedDuration = SignedDuration::from_hours(20);

/// From when on a part counts as late.
const LATE_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// The first step in the campaign's order that comes after the last settled
/// one and is not settled itself.
fn next_step<'a>(campaign: &'a Campaign, done: &[StepId]) -> Option<&'a crate::model::Step> {
    let last = done.iter().rev().find_map(|id| campaign.step_index(id));
    let from = last.map_or(0, |index| index + 1);
    campaign.steps[from..].iter().find(|step| !done.contains(&step.id))
}

/// Where an enrollment stands after everything in `done` was settled, the
/// last of it at `settled_at`, having been due at `due_at`.
fn wait_for_next(
    campaign: &Campaign,
    zone: &TimeZone,
    done: Vec<StepId>,
    due_at: Timestamp,
    settled_at: Timestamp,
) -> Enrollment {
    let Some(step) = next_step(campaign, &done) else {
        return Enrollment { progress: Progress::Finished, done };
    };
    let window = &campaign.send.window;
    let mut next_at = window.due(step.delay, settled_at, zone);
    let was_late = settled_at.duration_since(due_at) > LATE_AFTER;
    if was_late && matches!(step.delay, Delay::Days(_)) {
        let earliest = settled_at.saturating_add(LATE_GAP).unwrap_or(Timestamp::MAX);
        if next_at < earliest {
            // The same hour of the first allowed day that is far enough away.
            next_at = window.due(Delay::Days(0), earliest, zone);
        }
    }
    Enrollment { progress: Progress::Waiting { step: step.id.clone(), due_at: next_at }, done }
}

#[cfg(test)]
mod tests;
