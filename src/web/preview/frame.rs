//! The bare mail, for a frame on an opaque origin where only our script runs.
//!
//! Its elements say from which lines they came, for the page around it.

use std::sync::{Arc, LazyLock};

use axum::{
    extract::{Path, Query, State},
    http::header,
    response::{Html, IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::{
    Studio,
    asked::{Asked, Images, Look},
    picture,
    reading::Reading,
    shell::absent,
};
use crate::render::{self, Traced};

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
                render::without_images(&html)
            } else {
                with_images(&html, &reading)
            };
            let mail = dressed(&mail, asked.look, &files);
            ([(header::CONTENT_SECURITY_POLICY, POLICY.as_str())], Html(mail)).into_response()
        }
        Err(what) => absent(studio, &reading, &what),
    }
}

/// The mail with the campaigns' own images in it: the frame may ask this
/// machine for nothing.
fn with_images(mail: &str, reading: &Reading) -> String {
    let Some(project) = &reading.project else { return mail.to_owned() };
    render::with_images(mail, &project.site.base_url, &project.images)
}

/// The mail as a mail program with this look shows it.
///
/// Links open nothing: the frame may not open windows. Programs that change
/// colors by themselves do not ask the mail: our script plays them.
pub(super) fn dressed(mail: &str, look: Look, files: &[Arc<str>]) -> String {
    let mail = render::dressed(mail, drawn(look));
    let files: Vec<String> = files.iter().map(|file| escape(file)).collect();
    format!(
        "{mail}<base target=\"_blank\">\
         <script data-look=\"{}\" data-files=\"{}\">{SCRIPT}</script>\n",
        look.as_str(),
        files.join("|"),
    )
}

/// For an attribute in double quotes.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('|', "%7C")
}

/// The same for a style sheet.
pub(super) fn decide_queries(text: &str, look: Look) -> String {
    render::decide_queries(text, drawn(look))
}

fn drawn(look: Look) -> render::Look {
    match look {
        Look::Light | Look::Partly | Look::Wholly => render::Look::Light,
        Look::Dark => render::Look::Dark,
    }
}
