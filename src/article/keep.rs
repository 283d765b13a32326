//! What the author wants back: pieces that were left out, named by some of
//! their words.

use super::{Article, Block, LeftOut, chrome};

/// Whether a block of `article` says `text`; marks, spaces and case do not count.
pub fn says(article: &Article, text: &str) -> bool {
    let keep = Keep::new(&[text.to_owned()]);
    article.blocks.iter().any(|block| keep.wants(&block.text))
}

/// Words of pieces that are content, whatever they look like.
#[derive(Clone, Debug, Default)]
pub(super) struct Keep(Vec<String>);

impl Keep {
    /// Pieces that hold one of these texts; marks, spaces and case do not count.
    pub(super) fn new(texts: &[String]) -> Keep {
        let keys = texts.iter().map(|text| chrome::letters(text));
        Keep(keys.filter(|key| !key.is_empty()).collect())
    }

    /// Whether the author wants a piece with this text.
    pub(super) fn wants(&self, text: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let letters = chrome::letters(text);
        self.0.iter().any(|key| letters.contains(key))
    }

    /// Puts back into `kept` what is wanted of the blocks that were `before`.
    pub(super) fn put_back(
        &self,
        before: Vec<Block>,
        kept: Vec<Block>,
        left_out: &mut Vec<LeftOut>,
    ) -> Vec<Block> {
        let mut kept = kept.into_iter().peekable();
        let mut blocks = Vec::new();
        for block in before {
            let is_kept = kept
                .peek()
                .is_some_and(|next| next.line == block.line && next.markdown == block.markdown);
            if is_kept {
                blocks.extend(kept.next());
            } else if self.wants(&block.text) {
                left_out.retain(|one| one.line != block.line || one.text != block.text);
                blocks.push(block);
            }
        }
        blocks.extend(kept);
        blocks
    }
}
