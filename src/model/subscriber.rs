//! A subscriber: a person with an address, a zone and fields, who agreed.

use std::collections::BTreeMap;

use super::{EmailAddress, ListId, Name};

/// Who somebody is, as far as mail needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Where mail goes.
    pub email: EmailAddress,
    /// Their zone by its IANA name; `None` means the site's.
    pub zone: Option<String>,
    /// Known fields.
    pub fields: BTreeMap<Name, String>,
}

/// A confirmed subscription to record, with the proof of consent.
#[derive(Clone, Debug)]
pub struct NewSubscription {
    /// Who.
    pub person: Person,
    /// Tags to add.
    pub tags: Vec<Name>,
    /// To which list.
    pub list: ListId,
    /// The words they agreed to, or where the consent is kept.
    pub consent: String,
    /// How it reached us: `cli`, `import FILE`, a page.
    pub source: String,
}
