//! What the play hears: something that happened to somebody.

use crate::{
    model::{EmailAddress, MessageKind, Name, StepId, Verdict},
    service::Event,
    time::Timestamp,
};

/// Something that happened to somebody.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) to: EmailAddress,
    pub(super) zone: String,
    pub(super) at: Timestamp,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    /// A message left, or arrived where the sender is a process of its own.
    Left(Left),
    /// A part was skipped.
    Skipped(Name, StepId),
    /// The campaign's exit held.
    Exited(Name),
    /// The demo's own database or catcher refused: no play goes on like that.
    Trouble(String),
}

/// A message that left.
#[derive(Clone, Debug)]
pub(super) struct Left {
    pub(super) kind: MessageKind,
    /// Of a confirmation, the list.
    pub(super) campaign: Name,
    pub(super) step: StepId,
    pub(super) message_id: String,
    pub(super) subject: String,
    pub(super) verdict: Verdict,
    /// Its number in the inbox, when it is there.
    pub(super) mail: Option<usize>,
    pub(super) turn: Turn,
}

/// Which time it is that a message arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    First,
    Again,
}

impl Told {
    /// What there is to tell of `event`, if it concerns the play.
    pub(super) fn of(event: Event) -> Option<Told> {
        let told = |to, zone: Option<String>, at, what| {
            Some(Told { to, zone: zone.unwrap_or_else(|| "UTC".to_owned()), at, what })
        };
        match event {
            Event::Answered {
                kind,
                campaign,
                step,
                to,
                zone,
                at,
                message_id,
                subject,
                verdict,
            } => {
                let turn = Turn::First;
                let left =
                    Left { kind, campaign, step, message_id, subject, verdict, mail: None, turn };
                told(to, zone, at, What::Left(left))
            }
            Event::Skipped { campaign, step, to, zone, at } => {
                told(to, zone, at, What::Skipped(campaign, step))
            }
            Event::Exited { campaign, to, zone, at } => told(to, zone, at, What::Exited(campaign)),
            Event::StoreTrouble { what } | Event::RelayTrouble { reply: what, .. } => {
                Told::trouble(what)
            }
            Event::Kept { .. }
            | Event::Recovered { .. }
            | Event::Forgotten { .. }
            | Event::Crowd { .. } => None,
        }
    }

    /// Trouble, which happens to nobody in particular.
    pub(super) fn trouble(what: String) -> Option<Told> {
        let nobody = EmailAddress::parse("nobody@example.org").ok()?;
        let (zone, at) = ("UTC".to_owned(), Timestamp::MIN);
        Some(Told { to: nobody, zone, at, what: What::Trouble(what) })
    }
}
