//! Marks that say from which lines of which file a piece of a mail came.
//!
//! Only the preview asks for them: it shows the line of what is clicked. HTML
//! of ours gets an attribute, a component of MJML a class, since mrml carries
//! both through. What is sent never had any.

use std::{ops::RangeInclusive, sync::Arc};

use super::{markup::Token, mustache::Mustache};

/// Whether a mail remembers where its pieces came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tracing {
    /// As for sending.
    #[default]
    Off,
    /// As for the preview.
    On,
}

/// A mail's HTML with marks in it.
#[derive(Clone, Debug)]
pub struct Traced {
    /// The HTML; elements say `data-at="FILE-FIRST-LAST"`, or have a class
    /// `fascicle-at-FILE-FIRST-LAST`: lines of the file, from 1.
    pub html: String,
    /// The files, by their number in a mark.
    pub files: Arc<[Arc<str>]>,
}

/// The number of the file of words.
pub(super) const WORDS: usize = 0;

const ATTRIBUTE: &str = " data-at=\"";
const CLASS: &str = "fascicle-at-";

/// Components that show something by themselves.
const SHOWN: [&str; 7] =
    ["mj-text", "mj-button", "mj-image", "mj-table", "mj-divider", "mj-social", "mj-navbar"];

/// The attribute of an element of HTML.
pub(super) fn attribute(file: usize, lines: &RangeInclusive<usize>) -> String {
    format!("{ATTRIBUTE}{file}-{}-{}\"", lines.start(), lines.end())
}

/// The class of a component of MJML.
pub(super) fn class(file: usize, lines: &RangeInclusive<usize>) -> String {
    format!("{CLASS}{file}-{}-{}", lines.start(), lines.end())
}

/// What marks the components of `text`, a layout or partial with this number:
/// where something goes in, and what.
pub(super) fn insertions(text: &str, tokens: &[Token], file: usize) -> Vec<(usize, String)> {
    let mut insertions = Vec::new();
    for token in tokens {
        let Token::Open { span, name, attributes, .. } = token else { continue };
        if !SHOWN.contains(&name.as_str()) {
            continue;
        }
        let line = text[..span.start].matches('\n').count() + 1;
        let class = class(file, &(line..=line));
        let own = attributes.iter().find(|(name, _)| &text[name.clone()] == "css-class");
        insertions.push(match own {
            Some((_, value)) => (value.end, format!(" {class}")),
            None => (span.start + 1 + name.len(), format!(" css-class=\"{class}\"")),
        });
    }
    insertions
}

/// `html` as it is without marks.
pub(super) fn strip(html: &str) -> String {
    let alone = format!(" class=\"{CLASS}");
    let among = format!(" {CLASS}");
    let mut bare = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find([' ']) {
        bare.push_str(&rest[..at]);
        rest = &rest[at..];
        let mark = [ATTRIBUTE, &alone, &among].into_iter().find_map(|start| {
            let after = rest.strip_prefix(start)?;
            let end = after.find(|c: char| !c.is_ascii_digit() && c != '-')?;
            let quote = usize::from(start != among);
            Some(&after[end + quote..])
        });
        rest = mark.unwrap_or_else(|| {
            bare.push(' ');
            &rest[1..]
        });
    }
    bare.push_str(rest);
    bare
}

/// Which line of a file a line of its masked words is.
///
/// An expression may go over several lines; its mask has one.
#[derive(Debug)]
pub(super) struct Lines {
    /// Lines of the file before the words.
    before: usize,
    /// Masked lines at whose end lines are missing, and how many.
    missing: Vec<(usize, usize)>,
}

impl Lines {
    /// The lines of `words`, which begin after `before` lines of their file.
    pub(super) fn of(words: &str, mustaches: &[Mustache], before: usize) -> Lines {
        let mut missing = Vec::new();
        let mut lost = 0;
        for mustache in mustaches {
            let inside = words[mustache.span.clone()].matches('\n').count();
            if inside > 0 {
                let line = words[..mustache.span.start].matches('\n').count() + 1 - lost;
                missing.push((line, inside));
                lost += inside;
            }
        }
        Lines { before, missing }
    }

    /// The lines of the file that masked lines `first` to `last` are.
    pub(super) fn lines(&self, first: usize, last: usize) -> RangeInclusive<usize> {
        let missing_before = |line: usize| -> usize {
            self.missing.iter().filter(|(at, _)| *at < line).map(|(_, count)| count).sum()
        };
        let start = self.before + first + missing_before(first);
        start..=start.max(self.before + last + missing_before(last + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::mustache;

    #[test]
    fn marks_go_without_a_trace() {
        let html = "<td class=\"p fascicle-at-0-3-4\" align=left><p style=\"\" data-at=\"0-3-4\">a  b\
                    <img class=\"fascicle-at-2-1-1\" alt=\" \"> data-at</p>";
        let bare = "<td class=\"p\" align=left><p style=\"\">a  b<img alt=\" \"> data-at</p>";
        assert_eq!(strip(html), bare);
        assert_eq!(strip(bare), bare);
    }

    #[test]
    fn lines_are_counted_through_long_expressions() {
        let words = "a\n{{default\n  name\n  \"x\"}} b\nc\n{{x}}\n";
        let (mustaches, _) = mustache::scan(words);
        let lines = Lines::of(words, &mustaches, 4);
        assert_eq!(lines.lines(1, 1), 5..=5);
        assert_eq!(lines.lines(2, 2), 6..=8);
        assert_eq!(lines.lines(3, 4), 9..=10);
    }
}
