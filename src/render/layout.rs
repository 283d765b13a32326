//! A layout and its partials: checked one by one, expanded as text.

use std::collections::BTreeMap;

use super::{
    Essentials, Passage, Vocabulary, markup,
    mustache::{self, Kind, Mustache},
};
use crate::diagnostic::Diagnostics;

/// The largest MJML that is rendered, after expansion.
const EXPANDED_BYTES_MAX: usize = 1024 * 1024;

/// A layout's files, as they came.
#[derive(Clone, Debug)]
pub struct LayoutFile {
    /// The layout itself.
    pub layout: Passage,
    /// Every partial of the project by its name.
    pub partials: BTreeMap<String, Passage>,
}

/// A layout that was checked: its MJML with all partials in place.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The layout's own file, for findings about the whole.
    pub(super) passage: Passage,
    /// The MJML, `{{> body}}` still in it.
    pub(super) expanded: String,
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
        let mut reader =
            Reader { file, vocabulary, found: &mut found, stack: Vec::new(), used: Vec::new() };
        let expanded = reader.expand(&file.layout);
        let used = reader.used;
        // A partial that is missing may hold what is not found.
        if !found.has_errors() {
            check_essentials(file, (&expanded, &used), essentials, &mut found);
        }
        if expanded.len() > EXPANDED_BYTES_MAX {
            found.too_large(file.layout.place(0..0), "the layout with its partials", "1 MB");
        }
        let is_good = !found.has_errors();
        diagnostics.append(found);
        is_good.then(|| Layout { passage: file.layout.clone(), expanded })
    }
}

fn check_essentials(
    file: &LayoutFile,
    (expanded, used): (&str, &[String]),
    essentials: Essentials,
    found: &mut Diagnostics,
) {
    if essentials == Essentials::Subscribed && !expanded.contains(BODY) {
        found.no_body_slot(file.layout.place(0..0));
    }
    for (variable, why) in essentials.required() {
        if !used.iter().any(|name| name == variable) {
            found.lacks_essential(file.layout.place(0..0), variable, why);
        }
    }
}

/// Where the words go.
pub(super) const BODY: &str = "{{> body}}";

struct Reader<'a> {
    file: &'a LayoutFile,
    vocabulary: &'a Vocabulary,
    found: &'a mut Diagnostics,
    /// The partials that are being expanded, outermost first.
    stack: Vec<String>,
    /// Every variable that was named.
    used: Vec<String>,
}

impl Reader<'_> {
    /// More files than this in one layout are an expansion bomb.
    const EXPANSIONS_MAX: usize = 200;

    fn expand(&mut self, passage: &Passage) -> String {
        markup::check(passage, self.found);
        let mustaches = mustache::check(passage, self.vocabulary, self.found);
        check_addresses(passage, &mustaches, self.vocabulary, self.found);
        let mut expanded = String::with_capacity(passage.text.len());
        let mut from = 0;
        for mustache in &mustaches {
            let names = mustache.words.iter().map(|(_, word)| word.clone());
            self.used.extend(names);
            if mustache.kind != Kind::Partial {
                continue;
            }
            expanded.push_str(&passage.text[from..mustache.span.start]);
            expanded.push_str(&self.partial(passage, mustache));
            from = mustache.span.end;
        }
        expanded.push_str(&passage.text[from..]);
        expanded
    }

    fn partial(&mut self, passage: &Passage, mustache: &Mustache) -> String {
        let place = passage.place(mustache.span.clone());
        let [(_, name)] = mustache.words.as_slice() else {
            let hint = "write `{{> name}}` and nothing else";
            self.found.refused_expression(place, "a partial takes a plain name", hint);
            return String::new();
        };
        if name == "body" {
            return BODY.to_owned();
        }
        if self.stack.contains(name) || self.stack.len() >= Self::EXPANSIONS_MAX {
            self.found.endless_partial(place, name);
            return String::new();
        }
        let Some(partial) = self.file.partials.get(name) else {
            let mut known: Vec<&str> = self.file.partials.keys().map(String::as_str).collect();
            known.push("body");
            self.found.unknown_partial(place, name, &known);
            return String::new();
        };
        self.stack.push(name.clone());
        let expanded = self.expand(&partial.clone());
        self.stack.pop();
        if expanded.len() > EXPANDED_BYTES_MAX {
            self.found.too_large(place, "the layout with its partials", "1 MB");
            return String::new();
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
            if !matches!(&passage.text[name], "href" | "src" | "background-url" | "action") {
                continue;
            }
            let inside =
                mustaches.iter().filter(|m| value.start <= m.span.start && m.span.end <= value.end);
            for mustache in inside {
                if let (Kind::Value, [(span, name)]) = (mustache.kind, mustache.words.as_slice())
                    && vocabulary.knows(name)
                    && !Vocabulary::is_safe_address(name)
                {
                    diagnostics.bare_field_in_address(passage.place(span.clone()), name);
                }
            }
        }
    }
}
