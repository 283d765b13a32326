//! Bytes → an article: recognised, understood, cleaned of what is not its own.

use std::{error::Error, fmt};

use super::{
    Article, Block, BlockKind, Format, LeftOut, Origin, Reason, charset, chrome, form, keep::Keep,
    markdown, notes, page, paste, references, words,
};

/// The largest article that is read; the longest novels have less.
pub const ARTICLE_BYTES_MAX: usize = 5 * 1024 * 1024;

/// Lines of Markdown or of a paste; books have fewer.
const LINES_MAX: usize = 50_000;
/// Blocks and words of an article: a long novel has as many words.
pub(super) const BLOCKS_MAX: usize = 5_000;
const WORDS_MAX: usize = 200_000;

/// The stack for parsers, which nest as deep as what they read.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// What is known about an article besides its bytes.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The file's name.
    pub name: Option<String>,
    /// What a server said it is.
    pub content_type: Option<String>,
    /// Where it was fetched from.
    pub url: Option<String>,
    /// Words of pieces that are content, whatever they look like.
    pub keep: Vec<String>,
}

/// Why something is no article, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Refusal {}

/// Reads an article.
///
/// Returns [`Refusal`] when it is too large, nests too deep, is no text, or
/// holds nothing that could be sent.
pub fn read(bytes: &[u8], given: &Given) -> Result<Article, Refusal> {
    if bytes.len() > ARTICLE_BYTES_MAX {
        let size = bytes.len() / (1024 * 1024);
        return Err(Refusal(format!("the article has {size} MB; 5 MB are the most")));
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || read_here(bytes, given));
        let joined = thread.expect("the system has a thread to give").join();
        joined.unwrap_or_else(|_| {
            Err(Refusal("a parser broke down over this article; please report it".to_owned()))
        })
    })
}

fn read_here(bytes: &[u8], given: &Given) -> Result<Article, Refusal> {
    let text = charset::decode(bytes, given.content_type.as_deref());
    let zeros = text.chars().filter(|c| *c == '\0').count();
    if zeros > 0 {
        return Err(Refusal("this is not text: it has bytes of zero".to_owned()));
    }
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{c}'], "\n");
    let text = words::without_controls(&text);
    let format = form::recognise(&text, given.name.as_deref());
    let lines = text.bytes().filter(|c| *c == b'\n').count();
    if format != Format::Html && lines > LINES_MAX {
        return Err(Refusal(format!("the article has {lines} lines; {LINES_MAX} are the most")));
    }
    let keep = Keep::new(&given.keep);
    let mut article = match format {
        Format::Html => page::read(&text, given.url.as_deref(), &keep)?,
        Format::Markdown => of_markdown(&text)?,
        Format::Text => of_paste(&text, &keep),
    };
    article.origin.format = format;

    if article.origin.url.is_none() {
        article.origin.url.clone_from(&given.url);
    }
    let mut article = finish(article, &keep)?;
    if article.title.is_empty() {
        article.title = given.name.as_deref().map(title_of_file).unwrap_or_default();
    }
    Ok(article)
}

/// The words of a file's name, where nothing else is called by anything.
fn title_of_file(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let words: Vec<&str> = stem.split(['-', '_', ' ']).filter(|word| !word.is_empty()).collect();
    let title = words.join(" ");
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What Markdown says of itself, and its blocks.
fn of_markdown(text: &str) -> Result<Article, Refusal> {
    refuse_deep(text)?;
    let plain = notes::plain(text);
    let parsed = markdown::parse(&plain, &page::fragment);
    let front = |names: &[&str]| {
        let found = parsed
            .front
            .iter()
            .find(|(key, value)| names.contains(&key.as_str()) && !value.is_empty());
        found.map(|(_, value)| value.clone())
    };
    let title = front(&["title"]).unwrap_or_default();
    let origin = Origin {
        url: front(&["url", "canonical", "canonical_url", "permalink"])
            .filter(|url| markdown::is_address(url)),
        author: front(&["author", "authors"]),
        published: front(&["date", "published"]),
        language: front(&["lang", "language"]),
        ..Origin::default()
    };
    let (blocks, left_out, references) = (parsed.blocks, parsed.left_out, parsed.references);
    Ok(Article { title, origin, blocks, references, left_out, ..Article::default() })
}

fn of_paste(text: &str, keep: &Keep) -> Article {
    let pasted = paste::paste(text, keep);
    let mut parsed = markdown::parse(&pasted.markdown, &|_| String::new());
    for block in &mut parsed.blocks {
        block.line = pasted.lines.get(block.line - 1).copied().unwrap_or(1);
    }
    let said = |key: &str| {
        let found = pasted.header.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.clone())
    };
    let origin = Origin {
        author: said("author").or_else(|| said("by")),
        published: said("date").or_else(|| said("published")),
        url: said("url").or_else(|| said("source")).filter(|url| markdown::is_address(url)),
        ..Origin::default()
    };
    Article {
        title: said("title").or_else(|| said("subject")).unwrap_or(pasted.title),
        origin,
        blocks: parsed.blocks,
        references: parsed.references,
        left_out: pasted.left_out,
        ..Article::default()
    }
}

/// Nesting costs the parsers stack, and time that grows with its square.
pub(super) fn refuse_deep(text: &str) -> Result<(), Refusal> {
    match markdown::too_deep(text) {
        Some(line) => Err(Refusal(format!(
            "line {line} of the article nests deeper than {} quotes or lists, or has thousands of marks; no mail can show that",
            markdown::DEPTH_MAX
        ))),
        None => Ok(()),
    }
}

/// Books are no articles, and what follows takes time with the square of them.
pub(super) fn refuse_large(blocks: &[Block]) -> Result<(), Refusal> {
    let words: usize = blocks.iter().map(|block| words::count(&block.text)).sum();
    let blocks = blocks.len();
    if blocks > BLOCKS_MAX || words > WORDS_MAX {
        return Err(Refusal(format!(
            "this is more than an article: {blocks} paragraphs and {words} words; {BLOCKS_MAX} and {WORDS_MAX} are the most"
        )));
    }
    Ok(())
}

/// What is the same for every form: sources, title, chrome, language.
fn finish(mut article: Article, keep: &Keep) -> Result<Article, Refusal> {
    refuse_large(&article.blocks)?;
    take_title(&mut article);
    article.title = words::without_controls(&article.title);
    let notes = std::mem::take(&mut article.references);
    (article.references, article.references_title) = references::take(&mut article.blocks, notes);
    let before = article.blocks.clone();
    chrome::pass(&mut article);
    let kept = std::mem::take(&mut article.blocks);
    article.blocks = keep.put_back(before, kept, &mut article.left_out);
    let cited = |key| article.blocks.iter().any(|block| block.cites.contains(key));
    let uncited = article.references.iter().filter(|one| !cited(&one.key)).map(|one| LeftOut {
        reason: Reason::UncitedReference,
        text: format!("[{}] {}", one.key.0, one.markdown),
        line: one.line,
    });
    article.left_out.extend(uncited.collect::<Vec<_>>());
    article.left_out.sort_by_key(|one| one.line);
    if !article.blocks.iter().any(|block| {
        matches!(
            block.kind,
            BlockKind::Paragraph | BlockKind::List | BlockKind::Quote | BlockKind::Table
        )
    }) {
        return Err(Refusal(
            "there is no article in this: no paragraph that could be sent".to_owned(),
        ));
    }
    if article.origin.language.is_none() {
        let text: Vec<&str> =
            article.blocks.iter().map(|block| block.text.as_str()).take(200).collect();
        article.origin.language = language(&text.join(" "));
    }
    Ok(article)
}

/// The first heading is the title, when it says so or nobody else did.
fn take_title(article: &mut Article) {
    let first = article.blocks.iter().position(|block| block.kind == BlockKind::Heading(1));
    let Some(at) = first else { return };
    let text = article.blocks[at].text.clone();
    let is_alone =
        article.blocks.iter().filter(|block| block.kind == BlockKind::Heading(1)).count() == 1;
    let is_said = chrome::letters(&text) == chrome::letters(&article.title);
    if is_said || article.title.is_empty() && (at == 0 || is_alone) {
        article.blocks.remove(at);
        article.title = text;
    }
}

/// BCP 47 by the words; `None` when they are too few to tell.
fn language(text: &str) -> Option<String> {
    /// ISO 639-3, as the detector has it, where BCP 47 has a shorter one.
    const SHORTER: [(&str, &str); 27] = [
        ("eng", "en"),
        ("deu", "de"),
        ("fra", "fr"),
        ("spa", "es"),
        ("por", "pt"),
        ("ita", "it"),
        ("rus", "ru"),
        ("cmn", "zh"),
        ("jpn", "ja"),
        ("ara", "ar"),
        ("nld", "nl"),
        ("pol", "pl"),
        ("tur", "tr"),
        ("heb", "he"),
        ("pes", "fa"),
        ("ukr", "uk"),
        ("swe", "sv"),
        ("dan", "da"),
        ("nob", "nb"),
        ("fin", "fi"),
        ("ces", "cs"),
        ("hun", "hu"),
        ("ell", "el"),
        ("kor", "ko"),
        ("hin", "hi"),
        ("ron", "ro"),
        ("urd", "ur"),
    ];
    let info = whatlang::detect(text).filter(whatlang::Info::is_reliable)?;
    let code = info.lang().code();
    let shorter = SHORTER.iter().find(|(long, _)| *long == code);
    Some(shorter.map_or(code, |(_, short)| short).to_owned())
}
