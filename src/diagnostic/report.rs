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
        let group = match diagnostics.sources.get(&finding.place.file) {
            Some(source) => snippet(title, source, finding).element(hint),
            None => Group::with_title(title)
                .element(annotate_snippets::Origin::path(&*finding.place.file))
                .element(hint),
        };
        text.push_str(&renderer.render(&[group]));
        text.push_str("\n\n");
    }
    text
}

fn snippet<'a>(
    title: annotate_snippets::Title<'a>,
    source: &'a str,
    finding: &'a Finding,
) -> Group<'a> {
    let start = finding.place.start.min(source.len());
    // An underline that runs over the line's end hides the place; keep to one line.
    let line_end = source[start..].find(['\n', '\r']).map_or(source.len(), |at| start + at);
    let end = finding.place.end.clamp(start, line_end);
    let annotation = AnnotationKind::Primary.span(start..end);
    let snippet = Snippet::source(source).path(&*finding.place.file).annotation(annotation);
    title.element(snippet)
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
    // Percent, CR and LF end a workflow command early unless they are escaped.
    let text = format!("{}. {}", finding.message, finding.hint)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    let kind = severity_name(finding.severity);
    let file = &finding.place.file;
    format!("::{kind} file={file},line={line},col={column},title={}::{text}\n", finding.code)
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
