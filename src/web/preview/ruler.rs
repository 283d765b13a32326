//! The ruler of days over a series: true to time, with mails, shut days and
//! clock changes on it.

use maud::{Markup, html};

use crate::{
    engine::ExpectedOutcome,
    rehearsal::{ClockChange, Moment, Walk},
    time::{SignedDuration, TimeZone, Timestamp, Zoned, civil},
};

/// Days on one ruler; a series that goes on longer is drawn up to there.
const DAYS_MAX: usize = 800;
/// Hours after the last part that are still drawn.
const MARGIN_HOURS: i64 = 12;
/// A day of which less is on the ruler has no name on it.
const NAMED: SignedDuration = SignedDuration::from_hours(12);
/// The shortest ruler.
const HOURS_MIN: i64 = 24;

/// The time that a ruler shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    start: Timestamp,
    /// Its length in hours.
    pub(super) hours: u32,
}

impl Stretch {
    /// From the enrollment to a while after the last part.
    pub(super) fn of(walk: &Walk<'_>, moments: &[Moment]) -> Stretch {
        let last = moments.last().map_or(walk.enrolled_at, |moment| moment.at);
        let hours = last.duration_since(walk.enrolled_at).as_hours() + MARGIN_HOURS;
        let hours = u32::try_from(hours.max(HOURS_MIN)).unwrap_or(u32::MAX);
        Stretch { start: walk.enrolled_at, hours }
    }

    /// The instant that is `hours` after its beginning; its end, without any.
    pub(super) fn at(self, hours: Option<u32>) -> Timestamp {
        let hours = hours.unwrap_or(self.hours).min(self.hours);
        let span = SignedDuration::from_hours(i64::from(hours));
        self.start.saturating_add(span).unwrap_or(self.start)
    }

    /// Where `at` is, in percent of its length.
    fn percent(self, at: Timestamp) -> String {
        let tenths =
            at.duration_since(self.start).as_secs() * 1_000 / (i64::from(self.hours) * 3_600);
        let tenths = tenths.clamp(0, 1_000);
        format!("{}.{}%", tenths / 10, tenths % 10)
    }
}

/// The drawing. What it says is said by the parts under it, too.
pub(super) fn draw(
    walk: &Walk<'_>,
    moments: &[Moment],
    changes: &[ClockChange],
    (stretch, now): (Stretch, Timestamp),
) -> Markup {
    let days = days(walk, stretch);
    let every = days.len() / 16 + 1;
    html! {
        svg.ruler width="100%" height="74" aria-hidden="true" {
            @for (index, day) in days.iter().enumerate() {
                @if !day.is_open {
                    rect.shut x=(day.from) y="24" width=(day.wide) height="26" {}
                }
                line.day x1=(day.from) x2=(day.from) y1="20" y2="54" {}
                @if let Some(name) = day.name.as_ref().filter(|_| index % every == 0) {
                    text.date.odd[index / every % 2 == 1] x=(day.noon) y="14" text-anchor="middle" { (name) }
                }
            }
            line.base x1="0" x2="100%" y1="37" y2="37" {}
            @for change in changes {
                @let x = stretch.percent(change.local.timestamp());
                line.turn x1=(x) x2=(x) y1="20" y2="58" {}
                text.turn x=(x) y="71" text-anchor="middle" { (short(change.shift)) }
            }
            @for (index, moment) in moments.iter().enumerate() {
                @let x = stretch.percent(moment.at);
                circle.landed[moment.at <= now].(class(moment)) data-at=(moment.at.as_second()) cx=(x) cy="37" r="9" {}
                text.number x=(x) y="41" text-anchor="middle" { (index + 1) }
            }
        }
    }
}

fn class(moment: &Moment) -> &'static str {
    match moment.outcome {
        ExpectedOutcome::Sent => "mail",
        ExpectedOutcome::Skipped | ExpectedOutcome::Exited => "none",
    }
}

/// A day on the ruler.
struct Day {
    from: String,
    noon: String,
    wide: String,
    is_open: bool,
    /// Its name, when most of it is on the ruler.
    name: Option<String>,
}

fn days(walk: &Walk<'_>, stretch: Stretch) -> Vec<Day> {
    let first = walk.enrolled_at.to_zoned(walk.zone.clone()).date();
    let end = stretch.at(None);
    let midnight = |date: civil::Date| date.to_zoned(walk.zone.clone()).map(|at| at.timestamp());
    let dates = std::iter::successors(Some(first), |date| date.tomorrow().ok()).take(DAYS_MAX);
    let drawn = dates.map_while(|date| {
        let from = midnight(date).ok().filter(|from| *from < end)?;
        let until = date.tomorrow().ok().and_then(|next| midnight(next).ok()).unwrap_or(end);
        let (from, until) = (from.max(stretch.start), until.min(end));
        let half = until.duration_since(from) / 2;
        let share =
            until.duration_since(from).as_secs() * 1_000 / (i64::from(stretch.hours) * 3_600);
        Some(Day {
            from: stretch.percent(from),
            noon: stretch.percent(from.saturating_add(half).unwrap_or(from)),
            wide: format!("{}.{}%", share / 10, share % 10),
            is_open: is_open(walk, date, &walk.zone),
            name: (until.duration_since(from) > NAMED).then(|| date.strftime("%a %-d").to_string()),
        })
    });
    drawn.collect()
}

fn is_open(walk: &Walk<'_>, date: civil::Date, zone: &TimeZone) -> bool {
    let Ok(midnight) = date.to_zoned(zone.clone()) else { return true };
    let opens_at = walk.edition.campaign.send.window.next_open(midnight.timestamp(), zone);
    opens_at.to_zoned(zone.clone()).date() == date
}

/// `+1 h`, `−30 min`.
fn short(shift: SignedDuration) -> String {
    let sign = if shift.is_negative() { '−' } else { '+' };
    match shift.abs().as_mins() {
        minutes if minutes % 60 == 0 => format!("clocks {sign}{} h", minutes / 60),
        minutes => format!("clocks {sign}{minutes} min"),
    }
}

/// A sentence about a clock change.
pub(super) fn words_of_change(change: &ClockChange) -> String {
    let direction = if change.shift.is_negative() { "back" } else { "forward" };
    let span = words(change.shift.abs());
    format!("{}: clocks go {direction} {span}", change.local.strftime("%a %-d %b"))
}

/// How long after `before` a clock on the wall says that `at` is. Days are
/// those of the calendar, whatever the clocks did between.
pub(super) fn since(before: &Zoned, at: &Zoned) -> String {
    let span = at.datetime().duration_since(before.datetime());
    if span.as_mins() <= 0 {
        return "at once".to_owned();
    }
    format!("{} later", words(span))
}

/// `2 days 12 hours`, `30 minutes`.
fn words(span: SignedDuration) -> String {
    let minutes = span.as_mins();
    let parts = [(minutes / 1440, "day"), (minutes / 60 % 24, "hour"), (minutes % 60, "minute")];
    let said = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .take(2)
        .map(|(count, unit)| format!("{count} {unit}{}", if *count == 1 { "" } else { "s" }));
    said.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_two_units_at_most() {
        let check = |minutes, expected| {
            assert_eq!(words(SignedDuration::from_mins(minutes)), expected);
        };
        check(30, "30 minutes");
        check(60, "1 hour");
        check(2 * 1440, "2 days");
        check(2 * 1440 + 61, "2 days 1 hour");
    }
}
