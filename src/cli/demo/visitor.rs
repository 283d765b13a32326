//! A visitor without a browser: what a person does with the pages, in HTTP.

use anyhow::{Context as _, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// The largest answer that is read.
const ANSWER_BYTES_MAX: u64 = 4_000_000;

/// An answer, as far as a visitor looks at it.
pub(super) struct Answer {
    pub(super) status: u16,
    body: String,
}

impl Answer {
    /// The value of the hidden input called `name`.
    pub(super) fn hidden(&self, name: &str) -> Option<&str> {
        let input = format!("name=\"{name}\" value=\"");
        let at = self.body.find(&input)? + input.len();
        self.body[at..].split('"').next()
    }
}

/// Opens a page.
pub(super) async fn open(url: &str) -> anyhow::Result<Answer> {
    let answer = request("GET", url, "", "").await?;
    ensure!(answer.status == 200, "{url} answered {}", answer.status);
    Ok(answer)
}

/// Presses a button: sends a form, from a network of its own.
pub(super) async fn press(
    url: &str,
    network: usize,
    pairs: &[(&str, &str)],
) -> anyhow::Result<u16> {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(pairs);
    // 198.18.0.0/15 is for tests of networks (RFC 2544): it is nobody's.
    let from = format!("X-Forwarded-For: 198.18.{}.1\r\n", network % 250);
    Ok(request("POST", url, &from, &body.finish()).await?.status)
}

async fn request(method: &str, url: &str, head: &str, body: &str) -> anyhow::Result<Answer> {
    let rest = url.strip_prefix("http://").context("the demo's links are plain http")?;
    let (host, path) = rest.split_once('/').context("a link without a path")?;
    let mut stream = TcpStream::connect(host).await?;
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{head}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let Some(status) = head.split(' ').nth(1).and_then(|status| status.parse().ok()) else {
        bail!("no answer from {url}");
    };
    Ok(Answer { status, body: body.to_owned() })
}
