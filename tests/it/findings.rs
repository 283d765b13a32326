//! Wrong project files and their reports.

use std::{fs, path::PathBuf};

use expect_test::expect_file;

use crate::world::{World, root};

fn cases() -> Vec<PathBuf> {
    let folder = root().join("tests/data/campaign/err");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "case"))
        .collect();
    cases.sort();
    cases
}

/// The base project with the files of a case laid over it.
fn world(case: &str) -> World {
    let world = World::empty();
    lay(
        &world,
        &fs::read_to_string(root().join("tests/data/campaign/base.case")).expect("the base"),
    );
    lay(&world, case);
    world
}

fn lay(world: &World, case: &str) {
    for section in case.split("=== ").skip(1) {
        let (path, text) = section.split_once('\n').expect("a path and a text");
        match path.strip_prefix('!') {
            Some(gone) => fs::remove_file(world.path().join(gone)).expect("a file to remove"),
            None => world.write(path, text),
        }
    }
}

#[test]
fn the_base_is_without_a_finding() {
    let said = world("").run(&["check"]);
    assert_eq!(said.stderr, "1 campaign, nothing to complain about\n");
}

#[test]
fn every_wrong_file_has_its_report() {
    let cases = cases();
    assert!(cases.len() >= 25, "{} cases", cases.len());
    for path in cases {
        let case = fs::read_to_string(&path).expect("a case");
        let world = world(&case);
        let said = world.run(&["check"]);
        expect_file![path.with_extension("stderr")].assert_eq(&said.stderr);
        let has_errors = said.stderr.contains("error[");
        assert_eq!(said.status.code(), Some(i32::from(has_errors)), "{}", path.display());
        // What check refuses, apply and run refuse too.
        if has_errors {
            assert_eq!(world.run(&["apply"]).status.code(), Some(1), "{}", path.display());
            assert!(!world.database().exists(), "{}", path.display());
        }
        check_places(&world, &path);
    }
}

/// The JSON form says the same, and its places lie inside the files.
fn check_places(world: &World, case: &std::path::Path) {
    let said = world.run(&["check", "--format", "json"]);
    let findings: Vec<serde_json::Value> = serde_json::from_str(&said.stdout).expect("an array");
    assert!(!findings.is_empty(), "{}", case.display());
    for finding in findings {
        let file = world.path().join(finding["file"].as_str().expect("a file"));
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let line = usize::try_from(finding["line"].as_u64().expect("a line")).expect("small");
        let column = usize::try_from(finding["column"].as_u64().expect("a column")).expect("small");
        let found = text.lines().nth(line - 1).unwrap_or_default();
        assert!(column <= found.chars().count() + 1, "{}: {finding}", case.display());
        assert!(!finding["hint"].as_str().expect("a hint").is_empty());
    }
}

#[test]
fn findings_come_in_the_form_of_github_too() {
    let world = World::founding();
    world.edit("campaigns/knot-in-lower-back/campaign.toml", |text| text.replace("every", "evry"));
    let said = world.run(&["check", "--format", "github"]);
    assert_eq!(said.status.code(), Some(1));
    assert_eq!(
        said.stdout,
        "::error file=campaigns/knot-in-lower-back/campaign.toml,line=18,col=1,title=E002::unknown key `evry`. did you mean `every`?\n"
    );
}
