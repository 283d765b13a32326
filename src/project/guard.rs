//! One request to the public internet (REQ-123).
//!
//! Whoever gives the address may not make this machine speak to its own
//! network: a name is resolved once, the address is looked at, and the
//! connection goes to that very address. After a redirect, all of it again.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use anyhow::Context as _;
use http_body_util::Empty;
use hyper::{
    Method, Request, Response, Uri,
    body::{Bytes, Incoming},
    client::conn::http1,
    header,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};
use url::Url;

/// What is asked, and in whose name.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    /// GET or HEAD.
    pub(super) method: Method,
    /// Who we are.
    pub(super) agent: &'static str,
    /// What we can read.
    pub(super) accept: &'static str,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("{0}")]
    Address(&'static str),
    #[error("the host has no address")]
    NoName(#[source] io::Error),
    #[error("{0} is not on the public internet")]
    NotPublic(String),
    #[error("the host does not answer")]
    NoAnswer(#[source] io::Error),
    #[error("the host’s TLS is not in order")]
    Tls(#[source] io::Error),
    #[error("the host broke off")]
    Broken(#[source] hyper::Error),
}

/// Which addresses may be spoken to.
pub(super) type May<'a> = &'a (dyn Fn(SocketAddr) -> bool + Sync);

/// Asks for what stands at `uri`; a redirect is an answer like others.
///
/// Returns [`Trouble`] when the address is not http(s), has credentials, leads
/// where `may` does not allow, or there is no answer.
pub(super) async fn ask(uri: &Uri, ask: &Ask, may: May<'_>) -> Result<Response<Incoming>, Trouble> {
    let is_tls = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        Some(_) | None => return Err(Trouble::Address("only http:// and https:// are fetched")),
    };
    let authority = uri.authority().ok_or(Trouble::Address("there is no host in it"))?;
    if authority.as_str().contains('@') {
        return Err(Trouble::Address("an address with a password in it is not fetched"));
    }
    let host = authority.host().trim_matches(['[', ']']);
    let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let found = tokio::net::lookup_host((host, port)).await.map_err(Trouble::NoName)?;
    let found: Vec<SocketAddr> = found.collect();
    // One address that is not public is one too many: the name is a trap.
    if found.is_empty() || !found.iter().all(|address| may(*address)) {
        return Err(Trouble::NotPublic(host.to_owned()));
    }
    let stream = TcpStream::connect(found.as_slice()).await.map_err(Trouble::NoAnswer)?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::builder()
        .method(ask.method.clone())
        .uri(path)
        .header(header::HOST, authority.as_str())
        .header(header::USER_AGENT, ask.agent)
        .header(header::ACCEPT, ask.accept)
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|_| Trouble::Address("it is no address for a request"))?;
    if !is_tls {
        return send(TokioIo::new(stream), request).await;
    }
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| Trouble::Address("the host has no name for TLS"))?;
    let stream = tls().connect(name, stream).await.map_err(Trouble::Tls)?;
    send(TokioIo::new(stream), request).await
}

async fn send<I>(io: I, request: Request<Empty<Bytes>>) -> Result<Response<Incoming>, Trouble>
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(io).await.map_err(Trouble::Broken)?;
    tokio::spawn(connection);
    sender.send_request(request).await.map_err(Trouble::Broken)
}

fn tls() -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// Where a response sends on to, as it says it.
pub(super) fn location(response: &Response<Incoming>) -> Option<&str> {
    response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok())
}

/// Where a redirect from `url` to `location` leads (RFC 3986 5.2).
pub(super) fn join(url: &str, location: &str) -> anyhow::Result<String> {
    let base = Url::parse(url)?;
    Ok(base.join(location).with_context(|| format!("{location} is not an address"))?.into())
}

/// Whether an address is on the public internet (IANA special-purpose address
/// registries, RFC 6890).
pub(super) fn is_public(address: SocketAddr) -> bool {
    match address.ip() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_special = a == 192 && b == 0 && (c == 0 || c == 2) || a == 192 && b == 88 && c == 99;
    let is_test =
        a == 198 && (b == 18 || b == 19 || b == 51 && c == 100) || a == 203 && b == 0 && c == 113;
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || is_shared
        || is_special
        || is_test
        || a == 0
        || a >= 224)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    // Only what is given out as global unicast; and in it, what carries an
    // address of the old kind is as public as that one.
    let is_global = (0x2000..0x4000).contains(&segments[0]);
    let is_special = segments[0] == 0x2001 && (segments[1] < 0x0200 || segments[1] == 0x0db8)
        || segments[0] == 0x3fff;
    let is_6to4 = segments[0] == 0x2002;
    let is_isatap = segments[4] & 0xfdff == 0 && segments[5] == 0x5efe;
    is_global && !is_special && !is_6to4 && !is_isatap
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_spoken_to() {
        let check = |ip: &str, expected: bool| {
            let address = SocketAddr::new(ip.parse().expect("an address"), 80);
            assert_eq!(is_public(address), expected, "{ip}");
        };
        for ip in ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "172.32.0.1"] {
            check(ip, true);
        }
        for ip in [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "fec0::1",
            "ff02::1",
            "2002:7f00:1::1",
            "64:ff9b::7f00:1",
            "2001::1",
            "2001:db8::1",
            "2606:2800::5efe:a00:1",
            "2606:2800::200:5efe:a00:1",
        ] {
            check(ip, false);
        }
    }
}
