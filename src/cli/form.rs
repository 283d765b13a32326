//! `fascicle form`: a sign-up form to put on another site.

use std::{fmt::Write as _, path::Path, process::ExitCode};

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;

use super::{given, people, term};
use crate::{campaign::Project, model::ListId, render::Page};

#[derive(Args)]
pub(super) struct Arguments {
    /// The list
    list: String,
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (_, project) = given::load_clean(folder)?;
    let list = people::list(&project.site, &arguments.list)?;
    if !project.site.lists[&list].takes_sign_ups {
        bail!("`{list}` has sign_up = false: there is no form for it");
    }
    term::data(&html(&project, &list).context("the pages have errors")?)?;
    term::say(
        "\nwhoever sends it sees our sign-up page, filled in, and the words they agree to; \
         one more button, and the confirmation is on its way",
    );
    Ok(ExitCode::SUCCESS)
}

/// A form without script or style, whose answer is our own page: that one has
/// the words they agree to as they are now, and the time it was made.
fn html(project: &Project, list: &ListId) -> Option<String> {
    let site = &project.site;
    let pages = project.pages.as_ref()?;
    let own = || {
        let title = &site.lists[list].title;
        [("site", json!({"name": site.name})), ("list", json!({"title": title}))]
    };
    let say = |key: &str| escape(&pages.say(Page::SignUp, key, own()));
    let mut html = format!(
        "<form action=\"{}/join/{list}\" method=\"post\" accept-charset=\"utf-8\">\n",
        escape(&site.base_url)
    );
    let _ = writeln!(
        html,
        "  <p><label>{}<br>\n    <input type=\"email\" name=\"email\" required maxlength=\"254\" \
         autocomplete=\"email\"></label></p>",
        say("email")
    );
    for name in &site.lists[list].ask {
        let field = site.fields.get(name)?;
        let _ = writeln!(
            html,
            "  <p><label>{}<br>\n    <input type=\"text\" name=\"field.{name}\" maxlength=\"{}\"></label></p>",
            escape(&field.label),
            field.max
        );
    }
    let _ = writeln!(html, "  <p><button type=\"submit\">{}</button></p>\n</form>", say("button"));
    Some(html)
}

/// For text and for attributes in quotes.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
