//! An email address. [`EmailAddress::parse`] is the only way to get one.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// An address that can be written to: a dot-atom, an at sign, a host name.
///
/// Quoted local parts, comments, groups, routes, address literals and
/// control characters are refused (`%` and `!` too): they are how mail ends
/// up at another domain than the one that was checked (CVE-2025-13033).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(Arc<str>);

/// A text that is not an address we write to.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an email address: {why}")]
pub struct InvalidAddress {
    text: String,
    why: &'static str,
}

impl EmailAddress {
    /// RFC 5321 4.5.3.1: 64 octets before the `@`, 254 in all.
    const LOCAL_MAX: usize = 64;
    const LENGTH_MAX: usize = 254;

    /// Parses `text`, without the spaces around it; the domain becomes lower case.
    ///
    /// Returns [`InvalidAddress`] when it is not a plain ASCII `local@host.tld`.
    /// (Local parts beyond ASCII need SMTPUTF8, which is not supported.)
    pub fn parse(text: &str) -> Result<EmailAddress, InvalidAddress> {
        let text = text.trim();
        let invalid = |why| {
            let text =
                text.chars().take(80).map(|c| if c.is_control() { '?' } else { c }).collect();
            InvalidAddress { text, why }
        };
        let (local, domain) = text.split_once('@').ok_or_else(|| invalid("there is no @"))?;
        if !text.is_ascii() {
            return Err(invalid("letters beyond ASCII are not supported"));
        }
        if local.is_empty() || local.len() > Self::LOCAL_MAX || text.len() > Self::LENGTH_MAX {
            return Err(invalid("the part before the @ is empty, or it is too long"));
        }
        // RFC 5322 3.2.3 atext, less `%` and `!`, which relays read as routes.
        let fits = |c: u8| c.is_ascii_alphanumeric() || b"#$&'*+-/=?^_`{|}~".contains(&c);
        if !local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(fits)) {
            return Err(invalid(
                "the part before the @ has a character that is not allowed, or a dot in the wrong place",
            ));
        }
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if domain.split('.').count() < 2 || !domain.split('.').all(label) {
            return Err(invalid("the part after the @ is not a host name"));
        }
        if domain.rsplit('.').next().is_some_and(|tld| tld.bytes().all(|c| c.is_ascii_digit())) {
            return Err(invalid("the part after the @ is not a host name"));
        }
        Ok(EmailAddress(format!("{local}@{}", domain.to_ascii_lowercase()).into()))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What decides whether two addresses are one person: all lower case.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// One spelling for all those that lead to one mailbox, as far as that can be
    /// known: lower case, without `+tag`, and at Google without dots. For
    /// limits only; mail goes to the address as it was given.
    pub fn mailbox(&self) -> String {
        let (local, domain) = (self.local().to_ascii_lowercase(), self.domain());
        // `+tag@…` is all tag: somebody's odd address, not another's.
        let plain = match local.split_once('+') {
            Some((plain, _)) if !plain.is_empty() => plain,
            Some(_) | None => &local,
        };
        match domain {
            "gmail.com" | "googlemail.com" => format!("{}@gmail.com", plain.replace('.', "")),
            domain => format!("{plain}@{domain}"),
        }
    }

    /// Who runs the mailbox, as far as its domain tells.
    pub fn provider(&self) -> Provider {
        let domain = self.domain();
        let is_brand = domain.split_once('.').is_some_and(|(brand, country)| {
            LARGE_BRANDS.contains(&brand) && (country == "com" || is_country(country))
        });
        let is_large = is_brand || LARGE_DOMAINS.contains(&domain);
        if is_large { Provider::Large } else { Provider::Other }
    }

    /// The domain that somebody registered, as far as its labels tell: whoever
    /// has `example.org` has every name below it. For limits only.
    pub fn organisation(&self) -> &str {
        let domain = self.domain();
        let mut dots = domain.rmatch_indices('.').map(|(at, _)| at + 1);
        let (last, second, third) = (dots.next(), dots.next(), dots.next());
        let from = match (last, second) {
            (Some(_), Some(second)) if is_country(&domain[second..]) => third.unwrap_or(0),
            (Some(_), Some(second)) => second,
            (_, None) | (None, _) => 0,
        };
        &domain[from..]
    }

    /// The part after the `@`, lower case.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The part before the `@`.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

/// `de`, `co.uk`, `com.br`: what countries give names below.
fn is_country(suffix: &str) -> bool {
    match suffix.split_once('.') {
        None => suffix.len() == 2,
        Some((kind, country)) => {
            country.len() == 2
                && matches!(kind, "co" | "com" | "net" | "org" | "ac" | "gov" | "edu")
        }
    }
}

/// Who runs a mailbox: for limits only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// One with millions of mailboxes.
    Large,
    /// Anybody else.
    Other,
}

/// Domains at which millions of people have their mailbox.
const LARGE_DOMAINS: [&str; 27] = [
    "126.com",
    "163.com",
    "aol.com",
    "free.fr",
    "gmail.com",
    "googlemail.com",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "naver.com",
    "orange.fr",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rediffmail.com",
    "t-online.de",
    "uol.com.br",
    "web.de",
    "wp.pl",
    "yandex.com",
    "yandex.ru",
];

/// Providers that have a domain in every country.
const LARGE_BRANDS: [&str; 5] = ["gmx", "hotmail", "live", "outlook", "yahoo"];

impl TryFrom<String> for EmailAddress {
    type Error = InvalidAddress;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        EmailAddress::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> String {
        address.0.to_string()
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_taken_as_they_are() {
        for text in ["ada@example.org", "a.b+c@x-y.example", "o'neil@example.co.uk", "a@b.cc"] {
            assert_eq!(EmailAddress::parse(text).map(|a| a.to_string()).as_deref(), Ok(text));
        }
        assert_eq!(
            EmailAddress::parse(" Ada@EXAMPLE.org ").expect("valid").as_str(),
            "Ada@example.org"
        );
    }

    #[test]
    fn names_below_a_domain_are_one_organisation() {
        let check = |domain: &str, expected: &str| {
            let address = EmailAddress::parse(&format!("a@{domain}")).expect("valid");
            assert_eq!(address.organisation(), expected);
        };
        check("example.org", "example.org");
        check("a.b.example.org", "example.org");
        check("example.co.uk", "example.co.uk");
        check("mail.example.co.uk", "example.co.uk");
        check("x.bbc.uk", "bbc.uk");
    }

    #[test]
    fn the_spellings_of_a_mailbox_are_one() {
        for text in
            ["A.d.a@gmail.com", "ada+x@googlemail.com", "ada@GMAIL.com", "a.da+y+z@gmail.com"]
        {
            let address = EmailAddress::parse(text).expect("valid");
            assert_eq!(address.mailbox(), "ada@gmail.com");
        }
        let mailbox = |text| EmailAddress::parse(text).expect("valid").mailbox();
        assert_eq!(mailbox("a.da+shop@example.org"), "a.da@example.org");
        assert_eq!(mailbox("+ada@example.org"), "+ada@example.org");
    }

    #[test]
    fn large_providers_are_known() {
        let provider = |text| EmailAddress::parse(text).expect("valid").provider();
        for text in ["a@gmail.com", "a@yahoo.co.uk", "a@GMX.de", "a@outlook.com.br"] {
            assert_eq!(provider(text), Provider::Large, "{text}");
        }
        for text in ["a@example.org", "a@mail.example.com", "a@yahoo-fans.example"] {
            assert_eq!(provider(text), Provider::Other, "{text}");
        }
    }

    #[test]
    fn odd_addresses_are_refused() {
        let long = format!("{}@example.org", "a".repeat(65));
        for text in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "ada@localhost",
            "a@@b.example",
            "a@b@c.example",
            "\"ada\"@example.org",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            ".ada@example.org",
            "ada.@example.org",
            "a..b@example.org",
            "ada@-x.example",
            "ada@x..example",
            "ada@example.org\r\nBcc: x@y.example",
            "ada\0@example.org",
            "a,b@example.org",
            "<ada@example.org>",
            "Ada <ada@example.org>",
            "a%b@example.org",
            "host!a@example.org",
            "@a.example:b@c.example",
            "group:a@b.example;",
            "a(b)@c.example",
            "ada @example.org",
            "zoë@example.org",
            "ada@exämple.org",
            &long,
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
    }
}
