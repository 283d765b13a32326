//! A series as the files of a campaign.

use sha2::{Digest as _, Sha256};

use super::{Article, BlockKind, Format, Series};
use crate::model::{Name, hex};

/// What the files say that is not in the article.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The list whose people get the series.
    pub list: String,
    /// The layout of its mails.
    pub layout: String,
    /// Between two emails, as a campaign writes it.
    pub every: String,
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
        text.push_str(&format!("#:schema {schema}\n"));
    }
    text.push_str(&format!(
        "title  = {}\nstatus = \"draft\"                 # draft | active | paused | closed\nlayout = {}\nsource = {}\n\n\
         [enroll]\nwhen  = \"confirmed\"\nlist  = {}\nagain = \"never\"\n\n\
         [send]\nzone  = \"subscriber\"\nhours = \"08:00-20:00\"\nat    = \"08:30\"\nevery = {}\n",
        quoted(title),
        quoted(&setting.layout),
        quoted(SOURCE),
        quoted(&setting.list),
        quoted(&setting.every),
    ));
    for (index, id) in ids.iter().enumerate() {
        let remark = if index == 0 { "      # leaves at once: they just confirmed" } else { "" };
        text.push_str(&format!("\n[[step]]\nid = {}{remark}\n", quoted(id)));
    }
    text
}

/// The article in its canonical form, with where it is from.
pub fn canonical(article: &Article) -> String {
    let mut text = String::from("---\n");
    let mut say = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            text.push_str(&format!(
                "{name}: {}\n",
                value.split_whitespace().collect::<Vec<_>>().join(" ")
            ));
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
        text.push_str(&format!("# {}\n\n", escaped(&article.title)));
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
        text.push_str("## Sources\n\n");
        for one in &article.references {
            text.push_str(&format!("[{}] {}\n\n", one.key.0, one.markdown));
        }
    }
    format!("{}\n", text.trim_end())
}

/// A title that Markdown reads as the same words.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '`' | '<' | '[' | ']' | '~') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Sixteen hexadecimal signs that stand for a text.
pub(super) fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..8])
}
