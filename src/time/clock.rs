//! The only place that asks for the time or waits.
//!
//! A tick reads the clock once and passes `now` down. A virtual clock stands
//! still until somebody waits on it: then it jumps to the instant waited for,
//! so a course of weeks plays in the time its work takes. Network deadlines
//! are not on this clock; they stay real (`mail::relay`).

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

/// Where `now` comes from: the system, or a virtual clock that jumps.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that moves only when somebody waits on it.
    Virtual(Arc<Mutex<Timestamp>>),
}

impl Clock {
    /// A virtual clock that stands at `start`.
    pub fn starting_at(start: Timestamp) -> Clock {
        Clock::Virtual(Arc::new(Mutex::new(start)))
    }

    /// The current instant. A loop calls this once a pass.
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            Clock::Virtual(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Waits until `at`, or until `wake` is notified, whichever is first.
    ///
    /// A virtual clock jumps to `at` and returns at once. The system's clock
    /// waits at most [`Clock::LONGEST_NAP`] and returns early: callers look
    /// again, so a step of the system clock cannot make them oversleep.
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    pub async fn wait_until(&self, at: Timestamp, wake: &Notify) {
        match self {
            Clock::System => {
                let nap =
                    at.duration_since(self.now()).clamp(SignedDuration::ZERO, Self::LONGEST_NAP);
                let nap = nap.unsigned_abs();
                tokio::select! {
                    () = tokio::time::sleep(nap) => {}
                    () = wake.notified() => {}
                }
            }
            Clock::Virtual(now) => {
                let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
                *now = (*now).max(at);
            }
        }
    }

    /// The longest time a wait on the system's clock takes without looking again:
    /// another process (`people add`, `apply`) may have written meanwhile, and an
    /// empty look costs microseconds.
    pub const LONGEST_NAP: SignedDuration = SignedDuration::from_secs(1);
}
