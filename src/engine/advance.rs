//! A wait is over.

use super::{next_step, wait_for_next};
use crate::{
    model::{Campaign, Enrollment, Facts, Progress, StepId, StopReason},
    time::{TimeZone, Timestamp},
};

/// What became of an enrollment whose wait was over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advanced {
    /// Where it stands now.
    pub enrollment: Enrollment,
    /// The step to put into the outbox, when there is one.
    pub enqueue: Option<StepId>,
    /// Steps that were skipped on the way.
    pub skipped: Vec<StepId>,
}

/// Moves `enrollment` on to what is due at `now`.
///
/// A skipped step is settled at its due time, and the next delay counts from
/// there. Said twice, or too early, it changes nothing.
pub fn advance(
    campaign: &Campaign,
    zone: &TimeZone,
    enrollment: Enrollment,
    facts: &Facts,
    now: Timestamp,
) -> Advanced {
    let mut enrollment = enrollment;
    let mut skipped = Vec::new();
    loop {
        let (due_at, done) = match &enrollment.progress {
            Progress::Waiting { due_at, .. } if *due_at <= now => (*due_at, &enrollment.done),
            Progress::Waiting { .. }
            | Progress::Sending { .. }
            | Progress::Finished
            | Progress::Stopped(_) => return Advanced { enrollment, enqueue: None, skipped },
        };
        // The manifest decides which step this is, not the name noted when the
        // wait began: an edit may have removed it or put another before it.
        let Some(step) = next_step(campaign, done) else {
            enrollment.progress = Progress::Finished;
            continue;
        };
        if campaign.enroll.exit.as_ref().is_some_and(|exit| exit.matches(facts)) {
            enrollment.progress = Progress::Stopped(StopReason::Exited);
            continue;
        }
        if step.skip_if.as_ref().is_some_and(|skip_if| skip_if.matches(facts)) {
            skipped.push(step.id.clone());
            let mut done = enrollment.done;
            done.push(step.id.clone());
            enrollment = wait_for_next(campaign, zone, done, due_at, due_at);
            continue;
        }
        let enqueue = Some(step.id.clone());
        enrollment.progress = Progress::Sending { step: step.id.clone(), due_at };
        return Advanced { enrollment, enqueue, skipped };
    }
}
