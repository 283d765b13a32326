//! Subjects, preheaders and ids: literal words of the article.

use std::collections::BTreeSet;

use super::boundaries::proper_names;
use crate::article::{
    Article, Block, BlockKind, chrome, escape,
    words::{self, split_sentences},
};

/// Characters of a subject: what phones and most programs show.
const SUBJECT_MAX: usize = 60;
/// Characters of a preheader.
const PREHEADER_MIN: usize = 40;
const PREHEADER_MAX: usize = 110;
/// Characters of an id.
const ID_MAX: usize = 40;
/// Words that no id should end with.
const SMALL_WORDS: [&str; 24] = [
    "a", "an", "and", "as", "at", "by", "for", "from", "in", "is", "of", "on", "or", "the", "to",
    "with", "your", "der", "die", "und", "de", "la", "et", "y",
];

/// What an email is called, and the heading that it took its name from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) subject: String,
    pub(super) preheader: String,
    pub(super) id: String,
    /// The block whose words the subject is, when it says all of them.
    pub(super) from: Option<usize>,
}

/// Names emails, each unlike those before it.
pub(super) struct Namer<'a> {
    article: &'a Article,
    /// Emails of the series.
    count: usize,
    /// What the site writes before its headings: the title up to its colon.
    keyword: String,
    subjects: BTreeSet<String>,
    ids: BTreeSet<String>,
}

impl<'a> Namer<'a> {
    pub(super) fn new(article: &'a Article, count: usize) -> Namer<'a> {
        let title = &article.title;
        let end =
            title.find([':', '：']).or_else(|| title.find(" - ")).or_else(|| title.find(" – "));
        let keyword = end.map_or_else(String::new, |end| title[..end].trim().to_lowercase());
        Namer { article, count, keyword, subjects: BTreeSet::new(), ids: BTreeSet::new() }
    }

    /// The names of the email of these blocks, which is number `number` from 1.
    pub(super) fn name(&mut self, range: std::ops::Range<usize>, number: usize) -> Named {
        let blocks = &self.article.blocks[range.clone()];
        let (subject, from) = self.subject(blocks, number);
        let from = from.map(|at| range.start + at);
        let preheader = preheader(blocks, &subject);
        let id = self.id(&subject, number);
        Named { subject, preheader, id, from }
    }

    fn subject(&mut self, blocks: &[Block], number: usize) -> (String, Option<usize>) {
        let mut wishes: Vec<(String, Option<usize>)> = Vec::new();
        let heading = |block: &Block| block.kind.level();
        let highest = blocks.iter().filter_map(heading).min();
        let begins_bare = blocks.first().is_some_and(|block| heading(block).is_none());
        let lead: usize = blocks
            .iter()
            .take_while(|block| heading(block).is_none())
            .map(|block| words::count(&block.text))
            .sum();
        let whole = blocks.iter().map(|block| words::count(&block.text)).sum::<usize>();
        // The only email is the article.
        if self.count == 1 && !self.article.title.is_empty() {
            wishes.push((self.article.title.clone(), None));
        }
        if number == 1
            && begins_bare
            && !self.article.title.is_empty()
            && (highest.is_none() || lead * 2 > whole)
        {
            wishes.push((self.article.title.clone(), None));
        }
        // Prose of some length before the first heading names the email itself.
        if number == 1 || !begins_bare || lead * 3 < whole {
            for (at, block) in blocks
                .iter()
                .enumerate()
                .filter(|(_, block)| heading(block) == highest && highest.is_some())
            {
                wishes.push((block.text.clone(), Some(at)));
            }
        }
        let first = blocks.iter().find(|block| block.kind == BlockKind::Paragraph);
        let names = first.map_or_else(Vec::new, |block| proper_names(&block.text));
        // A name that begins or ends within a quotation is a piece of it.
        let whole_names = names.into_iter().filter(|name| is_balanced(name));
        if let Some(name) = whole_names.max_by_key(|name| name.chars().count()) {
            wishes.push((name.to_owned(), None));
        }
        let sentences =
            blocks.iter().filter(|block| heading(block).is_none() && block.kind != BlockKind::Code);
        wishes.extend(
            sentences
                .flat_map(|block| split_sentences(&block.text))
                .map(|sentence| (sentence, None)),
        );
        wishes.extend(
            blocks
                .iter()
                .filter(|block| heading(block).is_some())
                .map(|block| (block.text.clone(), None)),
        );
        let title = &self.article.title;
        for (wish, at) in wishes {
            // The title is whole; what it shares with headings is theirs to lose.
            let clean = if wish == *title { plain(&wish) } else { self.clean(&wish) };
            if at.is_some() && is_only_counted(&clean) {
                continue;
            }
            let cut = shorten(&clean, SUBJECT_MAX);
            if cut.chars().filter(|c| c.is_alphanumeric()).count() >= 2
                && self.subjects.insert(cut.to_lowercase())
            {
                let says_all = chrome::letters(&cut) == chrome::letters(&clean);
                return (cut, at.filter(|_| says_all));
            }
        }
        let cut = shorten(&format!("{} {number}", self.article.title), SUBJECT_MAX);
        self.subjects.insert(cut.to_lowercase());
        (cut, None)
    }

    /// Without the site's keyword, a number, and signs around.
    fn clean(&self, text: &str) -> String {
        let mut clean = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let lower = clean.to_lowercase();
        if !self.keyword.is_empty()
            && lower.starts_with(&self.keyword)
            && lower.len() == clean.len()
        {
            let rest = clean[self.keyword.len()..].trim_start();
            if let Some(rest) = rest.strip_prefix(['-', '–', '—', ':', '：']) {
                clean = rest.trim_start().to_owned();
            }
        }
        let digits = clean.bytes().take_while(u8::is_ascii_digit).count();
        if (1..=2).contains(&digits)
            && let Some(rest) = clean[digits..].strip_prefix(['.', ')', ':'])
            && rest.starts_with(' ')
        {
            clean = rest.trim_start().to_owned();
        }
        let mut signs = clean.chars();
        if signs.next().is_some_and(|c| "一二三四五六七八九十".contains(c))
            && let Some(rest) = signs.as_str().strip_prefix(['、', '．'])
        {
            clean = rest.trim_start().to_owned();
        }
        plain(&clean)
    }

    fn id(&mut self, subject: &str, number: usize) -> String {
        let slug = slug::slugify(subject);
        let mut id = String::new();
        for word in slug.split('-').filter(|word| !word.is_empty()) {
            if id.len() + word.len() >= ID_MAX {
                break;
            }
            if !id.is_empty() {
                id.push('-');
            }
            id.push_str(word);
        }
        while let Some((rest, last)) = id.rsplit_once('-')
            && SMALL_WORDS.contains(&last)
        {
            id.truncate(rest.len());
        }
        // A name that is only a number, or begins with one, reads like an order.
        if id.is_empty() || id.starts_with(|c: char| c.is_ascii_digit()) {
            id = if id.is_empty() { format!("part-{number}") } else { format!("part-{id}") };
        }
        let plain = id.clone();
        let mut again = 2;
        while !self.ids.insert(id.clone()) {
            id = format!("{plain}-{again}");
            again += 1;
        }
        id
    }
}

/// Pairs of quotation marks.
const QUOTES: [(char, char); 6] =
    [('"', '"'), ('“', '”'), ('„', '“'), ('«', '»'), ('「', '」'), ('‘', '’')];

/// A text without quotation marks around it, and without what ends a label.
fn plain(text: &str) -> String {
    // A template's sign would be read as one.
    let text = escape::braces(text, " ");
    let mut plain = text.trim_end_matches([':', '：', '.', ',', ';', '¶', '#', ' ']).trim();
    for (open, close) in QUOTES {
        let inner = plain.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        if let Some(inner) = inner.filter(|inner| !inner.contains([open, close])) {
            plain = inner.trim();
        }
    }
    if is_balanced(plain) {
        return plain.to_owned();
    }
    // One of a pair alone says that something is missing.
    plain.trim_matches(['"', '“', '”', '„', '«', '»', '「', '」', ' ']).to_owned()
}

/// Whether every quotation mark of a text has its other half.
fn is_balanced(text: &str) -> bool {
    let count = |sign: char| text.matches(sign).count();
    let guillemets = count('«') == count('»') && count('「') == count('」');
    // English closes with what German opens the other way round.
    let curly = count('„') + count('“') + count('”');
    let opens = text
        .find(['„', '“', '”', '«', '»', '「', '」'])
        .is_none_or(|at| text[at..].starts_with(['„', '“', '«', '「']));
    count('"') % 2 == 0 && curly % 2 == 0 && guillemets && opens
}

/// `Step 3`, `Teil 2`, `4`: a number, and no word that says of what.
fn is_only_counted(text: &str) -> bool {
    let has_number = text.chars().any(char::is_numeric);
    let words =
        text.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).count();
    let begins_with_word = text.starts_with(char::is_alphabetic) || words == 0;
    has_number
        && begins_with_word
        && words <= 1
        && text.chars().count() <= 14
        && text.split_whitespace().count() <= 2
}

/// A sentence without `[2]`: an inbox has no sources.
fn without_citations(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let (before, after) = rest.split_at(at);
        plain.push_str(before);
        let inner = after[1..].split_once(']').filter(|(inner, _)| {
            !inner.is_empty() && inner.chars().all(|c| c.is_ascii_digit() || ", –-".contains(c))
        });
        match inner {
            Some((_, behind)) => {
                plain.truncate(plain.trim_end().len());
                rest = behind;
            }
            None => {
                plain.push('[');
                rest = &after[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// What an inbox shows after the subject: the beginning of the words.
fn preheader(blocks: &[Block], subject: &str) -> String {
    let said = chrome::letters(subject);
    let sentences = blocks
        .iter()
        .filter(|block| {
            matches!(block.kind, BlockKind::Paragraph | BlockKind::List | BlockKind::Quote)
        })
        .flat_map(|block| split_sentences(&block.text));
    let mut preheader = String::new();
    for sentence in sentences {
        let letters = chrome::letters(&sentence);
        if letters == said
            || !letters.is_empty() && said.starts_with(&letters)
            || said.len() > 20 && letters.starts_with(&said)
        {
            continue;
        }
        if !preheader.is_empty() {
            preheader.push(' ');
        }
        preheader.push_str(&without_citations(&sentence));
        if preheader.chars().count() >= PREHEADER_MIN {
            break;
        }
    }
    shorten(&escape::braces(&preheader, " "), PREHEADER_MAX)
}

/// `text` in at most `max` characters, cut between words and marked with `…`;
/// in scripts without spaces, between signs.
pub(super) fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let end = text.char_indices().nth(max - 1).map_or(text.len(), |(at, _)| at);
    let head = &text[..end];
    let cut =
        head.rfind(' ').filter(|at| head[..*at].chars().count() * 2 > max).unwrap_or(head.len());
    let head = head[..cut].trim_end_matches([',', ';', ':', '.', '-', '–', ' ', '，', '、']);
    format!("{head}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotation_marks_go_in_pairs() {
        let check = |text: &str, expected: &str| assert_eq!(plain(text), expected);
        check("“A clock is dull”", "A clock is dull");
        check("„Kühe schwimmen nicht“", "Kühe schwimmen nicht");
        check("Les « boîtes noires »", "Les « boîtes noires »");
        check("The “one” and the “other”", "The “one” and the “other”");
        check("“Half of it", "Half of it");
        assert!(!is_balanced("Distant Star” and “The Kiss"));
        assert!(is_only_counted("Step 3") && is_only_counted("第 3") && !is_only_counted("7 Tips"));
    }

    #[test]
    fn a_long_subject_is_cut_between_words() {
        assert_eq!(shorten("short", 60), "short");
        assert_eq!(shorten("one two three four", 12), "one two…");
    }
}
