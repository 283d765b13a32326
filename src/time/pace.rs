//! How many messages may leave in a time: `5/s`, `300/m`, `10000/h`.

use jiff::{SignedDuration, Timestamp};

/// A limit on messages per time, as the relay's owner states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The time between two messages at this pace.
    gap: SignedDuration,
}

/// A text that is not a pace.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidPace;

impl Pace {
    /// Parses `COUNT/s`, `COUNT/m` or `COUNT/h`.
    ///
    /// Returns [`InvalidPace`] for anything else, for zero, and over 100,000 a second.
    pub fn parse(text: &str) -> Result<Pace, InvalidPace> {
        let (count, unit) = text.trim().split_once('/').ok_or(InvalidPace)?;
        let count = count.trim();
        if !count.bytes().all(|c| c.is_ascii_digit()) {
            return Err(InvalidPace);
        }
        let count: i64 = count.parse().map_err(|_| InvalidPace)?;
        let nanos: i64 = match unit.trim() {
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return Err(InvalidPace),
        };
        if count <= 0 || nanos / count < 10_000 {
            return Err(InvalidPace);
        }
        Ok(Pace { gap: SignedDuration::from_nanos(nanos / count) })
    }
}

/// Hands out departure times so that a pace is kept.
///
/// Time that was not used is not saved up: after a quiet hour the first
/// second carries no burst.
#[derive(Debug)]
pub struct PaceMeter {
    pace: Option<Pace>,
    next_at: Timestamp,
}

impl PaceMeter {
    /// A meter for `pace`; `None` never makes anybody wait.
    pub fn new(pace: Option<Pace>) -> PaceMeter {
        PaceMeter { pace, next_at: Timestamp::MIN }
    }

    /// Whether there is a limit at all.
    pub fn is_limited(&self) -> bool {
        self.pace.is_some()
    }

    /// The earliest instant of the next departure.
    pub fn next_at(&self) -> Timestamp {
        self.next_at
    }

    /// Takes the next departure at or after `now` and returns it.
    pub fn depart(&mut self, now: Timestamp) -> Timestamp {
        let Some(pace) = self.pace else { return now };
        let at = self.next_at.max(now);
        self.next_at = at.saturating_add(pace.gap).unwrap_or(Timestamp::MAX);
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departures_keep_the_gap_and_save_nothing_up() {
        let mut meter = PaceMeter::new(Some(Pace::parse("2/s").expect("a pace")));
        let at = |millis| Timestamp::from_millisecond(millis).expect("in range");
        let departures = [at(0), at(0), at(0), at(9_000), at(9_000)].map(|now| meter.depart(now));
        assert_eq!(departures, [at(0), at(500), at(1_000), at(9_000), at(9_500)]);
    }

    #[test]
    fn nonsense_is_no_pace() {
        for text in ["", "5", "0/s", "-1/s", "+1/s", "5/d", "x/s", "999999999/s"] {
            assert_eq!(Pace::parse(text), Err(InvalidPace), "{text}");
        }
    }
}
