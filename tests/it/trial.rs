//! `fascicle test`: real mails to their own author.

use std::{
    collections::BTreeSet,
    process::{Command, Stdio},
    sync::Arc,
};

use expect_test::{Expect, expect};

use crate::{
    relay::{Action, At, Relay, header},
    world::{Said, World},
};

const COURSE: [&str; 6] = ["test", "knot-in-lower-back", "--to", "me@example.com", "--every", "0s"];

const SLOWLY: [&str; 6] = ["test", "knot-in-lower-back", "--to", "me@example.com", "--every", "1h"];

/// The founding project with its mail going to `relay`.
fn world(relay: &Relay) -> World {
    let world = World::founding();
    world.use_relay(relay, 1);
    world
}

#[track_caller]
fn check(said: &Said, relay: &Relay, code: i32, expected: Expect) {
    let port = relay.address().port().to_string();
    expected.assert_eq(&said.stderr.replace(&port, "PORT"));
    assert_eq!(said.status.code(), Some(code), "{}", said.stderr);
    assert_eq!(relay.complaints(), Vec::<String>::new());
}

#[test]
fn one_part_comes_as_it_would_and_as_a_mail_of_its_own() {
    let relay = Relay::start();
    let world = world(&relay);
    let one = ["test", "knot-in-lower-back/causes", "--to", "me@example.com", "--sample", "Ada"];
    let said = world.run(&one);
    check(
        &said,
        &relay,
        0,
        expect![[r#"
            knot-in-lower-back/causes, as Ada gets it, to me@example.com through 127.0.0.1:PORT
            the links that leave a list or confirm open nothing: nobody is subscribed by a test
            causes: sent (250 2.0.0 taken)
            1 sent
        "#]],
    );
    world.good(&one);
    let mails = relay.accepted();
    assert_eq!(mails.len(), 2);
    for mail in &mails {
        assert_eq!(mail.to, "me@example.com");
        assert_eq!(mail.from, "hello@news.example.com");
        assert_eq!(header(&mail.bytes, "to"), "<me@example.com>");
        assert_eq!(header(&mail.bytes, "subject"), "Why there is a knot in your lower back");
        assert_eq!(header(&mail.bytes, "list-unsubscribe-post"), "List-Unsubscribe=One-Click");
        let parsed = mail_parser::MessageParser::default().parse(&mail.bytes).expect("a message");
        assert!(parsed.body_text(0).expect("a text part").contains("Hi Ada,"));
        // What `render` prints is dated in March; this one now.
        assert!(!header(&mail.bytes, "date").contains("27 Mar 2026"));
    }
    assert_ne!(mails[0].message_id, mails[1].message_id, "a test repeated is another mail");
    assert!(!world.database().exists(), "a test needs no database");
}

#[test]
fn a_course_comes_whole_as_its_sample_gets_it() {
    let relay = Relay::start();
    let world = world(&relay);
    let said = world.run(&[&COURSE[..], &["--sample", "Kenji", "--format", "json"]].concat());
    check(
        &said,
        &relay,
        0,
        expect![[r#"
            3 mails, as Kenji gets them, to me@example.com through 127.0.0.1:PORT
            the links that leave a list or confirm open nothing: nobody is subscribed by a test
            causes: sent (250 2.0.0 taken)
            massage: sent (250 2.0.0 taken)
            strengthening: sent (250 2.0.0 taken)
            3 sent
        "#]],
    );
    let lines: Vec<serde_json::Value> = serde_json::from_str(&said.stdout).expect("an array");
    let mails = relay.accepted();
    assert_eq!(mails.len(), 3);
    for (line, mail) in lines.iter().zip(&mails) {
        let message_id = line["message_id"].as_str().expect("a text");
        assert_eq!(format!("<{message_id}>"), mail.message_id);
        assert_eq!(line["subject"], header(&mail.bytes, "subject"));
        assert_eq!(line["verdict"], "accepted");
        assert_eq!(line["reply"], "250 2.0.0 taken");
    }
    assert_eq!(lines[2]["message"], "knot-in-lower-back/strengthening");
    let ids: BTreeSet<&str> = mails.iter().map(|mail| mail.message_id.as_str()).collect();
    assert_eq!(ids.len(), 3);
}

#[test]
fn the_confirmation_can_be_tested_too_and_has_no_way_out() {
    let relay = Relay::start();
    let world = world(&relay);
    world.good(&["test", "confirm", "--to", "me@example.com"]);
    let mails = relay.accepted();
    assert_eq!(mails.len(), 1);
    assert_eq!(header(&mails[0].bytes, "list-unsubscribe"), "");
    assert_eq!(header(&mails[0].bytes, "subject"), "Please confirm: Back care course");
}

#[test]
fn a_refusal_is_told_with_what_to_do() {
    let relay = Relay::start();
    let world = world(&relay);
    relay.rule(At::Dot, "", 1, Action::Reply("554 5.7.1 too many words"));
    relay.rule(At::Dot, "", 1, Action::Reply("451 4.3.0 later"));
    relay.rule(At::Dot, "", 1, Action::KeepAndHangUp);
    let said = world.run(&COURSE);
    check(
        &said,
        &relay,
        1,
        expect![[r#"
            4 mails, as Ada gets them, to me@example.com through 127.0.0.1:PORT
            the links that leave a list or confirm open nothing: nobody is subscribed by a test
            causes: refused at dot: 554 5.7.1 too many words
              hint: the relay refuses this mail, not the address: its words say what to change
            massage: deferred at dot: 451 4.3.0 later
              hint: that is for now: try again in some minutes
            ql-claw: unknown at dot: the connection ended after the final dot
              hint: it may have arrived: look before you send it again
            strengthening: sent (250 2.0.0 taken)
            1 sent, 1 deferred, 1 refused, 1 unknown
        "#]],
    );
}

#[test]
fn what_holds_for_all_parts_is_asked_once() {
    let relay = Relay::start();
    let world = world(&relay);
    relay.rule(At::Rcpt, "", 9, Action::Reply("550 5.1.1 no such user"));
    let said = world.run(&[&COURSE[..], &["--format", "json"]].concat());
    check(
        &said,
        &relay,
        1,
        expect![[r#"
            4 mails, as Ada gets them, to me@example.com through 127.0.0.1:PORT
            the links that leave a list or confirm open nothing: nobody is subscribed by a test
            causes: refused at rcpt: 550 5.1.1 no such user
              hint: is me@example.com written rightly? Many relays write only to proven addresses at first
            1 refused, 3 not sent
        "#]],
    );
    let lines: Vec<serde_json::Value> = serde_json::from_str(&said.stdout).expect("an array");
    let verdicts: Vec<&str> = lines.iter().filter_map(|line| line["verdict"].as_str()).collect();
    assert_eq!(verdicts, ["refused", "not sent", "not sent", "not sent"]);
    assert_eq!(relay.connections(), 1);
    relay.rule(At::Mail, "", 9, Action::Reply("550 5.7.1 not your domain"));
    let said = world.run(&COURSE);
    assert!(said.stderr.contains("does not send for hello@news.example.com"), "{}", said.stderr);
    assert_eq!(relay.connections(), 2);
}

/// The same sandbox as `run`: the relay is elsewhere, and nobody is written to
/// who is not in `allow`. No connection is tried.
#[test]
fn before_production_only_allowed_addresses_are_written_to() {
    let world = World::founding();
    let elsewhere = |text: String| text.replace("host = \"127.0.0.1\"", "host = \"192.0.2.1\"");
    world.edit("fascicle.toml", elsewhere);
    let said = world.run(&COURSE);
    assert_eq!(said.status.code(), Some(1));
    assert_eq!(
        said.stderr,
        "error: me@example.com gets no mail: production = false, and the address is not in `allow`; \
         write allow = [\"me@example.com\"] into fascicle.toml\n"
    );
    // With it, what is missing next is the secret.
    world.edit("fascicle.toml", |text| {
        text.replace("allow      = []", "allow = [\"me@example.com\"]").replace(
            "port = 1025",
            "port = 1025\nusername = \"env:NOBODY_HAS_THIS\"\npassword = \"env:NOBODY_HAS_THIS\"",
        )
    });
    let said = world.run(&COURSE);
    assert_eq!(said.status.code(), Some(1));
    assert!(said.stderr.contains("the environment has no NOBODY_HAS_THIS"), "{}", said.stderr);
}

#[test]
fn wrong_wishes_are_answered_with_what_there_is() {
    let world = World::founding();
    let check = |arguments: &[&str], code: i32, expected: &str| {
        let said = world.run(&[&["test"], arguments].concat());
        assert_eq!(said.status.code(), Some(code), "{arguments:?}: {}", said.stderr);
        assert!(said.stderr.contains(expected), "{arguments:?}: {}", said.stderr);
    };
    let to = ["--to", "me@example.com"];
    check(&["knot-in-lower-back"], 2, "--to <ADDRESS>");
    check(&["knot-in-lower-back", "--to", "me"], 1, "`me` is not an email address");
    check(&[&["knot/causes"], &to[..]].concat(), 1, "there is no campaign `knot`");
    check(&[&["knot-in-lower-back/x"], &to[..]].concat(), 1, "it has: causes, massage");
    let every = ["knot-in-lower-back", "--every", "soon"];
    check(&[&every, &to[..]].concat(), 1, "write it like 30s or 5m");
}

/// Ctrl-C between two parts: what went is told, and what did not.
#[test]
fn stopped_between_two_parts_it_says_what_was_sent() {
    let relay = Relay::start();
    let world = world(&relay);
    let mut command = world.command(&SLOWLY);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the program starts");
    relay.wait_for(1);
    interrupt(child.id());
    let output = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("causes: sent (250 2.0.0 taken)\n"), "{stderr}");
    assert!(stderr.ends_with("1 sent, 3 not sent\n"), "{stderr}");
    assert_eq!(relay.accepted().len(), 1);
}

/// Ctrl-C while the relay has the message: its answer is waited for.
#[test]
fn stopped_while_it_sends_it_hears_the_answer() {
    let relay = Relay::start();
    let world = world(&relay);
    let child = world.command(&SLOWLY).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the program starts");
    let id = child.id();
    let stop = Action::First(Arc::new(move || interrupt(id)));
    relay.rule(At::Dot, "", 1, stop);
    let output = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("causes: sent (250 2.0.0 taken)\n"), "{stderr}");
    assert!(stderr.ends_with("1 sent, 3 not sent\n"), "{stderr}");
}

fn interrupt(id: u32) {
    let status = Command::new("kill").args(["-INT", &id.to_string()]).status();
    assert!(status.expect("kill is there").success());
}
