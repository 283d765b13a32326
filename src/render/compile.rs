//! One version of one mail: files → templates, once.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Context, Failure, Layout, Passage, Vocabulary, Words,
    layout::BODY,
    markdown,
    mask::Masks,
    mjml,
    mustache::{self, Kind, Mustache},
    template::{Sources, Templates},
    text,
};
use crate::{diagnostic::Diagnostics, model::Rendered};

/// Subjects and preheaders beyond this are cut on phones.
const SUBJECT_SHOWN: usize = 60;
const PREHEADER_SHOWN: usize = 130;

/// One mail, ready to be filled for a recipient.
#[derive(Clone, Debug)]
pub struct Compiled {
    templates: Arc<Templates>,
}

impl Compiled {
    /// Fills the mail for one recipient.
    ///
    /// Returns [`Failure`] when a value is missing or the result is too large.
    pub fn render(&self, context: Context) -> Result<Rendered, Failure> {
        self.templates.render(context)
    }

    /// Only its subject.
    pub fn subject(&self, context: &Context) -> Result<String, Failure> {
        self.templates.subject(context)
    }
}

/// Compiles `words` in `layout`; every finding goes to `diagnostics`.
///
/// Returns `None` when one of them is an error.
pub fn compile(
    layout: &Layout,
    words: &Words,
    vocabulary: &Vocabulary,
    diagnostics: &mut Diagnostics,
) -> Option<Compiled> {
    let mut found = Diagnostics::default();
    let mut masks = Masks::avoiding(&[&layout.expanded, &words.body.text]);
    let body = lower(words, vocabulary, &mut masks, &mut found);
    let mut compiled = None;
    if !found.has_errors() {
        match assemble(layout, words, &body, vocabulary, &mut masks) {
            Ok(assembled) => compiled = Some(assembled),
            Err(Trouble::Mjml(what)) => found.refused_mjml(layout.passage.place(0..0), &what),
            Err(Trouble::Trial(what)) => found.failed_trial(words.body.place(0..0), &what),
        }
    }
    let is_good = !found.has_errors();
    diagnostics.append(found);
    compiled.filter(|_| is_good)
}

/// Checks `words` without a layout, where theirs cannot be used.
pub fn check(words: &Words, vocabulary: &Vocabulary, diagnostics: &mut Diagnostics) {
    let mut found = Diagnostics::default();
    lower(words, vocabulary, &mut Masks::avoiding(&[&words.body.text]), &mut found);
    diagnostics.append(found);
}

fn lower(
    words: &Words,
    vocabulary: &Vocabulary,
    masks: &mut Masks,
    found: &mut Diagnostics,
) -> String {
    let mustaches = check_words(words, vocabulary, found);
    markdown::lower(&words.body, &mustaches, vocabulary, masks, found)
}

fn check_words(words: &Words, vocabulary: &Vocabulary, found: &mut Diagnostics) -> Vec<Mustache> {
    mustache::check(&words.subject, vocabulary, found);
    mustache::check(&words.preheader, vocabulary, found);
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
    Trial(String),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        Trouble::Trial(failure.to_string())
    }
}

fn assemble(
    layout: &Layout,
    words: &Words,
    body: &str,
    vocabulary: &Vocabulary,
    masks: &mut Masks,
) -> Result<Compiled, Trouble> {
    let with_slot = layout.expanded.replace("\r\n", "\n");
    let masked: Vec<String> =
        with_slot.split(BODY).map(|part| hide_expressions(part, masks)).collect();
    let whole = masked.join(body);
    let html = mjml::to_html(&whole, masks).map_err(Trouble::Mjml)?;
    let sources = Sources {
        subject: &words.subject.text,
        preheader: &words.preheader.text,
        html: &masks.reveal(&html),
        text: &masks.reveal(&text::from_mjml(&whole, masks)),
    };
    let compiled = Compiled { templates: Arc::new(Templates::compile(&sources)?) };
    for trial in trials(vocabulary) {
        compiled.render(trial)?;
    }
    Ok(compiled)
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

/// Two contexts that reach both branches of what depends on them: everything
/// known, nothing known.
fn trials(vocabulary: &Vocabulary) -> Vec<Context> {
    let own = |next: Value, is_last: bool| {
        [
            ("site", json!({"name": "S", "address": "A", "base_url": "https://example.com"})),
            ("list", json!({"title": "L", "consent": "C"})),
            ("campaign", json!({"title": "C"})),
            ("step", json!({"number": 1, "count": 2})),
            ("next", next),
            ("last", json!(is_last)),
            ("first", json!(!is_last)),
            ("unsubscribe_url", json!("https://example.com/u")),
            ("confirm_url", json!("https://example.com/c")),
        ]
    };
    let fields = |value: &str| {
        let names = vocabulary.names().into_iter().filter(|name| !name.contains('.'));
        names.map(|name| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
    };
    let next = json!({"title": "T", "weekday": "Monday", "date": "1 April"});
    vec![
        Context::new(fields("x"), own(next, false)),
        Context::new(fields(""), own(Value::Null, true)),
    ]
}

/// An empty passage of `file`, for words that have no such header.
impl Passage {
    /// An empty text at the beginning of `file`.
    pub fn empty(file: &Arc<str>) -> Passage {
        Passage { file: file.clone(), offset: 0, text: "".into() }
    }
}
