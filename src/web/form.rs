//! What a form says, read from its body.

use std::collections::BTreeMap;

use super::join::TRAP;
use crate::{
    model::{List, Name, SignUp, Site},
    store::Cleared,
    time::TimeZone,
};

/// Pairs in a form beyond this are not ours.
const PAIRS_MAX: usize = 100;
/// The longest value that is kept: longer than any address or field.
const VALUE_LENGTH_MAX: usize = 10_000;

/// A form as it was typed. Nothing of it is trusted.
#[derive(Clone, Debug, Default)]
pub(super) struct Form {
    pub(super) email: String,
    /// The zone that was chosen; empty for none, `None` when it was not asked.
    pub(super) zone: Option<String>,
    pub(super) stamp: Option<String>,
    /// Where a form on another site stood.
    pub(super) from: String,
    /// What people do not fill in.
    pub(super) trap: String,
    fields: BTreeMap<String, String>,
}

impl Form {
    /// A form that nobody has typed into.
    pub(super) fn empty(from: String) -> Form {
        Form { from, ..Form::default() }
    }

    /// A form as it was typed before.
    pub(super) fn typed(sign_up: &SignUp) -> Form {
        let fields = sign_up.fields.iter();
        Form {
            zone: sign_up.zone.clone(),
            fields: fields.map(|(name, value)| (name.to_string(), value.clone())).collect(),
            ..Form::default()
        }
    }

    /// This form, with what `before` said where this one does not ask.
    pub(super) fn over(self, before: Form) -> Form {
        let mut fields = before.fields;
        fields.extend(self.fields);
        Form { zone: self.zone.or(before.zone), fields, ..self }
    }

    /// Reads a urlencoded body.
    ///
    /// Returns `None` when it has more pairs, or longer values, than a form of ours.
    pub(super) fn parse(body: &[u8]) -> Option<Form> {
        let mut form = Form::default();
        for (index, (name, value)) in form_urlencoded::parse(body).enumerate() {
            if index >= PAIRS_MAX || value.chars().count() > VALUE_LENGTH_MAX {
                return None;
            }
            let value = one_line(&value);
            match &*name {
                "email" => form.email = value,
                "zone" => form.zone = Some(value),
                "stamp" => form.stamp = Some(value).filter(|stamp| !stamp.is_empty()),
                "from" => form.from = page(&value),
                TRAP => form.trap = value,
                name => {
                    if let Some(field) = name.strip_prefix("field.") {
                        form.fields.insert(field.to_owned(), value);
                    }
                }
            }
        }
        Some(form)
    }

    /// The zone that was chosen, if it is one.
    pub(super) fn zone(&self) -> Option<String> {
        let zone = TimeZone::get(self.zone.as_deref()?).ok()?;
        zone.iana_name().filter(|name| *name != "Etc/Unknown").map(str::to_owned)
    }

    /// What was asked and given back empty.
    pub(super) fn cleared(&self, list: &List) -> Cleared {
        let is_empty = |name: &Name| self.fields.get(name.as_str()).is_some_and(String::is_empty);
        let fields = list.ask.iter().filter(|name| is_empty(name)).cloned().collect();
        Cleared { fields, zone: self.zone.as_deref() == Some("") }
    }

    /// What was typed into the field called `name`.
    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// The fields that `list` asks for, as far as they were filled in and fit.
    pub(super) fn fields(&self, site: &Site, list: &List) -> BTreeMap<Name, String> {
        let asked = list.ask.iter().filter_map(|name| {
            let field = site.fields.get(name)?;
            let value: String = self.field(name.as_str()).chars().take(field.max).collect();
            (!value.is_empty()).then(|| (name.clone(), value))
        });
        asked.collect()
    }
}

/// A value without line ends and other control characters.
fn one_line(value: &str) -> String {
    let plain = value.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.collect::<String>().trim().to_owned()
}

/// An address of a page, or nothing.
fn page(value: &str) -> String {
    let is_page = value.starts_with("https://") || value.starts_with("http://");
    if is_page { value.chars().take(200).collect() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_it_was_typed() {
        let body = b"email=+Ada%40example.org+&field.first_name=Ada%0D%0ABcc%3A+x&zone=Europe%2FBerlin&from=javascript%3Ax&homepage=";
        let form = Form::parse(body).expect("a form");
        assert_eq!(form.email, "Ada@example.org");
        assert_eq!(form.field("first_name"), "Ada  Bcc: x");
        assert_eq!(form.zone().as_deref(), Some("Europe/Berlin"));
        assert_eq!((form.from.as_str(), form.trap.as_str(), form.stamp), ("", "", None));
    }

    #[test]
    fn what_is_asked_again_wins_over_what_was_typed() {
        let form = |body: &[u8]| Form::parse(body).expect("a form");
        let before = || form(b"field.a=1&field.b=2&zone=Asia%2FTokyo");
        let over = form(b"field.a=&zone=").over(before());
        assert_eq!((over.field("a"), over.field("b"), over.zone()), ("", "2", None));
        assert_eq!(form(b"").over(before()).zone().as_deref(), Some("Asia/Tokyo"));
    }

    #[test]
    fn what_is_no_form_of_ours_is_refused() {
        assert!(Form::parse(&b"a=1&".repeat(101)).is_none());
        let long = [b"email=".as_slice(), &b"x".repeat(10_001)].concat();
        assert!(Form::parse(&long).is_none());
        assert!(Form::parse(b"\xff\xfe\0").is_some_and(|form| form.email.is_empty()));
    }
}
