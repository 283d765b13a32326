//! Who confirms enters: which campaigns, and where they stand in each. Who was
//! broken off goes on.

use super::Applied;
use crate::{
    engine::{enroll, resume},
    model::{CampaignId, Enrollment, NewSubscription, Status, Trigger},
    store::Arrival,
    time::Timestamp,
};

impl Applied {
    /// A confirmed subscription with the enrollments that follow from it.
    pub fn arrival(&self, subscription: NewSubscription, now: Timestamp) -> Arrival {
        let mut enrollments = Vec::new();
        let mut by_tag = Vec::new();
        for edition in self.project.editions.values() {
            let campaign = &edition.campaign;
            let takes_in =
                campaign.status == Status::Active && campaign.enroll.list == subscription.list;
            if !takes_in {
                continue;
            }
            let zone = campaign.zone(subscription.person.zone.as_deref(), &edition.site.zone);
            let enrollment = enroll(campaign, &zone, now);
            match &campaign.enroll.when {
                Trigger::Confirmed => enrollments.push((campaign.id.clone(), enrollment)),
                Trigger::Tag(tag) => by_tag.push((tag.clone(), campaign.id.clone(), enrollment)),
                Trigger::Event(_) | Trigger::Api => {}
            }
        }
        Arrival { subscription, enrollments, by_tag }
    }

    /// Where somebody in `zone` goes on with a campaign that stood at `before`
    /// when it was broken off.
    ///
    /// Returns `None` when the campaign is gone or a draft, or there is no
    /// part left.
    pub fn goes_on(
        &self,
        campaign: &CampaignId,
        zone: Option<&str>,
        before: &Enrollment,
        now: Timestamp,
    ) -> Option<Enrollment> {
        let edition = self.project.editions.get(campaign)?;
        let campaign = &edition.campaign;
        let zone = campaign.zone(zone, &edition.site.zone);
        resume(campaign, &zone, before, now).filter(|_| campaign.status != Status::Draft)
    }
}
