//! A person enters a campaign.

use crate::{
    model::{Campaign, Enrollment, Progress},
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
