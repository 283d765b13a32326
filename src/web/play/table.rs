//! The table: a row for everybody, a column for every day.

use maud::{Markup, html};

use super::{
    calendar::{Calendar, Column, Group},
    page::{millis, shift},
    tale::{Arrival, Happened, Happening, Tale},
};
use crate::time::{TimeZone, Timestamp, civil};

/// Times of one day that stand above a crowd.
const TIMES_MAX: usize = 4;

/// Everything that happened.
pub(super) fn draw(tale: &Tale, calendar: &Calendar<'_>) -> Markup {
    html! {
        div.days role="region" aria-label="Who got what, day by day" tabindex="0" {
            table {
                caption.unseen { "Who got which part when, by their own clock" }
                thead {
                    tr {
                        th.who scope="col" { "Who" }
                        @for column in &calendar.columns { (head(*column)) }
                    }
                }
                @if !tale.kills.is_empty() { (sender(calendar)) }
                @for group in &calendar.groups { (rows(tale, calendar, group)) }
            }
        }
    }
}

fn head(column: Column) -> Markup {
    match column {
        Column::Day(date) => html! {
            th.day scope="col" {
                span { (date.strftime("%a")) }
                time datetime=(date) { (date.strftime("%-d %b")) }
            }
        },
        Column::Empty(count) => html! { th.empty scope="col" { "+" (count) " days" } },
    }
}

/// The life of the sender.
fn sender(calendar: &Calendar<'_>) -> Markup {
    html! {
        tbody.sender {
            tr {
                th.who scope="row" { b { "The sender" } span.zone { "UTC" } (clock(&TimeZone::UTC)) }
                @for column in &calendar.columns {
                    @match column {
                        Column::Empty(_) => td.empty {},
                        Column::Day(date) => td { div.kills { @for at in calendar.kills(*date) { (kill(*at)) } } },
                    }
                }
            }
        }
    }
}

fn kill(at: Timestamp) -> Markup {
    let local = at.to_zoned(TimeZone::UTC);
    html! {
        span.mark.killed data-at=(millis(at)) data-kind="kill" title=(local.strftime("killed at %H:%M UTC")) {
            span aria-hidden="true" { "✕" }
            span.unseen { "killed at " (local.strftime("%H:%M")) " " }
        }
    }
}

/// The people of one zone. Several have a line of their zone above them.
fn rows(tale: &Tale, calendar: &Calendar<'_>, group: &Group) -> Markup {
    let is_alone = group.people.len() == 1;
    html! {
        tbody.crowd[!is_alone] data-zone=(group.name()) {
            @if !is_alone {
                tr.zone {
                    th.who scope="rowgroup" { b { (place(group)) } (clock(&group.zone)) }
                    @for column in &calendar.columns { (zone_cell(calendar, group, *column)) }
                }
            }
            @for person in &group.people {
                tr {
                    th.who scope="row" {
                        @if is_alone { b { (tale.people[*person].name) } span.zone { (place(group)) } (clock(&group.zone)) }
                        @else { (tale.people[*person].name) }
                    }
                    @for column in &calendar.columns {
                        (cell(tale, group, (calendar, *column), *person))
                    }
                }
            }
        }
    }
}

/// Where the module shows what time it is there.
fn clock(zone: &TimeZone) -> Markup {
    html! { span.clock data-zone=(zone.iana_name().unwrap_or("UTC")) aria-hidden="true" {} }
}

/// The zone's name, which may break where a slash is.
fn place(group: &Group) -> Markup {
    let name = group.name().replace('_', " ");
    let (region, city) = name.split_once('/').unwrap_or(("", &name));
    html! { @if !region.is_empty() { (region) "/" wbr; } (city) }
}

/// When mails arrived there that day, and whether clocks changed.
fn zone_cell(calendar: &Calendar<'_>, group: &Group, column: Column) -> Markup {
    let Column::Day(date) = column else { return html! { td.empty {} } };
    let mut times: Vec<String> = group
        .people
        .iter()
        .flat_map(|person| calendar.cell(*person, date))
        .filter(|happening| happening.what.arrival().is_some())
        .map(|happening| happening.at.to_zoned(group.zone.clone()).strftime("%H:%M").to_string())
        .collect();
    times.sort_unstable();
    times.dedup();
    html! {
        td data-day=(date) {
            (change(group, date))
            @for time in times.iter().take(TIMES_MAX) { span.at { (time) } " " }
        }
    }
}

fn cell(
    tale: &Tale,
    group: &Group,
    (calendar, column): (&Calendar<'_>, Column),
    person: usize,
) -> Markup {
    let Column::Day(date) = column else { return html! { td.empty {} } };
    let turned = group.change(date).map(|_| "turned");
    html! {
        td class=[turned] data-day=(date) {
            @if group.people.len() == 1 { (change(group, date)) }
            @for happening in calendar.cell(person, date) { (mark(tale, group, happening)) }
        }
    }
}

/// The clock change on `date`, where there is one.
fn change(group: &Group, date: civil::Date) -> Markup {
    html! {
        @if let Some(change) = group.change(date) {
            span.mark.turn title={ "the clocks of " (group.name()) " change" } {
                span.unseen { "clocks change: " } (shift(change.shift))
            }
        }
    }
}

fn mark(tale: &Tale, group: &Group, happening: &Happening) -> Markup {
    let local = happening.at.to_zoned(group.zone.clone());
    let time = html! { time datetime=(happening.at) { (local.strftime("%H:%M")) } };
    let at = millis(happening.at);
    let name = &tale.people[happening.person].name;
    match happening.what {
        Happened::Arrived(Arrival { part, mail, is_copy }) => {
            let (sign, words) = match part {
                Some(part) => ((part + 1).to_string(), tale.parts[part].as_str()),
                None => ("?".to_owned(), "Please confirm"),
            };
            let (class, kind) = match part {
                _ if is_copy => ("again", "copy"),
                Some(_) => ("part", "mail"),
                None => ("asked", "mail"),
            };
            html! {
                a class={ "mark " (class) } href={ "/inbox/" (mail) } data-at=(at) data-kind=(kind) title=(words) {
                    b { (sign) } " " (time)
                    span.unseen { " " (words) ", to " (name) @if is_copy { ", a copy" } }
                }
            }
        }
        Happened::Skipped(part) => html! {
            span.mark.skipped data-at=(at) data-kind="skip" { "skips " (part + 1) }
        },
        Happened::Left => html! { span.mark.left data-at=(at) data-kind="left" { "leaves" } },
        Happened::Exited => html! { span.mark.left data-at=(at) data-kind="left" { "ends early" } },
    }
}
