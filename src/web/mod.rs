//! Pages: sign-up, confirmation and way out for subscribers, the mailbox of
//! the catcher, the preview of an author, the play of the demo.
//!
//! Server-rendered, readable without JavaScript, under a strict policy. GET and
//! HEAD never change anything: mail scanners follow every link.

mod confirm;
mod door;
mod form;
mod here;
mod image;
mod join;
mod leave;
mod limit;
mod mailbox;
mod page;
mod play;
mod preview;
mod visitor;
mod zones;

use std::{
    future::Future,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Extension, Router,
    extract::{ConnectInfo, DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::get,
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};

pub use play::{Account, Arrival, Copied, Crash, Happened, Happening, Player, Tale};
pub use preview::{Answer, Doors, Reading, TestMail, Way, preview};

use self::{door::Door, limit::Limits};
use crate::{
    library::Library,
    mail::{Catcher, Keys},
    store::Store,
    time::Clock,
};

/// The largest request body: a one-click POST has 26 bytes.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Connections that are open at once.
const CONNECTIONS_MAX: usize = 200;
/// How long a system that has no more files is left alone.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long a request's head may take.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may take, with the body of its question: a form is small.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a connection may live, whatever it does.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(60);
/// The same for a page that listens: a day at a desk.
const LIVE_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// What `run` serves: sign-up, confirmation, the way out, and a sign of life.
///
/// `proxies` are the networks whose `X-Forwarded-For` is believed.
pub fn public(
    store: Store,
    library: Library,
    keys: Keys,
    clock: Clock,
    proxies: &[String],
) -> Router {
    // The campaign room has read them: what does not parse is not there.
    let proxies = proxies.iter().filter_map(|network| network.parse().ok()).collect();
    let limits = Arc::new(Mutex::new(Limits::new()));
    let door = Door { store, library, keys, clock, proxies, limits };
    Router::new()
        .route("/join/{list}", get(join::form).post(join::send))
        .route("/join/{list}/sent", get(join::sent))
        .route("/c/{token}", get(confirm::ask).post(confirm::act))
        .route("/i/{name}", get(image::show))
        .route("/pages.css", get(style))
        .route("/zone.js", get(zone_script))
        .route("/u/{token}", get(leave::ask).post(leave::act))
        .fallback(door::nothing_here)
        .with_state(door)
        .merge(base())
}

/// What `catch` serves: the mails that were caught.
pub fn mailbox(catcher: Catcher) -> Router {
    Router::new()
        .route("/", get(mailbox::door))
        .route("/inbox", get(mailbox::list))
        .route("/inbox/{number}", get(mailbox::show))
        .route("/inbox/{number}/html", get(mailbox::html))
        .route("/inbox/{number}/text", get(mailbox::text))
        .route("/inbox/{number}/source", get(mailbox::source))
        .with_state(catcher)
        .merge(base())
}

/// What the demo shows besides the pages for subscribers.
#[derive(Debug)]
pub struct Demo {
    /// The series that is played, for the studio.
    pub readings: watch::Receiver<Arc<Reading>>,
    /// What time it is in the studio.
    pub clock: Clock,
    /// Where the mails are.
    pub catcher: Catcher,
    /// What happens.
    pub tales: watch::Receiver<Arc<Tale>>,
}

/// Everything at one address, for the demo: what `public` has, the play, and
/// the studio for whatever else is asked for.
pub fn demo(public: Router, demo: Demo) -> Router {
    let doors = Doors { inbox: Some(demo.catcher), has_play: true, ..Doors::default() };
    let studio = preview(demo.readings, doors, demo.clock);
    let ours = play::pages(demo.tales);
    let ours = ours.layer(middleware::from_fn(here::only_from_here));
    public.fallback_service(ours.fallback_service(studio))
}

/// Serves `router` on `listener` until `until` is over.
///
/// Bounded in connections and in time: whoever opens many and says nothing
/// must not take the files that the sender needs.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    until: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_for(listener, router, until, CONNECTION_TIMEOUT).await
}

/// The same for pages that listen as long as they are open.
///
/// Only for a listener on loopback: its visitors sit at this machine.
pub async fn serve_live(
    listener: TcpListener,
    router: Router,
    until: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_for(listener, router, until, LIVE_TIMEOUT).await
}

async fn serve_for(
    listener: TcpListener,
    router: Router,
    until: impl Future<Output = ()> + Send + 'static,
    timeout: Duration,
) -> io::Result<()> {
    let guarded =
        router.layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).layer(middleware::from_fn(protect));
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    let accept = async {
        loop {
            let permit = permits.clone().acquire_owned().await;
            // Too many open files, or a peer that is gone already: the next one.
            let Ok((stream, peer)) = listener.accept().await else {
                let _ = tokio::time::timeout(ACCEPT_PAUSE, std::future::pending::<()>()).await;
                continue;
            };
            let service =
                TowerToHyperService::new(guarded.clone().layer(Extension(ConnectInfo(peer))));
            let connection = http.serve_connection(TokioIo::new(stream), service);
            tokio::spawn(async move {
                // A peer that breaks off concerns nobody else.
                let _ = tokio::time::timeout(timeout, connection).await;
                drop(permit);
            });
        }
    };
    tokio::select! {
        () = accept => {}
        () = until => {}
    }
    Ok(())
}

/// The style sheet of the project's pages.
async fn style(State(door): State<Door>) -> Response {
    match door.applied().await {
        Ok(applied) => asset("text/css; charset=utf-8", applied.project.style.to_string()),
        Err(response) => response,
    }
}

async fn zone_script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("zone.js").to_owned())
}

/// What is the same for everybody may be kept for a while.
fn asset(content_type: &'static str, text: String) -> Response {
    let headers =
        [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, text).into_response()
}

fn base() -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/style.css", get(page::style))
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
}

/// The headers of every answer (REQ-117). A page that needs another policy
/// has set its own.
async fn protect(request: Request, next: Next) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; \
                          form-action 'self'; base-uri 'none'; frame-ancestors 'self'";
    // Whoever sends a byte a second must not hold a place for a minute.
    let answer = tokio::time::timeout(ANSWER_TIMEOUT, next.run(request)).await;
    let mut response = answer.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response());
    let headers = response.headers_mut();
    let defaults: [(HeaderName, &str); 5] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
