//! One pretend subscriber's way through a campaign, from an instant on.

use crate::{
    campaign::Edition,
    engine::{Expected, ExpectedOutcome, forecast},
    model::{Facts, Sample, StepId},
    time::{SignedDuration, TimeZone, Timestamp, Zoned, civil},
};

/// Somebody who enters a campaign: who, where, when.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    /// The campaign.
    pub edition: &'a Edition,
    /// The pretend subscriber; `None` is somebody of whom nothing is known.
    pub sample: Option<&'a Sample>,
    /// The zone whose hours count.
    pub zone: TimeZone,
    /// When they enter.
    pub enrolled_at: Timestamp,
}

/// What happens to one step on the way.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Which step; at an exit, the one that is not reached.
    pub step: StepId,
    /// When.
    pub at: Timestamp,
    /// The same, as a clock in their zone shows it.
    pub local: Zoned,
    /// Dates since the one on which they entered.
    pub day: i32,
    /// Since the moment before, or since they entered.
    pub gap: SignedDuration,
    /// What happens.
    pub outcome: ExpectedOutcome,
}

/// The clocks of a zone are set while somebody is on the way.
#[derive(Clone, Debug)]
pub struct ClockChange {
    /// The first moment by the new clock.
    pub local: Zoned,
    /// Forward (positive) or back.
    pub shift: SignedDuration,
}

/// More clock changes than this on one way are not told: years have passed.
const CHANGES_MAX: usize = 12;

/// An instant: with an offset as it is, or civil time in `zone`.
///
/// Returns `None` when `text` is not a time, or lies beyond all calendars.
pub fn instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let civil: civil::DateTime = text.parse().ok()?;
    Some(civil.to_zoned(zone.clone()).ok()?.timestamp())
}

/// The clock changes of `zone` after `from` and until `until`.
pub fn clock_changes(zone: &TimeZone, from: Timestamp, until: Timestamp) -> Vec<ClockChange> {
    let mut offset = zone.to_offset(from);
    let following = zone.following(from);
    let changes = following.take_while(|change| change.timestamp() <= until).take(CHANGES_MAX);
    let mut told = Vec::new();
    for change in changes {
        let shift = i64::from(change.offset().seconds()) - i64::from(offset.seconds());
        offset = change.offset();
        // A zone that only changes its name moves nobody's clock.
        if shift != 0 {
            let local = change.timestamp().to_zoned(zone.clone());
            told.push(ClockChange { local, shift: SignedDuration::from_secs(shift) });
        }
    }
    told
}

impl Walk<'_> {
    /// The zone in which `sample` gets the campaign of `edition`, or in which
    /// somebody in the zone called `name` does.
    pub fn zone(edition: &Edition, sample: Option<&Sample>, name: Option<&str>) -> TimeZone {
        let name = name.or_else(|| sample.and_then(|sample| sample.person.zone.as_deref()));
        edition.campaign.zone(name, &edition.site.zone)
    }

    /// Everything that happens, in order.
    pub fn moments(&self) -> Vec<Moment> {
        let first = self.enrolled_at.to_zoned(self.zone.clone()).date();
        let mut before = self.enrolled_at;
        let moments = self.expected(|at| self.facts(at)).into_iter().map(|expected| {
            let local = expected.at.to_zoned(self.zone.clone());
            let day = local.date().since(first).map_or(0, |span| span.get_days());
            let gap = expected.at.duration_since(before);
            before = expected.at;
            Moment {
                step: expected.step,
                at: expected.at,
                local,
                day,
                gap,
                outcome: expected.outcome,
            }
        });
        moments.collect()
    }

    /// How many of `moments` are theirs: whoever leaves after a part, as
    /// samples.toml says, gets nothing behind it.
    pub fn until_leaving(&self, moments: &[Moment]) -> usize {
        let last = self.sample.and_then(|sample| sample.leaves_after.as_ref());
        let is_last =
            |moment: &Moment| Some(&moment.step) == last && moment.outcome == ExpectedOutcome::Sent;
        moments.iter().position(is_last).map_or(moments.len(), |at| at + 1)
    }

    /// The clock changes between the enrollment and `until`.
    pub fn clock_changes(&self, until: Timestamp) -> Vec<ClockChange> {
        clock_changes(&self.zone, self.enrolled_at, until)
    }

    /// What comes after `step`: the next part that is sent, as it is foreseen
    /// when `step` is written.
    pub(super) fn next(&self, step: &StepId) -> Option<Expected> {
        let written_at = self.written_at(step);
        // What happens later is not known yet when this part is written.
        let timeline = self.expected(|at| self.facts(at.min(written_at)));
        let position = timeline.iter().position(|line| line.step == *step)?;
        let after = &timeline[position + 1..];
        after.iter().find(|line| line.outcome == ExpectedOutcome::Sent).cloned()
    }

    /// When `step` is written; a step that is not reached, as if nothing had
    /// happened since they entered.
    fn written_at(&self, step: &StepId) -> Timestamp {
        let timeline = self.expected(|at| self.facts(at));
        let line = timeline
            .iter()
            .find(|line| line.step == *step && line.outcome == ExpectedOutcome::Sent);
        line.map_or(self.enrolled_at, |line| line.at)
    }

    fn expected(&self, facts_at: impl Fn(Timestamp) -> Facts) -> Vec<Expected> {
        forecast(&self.edition.campaign, &self.zone, self.enrolled_at, facts_at)
    }

    fn facts(&self, at: Timestamp) -> Facts {
        let list = &self.edition.campaign.enroll.list;
        match self.sample {
            Some(sample) => sample.facts(list, at.duration_since(self.enrolled_at)),
            None => Facts { lists: [list.clone()].into(), ..Facts::default() },
        }
    }
}
