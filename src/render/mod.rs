//! Layout + words + person → subject, HTML and text.
//!
//! The expensive half runs once per version ([`compile()`]): partials are
//! expanded as text, the words are lowered from Markdown to MJML components,
//! and mrml turns the whole into HTML while every `{{…}}` stays hidden from
//! it. The cheap half runs per recipient ([`Compiled::render`]): Handlebars
//! only fills values, so a person's data can never become markup (36 times
//! cheaper than the other order, measured on a 33 kB mail).

mod branches;
pub mod clients;
mod compile;
mod layout;
mod links;
mod lint;
mod look;
mod markdown;
mod markup;
mod mask;
mod mjml;
mod mustache;
mod nesting;
mod page;
mod template;
mod text;
mod trace;
mod vocabulary;

pub use compile::{Compiled, check, compile};
pub use layout::{Layout, LayoutFile, check_partial};
pub use links::{links_of_layout, links_of_words};
pub use lint::{CHECKS, Check, Letter};
pub use look::{Look, decide_queries, dressed, with_images, without_images};
pub use page::{EVERY_PAGE, Page, PageSources, PageWords, Pages};
pub use template::{Context, Failure};
pub use trace::{Traced, Tracing};
pub use vocabulary::{Essentials, Picture, Vocabulary};

use std::{ops::Range, sync::Arc};

use crate::diagnostic::Place;

/// A stretch of text that knows which file it came from.
#[derive(Clone, Debug)]
pub struct Passage {
    /// The file.
    pub file: Arc<str>,
    /// Where the text begins in it, in bytes.
    pub offset: usize,
    /// The text.
    pub text: Arc<str>,
}

impl Passage {
    /// The place of `span` within this text.
    pub fn place(&self, span: Range<usize>) -> Place {
        Place::new(&self.file, self.offset + span.start..self.offset + span.end)
    }

    /// The place of its first line that is not empty.
    pub(crate) fn beginning(&self) -> Place {
        let start = self.text.len() - self.text.trim_start().len();
        let line = self.text[start..].lines().next().unwrap_or_default();
        self.place(start..start + line.trim_end().len())
    }
}

/// The words of one mail.
#[derive(Clone, Debug)]
pub struct Words {
    /// The Subject header.
    pub subject: Passage,
    /// The Preheader header; empty when there is none.
    pub preheader: Passage,
    /// The Markdown.
    pub body: Passage,
    /// Lines of the file before the Markdown.
    pub lines_before_body: usize,
}
