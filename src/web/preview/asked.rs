//! What a page is asked for: the whole state of a page is its address.

use std::fmt::Write as _;

use serde::Deserialize;

use super::reading::Reading;
use crate::{
    campaign::Edition,
    model::Sample,
    rehearsal::{Walk, instant},
    time::{TimeZone, Timestamp},
};

/// The query of every page. What is empty has a default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The pretend subscriber.
    pub(super) sample: String,
    /// When they enter, in their own time.
    pub(super) enrolled: String,
    /// Their zone.
    pub(super) zone: String,
    /// Of a form, for whom it was drawn: the zone in it is theirs.
    pub(super) of: String,
    /// For which list, at the confirmation.
    pub(super) list: String,
    /// Said by our module when the page has the long list of zones already: a
    /// fifth of the time of a repaint.
    pub(super) known: String,
    /// Until when the series is played: hours since they entered, or all of it.
    pub(super) now: Hours,
    pub(super) view: View,
    pub(super) width: Width,
    pub(super) look: Look,
    pub(super) images: Images,
}

/// Hours since the enrollment; what is no number is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(super) struct Hours(pub(super) Option<u32>);

impl From<String> for Hours {
    fn from(text: String) -> Hours {
        Hours(text.parse().ok())
    }
}

/// How wide the mail program is, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(super) enum Width {
    /// So many.
    Pixels(u16),
    /// As the window is.
    Full,
}

impl Width {
    /// The widths that have a button of their own.
    pub(super) const PRESETS: [Width; 5] = [
        Width::Pixels(360),
        Width::Pixels(375),
        Width::Pixels(600),
        Width::Pixels(768),
        Width::Full,
    ];
    /// No mail program is narrower, or wider.
    const MIN: u16 = 240;
    const MAX: u16 = 1600;

    pub(super) fn word(self) -> String {
        match self {
            Width::Pixels(pixels) => pixels.to_string(),
            Width::Full => "full".to_owned(),
        }
    }
}

impl Default for Width {
    fn default() -> Width {
        Width::Pixels(375)
    }
}

impl From<String> for Width {
    fn from(word: String) -> Width {
        if word == "full" {
            return Width::Full;
        }
        let pixels = word.parse::<u16>().map(|wide| wide.clamp(Width::MIN, Width::MAX));
        pixels.map_or_else(|_| Width::default(), Width::Pixels)
    }
}

/// A choice whose unknown words mean its first one.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $first:ident = $first_word:literal, $($other:ident = $word:literal),+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
        #[serde(from = "String")]
        pub(super) enum $name { #[default] $first, $($other),+ }

        impl $name {
            pub(super) const ALL: &[$name] = &[$name::$first, $($name::$other),+];

            pub(super) fn as_str(self) -> &'static str {
                match self { $name::$first => $first_word, $($name::$other => $word),+ }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> $name {
                let found = Self::ALL.iter().find(|choice| choice.as_str() == word);
                found.copied().unwrap_or_default()
            }
        }
    };
}

choice! {
    /// Which side of a message is shown.
    View { Html = "html", Text = "text", Source = "source", Headers = "headers", Checks = "checks" }
}
choice! {
    /// Whether the mail program is light or dark, and what it does to colors.
    Look { Light = "light", Dark = "dark", Partly = "partly", Wholly = "wholly" }
}
choice! {
    /// Whether the mail program loads images.
    Images { Shown = "on", Hidden = "off" }
}

impl Asked {
    /// The address of `path` with this state.
    pub(super) fn url(&self, path: &str) -> String {
        let choice = |word: &'static str, default: &'static str| {
            if word == default { "" } else { word }
        };
        let width = if self.width == Width::default() { String::new() } else { self.width.word() };
        let now = self.now.0.map_or_else(String::new, |hours| hours.to_string());
        let pairs = [
            ("list", self.list.as_str()),
            ("sample", self.sample.as_str()),
            ("enrolled", self.enrolled.as_str()),
            ("zone", self.zone.as_str()),
            ("now", &now),
            ("view", choice(self.view.as_str(), View::default().as_str())),
            ("width", &width),
            ("look", choice(self.look.as_str(), Look::default().as_str())),
            ("images", choice(self.images.as_str(), Images::default().as_str())),
        ];
        let mut url = path.to_owned();
        let mut sign = '?';
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            let _ = write!(url, "{sign}{name}={}", encode(value));
            sign = '&';
        }
        url
    }
}

/// `text` as one piece of an address (RFC 3986 2.3).
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Who goes through a campaign, as asked; with a sentence for each wish that
/// could not be met.
pub(super) struct Chosen<'a> {
    pub(super) walk: Walk<'a>,
    /// The zone's name, for the form.
    pub(super) zone: String,
    /// The enrollment as a form's field writes it.
    pub(super) enrolled: String,
    pub(super) notices: Vec<String>,
}

impl<'a> Chosen<'a> {
    /// Chooses for `edition`; what was not asked for is the first sample, in
    /// its own zone, who enters at the next full hour after `now`.
    pub(super) fn of(
        reading: &'a Reading,
        edition: &'a Edition,
        asked: &Asked,
        now: Timestamp,
    ) -> Chosen<'a> {
        let mut notices = Vec::new();
        let sample = sample(reading, &asked.sample, &mut notices);
        // Whoever chooses somebody else did not mean them to move.
        let is_theirs = asked.of.is_empty() || asked.of == asked.sample;
        let known = TimeZone::get(&asked.zone).ok().filter(|_| is_theirs);
        if known.is_none() && !asked.zone.is_empty() && is_theirs {
            notices.push(format!("There is no time zone “{}”.", asked.zone));
        }
        let name = known.as_ref().and_then(TimeZone::iana_name);
        let zone = Walk::zone(edition, sample, name);
        let wished = instant(&asked.enrolled, &zone).filter(|at| is_of_this_age(*at));
        if wished.is_none() && !asked.enrolled.is_empty() {
            notices.push(format!("“{}” is not a day and hour of our age.", asked.enrolled));
        }
        let enrolled_at = wished.unwrap_or_else(|| next_hour(now));
        let enrolled = enrolled_at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string();
        let zone_name = zone.iana_name().unwrap_or("UTC").to_owned();
        let walk = Walk { edition, sample, zone, enrolled_at };
        Chosen { walk, zone: zone_name, enrolled, notices }
    }

    /// `asked` with everything that was chosen, so that a link says it all.
    pub(super) fn settled(&self, asked: &Asked) -> Asked {
        Asked {
            sample: self.walk.sample.map_or_else(String::new, |sample| sample.name.clone()),
            enrolled: self.enrolled.clone(),
            zone: self.zone.clone(),
            of: String::new(),
            ..asked.clone()
        }
    }
}

/// The sample called `name` (in any case), or the first one.
pub(super) fn sample<'a>(
    reading: &'a Reading,
    name: &str,
    notices: &mut Vec<String>,
) -> Option<&'a Sample> {
    let samples = &reading.project.as_ref()?.samples;
    let found = samples.iter().find(|sample| sample.name.eq_ignore_ascii_case(name));
    if found.is_none() && !name.is_empty() {
        notices.push(format!("There is no sample “{name}” in samples.toml."));
    }
    found.or_else(|| samples.first())
}

/// The hour that begins next, or now.
pub(super) fn next_hour(now: Timestamp) -> Timestamp {
    let rest = now.as_second().rem_euclid(3600);
    let seconds = if rest == 0 { now.as_second() } else { now.as_second() - rest + 3600 };
    Timestamp::from_second(seconds).unwrap_or(now)
}

/// Years of delays must fit behind an enrollment, and zones are known for our
/// age only.
fn is_of_this_age(at: Timestamp) -> bool {
    const FIRST: Timestamp = Timestamp::constant(0, 0);
    // 2200-01-01
    const LAST: Timestamp = Timestamp::constant(7_258_118_400, 0);
    FIRST <= at && at < LAST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_becomes_an_address_without_its_defaults() {
        let asked = Asked {
            sample: "Zoë & Co".to_owned(),
            enrolled: "2026-03-27T20:00".to_owned(),
            width: Width::Pixels(600),
            ..Asked::default()
        };
        let expected = "/x?sample=Zo%C3%AB%20%26%20Co&enrolled=2026-03-27T20:00&width=600";
        assert_eq!(asked.url("/x"), expected);
        assert_eq!(Asked::default().url("/x"), "/x");
    }

    #[test]
    fn an_unknown_word_is_the_first_choice() {
        assert_eq!(View::from("source".to_owned()), View::Source);
        assert_eq!(View::from("<script>".to_owned()), View::Html);
        assert_eq!(Width::from("wide".to_owned()), Width::Pixels(375));
        assert_eq!(Width::from("9".to_owned()), Width::Pixels(240));
        assert_eq!(Width::from("full".to_owned()), Width::Full);
        assert_eq!(Hours::from("-1".to_owned()), Hours(None));
    }

    #[test]
    fn the_next_hour_is_not_before_now() {
        let now: Timestamp = "2026-03-27T18:00:00Z".parse().expect("a time");
        assert_eq!(next_hour(now).to_string(), "2026-03-27T18:00:00Z");
        let now: Timestamp = "2026-03-27T18:59:59Z".parse().expect("a time");
        assert_eq!(next_hour(now).to_string(), "2026-03-27T19:00:00Z");
    }
}
