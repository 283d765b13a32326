//! The one file that speaks to mrml, with the guards it needs.
//!
//! Each guard answers something that was seen to fail in mrml 6.0.1: attribute
//! values are printed with Rust's escapes (so quotes, line breaks, backslashes
//! and letters beyond ASCII are hidden), a line break between inline tags is
//! dropped and words glue together, white space is refused in some places
//! unless it begins with a line break, bare text between components
//! disappears, and hostile input panics.

use mrml::prelude::{parser::ParserOptions, render::RenderOptions};

use super::{
    markup::{self, ENDING, Token},
    mask::{Masks, escape},
};

/// Turns MJML into HTML. Whatever is hidden in `masks` is still hidden in the
/// result.
///
/// Returns the renderer's words when it refuses.
pub(super) fn to_html(mjml: &str, masks: &mut Masks) -> Result<String, String> {
    let guarded = guard(mjml, masks);
    std::panic::catch_unwind(|| {
        let options = ParserOptions::default();
        let parsed = mrml::parse_with_options(&guarded, &options).map_err(|error| words(&error))?;
        let options = RenderOptions { disable_comments: true, ..RenderOptions::default() };
        parsed.element.render(&options).map_err(|error| error.to_string())
    })
    .unwrap_or_else(|_| Err("the renderer stumbled over it".to_owned()))
}

/// What mrml says, without its position: that is one in the expanded text,
/// which nobody has seen.
fn words(error: &mrml::prelude::parser::Error) -> String {
    let text = error.to_string();
    text.split(" at position").next().unwrap_or_default().to_owned()
}

fn guard(mjml: &str, masks: &mut Masks) -> String {
    let (tokens, _) = markup::scan(mjml);
    let mut guarded = String::with_capacity(mjml.len());
    // The ending tag we are in, if any: its content is HTML or text.
    let mut ending: Option<String> = None;
    for token in tokens {
        match token {
            Token::Comment(_) => {}
            Token::Text(span) => {
                let text = &mjml[span];
                let is_blank = text.trim().is_empty();
                match &ending {
                    Some(tag) if is_blank && !matches!(tag.as_str(), "mj-style" | "style") => {
                        guarded.push(' ');
                    }
                    None if is_blank => guarded.push('\n'),
                    None if masks.is_only_masks(text) => {
                        guarded.extend(["\n<mj-raw>", text.trim(), "</mj-raw>\n"]);
                    }
                    Some(_) | None => guarded.push_str(text),
                }
            }
            Token::Open { span, name, attributes, closes_itself } => {
                push_tag(mjml, span, &attributes, masks, &mut guarded);
                if ending.is_none() && !closes_itself && ENDING.contains(&name.as_str()) {
                    ending = Some(name);
                }
            }
            Token::Close { span, name } => {
                guarded.push_str(&mjml[span]);
                if ending.as_ref() == Some(&name) {
                    ending = None;
                }
            }
        }
    }
    guarded
}

/// Copies a tag; what mrml would garble in its attribute values is hidden.
fn push_tag(
    mjml: &str,
    span: std::ops::Range<usize>,
    attributes: &[(std::ops::Range<usize>, std::ops::Range<usize>)],
    masks: &mut Masks,
    guarded: &mut String,
) {
    let mut from = span.start;
    for (_, value) in attributes {
        if value.is_empty() {
            continue;
        }
        // The opening quote may be a single one: all become double.
        guarded.push_str(&mjml[from..value.start - 1]);
        guarded.push('"');
        for c in mjml[value.clone()].chars() {
            if c == '"' || c == '\\' || c.is_control() || !c.is_ascii() {
                guarded.push_str(&masks.hide(escape(&c.to_string())));
            } else {
                guarded.push(c);
            }
        }
        guarded.push('"');
        from = value.end + 1;
    }
    guarded.push_str(&mjml[from..span.end]);
}
