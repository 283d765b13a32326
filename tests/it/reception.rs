//! The reception: whom it asks, how often, and what a crash leaves of a question.

use fascicle::{
    library::Library,
    model::EmailAddress,
    time::{SignedDuration, Timestamp},
};

use crate::house::{House, START, days, is_confirmation};

/// Confirmations that are due at `due_at` to others at `domain`.
fn crowd(house: &House, domain: &str, count: usize, due_at: Timestamp) {
    house.execute(
        "INSERT INTO subscriber (id, email, email_key, fields, created_at)
         VALUES (1, 'x@crowd.example', 'x@crowd.example', '{}', 0) ON CONFLICT DO NOTHING",
    );
    house.execute(
        "INSERT INTO subscription (id, subscriber, list, state) VALUES (1, 1, 'back-care', 'pending')
         ON CONFLICT DO NOTHING",
    );
    house.execute(&format!(
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO sign_up (list, email, email_key, mailbox_key, domain, fields, words, snapshot,
           page, network, agent, asked_at, state, due_at, subscription)
         SELECT 'back-care', 'p' || i || '@{domain}', 'p' || i || '@{domain}',
           'p' || i || '@{domain}', '{domain}', '{{}}', '', '', '', '', '', {due_at}, 'asked', {due_at}, 1 FROM n",
        due_at = due_at.as_millisecond()
    ));
}

/// In how many hours the sign-up of `email` is answered with a mail.
async fn asked_in(house: &House, email: &str) -> i64 {
    house.sign_up(email).await;
    house.work().await;
    let key = EmailAddress::parse(email).expect("an address").key();
    let due_at = house
        .query(&format!("SELECT COALESCE(max(due_at), -1) FROM sign_up WHERE email_key = '{key}'"));
    if due_at < 0 {
        return -1;
    }
    (due_at - house.clock.now().as_millisecond()) / 3_600_000
}

#[tokio::test]
async fn a_crowd_at_one_domain_waits_and_nobody_else() {
    let house = House::open().await;
    crowd(&house, "example.org", 49, START);
    assert_eq!(asked_in(&house, "ada@example.org").await, 0, "the fiftieth");
    assert_eq!(asked_in(&house, "bob@example.org").await, 1);
    assert_eq!(asked_in(&house, "cleo@example.com").await, 0);
    crowd(&house, "gmail.com", 499, START);
    assert_eq!(asked_in(&house, "dora@gmail.com").await, 0);
    assert_eq!(asked_in(&house, "emil@gmail.com").await, 1);
    // What left more than an hour ago is not counted; what waits is.
    house.later(SignedDuration::from_hours(2)).await;
    assert_eq!(asked_in(&house, "finn@example.org").await, 0);
}

/// Forms that came together are counted one by one, and names below a domain
/// are one domain.
#[tokio::test]
async fn a_crowd_that_comes_at_once_is_a_crowd() {
    let house = House::open().await;
    house.execute(
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 120)
         INSERT INTO sign_up (list, email, email_key, mailbox_key, domain, fields, words, snapshot,
           page, network, agent, asked_at, state)
         SELECT 'back-care', 'p@d' || i || '.example.org', 'p@d' || i || '.example.org',
           'p@d' || i || '.example.org', 'example.org', '{}', '', '', '', '', '', 0, 'new' FROM n",
    );
    house.work().await;
    let due_in = |hours: i64| {
        let due_at = house.clock.now().as_millisecond() + hours * 3_600_000;
        house.query(&format!("SELECT count(*) FROM sign_up WHERE due_at = {due_at}"))
    };
    assert_eq!([due_in(0), due_in(1), due_in(2)], [50, 50, 20]);
    assert_eq!(asked_in(&house, "ada@mail.example.org").await, 2);
}

#[tokio::test]
async fn a_crowd_of_all_waits_and_what_is_over_a_day_is_not_asked() {
    let house = House::open().await;
    for part in 0..20 {
        crowd(&house, &format!("d{part}.example"), 100, START);
    }
    assert_eq!(asked_in(&house, "ada@example.org").await, 1);
    for part in 20..40 {
        crowd(&house, &format!("d{part}.example"), 2_300, START);
    }
    assert_eq!(asked_in(&house, "bob@example.org").await, -1, "forgotten");
    assert_eq!(house.query("SELECT count(*) FROM subscriber WHERE email LIKE 'bob%'"), 0);
}

/// Two lists ask one mailbox on two days (REQ-101).
#[tokio::test]
async fn another_list_asks_a_day_later() {
    let house = House::with(&[], |text| {
        let other =
            "[lists.other]\ntitle = \"Other\"\nconsent = \"Send me the other.\"\n\n[fields]";
        text.replace("[fields]", other)
    })
    .await;
    assert_eq!(asked_in(&house, "ada@example.org").await, 0);
    let stamp = house.get("/join/other").await.hidden("stamp").to_owned();
    house.later(SignedDuration::from_secs(5)).await;
    house.post("/join/other", &format!("email=ada@example.org&stamp={stamp}")).await;
    house.work().await;
    assert_eq!(house.confirmations("ada@example.org"), 1);
    house.later(days(1)).await;
    house.work().await;
    let mails = house.to("ada@example.org");
    assert_eq!(mails.iter().filter(|mail| is_confirmation(mail)).count(), 2);
}

/// Nobody knows whether it left: it is sent once more, the same mail.
#[tokio::test]
async fn a_confirmation_in_flight_at_a_crash_is_sent_once_more() {
    let house = House::open().await;
    let link = house.asked("ada@example.org").await;
    house.execute(
        "UPDATE message SET state = 'claimed', worker = 0, settled_at = NULL, body_hash = NULL
         WHERE kind = 'confirmation'",
    );
    house.execute("UPDATE attempt SET finished_at = NULL, verdict = NULL, reply = NULL");
    assert_eq!(house.service.recover().await.expect("recovered"), 1);
    house.work().await;
    assert_eq!(house.confirmations("ada@example.org"), 1, "not at once");
    house.later(SignedDuration::from_mins(15)).await;
    house.work().await;
    let mails = house.to("ada@example.org");
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].bytes, mails[1].bytes);
    assert_eq!(house.post(&link, "").await.status, 303);
    // The same crash again: the mail was there twice, and is for its owner now.
    house.execute(
        "UPDATE message SET state = 'claimed', worker = 0, settled_at = NULL
         WHERE kind = 'confirmation'",
    );
    assert_eq!(house.service.recover().await.expect("recovered"), 1);
    let state = "SELECT state FROM message WHERE kind = 'confirmation'";
    assert_eq!(house.text(state), "unknown");
}

/// A mailbox that was full is not a goodbye: the owner lets it go on, at the
/// part that came back.
#[tokio::test]
async fn who_bounced_and_is_released_goes_on() {
    let house = House::open().await;
    house.joined("ada@example.org").await;
    house.later(days(3)).await;
    house.suppress("ada@example.org");
    house.work().await;
    assert_eq!(house.text("SELECT state || ' ' || reason FROM enrollment"), "stopped bounced");
    house.later(days(2)).await;
    let ada = EmailAddress::parse("ada@example.org").expect("an address");
    let now = house.clock.now();
    let mut resumed = house.store.broken_off(&ada).await.expect("looked up");
    let applied =
        Library::new(house.store.clone()).current().await.expect("read").expect("applied");
    for course in &mut resumed {
        let goes_on =
            applied.goes_on(&course.campaign, course.zone.as_deref(), &course.enrollment, now);
        course.enrollment = goes_on.expect("there are more parts");
    }
    assert!(house.store.release(&ada, resumed, now).await.expect("released"));
    while house.service.wait_for_next().await.expect("it waits") {
        house.work().await;
    }
    let mails = house.to("ada@example.org");
    assert_eq!(mails.iter().filter(|mail| !is_confirmation(mail)).count(), 4);
    assert_eq!(house.query("SELECT count(*) FROM enrollment WHERE state = 'finished'"), 1);
}

/// A pause is not the end of a course: who is released meanwhile goes on in it.
#[tokio::test]
async fn who_is_released_in_a_pause_goes_on_after_it() {
    let house = House::open().await;
    house.joined("ada@example.org").await;
    house.later(days(3)).await;
    house.suppress("ada@example.org");
    house.work().await;
    house
        .apply_with(|files| {
            let path = "campaigns/knot-in-lower-back/campaign.toml";
            let (_, text) = files.find(path).expect("a file");
            let text = String::from_utf8(text.to_vec()).expect("text");
            files.insert(path, text.replace("\"active\"", "\"paused\"").into_bytes());
        })
        .await;
    let ada = EmailAddress::parse("ada@example.org").expect("an address");
    let broken_off = house.store.broken_off(&ada).await.expect("looked up");
    let applied =
        Library::new(house.store.clone()).current().await.expect("read").expect("applied");
    let course = &broken_off[0];
    let goes_on = applied.goes_on(&course.campaign, None, &course.enrollment, house.clock.now());
    assert!(goes_on.is_some());
}

/// A server that refuses `bob+x@` says nothing about `bob@`; and whoever signs
/// up the former must not keep the latter out.
#[tokio::test]
async fn a_refused_spelling_is_not_the_mailbox() {
    let house = House::open().await;
    let link = house.asked("ada@example.org").await;
    house.suppress("ada+x@example.org");
    house.suppress("bob+x@example.org");
    assert_eq!(house.post(&link, "").await.status, 303);
    house.joined("bob@example.org").await;
    assert_eq!(house.query("SELECT count(*) FROM subscription WHERE state = 'confirmed'"), 2);
}
