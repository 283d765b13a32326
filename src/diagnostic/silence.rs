//! Warnings that an author wants to keep: `# allow W105: a yearly course` at the
//! end of a line or on the line above, `<!-- allow W105: … -->` in words and
//! layouts. A comment without effect is a warning itself, so that none outlives
//! what it was written for. Errors cannot be silenced.

use std::{ops::Range, sync::Arc};

use super::{Diagnostics, Finding, Place, Severity, explain, line_column};

/// The codes of what is found only when links are asked for.
const ABOUT_LINKS: &str = "W14";

/// A comment that allows a warning.
struct Silence {
    /// From `allow` to the end of the code.
    place: Place,
    code: String,
    has_reason: bool,
    /// The line it stands on.
    line: usize,
    /// The line it is about, when it has its own line to itself.
    below: Option<usize>,
}

impl Silence {
    fn covers(&self, finding: &Finding, line: usize) -> bool {
        let is_about_the_file = finding.place.start == 0 && finding.place.end == 0;
        finding.severity == Severity::Warning
            && finding.place.file == self.place.file
            && finding.code == self.code
            && (is_about_the_file || line == self.line || Some(line) == self.below)
    }
}

impl Diagnostics {
    /// Takes away the warnings that comments in the files allow, and adds one
    /// for each such comment that has no effect.
    pub fn silence(&mut self) {
        for silence in self.hush() {
            self.complain_about(silence);
        }
    }

    /// The same for what was found after the files were read: whether its
    /// comments have an effect was looked at then.
    pub fn silence_links(&mut self) {
        self.hush();
    }

    /// Takes away what is allowed; returns the comments that had no effect.
    fn hush(&mut self) -> Vec<Silence> {
        let silences: Vec<Silence> =
            self.sources.iter().flat_map(|(file, text)| silences(file, text)).collect();
        let is_good = |silence: &&Silence| silence.has_reason && silence.code.starts_with('W');
        let covered = |finding: &Finding| -> Vec<bool> {
            let line = self.position(&finding.place).map_or(1, |[(line, _), _]| line);
            let good = |silence: &Silence| is_good(&silence) && silence.covers(finding, line);
            silences.iter().map(good).collect()
        };
        let cover: Vec<Vec<bool>> = self.findings.iter().map(covered).collect();
        let mut index = 0;
        self.findings.retain(|_| {
            index += 1;
            !cover[index - 1].contains(&true)
        });
        let is_idle = |index: usize| !cover.iter().any(|covered| covered[index]);
        let silences = silences.into_iter().enumerate();
        silences.filter(|(index, _)| is_idle(*index)).map(|(_, silence)| silence).collect()
    }

    fn complain_about(&mut self, silence: Silence) {
        let Silence { place, code, .. } = silence;
        if code.starts_with('E') {
            let what = format!("`{code}` is an error, and errors cannot be silenced");
            self.idle_silence(place, what, "mend what it says, and remove this comment");
        } else if explain(&code).is_none() {
            let what = format!("there is no finding `{code}` to silence");
            self.idle_silence(place, what, "copy the code from the report");
        } else if !silence.has_reason {
            let what = "this comment gives no reason, so it silences nothing".to_owned();
            self.idle_silence(place, what, &format!("write `allow {code}: ` and why"));
        } else if !code.starts_with(ABOUT_LINKS) && !self.has_errors_in(&place.file) {
            // In a file with errors the warning may only be hidden.
            let what = format!("there is no `{code}` here to silence");
            self.idle_silence(place, what, "remove this comment");
        }
    }

    fn has_errors_in(&self, file: &Arc<str>) -> bool {
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        self.findings.iter().any(|finding| finding.place.file == *file && is_error(finding))
    }
}

fn silences(file: &Arc<str>, text: &str) -> Vec<Silence> {
    // Most files have none, and files are large.
    if !text.contains("allow") {
        return Vec::new();
    }
    let comments = match file.rsplit_once('.').map(|(_, extension)| extension) {
        Some("toml") => of_toml(text),
        Some("md") => of_header_block(text).into_iter().chain(of_markup(text)).collect(),
        Some("mjml" | "hbs") => of_markup(text),
        Some(_) | None => Vec::new(),
    };
    let mut silences: Vec<Silence> =
        comments.into_iter().filter_map(|comment| silence(file, text, comment)).collect();
    // Comments may stand above each other, over the line they are about.
    for index in (0..silences.len().saturating_sub(1)).rev() {
        let next = (silences[index + 1].line, silences[index + 1].below);
        if let (line, Some(below)) = next
            && silences[index].below == Some(line)
        {
            silences[index].below = Some(below);
        }
    }
    silences
}

/// What the comment in `span` (without its signs) allows.
fn silence(file: &Arc<str>, text: &str, comment: Comment) -> Option<Silence> {
    let content = &text[comment.inner.clone()];
    let start = comment.inner.start + (content.len() - content.trim_start().len());
    let rest = content.trim().strip_prefix("allow ")?;
    let code: String = rest.trim_start().chars().take(4).collect();
    let is_code = code.starts_with(['E', 'W'])
        && code.len() == 4
        && code[1..].bytes().all(|c| c.is_ascii_digit());
    if !is_code {
        return None;
    }
    let after = &rest.trim_start()[4..];
    let reason = after.trim_start().strip_prefix(':');
    let length = content.trim().len() - after.len();
    let (line, _) = line_column(text, comment.outer.start);
    let line_start = text[..comment.outer.start].rfind('\n').map_or(0, |at| at + 1);
    let line_end =
        text[comment.outer.end..].find('\n').map_or(text.len(), |at| comment.outer.end + at);
    let is_alone = text[line_start..comment.outer.start].trim().is_empty()
        && text[comment.outer.end..line_end].trim().is_empty();
    Some(Silence {
        place: Place::new(file, start..start + length),
        code,
        has_reason: reason.is_some_and(|reason| !reason.trim().is_empty()),
        line,
        below: is_alone.then_some(line + 1),
    })
}

/// A comment with and without its signs; it lies on one line.
struct Comment {
    outer: Range<usize>,
    inner: Range<usize>,
}

/// `# …`, outside of texts.
fn of_toml(text: &str) -> Vec<Comment> {
    let mut comments = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find(['#', '"', '\'']).map(|offset| at + offset) {
        let line_end = text[found..].find('\n').map_or(text.len(), |offset| found + offset);
        let rest = &text[found..];
        at = if rest.starts_with('#') {
            comments.push(Comment { outer: found..line_end, inner: found + 1..line_end });
            line_end
        } else if rest.starts_with("\"\"\"") || rest.starts_with("'''") {
            let end = text[found + 3..].find(&rest[..3]);
            end.map_or(text.len(), |offset| found + 3 + offset + 3)
        } else {
            end_of_text(text, found).min(line_end)
        };
    }
    comments
}

/// Past the text in quotes that begins at `start`.
fn end_of_text(text: &str, start: usize) -> usize {
    let quote = text.as_bytes()[start];
    let mut is_escaped = false;
    for (offset, c) in text.bytes().enumerate().skip(start + 1) {
        match c {
            b'\\' if quote == b'"' && !is_escaped => is_escaped = true,
            c if c == quote && !is_escaped => return offset + 1,
            b'\n' => return offset,
            _ => is_escaped = false,
        }
    }
    text.len()
}

/// Lines that begin with `#` between the first two `---`.
fn of_header_block(text: &str) -> Vec<Comment> {
    let mut comments = Vec::new();
    let mut at = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let end = at + line.trim_end().len();
        let is_fence = line.trim_end() == "---";
        if is_fence != (index == 0) {
            break;
        }
        if line.starts_with('#') {
            comments.push(Comment { outer: at..end, inner: at + 1..end });
        }
        at += line.len();
    }
    comments
}

/// `<!-- … -->`, on one line.
fn of_markup(text: &str) -> Vec<Comment> {
    let opened = text.match_indices("<!--").filter_map(|(start, open)| {
        let inner = start + open.len();
        let length = text[inner..].find("-->")?;
        let is_one_line = !text[inner..inner + length].contains('\n');
        let comment = Comment { outer: start..inner + length + 3, inner: inner..inner + length };
        is_one_line.then_some(comment)
    });
    // A file full of comments that never end must not take for ever.
    if text.contains("-->") { opened.collect() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, text: &str, expected: &[(&str, usize, Option<usize>)]) {
        let found = silences(&file.into(), text);
        let found: Vec<_> =
            found.iter().map(|found| (found.code.as_str(), found.line, found.below)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn comments_are_found_and_texts_are_not() {
        let toml =
            "a = \"# allow W101: x\" # allow W102: y\n# allow W103: z\nb = '# allow W104: x'\n";
        check("a.toml", toml, &[("W102", 1, None), ("W103", 2, Some(3))]);
        check(
            "a.toml",
            "a = \"\"\"\n# allow W101: x\n\"\"\"\n# allow W102: y",
            &[("W102", 4, Some(5))],
        );
        check("a.toml", "a = \"\\\" # allow W101: x\n# allow W102: y", &[("W102", 2, Some(3))]);
        check("a.toml", "# allow people in\n# allow W1: x\n", &[]);
        let words = "---\n# allow W102: x\nSubject: y\n---\n# allow W102: a title\n<!-- allow W101: z -->\n";
        check("a.md", words, &[("W102", 2, Some(3)), ("W101", 6, Some(7))]);
        check(
            "a.mjml",
            "<a> <!-- allow W101: z -->\n<!--\nallow W102: x\n-->",
            &[("W101", 1, None)],
        );
    }

    #[test]
    fn comments_above_each_other_are_about_the_line_below_them() {
        let text = "# allow W101: x\n# allow W102: y\na = 1\n";
        check("a.toml", text, &[("W101", 1, Some(3)), ("W102", 2, Some(3))]);
    }
}
