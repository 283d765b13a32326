//! Commands from the outside.

use expect_test::{Expect, expect};

use crate::world::{Said, World, root};

#[track_caller]
fn check(said: &Said, code: i32, expected: Expect) {
    let text = format!("{}{}", said.stdout, said.stderr);
    assert_eq!(said.status.code(), Some(code), "{text}");
    expected.assert_eq(&text);
}

#[test]
fn a_forecast_says_when_and_what() {
    let world = World::founding();
    let arguments = ["--enrolled", "2026-03-27T20:00", "--zone", "Europe/Berlin"];
    let said = world.run(&[&["forecast", "knot-in-lower-back"], &arguments[..]].concat());
    check(
        &said,
        0,
        expect![[r#"
            day 0   Fri 2026-03-27 20:00 +01:00   at once  causes           Why there is a knot in your lower back
            day 3   Mon 2026-03-30 08:30 +02:00   +2d 11h  massage          Deep tissue massage and why people use it
            day 6   Thu 2026-04-02 08:30 +02:00       +3d  ql-claw          The QL Claw and massage at home
            day 10  Mon 2026-04-06 08:30 +02:00       +4d  strengthening    Stretch and strengthen your lower back
        "#]],
    );
}

#[test]
fn a_name_that_is_not_there_is_answered_with_those_that_are() {
    let world = World::founding();
    check(
        &world.run(&["forecast", "knot-in-lower-bak"]),
        1,
        expect![[r"
            error: there is no campaign `knot-in-lower-bak`; there is: knot-in-lower-back
        "]],
    );
    check(
        &world.run(&["render", "knot-in-lower-back/cause"]),
        1,
        expect![[r"
            error: `knot-in-lower-back` has no step `cause`; it has: causes, massage, ql-claw, strengthening
        "]],
    );
    check(
        &world.run(&["render", "knot-in-lower-back/causes", "--sample", "Adam"]),
        1,
        expect![[r"
            error: there is no sample `Adam`; there is: Ada, Grace, Kenji, Mia, Omar, Priya, Nobody known
        "]],
    );
}

#[test]
fn a_folder_without_a_project_is_named() {
    let world = World::empty();
    let said = world.run(&["check"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(said.stderr.contains("there is no fascicle.toml"), "{}", said.stderr);
}

#[test]
fn wrong_use_is_exit_code_2() {
    let world = World::founding();
    assert_eq!(world.run(&["chekc"]).status.code(), Some(2));
    assert_eq!(world.run(&["render"]).status.code(), Some(2));
    assert_eq!(world.run(&["--help"]).status.code(), Some(0));
}

#[test]
fn nothing_is_applied_from_a_project_with_errors() {
    let world = World::founding();
    world.edit("campaigns/knot-in-lower-back/2-massage.md", |text| {
        text.replace("{{first_name}}", "{{first_nam}}")
    });
    let said = world.run(&["apply"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(said.stderr.contains("error[E021]"), "{}", said.stderr);
    assert!(said.stderr.contains("did you mean `first_name`?"), "{}", said.stderr);
    assert!(!world.database().exists());
}

#[test]
fn an_import_names_bad_rows_and_takes_the_good_ones() {
    let world = World::founding();
    world.good(&["apply"]);
    world.write(
        "people.csv",
        "\u{feff}email,first_name,zone,tags\n\
         ada@example.org,Ada,Europe/Berlin,\n\
         not-an-address,Bob,,\n\
         carl@example.org,Carl,Europe/Brelin,\n\
         dora@example.org,\"Dora, the second\",,owns-ql-claw\n\
         ada@EXAMPLE.org,Ada again,,\n\
         erik@example.org,Erik,,unknown-tag\n\
         short@example.org,Short\n\
         \"multi\nline\"@example.org,X,,\n\
         zoe@example.org,Zoë,,\n",
    );
    let said = world.run(&[
        "people",
        "import",
        "people.csv",
        "--list",
        "back-care",
        "--consent",
        "a letter",
    ]);
    check(
        &said,
        1,
        expect![[r#"
            people.csv:3: `not-an-address` is not an email address: there is no @
            people.csv:4: `Europe/Brelin` is not a time zone; write it like Europe/Berlin
            people.csv:6: ada@example.org is in the file twice
            people.csv:7: there is no tag `unknown-tag`; there is: owns-ql-claw
            people.csv:8: it has 2 of 4 columns
            people.csv:9: `multi?line@example.org` is not an email address: the part before the @ has a character that is not allowed, or a dot in the wrong place
            3 added, 0 known, 0 left before, 0 suppressed, 6 not read
            entered 3 campaigns
        "#]],
    );
    assert_eq!(world.query("SELECT count(*) FROM enrollment"), 3);
    assert_eq!(world.query("SELECT count(*) FROM consent WHERE words = 'a letter'"), 3);
    // Again: nobody twice.
    let said = world.run(&[
        "people",
        "import",
        "people.csv",
        "--list",
        "back-care",
        "--consent",
        "a letter",
    ]);
    assert!(said.stderr.contains("0 added, 3 known"), "{}", said.stderr);
    assert_eq!(world.query("SELECT count(*) FROM enrollment"), 3);
}

#[test]
fn people_who_are_there_enter_only_by_enroll() {
    let world = World::founding();
    let add = ["people", "add", "ada@example.org", "--list", "back-care", "--consent", "a letter"];
    world.good(&add);
    world.good(&["apply"]);
    assert_eq!(world.query("SELECT count(*) FROM enrollment"), 0);
    let none = ["enroll", "knot-in-lower-back", "--where", "tag:owns-ql-claw"];
    assert_eq!(world.good(&none), "0 entered knot-in-lower-back\n");
    assert_eq!(world.good(&["enroll", "knot-in-lower-back"]), "1 entered knot-in-lower-back\n");
    assert_eq!(world.good(&["enroll", "knot-in-lower-back"]), "0 entered knot-in-lower-back\n");
    let said = world.run(&["enroll", "knot-in-lower-back", "--where", "tag:"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(said.stderr.contains("`` is not a name"), "{}", said.stderr);
}

#[test]
fn a_person_without_consent_is_not_added() {
    let world = World::founding();
    let add = ["people", "add", "ada@example.org", "--list", "back-care"];
    assert_eq!(world.run(&add).status.code(), Some(2));
    let said = world.run(&[&add[..], &["--consent", " "]].concat());
    assert_eq!(said.status.code(), Some(1));
    assert!(said.stderr.contains("--consent is empty"), "{}", said.stderr);
}

#[test]
fn applying_the_same_files_again_changes_nothing() {
    let world = World::founding();
    assert!(world.run(&["apply"]).stderr.contains("knot-in-lower-back: new (active)"));
    assert!(world.run(&["apply"]).stderr.contains("nothing changed"));
    // A comment is not a change of what is sent.
    world.edit("fascicle.toml", |text| format!("# a comment\n{text}"));
    assert!(world.run(&["apply"]).stderr.contains("nothing changed"));
    world.edit("campaigns/knot-in-lower-back/1-causes.md", |text| text + "\nOne more line.\n");
    assert!(world.run(&["apply"]).stderr.contains("knot-in-lower-back: changed (active)"));
}

#[test]
fn secrets_never_reach_the_database() {
    let world = World::founding();
    world.edit("fascicle.toml", |text| {
        text.replace(
            "port = 1025",
            "port = 1025\nusername = \"env:CANARY_USER\"\npassword = \"file:canary\"",
        )
    });
    world.good(&["apply"]);
    let bytes = std::fs::read(world.database()).expect("a database");
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains("CANARY_USER") && !text.contains("file:canary"));
    world.edit("fascicle.toml", |text| text.replace("env:CANARY_USER", "hunter2"));
    let said = world.run(&["check"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(!said.stderr.replace("username = \"hunter2\"", "").contains("hunter2"));
}

/// A tag given later is a way in, like one given at once.
#[test]
fn a_new_tag_takes_somebody_in_who_was_there() {
    let world = World::founding();
    world.edit("campaigns/knot-in-lower-back/campaign.toml", |text| {
        text.replace("when  = \"confirmed\"", "when  = \"tag:owns-ql-claw\"")
    });
    world.good(&["apply"]);
    let add = ["people", "add", "ada@example.org", "--list", "back-care", "--consent", "a letter"];
    world.good(&add);
    assert_eq!(world.query("SELECT count(*) FROM enrollment"), 0);
    for _ in 0..2 {
        world.good(&[&add[..], &["--tag", "owns-ql-claw"]].concat());
        assert_eq!(world.query("SELECT count(*) FROM enrollment"), 1);
    }
}

/// A campaign that stood still does not start because its files are gone.
#[test]
fn a_paused_campaign_whose_files_are_gone_stays_paused() {
    let world = World::founding();
    let status = |world: &World| {
        let status = world.good(&["status", "--format", "json"]);
        let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
        status["campaigns"][0]["status"].as_str().expect("a status").to_owned()
    };
    world.edit("campaigns/knot-in-lower-back/campaign.toml", |text| {
        text.replace("\"active\"", "\"paused\"")
    });
    world.good(&["apply"]);
    std::fs::rename(world.path().join("campaigns"), world.path().join("elsewhere")).expect("moved");
    world.edit("samples.toml", |text| text.replace("leaves_after = \"massage\"", ""));
    assert!(world.run(&["apply"]).stderr.contains("knot-in-lower-back: gone"));
    assert_eq!(status(&world), "paused");
    std::fs::rename(world.path().join("elsewhere"), world.path().join("campaigns")).expect("moved");
    world.edit("campaigns/knot-in-lower-back/campaign.toml", |text| {
        text.replace("\"paused\"", "\"active\"")
    });
    world.good(&["apply"]);
    assert_eq!(status(&world), "active");
    std::fs::remove_dir_all(world.path().join("campaigns")).expect("removed");
    assert!(world.run(&["apply"]).stderr.contains("closed, its files are gone"));
    assert_eq!(status(&world), "closed");
}

#[test]
fn a_new_project_works_at_once_and_overwrites_nothing() {
    let world = World::empty();
    world.good(&["init", "letters"]);
    let at = ["--project", "letters"];
    let said = world.run(&[&at[..], &["check"]].concat());
    assert_eq!(said.stderr, "1 campaign, nothing to complain about\n");
    let demo = world.good(&[&at[..], &["demo", "--exit"]].concat());
    assert!(demo.contains("31 mails sent"), "{demo}");
    // What is for its author and for editors comes along, into version control too.
    assert!(world.read("letters/README.md").starts_with("# A project of fascicle"));
    assert!(world.read("letters/.fascicle/campaign.schema.json").contains("\"step\""));
    assert_eq!(world.read("letters/.gitignore"), "/fascicle.db*\n/screenshots\n");
    world.write("letters/templates/course.mjml", "mine");
    std::fs::remove_file(world.path().join("letters/fascicle.toml")).expect("removed");
    let said = world.run(&["init", "letters"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(said.stderr.contains("is there already; nothing was written"), "{}", said.stderr);
    assert_eq!(world.read("letters/templates/course.mjml"), "mine");
    assert!(!world.path().join("letters/fascicle.toml").exists());
}

/// The binary carries the project that the repository shows, all of it.
#[test]
fn the_example_is_the_founding_project() {
    let world = World::empty();
    world.good(&["init"]);
    let on_disk = fascicle::project::load(root()).expect("the project");
    let written = fascicle::project::load(world.path()).expect("the project");
    assert_eq!(written, on_disk);
}

#[test]
fn the_demo_plays_where_there_is_no_project() {
    let said = World::empty().run(&["demo", "--exit"]);
    assert!(said.stderr.contains("there is no project here"), "{}", said.stderr);
    assert!(said.stdout.contains("31 mails sent"), "{}", said.stdout);
}

#[test]
fn any_article_plays_as_a_course() {
    let world = World::empty();
    let article = root().join("tests/data/articles/founding.txt");
    let article = article.to_str().expect("UTF-8");
    let said = world.run(&["demo", article, "--exit", "--out", "mails"]);
    assert!(said.status.success(), "{}{}", said.stdout, said.stderr);
    assert!(said.stdout.contains("Say Goodbye With Deep Tissue Massage"), "{}", said.stdout);
    let summary = "4 people, 18 mails sent, 0 skipped, 1 left early, 0 lost, 0 doubled";
    assert!(said.stdout.contains(summary), "{}", said.stdout);
    let mails = std::fs::read_dir(world.path().join("mails")).expect("mails").count();
    assert_eq!(mails, 18);
}

/// What is to come, of all campaigns: everybody's next parts, by the day.
#[test]
fn a_forecast_without_a_campaign_says_what_leaves_soon() {
    let world = World::founding();
    let before = world.run(&["forecast"]);
    assert!(before.stderr.contains("fascicle apply"), "{}", before.stderr);
    world.good(&["apply"]);
    assert_eq!(world.good(&["forecast"]), "");
    for email in ["ada@example.org", "bob@example.org"] {
        world.good(&["people", "add", email, "--list", "back-care", "--consent", "asked"]);
    }
    let json = world.good(&["forecast", "--format", "json"]);
    let lines: Vec<serde_json::Value> = serde_json::from_str(&json).expect("an array");
    let parts = lines.iter().map(|line| (line["step"].as_str(), line["count"].as_u64()));
    let parts: Vec<_> = parts.collect();
    let both = |step| (Some(step), Some(2));
    assert_eq!(parts, ["causes", "massage", "ql-claw", "strengthening"].map(both));
}
