//! The real `fascicle run` against a relay outside the process.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    relay::{Action, At, Relay, header},
    world::{Running, World},
};

/// One HTTP request; returns the status and the whole answer.
fn request(address: &str, method: &str, path: &str, head: &str, body: &str) -> (u16, String) {
    let host = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("the pages are served");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{head}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.expect("a status"), answer)
}

const URLENCODED: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// The path of the one-click link in a mail.
fn way_out(mail: &crate::relay::Recorded) -> String {
    let link = header(&mail.bytes, "list-unsubscribe");
    let path = link.strip_prefix("<https://news.example.com").expect("our link");
    path.trim_end_matches('>').to_owned()
}

fn served(relay: &Relay, people: usize, connections: usize) -> (World, Running) {
    let world = World::at_once(relay, connections);
    world.good(&["apply"]);
    world.import(people);
    let running = world.start();
    (world, running)
}

#[track_caller]
fn wait_settled(world: &World, relay: &Relay, running: Running) {
    let open = "SELECT (SELECT count(*) FROM message WHERE state IN ('due', 'claimed'))
              + (SELECT count(*) FROM enrollment WHERE state IN ('waiting', 'sending'))";
    relay.wait_until("everything is settled", || world.query(open) == 0);
    running.stop();
}

#[test]
fn everybody_gets_every_part_once_and_in_order() {
    let relay = Relay::start();
    let (world, running) = served(&relay, 50, 4);
    wait_settled(&world, &relay, running);
    assert_eq!(relay.accepted().len(), 200);
    assert_eq!(relay.copies().len(), 200);
    assert_eq!(world.count("sent"), 200);
    assert_eq!(world.query("SELECT count(*) FROM enrollment WHERE state = 'finished'"), 50);
    assert!(relay.connections() >= 4);
    let status = world.good(&["status", "--format", "json"]);
    let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
    assert_eq!(status["messages"], serde_json::json!({"sent": 200}));
    assert_eq!(status["campaigns"][0]["finished"], 50);
}

/// Stopped and started at any moment, nothing is lost or doubled.
#[test]
fn a_clean_stop_loses_and_doubles_nothing() {
    let relay = Relay::start();
    let (world, mut running) = served(&relay, 100, 4);
    for round in 1..=5 {
        relay.wait_for(round * 37);
        running.stop();
        assert_eq!(world.count("claimed"), 0);
        running = world.start();
    }
    wait_settled(&world, &relay, running);
    assert_eq!(relay.accepted().len(), 400);
    assert_eq!(relay.copies().len(), 400);
}

#[test]
fn a_second_run_on_the_same_file_is_refused() {
    let relay = Relay::start();
    let (world, running) = served(&relay, 1, 1);
    let said = world.run(&["run", "--listen", "127.0.0.1:0"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(said.stderr.contains("another `fascicle run` sends from"), "{}", said.stderr);
    relay.wait_for(4);
    running.stop();
}

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

/// The answer to the dot is lost: once more, then parked.
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
    assert!(status.contains("unknown: handed over"), "{status}");
    assert!(status.contains("p1@example.org"), "{status}");
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
fn one_click_leaves_and_nothing_more_comes() {
    let relay = Relay::start();
    let world = World::founding();
    world.use_relay(&relay, 1);
    world.good(&["apply"]);
    world.import(1);
    let running = world.start();
    relay.wait_for(1);
    let path = way_out(&relay.accepted()[0]);
    let state = || world.query("SELECT count(*) FROM subscription WHERE state = 'left'");

    // Scanners look at every link: nothing happens.
    for method in ["GET", "HEAD", "GET"] {
        let (status, answer) = request(&running.pages, method, &path, "", "");
        assert_eq!(status, 200, "{answer}");
        assert_eq!(state(), 0, "{method} changed something");
    }
    let (_, page) = request(&running.pages, "GET", &path, "", "");
    assert!(page.contains("<form method=\"post\">"), "{page}");
    assert!(page.contains("referrer-policy: no-referrer"), "{page}");
    assert!(page.contains("content-security-policy: default-src 'none'"), "{page}");

    // A link that somebody tampered with.
    let forged = format!("{}A", &path[..path.len() - 1]);
    for bad in [forged.as_str(), "/u/x", "/u/", "/u/%00", "/u/../../etc/passwd"] {
        let (status, _) =
            request(&running.pages, "POST", bad, URLENCODED, "List-Unsubscribe=One-Click");
        assert_eq!(status, 404, "{bad}");
    }
    assert_eq!(state(), 0);

    // Both encodings, an empty body, and again and again.
    let multipart = "Content-Type: multipart/form-data; boundary=b\r\n";
    let form = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    for (head, body) in [(URLENCODED, "List-Unsubscribe=One-Click"), (multipart, form), ("", "")] {
        let (status, answer) = request(&running.pages, "POST", &path, head, body);
        assert_eq!(status, 200, "{answer}");
        assert!(!answer.contains("set-cookie"), "{answer}");
        assert_eq!(state(), 1);
    }
    running.stop();
    assert_eq!(world.query("SELECT count(*) FROM enrollment WHERE reason = 'left'"), 1);
    let consent = "SELECT count(*) FROM consent WHERE kind = 'withdrawn'";
    assert_eq!(world.query(consent), 1);

    // Whoever left comes back only by their own confirmation.
    let add = ["people", "add", "p0@example.org", "--list", "back-care", "--consent", "again"];
    let said = world.run(&add);
    assert_eq!(said.status.code(), Some(1));
    assert!(said.stderr.contains("they left this list before"), "{}", said.stderr);
    assert_eq!(state(), 1);
}

/// The unsubscribe is answered between RCPT and DATA: the last look sees it.
#[test]
fn an_unsubscribe_before_the_last_look_is_obeyed() {
    let relay = Relay::start();
    let (world, running) = served(&relay, 1, 1);
    relay.wait_for(1);
    wait_settled(&world, &relay, running);
    // A part is ready to go; while the relay is asked about its recipient,
    // that recipient leaves.
    let world = World::at_once(&relay, 1);
    world.edit("campaigns/knot-in-lower-back/campaign.toml", |text| {
        text.replace("id = \"massage\"", "id = \"massage\"\nafter = \"1h\"")
    });
    world.good(&["apply"]);
    world.import(1);
    let before = relay.accepted().len();
    let running = world.start();
    relay.wait_for(before + 1);
    let mail = relay.accepted().pop().expect("it arrived");
    running.stop();
    let connection = rusqlite::Connection::open(world.database()).expect("the database");
    connection
        .execute("UPDATE enrollment SET due_at = 0 WHERE state = 'waiting'", [])
        .expect("moved");
    drop(connection);
    let pages: Arc<Mutex<String>> = Arc::default();
    let click = {
        let (pages, path) = (pages.clone(), way_out(&mail));
        Arc::new(move || {
            let pages = pages.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let (status, _) =
                request(&pages, "POST", &path, URLENCODED, "List-Unsubscribe=One-Click");
            assert_eq!(status, 200);
        })
    };
    relay.rule(At::Rcpt, "p0@", 1, Action::First(click));
    let mut guard = pages.lock().unwrap_or_else(PoisonError::into_inner);
    let running = world.start();
    guard.clone_from(&running.pages);
    drop(guard);
    wait_settled(&world, &relay, running);
    assert_eq!(relay.accepted().len(), before + 1, "nothing came after the 200");
    assert_eq!(world.count("dropped"), 1);
}

#[test]
fn mail_stays_at_home_until_production() {
    let relay = Relay::start();
    let world = World::at_once(&relay, 1);
    // A relay that is not on this machine by its name; nothing listens there,
    // and nothing is asked to.
    world.edit("fascicle.toml", |text| {
        text.replace("host = \"127.0.0.1\"", "host = \"relay.invalid\"\nplaintext = true")
    });
    world.good(&["apply"]);
    world.import(2);
    let mut running = world.start();
    running.wait_for_line("production = false, and the address is not in `allow`");
    running.stop();
    assert_eq!(world.count("sent"), 0);
    assert_eq!(world.query("SELECT count(*) FROM attempt WHERE stage IS NOT NULL"), 0);
}

#[test]
fn what_was_edited_and_not_applied_is_not_sent() {
    let relay = Relay::start();
    let world = World::at_once(&relay, 1);
    world.good(&["apply"]);
    world.edit("campaigns/knot-in-lower-back/1-causes.md", |text| text + "\nHalf a sente");
    world.import(1);
    let mut running = world.start();
    running.wait_for_line("the files were edited since the last apply");
    relay.wait_for(4);
    running.stop();
    let text = String::from_utf8_lossy(&relay.accepted()[0].bytes).into_owned();
    assert!(!text.contains("Half a sente"));
}

/// Replies that are legal and odd: a code alone, a very long line.
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

/// A relay that takes two messages over a connection and then says 452.
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

/// What the relay never took may be rendered by a newer version of the site.
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

/// The lock is the file's own, by whatever name it is opened.
#[test]
fn a_second_run_through_a_link_is_refused() {
    let relay = Relay::start();
    let (world, running) = served(&relay, 1, 1);
    let other = World::at_once(&relay, 1);
    std::os::unix::fs::symlink(world.database(), other.database()).expect("a link");
    let said = other.run(&["run"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(said.stderr.contains("another `fascicle run` sends from"), "{}", said.stderr);
    relay.wait_for(4);
    wait_settled(&world, &relay, running);
}

#[test]
fn a_person_enters_by_what_they_did() {
    let relay = Relay::start();
    let world = World::at_once(&relay, 1);
    world.edit("campaigns/knot-in-lower-back/campaign.toml", |text| {
        text.replace("when  = \"confirmed\"", "when  = \"event:bought-program\"")
            .replace("exit  =", "# exit  =")
    });
    world.good(&["apply"]);
    world.import(2);
    assert_eq!(world.query("SELECT count(*) FROM enrollment"), 0);
    let said = world.run(&["people", "event", "p1@example.org", "bought-program"]);
    assert!(said.stderr.contains("entered 1 campaign"), "{}", said.stderr);
    let said = world.run(&["people", "event", "p1@example.org", "bought-program"]);
    assert!(!said.stderr.contains("entered"), "once: {}", said.stderr);
    let running = world.start();
    relay.wait_for(4);
    wait_settled(&world, &relay, running);
    assert!(relay.accepted().iter().all(|mail| mail.to == "p1@example.org"));
}

/// A connection's next message begins its DATA only after the last verdict is
/// in the database, where another process can read it.
#[test]
fn a_verdict_is_committed_before_the_next_message_goes_over_the_connection() {
    let relay = Relay::start();
    let world = World::at_once(&relay, 1);
    world.good(&["apply"]);
    world.import(20);
    let behind: Arc<Mutex<Vec<(usize, i64)>>> = Arc::default();
    let compare = {
        let (behind, relay, database) = (behind.clone(), relay.clone(), world.database());
        Arc::new(move || {
            let connection = rusqlite::Connection::open(&database).expect("the database");
            let sql = "SELECT count(*) FROM message WHERE state = 'sent'";
            let noted: i64 = connection.query_row(sql, [], |row| row.get(0)).expect("a count");
            let accepted = relay.accepted().len();
            if i64::try_from(accepted) != Ok(noted) {
                behind.lock().unwrap_or_else(PoisonError::into_inner).push((accepted, noted));
            }
        })
    };
    relay.rule(At::Data, "", usize::MAX, Action::First(compare));
    let running = world.start();
    relay.wait_for(80);
    wait_settled(&world, &relay, running);
    let behind = behind.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(behind.is_empty(), "accepted and not noted: {behind:?}");
}
