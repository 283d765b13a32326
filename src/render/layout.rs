//! A layout and its partials: checked one by one, expanded as text.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use super::{
    Essentials, Passage, Vocabulary,
    clients::{self, Used},
    markup,
    mustache::{self, Kind, Mustache},
    trace::{self, Tracing},
};
use crate::diagnostic::{Diagnostics, Place};

/// The largest MJML that is rendered, after expansion.
const EXPANDED_BYTES_MAX: usize = 1024 * 1024;

/// A layout's files, as they came.
#[derive(Clone, Debug)]
pub struct LayoutFile {
    /// The layout itself.
    pub layout: Passage,
    /// Every partial of the project by its name.
    pub partials: BTreeMap<String, Passage>,
    /// Whether its mails remember where their pieces came from.
    pub tracing: Tracing,
}

/// A layout that was checked: its MJML with all partials in place.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The layout's own file, for findings about the whole.
    pub(super) passage: Passage,
    /// The MJML, `{{> body}}` still in it.
    pub(super) expanded: String,
    /// From which file each stretch of it came, in order.
    origins: Vec<Origin>,
    /// What mails of this layout must say.
    pub(super) essentials: Essentials,
    /// Its files by their number in marks, the first one free for the words;
    /// `None` when nothing is marked.
    pub(super) traced: Option<Vec<Arc<str>>>,
    /// What of HTML and CSS it uses.
    pub(super) used: Vec<Used>,
}

impl Layout {
    /// Checks and expands `file` for mails of one kind.
    ///
    /// Returns `None` when a finding is an error.
    pub fn parse(
        file: &LayoutFile,
        vocabulary: &Vocabulary,
        essentials: Essentials,
        diagnostics: &mut Diagnostics,
    ) -> Option<Layout> {
        let mut found = Diagnostics::default();
        let files = (file.tracing == Tracing::On).then(|| vec![Arc::from("")]);
        let mut reader =
            Reader { file, vocabulary, found: &mut found, stack: Vec::new(), expansions: 0, files };
        let Expanded { text: expanded, origins } = reader.expand(&file.layout);
        let traced = reader.files;
        // A partial that is missing may hold what is not found.
        if !found.has_errors() {
            check_essentials(file, &expanded, essentials, &mut found);
        }
        if expanded.len() > EXPANDED_BYTES_MAX {
            found.too_large(file.layout.place(0..0), "the layout with its partials", "1 MB");
        }
        let is_good = !found.has_errors();
        diagnostics.append(found);
        is_good.then(|| {
            let passage = file.layout.clone();
            let used = Vec::new();
            let mut layout = Layout { passage, expanded, origins, essentials, traced, used };
            layout.used = clients::of_layout(&layout);
            layout
        })
    }

    /// Where `span` of the expanded layout stands in the file it came from.
    pub(super) fn place(&self, span: Range<usize>) -> Place {
        let next = self.origins.partition_point(|origin| origin.at <= span.start);
        let Some(origin) = next.checked_sub(1).map(|index| &self.origins[index]) else {
            return self.passage.place(0..0);
        };
        let end = self.origins.get(next).map_or(span.end, |next| span.end.min(next.at));
        let moved = |at: usize| origin.offset + (at - origin.at);
        Place::new(&origin.file, moved(span.start)..moved(end.max(span.start)))
    }
}

/// From `at` on, an expanded text is that of `file` from `offset` on.
#[derive(Clone, Debug)]
struct Origin {
    at: usize,
    file: Arc<str>,
    offset: usize,
}

/// A text with its partials in place.
#[derive(Default)]
struct Expanded {
    text: String,
    origins: Vec<Origin>,
}

impl Expanded {
    fn push(&mut self, passage: &Passage, span: Range<usize>) {
        let offset = passage.offset + span.start;
        self.origins.push(Origin { at: self.text.len(), file: passage.file.clone(), offset });
        self.text.push_str(&passage.text[span]);
    }

    fn append(&mut self, other: Expanded) {
        let before = self.text.len();
        let moved = other.origins.into_iter().map(|o| Origin { at: before + o.at, ..o });
        self.origins.extend(moved);
        self.text.push_str(&other.text);
    }
}

/// Checks a partial that no layout puts in its place.
pub fn check_partial(partial: &Passage, vocabulary: &Vocabulary, diagnostics: &mut Diagnostics) {
    markup::check(partial, diagnostics);
    let mustaches = mustache::check(partial, vocabulary, diagnostics);
    check_addresses(partial, &mustaches, vocabulary, diagnostics);
}

fn check_essentials(
    file: &LayoutFile,
    expanded: &str,
    essentials: Essentials,
    found: &mut Diagnostics,
) {
    if essentials == Essentials::Subscribed && !expanded.contains(BODY) {
        found.no_body_slot(file.layout.place(0..0));
    }
    // What stands in a comment is not said.
    let (tokens, _) = markup::scan(expanded);
    let comments: Vec<_> = tokens
        .iter()
        .filter_map(|token| match token {
            markup::Token::Comment(span) => Some(span.clone()),
            markup::Token::Text(_) | markup::Token::Open { .. } | markup::Token::Close { .. } => {
                None
            }
        })
        .collect();
    let (mustaches, _) = mustache::scan(expanded);
    let said = |variable: &str| {
        mustaches.iter().any(|mustache| {
            let is_read = !comments.iter().any(|span| span.contains(&mustache.span.start));
            is_read && mustache.words.iter().any(|(_, word)| word == variable)
        })
    };
    for (variable, why) in essentials.required() {
        if !said(variable) {
            found.lacks_essential(file.layout.place(0..0), variable, why);
        }
    }
    let top = || file.layout.place(0..0);
    // A column that comes from a partial shows only here.
    if let Some((_, holder)) = markup::blocks_among_columns(expanded).first() {
        found.block_among_columns(top(), holder);
    }
    if markup::depth(expanded) > markup::DEPTH_MAX {
        found.too_large(top(), "the nesting of tags, with all partials in place,", "64");
    }
    if mustache::block_depth(expanded) > mustache::BLOCK_DEPTH_MAX {
        found.too_large(top(), "the nesting of blocks, with all partials in place,", "32");
    }
    if essentials == Essentials::Subscribed
        && expanded.contains(BODY)
        && !body_is_in_a_column(expanded)
    {
        found.no_body_slot(top());
    }
}

/// Whether `{{> body}}` stands directly in an mj-column, where its components
/// belong.
fn body_is_in_a_column(expanded: &str) -> bool {
    let mut open: Vec<String> = Vec::new();
    let (tokens, _) = markup::scan(expanded);
    for token in tokens {
        match token {
            markup::Token::Text(span) => {
                if expanded[span].contains(BODY) {
                    return matches!(
                        open.last().map(String::as_str),
                        Some("mj-column" | "mj-hero")
                    );
                }
            }
            markup::Token::Open { name, closes_itself: false, .. } => open.push(name),
            markup::Token::Open { .. } | markup::Token::Comment(_) => {}
            markup::Token::Close { .. } => {
                open.pop();
            }
        }
    }
    false
}

/// Where the words go.
pub(super) const BODY: &str = "{{> body}}";

struct Reader<'a> {
    file: &'a LayoutFile,
    vocabulary: &'a Vocabulary,
    found: &'a mut Diagnostics,
    /// The partials that are being expanded, outermost first.
    stack: Vec<String>,
    /// How many partials were put in place so far.
    expansions: usize,
    /// Of a layout that is traced, the files so far.
    files: Option<Vec<Arc<str>>>,
}

impl Reader<'_> {
    /// More partials than this in one layout are an expansion bomb.
    const EXPANSIONS_MAX: usize = 200;

    fn expand(&mut self, passage: &Passage) -> Expanded {
        markup::check(passage, self.found);
        let mustaches = mustache::check(passage, self.vocabulary, self.found);
        check_addresses(passage, &mustaches, self.vocabulary, self.found);
        for (span, holder) in markup::blocks_among_columns(&passage.text) {
            self.found.block_among_columns(passage.place(span), &holder);
        }
        let mut pieces: Vec<(Range<usize>, Expanded)> = self.marks(passage);
        for mustache in mustaches.iter().filter(|mustache| mustache.kind == Kind::Partial) {
            pieces.push((mustache.span.clone(), self.partial(passage, mustache)));
        }
        pieces.sort_by_key(|(span, _)| span.start);
        let mut expanded = Expanded::default();
        let mut from = 0;
        for (span, piece) in pieces {
            expanded.push(passage, from..span.start);
            expanded.append(piece);
            from = span.end;
        }
        expanded.push(passage, from..passage.text.len());
        expanded
    }

    /// What marks the components of `passage`, when they are to be traced.
    fn marks(&mut self, passage: &Passage) -> Vec<(Range<usize>, Expanded)> {
        let Some(files) = &mut self.files else { return Vec::new() };
        let number = files.len();
        files.push(passage.file.clone());
        let (tokens, _) = markup::scan(&passage.text);
        let insertions = trace::insertions(&passage.text, &tokens, number);
        let mark = |text| Expanded { text, origins: Vec::new() };
        insertions.into_iter().map(|(at, text)| (at..at, mark(text))).collect()
    }

    fn partial(&mut self, passage: &Passage, mustache: &Mustache) -> Expanded {
        let place = passage.place(mustache.span.clone());
        let [(_, name)] = mustache.words.as_slice() else {
            let hint = "write `{{> name}}` and nothing else";
            self.found.refused_expression(place, "a partial takes a plain name", hint);
            return Expanded::default();
        };
        if name == "body" {
            let mut slot = Expanded::default();
            let offset = passage.offset + mustache.span.start;
            slot.origins.push(Origin { at: 0, file: passage.file.clone(), offset });
            BODY.clone_into(&mut slot.text);
            return slot;
        }
        self.expansions += 1;
        if self.expansions > Self::EXPANSIONS_MAX {
            self.found.too_large(place, "the number of partials in this layout", "200");
            return Expanded::default();
        }
        if self.stack.contains(name) {
            self.found.endless_partial(place, name);
            return Expanded::default();
        }
        let Some(partial) = self.file.partials.get(name) else {
            let mut known: Vec<&str> = self.file.partials.keys().map(String::as_str).collect();
            known.push("body");
            self.found.unknown_partial(place, name, &known);
            return Expanded::default();
        };
        self.stack.push(name.clone());
        let expanded = self.expand(&partial.clone());
        self.stack.pop();
        if expanded.text.len() > EXPANDED_BYTES_MAX {
            self.found.too_large(place, "the layout with its partials", "1 MB");
            return Expanded::default();
        }
        expanded
    }
}

/// A person's field in `href` or `src` must go through `{{url …}}`.
fn check_addresses(
    passage: &Passage,
    mustaches: &[Mustache],
    vocabulary: &Vocabulary,
    diagnostics: &mut Diagnostics,
) {
    let (tokens, _) = markup::scan(&passage.text);
    for token in tokens {
        let markup::Token::Open { attributes, .. } = token else { continue };
        for (name, value) in attributes {
            let name = passage.text[name].to_ascii_lowercase();
            if !matches!(name.as_str(), "href" | "src" | "background-url" | "action") {
                continue;
            }
            let inside =
                mustaches.iter().filter(|m| value.start <= m.span.start && m.span.end <= value.end);
            for mustache in inside.filter(|mustache| !mustache::fits_an_address(mustache)) {
                let named = mustache.words.iter().find(|(_, word)| vocabulary.knows(word));
                if let Some((span, name)) = named {
                    diagnostics.bare_field_in_address(passage.place(span.clone()), name);
                }
            }
        }
    }
}
