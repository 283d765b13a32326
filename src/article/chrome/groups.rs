//! What is a page's own by what stands beside it: labels with their cards,
//! headings whose words went away, requests with their small print.

use std::collections::BTreeSet;

use super::{
    super::{
        Block, BlockKind, Origin, Reason,
        words::{self, Related, Stamp},
    },
    Cleaner, block, letters,
};

/// Cards under one label.
const CARDS_MAX: usize = 8;
/// Words of what stands under a request.
const SMALL_PRINT_WORDS: usize = 15;
/// Words of what a card says about its text.
const TEASER_WORDS: usize = 30;
/// Words under a heading that asks for something.
const UNDER_REQUEST_WORDS: usize = 35;
/// A pull quote repeats a sentence of at least as many letters.
const PULL_QUOTE_LETTERS: usize = 30;
/// More words are no quote any more.
const PULL_QUOTE_WORDS: usize = 80;

impl Cleaner {
    /// A heading like “Contents” with its list.
    pub(super) fn contents(&mut self, blocks: Vec<Block>) -> Vec<Block> {
        let headings: BTreeSet<String> = blocks
            .iter()
            .filter(|block| block::is_heading(block))
            .map(|block| letters(&block.text))
            .collect();
        let is_counted = |c: char| c.is_ascii_digit() || matches!(c, '.' | ' ');
        let is_list_of_headings = |block: &Block| {
            let lines: Vec<String> = block
                .text
                .lines()
                .map(|line| letters(line.trim_start_matches(is_counted)))
                .collect();
            let known = lines.iter().filter(|line| headings.contains(*line)).count();
            block.kind == BlockKind::List && lines.len() >= 2 && known * 3 >= lines.len() * 2
        };
        let mut kept: Vec<Block> = Vec::new();
        let mut blocks = blocks.into_iter().peekable();
        while let Some(block) = blocks.next() {
            let names_contents = words::is_contents(&block.text) && words::count(&block.text) <= 6;
            let is_whole = block.text.split_once([':', '：']).is_some_and(|(label, rest)| {
                let parts = rest.split(['·', '|', '•']).map(letters);
                words::is_contents(label)
                    && parts.filter(|part| headings.contains(part)).count() >= 2
            });
            if is_whole {
                self.drop(&block, Reason::Contents);
            } else if is_list_of_headings(&block) {
                if let Some(label) = kept.pop_if(|last| words::is_contents(&last.text)) {
                    self.drop(&label, Reason::Contents);
                }
                self.drop(&block, Reason::Contents);
            } else if names_contents
                && blocks.peek().is_some_and(|next| next.kind == BlockKind::List)
            {
                self.drop(&block, Reason::Contents);
                self.drop_all(blocks.next(), Reason::Contents);
            } else {
                kept.push(block);
            }
        }
        kept
    }

    /// Labels that lead to other texts of the site, with the titles under them.
    pub(super) fn related(&mut self, blocks: Vec<Block>) -> Vec<Block> {
        let mut kept = Vec::new();
        let mut at = 0;
        while at < blocks.len() {
            let block = &blocks[at];
            let is_short = words::count(&block.text) <= 2 * SMALL_PRINT_WORDS
                && matches!(
                    block.kind,
                    BlockKind::Paragraph
                        | BlockKind::Heading(_)
                        | BlockKind::Quote
                        | BlockKind::List
                );
            at += 1;
            match words::related(block.text.lines().next().unwrap_or_default()).filter(|_| is_short)
            {
                None => kept.push(block.clone()),
                Some(Related::Whole) => self.drop(block, Reason::Chrome),
                Some(Related::Label) => {
                    let cards = cards(&blocks[at..]);
                    let is_section = cards == 0
                        && block::is_heading(block)
                        && blocks.get(at).is_some_and(block::is_prose);
                    if is_section {
                        kept.push(block.clone());
                        continue;
                    }
                    self.drop(block, Reason::Chrome);
                    self.drop_all(blocks[at..at + cards].iter().cloned(), Reason::Chrome);
                    at += cards;
                }
            }
        }
        kept
    }

    /// Blocks that are the page's own, and what they leave without a meaning.
    pub(super) fn own(&mut self, blocks: Vec<Block>, origin: &Origin) -> Vec<Block> {
        let author = origin.author.as_deref();
        let host = origin.url.as_deref().and_then(|url| url.split_once("://"));
        let host = host.and_then(|(_, rest)| rest.split('/').next());
        let first = blocks.iter().position(|one| block::is_prose(one) || block::is_heading(one));
        let last = blocks.iter().rposition(block::is_prose).unwrap_or(blocks.len());
        let mut is_out: Vec<bool> = Vec::with_capacity(blocks.len());
        for (at, one) in blocks.iter().enumerate() {
            let is_head = first.is_some_and(|first| at < first);
            let is_tail = at > last;
            let is_label = (is_head || is_tail && !has_heading_above(&blocks, at, last))
                && block::is_label(one);
            let goes_with_request =
                at > 0 && is_out[at - 1] && block::asks(&blocks[at - 1]) && is_small_print(one);
            let is_name = author.is_some_and(|author| letters(author) == letters(&one.text));
            let is_about =
                is_name || is_tail && author.is_some_and(|author| block::is_about(one, author));
            let is_menu = block::is_heading(one)
                && words::is_chrome_line(&one.text)
                && !blocks.get(at + 1).is_some_and(block::is_content);
            let is_caption =
                at > 0 && blocks[at - 1].kind == BlockKind::Image && block::is_emphasis(one);
            let is_own = block::is_own(one, host) && !is_caption;
            is_out.push(is_own || is_label || goes_with_request || is_about || is_menu);
        }
        cards_with_buttons(&blocks, &mut is_out);
        requests_with_headings(&blocks, &mut is_out);
        names_beside_stamps(&blocks, &mut is_out);
        leave_no_heading_alone(&blocks, &mut is_out);
        let mut kept = Vec::new();
        for (one, is_out) in blocks.into_iter().zip(is_out) {
            if !is_out {
                kept.push(one);
            } else if words::discloses(&one.text) {
                self.drop(&one, Reason::Notice);
            } else {
                self.drop(&one, Reason::Chrome);
            }
        }
        kept
    }

    /// A short block that only repeats a sentence of the article.
    pub(super) fn pull_quotes(&mut self, blocks: Vec<Block>) -> Vec<Block> {
        // All blocks in one text, so that a quote is looked for once.
        let mut whole = String::new();
        let mut places = Vec::with_capacity(blocks.len());
        for block in &blocks {
            let from = whole.len();
            whole.push_str(&letters(&block.text));
            places.push(from..whole.len());
            whole.push('\n');
        }
        let mut kept = Vec::new();
        for (block, place) in blocks.into_iter().zip(places) {
            let own = &whole[place.clone()];
            let may_pull = match block.kind {
                BlockKind::Quote | BlockKind::Paragraph => true,
                BlockKind::Heading(_) => words::ends_sentence(&block.text),
                BlockKind::List | BlockKind::Image | BlockKind::Code | BlockKind::Table => false,
            };
            // What is set as a quotation may be short.
            let is_quote = block.kind == BlockKind::Quote;
            let least = if is_quote { PULL_QUOTE_LETTERS / 2 } else { PULL_QUOTE_LETTERS };
            let is_within_another = |at: usize| {
                let is_line = |at: usize| whole.as_bytes().get(at).is_none_or(|c| *c == b'\n');
                at != place.start && !(is_line(at.wrapping_sub(1)) && is_line(at + own.len()))
            };
            let is_repeated = may_pull
                && own.chars().count() >= least
                && words::count(&block.text) <= PULL_QUOTE_WORDS
                && whole.match_indices(own).any(|(at, _)| is_within_another(at));
            if is_repeated {
                self.drop(&block, Reason::PullQuote);
            } else {
                kept.push(block);
            }
        }
        kept
    }
}

/// How many of `blocks`, from the first on, are cards; a heading with prose
/// under it begins the article again.
fn cards(blocks: &[Block]) -> usize {
    let is_card = |at: &usize| {
        let begins_section = block::is_heading(&blocks[*at])
            && blocks[*at + 1..]
                .iter()
                .find(|next| next.kind != BlockKind::Image)
                .is_some_and(block::is_prose);
        block::is_card(&blocks[*at]) && !begins_section
    };
    (0..blocks.len().min(CARDS_MAX)).take_while(is_card).count()
}

/// Whether a heading stands between the last prose and `at`: then the words
/// there are a section's.
fn has_heading_above(blocks: &[Block], at: usize, last: usize) -> bool {
    blocks[(last + 1).min(at)..at].iter().any(block::is_heading)
}

/// What stands under a request: its price, its promise.
fn is_small_print(block: &Block) -> bool {
    const WORDS: [&str; 16] = [
        "free",
        "spam",
        "unsubscribe",
        "cancel",
        "month",
        "year",
        "week",
        "privacy",
        "%",
        "$",
        "€",
        "£",
        "kostenlos",
        "gratuit",
        "gratis",
        "inbox",
    ];
    let lower = block.text.to_lowercase();
    block.kind == BlockKind::Paragraph
        && words::count(&lower) <= SMALL_PRINT_WORDS
        && WORDS.iter().any(|word| lower.contains(word))
}

/// A title, a sentence and “Read now” are the card of another text.
fn cards_with_buttons(blocks: &[Block], is_out: &mut [bool]) {
    for at in 2..blocks.len() {
        let (title, teaser) = (&blocks[at - 2], &blocks[at - 1]);
        let is_card = words::is_button(&blocks[at].text)
            && words::count(&teaser.text) <= TEASER_WORDS
            && words::ends_sentence(&teaser.text)
            && words::count(&title.text) <= SMALL_PRINT_WORDS
            && !words::ends_sentence(&title.text);
        if is_card {
            is_out[at - 2..=at].fill(true);
        }
    }
}

/// A heading that asks for something, and the few words under it.
fn requests_with_headings(blocks: &[Block], is_out: &mut [bool]) {
    for at in 0..blocks.len() {
        if !block::is_heading(&blocks[at]) || !block::asks(&blocks[at]) {
            continue;
        }
        let end = (at + 1..blocks.len()).find(|next| block::is_heading(&blocks[*next]));
        let end = end.unwrap_or(blocks.len());
        let under: usize = blocks[at + 1..end].iter().map(|one| words::count(&one.text)).sum();
        if under <= UNDER_REQUEST_WORDS {
            is_out[at..end].fill(true);
        }
    }
}

/// Who wrote an answer stands beside when they did.
fn names_beside_stamps(blocks: &[Block], is_out: &mut [bool]) {
    let is_stamp = |at: usize| words::stamp(&blocks[at].text) == Stamp::Sure;
    for at in 0..blocks.len() {
        let is_beside = at > 0 && is_stamp(at - 1) && is_out[at - 1]
            || at + 1 < blocks.len() && is_stamp(at + 1);
        if is_beside && block::is_word(&blocks[at]) {
            is_out[at] = true;
        }
    }
}

/// A heading goes with the words under it, when all of them go.
fn leave_no_heading_alone(blocks: &[Block], is_out: &mut [bool]) {
    for at in (0..blocks.len()).rev() {
        if is_out[at] || !block::is_heading(&blocks[at]) {
            continue;
        }
        let end = (at + 1..blocks.len()).find(|next| block::is_heading(&blocks[*next]));
        let under = at + 1..end.unwrap_or(blocks.len());
        // Nothing under it, and its equal behind it.
        let is_hollow = under.is_empty()
            && end.is_none_or(|end| blocks[end].kind.level() <= blocks[at].kind.level());
        if is_hollow || !under.is_empty() && under.clone().all(|one| is_out[one]) {
            is_out[at] = true;
        }
    }
}
