//! Finds what an author uses of HTML and CSS, by the signs in the facts.

use std::ops::Range;

use super::{
    super::{
        Layout,
        lint::{Image, Mark, css},
        markup::{self, Token},
    },
    Feature, Sign, features,
};
use crate::diagnostic::Place;

/// A feature that a mail uses.
#[derive(Clone, Debug)]
pub struct Used {
    /// Which one.
    pub feature: &'static Feature,
    /// Where the author wrote it first.
    pub place: Place,
    /// Where it is used first with nothing to stand in for it: outside of
    /// `@media` and `@supports`, and with no simpler value before it.
    pub bare: Option<Place>,
}

/// Whether something stands in where a use is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Bare,
    Guarded,
}

/// What `layout` uses.
pub(in crate::render) fn of_layout(layout: &Layout) -> Vec<Used> {
    let text = &layout.expanded;
    let mut finder = Finder { layout, used: Vec::new() };
    let mut is_style = false;
    for token in markup::scan(text).0 {
        match token {
            Token::Open { span, name, attributes, .. } => {
                is_style = matches!(name.as_str(), "mj-style" | "style");
                finder.element(&name, &span, &attributes);
            }
            Token::Text(span) if is_style => finder.sheet(span),
            Token::Text(_) | Token::Comment(_) | Token::Close { .. } => {}
        }
    }
    finder.used
}

/// What a mail uses: `of_layout`, and the images of its words.
pub(in crate::render) fn of_mail(of_layout: &[Used], marks: &[Mark]) -> Vec<Used> {
    let mut used = of_layout.to_vec();
    for mark in marks {
        if let Mark::Image(Image { source, place, .. }) = mark {
            for feature in features().filter(|feature| feature.is_image(source)) {
                note(&mut used, feature, place.clone(), Use::Bare);
            }
        }
    }
    used
}

fn note(used: &mut Vec<Used>, feature: &'static Feature, place: Place, how: Use) {
    let bare = Some(place.clone()).filter(|_| how == Use::Bare);
    match used.iter_mut().find(|used| used.feature.id == feature.id) {
        Some(used) => used.bare = used.bare.take().or(bare),
        None => used.push(Used { feature, place, bare }),
    }
}

struct Finder<'a> {
    layout: &'a Layout,
    used: Vec<Used>,
}

impl Finder<'_> {
    fn note(&mut self, span: Range<usize>, how: Use, is: impl Fn(&Sign) -> bool) {
        for feature in features().filter(|feature| feature.signs.iter().any(&is)) {
            note(&mut self.used, feature, self.layout.place(span.clone()), how);
        }
    }

    fn element(
        &mut self,
        name: &str,
        span: &Range<usize>,
        attributes: &[(Range<usize>, Range<usize>)],
    ) {
        let text = &self.layout.expanded;
        let find = |wanted: &str| {
            let is_it = |name: &Range<usize>| text[name.clone()].eq_ignore_ascii_case(wanted);
            attributes.iter().find(|(name, _)| is_it(name)).map(|(_, value)| value.clone())
        };
        let own_name = find("name").map_or("", |span| &text[span]);
        let tag = span.start + 1..span.start + 1 + name.len();
        self.note(tag, Use::Bare, |sign| {
            matches!(sign, Sign::Element(known, own) if *known == name && (own.is_empty() || *own == own_name))
        });
        for (attribute, value) in attributes {
            let attribute_name = text[attribute.clone()].to_ascii_lowercase();
            self.note(
                attribute.clone(),
                Use::Bare,
                |sign| matches!(sign, Sign::Attribute(known) if *known == attribute_name),
            );
            match &*attribute_name {
                "style" => {
                    let css = css::without_comments(&text[value.clone()]);
                    let declarations = css::declarations(&css, 0..css.len());
                    self.declarations(&css, value.start, &declarations, Use::Bare);
                }
                "src" => {
                    let source = &text[value.clone()];
                    for feature in features().filter(|feature| feature.is_image(source)) {
                        note(&mut self.used, feature, self.layout.place(value.clone()), Use::Bare);
                    }
                }
                _ => {}
            }
        }
    }

    /// A style sheet at `span` of the layout.
    fn sheet(&mut self, span: Range<usize>) {
        let css = css::without_comments(&self.layout.expanded[span.clone()]);
        let moved = |inner: &Range<usize>| span.start + inner.start..span.start + inner.end;
        for rule in css::rules(&css) {
            let selectors = &css[rule.selectors.clone()];
            let is_at_rule = selectors.starts_with('@');
            for at_rule in rule.around.iter().chain(Some(&rule.selectors).filter(|_| is_at_rule)) {
                let words = &css[at_rule.clone()];
                self.note(moved(at_rule), Use::Bare, |sign| {
                    matches!(sign, Sign::At(name, word) if is_at(words, name) && words.contains(word))
                });
            }
            if is_at_rule {
                continue;
            }
            let how = if rule.around.is_empty() { Use::Bare } else { Use::Guarded };
            self.note(
                moved(&rule.selectors),
                how,
                |sign| matches!(sign, Sign::Selector(part) if selects_by(selectors, part)),
            );
            self.declarations(&css, span.start, &rule.declarations, how);
        }
    }

    fn declarations(
        &mut self,
        css: &str,
        offset: usize,
        declarations: &[(Range<usize>, Range<usize>)],
        how: Use,
    ) {
        for (index, (name, value)) in declarations.iter().enumerate() {
            let property = css[name.clone()].to_ascii_lowercase();
            let is_it = |(name, _): &(Range<usize>, Range<usize>)| {
                css[name.clone()].eq_ignore_ascii_case(&property)
            };
            let has_simpler = declarations[..index].iter().any(is_it);
            let how = if has_simpler { Use::Guarded } else { how };
            let text = css[value.clone()].to_ascii_lowercase();
            let moved = offset + name.start..offset + value.end;
            self.note(moved, how, |sign| match sign {
                Sign::Property(known) => *known == property,
                Sign::Value("*", word) => text.ends_with(word),
                Sign::Value(known, word) => *known == property && has_word(&text, word),
                Sign::Function(function) => calls(&text, function),
                Sign::Unit(unit) => has_unit(&text, unit),
                Sign::Selector(_)
                | Sign::At(..)
                | Sign::Element(..)
                | Sign::Attribute(_)
                | Sign::Image(_) => false,
            });
        }
    }
}

impl Feature {
    fn is_image(&self, source: &str) -> bool {
        let path = source.split(['?', '#']).next().unwrap_or_default();
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
        let ending = if source.starts_with("data:") { "data:" } else { &ending };
        self.signs.iter().any(|sign| matches!(sign, Sign::Image(known) if *known == ending))
    }
}

fn is_at(words: &str, name: &str) -> bool {
    let rest = words.strip_prefix(name);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-'))
}

/// Whether `part` stands in `selectors`: a sign as it is, a pseudo-class whole.
fn selects_by(selectors: &str, part: &str) -> bool {
    let is_word = part.starts_with(':');
    // What stands in brackets is a value.
    let mut is_inside = false;
    selectors.char_indices().any(|(at, c)| {
        is_inside = (is_inside || c == '[') && c != ']';
        let rest = selectors[at..].strip_prefix(part).filter(|_| !is_inside || part == "[");
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        rest.is_some_and(|rest| !is_word || ends(rest))
    })
}

fn has_word(text: &str, word: &str) -> bool {
    text.split([' ', ',', '"', '\'']).any(|found| found == word)
}

fn calls(text: &str, function: &str) -> bool {
    text.match_indices(function).any(|(at, _)| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        text[at + function.len()..].starts_with('(') && !text[..at].ends_with(is_part)
    })
}

fn has_unit(text: &str, unit: &str) -> bool {
    text.match_indices(unit).any(|(at, _)| {
        text[..at].ends_with(|c: char| c.is_ascii_digit())
            && !text[at + unit.len()..].starts_with(|c: char| c.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diagnostic::Diagnostics,
        render::{Essentials, LayoutFile, Passage, Tracing, Vocabulary},
    };

    /// The features of a layout with `head` and `body`; with `!` where nothing
    /// stands in.
    fn used(head: &str, body: &str) -> Vec<String> {
        let text = format!(
            "<mjml><mj-head>{head}</mj-head><mj-body><mj-section><mj-column>{{{{> body}}}}{body}\
             <mj-text>{{{{site.address}}}}{{{{confirm_url}}}}</mj-text>\
             </mj-column></mj-section></mj-body></mjml>"
        );
        let layout = Passage { file: "a.mjml".into(), offset: 0, text: text.as_str().into() };
        let file = LayoutFile { layout, partials: [].into(), tracing: Tracing::Off };
        let vocabulary = Vocabulary::of_page(&["confirm_url"], [].into_iter());
        let mut found = Diagnostics::default();
        let layout = Layout::parse(&file, &vocabulary, Essentials::Confirmation, &mut found);
        let layout = layout.unwrap_or_else(|| panic!("{:?}", found.findings()));
        let word = |used: &Used| {
            let bare = if used.bare.is_some() { "!" } else { "" };
            format!("{} {}{bare}", used.feature.id, &text[used.place.start..used.place.end])
        };
        layout.used.iter().map(word).collect()
    }

    #[track_caller]
    fn check(head: &str, body: &str, expected: &[&str]) {
        assert_eq!(used(head, body), expected, "{head} {body}");
    }

    #[test]
    fn what_the_author_wrote_is_found_where_it_stands() {
        check(
            "<mj-style>.a > b:hover { opacity: .5; width: calc(1rem + 2px) }</mj-style>",
            "",
            &[
                "css-pseudo-class-hover .a > b:hover!",
                "css-selector-child .a > b:hover!",
                "css-opacity opacity: .5!",
                "css-unit-calc width: calc(1rem + 2px)!",
                "css-unit-rem width: calc(1rem + 2px)!",
                "css-width width: calc(1rem + 2px)!",
            ],
        );
        check(
            "",
            "<mj-text><p style='text-shadow:none'><video src='x.webp'></video></p></mj-text>",
            &["css-text-shadow text-shadow:none!", "html-video video!", "image-webp x.webp!"],
        );
        check(
            "",
            "<mj-button border-radius=\"8px\">x</mj-button>",
            &["css-border-radius border-radius!"],
        );
        check(
            "<mj-raw><meta name=\"color-scheme\" content=\"dark\" /></mj-raw>",
            "",
            &["html-meta-color-scheme meta!"],
        );
    }

    #[test]
    fn what_something_stands_in_for_is_guarded() {
        check(
            "<mj-style>@media (min-width: 9px) { a { opacity: 1 } }</mj-style>",
            "",
            &["css-at-media @media (min-width: 9px)!", "css-opacity opacity: 1"],
        );
        check(
            "<mj-style>a { color: red; color: var(--x) }</mj-style>",
            "",
            &["css-variables color: var(--x)"],
        );
        check(
            "<mj-style>@supports (x: y) { a { opacity: 1 } } b { opacity: 1 }</mj-style>",
            "",
            &["css-at-supports @supports (x: y)!", "css-opacity opacity: 1!"],
        );
    }

    #[test]
    fn what_only_looks_like_it_is_not_found() {
        // MJML's own attributes, names that only begin alike, values in brackets.
        check(
            "<mj-style>a[b='>'] { minmax: 1vhs; color: xrgb(1) } /* a { opacity: 1 } */</mj-style>",
            "<mj-text padding=\"1px\" color=\"#000000\">opacity: 1; <b>:hover</b></mj-text>",
            &["css-selector-attribute a[b='>']!"],
        );
    }
}
