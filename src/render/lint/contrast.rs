//! Whether text can be read on its background (WCAG 2, 1.4.3), on a phone and
//! in the dark too; and whether the way out and the address can be seen at all.

use std::collections::BTreeSet;

use super::{
    Mail,
    color::Rgb,
    seen::{Look, Paint, Run, Seen},
    selector::{Answer, Screen},
    sheet::{SCREEN_COUNT, SCREENS},
};
use crate::{
    diagnostic::{Diagnostics, Place},
    render::mustache::{self, Kind},
};

/// The least contrast of text, and of large text (WCAG 2, level AA).
const CONTRAST_MIN: f32 = 4.5;
const LARGE_CONTRAST_MIN: f32 = 3.0;

/// From this size on text is large: 18 points, or 14 points and bold.
const LARGE: f32 = 24.0;
const LARGE_BOLD: f32 = 18.66;

/// Below this nobody sees that there is text.
const SEEN_CONTRAST_MIN: f32 = 1.3;
const SEEN_SIZE_MIN: f32 = 5.0;

/// Pairs of colors that are told of one mail.
const PAIRS_MAX: usize = 20;

/// How much of a text is quoted.
const QUOTED_MAX: usize = 32;

/// What must be seen, and what it is called.
const ESSENTIAL: [(&str, &str); 3] = [
    ("unsubscribe_url", "the way out"),
    ("confirm_url", "the link that confirms"),
    ("site.address", "the postal address"),
];

pub(super) fn check(seen: &Seen, mail: &Mail<'_>, found: &mut Diagnostics) {
    // Without rules for the dark each program has its own, or none.
    let screens = if seen.has_dark { SCREEN_COUNT } else { SCREEN_COUNT / 2 };
    let mut told: BTreeSet<(Rgb, Rgb)> = BTreeSet::new();
    for run in &seen.runs {
        if ESSENTIAL.iter().any(|(variable, _)| says(mail, run, variable))
            && !is_visible(run, screens)
        {
            continue;
        }
        let text = words_of(run, mail);
        let is_text = text.chars().any(char::is_alphanumeric);
        for (look, screen) in run.looks.iter().zip(SCREENS).take(screens).filter(|_| is_text) {
            let is_new =
                |poor: &Poor| told.len() < PAIRS_MAX && told.insert((poor.color, poor.background));
            let Some(poor) = poor(look).filter(is_new) else { continue };
            let (color, background) = (said(&look.color), said(&look.background));
            let place = place(mail, [color, background], &run.classes, screen);
            // The same words for every mail of a layout, so that it is told once.
            let quoted: String = text.chars().take(QUOTED_MAX).collect();
            let text = run.classes.first().map_or(quoted.trim(), String::as_str);
            let hint = format!(
                "write `{}` instead, for example",
                poor.color.readable_on(poor.background, poor.wanted)
            );
            let message = format!(
                "the text of `{text}` is hard to read{}: {} on {} has a contrast of {:.1}, it needs {}",
                if screen.is_dark { " in the dark" } else { "" },
                poor.color,
                poor.background,
                poor.contrast,
                poor.wanted,
            );
            found.poor_contrast(place, message, hint);
        }
    }
    for (variable, what) in ESSENTIAL {
        check_essential(seen, mail, (variable, what), screens, found);
    }
}

/// Text that cannot be read.
struct Poor {
    color: Rgb,
    background: Rgb,
    contrast: f32,
    wanted: f32,
}

fn poor(look: &Look) -> Option<Poor> {
    let (Paint::Solid { rgb: color, .. }, Paint::Solid { rgb: background, .. }) =
        (&look.color, &look.background)
    else {
        return None;
    };
    // What is hidden on purpose is no text to read; very small text has no
    // contrast to speak of.
    if look.is_hidden != Answer::No || look.size.is_some_and(|size| size < SEEN_SIZE_MIN) {
        return None;
    }
    let is_large = |size: f32| size >= LARGE || look.is_bold && size >= LARGE_BOLD;
    let wanted = if look.size.is_none_or(is_large) { LARGE_CONTRAST_MIN } else { CONTRAST_MIN };
    let contrast = color.contrast(*background);
    let (color, background) = (*color, *background);
    (contrast < wanted).then_some(Poor { color, background, contrast, wanted })
}

fn said(paint: &Paint) -> &str {
    match paint {
        Paint::Solid { said, .. } => said,
        Paint::Unknown => "",
    }
}

/// What people read of `run`, values as they are called.
fn words_of(run: &Run, mail: &Mail<'_>) -> String {
    let revealed = mail.masks.reveal(&mail.html[run.text.clone()]);
    let mut words = String::new();
    let mut from = 0;
    for mustache in mustache::scan(&revealed).0 {
        words.push_str(&revealed[from..mustache.span.start]);
        if !mustache.is_block_tag() {
            words.push_str(&revealed[mustache.span.clone()]);
        }
        from = mustache.span.end;
    }
    words.push_str(&revealed[from..]);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where the layout says the first of `colors` that somebody said: best on a
/// line that names one of `classes`.
fn place(mail: &Mail<'_>, colors: [&str; 2], classes: &[String], screen: Screen) -> Place {
    let layout = mail.layout.expanded.to_ascii_lowercase();
    let from = if screen.is_dark { layout.find("prefers-color-scheme").unwrap_or(0) } else { 0 };
    for (color, names) in [(colors[0], &["color"][..]), (colors[1], &["background", "bgcolor"])] {
        let is_said = |at: &usize| {
            let before = layout[..*at].trim_end_matches(['"', '\'', ' ', ':', '=']);
            let property = before
                .rsplit(|c: char| c.is_whitespace() || matches!(c, ';' | '{' | '"' | '\''))
                .next()
                .unwrap_or_default();
            names
                .iter()
                .any(|name| property == *name || *name == "background" && property.contains(name))
        };
        let sayings = |from: usize| {
            let found = layout[from..].match_indices(color).map(move |(at, _)| from + at);
            found.filter(is_said)
        };
        if color.is_empty() {
            continue;
        }
        let named = sayings(from).find(|at| {
            let line = layout[..*at].rfind('\n').map_or(0, |at| at + 1);
            let line = &layout[line..*at];
            classes.iter().any(|class| {
                line.contains(&format!("\"{class}\"")) || line.contains(&format!(".{class}"))
            })
        });
        if let Some(at) = named.or_else(|| sayings(from).next()).or_else(|| sayings(0).next()) {
            return mail.layout.place(at..at + color.len());
        }
    }
    mail.layout.passage.place(0..0)
}

/// On every screen something that people can see must say `variable`, where
/// the mail says it at all.
fn check_essential(
    seen: &Seen,
    mail: &Mail<'_>,
    (variable, what): (&str, &str),
    screens: usize,
    found: &mut Diagnostics,
) {
    let saying: Vec<&Run> = seen.runs.iter().filter(|run| says(mail, run, variable)).collect();
    // A link whose words nobody sees is no way out.
    let is_word = |run: &&Run| {
        let text = &mail.html[run.text.clone()];
        text.chars().any(|c| {
            !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
        })
    };
    let saying: Vec<&Run> = saying.into_iter().filter(is_word).collect();
    if saying.is_empty() || !mail.layout.essentials.requires(variable) {
        return;
    }
    let is_hidden = |screen: &usize| saying.iter().all(|run| !can_be_seen(&run.looks[*screen]));
    if let Some(screen) = (0..screens).find(is_hidden) {
        let on = match SCREENS[screen] {
            Screen { is_dark: true, .. } => " in the dark",
            // Where it is hidden on every screen, that comes first.
            _ if screen > 0 => " on a phone",
            Screen { .. } => "",
        };
        let (mustaches, _) = mustache::scan(&mail.layout.expanded);
        let said = mustaches
            .into_iter()
            .find(|mustache| mustache.words.iter().any(|(_, word)| word == variable));
        let place = said.map_or_else(
            || mail.layout.passage.place(0..0),
            |mustache| mail.layout.place(mustache.span),
        );
        found.hidden_essential(place, what, on);
    }
}

/// Whether `run` says `variable`, or leads there.
fn says(mail: &Mail<'_>, run: &Run, variable: &str) -> bool {
    let says = |text: &str| {
        mail.masks.hidden_in(text).any(|hidden| {
            mustache::scan(hidden).0.iter().any(|mustache| {
                mustache.kind == Kind::Value
                    && mustache.words.iter().any(|(_, word)| word == variable)
            })
        })
    };
    let link = run.link.as_ref().is_some_and(|link| says(&mail.html[link.clone()]));
    link || says(&mail.html[run.text.clone()])
}

fn is_visible(run: &Run, screens: usize) -> bool {
    run.looks[..screens].iter().all(can_be_seen)
}

fn can_be_seen(look: &Look) -> bool {
    let is_apart = match (&look.color, &look.background) {
        (Paint::Solid { rgb, .. }, Paint::Solid { rgb: below, .. }) => {
            rgb.contrast(*below) >= SEEN_CONTRAST_MIN
        }
        (Paint::Unknown, _) | (_, Paint::Unknown) => true,
    };
    look.is_hidden != Answer::Yes && is_apart && look.size.is_none_or(|size| size >= SEEN_SIZE_MIN)
}
