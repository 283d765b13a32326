//! What the search for the article lost: a sentence between two others that it
//! kept is the article's, too.

use crate::article::{Block, BlockKind, chrome, keep::Keep, words};

/// More lost blocks in a row are a box of the page's.
const LOST_MAX: usize = 3;
/// Blocks between a page's title and the first that was found.
const BEGINNING_MAX: usize = 12;
/// Words of a label above a sentence: `Note`.
const LABEL_WORDS: usize = 3;
/// Words of a sentence that is worth it.
const SENTENCE_WORDS: usize = 12;
/// Kept blocks are looked for so far ahead among all.
const AHEAD_MAX: usize = 400;

/// Puts lost sentences of `all` back into `found`, and returns the rest of
/// `all`: what the article is not.
pub(super) fn rescue(found: &mut Vec<Block>, all: Vec<Block>, keep: &Keep) -> Vec<Block> {
    let keys: Vec<String> = all.iter().map(|block| chrome::letters(&block.text)).collect();
    let mut places: Vec<Option<usize>> = Vec::with_capacity(found.len());
    let mut at = 0;
    for block in found.iter() {
        let key = chrome::letters(&block.text);
        let next = keys[at..].iter().take(AHEAD_MAX).position(|other| *other == key);
        places.push(next.map(|next| at + next));
        at = next.map_or(at, |next| at + next + 1);
    }
    let mut is_in = vec![false; all.len()];
    for place in places.iter().flatten() {
        is_in[*place] = true;
    }
    let mut blocks = Vec::with_capacity(found.len());
    let mut before: Option<usize> = None;
    let mut has_begun = false;
    let mut wanted: Vec<usize> =
        (0..all.len()).filter(|at| !is_in[*at] && keep.wants(&all[*at].text)).collect();
    for (block, place) in found.drain(..).zip(places) {
        if let (Some(from), Some(to)) = (before, place)
            && (1..=LOST_MAX).contains(&(to - from - 1))
            && all[from + 1..to].iter().all(|lost| is_sentence(lost) || is_label(lost))
            && all[from + 1..to].iter().any(is_sentence)
        {
            for (lost, is_in) in all[from + 1..to].iter().zip(&mut is_in[from + 1..to]) {
                *is_in = true;
                blocks.push(lost.clone());
            }
        }
        // Between the page's title and what was found begins the article.
        if !has_begun
            && let Some(to) = place
            && let Some(title) = all[..to].iter().rposition(|one| one.kind.level() == Some(1))
            && to - title <= BEGINNING_MAX
        {
            for at in title + 1..to {
                if is_sentence(&all[at]) && !is_in[at] {
                    is_in[at] = true;
                    blocks.push(all[at].clone());
                }
            }
        }
        before = place;
        has_begun |= place.is_some();
        while place.is_some_and(|place| wanted.first().is_some_and(|next| *next < place)) {
            let lost = wanted.remove(0);
            is_in[lost] = true;
            blocks.push(all[lost].clone());
        }
        blocks.push(block);
    }
    for lost in wanted {
        is_in[lost] = true;
        blocks.push(all[lost].clone());
    }
    *found = blocks;
    let whole: String = found.iter().map(|block| chrome::letters(&block.text)).collect();
    let mut is_in = is_in.into_iter();
    let mut all = all;
    all.retain(|block| {
        let key = chrome::letters(&block.text);
        !is_in.next().unwrap_or(true) && !key.is_empty() && !whole.contains(&key)
    });
    all
}

fn is_label(block: &Block) -> bool {
    block.kind == BlockKind::Paragraph
        && words::count(&block.text) <= LABEL_WORDS
        && !words::is_chrome(&block.text)
}

fn is_sentence(block: &Block) -> bool {
    block.kind == BlockKind::Paragraph
        && words::count(&block.text) >= SENTENCE_WORDS
        && words::ends_sentence(&block.text)
        && !words::asks(&block.text)
        && !words::notes(&block.text)
}
