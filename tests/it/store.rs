//! The database: one suite over the door, everything said twice.

use std::collections::BTreeMap;

use fascicle::{
    engine::{DropReason, Rules, drop_message, settle},
    model::{
        Campaign, CampaignId, EmailAddress, Enrollment, Facts, Frozen, ListId, Message, MessageKey,
        MessageKind, MessageState, Name, NewMessage, NewSubscription, Person, Progress,
        ProjectFiles, Status, StopReason, Verdict, Version,
    },
    store::{Arrival, CampaignState, Missing, Outcome, Planned, Remarks, Snapshot, Store},
    time::{SignedDuration, TimeZone, Timestamp},
};

use crate::world::{World, root};

fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_774_638_000 + minutes * 60).expect("in range")
}

fn campaign_id() -> CampaignId {
    name("knot-in-lower-back")
}

/// The founding campaign, read from its files.
fn campaign() -> Campaign {
    let files = fascicle::project::load(root()).expect("the project");
    let (project, _) = fascicle::campaign::read(&files);
    project.expect("a project").editions[&campaign_id()].campaign.clone()
}

struct Bench {
    store: Store,
    campaign: Campaign,
    world: World,
}

async fn bench() -> Bench {
    let world = World::empty();
    let path = world.path().join("store.db");
    let store = Store::open_sqlite(&path, Missing::Create).await.expect("a database");
    let mut files = ProjectFiles::default();
    files.insert("fascicle.toml", b"# nothing".as_slice());
    let state = CampaignState { id: campaign_id(), version: version(), status: Status::Active };
    let snapshot = Snapshot { files, campaigns: vec![state] };
    assert!(store.apply(snapshot.clone(), at(0)).await.expect("applied"));
    assert!(!store.apply(snapshot, at(0)).await.expect("applied"), "said twice");
    Bench { store, campaign: campaign(), world }
}

fn version() -> Version {
    Version("v1".into())
}

fn arrival(email: &str, due_at: Timestamp) -> Arrival {
    let person = Person {
        email: EmailAddress::parse(email).expect("an address"),
        zone: Some("Europe/Berlin".to_owned()),
        fields: BTreeMap::from([(name("first_name"), "Ada".to_owned())]),
    };
    let enrollment = Enrollment {
        progress: Progress::Waiting { step: name("causes"), due_at },
        done: Vec::new(),
    };
    let subscription = NewSubscription {
        person,
        tags: vec![name("owns-ql-claw")],
        list: ListId::parse("back-care").expect("a name"),
        consent: "said yes".to_owned(),
        source: "test".to_owned(),
    };
    Arrival { subscription, enrollments: vec![(campaign_id(), enrollment)], by_tag: Vec::new() }
}

impl Bench {
    /// Plans the only due enrollment's message, twice.
    async fn plan(&self, now: Timestamp) -> usize {
        let due = self.store.claim_due_enrollments(now, 10).await.expect("claimed");
        let again = self.store.claim_due_enrollments(now, 10).await.expect("claimed");
        assert_eq!(due.len(), again.len());
        let mut planned = Vec::new();
        for due in due {
            let Progress::Waiting { step, due_at } = due.enrollment.progress.clone() else {
                panic!("it waits")
            };
            let key = MessageKey {
                kind: MessageKind::Step,
                subscriber: due.subscriber,
                campaign: due.campaign,
                step: step.clone(),
                occurrence: due.occurrence,
            };
            let frozen = Frozen {
                email: due.person.email,
                zone: due.person.zone,
                fields: due.person.fields,
                next: None,
            };
            let message_id = format!("{}-{}@example.org", key.subscriber.0, step);
            planned.push(Planned {
                id: due.id,
                before: due.enrollment.progress.clone(),
                after: Enrollment {
                    progress: Progress::Sending { step, due_at },
                    done: due.enrollment.done,
                },
                skipped: Vec::new(),
                message: Some((NewMessage { key, version: version(), frozen, due_at }, message_id)),
            });
        }
        let count = self.store.commit(planned.clone(), now).await.expect("committed");
        assert_eq!(self.store.commit(planned, now).await.expect("committed"), 0, "said twice");
        count
    }

    async fn claim(&self, worker: u32, now: Timestamp) -> Option<Message> {
        self.store.claim_message(worker, now).await.expect("claimed")
    }

    /// Settles a message by a verdict, twice.
    async fn record(&self, message: &Message, verdict: Verdict, now: Timestamp) {
        let (campaign, step) = (&self.campaign, &message.key.step);
        let rules = Rules::Step { campaign, step, zone: &TimeZone::UTC };
        let settled = settle(rules, message, &verdict, now);
        let outcome = Outcome {
            message: message.clone(),
            settled,
            verdict: Some(verdict),
            body_hash: Some("hash".to_owned()),
        };
        self.store.record(outcome.clone(), now).await.expect("recorded");
        self.store.record(outcome, now).await.expect("recorded");
    }

    async fn states(&self) -> Vec<(MessageState, i64)> {
        self.store.report(at(0)).await.expect("a report").messages
    }
}

fn accepted() -> Verdict {
    Verdict::Accepted { reply: "250 ok".to_owned() }
}

#[tokio::test]
async fn a_message_goes_from_enrollment_to_sent() {
    let bench = bench().await;
    let newcomers = bench.store.admit(vec![arrival("ada@example.org", at(0))], at(0)).await;
    let newcomers = newcomers.expect("admitted");
    assert_eq!(newcomers[0].remark, Remarks::New);
    assert_eq!(newcomers[0].enrollments.len(), 1);
    let again = bench.store.admit(vec![arrival("ADA@example.org", at(0))], at(0)).await;
    let again = again.expect("admitted");
    assert_eq!((again[0].remark, again[0].enrollments.len()), (Remarks::Known, 0));
    assert_eq!(again[0].subscriber, newcomers[0].subscriber);

    assert_eq!(bench.store.next_due_at().await.expect("asked"), Some(at(0)));
    assert_eq!(bench.plan(at(-1)).await, 0, "too early");
    assert_eq!(bench.plan(at(0)).await, 1);
    assert!(bench.claim(1, at(-1)).await.is_none(), "too early");
    let message = bench.claim(1, at(3)).await.expect("a message");
    assert!(bench.claim(2, at(3)).await.is_none(), "one owner");
    assert_eq!((message.attempt, message.dated_at), (1, at(3)));
    assert!(
        message.standing.is_ours && message.standing.is_subscribed && message.standing.is_awaited
    );
    assert_eq!(message.standing.facts.tags, [name("owns-ql-claw")].into());

    bench.record(&message, accepted(), at(4)).await;
    assert_eq!(bench.states().await, [(MessageState::Sent, 1)]);
    let due = bench.store.claim_due_enrollments(at(60 * 24 * 7), 10).await.expect("claimed");
    assert_eq!(due[0].enrollment.done, [name("causes")]);
    assert!(
        matches!(&due[0].enrollment.progress, Progress::Waiting { step, .. } if *step == name("massage"))
    );
}

#[tokio::test]
async fn a_deferred_message_keeps_its_date_and_its_hash() {
    let bench = bench().await;
    bench.store.admit(vec![arrival("ada@example.org", at(0))], at(0)).await.expect("admitted");
    bench.plan(at(0)).await;
    let message = bench.claim(1, at(0)).await.expect("a message");
    let stage = fascicle::model::Stage::Rcpt;
    bench.record(&message, Verdict::Deferred { stage, reply: "450".into() }, at(0)).await;
    assert!(bench.claim(1, at(4)).await.is_none(), "five minutes");
    let again = bench.claim(2, at(5)).await.expect("a message");
    assert_eq!((again.attempt, again.deferrals), (2, 1));
    assert_eq!(again.dated_at, message.dated_at);
    assert_eq!(again.message_id, message.message_id);
    assert_eq!(again.body_hash.as_deref(), Some("hash"));
    // The worker of the first attempt wakes up late: its claim is gone.
    bench.record(&message, accepted(), at(6)).await;
    assert_eq!(bench.states().await, [(MessageState::Claimed, 1)]);
    let late = bench.store.look(message.id, message.worker, message.attempt).await.expect("looked");
    assert!(!late.is_ours);
    bench.record(&again, accepted(), at(6)).await;
    assert_eq!(bench.states().await, [(MessageState::Sent, 1)]);
}

#[tokio::test]
async fn leaving_stops_everything_that_has_not_left() {
    let bench = bench().await;
    let arrivals = vec![arrival("ada@example.org", at(0)), arrival("bob@example.org", at(0))];
    let newcomers = bench.store.admit(arrivals, at(0)).await.expect("admitted");
    assert_eq!(bench.plan(at(0)).await, 2);
    let message = bench.claim(1, at(0)).await.expect("a message");
    for newcomer in &newcomers {
        assert!(bench.store.unsubscribe(newcomer.subscription, at(1)).await.expect("left"));
        assert!(
            bench.store.unsubscribe(newcomer.subscription, at(2)).await.expect("left"),
            "twice"
        );
    }
    assert!(bench.claim(2, at(9)).await.is_none(), "the other one is dropped");
    let standing = bench.store.look(message.id, 1, 1).await.expect("looked");
    assert!(standing.is_ours && !standing.is_subscribed && !standing.is_awaited);
    let settled = drop_message(&message, DropReason::Left);
    let outcome = Outcome { message, settled, verdict: None, body_hash: None };
    bench.store.record(outcome, at(1)).await.expect("recorded");
    assert_eq!(bench.states().await, [(MessageState::Dropped, 2)]);
    assert_eq!(bench.store.next_due_at().await.expect("asked"), None);
    let back = bench.store.admit(vec![arrival("ada@example.org", at(5))], at(5)).await;
    assert_eq!(back.expect("admitted")[0].remark, Remarks::Left);
    let unknown = fascicle::model::SubscriptionId(1);
    assert!(!bench.store.unsubscribe(unknown, at(1)).await.expect("asked"));
}

#[tokio::test]
async fn a_hard_refusal_suppresses_the_address() {
    let bench = bench().await;
    bench.store.admit(vec![arrival("ada@example.org", at(0))], at(0)).await.expect("admitted");
    bench.plan(at(0)).await;
    let message = bench.claim(1, at(0)).await.expect("a message");
    let stage = fascicle::model::Stage::Rcpt;
    let verdict = Verdict::Refused { stage, reply: "550 5.1.1".into(), is_hard: true };
    bench.record(&message, verdict, at(0)).await;
    assert_eq!(bench.states().await, [(MessageState::Refused, 1)]);
    let mut other = arrival("ada@example.org", at(1));
    other.subscription.list = ListId::parse("other").expect("a name");
    let newcomers = bench.store.admit(vec![other], at(1)).await.expect("admitted");
    assert_eq!(newcomers[0].remark, Remarks::Suppressed);
    assert!(newcomers[0].enrollments.is_empty());
}

#[tokio::test]
async fn what_a_dead_process_left_is_found_and_settled_once_more() {
    let bench = bench().await;
    bench.store.admit(vec![arrival("ada@example.org", at(0))], at(0)).await.expect("admitted");
    bench.plan(at(0)).await;
    bench.claim(7, at(0)).await.expect("a message");
    let lost = || Verdict::Unknown { reply: "gone".to_owned() };
    let orphans = bench.store.orphans().await.expect("asked");
    assert_eq!((orphans.len(), orphans[0].worker), (1, 7));
    bench.record(&orphans[0], lost(), at(1)).await;
    assert!(bench.claim(1, at(15)).await.is_none(), "a quarter of an hour");
    let again = bench.claim(1, at(16)).await.expect("once more");
    assert_eq!(again.unknowns, 1);
    bench.record(&again, lost(), at(17)).await;
    assert_eq!(bench.states().await, [(MessageState::Unknown, 1)]);
    let report = bench.store.report(at(20)).await.expect("a report");
    assert_eq!(report.unknown.len(), 1);
    // Parked, and the course goes on.
    assert!(bench.store.next_due_at().await.expect("asked").is_some());
}

#[tokio::test]
async fn an_event_and_a_paused_campaign_are_seen_by_the_last_look() {
    let bench = bench().await;
    bench.store.admit(vec![arrival("ada@example.org", at(0))], at(0)).await.expect("admitted");
    bench.plan(at(0)).await;
    let message = bench.claim(1, at(0)).await.expect("a message");
    let ada = EmailAddress::parse("Ada@example.org").expect("an address");
    let nobody = EmailAddress::parse("nobody@example.org").expect("an address");
    let bought = name("bought-program");
    assert!(bench.store.note_event(&ada, &bought, at(1)).await.expect("noted"));
    assert!(!bench.store.note_event(&nobody, &bought, at(1)).await.expect("noted"));
    let state = CampaignState { id: campaign_id(), version: version(), status: Status::Paused };
    let files = ProjectFiles::default();
    let snapshot = Snapshot { files, campaigns: vec![state] };
    bench.store.apply(snapshot, at(1)).await.expect("applied");
    let standing = bench.store.look(message.id, 1, 1).await.expect("looked");
    assert!(standing.is_paused);
    assert_eq!(standing.facts.events, [bought].into());
    let settled = drop_message(&message, DropReason::Exited);
    assert_eq!(
        settled.enrollment.as_ref().map(|enrollment| &enrollment.progress),
        Some(&Progress::Stopped(StopReason::Exited))
    );
    let outcome = Outcome { message, settled, verdict: None, body_hash: None };
    bench.store.record(outcome, at(2)).await.expect("recorded");
    assert_eq!(bench.states().await, [(MessageState::Dropped, 1)]);
}

#[tokio::test]
async fn candidates_are_those_who_may_enter() {
    use fascicle::model::Again;
    let bench = bench().await;
    let mut outside = arrival("bob@example.org", at(0));
    outside.enrollments.clear();
    let people = vec![arrival("ada@example.org", at(0)), outside];
    bench.store.admit(people, at(0)).await.expect("admitted");
    let list = ListId::parse("back-care").expect("a name");
    let candidates = bench.store.candidates(&campaign_id(), &list, Again::Never).await;
    let candidates = candidates.expect("asked");
    assert_eq!(candidates.len(), 1);
    assert_eq!(candidates[0].email.as_str(), "bob@example.org");
    assert_eq!(
        candidates[0].facts,
        Facts {
            tags: [name("owns-ql-claw")].into(),
            lists: [list].into(),
            fields: BTreeMap::from([(name("first_name"), "Ada".to_owned())]),
            ..Facts::default()
        }
    );
    let progress = Progress::Waiting { step: name("causes"), due_at: at(0) };
    let enrollment = Enrollment { progress, done: Vec::new() };
    let enter = vec![(candidates[0].clone(), enrollment)];
    for expected in [1, 0] {
        let entered = bench.store.enroll(&campaign_id(), Again::Never, enter.clone(), at(0)).await;
        assert_eq!(entered.expect("enrolled"), expected);
    }
}

#[tokio::test]
async fn another_programs_file_is_refused() {
    let world = World::empty();
    let path = world.path().join("other.db");
    let other = rusqlite::Connection::open(&path).expect("a database");
    other.execute_batch("CREATE TABLE x (y)").expect("a table");
    let error = Store::open_sqlite(&path, Missing::Create).await.expect_err("refused");
    assert!(error.to_string().contains("another program"), "{error}");
    let text = world.path().join("text.db");
    std::fs::write(&text, "this is not a database, but long enough to look like a file of one")
        .expect("written");
    assert!(Store::open_sqlite(&text, Missing::Create).await.is_err());
    let none = Store::open_sqlite(&world.path().join("none.db"), Missing::Refuse).await;
    assert!(none.expect_err("refused").is_missing());
}

#[tokio::test]
async fn one_process_sends_from_a_file() {
    let world = World::empty();
    let path = world.path().join("store.db");
    let first = Store::open_sqlite(&path, Missing::Create).await.expect("a database");
    let second = Store::open_sqlite(&path, Missing::Create).await.expect("a database");
    first.become_sender().await.expect("the sender");
    assert!(second.become_sender().await.expect_err("refused").is_conflict());
    drop(first);
    second.become_sender().await.expect("the other one is gone");
}

/// Many callers at once: each gets an answer of its own, none is lost.
#[tokio::test(flavor = "multi_thread")]
async fn writes_of_many_callers_are_grouped_and_all_arrive() {
    let bench = bench().await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..200 {
        let store = bench.store.clone();
        tasks.spawn(async move {
            let email = format!("p{n}@example.org");
            store.admit(vec![arrival(&email, at(n))], at(0)).await.expect("admitted")[0].subscriber
        });
    }
    let mut ids: Vec<_> = tasks.join_all().await;
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 200);
    assert_eq!(bench.store.report(at(0)).await.expect("a report").people, 200);
    let hour = SignedDuration::from_hours(1);
    let due = bench.store.claim_due_enrollments(at(0) + hour, 500).await.expect("claimed");
    assert_eq!(due.len(), 61);
    assert!(due.windows(2).all(|pair| {
        let due_at = |due: &fascicle::model::DueEnrollment| match due.enrollment.progress {
            Progress::Waiting { due_at, .. } => due_at,
            Progress::Sending { .. } | Progress::Finished | Progress::Stopped(_) => {
                panic!("it waits")
            }
        };
        due_at(&pair[0]) <= due_at(&pair[1])
    }));
}

/// A row that cannot be read is set aside; the others go on.
#[tokio::test]
async fn an_unreadable_row_does_not_block_the_outbox() {
    let bench = bench().await;
    let arrivals = vec![arrival("ada@example.org", at(0)), arrival("bob@example.org", at(1))];
    bench.store.admit(arrivals, at(0)).await.expect("admitted");
    assert_eq!(bench.plan(at(1)).await, 2);
    let path = bench.world.path().join("store.db");
    let connection = rusqlite::Connection::open(path).expect("the database");
    let spoiled = connection
        .execute(
            "UPDATE message SET frozen = '{}' WHERE due_at = (SELECT min(due_at) FROM message)",
            [],
        )
        .expect("spoiled");
    assert_eq!(spoiled, 1);
    assert!(bench.claim(1, at(2)).await.is_none());
    let message = bench.claim(1, at(2)).await.expect("the other one");
    assert_eq!(message.frozen.email.as_str(), "bob@example.org");
    bench.record(&message, accepted(), at(2)).await;
    assert_eq!(bench.states().await, [(MessageState::Quarantined, 1), (MessageState::Sent, 1)]);
}

/// A look that holds a message leaves no trail, and forgets old deferrals.
#[tokio::test]
async fn a_held_message_leaves_no_attempt_behind() {
    use fascicle::engine::{HoldReason, hold};
    let bench = bench().await;
    bench.store.admit(vec![arrival("ada@example.org", at(0))], at(0)).await.expect("admitted");
    bench.plan(at(0)).await;
    let message = bench.claim(1, at(0)).await.expect("a message");
    let settled = hold(&message, at(60), HoldReason::WindowClosed);
    let outcome = Outcome { message, settled, verdict: None, body_hash: None };
    bench.store.record(outcome, at(0)).await.expect("recorded");
    let path = bench.world.path().join("store.db");
    let connection = rusqlite::Connection::open(path).expect("the database");
    let count = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count");
    assert_eq!(count("SELECT count(*) FROM attempt"), 0);
    assert_eq!(
        count("SELECT count(*) FROM message WHERE state = 'due' AND deferred_since IS NULL"),
        1
    );
}

/// What is deleted must not read a whole table for each row (people by the
/// million), so every key that points to it is found by an index.
#[test]
fn every_key_to_what_can_be_deleted_has_an_index() {
    let schema = std::fs::read_to_string(root().join("src/store/sqlite/schema.sql"));
    let connection = rusqlite::Connection::open_in_memory().expect("a database");
    connection.execute_batch(&schema.expect("the schema")).expect("it is SQL");
    let mut keys = connection
        .prepare(
            "SELECT t.name, k.\"from\" FROM sqlite_schema t, pragma_foreign_key_list(t.name) k
             WHERE t.type = 'table'
               AND k.\"table\" IN ('subscriber', 'subscription', 'sign_up', 'message')",
        )
        .expect("a query");
    let keys: Vec<(String, String)> = keys
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .expect("keys");
    assert!(keys.len() >= 8, "{keys:?}");
    for (table, column) in keys {
        let plan: String = connection
            .query_row(
                &format!("EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE {column} = ?1"),
                [1],
                |row| row.get("detail"),
            )
            .expect("a plan");
        assert!(plan.starts_with("SEARCH") && plan.contains(&format!("({column}=?")), "{plan}");
    }
}

/// Two processes at one instant give no number twice, and lose no row by it.
#[tokio::test]
async fn two_handles_at_one_instant_share_their_numbers() {
    let bench = bench().await;
    let other = Store::open_sqlite(&bench.world.path().join("store.db"), Missing::Refuse).await;
    let stores = [bench.store.clone(), other.expect("a database")];
    for turn in 0..10 {
        let arrivals = (0..400).map(|n| arrival(&format!("p{turn}-{n}@example.org"), at(0)));
        let known = stores[turn % 2].admit(arrivals.collect(), at(0)).await.expect("no clash");
        assert_eq!(known.len(), 400);
    }
}

/// What is to come is told from now on, with what is late and what is in the
/// outbox, by a handle that can only look.
#[tokio::test]
async fn the_agenda_leaves_nobody_out() {
    let bench = bench().await;
    bench.store.admit(vec![arrival("late@example.org", at(0))], at(0)).await.expect("admitted");
    assert_eq!(bench.plan(at(1)).await, 1, "one is in the outbox");
    bench.store.admit(vec![arrival("soon@example.org", at(60))], at(2)).await.expect("admitted");
    bench
        .store
        .admit(vec![arrival("later@example.org", at(90 * 24 * 60))], at(2))
        .await
        .expect("ok");
    let path = bench.world.path().join("store.db");
    let visitor = Store::visit_sqlite(&path).await.expect("a database");
    let people = visitor.people_on_the_way(at(14 * 24 * 60), 10).await.expect("people");
    let emails: Vec<&str> = people.iter().map(|one| one.person.email.as_str()).collect();
    assert_eq!(emails, ["late@example.org", "soon@example.org"]);
    assert_eq!(visitor.people_on_the_way(at(14 * 24 * 60), 1).await.expect("people").len(), 1);
    let refused = visitor.admit(vec![arrival("x@example.org", at(0))], at(0)).await;
    assert!(refused.is_err(), "a visitor writes nothing");
}
