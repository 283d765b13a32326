//! One version of one mail: files → templates, once.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Context, Essentials, Failure, Layout, Passage, Vocabulary, Words,
    branches::{self, Case, Open},
    clients::{self, Used},
    layout::BODY,
    lint::{self, Letter},
    markdown::{self, Lowered},
    markup,
    mask::Masks,
    mjml,
    mustache::{self, Kind, Mustache},
    nesting,
    template::{self, Templates},
    text,
    trace::{self, Lines, Traced, Tracing},
};
use crate::{
    diagnostic::{Diagnostics, Finding, Place},
    model::Rendered,
};

/// Subjects and preheaders beyond this are cut on phones.
const SUBJECT_SHOWN: usize = 60;
const PREHEADER_SHOWN: usize = 130;

/// One mail, ready to be filled for a recipient.
#[derive(Clone, Debug)]
pub struct Compiled {
    templates: Arc<Templates>,
    /// Of a mail that is traced, the files by their number.
    files: Arc<[Arc<str>]>,
    /// Where subject and preheader stand; an empty place is none.
    headers: [Place; 2],
    /// What its letters are looked at for.
    sources: Arc<Sources>,
    findings: Vec<Finding>,
    features: Vec<Used>,
}

/// What a mail is made of, for findings about its letters.
#[derive(Debug)]
struct Sources {
    words: Words,
    /// The template of the text.
    text: String,
    /// Bytes of HTML in the largest trial.
    bytes: usize,
}

impl Compiled {
    /// Fills the mail for one recipient.
    ///
    /// Returns [`Failure`] when a value is missing or the result is too large.
    pub fn render(&self, context: Context) -> Result<Rendered, Failure> {
        self.templates.render(context)
    }

    /// The HTML with marks that say where its pieces came from; without any
    /// when the project was read for sending.
    ///
    /// Returns [`Failure`] as [`Compiled::render`] does.
    pub fn render_traced(&self, context: Context) -> Result<Traced, Failure> {
        let html = self.templates.render_traced(context)?;
        Ok(Traced { html, files: self.files.clone() })
    }

    /// Where the subject stands, and the preheader; `None` where there is none.
    pub fn header_places(&self) -> [Option<Place>; 2] {
        self.headers.clone().map(|place| Some(place).filter(|place| place.start < place.end))
    }

    /// Only its subject.
    pub fn subject(&self, context: &Context) -> Result<String, Failure> {
        self.templates.subject(context)
    }

    /// Looks through the letters that the author's samples would get; what is
    /// wrong goes to `diagnostics`.
    pub fn check_letters(&mut self, letters: &[Letter], diagnostics: &mut Diagnostics) {
        let Sources { words, text, bytes } = &*self.sources;
        let mut found = Diagnostics::default();
        lint::check_letters(words, text, *bytes, letters, &mut found);
        self.findings.extend(found.findings().into_iter().cloned());
        diagnostics.append(found);
    }

    /// What the checks of this mail found, [`super::CHECKS`] has all of them.
    /// What a comment in a file allows is still here.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What the author uses of HTML and CSS in this mail and its layout.
    pub fn features(&self) -> &[Used] {
        &self.features
    }
}

/// Compiles `words` in `layout`; every finding goes to `diagnostics`.
///
/// Returns `None` when one of them keeps it from being a mail. Errors in what
/// the finished mail looks like do not: it can be shown, and is never sent.
pub fn compile(
    layout: &Layout,
    words: &Words,
    vocabulary: &Vocabulary,
    diagnostics: &mut Diagnostics,
) -> Option<Compiled> {
    let mut found = Diagnostics::default();
    let mut masks = Masks::avoiding(&[&layout.expanded, &words.body.text]);
    let tracing = if layout.traced.is_some() { Tracing::On } else { Tracing::Off };
    let body = lower(words, vocabulary, tracing, &mut masks, &mut found);
    let mut compiled = None;
    if !found.has_errors() {
        match assemble(layout, words, &body.mjml, vocabulary, &mut masks) {
            Ok(assembled) => compiled = Some(assembled),
            Err(trouble) => complain(trouble, layout, words, &mut found),
        }
    }
    let compiled = compiled.map(|Assembled { mut compiled, html, text, is_silent }| {
        let mail = lint::Mail {
            layout,
            words,
            marks: &body.marks,
            vocabulary,
            html: &html,
            text: &text,
            masks: &masks,
        };
        lint::check(&mail, &mut found);
        compiled.features = clients::of_mail(&layout.used, &body.marks);
        clients::check(&compiled.features, &mut found);
        match body.mjml.trim() {
            "" if is_silent => found.no_words(words.subject.place(0..words.subject.text.len())),
            _ if is_silent => found.nothing_said(words.body.beginning()),
            _ => {}
        }
        compiled.findings = found.findings().into_iter().cloned().collect();
        compiled
    });
    diagnostics.append(found);
    compiled
}

fn complain(trouble: Trouble, layout: &Layout, words: &Words, found: &mut Diagnostics) {
    match trouble {
        Trouble::Mjml(what) => found.refused_mjml(layout.passage.place(0..0), &what),
        Trouble::Essential(variable) => {
            found.lacks_essential_for_some(place_of(variable, &[&layout.passage]), variable);
        }
        Trouble::Cut => {
            found.cut_in_half(first_block(&[&layout.passage, &words.body]));
        }
        Trouble::Trial(failure) => {
            let passages = [&words.subject, &words.preheader, &words.body, &layout.passage];
            let place = match failure.missing() {
                Some(variable) => place_of(variable, &passages),
                None => words.body.place(0..0),
            };
            found.failed_trial(place, &failure.to_string());
        }
    }
}

/// Checks `words` without a layout, where theirs cannot be used.
pub fn check(words: &Words, vocabulary: &Vocabulary, diagnostics: &mut Diagnostics) {
    let mut found = Diagnostics::default();
    lower(words, vocabulary, Tracing::Off, &mut Masks::avoiding(&[&words.body.text]), &mut found);
    diagnostics.append(found);
}

fn lower(
    words: &Words,
    vocabulary: &Vocabulary,
    tracing: Tracing,
    masks: &mut Masks,
    found: &mut Diagnostics,
) -> Lowered {
    let mustaches = check_words(words, vocabulary, found);
    let before = words.lines_before_body;
    let lines = (tracing == Tracing::On).then(|| Lines::of(&words.body.text, &mustaches, before));
    markdown::lower(&words.body, (mustaches, lines), vocabulary, masks, found)
}

fn check_words(words: &Words, vocabulary: &Vocabulary, found: &mut Diagnostics) -> Vec<Mustache> {
    // A header cannot quote itself, nor one that is made after it.
    mustache::check(&words.subject, &vocabulary.without(&["subject", "preheader"]), found);
    mustache::check(&words.preheader, &vocabulary.without(&["preheader"]), found);
    let shown = [
        (&words.subject, "subject", SUBJECT_SHOWN),
        (&words.preheader, "preheader", PREHEADER_SHOWN),
    ];
    for (passage, what, limit) in shown {
        let count = passage.text.chars().count();
        if count > limit {
            found.long_line(passage.place(0..passage.text.len()), what, count, limit);
        }
    }
    let mustaches = mustache::check(&words.body, vocabulary, found);
    for mustache in mustaches.iter().filter(|mustache| mustache.kind == Kind::Partial) {
        let hint = "put it into the layout; the words hold only words";
        let place = words.body.place(mustache.span.clone());
        found.refused_expression(place, "a partial cannot stand in the words", hint);
    }
    mustaches
}

/// Why templates could not be made, in the words of whoever refused.
enum Trouble {
    Mjml(String),
    Trial(Failure),
    /// In some case an element is not closed.
    Cut,
    /// What every mail must say is not said in some case.
    Essential(&'static str),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        Trouble::Trial(failure)
    }
}

/// Where `variable` is said first in one of `passages`; else the beginning of
/// the last one.
fn place_of(variable: &str, passages: &[&Passage]) -> Place {
    let said = passages.iter().find_map(|passage| {
        let (mustaches, _) = mustache::scan(&passage.text);
        let found = mustaches.iter().find(|mustache| {
            mustache.kind == Kind::Value && mustache.words.iter().any(|(_, word)| word == variable)
        });
        found.map(|mustache| passage.place(mustache.span.clone()))
    });
    let last = passages.last().expect("there is a passage");
    said.unwrap_or_else(|| last.place(0..0))
}

/// The first block of `passages`; else the beginning of the first one.
fn first_block(passages: &[&Passage]) -> Place {
    let found = passages.iter().find_map(|passage| {
        let (mustaches, _) = mustache::scan(&passage.text);
        let block = mustaches.into_iter().find(|mustache| mustache.kind == Kind::Open)?;
        Some(passage.place(block.span))
    });
    found.unwrap_or_else(|| passages.first().expect("there is a passage").place(0..0))
}

fn assemble(
    layout: &Layout,
    words: &Words,
    body: &str,
    vocabulary: &Vocabulary,
    masks: &mut Masks,
) -> Result<Assembled, Trouble> {
    let with_slot = layout.expanded.replace("\r\n", "\n");
    let masked: Vec<String> =
        with_slot.split(BODY).map(|part| hide_expressions(part, masks)).collect();
    let whole = masked.join(body);
    let with_marks = mjml::to_html(&whole, masks).map_err(Trouble::Mjml)?;
    let masked_text = text::from_mjml(&whole, masks);
    let (subject, preheader) = (plain(&words.subject, masks), plain(&words.preheader, masks));
    let (masked_html, traced) = match layout.traced {
        Some(_) => (trace::strip(&with_marks), Some(masks.reveal(&with_marks))),
        None => (with_marks, None),
    };
    let (html, text) = (masks.reveal(&masked_html), masks.reveal(&masked_text));
    let skeleton = nesting::skeleton(body, masks);
    let sources = template::Sources {
        subject: &subject,
        preheader: &preheader,
        html: &html,
        traced: traced.as_deref(),
        text: &text,
        skeleton: &skeleton,
    };
    let templates = Templates::compile(&sources)?;
    let (mut bytes, mut is_silent) = (0, false);
    let names = vocabulary.names().into_iter().filter(|name| may_be_missing(name));
    let open = Open { names: &names.map(str::to_owned).collect() };
    let mut was_whole = None;
    for case in branches::cases(&[&html, &text, &subject, &preheader], &open) {
        let trial = context(&case);
        is_silent |= templates.says_nothing(&trial)?;
        let rendered = templates.render(trial)?;
        bytes = bytes.max(rendered.html.len());
        // The first case has everything. What is whole there and not here was
        // cut by a block.
        let is_whole = markup::is_whole(&rendered.html);
        if *was_whole.get_or_insert(is_whole) && !is_whole {
            return Err(Trouble::Cut);
        }
        for (variable, sign) in
            [("site.address", ADDRESS), ("unsubscribe_url", UNSUBSCRIBE), ("confirm_url", CONFIRM)]
        {
            let is_said = rendered.html.contains(sign) && rendered.text.contains(sign);
            if layout.essentials.requires(variable) && !is_said {
                return Err(Trouble::Essential(variable));
            }
        }
    }
    // The words of a confirmation are its layout's.
    is_silent &= layout.essentials == Essentials::Subscribed;
    let sources = Arc::new(Sources { words: words.clone(), text, bytes });
    let mut files = layout.traced.clone().unwrap_or_default();
    if let Some(first) = files.get_mut(trace::WORDS) {
        first.clone_from(&words.body.file);
    }
    let compiled = Compiled {
        templates: Arc::new(templates),
        files: files.into(),
        headers: [&words.subject, &words.preheader]
            .map(|passage| passage.place(0..passage.text.len())),
        sources,
        findings: Vec::new(),
        features: Vec::new(),
    };
    Ok(Assembled { compiled, html: masked_html, text: masked_text, is_silent })
}

/// A mail, and what is looked at in it.
struct Assembled {
    compiled: Compiled,
    /// The HTML and the text, expressions still hidden.
    html: String,
    text: String,
    /// Whether the words say nothing in some case.
    is_silent: bool,
}

/// A header's template.
fn plain(passage: &Passage, masks: &mut Masks) -> String {
    let hidden = hide_expressions(&passage.text, masks);
    masks.reveal(&hidden)
}

fn hide_expressions(text: &str, masks: &mut Masks) -> String {
    let (mustaches, _) = mustache::scan(text);
    let mut hidden = String::with_capacity(text.len());
    let mut from = 0;
    for mustache in mustaches {
        hidden.push_str(&text[from..mustache.span.start]);
        hidden.push_str(&masks.hide(&text[mustache.span.clone()]));
        from = mustache.span.end;
    }
    hidden.push_str(&text[from..]);
    hidden
}

/// What the trials say, to be found again in what they render.
const ADDRESS: &str = "trial-address";
const UNSUBSCRIBE: &str = "https://example.com/trial-unsubscribe";
const CONFIRM: &str = "https://example.com/trial-confirm";

/// Whether `name` is there for some people and not for others: a field, `next`,
/// `first`. (`last` is the opposite of `next`.)
fn may_be_missing(name: &str) -> bool {
    const ALWAYS: [&str; 5] = ["subject", "preheader", "unsubscribe_url", "confirm_url", "last"];
    !name.contains('.') && !ALWAYS.contains(&name)
}

/// What a mail is filled with in `case`.
fn context(case: &Case) -> Context {
    let is_there = |name: &str| case.get(name).copied().unwrap_or(false);
    let next = json!({"title": "T", "weekday": "Monday", "date": "1 April"});
    let next = if is_there("next") { next } else { Value::Null };
    let fields = case.iter().map(|(name, is_there)| {
        (name.clone(), if *is_there { "x".to_owned() } else { String::new() })
    });
    let own = [
        ("site", json!({"name": "S", "address": ADDRESS, "base_url": "https://example.com"})),
        ("list", json!({"title": "L", "consent": "C"})),
        ("campaign", json!({"title": "C"})),
        ("issue", json!({"date": "1 December 2026"})),
        ("step", json!({"number": 1, "count": 2})),
        ("last", json!(next.is_null())),
        ("next", next),
        ("first", json!(is_there("first"))),
        ("unsubscribe_url", json!(UNSUBSCRIBE)),
        ("confirm_url", json!(CONFIRM)),
    ];
    Context::new(fields, own)
}

/// An empty passage of `file`, for words that have no such header.
impl Passage {
    /// An empty text at the beginning of `file`.
    pub fn empty(file: &Arc<str>) -> Passage {
        Passage { file: file.clone(), offset: 0, text: "".into() }
    }
}
