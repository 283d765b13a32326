//! The forms in which findings are shown: for people, for programs, for GitHub.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, renderer::DecorStyle};
use serde_json::json;

use super::{Diagnostics, Finding, Severity};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text with the line and a caret, without colors.
    Plain,
    /// The same with colors.
    Colored,
    /// One JSON array.
    Json,
    /// Workflow commands that GitHub shows beside the line.
    GitHub,
}

/// All findings of `diagnostics` in one text, each ending in a newline.
pub fn report(diagnostics: &Diagnostics, form: Form) -> String {
    let findings = diagnostics.findings();
    match form {
        Form::Plain => people(diagnostics, &findings, &Renderer::plain()),
        Form::Colored => people(diagnostics, &findings, &Renderer::styled()),
        Form::Json => {
            let all: Vec<_> =
                findings.iter().map(|finding| as_json(diagnostics, finding)).collect();
            format!("{:#}\n", serde_json::Value::Array(all))
        }
        Form::GitHub => findings.iter().map(|finding| as_github(diagnostics, finding)).collect(),
    }
}

fn people(diagnostics: &Diagnostics, findings: &[&Finding], renderer: &Renderer) -> String {
    let renderer = renderer.clone().decor_style(DecorStyle::Ascii);
    let mut text = String::new();
    for finding in findings {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(&finding.message).id(finding.code);
        let hint = Level::HELP.with_name("hint").message(&finding.hint);
        let source = diagnostics.sources.get(&finding.place.file);
        let group = match source.filter(|_| !SECRET.contains(&finding.code)) {
            Some(source) => {
                Group::with_title(title).element(snippet(source, finding)).element(hint)
            }
            None => Group::with_title(title).element(origin(diagnostics, finding)).element(hint),
        };
        text.push_str(&renderer.render(&[group]));
        text.push_str("\n\n");
    }
    text
}

/// Findings whose line is never shown.
const SECRET: [&str; 1] = ["E035"];

fn origin<'a>(diagnostics: &Diagnostics, finding: &'a Finding) -> annotate_snippets::Origin<'a> {
    let origin = annotate_snippets::Origin::path(&*finding.place.file);
    match diagnostics.position(&finding.place) {
        Some([(line, column), _]) => origin.line(line).char_column(column),
        None => origin,
    }
}

/// The line of a finding with a caret under its place, and where it stands.
///
/// Returns `None` when the line is not known, or holds a secret.
pub fn excerpt(diagnostics: &Diagnostics, finding: &Finding) -> Option<String> {
    let source = diagnostics.sources.get(&finding.place.file)?;
    if SECRET.contains(&finding.code) {
        return None;
    }
    let group = Group::with_level(Level::NOTE).element(snippet(source, finding));
    Some(Renderer::plain().decor_style(DecorStyle::Ascii).render(&[group]))
}

fn snippet<'a>(
    source: &'a str,
    finding: &'a Finding,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    // A parser's place may lie inside of a character.
    let boundary =
        |at: usize| (0..=at.min(source.len())).rev().find(|at| source.is_char_boundary(*at));
    let start = boundary(finding.place.start).unwrap_or(0);
    // An underline that runs over the line's end hides the place; keep to one line.
    let line_end = source[start..].find(['\n', '\r']).map_or(source.len(), |at| start + at);
    let end = boundary(finding.place.end.clamp(start, line_end)).unwrap_or(start).max(start);
    let annotation = AnnotationKind::Primary.span(start..end);
    Snippet::source(source).path(&*finding.place.file).annotation(annotation)
}

fn as_json(diagnostics: &Diagnostics, finding: &Finding) -> serde_json::Value {
    let [start, end] = diagnostics.position(&finding.place).unwrap_or([(1, 1); 2]);
    json!({
        "code": finding.code,
        "severity": severity_name(finding.severity),
        "file": &*finding.place.file,
        "line": start.0,
        "column": start.1,
        "end_line": end.0,
        "end_column": end.1,
        "message": finding.message,
        "hint": finding.hint,
    })
}

fn as_github(diagnostics: &Diagnostics, finding: &Finding) -> String {
    let [(line, column), _] = diagnostics.position(&finding.place).unwrap_or([(1, 1); 2]);
    let text = escape(&format!("{}. {}", finding.message, finding.hint));
    let kind = severity_name(finding.severity);
    // A property ends at a comma or colon besides.
    let file = escape(&finding.place.file).replace(',', "%2C").replace(':', "%3A");
    format!("::{kind} file={file},line={line},col={column},title={}::{text}\n", finding.code)
}

/// Percent, CR and LF end a workflow command early unless they are escaped;
/// other control characters have no business in a log.
fn escape(text: &str) -> String {
    let escaped = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    escaped.chars().filter(|c| !c.is_control()).collect()
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
