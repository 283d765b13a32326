//! The preview: the local studio of an author.
//!
//! Pages are functions of a [`Reading`] and their address; they never read
//! files. What a campaign's mail says is shown in frames on an opaque origin,
//! under a policy of their own, where only our one script runs (REQ-113).
//! GET changes nothing; what a POST may do is behind [`Doors`], and only pages
//! of ours may ask for it.

mod asked;
mod checks;
mod desk;
mod doors;
mod edit;
mod file;
mod findings;
mod frame;
mod home;
mod inbox;
mod live;
mod message;
mod pages;
mod people;
mod picture;
mod reading;
mod ruler;
mod series;
mod shell;
mod sides;
mod switches;
mod test;
mod who;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use tokio::sync::watch;

pub use doors::{Answer, Doors, TestMail, Way};
pub use reading::Reading;

use super::here;
use crate::time::Clock;

/// What the pages need.
#[derive(Clone, Debug)]
pub(super) struct Studio {
    readings: watch::Receiver<Arc<Reading>>,
    doors: Arc<Doors>,
    clock: Clock,
}

impl Studio {
    /// What was read last.
    fn reading(&self) -> Arc<Reading> {
        self.readings.borrow().clone()
    }
}

/// What `preview` serves. A new reading in `readings` repaints the open pages.
pub fn preview(readings: watch::Receiver<Arc<Reading>>, doors: Doors, clock: Clock) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/campaign/{id}", get(series::show))
        .route("/people/{id}", get(people::show))
        .route("/campaign/{id}/{step}", get(message::show))
        .route("/cells/{id}", get(people::cells))
        .route("/confirmation", get(message::confirmation))
        .route("/eml/{id}/{step}", get(message::download))
        .route("/test/{id}/{step}", post(test::send))
        .route("/file/{*path}", get(file::show))
        .route("/inbox", get(inbox::list))
        .route("/inbox/{number}", get(inbox::show))
        .route("/inbox/{number}/html", get(inbox::html))
        .route("/lines", get(edit::lines))
        .route("/edit", post(edit::save).layer(DefaultBodyLimit::max(edit::BODY_BYTES_MAX)))
        .route("/page/{name}", get(pages::show))
        .route("/frame/page/{name}", get(pages::frame))
        .route("/frame/campaign/{id}/{step}", get(frame::step))
        .route("/frame/confirmation", get(frame::confirmation))
        .route("/events", get(live::events))
        .route("/preview.css", get(shell::style))
        .route("/live.js", get(live::script))
        .route("/series.js", get(live::series_script))
        .route("/message.js", get(live::message_script))
        .route("/people.js", get(live::people_script))
        .fallback(shell::not_there)
        .with_state(Studio { readings, doors: Arc::new(doors), clock })
        .merge(super::base())
        .layer(middleware::from_fn(here::only_from_here))
}
