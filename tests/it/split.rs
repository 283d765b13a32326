//! Articles of many kinds, and what a careful editor wants of their series
//! (`tests/data/articles/README.md`).

use std::{collections::BTreeMap, fs, path::PathBuf};

use fascicle::{
    article::{self, Article, Given, Made, Series, Setting, Wishes},
    model::Status,
};
use regex_lite::Regex;
use serde_json::Value;

use crate::world::root;

fn folder() -> PathBuf {
    root().join("tests/data/articles")
}

fn setting() -> Setting {
    Setting {
        list: "news".to_owned(),
        layout: "course".to_owned(),
        every: "1d".to_owned(),
        status: Status::Draft,
        schema: None,
    }
}

/// An article of the corpus, and everything that is made of it.
struct Cut {
    article: Article,
    series: Series,
    made: Vec<Made>,
}

fn cut(bytes: &[u8], name: &str) -> Cut {
    let given = Given { name: Some(name.to_owned()), ..Given::default() };
    let article =
        article::read(bytes, &given).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    let series = article::series(&article, &Wishes::default());
    let made = article::files(&article, &series, &setting());
    Cut { article, series, made }
}

/// The corpus: expectations with the bytes of their articles.
fn corpus() -> Vec<(Value, Vec<u8>)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder().join("expect"))
        .expect("expectations")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert!(files.len() >= 30, "{}", files.len());
    let read = |path: PathBuf| {
        let expected: Value =
            serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON");
        let file = expected["file"].as_str().expect("a file's name").to_owned();
        let bytes = fs::read(folder().join(file)).expect("an article");
        (expected, bytes)
    };
    files.into_iter().map(read).collect()
}

/// Letters and digits in lower case: quotes, dashes and marks do not count.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn texts<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    value[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// One email as it is in its file.
struct Email {
    head: String,
    body: String,
    /// The body without marks and without its sources.
    words: String,
    sources: String,
}

fn emails(cut: &Cut) -> Vec<Email> {
    let link = Regex::new(r"\[([^\]]*)\]\([^)]*\)").expect("a pattern");
    let image = Regex::new(r"!\[([^\]]*)\]\([^)]*\)").expect("a pattern");
    let written = cut.made.iter().filter(|made| made.id.is_some());
    let email = |made: &Made| {
        let (head, body) = made.text[4..].split_once("\n---\n").expect("a header block");
        let (words, sources) = match body.split_once(":::small\n") {
            Some((words, sources)) => (words, sources),
            None => (body, ""),
        };
        let plain = image.replace_all(words, "\n$1\n");
        let plain = link.replace_all(&plain, "$1").replace('\\', "").replace("<!-- -->", "");
        Email {
            head: head.to_owned(),
            body: body.to_owned(),
            words: plain.replace("&amp;", "&"),
            sources: sources.to_owned(),
        }
    };
    written.map(email).collect()
}

/// What is wrong with a series, in the words of an editor.
fn complaints(expected: &Value, cut: &Cut) -> Vec<String> {
    let mut wrong = Vec::new();
    let emails = emails(cut);
    let bodies: Vec<String> = emails.iter().map(|email| letters(&email.words)).collect();
    let whole = bodies.concat();
    let range: Vec<u64> =
        expected["emails"].as_array().expect("a range").iter().filter_map(Value::as_u64).collect();
    if !(range[0]..=range[1]).contains(&(emails.len() as u64)) {
        wrong.push(format!("{} emails, not {range:?}", emails.len()));
    }
    let mut at = 0;
    for must in texts(expected, "must").into_iter().chain(texts(expected, "must_also")) {
        let key = letters(must);
        match whole.find(&key) {
            None => wrong.push(format!("lost: {must}")),
            Some(found) if found < at && texts(expected, "must").contains(&must) => {
                wrong.push(format!("out of order: {must}"));
            }
            Some(found) => at = at.max(found),
        }
    }
    let content: Vec<String> = texts(expected, "content").into_iter().map(letters).collect();
    let there: usize = content.iter().filter(|one| whole.contains(*one)).map(String::len).sum();
    let all: usize = content.iter().map(String::len).sum();
    if there * 100 < all * 95 {
        wrong.push(format!("{there} of {all} letters are there"));
    }
    for page_own in texts(expected, "must_not") {
        for email in &emails {
            if spaced(&format!("{} {}", email.head, email.words)).contains(&spaced(page_own)) {
                wrong.push(format!("the page's own: {page_own}"));
            }
        }
    }
    for once in texts(expected, "once") {
        if whole.matches(&letters(once)).count() > 1 {
            wrong.push(format!("twice: {once}"));
        }
    }
    wrong.extend(sections(expected, &emails));
    wrong.extend(pieces(expected, &emails, &bodies));
    wrong.extend(parts(expected, &emails, &bodies));
    wrong
}

/// Headings that are nowhere a heading or subject.
fn sections(expected: &Value, emails: &[Email]) -> Vec<String> {
    let heads: Vec<String> = emails
        .iter()
        .flat_map(|email| {
            let subject =
                email.head.lines().next().unwrap_or_default().replacen("Subject: ", "", 1);
            let headings = email.words.lines().filter(|line| line.starts_with('#')).map(letters);
            headings.chain([letters(&subject)]).collect::<Vec<_>>()
        })
        .collect();
    let bare = |text: &str| text.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned();
    let headings = texts(expected, "headings");
    let lost: Vec<&str> = headings
        .iter()
        .filter(|heading| {
            let key = letters(heading);
            let short = bare(&key);
            !heads.iter().any(|head| *head == key || bare(head) == short || head.contains(&short))
        })
        .copied()
        .collect();
    // A part in hundredths: 0.8 of them, or all.
    let least = if expected["headings_min"].as_f64().unwrap_or(1.0) < 1.0 { 80 } else { 100 };
    if (headings.len() - lost.len()) * 100 < least * headings.len() {
        vec![format!("headings lost: {lost:?}")]
    } else {
        Vec::new()
    }
}

/// Lists, code and captions that are not whole; sources in the wrong email.
fn pieces(expected: &Value, emails: &[Email], bodies: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    for list in expected["lists"].as_array().into_iter().flatten() {
        let text = |key: &str| letters(list[key].as_str().unwrap_or_default());
        let at = bodies.iter().position(|body| body.contains(&text("first")));
        let is_item = |line: &&str| {
            let line = line.trim_start();
            line.starts_with("- ")
                || line.split_once(['.', ')']).is_some_and(|(n, _)| n.parse::<u32>().is_ok())
        };
        let is_whole = at.is_some_and(|at| {
            let items = emails[at].body.lines().filter(is_item).count() as u64;
            bodies[at].contains(&text("last")) && items >= list["n"].as_u64().unwrap_or(0)
        });
        if !is_whole {
            wrong.push(format!("a list is not whole: {}", list["first"]));
        }
    }
    for line in texts(expected, "code") {
        if !emails.iter().any(|email| email.body.contains(line)) {
            wrong.push(format!("code lost: {line}"));
        }
    }
    for caption in texts(expected, "captions") {
        if !emails.iter().any(|email| spaced(&email.words).contains(&spaced(caption))) {
            wrong.push(format!("caption lost: {caption}"));
        }
    }
    let sources = expected["refs"].as_object().into_iter().flatten();
    for (number, source) in sources {
        let cites = Regex::new(&format!(r"\[(?:\d+\s*[,–-]\s*)*{number}(?:\s*[,–-]\s*\d+)*\]"))
            .expect("a pattern");
        for (at, email) in emails.iter().enumerate() {
            let carries =
                letters(&email.sources).contains(&letters(source.as_str().unwrap_or_default()));
            if cites.is_match(&email.words) != carries {
                wrong.push(format!("source [{number}] and email {}", at + 1));
            }
        }
    }
    wrong
}

/// What stands in which email: said of the founding article alone.
fn parts(expected: &Value, emails: &[Email], bodies: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (number, wanted) in expected["steps"].as_object().into_iter().flatten() {
        let at: usize = number.parse().expect("a number");
        let Some((email, body)) = emails.get(at - 1).zip(bodies.get(at - 1)) else { continue };
        for must in texts(wanted, "must") {
            if !body.contains(&letters(must)) {
                wrong.push(format!("not in email {at}: {must}"));
            }
        }
        for must_not in texts(wanted, "must_not") {
            if body.contains(&letters(must_not)) {
                wrong.push(format!("in email {at}: {must_not}"));
            }
        }
        let subjects = texts(wanted, "subject_any");
        if !subjects.is_empty()
            && !subjects.iter().any(|one| spaced(&email.head).contains(&spaced(one)))
        {
            wrong.push(format!("the subject of email {at}: {}", email.head));
        }
    }
    wrong
}

#[test]
fn every_article_becomes_a_series_its_author_would_sign() {
    let mut wrong = BTreeMap::new();
    for (expected, bytes) in corpus() {
        let id = expected["id"].as_str().expect("an id").to_owned();
        let cut = cut(&bytes, expected["file"].as_str().expect("a name"));
        let complaints = complaints(&expected, &cut);
        if !complaints.is_empty() {
            wrong.insert(id, complaints);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn names_of_emails_fit_an_inbox_and_are_not_said_twice() {
    for (expected, bytes) in corpus() {
        let cut = cut(&bytes, expected["file"].as_str().expect("a name"));
        let mut subjects: Vec<String> = Vec::new();
        for email in &cut.series.emails {
            let (subject, preheader) = (&email.subject, &email.preheader);
            assert!((1..=60).contains(&subject.chars().count()), "{}: {subject}", expected["id"]);
            assert!(preheader.chars().count() <= 140, "{}: {preheader}", expected["id"]);
            assert_ne!(letters(subject), letters(preheader), "{}", expected["id"]);
            assert!(!subjects.contains(subject), "{}: {subject}", expected["id"]);
            subjects.push(subject.clone());
        }
    }
}

/// Every block is in one email, in order; every other piece has its reason.
#[test]
fn every_block_is_sent_once_or_told() {
    for (expected, bytes) in corpus() {
        let Cut { article, series, .. } = cut(&bytes, expected["file"].as_str().expect("a name"));
        let mut next = 0;
        for email in &series.emails {
            assert_eq!(email.blocks.start, next, "{}", expected["id"]);
            next = email.blocks.end;
        }
        assert_eq!(next, article.blocks.len(), "{}", expected["id"]);
    }
}

#[test]
fn a_series_is_cut_the_same_twice_and_from_its_own_canonical_article() {
    for (expected, bytes) in corpus() {
        let name = expected["file"].as_str().expect("a name");
        let (one, two) = (cut(&bytes, name), cut(&bytes, name));
        assert_eq!(one.made, two.made, "{name}");
        let canonical = article::canonical(&one.article);
        let again = cut(canonical.as_bytes(), "article.md");
        let emails = |cut: &Cut| -> Vec<(String, String)> {
            cut.series
                .emails
                .iter()
                .map(|email| (email.subject.clone(), email.body.clone()))
                .collect()
        };
        assert_eq!(emails(&again), emails(&one), "{name}");
    }
}

/// In each form of the founding article, and in a page's own boxes.
#[test]
fn what_was_left_out_can_be_put_back() {
    for (file, words) in [
        ("founding.txt", "30 Day Money Back"),
        ("founding.html", "Leave a comment"),
        ("founding.txt", "Skip to content"),
        ("founding.txt", "QL pain pattern"),
        ("news-tram.html", "Ines has covered"),
        ("faq-bees.html", "your first jar is free"),
    ] {
        let bytes = fs::read(folder().join(file)).expect("an article");
        let keep = vec![words.to_owned()];
        let given = Given { name: Some(file.to_owned()), keep, ..Given::default() };
        let article = article::read(&bytes, &given).expect("an article");
        let is_back = article.blocks.iter().any(|block| block.text.contains(words));
        assert!(is_back, "{words} of {file}");
        let is_told = article.left_out.iter().any(|one| one.text.contains(words));
        assert!(!is_told, "{words} of {file}");
    }
}
