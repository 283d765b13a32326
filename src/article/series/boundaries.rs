//! Between every two atoms: how much of a new beginning is it?

use std::collections::BTreeSet;

use super::{atoms::Atom, cohesion};
use crate::article::{Article, Block, BlockKind, Gap, words};

/// What stands before an atom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Boundary {
    /// How good a place it is to cut.
    pub(super) strength: f64,
    /// Whether something new begins.
    pub(super) begin: Begin,
}

/// Whether something new begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// A heading says so.
    Marked,
    /// The words say so.
    Soft,
    /// No.
    No,
}

/// A heading at the level at which the article is cut.
const MARKED: f64 = 10.0;
/// From here on, a new beginning without a heading is one.
const SOFT: f64 = 4.0;

/// The level at which the headings cut: the highest that occurs twice, or the
/// only one.
pub(super) fn cut_level(article: &Article) -> Option<u8> {
    let mut counts = [0_usize; 7];
    for block in &article.blocks {
        if let BlockKind::Heading(level) = block.kind {
            counts[usize::from(level.min(6))] += 1;
        }
    }
    let twice = (1..=6_u8).find(|level| counts[usize::from(*level)] >= 2);
    twice.or_else(|| (1..=6_u8).find(|level| counts[usize::from(*level)] == 1))
}

/// A boundary for each atom; the first begins the article.
pub(super) fn boundaries(article: &Article, atoms: &[Atom]) -> Vec<Boundary> {
    let cut = cut_level(article);
    let text = |atom: &Atom| {
        let texts: Vec<&str> =
            article.blocks[atom.blocks.clone()].iter().map(|block| block.text.as_str()).collect();
        texts.join("\n")
    };
    let texts: Vec<String> = atoms.iter().map(text).collect();
    let depths = cohesion::depths(&texts);
    let mut seen = String::new();
    let mut boundaries = Vec::new();
    for (index, atom) in atoms.iter().enumerate() {
        let first = &article.blocks[atom.blocks.start];
        let depth = index.checked_sub(1).and_then(|gap| depths.get(gap)).copied().unwrap_or(0.0);
        boundaries.push(match (atom.level, cut) {
            (Some(level), Some(cut)) if level <= cut => {
                Boundary { strength: MARKED + f64::from(cut - level), begin: Begin::Marked }
            }
            (Some(level), Some(cut)) => {
                Boundary { strength: 4.0 - 0.5 * f64::from(level - cut), begin: Begin::No }
            }
            (Some(_) | None, _) => soft(first, depth, &seen),
        });
        seen.push_str(&texts[index]);
        seen.push('\n');
    }
    boundaries
}

/// A beginning without a heading.
fn soft(first: &Block, depth: f64, seen: &str) -> Boundary {
    let cue = words::begins_anew(&first.text) && first.kind == BlockKind::Paragraph;
    let mut strength = if cue { 2.0 } else { 0.0 };
    strength += match first.gap {
        Gap::Rule => 2.0,
        Gap::Space(lines) if lines >= 3 => 2.0,
        Gap::Space(_) | Gap::None => 0.0,
    };
    if proper_names(&first.text).iter().any(|name| !seen.contains(name)) {
        strength += 2.0;
    }
    if depth > 1.0 {
        strength += 1.0;
    }
    if first.kind != BlockKind::Paragraph {
        strength -= 1.0;
    }
    let begin = if cue && strength >= SOFT { Begin::Soft } else { Begin::No };
    Boundary { strength, begin }
}

/// Names of three and more words in capitals, as products and programs have
/// them; not at the start of a sentence alone.
pub(super) fn proper_names(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    let mut known = BTreeSet::new();
    let words: Vec<(usize, &str)> = text
        .split(' ')
        .scan(0, |at, word| {
            let from = *at;
            *at += word.len() + 1;
            Some((from, word))
        })
        .collect();
    let mut run: Option<(usize, usize, usize)> = None;
    for (from, word) in words {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_capital = bare.chars().next().is_some_and(char::is_uppercase);
        let is_joint = matches!(word, "-" | "–" | "&")
            || matches!(bare.to_lowercase().as_str(), "of" | "the" | "and")
            || bare.chars().next().is_some_and(|c| c.is_ascii_digit());
        let to = from
            + word.trim_end_matches(|c: char| !c.is_alphanumeric()).len().max(if is_joint {
                word.len()
            } else {
                0
            });
        run = match run {
            Some((start, end, count)) if is_capital => {
                let _ = end;
                Some((start, to, count + 1))
            }
            Some((start, end, count)) if is_joint && count > 0 => {
                let is_number = bare.chars().next().is_some_and(|c| c.is_ascii_digit());
                Some((start, if is_number { to } else { end }, count))
            }
            Some((start, end, count)) => {
                if count >= 3 && known.insert(start) {
                    names.push(&text[start..end]);
                }
                None
            }
            None if is_capital => Some((from + word.find(bare).unwrap_or(0), to, 1)),
            None => None,
        };
        // A sentence ends a name.
        if word.ends_with(['.', '!', '?', ',', ';'])
            && let Some((start, end, count)) = run.take()
            && count >= 3
            && known.insert(start)
        {
            names.push(&text[start..end]);
        }
    }
    if let Some((start, end, count)) = run
        && count >= 3
        && known.insert(start)
    {
        names.push(&text[start..end]);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_three_capitals_and_more() {
        let check = |text, expected: &[&str]| assert_eq!(proper_names(text), expected);
        check(
            "Check out my Lower Back Strengthening Program - Back Of Steel 2.0 for the exact exercises",
            &["Lower Back Strengthening Program - Back Of Steel 2.0"],
        );
        check("We met John Smith.", &[]);
        check("The House of Many Colours stands", &["The House of Many Colours"]);
    }
}
