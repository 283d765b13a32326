//! What stands before the curtain rises: catcher, database, sender.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
};

use anyhow::Context as _;
use axum::Router;

use super::{
    Course, Danger, TYPING, here,
    killer::Killer,
    options,
    sender::{Apart, Heard, Sender},
    told::Told,
};
use crate::{
    cli::{apply, scratch::Scratch},
    library::Library,
    mail::{Catcher, Keys},
    service::{SenderOptions, Service},
    store::{Missing, Store},
    time::{Clock, Timestamp},
    web,
};

/// The demo's visitors say from which network they come.
const VISITORS: &str = "127.0.0.1/32";

/// The house of the play.
pub(super) struct House {
    pub(super) clock: Clock,
    pub(super) catcher: Catcher,
    pub(super) store: Store,
    pub(super) sender: Sender,
    pub(super) killer: Killer,
    pub(super) heard: Heard,
    /// Where the database is.
    _scratch: Scratch,
}

impl House {
    /// A house for `course`, whose people sign up at `start`.
    pub(super) async fn open(
        course: &Course,
        (base_url, start): (&str, Timestamp),
        danger: Danger,
    ) -> anyhow::Result<House> {
        // The form is sent in at `start`; it takes its time to fill in.
        let clock = Clock::starting_at(start - TYPING);
        let killer = Killer::new(clock.clone());
        let catcher = Catcher::listen_observed(here(0), killer.observer()).await;
        let catcher = catcher.context("starting the mail catcher")?;
        let scratch = Scratch::new("demo")?;
        let database = scratch.path().join("demo.db");
        let store = Store::open_sqlite(&database, Missing::Create).await?;
        store.apply(apply::snapshot(&course.files, Some(base_url))?, clock.now()).await?;
        let heard = Heard::default();
        let hello = course.project.site.from.domain().to_owned();
        let sender = if danger.crash {
            Sender::Apart(Box::new(Apart {
                store: store.clone(),
                clock: clock.clone(),
                database,
                catcher: catcher.clone(),
                hello,
                killer: killer.clone(),
                heard: heard.clone(),
                talk: None,
                said: BTreeSet::new(),
            }))
        } else {
            let options = options(catcher.address(), hello);
            Sender::Here(Box::new(service(&store, &clock, options, heard.clone()).await?))
        };
        Ok(House { clock, catcher, store, sender, killer, heard, _scratch: scratch })
    }

    /// The subscribers' pages. They need no sender, and go on without one.
    pub(super) async fn public(&self) -> anyhow::Result<Router> {
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let keys = Keys::new(store.instance_secret().await?);
        let library = Library::new(store.clone());
        Ok(web::public(store, library, keys, clock, &[VISITORS.to_owned()]))
    }
}

/// The service in this process, which tells what it does.
async fn service(
    store: &Store,
    clock: &Clock,
    options: SenderOptions,
    heard: Heard,
) -> anyhow::Result<Service> {
    store.become_sender().await?;
    let keys = Keys::new(store.instance_secret().await?);
    let on_event = Arc::new(move |event| {
        if let Some(told) = Told::of(event) {
            heard.lock().unwrap_or_else(PoisonError::into_inner).push(told);
        }
    });
    Ok(Service::new(store.clone(), keys, clock.clone(), options, on_event))
}
