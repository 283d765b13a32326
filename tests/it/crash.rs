//! kill -9 in the middle of sending: nothing lost, copies bounded.
//!
//! The rig must be able to fail: two senders that are broken in the usual ways
//! (`broken`) go through the same kills and lose mail.

use std::collections::BTreeMap;

use crate::{
    broken::{self, Fault},
    relay::Relay,
    world::{Running, World},
};

const PEOPLE: usize = 500;
const PARTS: usize = 4;
const KILLS: usize = 8;
const CONNECTIONS: usize = 10;

/// What is left after a run with kills.
#[derive(Debug)]
struct Ledger {
    /// Messages that are noted as sent and never arrived.
    lost: usize,
    /// Copies beyond the first.
    extra: usize,
    /// Messages that are listed as unknown.
    unknown: usize,
    /// Copies that differ from the first in Message-ID or bytes.
    different: usize,
    /// People who got a part before the one that comes before it.
    out_of_order: usize,
}

/// Lets `start` send everything, and kills it eight times on the way: each
/// time after some more messages were accepted, the first time after the first.
fn run_with_kills(
    world: &World,
    relay: &Relay,
    mut start: impl FnMut() -> Running,
    end: fn(Running),
) -> Ledger {
    let all = i64::try_from(PEOPLE * PARTS).expect("small");
    let settled = "SELECT count(*) FROM message WHERE state IN ('sent', 'unknown')";
    let mut running = start();
    let mut target = 1;
    for kill in 0..KILLS {
        // A sender that loses mail may never get there.
        relay.wait_until("more arrives, or all is settled", || {
            relay.accepted().len() >= target || world.query(settled) == all
        });
        running.kill();
        // Uneven steps, so that kills fall on different moments of a batch.
        target = relay.accepted().len() + 97 + 31 * (kill % 3);
        running = start();
    }
    relay.wait_until("everything is settled", || world.query(settled) == all);
    end(running);

    let copies = relay.copies();
    let noted_as_sent = world.message_ids("sent");
    let extras = copies.values().map(|copies| copies.len() - 1);
    let different = copies
        .values()
        .filter(|copies| copies.iter().any(|copy| copy.hash != copies[0].hash))
        .count();
    Ledger {
        lost: noted_as_sent.iter().filter(|id| !copies.contains_key(&format!("<{id}>"))).count(),
        extra: extras.sum(),
        unknown: world.message_ids("unknown").len(),
        different,
        out_of_order: out_of_order(relay),
    }
}

/// People whose parts did not come in the campaign's order. A part that is
/// listed as unknown may be missing; the others keep their order.
fn out_of_order(relay: &Relay) -> usize {
    const SUBJECTS: [&str; PARTS] = [
        "Why there is a knot in your lower back",
        "Deep tissue massage and why people use it",
        "The QL Claw and massage at home",
        "Stretch and strengthen your lower back",
    ];
    let mut by_person: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for recorded in relay.accepted() {
        let subject = crate::relay::header(&recorded.bytes, "subject");
        let part = SUBJECTS.iter().position(|known| *known == subject).expect("a known part");
        let parts = by_person.entry(recorded.to).or_default();
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    by_person.values().filter(|parts| !parts.is_sorted()).count()
}

fn prepared(relay: &Relay) -> World {
    let world = World::at_once(relay, CONNECTIONS);
    world.good(&["apply"]);
    world.import(PEOPLE);
    world
}

#[test]
fn nothing_is_lost_when_the_process_is_killed() {
    let relay = Relay::start();
    let world = prepared(&relay);
    let ledger = run_with_kills(&world, &relay, || world.start(), Running::stop);
    println!("{ledger:?}");
    assert_eq!(ledger.lost, 0, "{ledger:?}");
    assert!(ledger.unknown <= KILLS * CONNECTIONS, "{ledger:?}");
    assert_eq!(ledger.different, 0, "copies have the bytes of the first: {ledger:?}");
    assert_eq!(ledger.out_of_order, 0, "{ledger:?}");
    assert!(ledger.extra <= KILLS * CONNECTIONS, "one copy a connection and kill: {ledger:?}");
    assert_eq!(relay.complaints(), Vec::<String>::new());
}

#[test]
fn a_sender_that_marks_before_it_sends_is_found_out() {
    let relay = Relay::start();
    let world = prepared(&relay);
    let fault = Fault::MarksFirst;
    let ledger =
        run_with_kills(&world, &relay, || broken::start(&world, &relay, fault), Running::kill);
    println!("{ledger:?}");
    assert!(ledger.lost > 0, "{ledger:?}");
}

#[test]
fn a_sender_whose_cursor_moves_at_the_fetch_is_found_out() {
    let relay = Relay::start();
    let world = prepared(&relay);
    let fault = Fault::CursorAtFetch;
    let ledger =
        run_with_kills(&world, &relay, || broken::start(&world, &relay, fault), Running::kill);
    println!("{ledger:?}");
    assert!(ledger.lost > 0, "{ledger:?}");
}
