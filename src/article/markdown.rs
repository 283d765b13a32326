//! Markdown → blocks, each in one canonical form: reading it again gives the
//! same block.

use comrak::{Arena, Node, Options, format_commonmark, nodes::NodeValue, parse_document};

use super::{Block, BlockKind, Gap, LeftOut, Reason, Reference, ReferenceKey, words};

/// What Markdown says.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// `key: value` of its front matter.
    pub(super) front: Vec<(String, String)>,
    pub(super) blocks: Vec<Block>,
    pub(super) references: Vec<Reference>,
    pub(super) left_out: Vec<LeftOut>,
}

/// Containers in containers beyond this are refused: nobody reads them, and
/// each costs stack.
pub(super) const DEPTH_MAX: usize = 50;

/// Marks of emphasis, links and code on one line: the parser keeps each open
/// one, and looks back at them.
const MARKS_MAX: usize = 10_000;
/// The same of a whole article: each costs the parser 200 bytes.
const ALL_MARKS_MAX: usize = 200_000;

/// The line, from 1, that nests deeper than [`DEPTH_MAX`].
pub(super) fn too_deep(text: &str) -> Option<usize> {
    let depth = |line: &str| {
        let mark = |c: char| matches!(c, '>' | '-' | '*' | '+' | ' ' | '\t');
        let marks = line.chars().take_while(|c| mark(*c));
        let marks: String = marks.collect();
        let spaces = marks.len() - marks.replace([' ', '\t'], "").len();
        let is_rule = marks.len() == line.trim_end().len() && !marks.contains('>');
        if is_rule { 0 } else { (marks.len() - spaces).max(spaces / 2) }
    };
    let mut all_marks = 0;
    let mut has_too_many = |line: &str| {
        let marks = line.matches(['[', '*', '_', '`', '~', '<', '!']).count();
        all_marks += marks;
        marks > MARKS_MAX || all_marks > ALL_MARKS_MAX
    };
    text.lines().position(|line| depth(line) > DEPTH_MAX || has_too_many(line)).map(|at| at + 1)
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.footnotes = true;
    options.extension.tasklist = true;
    options.render.width = 0;
    options.render.prefer_fenced = true;
    options
}

/// Reads Markdown. `to_markdown` turns what is HTML in it into Markdown.
pub(super) fn parse(text: &str, to_markdown: &dyn Fn(&str) -> String) -> Parsed {
    let mut parsed = Parsed::default();
    let (front, offset, rest) = front_matter(text);
    parsed.front = front;
    let arena = Arena::new();
    let root = parse_document(&arena, rest, &options());
    let mut notes = Vec::new();
    for node in root.descendants().collect::<Vec<_>>() {
        if let NodeValue::FootnoteReference(note) = &node.data().value {
            notes.push(note.name.clone());
        }
    }
    let mut reader =
        Reader { offset, parsed: &mut parsed, gap: Gap::None, end: 0, notes: &notes, to_markdown };
    for node in root.children().collect::<Vec<_>>() {
        reader.top(node);
    }
    promote(&mut parsed.blocks);
    parsed
}

/// A text in one line, in the canonical form.
pub(super) fn line(text: &str) -> String {
    let parsed = parse(&super::escape::start(text), &|_| String::new());
    parsed.blocks.into_iter().next().map(|block| block.markdown).unwrap_or_default()
}

/// Words of a bold paragraph that stands for a heading.
const BOLD_HEADING_WORDS: usize = 14;

/// Some editors know no headings: their authors write a bold line instead.
/// Two of them, with words under each, are headings.
fn promote(blocks: &mut [Block]) {
    let is_bold = |block: &Block| {
        let inner = block.markdown.strip_prefix("**").and_then(|rest| rest.strip_suffix("**"));
        let inner = inner.map(|inner| inner.trim_matches('*'));
        block.kind == BlockKind::Paragraph
            && inner.is_some_and(|inner| !inner.contains("**") && !inner.contains('\n'))
            && (1..=BOLD_HEADING_WORDS).contains(&words::count(&block.text))
            && !block.text.ends_with(['.', ',', ';', '。'])
    };
    let found: Vec<usize> = (0..blocks.len())
        .filter(|at| is_bold(&blocks[*at]))
        .filter(|at| {
            blocks
                .get(at + 1)
                .is_some_and(|next| !is_bold(next) && !matches!(next.kind, BlockKind::Heading(_)))
        })
        .collect();
    if found.len() < 2 {
        return;
    }
    let deepest = blocks.iter().filter_map(|block| block.kind.level()).filter(|level| *level > 1);
    let level = deepest.max().map_or(2, |deepest| (deepest + 1).min(6));
    for at in found {
        let block = &mut blocks[at];
        let inner = block.markdown.trim_matches('*').to_owned();
        block.kind = BlockKind::Heading(level);
        block.markdown = format!("{} {inner}", "#".repeat(usize::from(level)));
    }
}

struct Reader<'a> {
    /// Lines before the text.
    offset: usize,
    parsed: &'a mut Parsed,
    gap: Gap,
    /// The last line of the block before.
    end: usize,
    /// Footnotes in the order in which they are cited: their numbers.
    notes: &'a [String],
    to_markdown: &'a dyn Fn(&str) -> String,
}

impl Reader<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "comrak's list grows with its extensions")]
    fn top(&mut self, node: Node<'_>) {
        let (start, end) = {
            let data = node.data();
            (data.sourcepos.start.line, data.sourcepos.end.line)
        };
        let line = start + self.offset;
        let between = start.saturating_sub(self.end + 1);
        let space = u8::try_from(between.saturating_sub(1)).unwrap_or(u8::MAX);
        if space > 0 && self.end > 0 {
            self.gap = self.gap.max(Gap::Space(space));
        }
        self.end = end;
        let value = node.data().value.clone();
        match value {
            NodeValue::ThematicBreak => self.gap = Gap::Rule,
            NodeValue::FootnoteDefinition(footnote) => self.note(node, &footnote.name, line),
            NodeValue::HtmlBlock(html) => self.html(&html.literal, line),
            NodeValue::FrontMatter(_) => {}
            _ => {
                self.tame(node);
                if let Some(kind) = kind(node) {
                    let markdown = write(node);
                    self.push(kind, markdown, plain(node), line);
                }
            }
        }
    }

    fn push(&mut self, kind: BlockKind, markdown: String, text: String, line: usize) {
        if text.trim().is_empty() && kind != BlockKind::Image {
            return;
        }
        let gap = std::mem::take(&mut self.gap);
        self.parsed.blocks.push(Block { kind, markdown, text, gap, line, cites: Vec::new() });
    }

    /// A piece of HTML in the Markdown: its Markdown takes its place.
    fn html(&mut self, html: &str, line: usize) {
        let markdown = (self.to_markdown)(html);
        if markdown.trim().is_empty() {
            let text = html.split_whitespace().collect::<Vec<_>>().join(" ");
            self.parsed.left_out.push(LeftOut { reason: Reason::NotForMail, text, line });
            return;
        }
        let inner = parse(&markdown, &|_| String::new());
        for block in inner.blocks {
            self.parsed.blocks.push(Block { line, ..block });
        }
    }

    fn note(&mut self, node: Node<'_>, name: &str, line: usize) {
        self.tame(node);
        let parts: Vec<String> = node.children().map(write).collect();
        let key = self.number(name);
        self.parsed.references.push(Reference { key, markdown: parts.join("\n\n"), line });
    }

    /// What citations of the footnote `name` say: its number in the order of
    /// citing, or its own.
    fn number(&self, name: &str) -> ReferenceKey {
        let is_number =
            !self.notes.is_empty() && self.notes.iter().all(|note| note.parse::<u32>().is_ok());
        if is_number {
            return ReferenceKey(name.to_owned());
        }
        let mut seen: Vec<&String> = Vec::new();
        for note in self.notes {
            if !seen.contains(&note) {
                seen.push(note);
            }
        }
        let at = seen.iter().position(|note| *note == name).unwrap_or(seen.len());
        ReferenceKey((at + 1).to_string())
    }

    /// Takes out of `node` what mail cannot carry, and writes footnotes as
    /// numbers in brackets.
    #[expect(clippy::wildcard_enum_match_arm, reason = "comrak's list grows with its extensions")]
    fn tame(&mut self, node: Node<'_>) {
        let line = node.data().sourcepos.start.line + self.offset;
        for inner in node.descendants().collect::<Vec<_>>() {
            let value = inner.data().value.clone();
            match value {
                NodeValue::HtmlInline(html) if html.to_ascii_lowercase().starts_with("<br") => {
                    inner.data_mut().value = NodeValue::LineBreak;
                }
                NodeValue::HtmlInline(html) if !is_html(&html) => {
                    inner.data_mut().value = NodeValue::Text(html.into());
                }
                NodeValue::HtmlInline(html) => {
                    if html.starts_with("<!--") {
                        let left_out = LeftOut { reason: Reason::NotForMail, text: html, line };
                        self.parsed.left_out.push(left_out);
                    }
                    inner.data_mut().value = NodeValue::Text(String::new().into());
                }
                NodeValue::HtmlBlock(html) => {
                    let text = (self.to_markdown)(&html.literal);
                    if text.trim().is_empty() {
                        inner.detach();
                    } else {
                        inner.data_mut().value = NodeValue::Paragraph;
                    }
                }
                NodeValue::FootnoteReference(citation) => {
                    let ReferenceKey(number) = self.number(&citation.name);
                    inner.data_mut().value = NodeValue::Text(format!("[{number}]").into());
                }
                NodeValue::TaskItem(task) => {
                    let sign = if task.symbol.is_some() { "☑ " } else { "☐ " };
                    sign_item(inner, sign);
                }
                NodeValue::Link(target) if !is_address(&target.url) => unwrap(inner),
                _ => {}
            }
        }
    }
}

/// Whether `<…>` is an element of HTML, and not a type of some language.
fn is_html(tag: &str) -> bool {
    const NAMES: [&str; 52] = [
        "a", "abbr", "b", "bdi", "bdo", "big", "br", "button", "center", "cite", "code", "data",
        "del", "details", "dfn", "div", "em", "font", "h1", "h2", "h3", "h4", "i", "iframe", "img",
        "input", "ins", "kbd", "label", "mark", "p", "picture", "q", "s", "samp", "script",
        "section", "small", "source", "span", "strike", "strong", "sub", "summary", "sup", "svg",
        "time", "tt", "u", "var", "video", "wbr",
    ];
    let name = tag.trim_start_matches(['<', '/']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    let name = &name[..end];
    // `<T>` and `<I>` stand in prose about programs.
    let is_type = name.starts_with(|c: char| c.is_ascii_uppercase());
    tag.starts_with("<!") || tag.starts_with("<?") || !is_type && NAMES.contains(&name)
}

/// Whether a mail can link there.
pub(super) fn is_address(url: &str) -> bool {
    let lower = url.to_ascii_lowercase();
    ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| lower.starts_with(scheme))
}

/// Puts the words of a link in its place.
fn unwrap(link: Node<'_>) {
    for child in link.children().collect::<Vec<_>>() {
        link.insert_before(child);
    }
    link.detach();
}

/// Writes a task's box as a sign, and makes it an item like others.
fn sign_item(item: Node<'_>, sign: &str) {
    let parent = item.parent().map(|parent| parent.data().value.clone());
    let Some(NodeValue::List(list)) = parent else { return };
    item.data_mut().value = NodeValue::Item(list);
    let first = item.descendants().find(|node| matches!(node.data().value, NodeValue::Text(_)));
    if let Some(first) = first {
        let mut data = first.data_mut();
        if let NodeValue::Text(text) = &mut data.value {
            *text = format!("{sign}{text}").into();
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "comrak's list grows with its extensions")]
fn kind(node: Node<'_>) -> Option<BlockKind> {
    Some(match &node.data().value {
        NodeValue::Heading(heading) => BlockKind::Heading(heading.level),
        NodeValue::List(_) => BlockKind::List,
        NodeValue::BlockQuote => BlockKind::Quote,
        NodeValue::CodeBlock(_) => BlockKind::Code,
        NodeValue::Table(_) => BlockKind::Table,
        NodeValue::Paragraph if is_image(node) => BlockKind::Image,
        NodeValue::Paragraph => BlockKind::Paragraph,
        _ => return None,
    })
}

/// A paragraph of one image, with a link or emphasised words around or after it.
fn is_image(paragraph: Node<'_>) -> bool {
    let has_image =
        paragraph.descendants().any(|node| matches!(node.data().value, NodeValue::Image(_)));
    let is_words = |node: &Node<'_>| matches!(&node.data().value, NodeValue::Text(text) if !text.trim().is_empty());
    let in_image = |node: Node<'_>| {
        node.ancestors().any(|one| matches!(one.data().value, NodeValue::Image(_)))
    };
    has_image && !paragraph.descendants().any(|node| is_words(&node) && !in_image(node))
}

/// The canonical Markdown of a block.
fn write(node: Node<'_>) -> String {
    let table = matches!(node.data().value, NodeValue::Table(_));
    let mut text = String::new();
    format_commonmark(node, &options(), &mut text).expect("a string takes everything");
    let text = text.trim_matches('\n').to_owned();
    let text = if table { text } else { text.replace("<!-- end list -->", "") };
    let text = text.trim_matches('\n');
    // In code a backslash is one.
    if text.contains('`') {
        return plain_brackets(text);
    }
    let text = plain_marks(&plain_brackets(text));
    let is_heading = matches!(node.data().value, NodeValue::Heading(_));
    if is_heading { plain_heading(&text) } else { text }
}

/// A heading is bold by itself.
fn plain_heading(text: &str) -> String {
    let Some((marks, words)) = text.split_once(' ') else { return text.to_owned() };
    let inner = words.strip_prefix("**").and_then(|rest| rest.strip_suffix("**"));
    match inner.filter(|inner| !inner.contains("**")) {
        Some(inner) => format!("{marks} {inner}"),
        None => text.to_owned(),
    }
}

/// Without backslashes before signs that are no marks where they stand: files
/// are written to be read.
fn plain_marks(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    let mut before = '\n';
    while let Some(c) = signs.next() {
        let next = signs.peek().copied().unwrap_or('\n');
        if c == '\\' && matches!(next, '!' | '#' | '@') {
            let mut ahead = signs.clone();
            ahead.next();
            let after = ahead.peek().copied().unwrap_or('\n');
            let is_mark = match next {
                '!' => after == '[',
                '#' => matches!(before, '\n' | '#') || after == ' ' || after == '\n',
                _ => before.is_alphanumeric() || !after.is_alphanumeric(),
            };
            if !is_mark {
                continue;
            }
        }
        if c == '\\' && next == '\\' {
            plain.push(c);
            signs.next();
        }
        plain.push(c);
        before = c;
    }
    plain
}

/// `\[2\]` → `[2]`: nothing but a citation, and nicer to read.
fn plain_brackets(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\[") {
        plain.push_str(&rest[..at]);
        let inner = &rest[at + 2..];
        let close = inner.find("\\]");
        let is_number = |inner: &str| {
            !inner.is_empty()
                && inner.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '–' | '-' | ' '))
        };
        match close {
            Some(close)
                if is_number(&inner[..close])
                    && !inner[close + 2..].starts_with(['(', '[', ':']) =>
            {
                plain.push('[');
                plain.push_str(&inner[..close]);
                plain.push(']');
                rest = &inner[close + 2..];
            }
            _ => {
                plain.push_str("\\[");
                rest = inner;
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// The words of a node, a line for each block in it.
#[expect(clippy::wildcard_enum_match_arm, reason = "comrak's list grows with its extensions")]
fn plain(node: Node<'_>) -> String {
    let mut text = String::new();
    for inner in node.descendants() {
        match &inner.data().value {
            NodeValue::Text(part) => text.push_str(part),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::CodeBlock(code) => text.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            NodeValue::Item(_) | NodeValue::TableRow(_) | NodeValue::Paragraph
                if !text.is_empty() =>
            {
                text.push('\n');
            }
            NodeValue::TableCell if !text.is_empty() && !text.ends_with('\n') => text.push(' '),
            _ => {}
        }
    }
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Front matter between `---` or `+++`, the number of its lines, and the rest.
fn front_matter(text: &str) -> (Vec<(String, String)>, usize, &str) {
    let nothing = (Vec::new(), 0, text);
    let Some(fence) =
        text.lines().next().map(str::trim_end).filter(|line| matches!(*line, "---" | "+++"))
    else {
        return nothing;
    };
    let mut pairs = Vec::new();
    let mut at = text.find('\n').map_or(text.len(), |at| at + 1);
    for (number, line) in text[at..].split_inclusive('\n').enumerate() {
        at += line.len();
        if line.trim_end() == fence {
            return (pairs, number + 2, &text[at..]);
        }
        if let Some((key, value)) =
            line.split_once([':', '=']).filter(|(key, _)| !key.starts_with(' '))
        {
            let value = value.trim().trim_matches(['"', '\'']);
            pairs.push((key.trim().to_lowercase(), value.to_owned()));
        }
    }
    nothing
}
