//! The works that an article lists at its end, and where they are cited.

use super::{Block, BlockKind, Reference, ReferenceKey, words};

/// Takes the list of sources out of `blocks`, and notes what each block cites.
/// Returns them, and what stands over them.
pub(super) fn take(blocks: &mut Vec<Block>, mut known: Vec<Reference>) -> (Vec<Reference>, String) {
    let mut title = String::new();
    if let Some(at) = heading(blocks) {
        let end = end(blocks, at);
        let found: Vec<Reference> = blocks[at + 1..end].iter().flat_map(works).collect();
        if !found.is_empty() && found.len() >= end - at - 1 {
            let heading = blocks.drain(at..end).next();
            title = heading
                .map(|one| one.text.trim_end_matches([':', '：', ' ']).to_owned())
                .unwrap_or_default();
            for reference in found {
                if !known.iter().any(|one| one.key == reference.key) {
                    known.push(reference);
                }
            }
        }
    }
    let is_alone = |at: &usize| {
        is_title(&blocks[*at])
            && blocks.get(at + 1).is_none_or(|next| matches!(next.kind, BlockKind::Heading(_)))
    };
    if !known.is_empty()
        && title.is_empty()
        && let Some(at) = (0..blocks.len()).rev().find(is_alone)
    {
        title = blocks.remove(at).text;
    }
    for block in blocks.iter_mut() {
        block.cites = if block.kind == BlockKind::Code { Vec::new() } else { cited(&block.text) };
        block.cites.retain(|key| known.iter().any(|one| one.key == *key));
    }
    (known, title)
}

/// The last heading or line that stands over sources, with sources behind it.
fn heading(blocks: &[Block]) -> Option<usize> {
    (0..blocks.len()).rev().find(|at| {
        is_title(&blocks[*at]) && blocks.get(at + 1).is_some_and(|next| !works(next).is_empty())
    })
}

fn is_title(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Heading(_) | BlockKind::Paragraph)
        && words::is_sources(&block.text)
}

/// Where the sources end: at the next heading, or at what is none.
fn end(blocks: &[Block], heading: usize) -> usize {
    let rest = blocks[heading + 1..].iter();
    let sources = rest.take_while(|block| !works(block).is_empty());
    heading + 1 + sources.count()
}

/// The works in a block of a list of sources: `[1] Somebody`, `1. Somebody`,
/// or the items of a list.
fn works(block: &Block) -> Vec<Reference> {
    let line = |at: usize| block.line + at;
    match block.kind {
        BlockKind::List => {
            let items = items(&block.markdown);
            let keyed = items.into_iter().enumerate().map(|(at, (number, text))| {
                let (key, text) = match bracketed(&text) {
                    Some((key, rest)) => (key, rest),
                    None => (ReferenceKey(number.unwrap_or(at + 1).to_string()), text),
                };
                Reference { key, markdown: text, line: line(at) }
            });
            keyed.collect()
        }
        BlockKind::Paragraph => {
            // One paragraph may hold several, each on a line of its own.
            let mut found: Vec<Reference> = Vec::new();
            for (at, text) in block.markdown.lines().enumerate() {
                let text = text.trim_end_matches('\\');
                match bracketed(text) {
                    Some((key, rest)) => {
                        found.push(Reference { key, markdown: rest, line: line(at) });
                    }
                    None => match found.last_mut() {
                        Some(last) => {
                            last.markdown.push(' ');
                            last.markdown.push_str(text);
                        }
                        None => return Vec::new(),
                    },
                }
            }
            found
        }
        BlockKind::Heading(_)
        | BlockKind::Quote
        | BlockKind::Image
        | BlockKind::Code
        | BlockKind::Table => Vec::new(),
    }
}

/// `[2] Davies …` → `2` and the rest; also `\[2\]`, `2. …`, `^ …`.
fn bracketed(text: &str) -> Option<(ReferenceKey, String)> {
    let text = text.trim_start().replace("\\[", "[").replace("\\]", "]").replace("\\.", ".");
    let (key, rest) = match text.strip_prefix('[') {
        Some(inner) => inner.trim_start_matches('^').split_once(']')?,
        None => {
            let (number, rest) = text.split_once(['.', ')'])?;
            (number, rest.strip_prefix(' ')?)
        }
    };
    let is_number = !key.is_empty() && key.len() <= 3 && key.bytes().all(|c| c.is_ascii_digit());
    let rest = rest.trim_start_matches([':', ' ']).trim();
    (is_number && !rest.is_empty()).then(|| (ReferenceKey(key.to_owned()), rest.to_owned()))
}

/// The items of a list in canonical Markdown, with their numbers.
fn items(markdown: &str) -> Vec<(Option<usize>, String)> {
    let mut items: Vec<(Option<usize>, String)> = Vec::new();
    for line in markdown.lines().filter(|line| !line.trim().is_empty()) {
        let is_top = !line.starts_with(' ');
        let marked = line.split_once(' ').filter(|(mark, _)| {
            matches!(*mark, "-" | "*" | "+")
                || mark.trim_end_matches(['.', ')']).bytes().all(|c| c.is_ascii_digit())
        });
        match marked {
            Some((mark, text)) if is_top => {
                items
                    .push((mark.trim_end_matches(['.', ')']).parse().ok(), text.trim().to_owned()));
            }
            _ => {
                if let Some((_, last)) = items.last_mut() {
                    last.push(' ');
                    last.push_str(line.trim());
                }
            }
        }
    }
    items
}

/// The works that `text` cites: `[2]`, `[2, 3]`, `[2–4]`.
pub(super) fn cited(text: &str) -> Vec<ReferenceKey> {
    let mut keys: Vec<ReferenceKey> = Vec::new();
    let mut push = |number: u32| {
        let key = ReferenceKey(number.to_string());
        if !keys.contains(&key) {
            keys.push(key);
        }
    };
    for (at, _) in text.match_indices('[') {
        let Some(inner) =
            text[at + 1..].split_once(']').map(|(inner, _)| inner.trim_start_matches('^'))
        else {
            continue;
        };
        let is_citation = !inner.is_empty()
            && inner.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '–' | '-' | ' '))
            && inner.len() <= 24;
        if !is_citation {
            continue;
        }
        for part in inner.split(',') {
            let mut ends =
                part.split(['–', '-']).filter_map(|number| number.trim().parse::<u32>().ok());
            let Some(first) = ends.next() else { continue };
            // Nobody cites a hundred works at once.
            let last =
                ends.next().filter(|last| (first..first + 100).contains(last)).unwrap_or(first);
            (first..=last).for_each(&mut push);
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_numbers_in_brackets() {
        let check = |text: &str, expected: &[&str]| {
            let keys: Vec<String> = cited(text).into_iter().map(|ReferenceKey(key)| key).collect();
            assert_eq!(keys, expected, "{text}");
        };
        check("so it is [2].", &["2"]);
        check("[1, 3–5] and [^7] and [1]", &["1", "3", "4", "5", "7"]);
        check("an array[] of [a]", &[]);
    }
}
