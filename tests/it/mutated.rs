//! Project files with random slips: bytes, lines and words that were lost,
//! doubled, swapped or put in. Whatever comes of it, reading it ends with a
//! project or an error, and what passes renders for everybody.

use std::collections::BTreeMap;

use fascicle::{
    campaign::{self, Addressee, Project},
    diagnostic::{Form, excerpt, report},
    model::{Name, Next, ProjectFiles},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

/// Slips in one file at a time.
const SLIPS_MAX: usize = 4;

/// Cases of each kind of file: together they take some seconds.
const CASES: u32 = 60;

/// The base project, with a newsletter.
fn project() -> ProjectFiles {
    let sign_up = include_str!("../../templates/pages/sign-up.hbs");
    let words = include_str!("../../templates/words.toml");
    let texts = [
        include_str!("../data/campaign/base.case"),
        "=== campaigns/letter/campaign.toml\n\
         title = \"Letter\"\nstatus = \"draft\"\nlayout = \"plain\"\nrenamed_from = \"old\"\n\n\
         [audience]\nwhen = \"list:news and not (enrolled:course or tag:vip)\"\n\n\
         [schedule]\ncron = \"0 9 * * MON\"\nzone = \"Europe/Berlin\"\nempty = \"remind\"\n\n\
         [source]\nfeed = \"https://example.com/feed.xml\"\n",
        "=== campaigns/letter/issues/2026-11-23-hello.md\n\
         ---\nSubject: Hello {{first_name}}\nStatus: ready\nSend: 2026-12-01T09:00\n\
         # allow W102: a title\n---\n\nHi {{default city \"you\"}}, [look](link:shop){.button}\n",
    ];
    let mut files = ProjectFiles::default();
    for section in texts.iter().flat_map(|text| text.split("=== ").skip(1)) {
        let (path, text) = section.split_once('\n').expect("a path and a text");
        files.insert(path, text.as_bytes());
    }
    files.insert("templates/pages/sign-up.hbs", sign_up.as_bytes());
    files.insert("templates/words.toml", words.as_bytes());
    files
}

/// One slip, at places that are parts of the whole.
#[derive(Clone, Debug)]
enum Slip {
    /// A stretch is lost.
    Lose(f64, usize),
    /// A word is put in.
    Put(f64, String),
    /// A stretch is there several times.
    Double(f64, usize, usize),
    /// Two lines change places.
    Swap(f64, f64),
    /// The rest is lost.
    Cut(f64),
}

fn any_slip(words: &'static [&'static str]) -> impl Strategy<Value = Slip> {
    let known = proptest::sample::select(words).prop_map(str::to_owned);
    let any = "[\\PC\\n\\r\\t\"#\\[\\]{}<>:=-]{1,4}";
    prop_oneof![
        (0.0..1.0, 1usize..12).prop_map(|(at, length)| Slip::Lose(at, length)),
        (0.0..1.0, known).prop_map(|(at, word)| Slip::Put(at, word)),
        (0.0..1.0, any).prop_map(|(at, text)| Slip::Put(at, text)),
        (0.0..1.0, 1usize..40, 1usize..60).prop_map(|(at, length, n)| Slip::Double(at, length, n)),
        (0.0..1.0, 0.0..1.0).prop_map(|(a, b)| Slip::Swap(a, b)),
        (0.0..1.0).prop_map(Slip::Cut),
    ]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a short text"
)]
fn place(part: f64, length: usize) -> usize {
    (part * length as f64) as usize
}

fn slipped(text: &str, slip: &Slip) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let length = chars.len();
    match slip {
        Slip::Lose(at, count) => {
            let start = place(*at, length);
            chars.drain(start..(start + count).min(length));
        }
        Slip::Put(at, word) => {
            let at = place(*at, length + 1).min(length);
            chars.splice(at..at, word.chars());
        }
        Slip::Double(at, count, times) => {
            let start = place(*at, length);
            let piece = chars[start..(start + count).min(length)].to_vec();
            let pieces =
                piece.iter().copied().cycle().take(piece.len() * times).collect::<Vec<_>>();
            chars.splice(start..start, pieces);
        }
        Slip::Swap(a, b) => {
            let mut lines: Vec<&str> = text.lines().collect();
            if !lines.is_empty() {
                let (a, b) = (place(*a, lines.len()), place(*b, lines.len()));
                lines.swap(a, b);
            }
            return lines.join("\n");
        }
        Slip::Cut(at) => chars.truncate(place(*at, length)),
    }
    chars.into_iter().collect()
}

/// Reads the project with slips in `path`, many times.
#[track_caller]
fn check(path: &str, words: &'static [&'static str]) {
    let files = project();
    let (_, bytes) = files.find(path).expect("a file");
    let text = std::str::from_utf8(bytes).expect("text").to_owned();
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let slips = proptest::collection::vec(any_slip(words), 1..=SLIPS_MAX);
    let outcome = TestRunner::new(config).run(&slips, |slips| {
        let text = slips.iter().fold(text.clone(), |text, slip| slipped(&text, slip));
        let mut files = files.clone();
        files.insert(path, text.as_bytes());
        read(&files)
    });
    outcome.unwrap_or_else(|error| panic!("{path}: {error}"));
}

fn read(files: &ProjectFiles) -> Result<(), TestCaseError> {
    let (project, diagnostics) = campaign::read(files);
    for form in [Form::Plain, Form::Colored, Form::Json, Form::GitHub] {
        prop_assert_eq!(report(&diagnostics, form).len() < 4, diagnostics.is_empty());
    }
    for finding in diagnostics.findings() {
        prop_assert!(!finding.hint.is_empty() && !finding.message.is_empty());
        prop_assert!(finding.place.start <= finding.place.end);
        let _ = excerpt(&diagnostics, finding);
    }
    match project {
        None => prop_assert!(diagnostics.has_errors(), "refused without a word"),
        Some(_) if diagnostics.has_errors() => {}
        Some(project) => everybody_gets_it(&project)?,
    }
    Ok(())
}

/// Every mail of `project` renders, whoever gets it.
fn everybody_gets_it(project: &Project) -> Result<(), TestCaseError> {
    let known: BTreeMap<Name, String> =
        project.site.fields.keys().map(|name| (name.clone(), "<b>{{x}}".to_owned())).collect();
    for fields in [&known, &BTreeMap::new()] {
        for edition in project.editions.values() {
            for step in &edition.campaign.steps {
                let next = Next {
                    step: step.id.clone(),
                    weekday: "Monday".to_owned(),
                    date: "1 April".to_owned(),
                };
                for next in [Some(&next), None] {
                    let addressee =
                        Addressee { fields, next, unsubscribe_url: "https://x.example" };
                    let rendered = edition.render(&step.id, &addressee);
                    prop_assert!(rendered.is_ok(), "{}: {:?}", step.id, rendered);
                }
            }
        }
        for edition in project.newsletters.values() {
            for issue in &edition.newsletter.issues {
                let addressee =
                    Addressee { fields, next: None, unsubscribe_url: "https://x.example" };
                let rendered = edition.render(&issue.id, &addressee);
                prop_assert!(rendered.is_ok(), "{}: {:?}", issue.id, rendered);
            }
        }
    }
    Ok(())
}

const OF_TOML: &[&str] = &[
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "\"",
    "'''",
    "\"\"\"",
    "=",
    "#",
    ",",
    ".",
    "\n[[step]]\n",
    "[enroll]\n",
    "true",
    "7",
    "1979-05-27",
    "# allow W105: x\n",
    "after = \"9w\"\n",
    "inf",
];
const OF_CONDITIONS: &[&str] = &[
    "(",
    ")",
    "not ",
    " and ",
    " or ",
    "tag:vip",
    "list:news",
    "event:bought",
    "enrolled:course",
    "finished:letter",
    "clicked:one/shop",
    "clicked:course/one/shop",
    "field.city = \\\"x\\\"",
    "\\\"",
    ":",
    "/",
    "opened:x",
];
const OF_CRON: &[&str] =
    &["*", "/", "-", ",", "0", "60", "30 2", "FEB", "sun", "L", "#", "W", "@daily", "*/0", " "];
const OF_WORDS: &[&str] = &[
    "---\n",
    "Subject: ",
    "{{",
    "}}",
    "{{{",
    "{{#if city}}",
    "{{else}}",
    "{{/if}}",
    "{{> body}}",
    "{{#unless last}}",
    "{{next.title}}",
    "{{!-- ",
    "--}}",
    ":::callout\n",
    ":::\n",
    "](",
    "link:",
    "{.button}",
    "![",
    "**",
    "`",
    "```\n",
    "> ",
    "- ",
    "| a |\n|---|\n",
    "<!--",
    "-->",
    "<b>",
    "\\",
    "&#123;",
    "{{url city}}",
    "{{default city \"x\"}}",
    "\n\n",
];
const OF_LAYOUTS: &[&str] = &[
    "<mj-text>",
    "</mj-text>",
    "<mj-column>",
    "</mj-column>",
    "<mj-section>",
    "</mj-section>",
    "<mj-raw>",
    "</mj-raw>",
    "<mj-style>",
    "<mj-wrapper>",
    "<mj-button href=\"",
    "\"",
    ">",
    "<",
    "/>",
    "<!--",
    "-->",
    "{{> body}}",
    "{{> footer}}",
    "{{#if next}}",
    "{{/if}}",
    "{{city}}",
    "<![CDATA[",
    "&nbsp;",
    "<br>",
    "<mj-include path=\"x\"/>",
    "='",
    "<mj-head>",
    "<mj-hero>",
    "<mj-navbar>",
    "<mj-image />",
    "<mj-carousel>",
    "<mj-social>",
];

#[test]
fn slips_in_manifests() {
    check("campaigns/course/campaign.toml", OF_TOML);
    check("fascicle.toml", OF_TOML);
}

#[test]
fn slips_in_samples() {
    check("samples.toml", OF_TOML);
}

#[test]
fn slips_in_conditions() {
    check("campaigns/letter/campaign.toml", OF_CONDITIONS);
}

#[test]
fn slips_in_schedules() {
    check("campaigns/letter/campaign.toml", OF_CRON);
}

#[test]
fn slips_in_words() {
    check("campaigns/course/1-one.md", OF_WORDS);
    check("campaigns/letter/issues/2026-11-23-hello.md", OF_WORDS);
}

#[test]
fn slips_in_layouts() {
    check("templates/plain.mjml", OF_LAYOUTS);
    check("templates/partials/footer.mjml", OF_LAYOUTS);
}

#[test]
fn slips_in_pages() {
    check("templates/pages/sign-up.hbs", OF_WORDS);
    check("templates/words.toml", OF_TOML);
}
