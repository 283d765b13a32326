//! What arrived, by Message-ID.

use std::collections::BTreeMap;

use crate::mail::{Catcher, Caught};

/// What the catcher caught until the last look.
pub(super) struct Arrivals {
    catcher: Catcher,
    /// The last mail that was looked at.
    seen: usize,
    by_id: BTreeMap<String, Vec<Caught>>,
}

impl Arrivals {
    pub(super) fn new(catcher: Catcher) -> Arrivals {
        Arrivals { catcher, seen: 0, by_id: BTreeMap::new() }
    }

    /// Looks again. Returns what is new, each with its Message-ID.
    pub(super) fn look(&mut self) -> Vec<(String, Caught)> {
        let mut new = Vec::new();
        for caught in self.catcher.caught_after(self.seen) {
            self.seen = caught.number;
            // Without one it is nobody's message; the account misses it.
            let id = caught.message_id().unwrap_or_default();
            self.by_id.entry(id.clone()).or_default().push(caught.clone());
            new.push((id, caught));
        }
        new
    }

    /// The first mail with this Message-ID.
    pub(super) fn first(&self, message_id: &str) -> Option<&Caught> {
        self.by_id.get(message_id)?.first()
    }

    /// The mail with this Message-ID and number.
    pub(super) fn find(&self, message_id: &str, number: usize) -> Option<&Caught> {
        self.by_id.get(message_id)?.iter().find(|caught| caught.number == number)
    }

    /// All mails with each Message-ID, as they came.
    pub(super) fn by_id(&self) -> &BTreeMap<String, Vec<Caught>> {
        &self.by_id
    }
}
