//! A file of the project with its lines numbered: where a finding stands, and
//! where a piece of a mail came from.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Studio, findings,
    reading::Reading,
    shell::{absent, counted, page},
};
use crate::diagnostic::Diagnostics;

/// More lines are not drawn.
const LINES_MAX: usize = 5_000;

/// Which line is meant, and where the reader came from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct At {
    line: Option<usize>,
    last: Option<usize>,
}

/// The address of a line of `file`.
pub(super) fn url(file: &str, line: usize) -> String {
    format!("/file/{}?line={line}#L{line}", super::asked::encode(file))
}

/// GET `/file/{path}`.
pub(super) async fn show(
    State(studio): State<Studio>,
    Path(file): Path<String>,
    Query(at): Query<At>,
) -> Response {
    let reading = studio.reading();
    let Some(text) = reading.diagnostics.source(&file) else {
        let what = format!("This project has no file “{file}”, or it was not read as text.");
        return absent(&studio, &reading, &what);
    };
    let own = reading.diagnostics.only(|found| *found.place.file == *file);
    let first = at.line.unwrap_or(0);
    let chosen = first..=at.last.unwrap_or(first);
    let count = text.lines().count();
    let title = if own.is_empty() { String::new() } else { findings::title(&own) };
    let content = html! {
        div.head {
            p.crumbs { (back(&reading, &file)) }
            h1.name { code { (file) } }
            p.facts { span { (counted(count, "line")) } @if !title.is_empty() { span { (title) } } }
        }
        (lines(text, &chosen, &own))
        @if count > LINES_MAX { p.muted { "The rest is not shown." } }
    };
    page(&studio, &reading, &file, &content)
}

fn lines(text: &str, chosen: &std::ops::RangeInclusive<usize>, own: &Diagnostics) -> Markup {
    let mut said: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for found in own.findings() {
        let line = own.position(&found.place).map_or(1, |[(line, _), _]| line);
        said.entry(line).or_default().push(found);
    }
    html! {
        div.file tabindex="0" role="region" aria-label="The lines of the file" {
            ol {
                @for (number, line) in (1..).zip(text.lines().take(LINES_MAX)) {
                    li id={ "L" (number) } .chosen[chosen.contains(&number)] {
                        span.number aria-hidden="true" { (number) }
                        span.line { (line) "\n" }
                        @for found in said.get(&number).into_iter().flatten() {
                            div.said { (findings::finding(own, found, findings::Placed::Here)) }
                        }
                    }
                }
            }
        }
    }
}

/// The campaign that a file belongs to, or the first page.
fn back(reading: &Reading, file: &str) -> Markup {
    let id = file.strip_prefix("campaigns/").and_then(|rest| rest.split('/').next());
    let edition = id.and_then(|id| reading.edition_of(id));
    html! {
        @match edition {
            Some(edition) => a href={ "/campaign/" (edition.campaign.id) } data-soft { (edition.campaign.title) },
            None => a href="/" data-soft { "All campaigns" },
        }
    }
}
