//! The table behind the page: whose row, which day, what is in it.

use std::collections::{BTreeMap, BTreeSet};

use super::tale::{Happening, Tale};
use crate::{
    rehearsal::{ClockChange, clock_changes},
    time::{TimeZone, Timestamp, civil},
};

/// Empty days in a row that get a column each.
const EMPTY_MAX: usize = 3;
/// Days that are drawn; what comes later is only counted.
const DAYS_MAX: usize = 120;

/// Rows and columns.
pub(super) struct Calendar<'a> {
    pub(super) columns: Vec<Column>,
    pub(super) groups: Vec<Group>,
    cells: BTreeMap<(usize, civil::Date), Vec<&'a Happening>>,
    kills: BTreeMap<civil::Date, Vec<Timestamp>>,
}

/// A column: a date, whatever the clock says elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Day(civil::Date),
    /// So many days on which nothing happens to anybody.
    Empty(usize),
}

/// People whose clocks agree.
pub(super) struct Group {
    pub(super) zone: TimeZone,
    pub(super) people: Vec<usize>,
    pub(super) changes: Vec<ClockChange>,
}

impl Group {
    /// The zone's name.
    pub(super) fn name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The clock change on `date`, if there is one.
    pub(super) fn change(&self, date: civil::Date) -> Option<&ClockChange> {
        self.changes.iter().find(|change| change.local.date() == date)
    }
}

impl<'a> Calendar<'a> {
    /// The table of `tale`.
    pub(super) fn of(tale: &'a Tale) -> Calendar<'a> {
        let until = tale.happenings.iter().map(|one| one.at).max().unwrap_or(tale.started_at);
        let groups = groups(tale, until);
        let mut cells: BTreeMap<(usize, civil::Date), Vec<&Happening>> = BTreeMap::new();
        for happening in &tale.happenings {
            let zone = &tale.people[happening.person].zone;
            let date = happening.at.to_zoned(zone.clone()).date();
            cells.entry((happening.person, date)).or_default().push(happening);
        }
        let mut kills: BTreeMap<civil::Date, Vec<Timestamp>> = BTreeMap::new();
        for at in &tale.kills {
            kills.entry(at.to_zoned(TimeZone::UTC).date()).or_default().push(*at);
        }
        let mut dates: BTreeSet<civil::Date> = cells.keys().map(|(_, date)| *date).collect();
        dates.extend(kills.keys());
        // A change in the night after the last part is nobody's any more.
        let (first, last) = (dates.first().copied(), dates.last().copied());
        let changes = groups.iter().flat_map(|group| &group.changes);
        let changes = changes.map(|change| change.local.date());
        dates.extend(changes.filter(|date| Some(*date) >= first && Some(*date) <= last));
        Calendar { columns: columns(&dates), groups, cells, kills }
    }

    /// What happened to `person` on `date`.
    pub(super) fn cell(&self, person: usize, date: civil::Date) -> &[&'a Happening] {
        self.cells.get(&(person, date)).map_or(&[], Vec::as_slice)
    }

    /// When the sender was killed on `date`.
    pub(super) fn kills(&self, date: civil::Date) -> &[Timestamp] {
        self.kills.get(&date).map_or(&[], Vec::as_slice)
    }
}

/// People by zone, in the order in which they stand.
fn groups(tale: &Tale, until: Timestamp) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, person) in tale.people.iter().enumerate() {
        match groups.iter_mut().find(|group| group.zone == person.zone) {
            Some(group) => group.people.push(index),
            None => groups.push(Group {
                zone: person.zone.clone(),
                people: vec![index],
                changes: clock_changes(&person.zone, tale.started_at, until),
            }),
        }
    }
    groups
}

/// Every day from the first to the last; long runs of empty ones together.
fn columns(dates: &BTreeSet<civil::Date>) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut before: Option<civil::Date> = None;
    for date in dates.iter().copied().take(DAYS_MAX) {
        let from = before.and_then(|before| before.tomorrow().ok()).unwrap_or(date);
        let empty: Vec<civil::Date> = std::iter::successors(Some(from), |day| day.tomorrow().ok())
            .take_while(|day| *day < date)
            .collect();
        if empty.len() > EMPTY_MAX {
            columns.push(Column::Empty(empty.len()));
        } else {
            columns.extend(empty.into_iter().map(Column::Day));
        }
        columns.push(Column::Day(date));
        before = Some(date);
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(days: &[i8], expected: &str) {
        let dates = days.iter().map(|day| civil::date(2026, 3, *day)).collect();
        let words: Vec<String> = columns(&dates)
            .iter()
            .map(|column| match column {
                Column::Day(date) => date.day().to_string(),
                Column::Empty(count) => format!("+{count}"),
            })
            .collect();
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn every_day_has_a_column_and_long_waits_have_one() {
        check(&[], "");
        check(&[7], "7");
        check(&[1, 3, 7], "1 2 3 4 5 6 7");
        check(&[1, 6, 7], "1 +4 6 7");
    }
}
