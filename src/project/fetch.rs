//! Fetches an article from the web, once, when its author says so (REQ-123).
//!
//! Whoever gives the address may not make this machine speak to its own
//! network: a name is resolved once, the address is looked at, and the
//! connection goes to that very address; after a redirect, all of it again.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{
    Request, Response, Uri,
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

/// What was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The body.
    pub bytes: Vec<u8>,
    /// What the server said it is.
    pub content_type: Option<String>,
    /// Where it was in the end.
    pub url: String,
}

/// The largest page that is fetched.
const BYTES_MAX: usize = 5 * 1024 * 1024;
/// Redirects that are followed.
const REDIRECTS_MAX: usize = 3;
/// The whole of it takes no longer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Fetches what stands at `url`.
///
/// Returns an error when the address is not http(s), has credentials, leads
/// into a network that is not the public one, answers with anything but 200,
/// or takes more than ten seconds, 5 MB or three redirects.
pub async fn fetch(url: &str) -> anyhow::Result<Fetched> {
    let fetching = fetch_by(url, &is_public);
    tokio::time::timeout(TIMEOUT, fetching)
        .await
        .unwrap_or_else(|_| bail!("{url} did not answer within ten seconds"))
}

/// The same, with another opinion about which addresses may be spoken to.
pub(super) async fn fetch_by(
    url: &str,
    may: &(dyn Fn(SocketAddr) -> bool + Sync),
) -> anyhow::Result<Fetched> {
    let mut url = url.to_owned();
    for _ in 0..=REDIRECTS_MAX {
        let uri: Uri = url.parse().with_context(|| format!("{url} is not an address"))?;
        let response = get(&uri, may).await.with_context(|| format!("fetching {url}"))?;
        if response.status().is_redirection() {
            let location = response
                .headers()
                .get(header::LOCATION)
                .and_then(|location| location.to_str().ok());
            let location =
                location.with_context(|| format!("{url} sends elsewhere without saying where"))?;
            url = join(&url, location)?;
            continue;
        }
        ensure!(response.status().is_success(), "{url} answers {}", response.status());
        let content_type =
            response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.map(str::to_owned);
        let body = Limited::new(response.into_body(), BYTES_MAX).collect().await;
        let Ok(body) = body else { bail!("{url} has more than 5 MB, or broke off") };
        return Ok(Fetched { bytes: body.to_bytes().to_vec(), content_type, url });
    }
    bail!("{url} sends elsewhere again and again")
}

async fn get(
    uri: &Uri,
    may: &(dyn Fn(SocketAddr) -> bool + Sync),
) -> anyhow::Result<Response<Incoming>> {
    let is_tls = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        Some(_) | None => bail!("only http:// and https:// are fetched"),
    };
    let authority = uri.authority().context("there is no host in it")?;
    ensure!(!authority.as_str().contains('@'), "an address with a password in it is not fetched");
    let host = authority.host().trim_matches(['[', ']']);
    let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let found: Vec<SocketAddr> =
        tokio::net::lookup_host((host, port)).await.context("the host has no address")?.collect();
    // One address that is not public is one too many: the name is a trap.
    ensure!(
        !found.is_empty() && found.iter().all(|address| may(*address)),
        "{host} is not on the public internet"
    );
    let stream = TcpStream::connect(found.as_slice()).await.context("the host does not answer")?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::get(path)
        .header(header::HOST, authority.as_str())
        .header(
            header::USER_AGENT,
            concat!("fascicle/", env!("CARGO_PKG_VERSION"), " (split --fetch)"),
        )
        .header(header::ACCEPT, "text/html, text/markdown, text/plain;q=0.9, image/*;q=0.8")
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())?;
    if is_tls {
        let name = ServerName::try_from(host.to_owned()).context("the host has no name for TLS")?;
        let stream = tls().connect(name, stream).await.context("the host’s TLS is not in order")?;
        send(TokioIo::new(stream), request).await
    } else {
        send(TokioIo::new(stream), request).await
    }
}

async fn send<I>(io: I, request: Request<Empty<Bytes>>) -> anyhow::Result<Response<Incoming>>
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(io).await?;
    tokio::spawn(connection);
    Ok(sender.send_request(request).await?)
}

fn tls() -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// Where a redirect from `url` to `location` leads (RFC 3986 5.2).
fn join(url: &str, location: &str) -> anyhow::Result<String> {
    let base = Url::parse(url)?;
    Ok(base.join(location).with_context(|| format!("{location} is not an address"))?.into())
}

/// Whether an address is on the public internet (IANA special-purpose address
/// registries, RFC 6890).
fn is_public(address: SocketAddr) -> bool {
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
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

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

    /// Answers each connection with the next of `answers`.
    async fn serve(answers: Vec<String>) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.expect("a visitor");
                let mut head = [0; 1024];
                let _ = stream.read(&mut head).await;
                stream.write_all(answer.as_bytes()).await.expect("it listens");
            }
        });
        address
    }

    fn page(body: &str) -> String {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=latin1\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    #[tokio::test]
    async fn a_page_comes_with_what_it_is_and_where_it_was() {
        let here = |address: SocketAddr| address.ip().is_loopback();
        let address = serve(vec![
            "HTTP/1.1 302 Found\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n".to_owned(),
            page("hi"),
        ])
        .await;
        let fetched = fetch_by(&format!("http://{address}/a"), &here).await.expect("a page");
        assert_eq!(fetched.bytes, b"hi");
        assert_eq!(fetched.content_type.as_deref(), Some("text/html; charset=latin1"));
        assert_eq!(fetched.url, format!("http://{address}/b"));
    }

    #[tokio::test]
    async fn a_redirect_is_looked_at_like_the_first_address() {
        let inside = serve(vec![page("secret")]).await;
        let outside = serve(vec![format!(
            "HTTP/1.1 302 Found\r\nlocation: http://{inside}/\r\ncontent-length: 0\r\n\r\n"
        )])
        .await;
        let only_outside = move |address: SocketAddr| address.port() == outside.port();
        let refused =
            fetch_by(&format!("http://{outside}/"), &only_outside).await.expect_err("inside");
        assert!(format!("{refused:#}").contains("not on the public internet"), "{refused:#}");
    }

    #[tokio::test]
    async fn other_spellings_of_this_machine_are_this_machine() {
        for host in [
            "127.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "localhost",
            "0.0.0.0",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
        ] {
            let refused = fetch(&format!("http://{host}:9/")).await;
            assert!(refused.is_err(), "{host}");
            assert!(
                !format!("{:#}", refused.expect_err("refused")).contains("does not answer"),
                "{host}"
            );
        }
        for url in
            ["ftp://a.example/", "file:///etc/passwd", "http://u:p@93.184.216.34/", "http://"]
        {
            assert!(fetch(url).await.is_err(), "{url}");
        }
    }
}
