//! What the author wrote that a mail's checks look at one by one: links,
//! images, headings. Those of the words come from `markdown`, those of the
//! layout are read here.

use std::ops::Range;

use super::super::{
    Layout,
    layout::BODY,
    markup::{self, Token},
    text::decode,
};
use crate::diagnostic::Place;

/// One of them, in the order of the mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::render) enum Mark {
    Link(Link),
    Image(Image),
    Heading(Heading),
    /// In a layout: here are those of the words.
    Words,
}

/// A link or a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::render) struct Link {
    /// Where it leads, `link:NAME` looked up, expressions as they are.
    pub(in crate::render) target: String,
    /// What people read, or hear of an image in it.
    pub(in crate::render) label: String,
    pub(in crate::render) place: Place,
}

/// An image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::render) struct Image {
    /// `images/NAME`, or an address.
    pub(in crate::render) source: String,
    /// What is said instead of it; `None` when the author says nothing.
    pub(in crate::render) alt: Option<String>,
    pub(in crate::render) shown: Shown,
    pub(in crate::render) place: Place,
}

/// How wide an image becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::render) enum Shown {
    /// At most as wide as its column, or as the author says.
    Alone { given: Option<u32> },
    /// As wide as it is.
    InText,
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::render) struct Heading {
    pub(in crate::render) level: u8,
    pub(in crate::render) text: String,
    pub(in crate::render) place: Place,
}

/// Elements and components that lead somewhere.
const LINKS: [&str; 4] = ["a", "mj-button", "mj-navbar-link", "mj-social-element"];

/// What stands in `layout`.
pub(super) fn of_layout(layout: &Layout) -> Vec<Mark> {
    let text = &layout.expanded;
    let mut reader = Reader { layout, marks: Vec::new(), open: Vec::new() };
    for token in markup::scan(text).0 {
        match token {
            Token::Comment(_) => {}
            Token::Text(span) if text[span.clone()].contains(BODY) => {
                reader.marks.push(Mark::Words);
            }
            Token::Text(span) => reader.text(&text[span]),
            Token::Open { span, name, attributes, closes_itself } => {
                let find = |wanted: &str| {
                    let is_it =
                        |name: &Range<usize>| text[name.clone()].eq_ignore_ascii_case(wanted);
                    attributes.iter().find(|(name, _)| is_it(name)).map(|(_, value)| value.clone())
                };
                reader.open(&name, span, find);
                if closes_itself {
                    reader.close(&name);
                }
            }
            Token::Close { name, .. } => reader.close(&name),
        }
    }
    reader.marks
}

struct Reader<'a> {
    layout: &'a Layout,
    marks: Vec<Mark>,
    /// The marks that are open, whose words are being read.
    open: Vec<(String, usize)>,
}

impl Reader<'_> {
    fn open(
        &mut self,
        name: &str,
        span: Range<usize>,
        find: impl Fn(&str) -> Option<Range<usize>>,
    ) {
        let value = |span: Range<usize>| decode(&self.layout.expanded[span]);
        if LINKS.contains(&name) {
            let Some(href) = find("href") else { return };
            let label = if name == "mj-social-element" {
                find("alt").or_else(|| find("name")).map(value)
            } else {
                None
            };
            self.marks.push(Mark::Link(Link {
                target: value(href.clone()),
                label: label.unwrap_or_default(),
                place: self.layout.place(href),
            }));
            self.open.push((name.to_owned(), self.marks.len() - 1));
        } else if matches!(name, "img" | "mj-image") {
            let alt = find("alt").map(value);
            self.text(alt.as_deref().unwrap_or_default());
            let width = find("width").map(value);
            let width = width.and_then(|width| width.trim_end_matches("px").trim().parse().ok());
            let shown = match (name, width) {
                ("img", None) => Shown::InText,
                (_, given) => Shown::Alone { given },
            };
            let source = find("src").map(value).unwrap_or_default();
            let place = self.layout.place(span);
            self.marks.push(Mark::Image(Image { source, alt, shown, place }));
            if let Some(href) = find("href") {
                let place = self.layout.place(href.clone());
                // Of an image that leads somewhere the image's own check speaks.
                let label = "an image".to_owned();
                self.marks.push(Mark::Link(Link {
                    target: decode(&self.layout.expanded[href]),
                    label,
                    place,
                }));
            }
        } else if let Some(level) = level(name) {
            let place = self.layout.place(span);
            self.marks.push(Mark::Heading(Heading { level, text: String::new(), place }));
            self.open.push((name.to_owned(), self.marks.len() - 1));
        }
    }

    fn text(&mut self, text: &str) {
        for (_, index) in &self.open {
            match self.marks.get_mut(*index) {
                Some(Mark::Link(link)) => link.label.push_str(&decode(text)),
                Some(Mark::Heading(heading)) => heading.text.push_str(&decode(text)),
                Some(Mark::Image(_) | Mark::Words) | None => {}
            }
        }
    }

    fn close(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|(open, _)| open == name) {
            self.open.truncate(at);
        }
    }
}

/// 2 of `h2`.
fn level(name: &str) -> Option<u8> {
    let digit = name.strip_prefix('h')?;
    digit.parse().ok().filter(|level| (1..=6).contains(level))
}
