//! Pages: the way out for subscribers, the mailbox of the catcher.
//!
//! Server-rendered, without JavaScript, under a strict policy. GET and HEAD
//! never change anything: mail scanners follow every link.

mod leave;
mod mailbox;
mod page;

use std::{future::Future, io};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::Response,
    routing::get,
};
use tokio::net::TcpListener;

use crate::{
    mail::{Catcher, Keys},
    store::Store,
    time::Clock,
};

/// The largest request body: a one-click POST has 26 bytes.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// What `run` serves: the way out, and a sign of life.
pub fn public(store: Store, keys: Keys, clock: Clock) -> Router {
    let door = leave::Door { store, keys, clock };
    Router::new()
        .route("/u/{token}", get(leave::ask).post(leave::act))
        .with_state(door)
        .merge(base())
}

/// What `catch` and the demo serve: the mails that were caught.
pub fn mailbox(catcher: Catcher) -> Router {
    Router::new()
        .route("/", get(mailbox::list))
        .route("/mail/{number}", get(mailbox::show))
        .route("/mail/{number}/html", get(mailbox::html))
        .route("/mail/{number}/text", get(mailbox::text))
        .route("/mail/{number}/source", get(mailbox::source))
        .with_state(catcher)
        .merge(base())
}

/// Both, for the demo: one address for everything.
pub fn demo(public: Router, mailbox: Router) -> Router {
    public.fallback_service(mailbox)
}

/// Serves `router` on `listener` until `until` is over.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    until: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let guarded =
        router.layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).layer(middleware::from_fn(protect));
    axum::serve(listener, guarded).with_graceful_shutdown(until).await
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
    let mut response = next.run(request).await;
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
