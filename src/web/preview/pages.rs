//! The pages that subscribers meet, as they will look: drawn with pretend
//! values, in the same frames as the mails.

use axum::{
    extract::{Path, Query, State},
    http::header,
    response::{Html, IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use maud::{Markup, html};
use serde_json::json;

use super::{
    Studio,
    asked::{Asked, Look},
    findings::{Age, panel},
    frame::{decide_queries, dressed, policy},
    picture,
    reading::Reading,
    shell::{absent, page},
    switches,
};
use crate::{
    campaign::Project,
    model::{List, ListId},
    render::Page,
    web::{
        door::{Values, list_value, site_values},
        form::Form,
        join,
    },
};

/// GET `/page/{name}`.
pub(super) async fn show(
    State(studio): State<Studio>,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let reading = studio.reading();
    let drawn = found(&name).and_then(|page| Ok((page, draw(&reading, page, &asked)?)));
    let (which, drawn) = match drawn {
        Ok(drawn) => drawn,
        Err(what) => return absent(&studio, &reading, &what),
    };
    let path = format!("/page/{name}");
    let findings = reading.diagnostics.only(|found| {
        let file = &*found.place.file;
        file.starts_with("templates/pages/")
            || matches!(file, "templates/words.toml" | "fascicle.toml")
    });
    let age = if findings.has_errors() { Age::Before } else { Age::Now };
    let content = html! {
        div.head {
            p.crumbs { "Pages for subscribers › " (name) }
            h1 { (drawn.title) }
            p.facts { span { (when(which)) } code { "templates/pages/" (name) ".hbs" } }
        }
        (panel(&findings, reading.trouble.as_deref(), age))
        div.bar { (others(which, &asked)) }
        div.bar { (switches::widths(&path, &asked)) (switches::look(&path, &asked)) }
        div class={ "desk sized " (asked.look.as_str()) } tabindex="0" role="region" aria-label="The page" {
            div.sheet data-width=(asked.width.word()) {
                div.paper { (picture::framed(&format!("/frame{path}"), &asked, (&drawn.title, &drawn.html), "whole")) }
            }
        }
    };
    page(&studio, &reading, &drawn.title, &content)
}

/// GET `/frame/page/{name}`.
pub(super) async fn frame(
    State(studio): State<Studio>,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let reading = studio.reading();
    match found(&name).and_then(|page| draw(&reading, page, &asked)) {
        Ok(drawn) => {
            let html = dressed(&drawn.html, asked.look, &[]);
            // The page's own style sheet comes along: the frame fetches nothing.
            let policy = policy("style-src 'unsafe-inline' data:");
            ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
        }
        Err(what) => absent(&studio, &reading, &what),
    }
}

/// The cards of the first page.
pub(super) fn cards(project: &Project) -> Markup {
    html! {
        @if project.pages.is_some() {
            h2 { "Pages for subscribers" }
            ul.campaigns {
                @for which in Page::ALL {
                    li data-key={ "page-" (which.name()) } {
                        a.card href={ "/page/" (which.name()) } data-soft {
                            span.title { (which.name()) }
                            span.facts { (when(which)) }
                        }
                    }
                }
            }
        }
    }
}

/// When people see it.
fn when(page: Page) -> &'static str {
    match page {
        Page::SignUp => "where people sign up",
        Page::CheckInbox => "after the form was sent",
        Page::Confirm => "behind the link of the confirmation",
        Page::Welcome => "after they confirmed",
        Page::Unsubscribe => "behind the link to unsubscribe",
        Page::Left => "after they left",
        Page::Notice => "when something is in the way",
    }
}

fn others(current: Page, asked: &Asked) -> Markup {
    html! {
        nav.tabs aria-label="Pages for subscribers" {
            @for which in Page::ALL {
                a href=(asked.url(&format!("/page/{}", which.name()))) data-soft
                    aria-current=[(which == current).then_some("true")] { (which.name()) }
            }
        }
    }
}

fn found(name: &str) -> Result<Page, String> {
    let found = Page::ALL.into_iter().find(|page| page.name() == name);
    found.ok_or_else(|| format!("There is no page “{name}”."))
}

struct Drawn {
    title: String,
    html: String,
}

fn draw(reading: &Reading, page: Page, asked: &Asked) -> Result<Drawn, String> {
    let project = reading.project.as_ref().ok_or("There is no project yet.")?;
    let pages =
        project.pages.as_ref().ok_or("The pages were not good yet since the preview began.")?;
    let id = picture::list(reading, &asked.list).map_err(|absent| absent.to_string())?;
    let list = &project.site.lists[id];
    let mut values = pretend(project, page, (id, list));
    values.extend(site_values(&project.site));
    for (name, value) in &mut values {
        if *name == "style_url" {
            *value = json!(style(project, asked.look));
        }
        if *name == "script_url" {
            // Nobody stands here whose zone it could choose.
            *value = json!("");
        }
    }
    let html =
        pages.render(page, values).map_err(|failure| format!("It cannot be made: {failure}."))?;
    let title = html.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    let title = title.map_or_else(|| page.name().to_owned(), |(title, _)| picture::unescape(title));
    Ok(Drawn { title, html })
}

/// The style sheet with the look decided, inside its own address.
fn style(project: &Project, look: Look) -> String {
    let decided = decide_queries(&project.style, look);
    format!("data:text/css;charset=utf-8;base64,{}", STANDARD.encode(decided))
}

/// What the page says when nobody is there.
fn pretend(project: &Project, page: Page, (id, list): (&ListId, &List)) -> Values {
    let titles = ("list", list_value(&list.title, &list.consent));
    match page {
        Page::SignUp => {
            let mut values =
                join::values(&project.site, (id, list), &Form::empty(String::new()), "");
            values.extend([("problem", json!("")), ("remark", json!(""))]);
            values
        }
        Page::Confirm => {
            let form = Form::empty(String::new());
            let mut values = join::about_them(&project.site, list, &form);
            values.extend([titles, ("form_url", json!("#"))]);
            values
        }
        Page::Unsubscribe => vec![titles, ("form_url", json!("#"))],
        Page::CheckInbox | Page::Welcome => vec![titles],
        Page::Left => vec![titles, ("join_url", json!("#"))],
        Page::Notice => {
            let say = |key: &str| {
                let own = [("site", json!({"name": project.site.name}))];
                json!(project.pages.as_ref().map(|pages| pages.say(page, key, own)))
            };
            let (heading, text) = (say("expired_heading"), say("expired_text"));
            vec![("heading", heading), ("text", text), ("join_url", json!("#"))]
        }
    }
}
