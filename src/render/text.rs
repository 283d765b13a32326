//! The plain-text part, from the same MJML as the HTML, once per version.
//!
//! Read from the source tree and not from the HTML, whose layout tables say
//! nothing. Block tags of Handlebars come to stand on lines of their own, where
//! Handlebars removes them together with the line.

use super::{
    markup::{self, Token},
    mask::{LEFT_BRACE, Masks, RIGHT_BRACE},
};

/// The text of an MJML document whose expressions are hidden in `masks`; they
/// are still hidden in the result.
pub(super) fn from_mjml(mjml: &str, masks: &Masks) -> String {
    let (tokens, _) = markup::scan(mjml);
    let mut writer = Writer::new(masks);
    for token in tokens {
        match token {
            Token::Comment(_) => {}
            Token::Text(span) => writer.content(&mjml[span]),
            Token::Open { name, attributes, closes_itself, .. } => {
                let find = |wanted: &str| {
                    let found = attributes.iter().find(|(name, _)| &mjml[name.clone()] == wanted);
                    found.map(|(_, value)| mjml[value.clone()].to_owned())
                };
                writer.open(&name, find);
                if closes_itself {
                    writer.close(&name);
                }
            }
            Token::Close { name, .. } => writer.close(&name),
        }
    }
    // Solid spaces kept columns together; a text part has only plain ones.
    writer.text.trim().replace('\u{a0}', " ") + "\n"
}

/// Where a link stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LinkKind {
    Inline,
    Button,
}

struct Writer<'a> {
    masks: &'a Masks,
    text: String,
    /// The components and elements around, innermost last.
    open: Vec<String>,
    /// Counters of ordered lists; `None` for bullet lists.
    lists: Vec<Option<usize>>,
    /// The address of the link that is open, and where its words begin.
    link: Option<(String, usize)>,
    /// Where each open quote begins.
    quotes: Vec<usize>,
    /// The mark of a list item was written and nothing after it.
    is_at_mark: bool,
    /// Cells of the table's row so far.
    cells: usize,
}

impl<'a> Writer<'a> {
    fn new(masks: &'a Masks) -> Writer<'a> {
        Writer {
            masks,
            text: String::new(),
            open: Vec::new(),
            lists: Vec::new(),
            link: None,
            quotes: Vec::new(),
            is_at_mark: false,
            cells: 0,
        }
    }

    fn open(&mut self, name: &str, attribute: impl Fn(&str) -> Option<String>) {
        self.open.push(name.to_owned());
        match name {
            "h1" | "h2" | "h3" => {
                self.paragraph();
                self.push(if name == "h1" { "# " } else { "## " });
            }
            "mj-text" | "mj-table" | "mj-raw" | "p" | "div" | "blockquote" => {
                self.paragraph();
                if name == "blockquote" {
                    self.quotes.push(self.text.len());
                }
            }
            "mj-button" => {
                self.paragraph();
                self.link = attribute("href").map(|href| (href, self.text.len()));
            }
            "mj-divider" | "hr" => {
                self.paragraph();
                self.push("----");
            }
            "mj-image" | "img" => {
                let alt = attribute("alt").unwrap_or_default();
                if !alt.trim().is_empty() {
                    if name == "mj-image" {
                        self.paragraph();
                    }
                    self.push(&format!("[{}]", decode(&alt)));
                }
            }
            "ul" => self.open_list(None),
            "ol" => {
                let start = attribute("start").and_then(|start| start.parse().ok()).unwrap_or(1);
                self.open_list(Some(start));
            }
            "li" => self.item(),
            "strong" | "b" => self.push("*"),
            "td" | "th" => {
                if self.cells > 0 {
                    self.push(" | ");
                }
                self.cells += 1;
            }
            "tr" => {
                self.line();
                self.cells = 0;
            }
            // In code an empty line is a line.
            "br" if self.open.iter().any(|open| open == "pre") => self.push("\n"),
            "br" => self.line(),
            "a" => self.link = attribute("href").map(|href| (href, self.text.len())),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        self.open.pop();
        match name {
            "a" => self.end_link(LinkKind::Inline),
            "mj-button" => self.end_link(LinkKind::Button),
            "ul" | "ol" => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.paragraph();
                }
            }
            "li" => self.is_at_mark = false,
            "strong" | "b" => self.push("*"),
            "blockquote" => self.end_quote(),
            "mj-text" | "mj-table" | "mj-raw" | "p" | "div" | "h1" | "h2" | "h3" => {
                self.paragraph();
            }
            _ => {}
        }
    }

    fn content(&mut self, raw: &str) {
        let inside = |name: &str| self.open.iter().any(|open| open == name);
        if !self.is_read() || inside("mj-style") || inside("style") {
            return;
        }
        if inside("mj-raw") {
            // Only what steers the text belongs into it; other raw HTML does not.
            if self.masks.is_only_masks(raw) {
                self.paragraph();
                self.push(raw.trim());
                self.paragraph();
            }
            return;
        }
        let readable = ["mj-text", "mj-button", "mj-table"].iter().any(|name| inside(name));
        if !readable {
            if self.masks.is_only_masks(raw) {
                self.paragraph();
                self.push(raw.trim());
                self.paragraph();
            }
            return;
        }
        let decoded = decode(raw);
        let mut words =
            decoded.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty()).peekable();
        let begins_apart = decoded.starts_with([' ', '\t', '\n', '\r']);
        if begins_apart && !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.push(" ");
        }
        while let Some(word) = words.next() {
            self.push(word);
            if words.peek().is_some() || decoded.ends_with([' ', '\t', '\n', '\r']) {
                self.push(" ");
            }
        }
    }

    fn push(&mut self, text: &str) {
        self.is_at_mark = false;
        if self.is_read() {
            self.text.push_str(text);
        }
    }

    /// Whether we are in the body: what the head says is not read.
    fn is_read(&self) -> bool {
        self.open.iter().any(|open| open == "mj-body")
    }

    fn line(&mut self) {
        while self.text.ends_with(' ') {
            self.text.pop();
        }
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.push("\n");
        }
    }

    fn paragraph(&mut self) {
        // The first paragraph of a list item stays beside its mark.
        if self.is_at_mark {
            return;
        }
        self.line();
        let is_tight = !self.lists.is_empty();
        if !is_tight && !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.push("\n");
        }
    }

    fn open_list(&mut self, counter: Option<usize>) {
        if self.lists.is_empty() {
            self.paragraph();
        }
        self.lists.push(counter);
    }

    fn item(&mut self) {
        self.line();
        let indent = "   ".repeat(self.lists.len().saturating_sub(1));
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            Some(None) | None => "- ".to_owned(),
        };
        self.push(&format!("{indent}{mark}"));
        self.is_at_mark = true;
    }

    fn end_link(&mut self, kind: LinkKind) {
        let Some((href, from)) = self.link.take() else { return };
        let href = decode(&href);
        let label = self.text.get(from..).unwrap_or_default().trim().to_owned();
        let shown = href.strip_prefix("mailto:").unwrap_or(&href);
        if label == shown || label.is_empty() {
            return;
        }
        if kind == LinkKind::Button {
            while self.text.ends_with(' ') {
                self.text.pop();
            }
            self.push(&format!(":\n{href}"));
            self.paragraph();
        } else {
            self.push(&format!(" ({href})"));
        }
    }

    fn end_quote(&mut self) {
        let Some(from) = self.quotes.pop() else { return };
        let quote = self.text.split_off(from.min(self.text.len()));
        let lines: Vec<String> =
            quote.trim().lines().map(|line| format!("> {line}").trim_end().to_owned()).collect();
        self.push(&lines.join("\n"));
        self.paragraph();
    }
}

/// Resolves the entities that our own lowering and hand-written layouts use.
pub(super) fn decode(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end <= 10);
        let resolved = end.and_then(|end| resolve(&rest[1..end]).map(|c| (c, end + 1)));
        if let Some((c, length)) = resolved {
            match c {
                // As signs, not as an expression.
                '{' => decoded.push_str(LEFT_BRACE),
                '}' => decoded.push_str(RIGHT_BRACE),
                c => decoded.push(c),
            }
            rest = &rest[length..];
        } else {
            decoded.push('&');
            rest = &rest[1..];
        }
    }
    decoded.push_str(rest);
    decoded
}

fn resolve(entity: &str) -> Option<char> {
    let named = match entity {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "copy" => '©',
        "middot" => '·',
        "bull" => '•',
        "rarr" => '→',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        other => {
            let number = other.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some(named)
}
