//! What leaves in the days to come, by the same rules as the real thing.

use std::collections::BTreeMap;

use super::Library;
use crate::{
    engine::{ExpectedOutcome, forecast_from},
    model::{CampaignId, StepId},
    time::{Timestamp, civil},
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
    /// What leaves until `until`, if nobody joins, leaves, or does anything.
    ///
    /// Returns an error when what was applied cannot be read any more.
    pub async fn agenda(&self, until: Timestamp) -> anyhow::Result<Agenda> {
        let waiting = self.store.waiting_enrollments(until, PEOPLE_MAX + 1).await?;
        let is_cut = waiting.len() > PEOPLE_MAX;
        let mut counts: BTreeMap<(civil::Date, CampaignId, usize), Departure> = BTreeMap::new();
        for one in waiting.into_iter().take(PEOPLE_MAX) {
            let edition = self.edition(&one.campaign, &one.version).await?;
            let campaign = &edition.campaign;
            let zone = campaign.zone(one.person.zone.as_deref(), &edition.site.zone);
            let facts = one.facts;
            let timeline = forecast_from(campaign, &zone, one.enrollment, |_| facts.clone());
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
