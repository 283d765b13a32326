//! Identities: names that authors give, numbers that the store gives.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A name from a user's file: campaign, step, list, tag, event.
///
/// Lower case letters, digits and single dashes, so that it can stand in a
/// file name, a filter and a URL without quoting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(Arc<str>);

impl Name {
    /// The longest name; a file name and a mail header must have room for it.
    pub const LENGTH_MAX: usize = 60;

    /// Parses a name; `None` when a character or the length does not fit.
    pub fn parse(text: &str) -> Option<Name> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        let starts = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        (starts && text.len() <= Self::LENGTH_MAX && text.chars().all(fits))
            .then(|| Name(text.into()))
    }

    /// A name that was parsed before it was stored.
    pub fn trusted(text: impl Into<Arc<str>>) -> Name {
        Name(text.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A campaign's id: its folder's name.
pub type CampaignId = Name;
/// A step's id, unique in its campaign.
pub type StepId = Name;
/// A list's id.
pub type ListId = Name;

/// The hash of everything a campaign's mail is made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub Arc<str>);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);
    )+};
}

numbers! {
    /// A subscriber in the store.
    SubscriberId,
    /// One subscriber's consent to one list.
    SubscriptionId,
    /// One subscriber's way through one drip.
    EnrollmentId,
    /// One mail to one subscriber.
    MessageId,
    /// One form that was sent in.
    SignUpId,
}

/// Makes 63-bit numbers that grow with time and need no database sequence.
///
/// The upper bits are milliseconds, the lower 20 are random, or one more than
/// the last. Two processes at the same millisecond would choose the same ones
/// soon (500 each: one time in five), so whoever shares a store tells the mint
/// where the others are ([`Mint::go_on_from`]).
#[derive(Debug, Default)]
pub struct Mint {
    last: i64,
}

impl Mint {
    /// Gives nothing up to `largest` any more.
    pub fn go_on_from(&mut self, largest: i64) {
        self.last = self.last.max(largest);
    }

    /// The next number at `now`; `salt` is any random number.
    pub fn next(&mut self, now: Timestamp, salt: u32) -> i64 {
        let fresh = (now.as_millisecond().max(0) << 20) | i64::from(salt & 0xF_FFFF);
        self.last = fresh.max(self.last + 1);
        self.last
    }
}
