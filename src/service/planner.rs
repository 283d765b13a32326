//! The planner: due enrollments → progress and outbox rows, in one transaction.

use std::sync::Arc;

use crate::{
    campaign::{Edition, foresee},
    engine::{advance, expect_next},
    library::Library,
    mail::Keys,
    model::{DueEnrollment, Frozen, MessageKey, MessageKind, NewMessage, Progress, StopReason},
    service::Event,
    store::{Planned, Store},
    time::Timestamp,
};

/// Enrollments in one transaction.
const BATCH: usize = 500;

/// Moves enrollments on when their time comes.
#[derive(Clone)]
pub(super) struct Planner {
    pub(super) store: Store,
    pub(super) library: Library,
    pub(super) keys: Keys,
    pub(super) on_event: Arc<dyn Fn(Event) + Send + Sync>,
}

impl Planner {
    /// Moves on everything that is due at `now`. Returns how many enrollments
    /// that were.
    pub(super) async fn run_once(&self, now: Timestamp) -> anyhow::Result<usize> {
        let mut count = 0;
        loop {
            let due = self.store.claim_due_enrollments(now, BATCH).await?;
            let mut planned = Vec::with_capacity(due.len());
            for enrollment in &due {
                match self.library.edition(&enrollment.campaign, &enrollment.version).await {
                    Ok(edition) => planned.push(self.plan(&edition, enrollment, now)),
                    // The others go on; these wait for whoever mends it.
                    Err(error) => {
                        let what = format!("{error:#}");
                        (self.on_event)(Event::StoreTrouble { what });
                    }
                }
            }
            count += planned.len();
            let is_full = due.len() >= BATCH && !planned.is_empty();
            if !planned.is_empty() {
                self.store.commit(planned, now).await?;
            }
            if !is_full {
                return Ok(count);
            }
        }
    }

    fn plan(&self, edition: &Edition, due: &DueEnrollment, now: Timestamp) -> Planned {
        let campaign = &edition.campaign;
        let zone = campaign.zone(due.person.zone.as_deref(), &edition.site.zone);
        let advanced = advance(campaign, &zone, due.enrollment.clone(), &due.facts, now);
        let zone_name = || Some(zone.iana_name().unwrap_or("UTC").to_owned());
        for step in &advanced.skipped {
            (self.on_event)(Event::Skipped {
                campaign: campaign.id.clone(),
                step: step.clone(),
                to: due.person.email.clone(),
                zone: zone_name(),
                at: now,
            });
        }
        if advanced.enrollment.progress == Progress::Stopped(StopReason::Exited) {
            (self.on_event)(Event::Exited {
                campaign: campaign.id.clone(),
                to: due.person.email.clone(),
                zone: zone_name(),
                at: now,
            });
        }
        let message = advanced.enqueue.map(|step| {
            let expected = expect_next(campaign, &zone, &advanced.enrollment, &due.facts, now);
            let due_at = match &advanced.enrollment.progress {
                Progress::Sending { due_at, .. } => *due_at,
                Progress::Waiting { .. } | Progress::Finished | Progress::Stopped(_) => now,
            };
            let key = MessageKey {
                kind: MessageKind::Step,
                subscriber: due.subscriber,
                campaign: campaign.id.clone(),
                step,
                occurrence: due.occurrence,
            };
            let message_id = self.keys.message_id(&key, edition.site.from.domain());
            let frozen = Frozen {
                email: due.person.email.clone(),
                zone: due.person.zone.clone(),
                fields: due.person.fields.clone(),
                next: expected.map(|(step, at)| foresee(step, at, &zone)),
            };
            (NewMessage { key, version: edition.version.clone(), frozen, due_at }, message_id)
        });
        Planned {
            id: due.id,
            before: due.enrollment.progress.clone(),
            after: advanced.enrollment,
            skipped: advanced.skipped,
            message,
        }
    }
}
