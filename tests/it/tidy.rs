//! What is true of the tree.

use std::{fs, path::PathBuf};

use crate::world::root;

/// What each room may use: the table of `src/ARCHITECTURE.md`.
const ROOMS: [(&str, &[&str]); 15] = [
    ("time", &[]),
    ("diagnostic", &[]),
    ("model", &["time"]),
    ("engine", &["time", "model"]),
    ("article", &["model", "diagnostic"]),
    ("render", &["model", "diagnostic"]),
    ("campaign", &["time", "model", "diagnostic", "render"]),
    ("store", &["time", "model", "engine"]),
    ("mail", &["time", "model"]),
    ("rehearsal", &["time", "model", "engine", "render", "campaign", "mail"]),
    ("project", &["time", "model", "article", "campaign"]),
    ("library", &["time", "model", "engine", "campaign", "store"]),
    ("service", &["time", "model", "engine", "campaign", "store", "mail", "library"]),
    (
        "web",
        &[
            "time",
            "diagnostic",
            "model",
            "engine",
            "render",
            "campaign",
            "rehearsal",
            "library",
            "store",
            "mail",
        ],
    ),
    ("config", &["mail", "model"]),
];

/// Files that may be longer than 500 lines, each with its reason.
const LONG: [&str; 0] = [];
const LINES_MAX: usize = 500;

fn files(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let text = fs::read_to_string(&path).expect("text");
                found.push((path.strip_prefix(root()).expect("inside").to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn rooms_use_only_the_rooms_below_them() {
    let mut wrong = Vec::new();
    for (path, text) in files("src", "rs") {
        let place = path.strip_prefix("src").expect("in src");
        let room = place.components().next().expect("a room").as_os_str().to_string_lossy();
        let room = room.trim_end_matches(".rs");
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else { continue };
        let code = text.replace(['\n', ' '], "");
        for (other, _) in ROOMS.iter().chain(&[("cli", &[][..])]) {
            let uses = [
                format!("crate::{other}::"),
                format!("crate::{{{other}::"),
                format!("crate::{{{other},"),
            ];
            let is_listed = uses.iter().any(|used| code.contains(used)) || in_group(&code, other);
            if is_listed && *other != room && !allowed.contains(other) {
                wrong.push(format!("{} uses {other}", path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Whether `room` stands in a `use crate::{…}` of code without spaces.
fn in_group(code: &str, room: &str) -> bool {
    code.match_indices("crate::{").any(|(at, _)| {
        let group = &code[at + "crate::{".len()..];
        let end = group.find(';').unwrap_or(group.len());
        let mut depth = 0;
        let mut begins = true;
        for (at, c) in group[..end].char_indices() {
            if begins && depth == 0 && group[at..].starts_with(&format!("{room}::")) {
                return true;
            }
            begins = matches!(c, ',' | '{');
            depth += i32::from(c == '{') - i32::from(c == '}');
        }
        false
    })
}

#[test]
fn every_room_stands_in_the_map_with_what_it_may_use() {
    let map = fs::read_to_string(root().join("src/ARCHITECTURE.md")).expect("the map");
    for (room, allowed) in ROOMS.iter().filter(|(room, _)| *room != "config") {
        let row = map.lines().find(|line| line.starts_with(&format!("| `{room}/`")));
        let row = row.unwrap_or_else(|| panic!("no row for {room}"));
        let uses = row.rsplit('|').nth(1).expect("a last column").trim();
        if !uses.starts_with("all but") {
            let listed: Vec<&str> = uses.split(", ").filter(|name| *name != "–").collect();
            assert_eq!(listed, *allowed, "{room}");
        }
    }
    assert!(map.lines().count() <= 200);
}

#[test]
fn every_file_says_what_it_is_for_and_is_one_idea() {
    for (path, text) in files("src", "rs").into_iter().chain(files("tests", "rs")) {
        assert!(text.starts_with("//! "), "{} has no header", path.display());
        let name = path.to_string_lossy().into_owned();
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX || LONG.contains(&name.as_str()), "{name} has {lines} lines");
    }
}

#[test]
fn no_word_stands_for_work_that_was_not_done() {
    for folder in ["src", "tests", "campaigns", "templates"] {
        for extension in ["rs", "md", "toml", "mjml"] {
            for (path, text) in files(folder, extension) {
                for word in
                    ["FIX\u{4d}E", "XX\u{58}", "to\u{64}o!", "unimplemented\u{21}", "#[igno\u{72}e"]
                {
                    assert!(!text.contains(word), "{word} in {}", path.display());
                }
            }
        }
    }
    for room in files("src", "rs") {
        let name = room.0.to_string_lossy().into_owned();
        for word in ["utils", "helpers", "common", "manager"] {
            assert!(!name.contains(word), "{name}: a room or file says what it holds");
        }
    }
}

#[test]
fn sql_lettre_and_mrml_stay_behind_their_doors() {
    for (path, text) in files("src", "rs") {
        let name = path.to_string_lossy().replace('\\', "/");
        let is_in = |folder: &str| name.starts_with(folder);
        assert!(!text.contains("rusqlite") || is_in("src/store/"), "{name}");
        assert!(!text.contains("lettre::") || is_in("src/mail/"), "{name}");
        assert!(!text.contains("mrml::") || is_in("src/render/mjml.rs"), "{name}");
        assert!(!text.contains("std::env::var") || is_in("src/config.rs"), "{name}");
    }
}

/// The codes in the words of findings.
fn codes() -> Vec<String> {
    let mut codes = Vec::new();
    for (_, words) in files("src/diagnostic/words", "rs") {
        let quoted =
            words.split('"').filter(|word| word.len() == 4 && word.starts_with(['E', 'W']));
        let found = quoted.filter(|word| word[1..].bytes().all(|c| c.is_ascii_digit()));
        codes.extend(found.map(str::to_owned));
    }
    codes.sort_unstable();
    codes.dedup();
    assert!(codes.len() >= 45, "{codes:?}");
    codes
}

/// Every finding that exists has a wrong file that shows it.
#[test]
fn every_finding_has_a_case() {
    let reports: String =
        files("tests/data/campaign/err", "stderr").into_iter().map(|(_, text)| text).collect();
    // Bytes that are not text and large images are made by a test, and so is what
    // links answer.
    let missing: Vec<String> = codes()
        .into_iter()
        .filter(|code| {
            code != "E014"
                && code != "W120"
                && !code.starts_with("W14")
                && !reports.contains(&format!("[{code}]"))
        })
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

/// Every code has an explanation, and every explanation a code.
#[test]
fn every_finding_is_explained() {
    let explained: Vec<&str> = fascicle::diagnostic::codes().collect();
    assert_eq!(explained, codes());
    for code in explained {
        let text = fascicle::diagnostic::explain(code).expect("a section");
        for part in ["\nWrong:\n\n```", "\nRight:\n\n```"] {
            assert_eq!(text.matches(part).count(), 1, "{code}: {text}");
        }
        assert_eq!(text.matches("```").count(), 4, "{code}");
        assert!(text.lines().all(|line| line.chars().count() <= 110), "{code}");
        let why = text.rsplit("```").next().expect("an end");
        assert!(why.trim().len() > 20, "{code} does not say why");
    }
}

#[test]
fn the_changelog_knows_this_version() {
    let changelog = fs::read_to_string(root().join("CHANGELOG.md")).expect("a changelog");
    assert!(changelog.contains(&format!("## [{}]", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn the_readme_names_commands_that_exist() {
    let readme = fs::read_to_string(root().join("README.md")).expect("a readme");
    let of_init = root().join("src/project/example/README.md");
    let of_init = fs::read_to_string(of_init).expect("the readme of a new project");
    let help = crate::world::World::empty().run(&["--help"]).stdout;
    let commands =
        readme.lines().chain(of_init.lines()).filter_map(|line| line.strip_prefix("fascicle "));
    let mut count = 0;
    for command in commands {
        let name = command.split_whitespace().next().expect("a command");
        assert!(help.contains(&format!("\n  {name} ")), "{name} in {help}");
        count += 1;
    }
    assert!(count >= 8, "{count}");
    assert!(readme.contains("cargo run --release -- demo") && readme.contains("tests/run"));
}

#[test]
fn no_file_is_large_and_the_top_level_is_as_agreed() {
    let agreed = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "campaigns",
        "fascicle.toml",
        "samples.toml",
        "src",
        "templates",
        "tests",
    ];
    for entry in fs::read_dir(root()).expect("the root") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        // What a user's own run leaves there is ignored by git.
        let is_ours = name.starts_with('.')
            || ["target", "screenshots"].contains(&&*name)
            || name.starts_with("fascicle.db");
        assert!(is_ours || agreed.contains(&name.as_str()), "{name}");
    }
    let mut folders: Vec<PathBuf> =
        ["src", "tests", "templates", "campaigns"].map(|f| root().join(f)).into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                let size = entry.metadata().expect("metadata").len();
                assert!(size <= 200_000, "{} has {size} bytes", entry.path().display());
            }
        }
    }
}
