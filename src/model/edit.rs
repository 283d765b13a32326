//! A change of some lines of a file of words, as the preview asks for it.

use std::ops::Range;

/// What becomes of some lines of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineEdit {
    /// The file, relative to the project's folder, with `/`.
    pub file: String,
    /// The first line, from 1.
    pub first: usize,
    /// The last line.
    pub last: usize,
    /// What the lines said when somebody began to edit them.
    pub before: String,
    /// What they say now; may be more lines, or fewer.
    pub after: String,
}

/// Lines `first` to `last` of `text`, from 1, without the end of the last one.
///
/// Returns `None` when the text has fewer lines.
pub fn lines_of(text: &str, first: usize, last: usize) -> Option<&str> {
    Some(&text[span_of(text, first, last)?])
}

fn span_of(text: &str, first: usize, last: usize) -> Option<Range<usize>> {
    // A byte order mark is no part of the first line.
    let mut starts = vec![text.len() - text.trim_start_matches('\u{feff}').len()];
    starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
    if last < first || last > starts.len() {
        return None;
    }
    let start = *starts.get(first.checked_sub(1)?)?;
    let end = starts.get(last).copied().unwrap_or(text.len());
    Some(start..start + text[start..end].trim_end_matches(['\n', '\r']).len())
}

impl LineEdit {
    /// `text` with this change in it; everything else, ends of lines and a
    /// byte order mark included, is as it was.
    ///
    /// Returns `None` when the lines do not say any more what they said.
    pub fn apply(&self, text: &str) -> Option<String> {
        let span = span_of(text, self.first, self.last)?;
        let plain = |text: &str| text.replace("\r\n", "\n");
        if plain(&text[span.clone()]) != plain(&self.before) {
            return None;
        }
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let after = plain(self.after.trim_end()).replace('\n', end);
        Some([&text[..span.start], &after, &text[span.end..]].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, (first, last): (usize, usize), before: &str, after: &str, wanted: &str) {
        let (before, after) = (before.to_owned(), after.to_owned());
        let edit = LineEdit { file: "a.md".to_owned(), first, last, before, after };
        let whole = edit.apply(text);
        assert_eq!(whole.as_deref().unwrap_or("changed meanwhile"), wanted);
    }

    #[test]
    fn only_the_lines_change() {
        check("a\nb\nc\n", (2, 2), "b", "B", "a\nB\nc\n");
        check("a\nb\nc", (3, 3), "c", "d\ne\n", "a\nb\nd\ne");
        check("a\r\nb\r\nc\r\n", (1, 2), "a\nb", "x\ny\nz", "x\r\ny\r\nz\r\nc\r\n");
        check("\u{feff}a\nb", (2, 2), "b", "c", "\u{feff}a\nc");
        check("\u{feff}a\nb", (1, 1), "a", "c", "\u{feff}c\nb");
        check("é\nb\n", (1, 1), "é", "", "\nb\n");
    }

    #[test]
    fn lines_that_changed_meanwhile_are_left_alone() {
        check("a\nB\n", (2, 2), "b", "x", "changed meanwhile");
        check("a\n", (3, 3), "b", "x", "changed meanwhile");
        check("a\n", (0, 0), "", "x", "changed meanwhile");
        check("a\nb\n", (2, 1), "", "x", "changed meanwhile");
    }
}
