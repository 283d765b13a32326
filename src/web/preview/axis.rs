//! The axis of days: parts, and the days between them.

use maud::{Markup, html};

use crate::{
    rehearsal::{ClockChange, Moment, Walk},
    time::{SignedDuration, TimeZone, Zoned, civil},
};

/// Days between two parts that are drawn; of more, the first and the last.
const DAYS_MAX: usize = 8;
/// How many of them at each end.
const DAYS_KEPT: usize = 3;

/// What stands on the axis, in order.
pub(super) enum Item<'a> {
    /// Days without mail.
    Wait(Wait),
    /// A part, and how long after what was before it.
    Part(&'a Moment, String),
}

/// The time between two parts.
pub(super) struct Wait {
    days: Vec<Day>,
    /// Days that are not drawn, after the first [`DAYS_KEPT`].
    omitted: usize,
    changes: Vec<String>,
}

struct Day {
    date: civil::Date,
    kind: Kind,
}

/// What a day between two parts is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Mail may leave.
    Open,
    /// The campaign sends nothing on it.
    Shut,
    /// The clocks change.
    Turned,
}

/// The parts and the waits between them.
pub(super) fn items<'a>(
    walk: &Walk<'_>,
    moments: &'a [Moment],
    changes: &[ClockChange],
) -> Vec<Item<'a>> {
    let mut items = Vec::new();
    let mut before = walk.enrolled_at.to_zoned(walk.zone.clone());
    for moment in moments {
        let between: Vec<&ClockChange> = changes
            .iter()
            .filter(|change| before < change.local && change.local <= moment.local)
            .collect();
        let days = days(walk, before.date(), moment.local.date(), &between);
        if !days.is_empty() || !between.is_empty() {
            let omitted = if days.len() > DAYS_MAX { days.len() - 2 * DAYS_KEPT } else { 0 };
            let changes = between.iter().map(|change| words_of_change(change)).collect();
            items.push(Item::Wait(Wait { days, omitted, changes }));
        }
        items.push(Item::Part(moment, since(&before, &moment.local)));
        before = moment.local.clone();
    }
    items
}

/// The days after `from` and before `to`.
fn days(walk: &Walk<'_>, from: civil::Date, to: civil::Date, changes: &[&ClockChange]) -> Vec<Day> {
    let dates = std::iter::successors(from.tomorrow().ok(), |date| date.tomorrow().ok());
    let dates = dates.take_while(|date| *date < to);
    let kind = |date: civil::Date| {
        if changes.iter().any(|change| change.local.date() == date) {
            Kind::Turned
        } else if is_open(walk, date, &walk.zone) {
            Kind::Open
        } else {
            Kind::Shut
        }
    };
    dates.map(|date| Day { date, kind: kind(date) }).collect()
}

fn is_open(walk: &Walk<'_>, date: civil::Date, zone: &TimeZone) -> bool {
    let Ok(midnight) = date.to_zoned(zone.clone()) else { return true };
    let opens_at = walk.edition.campaign.send.window.next_open(midnight.timestamp(), zone);
    opens_at.to_zoned(zone.clone()).date() == date
}

/// The drawing of a wait.
pub(super) fn wait(wait: &Wait) -> Markup {
    let kept = if wait.omitted > 0 { DAYS_KEPT } else { wait.days.len() };
    let (first, rest) = wait.days.split_at(kept);
    html! {
        li.wait {
            @if !wait.days.is_empty() {
                div.days aria-hidden="true" {
                    @for day in first { (tick(day)) }
                    @if wait.omitted > 0 { span.omitted { "+" (wait.omitted) } }
                    @for day in &rest[wait.omitted..] { (tick(day)) }
                }
            }
            @for change in &wait.changes { p.change { (change) } }
        }
    }
}

fn tick(day: &Day) -> Markup {
    let class = match day.kind {
        Kind::Open => "tick",
        Kind::Shut => "tick shut",
        Kind::Turned => "tick turned",
    };
    html! {
        span class=(class) { span { (day.date.strftime("%a").to_string().chars().take(2).collect::<String>()) } (day.date.day()) }
    }
}

fn words_of_change(change: &ClockChange) -> String {
    let direction = if change.shift.is_negative() { "back" } else { "forward" };
    let span = words(change.shift.abs());
    format!("{}: clocks go {direction} {span}", change.local.strftime("%a %-d %b"))
}

/// How long after `before` a clock on the wall says that `at` is. Days are
/// those of the calendar, whatever the clocks did between.
fn since(before: &Zoned, at: &Zoned) -> String {
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
