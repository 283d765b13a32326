//! What the search for the article lost: a sentence between two others that it
//! kept is the article's, too, and so is one between the title and the first.

use std::collections::BTreeSet;

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
    // What comes back, in the order of the page; each once.
    let mut back: BTreeSet<usize> =
        (0..all.len()).filter(|at| keep.wants(&all[*at].text)).collect();
    let mut before: Option<usize> = None;
    let mut has_begun = false;
    for place in &places {
        if let (Some(from), Some(to)) = (before, *place)
            && (1..=LOST_MAX).contains(&(to - from - 1))
            && all[from + 1..to].iter().all(|lost| is_sentence(lost) || is_label(lost))
            && all[from + 1..to].iter().any(is_sentence)
        {
            back.extend(from + 1..to);
        }
        // Between the page's title and what was found begins the article.
        if !has_begun
            && let Some(to) = *place
            && let Some(title) = all[..to].iter().rposition(|one| one.kind.level() == Some(1))
            && to - title <= BEGINNING_MAX
        {
            back.extend((title + 1..to).filter(|at| is_sentence(&all[*at])));
        }
        before = *place;
        has_begun |= place.is_some();
    }
    back.retain(|at| !is_in[*at]);
    for at in &back {
        is_in[*at] = true;
    }
    let mut blocks = Vec::with_capacity(found.len() + back.len());
    for (block, place) in found.drain(..).zip(places) {
        while let Some(at) = back.pop_first() {
            if place.is_none_or(|place| at > place) {
                back.insert(at);
                break;
            }
            blocks.push(all[at].clone());
        }
        blocks.push(block);
    }
    blocks.extend(back.into_iter().map(|at| all[at].clone()));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::markdown;

    #[test]
    fn what_comes_back_comes_once_and_in_order() {
        let read = |text: &str| markdown::parse(text, &|_| String::new()).blocks;
        let sentence =
            |n| format!("Sentence {n} is the article's and has as many words as it needs.");
        let (one, two, three, four) = (sentence(1), sentence(2), sentence(3), sentence(4));
        let all = read(&format!("# Zebra\n\n{one}\n\nMenu\n\n{two}\n\n{three}\n\n{four}\n\nEnd"));
        let mut found = read(&format!("{two}\n\n{four}"));
        let keep = Keep::new(&["Sentence 1".to_owned(), "Sentence 3".to_owned(), "End".to_owned()]);
        let rest = rescue(&mut found, all, &keep);
        let texts =
            |blocks: &[Block]| blocks.iter().map(|one| one.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&found), [one, two, three, four, "End".to_owned()]);
        assert_eq!(texts(&rest), ["Zebra", "Menu"]);
    }
}
