//! `check --links` through the front door. Nothing here reaches a network: what
//! a link answers is remembered already, or its host is one that is never asked.
//! The asking itself is looked at beside its code.

use std::collections::BTreeMap;

use expect_test::expect;
use fascicle::{
    model::LinkAnswer,
    time::{Clock, SignedDuration},
};

use crate::world::World;

const CHECK: [&str; 2] = ["check", "--links"];

/// The founding project with one link each in its file, a layout, and the words
/// of one step; and one of which there is nothing to say.
fn world() -> World {
    let world = World::founding();
    world.edit("fascicle.toml", |text| {
        let at = text.find("[links]").expect("the links");
        let names = ["article", "ql-video", "ql-claw", "ql-stretch", "story", "program"];
        let links: Vec<String> =
            names.iter().map(|name| format!("{name} = \"http://127.0.0.1:9/{name}\"\n")).collect();
        format!("{}[links]\n{}", &text[..at], links.concat())
    });
    world.edit("templates/partials/footer.mjml", |text| {
        text + "<mj-text><a href=\"http://127.0.0.1:9/footer?a=1&amp;b=2#top\">us</a></mj-text>\n"
    });
    world.edit("campaigns/knot-in-lower-back/2-massage.md", |text| {
        text + "\nSee [the words](http://127.0.0.1:9/words), [ours](https://news.example.com/join/back-care), \
                [a mail](mailto:me@example.com).\n"
    });
    world
}

/// Lets the project remember `answers`, from `age` ago.
fn remember(world: &World, answers: &[(&str, LinkAnswer)], age: SignedDuration) {
    let at = Clock::System.now() - age;
    let links: BTreeMap<String, serde_json::Value> = answers
        .iter()
        .map(|(path, answer)| {
            let mut line = serde_json::to_value(answer).expect("JSON");
            line["at"] = at.to_string().into();
            (format!("http://127.0.0.1:9/{path}"), line)
        })
        .collect();
    let json = serde_json::json!({ "links": links });
    world.write(".fascicle/cache/links.json", &json.to_string());
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

#[test]
fn every_answer_has_its_words_and_its_place() {
    let world = world();
    let moved = "https://www.example.com/claw".to_owned();
    let answers = [
        ("article", LinkAnswer::Gone { status: 404 }),
        ("ql-video", LinkAnswer::Failing { status: 503 }),
        ("ql-claw", LinkAnswer::Moved { to: moved }),
        ("ql-stretch", LinkAnswer::Untrusted { what: "certificate expired".to_owned() }),
        ("story", LinkAnswer::NoHost),
        ("program", LinkAnswer::Endless),
        ("footer?a=1&b=2", LinkAnswer::Silent),
        ("words", LinkAnswer::Unclear { status: 403 }),
    ];
    remember(&world, &answers, HOUR);
    let said = world.run(&CHECK);
    expect![[r#"
        warning[W140]: this link leads nowhere: 127.0.0.1 answers 404
          --> fascicle.toml:36:12
           |
        36 | article = "http://127.0.0.1:9/article"
           |            ^^^^^^^^^^^^^^^^^^^^^^^^^^
           |
           = hint: look where the page is now, or take the link out

        warning[W141]: 127.0.0.1 is in trouble: it answers 503
          --> fascicle.toml:37:13
           |
        37 | ql-video = "http://127.0.0.1:9/ql-video"
           |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^
           |
           = hint: look at it in a browser; if it stays so, ask whoever runs it

        warning[W144]: this page has moved for good
          --> fascicle.toml:38:12
           |
        38 | ql-claw = "http://127.0.0.1:9/ql-claw"
           |            ^^^^^^^^^^^^^^^^^^^^^^^^^^
           |
           = hint: write `https://www.example.com/claw`

        warning[W142]: the TLS of 127.0.0.1 is not in order: certificate expired
          --> fascicle.toml:39:15
           |
        39 | ql-stretch = "http://127.0.0.1:9/ql-stretch"
           |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
           |
           = hint: browsers warn of it instead of showing the page: tell whoever runs it

        warning[W143]: no host is found by the name 127.0.0.1
          --> fascicle.toml:40:10
           |
        40 | story = "http://127.0.0.1:9/story"
           |          ^^^^^^^^^^^^^^^^^^^^^^^^
           |
           = hint: look for a slip in it; where there is no network, no name is found

        warning[W147]: this link sends on and on
          --> fascicle.toml:41:12
           |
        41 | program = "http://127.0.0.1:9/program"
           |            ^^^^^^^^^^^^^^^^^^^^^^^^^^
           |
           = hint: follow it in a browser, and link to where it ends

        warning[W146]: 127.0.0.1 does not answer
         --> templates/partials/footer.mjml:8:19
          |
        8 | <mj-text><a href="http://127.0.0.1:9/footer?a=1&amp;b=2#top">us</a></mj-text>
          |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = hint: look at it in a browser; what is slow now may be down tomorrow

        0 errors, 7 warnings
        `fascicle help CODE` explains each, like `fascicle help W140`
        8 links: 1 endless, 1 failing, 1 gone, 1 moved, 1 silent, 1 unclear, 1 untrusted, 1 without a host; 8 answers are of the last 24 hours, and --fresh asks again
    "#]].assert_eq(&said.stderr);
    assert_eq!(said.status.code(), Some(0), "these are warnings");
}

#[test]
fn without_the_flag_nobody_asks() {
    let world = world();
    assert_eq!(world.run(&["check"]).stderr, "1 campaign, nothing to complain about\n");
    assert!(!world.path().join(".fascicle").exists());
    let json = world.good(&["check", "--links", "--format", "json"]);
    let findings: Vec<serde_json::Value> = serde_json::from_str(&json).expect("an array");
    assert_eq!(findings.len(), 8, "{json}");
    let last = findings.last().expect("eight");
    assert_eq!(last["code"], "W145");
    assert_eq!(last["message"], "127.0.0.1 is not on the public internet: readers do not reach it");
}

#[test]
fn what_is_a_day_old_or_was_wrong_is_asked_again() {
    let world = world();
    let lasting = [("article", LinkAnswer::Good), ("story", LinkAnswer::Gone { status: 404 })];
    remember(&world, &lasting, HOUR);
    let summary = |arguments: &[&str]| {
        let said = world.run(arguments);
        said.stderr.lines().last().expect("a summary").to_owned()
    };
    let asked = "8 links: 8 not public";
    assert_eq!(summary(&["check", "--links", "--fresh"]), asked);
    // None of those lasts, so nothing was remembered.
    assert_eq!(summary(&CHECK), asked);
    remember(&world, &lasting, HOUR);
    let mixed = "8 links: 1 good, 1 gone, 6 not public; 2 answers are of the last 24 hours, \
                 and --fresh asks again";
    assert_eq!(summary(&CHECK), mixed);
    // What was wrong is forgotten at once.
    let mixed =
        "8 links: 1 good, 7 not public; 1 answer is of the last 24 hours, and --fresh asks again";
    assert_eq!(summary(&CHECK), mixed);
    for age in [HOUR * 25, -HOUR] {
        remember(&world, &lasting, age);
        assert_eq!(summary(&CHECK), asked, "{age}");
    }
    world.write(".fascicle/cache/links.json", "{");
    assert_eq!(summary(&CHECK), asked);
    // Git sees nothing of it.
    assert_eq!(world.read(".fascicle/cache/.gitignore"), "*\n");
}

#[test]
fn a_comment_allows_a_link_that_only_some_reach() {
    let world = world();
    world.edit("fascicle.toml", |text| {
        text.replace("story =", "# allow W145: our readers are in this house\nstory =")
    });
    world.edit("campaigns/knot-in-lower-back/2-massage.md", |text| {
        text.replace("\nSee [the words]", "\n<!-- allow W145: so are these -->\nSee [the words]")
    });
    let json = world.good(&["check", "--links", "--format", "json"]);
    let findings: Vec<serde_json::Value> = serde_json::from_str(&json).expect("an array");
    assert_eq!(findings.len(), 6, "{json}");
    assert!(findings.iter().all(|finding| finding["code"] == "W145"), "{json}");
    assert!(!json.contains("massage.md"), "{json}");
    // Where links are not asked for, nobody takes the comments for idle.
    assert_eq!(world.run(&["check"]).stderr, "1 campaign, nothing to complain about\n");
}

#[test]
fn links_are_those_of_issues_too_and_each_is_asked_once() {
    let world = world();
    world.good(&["new", "newsletter", "monthly"]);
    let issue = "campaigns/monthly/issues/2026-11-23-links.md";
    let words = "---\nSubject: Links\nPreheader: Two links.\n---\n\n\
                 [a](http://127.0.0.1:9/words) [b](http://127.0.0.1:9/words#part)\n";
    world.write(issue, words);
    let said = world.run(&CHECK);
    assert!(said.stderr.ends_with("8 links: 8 not public\n"), "{}", said.stderr);
    for column in [5, 35] {
        let place = format!("{issue}:6:{column}");
        assert!(said.stderr.contains(&place), "{place} in {}", said.stderr);
    }
}

#[test]
fn a_project_that_cannot_be_read_has_no_links() {
    let world = world();
    world.edit("fascicle.toml", |text| text.replace("[site]", "[sight]"));
    let said = world.run(&CHECK);
    assert_eq!(said.status.code(), Some(1));
    assert!(said.stderr.ends_with("when fascicle.toml can be read\n"), "{}", said.stderr);
    assert!(!world.path().join(".fascicle").exists());
}

#[test]
fn asking_again_is_a_wish_about_links() {
    let said = World::founding().run(&["check", "--fresh"]);
    assert_eq!(said.status.code(), Some(2));
    assert!(said.stderr.contains("--links"), "{}", said.stderr);
}

/// A project that somebody sent may hold a link; nothing is written through it.
#[test]
fn a_link_in_place_of_the_memory_is_not_followed() {
    let world = world();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let mine = elsewhere.path().join(".gitignore");
    std::fs::write(&mine, "mine\n").expect("written");
    std::fs::create_dir_all(world.path().join(".fascicle")).expect("a folder");
    let _ = std::fs::remove_dir_all(world.path().join(".fascicle/cache"));
    std::os::unix::fs::symlink(elsewhere.path(), world.path().join(".fascicle/cache"))
        .expect("linked");
    let said = world.run(&CHECK);
    assert!(said.stderr.contains("is not remembered"), "{}", said.stderr);
    assert_eq!(std::fs::read_to_string(mine).expect("there"), "mine\n");
}
