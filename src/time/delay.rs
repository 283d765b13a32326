//! How long a step waits after the one before was settled.
//!
//! Minutes and hours are exact spans of time. Days and weeks are civil: they
//! name a date in the person's zone, so "2d" is two mornings later even when
//! a clock change makes one of those days 23 hours long.

use std::fmt;

use jiff::SignedDuration;

/// A delay between two steps, as an author writes it: `30m`, `12h`, `2d`, `1w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// Minutes and hours: exact.
    Exact(SignedDuration),
    /// Days and weeks: that many dates later, at the campaign's hour.
    Days(i32),
}

/// A text that is not a delay.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidDelay;

impl Delay {
    /// The longest delay: two years of days. A longer one is a typing error.
    pub const DAYS_MAX: i32 = 731;

    /// No wait at all.
    pub const NONE: Delay = Delay::Exact(SignedDuration::ZERO);

    /// Parses `30m`, `12h`, `2d` or `1w`; a space before the unit is allowed.
    ///
    /// Returns [`InvalidDelay`] for anything else, and beyond [`Delay::DAYS_MAX`].
    pub fn parse(text: &str) -> Result<Delay, InvalidDelay> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or(InvalidDelay)?;
        let count: i32 = text[..digits].parse().map_err(|_| InvalidDelay)?;
        let (minutes, days) = match text[digits..].trim_start() {
            "m" | "min" | "minute" | "minutes" => (1, 0),
            "h" | "hour" | "hours" => (60, 0),
            "d" | "day" | "days" => (0, 1),
            "w" | "week" | "weeks" => (0, 7),
            _ => return Err(InvalidDelay),
        };
        let minutes = i64::from(count) * minutes;
        let days = count.checked_mul(days).ok_or(InvalidDelay)?;
        if days > Self::DAYS_MAX || minutes > i64::from(Self::DAYS_MAX) * 24 * 60 {
            return Err(InvalidDelay);
        }
        if days > 0 || (minutes == 0 && text.ends_with(['d', 'w'])) {
            return Ok(Delay::Days(days));
        }
        Ok(Delay::Exact(SignedDuration::from_mins(minutes)))
    }

    /// Whether this is a wait of no time at all.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Delay::Days(days) => write!(f, "{days}d"),
            Delay::Exact(span) if span.as_mins() % 60 == 0 && span.as_mins() > 0 => {
                write!(f, "{}h", span.as_hours())
            }
            Delay::Exact(span) => write!(f, "{}m", span.as_mins()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(Delay::parse(text).ok().map(|delay| delay.to_string()).as_deref(), expected);
    }

    #[test]
    fn a_delay_is_a_count_and_a_unit() {
        check("0m", Some("0m"));
        check("90m", Some("90m"));
        check("36h", Some("36h"));
        check("2d", Some("2d"));
        check("2 days", Some("2d"));
        check("1w", Some("7d"));
        check("soon", None);
        check("2", None);
        check("-1d", None);
        check("1.5h", None);
        check("99999999d", None);
        check("4000000000d", None);
        check("2000000000w", None);
        check("", None);
    }
}
