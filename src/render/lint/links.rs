//! Links: that each leads somewhere, says where, and looks honest to the
//! filters that read mail before people do.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::{Link, Mark};
use crate::{diagnostic::Diagnostics, render::Vocabulary};

/// Hosts that nobody owns (RFC 2606) or that everybody writes before the real
/// one is known.
const PLACEHOLDERS: [&str; 12] = [
    "example.com",
    "example.org",
    "example.net",
    "example",
    "invalid",
    "test",
    "domain.com",
    "yourdomain.com",
    "yoursite.com",
    "your-site.com",
    "mysite.com",
    "website.com",
];

/// Services that hide where a link leads.
const SHORTENERS: [&str; 16] = [
    "bit.ly",
    "tinyurl.com",
    "goo.gl",
    "t.co",
    "ow.ly",
    "is.gd",
    "buff.ly",
    "rebrand.ly",
    "cutt.ly",
    "rb.gy",
    "shorturl.at",
    "t.ly",
    "lnkd.in",
    "tiny.cc",
    "bl.ink",
    "v.gd",
];

/// Words of links that say nothing when they are read alone, as screen readers
/// do, in the languages we know.
const EMPTY_WORDS: [&str; 22] = [
    "click here",
    "click",
    "here",
    "this",
    "this link",
    "link",
    "more",
    "read more",
    "learn more",
    "press here",
    "tap here",
    "hier",
    "hier klicken",
    "klicken sie hier",
    "klick hier",
    "mehr",
    "weiterlesen",
    "mehr erfahren",
    "ici",
    "cliquez ici",
    "aquí",
    "clic aquí",
];

/// Endings of addresses as people write them in text.
const ENDINGS: [&str; 24] = [
    "com", "org", "net", "info", "biz", "io", "co", "uk", "de", "eu", "fr", "es", "it", "nl", "ch",
    "at", "us", "ca", "au", "app", "dev", "shop", "store", "site",
];

pub(super) fn check(marks: &[Mark], vocabulary: &Vocabulary, found: &mut Diagnostics) {
    for mark in marks {
        if let Mark::Link(link) = mark {
            check_target(link, vocabulary, found);
            check_label(link, found);
        }
    }
}

fn check_target(link: &Link, vocabulary: &Vocabulary, found: &mut Diagnostics) {
    let target = link.target.trim();
    let place = || link.place.clone();
    if target.is_empty() || target.starts_with('#') {
        found.idle_link(place(), "this link leads nowhere".to_owned());
        return;
    }
    // A value may be anything; what comes before it decides.
    if target.starts_with("{{") {
        return;
    }
    let scheme = target.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("http" | "https") => {}
        Some("mailto" | "tel" | "sms") => return,
        // The words were asked before.
        Some(_) | None => {
            found.bad_link_target(place(), target);
            return;
        }
    }
    let host = target.split_once("://").map_or("", |(_, rest)| rest);
    let host = host.split(['/', '?']).next().unwrap_or_default();
    if host.is_empty() || host.contains('…') || host.starts_with("...") || host.contains("TODO") {
        found.idle_link(place(), format!("`{target}` was left to be filled in"));
        return;
    }
    if host.contains("{{") {
        return;
    }
    let Ok(url) = Url::parse(target) else {
        found.idle_link(place(), format!("`{target}` is not an address"));
        return;
    };
    check_host(link, &url, vocabulary, found);
}

fn check_host(link: &Link, url: &Url, vocabulary: &Vocabulary, found: &mut Diagnostics) {
    let place = || link.place.clone();
    let Some(host) = url.host() else { return };
    if is_loopback(&host) {
        return;
    }
    match &host {
        Host::Domain(name) => {
            if vocabulary.is_production() && PLACEHOLDERS.iter().any(|known| is_of(name, known)) {
                let what = format!("`{name}` stands in for an address, and mail is sent for real");
                found.idle_link(place(), what);
                return;
            }
            if SHORTENERS.contains(name) {
                let what = format!("`{name}` hides where the link leads, as spam does");
                found.suspicious_link(place(), what, "write the address that it leads to");
            }
        }
        Host::Ipv4(_) | Host::Ipv6(_) => {
            let what = format!("`{host}` is a number, as in a link of a spammer");
            found.suspicious_link(place(), what, "write the name of the host");
        }
    }
    if is_plain(url) {
        let what = "this link is not encrypted".to_owned();
        found.suspicious_link(place(), what, "write https://, and try whether it works");
    }
    if let Some(shown) = host_in(&link.label)
        && let Host::Domain(name) = &host
        && !is_of(name, &shown)
        && !is_of(&shown, name)
    {
        found.disguised_link(place(), &shown, name);
    }
}

/// Whether what is at `url` comes over the net as anybody can read it.
pub(super) fn is_plain(url: &Url) -> bool {
    url.scheme() == "http" && url.host().is_some_and(|host| !is_loopback(&host))
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => Ipv4Addr::is_loopback(address),
        Host::Ipv6(address) => Ipv6Addr::is_loopback(address),
    }
}

/// Whether `name` is `domain` or below it; `www.` does not count.
fn is_of(name: &str, domain: &str) -> bool {
    let bare = |name: &str| name.strip_prefix("www.").unwrap_or(name).to_ascii_lowercase();
    let (name, domain) = (bare(name), bare(domain));
    name == domain || name.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
}

/// The host that a text names, when it is an address and nothing else.
fn host_in(label: &str) -> Option<String> {
    let label = label.trim().to_ascii_lowercase();
    let rest = label.strip_prefix("https://").or_else(|| label.strip_prefix("http://"));
    let host = rest.unwrap_or(&label).split(['/', '?', '#']).next().unwrap_or_default();
    let (_, ending) = host.rsplit_once('.')?;
    let is_host = host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'));
    let is_address = rest.is_some() || host.starts_with("www.") || ENDINGS.contains(&ending);
    (is_host && is_address && !host.starts_with('.')).then(|| host.to_owned())
}

fn check_label(link: &Link, found: &mut Diagnostics) {
    let label = link.label.trim().trim_end_matches(['.', '!', '…', '»', '→', '>', ':']).trim();
    if label.is_empty() {
        found.empty_link_words(link.place.clone(), "this link has no words");
    } else if EMPTY_WORDS.contains(&label.to_lowercase().as_str()) {
        found.empty_link_words(
            link.place.clone(),
            &format!("`{label}` does not say where it leads"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Place;

    #[track_caller]
    fn check(label: &str, target: &str, expected: &[&str]) {
        let place = Place::top(&"a.md".into());
        let link = Link { target: target.to_owned(), label: label.to_owned(), place };
        let mut found = Diagnostics::default();
        super::check(&[Mark::Link(link)], &Vocabulary::of_page(&[], [].into_iter()), &mut found);
        let codes: Vec<&str> = found.codes().into_iter().collect();
        assert_eq!(codes, expected, "[{label}]({target})");
    }

    #[test]
    fn a_good_link_has_no_finding() {
        for target in [
            "https://a.example/b?c#d",
            "mailto:me@a.example",
            "tel:+4912",
            "{{unsubscribe_url}}",
            "https://a.example/{{url city}}",
            "https://{{url city}}",
            "http://127.0.0.1:8400/i/x",
            "http://localhost/",
            "http://[::1]:80/",
        ] {
            check("The shop", target, &[]);
        }
        check("Read more about knots", "https://a.example", &[]);
        check("a.example", "https://www.a.example/b", &[]);
        check("https://shop.org/x", "https://www.shop.org/y", &[]);
        check("shop.org", "https://news.shop.org", &[]);
        check("version 2.0", "https://a.example", &[]);
        check("README.md", "https://a.example", &[]);
    }

    #[test]
    fn a_bad_target_is_told() {
        check("The shop", "", &["W116"]);
        check("The shop", "#", &["W116"]);
        check("The shop", "https://…", &["W116"]);
        check("The shop", "https://TODO/x", &["W116"]);
        check("The shop", "javascript:alert(1)", &["E032"]);
        check("The shop", "shop.html", &["E032"]);
        check("The shop", "http://shop.org", &["W117"]);
        check("The shop", "https://93.184.216.34/x", &["W117"]);
        check("The shop", "https://[2001:db8::1]/", &["W117"]);
        check("The shop", "https://bit.ly/x", &["W117"]);
    }

    #[test]
    fn words_that_mislead_or_say_nothing_are_told() {
        check("mybank.com", "https://shop.org/login", &["W118"]);
        check("https://shop.org", "https://shop.org.evil.example", &["W118"]);
        check("Click here!", "https://shop.org", &["W119"]);
        check("weiterlesen…", "https://shop.org", &["W119"]);
        check(" ", "https://shop.org", &["W119"]);
    }
}
