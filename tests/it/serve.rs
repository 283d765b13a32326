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

pub(crate) fn served(relay: &Relay, people: usize, connections: usize) -> (World, Running) {
    let world = World::at_once(relay, connections);
    world.good(&["apply"]);
    world.import(people);
    let running = world.start();
    (world, running)
}

#[track_caller]
pub(crate) fn wait_settled(world: &World, relay: &Relay, running: Running) {
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
    assert!(page.contains("<form method=\"post\""), "{page}");
    assert!(page.contains("referrer-policy: no-referrer"), "{page}");
    assert!(page.contains("content-security-policy: default-src 'none'"), "{page}");

    // A link that somebody tampered with.
    let other = if path.ends_with('A') { "B" } else { "A" };
    let forged = format!("{}{other}", &path[..path.len() - 1]);
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
/// A relay that takes two messages over a connection and then says 452.
/// What the relay never took may be rendered by a newer version of the site.
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
