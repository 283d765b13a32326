//! Conditions about a person: `tag:owns-tool and not event:bought`.
//!
//! The tree, its meaning and its printed form. `campaign::filter` parses it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::Name;

/// A condition that holds for a person or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// One question.
    Is(Atom),
    /// The opposite.
    Not(Box<Filter>),
    /// Both.
    And(Box<Filter>, Box<Filter>),
    /// One of them, or both.
    Or(Box<Filter>, Box<Filter>),
}

/// One question about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Atom {
    /// `tag:NAME`: carries the tag.
    Tag(Name),
    /// `list:NAME`: has a confirmed subscription to the list.
    List(Name),
    /// `event:NAME`: did that at least once.
    Event(Name),
    /// `enrolled:CAMPAIGN`: is inside it now.
    Enrolled(Name),
    /// `finished:CAMPAIGN`: went through all of it.
    Finished(Name),
    /// `clicked:STEP/LINK` or `clicked:CAMPAIGN/STEP/LINK`: followed that link.
    Clicked(Click),
    /// `field.NAME = "VALUE"`: the field is known and equal.
    Field(Name, String),
}

/// A link of a step's mail that somebody may follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Click {
    /// The campaign; `None` is the one in which the condition stands.
    pub campaign: Option<Name>,
    /// The step.
    pub step: Name,
    /// The link's name in `[links]`.
    pub link: Name,
}

/// What is known about a person, as far as conditions may ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Tags they carry.
    pub tags: BTreeSet<Name>,
    /// Lists with a confirmed subscription.
    pub lists: BTreeSet<Name>,
    /// Events that happened at least once.
    pub events: BTreeSet<Name>,
    /// Campaigns they are inside now.
    pub enrolled: BTreeSet<Name>,
    /// Campaigns they finished.
    pub finished: BTreeSet<Name>,
    /// Their fields.
    pub fields: BTreeMap<Name, String>,
}

impl Filter {
    /// Whether the condition holds for `facts`.
    pub fn matches(&self, facts: &Facts) -> bool {
        match self {
            Filter::Is(atom) => atom.holds(facts),
            Filter::Not(inner) => !inner.matches(facts),
            Filter::And(a, b) => a.matches(facts) && b.matches(facts),
            Filter::Or(a, b) => a.matches(facts) || b.matches(facts),
        }
    }

    /// The list that everybody is on for whom this holds; the first in it,
    /// where there are several.
    pub fn list(&self) -> Option<&Name> {
        match self {
            Filter::Is(Atom::List(list)) => Some(list),
            Filter::Is(_) | Filter::Not(_) => None,
            Filter::And(a, b) => a.list().or_else(|| b.list()),
            Filter::Or(a, b) => a.list().filter(|list| b.list() == Some(list)),
        }
    }
}

impl Atom {
    fn holds(&self, facts: &Facts) -> bool {
        match self {
            Atom::Tag(name) => facts.tags.contains(name),
            Atom::List(name) => facts.lists.contains(name),
            Atom::Event(name) => facts.events.contains(name),
            Atom::Enrolled(name) => facts.enrolled.contains(name),
            Atom::Finished(name) => facts.finished.contains(name),
            // Nothing is tracked; `campaign::filter` refuses the question.
            Atom::Clicked(_) => false,
            Atom::Field(name, value) => facts.fields.get(name) == Some(value),
        }
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Atom::Tag(name) => write!(f, "tag:{name}"),
            Atom::List(name) => write!(f, "list:{name}"),
            Atom::Event(name) => write!(f, "event:{name}"),
            Atom::Enrolled(name) => write!(f, "enrolled:{name}"),
            Atom::Finished(name) => write!(f, "finished:{name}"),
            Atom::Clicked(Click { campaign: Some(campaign), step, link }) => {
                write!(f, "clicked:{campaign}/{step}/{link}")
            }
            Atom::Clicked(Click { campaign: None, step, link }) => {
                write!(f, "clicked:{step}/{link}")
            }
            Atom::Field(name, value) => {
                let value = value.replace('\\', r"\\").replace('"', r#"\""#);
                write!(f, "field.{name} = \"{value}\"")
            }
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::Is(atom) => write!(f, "{atom}"),
            Filter::Not(inner) => match **inner {
                Filter::Is(_) | Filter::Not(_) => write!(f, "not {inner}"),
                Filter::And(..) | Filter::Or(..) => write!(f, "not ({inner})"),
            },
            Filter::And(a, b) => {
                for (side, joint) in [(a, " and "), (b, "")] {
                    match **side {
                        Filter::Or(..) => write!(f, "({side}){joint}")?,
                        // The parser reads `a and b and c` from the left.
                        Filter::And(..) if joint.is_empty() => write!(f, "({side})")?,
                        Filter::And(..) | Filter::Is(_) | Filter::Not(_) => {
                            write!(f, "{side}{joint}")?;
                        }
                    }
                }
                Ok(())
            }
            Filter::Or(a, b) => match **b {
                Filter::Or(..) => write!(f, "{a} or ({b})"),
                Filter::And(..) | Filter::Is(_) | Filter::Not(_) => write!(f, "{a} or {b}"),
            },
        }
    }
}
