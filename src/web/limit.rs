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
/// Forms from all the networks that one provider has beside each other (IPv4
/// /16, IPv6 /48): whoever rents one has all of it.
const PROVIDER_MAX: u32 = 600;
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
        let shares = [(network, NETWORK_MAX), (around(network), PROVIDER_MAX)];
        let is_spent = |(network, max): &(IpNet, u32)| self.by_network.get(network) >= Some(max);
        if shares.iter().any(is_spent) {
            // What is refused uses up nobody else's share.
            return false;
        }
        for (network, _) in shares {
            *self.by_network.entry(network).or_default() += 1;
        }
        self.all += 1;
        true
    }
}

/// The networks beside `network` that usually belong to the same provider.
fn around(network: IpNet) -> IpNet {
    let bits = if network.addr().is_ipv4() { 16 } else { 48 };
    IpNet::new(network.addr(), bits).map_or(network, |wide| wide.trunc())
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
        let admitted = (0..300_000).filter(|n| limits.admit(from(*n * 16), NOW)).count();
        assert_eq!(admitted, 20_000);
    }

    #[test]
    fn a_provider_has_a_ceiling() {
        let mut limits = Limits::new();
        let from = |n: u32| net(&format!("2001:db8:1:{n:x}00::/56"));
        let admitted = (0..2_560).filter(|n| limits.admit(from(n % 256), NOW)).count();
        assert_eq!(admitted, 600);
        assert!(limits.admit(net("2001:db8:2:100::/56"), NOW));
    }
}
