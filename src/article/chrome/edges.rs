//! The ends of an article: what stands above its title, and behind its last word.

use super::{
    super::{
        Block, BlockKind, Reason,
        words::{self, End},
    },
    Cleaner, block, letters,
};

/// Words of prose before a line can end the article.
const PROSE_BEFORE_END: usize = 80;
/// Of the prose before, this part may follow the end: comments and teasers.
const PROSE_BEHIND_END: usize = 5;
/// Paragraphs in a row that only articles have.
const ROW_MIN: usize = 3;
/// Words of a line that ends an article.
const END_WORDS: usize = 12;
/// Short lines in a row, behind the last sentence, that are no article.
const TAIL_MIN: usize = 3;
/// Blocks among which the title may stand once more.
const TITLE_WITHIN: usize = 4;

/// Whether an article goes on here: teasers have a sentence each, articles
/// have several in a row.
fn goes_on(prose: &[usize]) -> bool {
    prose.windows(ROW_MIN).any(|row| row.iter().all(|words| *words > 0))
}

impl Cleaner {
    /// The title once more, and what stands above it.
    pub(super) fn head(&mut self, blocks: Vec<Block>, title: &str) -> Vec<Block> {
        let title = letters(title);
        let is_title = |block: &&Block| !title.is_empty() && letters(&block.text) == title;
        let Some(at) = blocks.iter().take(TITLE_WITHIN).position(|block| is_title(&block)) else {
            return blocks;
        };
        let mut blocks = blocks;
        let rest = blocks.split_off(at + 1);
        // The title itself is not left out: it is the series'.
        blocks.pop();
        self.drop_all(blocks, Reason::Chrome);
        rest
    }

    /// Everything behind a line that ends the article.
    pub(super) fn end(&mut self, mut blocks: Vec<Block>) -> Vec<Block> {
        let prose: Vec<usize> = blocks
            .iter()
            .map(|one| if block::is_prose(one) { words::count(&one.text) } else { 0 })
            .collect();
        let total: usize = prose.iter().sum();
        let mut before = 0;
        let mut end = None;
        for (at, one) in blocks.iter().enumerate() {
            let line = one.text.lines().next().unwrap_or_default();
            let is_alone = match one.kind {
                BlockKind::Heading(_) | BlockKind::Paragraph => true,
                BlockKind::List => one.text.lines().count() == 1,
                BlockKind::Quote | BlockKind::Image | BlockKind::Code | BlockKind::Table => false,
            };
            let is_alone = is_alone && words::count(&one.text) <= END_WORDS;
            // What the page says behind its articles stands in their middle, too.
            let most = match words::end(line).filter(|_| is_alone) {
                Some(End::Comments) => before,
                Some(End::Page) => before / PROSE_BEHIND_END,
                None => 0,
            };
            let is_end = is_alone && words::end(line).is_some();
            let goes_on = is_end && goes_on(&prose[at + 1..]);
            let most = if goes_on { most } else { most.max(before * 2 / 3) };
            if is_end && before >= PROSE_BEFORE_END && total - before <= most {
                end = Some(at);
                break;
            }
            before += prose[at];
        }
        if let Some(at) = end {
            let behind = blocks.split_off(at);
            self.drop_all(behind, Reason::BackMatter);
        }
        blocks
    }

    /// Short lines in a row behind the last sentence, and headings with
    /// nothing under them.
    pub(super) fn tail(&mut self, mut blocks: Vec<Block>) -> Vec<Block> {
        let loose = blocks.iter().rev().take_while(|one| block::is_loose(one)).count();
        let captions =
            blocks.iter().rev().take(loose).filter(|one| one.kind == BlockKind::Image).count();
        if loose - captions.min(loose) >= TAIL_MIN {
            let behind = blocks.split_off(blocks.len() - loose);
            self.drop_all(behind, Reason::Chrome);
        }
        while let Some(one) = blocks.pop_if(|last| block::is_heading(last)) {
            self.drop(&one, Reason::Chrome);
        }
        blocks
    }
}
