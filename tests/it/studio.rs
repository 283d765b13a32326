//! What the studio writes, and how its mails know where they came from.

use crate::{
    preview::{FRAME, Preview, WORDS},
    world::World,
};

/// A form that changes lines of a file, as the page's module sends it.
fn edit(file: &str, (first, last): (usize, usize), before: &str, after: &str) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("file", file)
        .append_pair("first", &first.to_string())
        .append_pair("last", &last.to_string())
        .append_pair("before", before)
        .append_pair("after", after);
    form.finish()
}

#[test]
fn words_are_changed_in_their_file_and_nothing_else_is() {
    let world = World::founding();
    let preview = Preview::start(&world);
    let before = world.read(WORDS);
    let line = before.lines().nth(7).expect("a line").to_owned();
    let lines = preview.page(&format!("/lines?file={WORDS}&first=8&last=8"));
    assert!(lines.contains("\"editable\":true") && lines.contains("Part 1 was"), "{lines}");

    let fresh = "Fresh words, {{first_name}}.\nAnd more.";
    let form = edit(WORDS, (8, 8), &line, fresh);
    let frame = preview.after(
        FRAME,
        || assert_eq!(preview.post("/edit", &form, Some(&preview.origin())).status, 204),
        |body| body.contains("Fresh words, Ada."),
    );
    assert!(frame.contains("And more."));
    assert_eq!(world.read(WORDS), before.replace(&line, fresh));

    // What somebody else wrote meanwhile is not written over.
    let late = preview.post("/edit", &form, Some(&preview.origin()));
    assert_eq!(late.status, 409);
    assert!(late.body.contains("was changed meanwhile"), "{}", late.body);
}

#[test]
fn words_are_written_by_pages_of_the_studio_alone_and_only_into_files_of_words() {
    let world = World::founding();
    let preview = Preview::start(&world);
    let before = world.read(WORDS);
    let line = before.lines().nth(7).expect("a line").to_owned();
    let form = edit(WORDS, (8, 8), &line, "x");
    for origin in [None, Some("null"), Some("https://example.com"), Some("http://127.0.0.1:1")] {
        assert_eq!(preview.post("/edit", &form, origin).status, 403, "{origin:?}");
    }
    assert_eq!(world.read(WORDS), before);

    let outside = world.path().join("outside.md");
    std::fs::write(&outside, "secret\n").expect("written");
    let symlink = world.path().join("campaigns/knot-in-lower-back/link.md");
    std::os::unix::fs::symlink(&outside, symlink).expect("linked");
    let manifest = world.read("fascicle.toml");
    let first = manifest.lines().next().expect("a line").to_owned();
    for (file, first, last, before) in [
        ("fascicle.toml", 1, 1, first.as_str()),
        ("campaigns/../fascicle.toml", 1, 1, &first),
        ("campaigns/knot-in-lower-back/link.md", 1, 1, "secret"),
        ("campaigns/knot-in-lower-back/nope.md", 1, 1, ""),
        ("/etc/hostname.md", 1, 1, ""),
        (WORDS, 0, 0, ""),
        (WORDS, 900, 901, ""),
        (WORDS, 8, 7, ""),
    ] {
        let answer =
            preview.post("/edit", &edit(file, (first, last), before, "x"), Some(&preview.origin()));
        assert_eq!(answer.status, 409, "{file} {first}: {}", answer.body);
    }
    assert_eq!(world.read("fascicle.toml"), manifest);
    assert_eq!(world.read(WORDS), before);
    assert_eq!(std::fs::read_to_string(outside).expect("there"), "secret\n");
}

/// A frame's mail is the one that is sent, but for its marks.
#[test]
fn a_mail_with_marks_is_the_mail_that_is_sent() {
    let world = World::founding();
    let files = fascicle::project::load(world.path()).expect("files");
    let (project, _) =
        fascicle::campaign::read_traced(&files, &mut fascicle::campaign::Memo::default());
    let (plain, _) = fascicle::campaign::read(&files);
    let (project, plain) = (project.expect("a project"), plain.expect("a project"));
    for (id, edition) in &project.editions {
        for sample in &project.samples {
            let walk = |edition| fascicle::rehearsal::Walk {
                edition,
                sample: Some(sample),
                zone: fascicle::time::TimeZone::UTC,
                enrolled_at: fascicle::time::Timestamp::UNIX_EPOCH,
            };
            for step in &edition.campaign.steps {
                let traced = walk(edition).traced(&step.id).expect("a mail");
                let read_for_preview = walk(edition).rendered(&step.id).expect("a mail");
                let sent = walk(&plain.editions[id]).rendered(&step.id).expect("a mail");
                assert_eq!(read_for_preview, sent);
                assert!(!sent.html.contains("fascicle-at-") && !sent.html.contains("data-at="));
                assert!(traced.html.contains("fascicle-at-") && traced.html.contains("data-at="));
                assert!(traced.files.iter().any(|file| **file == *step.file));
            }
        }
    }
}

/// Every piece of the words leads to its own line.
#[test]
fn marks_name_the_lines_of_the_words() {
    let world = World::founding();
    let preview = Preview::start(&world);
    let frame = preview.page(FRAME);
    let words = world.read(WORDS);
    for (number, line) in (1..).zip(words.lines()).filter(|(number, _)| *number > 5) {
        let Some(text) = line.strip_prefix("## ") else { continue };
        let marked = format!("data-at=\"0-{number}-{number}\">{text}");
        assert!(frame.contains(&marked), "{marked} in {frame}");
    }
    assert!(frame.contains("data-at=\"0-24-31\""), "the list as a whole");
    assert!(frame.contains("data-at=\"0-27-27\""), "one of its items");
    assert!(frame.contains("fascicle-at-0-43-43"), "the button");
}

/// A mail that is not compiled again is the one that would have been made: the
/// same findings and the same words, whatever changed around it.
#[test]
fn what_is_remembered_is_what_would_be_read() {
    let world = World::founding();
    let mut memo = fascicle::campaign::Memo::default();
    let layout = "templates/course.mjml";
    let (words, course) = (world.read(WORDS), world.read(layout));
    let edits: [(&str, String); 6] = [
        (WORDS, words.replace("Part 1", "Part one")),
        (WORDS, words.replace("{{first_name}}", "{{frist_name}}")),
        (layout, course.replace("Part {{step.number}}", "No. {{step.number}}")),
        (WORDS, words.clone()),
        ("campaigns/knot-in-lower-back/1-causes.md", words.clone()),
        ("fascicle.toml", world.read("fascicle.toml").replace("Back Care Letter", "Other Letter")),
    ];
    for (file, text) in edits {
        world.write(file, &text);
        let files = fascicle::project::load(world.path()).expect("files");
        let (kept, found) = fascicle::campaign::read_traced(&files, &mut memo);
        let (fresh, anew) = fascicle::campaign::read(&files);
        assert_eq!(found.findings(), anew.findings(), "{file}");
        let (kept, fresh) = (kept.expect("a project"), fresh.expect("a project"));
        for (id, edition) in &fresh.editions {
            let walk = |edition| fascicle::rehearsal::Walk {
                edition,
                sample: None,
                zone: fascicle::time::TimeZone::UTC,
                enrolled_at: fascicle::time::Timestamp::UNIX_EPOCH,
            };
            for step in edition.mails.keys() {
                let fresh = walk(edition).rendered(step).expect("a mail");
                assert_eq!(walk(&kept.editions[id]).rendered(step).expect("a mail"), fresh);
            }
        }
    }
}

/// Whoever hears that words are written finds them in the file.
#[test]
fn words_that_are_saved_at_once_are_all_there() {
    let world = World::founding();
    let preview = Preview::start(&world);
    let before = world.read(WORDS);
    let items: Vec<(usize, &str)> =
        (1..).zip(before.lines()).filter(|(_, line)| line.starts_with(char::is_numeric)).collect();
    assert_eq!(items.len(), 8);
    std::thread::scope(|scope| {
        for (number, line) in &items {
            let form = edit(WORDS, (*number, *number), line, &format!("{line}, surely"));
            let preview = &preview;
            scope.spawn(move || {
                assert_eq!(preview.post("/edit", &form, Some(&preview.origin())).status, 204);
            });
        }
    });
    assert_eq!(world.read(WORDS).matches(", surely").count(), items.len());
    let left = std::fs::read_dir(world.path().join("campaigns/knot-in-lower-back"));
    let names = left.expect("a folder").map(|entry| entry.expect("an entry").file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().contains(".part")));
}

/// What a file's owner allows stays as it was.
#[test]
fn a_file_keeps_its_permissions_and_a_read_only_one_its_words() {
    use std::{fs, os::unix::fs::PermissionsExt as _};
    let world = World::founding();
    let preview = Preview::start(&world);
    let before = world.read(WORDS);
    let line = before.lines().nth(7).expect("a line").to_owned();
    let path = world.path().join(WORDS);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
    let form = edit(WORDS, (8, 8), &line, "x");
    assert_eq!(preview.post("/edit", &form, Some(&preview.origin())).status, 204);
    let mode = |path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o640);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).expect("set");
    let form = edit(WORDS, (8, 8), "x", "y");
    let refused = preview.post("/edit", &form, Some(&preview.origin()));
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("read-only"), "{}", refused.body);
}

/// Whoever breaks a file here can mend it here.
#[test]
fn a_mistake_that_was_saved_can_be_taken_back() {
    let world = World::founding();
    let preview = Preview::start(&world);
    let before = world.read(WORDS);
    let line = before.lines().nth(7).expect("a line").to_owned();
    let broken = "{{#if first_name}} Never closed";
    let lines = format!("/lines?file={WORDS}&first=8&last=8");
    let form = edit(WORDS, (8, 8), &line, broken);
    let said = preview.after(
        &lines,
        || assert_eq!(preview.post("/edit", &form, Some(&preview.origin())).status, 204),
        |said| said.contains("Never closed"),
    );
    assert!(said.contains("\"editable\":true"), "{said}");
    let form = edit(WORDS, (8, 8), broken, &line);
    assert_eq!(preview.post("/edit", &form, Some(&preview.origin())).status, 204);
    assert_eq!(world.read(WORDS), before);
}

/// What has errors may be looked at, and leaves the machine for nobody.
#[test]
fn a_mail_with_errors_goes_into_the_inbox_and_to_no_relay() {
    let world = World::founding();
    let preview = Preview::start(&world);
    let path = "/test/knot-in-lower-back/massage";
    let send = |way: &str| {
        let form = format!("to=me%40example.com&way={way}");
        preview.post(path, &form, Some(&preview.origin()))
    };
    // No relay runs: that it was asked shows.
    let refused = send("relay");
    assert_eq!(refused.status, 502);
    assert!(refused.body.contains("fascicle catch"), "{}", refused.body);

    let other = "campaigns/knot-in-lower-back/1-causes.md";
    let broken = world.read(other).replace("{{first_name}}", "{{frist_name}}");
    let message = "/campaign/knot-in-lower-back/causes";
    preview.after(message, || world.write(other, &broken), |body| body.contains("frist_name"));
    let held = send("relay");
    assert_eq!(held.status, 409);
    assert!(held.body.contains("There are errors in its files"), "{}", held.body);
    assert_eq!(send("inbox").status, 303);
    assert!(preview.page("/inbox").contains("me@example.com"));
}
