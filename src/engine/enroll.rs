//! A person enters a campaign.

use super::wait_for_next;
use crate::{
    model::{Campaign, Enrollment, Progress, StopReason},
    time::{TimeZone, Timestamp},
};

/// Where somebody stands who enters `campaign` at `now`, in `zone`.
///
/// A first step without a delay is due at once, at whatever hour: they just
/// asked for it. Any other waits like every step.
pub fn enroll(campaign: &Campaign, zone: &TimeZone, now: Timestamp) -> Enrollment {
    let first = &campaign.steps[0];
    let due_at =
        if first.delay.is_none() { now } else { campaign.send.window.due(first.delay, now, zone) };
    Enrollment { progress: Progress::Waiting { step: first.id.clone(), due_at }, done: Vec::new() }
}

/// Where somebody goes on who left `campaign` and confirmed anew, or whose mail
/// came back and whom the owner released; they stood at `broken_off` then: at
/// the first part that they have not had.
///
/// Returns `None` when there is none, or they ended it in another way.
pub fn resume(
    campaign: &Campaign,
    zone: &TimeZone,
    broken_off: &Enrollment,
    now: Timestamp,
) -> Option<Enrollment> {
    let asked_for_it = match broken_off.progress {
        Progress::Stopped(StopReason::Left) => true,
        // The owner releases them at any hour; they sleep.
        Progress::Stopped(StopReason::Bounced) => false,
        Progress::Stopped(StopReason::Exited)
        | Progress::Waiting { .. }
        | Progress::Sending { .. }
        | Progress::Finished => return None,
    };
    if broken_off.done.is_empty() && asked_for_it {
        return Some(enroll(campaign, zone, now));
    }
    let resumed = wait_for_next(campaign, zone, broken_off.done.clone(), now, now);
    (resumed.progress != Progress::Finished).then_some(resumed)
}
