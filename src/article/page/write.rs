//! A tree of HTML → Markdown.

use std::fmt::Write as _;

use dom_query::NodeRef;

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
            push_folded(&mut self.line, &escape(&node.text()));
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
            "ul" | "ol" | "menu" => self.list(node, &name == "ol"),
            "blockquote" => self.quote(node),
            "pre" => self.code(node),
            "table" => self.table(node),
            "figure" => self.figure(node),
            "dl" => self.definitions(node),
            "details" => self.details(node),
            "script" | "style" | "noscript" | "template" | "svg" | "iframe" | "video" | "audio"
            | "head" | "title" | "object" | "canvas" | "button" | "math" => {}
            "img" => self.image(node),
            _ if is_inline(&name) => self.inline(node, &name),
            _ => {
                self.flush();
                self.children(node);
                self.flush();
            }
        }
    }

    fn inline(&mut self, node: &NodeRef<'_>, name: &str) {
        match name {
            "strong" | "b" => self.marked(node, "**"),
            "em" | "i" | "cite" | "dfn" | "var" => self.marked(node, "*"),
            "del" | "s" | "strike" => self.marked(node, "~~"),
            "code" | "kbd" | "samp" | "tt" => {
                let code = node.text().split_whitespace().collect::<Vec<_>>().join(" ");
                if !code.is_empty() {
                    let fence = if code.contains('`') { "``" } else { "`" };
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
        if node.descendants_it().any(|inner| inner.node_name().is_some_and(|name| is_block(&name)))
        {
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
        let next = node.next_sibling().filter(|next| next.is_text()).map(|next| next.text());
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
        if node.descendants_it().any(|inner| inner.node_name().is_some_and(|name| is_block(&name)))
        {
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

    fn list(&mut self, node: &NodeRef<'_>, is_ordered: bool) {
        self.flush();
        let mut number: usize =
            node.attr("start").and_then(|start| start.parse().ok()).unwrap_or(1);
        let mut list = String::new();
        let mut inner = self.inner();
        for item in node.children_it(false) {
            if item.is_text() && item.text().trim().is_empty() {
                continue;
            }
            inner.text.clear();
            if item.has_name("li") {
                inner.children(&item)
            } else {
                inner.node(&item)
            }
            inner.flush();
            let text = inner.text.trim();
            if text.is_empty() {
                continue;
            }
            let mark = if is_ordered { format!("{number}. ") } else { "- ".to_owned() };
            number += 1;
            let indent = " ".repeat(mark.len());
            for (index, line) in text.lines().enumerate() {
                if index == 0 {
                    list.push_str(&mark);
                } else if !line.is_empty() {
                    list.push_str(&indent);
                }
                list.push_str(line);
                list.push('\n');
            }
        }
        let list = list.trim_end().to_owned();
        if !list.is_empty() {
            self.block(&list);
            // Two lists behind each other stay two.
            self.block("<!-- -->");
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

    fn definitions(&mut self, node: &NodeRef<'_>) {
        self.flush();
        for child in node.descendants_it().filter(|one| one.has_name("dt") || one.has_name("dd")) {
            let mut inner = self.inner();
            inner.children(&child);
            if child.has_name("dt") {
                inner.flush_into_line();
                let term = inner.line.replace(BREAK, " ").replace("**", "");
                if !term.trim().is_empty() {
                    self.block(&format!("**{}**", term.trim()));
                }
            } else {
                inner.flush();
                let text = inner.text.trim().to_owned();
                self.block(&text);
            }
        }
    }

    /// What folds open is open in a mail.
    fn details(&mut self, node: &NodeRef<'_>) {
        self.flush();
        for child in node.children_it(false) {
            if child.has_name("summary") {
                self.heading(&child, "h3");
            } else {
                self.node(&child);
            }
        }
        self.flush();
    }

    fn image(&mut self, node: &NodeRef<'_>) {
        let src = node.attr("src").unwrap_or_default();
        let alt = escape(
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

    fn table(&mut self, node: &NodeRef<'_>) {
        self.flush();
        let rows: Vec<Vec<NodeRef<'_>>> = node
            .descendants_it()
            .filter(|inner| inner.has_name("tr"))
            .map(|row| {
                row.children_it(false)
                    .filter(|cell| cell.has_name("td") || cell.has_name("th"))
                    .collect()
            })
            .filter(|row: &Vec<_>| !row.is_empty())
            .collect();
        let holds_blocks = node.descendants_it().any(|inner| {
            inner.node_name().is_some_and(|name| {
                matches!(
                    &*name,
                    "table" | "pre" | "h1" | "h2" | "h3" | "blockquote" | "figure" | "ul" | "ol"
                )
            })
        });
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        let long = rows.iter().flatten().any(|cell| cell.text().split_whitespace().count() > 80);
        if holds_blocks || width < 2 || rows.len() < 2 || long {
            for cell in rows.iter().flatten() {
                let text = cell.text();
                // The numbers of lines beside code.
                let is_gutter = cell.descendants_it().any(|inner| inner.has_name("pre"))
                    && text.split_whitespace().all(|word| word.bytes().all(|c| c.is_ascii_digit()));
                if !is_gutter {
                    self.children(cell);
                    self.flush();
                }
            }
            return;
        }
        let caption = node.descendants_it().find(|inner| inner.has_name("caption"));
        if let Some(caption) = caption {
            self.children(&caption);
            self.flush();
        }
        let mut table = String::new();
        for (index, row) in rows.iter().enumerate() {
            let mut cells: Vec<String> = row.iter().map(|cell| self.cell(cell)).collect();
            cells.resize(width, String::new());
            let _ = writeln!(table, "| {} |", cells.join(" | "));
            if index == 0 {
                let _ = writeln!(table, "|{}", " --- |".repeat(width));
            }
        }
        self.block(table.trim_end());
    }

    fn cell(&self, cell: &NodeRef<'_>) -> String {
        let mut inner = self.inner();
        inner.children(cell);
        inner.flush_into_line();
        inner.line.replace(BREAK, " ").trim().replace('|', "\\|")
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
                self.text.push_str(&escape_start(text));
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
        if c == BREAK || !c.is_whitespace() || c == '\u{a0}' && false {
            line.push(c);
        } else if !line.is_empty() && !line.ends_with([' ', BREAK]) || line.is_empty() {
            line.push(' ');
        }
    }
}

fn trim_end(line: &mut String) {
    line.truncate(line.trim_end_matches(' ').len());
}

fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "acronym"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
            | "ruby"
            | "rb"
            | "rt"
            | "rp"
            | "picture"
            | "source"
    )
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "ul"
            | "ol"
            | "li"
            | "table"
            | "blockquote"
            | "pre"
            | "figure"
            | "section"
            | "article"
            | "hr"
            | "dl"
            | "details"
    )
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

/// `href` as a whole address. Returns `None` for what no mail can link to.
pub(super) fn absolute(href: &str, base: Option<&str>) -> Option<String> {
    let href = href.trim();
    let lower = href.to_ascii_lowercase();
    let whole = if ["http://", "https://", "mailto:", "tel:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme))
    {
        href.to_owned()
    } else if let Some(rest) = href.strip_prefix("//") {
        format!("https://{rest}")
    } else if lower.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':')) {
        return None;
    } else {
        join(base?, href)?
    };
    let encoded: String = whole.chars().filter(|c| !c.is_control()).collect();
    Some(
        encoded
            .replace(' ', "%20")
            .replace('(', "%28")
            .replace(')', "%29")
            .replace('<', "%3C")
            .replace('>', "%3E"),
    )
}

/// A relative address on the page `base` (RFC 3986 5.2, without dot segments
/// in the middle).
fn join(base: &str, href: &str) -> Option<String> {
    let scheme_end = base.find("://")? + 3;
    let path_at = base[scheme_end..].find('/').map_or(base.len(), |at| scheme_end + at);
    let origin = &base[..path_at];
    if href.starts_with('/') {
        return Some(format!("{origin}{href}"));
    }
    let path = base[path_at..].split(['?', '#']).next().unwrap_or_default();
    let mut folder: Vec<&str> = path.split('/').collect();
    folder.pop();
    let mut rest = href.strip_prefix("./").unwrap_or(href);
    while let Some(up) = rest.strip_prefix("../") {
        rest = up;
        if folder.len() > 1 {
            folder.pop();
        }
    }
    Some(format!("{origin}{}/{rest}", folder.join("/")))
}

/// Text that Markdown reads as the same text.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '`' | '<' | '[' | ']' | '~') {
            escaped.push('\\');
        }
        if c == '&' { escaped.push_str("&amp;") } else { escaped.push(c) }
    }
    escaped
}

/// A paragraph that begins like a mark of Markdown, and is none.
fn escape_start(text: &str) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let after = &text[digits..];
    if digits > 0 && digits < 10 && after.starts_with(['.', ')']) {
        return format!("{}\\{after}", &text[..digits]);
    }
    if text.starts_with(['#', '>', '+', '-', '=', '|']) {
        format!("\\{text}")
    } else {
        text.to_owned()
    }
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
