//! What an article is once it has been read.

/// One article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Article {
    /// Its title, without the site's name. Empty when it has none.
    pub title: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The content, in the order of the source.
    pub blocks: Vec<Block>,
    /// The works that the article lists at its end, whether cited or not.
    pub references: Vec<Reference>,
    /// What the article calls that list; empty when nothing stands over it.
    pub references_title: String,
    /// What is in the source and not in `blocks`, in the order of the source.
    pub left_out: Vec<LeftOut>,
}

/// Where an article comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// What it was recognised as.
    pub format: Format,
    /// The canonical address.
    pub url: Option<String>,
    /// Who wrote it, as the page says.
    pub author: Option<String>,
    /// When it was published, as the page says.
    pub published: Option<String>,
    /// The name of the site.
    pub site: Option<String>,
    /// BCP 47; declared by the source, else recognised from the words.
    pub language: Option<String>,
}

/// The form an article came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A web page.
    Html,
    /// Markdown.
    Markdown,
    /// Text without marks, pasted from a page or written.
    #[default]
    Text,
}

/// A piece of the article that is never cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its canonical Markdown, without a newline at the end. Read again, it is
    /// the same block.
    pub markdown: String,
    /// Its words without any marks: for counting, naming and comparing.
    pub text: String,
    /// What stands between it and the block before.
    pub gap: Gap,
    /// Its first line in the source, from 1.
    pub line: usize,
    /// The references that it cites, in order, each once.
    pub cites: Vec<ReferenceKey>,
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// A heading, 1 to 6.
    Heading(u8),
    /// A paragraph.
    Paragraph,
    /// A whole list.
    List,
    /// A whole quotation.
    Quote,
    /// An image that stands alone, with its caption.
    Image,
    /// A block of code.
    Code,
    /// A whole table.
    Table,
}

impl BlockKind {
    /// The level of a heading.
    pub fn level(self) -> Option<u8> {
        match self {
            BlockKind::Heading(level) => Some(level),
            BlockKind::Paragraph
            | BlockKind::List
            | BlockKind::Quote
            | BlockKind::Image
            | BlockKind::Code
            | BlockKind::Table => None,
        }
    }
}

/// What separates two blocks, when the author separated them by more than usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// Nothing unusual.
    #[default]
    None,
    /// Empty lines or paragraphs beyond what the form needs, this many.
    Space(u8),
    /// A rule (`<hr>`, `***`).
    Rule,
}

/// What a citation calls its work: `2` of `[2]`, `note` of `[^note]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReferenceKey(pub String);

/// A work in the article's list of sources, or a footnote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What citations call it.
    pub key: ReferenceKey,
    /// The work, in Markdown, verbatim.
    pub markdown: String,
    /// Its first line in the source, from 1.
    pub line: usize,
}

/// A piece of the source that is no content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Why.
    pub reason: Reason,
    /// Its words.
    pub text: String,
    /// Its first line in the source, from 1.
    pub line: usize,
}

/// Why a piece of the source is no content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The page's own: navigation, sharing, cookies, the shop's guarantees.
    Chrome,
    /// What the page says about its texts: commissions, corrections, that it is
    /// no advice. The law may want some of it.
    Notice,
    /// What follows the article: related posts, comments, the author's box.
    BackMatter,
    /// A caption whose image did not come along.
    CaptionWithoutImage,
    /// A quotation of a sentence that the article has anyway.
    PullQuote,
    /// A list of headings that the article has anyway.
    Contents,
    /// A reference that nothing cites.
    UncitedReference,
    /// Nothing that mail can carry: a video, a form, a script.
    NotForMail,
}
