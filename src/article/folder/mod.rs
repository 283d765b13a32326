//! A series as the files of a campaign.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

mod again;
mod steps;

pub use again::{Change, Fate, MEMORY, Memory, Plan, plan};

use super::{Article, BlockKind, Format, Series, escape};
use crate::model::{Name, Status, hex};

/// What the files say that is not in the article.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The list whose people get the series.
    pub list: String,
    /// The layout of its mails.
    pub layout: String,
    /// Between two emails, as a campaign writes it.
    pub every: String,
    /// Whether it runs once it is applied.
    pub status: Status,
    /// The path from the folder to the schema of manifests, when there is one.
    pub schema: Option<String>,
}

/// A file that a split makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its name in the folder.
    pub name: String,
    /// What is in it.
    pub text: String,
    /// Of an email: its id.
    pub id: Option<String>,
    /// Of an email: the hashes of its blocks, by which it is known again.
    pub blocks: Vec<String>,
}

/// The manifest's name.
pub const MANIFEST: &str = "campaign.toml";
/// The canonical article's name.
pub const SOURCE: &str = "article.md";

/// A name for the campaign of an article with this title.
pub fn campaign_name(title: &str) -> Name {
    const MAX: usize = 50;
    let mut name = String::new();
    for word in slug::slugify(title).split('-').filter(|word| !word.is_empty()) {
        if name.len() + word.len() > MAX {
            break;
        }
        if !name.is_empty() {
            name.push('-');
        }
        name.push_str(word);
    }
    Name::parse(&name).unwrap_or_else(|| Name::trusted("article"))
}

/// The files of `series`: the article, the emails, and last the manifest.
pub fn files(article: &Article, series: &Series, setting: &Setting) -> Vec<Made> {
    let plain = |name: &str, text: String| Made {
        name: name.to_owned(),
        text,
        id: None,
        blocks: Vec::new(),
    };
    let mut made = vec![plain(SOURCE, canonical(article))];
    for (index, email) in series.emails.iter().enumerate() {
        let blocks = &article.blocks[email.blocks.clone()];
        made.push(Made {
            name: format!("{}-{}.md", index + 1, email.id),
            text: format!(
                "---\nSubject: {}\nPreheader: {}\n---\n\n{}",
                email.subject, email.preheader, email.body
            ),
            id: Some(email.id.clone()),
            blocks: blocks.iter().map(|block| hash(&block.text)).collect(),
        });
    }
    let ids: Vec<&str> = series.emails.iter().map(|email| email.id.as_str()).collect();
    made.push(plain(MANIFEST, manifest(&series.title, &ids, setting)));
    made
}

/// A manifest with these steps.
pub(super) fn manifest(title: &str, ids: &[&str], setting: &Setting) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let mut text = String::new();
    if let Some(schema) = &setting.schema {
        let _ = writeln!(text, "#:schema {schema}");
    }
    let _ = write!(
        text,
        "title  = {}\nstatus = {}                 # draft | active | paused | closed\nlayout = {}\nsource = {}\n\n\
         [enroll]\nwhen  = \"confirmed\"\nlist  = {}\nagain = \"never\"\n\n\
         [send]\nzone  = \"subscriber\"\nhours = \"08:00-20:00\"\nat    = \"08:30\"\nevery = {}\n",
        quoted(title),
        quoted(if setting.status == Status::Active { "active" } else { "draft" }),
        quoted(&setting.layout),
        quoted(SOURCE),
        quoted(&setting.list),
        quoted(&setting.every),
    );
    for (index, id) in ids.iter().enumerate() {
        let remark = if index == 0 { "      # leaves at once: they just confirmed" } else { "" };
        let _ = write!(text, "\n[[step]]\nid = {}{remark}\n", quoted(id));
    }
    text
}

/// The article in its canonical form, with where it is from.
pub fn canonical(article: &Article) -> String {
    let mut text = String::from("---\n");
    let mut say = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = writeln!(
                text,
                "{name}: {}",
                value.split_whitespace().collect::<Vec<_>>().join(" ")
            );
        }
    };
    let origin = &article.origin;
    say("Title", Some(&article.title));
    say("Source", origin.url.as_deref());
    say("Author", origin.author.as_deref());
    say("Published", origin.published.as_deref());
    say("Site", origin.site.as_deref());
    say("Language", origin.language.as_deref());
    say(
        "Read as",
        Some(match origin.format {
            Format::Html => "a web page",
            Format::Markdown => "Markdown",
            Format::Text => "pasted text",
        }),
    );
    text.push_str("---\n\n");
    if !article.title.is_empty() {
        let _ = write!(text, "# {}\n\n", escape::text(&article.title));
    }
    let mut before = None;
    for block in &article.blocks {
        if before == Some(BlockKind::List) && block.kind == BlockKind::List {
            text.push_str("<!-- -->\n\n");
        }
        before = Some(block.kind);
        text.push_str(&block.markdown);
        text.push_str("\n\n");
    }
    if !article.references.is_empty() {
        let _ = write!(text, "## {}\n\n", escape::text(super::series::sources_title(article)));
        for one in &article.references {
            let _ = write!(text, "[{}] {}\n\n", one.key.0, one.markdown);
        }
    }
    format!("{}\n", text.trim_end())
}

/// Sixteen hexadecimal signs that stand for a text.
pub(super) fn hash(text: &str) -> String {
    hash_bytes(text.as_bytes())
}

/// The same of any bytes.
pub(super) fn hash_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..8])
}
