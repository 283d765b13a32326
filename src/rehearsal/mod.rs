//! Rehearsals: pretend subscribers go through a campaign.
//!
//! `render`, `forecast` and the preview ask here what somebody would get, and
//! when. The rules are the engine's, the words the edition's, the bytes those
//! of `mail::compose`; the keys open nothing, so what is shown here is not a
//! way into a database.

mod letter;
mod walk;

pub use letter::{Letter, confirmation, issue, way_out};
pub use walk::{ClockChange, Moment, Walk, clock_changes, instant};
