//! An article → a series of emails: cut, named, with its sources.

mod atoms;
mod boundaries;
mod claims;
mod cohesion;
mod cut;
mod naming;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{
    Article, Block, BlockKind, LeftOut, Reason, ReferenceKey,
    escape::{self, Stretch},
    images::with_files,
    markdown, references, words,
};
pub use claims::Claim;
use naming::{Named, Namer};

/// What the author wishes.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// How many emails; as many as the article has themes, if not said.
    pub into: Option<usize>,
    /// What the article calls its images, and the files in the campaign's
    /// folder that they were saved as.
    pub images: BTreeMap<String, String>,
}

/// The emails of an article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// The campaign's title.
    pub title: String,
    /// In the order of the article.
    pub emails: Vec<Email>,
    /// What cannot be sent, in the order of the article.
    pub left_out: Vec<LeftOut>,
    /// What the author should look at.
    pub remarks: Vec<Remark>,
}

/// One email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// Its id in the campaign.
    pub id: String,
    /// Its subject: words of the article.
    pub subject: String,
    /// What an inbox shows after it.
    pub preheader: String,
    /// Its words, in the campaign language.
    pub body: String,
    /// Which blocks of the article it is.
    pub blocks: std::ops::Range<usize>,
    /// How many words it has.
    pub words: usize,
    /// How long it takes to read, in seconds.
    pub seconds: usize,
}

/// Something for the author to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The line of the source, from 1.
    pub line: usize,
    /// A sentence, without its full stop.
    pub what: String,
}

/// Words that people read in a minute (Brysbaert 2019); code and tables take
/// twice as long.
const WORDS_A_MINUTE: usize = 238;
/// Fewer words are one email, and not much of a series.
const SERIES_WORDS_MIN: usize = 250;
/// An email that takes longer is seldom read to its end.
const LONG_SECONDS: usize = 5 * 60;

/// Makes a series of `article`.
pub fn series(article: &Article, wishes: &Wishes) -> Series {
    let mut series = Series {
        title: if article.title.is_empty() { "Untitled".to_owned() } else { article.title.clone() },
        left_out: article.left_out.clone(),
        ..Series::default()
    };
    let ranges = cut::cut(article, wishes.into);
    let mut namer = Namer::new(article, ranges.len());
    for (index, range) in ranges.into_iter().enumerate() {
        let called = namer.name(range.clone(), index + 1);
        let email = email(article, (range, called), wishes, &mut series.left_out);
        series.emails.push(email);
    }
    look(article, &mut series);
    series.left_out.sort_by_key(|one| one.line);
    series.remarks.sort_by(|a, b| (a.line, &a.what).cmp(&(b.line, &b.what)));
    series
}

fn email(
    article: &Article,
    (range, named): (std::ops::Range<usize>, Named),
    wishes: &Wishes,
    left_out: &mut Vec<LeftOut>,
) -> Email {
    let mut body = String::new();
    let mut before: Option<BlockKind> = None;
    let mut cites: Vec<&ReferenceKey> = Vec::new();
    let files: BTreeSet<&str> = wishes.images.values().map(String::as_str).collect();
    let blocks = &article.blocks[range.clone()];
    let highest = blocks.iter().filter_map(|block| block.kind.level()).min();
    let is_only = blocks.iter().filter(|block| block.kind.level() == highest).count() == 1;
    // The subject says it, and stands over the mail; among others of its kind a
    // heading parts the words all the same.
    let is_title = |index: usize, block: &Block| {
        let is_bare = is_only && !words::ends_sentence(&block.text);
        named.from == Some(index) && (index == range.start || is_bare)
    };
    let written_blocks =
        || (range.start..).zip(blocks).filter(|(index, block)| !is_title(*index, block));
    let mut heights = Heights::of(written_blocks().map(|(_, block)| block));
    for (_, block) in written_blocks() {
        let shown =
            Block { markdown: with_files(&block.markdown, &wishes.images), ..block.clone() };
        let depth = block.kind.level().map_or(0, |level| heights.next(level));
        let Some(text) = written(&shown, depth, &files) else {
            left_out.push(LeftOut {
                reason: Reason::NotForMail,
                text: block.markdown.clone(),
                line: block.line,
            });
            continue;
        };
        if before == Some(BlockKind::List) && block.kind == BlockKind::List {
            body.push_str("<!-- -->\n\n");
        }
        before = Some(block.kind);
        body.push_str(&text);
        body.push_str("\n\n");
        cites.extend(block.cites.iter());
    }
    let sources: Vec<String> = article
        .references
        .iter()
        .filter(|one| cites.contains(&&one.key))
        .map(|one| format!("[{}] {}", one.key.0, shown(&one.markdown, &files)))
        .collect();
    if !sources.is_empty() {
        let title = safe(sources_title(article));
        let _ = write!(body, ":::small\n**{title}**\n\n{}\n:::\n\n", sources.join("\n\n"));
    }
    let blocks = &article.blocks[range.clone()];
    Email {
        id: named.id,
        subject: named.subject,
        preheader: named.preheader,
        body: format!("{}\n", body.trim_end()),
        words: blocks.iter().map(|block| words::count(&block.text)).sum(),
        seconds: blocks.iter().map(seconds).sum(),
        blocks: range,
    }
}

/// What stands over the sources of an email: what the article says, else the
/// word of its language.
pub(super) fn sources_title(article: &Article) -> &str {
    if !article.references_title.is_empty() {
        return &article.references_title;
    }
    let language = article.origin.language.as_deref().unwrap_or("en");
    match language.split(['-', '_']).next().unwrap_or_default() {
        "de" => "Quellen",
        "fr" => "Références",
        "es" => "Fuentes",
        "pt" => "Fontes",
        "it" => "Note",
        "pl" => "Źródła",
        "ru" => "Источники",
        "zh" | "ja" => "参考文献",
        "ar" => "المصادر",
        _ => "Sources",
    }
}

fn seconds(block: &Block) -> usize {
    let slow = matches!(block.kind, BlockKind::Code | BlockKind::Table);
    let words = words::count(&block.text) * if slow { 2 } else { 1 };
    words * 60 / WORDS_A_MINUTE
}

/// How high the headings of one email are: the subject is its title, so its
/// highest are `##`, and none is two steps below the one before.
struct Heights {
    levels: BTreeSet<u8>,
    before: usize,
}

impl Heights {
    fn of<'a>(blocks: impl Iterator<Item = &'a Block>) -> Heights {
        let levels = blocks.filter_map(|block| block.kind.level()).collect();
        Heights { levels, before: 1 }
    }

    fn next(&mut self, level: u8) -> usize {
        let above = self.levels.iter().filter(|other| **other < level).count();
        self.before = (above + 2).min(self.before + 1).min(6);
        self.before
    }
}

/// A block in the campaign language; `None` for what no mail can show. `files`
/// are the images that go with it.
fn written(block: &Block, depth: usize, files: &BTreeSet<&str>) -> Option<String> {
    let shown = |text: &str| shown(text, files);
    match block.kind {
        BlockKind::Heading(_) => {
            let words = block.markdown.trim_start_matches('#').trim();
            let words = words.trim_end_matches([':', '：']);
            Some(format!("{} {}", "#".repeat(depth), shown(words)))
        }
        BlockKind::Code => Some(escape::braces(&block.markdown, PARTED)),
        BlockKind::Image => image(&block.markdown, files).map(|image| safe(&image)),
        BlockKind::Paragraph | BlockKind::List | BlockKind::Quote | BlockKind::Table => {
            Some(shown(&block.markdown))
        }
    }
}

/// What parts two braces in code, where no backslash can: nothing that is seen.
const PARTED: &str = "\u{200b}";

/// What templates would read as theirs, written so that they do not.
fn safe(text: &str) -> String {
    let parts = escape::stretches(text).into_iter().map(|part| match part {
        Stretch::Prose(prose) => escape::braces(prose, "\\"),
        Stretch::Code(code) => escape::braces(code, PARTED),
    });
    let text: String = parts.collect();
    let mut fence = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let bare = line.trim_start_matches(|c: char| {
            matches!(c, ' ' | '>' | '-' | '*' | '+' | '.' | ')') || c.is_ascii_digit()
        });
        let ticks = bare.bytes().take_while(|c| *c == b'`').count();
        if ticks >= 3 && (fence == 0 || fence == ticks) {
            fence = if fence == 0 { ticks } else { 0 };
        }
        if fence == 0 && bare.starts_with(":::") {
            format!("{}\\{bare}", &line[..line.len() - bare.len()])
        } else {
            line.to_owned()
        }
    });
    lines.collect()
}

/// Words in the campaign language, with the images that a mail can show.
fn shown(text: &str, files: &BTreeSet<&str>) -> String {
    safe(&escape::in_prose(text, &|prose| without_lost_images(prose, files)))
}

/// Whether a mail can show the image at `address`.
fn is_shown(address: &str, files: &BTreeSet<&str>) -> bool {
    markdown::is_address(address) || files.contains(address)
}

/// An image that everybody can load, on a line of its own.
fn image(markdown: &str, files: &BTreeSet<&str>) -> Option<String> {
    let from = markdown.find("![")?;
    let close = markdown[from..].find("](")? + from + 2;
    let end = markdown[close..].find([')', ' ']).map(|end| close + end)?;
    is_shown(&markdown[close..end], files).then(|| format!("{})", &markdown[from..end]))
}

/// Images inside of a paragraph that nobody can load become their words.
fn without_lost_images(text: &str, files: &BTreeSet<&str>) -> String {
    let mut clean = String::new();
    let mut rest = text;
    while let Some(from) = rest.find("![") {
        let Some(middle) = rest[from..].find("](").map(|at| from + at) else { break };
        let Some(end) = rest[middle..].find([')', ' ']).map(|at| middle + at) else { break };
        let Some(close) = rest[end..].find(')').map(|at| end + at + 1) else { break };
        clean.push_str(&rest[..from]);
        if is_shown(&rest[middle + 2..end], files) {
            clean.push_str(&rest[from..close]);
        } else {
            clean.push_str(&rest[from + 2..middle]);
        }
        rest = &rest[close..];
    }
    clean.push_str(rest);
    clean
}

/// Looks for what an author should see before anybody else does.
fn look(article: &Article, series: &mut Series) {
    let mut say = |line: usize, what: String| series.remarks.push(Remark { line, what });
    let total: usize = series.emails.iter().map(|email| email.words).sum();
    if total < SERIES_WORDS_MIN {
        say(1, format!("the article has {total} words: one mail is enough for it"));
    }
    for email in &series.emails {
        if email.seconds > LONG_SECONDS {
            let line = article.blocks[email.blocks.start].line;
            say(line, format!("`{}` takes {} minutes to read", email.id, email.seconds / 60));
        }
    }
    for block in &article.blocks {
        for (claim, words) in claims::claims(&block.text) {
            say(block.line, format!("“{words}” is {}", Claim::words(claim)));
        }
        if let Some(words) = claims::elsewhere(&block.text) {
            say(block.line, format!("“{words}” points to a place that the email may not have"));
        }
        if escape::stretches(&block.markdown)
            .iter()
            .any(|part| matches!(part, Stretch::Code(code) if code.contains("{{")))
        {
            say(block.line, "this code has `{{`, which templates read: it is written with an invisible sign between".to_owned());
        }
        if block.kind != BlockKind::Code {
            for key in references::cited(&block.text) {
                let is_list = !article.references.is_empty();
                if is_list && !article.references.iter().any(|one| one.key == key) {
                    say(block.line, format!("[{}] is cited, and not among the sources", key.0));
                }
            }
        }
    }
}
