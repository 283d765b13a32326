//! `fascicle screenshot`, as far as it goes without a browser; the pictures
//! themselves are looked at in `tests/browser`.

use crate::world::{Said, World, root};

#[track_caller]
fn check(said: &Said, code: i32, expected: &str) {
    assert_eq!(said.status.code(), Some(code), "{}", said.stderr);
    assert!(said.stderr.contains(expected), "{}", said.stderr);
}

#[test]
fn without_a_browser_it_says_what_to_install() {
    let world = World::founding();
    // No program is found in an empty folder.
    let nowhere = World::empty();
    let mut command = world.command(&["screenshot", "knot-in-lower-back"]);
    let output = command.env("PATH", nowhere.path()).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: pictures are drawn by Chromium, Chrome or Edge, and none is here: install one \
         (`apt install chromium`, `brew install --cask google-chrome`), or say where it is with \
         --browser PATH\n"
    );
    assert!(!world.path().join("screenshots").exists());
}

#[test]
fn wrong_wishes_are_answered_before_a_browser_starts() {
    let world = World::founding();
    let run = |arguments: &[&str]| world.run(&[&["screenshot"], arguments].concat());
    check(&run(&[]), 2, "<MESSAGE>");
    check(&run(&["knot-in-lower-back", "--width", "99"]), 2, "100..=2000");
    check(&run(&["knot-in-lower-back", "--look", "grey"]), 2, "light, dark");
    let many = "100,101,102,103,104,105,106,107,108";
    check(&run(&["knot-in-lower-back", "--width", many]), 1, "--width takes at most 8 widths");
    check(&run(&["knot"]), 1, "there is no campaign `knot`; there is: knot-in-lower-back");
    check(&run(&["knot-in-lower-back/x"]), 1, "it has: causes, massage, ql-claw, strengthening");
    check(&run(&["confirm", "--sample", "Eve"]), 1, "there is no sample `Eve`");
    check(&run(&["confirm", "--browser", "no/such"]), 1, "no/such does not start");
}

#[test]
fn a_browser_that_draws_nothing_is_no_success() {
    let world = World::founding();
    let browser = |name: &str| root().join("tests/data/browsers").join(name);
    let run = |name: &str| {
        let browser = browser(name);
        world.run(&["screenshot", "confirm", "--browser", browser.to_str().expect("UTF-8")])
    };
    check(&run("draws-nothing"), 1, "the browser did not measure");
    check(&run("fails"), 1, "fails does not start");
    assert!(!world.path().join("screenshots").exists());
}
