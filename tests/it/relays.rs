//! The real `fascicle run` against relays that are down, busy, full or odd.

use crate::{
    relay::{Action, At, Relay, header},
    serve::{served, wait_settled},
    world::World,
};

#[test]
fn messages_wait_for_a_relay_that_is_down_and_leave_later() {
    let relay = Relay::start();
    let world = World::at_once(&relay, 2);
    // A port that was free a moment ago and where nobody listens.
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("bound");
    drop(free);
    let port = format!("port = {}", relay.address().port());
    world.edit("fascicle.toml", |text| text.replace(&port, &format!("port = {}", address.port())));
    world.good(&["apply"]);
    world.import(3);
    let mut running = world.start();
    running.wait_for_line("the relay takes nothing");
    assert_eq!(world.count("sent"), 0);
    let late = Relay::start_at(address);
    late.wait_for(12);
    wait_settled(&world, &late, running);
    assert_eq!(late.copies().len(), 12);
    assert_eq!(world.count("sent"), 12);
}

#[test]
fn messages_wait_for_a_relay_that_refuses_everything() {
    let relay = Relay::start();
    relay.rule(At::Connect, "", 1, Action::Reply("554 no service"));
    relay.rule(At::Mail, "", 1, Action::Reply("550 5.7.1 not you"));
    let (world, running) = served(&relay, 2, 1);
    relay.wait_for(8);
    wait_settled(&world, &relay, running);
    assert_eq!(world.count("sent"), 8);
    assert_eq!(relay.copies().len(), 8);
}

#[test]
fn a_deferred_message_is_tried_later_with_the_same_bytes() {
    let relay = Relay::start();
    relay.rule(At::Dot, "p0@", 1, Action::Reply("451 4.3.0 try later"));
    relay.rule(At::Rcpt, "p1@", 1, Action::Reply("450 4.7.1 greylisted"));
    let (world, running) = served(&relay, 3, 1);
    relay.wait_for(4);
    let due = "SELECT count(*) FROM message WHERE state = 'due' AND deferrals = 1";
    relay.wait_until("both are deferred", || world.query(due) == 2);
    running.stop();
    // Five minutes later.
    let connection = rusqlite::Connection::open(world.database()).expect("the database");
    connection.execute("UPDATE message SET due_at = 0 WHERE state = 'due'", []).expect("moved");
    drop(connection);
    let noted = "SELECT count(*) FROM message WHERE body_hash IS NOT NULL AND state = 'due'";
    assert_eq!(world.query(noted), 2);
    let running = world.start();
    wait_settled(&world, &relay, running);
    assert_eq!(world.count("sent"), 12);
    assert_eq!(world.query("SELECT count(*) FROM message WHERE attempt = 2"), 2);
    for mail in relay.accepted() {
        let noted = format!("SELECT count(*) FROM message WHERE body_hash = '{}'", mail.hash);
        assert_eq!(world.query(&noted), 1);
    }
}

#[test]
fn an_address_that_does_not_exist_is_never_written_to_again() {
    let relay = Relay::start();
    relay.rule(At::Rcpt, "p1@", usize::MAX, Action::Reply("550 5.1.1 no such user"));
    let (world, running) = served(&relay, 3, 1);
    wait_settled(&world, &relay, running);
    assert_eq!(world.count("sent"), 8);
    assert_eq!(world.count("refused"), 1);
    assert_eq!(
        world.query("SELECT count(*) FROM suppression WHERE email_key = 'p1@example.org'"),
        1
    );
    let add = ["people", "add", "p1@example.org", "--list", "back-care", "--consent", "again"];
    world.run(&add);
    assert_eq!(
        world.query("SELECT count(*) FROM enrollment WHERE state IN ('waiting', 'sending')"),
        0
    );
}

#[test]
fn a_full_mailbox_misses_a_part_and_gets_the_next() {
    let relay = Relay::start();
    let (world, running) = served(&relay, 1, 1);
    relay.wait_for(1);
    wait_settled(&world, &relay, running);
    relay.rule(At::Rcpt, "full@", 1, Action::Reply("552 5.2.2 mailbox full"));
    let running = world.start();
    for person in ["first@example.org", "full@example.org"] {
        world.good(&["people", "add", person, "--list", "back-care", "--consent", "a test"]);
        relay.wait_until("they were written to", || {
            let sql = "SELECT count(*) FROM message m JOIN subscriber p ON p.id = m.subscriber
                       WHERE m.state IN ('sent', 'refused') AND p.email = ";
            world.query(&format!("{sql}'{person}'")) == 4
        });
    }
    wait_settled(&world, &relay, running);
    assert_eq!(world.count("refused"), 1);
    assert_eq!(world.query("SELECT count(*) FROM suppression"), 0);
}

#[test]
fn a_message_of_unknown_fate_is_tried_once_more_and_then_parked() {
    let relay = Relay::start();
    relay.rule(At::Dot, "p0@", 1, Action::KeepAndHangUp);
    relay.rule(At::Dot, "p1@", 2, Action::KeepAndHangUp);
    let (world, running) = served(&relay, 3, 1);
    wait_settled(&world, &relay, running);
    assert_eq!(world.count("unknown"), 1);
    assert_eq!(world.count("sent"), 11);
    let copies = relay.copies();
    let doubled: Vec<_> = copies.values().filter(|copies| copies.len() > 1).collect();
    assert_eq!(doubled.len(), 2);
    for copies in doubled {
        assert_eq!(copies.len(), 2, "never a third");
        assert_eq!(copies[0].hash, copies[1].hash);
    }
    let status = world.good(&["status"]);
    assert!(status.contains("unknown: the answer was lost"), "{status}");
    assert!(status.contains(", parked"), "{status}");
    assert!(status.contains("p1@example.org"), "{status}");
}

#[test]
fn a_message_of_unknown_fate_is_listed_while_it_waits() {
    let relay = Relay::start();
    relay.rule(At::Dot, "p0@", 1, Action::KeepAndHangUp);
    let world = World::at_once(&relay, 1);
    world.edit("campaigns/knot-in-lower-back/campaign.toml", |text| {
        text.replace("unknown_delay = \"0m\"", "")
    });
    world.good(&["apply"]);
    world.import(1);
    let running = world.start();
    let waits = "SELECT count(*) FROM message WHERE state = 'due' AND unknowns = 1";
    relay.wait_until("it waits", || world.query(waits) == 1);
    let status = world.good(&["status"]);
    assert!(status.contains("tried once more at"), "{status}");
    let status = world.good(&["status", "--format", "json"]);
    let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
    assert_eq!(status["unknown"][0]["to"], "p0@example.org");
    assert!(status["unknown"][0]["retry_at"].is_string(), "{status}");
    running.stop();
}

#[test]
fn a_connection_lost_before_the_dot_is_tried_again_without_a_copy() {
    let relay = Relay::start();
    relay.rule(At::Data, "p0@", 1, Action::HangUp);
    relay.rule(At::Rcpt, "p1@", 1, Action::Reply("421 4.3.2 going down"));
    let (world, running) = served(&relay, 2, 1);
    wait_settled(&world, &relay, running);
    assert_eq!(relay.accepted().len(), 8);
    assert_eq!(relay.copies().len(), 8);
    assert_eq!(world.count("sent"), 8);
}

#[test]
fn an_odd_reply_to_the_dot_is_an_acceptance() {
    let relay = Relay::start();
    relay.rule(At::Mail, "", 1, Action::Reply("250"));
    relay.rule(At::Dot, "p0@", 1, Action::ReplyAndKeep("250"));
    let long: &'static str = Box::leak(format!("250 {}", "x".repeat(3_000)).into_boxed_str());
    relay.rule(At::Dot, "p1@", 1, Action::ReplyAndKeep(long));
    let (world, running) = served(&relay, 2, 1);
    wait_settled(&world, &relay, running);
    assert_eq!(world.count("sent"), 8);
    assert_eq!(relay.accepted().len(), 8);
}

#[test]
fn a_relay_that_has_had_enough_gets_a_new_connection() {
    let relay = Relay::start();
    for n in 0..4 {
        relay.rule(At::Rcpt, &format!("p{n}@"), 1, Action::Reply("452 4.5.3 too many"));
    }
    let (world, running) = served(&relay, 4, 1);
    // The first of them is new to the connection, and waits its five minutes.
    relay.wait_for(12);
    relay.wait_until("the others were asked again", || world.count("sent") == 12);
    running.stop();
    assert_eq!(world.query("SELECT count(*) FROM message WHERE deferrals > 0"), 1);
    assert!(relay.connections() >= 4);
}

#[test]
fn a_deferred_message_survives_a_change_of_the_site() {
    let relay = Relay::start();
    relay.rule(At::Rcpt, "p0@", 1, Action::Reply("450 4.7.1 greylisted"));
    let (world, running) = served(&relay, 1, 1);
    let due = "SELECT count(*) FROM message WHERE state = 'due' AND deferrals = 1";
    relay.wait_until("it is deferred", || world.query(due) == 1);
    running.stop();
    world.edit("fascicle.toml", |text| text.replace("news.example.com\"", "letters.example.com\""));
    world.good(&["apply"]);
    let connection = rusqlite::Connection::open(world.database()).expect("the database");
    connection.execute("UPDATE message SET due_at = 0 WHERE state = 'due'", []).expect("moved");
    drop(connection);
    let running = world.start();
    relay.wait_for(4);
    wait_settled(&world, &relay, running);
    assert_eq!(world.count("sent"), 4);
    // Its words and links are those of its version, the next part's are new.
    let links: Vec<String> =
        relay.accepted().iter().map(|mail| header(&mail.bytes, "list-unsubscribe")).collect();
    assert!(links[0].starts_with("<https://news.example.com/u/"), "{}", links[0]);
    assert!(links[1].starts_with("<https://letters.example.com/u/"), "{}", links[1]);
}
