//! A sign-up: somebody typed an address into a form. Who it was, nobody knows
//! until the address says so itself.

use std::collections::BTreeMap;

use super::{
    CampaignId, EmailAddress, Enrollment, ListId, Name, SignUpId, SubscriberId, SubscriptionId,
    Version,
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
    /// When it came.
    pub asked_at: Timestamp,
    /// Where the address stands on that list.
    pub standing: ListStanding,
    /// Whether the address is on the suppression list.
    pub is_suppressed: bool,
    /// When confirmations were or will be sent to this mailbox, since it last
    /// confirmed anything; in order.
    pub confirmations: Vec<Timestamp>,
    /// When the last one for this very list was or will be sent.
    pub last_for_list: Option<Timestamp>,
    /// Confirmations of the last hour, and those that wait, to this domain.
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
    /// When it is due.
    pub due_at: Timestamp,
}

/// A sign-up whose confirmation was sent, as the one who clicks finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedSignUp {
    /// What was typed.
    pub sign_up: SignUp,
    /// The subscription that it is about.
    pub subscription: SubscriptionId,
    /// Where the address stands on the list.
    pub standing: ListStanding,
    /// When they left it, if they did.
    pub left_at: Option<Timestamp>,
    /// The courses that ended by leaving, where each stood.
    pub broken_off: Vec<(CampaignId, Enrollment)>,
}
