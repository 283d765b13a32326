//! `fascicle.toml` → [`Site`].

use std::{collections::BTreeMap, sync::Arc};

use super::{
    mend::Mended,
    table::{Document, Table, Text},
};
use crate::{
    diagnostic::{Diagnostics, Place},
    model::{EmailAddress, Field, List, ListId, Name, Relay, Site},
    time::{Pace, TimeZone},
};

/// The file's name in the project's folder.
pub(super) const FILE: &str = "fascicle.toml";

/// Relays that are known by name: where each takes mail.
const PROVIDERS: [(&str, &str); 5] = [
    ("brevo", "smtp-relay.brevo.com"),
    ("mailgun", "smtp.mailgun.org"),
    ("postmark", "smtp.postmarkapp.com"),
    ("resend", "smtp.resend.com"),
    ("sendgrid", "smtp.sendgrid.net"),
];

/// The longest `base_url`: the unsubscribe link must stand on one header line.
const URL_LENGTH_MAX: usize = 200;

/// Connections when the file names none: relays cap them, and ten saturate a
/// relay on this machine.
const CONNECTIONS: i64 = 10;

/// The longest value of a field, where the file names none.
const FIELD_LENGTH: i64 = 200;

/// Reads only `fascicle.toml`, for commands that need no campaigns.
pub fn load_only(text: &Arc<str>) -> (Option<Site>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let file: Arc<str> = FILE.into();
    diagnostics.add_source(&file, text);
    let read = parse(&file, text, &mut diagnostics);
    diagnostics.hold_back_echoes();
    (Some(read.site).filter(|_| read.state == State::Good), diagnostics)
}

/// The text of `fascicle.toml` as it goes into a snapshot: without what only
/// the machine that sends needs, comments and order.
///
/// `base_url` replaces the file's when given (the demo serves its own pages).
/// Returns the text unchanged when it is not TOML.
pub fn canonical(text: &str, base_url: Option<&str>) -> String {
    let Ok(mut table) = text.parse::<toml::Table>() else { return text.to_owned() };
    for key in ["relay", "store", "web", "production", "allow"] {
        table.remove(key);
    }
    if let (Some(url), Some(toml::Value::Table(site))) = (base_url, table.get_mut("site")) {
        site.insert("base_url".to_owned(), toml::Value::String(url.to_owned()));
    }
    table.to_string()
}

/// `fascicle.toml`, as far as it could be understood.
pub(super) struct Read {
    /// What it declares, for the other files. Only of a good file may something
    /// be made: in others, names and addresses stand in for what is missing.
    pub(super) site: Site,
    pub(super) state: State,
}

/// How far a file could be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Good,
    /// It lacks what every mail needs.
    Incomplete,
    /// A line could not be read: what is not there may have been declared.
    Broken,
}

/// Reads `text`.
pub(super) fn parse(file: &Arc<str>, text: &str, diagnostics: &mut Diagnostics) -> Read {
    let source = Mended::of(text);
    let document = Document::parse(file, &source, diagnostics);
    let mut root = document.root();
    let is_production = root.flag("production", diagnostics).unwrap_or(false);
    let allow = root.texts("allow", diagnostics).unwrap_or_default();
    let allow = allow.iter().filter_map(|text| address(text, diagnostics)).collect();
    let tags = plain_names(&mut root, "tags", diagnostics);
    let events = plain_names(&mut root, "events", diagnostics);
    let identity = identity(&mut root, diagnostics);
    if let Some(identity) = identity.as_ref().filter(|_| is_production)
        && !identity.base_url.starts_with("https://")
    {
        diagnostics.insecure_base_url(identity.base_url_place.clone(), &identity.base_url);
    }
    let relay = relay(&mut root, diagnostics);
    let store_url = store(&mut root, diagnostics);
    let (listen, proxies) = web(&mut root, diagnostics);
    let (lists, asked) = lists(&mut root, diagnostics);
    let fields = fields(&mut root, diagnostics);
    check_asked(&asked, &fields, diagnostics);
    let links = links(&mut root, diagnostics);
    root.finish(diagnostics);
    let state = match identity {
        _ if !document.is_sound() => State::Broken,
        Some(_) => State::Good,
        None => State::Incomplete,
    };
    let identity = identity.unwrap_or_else(|| Identity::stand_in(file));
    let site = Site {
        name: identity.name,
        base_url: identity.base_url,
        from_name: identity.from.0,
        from: identity.from.1,
        address: identity.address,
        zone: identity.zone,
        is_production,
        allow,
        tags,
        events,
        lists,
        fields,
        links,
        relay,
        store_url,
        listen,
        proxies,
    };
    Read { site, state }
}

struct Identity {
    name: String,
    base_url: String,
    base_url_place: Place,
    from: (String, EmailAddress),
    address: String,
    zone: TimeZone,
}

impl Identity {
    /// For looking through the other files.
    fn stand_in(file: &Arc<str>) -> Identity {
        let from = EmailAddress::parse("nobody@example.com").expect("it is one");
        Identity {
            name: String::new(),
            base_url: "https://example.com".to_owned(),
            base_url_place: Place::top(file),
            from: (String::new(), from),
            address: String::new(),
            zone: TimeZone::UTC,
        }
    }
}

fn identity(root: &mut Table<'_>, diagnostics: &mut Diagnostics) -> Option<Identity> {
    let Some(mut site) = root.table("site", diagnostics) else {
        root.lacks("[site]", "[site] with name, base_url, from, address", diagnostics);
        return None;
    };
    let name = site.required_text("name", "name = \"My letter\"", diagnostics);
    let url =
        site.required_text("base_url", "base_url = \"https://news.example.com\"", diagnostics);
    let from = site.required_text("from", "from = \"My letter <me@example.com>\"", diagnostics);
    let postal = "address = \"Company, street, town, country\"";
    let postal = site.required_text("address", postal, diagnostics);
    let zone = match site.text("zone", diagnostics) {
        None => Some(TimeZone::UTC),
        Some(text) => zone(&text, diagnostics),
    };
    site.finish(diagnostics);
    let url = url.and_then(|url| {
        let trimmed = url.value.trim_end_matches('/');
        let host = trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://"));
        let fits = |c: char| c.is_ascii_alphanumeric() || "-._~/:[]".contains(c);
        if host.is_none_or(|host| host.is_empty() || !host.chars().all(fits))
            || trimmed.len() > URL_LENGTH_MAX
        {
            let hint = "write it like `https://news.example.com`";
            diagnostics.bad_value(url.place, &url.value, "the address of a site", hint);
            return None;
        }
        Some((trimmed.to_owned(), url.place))
    });
    let from = from.and_then(|from| mailbox(&from, diagnostics));
    let (base_url, base_url_place) = url?;
    Some(Identity {
        name: name?.value,
        base_url,
        base_url_place,
        from: from?,
        address: postal?.value,
        zone: zone?,
    })
}

/// `Name <address>` or a plain address.
fn mailbox(text: &Text, diagnostics: &mut Diagnostics) -> Option<(String, EmailAddress)> {
    let value = text.value.trim();
    let (name, plain) = match value.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, address)) => (name.trim().trim_matches('"'), address),
        None => ("", value),
    };
    if name.chars().any(char::is_control) {
        let hint = "a name has one line, without control characters";
        diagnostics.bad_value(text.place.clone(), name, "a sender's name", hint);
        return None;
    }
    match EmailAddress::parse(plain) {
        Ok(address) => Some((name.to_owned(), address)),
        Err(_) => {
            let hint = "write it like `My letter <me@example.com>`";
            diagnostics.bad_value(text.place.clone(), value, "a sender", hint);
            None
        }
    }
}

fn address(text: &Text, diagnostics: &mut Diagnostics) -> Option<EmailAddress> {
    let address = EmailAddress::parse(&text.value);
    if address.is_err() {
        let hint = "write it like `me@example.com`";
        diagnostics.bad_value(text.place.clone(), &text.value, "an email address", hint);
    }
    address.ok()
}

/// The zone that `text` names.
pub(super) fn zone(text: &Text, diagnostics: &mut Diagnostics) -> Option<TimeZone> {
    let zone = TimeZone::get(&text.value).ok();
    if zone.is_none() {
        let hint = "write a name like `Europe/Berlin` or `UTC`";
        diagnostics.bad_value(text.place.clone(), &text.value, "a time zone", hint);
    }
    zone
}

fn plain_names(
    root: &mut Table<'_>,
    key: &'static str,
    diagnostics: &mut Diagnostics,
) -> Vec<Name> {
    root.names(key, diagnostics).into_iter().map(|(name, _)| name).collect()
}

fn relay(root: &mut Table<'_>, diagnostics: &mut Diagnostics) -> Relay {
    let mut relay = Relay {
        host: "127.0.0.1".to_owned(),
        port: 1025,
        username: None,
        password: None,
        pace: None,
        connections: usize::try_from(CONNECTIONS).unwrap_or(1),
        allows_plaintext: false,
    };
    let Some(mut table) = root.table("relay", diagnostics) else { return relay };
    if let Some(provider) = table.text("provider", diagnostics) {
        match PROVIDERS.iter().find(|(name, _)| *name == provider.value) {
            Some((_, host)) => {
                (*host).clone_into(&mut relay.host);
                relay.port = 587;
            }
            None => {
                let known = PROVIDERS.map(|(name, _)| name);
                diagnostics.not_one_of(provider.place, &provider.value, "a relay we know", &known);
            }
        }
    }
    if let Some(host) = table.text("host", diagnostics) {
        relay.host = host.value;
    }
    if let Some(port) = table.count("port", 1..65_536, diagnostics) {
        relay.port = u16::try_from(port).unwrap_or(relay.port);
    }
    relay.username = secret(&mut table, "username", diagnostics);
    relay.password = secret(&mut table, "password", diagnostics);
    if let Some(pace) = table.text("pace", diagnostics) {
        relay.pace = Pace::parse(&pace.value).ok();
        if relay.pace.is_none() {
            diagnostics.bad_value(
                pace.place,
                &pace.value,
                "a pace",
                "write it like `5/s` or `300/m`",
            );
        }
    }
    if let Some(count) = table.count("connections", 1..101, diagnostics) {
        relay.connections = usize::try_from(count).unwrap_or(1);
    }
    relay.allows_plaintext = table.flag("plaintext", diagnostics).unwrap_or(false);
    table.finish(diagnostics);
    relay
}

/// A reference to a secret. The secret itself never stands in the file.
fn secret(
    table: &mut Table<'_>,
    key: &'static str,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let text = table.text(key, diagnostics)?;
    if text.value.starts_with("env:") || text.value.starts_with("file:") {
        return Some(text.value);
    }
    diagnostics.bare_secret(text.place, key);
    None
}

fn store(root: &mut Table<'_>, diagnostics: &mut Diagnostics) -> Option<String> {
    let mut table = root.table("store", diagnostics)?;
    let url = table.text("url", diagnostics);
    table.finish(diagnostics);
    let url = url?;
    if !url.value.starts_with("sqlite:") {
        let hint = "write `sqlite:fascicle.db`";
        diagnostics.bad_value(url.place, &url.value, "a database this version knows", hint);
        return None;
    }
    Some(url.value)
}

/// Where the pages are served, and behind which proxies.
fn web(root: &mut Table<'_>, diagnostics: &mut Diagnostics) -> (String, Vec<String>) {
    let default = "127.0.0.1:8400".to_owned();
    let Some(mut table) = root.table("web", diagnostics) else { return (default, Vec::new()) };
    let listen = table.text("listen", diagnostics);
    let proxies = table.texts("proxies", diagnostics).unwrap_or_default();
    table.finish(diagnostics);
    let proxies = proxies.into_iter().filter_map(|text| network(&text, diagnostics)).collect();
    let listen = match listen {
        Some(text) if text.value.parse::<std::net::SocketAddr>().is_err() => {
            let hint = "write it like `127.0.0.1:8400`";
            diagnostics.bad_value(text.place, &text.value, "an address and a port", hint);
            default
        }
        Some(text) => text.value,
        None => default,
    };
    (listen, proxies)
}

/// `10.0.0.0/8`, or one address, as a network.
fn network(text: &Text, diagnostics: &mut Diagnostics) -> Option<String> {
    let (address, bits) = match text.value.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text.value.as_str(), None),
    };
    let network = address.parse::<std::net::IpAddr>().ok().and_then(|address| {
        let most = if address.is_ipv4() { 32 } else { 128 };
        let digits = |bits: &&str| bits.bytes().all(|c| c.is_ascii_digit());
        let bits = match bits {
            None => most,
            Some(bits) => Some(bits).filter(digits)?.parse::<u8>().ok()?,
        };
        (bits <= most).then(|| format!("{address}/{bits}"))
    });
    if network.is_none() {
        let hint = "write an address like `127.0.0.1`, or a network like `10.0.0.0/8`";
        diagnostics.bad_value(text.place.clone(), &text.value, "the address of a proxy", hint);
    }
    network
}

type Asked = Vec<(Name, Place)>;

fn lists(root: &mut Table<'_>, diagnostics: &mut Diagnostics) -> (BTreeMap<ListId, List>, Asked) {
    let (mut lists, mut all_asked) = (BTreeMap::new(), Vec::new());
    let Some(table) = root.table("lists", diagnostics) else { return (lists, all_asked) };
    for (name, entry) in table.entries(diagnostics) {
        let Some(mut list) = entry.table(diagnostics) else { continue };
        let title = list.required_text("title", "title = \"My course\"", diagnostics);
        let consent = list.required_text("consent", "consent = \"Send me …\"", diagnostics);
        let asked = list.names("ask", diagnostics);
        let takes_sign_ups = list.flag("sign_up", diagnostics).unwrap_or(true);
        list.finish(diagnostics);
        let ask = asked.iter().map(|(field, _)| field.clone()).collect();
        all_asked.extend(asked);
        // A list that lacks something is declared all the same: other files
        // need no second complaint.
        let text = |text: Option<Text>| text.map_or(String::new(), |text| text.value);
        let (title, consent) = (text(title), text(consent));
        lists.insert(name, List { title, consent, ask, takes_sign_ups });
    }
    (lists, all_asked)
}

/// What a form asks for must be declared.
fn check_asked(asked: &Asked, fields: &BTreeMap<Name, Field>, diagnostics: &mut Diagnostics) {
    let known: Vec<&str> = fields.keys().map(Name::as_str).collect();
    for (name, place) in asked.iter().filter(|(name, _)| !fields.contains_key(name)) {
        diagnostics.unknown_name(place.clone(), "field", name.as_str(), &known);
    }
}

/// Names of fields that would hide the tool's own variables.
const RESERVED: [&str; 27] = [
    "subject",
    "preheader",
    "site",
    "list",
    "campaign",
    "step",
    "issue",
    "next",
    "last",
    "first",
    "unsubscribe_url",
    "confirm_url",
    "email",
    "default",
    "url",
    "if",
    "unless",
    "else",
    "each",
    "with",
    "lookup",
    "log",
    "raw",
    "this",
    "left_brace",
    "right_brace",
    "backslash",
];

fn fields(root: &mut Table<'_>, diagnostics: &mut Diagnostics) -> BTreeMap<Name, Field> {
    let mut fields = BTreeMap::new();
    let Some(table) = root.table("fields", diagnostics) else { return fields };
    for (name, entry) in table.entries(diagnostics) {
        let Some(mut field) = entry.table(diagnostics) else { continue };
        if RESERVED.contains(&name.as_str()) || name.as_str().contains('-') {
            let hint =
                "use another name, with `_` and not `-`: the templates must be able to say it";
            diagnostics.bad_value(entry.key.clone(), name.as_str(), "a name for a field", hint);
        }
        if let Some(kind) = field.text("type", diagnostics)
            && kind.value != "text"
        {
            diagnostics.not_one_of(kind.place, &kind.value, "a type of field", &["text"]);
        }
        let max = field.count("max", 1..10_001, diagnostics).unwrap_or(FIELD_LENGTH);
        let default = field.text("default", diagnostics).map_or(String::new(), |text| text.value);
        let label = field.text("label", diagnostics).map(|text| text.value);
        field.finish(diagnostics);
        let label = label.unwrap_or_else(|| readable(name.as_str()));
        fields.insert(name, Field { label, max: usize::try_from(max).unwrap_or(0), default });
    }
    fields
}

/// `First name` of `first_name`.
fn readable(name: &str) -> String {
    let mut words = name.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

fn links(root: &mut Table<'_>, diagnostics: &mut Diagnostics) -> BTreeMap<Name, String> {
    let mut links = BTreeMap::new();
    let Some(table) = root.table("links", diagnostics) else { return links };
    for (name, entry) in table.entries(diagnostics) {
        let Some(target) = entry.text(diagnostics) else { continue };
        let is_target = ["https://", "http://", "mailto:", "tel:"]
            .iter()
            .any(|scheme| target.value.starts_with(scheme));
        if !is_target
            || target
                .value
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || "{}<>\"".contains(c))
        {
            diagnostics.bad_link_target(target.place, &target.value);
            continue;
        }
        links.insert(name, target.value);
    }
    links
}
