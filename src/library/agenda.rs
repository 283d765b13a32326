//! What leaves in the days to come, by the same rules as the real thing.

use std::collections::BTreeMap;

use super::Library;
use crate::{
    engine::{ExpectedOutcome, forecast_from},
    model::{CampaignId, Enrollment, Progress, StepId},
    time::{SignedDuration, Timestamp, civil},
};

/// People who are looked at; of more, the first.
const PEOPLE_MAX: usize = 20_000;

/// Mails that are foreseen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agenda {
    /// Mails of one step on one day, in order.
    pub departures: Vec<Departure>,
    /// Whether there are more people than were looked at.
    pub is_cut: bool,
}

impl Agenda {
    /// How far ahead it looks.
    pub const AHEAD: SignedDuration = SignedDuration::from_hours(14 * 24);
}

/// Mails of one step that leave on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The day, by the clocks of those who get it.
    pub day: civil::Date,
    /// The campaign.
    pub campaign: CampaignId,
    /// The step.
    pub step: StepId,
    /// How many people get it.
    pub count: usize,
}

impl Library {
    /// What leaves from `now` on within [`Agenda::AHEAD`], if nobody joins,
    /// leaves, or does anything; with what is in the outbox already.
    ///
    /// Returns an error when what was applied cannot be read any more.
    pub async fn agenda(&self, now: Timestamp) -> anyhow::Result<Agenda> {
        let until = now.saturating_add(Agenda::AHEAD).unwrap_or(Timestamp::MAX);
        let people = self.store.people_on_the_way(until, PEOPLE_MAX + 1).await?;
        let is_cut = people.len() > PEOPLE_MAX;
        let mut counts: BTreeMap<(civil::Date, CampaignId, usize), Departure> = BTreeMap::new();
        for one in people.into_iter().take(PEOPLE_MAX) {
            let edition = self.edition(&one.campaign, &one.version).await?;
            let campaign = &edition.campaign;
            let zone = campaign.zone(one.person.zone.as_deref(), &edition.site.zone);
            let facts = one.facts;
            let Some(enrollment) = not_before(one.enrollment, now) else { continue };
            let timeline = forecast_from(campaign, &zone, enrollment, |_| facts.clone());
            for line in timeline {
                if line.outcome != ExpectedOutcome::Sent || line.at > until {
                    continue;
                }
                let day = line.at.to_zoned(zone.clone()).date();
                let index = campaign.step_index(&line.step).unwrap_or(0);
                let departure = counts.entry((day, campaign.id.clone(), index));
                let departure = departure.or_insert_with(|| Departure {
                    day,
                    campaign: campaign.id.clone(),
                    step: line.step.clone(),
                    count: 0,
                });
                departure.count += 1;
            }
        }
        Ok(Agenda { departures: counts.into_values().collect(), is_cut })
    }
}

/// Where somebody stands, with what is late or in the outbox due at `now`.
fn not_before(enrollment: Enrollment, now: Timestamp) -> Option<Enrollment> {
    match enrollment.progress {
        Progress::Waiting { step, due_at } | Progress::Sending { step, due_at } => {
            let progress = Progress::Waiting { step, due_at: due_at.max(now) };
            Some(Enrollment { progress, ..enrollment })
        }
        Progress::Finished | Progress::Stopped(_) => None,
    }
}
