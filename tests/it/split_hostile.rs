//! Articles that are made to hurt: each is refused with a sentence, soon.

use crate::{hostile::bounded, world::World};

#[track_caller]
fn check(name: &str, text: String, expected: &str) {
    let world = World::empty();
    world.write(name, &text);
    bounded(&world, &["split", name, "--out", "out"], expected);
    assert!(!world.path().join("out").exists(), "nothing is written");
}

fn page(inside: &str) -> String {
    format!("<html><body><article>{inside}</article></body></html>")
}

#[test]
fn what_is_larger_than_articles_is_refused() {
    check("big.html", page(&"word ".repeat(20_000_000)), "more than 5 MB");
    let paragraph =
        "Some words that are long enough to be prose for all purposes here and now.\n\n";
    check("long.txt", paragraph.repeat(40_000), "lines");
    check("long.md", paragraph.repeat(20_000), "more than an article");
    check("long.html", page(&"<p>This says a word.".repeat(20_000)), "more than an article");
}

#[test]
fn what_nests_deeper_than_pages_do_is_refused() {
    for tag in ["<div>", "<b><p>", "<font color=red>", "<a href=x><i>", "<blockquote>"] {
        check("deep.html", page(&tag.repeat(100_000)), "nests deeper");
    }
    for mark in [">", "- ", "* "] {
        check("deep.md", format!("# a\n\n{}\n", mark.repeat(20_000)), "nests deeper");
    }
}

#[test]
fn what_has_more_marks_than_words_is_refused() {
    check("tags.html", page(&"<i>a</i>".repeat(200_000)), "tags");
    let attributes: Vec<String> = (0..100_000).map(|n| format!("a{n}=b")).collect();
    let attributes = attributes.join(" ");
    check("wide.html", page(&format!("<p {attributes}>a</p>")), "attributes");
    check("open.md", format!("# a\n\n{}", "[".repeat(1_000_000)), "marks");
    check("stars.md", format!("# a\n\n{}", "**a\n".repeat(200_000)), "lines");
    check("bold.md", format!("# a\n\n{}", "**a **a **a **a **a\n".repeat(30_000)), "marks");
}

#[test]
fn what_is_no_text_is_named() {
    check("zero.md", "a\0b".repeat(1_000), "not text");
    check("empty.md", String::new(), "no article");
    check("menu.html", page("<nav><a href=/>Home</a></nav>"), "no article");
}
