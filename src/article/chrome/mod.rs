//! Takes out of an article what belongs to its page: by what a block says, and
//! by where it stands. Everything taken out is told, with its reason.

mod block;
mod edges;
mod groups;

use super::{Article, Block, LeftOut, Reason};

/// Letters and digits of a text in lower case: what is left when marks,
/// spaces and quotes do not count.
pub(super) fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Takes out what is no content.
pub(super) fn pass(article: &mut Article) {
    let blocks = std::mem::take(&mut article.blocks);
    let mut cleaner = Cleaner { left_out: Vec::new() };
    let blocks = cleaner.head(blocks, &article.title);
    let blocks = cleaner.contents(blocks);
    let blocks = cleaner.end(blocks);
    let blocks = cleaner.related(blocks);
    let blocks = cleaner.own(blocks, &article.origin);
    let blocks = cleaner.pull_quotes(blocks);
    let blocks = cleaner.tail(blocks);
    article.blocks = blocks;
    article.left_out.append(&mut cleaner.left_out);
}

/// Collects what is taken out.
struct Cleaner {
    left_out: Vec<LeftOut>,
}

impl Cleaner {
    fn drop(&mut self, block: &Block, reason: Reason) {
        let text = if block.text.is_empty() { block.markdown.clone() } else { block.text.clone() };
        self.left_out.push(LeftOut { reason, text, line: block.line });
    }

    fn drop_all(&mut self, blocks: impl IntoIterator<Item = Block>, reason: Reason) {
        for block in blocks {
            self.drop(&block, reason);
        }
    }
}
