//! The form that says who goes through a campaign, and when.

use std::sync::LazyLock;

use maud::{Markup, html};

use super::{
    asked::{Asked, Chosen, Images, Look, View, Width},
    reading::Reading,
};
use crate::{model::Sample, time::zone_names};

static ZONES: LazyLock<Vec<String>> = LazyLock::new(zone_names);

/// Who, when and where, for a campaign.
pub(super) fn form(path: &str, reading: &Reading, chosen: &Chosen<'_>, asked: &Asked) -> Markup {
    let has_own_zone = chosen.walk.edition.campaign.send.zone.is_some();
    html! {
        form.who method="get" action=(path) data-soft {
            (samples(reading, chosen.walk.sample))
            @if let Some(sample) = chosen.walk.sample { input type="hidden" name="of" value=(sample.name); }
            p {
                label for="enrolled" { "enters on" }
                input id="enrolled" name="enrolled" type="datetime-local" value=(chosen.enrolled);
            }
            p {
                label for="zone" { "lives in" }
                input id="zone" name="zone" list="zones" autocomplete="off" spellcheck="false"
                    value=(chosen.zone) disabled[has_own_zone];
                datalist id="zones" data-keep {
                    @if asked.known.is_empty() { @for zone in ZONES.iter() { option value=(zone) {} } }
                }
            }
            (kept(asked))
            @if let Some(hours) = asked.now.0 { input type="hidden" name="now" value=(hours); }
            p { button type="submit" { "Show" } }
        }
        @if has_own_zone { p.muted { "This campaign goes by a zone of its own." } }
        (notices(&chosen.notices))
    }
}

/// The choice of a sample alone, for a mail that needs no more.
pub(super) fn short_form(
    path: &str,
    reading: &Reading,
    asked: &Asked,
    sample: Option<&Sample>,
) -> Markup {
    html! {
        form.who method="get" action=(path) data-soft {
            @if !asked.list.is_empty() { input type="hidden" name="list" value=(asked.list); }
            (samples(reading, sample))
            (kept(asked))
            p { button type="submit" { "Show" } }
        }
    }
}

/// One sentence for each wish that was not met.
pub(super) fn notices(notices: &[String]) -> Markup {
    html! { @for notice in notices { p.notice { (notice) } } }
}

fn samples(reading: &Reading, chosen: Option<&Sample>) -> Markup {
    let samples = reading.project.iter().flat_map(|project| &project.samples);
    html! {
        p {
            label for="sample" { "Who" }
            select id="sample" name="sample" autocomplete="off" {
                @if chosen.is_none() { option value="" { "somebody" } }
                @for sample in samples {
                    option value=(sample.name) selected[chosen.is_some_and(|chosen| chosen.name == sample.name)] {
                        (sample.name)
                    }
                }
            }
        }
    }
}

/// The whole state, for a form that asks something else.
pub(super) fn hidden(asked: &Asked) -> Markup {
    html! {
        @for (name, value) in [("sample", &asked.sample), ("enrolled", &asked.enrolled), ("zone", &asked.zone)] {
            @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
        }
        (kept(asked))
    }
}

/// What the form does not ask stays as it is.
fn kept(asked: &Asked) -> Markup {
    html! {
        @if asked.view != View::default() { input type="hidden" name="view" value=(asked.view.as_str()); }
        @if asked.width != Width::default() { input type="hidden" name="width" value=(asked.width.word()); }
        @if asked.look != Look::default() { input type="hidden" name="look" value=(asked.look.as_str()); }
        @if asked.images != Images::default() { input type="hidden" name="images" value=(asked.images.as_str()); }
    }
}
