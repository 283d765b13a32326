//! Two senders that are broken in the usual ways, to prove that the crash
//! test can fail. They use the product's own store, engine and connection,
//! and only do things in the wrong order.
//!
//! They are processes of their own, so that they can be killed: this test
//! binary, called again for one test with an environment variable.

use std::{path::Path, process::Command};

use fascicle::{
    campaign::Addressee,
    engine::{Rules, advance, settle},
    library::Library,
    mail::{Connection, Headers, Keys, RelayOptions, Security, compose},
    model::{Frozen, Message, MessageKey, MessageKind, NewMessage, Verdict},
    store::{Missing, Outcome, Planned, Store},
    time::Clock,
};

use crate::{
    relay::Relay,
    world::{Running, World},
};

/// What is wrong with a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Notes a message as sent, and then sends it.
    MarksFirst,
    /// Notes a whole batch as sent when it fetches it, and then sends it.
    CursorAtFetch,
}

const FAULT: &str = "FASCICLE_TEST_FAULT";
const DATABASE: &str = "FASCICLE_TEST_DATABASE";
const PORT: &str = "FASCICLE_TEST_PORT";

/// Messages that the second one fetches at once.
const BATCH: usize = 50;
/// Connections of both.
const LANES: u32 = 10;

/// Starts a broken sender on the world's database.
pub(crate) fn start(world: &World, relay: &Relay, fault: Fault) -> Running {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command
        .args(["--exact", "broken::runs_only_when_it_is_called", "--nocapture"])
        .env(FAULT, format!("{fault:?}"))
        .env(DATABASE, world.database())
        .env(PORT, relay.address().port().to_string());
    Running::start(command)
}

/// Not a test but the other process; it does nothing in an ordinary run.
#[test]
fn runs_only_when_it_is_called() {
    let Ok(fault) = std::env::var(FAULT) else { return };
    let fault = if fault == "MarksFirst" { Fault::MarksFirst } else { Fault::CursorAtFetch };
    let database = std::env::var(DATABASE).expect("a database");
    let port = std::env::var(PORT).expect("a port").parse().expect("a number");
    tokio::runtime::Runtime::new().expect("a runtime").block_on(send(
        Path::new(&database),
        port,
        fault,
    ));
}

#[expect(clippy::print_stderr, reason = "how the parent hears that it runs")]
async fn send(database: &Path, port: u16, fault: Fault) {
    let store = Store::open_sqlite(database, Missing::Refuse).await.expect("a database");
    let keys = Keys::new(store.instance_secret().await.expect("a secret"));
    let library = Library::new(store.clone());
    let options = RelayOptions {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::Plain,
        credentials: None,
        hello: "broken.example".to_owned(),
    };
    eprintln!("pages: none");
    // What the kill left between claim and record: consequently wrong again.
    for message in store.orphans().await.expect("orphans") {
        record_as_sent(&store, &library, &message).await;
    }
    let mut lanes = tokio::task::JoinSet::new();
    for worker in 0..LANES {
        let doors = (store.clone(), library.clone(), keys.clone());
        lanes.spawn(lane(doors, options.clone(), (worker, fault)));
    }
    lanes.join_all().await;
}

async fn lane(
    (store, library, keys): (Store, Library, Keys),
    options: RelayOptions,
    (worker, fault): (u32, Fault),
) {
    let mut connection = Connection::open(&options).await.expect("a relay");
    loop {
        let now = Clock::System.now();
        let batch = if fault == Fault::CursorAtFetch { BATCH } else { 1 };
        let mut fetched = Vec::new();
        while fetched.len() < batch
            && let Some(message) = store.claim_message(worker, now).await.expect("a claim")
        {
            record_as_sent(&store, &library, &message).await;
            fetched.push(message);
        }
        if fetched.is_empty() {
            plan(&store, &library, &keys).await;
        }
        for message in fetched {
            if !connection.is_usable() {
                connection = Connection::open(&options).await.expect("a relay");
            }
            let edition =
                library.edition(&message.key.campaign, &message.version).await.expect("an edition");
            let addressee = Addressee {
                fields: &message.frozen.fields,
                next: None,
                unsubscribe_url: "https://example.com/u/x",
            };
            let rendered = edition.render(&message.key.step, &addressee).expect("a letter");
            let headers = Headers {
                to: &message.frozen.email,
                message_id: &message.message_id,
                dated_at: message.dated_at,
                unsubscribe_url: None,
                list_id: "list.example",
            };
            let outgoing = compose(&edition.site, &rendered, &headers);
            connection.begin(&outgoing.envelope).await.expect("taken");
            connection.finish(&outgoing).await;
        }
    }
}

async fn record_as_sent(store: &Store, library: &Library, message: &Message) {
    let edition =
        library.edition(&message.key.campaign, &message.version).await.expect("an edition");
    let now = Clock::System.now();
    let verdict = Verdict::Accepted { reply: "hopefully".to_owned() };
    let rules = Rules::Step {
        campaign: &edition.campaign,
        step: &message.key.step,
        zone: &edition.site.zone,
    };
    let settled = settle(rules, message, &verdict, now);
    let outcome =
        Outcome { message: message.clone(), settled, verdict: Some(verdict), body_hash: None };
    store.record(outcome, now).await.expect("recorded");
}

async fn plan(store: &Store, library: &Library, keys: &Keys) {
    let now = Clock::System.now();
    let mut planned = Vec::new();
    for due in store.claim_due_enrollments(now, 500).await.expect("due enrollments") {
        let edition = library.edition(&due.campaign, &due.version).await.expect("an edition");
        let zone = &edition.site.zone;
        let advanced = advance(&edition.campaign, zone, due.enrollment.clone(), &due.facts, now);
        let message = advanced.enqueue.map(|step| {
            let key = MessageKey {
                kind: MessageKind::Step,
                subscriber: due.subscriber,
                campaign: due.campaign.clone(),
                step,
                occurrence: due.occurrence,
            };
            let frozen = Frozen {
                email: due.person.email.clone(),
                zone: None,
                fields: due.person.fields.clone(),
                next: None,
            };
            let message_id = keys.message_id(&key, "example.org");
            (NewMessage { key, version: due.version.clone(), frozen, due_at: now }, message_id)
        });
        planned.push(Planned {
            id: due.id,
            before: due.enrollment.progress,
            after: advanced.enrollment,
            skipped: advanced.skipped,
            message,
        });
    }
    store.commit(planned, now).await.expect("committed");
}
