//! Markdown → blocks, each in one canonical form: reading it again gives the
//! same block.

use std::collections::HashMap;

use comrak::{
    Arena, Node, Options,
    nodes::{AstNode, NodeValue},
    parse_document,
};

use super::{
    Block, BlockKind, Gap, LeftOut, Reason, Reference, ReferenceKey, canonical::write, escape,
    words,
};

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

pub(super) fn options() -> Options<'static> {
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
    let notes = numbers(root);
    let mut reader = Reader {
        arena: &arena,
        offset,
        parsed: &mut parsed,
        gap: Gap::None,
        end: 0,
        notes: &notes,
        to_markdown,
    };
    for node in root.children().collect::<Vec<_>>() {
        reader.top(node);
    }
    parsed.left_out.extend(uncited(rest, &notes, offset));
    promote(&mut parsed.blocks);
    parsed
}

/// Footnotes that nothing cites: the parser leaves them away.
fn uncited(text: &str, cited: &HashMap<String, String>, offset: usize) -> Vec<LeftOut> {
    let name = |line: &str| {
        let (name, words) = line.trim_start().strip_prefix("[^")?.split_once("]:")?;
        let is_cited = cited.contains_key(&name.to_lowercase());
        (!is_cited && !name.contains(']')).then(|| words.trim().to_owned())
    };
    let mut is_code = false;
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        is_code ^= line.trim_start().starts_with("```");
        if let Some(text) = name(line).filter(|_| !is_code) {
            let (reason, line) = (Reason::UncitedReference, offset + at + 1);
            found.push(LeftOut { reason, text, line });
        }
    }
    found
}

/// A text in one line, in the canonical form.
pub(super) fn line(text: &str) -> String {
    let parsed = parse(&escape::start(text), &|_| String::new());
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

/// What citations of each footnote say: their numbers in the order of citing,
/// or their names, when all of them are numbers.
fn numbers(root: Node<'_>) -> HashMap<String, String> {
    let mut names = Vec::new();
    for node in root.descendants() {
        if let NodeValue::FootnoteReference(note) = &node.data().value {
            names.push(note.name.to_lowercase());
        }
    }
    let are_numbers = names.iter().all(|name| name.parse::<u32>().is_ok());
    let mut numbers = HashMap::new();
    for name in names {
        let next = numbers.len() + 1;
        let number = if are_numbers { name.clone() } else { next.to_string() };
        numbers.entry(name).or_insert(number);
    }
    numbers
}

struct Reader<'a> {
    arena: &'a Arena<'a>,
    /// Lines before the text.
    offset: usize,
    parsed: &'a mut Parsed,
    gap: Gap,
    /// The last line of the block before.
    end: usize,
    /// What citations of each footnote say.
    notes: &'a HashMap<String, String>,
    to_markdown: &'a dyn Fn(&str) -> String,
}

impl<'a> Reader<'a> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "comrak's list grows with its extensions")]
    fn top(&mut self, node: Node<'a>) {
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
            NodeValue::Paragraph if is_import(node) => {
                let (reason, text) = (Reason::NotForMail, plain(node));
                self.parsed.left_out.push(LeftOut { reason, text, line });
            }
            _ => {
                self.tame(node);
                if is_images(node) {
                    for image in node.descendants().filter(|one| is_image(one)) {
                        self.push(BlockKind::Image, write(image), plain(image), line);
                    }
                    return;
                }
                if let Some(kind) = kind(node) {
                    let markdown = write(node);
                    self.push(kind, markdown, plain(node), line);
                }
            }
        }
    }

    fn push(&mut self, kind: BlockKind, markdown: String, text: String, line: usize) {
        let (markdown, text) = (words::without_controls(&markdown), words::without_controls(&text));
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

    fn note(&mut self, node: Node<'a>, name: &str, line: usize) {
        self.tame(node);
        let parts: Vec<String> = node.children().map(write).collect();
        let key = self.number(name);
        let markdown = words::without_controls(&parts.join("\n\n"));
        self.parsed.references.push(Reference { key, markdown, line });
    }

    /// What citations of the footnote `name` say.
    fn number(&self, name: &str) -> ReferenceKey {
        let number = self.notes.get(&name.to_lowercase()).cloned();
        ReferenceKey(number.unwrap_or_else(|| (self.notes.len() + 1).to_string()))
    }

    /// Takes out of `node` what mail cannot carry, and writes footnotes as
    /// numbers in brackets.
    #[expect(clippy::wildcard_enum_match_arm, reason = "comrak's list grows with its extensions")]
    fn tame(&mut self, node: Node<'a>) {
        let line = node.data().sourcepos.start.line + self.offset;
        for inner in node.descendants().collect::<Vec<_>>() {
            let value = inner.data().value.clone();
            match value {
                NodeValue::HtmlInline(html) if html.to_ascii_lowercase().starts_with("<br") => {
                    let is_cell = |one: Node<'_>| matches!(one.data().value, NodeValue::TableCell);
                    inner.data_mut().value = if inner.ancestors().any(is_cell) {
                        NodeValue::Text(" ".into())
                    } else {
                        NodeValue::LineBreak
                    };
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
                    let markdown = (self.to_markdown)(&html.literal);
                    let blocks = parse(&markdown, &|_| String::new()).blocks;
                    let texts: Vec<String> = blocks.into_iter().map(|block| block.text).collect();
                    if texts.is_empty() {
                        inner.detach();
                    } else {
                        inner.data_mut().value = NodeValue::Paragraph;
                        let words = NodeValue::Text(texts.join(" ").replace('\n', " ").into());
                        inner.append(self.arena.alloc(AstNode::from(words)));
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
                NodeValue::Text(text) => {
                    inner.data_mut().value = NodeValue::Text(words::without_controls(&text).into());
                }
                NodeValue::Link(target) if !is_address(&target.url) => unwrap(inner),
                NodeValue::Link(mut target) => {
                    target.url = without_braces(&target.url);
                    inner.data_mut().value = NodeValue::Link(target);
                }
                NodeValue::Image(mut target) => {
                    target.url = without_braces(&target.url);
                    inner.data_mut().value = NodeValue::Image(target);
                }
                _ => {}
            }
        }
    }
}

/// Whether a paragraph is MDX's code and no prose: `import Tabs from '@theme/Tabs'`.
fn is_import(paragraph: Node<'_>) -> bool {
    let text = plain(paragraph);
    let Some(rest) = text.strip_prefix("import ") else { return false };
    let is_code = |part: &str| {
        let part = part.trim().trim_end_matches(';');
        part.ends_with(['\'', '"']) && (part.contains(" from ") || part.starts_with(['\'', '"']))
    };
    rest.split("import ").all(is_code)
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

/// An address in which nothing is a template's: RFC 3986, 2 has no braces.
fn without_braces(url: &str) -> String {
    url.replace('{', "%7B").replace('}', "%7D")
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
        NodeValue::Paragraph => BlockKind::Paragraph,
        _ => return None,
    })
}

fn is_image(node: Node<'_>) -> bool {
    matches!(node.data().value, NodeValue::Image(_))
}

/// A paragraph of images and nothing else, with links or emphasis around them.
fn is_images(node: Node<'_>) -> bool {
    if !matches!(node.data().value, NodeValue::Paragraph) || !node.descendants().any(is_image) {
        return false;
    }
    let is_words = |node: &Node<'_>| {
        let value = &node.data().value;
        matches!(value, NodeValue::Text(text) if !text.trim().is_empty())
            || matches!(value, NodeValue::Code(_))
    };
    !node.descendants().any(|one| is_words(&one) && !one.ancestors().any(is_image))
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
