//! What there is to tell of a play: people, what happened to them, the account.

use crate::time::{TimeZone, Timestamp};

/// A play, as far as it has come.
#[derive(Clone, Debug)]
pub struct Tale {
    /// What is played.
    pub title: String,
    /// The path where the studio shows it.
    pub series: String,
    /// When people sign up.
    pub started_at: Timestamp,
    /// The parts, in order, by what they are called.
    pub parts: Vec<String>,
    /// Who gets them.
    pub people: Vec<Player>,
    /// What happened, as it came.
    pub happenings: Vec<Happening>,
    /// When the sender was killed.
    pub kills: Vec<Timestamp>,
    /// What it came to, once it is over.
    pub account: Option<Account>,
}

/// Somebody who gets the parts.
#[derive(Clone, Debug)]
pub struct Player {
    /// What they are called.
    pub name: String,
    /// Whose hours are theirs.
    pub zone: TimeZone,
}

/// Something that happened to somebody.
#[derive(Clone, Debug)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// To whom: an index of [`Tale::people`].
    pub person: usize,
    /// What.
    pub what: Happened,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A mail arrived.
    Arrived(Arrival),
    /// A part was skipped.
    Skipped(usize),
    /// They unsubscribed.
    Left,
    /// The campaign's exit held.
    Exited,
}

impl Happened {
    /// The mail that it is about, if it is one that arrived.
    pub fn arrival(self) -> Option<Arrival> {
        match self {
            Happened::Arrived(arrival) => Some(arrival),
            Happened::Skipped(_) | Happened::Left | Happened::Exited => None,
        }
    }
}

/// A mail that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Which part: an index of [`Tale::parts`]; `None` for the question whether
    /// they want the list.
    pub part: Option<usize>,
    /// Its number in the inbox.
    pub mail: usize,
    /// Whether it had arrived before.
    pub is_copy: bool,
}

/// What a play came to: the database says what was sent, the catcher what arrived.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// People.
    pub people: usize,
    /// Messages that are noted as sent.
    pub sent: usize,
    /// Messages that arrived, copies not counted.
    pub arrived: usize,
    /// Parts that were skipped.
    pub skipped: usize,
    /// People who left before the end.
    pub left: usize,
    /// People who still wait for a part.
    pub waiting: usize,
    /// Messages that are noted as sent and did not arrive, or were never settled.
    pub lost: usize,
    /// Messages that were not sent and never will be, for a reason that the
    /// database has: refused, expired, of unknown fate.
    pub parked: usize,
    /// Messages that arrived and are not noted as sent: their sender died, and
    /// nobody wanted them any more when they could be tried again.
    pub unnoted: usize,
    /// Mails that came once more.
    pub copies: Vec<Copied>,
    /// Mails that differ from the first of their Message-ID, or from what the
    /// database says of their bytes; and those that nobody planned.
    pub different: usize,
    /// How the sender fared, when it was killed.
    pub crash: Option<Crash>,
}

/// A mail that came once more, with the Message-ID, Date and bytes of the first.
#[derive(Clone, Debug)]
pub struct Copied {
    /// What it is.
    pub what: String,
    /// Whose.
    pub to: String,
    /// Its Message-ID.
    pub message_id: String,
    /// The first one's number in the inbox.
    pub first: usize,
    /// Its own.
    pub mail: usize,
}

/// How the sender fared.
#[derive(Clone, Copy, Debug)]
pub struct Crash {
    /// How often it was killed.
    pub killed: usize,
    /// How many copies may come of that: one an open connection and kill.
    pub copies_max: usize,
}
