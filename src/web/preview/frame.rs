//! The bare mail, for a frame on an opaque origin where only our script runs.
//!
//! Its elements say from which lines they came, for the page around it.

use std::sync::{Arc, LazyLock};

use axum::{
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::{
    Studio,
    asked::{Asked, Images, Look},
    picture,
    reading::Reading,
    shell::notice,
};
use crate::render::Traced;

/// Tells the page around the frame how tall the mail is.
const SCRIPT: &str = include_str!("frame.js");

/// REQ-113, and our one script. The sandbox stands here too, so that the mail
/// is on an opaque origin also when somebody opens it by itself.
static POLICY: LazyLock<String> = LazyLock::new(|| policy("style-src 'unsafe-inline'"));

/// A policy with these sources of style.
pub(super) fn policy(style: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(SCRIPT));
    format!(
        "sandbox allow-scripts; default-src 'none'; img-src https: data:; {style}; \
         script-src 'sha256-{hash}'; form-action 'none'; frame-ancestors 'self'"
    )
}

/// GET `/frame/campaign/{id}/{step}`.
pub(super) async fn step(
    State(studio): State<Studio>,
    Path((id, step)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    let reading = studio.reading();
    let mail = picture::traced(&reading, (&id, &step), &asked, studio.clock.now());
    bare(&studio, mail, &asked)
}

/// GET `/frame/confirmation`.
pub(super) async fn confirmation(
    State(studio): State<Studio>,
    Query(asked): Query<Asked>,
) -> Response {
    let reading = studio.reading();
    let letter = picture::confirmation(&reading, &asked, studio.clock.now());
    let mail = letter.map(|letter| Traced { html: letter.rendered.html, files: [].into() });
    bare(&studio, mail, &asked)
}

/// The marked mail of `letter`, which was found.
fn bare(studio: &Studio, mail: Result<Traced, picture::Absent>, asked: &Asked) -> Response {
    let reading = studio.reading();
    match mail {
        Ok(Traced { html, files }) => {
            let mail = if asked.images == Images::Hidden {
                without_images(&html)
            } else {
                with_images(&html, &reading)
            };
            let mail = dressed(&mail, asked.look, &files);
            ([(header::CONTENT_SECURITY_POLICY, POLICY.as_str())], Html(mail)).into_response()
        }
        Err(what) => {
            notice(studio, &reading, StatusCode::NOT_FOUND, ("Not here", &what.to_string()))
        }
    }
}

/// The mail with the campaigns' own images in it: before `apply` nobody serves
/// them, and the frame may ask this machine for nothing.
fn with_images(mail: &str, reading: &Reading) -> String {
    let Some(project) = &reading.project else { return mail.to_owned() };
    let mut mail = mail.to_owned();
    for (name, bytes) in &project.images {
        let address = name.address(&project.site.base_url);
        if mail.contains(&address) {
            let data = format!("data:{};base64,{}", name.media_type(), STANDARD.encode(bytes));
            mail = mail.replace(&address, &data);
        }
    }
    mail
}

/// The mail as a mail program with this look shows it.
///
/// What is added stands at the end, so that the author's markup is parsed as
/// it is. Links open nothing: the frame may not open windows. Programs that
/// change colors by themselves do not ask the mail: our script plays them.
pub(super) fn dressed(mail: &str, look: Look, files: &[Arc<str>]) -> String {
    let asks = if look == Look::Dark { Look::Dark } else { Look::Light };
    let mail = decide_look(mail, asks);
    let files: Vec<String> = files.iter().map(|file| escape(file)).collect();
    format!(
        "{mail}\n<style>:root{{color-scheme:{} !important}}</style><base target=\"_blank\">\
         <script data-look=\"{}\" data-files=\"{}\">{SCRIPT}</script>\n",
        asks.as_str(),
        look.as_str(),
        files.join("|"),
    )
}

/// For an attribute in double quotes.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('|', "%7C")
}

/// The mail as it is before anybody allows its images: only what stands for them.
fn without_images(mail: &str) -> String {
    let mut bare = String::with_capacity(mail.len());
    let mut rest = mail;
    while let Some(open) = rest.find('<') {
        let end = end_of_markup(&rest[open..]);
        bare.push_str(&rest[..open]);
        let markup = &rest[open..open + end];
        let is_image = markup.get(..4).is_some_and(|tag| tag.eq_ignore_ascii_case("<img"));
        if is_image {
            bare.push_str(
                &markup.replace(" src=", " data-src=").replace(" srcset=", " data-srcset="),
            );
        } else {
            bare.push_str(
                &markup.replace(" background=\"", " data-background=\"").replace("url(", "none("),
            );
        }
        rest = &rest[open + end..];
    }
    bare.push_str(rest);
    bare
}

/// Decides every question about the reader's color scheme in style sheets and
/// attributes, and drops what would move the frame on; words stay.
fn decide_look(mail: &str, look: Look) -> String {
    let mut decided = String::with_capacity(mail.len());
    let mut rest = mail;
    while let Some(open) = rest.find('<') {
        let end = end_of_markup(&rest[open..]);
        decided.push_str(&rest[..open]);
        let markup = &rest[open..open + end];
        if !moves_on(markup) {
            decided.push_str(&decide_queries(markup, look));
        }
        rest = &rest[open + end..];
    }
    decided.push_str(rest);
    decided
}

/// Whether a tag sends its reader elsewhere by itself. No mail program obeys
/// it, and the frame has to stay where it is.
fn moves_on(markup: &str) -> bool {
    let lower = markup.to_ascii_lowercase();
    lower.starts_with("<meta") && lower.contains("http-equiv") && lower.contains("refresh")
}

/// The length of the tag that `text` begins with; of a style element, up to
/// its end.
fn end_of_markup(text: &str) -> usize {
    let lower: String = text.chars().take(6).map(|c| c.to_ascii_lowercase()).collect();
    let close = if lower == "<style" { "</style" } else { ">" };
    let found = text.char_indices().find(|(at, _)| {
        text.get(*at..*at + close.len()).is_some_and(|end| end.eq_ignore_ascii_case(close))
    });
    found.map_or(text.len(), |(at, _)| at + close.len())
}

/// Puts a condition that always or never holds in place of each
/// `prefers-color-scheme: …`.
pub(super) fn decide_queries(text: &str, look: Look) -> String {
    const FEATURE: &str = "prefers-color-scheme";
    let lower = text.to_ascii_lowercase();
    let mut decided = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = lower[from..].find(FEATURE).map(|at| from + at) {
        let value_end = lower[at..].find(')').map_or(lower.len(), |end| at + end);
        let asked = lower[at + FEATURE.len()..value_end].trim_start_matches([':', ' ']).trim();
        // Without a value it asks whether there is any preference: there is.
        let holds = asked.is_empty() || asked == look.as_str();
        decided.push_str(&text[from..at]);
        decided.push_str(if holds { "min-width:0px" } else { "min-width:999999px" });
        from = value_end;
    }
    decided.push_str(&text[from..]);
    decided
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(mail: &str, look: Look, expected: &str) {
        assert_eq!(decide_look(mail, look), expected);
    }

    #[test]
    fn the_look_is_decided_by_the_page_and_not_by_the_machine() {
        let mail = "<style>@media (prefers-color-scheme: dark) { a {} }</style>";
        check(mail, Look::Dark, "<style>@media (min-width:0px) { a {} }</style>");
        check(mail, Look::Light, "<style>@media (min-width:999999px) { a {} }</style>");
        let mail = "<STYLE>@media not all and (PREFERS-color-scheme:light){}</STYLE>";
        check(mail, Look::Light, "<STYLE>@media not all and (min-width:0px){}</STYLE>");
        let mail = r#"<source media="(prefers-color-scheme:dark)" srcset="x">"#;
        check(mail, Look::Dark, r#"<source media="(min-width:0px)" srcset="x">"#);
        check("<style>(prefers-color-scheme)", Look::Light, "<style>(min-width:0px)");
        check("<style>(prefers-color-scheme", Look::Light, "<style>(min-width:0px");
    }

    #[test]
    fn a_mail_does_not_leave_its_frame_by_itself() {
        let mail =
            "<p>a<META http-equiv='Refresh' content='0;url=https://example.com/'><meta charset=x>b";
        check(mail, Look::Light, "<p>a<meta charset=x>b");
    }

    #[test]
    fn words_about_it_stay() {
        let mail = "<p>Use (prefers-color-scheme: dark) & é < x</p><b";
        check(mail, Look::Dark, mail);
    }
}
