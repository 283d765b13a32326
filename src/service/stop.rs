//! How a service is told to stop.

use tokio::sync::watch;

/// A request to stop, which everybody can see.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<u8>);

impl Stop {
    /// Nobody has asked yet.
    pub fn new() -> Stop {
        Stop(watch::Sender::new(0))
    }

    /// Asks. Asked twice, nothing more is waited for.
    pub fn ask(&self) {
        self.0.send_modify(|count| *count = count.saturating_add(1));
    }

    /// Whether somebody asked.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Whether somebody asked twice.
    pub fn is_overdue(&self) -> bool {
        *self.0.borrow() > 1
    }

    /// Returns when somebody has asked `times` times.
    pub async fn asked(&self, times: u8) {
        // The sender is in `self`, so the channel cannot close.
        let _ = self.0.subscribe().wait_for(|count| *count >= times).await;
    }
}

impl Default for Stop {
    fn default() -> Stop {
        Stop::new()
    }
}
