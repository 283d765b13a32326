//! Rows of links that change one thing about a page.

use maud::{Markup, html};

use super::asked::{Asked, Look, View, Width};

/// HTML, text, headers, source.
pub(super) fn views(path: &str, asked: &Asked) -> Markup {
    let links = View::ALL.iter().map(|view| {
        let label = match view {
            View::Html => "HTML",
            View::Text => "Text",
            View::Headers => "Headers",
            View::Source => "Source",
        };
        (Asked { view: *view, ..asked.clone() }.url(path), label, *view == asked.view)
    });
    row("tabs", "Which side of the mail", links)
}

/// How wide the mail program is.
pub(super) fn widths(path: &str, asked: &Asked) -> Markup {
    let links = Width::ALL.iter().map(|width| {
        let label = match width {
            Width::Phone => "375",
            Width::Tablet => "600",
            Width::Full => "Full",
        };
        (Asked { width: *width, ..asked.clone() }.url(path), label, *width == asked.width)
    });
    row("switch", "Width", links)
}

/// Light or dark.
pub(super) fn look(path: &str, asked: &Asked) -> Markup {
    let links = Look::ALL.iter().map(|look| {
        let label = match look {
            Look::Light => "Light",
            Look::Dark => "Dark",
        };
        (Asked { look: *look, ..asked.clone() }.url(path), label, *look == asked.look)
    });
    row("switch", "Look, as the author drew it", links)
}

fn row<'a>(
    class: &str,
    label: &str,
    links: impl Iterator<Item = (String, &'a str, bool)>,
) -> Markup {
    html! {
        nav class=(class) aria-label=(label) {
            @for (url, label, is_current) in links {
                a href=(url) data-soft aria-current=[is_current.then_some("true")] { (label) }
            }
        }
    }
}
