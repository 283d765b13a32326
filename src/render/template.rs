//! Handlebars, strict: fills values, and nothing else.

use std::sync::OnceLock;

use handlebars::{
    Context as HandlebarsContext, Handlebars, Helper, HelperDef, RenderContext, RenderError,
    RenderErrorReason, ScopedJson,
};
use serde_json::{Value, json};

use crate::model::Rendered;

/// What a mail says about its person, its campaign and itself.
#[derive(Clone, Debug)]
pub struct Context(Value);

impl Context {
    /// A context with `fields` at the top level, and the tool's own values
    /// beside them. The tool's names win.
    pub fn new(
        fields: impl IntoIterator<Item = (String, String)>,
        own: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Context {
        let mut map: serde_json::Map<String, Value> =
            fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
        for (name, value) in own {
            map.insert(name.to_owned(), value);
        }
        // What `mask` puts in place of signs that Handlebars would read.
        for (name, sign) in [("left_brace", "{"), ("right_brace", "}"), ("backslash", "\\")] {
            map.insert(name.to_owned(), json!(sign));
        }
        Context(Value::Object(map))
    }

    pub(super) fn find(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned()
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        if let Value::Object(map) = &mut self.0 {
            map.insert(name.to_owned(), value);
        }
    }
}

/// A mail that could not be rendered, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

/// What a failure says about a variable that has no value.
const NOT_THERE: &str = "` is not there for everybody";

impl Failure {
    /// The variable that has no value, when that is why.
    pub(super) fn missing(&self) -> Option<&str> {
        self.0.strip_prefix('`')?.split_once(NOT_THERE).map(|(variable, _)| variable)
    }
}

/// The largest part that is rendered: far over what Gmail shows (102 kB).
const OUTPUT_BYTES_MAX: usize = 1024 * 1024;

/// The templates of one mail.
#[derive(Debug)]
pub(super) struct Templates {
    /// Escapes for HTML.
    markup: Handlebars<'static>,
    /// Escapes nothing: subject, preheader, text.
    plain: Handlebars<'static>,
    traced: Option<Traced>,
}

/// The HTML with marks, compiled when it is looked at for the first time: of
/// many mails one is.
#[derive(Debug)]
struct Traced {
    source: String,
    registry: OnceLock<Result<Handlebars<'static>, Failure>>,
}

impl Traced {
    fn new(source: String) -> Traced {
        Traced { source, registry: OnceLock::new() }
    }

    fn render(&self, context: &Context) -> Result<String, Failure> {
        let compiled = self.registry.get_or_init(|| {
            let mut markup = registry();
            let compiled = markup.register_template_string("html", &self.source);
            compiled.map_err(|error| Failure(error.reason().to_string())).map(|()| markup)
        });
        fill(compiled.as_ref().map_err(Clone::clone)?, "html", context)
    }
}

/// The sources of the templates.
pub(super) struct Sources<'a> {
    pub(super) subject: &'a str,
    pub(super) preheader: &'a str,
    pub(super) html: &'a str,
    /// The HTML with marks, where it is wanted.
    pub(super) traced: Option<&'a str>,
    pub(super) text: &'a str,
    /// The blocks of the words, and a sign for all that stands between them.
    pub(super) skeleton: &'a str,
}

impl Templates {
    /// Compiles the sources; returns Handlebars' words when it refuses one.
    pub(super) fn compile(sources: &Sources<'_>) -> Result<Templates, Failure> {
        let mut markup = registry();
        let mut plain = plain_registry();
        let register = |registry: &mut Handlebars<'static>, name: &str, source: &str| {
            registry
                .register_template_string(name, source)
                .map_err(|error| Failure(error.reason().to_string()))
        };
        register(&mut markup, "html", sources.html)?;
        register(&mut plain, "subject", sources.subject)?;
        register(&mut plain, "preheader", sources.preheader)?;
        register(&mut plain, "text", sources.text)?;
        register(&mut plain, "skeleton", sources.skeleton)?;
        let traced = sources.traced.map(|source| Traced::new(source.to_owned()));
        Ok(Templates { markup, plain, traced })
    }

    /// Fills the templates for one recipient.
    pub(super) fn render(&self, mut context: Context) -> Result<Rendered, Failure> {
        let (subject, preheader) = self.headers(&mut context)?;
        let html = fill(&self.markup, "html", &context)?;
        let text = fold_blank_lines(&fill(&self.plain, "text", &context)?);
        Ok(Rendered { subject, preheader, html, text })
    }

    /// Only the HTML, with marks where there are any.
    pub(super) fn render_traced(&self, mut context: Context) -> Result<String, Failure> {
        self.headers(&mut context)?;
        match &self.traced {
            Some(traced) => traced.render(&context),
            None => fill(&self.markup, "html", &context),
        }
    }

    /// Subject and preheader, which the rest may quote.
    fn headers(&self, context: &mut Context) -> Result<(String, String), Failure> {
        let subject = one_line(&fill(&self.plain, "subject", context)?);
        context.set("subject", json!(subject.clone()));
        let preheader = one_line(&fill(&self.plain, "preheader", context)?);
        context.set("preheader", json!(preheader.clone()));
        Ok((subject, preheader))
    }

    /// Whether its words are empty for one recipient.
    pub(super) fn says_nothing(&self, context: &Context) -> Result<bool, Failure> {
        Ok(fill(&self.plain, "skeleton", context)?.trim().is_empty())
    }

    /// Only the subject, for "Next: …".
    pub(super) fn subject(&self, context: &Context) -> Result<String, Failure> {
        Ok(one_line(&fill(&self.plain, "subject", context)?))
    }
}

/// Fills the template called `name`.
///
/// Returns [`Failure`] when a value is missing or the result is over 1 MB.
pub(super) fn fill(
    registry: &Handlebars<'_>,
    name: &str,
    context: &Context,
) -> Result<String, Failure> {
    let part = registry.render(name, &context.0).map_err(|error| {
        let reason = error.reason();
        // Its line is one of the compiled template, which nobody has seen.
        let what = if let RenderErrorReason::MissingVariable(Some(variable)) = reason {
            format!("`{variable}{NOT_THERE}")
        } else {
            reason.to_string()
        };
        Failure(format!("{what} (in the {name})"))
    })?;
    if part.len() > OUTPUT_BYTES_MAX {
        return Err(Failure(format!("the {name} is larger than 1 MB")));
    }
    Ok(part)
}

/// A registry that escapes for HTML.
pub(super) fn registry() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_helper("default", Box::new(DefaultHelper));
    registry.register_helper("url", Box::new(UrlHelper));
    registry
}

/// A registry that escapes nothing, for what is not HTML.
pub(super) fn plain_registry() -> Handlebars<'static> {
    let mut registry = registry();
    registry.register_escape_fn(handlebars::no_escape);
    registry
}

/// Header values have one line, whatever a field holds.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// At most one empty line between paragraphs: blocks that print nothing leave
/// their surroundings behind.
fn fold_blank_lines(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines() {
        blank = if line.trim().is_empty() { blank + 1 } else { 0 };
        if blank < 2 {
            folded.push_str(line.trim_end());
            folded.push('\n');
        }
    }
    folded
}

/// `{{default x "y"}}`: `x`, or `y` where it is unknown or empty.
///
/// By hand, because the macro refuses a missing value in strict mode before
/// the helper sees it.
struct DefaultHelper;

impl HelperDef for DefaultHelper {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc HandlebarsContext,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let wants = |index| RenderErrorReason::ParamNotFoundForIndex("default", index);
        let value = helper.param(0).ok_or_else(|| wants(0))?;
        let fallback = helper.param(1).ok_or_else(|| wants(1))?;
        let is_empty = value.is_value_missing()
            || value.value().is_null()
            || value.value().as_str().is_some_and(str::is_empty);
        let chosen = if is_empty { fallback } else { value };
        Ok(ScopedJson::Derived(chosen.value().clone()))
    }
}

/// `{{url x}}`: a whole http(s) address as it is, anything else as one piece
/// of an address. So `javascript:` never becomes a scheme.
struct UrlHelper;

impl HelperDef for UrlHelper {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc HandlebarsContext,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let value = helper.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("url", 0))?;
        let text = value.value().as_str().unwrap_or_default();
        let is_whole = text.starts_with("https://") || text.starts_with("http://");
        let extent = if is_whole { Extent::Whole } else { Extent::Piece };
        Ok(ScopedJson::Derived(json!(percent_encode(text, extent))))
    }
}

/// How much of an address a text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    Piece,
}

fn percent_encode(text: &str, extent: Extent) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        // RFC 3986 2.2, 2.3: unreserved always, reserved only in whole addresses.
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if unreserved || extent == Extent::Whole && b":/?#[]@!$&()*+,;=%".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a string takes everything");
        }
    }
    encoded
}
