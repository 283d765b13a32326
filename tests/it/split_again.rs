//! `split`, and `split` again: on the same article, on a changed one, in a
//! folder that its author has worked in.

use std::{collections::BTreeMap, fs};

use crate::world::{World, root};

const FOLDER: &str = "campaigns/knot-in-lower-back-causes-and-treatments";

/// A project, and the founding article beside it.
fn world() -> World {
    let world = World::founding();
    let article = fs::read_to_string(root().join("tests/data/articles/founding.md"));
    world.write("article.md", &article.expect("the article"));
    world
}

fn split(world: &World) -> String {
    world.good(&["split", "article.md"])
}

/// Every file of the campaign.
fn files(world: &World) -> BTreeMap<String, String> {
    let folder = world.path().join(FOLDER);
    let entries = fs::read_dir(folder).expect("the campaign").map(|entry| entry.expect("an entry"));
    let read = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().expect("UTF-8");
        (name, fs::read_to_string(entry.path()).expect("text"))
    };
    entries.map(read).collect()
}

const CAUSES: &str = "1-the-downside-of-trigger-points.md";
const MASSAGE: &str = "2-say-goodbye-with-deep-tissue-massage.md";

fn change_article(world: &World) {
    world.edit("article.md", |text| {
        let text = text.replace("Relieves muscle tension and pain", "Relieves muscle tension");
        text.replace("poor posture, injury, and stress", "poor posture, injury, cold and stress")
    });
}

#[test]
fn what_a_split_writes_passes_every_check() {
    let world = world();
    let said = split(&world);
    assert!(said.contains("4 emails"), "{said}");
    let report = world.run(&["check"]);
    assert!(report.status.success(), "{}{}", report.stdout, report.stderr);
    assert!(!report.stdout.contains(FOLDER), "{}", report.stdout);
    world.good(&["render", "knot-in-lower-back-causes-and-treatments/ql-rehab", "--part", "text"]);
}

#[test]
fn the_same_article_again_writes_nothing() {
    let world = world();
    split(&world);
    let before = files(&world);
    let said = split(&world);
    assert!(said.contains("nothing is written"), "{said}");
    assert_eq!(files(&world), before);
}

#[test]
fn an_email_that_nobody_touched_follows_the_article() {
    let world = world();
    split(&world);
    change_article(&world);
    let said = split(&world);
    let after = files(&world);
    assert!(after[MASSAGE].contains("Relieves muscle tension\n"), "{said}");
    assert!(after[CAUSES].contains("injury, cold and stress"), "{said}");
    assert!(!after.keys().any(|name| name.contains(".new")), "{:?}", after.keys());
}

#[test]
fn a_touched_email_keeps_its_words_and_gets_a_proposal() {
    let world = world();
    split(&world);
    let path = format!("{FOLDER}/{CAUSES}");
    world.edit(&path, |text| format!("{text}\nYours, Ada\n"));
    let own = world.read(&path);
    change_article(&world);
    let said = split(&world);
    let after = files(&world);
    assert_eq!(after[CAUSES], own);
    let proposal = &after[&format!("{CAUSES}.new")];
    assert!(proposal.contains("injury, cold and stress") && !proposal.contains("Ada"));
    assert!(said.contains("is yours and stays"), "{said}");
    // Once more: the proposal is there, and nothing else happens.
    let before = files(&world);
    split(&world);
    assert_eq!(files(&world), before);
    // A proposal that the author works in is theirs, too.
    let path = format!("{FOLDER}/{CAUSES}.new");
    world.edit(&path, |text| text.replace("cold and stress", "cold, age and stress"));
    let own = world.read(&path);
    world.edit("article.md", |text| {
        text.replace("injury, cold and stress", "injury, damp and stress")
    });
    split(&world);
    let after = files(&world);
    assert_eq!(after[&format!("{CAUSES}.new")], own);
    assert!(after[&format!("{CAUSES}.new2")].contains("injury, damp and stress"));
}

/// The article without its third section.
fn remove_section(world: &World) {
    world.edit("article.md", |text| {
        let from = text.find("## Knot in Lower Back - QL Rehab").expect("the section");
        let to = text[from..].find("Other helpful tips").expect("the next");
        format!("{}{}", &text[..from], &text[from + to..])
    });
}

#[test]
fn an_email_that_left_the_article_is_not_sent_and_not_lost() {
    let world = world();
    split(&world);
    let before = files(&world);
    remove_section(&world);
    let said = split(&world);
    assert!(said.contains("3-ql-rehab.md: the article does not have it any more"), "{said}");
    let after = files(&world);
    assert_eq!(after.get("3-ql-rehab.md.old"), before.get("3-ql-rehab.md"));
    assert!(!after.contains_key("3-ql-rehab.md"));
    assert!(!after["campaign.toml"].contains("ql-rehab"), "{}", after["campaign.toml"]);
    assert!(world.run(&["check"]).status.success());
    let again = files(&world);
    split(&world);
    assert_eq!(files(&world), again);
}

#[test]
fn an_email_that_left_the_article_stays_when_its_author_worked_in_it() {
    let world = world();
    split(&world);
    let path = format!("{FOLDER}/3-ql-rehab.md");
    world.edit(&path, |text| format!("{text}\nMy own words.\n"));
    let own = world.read(&path);
    remove_section(&world);
    let said = split(&world);
    assert!(said.contains("to stop sending it, delete it and its [[step]]"), "{said}");
    let after = files(&world);
    assert_eq!(after["3-ql-rehab.md"], own);
    assert!(after["campaign.toml"].contains("\"ql-rehab\""));
    // Taken away by its author, it stays away.
    fs::remove_file(world.path().join(&path)).expect("it is there");
    split(&world);
    let after = files(&world);
    assert!(!after.contains_key("3-ql-rehab.md"));
    assert!(!after["campaign.toml"].contains("\"ql-rehab\""), "{}", after["campaign.toml"]);
    assert!(world.run(&["check"]).status.success());
}

/// A manifest that its author has worked in follows with its steps alone.
#[test]
fn a_touched_manifest_keeps_all_but_its_steps() {
    let world = world();
    split(&world);
    let manifest = format!("{FOLDER}/campaign.toml");
    world.edit(&manifest, |text| {
        text.replace("\"draft\" ", "\"active\"").replace("every = \"1d\"", "every = \"3d\" # mine")
    });
    let own = world.read(&manifest);
    split(&world);
    assert_eq!(world.read(&manifest), own);
    remove_section(&world);
    split(&world);
    let without = world.read(&manifest);
    assert_eq!(without, own.replace("[[step]]\nid = \"ql-rehab\"\n", ""));
    assert!(!files(&world).keys().any(|name| name.contains(".new")));
    assert!(world.run(&["check"]).status.success());
}

#[test]
fn fewer_emails_say_everything_once() {
    let world = world();
    split(&world);
    world.good(&["split", "article.md", "--into", "2"]);
    let after = files(&world);
    let sent: Vec<&String> = after
        .iter()
        .filter(|(name, _)| {
            name.starts_with(|c: char| c.is_ascii_digit()) && !name.contains(".md.")
        })
        .map(|(_, text)| text)
        .collect();
    assert_eq!(sent.len(), 2, "{:?}", after.keys());
    assert_eq!(after["campaign.toml"].matches("[[step]]").count(), 2);
    for words in ["Not to mention, lower back", "And the QL Claw does exactly that"] {
        assert_eq!(sent.iter().filter(|text| text.contains(words)).count(), 1, "{words}");
    }
    assert!(world.run(&["check"]).status.success());
}

#[test]
fn a_renamed_email_goes_on_under_its_new_name() {
    let world = world();
    split(&world);
    let folder = world.path().join(FOLDER);
    fs::rename(folder.join(MASSAGE), folder.join("2-massage.md")).expect("it is there");
    world.edit(&format!("{FOLDER}/campaign.toml"), |text| {
        text.replace("say-goodbye-with-deep-tissue-massage", "massage")
    });
    change_article(&world);
    split(&world);
    let after = files(&world);
    assert!(after["2-massage.md"].contains("Relieves muscle tension\n"));
    assert!(!after.contains_key(MASSAGE));
    assert!(world.run(&["check"]).status.success());
}

#[test]
fn another_article_does_not_get_into_a_campaign() {
    let world = world();
    split(&world);
    let other = fs::read_to_string(root().join("tests/data/articles/paste-cat.txt"));
    world.write("cat.txt", &other.expect("an article"));
    let before = files(&world);
    for name in ["knot-in-lower-back-causes-and-treatments", "knot-in-lower-back"] {
        let said = world.run(&["split", "cat.txt", "--name", name]);
        assert_eq!(said.status.code(), Some(1));
        assert!(said.stderr.contains("--name"), "{}", said.stderr);
    }
    assert_eq!(files(&world), before);
}

/// What cannot be read is the author's all the same.
#[test]
fn a_file_that_is_no_text_is_not_written_over() {
    let world = world();
    split(&world);
    let path = world.path().join(FOLDER).join(CAUSES);
    let latin = b"---\nSubject: Caf\xe9\n---\n\nMine.\n";
    fs::write(&path, latin).expect("a file");
    change_article(&world);
    let said = world.run(&["split", "article.md"]);
    assert!(!said.status.success());
    assert!(said.stderr.contains("is not UTF-8 text"), "{}", said.stderr);
    assert_eq!(fs::read(&path).expect("the file"), latin);
}

#[test]
fn words_to_keep_that_nothing_says_are_named() {
    let world = world();
    let said = world.run(&["split", "article.md", "--keep", "zebra"]);
    assert!(said.stderr.contains("`zebra`"), "{}", said.stderr);
    assert!(!world.path().join(FOLDER).exists());
}

#[test]
fn a_new_section_is_a_new_email_and_the_others_keep_their_names() {
    let world = world();
    split(&world);
    let before = files(&world);
    let section = "## Knot in Lower Back - Warmth\n\nA warm bath before the massage makes the muscle softer, and twenty minutes are enough for most people. Put a towel under the knees and let the water reach the waist; then do nothing at all until it is lukewarm. Whoever has no bath takes a hot water bottle, a cherry stone pillow or the sun.\n\nCold is for the first day after an injury, and for nobody with a knot that has been there since last year. If in doubt, try both on different days and write down which of them was better in the evening.\n\n";
    world.edit("article.md", |text| {
        let at = text.find("## Knot in Lower Back - Say Goodbye").expect("the section");
        format!("{}{section}{}", &text[..at], &text[at..])
    });
    split(&world);
    let after = files(&world);
    for (name, text) in &before {
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            assert_eq!(after.get(name), Some(text), "{name}");
        }
    }
    let manifest = &after["campaign.toml"];
    let order =
        ["trigger-points", "\"warmth\"", "deep-tissue", "ql-rehab"].map(|id| manifest.find(id));
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{manifest}");
    assert!(world.run(&["check"]).status.success());
}

#[test]
fn a_dry_run_writes_nothing_and_json_says_where_each_block_is() {
    let world = world();
    let said = world.good(&["split", "article.md", "--dry-run", "--format", "json"]);
    assert!(!world.path().join(FOLDER).exists());
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let emails = said["emails"].as_array().expect("emails");
    assert_eq!(emails.len(), 4);
    let source = world.read("article.md");
    for email in emails {
        for block in email["blocks"].as_array().expect("blocks") {
            let line = block["line"].as_u64().expect("a line");
            let line =
                source.lines().nth(usize::try_from(line).expect("small") - 1).expect("it is there");
            let first = block["text"].as_str().expect("text").split(' ').next().expect("a word");
            assert!(line.contains(first), "{first} in {line}");
        }
    }
}

/// The smallest file that is a PNG by its first bytes.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\nnot looked into";

#[test]
fn images_beside_the_article_go_with_it_and_those_elsewhere_do_not() {
    let world = World::founding();
    let words =
        "A paragraph that says something about the picture above it, and goes on for a while.";
    let article = format!(
        "# Dough\n\n{words}\n\n![The ball](page_files/ball%20one.png)\n\n{words}\n\n![Out](../../secret.png)\n\n![Web](https://example.com/web.png)\n\n{words}\n"
    );
    fs::create_dir_all(world.path().join("saved/page_files")).expect("a folder");
    fs::write(world.path().join("secret.png"), PNG).expect("a file");
    fs::write(world.path().join("saved/page_files/ball one.png"), PNG).expect("a file");
    world.write("saved/dough.md", &article);
    world.good(&["split", "saved/dough.md"]);
    let folder = world.path().join("campaigns/dough");
    assert_eq!(fs::read(folder.join("images/ball-one.png")).expect("saved"), PNG);
    assert_eq!(fs::read_dir(folder.join("images")).expect("images").count(), 1);
    let mail = world.read("campaigns/dough/1-dough.md");
    assert!(mail.contains("![The ball](images/ball-one.png)"), "{mail}");
    assert!(mail.contains("https://example.com/web.png") && !mail.contains("secret"), "{mail}");
    assert!(world.run(&["check"]).status.success());
    // An image that the author put in its place stays, and another name is found.
    fs::write(folder.join("images/ball-one.png"), b"\x89PNG mine").expect("a file");
    world.good(&["split", "saved/dough.md"]);
    assert_eq!(fs::read(folder.join("images/ball-one.png")).expect("theirs"), b"\x89PNG mine");
    assert_eq!(fs::read_dir(folder.join("images")).expect("images").count(), 2);
}

/// A page that was saved lies beside a folder of its name; other files there
/// are nobody's business.
#[test]
fn of_a_saved_page_only_its_own_folder_is_looked_into() {
    let world = World::founding();
    let words =
        |n| format!("<p>Paragraph {n} says what the picture near it shows, at some length.");
    let page = format!(
        "<link rel=canonical href=https://example.com/a/b><article><h1>Dough</h1>{}\
         <p><img src='./Dough_files/ball.png'>{}<p><img src='http://evil.example/q.png'>{}</article>",
        words(1),
        words(2),
        words(3)
    );
    fs::create_dir_all(world.path().join("saved/Dough_files")).expect("a folder");
    fs::write(world.path().join("saved/q.png"), PNG).expect("a file");
    fs::write(world.path().join("saved/Dough_files/ball.png"), PNG).expect("a file");
    world.write("saved/Dough.html", &page);
    world.good(&["split", "saved/Dough.html"]);
    let folder = world.path().join("campaigns/dough");
    let mail = world.read("campaigns/dough/1-dough.md");
    assert!(mail.contains("(images/ball.png)") && mail.contains("//evil.example/q.png"), "{mail}");
    assert_eq!(fs::read_dir(folder.join("images")).expect("images").count(), 1);
}
