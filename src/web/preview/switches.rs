//! Rows of links that change one thing about a page.

use maud::{Markup, html};

use super::asked::{Asked, Images, Look, View, Width};

/// Preview, text, source, headers, checks.
pub(super) fn views(path: &str, asked: &Asked, findings: usize) -> Markup {
    let links = View::ALL.iter().map(|view| {
        let label = match view {
            View::Html => "Preview".to_owned(),
            View::Text => "Text".to_owned(),
            View::Source => "Source".to_owned(),
            View::Headers => "Headers".to_owned(),
            View::Checks if findings > 0 => format!("Checks ({findings})"),
            View::Checks => "Checks".to_owned(),
        };
        (Asked { view: *view, ..asked.clone() }.url(path), label, *view == asked.view)
    });
    row("tabs", "Which side of the mail", links)
}

/// How wide the mail program is.
pub(super) fn widths(path: &str, asked: &Asked) -> Markup {
    let links = Width::PRESETS.iter().map(|width| {
        let label = match width {
            Width::Pixels(pixels) => pixels.to_string(),
            Width::Full => "Full".to_owned(),
        };
        (Asked { width: *width, ..asked.clone() }.url(path), label, *width == asked.width)
    });
    row("switch widths", "Width", links)
}

/// Light or dark, as the author drew it.
pub(super) fn look(path: &str, asked: &Asked) -> Markup {
    looks(path, asked, &[Look::Light, Look::Dark])
}

/// The same, and the programs that change colors by themselves.
pub(super) fn every_look(path: &str, asked: &Asked) -> Markup {
    looks(path, asked, Look::ALL)
}

fn looks(path: &str, asked: &Asked, looks: &[Look]) -> Markup {
    let links = looks.iter().map(|look| {
        let label = match look {
            Look::Light => "Light",
            Look::Dark => "Dark",
            Look::Partly => "Gmail Android",
            Look::Wholly => "Gmail iOS",
        };
        (Asked { look: *look, ..asked.clone() }.url(path), label.to_owned(), *look == asked.look)
    });
    row("switch", "Look", links)
}

/// Which mail programs a look stands for.
pub(super) fn programs(look: Look) -> &'static str {
    match look {
        Look::Light => "As every mail program shows it by day.",
        Look::Dark => {
            "As the author drew it in the dark: Apple Mail, Thunderbird, Samsung Email, Outlook for macOS."
        }
        Look::Partly => {
            "Light grounds and dark letters turned by the program: Gmail on Android, Outlook.com, the new Outlook. An imitation."
        }
        Look::Wholly => {
            "Every color turned by the program: Gmail on iOS, Outlook for Windows. An imitation."
        }
    }
}

/// Images, or what stands for them.
pub(super) fn images(path: &str, asked: &Asked) -> Markup {
    let links = Images::ALL.iter().map(|images| {
        let label = match images {
            Images::Shown => "Images",
            Images::Hidden => "No images",
        };
        let url = Asked { images: *images, ..asked.clone() }.url(path);
        (url, label.to_owned(), *images == asked.images)
    });
    row("switch", "Images", links)
}

fn row(class: &str, label: &str, links: impl Iterator<Item = (String, String, bool)>) -> Markup {
    html! {
        nav class=(class) aria-label=(label) {
            @for (url, label, is_current) in links {
                a href=(url) data-soft aria-current=[is_current.then_some("true")] { (label) }
            }
        }
    }
}
