//! Who sends: what `fascicle.toml` says, without its secrets; and pretend people.

use std::collections::BTreeMap;

use super::{EmailAddress, Facts, ListId, Name, Person, StepId};
use crate::time::{Pace, SignedDuration, TimeZone};

/// What `fascicle.toml` says about the sender and the list.
#[derive(Clone, Debug)]
pub struct Site {
    /// The sender's name, in every footer.
    pub name: String,
    /// Where this project's pages are served, without a slash at the end.
    pub base_url: String,
    /// The name in the From header.
    pub from_name: String,
    /// The address in the From header and the envelope.
    pub from: EmailAddress,
    /// The postal address, in every footer.
    pub address: String,
    /// The zone of people whose own is unknown.
    pub zone: TimeZone,
    /// Whether mail may reach everybody. Until then: loopback and `allow`.
    pub is_production: bool,
    /// Who may get mail before that.
    pub allow: Vec<EmailAddress>,
    /// Names of tags that conditions may use.
    pub tags: Vec<Name>,
    /// Names of events that conditions may use.
    pub events: Vec<Name>,
    /// The lists people subscribe to.
    pub lists: BTreeMap<ListId, List>,
    /// What is known about a person.
    pub fields: BTreeMap<Name, Field>,
    /// Named links: `link:NAME` in the words.
    pub links: BTreeMap<Name, String>,
    /// How mail leaves.
    pub relay: Relay,
    /// Where the database is; `None` where the file is a snapshot.
    pub store_url: Option<String>,
    /// Where `run` serves its pages.
    pub listen: String,
    /// The networks of the proxies in front of those pages, as `ADDRESS/BITS`.
    pub proxies: Vec<String>,
}

impl Site {
    /// Who may get mail from this project as it is now.
    pub fn reach(&self) -> Reach {
        if self.is_production || self.relay.is_loopback() {
            return Reach::Everybody;
        }
        Reach::Only(self.allow.clone())
    }
}

/// Who may get mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// `production = true`, or nothing leaves this machine.
    Everybody,
    /// Until then: the addresses in `allow`.
    Only(Vec<EmailAddress>),
}

impl Reach {
    /// Whether `to` may get mail.
    pub fn includes(&self, to: &EmailAddress) -> bool {
        match self {
            Reach::Everybody => true,
            Reach::Only(allowed) => allowed.contains(to),
        }
    }
}

/// A named set that people subscribe to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// What people see.
    pub title: String,
    /// The words they agree to.
    pub consent: String,
    /// The fields that the sign-up form asks for, in its order.
    pub ask: Vec<Name>,
    /// Whether there is a sign-up form at all.
    pub takes_sign_ups: bool,
}

/// One known fact about a subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What the sign-up form calls it.
    pub label: String,
    /// The longest value, in characters.
    pub max: usize,
    /// What templates say when it is not known.
    pub default: String,
}

/// How mail leaves, as the file says it: secrets are still references.
#[derive(Clone, Debug)]
pub struct Relay {
    /// Host name or address.
    pub host: String,
    /// Port; 465 means TLS from the first byte.
    pub port: u16,
    /// `env:NAME` or `file:PATH`; never the secret itself.
    pub username: Option<String>,
    /// `env:NAME` or `file:PATH`; never the secret itself.
    pub password: Option<String>,
    /// The most messages per time.
    pub pace: Option<Pace>,
    /// How many connections are open at once.
    pub connections: usize,
    /// Whether an unencrypted connection to another machine is accepted.
    pub allows_plaintext: bool,
}

impl Relay {
    /// Whether the relay is on this machine, so that nothing leaves it.
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// A pretend subscriber of `samples.toml`.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What the author calls them.
    pub name: String,
    /// Address, zone and fields.
    pub person: Person,
    /// Tags they carry.
    pub tags: Vec<Name>,
    /// Events, and how long after enrollment each happens.
    pub events: BTreeMap<Name, SignedDuration>,
    /// The step after which they leave, in the demo.
    pub leaves_after: Option<StepId>,
}

impl Sample {
    /// What conditions see `elapsed` after the enrollment.
    pub fn facts(&self, list: &ListId, elapsed: SignedDuration) -> Facts {
        let happened = self.events.iter().filter(|(_, after)| **after <= elapsed);
        Facts {
            tags: self.tags.iter().cloned().collect(),
            lists: [list.clone()].into(),
            events: happened.map(|(name, _)| name.clone()).collect(),
            fields: self.person.fields.clone(),
            ..Facts::default()
        }
    }
}
