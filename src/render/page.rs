//! The pages that subscribers meet: a frame, a file for each page, and words.
//!
//! Plain HTML with Handlebars, compiled once a version as the mails are. A
//! string of the words is filled first and stands in the page as a value: what
//! a title or a person says is escaped once and never read as a template.

use std::{collections::BTreeMap, sync::Arc};

use handlebars::Handlebars;
use serde_json::{Value, json};

use super::{
    Context, Failure, Passage, Vocabulary,
    mustache::{self, Kind},
    template::{fill, plain_registry, registry},
};
use crate::diagnostic::Diagnostics;

/// Where the content of a page goes in the frame.
const SLOT: &str = "{{> content}}";

/// A page that subscribers meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Page {
    /// The form to sign up.
    SignUp,
    /// After the form was sent.
    CheckInbox,
    /// The button that confirms.
    Confirm,
    /// After it was pressed.
    Welcome,
    /// The button that leaves.
    Unsubscribe,
    /// After it was pressed.
    Left,
    /// Anything in the way.
    Notice,
}

impl Page {
    /// All pages, in the order in which one meets them.
    pub const ALL: [Page; 7] = [
        Page::SignUp,
        Page::CheckInbox,
        Page::Confirm,
        Page::Welcome,
        Page::Unsubscribe,
        Page::Left,
        Page::Notice,
    ];

    /// The name of its file and of its table of words.
    pub fn name(self) -> &'static str {
        match self {
            Page::SignUp => "sign-up",
            Page::CheckInbox => "check-inbox",
            Page::Confirm => "confirm",
            Page::Welcome => "welcome",
            Page::Unsubscribe => "unsubscribe",
            Page::Left => "left",
            Page::Notice => "notice",
        }
    }

    /// Its own variables.
    pub(super) fn variables(self) -> &'static [&'static str] {
        match self {
            Page::SignUp => &[
                "list.title",
                "list.consent",
                "form_url",
                "email",
                "problem",
                "remark",
                "fields",
                "zones",
                "stamp",
                "from",
                "script_url",
                "this.name",
                "this.label",
                "this.value",
                "this.max",
                "this.area",
                "this.zones",
                "this.chosen",
            ],
            Page::Confirm => &[
                "list.title",
                "list.consent",
                "form_url",
                "fields",
                "zones",
                "script_url",
                "this.name",
                "this.label",
                "this.value",
                "this.max",
                "this.area",
                "this.zones",
                "this.chosen",
            ],
            Page::CheckInbox | Page::Welcome => &["list.title"],
            Page::Unsubscribe => &["list.title", "form_url"],
            Page::Left => &["list.title", "join_url"],
            Page::Notice => &["heading", "text", "join_url"],
        }
    }

    /// What it must say, and why.
    fn required(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Page::SignUp => &[
                ("form_url", "without it nobody can sign up"),
                ("stamp", "without it every form is taken for a program's"),
                ("list.consent", "people must see what they agree to"),
                ("problem", "people must see what is wrong with their address"),
            ],
            Page::Confirm => &[
                ("form_url", "without it nobody can confirm"),
                ("list.consent", "people must see what they agree to"),
            ],
            Page::Unsubscribe => &[("form_url", "without it nobody can leave")],
            Page::CheckInbox | Page::Welcome | Page::Left | Page::Notice => &[],
        }
    }
}

/// The words of one table of `words.toml`, by their keys.
pub type PageWords = BTreeMap<String, Passage>;

/// The table of what stands in the frame.
pub const EVERY_PAGE: &str = "every-page";

/// What pages are made of.
#[derive(Clone, Debug)]
pub struct PageSources {
    /// The language of the words (BCP 47).
    pub lang: String,
    /// `ltr` or `rtl`.
    pub dir: String,
    /// The frame.
    pub frame: Passage,
    /// Each page.
    pub pages: BTreeMap<Page, Passage>,
    /// The words, by table.
    pub words: BTreeMap<String, PageWords>,
}

/// The pages of a project, ready to be filled.
#[derive(Debug)]
pub struct Pages {
    lang: String,
    dir: String,
    markup: Handlebars<'static>,
    plain: Handlebars<'static>,
    /// The keys of each table.
    keys: BTreeMap<String, Vec<String>>,
}

impl Pages {
    /// Checks and compiles `sources`; every finding goes to `diagnostics`.
    ///
    /// Returns `None` when one of them is an error.
    pub fn compile(sources: &PageSources, diagnostics: &mut Diagnostics) -> Option<Arc<Pages>> {
        let mut found = Diagnostics::default();
        check(sources, &mut found);
        let mut compiled = None;
        if !found.has_errors() {
            match assemble(sources) {
                Ok(pages) => compiled = Some(Arc::new(pages)),
                Err((passage, failure)) => {
                    found.failed_trial(passage.place(0..0), &failure.to_string());
                }
            }
        }
        let is_good = !found.has_errors();
        diagnostics.append(found);
        compiled.filter(|_| is_good)
    }

    /// Fills `page` with `own` values beside those that every page has.
    ///
    /// Returns [`Failure`] when a value is missing or the result is too large.
    pub fn render(
        &self,
        page: Page,
        own: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Result<String, Failure> {
        let mut context = Context::new([], own);
        context.set("lang", json!(self.lang));
        context.set("dir", json!(self.dir));
        let mut words = serde_json::Map::new();
        for table in [EVERY_PAGE, page.name()] {
            for key in self.keys.get(table).into_iter().flatten() {
                let said = fill(&self.plain, &format!("{table}.{key}"), &context)?;
                words.insert(key.clone(), json!(said));
            }
        }
        // A trouble is its own title: it is what a screen reader says first.
        let title = context.find("heading").or_else(|| words.get("title").cloned());
        context.set("title", title.unwrap_or_else(|| json!("")));
        context.set("words", Value::Object(words));
        fill(&self.markup, page.name(), &context)
    }

    /// One string of the words of `page`, filled; empty when there is none.
    pub fn say(
        &self,
        page: Page,
        key: &str,
        own: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> String {
        let name = format!("{}.{key}", page.name());
        fill(&self.plain, &name, &Context::new([], own)).unwrap_or_default()
    }
}

fn check(sources: &PageSources, found: &mut Diagnostics) {
    for (table, words) in &sources.words {
        let vocabulary = Vocabulary::of_page_words(known_to(table));
        for passage in words.values() {
            mustache::check(passage, &vocabulary, found);
        }
    }
    if !sources.frame.text.contains(SLOT) {
        found.page_lacks(
            sources.frame.place(0..0),
            "> content",
            "it is where each page has its place",
        );
    }
    let keys = |table: &str| {
        sources.words.get(table).into_iter().flat_map(BTreeMap::keys).map(String::as_str)
    };
    let frame = Vocabulary::of_page(&[], keys(EVERY_PAGE));
    for mustache in mustache::check(&sources.frame, &frame, found) {
        let is_slot = &sources.frame.text[mustache.span.clone()] == SLOT;
        if mustache.kind == Kind::Partial && !is_slot {
            refuse_partial(&sources.frame, mustache.span, found);
        }
    }
    for (page, passage) in &sources.pages {
        let own = keys(EVERY_PAGE).chain(keys(page.name()));
        let vocabulary = Vocabulary::of_page(page.variables(), own);
        let mustaches = mustache::check(passage, &vocabulary, found);
        for mustache in mustaches.iter().filter(|mustache| mustache.kind == Kind::Partial) {
            refuse_partial(passage, mustache.span.clone(), found);
        }
        for (variable, why) in page.required() {
            let is_said = mustaches
                .iter()
                .any(|mustache| mustache.words.iter().any(|(_, word)| word == variable));
            if !is_said {
                found.page_lacks(passage.place(0..0), variable, why);
            }
        }
    }
}

fn refuse_partial(passage: &Passage, span: std::ops::Range<usize>, found: &mut Diagnostics) {
    let hint = "write it out; only the frame has a place for something else, `{{> content}}`";
    found.refused_expression(passage.place(span), "a page has no partials", hint);
}

/// What the words of `table` may say: a list where one is known.
fn known_to(table: &str) -> &'static [&'static str] {
    if table == EVERY_PAGE || table == Page::Notice.name() {
        &["site.name"]
    } else {
        &["site.name", "list.title"]
    }
}

fn assemble(sources: &PageSources) -> Result<Pages, (Passage, Failure)> {
    let mut pages = Pages {
        lang: sources.lang.clone(),
        dir: sources.dir.clone(),
        markup: registry(),
        plain: plain_registry(),
        keys: BTreeMap::new(),
    };
    let register =
        |registry: &mut Handlebars<'static>, name: &str, (passage, text): (&Passage, &str)| {
            registry
                .register_template_string(name, text)
                .map_err(|error| (passage.clone(), Failure(error.reason().to_string())))
        };
    for (table, words) in &sources.words {
        for (key, passage) in words {
            let name = format!("{table}.{key}");
            register(&mut pages.plain, &name, (passage, &passage.text))?;
        }
        pages.keys.insert(table.clone(), words.keys().cloned().collect());
    }
    for (page, passage) in &sources.pages {
        let whole = sources.frame.text.replace(SLOT, &passage.text);
        register(&mut pages.markup, page.name(), (passage, &whole))?;
    }
    for (page, passage) in &sources.pages {
        for text in ["x", ""] {
            let tried = pages.render(*page, trial(*page, text));
            tried.map_err(|failure| (passage.clone(), failure))?;
        }
    }
    Ok(pages)
}

/// Values for every variable of `page`, each `text`.
fn trial(page: Page, text: &str) -> Vec<(&'static str, Value)> {
    let site = json!({"name": "S", "address": "A", "base_url": "https://example.com"});
    let mut own = vec![
        ("site", site),
        ("list", json!({"title": "L", "consent": "C"})),
        ("style_url", json!("/x.css")),
    ];
    for name in page.variables().iter().filter(|name| !name.contains('.')) {
        let value = match *name {
            "fields" => json!([{"name": "n", "label": "L", "value": text, "max": 10}]),
            "zones" => {
                let zone = json!({"name": "n", "label": "L", "chosen": text == "x"});
                json!([{"area": "A", "zones": [zone]}])
            }
            _ => json!(text),
        };
        own.push((name, value));
    }
    own
}
