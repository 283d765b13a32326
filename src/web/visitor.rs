//! Who stands at the door: the address a request comes from, and its network.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};
use ipnet::IpNet;

/// Addresses that a chain of proxies may have before it is not believed.
const HOPS_MAX: usize = 20;

/// Where a request comes from, and what it says about itself.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    /// The address that opened the connection.
    peer: IpAddr,
    headers: HeaderMap,
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visitor, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
        Ok(Visitor { peer, headers: parts.headers.clone() })
    }
}

impl Visitor {
    /// The network it comes from: IPv4 /24, IPv6 /56 (REQ-101). One household
    /// or office, and no longer one person.
    ///
    /// What `X-Forwarded-For` claims is believed only as far as our own
    /// `proxies` have written it, from the right.
    pub(super) fn network(&self, proxies: &[IpNet]) -> IpNet {
        let mut address = plain(self.peer);
        // What a visitor wrote there may be no text at all; what our proxy wrote
        // behind it still counts.
        let values = self.headers.get_all("x-forwarded-for").iter();
        let values: Vec<_> =
            values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        let claims: Vec<&str> = values.iter().flat_map(|value| value.split(',')).collect();
        for claim in claims.iter().rev().take(HOPS_MAX) {
            if !proxies.iter().any(|proxy| proxy.contains(&address)) {
                break;
            }
            let Some(claimed) = parse(claim) else { break };
            address = claimed;
        }
        let bits = if address.is_ipv4() { 24 } else { 56 };
        IpNet::new(address, bits).map_or_else(|_| address.into(), |network| network.trunc())
    }

    /// A header's text, at most `max` characters, without control characters.
    pub(super) fn header(&self, name: &str, max: usize) -> String {
        let value = self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        value.unwrap_or_default().chars().filter(|c| !c.is_control()).take(max).collect()
    }
}

/// An address as proxies write it, perhaps with a port.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address =
        text.parse().or_else(|_| text.parse::<SocketAddr>().map(|with_port| with_port.ip()));
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    address.ok().or_else(bare).map(plain)
}

/// IPv4 in IPv6 clothes is IPv4.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(peer: &str, claims: &[&str], proxies: &[&str], expected: &str) {
        let mut headers = HeaderMap::new();
        for claim in claims {
            let claim = HeaderValue::from_bytes(claim.as_bytes()).expect("a value");
            headers.append("x-forwarded-for", claim);
        }
        let visitor = Visitor { peer: peer.parse().expect("an address"), headers };
        let proxies: Vec<IpNet> = proxies.iter().map(|net| net.parse().expect("a net")).collect();
        assert_eq!(visitor.network(&proxies).to_string(), expected);
    }

    #[test]
    fn claims_count_only_behind_our_own_proxies() {
        check("203.0.113.9", &["198.51.100.1"], &[], "203.0.113.0/24");
        check("203.0.113.9", &["198.51.100.1"], &["127.0.0.1/32"], "203.0.113.0/24");
        check("127.0.0.1", &["198.51.100.1"], &["127.0.0.0/8"], "198.51.100.0/24");
        // What the visitor wrote stands to the left of what our proxy wrote.
        check("127.0.0.1", &["8.8.8.8, 198.51.100.1"], &["127.0.0.0/8"], "198.51.100.0/24");
        check("127.0.0.1", &["8.8.8.8", "198.51.100.1"], &["127.0.0.0/8"], "198.51.100.0/24");
        let both = &["127.0.0.0/8", "10.0.0.0/8"];
        check("127.0.0.1", &["8.8.8.8, 198.51.100.1, 10.1.2.3"], both, "198.51.100.0/24");
        check("127.0.0.1", &["zoë, 198.51.100.1"], &["127.0.0.0/8"], "198.51.100.0/24");
        check("127.0.0.1", &["nonsense"], &["127.0.0.0/8"], "127.0.0.0/24");
        check("127.0.0.1", &[], &["127.0.0.0/8"], "127.0.0.0/24");
    }

    #[test]
    fn networks_are_households() {
        check("2001:db8:1:2ff:3:4:5:6", &[], &[], "2001:db8:1:200::/56");
        check("::ffff:203.0.113.9", &[], &[], "203.0.113.0/24");
        check("127.0.0.1", &["[2001:db8::1]:443"], &["127.0.0.1/32"], "2001:db8::/56");
        check("127.0.0.1", &["198.51.100.1:555"], &["127.0.0.1/32"], "198.51.100.0/24");
    }
}
