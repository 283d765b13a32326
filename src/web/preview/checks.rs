//! The checks of a mail: what holds, what does not, and what mail programs
//! make of what its author wrote.

use maud::{Markup, html};

use super::{file, findings, message::Shown, reading::Reading, shell::counted};
use crate::{
    diagnostic::Severity,
    render::{
        CHECKS, Check, Compiled,
        clients::{self, Support, Used},
    },
};

/// All of it.
pub(super) fn draw(reading: &Reading, shown: &Shown) -> Markup {
    html! {
        section.side.checks aria-label="Checks" {
            @if let Some(mail) = &shown.mail {
                ul.holds {
                    @for check in &CHECKS { (line(check, mail)) }
                }
            }
            @if shown.findings.is_empty() {
                p.muted { "Nothing to complain about: not in the words, the layout, or what becomes of them." }
            } @else {
                (findings::list(&shown.findings))
            }
        }
        @if let Some(mail) = shown.mail.as_ref().filter(|mail| !mail.features().is_empty()) {
            (support(reading, mail.features()))
        }
    }
}

/// One check, and whether it holds. What a comment in a file allows is not
/// held against the mail.
fn line(check: &Check, mail: &Compiled) -> Markup {
    let found = mail.findings().iter().filter(|found| check.codes.contains(&found.code));
    let worst =
        found.map(|found| found.severity).max_by_key(|severity| *severity == Severity::Error);
    let (class, sign, said) = match worst {
        None => ("good", "✓", "holds"),
        Some(Severity::Warning) => ("warning", "!", "warning"),
        Some(Severity::Error) => ("error", "✕", "error"),
    };
    html! {
        li class=(class) {
            span.sign aria-hidden="true" { (sign) } " " (check.title) span.unseen { ": " (said) }
        }
    }
}

/// Which programs understand what the author uses.
fn support(reading: &Reading, used: &[Used]) -> Markup {
    let is_lacking = |used: &&Used| used.feature.programs(Support::No).any(|one| one.is_major);
    let lacking = used.iter().filter(is_lacking).count();
    html! {
        details.programs data-key="programs" {
        summary { "What mail programs understand of your layout: " (counted(used.len(), "feature")) " of HTML and CSS, " (lacking) " not known to every large program" }
        div.support tabindex="0" role="region" aria-label="Support by mail programs" {
            table {
                thead {
                    tr {
                        th scope="col" { "You use" }
                        @for program in clients::programs() { th.program scope="col" { span { (program.name) } } }
                    }
                }
                tbody {
                    @for used in used { (row(reading, used)) }
                }
            }
        }
        p.drawn {
            "● all of it, ◐ some of it, ○ nothing, a blank is not tested. Facts from caniemail.com (MIT), as of "
            (clients::data_of()) "."
        }
        }
    }
}

fn row(reading: &Reading, used: &Used) -> Markup {
    let feature = used.feature;
    let line = reading.diagnostics.position(&used.place).map(|[(line, _), _]| line);
    html! {
        tr {
            th scope="row" {
                @match line {
                    Some(line) => a href=(file::url(&used.place.file, line)) data-soft { (feature.title) },
                    None => (feature.title),
                }
                @if !feature.note.is_empty() { span.note { (feature.note) } }
            }
            @for (program, support) in clients::programs().iter().zip(&feature.support) {
                @let (class, sign, said) = word(*support);
                td class=(class) title={ (program.name) ": " (said) } {
                    span aria-hidden="true" { (sign) } span.unseen { (said) }
                }
            }
        }
    }
}

fn word(support: Support) -> (&'static str, &'static str, &'static str) {
    match support {
        Support::Yes => ("yes", "●", "all of it"),
        Support::Partly => ("partly", "◐", "some of it"),
        Support::No => ("no", "○", "nothing"),
        Support::Unknown => ("unknown", "", "not tested"),
    }
}
