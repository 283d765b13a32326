//! Pieces of an article that are never cut: a heading with what follows it, a
//! list with its lead-in, a quotation with its source, an image with its caption.

use std::ops::Range;

use crate::article::{Article, Block, BlockKind, words};

/// Words of a paragraph that only names who said the quotation above it.
const ATTRIBUTION_WORDS: usize = 20;
/// Words of a line right before a list that belongs to it.
const LABEL_WORDS: usize = 40;

/// Some blocks that stay together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Atom {
    /// Which blocks.
    pub(super) blocks: Range<usize>,
    /// Their words.
    pub(super) words: usize,
    /// The level of the heading that it begins with.
    pub(super) level: Option<u8>,
}

/// The atoms of `article`, in order.
pub(super) fn atoms(article: &Article) -> Vec<Atom> {
    let blocks = &article.blocks;
    let mut atoms: Vec<Atom> = Vec::new();
    let mut from = 0;
    for at in 0..blocks.len() {
        let is_last = at + 1 == blocks.len();
        if is_last || !stays_with_next(blocks, at) {
            let range = from..at + 1;
            let words = blocks[range.clone()].iter().map(|block| words::count(&block.text)).sum();
            let level = blocks[from].kind.level();
            atoms.push(Atom { blocks: range, words, level });
            from = at + 1;
        }
    }
    atoms
}

/// Whether the block at `at` and the one behind it are one atom.
fn stays_with_next(blocks: &[Block], at: usize) -> bool {
    let (block, next) = (&blocks[at], &blocks[at + 1]);
    let is_run = |kind| {
        matches!(kind, BlockKind::List | BlockKind::Quote | BlockKind::Code | BlockKind::Table)
    };
    match block.kind {
        BlockKind::Heading(_) => true,
        BlockKind::Paragraph => {
            let text = block.text.trim_end();
            let leads_in = text.ends_with([':', '：']) || text.ends_with("as follows.");
            let is_label = words::count(text) <= LABEL_WORDS
                && next.kind == BlockKind::List
                && !words::ends_sentence(text);
            is_run(next.kind) && (leads_in || is_label)
                || leads_in && next.kind == BlockKind::Paragraph && words::count(text) <= 12
        }
        BlockKind::Quote => is_attribution(next),
        BlockKind::Image => is_caption(next),
        BlockKind::List | BlockKind::Code | BlockKind::Table => false,
    }
}

/// `— Somebody, 2013`.
fn is_attribution(block: &Block) -> bool {
    let text = block.text.trim_start();
    block.kind == BlockKind::Paragraph
        && text.starts_with(['–', '—', '―', '-', '~'])
        && words::count(text) <= ATTRIBUTION_WORDS
}

/// A paragraph that is all emphasis, or names who took the picture.
pub(super) fn is_caption(block: &Block) -> bool {
    let markdown = block.markdown.as_str();
    let is_emphasis = markdown.starts_with('*')
        && markdown.ends_with('*')
        && !markdown.starts_with("**")
        && words::count(&block.text) <= 60;
    block.kind == BlockKind::Paragraph
        && (is_emphasis || words::is_credit(&block.text) && words::count(&block.text) <= 25)
}
