//! A sign-up: somebody typed an address into a form. Who it was, nobody knows
//! until the address says so itself.

use std::collections::BTreeMap;

use super::{
    CampaignId, EmailAddress, Enrollment, ListId, Name, Provider, SignUpId, SubscriberId,
    SubscriptionId, Version,
};
use crate::time::Timestamp;

/// What was typed into a form, and what will prove that somebody agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignUp {
    /// The list it was for.
    pub list: ListId,
    /// The address that was typed. Not known to be theirs.
    pub email: EmailAddress,
    /// The zone that was chosen.
    pub zone: Option<String>,
    /// The fields that were typed. They go into no mail before the
    /// confirmation, and never into the confirmation itself.
    pub fields: BTreeMap<Name, String>,
    /// The words they agreed to, as they were shown.
    pub words: String,
    /// The version of the project that showed them.
    pub snapshot: Version,
    /// Where the form stood, as the browser says.
    pub page: String,
    /// The network it came from: the address without its last bits.
    pub network: String,
    /// What the browser calls itself.
    pub agent: String,
}

/// A sign-up that nobody has looked at, with what decides about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicant {
    /// Its number.
    pub id: SignUpId,
    /// Where the address stands on that list.
    pub standing: ListStanding,
    /// Whether the address is on the suppression list.
    pub is_suppressed: bool,
    /// When confirmations were or will be sent to this mailbox, since it last
    /// confirmed anything; in order.
    pub confirmations: Vec<Timestamp>,
    /// When the last one for this very list was or will be sent.
    pub last_for_list: Option<Timestamp>,
    /// Who runs the mailbox.
    pub provider: Provider,
    /// The domain that somebody registered: names below it are one.
    pub domain: String,
    /// Confirmations of the last hour, and those that wait, to it.
    pub to_domain: u32,
    /// The same to everybody.
    pub to_all: u32,
}

/// Where an address stands on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListStanding {
    /// Nothing is known, or it has not confirmed.
    Outside,
    /// It confirmed and gets mail.
    Inside,
    /// It confirmed once, and left.
    Left,
}

/// A sign-up whose confirmation is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueSignUp {
    /// Its number.
    pub id: SignUpId,
    /// Whose.
    pub subscriber: SubscriberId,
    /// The subscription that waits for it.
    pub subscription: SubscriptionId,
    /// The list.
    pub list: ListId,
    /// Where the confirmation goes.
    pub email: EmailAddress,
}

/// A sign-up whose confirmation was sent, as the one who clicks finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedSignUp {
    /// What was typed.
    pub sign_up: SignUp,
    /// When.
    pub signed_up_at: Timestamp,
    /// The subscription that it is about.
    pub subscription: SubscriptionId,
    /// Where the address stands on the list.
    pub standing: ListStanding,
    /// When they left it, if they did.
    pub left_at: Option<Timestamp>,
    /// The courses that ended by leaving or bouncing, where each stood.
    pub broken_off: Vec<(CampaignId, Enrollment)>,
}

impl AskedSignUp {
    /// Whether they left the list after they had signed up: a mail from before
    /// does not bring them back.
    pub fn is_from_before_leaving(&self) -> bool {
        self.standing == ListStanding::Left
            && self.left_at.is_none_or(|left_at| self.signed_up_at <= left_at)
    }
}
