//! Findings on a page: what is wrong, where, and what to do.

use maud::{Markup, html};

use super::{file, shell::counted};
use crate::diagnostic::{Diagnostics, Finding, Severity, excerpt};

/// Findings on one page; a broken file can have a thousand.
const SHOWN_MAX: usize = 50;

/// All findings, the first [`SHOWN_MAX`] of them.
pub(super) fn list(diagnostics: &Diagnostics) -> Markup {
    let findings = diagnostics.findings();
    html! {
        ul.findings {
            @for found in findings.iter().take(SHOWN_MAX) { li { (finding(diagnostics, found, Placed::Elsewhere)) } }
        }
        @if findings.len() > SHOWN_MAX {
            p.muted { "And " (findings.len() - SHOWN_MAX) " more; `fascicle check` prints them all." }
        }
    }
}

/// The panel over a picture: what is wrong with its files now.
///
/// `is_old` says whether the picture is from before the mistake.
pub(super) fn panel(diagnostics: &Diagnostics, trouble: Option<&str>, is_old: Age) -> Markup {
    let errors = diagnostics.count(Severity::Error);
    let has_errors = errors > 0 || trouble.is_some();
    html! {
        @if has_errors {
            section.panel.error.over data-key="panel" aria-labelledby="panel-title" {
                h2 id="panel-title" { (title(diagnostics)) }
                @if is_old == Age::Before { p { "Below, what is broken stands as it was before." } }
                @if let Some(what) = trouble { p { (what) } }
                (list(diagnostics))
            }
        } @else if !diagnostics.is_empty() {
            details.panel.warning data-key="hints" {
                summary { (title(diagnostics)) }
                (list(diagnostics))
            }
        }
    }
}

/// When the picture under a panel was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// From the files as they are.
    Now,
    /// From the files as they were when they were good.
    Before,
}

/// `2 errors, 1 warning`, without what there is none of.
pub(super) fn title(diagnostics: &Diagnostics) -> String {
    let (errors, warnings) =
        (diagnostics.count(Severity::Error), diagnostics.count(Severity::Warning));
    match (errors, warnings) {
        (0, 0) => "The files cannot be read".to_owned(),
        (0, _) => counted(warnings, "warning"),
        (_, 0) => counted(errors, "error"),
        (_, _) => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
    }
}

/// Whether a finding has to say where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    /// It stands under its line.
    Here,
    /// It leads there.
    Elsewhere,
}

/// One finding; its place is a way to the line of the file.
pub(super) fn finding(diagnostics: &Diagnostics, found: &Finding, placed: Placed) -> Markup {
    let position = diagnostics.position(&found.place).map(|[start, _]| start);
    let place = match position {
        Some((line, column)) => format!("{}:{line}:{column}", found.place.file),
        None => found.place.file.to_string(),
    };
    let severity = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    html! {
        p.what {
            span class={ "severity " (severity) } { (severity) "[" (found.code) "]" }
            " " (found.message)
        }
        @if placed == Placed::Elsewhere {
            @match position {
                Some((line, _)) => p.place { a href=(file::url(&found.place.file, line)) data-soft { code { (place) } } },
                None => p.place { code { (place) } },
            }
            @if let Some(excerpt) = excerpt(diagnostics, found) {
                pre tabindex="0" role="region" aria-label=(place) { (excerpt) }
            }
        }
        p.hint { strong { "hint: " } (found.hint) }
    }
}
