//! The account at the end. Nothing in it is remembered: what was sent is the
//! database's word, what arrived the catcher's.

use std::collections::BTreeMap;

use super::{CONNECTIONS, arrivals::Arrivals};
use crate::{
    mail::Caught,
    model::{MessageState, sha256_hex},
    store::{Entry, Store},
    time::Timestamp,
    web::{Account, Copied, Crash},
};

/// Messages that are added up: as many as the catcher keeps.
pub(super) const MESSAGES_MAX: usize = 10_000;

/// How the sender lived.
#[derive(Clone, Copy, Debug)]
pub(super) enum Life {
    Undisturbed,
    /// It was killed so often.
    Killed(usize),
}

/// What the play came to.
pub(super) async fn add_up(
    store: &Store,
    arrivals: &Arrivals,
    people: usize,
    (life, now): (Life, Timestamp),
) -> anyhow::Result<Account> {
    let entries = store.ledger(MESSAGES_MAX).await?;
    let report = store.report(now).await?;
    let campaigns = &report.campaigns;
    let count = |count: i64| usize::try_from(count).unwrap_or(0);
    let mut account = compare(&entries, arrivals.by_id());
    account.people = people;
    account.left = count(campaigns.iter().map(|campaign| campaign.stopped).sum());
    account.waiting = count(campaigns.iter().map(|campaign| campaign.inside).sum());
    account.crash = match life {
        Life::Undisturbed => None,
        Life::Killed(killed) => Some(Crash { killed, copies_max: killed * CONNECTIONS }),
    };
    Ok(account)
}

/// Holds the database's word against the catcher's.
fn compare(entries: &[Entry], arrived: &BTreeMap<String, Vec<Caught>>) -> Account {
    let mut account = Account::default();
    let mut planned = 0;
    for entry in entries {
        let mails = entry.message_id.as_ref().and_then(|id| arrived.get(id));
        let mails = mails.map_or(&[][..], |mails| &mails[..]);
        planned += mails.len();
        account.arrived += usize::from(!mails.is_empty());
        match entry.state {
            MessageState::Sent => {
                account.sent += 1;
                account.lost += usize::from(mails.is_empty());
            }
            MessageState::Due | MessageState::Claimed => account.lost += 1,
            MessageState::Skipped => account.skipped += 1,
            // Who left meanwhile does not want it any more.
            MessageState::Dropped => account.unnoted += usize::from(!mails.is_empty()),
            // Recorded, and for their owner to see.
            MessageState::Refused
            | MessageState::Unknown
            | MessageState::Expired
            | MessageState::Quarantined => {
                account.unnoted += usize::from(!mails.is_empty());
                account.parked += usize::from(mails.is_empty());
            }
        }
        let Some((first, copies)) = mails.split_first() else { continue };
        let is_noted = |hash: &String| *hash == sha256_hex(&first.bytes);
        account.different += usize::from(!entry.body_hash.as_ref().is_none_or(is_noted));
        for copy in copies {
            // Message-ID and Date are bytes of it.
            account.different += usize::from(copy.bytes != first.bytes);
            account.copies.push(copied(entry, first.number, copy.number));
        }
    }
    let all: usize = arrived.values().map(Vec::len).sum();
    account.different += all - planned;
    account.copies.sort_by_key(|copy| copy.mail);
    account
}

fn copied(entry: &Entry, first: usize, mail: usize) -> Copied {
    Copied {
        what: entry.step.to_string(),
        to: entry.to.as_str().to_owned(),
        message_id: entry.message_id.clone().unwrap_or_default(),
        first,
        mail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EmailAddress, MessageKind, Name};

    fn entry(id: &str, state: MessageState, bytes: &[u8]) -> Entry {
        Entry {
            message_id: Some(id.to_owned()),
            kind: MessageKind::Step,
            campaign: Name::trusted("course"),
            step: Name::trusted("one"),
            to: EmailAddress::parse("ada@example.org").expect("an address"),
            state,
            body_hash: Some(sha256_hex(bytes)),
        }
    }

    fn caught(number: usize, bytes: &[u8]) -> Caught {
        Caught { number, from: String::new(), to: Vec::new(), bytes: bytes.into() }
    }

    #[track_caller]
    fn check(
        state: MessageState,
        mails: &[&[u8]],
        (lost, parked, unnoted, copies, different): (usize, usize, usize, usize, usize),
    ) {
        let mails = mails.iter().enumerate().map(|(index, bytes)| caught(index + 1, bytes));
        let mails: Vec<Caught> = mails.collect();
        let mut arrived = BTreeMap::new();
        if !mails.is_empty() {
            arrived.insert("a".to_owned(), mails);
        }
        let account = compare(&[entry("a", state, b"A")], &arrived);
        let found = (account.lost, account.parked, account.unnoted);
        assert_eq!(found, (lost, parked, unnoted), "{account:?}");
        assert_eq!((account.copies.len(), account.different), (copies, different), "{account:?}");
    }

    #[test]
    fn what_is_noted_is_held_against_what_arrived() {
        check(MessageState::Sent, &[b"A"], (0, 0, 0, 0, 0));
        check(MessageState::Sent, &[], (1, 0, 0, 0, 0));
        check(MessageState::Due, &[], (1, 0, 0, 0, 0));
        check(MessageState::Claimed, &[b"A"], (1, 0, 0, 0, 0));
        check(MessageState::Unknown, &[], (0, 1, 0, 0, 0));
        check(MessageState::Unknown, &[b"A"], (0, 0, 1, 0, 0));
        check(MessageState::Dropped, &[], (0, 0, 0, 0, 0));
        check(MessageState::Dropped, &[b"A"], (0, 0, 1, 0, 0));
        check(MessageState::Sent, &[b"A", b"A", b"A"], (0, 0, 0, 2, 0));
        check(MessageState::Sent, &[b"A", b"B"], (0, 0, 0, 1, 1));
        check(MessageState::Sent, &[b"B"], (0, 0, 0, 0, 1));
    }

    #[test]
    fn a_mail_that_nobody_planned_is_found_out() {
        let arrived = BTreeMap::from([("b".to_owned(), vec![caught(1, b"B")])]);
        assert_eq!(compare(&[], &arrived).different, 1);
    }
}
