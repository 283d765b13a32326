//! The preview: the local studio of an author.
//!
//! Pages are functions of a [`Reading`] and their address; they never read
//! files. What a campaign's mail says is shown in frames on an opaque origin,
//! under a policy of their own, where only our one script runs (REQ-113).
//! Everything is GET, and changes nothing.

mod asked;
mod axis;
mod findings;
mod frame;
mod home;
mod live;
mod message;
mod pages;
mod picture;
mod reading;
mod series;
mod shell;
mod switches;
mod who;

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::get,
};
use tokio::sync::watch;

pub use reading::Reading;

use crate::time::Clock;

/// What the pages need.
#[derive(Clone, Debug)]
pub(super) struct Studio {
    readings: watch::Receiver<Arc<Reading>>,
    clock: Clock,
}

impl Studio {
    /// What was read last.
    fn reading(&self) -> Arc<Reading> {
        self.readings.borrow().clone()
    }
}

/// What `preview` serves. A new reading in `readings` repaints the open pages.
pub fn preview(readings: watch::Receiver<Arc<Reading>>, clock: Clock) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/campaign/{id}", get(series::show))
        .route("/campaign/{id}/{step}", get(message::show))
        .route("/confirmation", get(message::confirmation))
        .route("/page/{name}", get(pages::show))
        .route("/frame/page/{name}", get(pages::frame))
        .route("/frame/campaign/{id}/{step}", get(frame::step))
        .route("/frame/confirmation", get(frame::confirmation))
        .route("/events", get(live::events))
        .route("/preview.css", get(shell::style))
        .route("/live.js", get(live::script))
        .fallback(shell::not_there)
        .with_state(Studio { readings, clock })
        .merge(super::base())
        .layer(middleware::from_fn(only_from_here))
}

/// Refuses requests for another host's name: a page elsewhere that points its
/// own name at this machine must not read the project (DNS rebinding).
async fn only_from_here(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(is_loopback) {
        let text = "The preview answers only to 127.0.0.1 and localhost.\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    next.run(request).await
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(host, |(name, _)| name),
        None => host.split(':').next().unwrap_or_default(),
    };
    ["127.0.0.1", "localhost", "::1"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for host in ["127.0.0.1", "127.0.0.1:8500", "localhost:1", "LOCALHOST", "[::1]:8500"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "example.com", "localhost.example.com:8500", "127.0.0.1.nip.io", "[::2]"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
