//! The real `fascicle preview` over its socket, while its project changes.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::world::World;

pub(crate) const WORDS: &str = "campaigns/knot-in-lower-back/2-massage.md";
const SERIES: &str = "/campaign/knot-in-lower-back?sample=Ada&enrolled=2026-03-26T20:00";
const MESSAGE: &str = "/campaign/knot-in-lower-back/massage?sample=Ada&enrolled=2026-03-26T20:00";
pub(crate) const FRAME: &str =
    "/frame/campaign/knot-in-lower-back/massage?sample=Ada&enrolled=2026-03-26T20:00";

/// A `fascicle preview` that runs.
pub(crate) struct Preview {
    child: Child,
    host: String,
}

/// An answer: status, head and body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Preview {
    #[track_caller]
    pub(crate) fn start(world: &World) -> Preview {
        let mut child = world
            .command(&["preview", "--port", "0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let line = stderr.lines().map_while(Result::ok).find(|line| line.contains("preview:"));
        let line = line.expect("it says where it is");
        let host = line.trim_start_matches("preview: http://").to_owned();
        Preview { child, host }
    }

    #[track_caller]
    fn request(&self, method: &str, path: &str, host: &str) -> Answer {
        self.send(&format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
    }

    #[track_caller]
    fn send(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.host).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let head = head.to_owned();
        Answer { status: status.expect("a status"), head, body: body.to_owned() }
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.host)
    }

    /// Posts a form, as a page at `origin` would.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, form: &str, origin: Option<&str>) -> Answer {
        let origin = origin.map_or_else(String::new, |origin| format!("Origin: {origin}\r\n"));
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{origin}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.host,
            form.len()
        ))
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &self.host)
    }

    /// The body of a page that must be there.
    #[track_caller]
    pub(crate) fn page(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    /// Listens to `/events`; the first one has been heard.
    #[track_caller]
    fn listen(&self) -> Events {
        let mut stream = TcpStream::connect(&self.host).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out");
        let request = format!("GET /events HTTP/1.1\r\nHost: {}\r\n\r\n", self.host);
        stream.write_all(request.as_bytes()).expect("sent");
        let mut events = Events { lines: BufReader::new(stream) };
        events.next();
        events
    }

    /// Changes the project, and returns when `holds` of what is at `path`,
    /// looking again at each event.
    #[track_caller]
    pub(crate) fn after(
        &self,
        path: &str,
        change: impl FnOnce(),
        holds: impl Fn(&str) -> bool,
    ) -> String {
        let mut events = self.listen();
        change();
        loop {
            events.next();
            let body = self.get(path).body;
            if holds(&body) {
                return body;
            }
        }
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Events {
    lines: BufReader<TcpStream>,
}

impl Events {
    /// Which reading the next event tells of.
    #[track_caller]
    fn next(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).expect("an event in time") > 0, "it ended");
            if let Some(edition) = line.strip_prefix("data: ") {
                return edition.trim().to_owned();
            }
        }
    }
}

/// Whether a page shows that something is broken.
fn has_panel(body: &str) -> bool {
    body.contains("class=\"panel error over\"")
}

#[test]
fn every_page_is_there_under_its_policy() {
    let world = World::founding();
    let preview = Preview::start(&world);
    let text = format!("{MESSAGE}&view=text");
    let headers = format!("{MESSAGE}&view=headers&width=600&look=dark");
    let source = format!("{MESSAGE}&view=source");
    for path in [
        "/",
        SERIES,
        MESSAGE,
        &text,
        &headers,
        &source,
        "/confirmation",
        "/confirmation?list=back-care",
        "/people/knot-in-lower-back",
        "/file/campaigns/knot-in-lower-back/2-massage.md?line=8",
        "/inbox",
    ] {
        let answer = preview.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            answer.head.contains(
                "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self';"
            ),
            "{path}: {}",
            answer.head
        );
        assert!(!answer.head.to_lowercase().contains("set-cookie"), "{path}");
        assert!(!answer.body.contains("<style") && !answer.body.contains(" style=\""), "{path}");
        assert!(answer.body.contains("Back Care Letter · fascicle preview</title>"), "{path}");
    }
    for path in [FRAME, "/frame/confirmation"] {
        let answer = preview.get(path);
        assert_eq!(answer.status, 200, "{path}");
        let policy = "content-security-policy: sandbox allow-scripts; default-src 'none'; img-src https: data:; style-src 'unsafe-inline'; script-src 'sha256-";
        assert!(answer.head.contains(policy), "{path}: {}", answer.head);
        assert_eq!(answer.body.matches("<script").count(), 1, "{path}");
    }
}

/// What the pages say comes from the rooms that `render` and `forecast` use.
#[test]
fn a_series_says_what_the_forecast_says() {
    let world = World::founding();
    let preview = Preview::start(&world);
    let ada = preview.page(SERIES);
    for words in [
        "Thu 26 Mar, 20:00",
        "Sat 28 Mar, 08:30",
        "1 day 12 hours later",
        "Sun 29 Mar: clocks go forward 1 hour",
        "Tue 31 Mar, 08:30",
        "Sat 4 Apr, 08:30",
        "4 mails in 9 days",
        "The thinking behind it, and eight things people hope it helps with.",
    ] {
        assert!(ada.contains(words), "{words}");
    }
    let kenji = preview.page(&SERIES.replace("Ada", "Kenji"));
    assert!(kenji.contains("Skipped for Kenji: <code>tag:owns-ql-claw</code>"), "{kenji}");
    let priya = preview.page(&SERIES.replace("Ada", "Priya"));
    assert!(
        priya.contains("Priya leaves here") && priya.contains("<code>event:bought-program</code>")
    );
    let autumn =
        preview.page("/campaign/knot-in-lower-back?zone=Europe/Berlin&enrolled=2026-10-23T20:00");
    assert!(autumn.contains("Sun 25 Oct: clocks go back 1 hour"), "{autumn}");
    let confirmation = preview.page("/confirmation");
    assert!(
        confirmation
            .contains(">Two taps and you are on the list. If this was not you, do nothing.<")
    );
    let text = preview.page(&format!("{MESSAGE}&view=text"));
    assert!(text.contains("Hi Ada,"), "{text}");
    let source = preview.page(&format!("{MESSAGE}&view=source"));
    assert!(source.contains("Date: Sat, 28 Mar 2026 07:30:00 +0000"), "{source}");
}

#[test]
fn the_look_is_asked_for_and_not_the_machines() {
    let world = World::founding();
    let preview = Preview::start(&world);
    let light = preview.page(FRAME);
    let dark = preview.page(&format!("{FRAME}&look=dark"));
    assert!(!light.contains("prefers-color-scheme") && !dark.contains("prefers-color-scheme"));
    assert!(
        light.contains("@media (min-width:999999px)") && light.contains("color-scheme:light !")
    );
    assert!(dark.contains("@media (min-width:0px)") && dark.contains("color-scheme:dark !"));
}

#[test]
fn what_is_not_there_is_said_in_a_sentence() {
    let world = World::founding();
    let preview = Preview::start(&world);
    for (path, sentence) in [
        ("/nope", "There is no such page in this preview."),
        ("/campaign/nope", "There is no campaign “nope”."),
        ("/campaign/knot-in-lower-back/nope", "has no part “nope”."),
        ("/confirmation?list=nope", "There is no list “nope”."),
        ("/frame/campaign/nope/causes", "There is no campaign “nope”."),
        ("/frame/campaign/knot-in-lower-back/nope", "has no part “nope”."),
        ("/campaign/..%2F..%2Fetc%2Fpasswd", "There is no campaign “../../etc/passwd”."),
        ("/campaign/%2e%2e/%2e%2e", "There is no campaign “..”."),
        ("/../../etc/passwd", "There is no such page in this preview."),
        ("/preview.css/../../mod.rs", "There is no such page in this preview."),
    ] {
        let answer = preview.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains(sentence), "{path}: {}", answer.body);
    }
    let wrong = preview.page("/campaign/knot-in-lower-back?sample=Nope&zone=Mars&enrolled=soon");
    for sentence in
        ["There is no sample “Nope”", "There is no time zone “Mars”", "“soon” is not a day"]
    {
        assert!(wrong.contains(sentence), "{sentence}");
    }
    let late = preview.page("/campaign/knot-in-lower-back?enrolled=9999-12-31T23:59");
    assert!(late.contains("is not a day and hour of our age"));
}

#[test]
fn only_this_machine_is_answered_and_only_its_own_pages_may_post() {
    let world = World::founding();
    let preview = Preview::start(&world);
    assert!(preview.host.starts_with("127.0.0.1:"), "{}", preview.host);
    for host in ["news.example.com", "127.0.0.1.example.com", "localhost.example.com:8500", ""] {
        for path in ["/", FRAME, "/events", "/nope", "/live.js"] {
            assert_eq!(preview.request("GET", path, host).status, 403, "{host} {path}");
        }
    }
    for host in ["localhost", "[::1]:8500"] {
        assert_eq!(preview.request("GET", "/", host).status, 200, "{host}");
    }
    for path in ["/", SERIES, FRAME, "/events", "/confirmation"] {
        for method in ["POST", "PUT", "DELETE"] {
            assert_eq!(preview.request(method, path, &preview.host).status, 403, "{method} {path}");
        }
        assert_eq!(preview.post(path, "", Some(&preview.origin())).status, 405, "{path}");
    }
}

#[test]
fn a_broken_file_stands_over_the_last_good_picture_until_it_is_mended() {
    let world = World::founding();
    let preview = Preview::start(&world);
    let good = world.read(WORDS);
    let before = preview.page(FRAME);
    let broken = preview.after(
        MESSAGE,
        || world.write(WORDS, &good.replace("{{first_name}}", "{{frist_name}}")),
        has_panel,
    );
    assert!(broken.contains("frist_name") && broken.contains("did you mean `first_name`?"));
    assert!(broken.contains(&format!("{WORDS}:6:")), "{broken}");
    assert!(broken.contains("^^^^"), "the line and a caret: {broken}");
    assert!(broken.contains("Below, what is broken stands as it was before."), "{broken}");
    assert_eq!(preview.page(FRAME), before);
    for path in ["/", SERIES] {
        assert!(preview.page(path).contains("did you mean `first_name`?"), "{path}");
    }
    assert!(preview.page(SERIES).contains("as it was before the mistake"));

    let mended = preview.after(
        MESSAGE,
        || world.write(WORDS, &good.replace("Hi {{first_name}}", "Dear {{first_name}}")),
        |body| !has_panel(body),
    );
    assert!(!mended.contains("frist_name"));
    assert!(preview.page(FRAME).contains("Dear Ada"));
}

#[test]
fn a_broken_manifest_and_a_broken_site_keep_what_was_good() {
    let world = World::founding();
    let preview = Preview::start(&world);
    let manifest = "campaigns/knot-in-lower-back/campaign.toml";
    for file in [manifest, "fascicle.toml", "templates/course.mjml", "samples.toml"] {
        let good = world.read(file);
        let broken = format!("= {good}").replace("<mjml", "<mjnl");
        let body = preview.after(SERIES, || world.write(file, &broken), has_panel);
        assert!(body.contains(&format!("{file}:")), "{file}: {body}");
        assert!(
            body.contains("Deep tissue massage") && body.contains("4 mails in 9 days"),
            "{file}"
        );
        assert!(body.contains("<option value=\"Ada\" selected>"), "{file}");
        preview.after(SERIES, || world.write(file, &good), |body| !has_panel(body));
    }
}

/// What is left of a broken `fascicle.toml` is not what the author means.
#[test]
fn half_a_site_is_not_shown() {
    let world = World::founding();
    let preview = Preview::start(&world);
    let broken = |text: String| text.replace("\"Back Care Letter\"", "\"Half\"\nnmae = 1");
    let body = preview.after(SERIES, || world.edit("fascicle.toml", broken), has_panel);
    assert!(body.contains("unknown key `nmae`"), "{body}");
    assert!(body.contains("Back Care Letter · fascicle preview</title>"), "{body}");
}

#[test]
fn a_project_that_is_broken_from_the_start_is_shown_as_it_is_mended() {
    let world = World::founding();
    let good = world.read("fascicle.toml");
    world.write("fascicle.toml", "[site\n");
    let preview = Preview::start(&world);
    let body = preview.page("/");
    assert!(body.contains("Nothing of this project can be shown yet."), "{body}");
    assert!(body.contains("fascicle.toml:1:"), "{body}");
    assert_eq!(preview.get(SERIES).status, 404);
    preview.after(
        SERIES,
        || world.write("fascicle.toml", &good),
        |body| body.contains("4 mails in 9 days"),
    );
}

/// Saves by renaming, folders that come and go: all of it is seen.
#[test]
fn files_that_are_renamed_removed_or_new_are_seen() {
    let world = World::founding();
    let preview = Preview::start(&world);
    let path = |file: &str| world.path().join(file);
    let words = world.read(WORDS).replace("Hi {{", "Hello {{");
    preview.after(
        FRAME,
        || {
            world.write("campaigns/knot-in-lower-back/.2-massage.md.tmp", &words);
            let from = path("campaigns/knot-in-lower-back/.2-massage.md.tmp");
            std::fs::rename(from, path(WORDS)).expect("renamed");
        },
        |body| body.contains("Hello Ada"),
    );
    // A campaign of its own, as a copy makes it: folder first, then files.
    let folder = "campaigns/knot-in-lower-back";
    preview.after(
        "/campaign/second/massage",
        || {
            for file in [
                "campaign.toml",
                "1-causes.md",
                "2-massage.md",
                "3-ql-claw.md",
                "4-strengthening.md",
            ] {
                world.write(
                    &format!("campaigns/second/{file}"),
                    &world.read(&format!("{folder}/{file}")),
                );
            }
        },
        |body| body.contains("part 2 of 4"),
    );
    // As a checkout does it: all of it is replaced.
    preview.after(
        "/",
        || {
            std::fs::rename(path("campaigns"), path("other")).expect("renamed");
            std::fs::create_dir(path("campaigns")).expect("a folder");
        },
        |body| body.contains("There is no campaign yet."),
    );
    preview.after(
        "/",
        || std::fs::rename(path("other/second"), path("campaigns/third")).expect("renamed"),
        |body| body.contains("/campaign/third"),
    );
    preview.after(
        "/",
        || world.edit("campaigns/third/campaign.toml", |text| text.replace("Knot in", "Knots in")),
        |body| body.contains("Knots in Lower Back"),
    );
    preview.after(
        "/",
        || std::fs::remove_dir_all(path("campaigns/third")).expect("removed"),
        |body| body.contains("There is no campaign yet."),
    );
}

/// What an author writes, and what a link brings, is text on our pages.
#[test]
fn hostile_names_are_text() {
    let world = World::founding();
    let evil = "<script>alert(1)</script>";
    world.edit(WORDS, |text| text.replace("Subject: Deep", &format!("Subject: {evil} Deep")));
    world.edit("campaigns/knot-in-lower-back/campaign.toml", |text| {
        text.replace("title  = \"Knot", &format!("title  = \"{evil} Knot"))
    });
    world.edit("samples.toml", |text| {
        text.replace("\"Ada\"\nemail", &format!("\"Ada {evil}\"\nemail"))
    });
    world.edit("fascicle.toml", |text| {
        text.replace("\"Back Care Letter\"", &format!("\"{evil} Letter\""))
    });
    let preview = Preview::start(&world);
    let asked = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for path in [
        "/".to_owned(),
        SERIES.to_owned(),
        MESSAGE.to_owned(),
        format!("{MESSAGE}&view=text"),
        format!("{MESSAGE}&view=source"),
        "/confirmation".to_owned(),
        format!("/campaign/{asked}"),
        format!(
            "/campaign/knot-in-lower-back?sample={asked}&zone={asked}&enrolled={asked}&look={asked}"
        ),
        format!("/campaign/knot-in-lower-back/massage?view={asked}&width={asked}&sample={asked}"),
        format!("/confirmation?list={asked}"),
    ] {
        let body = preview.get(&path).body;
        assert!(body.contains("fascicle preview</title>"), "{path}: {body}");
        assert!(!body.contains("<script>"), "{path}");
        assert!(body.contains("&lt;script&gt;"), "{path}");
    }
}

#[test]
fn several_pages_listen_and_the_preview_stops_when_it_is_told() {
    let world = World::founding();
    let mut preview = Preview::start(&world);
    let mut pages = [preview.listen(), preview.listen(), preview.listen()];
    world.edit(WORDS, |text| text + "\nMore.\n");
    let heard: Vec<String> = pages.iter_mut().map(Events::next).collect();
    assert!(heard.iter().all(|edition| *edition == heard[0]), "{heard:?}");
    assert!(preview.page("/").contains(&format!("data-edition=\"{}\"", heard[0])));
    let id = preview.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill is there").success());
    assert!(preview.child.wait().expect("it ends").success());
}
