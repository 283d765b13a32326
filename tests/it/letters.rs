//! What goes over the wire.

use std::process::Command;

use crate::{
    relay::{Relay, header},
    world::{World, root},
};

/// Python's `email` finds no defects; the size, the parts and the words are
/// what they must be.
#[test]
fn python_reads_every_mail_of_the_demo_without_a_defect() {
    let world = World::founding();
    let out = world.path().join("mails");
    world.good(&["demo", "--exit", "--out", out.to_str().expect("UTF-8")]);
    let output = Command::new("python3")
        .arg(root().join("tests/data/check_eml.py"))
        .arg(&out)
        .output()
        .expect("python3 is there; tests/run installs it");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.lines().last(), Some("31 mails, 0 complaints"), "{said}");
}

/// Names that try to become something else, as they arrive.
#[test]
fn a_persons_data_is_data() {
    let relay = Relay::start();
    let world = World::at_once(&relay, 2);
    world.good(&["apply"]);
    let names = [
        "{{7*7}}",
        "{{> footer}}",
        "{{#each this}}",
        "<script>alert(1)</script>",
        "\" onmouseover=\"alert(1)",
        "</mj-text></mj-column>",
        "zq0x0z",
        "Zoë \u{202e}evil",
        "ends with a dot.",
        ". starts with one",
        "=?utf-8?q?x?=",
    ];
    for (index, name) in names.iter().enumerate() {
        let email = format!("p{index}@example.org");
        let field = format!("first_name={name}");
        let consent = ["--list", "back-care", "--consent", "a test"];
        world.good(&[&["people", "add", &email, "--field", &field], &consent[..]].concat());
    }
    let running = world.start();
    relay.wait_for(names.len() * 4);
    running.stop();
    assert_eq!(relay.complaints(), Vec::<String>::new());
    for (index, name) in names.iter().enumerate() {
        let to = format!("p{index}@example.org");
        let mail = relay.accepted().into_iter().find(|mail| mail.to == to).expect("it arrived");
        let parsed = mail_parser::MessageParser::default().parse(&mail.bytes).expect("a message");
        let text = parsed.body_text(0).expect("a text part");
        assert!(text.contains(&format!("Hi {name},")), "{name}: {text}");
        let html = parsed.body_html(0).expect("an HTML part");
        let escaped = handlebars::html_escape(name);
        assert!(html.contains(&format!("Hi {escaped},")), "{name}");
        assert!(!html.contains("<script>"), "{name}");
    }
}

#[test]
fn every_mail_has_the_headers_that_providers_ask_for() {
    let relay = Relay::start();
    let world = World::at_once(&relay, 1);
    world.good(&["apply"]);
    world.import(1);
    let running = world.start();
    relay.wait_for(4);
    running.stop();
    let mails = relay.accepted();
    for mail in &mails {
        let text = String::from_utf8_lossy(&mail.bytes).into_owned();
        let head = text.split("\r\n\r\n").next().expect("a head");
        for name in ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Id"] {
            let count = head.lines().filter(|line| line.starts_with(&format!("{name}: "))).count();
            assert_eq!(count, 1, "{name} in {head}");
        }
        let one_click = "List-Unsubscribe-Post: List-Unsubscribe=One-Click";
        assert!(head.lines().any(|line| line == one_click), "{head}");
        let link =
            head.lines().find(|line| line.starts_with("List-Unsubscribe: ")).expect("a way out");
        assert!(link.starts_with("List-Unsubscribe: <https://news.example.com/u/"), "{link}");
        assert!(link.ends_with('>') && link.len() < 300, "on one line: {link}");
        assert!(!head.contains("back-care"), "the list's name is nobody's business: {head}");
        assert_eq!(header(&mail.bytes, "auto-submitted"), "auto-generated");
        assert_eq!(mail.from, "hello@news.example.com");
    }
    let same = |name: &str| {
        mails.iter().all(|mail| header(&mail.bytes, name) == header(&mails[0].bytes, name))
    };
    assert!(same("list-id"), "stable for a list");
    assert!(!same("message-id"));
}

/// The layouts and the founding words, as HTML and text.
#[test]
fn the_founding_mails_are_as_they_were_looked_at() {
    let world = World::founding();
    for step in ["causes", "massage", "ql-claw", "strengthening"] {
        for (part, extension) in [("html", "html"), ("text", "txt")] {
            let message = format!("knot-in-lower-back/{step}");
            let arguments = ["render", &message, "--sample", "Ada", "--part", part];
            let file =
                format!("{}/tests/data/letters/{step}.{extension}", env!("CARGO_MANIFEST_DIR"));
            expect_test::expect_file![file].assert_eq(&world.good(&arguments));
        }
    }
    for (part, extension) in [("html", "html"), ("text", "txt")] {
        let file = format!("{}/tests/data/letters/confirm.{extension}", env!("CARGO_MANIFEST_DIR"));
        expect_test::expect_file![file]
            .assert_eq(&world.good(&["render", "confirm", "--part", part]));
    }
}

#[test]
fn lines_that_begin_with_a_dot_arrive_as_they_were() {
    let relay = Relay::start();
    let world = World::at_once(&relay, 1);
    let words = "---\nSubject: .dots\n---\n\n```\n.\n..\n.x\n```\n\n.\n\nEnd.\n";
    world.write("campaigns/knot-in-lower-back/1-causes.md", words);
    world.good(&["apply"]);
    world.import(1);
    let running = world.start();
    relay.wait_for(4);
    running.stop();
    let mail = &relay.accepted()[0];
    let parsed = mail_parser::MessageParser::default().parse(&mail.bytes).expect("a message");
    let text = parsed.body_text(0).expect("a text part").replace("\r\n", "\n");
    assert!(text.contains("\n.\n..\n.x\n"), "{text:?}");
    let noted = format!("SELECT count(*) FROM message WHERE body_hash = '{}'", mail.hash);
    assert_eq!(world.query(&noted), 1, "what arrived is what was noted");
}
