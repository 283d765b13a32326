//! Asks whether links lead anywhere: politely, and past nobody's walls.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{Method, Response, StatusCode, Uri, body::Incoming};
use tokio::{sync::Semaphore, task::JoinSet, time::timeout};

use super::guard::{self, Ask, Trouble};
use crate::model::LinkAnswer;

/// Links that are asked at one time of calling.
pub const PROBED_MAX: usize = 200;
/// Requests at once.
const AT_ONCE_MAX: usize = 4;
/// Requests at once to one host.
const HOST_AT_ONCE_MAX: usize = 2;
/// Redirects that are followed.
const REDIRECTS_MAX: usize = 5;
/// One link takes no longer.
const LINK_TIMEOUT: Duration = Duration::from_secs(10);
/// All of them take no longer.
const ALL_TIMEOUT: Duration = Duration::from_secs(120);

const AGENT: &str = concat!("fascicle/", env!("CARGO_PKG_VERSION"), " (link check)");

/// What became of each of `urls`, which are whole and without a fragment.
///
/// Those beyond [`PROBED_MAX`], and those for which two minutes were too short,
/// have no answer.
pub async fn probe(urls: Vec<String>) -> BTreeMap<String, LinkAnswer> {
    probe_by(urls, guard::is_public, ALL_TIMEOUT).await
}

/// The same, with another opinion about which addresses may be spoken to.
async fn probe_by(
    urls: Vec<String>,
    may: fn(SocketAddr) -> bool,
    all: Duration,
) -> BTreeMap<String, LinkAnswer> {
    let at_once = Arc::new(Semaphore::new(AT_ONCE_MAX));
    let mut hosts: BTreeMap<String, Arc<Semaphore>> = BTreeMap::new();
    let mut asking = JoinSet::new();
    for url in urls.into_iter().take(PROBED_MAX) {
        let host = host(&url).unwrap_or_default();
        let of_host =
            hosts.entry(host).or_insert_with(|| Arc::new(Semaphore::new(HOST_AT_ONCE_MAX)));
        let (of_host, at_once) = (of_host.clone(), at_once.clone());
        asking.spawn(async move {
            // First the host's: whoever waits for it keeps nobody else waiting.
            let _of_host = of_host.acquire_owned().await;
            let _at_once = at_once.acquire_owned().await;
            let answer = timeout(LINK_TIMEOUT, follow(&url, may)).await;
            (url, answer.unwrap_or(LinkAnswer::Silent))
        });
    }
    let mut answers = BTreeMap::new();
    let collecting = async {
        while let Some(joined) = asking.join_next().await {
            answers.extend(joined.ok());
        }
    };
    // What is not there by then has no answer.
    let _ = timeout(all, collecting).await;
    answers
}

fn host(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    uri.host().map(str::to_ascii_lowercase)
}

/// Where `url` leads in the end.
async fn follow(url: &str, may: fn(SocketAddr) -> bool) -> LinkAnswer {
    let mut at = url.to_owned();
    let mut moved_to = None;
    let mut is_for_good = true;
    for _ in 0..=REDIRECTS_MAX {
        let response = match head_or_get(&at, may).await {
            Ok(response) => response,
            Err(trouble) => return answer_to(&trouble),
        };
        let status = response.status();
        let next = guard::location(&response)
            .filter(|_| status.is_redirection())
            .and_then(|location| guard::join(&at, location).ok());
        let Some(next) = next else { return judge(status, moved_to) };
        let is_permanent =
            matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
        is_for_good &= is_permanent;
        if is_for_good {
            moved_to = Some(next.clone());
        }
        next.split('#').next().unwrap_or(&next).clone_into(&mut at);
    }
    LinkAnswer::Endless
}

fn judge(status: StatusCode, moved_to: Option<String>) -> LinkAnswer {
    let code = status.as_u16();
    match status {
        _ if status.is_success() => match moved_to {
            Some(to) => LinkAnswer::Moved { to },
            None => LinkAnswer::Good,
        },
        StatusCode::NOT_FOUND | StatusCode::GONE => LinkAnswer::Gone { status: code },
        _ if status.is_server_error() => LinkAnswer::Failing { status: code },
        _ => LinkAnswer::Unclear { status: code },
    }
}

fn answer_to(trouble: &Trouble) -> LinkAnswer {
    match trouble {
        Trouble::NoName(_) => LinkAnswer::NoHost,
        Trouble::NotPublic(_) => LinkAnswer::NotPublic,
        Trouble::Tls(what) => LinkAnswer::Untrusted { what: what.to_string() },
        Trouble::Address(_) | Trouble::NoAnswer(_) | Trouble::Broken(_) => LinkAnswer::Silent,
    }
}

/// HEAD, and GET where a server does not like that. No body is read.
async fn head_or_get(
    url: &str,
    may: fn(SocketAddr) -> bool,
) -> Result<Response<Incoming>, Trouble> {
    let uri: Uri = url.parse().map_err(|_| Trouble::Address("it is not an address"))?;
    let asked = |method| Ask { method, agent: AGENT, accept: "text/html, */*;q=0.8" };
    match guard::ask(&uri, &asked(Method::HEAD), &may).await {
        Ok(response) if response.status().as_u16() < 400 => Ok(response),
        Ok(_) | Err(Trouble::Broken(_)) => guard::ask(&uri, &asked(Method::GET), &may).await,
        Err(trouble) => Err(trouble),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::Ipv4Addr,
        sync::{
            Mutex,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpStream},
        sync::Barrier,
    };

    use super::*;

    /// This machine, by its usual address only.
    fn here(address: SocketAddr) -> bool {
        address.ip() == Ipv4Addr::LOCALHOST
    }

    /// A server that answers by the path that is asked for, and what it heard.
    async fn serve() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = heard.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.expect("a visitor");
                let noted = noted.clone();
                tokio::spawn(async move {
                    let asked = head(&mut stream).await;
                    let line = asked.lines().next().unwrap_or_default().to_owned();
                    let answer = answer(&line, &asked);
                    noted.lock().expect("nobody panicked").push(line);
                    // Who hung up does not listen.
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        (address, heard)
    }

    async fn head(stream: &mut TcpStream) -> String {
        let mut head = vec![0; 4_096];
        let length = stream.read(&mut head).await.expect("a request");
        String::from_utf8_lossy(&head[..length]).into_owned()
    }

    fn answer(line: &str, head: &str) -> String {
        let path = line.split(' ').nth(1).unwrap_or_default();
        let to = |status: &str, to: &str| format!("HTTP/1.1 {status}\r\nlocation: {to}\r\n\r\n");
        match path {
            "/no-head" if line.starts_with("HEAD") => "HTTP/1.1 405 No\r\n\r\n".to_owned(),
            "/broken-head" if line.starts_with("HEAD") => String::new(),
            "/good" | "/no-head" | "/broken-head" | "/new" => {
                assert!(head.contains("user-agent: fascicle/"), "{head}");
                assert!(head.contains(" (link check)\r\n"), "{head}");
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi".to_owned()
            }
            "/moved" => to("301 Moved", "/moved-again"),
            "/moved-again" => to("308 Moved", "/new"),
            "/for-now" => to("302 Found", "/new"),
            "/moved-then-for-now" => to("301 Moved", "/for-now"),
            "/moved-to-nothing" => to("301 Moved", "/nothing"),
            "/inside" => to("302 Found", "http://127.0.0.2:9/"),
            "/endless" => to("302 Found", "/endless"),
            "/gone" => "HTTP/1.1 410 Gone\r\n\r\n".to_owned(),
            "/failing" => "HTTP/1.1 503 Busy\r\n\r\n".to_owned(),
            "/programs" => "HTTP/1.1 403 No\r\n\r\n".to_owned(),
            "/silent" => String::new(),
            _ => "HTTP/1.1 404 Not Found\r\n\r\n".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_link_is_what_stands_at_its_end() {
        let (address, heard) = serve().await;
        let url = |path: &str| format!("http://{address}/{path}");
        let moved = |path: &str| LinkAnswer::Moved { to: url(path) };
        let cases = [
            ("good", LinkAnswer::Good),
            ("no-head", LinkAnswer::Good),
            ("broken-head", LinkAnswer::Good),
            ("moved", moved("new")),
            ("for-now", LinkAnswer::Good),
            ("moved-then-for-now", moved("for-now")),
            ("moved-to-nothing", LinkAnswer::Gone { status: 404 }),
            ("nothing", LinkAnswer::Gone { status: 404 }),
            ("gone", LinkAnswer::Gone { status: 410 }),
            ("failing", LinkAnswer::Failing { status: 503 }),
            ("programs", LinkAnswer::Unclear { status: 403 }),
            ("silent", LinkAnswer::Silent),
            ("endless", LinkAnswer::Endless),
            // After a redirect the address is looked at again.
            ("inside", LinkAnswer::NotPublic),
        ];
        let urls = cases.iter().map(|(path, _)| url(path)).collect();
        let answers = probe_by(urls, here, ALL_TIMEOUT).await;
        for (path, expected) in cases {
            assert_eq!(answers.get(&url(path)), Some(&expected), "{path}");
        }
        let heard = heard.lock().expect("nobody panicked");
        let count = |line: &str| heard.iter().filter(|heard| heard.starts_with(line)).count();
        assert_eq!(count("GET /good"), 0, "HEAD was enough");
        assert_eq!(count("HEAD /endless"), REDIRECTS_MAX + 1);
    }

    #[tokio::test]
    async fn hosts_without_page_or_name_are_told_apart() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let closed = listener.local_addr().expect("an address");
        drop(listener);
        let (plain, _) = serve().await;
        let cases = [
            (format!("http://{closed}/"), LinkAnswer::Silent),
            ("http://127.0.0.2:9/".to_owned(), LinkAnswer::NotPublic),
            ("http://no..name/".to_owned(), LinkAnswer::NoHost),
            ("http://user:secret@127.0.0.1:9/".to_owned(), LinkAnswer::Silent),
        ];
        let urls = cases.iter().map(|(url, _)| url.clone()).collect();
        let answers = probe_by(urls, here, ALL_TIMEOUT).await;
        for (url, expected) in cases {
            assert_eq!(answers.get(&url), Some(&expected), "{url}");
        }
        // It speaks, and no TLS.
        let url = format!("https://{plain}/");
        let answers = probe_by(vec![url.clone()], here, ALL_TIMEOUT).await;
        assert!(matches!(answers[&url], LinkAnswer::Untrusted { .. }), "{answers:?}");
    }

    /// The product's own opinion: nobody in this network is asked.
    #[tokio::test]
    async fn this_network_is_never_asked() {
        let (address, heard) = serve().await;
        let url = format!("http://{address}/good");
        assert_eq!(probe(vec![url.clone()]).await[&url], LinkAnswer::NotPublic);
        assert_eq!(*heard.lock().expect("nobody panicked"), Vec::<String>::new());
    }

    /// A visitor is answered when as many are there as may be.
    #[tokio::test]
    async fn a_host_is_asked_twice_at_once_at_most() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let most = Arc::new(AtomicUsize::new(0));
        let noted = most.clone();
        tokio::spawn(async move {
            let inside = Arc::new(AtomicUsize::new(0));
            let both = Arc::new(Barrier::new(HOST_AT_ONCE_MAX));
            loop {
                let (mut stream, _) = listener.accept().await.expect("a visitor");
                let count = inside.fetch_add(1, Ordering::SeqCst) + 1;
                noted.fetch_max(count, Ordering::SeqCst);
                let (inside, both) = (inside.clone(), both.clone());
                tokio::spawn(async move {
                    head(&mut stream).await;
                    both.wait().await;
                    inside.fetch_sub(1, Ordering::SeqCst);
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                });
            }
        });
        let urls = (0..6).map(|number| format!("http://{address}/{number}")).collect();
        let answers = probe_by(urls, here, ALL_TIMEOUT).await;
        assert!(answers.values().all(|answer| *answer == LinkAnswer::Good), "{answers:?}");
        assert_eq!(most.load(Ordering::SeqCst), HOST_AT_ONCE_MAX);
    }

    #[tokio::test]
    async fn what_takes_too_long_has_no_answer() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let answers = probe_by(vec![url], here, Duration::from_millis(50)).await;
        assert_eq!(answers, BTreeMap::new());
    }
}
