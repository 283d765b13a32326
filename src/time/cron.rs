//! When a schedule fires: five fields as in crontab, in somebody's civil time.
//!
//! croner reads the expression and finds the next date and time that fit; what
//! a clock change makes of them is decided here, as it is for send windows: a
//! repeated hour fires once, a skipped one at the first moment after the gap.

use std::fmt;

use croner::parser::{CronParser, Seconds, Year};
use jiff::{Timestamp, tz::TimeZone};

use super::window::resolve;

/// Civil times that a clock change may put before the instant asked about: two
/// hours of minutes. More are a mistake.
const TRIES_MAX: usize = 150;

/// The longest expression; crontab's own lines are shorter.
const LENGTH_MAX: usize = 200;

/// From when on "never" is judged; any instant would do.
const ONCE: Timestamp = Timestamp::UNIX_EPOCH;

/// A cron expression that fires.
#[derive(Clone)]
pub struct Cron {
    text: String,
    pattern: croner::Cron,
}

/// Why a text is no schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidCron {
    /// It is not five fields of crontab.
    Unreadable,
    /// No date fits it, like the 30th of February.
    Never,
}

impl Cron {
    /// Parses five fields: minute, hour, day of the month, month, weekday; the
    /// last two may be names. As in crontab, 0 and 7 are Sunday, and where both
    /// days are given, either fits.
    pub fn parse(text: &str) -> Result<Cron, InvalidCron> {
        // What croner knows besides (`L`, `W`, `#`, `@daily`, years) is no crontab.
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(InvalidCron::Unreadable);
        };
        let is_plain =
            |field: &str| field.bytes().all(|c| c.is_ascii_digit() || b"*,-/".contains(&c));
        let words_fit = |field: &str, known: &[&str]| {
            let words =
                field.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
            let is_known = |word: &str| known.iter().any(|name| name.eq_ignore_ascii_case(word));
            words.into_iter().all(is_known)
                && field.bytes().all(|c| c.is_ascii_alphanumeric() || b"*,-/".contains(&c))
        };
        // For the parser nothing between two commas is no minute at all.
        let is_whole = |field: &&str| field.split(',').all(|part| !part.is_empty());
        let fits = text.len() <= LENGTH_MAX
            && fields.iter().all(is_whole)
            && [minute, hour, day].into_iter().all(is_plain)
            && words_fit(month, &MONTHS)
            && words_fit(weekday, &WEEKDAYS);
        if !fits {
            return Err(InvalidCron::Unreadable);
        }
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed);
        let pattern = parser.build().parse(text).map_err(|_| InvalidCron::Unreadable)?;
        let cron = Cron { text: fields.join(" "), pattern };
        match cron.next_after(ONCE, &TimeZone::UTC) {
            Some(_) => Ok(cron),
            None => Err(InvalidCron::Never),
        }
    }

    /// The first instant after `now` at which it fires, by the clock of `zone`.
    ///
    /// Returns `None` at the end of the calendar.
    pub fn next_after(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        // Civil time as if there were no clock changes: it only goes forward.
        let mut civil = now.to_zoned(zone.clone()).datetime().to_zoned(TimeZone::UTC).ok()?;
        for _ in 0..TRIES_MAX {
            civil = self.pattern.find_next_occurrence(&civil, false).ok()?;
            let at = resolve(civil.date(), civil.time(), zone)?;
            // In the second pass of a repeated hour, what comes next on the
            // clock fired in the first one.
            if at > now {
                return Some(at);
            }
        }
        None
    }
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cron({:?})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first firings after `from`, by the clock of `zone`.
    #[track_caller]
    fn check(cron: &str, zone: &str, from: &str, expected: &[&str]) {
        let cron = Cron::parse(cron).expect("a schedule");
        let zone = TimeZone::get(zone).expect("a zone");
        let mut at: Timestamp = from.parse().expect("an instant");
        let fired: Vec<String> = expected
            .iter()
            .map(|_| {
                at = cron.next_after(at, &zone).expect("it fires");
                at.to_zoned(zone.clone()).strftime("%a %F %H:%M %z").to_string()
            })
            .collect();
        assert_eq!(fired, expected);
    }

    #[test]
    fn fields_are_those_of_crontab() {
        let berlin = "Europe/Berlin";
        let from = "2026-11-27T12:00:00Z";
        let mondays = ["Mon 2026-11-30 09:00 +0100", "Mon 2026-12-07 09:00 +0100"];
        for cron in ["0 9 * * MON", "0 9 * * mon", "0 9 * * 1", " 0  9 * * 1-1 "] {
            check(cron, berlin, from, &mondays);
        }
        for cron in ["0 9 * * 0", "0 9 * * 7", "0 9 * * sun"] {
            check(cron, berlin, from, &["Sun 2026-11-29 09:00 +0100"]);
        }
        check("0 9 1 * *", berlin, from, &["Tue 2026-12-01 09:00 +0100"]);
        check("0 0 29 feb *", berlin, from, &["Tue 2028-02-29 00:00 +0100"]);
        // Either day fits, as in crontab.
        let either = ["Mon 2026-11-30 09:00 +0100", "Tue 2026-12-01 09:00 +0100"];
        check("0 9 1 * mon", berlin, from, &either);
    }

    #[test]
    fn a_skipped_hour_fires_at_the_first_moment_after_it() {
        // Berlin goes from 02:00 to 03:00 on 29 March 2026.
        check(
            "30 2 * * *",
            "Europe/Berlin",
            "2026-03-28T00:00:00Z",
            &[
                "Sat 2026-03-28 02:30 +0100",
                "Sun 2026-03-29 03:00 +0200",
                "Mon 2026-03-30 02:30 +0200",
            ],
        );
        check(
            "*/30 * * * *",
            "Europe/Berlin",
            "2026-03-29T00:30:00Z",
            &["Sun 2026-03-29 03:00 +0200", "Sun 2026-03-29 03:30 +0200"],
        );
    }

    #[test]
    fn a_repeated_hour_fires_once() {
        // Berlin goes from 03:00 to 02:00 on 25 October 2026.
        check(
            "30 2 * * *",
            "Europe/Berlin",
            "2026-10-24T12:00:00Z",
            &["Sun 2026-10-25 02:30 +0200", "Mon 2026-10-26 02:30 +0100"],
        );
        check(
            "*/30 * * * *",
            "Europe/Berlin",
            "2026-10-25T00:00:00Z",
            &["Sun 2026-10-25 02:30 +0200", "Sun 2026-10-25 03:00 +0100"],
        );
        // Asked in the second pass, too.
        check(
            "* * * * *",
            "Europe/Berlin",
            "2026-10-25T01:00:00Z",
            &["Sun 2026-10-25 03:00 +0100"],
        );
    }

    #[test]
    fn what_never_fires_is_no_schedule() {
        for text in ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *"] {
            assert_eq!(Cron::parse(text).err(), Some(InvalidCron::Never), "{text}");
        }
    }

    #[test]
    fn what_crontab_does_not_know_is_refused() {
        let long = "1,".repeat(200) + "1 * * * *";
        for text in [
            "",
            "every monday",
            "0 9 * *",
            "0 9 * * * *",
            "60 9 * * *",
            "0 24 * * *",
            "0 9 0 * *",
            "0 9 * 13 *",
            "0 9 * * 8",
            "0 9 * * L",
            "0 9 L * *",
            "0 9 * * mon#2",
            "0 9 15W * *",
            "@daily",
            "0 9 * * monday",
            "mon 9 * * *",
            "0 9 * * mo",
            "-1 9 * * *",
            "5-1 9 * * *",
            "*/0 * * * *",
            "0 9 * * ?",
            ", * * * *",
            "1,,2 * * * *",
            &long,
        ] {
            assert_eq!(Cron::parse(text).err(), Some(InvalidCron::Unreadable), "{text}");
        }
    }

    proptest::proptest! {
        /// Forward, and never twice at the same instant.
        #[test]
        fn it_goes_forward(
            minute in "(\\*|\\*/[1-9]|[0-5]?[0-9])",
            hour in "(\\*|\\*/[2-6]|1?[0-9])",
            weekday in "(\\*|[0-7]|mon-fri)",
            zone in 0usize..600,
            from in 1_760_000_000i64..1_900_000_000,
        ) {
            let names: Vec<_> = jiff::tz::db().available().collect();
            let zone = jiff::tz::db().get(names[zone % names.len()].as_str()).expect("listed");
            let cron = Cron::parse(&format!("{minute} {hour} * * {weekday}")).expect("a schedule");
            let mut at = Timestamp::from_second(from).expect("in range");
            for _ in 0..5 {
                let next = cron.next_after(at, &zone).expect("it fires");
                proptest::prop_assert!(next > at, "{cron} {zone:?} {at} {next}");
                at = next;
            }
        }

        #[test]
        fn nothing_makes_the_parser_panic(text in "[0-9a-zA-Z*,/# -]{0,40}") {
            let _ = Cron::parse(&text);
        }
    }
}
