//! The names that templates may use.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Name, Site};

/// Variables that every mail has.
const COMMON: [&str; 7] = [
    "subject",
    "preheader",
    "site.name",
    "site.address",
    "site.base_url",
    "list.title",
    "list.consent",
];

/// Variables that a step of a campaign has besides.
const STEP: [&str; 10] = [
    "campaign.title",
    "step.number",
    "step.count",
    "next",
    "next.title",
    "next.weekday",
    "next.date",
    "last",
    "unsubscribe_url",
    "first",
];

/// Variables that an issue of a newsletter has besides.
const ISSUE: [&str; 3] = ["campaign.title", "issue.date", "unsubscribe_url"];

/// Addresses that the tool makes itself: they may stand in `href` as they are.
const SAFE_ADDRESSES: [&str; 3] = ["unsubscribe_url", "confirm_url", "site.base_url"];

/// The variables and links that one kind of mail may use.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    variables: BTreeSet<String>,
    links: BTreeMap<Name, String>,
    /// The campaign's own images, `images/NAME`; `None` for what mail programs
    /// do not show.
    images: BTreeMap<String, Option<Picture>>,
    has_loops: bool,
    readers: Readers,
}

/// Whom mail reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readers {
    Ourselves,
    /// Everybody who asked for it.
    Everybody,
}

impl Readers {
    fn of(site: &Site) -> Readers {
        if site.is_production { Readers::Everybody } else { Readers::Ourselves }
    }
}

/// A campaign's own image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Where it is served.
    pub address: String,
    /// How many bytes a phone loads.
    pub bytes: usize,
    /// Width and height in pixels, where the file says.
    pub size: Option<(u32, u32)>,
}

/// Variables that every page of the web has.
const PAGE: [&str; 7] =
    ["lang", "dir", "title", "style_url", "site.name", "site.address", "site.base_url"];

/// What a layout must say, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Essentials {
    /// A campaign's mail: postal address and a way out.
    Subscribed,
    /// A confirmation: postal address and the confirming link, no way out yet.
    Confirmation,
}

impl Essentials {
    /// The variables, each with the reason.
    pub fn required(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Essentials::Subscribed => &[
                ("unsubscribe_url", "every mail needs a way out (RFC 8058, CAN-SPAM)"),
                ("site.address", "every mail needs a postal address (CAN-SPAM)"),
            ],
            Essentials::Confirmation => &[
                ("confirm_url", "the confirmation needs the link that confirms"),
                ("site.address", "every mail needs a postal address (CAN-SPAM)"),
            ],
        }
    }
}

impl Essentials {
    /// Whether `variable` must be said.
    pub(super) fn requires(self, variable: &str) -> bool {
        self.required().iter().any(|(name, _)| *name == variable)
    }
}

impl Vocabulary {
    /// The same with a campaign's own images, `images/NAME`; `None` for what
    /// mail programs do not show.
    pub fn with_images(self, images: BTreeMap<String, Option<Picture>>) -> Vocabulary {
        Vocabulary { images, ..self }
    }

    /// Where the campaign's image `name` is served.
    pub fn image(&self, name: &str) -> Option<&str> {
        self.picture(name).map(|picture| picture.address.as_str())
    }

    /// The campaign's image `name`.
    pub(super) fn picture(&self, name: &str) -> Option<&Picture> {
        self.images.get(name)?.as_ref()
    }

    /// Whether mail goes to people who asked for it, and not only to us.
    pub(super) fn is_production(&self) -> bool {
        self.readers == Readers::Everybody
    }

    /// Whether the campaign has a file `name` that mail programs do not show.
    pub fn is_unfit(&self, name: &str) -> bool {
        self.images.get(name).is_some_and(Option::is_none)
    }

    /// The names of the campaign's images.
    pub fn image_names(&self) -> Vec<&str> {
        let fit = self.images.iter().filter(|(_, address)| address.is_some());
        fit.map(|(name, _)| name.as_str()).collect()
    }

    /// The same without some names.
    pub(super) fn without(&self, names: &[&str]) -> Vocabulary {
        let mut less = self.clone();
        less.variables.retain(|name| !names.contains(&name.as_str()));
        less
    }

    /// What a step's words and layout may use on `site`.
    pub fn of_step(site: &Site) -> Vocabulary {
        Vocabulary::of_subscribed(site, COMMON.iter().chain(&STEP))
    }

    /// What an issue's words and layout may use on `site`.
    pub fn of_issue(site: &Site) -> Vocabulary {
        Vocabulary::of_subscribed(site, COMMON.iter().chain(&ISSUE))
    }

    /// What some mail of `site` may use: for files of which nobody says yet what
    /// they are for.
    pub fn of_any_mail(site: &Site) -> Vocabulary {
        let own = COMMON.iter().chain(&STEP).chain(&ISSUE).chain(&["confirm_url"]);
        Vocabulary::of_subscribed(site, own)
    }

    fn of_subscribed<'a>(site: &Site, own: impl Iterator<Item = &'a &'a str>) -> Vocabulary {
        let fields = site.fields.keys().map(|name| name.as_str().to_owned());
        let own = own.map(|name| (*name).to_owned());
        Vocabulary {
            variables: own.chain(fields).collect(),
            links: site.links.clone(),
            images: BTreeMap::new(),
            has_loops: false,
            readers: Readers::of(site),
        }
    }

    /// What the confirmation may use: nothing that a stranger typed into a
    /// form (else anybody could send their words to anybody).
    pub fn of_confirmation(site: &Site) -> Vocabulary {
        let own = COMMON.iter().chain(&["confirm_url"]).map(|name| (*name).to_owned());
        Vocabulary {
            variables: own.collect(),
            links: site.links.clone(),
            images: BTreeMap::new(),
            has_loops: false,
            readers: Readers::of(site),
        }
    }

    /// What a page may use: `own` values, and the words of its tables.
    pub(super) fn of_page<'a>(own: &[&str], words: impl Iterator<Item = &'a str>) -> Vocabulary {
        let names = PAGE.iter().chain(own).map(|name| (*name).to_owned());
        let words = words.map(|key| format!("words.{key}"));
        Vocabulary {
            variables: names.chain(words).collect(),
            links: BTreeMap::new(),
            images: BTreeMap::new(),
            has_loops: true,
            readers: Readers::Ourselves,
        }
    }

    /// What a string of the words may use.
    pub(super) fn of_page_words(names: &[&str]) -> Vocabulary {
        let names = names.iter().map(|name| (*name).to_owned());
        Vocabulary {
            variables: names.collect(),
            links: BTreeMap::new(),
            images: BTreeMap::new(),
            has_loops: false,
            readers: Readers::Ourselves,
        }
    }

    /// The blocks that may stand in it.
    pub(super) fn blocks(&self) -> &'static [&'static str] {
        if self.has_loops { &["if", "unless", "each"] } else { &["if", "unless"] }
    }

    /// Whether there is a variable called `name`.
    pub fn knows(&self, name: &str) -> bool {
        self.variables.contains(name)
    }

    /// Where `name` belongs, when it is a variable of another kind of mail.
    pub(super) fn elsewhere(&self, name: &str) -> Option<&'static str> {
        let of_steps = "only the steps of a drip have it; an issue is one letter to all";
        let of_issues = "only the issues of a newsletter have it";
        match name {
            name if STEP.contains(&name) && self.knows("issue.date") => Some(of_steps),
            name if ISSUE.contains(&name) && self.knows("step.number") => Some(of_issues),
            _ => None,
        }
    }

    /// All variables.
    pub fn names(&self) -> Vec<&str> {
        self.variables.iter().map(String::as_str).collect()
    }

    /// Where the link called `name` leads.
    pub fn link(&self, name: &str) -> Option<&str> {
        self.links.get(&Name::parse(name)?).map(String::as_str)
    }

    /// The names of all links.
    pub fn link_names(&self) -> Vec<&str> {
        self.links.keys().map(Name::as_str).collect()
    }

    /// Whether `name` may stand in an address without the `url` helper.
    pub fn is_safe_address(name: &str) -> bool {
        SAFE_ADDRESSES.contains(&name)
    }
}
