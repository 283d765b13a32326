//! `new`, `help`, `schema`, comments that silence, and newsletters, from the
//! outside.

use std::fs;

use crate::world::{World, root};

/// A preheader of which there is nothing to say.
const PREHEADER: &str = "What this mail is about, in one line that says enough.";

/// A fresh project, as `init` makes it.
fn fresh() -> World {
    let world = World::empty();
    world.good(&["init"]);
    world
}

#[track_caller]
fn check_is_clean(world: &World) {
    let said = world.run(&["check"]);
    assert!(said.stderr.contains("nothing to complain about"), "{}", said.stderr);
}

#[test]
fn what_new_writes_passes_check() {
    let world = fresh();
    let said = world.run(&["new", "campaign", "winter-course"]);
    assert!(said.status.success(), "{}", said.stderr);
    assert!(said.stderr.contains("wrote campaigns/winter-course/campaign.toml\n"));
    assert!(said.stderr.contains("\nnext: write campaigns/winter-course/1-welcome.md"));
    check_is_clean(&world);
    let manifest = world.read("campaigns/winter-course/campaign.toml");
    assert!(manifest.starts_with("#:schema ../../.fascicle/campaign.schema.json\n"));
    assert!(manifest.contains("title  = \"Winter course\""), "{manifest}");

    let said = world.run(&["new", "step", "winter-course", "tips", "--after", "3d"]);
    let told =
        "wrote campaigns/winter-course/2-tips.md\nadded to campaigns/winter-course/campaign.toml\n";
    assert!(said.stderr.starts_with(told), "{}", said.stderr);
    world.good(&["new", "step", "winter-course", "last-words"]);
    check_is_clean(&world);
    // Every byte of the manifest is as it was, with more behind it.
    let grown = world.read("campaigns/winter-course/campaign.toml");
    let more = "\n[[step]]\nid    = \"tips\"\nafter = \"3d\"\n\n[[step]]\nid = \"last-words\"\n";
    assert_eq!(grown, manifest + more);
    assert!(world.read("campaigns/winter-course/2-tips.md").starts_with("---\nSubject: Tips\n"));
    let forecast = world.good(&["forecast", "winter-course", "--enrolled", "2026-03-27T20:00"]);
    assert!(forecast.contains("last-words"), "{forecast}");

    world.good(&["new", "newsletter", "monthly"]);
    world.good(&["new", "layout", "plain"]);
    world.edit("campaigns/winter-course/campaign.toml", |text| {
        text.replace("layout = \"course\"", "layout = \"plain\"")
    });
    check_is_clean(&world);
    let manifest = world.read("campaigns/monthly/campaign.toml");
    assert!(manifest.starts_with("#:schema ../../.fascicle/newsletter.schema.json\n"));
    assert!(root().join(".fascicle/newsletter.schema.json").is_file());
    let rendered = world.good(&["render", "winter-course/tips", "--part", "text"]);
    assert!(rendered.contains("# Tips") && rendered.contains("High Street"), "{rendered}");
}

#[test]
fn new_writes_its_own_layout_where_the_project_has_no_parts_of_one() {
    let world = fresh();
    for file in ["head", "footer"] {
        fs::remove_file(world.path().join(format!("templates/partials/{file}.mjml")))
            .expect("removed");
    }
    fs::remove_dir_all(world.path().join("campaigns")).expect("removed");
    for file in ["course", "confirm"] {
        fs::remove_file(world.path().join(format!("templates/{file}.mjml"))).expect("removed");
    }
    world.edit("samples.toml", |text| text.replace("leaves_after = \"massage\"", ""));
    let said = world.run(&["new", "campaign", "first"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(said.stderr.contains("`fascicle new layout course` writes one"), "{}", said.stderr);
    world.good(&["new", "layout", "course"]);
    world.good(&["new", "campaign", "first"]);
    world.good(&["new", "newsletter", "monthly"]);
    check_is_clean(&world);
}

#[test]
fn new_overwrites_nothing() {
    let world = fresh();
    let before = world.read("campaigns/knot-in-lower-back/campaign.toml");
    for (arguments, why) in [
        (&["campaign", "knot-in-lower-back"][..], "is there already"),
        (&["newsletter", "knot-in-lower-back"], "is there already"),
        (&["layout", "course"], "is there already"),
        (&["step", "knot-in-lower-back", "massage"], "has a step `massage` already"),
        (&["step", "knot-in-lower-bak", "more"], "there is: knot-in-lower-back"),
        (&["step", "knot-in-lower-back", "More Tips"], "is not a name"),
        (&["step", "knot-in-lower-back", "more", "--after", "soon"], "is not a span of time"),
        (&["campaign", "../escape"], "is not a name"),
    ] {
        let said = world.run(&[&["new"], arguments].concat());
        assert_eq!(said.status.code(), Some(1), "{arguments:?}");
        assert!(said.stderr.contains(why), "{arguments:?}: {}", said.stderr);
    }
    // Words that are there already, and a manifest that cannot grow at its end.
    world.write("campaigns/knot-in-lower-back/5-more.md", "mine");
    let said = world.run(&["new", "step", "knot-in-lower-back", "more"]);
    assert!(said.stderr.contains("5-more.md is there already"), "{}", said.stderr);
    assert_eq!(world.read("campaigns/knot-in-lower-back/5-more.md"), "mine");
    fs::remove_file(world.path().join("campaigns/knot-in-lower-back/5-more.md")).expect("removed");
    assert_eq!(world.read("campaigns/knot-in-lower-back/campaign.toml"), before);
    let inline = "title = \"C\"\nstatus = \"draft\"\nlayout = \"course\"\nstep = [{ id = \"causes\" }]\n\
                  enroll = { list = \"back-care\" }\n";
    world.write("campaigns/inline/campaign.toml", inline);
    let words = format!("---\nSubject: x\nPreheader: {PREHEADER}\n---\n\nHi.\n");
    world.write("campaigns/inline/causes.md", &words);
    check_is_clean(&world);
    let said = world.run(&["new", "step", "inline", "more"]);
    assert_eq!(said.status.code(), Some(1), "{}", said.stderr);
    assert!(said.stderr.contains("nothing was written"), "{}", said.stderr);
    assert_eq!(world.read("campaigns/inline/campaign.toml"), inline);
    assert!(!world.path().join("campaigns/inline/2-more.md").exists());
}

#[test]
fn help_explains_codes_commands_and_the_format() {
    let world = World::empty();
    for code in ["E021", "e021"] {
        let text = world.good(&["help", code]);
        assert!(text.starts_with("# E021: a variable that nobody fills\n"), "{text}");
    }
    let page = |path: &str| fs::read_to_string(root().join(path)).expect("a page");
    assert_eq!(world.good(&["help", "format"]), page("campaigns/README.md"));
    assert_eq!(world.good(&["help", "templates"]), page("templates/README.md"));
    let all = world.good(&["help"]);
    assert!(all.contains("help format") && all.contains("\n  check "), "{all}");
    assert_eq!(world.good(&["help", "check"]), world.good(&["check", "--help"]));
    let import = world.good(&["help", "people", "import"]);
    assert!(import.contains("Usage: fascicle people import"), "{import}");
    let said = world.run(&["help", "E999"]);
    assert_eq!(said.status.code(), Some(2));
    assert!(said.stderr.contains("there is no command, topic or code `E999`"), "{}", said.stderr);
}

#[test]
fn schema_writes_what_the_repository_has() {
    let world = World::founding();
    world.write(".fascicle/campaign.schema.json", "old");
    world.good(&["schema"]);
    world.good(&["schema", "elsewhere"]);
    let mut count = 0;
    for entry in fs::read_dir(root().join(".fascicle")).expect("schemas") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        let ours = fs::read_to_string(&path).expect("a schema");
        assert_eq!(world.read(&format!(".fascicle/{name}")), ours);
        assert_eq!(world.read(&format!("elsewhere/{name}")), ours);
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn a_comment_silences_a_warning_where_it_stands() {
    let world = fresh();
    world.edit("campaigns/knot-in-lower-back/campaign.toml", |text| {
        text.replace("after = \"4d\"", "after = \"4w\" # allow W105: the check-up is after a month")
            .replace(
                "id = \"causes\" ",
                "# allow W104: they expect it\nafter = \"1d\"\nid = \"causes\" ",
            )
    });
    let name = "knot-in-lower-back";
    let long = "A subject that is a great deal longer than any phone in the world would show";
    let words = format!(
        "---\n# allow W102: a title\n# allow W101: not yet\nSubject: {long}\nPreheader: {PREHEADER}\n---\n\nHi.\n"
    );
    world.write(
        &format!("campaigns/{name}/1-causes.md"),
        &words.replace("# allow W101: not yet\n", ""),
    );
    world.write(
        &format!("campaigns/{name}/5-more.md"),
        &words.replace("# allow W102: a title\n", ""),
    );
    check_is_clean(&world);
    // Without its reason it silences nothing.
    world.edit(&format!("campaigns/{name}/campaign.toml"), |text| {
        text.replace(": they expect it", "")
    });
    let said = world.run(&["check"]);
    assert_eq!(said.status.code(), Some(0));
    assert!(said.stderr.contains("[W104]") && said.stderr.contains("[W106]"), "{}", said.stderr);
}

/// Newsletters are read, kept, rendered and not sent.
#[test]
fn a_newsletter_goes_through_every_command() {
    let world = fresh();
    world.good(&["new", "newsletter", "monthly"]);
    let folder = world.path().join("campaigns/monthly/issues");
    let issue = fs::read_dir(folder).expect("issues").next().expect("one").expect("an entry");
    let issue = issue.file_name().into_string().expect("UTF-8").replace(".md", "");
    let text = world.good(&["render", &format!("monthly/{issue}"), "--part", "text"]);
    assert!(text.contains("# Hello") && text.contains("/u/"), "{text}");
    let subject = world.good(&["render", &format!("monthly/{issue}"), "--part", "subject"]);
    assert_eq!(subject, "Hello\n");
    let said = world.run(&["render", "monthly/other"]);
    assert!(said.stderr.contains("has no issue `other`; it has: 2"), "{}", said.stderr);
    let said = world.run(&["apply"]);
    assert!(said.status.success(), "{}", said.stderr);
    assert!(said.stderr.contains("monthly: a newsletter; it is kept"), "{}", said.stderr);
    for command in [&["forecast", "monthly"][..], &["enroll", "monthly"]] {
        let said = world.run(command);
        assert_eq!(said.status.code(), Some(1));
        assert!(said.stderr.contains("`monthly` is a newsletter"), "{}", said.stderr);
    }
    world.good(&["status"]);
    assert!(world.run(&["apply"]).stderr.contains("nothing changed"));
    world.edit(&format!("campaigns/monthly/issues/{issue}.md"), |text| text + "\nMore.\n");
    assert!(world.run(&["apply"]).stderr.contains("monthly: a newsletter"));
}

#[test]
fn who_is_taken_in_is_asked_for_by_names_that_are_there() {
    let world = World::founding();
    world.good(&["apply"]);
    for (filter, hint) in [
        ("tag:own-ql-claw", "did you mean `owns-ql-claw`?"),
        ("clicked:massage/shop", "tracking is off"),
        ("not finished:", "`` is not a name"),
    ] {
        let said = world.run(&["enroll", "knot-in-lower-back", "--where", filter]);
        assert_eq!(said.status.code(), Some(1), "{filter}");
        assert!(said.stderr.contains(hint), "{filter}: {}", said.stderr);
        assert!(said.stderr.contains(" --> --where:1:"), "{filter}: {}", said.stderr);
    }
}
