//! A tree of HTML → Markdown.

mod address;
mod inline;
mod names;
mod table;

use std::fmt::Write as _;

use dom_query::NodeRef;

use crate::article::escape;
use address::absolute;
use names::holds_block;
pub(super) use names::{is_block, is_inline};

/// Elements in elements beyond this are read as text; the guard is before it.
const DEPTH_MAX: usize = 300;

/// A hard line break until its paragraph is written.
const BREAK: char = '\u{1}';

/// The Markdown of what is in `root`. Addresses are made whole by `base`.
pub(super) fn markdown(root: &NodeRef<'_>, base: Option<&str>) -> String {
    let mut writer = Writer { base, text: String::new(), line: String::new(), depth: 0 };
    writer.children(root);
    writer.flush();
    writer.text
}

struct Writer<'a> {
    base: Option<&'a str>,
    text: String,
    /// The paragraph that is being written.
    line: String,
    depth: usize,
}

impl Writer<'_> {
    fn inner(&self) -> Writer<'_> {
        Writer { base: self.base, text: String::new(), line: String::new(), depth: self.depth }
    }

    fn children(&mut self, node: &NodeRef<'_>) {
        self.depth += 1;
        if self.depth <= DEPTH_MAX {
            for child in node.children_it(false) {
                self.node(&child);
            }
        }
        self.depth -= 1;
    }

    fn node(&mut self, node: &NodeRef<'_>) {
        if node.is_text() {
            push_folded(&mut self.line, &escape::text(&node.text().replace(BREAK, "")));
            return;
        }
        let Some(name) = node.node_name() else { return };
        match &*name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading(node, &name),
            "br" => {
                trim_end(&mut self.line);
                self.line.push(BREAK);
            }
            "hr" => self.block("***"),
            "ul" | "ol" | "menu" => self.list(node),
            "blockquote" => self.quote(node),
            "pre" => self.code(node),
            "table" => self.table(node),
            "figure" => self.figure(node),
            "dl" => self.definitions(node),
            "details" => self.details(node),
            "script" | "style" | "noscript" | "template" | "svg" | "iframe" | "video" | "audio"
            | "head" | "title" | "object" | "canvas" | "button" | "math" => {}
            "img" => self.image(node),
            _ if is_inline(&name) || name.contains('-') && !holds_block(node) => {
                self.inline(node, &name);
            }
            _ => {
                self.flush();
                self.children(node);
                self.flush();
            }
        }
    }

    fn heading(&mut self, node: &NodeRef<'_>, name: &str) {
        self.flush();
        let mut inner = self.inner();
        inner.children(node);
        inner.flush_into_line();
        let text = inner.line.replace(BREAK, " ");
        let text = text.trim().trim_end_matches('#').trim_end();
        let text = text.trim_end_matches("\\[edit\\]").trim_end();
        if !text.is_empty() {
            let level = name[1..].parse().unwrap_or(2);
            let text = format!("{} {text}", "#".repeat(level));
            self.block(&text);
        }
    }

    fn quote(&mut self, node: &NodeRef<'_>) {
        self.flush();
        let mut inner = self.inner();
        inner.children(node);
        inner.flush();
        let text = inner.text.trim();
        if !text.is_empty() {
            let lines: Vec<String> = text
                .lines()
                .map(|line| if line.is_empty() { ">".to_owned() } else { format!("> {line}") })
                .collect();
            self.block(&lines.join("\n"));
        }
    }

    fn code(&mut self, node: &NodeRef<'_>) {
        self.flush();
        let text = node.text();
        let text = text.trim_matches('\n').trim_end();
        if text.is_empty() {
            return;
        }
        let class = node.attr("class").into_iter().chain(
            node.descendants_it()
                .filter(|inner| inner.has_name("code"))
                .filter_map(|code| code.attr("class")),
        );
        let classes: Vec<String> = class.map(|class| class.to_string()).collect();
        let language =
            classes.iter().flat_map(|class| class.split_whitespace()).find_map(|class| {
                class.strip_prefix("language-").or_else(|| class.strip_prefix("lang-"))
            });
        let longest = text
            .lines()
            .map(|line| line.bytes().take_while(|c| *c == b'`').count())
            .max()
            .unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        let language = language.unwrap_or_default();
        self.block(&format!("{fence}{language}\n{text}\n{fence}"));
    }

    fn figure(&mut self, node: &NodeRef<'_>) {
        self.flush();
        let caption = node.descendants_it().find(|inner| inner.has_name("figcaption"));
        for child in node.children_it(false) {
            if !child.has_name("figcaption") {
                self.node(&child);
            }
        }
        self.flush();
        if let Some(caption) = caption {
            let mut inner = self.inner();
            inner.children(&caption);
            inner.flush_into_line();
            let text = inner.line.replace(BREAK, " ").replace('*', "");
            if !text.trim().is_empty() {
                self.block(&format!("*{}*", text.trim()));
            }
        }
    }

    fn image(&mut self, node: &NodeRef<'_>) {
        let src = node.attr("src").unwrap_or_default();
        let alt = escape::text(
            &node.attr("alt").unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "),
        );
        let is_sign = node
            .attr("class")
            .is_some_and(|class| class.contains("emoji") || class.contains("smiley"));
        if is_sign {
            self.line.push_str(&alt);
            return;
        }
        let side = |name: &str| {
            node.attr(name).and_then(|value| value.trim_end_matches("px").parse::<u32>().ok())
        };
        // What counts readers has no picture.
        if side("width").is_some_and(|width| width <= 2)
            || side("height").is_some_and(|height| height <= 2)
        {
            return;
        }
        let address = absolute(&src, self.base).unwrap_or_else(|| src.to_string());
        if !address.is_empty() && !address.contains([' ', '(', ')', '<']) {
            let _ = write!(self.line, "![{alt}]({address})");
        }
    }

    /// What was written as paragraphs, on one line.
    fn flush_into_line(&mut self) {
        self.flush();
        let text = std::mem::take(&mut self.text);
        let text = text.replace("<!-- -->", "").replace("\\\n", " ");
        self.line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }

    fn block(&mut self, text: &str) {
        self.flush();
        if !text.is_empty() {
            self.text.push_str(text);
            self.text.push_str("\n\n");
        }
    }

    /// Ends the paragraph. Two breaks in a row end one, too.
    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        let mut paragraph = String::new();
        let mut breaks = 0;
        let mut end = |paragraph: &mut String| {
            let text = paragraph.trim();
            if !text.is_empty() {
                self.text.push_str(&escape::start(text));
                self.text.push_str("\n\n");
            }
            paragraph.clear();
        };
        for piece in line.split_inclusive(BREAK) {
            let words = piece.trim_matches([BREAK, ' ']);
            if words.is_empty() {
                breaks += 1;
            } else {
                if breaks >= 2 {
                    end(&mut paragraph);
                } else if breaks == 1 && !paragraph.is_empty() {
                    paragraph.push_str("\\\n");
                }
                paragraph.push_str(words);
                breaks = 0;
            }
            if piece.ends_with(BREAK) && !words.is_empty() {
                breaks = 1;
            }
        }
        end(&mut paragraph);
    }
}

/// Appends text whose white space is folded with what stands before.
fn push_folded(line: &mut String, text: &str) {
    for c in text.chars() {
        if c == BREAK || !c.is_whitespace() {
            line.push(c);
        } else if !line.is_empty() && !line.ends_with([' ', BREAK]) || line.is_empty() {
            line.push(' ');
        }
    }
}

fn trim_end(line: &mut String) {
    line.truncate(line.trim_end_matches(' ').len());
}

#[cfg(test)]
mod tests {
    use dom_query::Document;

    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        let document = Document::from(html);
        let written = markdown(&document.root(), Some("https://example.com/a/b"));
        assert_eq!(
            written
                .replace("<!-- -->", "")
                .split("\n\n")
                .filter(|one| !one.trim().is_empty())
                .collect::<Vec<_>>()
                .join("\n\n")
                .trim(),
            expected
        );
    }

    #[test]
    fn a_page_becomes_markdown() {
        check(
            "<h2>A <b>title</b></h2><p>One <b>two </b>three.<p>Four",
            "## A **title**\n\nOne **two** three.\n\nFour",
        );
        check("<ul><li>a<li>b<ul><li>c</ul></ul>", "- a\n- b\n\n  - c");
        check("one<br>two<br><br>three", "one\\\ntwo\n\nthree");
        check("<a href='../x y'>go</a> <a href='#n'>n</a>", "[go](https://example.com/x%20y) n");
        check("text<sup><a href='#n2'>[2]</a></sup> 2<sup>2</sup>", "text[2] 22");
        check("<pre><code class='language-rs'>fn a() {\n}</code></pre>", "```rs\nfn a() {\n}\n```");
        check(
            "<table><tr><th>a<th>b<tr><td>1<td>2|3</table>",
            "| a | b |\n| --- | --- |\n| 1 | 2\\|3 |",
        );
        check(
            "<figure><img src=/i.png alt='An i'><figcaption>An image</figcaption></figure>",
            "![An i](https://example.com/i.png)\n\n*An image*",
        );
        check("1. x * y_z &lt;b&gt;", "1\\. x \\* y\\_z \\<b>");
        check("<details><summary>Why?</summary>So.</details>", "### Why?\n\nSo.");
    }
}
