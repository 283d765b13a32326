//! Timelines as text, and the promises as properties.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::{
    model::{
        Again, EmailAddress, Enroll, EnrollmentId, Errand, Facts, Filter, Frozen, Message,
        MessageId, MessageKey, MessageKind, MessageState, Name, OnUnknown, SendRules, Stage,
        Standing, Status, Step, StopReason, SubscriberId, SubscriptionId, Trigger, Verdict,
        Version,
    },
    time::{Days, Hours, SendWindow, civil},
};

fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

fn tag(text: &str) -> Filter {
    Filter::Is(crate::model::Atom::Tag(name(text)))
}

/// Steps like `welcome 0m`, `tips 2d skip`; 08:30 in 08:00-20:00, not on Sundays.
fn campaign(steps: &str) -> Campaign {
    let days = Days::NAMES[..6].iter().fold(Days::NONE, |days, day| days.with(day).expect("a day"));
    let hours = Hours::parse("08:00-20:00").expect("hours");
    let window = SendWindow::new(days, hours, civil::Time::constant(8, 30, 0, 0)).expect("opens");
    let steps = steps.lines().map(|line| {
        let mut words = line.split_whitespace();
        let id = name(words.next().expect("an id"));
        let delay = Delay::parse(words.next().expect("a delay")).expect("a delay");
        let skip_if = words.next().map(|_| tag("skips"));
        Step { id, renamed_from: None, delay, skip_if, file: String::new() }
    });
    Campaign {
        id: name("course"),
        renamed_from: None,
        title: "Course".to_owned(),
        status: Status::Active,
        layout: "plain".to_owned(),
        enroll: Enroll {
            when: Trigger::Confirmed,
            list: name("news"),
            again: Again::Never,
            exit: Some(tag("exits")),
        },
        send: SendRules {
            zone: None,
            window,
            on_unknown: OnUnknown::Resend,
            unknown_delay: SignedDuration::from_mins(15),
        },
        steps: steps.collect(),
    }
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").expect("a zone")
}

fn local(text: &str) -> Timestamp {
    let civil: civil::DateTime = text.parse().expect("a time");
    civil.to_zoned(berlin()).expect("in range").timestamp()
}

fn show(at: Timestamp) -> String {
    at.to_zoned(berlin()).strftime("%a %F %H:%M").to_string()
}

fn facts(tags: &[&str]) -> Facts {
    Facts { tags: tags.iter().map(|text| name(text)).collect(), ..Facts::default() }
}

#[track_caller]
fn check(steps: &str, enrolled: &str, tags: &[&str], expected: Expect) {
    let timeline = forecast(&campaign(steps), &berlin(), local(enrolled), |_| facts(tags));
    let lines: Vec<String> = timeline
        .iter()
        .map(|line| format!("{}  {}  {:?}\n", show(line.at), line.step, line.outcome))
        .collect();
    expected.assert_eq(&lines.concat());
}

const COURSE: &str = "causes 0m\nmassage 2d\ntool 3d skip\nprogram 4d";

#[test]
fn a_course_over_the_change_to_summer_time() {
    check(
        COURSE,
        "2026-03-27T20:00",
        &[],
        expect![[r"
            Fri 2026-03-27 20:00  causes  Sent
            Mon 2026-03-30 08:30  massage  Sent
            Thu 2026-04-02 08:30  tool  Sent
            Mon 2026-04-06 08:30  program  Sent
        "]],
    );
}

#[test]
fn a_first_part_leaves_at_night_and_the_second_does_not() {
    check(
        "hello 0m\nsoon 1h",
        "2026-03-28T23:30",
        &[],
        expect![[r"
            Sat 2026-03-28 23:30  hello  Sent
            Mon 2026-03-30 08:00  soon  Sent
        "]],
    );
}

/// They asked anew, or the owner released them at night.
#[test]
fn who_goes_on_with_a_first_part_waits_for_the_morning_unless_they_asked() {
    let campaign = campaign("welcome 0m\ntips 2d");
    let now = local("2026-03-04T01:00");
    for (reason, expected) in
        [(StopReason::Left, now), (StopReason::Bounced, local("2026-03-04T08:00"))]
    {
        let before = Enrollment { progress: Progress::Stopped(reason), done: vec![] };
        let resumed = resume(&campaign, &berlin(), &before, now).expect("parts");
        let waits = Progress::Waiting { step: name("welcome"), due_at: expected };
        assert_eq!(resumed.progress, waits);
    }
}

#[test]
fn a_skipped_part_is_settled_when_it_was_due() {
    check(
        COURSE,
        "2026-03-27T20:00",
        &["skips"],
        expect![[r"
            Fri 2026-03-27 20:00  causes  Sent
            Mon 2026-03-30 08:30  massage  Sent
            Thu 2026-04-02 08:30  tool  Skipped
            Mon 2026-04-06 08:30  program  Sent
        "]],
    );
}

#[test]
fn an_exit_ends_it_before_the_next_part() {
    let campaign = campaign(COURSE);
    let enrolled = local("2026-03-27T20:00");
    let leaves_at = local("2026-04-01T12:00");
    let timeline = forecast(&campaign, &berlin(), enrolled, |at| {
        facts(if at >= leaves_at { &["exits"] } else { &[] })
    });
    let last = timeline.last().expect("a line");
    assert_eq!((last.step.as_str(), last.outcome), ("tool", ExpectedOutcome::Exited));
    assert_eq!(timeline.len(), 3);
}

fn message(campaign: &Campaign, enrollment: Enrollment, planned_at: Timestamp) -> Message {
    let Progress::Sending { step, .. } = &enrollment.progress else { panic!("it is being sent") };
    Message {
        id: MessageId(1),
        key: MessageKey {
            kind: MessageKind::Step,
            subscriber: SubscriberId(1),
            campaign: campaign.id.clone(),
            step: step.clone(),
            occurrence: 0,
        },
        subscription: SubscriptionId(1),
        errand: Errand::Step { id: EnrollmentId(1), enrollment },
        version: Version("v".into()),
        frozen: Frozen {
            email: EmailAddress::parse("ada@example.org").expect("an address"),
            zone: None,
            fields: BTreeMap::new(),
            next: None,
        },
        message_id: "x@example.org".to_owned(),
        planned_at,
        dated_at: planned_at,
        body_hash: None,
        worker: 1,
        attempt: 1,
        deferrals: 0,
        deferred_since: None,
        unknowns: 0,
        standing: standing(),
    }
}

fn rules<'a>(campaign: &'a Campaign, message: &'a Message) -> Rules<'a> {
    static BERLIN: std::sync::OnceLock<TimeZone> = std::sync::OnceLock::new();
    Rules::Step { campaign, step: &message.key.step, zone: BERLIN.get_or_init(berlin) }
}

fn standing() -> Standing {
    Standing { is_ours: true, is_subscribed: true, is_awaited: true, ..Standing::default() }
}

/// Somebody whose `step` was due at `due` and is in the outbox.
fn sending(campaign: &Campaign, step: &str, due: &str) -> Message {
    let done = campaign.steps.iter().map(|step| step.id.clone());
    let done = done.take_while(|id| id.as_str() != step).collect();
    let due_at = local(due);
    message(
        campaign,
        Enrollment { progress: Progress::Sending { step: name(step), due_at }, done },
        due_at,
    )
}

fn accepted() -> Verdict {
    Verdict::Accepted { reply: "250".to_owned() }
}

#[track_caller]
fn next_due(settled: &Settled) -> String {
    match &settled.enrollment.as_ref().expect("it goes on").progress {
        Progress::Waiting { step, due_at } => format!("{step} {}", show(*due_at)),
        Progress::Sending { .. } | Progress::Finished | Progress::Stopped(_) => {
            panic!("{settled:?}")
        }
    }
}

/// Three days of outage: the course slides, and late parts keep 20 hours.
#[test]
fn after_an_outage_late_parts_keep_their_distance() {
    let course = campaign("a 0m\nb 1d\nc 1d");
    let message = sending(&course, "b", "2026-06-02T08:30");
    let on_time =
        settle(rules(&course, &message), &message, &accepted(), local("2026-06-02T08:31"));
    assert_eq!(next_due(&on_time), "c Wed 2026-06-03 08:30");
    let late = settle(rules(&course, &message), &message, &accepted(), local("2026-06-05T19:00"));
    assert_eq!(next_due(&late), "c Mon 2026-06-08 08:30", "13 hours later would be too soon");
    let late_in_the_morning =
        settle(rules(&course, &message), &message, &accepted(), local("2026-06-04T09:30"));
    assert_eq!(next_due(&late_in_the_morning), "c Fri 2026-06-05 08:30");
}

#[test]
fn a_verdict_decides_between_settled_later_and_never() {
    let course = campaign(COURSE);
    let sent = sending(&course, "massage", "2026-06-02T08:30");
    let now = local("2026-06-02T08:31");
    let reply = || "said".to_owned();
    let check = |verdict: Verdict, message: &Message, expected: Expect| {
        let settled = settle(rules(&course, message), message, &verdict, now);
        let again = settle(rules(&course, message), message, &verdict, now);
        assert_eq!(settled, again, "said twice");
        expected.assert_eq(&format!(
            "{:?} {} {:?} suppress {}",
            settled.state,
            settled.due_at.map(show).unwrap_or_default(),
            settled.enrollment.map(|enrollment| enrollment.progress),
            settled.suppresses
        ));
    };
    let deferred = Verdict::Deferred { stage: Stage::Rcpt, reply: reply() };
    check(deferred.clone(), &sent, expect!["Due Tue 2026-06-02 08:36 None suppress false"]);
    let tired = Message { deferrals: 20, ..sent.clone() };
    check(deferred.clone(), &tired, expect!["Due Tue 2026-06-02 12:31 None suppress false"]);
    let old = Message { deferred_since: Some(local("2026-05-30T08:00")), ..sent.clone() };
    check(
        deferred,
        &old,
        expect![[
            r#"Expired  Some(Waiting { step: Name("tool"), due_at: 2026-06-05T06:30:00Z }) suppress false"#
        ]],
    );
    let refused = |is_hard| Verdict::Refused { stage: Stage::Rcpt, reply: reply(), is_hard };
    check(
        refused(false),
        &sent,
        expect![[
            r#"Refused  Some(Waiting { step: Name("tool"), due_at: 2026-06-05T06:30:00Z }) suppress false"#
        ]],
    );
    check(refused(true), &sent, expect!["Refused  Some(Stopped(Bounced)) suppress true"]);
    let lost = Verdict::Unknown { reply: reply() };
    check(lost.clone(), &sent, expect!["Due Tue 2026-06-02 08:46 None suppress false"]);
    let lost_before = Message { unknowns: 1, ..sent.clone() };
    check(
        lost,
        &lost_before,
        expect![[
            r#"Unknown  Some(Waiting { step: Name("tool"), due_at: 2026-06-05T06:30:00Z }) suppress false"#
        ]],
    );
    let trouble = Verdict::NotHandedOver { stage: Stage::Connect, reply: reply() };
    check(trouble, &sent, expect!["Due Tue 2026-06-02 08:31 None suppress false"]);
}

#[test]
fn what_forbids_beats_what_delays() {
    let course = campaign(COURSE);
    let night = local("2026-06-02T23:00");
    let decide_on = |step: &str, standing: &Standing, gate: Gate, now: Timestamp| {
        let (step, zone) = (name(step), berlin());
        let rules = Rules::Step { campaign: &course, step: &step, zone: &zone };
        decide(rules, Look { standing, gate, due_at: now, now })
    };
    let held = |until, reason| Decision::Hold { until, reason };
    let open = Gate::Open;
    assert_eq!(
        decide_on("causes", &standing(), open, night),
        Decision::Send,
        "they just confirmed"
    );
    let morning = local("2026-06-03T08:00");
    assert_eq!(
        decide_on("massage", &standing(), open, night),
        held(morning, HoldReason::WindowClosed)
    );
    let left = Standing { is_subscribed: false, is_paused: true, ..standing() };
    assert_eq!(decide_on("massage", &left, open, night), Decision::Drop(DropReason::Left));
    let suppressed = Standing { is_suppressed: true, ..standing() };
    assert_eq!(
        decide_on("causes", &suppressed, open, night),
        Decision::Drop(DropReason::Suppressed)
    );
    let exited = Standing { facts: facts(&["exits"]), ..standing() };
    assert_eq!(decide_on("causes", &exited, open, night), Decision::Drop(DropReason::Exited));
    let ended = Standing { is_awaited: false, ..standing() };
    assert_eq!(decide_on("causes", &ended, open, night), Decision::Drop(DropReason::Ended));
    let lost = Standing { is_ours: false, is_subscribed: false, ..standing() };
    assert_eq!(decide_on("causes", &lost, open, night), Decision::Abandon);
    let later = local("2026-06-02T23:15");
    let paused = Standing { is_paused: true, ..standing() };
    assert_eq!(decide_on("causes", &paused, open, night), held(later, HoldReason::Paused));
    let boxed = decide_on("causes", &standing(), Gate::Sandboxed, night);
    assert_eq!(boxed, held(later, HoldReason::Sandboxed));
}

#[test]
fn an_edit_never_sends_a_part_twice_or_backwards() {
    let done = |ids: &[&str]| ids.iter().map(|id| name(id)).collect::<Vec<_>>();
    let next = |steps: &str, settled: &[&str]| {
        next_step(&campaign(steps), &done(settled)).map(|step| step.id.to_string())
    };
    assert_eq!(next("a 0m\nb 1d", &[]).as_deref(), Some("a"));
    assert_eq!(next("a 0m\nnew 1d\nb 1d", &["a"]).as_deref(), Some("new"), "inserted ahead");
    assert_eq!(next("new 0m\na 0m\nb 1d", &["a"]).as_deref(), Some("b"), "inserted behind");
    assert_eq!(next("a 0m\nc 1d", &["a", "b"]).as_deref(), Some("c"), "removed");
    assert_eq!(next("b 0m\na 1d\nc 1d", &["a", "b"]).as_deref(), Some("c"), "reordered");
    assert_eq!(next("a 0m\nb 1d", &["a", "b"]), None);
}

proptest! {
    /// Whatever the delays, the relay and the hour of the sign-up: each step at
    /// most once, in order, never outside its window.
    #[test]
    fn parts_come_once_in_order_and_inside_the_window(
        delays in proptest::collection::vec("([0-9]{1,2}h|[0-9]{1,3}m|[0-9]d)", 1..7),
        enrolled in 1_760_000_000i64..1_800_000_000,
        verdicts in proptest::collection::vec(0u8..6, 40),
        zone in prop_oneof!["Europe/Berlin", "Pacific/Apia", "America/New_York", "Asia/Kathmandu"],
    ) {
        let steps: Vec<String> =
            delays.iter().enumerate().map(|(n, delay)| format!("s{n} {delay}")).collect();
        let course = campaign(&steps.join("\n"));
        let zone = TimeZone::get(&zone).expect("a zone");
        let mut now = Timestamp::from_second(enrolled).expect("in range");
        let mut enrollment = enroll(&course, &zone, now);
        let mut sent: Vec<Name> = Vec::new();
        let mut verdicts = verdicts.into_iter();
        while let Progress::Waiting { due_at, .. } = enrollment.progress {
            now = now.max(due_at);
            let advanced = advance(&course, &zone, enrollment, &Facts::default(), now);
            enrollment = advanced.enrollment;
            let Some(step) = advanced.enqueue else { continue };
            let mut in_outbox = message(&course, enrollment.clone(), now);
            let settled = loop {
                let standing = standing();
                let look = Look { standing: &standing, gate: Gate::Open, due_at, now };
                match decide(Rules::Step { campaign: &course, step: &step, zone: &zone }, look) {
                    Decision::Send => {}
                    Decision::Hold { until, .. } => {
                        prop_assert!(until > now);
                        now = until;
                        continue;
                    }
                    Decision::Drop(_) | Decision::Abandon => unreachable!("nothing forbids it"),
                }
                let is_open = course.send.window.is_open(now, &zone);
                let just_confirmed =
                    course.leaves_at_any_hour(&step) && now.duration_since(due_at) <= LATE_AFTER;
                prop_assert!(is_open || just_confirmed, "{step} at {now}");
                let reply = String::new();
                let verdict = match verdicts.next().unwrap_or(0) {
                    1 | 2 => Verdict::Deferred { stage: Stage::Rcpt, reply },
                    3 => Verdict::Unknown { reply },
                    4 => Verdict::NotHandedOver { stage: Stage::Connect, reply },
                    5 => Verdict::Refused { stage: Stage::Dot, reply, is_hard: false },
                    _ => Verdict::Accepted { reply },
                };
                let settled = settle(
                    Rules::Step { campaign: &course, step: &step, zone: &zone },
                    &in_outbox,
                    &verdict,
                    now,
                );
                match settled.due_at {
                    None => break settled,
                    Some(due_at) => {
                        prop_assert_eq!(settled.state, MessageState::Due);
                        prop_assert!(due_at > now);
                        now = due_at;
                        in_outbox.attempt += 1;
                        in_outbox.deferrals = settled.deferrals;
                        in_outbox.deferred_since = settled.deferred_since;
                        in_outbox.unknowns = settled.unknowns;
                    }
                }
            };
            prop_assert!(!sent.contains(&step), "{step} twice");
            sent.push(step);
            enrollment = settled.enrollment.expect("it goes on");
        }
        prop_assert_eq!(enrollment.progress, Progress::Finished);
        let all: Vec<Name> = course.steps.iter().map(|step| step.id.clone()).collect();
        prop_assert_eq!(sent, all);
    }
}

#[test]
fn a_stopped_enrollment_stays_stopped() {
    let course = campaign(COURSE);
    let stopped = Enrollment { progress: Progress::Stopped(StopReason::Left), done: Vec::new() };
    let now = local("2026-06-02T08:31");
    let advanced = advance(&course, &berlin(), stopped.clone(), &Facts::default(), now);
    assert_eq!(advanced, Advanced { enrollment: stopped, enqueue: None, skipped: Vec::new() });
}

/// A confirmation that was put into the outbox at `planned_at`.
fn confirmation(planned_at: Timestamp) -> Message {
    let course = campaign(COURSE);
    let message = sending(&course, "causes", "2026-06-02T08:30");
    let errand = Errand::Confirmation(crate::model::SignUpId(7));
    let key = MessageKey { kind: MessageKind::Confirmation, ..message.key };
    Message { key, errand, planned_at, ..message }
}

#[test]
fn a_confirmation_leaves_at_any_hour_while_somebody_waits_for_it() {
    let night = local("2026-06-02T03:00");
    let decide_at = |standing: &Standing, gate, now| {
        decide(Rules::Confirmation, Look { standing, gate, due_at: night, now })
    };
    let asked = || Standing { is_subscribed: false, ..standing() };
    let check = |standing: Standing, expected: Decision| {
        assert_eq!(decide_at(&standing, Gate::Open, night), expected, "{standing:?}");
    };
    check(asked(), Decision::Send);
    check(Standing { is_ours: false, ..asked() }, Decision::Abandon);
    check(Standing { is_suppressed: true, ..asked() }, Decision::Drop(DropReason::Suppressed));
    check(Standing { is_awaited: false, ..asked() }, Decision::Drop(DropReason::Answered));
    // Forms to addresses that may not be written to wait, for a day.
    let held = decide_at(&asked(), Gate::Sandboxed, night);
    assert!(matches!(held, Decision::Hold { reason: HoldReason::Sandboxed, .. }), "{held:?}");
    let a_day_later = night + SignedDuration::from_hours(24);
    assert_eq!(decide_at(&asked(), Gate::Open, a_day_later), Decision::Send);
    let later = a_day_later + SignedDuration::from_secs(1);
    for gate in [Gate::Open, Gate::Sandboxed] {
        assert_eq!(decide_at(&asked(), gate, later), Decision::Drop(DropReason::TooLate));
    }
}

#[test]
fn a_confirmation_is_tried_for_a_day_and_after_a_lost_answer_once_more() {
    let now = local("2026-06-02T03:00");
    let settle = |message: &Message, verdict: Verdict| {
        let settled = settle(Rules::Confirmation, message, &verdict, now);
        assert_eq!(settled.enrollment, None, "nobody has entered anything");
        (settled.state, settled.due_at.map(show).unwrap_or_default(), settled.suppresses)
    };
    let reply = || "said".to_owned();
    let deferred = || Verdict::Deferred { stage: Stage::Rcpt, reply: reply() };
    let lost = || Verdict::Unknown { reply: reply() };
    let sent = confirmation(now);
    let since = |hours| Message {
        deferred_since: Some(now - SignedDuration::from_hours(hours)),
        ..sent.clone()
    };
    let due = |at: &str| (MessageState::Due, format!("Tue 2026-06-02 {at}"), false);
    let ended = |state, suppresses| (state, String::new(), suppresses);
    assert_eq!(settle(&sent, accepted()), ended(MessageState::Sent, false));
    assert_eq!(settle(&since(24), deferred()), due("03:05"));
    assert_eq!(settle(&since(25), deferred()), ended(MessageState::Expired, false));
    assert_eq!(settle(&sent, lost()), due("03:15"));
    let lost_before = Message { unknowns: 1, ..sent.clone() };
    assert_eq!(settle(&lost_before, lost()), ended(MessageState::Unknown, false));
    let refused = Verdict::Refused { stage: Stage::Rcpt, reply: reply(), is_hard: true };
    assert_eq!(settle(&sent, refused), ended(MessageState::Refused, true));
    let broken = quarantine(Rules::Confirmation, &sent, reply(), now);
    assert_eq!((broken.state, broken.enrollment), (MessageState::Quarantined, None));
}
