//! How a mail looks in a light or a dark mail program, and with its images
//! inside: for whoever draws it where nothing else can be asked for.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::model::ImageName;

/// Whether a mail program is light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// Dark signs on light ground.
    Light,
    /// Light signs on dark ground.
    Dark,
}

impl Look {
    /// The word for it, as style sheets say it.
    pub fn as_str(self) -> &'static str {
        match self {
            Look::Light => "light",
            Look::Dark => "dark",
        }
    }
}

/// The mail with the campaigns' own images in it: before `apply` nobody serves
/// them below `base_url`.
pub fn with_images(mail: &str, base_url: &str, images: &BTreeMap<ImageName, Arc<[u8]>>) -> String {
    let mut mail = mail.to_owned();
    for (name, bytes) in images {
        let address = name.address(base_url);
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
/// it is.
pub fn dressed(mail: &str, look: Look) -> String {
    let mail = decide_look(mail, look);
    format!("{mail}\n<style>:root{{color-scheme:{} !important}}</style>", look.as_str())
}

/// The mail as it is before anybody allows its images: only what stands for them.
pub fn without_images(mail: &str) -> String {
    let bare = |markup: &str| {
        let is_image = markup.get(..4).is_some_and(|tag| tag.eq_ignore_ascii_case("<img"));
        Some(if is_image {
            markup.replace(" src=", " data-src=").replace(" srcset=", " data-srcset=")
        } else {
            markup.replace(" background=\"", " data-background=\"").replace("url(", "none(")
        })
    };
    each_tag(mail, bare)
}

/// Decides every question about the reader's color scheme in style sheets and
/// attributes, and drops what would move the frame on; words stay.
fn decide_look(mail: &str, look: Look) -> String {
    each_tag(mail, |markup| (!moves_on(markup)).then(|| decide_queries(markup, look)))
}

/// `mail` with every tag, and every style sheet as a whole, as `change` makes
/// it; without those of which it makes nothing.
fn each_tag(mail: &str, change: impl Fn(&str) -> Option<String>) -> String {
    let mut changed = String::with_capacity(mail.len());
    let mut rest = mail;
    while let Some(open) = rest.find('<') {
        let end = end_of_markup(&rest[open..]);
        changed.push_str(&rest[..open]);
        changed.extend(change(&rest[open..open + end]));
        rest = &rest[open + end..];
    }
    changed.push_str(rest);
    changed
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
pub fn decide_queries(text: &str, look: Look) -> String {
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
    fn without_images_their_words_stay() {
        let mail = "<p>src=x</p><IMG src=\"a.png\" alt=\"A\"><td background=\"b\" style=\"background:url(c)\">";
        let bare = "<p>src=x</p><IMG data-src=\"a.png\" alt=\"A\"><td data-background=\"b\" style=\"background:none(c)\">";
        assert_eq!(without_images(mail), bare);
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
