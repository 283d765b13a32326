//! What would happen: the same rules, with a relay that accepts everything.

use super::{Decision, Gate, Look, Rules, advance, decide, enroll, wait_for_next};
use crate::{
    model::{Campaign, Enrollment, Facts, Progress, Standing, StepId},
    time::{TimeZone, Timestamp},
};

/// One line of a forecast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Which step; for an exit, the one that is not reached.
    pub step: StepId,
    /// When.
    pub at: Timestamp,
    /// What happens to it.
    pub outcome: ExpectedOutcome,
}

/// What happens to a step in a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedOutcome {
    /// It is sent.
    Sent,
    /// Its `skip_if` holds.
    Skipped,
    /// The campaign's `exit` holds: nothing more comes.
    Exited,
}

/// The timeline of somebody in `zone` who enters `campaign` at `enrolled_at`;
/// `facts_at` says what is known about them at an instant.
pub fn forecast(
    campaign: &Campaign,
    zone: &TimeZone,
    enrolled_at: Timestamp,
    facts_at: impl Fn(Timestamp) -> Facts,
) -> Vec<Expected> {
    let start = enroll(campaign, zone, enrolled_at);
    walk(campaign, zone, start, facts_at)
}

/// The timeline of somebody who stands at `enrollment`, from there on.
pub fn forecast_from(
    campaign: &Campaign,
    zone: &TimeZone,
    enrollment: Enrollment,
    facts_at: impl Fn(Timestamp) -> Facts,
) -> Vec<Expected> {
    walk(campaign, zone, enrollment, facts_at)
}

/// What comes after `step`, as foreseen when it is planned at `now`: the next
/// step that is not skipped, and when.
pub fn expect_next(
    campaign: &Campaign,
    zone: &TimeZone,
    enrollment: &Enrollment,
    facts: &Facts,
    now: Timestamp,
) -> Option<(StepId, Timestamp)> {
    let Progress::Sending { step, .. } = &enrollment.progress else { return None };
    let mut done = enrollment.done.clone();
    done.push(step.clone());
    let next = wait_for_next(campaign, zone, done, now, now);
    let timeline = walk(campaign, zone, next, |_| facts.clone());
    let sent = timeline.into_iter().find(|line| line.outcome == ExpectedOutcome::Sent)?;
    Some((sent.step, sent.at))
}

fn walk(
    campaign: &Campaign,
    zone: &TimeZone,
    start: Enrollment,
    facts_at: impl Fn(Timestamp) -> Facts,
) -> Vec<Expected> {
    let mut timeline = Vec::new();
    let mut enrollment = start;
    // Each round settles a step or ends: no more rounds than steps.
    for _ in 0..=campaign.steps.len() {
        let Progress::Waiting { step, due_at } = enrollment.progress.clone() else { break };
        let facts = facts_at(due_at);
        let advanced = advance(campaign, zone, enrollment, &facts, due_at);
        for skipped in advanced.skipped {
            timeline.push(Expected {
                step: skipped,
                at: due_at,
                outcome: ExpectedOutcome::Skipped,
            });
        }
        if matches!(advanced.enrollment.progress, Progress::Stopped(_)) {
            timeline.push(Expected { step, at: due_at, outcome: ExpectedOutcome::Exited });
            break;
        }
        enrollment = advanced.enrollment;
        let Some(step) = advanced.enqueue else { continue };
        let standing = Standing {
            is_ours: true,
            is_subscribed: true,
            is_awaited: true,
            facts,
            ..Standing::default()
        };
        let look = Look { standing: &standing, gate: Gate::Open, due_at, now: due_at };
        let at = match decide(Rules::Step { campaign, step: &step, zone }, look) {
            Decision::Hold { until, .. } => until,
            Decision::Send | Decision::Drop(_) | Decision::Abandon => due_at,
        };
        timeline.push(Expected { step: step.clone(), at, outcome: ExpectedOutcome::Sent });
        let mut done = enrollment.done;
        done.push(step);
        enrollment = wait_for_next(campaign, zone, done, at, at);
    }
    timeline
}
