//! One letter as a page shows it: found by its names, framed, and as a line of
//! an inbox.

use std::fmt;

use maud::{Markup, html};

use super::{
    asked::{Asked, Chosen, Hours, View, Width, next_hour, sample},
    reading::Reading,
};
use crate::{
    campaign::Edition,
    model::{ListId, Rendered, Step, StepId, sha256_hex},
    rehearsal::{self, Letter, Moment, Walk},
    render::{Failure, Traced},
    time::Timestamp,
};

/// Characters of an inbox line that a phone shows at most.
const TEASER_MAX: usize = 140;

/// A letter, or a sentence that says why there is none.
pub(super) type Found = Result<Letter, Absent>;

/// Why there is no letter.
#[derive(Debug)]
pub(super) struct Absent(String);

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The marked mail of a campaign's step, by their names.
pub(super) fn traced(
    reading: &Reading,
    (id, step): (&str, &str),
    asked: &Asked,
    now: Timestamp,
) -> Result<Traced, Absent> {
    let edition = edition(reading, id)?;
    let step = &self::step(edition, step)?.id;
    let walk = Chosen::of(reading, edition, asked, now).walk;
    is_there(edition, step)?;
    walk.traced(step).map_err(cannot_be_made)
}

/// The letter of a campaign's step, by their names.
pub(super) fn letter(
    reading: &Reading,
    (id, step): (&str, &str),
    asked: &Asked,
    now: Timestamp,
) -> Found {
    let edition = edition(reading, id)?;
    let step = &self::step(edition, step)?.id;
    let walk = Chosen::of(reading, edition, asked, now).walk;
    of_step(&walk, &walk.moments(), step)
}

fn is_there(edition: &Edition, step: &StepId) -> Result<(), Absent> {
    if edition.mails.contains_key(step) {
        return Ok(());
    }
    Err(Absent("This part was not good yet since the preview began.".to_owned()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is for map_err")]
fn cannot_be_made(failure: Failure) -> Absent {
    Absent(format!("It cannot be made: {failure}."))
}

/// The campaign called `id`.
pub(super) fn edition<'a>(reading: &'a Reading, id: &str) -> Result<&'a Edition, Absent> {
    let found = reading.edition_of(id);
    found.map(|edition| &**edition).ok_or_else(|| Absent(format!("There is no campaign “{id}”.")))
}

/// The step called `name`.
pub(super) fn step<'a>(edition: &'a Edition, name: &str) -> Result<&'a Step, Absent> {
    let found = edition.campaign.steps.iter().find(|step| step.id.as_str() == name);
    let title = &edition.campaign.title;
    found.ok_or_else(|| Absent(format!("“{title}” has no part “{name}”.")))
}

/// The letter of `step` on a walk, dated when it is sent.
pub(super) fn of_step(walk: &Walk<'_>, moments: &[Moment], step: &StepId) -> Found {
    is_there(walk.edition, step)?;
    let moment = moments.iter().find(|moment| moment.step == *step);
    let dated_at = moment.map_or(walk.enrolled_at, |moment| moment.at);
    walk.letter(step, dated_at).map_err(cannot_be_made)
}

/// Only what the letter of `step` says: a page with many of them needs no more.
pub(super) fn rendered(walk: &Walk<'_>, step: &StepId) -> Result<Rendered, Absent> {
    is_there(walk.edition, step)?;
    walk.rendered(step).map_err(cannot_be_made)
}

/// The confirmation for the list that was asked for, or the first one.
pub(super) fn confirmation(reading: &Reading, asked: &Asked, now: Timestamp) -> Found {
    let absent = |what: &str| Absent(what.to_owned());
    let project = reading.project.as_ref().ok_or_else(|| absent("There is no project yet."))?;
    let list = list(reading, &asked.list)?;
    let sample = sample(reading, &asked.sample, &mut Vec::new());
    let sample = sample.ok_or_else(|| absent("There is no sample; write one in samples.toml."))?;
    rehearsal::confirmation(project, list, sample, next_hour(now))
        .ok_or_else(|| absent("There is no templates/confirm.mjml."))?
        .map_err(cannot_be_made)
}

/// The list called `name`, or the first one.
pub(super) fn list<'a>(reading: &'a Reading, name: &str) -> Result<&'a ListId, Absent> {
    let mut lists = reading.project.iter().flat_map(|project| project.site.lists.keys());
    let found = lists.find(|list| name.is_empty() || list.as_str() == name);
    found.ok_or_else(|| Absent(format!("There is no list “{name}”.")))
}

/// The mail at `path` in a frame of its own. Its address names what is in it,
/// so that a page knows when a frame has to be loaded again.
pub(super) fn frame(path: &str, asked: &Asked, rendered: &Rendered, class: &str) -> Markup {
    let title = format!("The mail: {}", rendered.subject);
    framed(path, asked, (&title, &rendered.html), class)
}

/// The same for any document of a project.
pub(super) fn framed(
    path: &str,
    asked: &Asked,
    (title, document): (&str, &str),
    class: &str,
) -> Markup {
    let plain = Asked {
        view: View::default(),
        width: Width::default(),
        now: Hours::default(),
        ..asked.clone()
    };
    let url = plain.url(path);
    let sign = if url.contains('?') { '&' } else { '?' };
    let version = &sha256_hex(document.as_bytes())[..12];
    let source = format!("{url}{sign}v={version}");
    let is_thumbnail = class == THUMBNAIL;
    let width = match asked.width {
        Width::Pixels(pixels) if !is_thumbnail => Some(pixels),
        Width::Pixels(_) | Width::Full => None,
    };
    html! {
        iframe class={ "mail " (class) } src=(source) title=(title)
            sandbox="allow-scripts" loading="lazy" inert[is_thumbnail] width=[width] {}
    }
}

/// The class of a frame that is only looked at.
pub(super) const THUMBNAIL: &str = "thumbnail";

/// The mail as a line in a phone's inbox.
pub(super) fn inbox_line(from: &str, rendered: &Rendered, clock: &str) -> Markup {
    let initial: String = from.chars().find(|c| c.is_alphanumeric()).into_iter().collect();
    html! {
        span.avatar aria-hidden="true" { (initial.to_uppercase()) }
        span.from { (from) }
        span.clock { (clock) }
        span.subject { (rendered.subject) }
        span.teaser { (teaser(rendered)) }
    }
}

/// The preheader; without one, a phone shows how the mail begins: with what
/// its layout hides for this, else with its text.
fn teaser(rendered: &Rendered) -> String {
    if !rendered.preheader.is_empty() {
        return rendered.preheader.clone();
    }
    let hidden = hidden_beginning(&rendered.html);
    let text = hidden.as_deref().unwrap_or(&rendered.text);
    let words: Vec<&str> = text.split_whitespace().take(30).collect();
    words.join(" ").chars().take(TEASER_MAX).collect()
}

/// The text of an `mj-preview`, which comes first in the body and is not shown.
pub(super) fn hidden_beginning(html: &str) -> Option<String> {
    let body = html.split_once("<body")?.1.split_once('>')?.1;
    let (style, text) = body.trim_start().strip_prefix("<div style=\"")?.split_once("\">")?;
    let text = text.split_once("</div>")?.0;
    let is_plain = style.starts_with("display:none") && !text.contains('<');
    (is_plain && !text.trim().is_empty()).then(|| unescape(text))
}

/// What Handlebars escaped, for a text of ours that is escaped again.
pub(super) fn unescape(text: &str) -> String {
    const ESCAPES: [(&str, &str); 7] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x60;", "`"),
        ("&#x3D;", "="),
        ("&amp;", "&"),
    ];
    ESCAPES.iter().fold(text.to_owned(), |text, (code, sign)| text.replace(code, sign))
}
