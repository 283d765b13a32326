//! The demo as a whole: its sender is killed, and its pages are there.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use regex_lite::Regex;
use serde_json::Value;

use crate::world::{World, root};

/// What `demo --crash` says of itself, and the mails it kept.
struct Crash {
    lines: Vec<Value>,
    summary: Value,
    mails: Vec<Vec<u8>>,
}

impl Crash {
    #[track_caller]
    fn run(world: &World, article: &[&str]) -> Crash {
        let crash = ["--crash", "--exit", "--format", "json", "--out", "mails"];
        let output = world.good(&[&["demo"], article, &crash].concat());
        let mut lines: Vec<Value> =
            output.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
        let summary = lines.pop().expect("a summary")["summary"].take();
        let folder = fs::read_dir(world.path().join("mails")).expect("mails");
        let mails = folder.map(|entry| fs::read(entry.expect("an entry").path()).expect("a mail"));
        Crash { lines, summary, mails: mails.collect() }
    }

    #[track_caller]
    fn count(&self, key: &str) -> usize {
        let count = self.summary[key].as_u64();
        usize::try_from(count.unwrap_or_else(|| panic!("{key} in {}", self.summary))).expect("few")
    }

    /// The mails by their Message-ID.
    fn by_id(&self) -> BTreeMap<String, Vec<&[u8]>> {
        let mut by_id: BTreeMap<String, Vec<&[u8]>> = BTreeMap::new();
        for mail in &self.mails {
            by_id.entry(crate::relay::header(mail, "message-id")).or_default().push(mail);
        }
        by_id
    }
}

#[track_caller]
fn check(world: &World, article: &[&str], (people, messages): (usize, usize)) {
    let crash = Crash::run(world, article);
    let by_id = crash.by_id();
    let said = &crash.summary;
    assert_eq!(crash.count("people"), people);
    assert!(crash.count("killed") > 5, "{said}");
    assert_eq!(crash.count("lost") + crash.count("parked") + crash.count("different"), 0, "{said}");
    // What it says is what is there.
    assert_eq!(crash.count("arrived"), by_id.len());
    assert_eq!(by_id.len(), messages, "as many as without a kill");
    assert_eq!(crash.count("sent") + crash.count("unnoted"), messages, "{said}");
    let copies = said["copies"].as_array().expect("a list");
    assert_eq!(copies.len(), crash.mails.len() - by_id.len());
    assert!(!copies.is_empty(), "a kill before the answer makes one");
    let bound = 4 * crash.count("killed");
    assert!(copies.len() <= bound && crash.count("copies_max") == bound, "{said}");
    for (id, mails) in &by_id {
        assert!(mails.iter().all(|mail| *mail == mails[0]), "{id} came with other bytes");
        let named = copies.iter().filter(|copy| format!("<{}>", text(&copy["message_id"])) == *id);
        assert_eq!(named.count(), mails.len() - 1, "{id}");
    }
    let kills = crash.lines.iter().filter(|line| !line["kill"].is_null()).count();
    assert_eq!(kills, crash.count("killed"));
    in_order(&crash.lines);
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Nobody gets a part before the one that comes before it.
#[track_caller]
fn in_order(lines: &[Value]) {
    let mut steps: Vec<&str> = Vec::new();
    let mut by_person: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line["kind"] == "step" && line["copy"] == false) {
        let step = text(&line["step"]);
        // Of everybody together, a first part comes before any second one.
        let index = steps.iter().position(|known| *known == step).unwrap_or_else(|| {
            steps.push(step);
            steps.len() - 1
        });
        by_person.entry(text(&line["to"])).or_default().push(index);
    }
    for (person, parts) in by_person {
        assert!(parts.is_sorted(), "{person}: {parts:?} of {steps:?}");
    }
}

/// Nine times seven people, less three: 265 mails.
#[test]
fn nothing_is_lost_when_the_demo_kills_its_sender() {
    check(&World::founding(), &[], (60, 265));
}

#[test]
fn nothing_of_an_article_is_lost_either() {
    let article = root().join("tests/data/articles/founding.txt");
    check(&World::empty(), &[article.to_str().expect("UTF-8")], (60, 270));
}

/// A line without what differs from run to run.
fn shape(line: &str) -> String {
    let kinds = [
        (
            r"^\w{3} \d\d \w{3} \d\d:\d\d  \S+ UTC +the sender +is killed after mail \d+, .*$",
            "a kill",
        ),
        (r"^\w{3} \d\d \w{3} \d\d:\d\d  [+-]\d\d:\d\d \S+ .*$", "an arrival"),
        (r"^mail \d+ is mail \d+ once more: \S+ to \S+ <\S+>$", "a copy"),
        (r"^(killed|sent|unnoted|copies) +\d+", "$1 #"),
        (r"of at most \d+:", "of at most #:"),
    ];
    let mut line = line.to_owned();
    for (pattern, kind) in kinds {
        line = Regex::new(pattern).expect("a pattern").replace_all(&line, kind).into_owned();
    }
    line
}

/// The recorded run is what the program still says, but for chance.
#[test]
fn the_recorded_run_has_the_shape_of_a_run() {
    let recorded = fs::read_to_string(root().join("tests/data/demo-crash.txt")).expect("the run");
    let article = root().join("tests/data/articles/founding.txt");
    let article = article.to_str().expect("UTF-8");
    let output = World::empty().good(&["demo", article, "--crash", "--exit"]);
    let shapes = |text: &str| -> Vec<String> {
        let mut shapes: Vec<String> = text.lines().map(shape).collect();
        shapes.dedup();
        // Kills are strewn among arrivals.
        shapes.retain(|shape| shape != "an arrival");
        shapes.dedup();
        shapes
    };
    assert_eq!(shapes(&output), shapes(&recorded));
}

/// A demo that shows its pages.
struct Demo {
    child: Child,
    host: String,
}

impl Demo {
    #[track_caller]
    fn start(world: &World) -> Demo {
        let mut child = world
            .command(&["demo"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let line = stderr.lines().map_while(Result::ok).find(|line| line.starts_with("play:"));
        let line = line.expect("it says where it is");
        let host = line.trim_start_matches("play:").trim().trim_start_matches("http://");
        let host = host.trim_end_matches("/play").to_owned();
        Demo { child, host }
    }

    /// Asks as somebody who calls the machine `host`.
    #[track_caller]
    fn ask(&self, path: &str, host: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(&self.host).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        BufReader::new(stream)
    }

    #[track_caller]
    fn get(&self, path: &str, host: &str) -> String {
        let mut answer = String::new();
        self.ask(path, host).read_to_string(&mut answer).expect("answered");
        answer
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Asked, not killed: it takes its folder away.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

#[track_caller]
fn has(answer: &str, status: u16, words: &[&str]) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    for word in words {
        assert!(answer.contains(word), "no {word} in {answer}");
    }
}

/// Series, play, mails and the subscribers' pages at one address.
#[test]
fn the_demo_has_one_address_for_everything() {
    let demo = Demo::start(&World::founding());
    let get = |path: &str| demo.get(path, &demo.host);
    has(&get("/"), 200, &["Back Care Letter", "/campaign/knot-in-lower-back"]);
    has(&get("/campaign/knot-in-lower-back"), 200, &["Deep tissue massage"]);
    let play = get("/play");
    has(&play, 200, &["data-state=\"over\"", "−30 min", "+1 h", "href=\"/inbox/31\""]);
    has(&play, 200, &["script-src 'self'; style-src 'self'", "data-count=\"mail\">31</dd>"]);
    assert!(!play.contains("<style") && !play.contains(" style="), "{play}");
    has(&get("/play.js"), 200, &["text/javascript"]);
    has(&get("/play.css"), 200, &["text/css"]);
    has(&get("/inbox"), 200, &["31 mails</span>"]);
    has(&get("/inbox/31"), 200, &["Stretch and strengthen", "/inbox/31/html"]);
    has(&get("/join/back-care"), 200, &["name=\"email\""]);
    has(&get("/nowhere"), 404, &[]);
    let events = demo.ask("/play/events", &demo.host).lines().map_while(Result::ok);
    let event = events.into_iter().find(|line| line.starts_with("event:"));
    assert_eq!(event.as_deref(), Some("event: over"));
}

/// A page elsewhere that calls this machine by its own name reads nothing.
#[test]
fn the_demo_answers_only_to_this_machine() {
    let demo = Demo::start(&World::founding());
    for path in ["/", "/play", "/play/events", "/inbox", "/inbox/1/html", "/nowhere"] {
        has(&demo.get(path, "evil.example"), 403, &["127.0.0.1 and localhost"]);
    }
}
