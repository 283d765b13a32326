//! What a layout of one's own brings along that no mail may carry, and what it
//! forgets: its language and its title.

use std::ops::Range;

use crate::{
    diagnostic::Diagnostics,
    render::{
        Layout,
        markup::{self, Token},
    },
};

/// Elements that mail programs take out, together with what is in them, or that
/// make filters refuse the mail.
const REFUSED: [&str; 16] = [
    "script",
    "form",
    "input",
    "select",
    "textarea",
    "iframe",
    "frame",
    "object",
    "embed",
    "applet",
    "base",
    "canvas",
    "plaintext",
    "xmp",
    "noembed",
    "noframes",
];

pub(super) fn check(layout: &Layout, found: &mut Diagnostics) {
    let text = &layout.expanded;
    let tokens = markup::scan(text).0;
    let (mut has_title, mut is_style) = (false, false);
    for token in &tokens {
        match token {
            Token::Open { span, name, attributes, .. } => {
                is_style = matches!(name.as_str(), "mj-style" | "style");
                has_title |= name == "mj-title";
                let find = |wanted: &str| attribute(text, attributes, wanted);
                if name == "mjml" && find("lang").is_none_or(|lang| text[lang].trim().is_empty()) {
                    let what = "this layout does not say its language";
                    let hint = "write `<mjml lang=\"en\">`: else it is read aloud in any";
                    found.unnamed_layout(layout.place(span.start..span.start + 5), what, hint);
                }
                check_element(layout, span, name, find, found);
                for (name, _) in attributes {
                    if text[name.clone()].to_ascii_lowercase().starts_with("on") {
                        let what = format!("`{}` is a script", &text[name.clone()]);
                        found.refused_element(layout.place(name.clone()), &what);
                    }
                }
            }
            Token::Text(span) if is_style => {
                for at in text[span.clone()].match_indices("@import").map(|(at, _)| span.start + at)
                {
                    found.foreign_style(layout.place(at..at + "@import".len()));
                }
            }
            Token::Text(_) | Token::Comment(_) | Token::Close { .. } => {}
        }
    }
    if !has_title {
        let what = "this layout has no title";
        let hint = "put `<mj-title>{{subject}}</mj-title>` into its `<mj-head>`";
        found.unnamed_layout(layout.passage.place(0..0), what, hint);
    }
}

fn check_element(
    layout: &Layout,
    span: &Range<usize>,
    name: &str,
    find: impl Fn(&str) -> Option<Range<usize>>,
    found: &mut Diagnostics,
) {
    let text = &layout.expanded;
    let tag = || layout.place(span.start + 1..span.start + 1 + name.len());
    let says = |wanted: &str, value: &str| {
        find(wanted).is_some_and(|span| text[span].trim().eq_ignore_ascii_case(value))
    };
    if REFUSED.contains(&name) {
        found.refused_element(tag(), &format!("mail programs take `<{name}>` out"));
    } else if name == "meta" && says("http-equiv", "refresh") {
        found.refused_element(tag(), "this `<meta>` leads people away");
    } else if name == "link" && says("rel", "stylesheet") {
        found.foreign_style(tag());
    }
}

fn attribute(
    text: &str,
    attributes: &[(Range<usize>, Range<usize>)],
    wanted: &str,
) -> Option<Range<usize>> {
    let is_it = |name: &Range<usize>| text[name.clone()].eq_ignore_ascii_case(wanted);
    attributes.iter().find(|(name, _)| is_it(name)).map(|(_, value)| value.clone())
}
