//! The bare mail, for a frame on an opaque origin where only our script runs.

use std::sync::LazyLock;

use axum::{
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::{
    Studio,
    asked::{Asked, Look},
    picture,
    reading::Reading,
    shell::notice,
};
use crate::render;

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
    let letter = picture::letter(&reading, (&id, &step), &asked, studio.clock.now());
    bare(&studio, letter, asked.look)
}

/// GET `/frame/confirmation`.
pub(super) async fn confirmation(
    State(studio): State<Studio>,
    Query(asked): Query<Asked>,
) -> Response {
    let reading = studio.reading();
    let letter = picture::confirmation(&reading, &asked, studio.clock.now());
    bare(&studio, letter, asked.look)
}

fn bare(studio: &Studio, letter: picture::Found, look: Look) -> Response {
    let what = match letter {
        Ok(letter) => {
            let mail = with_images(&letter.rendered.html, &studio.reading());
            let mail = dressed(&mail, look);
            return ([(header::CONTENT_SECURITY_POLICY, POLICY.as_str())], Html(mail))
                .into_response();
        }
        Err(what) => what.to_string(),
    };
    notice(&studio.reading(), StatusCode::NOT_FOUND, ("Not here", &what))
}

/// The mail with the campaigns' own images in it: the frame may ask this
/// machine for nothing.
fn with_images(mail: &str, reading: &Reading) -> String {
    let Some(project) = &reading.project else { return mail.to_owned() };
    render::with_images(mail, &project.site.base_url, &project.images)
}

/// The mail as a mail program with this look shows it.
///
/// Links open nothing: the frame may not open windows.
pub(super) fn dressed(mail: &str, look: Look) -> String {
    let mail = render::dressed(mail, drawn(look));
    format!("{mail}<base target=\"_blank\"><script>{SCRIPT}</script>\n")
}

/// The same for a style sheet.
pub(super) fn decide_queries(text: &str, look: Look) -> String {
    render::decide_queries(text, drawn(look))
}

fn drawn(look: Look) -> render::Look {
    match look {
        Look::Light => render::Look::Light,
        Look::Dark => render::Look::Dark,
    }
}
