//! The addresses on the web that words and layouts lead to, with their places.

use std::ops::Range;

use comrak::{
    Arena, Node,
    nodes::{NodeValue, Sourcepos},
    parse_document,
};

use super::{Passage, markdown, markup};
use crate::diagnostic::Place;

/// Links of one file; more are nobody's letter.
const LINKS_MAX: usize = 2_000;

/// Attributes of layouts that hold an address which mail programs follow.
const ATTRIBUTES: [&str; 3] = ["href", "src", "background-url"];

/// The links and images of `body` as it stands: what is named (`link:NAME`) or
/// filled in for a person is not among them.
pub fn links_of_words(body: &Passage) -> Vec<(String, Place)> {
    let arena = Arena::new();
    let root = parse_document(&arena, &body.text, &markdown::options());
    let addresses = root.descendants().filter_map(address);
    let addresses = addresses.filter(|(url, _)| is_of_the_web(url)).take(LINKS_MAX);
    let line_starts: Vec<usize> =
        std::iter::once(0).chain(body.text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let links = addresses.map(|(url, position)| {
        let around = span(&line_starts, position, body.text.len());
        // The definition of `[a][b]` stands elsewhere.
        let inside = |span: Range<usize>| {
            let at = body.text.get(span.clone())?.find(&url)?;
            Some(span.start + at..span.start + at + url.len())
        };
        let found = inside(around.clone()).or_else(|| inside(0..body.text.len()));
        let place = body.place(found.unwrap_or(around));
        (url, place)
    });
    links.collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "comrak's list grows with its extensions")]
fn address(node: Node<'_>) -> Option<(String, Sourcepos)> {
    let data = node.data();
    match &data.value {
        NodeValue::Link(link) | NodeValue::Image(link) => Some((link.url.clone(), data.sourcepos)),
        _ => None,
    }
}

/// The bytes from the first to the last sign of a position, which counts lines
/// and bytes from 1.
fn span(line_starts: &[usize], position: Sourcepos, length: usize) -> Range<usize> {
    let line_start =
        |line: usize| line_starts.get(line.saturating_sub(1)).copied().unwrap_or(length);
    let start = line_start(position.start.line) + position.start.column.saturating_sub(1);
    let end = (line_start(position.end.line) + position.end.column).min(length);
    start.min(end)..end
}

/// The same of a layout or partial.
pub fn links_of_layout(layout: &Passage) -> Vec<(String, Place)> {
    let text = &layout.text;
    let (tokens, _) = markup::scan(text);
    let mut links = Vec::new();
    for token in tokens {
        let markup::Token::Open { attributes, .. } = token else { continue };
        for (name, value) in attributes {
            let name = text[name].to_ascii_lowercase();
            let url = text[value.clone()].replace("&amp;", "&");
            if ATTRIBUTES.contains(&name.as_str()) && is_of_the_web(&url) {
                links.push((url, layout.place(value)));
            }
        }
    }
    links.truncate(LINKS_MAX);
    links
}

/// Whether `url` is one, whole and for everybody the same.
fn is_of_the_web(url: &str) -> bool {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://")) && !url.contains("{{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(links: fn(&Passage) -> Vec<(String, Place)>, text: &str, expected: &[(&str, &str)]) {
        let passage = Passage { file: "a".into(), offset: 100, text: text.into() };
        let found = links(&passage);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(url, place)| (url.as_str(), &text[place.start - 100..place.end - 100]))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn words_lead_where_their_links_and_images_do() {
        let a = "https://a.example/x";
        check(links_of_words, "See [a](https://a.example/x).", &[(a, a)]);
        check(links_of_words, "Ä\n\n![a](https://a.example/x){width=2}", &[(a, a)]);
        check(links_of_words, "> * <https://a.example/x> é", &[(a, a)]);
        check(links_of_words, "at https://a.example/x.", &[(a, a)]);
        check(links_of_words, "[a][b]\n\n[b]: https://a.example/x", &[(a, a)]);
        let escaped = ("https://a.example/?a&b", "[a](https://a.example/?a&amp;b)");
        check(links_of_words, "é [a](https://a.example/?a&amp;b)", &[escaped]);
        check(links_of_words, "`https://a.example/x` <!-- https://a.example/x -->", &[]);
        let other =
            "[a](link:shop) [b](mailto:me@example.com) [c](https://a.example/{{x}}) [d](#e)";
        check(links_of_words, other, &[]);
        // The same twice: each where it stands.
        let twice = "[a](https://a.example/x)\n[b](https://a.example/x)";
        let passage = Passage { file: "a".into(), offset: 0, text: twice.into() };
        let starts: Vec<usize> =
            links_of_words(&passage).iter().map(|(_, place)| place.start).collect();
        assert_eq!(starts, [4, 29]);
    }

    #[test]
    fn layouts_lead_where_their_attributes_do() {
        let a = "https://a.example/x";
        check(links_of_layout, "<mj-button href=\"https://a.example/x\">x</mj-button>", &[(a, a)]);
        check(links_of_layout, "<mj-image SRC='https://a.example/x' alt=\"x\" />", &[(a, a)]);
        let escaped = ("https://a.example/?a&b", "https://a.example/?a&amp;b");
        check(links_of_layout, "<a href=\"https://a.example/?a&amp;b\">", &[escaped]);
        check(links_of_layout, "<html xmlns=\"http://www.w3.org/1999/xhtml\">", &[]);
        check(links_of_layout, "<!-- <a href=\"https://a.example/x\"> -->", &[]);
        let other = "<a href=\"{{unsubscribe_url}}\"> <a href=\"https://a/{{site.name}}\"> <a href=\"tel:1\">";
        check(links_of_layout, other, &[]);
    }
}
