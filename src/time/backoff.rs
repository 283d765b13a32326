//! How long to wait after a relay said "later".

use jiff::SignedDuration;

/// Delay before the next attempt after `failures` deferrals in a row (1 or more).
///
/// Starts at five minutes, because greylisting answers typically accept a
/// second try after five, doubles, and stays at four hours, so that a relay
/// which is down over night is tried often enough to be noticed in the morning.
pub fn backoff(failures: u32) -> SignedDuration {
    const FIRST: SignedDuration = SignedDuration::from_mins(5);
    const LONGEST: SignedDuration = SignedDuration::from_hours(4);

    // 2^6 * 5 minutes is already past LONGEST; the clamp keeps the shift in range.
    let doubled = FIRST * (1 << failures.saturating_sub(1).min(6));
    doubled.min(LONGEST)
}

/// Delay before a relay that took nothing is tried again, after `failures`
/// times in a row (1 or more).
///
/// Starts at five seconds, because a relay on the same machine is back soon
/// after a restart, doubles, and stays at fifteen minutes.
pub fn trouble_backoff(failures: u32) -> SignedDuration {
    const FIRST: SignedDuration = SignedDuration::from_secs(5);
    const LONGEST: SignedDuration = SignedDuration::from_mins(15);

    let doubled = FIRST * (1 << failures.saturating_sub(1).min(8));
    doubled.min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_and_stays_at_four_hours() {
        let minutes: Vec<i64> = [1, 2, 3, 6, 7, 1000].map(|n| backoff(n).as_mins()).into();
        assert_eq!(minutes, [5, 10, 20, 160, 240, 240]);
    }
}
