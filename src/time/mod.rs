//! Time as values: delays, send windows, backoff, pace; and the one clock.
//!
//! Everything here but [`Clock`] is a pure function of its arguments. Instants
//! are [`Timestamp`]s (UTC); what an author writes (`08:30`, `mon`, `2d`) is
//! civil time in a person's zone and becomes an instant as late as possible.

mod backoff;
mod clock;
mod delay;
mod pace;
mod window;

pub use backoff::{backoff, trouble_backoff};
pub use clock::Clock;
pub use delay::{Delay, InvalidDelay};
pub use jiff::{SignedDuration, Timestamp, Zoned, civil, tz::TimeZone};
pub use pace::{InvalidPace, Pace, PaceMeter};
pub(crate) use window::parse_time;
pub use window::{Days, Hours, InvalidDay, InvalidHours, SendWindow};
