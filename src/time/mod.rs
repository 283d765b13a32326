//! Time as values: delays, send windows, backoff, pace; and the one clock.
//!
//! Everything here but [`Clock`] is a pure function of its arguments. Instants
//! are [`Timestamp`]s (UTC); what an author writes (`08:30`, `mon`, `2d`) is
//! civil time in a person's zone and becomes an instant as late as possible.

mod backoff;
mod clock;
mod cron;
mod delay;
mod pace;
mod window;

pub use backoff::{backoff, trouble_backoff};
pub use clock::Clock;
pub use cron::{Cron, InvalidCron};
pub use delay::{Delay, InvalidDelay};
pub use jiff::{SignedDuration, Timestamp, Zoned, civil, tz::TimeZone};
pub use pace::{InvalidPace, Pace, PaceMeter};
pub(crate) use window::parse_time;
pub use window::{Days, Hours, InvalidDay, InvalidHours, SendWindow};

/// The names of the zones that people live in, like `Europe/Berlin`.
pub fn zone_names() -> Vec<String> {
    let names = jiff::tz::db().available().map(|name| name.as_str().to_owned());
    let is_place = |name: &String| name.contains('/') && !name.starts_with("Etc/");
    names.filter(is_place).collect()
}
