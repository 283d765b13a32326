//! The founding campaign on a virtual clock: the timeline is the test.

use expect_test::expect_file;

use crate::world::World;

#[track_caller]
fn check(arguments: &[&str], expected: &str) {
    let world = World::founding();
    // Twice: the same files and the same start play the same way.
    let timeline = world.good(&[&["demo", "--exit"], arguments].concat());
    assert_eq!(timeline, world.good(&[&["demo", "--exit"], arguments].concat()));
    expect_file![format!("{}/tests/data/play/{expected}", env!("CARGO_MANIFEST_DIR"))]
        .assert_eq(&timeline);
}

/// Europe goes forward on 29 March 2026, two days after they sign up; Lord
/// Howe goes back by half an hour on 5 April.
#[test]
fn everybody_gets_their_parts_in_the_morning_across_the_change_in_spring() {
    check(&["--start", "2026-03-27T19:00"], "spring.timeline");
}

/// Europe goes back on 25 October 2026, America on 1 November.
#[test]
fn everybody_gets_their_parts_in_the_morning_across_the_change_in_autumn() {
    check(&["--start", "2026-10-23T23:30"], "autumn.timeline");
}

#[test]
fn the_demo_prints_one_object_a_message_and_a_summary() {
    let world = World::founding();
    let output = world.good(&["demo", "--exit", "--format", "json"]);
    let lines: Vec<serde_json::Value> =
        output.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect();
    let (summary, messages) = lines.split_last().expect("a summary");
    assert_eq!(
        summary["summary"],
        serde_json::json!({
            "people": 7, "sent": 31, "skipped": 1, "left": 2, "lost": 0, "duplicates": 0,
        })
    );
    assert_eq!(messages.len(), 31);
    for message in messages {
        for key in ["kind", "campaign", "step", "to", "at", "local", "message_id", "verdict"] {
            assert!(message[key].is_string(), "{key} in {message}");
        }
        assert_eq!(message["verdict"], "accepted");
    }
}

#[test]
fn the_demo_keeps_every_mail_and_no_other() {
    let world = World::founding();
    let out = world.path().join("mails");
    world.good(&["demo", "--exit", "--out", out.to_str().expect("UTF-8")]);
    let mut names: Vec<String> = std::fs::read_dir(&out)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    let of = |person: &str| -> Vec<&str> {
        let steps = names.iter().filter_map(|name| {
            let name = name.strip_suffix(".eml")?;
            name.split_once('-')?.1.strip_prefix(person)?.strip_prefix('-')
        });
        steps.collect()
    };
    let all = ["confirm", "causes", "massage", "ql-claw", "strengthening"];
    for person in ["ada", "grace", "omar", "someone"] {
        assert_eq!(of(person), all, "{person}");
    }
    // Owns the tool; unsubscribes after part two; buys the program before part four.
    assert_eq!(of("kenji"), ["confirm", "causes", "massage", "strengthening"]);
    assert_eq!(of("mia"), ["confirm", "causes", "massage"]);
    assert_eq!(of("priya"), ["confirm", "causes", "massage", "ql-claw"]);
    assert_eq!(names.len(), 31);
}

/// One engine: what the forecast says is what the demo does.
#[test]
fn the_forecast_is_what_happens() {
    let world = World::founding();
    let output = world.good(&["demo", "--exit", "--format", "json", "--start", "2026-03-27T19:00"]);
    for (sample, email, zone) in [
        ("Ada", "ada@example.org", "Europe/Berlin"),
        ("Kenji", "kenji@example.org", "Asia/Tokyo"),
        ("Priya", "priya@example.org", "Asia/Kolkata"),
        ("Grace", "grace@example.org", "America/New_York"),
    ] {
        let happened: Vec<(String, String)> = output
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("an object"))
            .filter(|message| message["to"] == email && message["kind"] == "step")
            .map(|message| (message["step"].to_string(), message["local"].to_string()))
            .collect();
        let forecast = world.good(&[
            "forecast",
            "knot-in-lower-back",
            "--enrolled",
            "2026-03-27T19:00:00Z",
            "--zone",
            zone,
            "--sample",
            sample,
            "--format",
            "json",
        ]);
        let forecast: Vec<serde_json::Value> = serde_json::from_str(&forecast).expect("an array");
        let expected: Vec<(String, String)> = forecast
            .iter()
            .filter(|line| line["outcome"].is_null())
            .map(|line| (line["step"].to_string(), line["local"].to_string()))
            .collect();
        assert_eq!(happened, expected, "{sample}");
    }
}
