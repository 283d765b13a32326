//! The hours and days in which mail may leave, in a person's own zone.

use std::fmt;

use jiff::{
    SignedDuration, Timestamp, Zoned,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use super::Delay;

/// A set of weekdays.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Days(u8);

/// A text that is not a weekday.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidDay;

impl Days {
    /// Every day of the week.
    pub const ALL: Days = Days(0b111_1111);
    /// No day: an empty set to add to.
    pub const NONE: Days = Days(0);
    /// The names an author may write, Monday first.
    pub const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// Adds the day called `name` (`mon` … `sun`).
    pub fn with(self, name: &str) -> Result<Days, InvalidDay> {
        let index = Self::NAMES.iter().position(|day| *day == name).ok_or(InvalidDay)?;
        Ok(Days(self.0 | 1 << index))
    }

    /// Whether `day` is in the set.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 >> day.to_monday_zero_offset() & 1 == 1
    }

    /// Whether no day is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Debug for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = Self::NAMES.iter().enumerate().filter(|(index, _)| self.0 >> index & 1 == 1);
        f.debug_list().entries(days.map(|(_, name)| name)).finish()
    }
}

/// The hours of a day in which mail may leave: from `opens` until before `closes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    opens: Time,
    /// The last nanosecond that is inside.
    last: Time,
}

/// A text that is not a span of hours.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidHours;

impl Hours {
    /// The whole day.
    pub const ALL: Hours = Hours { opens: Time::MIN, last: Time::MAX };

    /// Parses `HH:MM-HH:MM`; the end may be `24:00`.
    ///
    /// Returns [`InvalidHours`] when the end is not after the start.
    pub fn parse(text: &str) -> Result<Hours, InvalidHours> {
        let (opens, closes) = text.split_once('-').ok_or(InvalidHours)?;
        let opens = parse_time(opens).ok_or(InvalidHours)?;
        let last = match closes.trim() {
            "24:00" => Time::MAX,
            closes => {
                let closes = parse_time(closes).ok_or(InvalidHours)?;
                closes.checked_sub(SignedDuration::from_nanos(1)).map_err(|_| InvalidHours)?
            }
        };
        if last < opens {
            return Err(InvalidHours);
        }
        Ok(Hours { opens, last })
    }

    /// When the hours begin.
    pub fn opens(self) -> Time {
        self.opens
    }

    /// Whether `time` is inside.
    pub fn contains(self, time: Time) -> bool {
        self.opens <= time && time <= self.last
    }
}

/// Parses `HH:MM`, strictly.
pub(crate) fn parse_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let is_number = |text: &str| text.len() == 2 && text.bytes().all(|c| c.is_ascii_digit());
    if !is_number(hour) || !is_number(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// When mail of one campaign may leave, as civil time of whoever gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendWindow {
    days: Days,
    hours: Hours,
    at: Time,
}

impl SendWindow {
    /// Any day, any hour; delays in days land at eight in the morning.
    pub const ALWAYS: SendWindow =
        SendWindow { days: Days::ALL, hours: Hours::ALL, at: Time::constant(8, 0, 0, 0) };

    /// A window of `days` and `hours` in which delays of days land `at`.
    ///
    /// Returns `None` when no day is allowed or `at` lies outside the hours:
    /// such a window would never open for what lands in it.
    pub fn new(days: Days, hours: Hours, at: Time) -> Option<SendWindow> {
        (!days.is_empty() && hours.contains(at)).then_some(SendWindow { days, hours, at })
    }

    /// Whether mail may leave at `now` for somebody in `zone`.
    pub fn is_open(&self, now: Timestamp, zone: &TimeZone) -> bool {
        let local = now.to_zoned(zone.clone());
        self.days.contains(local.weekday()) && self.hours.contains(local.time())
    }

    /// The first instant at or after `from` at which the window is open.
    ///
    /// Never before `from`. Where a clock change skips the opening hour, the
    /// first instant after the gap; where it repeats an hour, the first of the
    /// two. A window that lies wholly inside a gap opens on the next allowed day.
    pub fn next_open(&self, from: Timestamp, zone: &TimeZone) -> Timestamp {
        if self.is_open(from, zone) {
            return from;
        }
        let mut date = from.to_zoned(zone.clone()).date();
        // A week has every weekday; the second one covers a date that a zone
        // skipped (Samoa, 30 December 2011) or a window inside a gap.
        for _ in 0..=14 {
            if self.days.contains(date.weekday())
                && let Some(opens_at) = resolve(date, self.hours.opens, zone)
                && opens_at >= from
                && self.is_open(opens_at, zone)
            {
                return opens_at;
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        from
    }

    /// When a step with `delay` is due after `settled_at`, for somebody in `zone`.
    ///
    /// Minutes and hours are exact and then wait for the next opening. Days
    /// and weeks land at the window's hour on the first allowed day from that
    /// date on, and always after `settled_at`.
    pub fn due(&self, delay: Delay, settled_at: Timestamp, zone: &TimeZone) -> Timestamp {
        match delay {
            Delay::Exact(span) => {
                let after = settled_at.saturating_add(span).unwrap_or(Timestamp::MAX);
                self.next_open(after, zone)
            }
            Delay::Days(days) => {
                let settled = settled_at.to_zoned(zone.clone());
                self.landing(&settled, days, zone)
            }
        }
    }

    fn landing(&self, settled: &Zoned, days: i32, zone: &TimeZone) -> Timestamp {
        let span = jiff::Span::new().days(days);
        let mut date = settled.date().saturating_add(span);
        for _ in 0..=14 {
            if self.days.contains(date.weekday())
                && let Some(at) = resolve(date, self.at, zone)
                && at > settled.timestamp()
                && self.is_open(at, zone)
            {
                return at;
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        self.next_open(settled.timestamp(), zone)
    }
}

/// The instant of a civil time: after a gap, the first valid moment; in a
/// fold, the first of the two. `None` only at the ends of the calendar.
pub(super) fn resolve(date: Date, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(date.to_datetime(time));
    if let jiff::tz::AmbiguousOffset::Gap { before, .. } = ambiguous.offset() {
        // `before` shifts the wall time forward by the gap; the gap's end is
        // the transition itself, which is at or before that instant.
        let shifted = before.to_timestamp(date.to_datetime(time)).ok()?;
        let transition =
            zone.preceding(shifted.saturating_add(SignedDuration::from_nanos(1)).ok()?);
        return transition.map(|t| t.timestamp()).next().or(Some(shifted));
    }
    ambiguous.earlier().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> SendWindow {
        let days = ["mon", "tue", "wed", "thu", "fri", "sat"]
            .iter()
            .fold(Days::NONE, |days, day| days.with(day).expect("a day"));
        let hours = Hours::parse("08:00-20:00").expect("hours");
        SendWindow::new(days, hours, Time::constant(8, 30, 0, 0)).expect("opens")
    }

    #[track_caller]
    fn check_due(zone: &str, delay: &str, settled: &str, expected: &str) {
        let zone = TimeZone::get(zone).expect("a zone");
        let settled = settled.parse::<jiff::civil::DateTime>().expect("a time");
        let settled = settled.to_zoned(zone.clone()).expect("in range").timestamp();
        let due = office().due(Delay::parse(delay).expect("a delay"), settled, &zone);
        assert_eq!(due.to_zoned(zone).strftime("%a %F %H:%M %z").to_string(), expected);
    }

    #[test]
    fn days_land_on_the_hour_across_a_clock_change() {
        // Berlin goes to summer time on Sunday 29 March 2026.
        check_due("Europe/Berlin", "2d", "2026-03-27T20:00", "Mon 2026-03-30 08:30 +0200");
        check_due("Europe/Berlin", "1d", "2026-03-27T20:00", "Sat 2026-03-28 08:30 +0100");
        check_due("Europe/Berlin", "1d", "2026-10-24T09:00", "Mon 2026-10-26 08:30 +0100");
    }

    #[test]
    fn hours_are_exact_and_then_wait_for_the_opening() {
        check_due("Europe/Berlin", "3h", "2026-03-27T10:00", "Fri 2026-03-27 13:00 +0100");
        check_due("Europe/Berlin", "3h", "2026-03-27T19:00", "Sat 2026-03-28 08:00 +0100");
        check_due("Europe/Berlin", "3h", "2026-03-28T19:00", "Mon 2026-03-30 08:00 +0200");
    }

    #[test]
    fn a_part_never_lands_in_the_past() {
        check_due("Europe/Berlin", "0d", "2026-03-27T07:00", "Fri 2026-03-27 08:30 +0100");
        check_due("Europe/Berlin", "0d", "2026-03-27T10:00", "Sat 2026-03-28 08:30 +0100");
    }

    #[test]
    fn a_skipped_hour_opens_at_the_first_moment_after_the_gap() {
        let zone = TimeZone::get("America/New_York").expect("a zone");
        let hours = Hours::parse("02:30-04:00").expect("hours");
        let window = SendWindow::new(Days::ALL, hours, Time::constant(2, 30, 0, 0)).expect("opens");
        let from: Timestamp = "2026-03-08T06:00:00Z".parse().expect("a time");
        assert_eq!(window.next_open(from, &zone).to_string(), "2026-03-08T07:00:00Z");
    }

    #[test]
    fn a_window_that_never_opens_is_refused() {
        assert_eq!(SendWindow::new(Days::NONE, Hours::ALL, Time::midnight()), None);
        let hours = Hours::parse("08:00-20:00").expect("hours");
        assert_eq!(SendWindow::new(Days::ALL, hours, Time::constant(20, 0, 0, 0)), None);
        assert_eq!(Hours::parse("20:00-08:00"), Err(InvalidHours));
        assert_eq!(Hours::parse("8-20"), Err(InvalidHours));
        assert_eq!(Hours::parse("+8:00-20:00"), Err(InvalidHours));
        assert_eq!(Hours::parse("08:-0-20:00"), Err(InvalidHours));
    }

    proptest::proptest! {
        /// For every zone: never back in time, and inside the window.
        #[test]
        fn next_open_goes_forward_and_lands_inside(
            zone_index in 0usize..600,
            from in 1_760_000_000i64..1_900_000_000,
            days in 1u8..128,
            opens in 0i8..23,
            length in 1i8..24,
        ) {
            let names: Vec<_> = jiff::tz::db().available().collect();
            let zone = jiff::tz::db().get(names[zone_index % names.len()].as_str()).expect("listed");
            let last = if opens + length >= 24 { Time::MAX } else {
                Time::constant(opens + length - 1, 59, 59, 999_999_999)
            };
            let opens = Time::constant(opens, 0, 0, 0);
            let hours = Hours { opens, last };
            let window = SendWindow::new(Days(days), hours, opens).expect("opens");
            let from = Timestamp::from_second(from).expect("in range");
            let at = window.next_open(from, &zone);
            proptest::prop_assert!(at >= from);
            proptest::prop_assert!(window.is_open(at, &zone), "{at} in {zone:?}");
            for delay in [Delay::Days(0), Delay::Days(3), Delay::Exact(SignedDuration::from_hours(5))] {
                let due = window.due(delay, from, &zone);
                proptest::prop_assert!(due >= from && window.is_open(due, &zone), "{delay} {due}");
            }
        }
    }
}
