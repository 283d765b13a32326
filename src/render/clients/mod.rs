//! What mail programs understand of what an author wrote: `facts.txt` has the
//! facts, with their source; `used` finds what of it a mail uses.
//!
//! Only the author's own HTML and CSS counts: MJML's scaffolding was made for
//! the programs, and knowing what each does with it helps nobody.

mod used;

use std::{collections::BTreeMap, sync::LazyLock};

pub use used::Used;
pub(super) use used::{of_layout, of_mail};

use crate::diagnostic::Diagnostics;

const FACTS: &str = include_str!("facts.txt");

static TABLE: LazyLock<Table> = LazyLock::new(|| read(FACTS));

struct Table {
    programs: Vec<Program>,
    features: BTreeMap<&'static str, Feature>,
}

/// A program in which people read mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// What people call it: `Gmail, web`.
    pub name: &'static str,
    /// Whether so many read in it that what it lacks is a warning.
    pub is_major: bool,
}

/// How much a program understands of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// All of it.
    Yes,
    /// Some of it; the feature's note says what is missing.
    Partly,
    /// Nothing.
    No,
    /// Nobody has tested it.
    Unknown,
}

/// Something of HTML or CSS that programs may understand.
#[derive(Debug)]
pub struct Feature {
    /// Its name in the source of the facts: `css-border-radius`.
    pub id: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What people see where it is missing; may be empty.
    pub note: &'static str,
    /// How much each program understands, in the order of [`programs`].
    pub support: Vec<Support>,
    /// Whether something cannot be read where it is missing.
    pub breaks_reading: bool,
    signs: Vec<Sign>,
}

/// By what a use is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Property(&'static str),
    /// A property with this word in its value.
    Value(&'static str, &'static str),
    Function(&'static str),
    Unit(&'static str),
    Selector(&'static str),
    /// An at-rule, with this word in it.
    At(&'static str, &'static str),
    /// An element, with this name of its own.
    Element(&'static str, &'static str),
    Attribute(&'static str),
    /// The ending of an image's file.
    Image(&'static str),
}

/// The programs that the facts are about.
pub fn programs() -> &'static [Program] {
    &TABLE.programs
}

/// The day of the data that the facts were taken from.
pub fn data_of() -> &'static str {
    let line = FACTS.lines().find_map(|line| line.split_once("data of "));
    line.map_or("", |(_, day)| day.trim())
}

/// What is known about the feature `id`.
pub fn facts(id: &str) -> Option<&'static Feature> {
    TABLE.features.get(id)
}

fn features() -> impl Iterator<Item = &'static Feature> {
    TABLE.features.values()
}

impl Feature {
    /// The programs that understand `support` much of it.
    pub fn programs(&self, support: Support) -> impl Iterator<Item = &'static Program> {
        let all = programs().iter().zip(&self.support);
        all.filter(move |(_, known)| **known == support).map(|(program, _)| program)
    }
}

/// Warns of what a large program does not know and people need for reading.
pub(super) fn check(used: &[Used], found: &mut Diagnostics) {
    for Used { feature, bare, .. } in used.iter().filter(|used| used.feature.breaks_reading) {
        let lacking = feature.programs(Support::No).filter(|program| program.is_major);
        let lacking: Vec<&str> = lacking.map(|program| program.name).collect();
        if let Some(place) = bare.as_ref().filter(|_| !lacking.is_empty()) {
            let (title, note) = (feature.title, feature.note);
            let what = format!("`{title}` is not known to {}: {note}", families(&lacking));
            let hint = match feature.id.split('-').next() {
                Some("image") => "save it as png or jpg",
                Some("html") => "show an image that leads to a page which has it",
                Some(_) | None => "write a simpler value before it, or do without",
            };
            found.unknown_feature(place.clone(), what, hint);
        }
    }
}

/// `Gmail (web, iOS), Yahoo (web)` of `Gmail, web`, `Gmail, iOS`, `Yahoo, web`.
fn families(names: &[&str]) -> String {
    let mut families: Vec<(&str, Vec<&str>)> = Vec::new();
    for name in names {
        let (family, platform) = name.split_once(", ").unwrap_or((name, ""));
        match families.last_mut() {
            Some((last, platforms)) if *last == family => platforms.push(platform),
            Some(_) | None => families.push((family, vec![platform])),
        }
    }
    let words =
        families.iter().map(|(family, platforms)| format!("{family} ({})", platforms.join(", ")));
    words.collect::<Vec<_>>().join(", ")
}

/// Lines that are not in the form that `facts.txt` describes are left out; a
/// test holds that there is none.
fn read(text: &'static str) -> Table {
    let mut table = Table { programs: Vec::new(), features: BTreeMap::new() };
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        match *fields.as_slice() {
            ["program", _, name, size] => {
                table.programs.push(Program { name, is_major: size == "major" });
            }
            [id, signs, letters, kind, title, note] => {
                let support = letters.chars().filter_map(support).collect();
                let signs = signs.split(", ").filter_map(sign).collect();
                let breaks_reading = kind == "reads";
                table
                    .features
                    .insert(id, Feature { id, title, note, support, breaks_reading, signs });
            }
            _ => {}
        }
    }
    table
}

fn support(letter: char) -> Option<Support> {
    match letter {
        'y' => Some(Support::Yes),
        'a' => Some(Support::Partly),
        'n' => Some(Support::No),
        'u' => Some(Support::Unknown),
        _ => None,
    }
}

fn sign(text: &'static str) -> Option<Sign> {
    let (kind, rest) = text.split_once(' ')?;
    let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
    Some(match kind {
        "property" => Sign::Property(rest),
        "value" => Sign::Value(first, second),
        "function" => Sign::Function(rest),
        "unit" => Sign::Unit(rest),
        "selector" => Sign::Selector(rest),
        "at" => Sign::At(first, second),
        "element" => Sign::Element(first, second),
        "attribute" => Sign::Attribute(rest),
        "image" => Sign::Image(rest),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_facts_is_read() {
        let lines = FACTS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(lines.count(), programs().len() + TABLE.features.len());
        assert!(programs().len() >= 20 && TABLE.features.len() >= 100);
        for feature in features() {
            assert_eq!(feature.support.len(), programs().len(), "{}", feature.id);
            assert!(!feature.signs.is_empty() && !feature.title.is_empty(), "{}", feature.id);
            // What cannot be read says what people see instead.
            assert!(!feature.breaks_reading || !feature.note.is_empty(), "{}", feature.id);
        }
        let source = ["caniemail.com", "MIT", "data of 20"];
        assert!(source.iter().all(|word| FACTS.contains(word)));
    }

    #[test]
    fn the_facts_say_who_knows_what() {
        let radius = facts("css-border-radius").expect("a feature");
        assert_eq!(radius.title, "round corners");
        let lacking: Vec<&str> = radius.programs(Support::No).map(|program| program.name).collect();
        assert!(lacking.contains(&"Outlook, Windows") && !lacking.contains(&"Gmail, web"));
        assert_eq!(facts("css-nothing").map(|feature| feature.id), None);
    }

    #[test]
    fn programs_are_named_by_their_family() {
        let names = ["Gmail, web", "Gmail, iOS", "Yahoo, web"];
        assert_eq!(families(&names), "Gmail (web, iOS), Yahoo (web)");
    }
}
