//! How many forms a network may send in, and all of them together.
//!
//! In memory: a restart forgives. What protects addresses from mail they did
//! not ask for is the engine's, and is kept.

use std::collections::HashMap;

use ipnet::IpNet;

use crate::time::{SignedDuration, Timestamp};

/// Over which span forms are counted.
const SPAN: SignedDuration = SignedDuration::from_hours(1);
/// Forms from one network in that span: a lecture hall, not a botnet's node.
const NETWORK_MAX: u32 = 60;
/// Forms from everywhere: each is a row until somebody has looked at it. It
/// bounds the networks that are remembered, too.
const ALL_MAX: u32 = 20_000;

/// What was sent in since the span began.
#[derive(Debug)]
pub(super) struct Limits {
    since: Timestamp,
    by_network: HashMap<IpNet, u32>,
    all: u32,
}

impl Limits {
    pub(super) fn new() -> Limits {
        Limits { since: Timestamp::MIN, by_network: HashMap::new(), all: 0 }
    }

    /// Counts one form from `network` at `now`. Returns whether it is still
    /// within the limits.
    pub(super) fn admit(&mut self, network: IpNet, now: Timestamp) -> bool {
        if now.duration_since(self.since) >= SPAN || now < self.since {
            *self = Limits { since: now, by_network: HashMap::new(), all: 0 };
        }
        if self.all >= ALL_MAX {
            return false;
        }
        let count = self.by_network.entry(network).or_default();
        if *count >= NETWORK_MAX {
            // What is refused uses up nobody else's share.
            return false;
        }
        *count += 1;
        self.all += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_774_638_000, 0);

    fn net(text: &str) -> IpNet {
        text.parse().expect("a network")
    }

    #[test]
    fn a_network_gets_its_share_and_others_theirs() {
        let mut limits = Limits::new();
        let admitted = (0..30_000).filter(|_| limits.admit(net("203.0.113.0/24"), NOW)).count();
        assert_eq!(admitted, 60);
        assert!(limits.admit(net("198.51.100.0/24"), NOW));
        assert!(limits.admit(net("203.0.113.0/24"), NOW + SPAN), "an hour later");
    }

    #[test]
    fn all_together_have_a_ceiling() {
        let mut limits = Limits::new();
        let from = |n: u32| IpNet::from(std::net::IpAddr::from((n << 8).to_be_bytes()));
        let admitted = (0..30_000).filter(|n| limits.admit(from(*n), NOW)).count();
        assert_eq!(admitted, 20_000);
    }
}
