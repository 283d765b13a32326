//! What a code means at length: `explain.md` has a section for each.

/// All explanations; a section begins with `# CODE: what it says`.
const TEXT: &str = include_str!("explain.md");

/// The codes that are explained, in order.
pub fn codes() -> impl Iterator<Item = &'static str> {
    sections().map(|(code, _)| code)
}

/// What `code` means, with an example; in any case of its letter.
///
/// Returns `None` when there is no such code.
pub fn explain(code: &str) -> Option<&'static str> {
    sections().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(_, text)| text)
}

fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    let starts = std::iter::once(0).chain(TEXT.match_indices("\n# ").map(|(at, _)| at + 1));
    let ends = TEXT.match_indices("\n# ").map(|(at, _)| at + 1).chain([TEXT.len()]);
    starts.zip(ends).filter_map(|(start, end)| {
        let section = TEXT[start..end].trim_end();
        let (code, _) = section.strip_prefix("# ")?.split_once(':')?;
        Some((code, section))
    })
}
