//! Fetches an article from the web, once, when its author says so.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use http_body_util::{BodyExt as _, Limited};
use hyper::{Method, Uri, header};

use super::guard::{self, Ask, May};

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
    let fetching = fetch_by(url, &guard::is_public);
    tokio::time::timeout(TIMEOUT, fetching)
        .await
        .unwrap_or_else(|_| bail!("{url} did not answer within ten seconds"))
}

/// The same, with another opinion about which addresses may be spoken to.
pub(super) async fn fetch_by(url: &str, may: May<'_>) -> anyhow::Result<Fetched> {
    let ask = Ask {
        method: Method::GET,
        agent: concat!("fascicle/", env!("CARGO_PKG_VERSION"), " (split --fetch)"),
        accept: "text/html, text/markdown, text/plain;q=0.9, image/*;q=0.8",
    };
    let mut url = url.to_owned();
    for _ in 0..=REDIRECTS_MAX {
        let uri: Uri = url.parse().with_context(|| format!("{url} is not an address"))?;
        let response =
            guard::ask(&uri, &ask, may).await.with_context(|| format!("fetching {url}"))?;
        if response.status().is_redirection() {
            let location = guard::location(&response)
                .with_context(|| format!("{url} sends elsewhere without saying where"))?;
            url = guard::join(&url, location)?;
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

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

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
