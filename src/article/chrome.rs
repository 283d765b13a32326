//! Takes out of an article what belongs to its page: by what a block says, and
//! by where it stands. Everything taken out is told, with its reason.

use std::collections::BTreeSet;

use super::{Article, Block, BlockKind, LeftOut, Reason, words};

/// Words of prose before a line can end the article.
const PROSE_BEFORE_END: usize = 80;
/// Short lines in a row, behind the last sentence, that are no article.
const TAIL_MIN: usize = 3;
/// A block with more words is prose, whatever it begins with.
const SHORT_WORDS: usize = 12;
/// A pull quote repeats a sentence of at least as many letters.
const PULL_QUOTE_LETTERS: usize = 30;

/// Letters and digits of a text in lower case: what is left when marks,
/// spaces and quotes do not count.
pub(super) fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Takes out what is no content.
pub(super) fn pass(article: &mut Article) {
    let blocks = std::mem::take(&mut article.blocks);
    let mut cleaner = Cleaner { left_out: &mut article.left_out };
    let blocks = cleaner.head(blocks, &article.title);
    let blocks = cleaner.contents(blocks);
    let blocks = cleaner.end(blocks);
    let blocks = cleaner.lines(blocks);
    let blocks = cleaner.pull_quotes(blocks);
    let blocks = cleaner.tail(blocks);
    let blocks = cleaner.hollow_headings(blocks);
    article.blocks = blocks;
}

struct Cleaner<'a> {
    left_out: &'a mut Vec<LeftOut>,
}

impl Cleaner<'_> {
    fn drop(&mut self, block: &Block, reason: Reason) {
        let text = if block.text.is_empty() { block.markdown.clone() } else { block.text.clone() };
        self.left_out.push(LeftOut { reason, text, line: block.line });
    }

    /// The title once more, and lists of links above it.
    fn head(&mut self, blocks: Vec<Block>, title: &str) -> Vec<Block> {
        let title = letters(title);
        let mut is_first_heading = true;
        let mut kept = Vec::new();
        for block in blocks {
            let is_title = !title.is_empty()
                && is_first_heading
                && kept.len() < 4
                && letters(&block.text) == title;
            if is_title {
                is_first_heading = false;
                // What stood above the title was the page's.
                for above in kept.drain(..) {
                    self.drop(&above, Reason::Chrome);
                }
                continue;
            }
            kept.push(block);
        }
        kept
    }

    /// A heading like “Contents” with its list.
    fn contents(&mut self, blocks: Vec<Block>) -> Vec<Block> {
        let headings: BTreeSet<String> = blocks
            .iter()
            .filter(|block| matches!(block.kind, BlockKind::Heading(_)))
            .map(|block| letters(&block.text))
            .collect();
        let is_list_of_headings = |block: &Block| {
            let lines: Vec<String> =
                block
                    .text
                    .lines()
                    .map(|line| {
                        letters(line.trim_start_matches(|c: char| {
                            c.is_ascii_digit() || matches!(c, '.' | ' ')
                        }))
                    })
                    .collect();
            let known = lines.iter().filter(|line| headings.contains(*line)).count();
            block.kind == BlockKind::List && lines.len() >= 2 && known * 3 >= lines.len() * 2
        };
        let mut kept: Vec<Block> = Vec::new();
        let mut blocks = blocks.into_iter().peekable();
        while let Some(block) = blocks.next() {
            let names_contents = words::is_contents(&block.text) && words::count(&block.text) <= 6;
            if is_list_of_headings(&block) {
                if let Some(label) = kept.pop_if(|last| words::is_contents(&last.text)) {
                    self.drop(&label, Reason::Contents);
                }
                self.drop(&block, Reason::Contents);
            } else if names_contents
                && blocks.peek().is_some_and(|next| next.kind == BlockKind::List)
            {
                self.drop(&block, Reason::Contents);
                if let Some(list) = blocks.next() {
                    self.drop(&list, Reason::Contents);
                }
            } else {
                kept.push(block);
            }
        }
        kept
    }

    /// Everything behind a line that ends the article.
    fn end(&mut self, mut blocks: Vec<Block>) -> Vec<Block> {
        let total: usize = blocks.iter().map(|block| words::count(&block.text)).sum();
        let mut before = 0;
        let mut at = None;
        for (index, block) in blocks.iter().enumerate() {
            let may_end = matches!(
                block.kind,
                BlockKind::Heading(_) | BlockKind::Paragraph | BlockKind::List
            );
            let line = block.text.lines().next().unwrap_or_default();
            let is_alone = block.kind != BlockKind::List || block.text.lines().count() == 1;
            if may_end
                && is_alone
                && words::is_end(line)
                && words::count(&block.text) <= SHORT_WORDS
            {
                let after = total - before;
                if before >= PROSE_BEFORE_END && after <= before {
                    at = Some(index);
                    break;
                }
            }
            before += words::count(&block.text);
        }
        if let Some(at) = at {
            for block in blocks.split_off(at) {
                self.drop(&block, Reason::BackMatter);
            }
        }
        blocks
    }

    /// Short blocks that say what pages say.
    fn lines(&mut self, blocks: Vec<Block>) -> Vec<Block> {
        let mut kept = Vec::new();
        for block in blocks {
            let is_short = words::count(&block.text) <= SHORT_WORDS;
            let is_own = match block.kind {
                BlockKind::Paragraph | BlockKind::Heading(_) => {
                    is_short && words::is_chrome(&block.text)
                }
                BlockKind::List => {
                    let lines: Vec<&str> = block.text.lines().collect();
                    lines.iter().all(|line| words::is_chrome(line)) || is_links(&block)
                }
                BlockKind::Quote | BlockKind::Image | BlockKind::Code | BlockKind::Table => false,
            };
            if is_own {
                self.drop(&block, Reason::Chrome);
            } else {
                kept.push(block);
            }
        }
        kept
    }

    /// A short block that only repeats a sentence of the article.
    fn pull_quotes(&mut self, blocks: Vec<Block>) -> Vec<Block> {
        let texts: Vec<String> = blocks.iter().map(|block| letters(&block.text)).collect();
        let mut kept = Vec::new();
        for (index, block) in blocks.into_iter().enumerate() {
            let own = &texts[index];
            let may_pull = matches!(
                block.kind,
                BlockKind::Quote | BlockKind::Paragraph | BlockKind::Heading(_)
            );
            let is_repeated = may_pull
                && own.chars().count() >= PULL_QUOTE_LETTERS
                && texts.iter().enumerate().any(|(other, text)| {
                    other != index && text.len() > own.len() && text.contains(own.as_str())
                });
            if is_repeated {
                self.drop(&block, Reason::PullQuote);
            } else {
                kept.push(block);
            }
        }
        kept
    }

    /// Short lines in a row behind the last sentence.
    fn tail(&mut self, mut blocks: Vec<Block>) -> Vec<Block> {
        let is_loose = |block: &Block| {
            matches!(block.kind, BlockKind::Paragraph | BlockKind::Heading(_) | BlockKind::Image)
                && words::count(&block.text) <= 8
                && !words::ends_sentence(&block.text)
        };
        let loose = blocks.iter().rev().take_while(|block| is_loose(block)).count();
        if loose >= TAIL_MIN {
            for block in blocks.split_off(blocks.len() - loose) {
                self.drop(&block, Reason::Chrome);
            }
        }
        blocks
    }

    /// A heading with nothing under it, at the very end.
    fn hollow_headings(&mut self, mut blocks: Vec<Block>) -> Vec<Block> {
        while let Some(block) = blocks.pop_if(|last| matches!(last.kind, BlockKind::Heading(_))) {
            self.drop(&block, Reason::Chrome);
        }
        blocks
    }
}

/// A list of nothing but links, which leads elsewhere: at least three, each a
/// whole item.
fn is_links(block: &Block) -> bool {
    let lines: Vec<&str> = block.markdown.lines().filter(|line| !line.trim().is_empty()).collect();
    let is_link = |line: &&str| {
        let bare = line.trim_start().trim_start_matches(|c: char| {
            matches!(c, '-' | '*' | '+' | '.' | ' ') || c.is_ascii_digit()
        });
        bare.starts_with('[') && bare.ends_with(')') && bare.matches("](").count() == 1
    };
    lines.len() >= 3 && lines.iter().all(is_link)
}
