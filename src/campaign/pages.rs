//! `templates/pages/` and `templates/words.toml` → the pages that subscribers
//! meet. What a project does not have is as in the founding one, file by file
//! and string by string, so that an own page never means to write them all.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use super::{
    mend::Mended,
    table::{Document, Text},
};
use crate::{
    diagnostic::Diagnostics,
    model::ProjectFiles,
    render::{EVERY_PAGE, Page, PageSources, PageWords, Pages, Passage},
};

/// The file of the words.
pub(super) const WORDS: &str = "templates/words.toml";
/// The folder of the pages.
pub(super) const FOLDER: &str = "templates/pages/";
/// The table of what the confirmation says beside its layout.
const CONFIRMATION: &str = "confirmation";

/// The founding project's files, by their paths.
const FOUNDING: [(&str, &str); 10] = [
    (WORDS, include_str!("../../templates/words.toml")),
    ("templates/pages/frame.hbs", include_str!("../../templates/pages/frame.hbs")),
    ("templates/pages/sign-up.hbs", include_str!("../../templates/pages/sign-up.hbs")),
    ("templates/pages/check-inbox.hbs", include_str!("../../templates/pages/check-inbox.hbs")),
    ("templates/pages/confirm.hbs", include_str!("../../templates/pages/confirm.hbs")),
    ("templates/pages/welcome.hbs", include_str!("../../templates/pages/welcome.hbs")),
    ("templates/pages/unsubscribe.hbs", include_str!("../../templates/pages/unsubscribe.hbs")),
    ("templates/pages/left.hbs", include_str!("../../templates/pages/left.hbs")),
    ("templates/pages/notice.hbs", include_str!("../../templates/pages/notice.hbs")),
    (STYLE, include_str!("../../templates/pages/style.css")),
];
/// The style sheet of the pages.
const STYLE: &str = "templates/pages/style.css";

/// What the files say about pages.
pub(super) struct Found {
    /// The pages; `None` when something is wrong with them.
    pub(super) pages: Option<Arc<Pages>>,
    /// Their style sheet.
    pub(super) style: Arc<str>,
    /// Subject and preheader of the confirmation.
    pub(super) confirmation: [Passage; 2],
}

/// Reads the pages; `text` gives the text of a file that is there and readable.
pub(super) fn read(
    files: &ProjectFiles,
    mut text: impl FnMut(&str) -> Option<Passage>,
    diagnostics: &mut Diagnostics,
) -> Found {
    let mut file = |path: &str| {
        let own = files.find(path).and_then(|_| text(path));
        own.unwrap_or_else(|| founding(path))
    };
    let words_file = file(WORDS);
    let frame = file("templates/pages/frame.hbs");
    let pages: BTreeMap<Page, Passage> =
        Page::ALL.map(|page| (page, file(&format!("{FOLDER}{}.hbs", page.name())))).into();
    let style = file(STYLE).text;
    let templates: Vec<&Passage> = pages.values().chain([&frame]).collect();
    let mut words = FOUNDING_WORDS.clone();
    // Known is what the founding words have, and what a template says.
    let known = |table: &str, key: &str| {
        let keys = words.tables.get(table).into_iter().flat_map(PageWords::keys);
        let used = format!("words.{key}");
        let is_used = templates.iter().any(|page| page.text.contains(&used));
        keys.map(String::as_str).chain(is_used.then_some(key)).map(str::to_owned).collect()
    };
    let own = Words::parse(&words_file, known, diagnostics);
    for (table, own_words) in own.tables {
        words.tables.entry(table).or_default().extend(own_words);
    }
    let mut confirmation = words.tables.remove(CONFIRMATION).unwrap_or_default();
    let mut header =
        |key| confirmation.remove(key).unwrap_or_else(|| Passage::empty(&words_file.file));
    let confirmation = [header("subject"), header("preheader")];
    let sources = PageSources {
        lang: own.lang.unwrap_or_else(|| "en".to_owned()),
        dir: own.dir.unwrap_or_else(|| "ltr".to_owned()),
        frame,
        pages,
        words: words.tables,
    };
    Found { pages: Pages::compile(&sources, diagnostics), style, confirmation }
}

fn founding(path: &str) -> Passage {
    let text = FOUNDING.iter().find(|(known, _)| *known == path).map_or("", |(_, text)| *text);
    Passage { file: path.into(), offset: 0, text: text.into() }
}

/// What the founding project's words say. They are long, and never change.
static FOUNDING_WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::parse(&founding(WORDS), |_, _| Vec::new(), &mut Diagnostics::default())
});

#[derive(Clone)]
struct Words {
    lang: Option<String>,
    dir: Option<String>,
    tables: BTreeMap<String, PageWords>,
}

impl Words {
    /// Reads `file`. A key of a table that is not among those that `known`
    /// gives for it is a finding.
    fn parse(
        file: &Passage,
        known: impl Fn(&str, &str) -> Vec<String>,
        diagnostics: &mut Diagnostics,
    ) -> Words {
        let source = Mended::of(&file.text);
        let document = Document::parse(&file.file, &source, diagnostics);
        let mut root = document.root();
        let lang = root.text("lang", diagnostics).filter(|lang| is_lang(lang, diagnostics));
        let dir = root.text("dir", diagnostics).filter(|dir| is_dir(dir, diagnostics));
        let mut tables = BTreeMap::new();
        let names = Page::ALL.map(Page::name);
        for name in names.into_iter().chain([EVERY_PAGE, CONFIRMATION]) {
            let Some(table) = root.table(name, diagnostics) else { continue };
            let mut words = PageWords::new();
            for (key, entry) in table.entries(diagnostics) {
                let key = key.as_str();
                let keys = known(name, key);
                if !keys.iter().any(|known| known == key) {
                    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                    diagnostics.unknown_key(entry.key.clone(), key, &keys);
                }
                if let Some(text) = entry.text(diagnostics) {
                    words.insert(key.to_owned(), passage(file, text));
                }
            }
            tables.insert(name.to_owned(), words);
        }
        root.finish(diagnostics);
        let text = |text: Option<Text>| text.map(|text| text.value);
        Words { lang: text(lang), dir: text(dir), tables }
    }
}

/// A value as a passage whose places are right where its text stands in the
/// file as it is read; with escapes, its expressions are found at its start.
fn passage(file: &Passage, text: Text) -> Passage {
    let quoted = file.text.get(text.place.start..text.place.end).unwrap_or_default();
    let offset = quoted.find(&text.value).unwrap_or(0);
    Passage { file: file.file.clone(), offset: text.place.start + offset, text: text.value.into() }
}

fn is_lang(text: &Text, diagnostics: &mut Diagnostics) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_lang = (2..=35).contains(&text.value.len()) && text.value.chars().all(fits);
    if !is_lang {
        let hint = "write a language tag like `en` or `pt-BR`";
        diagnostics.bad_value(text.place.clone(), &text.value, "a language", hint);
    }
    is_lang
}

fn is_dir(text: &Text, diagnostics: &mut Diagnostics) -> bool {
    let known = ["ltr", "rtl"];
    let is_dir = known.contains(&text.value.as_str());
    if !is_dir {
        diagnostics.not_one_of(text.place.clone(), &text.value, "a direction", &known);
    }
    is_dir
}
