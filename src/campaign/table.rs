//! TOML with places: reads keys of a table, remembers which, and finds the rest.

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::mend::Mended;
use crate::{
    diagnostic::{Diagnostics, Place, is_slip},
    model::Name,
};

/// A text value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) value: String,
    pub(super) place: Place,
}

impl Text {
    /// The place of the value itself. With escapes in it, its end is not known
    /// exactly.
    pub(super) fn inside(&self) -> Place {
        // What the parser took for a text in a broken line has no quotes.
        let quotes = match (self.place.end - self.place.start).saturating_sub(self.value.len()) {
            0 => 0,
            6 => 3,
            _ => 1,
        };
        self.place.within(quotes..quotes + self.value.len())
    }
}

/// Whether a file's structure was understood. After a structural error the
/// tables are not what the author meant: unknown keys would be noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Sound,
    Broken,
}

/// A TOML file that was parsed as far as it goes.
pub(super) struct Document<'a> {
    file: &'a Arc<str>,
    root: Spanned<DeTable<'a>>,
    health: Health,
}

impl<'a> Document<'a> {
    /// Parses a file's text, reporting every syntax error.
    pub(super) fn parse(
        file: &'a Arc<str>,
        source: &'a Mended<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let text = &*source.text;
        for bracket in &source.unclosed {
            diagnostics.unclosed_bracket(Place::new(file, bracket.clone()));
        }
        let (root, errors) = DeTable::parse_recoverable(text);
        let is_sound = errors.is_empty() && source.unclosed.is_empty();
        let health = if is_sound { Health::Sound } else { Health::Broken };
        let mut lines = BTreeSet::new();
        for error in &errors {
            // Its ends may lie inside of a character.
            let span = error.span().unwrap_or(0..0);
            let ends = text.bytes().take(span.start).filter(|byte| *byte == b'\n');
            let line = ends.count();
            // After a broken header its keys lie in the table before it; and one
            // mistake often breaks its line twice.
            let is_echo = !lines.is_empty() && error.message() == "duplicate key";
            if lines.insert(line) && !is_echo {
                diagnostics.broken_toml(Place::new(file, span), error.message());
            }
        }
        Document { file, root, health }
    }

    /// Whether all of it was understood.
    pub(super) fn is_sound(&self) -> bool {
        self.health == Health::Sound
    }

    /// The table of the whole file.
    pub(super) fn root(&self) -> Table<'_> {
        Table::new(self.file, self.root.get_ref(), 0..0, self.health)
    }
}

/// A table that is being read.
pub(super) struct Table<'a> {
    file: &'a Arc<str>,
    keys: &'a DeTable<'a>,
    span: Range<usize>,
    health: Health,
    known: Vec<&'static str>,
    /// Keys that were answered for elsewhere.
    excused: Vec<&'static str>,
}

impl<'a> Table<'a> {
    fn new(file: &'a Arc<str>, table: &'a DeTable<'a>, span: Range<usize>, health: Health) -> Self {
        Table { file, keys: table, span, health, known: Vec::new(), excused: Vec::new() }
    }

    /// Where the table begins.
    pub(super) fn place(&self) -> Place {
        Place::new(self.file, self.span.clone())
    }

    /// Whether the file was understood, so that what is missing is missing.
    pub(super) fn is_sound(&self) -> bool {
        self.health == Health::Sound
    }

    /// Reports that `key` is missing, unless it may be what was not understood,
    /// or is misspelt: then it is reported as an unknown key.
    pub(super) fn lacks(&self, key: &str, example: &str, diagnostics: &mut Diagnostics) {
        let is_misspelt =
            self.keys.iter().any(|(name, _)| is_slip(name.get_ref(), key.trim_matches(['[', ']'])));
        if self.is_sound() && !is_misspelt {
            diagnostics.missing_key(self.place(), key, example);
        }
    }

    /// Whether `key` is there, whatever it says.
    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|(name, _)| name.get_ref() == key)
    }

    /// Where `key` stands, if it does; it is no unknown key then.
    pub(super) fn excuse(&mut self, key: &'static str) -> Option<Place> {
        let (name, _) = self.keys.iter().find(|(name, _)| name.get_ref() == key)?;
        self.excused.push(key);
        Some(Place::new(self.file, name.span()))
    }

    /// Notes that `key` means something here.
    fn ask(&mut self, key: &'static str) {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
    }

    fn take(&mut self, key: &'static str) -> Option<(&'a DeValue<'a>, Place)> {
        self.ask(key);
        let (_, value) = self.keys.iter().find(|(name, _)| name.get_ref() == key)?;
        Some((value.get_ref(), Place::new(self.file, value.span())))
    }

    /// The text at `key`.
    pub(super) fn text(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Text> {
        let (value, place) = self.take(key)?;
        as_text(value, place, key, diagnostics)
    }

    /// The text at `key`, which must be there and not empty.
    pub(super) fn required_text(
        &mut self,
        key: &'static str,
        example: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Text> {
        if !self.has(key) {
            self.ask(key);
            self.lacks(key, example, diagnostics);
            return None;
        }
        let text = self.text(key, diagnostics)?;
        if text.value.trim().is_empty() {
            diagnostics.bad_value(
                text.place,
                "",
                &format!("a value for `{key}`"),
                &format!("write `{example}`"),
            );
            return None;
        }
        Some(text)
    }

    /// The name at `key`.
    pub(super) fn name(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Option<(Name, Place)> {
        let text = self.text(key, diagnostics)?;
        as_name(&text, diagnostics).map(|name| (name, text.place))
    }

    /// `true` or `false` at `key`.
    pub(super) fn flag(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Option<bool> {
        let (value, place) = self.take(key)?;
        let flag = value.as_bool();
        if flag.is_none() {
            diagnostics.wrong_type(place, key, "true or false", kind(value));
        }
        flag
    }

    /// A whole number between `range`'s ends at `key`.
    pub(super) fn count(
        &mut self,
        key: &'static str,
        range: Range<i64>,
        diagnostics: &mut Diagnostics,
    ) -> Option<i64> {
        let (value, place) = self.take(key)?;
        let number = value.as_integer().and_then(|number| {
            i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok()
        });
        match number {
            Some(number) if range.contains(&number) => Some(number),
            Some(number) => {
                let hint = format!("write a number from {} to {}", range.start, range.end - 1);
                diagnostics.bad_value(place, &number.to_string(), "in range", &hint);
                None
            }
            None => {
                diagnostics.wrong_type(place, key, "a whole number", kind(value));
                None
            }
        }
    }

    /// The texts of the array at `key`; an absent array is empty.
    pub(super) fn texts(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<Text>> {
        let (value, place) = self.take(key)?;
        let Some(array) = value.as_array() else {
            diagnostics.wrong_type(place, key, "a list in brackets", kind(value));
            return None;
        };
        let texts = array.iter().filter_map(|item| {
            as_text(item.get_ref(), Place::new(self.file, item.span()), key, diagnostics)
        });
        Some(texts.collect())
    }

    /// The names of the array at `key`; an absent array is empty.
    pub(super) fn names(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Vec<(Name, Place)> {
        let texts = self.texts(key, diagnostics).unwrap_or_default();
        let names = texts
            .into_iter()
            .filter_map(|text| as_name(&text, diagnostics).map(|name| (name, text.place)));
        names.collect()
    }

    /// The table at `key`.
    pub(super) fn table(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Table<'a>> {
        let (value, place) = self.take(key)?;
        let Some(table) = value.as_table() else {
            diagnostics.wrong_type(place, key, "a table", kind(value));
            return None;
        };
        Some(Table::new(self.file, table, place.start..place.end, self.health))
    }

    /// The tables of the array at `key`: `[[key]]`.
    pub(super) fn tables(
        &mut self,
        key: &'static str,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Table<'a>> {
        let Some((value, place)) = self.take(key) else { return Vec::new() };
        let Some(array) = value.as_array() else {
            // A header that was cut short makes a table of what was meant as one of several.
            if self.is_sound() {
                diagnostics.wrong_type(place, key, &format!("tables like [[{key}]]"), kind(value));
            }
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in array {
            match item.get_ref().as_table() {
                Some(table) => tables.push(Table::new(self.file, table, item.span(), self.health)),
                None => diagnostics.wrong_type(
                    Place::new(self.file, item.span()),
                    key,
                    &format!("tables like [[{key}]]"),
                    kind(item.get_ref()),
                ),
            }
        }
        tables
    }

    /// All entries, for tables whose keys are the author's own names.
    pub(super) fn entries(&self, diagnostics: &mut Diagnostics) -> Vec<(Name, Entry<'a>)> {
        let mut entries = Vec::new();
        for (key, value) in self.keys {
            let text =
                Text { value: key.get_ref().to_string(), place: Place::new(self.file, key.span()) };
            if let Some(name) = as_name(&text, diagnostics) {
                let entry = Entry {
                    file: self.file,
                    name: text.value,
                    key: text.place,
                    value: value.get_ref(),
                    place: Place::new(self.file, value.span()),
                    health: self.health,
                };
                entries.push((name, entry));
            }
        }
        entries.sort_by_key(|(_, entry)| entry.key.start);
        entries
    }

    /// Reports every key that was not asked for.
    pub(super) fn finish(self, diagnostics: &mut Diagnostics) {
        if self.health == Health::Broken {
            return;
        }
        for (key, _) in self.keys {
            let name = key.get_ref().as_ref();
            if !self.known.contains(&name) && !self.excused.contains(&name) {
                diagnostics.unknown_key(
                    Place::new(self.file, key.span()),
                    key.get_ref(),
                    &self.known,
                );
            }
        }
    }
}

/// One entry of a table whose keys are names.
pub(super) struct Entry<'a> {
    file: &'a Arc<str>,
    name: String,
    pub(super) key: Place,
    value: &'a DeValue<'a>,
    place: Place,
    health: Health,
}

impl<'a> Entry<'a> {
    /// Its value as text.
    pub(super) fn text(&self, diagnostics: &mut Diagnostics) -> Option<Text> {
        as_text(self.value, self.place.clone(), &self.name, diagnostics)
    }

    /// Its value as a table.
    pub(super) fn table(&self, diagnostics: &mut Diagnostics) -> Option<Table<'a>> {
        let Some(table) = self.value.as_table() else {
            diagnostics.wrong_type(self.place.clone(), &self.name, "a table", kind(self.value));
            return None;
        };
        Some(Table::new(self.file, table, self.place.start..self.place.end, self.health))
    }
}

fn as_text(
    value: &DeValue<'_>,
    place: Place,
    key: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Text> {
    let Some(text) = value.as_str() else {
        diagnostics.wrong_type(place, key, "text in quotes", kind(value));
        return None;
    };
    Some(Text { value: text.to_owned(), place })
}

fn as_name(text: &Text, diagnostics: &mut Diagnostics) -> Option<Name> {
    let name = Name::parse(&text.value);
    if name.is_none() {
        let hint = "use lower case letters, digits and dashes, up to 60 of them";
        diagnostics.bad_value(text.place.clone(), &text.value, "a name", hint);
    }
    name
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
