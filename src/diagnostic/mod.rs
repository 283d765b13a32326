//! Findings: what is wrong in a user's file, where, and what to do about it.
//!
//! Reading a project never stops at the first mistake: every room that reads
//! user files returns a value *and* [`Diagnostics`]. The words of each finding
//! stand in `words`, as one function each; what its code means at length in
//! `explain.md`; the forms in which findings are shown in `report`; what takes
//! warnings away again in `silence`.

mod explain;
mod report;
mod silence;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

pub use explain::{codes, explain};
pub use report::{Form, excerpt, report};
pub use words::is_slip;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The project cannot be used: nothing is applied, nothing is sent.
    Error,
    /// It works, and is probably not what was meant.
    Warning,
}

/// A stretch of one file, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, relative to the project's folder, with `/`.
    pub file: Arc<str>,
    /// The first byte and the one after the last.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Place {
    /// The bytes `span` of `file`.
    pub fn new(file: &Arc<str>, span: Range<usize>) -> Place {
        Place { file: file.clone(), start: span.start, end: span.end.max(span.start) }
    }

    /// The very beginning of `file`, for what is missing from it.
    pub fn top(file: &Arc<str>) -> Place {
        Place::new(file, 0..0)
    }

    /// A part of this place, `span` counted from its start.
    pub fn within(&self, span: Range<usize>) -> Place {
        Place::new(&self.file, self.start + span.start..self.start + span.end)
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable code: `E021`, `W101`.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// Where it stands.
    pub place: Place,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// All findings of one reading, with the texts they point into.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    findings: Vec<Finding>,
    sources: BTreeMap<Arc<str>, Arc<str>>,
}

impl Diagnostics {
    /// Most findings kept: a broken file of megabytes must not fill the memory.
    const FINDINGS_MAX: usize = 1_000;

    /// Remembers the text of a file, so that reports can show the line.
    pub fn add_source(&mut self, file: &Arc<str>, text: &Arc<str>) {
        self.sources.insert(file.clone(), text.clone());
    }

    /// Takes over the findings and sources of `other`.
    pub fn append(&mut self, other: Diagnostics) {
        self.sources.extend(other.sources);
        for finding in other.findings {
            self.push(finding);
        }
    }

    /// The findings for which `keep` holds, with the texts they point into.
    pub fn only(&self, keep: impl Fn(&Finding) -> bool) -> Diagnostics {
        let findings = self.findings.iter().filter(|finding| keep(finding)).cloned().collect();
        Diagnostics { findings, sources: self.sources.clone() }
    }

    /// Takes away the findings with one of `codes`: what they say does not hold
    /// where too little is known.
    pub fn hold_back(&mut self, codes: &[&str]) {
        self.findings.retain(|finding| !codes.contains(&finding.code));
    }

    /// Takes away what else is said about lines that cannot be read at all.
    pub fn hold_back_echoes(&mut self) {
        let line =
            |place: &Place| self.position(place).map(|[(line, _), _]| (place.file.clone(), line));
        let is_broken = |finding: &&Finding| finding.code == "E001";
        let broken: BTreeSet<_> =
            self.findings.iter().filter(is_broken).filter_map(|found| line(&found.place)).collect();
        let keep: Vec<bool> = self
            .findings
            .iter()
            .map(|found| {
                is_broken(&found) || line(&found.place).is_none_or(|at| !broken.contains(&at))
            })
            .collect();
        let mut keep = keep.into_iter();
        self.findings.retain(|_| keep.next().unwrap_or(true));
    }

    /// Whether the text of `file` is known.
    pub fn knows_source(&self, file: &str) -> bool {
        self.sources.contains_key(file)
    }

    /// The text of `file`, as it was read last.
    pub fn source(&self, file: &str) -> Option<&str> {
        self.sources.get(file).map(|text| &**text)
    }

    /// The codes of the findings, each once.
    pub fn codes(&self) -> BTreeSet<&'static str> {
        self.findings.iter().map(|finding| finding.code).collect()
    }

    /// The findings, by file and place.
    pub fn findings(&self) -> Vec<&Finding> {
        let mut sorted: Vec<&Finding> = self.findings.iter().collect();
        sorted.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));
        sorted
    }

    /// Whether there is an error: then nothing may be applied or sent.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Whether nothing was found at all.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// 1-based line and column (in characters) of a place's two ends.
    ///
    /// Returns `None` when the file's text is not known.
    pub fn position(&self, place: &Place) -> Option<[(usize, usize); 2]> {
        let text = self.sources.get(&place.file)?;
        Some([place.start, place.end].map(|offset| line_column(text, offset)))
    }

    fn push(&mut self, finding: Finding) {
        if self.findings.len() < Self::FINDINGS_MAX && !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn emit(&mut self, code: &'static str, place: Place, message: String, hint: impl Into<String>) {
        let severity = if code.starts_with('W') { Severity::Warning } else { Severity::Error };
        self.push(Finding { code, severity, place, message, hint: hint.into() });
    }
}

/// 1-based line and column of a byte offset; past the end counts as the end.
fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
