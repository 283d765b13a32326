//! The header block of a file of words: `---`, `Name: value` lines, `---`.
//!
//! As in a mail: values are verbatim to the end of the line, so no subject
//! needs quoting. A line that begins with `#` is a comment.

use std::ops::Range;

use crate::{diagnostic::Diagnostics, render::Passage};

/// Headers in one block; four mean something.
const HEADERS_MAX: usize = 20;

/// A file of words in its pieces.
#[derive(Debug)]
pub(super) struct HeaderBlock {
    /// Name (as written) and value of each header, with their places.
    pub(super) headers: Vec<(Passage, Passage)>,
    /// What comes after the block.
    pub(super) body: Passage,
    /// Whether the block begins and ends as it should. Where it does not, the
    /// headers are those that could be told, and the body is the rest.
    pub(super) is_whole: bool,
}

/// Splits `file` into headers and body; what is wrong with single lines is
/// reported and the others are read.
pub(super) fn parse(file: &Passage, diagnostics: &mut Diagnostics) -> HeaderBlock {
    let text = &*file.text;
    let part = |span: Range<usize>| Passage {
        file: file.file.clone(),
        offset: file.offset + span.start,
        text: text[span].into(),
    };
    let mut lines = lines(text);
    let is_fence = |span: &Range<usize>| text[span.clone()].trim_end() == "---";
    match lines.next() {
        Some(first) if is_fence(&first) => {}
        _ => {
            diagnostics.broken_header_block(file.place(0..0), "the file does not begin with `---`");
            return HeaderBlock { headers: Vec::new(), body: file.clone(), is_whole: false };
        }
    }
    let mut headers: Vec<(Passage, Passage)> = Vec::new();
    let lines: Vec<Range<usize>> = lines.collect();
    let fence = lines.iter().position(is_fence);
    if fence.is_none() {
        diagnostics.broken_header_block(file.place(0..3), "this header block is never closed");
    }
    let is_header = |span: &Range<usize>| {
        let line = &text[span.clone()];
        line.starts_with('#') || line.split_once(':').is_some_and(|(name, _)| is_name(name))
    };
    let end = fence
        .unwrap_or_else(|| lines.iter().position(|line| !is_header(line)).unwrap_or(lines.len()));
    for line in lines[..end].iter().cloned() {
        let content = &text[line.clone()];
        if content.trim().is_empty() || content.starts_with('#') {
            continue;
        }
        let Some(colon) = content.find(':') else {
            diagnostics.broken_header_block(file.place(line), "this line is not `Name: value`");
            continue;
        };
        let value = &content[colon + 1..];
        let from = line.start + colon + 1 + (value.len() - value.trim_start().len());
        let name = part(line.start..line.start + colon);
        if headers.len() == HEADERS_MAX {
            diagnostics.too_large(file.place(line), "the header block", "20 lines");
            break;
        }
        let is_repeated =
            headers.iter().any(|(other, _)| other.text.eq_ignore_ascii_case(&name.text));
        if is_repeated {
            diagnostics.duplicate_name(name.place(0..name.text.len()), "header", &name.text);
            continue;
        }
        headers.push((name, part(from..from + value.trim().len())));
    }
    let from = match (fence, lines.get(end)) {
        (Some(_), Some(fence)) => {
            text[fence.end..].find('\n').map_or(text.len(), |at| fence.end + at + 1)
        }
        (_, Some(line)) => line.start,
        (_, None) => text.len(),
    };
    HeaderBlock { headers, body: part(from..text.len()), is_whole: fence.is_some() }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
}

/// The lines of a text, without their ends.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        start..start + line.trim_end_matches(['\n', '\r']).len()
    })
}
