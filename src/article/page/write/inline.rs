//! What stands in a line: emphasis, links, citations.

use std::fmt::Write as _;

use dom_query::NodeRef;

use super::{BREAK, Writer, address::absolute, names::holds_block, push_folded};

impl Writer<'_> {
    pub(super) fn inline(&mut self, node: &NodeRef<'_>, name: &str) {
        match name {
            "strong" | "b" => self.marked(node, "**"),
            "em" | "i" | "cite" | "dfn" | "var" => self.marked(node, "*"),
            "del" | "s" | "strike" => self.marked(node, "~~"),
            "code" | "kbd" | "samp" | "tt" => {
                let code = node.text().replace(BREAK, "");
                let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
                if !code.is_empty() {
                    // Longer than every run of backticks in it.
                    let runs = code.split(|c| c != '`').map(str::len);
                    let fence = "`".repeat(runs.max().unwrap_or(0) + 1);
                    // And none before it makes it longer.
                    if self.line.ends_with('`') {
                        self.line.push(' ');
                    }
                    let pad = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
                    let _ = write!(self.line, "{fence}{pad}{code}{pad}{fence}");
                }
            }
            "a" => self.link(node),
            "sup" => self.superscript(node),
            "q" => {
                self.line.push('“');
                self.children(node);
                self.line.push('”');
            }
            "font" | "big" if is_large(node) => self.marked(node, "**"),
            _ => self.children(node),
        }
    }

    /// Emphasis stands at the words, not at the spaces around them.
    fn marked(&mut self, node: &NodeRef<'_>, mark: &str) {
        if holds_block(node) {
            return self.children(node);
        }
        let mut inner = self.inner();
        inner.children(node);
        let line = inner.line;
        let words = line.trim_matches([' ', BREAK]);
        if words.is_empty()
            || self.line.ends_with(mark)
            || words.contains(mark)
            || words.contains(BREAK)
        {
            push_folded(&mut self.line, &line);
            return;
        }
        if line.starts_with(' ') {
            push_folded(&mut self.line, " ");
        }
        // Marks between letters would not be read as such.
        let is_glued = self.line.ends_with(char::is_alphanumeric);
        let next = node.next_sibling().filter(NodeRef::is_text).map(|next| next.text());
        let glues = next.is_some_and(|next| next.starts_with(char::is_alphanumeric))
            && !line.ends_with(' ');
        let opens_odd = is_glued && !words.starts_with(char::is_alphanumeric);
        let closes_odd = glues && !words.ends_with(char::is_alphanumeric);
        if opens_odd || closes_odd || (mark != "**" && (is_glued || glues)) {
            self.line.push_str(words);
        } else {
            let _ = write!(self.line, "{mark}{words}{mark}");
        }
        if line.ends_with(' ') {
            push_folded(&mut self.line, " ");
        }
    }

    fn link(&mut self, node: &NodeRef<'_>) {
        let href = node.attr("href").unwrap_or_default();
        let bare = node.text();
        let text = bare.trim();
        // Handles at headings, and jumps back from notes.
        if matches!(
            text,
            "¶" | "#" | "§" | "↩" | "↩︎" | "^" | "[source]" | "[edit]" | "edit" | "🔗" | "[back]"
        ) {
            return;
        }
        if is_citation(node, text) {
            let _ = write!(self.line, "[{}]", text.trim_matches(['[', ']']));
            return;
        }
        if holds_block(node) {
            self.flush();
            self.children(node);
            self.flush();
            return;
        }
        let Some(address) = absolute(&href, self.base).filter(|_| !href.starts_with('#')) else {
            return self.children(node);
        };
        let mut inner = self.inner();
        inner.children(node);
        inner.line.push_str(&std::mem::take(&mut inner.text));
        let line = inner.line.replace(BREAK, " ");
        let words = line.trim().to_owned();
        if words.is_empty() {
            return;
        }
        if line.starts_with(' ') {
            push_folded(&mut self.line, " ");
        }
        let _ = write!(self.line, "[{words}]({address})");
        if line.ends_with(' ') {
            push_folded(&mut self.line, " ");
        }
    }

    /// A number that is raised is a citation; other raised signs stay as they are.
    fn superscript(&mut self, node: &NodeRef<'_>) {
        let text = node.text();
        let number = text.trim().trim_matches(['[', ']']);
        let is_note =
            !number.is_empty() && number.len() <= 3 && number.bytes().all(|c| c.is_ascii_digit());
        let has_link = node.descendants_it().any(|inner| inner.has_name("a"));
        if is_note && (has_link || text.contains('[')) {
            let _ = write!(self.line, "[{number}]");
        } else {
            self.children(node);
        }
    }
}

/// `<font size="+2">`, `<big>`: how headings looked once.
fn is_large(node: &NodeRef<'_>) -> bool {
    let size = node.attr("size").unwrap_or_default();
    node.has_name("big") || size.starts_with('+') || size.parse::<u8>().is_ok_and(|size| size >= 4)
}

/// A link to a note on the same page, whose words are its number.
fn is_citation(node: &NodeRef<'_>, text: &str) -> bool {
    let number = text.trim_matches(['[', ']']);
    let is_number =
        !number.is_empty() && number.len() <= 3 && number.bytes().all(|c| c.is_ascii_digit());
    let to_here = node.attr("href").is_some_and(|href| href.contains('#'));
    let is_raised = node.parent().is_some_and(|parent| parent.has_name("sup"));
    is_number
        && to_here
        && (is_raised
            || text.starts_with('[')
            || node.class().is_some_and(|class| class.contains("footnote")))
}
