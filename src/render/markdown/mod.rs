//! Words → MJML components, one per block, each with the class that the
//! layout gives its look (`p`, `h2`, `list`, `quote`, `callout`, `button`, …).
//!
//! Components rather than one big text, because MJML writes a component's
//! style inline, where every mail program reads it.

mod address;
mod alone;
mod notes;
mod origin;

use std::{fmt::Write as _, ops::Range};

use comrak::{
    Arena, Node, Options,
    nodes::{ListType, NodeValue, TableAlignment},
    parse_document,
};

use super::{
    Passage, Vocabulary,
    lint::{Mark, Shown},
    mask::{Masks, escape},
    mustache::{self, Mustache},
    nesting,
    trace::Lines,
};
use crate::diagnostic::Diagnostics;

/// Blocks in blocks beyond this are flattened into their text.
const DEPTH_MAX: usize = 16;

/// Words as components, and what in them is worth a look.
#[derive(Debug, Default)]
pub(super) struct Lowered {
    pub(super) mjml: String,
    /// Links, images and headings, in their order.
    pub(super) marks: Vec<Mark>,
}

/// Lowers the Markdown of `body` to MJML. What is between `{{` and `}}` comes
/// back hidden in `masks`. With `lines`, elements say from where they came.
pub(super) fn lower(
    body: &Passage,
    (mustaches, lines): (Vec<Mustache>, Option<Lines>),
    vocabulary: &Vocabulary,
    masks: &mut Masks,
    diagnostics: &mut Diagnostics,
) -> Lowered {
    let masked = hide(body, &mustaches, masks);
    // A file may have hundreds of thousands, and the parser needs the room.
    drop(mustaches);
    let arena = Arena::new();
    let root = parse_document(&arena, &masked, &options());
    // Blocks that do not pair up at all were reported before.
    let pairs_up = !diagnostics.has_errors();
    let mut writer = Writer {
        body,
        origins: lines,
        vocabulary,
        masks,
        diagnostics,
        mjml: String::new(),
        marks: Vec::new(),
        link_at: 0,
        target: 0..0,
        lines: notes::lines(&body.text, &masked),
        pairs_up,
        around: 0,
    };
    writer.check_boxes();
    for block in root.children() {
        writer.block(block);
    }
    Lowered { mjml: writer.mjml, marks: writer.marks }
}

pub(super) fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.block_directive = true;
    options
}

fn hide(body: &Passage, mustaches: &[Mustache], masks: &mut Masks) -> String {
    let mut masked = String::with_capacity(body.text.len());
    let mut from = 0;
    for mustache in mustaches {
        masked.push_str(&body.text[from..mustache.span.start]);
        masked.push_str(&masks.hide(&body.text[mustache.span.clone()]));
        from = mustache.span.end;
    }
    masked.push_str(&body.text[from..]);
    masked
}

struct Writer<'a> {
    body: &'a Passage,
    /// Of words that are traced, where their lines are.
    origins: Option<Lines>,
    vocabulary: &'a Vocabulary,
    masks: &'a mut Masks,
    diagnostics: &'a mut Diagnostics,
    mjml: String,
    marks: Vec<Mark>,
    /// From where on the next link's target is looked for in the words.
    link_at: usize,
    /// Where the target of the last link or image stands.
    target: Range<usize>,
    /// The lines of the words.
    lines: Vec<Range<usize>>,
    /// Whether every block of the words is closed somewhere.
    pairs_up: bool,
    /// Blocks that are open around whole paragraphs.
    around: usize,
}

impl Writer<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "comrak's list grows with its extensions")]
    fn block(&mut self, node: Node<'_>) {
        match &node.data().value {
            NodeValue::Paragraph => self.paragraph(node),
            NodeValue::Heading(heading) => {
                let level = heading.level.clamp(2, 3);
                self.note_heading(node, level);
                let text = self.inlines(node);
                let tag = format!("h{level}");
                let at = self.at(node);
                self.text(
                    &tag,
                    &format!("<{tag} style=\"margin:0;font:inherit\"{at}>{text}</{tag}>"),
                );
            }
            NodeValue::List(_) => {
                let list = self.inner_block(node, 0);
                self.text("list", &list);
            }
            NodeValue::BlockQuote => {
                let quote = self.inner_block(node, 0);
                self.text("quote", &quote);
            }
            NodeValue::CodeBlock(code) => {
                let (code, at) = (self.code(&code.literal), self.at(node));
                self.text("code", &format!("<pre style=\"margin:0\"{at}>{code}</pre>"));
            }
            NodeValue::ThematicBreak => {
                let at = self.class_at(node);
                writeln!(
                    self.mjml,
                    "<mj-divider mj-class=\"divider\" css-class=\"divider{at}\" />"
                )
                .expect("a string takes everything");
            }
            NodeValue::Table(_) => {
                let rows = self.table(node);
                self.checked(&rows);
                let at = self.class_at(node);
                writeln!(
                    self.mjml,
                    "<mj-table mj-class=\"table\" css-class=\"table{at}\">{rows}</mj-table>"
                )
                .expect("a string takes everything");
            }
            NodeValue::BlockDirective(directive) => self.directive(node, &directive.info),
            NodeValue::HtmlBlock(html) => self.html(&html.literal),
            // What is left are pieces of the above, and extensions that are off.
            _ => {}
        }
    }

    fn paragraph(&mut self, node: Node<'_>) {
        if let Some(button) = self.button(node) {
            self.mjml.push_str(&button);
            return;
        }
        if let Some(image) = self.image(node) {
            self.mjml.push_str(&image);
            return;
        }
        self.unknown_attributes(node);
        let text = self.inlines(node);
        // A line of `{{#if …}}` alone wraps the blocks after it.
        let only_tags = self.masks.is_only_masks(&text)
            && self
                .masks
                .hidden_in(&text)
                .all(|hidden| mustache::scan(hidden).0.iter().all(Mustache::is_block_tag));
        if only_tags {
            self.steer(&text);
            writeln!(self.mjml, "<mj-raw>{text}</mj-raw>").expect("a string takes everything");
            return;
        }
        let at = self.at(node);
        self.text("p", &format!("<p style=\"margin:0\"{at}>{text}</p>"));
    }

    /// `:::callout Title`, `:::small`.
    fn directive(&mut self, node: Node<'_>, info: &str) {
        let info = info.trim();
        let (kind, title) = info.split_once(char::is_whitespace).unwrap_or((info, ""));
        let mut inner = String::new();
        match kind {
            "callout" => {
                let at = self.at(node);
                write!(inner, "<div class=\"callout-box\"{at}>")
                    .expect("a string takes everything");
                if !title.trim().is_empty() {
                    let title = self.literal(title.trim());
                    write!(inner, "<p style=\"margin:0 0 8px\" class=\"callout-title\"><strong>{title}</strong></p>")
                        .expect("a string takes everything");
                }
            }
            "small" => {}
            other => {
                let span = self.locate(&format!(":::{other}"));
                let place = self.body.place(span);
                self.diagnostics.not_one_of(place, other, "a kind of box", &["callout", "small"]);
                return;
            }
        }
        for child in node.children() {
            inner.push_str(&self.inner_block(child, 1));
        }
        if kind == "callout" {
            inner.push_str("</div>");
        }
        self.text(kind, &inner);
    }

    /// A block inside another one, as HTML.
    #[expect(clippy::wildcard_enum_match_arm, reason = "comrak's list grows with its extensions")]
    fn inner_block(&mut self, node: Node<'_>, depth: usize) -> String {
        if depth > DEPTH_MAX {
            return self.literal(&plain_text(node));
        }
        let at = self.at(node);
        let children = |writer: &mut Self| {
            node.children().map(|child| writer.inner_block(child, depth + 1)).collect::<String>()
        };
        match &node.data().value {
            NodeValue::Paragraph => {
                let is_in_item = node
                    .parent()
                    .is_some_and(|parent| matches!(parent.data().value, NodeValue::Item(_)));
                let margin =
                    if is_in_item || node.next_sibling().is_none() { "0" } else { "0 0 8px" };
                format!("<p style=\"margin:{margin}\"{at}>{}</p>", self.inlines(node))
            }
            NodeValue::List(list) => {
                let tag = if list.list_type == ListType::Ordered { "ol" } else { "ul" };
                let start = match list.start {
                    n if tag == "ol" && n != 1 => format!(" start=\"{n}\""),
                    _ => String::new(),
                };
                let items = children(self);
                format!("<{tag}{start} style=\"margin:0;padding:0 0 0 24px\"{at}>{items}</{tag}>")
            }
            NodeValue::Item(_) => {
                let items = children(self);
                format!("<li style=\"margin:0 0 8px\"{at}>{items}</li>")
            }
            NodeValue::BlockQuote => {
                format!("<blockquote style=\"margin:0\"{at}>{}</blockquote>", children(self))
            }
            NodeValue::Heading(_) => {
                format!(
                    "<p style=\"margin:0 0 8px\"{at}><strong>{}</strong></p>",
                    self.inlines(node)
                )
            }
            NodeValue::CodeBlock(code) => {
                format!("<pre style=\"margin:0\"{at}>{}</pre>", self.code(&code.literal))
            }
            NodeValue::ThematicBreak => "<hr />".to_owned(),
            NodeValue::Table(_) => format!("<table>{}</table>", self.table(node)),
            NodeValue::HtmlBlock(html) => {
                self.html(&html.literal);
                String::new()
            }
            _ => children(self),
        }
    }

    /// Text as it is meant: no sign of it is markup or an expression.
    fn literal(&mut self, text: &str) -> String {
        self.masks.hide_braces(&escape(text))
    }

    /// Code keeps its lines and columns, also where a parser folds white space.
    fn code(&mut self, code: &str) -> String {
        let solid = code.trim_end_matches('\n').replace('\t', "    ").replace(' ', "\u{a0}");
        let lines: Vec<String> = solid.split('\n').map(|line| self.literal(line)).collect();
        lines.join("<br />")
    }

    fn table(&mut self, node: Node<'_>) -> String {
        let data = node.data();
        let NodeValue::Table(table) = &data.value else { return String::new() };
        let mut rows = String::new();
        for row in node.children() {
            let tag =
                if matches!(row.data().value, NodeValue::TableRow(true)) { "th" } else { "td" };
            rows.push_str("<tr>");
            for (index, cell) in row.children().enumerate() {
                let align = match table.alignments.get(index) {
                    Some(TableAlignment::Center) => "center",
                    Some(TableAlignment::Right) => "right",
                    Some(TableAlignment::Left | TableAlignment::None) | None => "left",
                };
                let text = self.inlines(cell);
                write!(rows, "<{tag} style=\"text-align:{align}\">{text}</{tag}>")
                    .expect("a string takes everything");
            }
            rows.push_str("</tr>");
        }
        rows
    }

    fn inlines(&mut self, node: Node<'_>) -> String {
        self.inlines_at(node, 0)
    }

    fn inlines_at(&mut self, node: Node<'_>, depth: usize) -> String {
        if depth > DEPTH_MAX {
            return self.literal(&plain_text(node));
        }
        node.children().map(|child| self.inline(child, depth + 1)).collect()
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "comrak's list grows with its extensions")]
    fn inline(&mut self, node: Node<'_>, depth: usize) -> String {
        match &node.data().value {
            NodeValue::Text(text) => self.literal(text),
            NodeValue::SoftBreak => " ".to_owned(),
            NodeValue::LineBreak => "<br />".to_owned(),
            NodeValue::Code(code) => format!("<code>{}</code>", self.literal(&code.literal)),
            NodeValue::Emph => format!("<em>{}</em>", self.inlines_at(node, depth)),
            NodeValue::Strong => format!("<strong>{}</strong>", self.inlines_at(node, depth)),
            NodeValue::Strikethrough => format!("<s>{}</s>", self.inlines_at(node, depth)),
            NodeValue::Link(link) => {
                let href = self.address(&link.url);
                self.note_link(node, &link.url);
                format!("<a href=\"{href}\">{}</a>", self.inlines_at(node, depth))
            }
            NodeValue::Image(image) => {
                let src = self.picture(&image.url);
                let alt = self.literal(&plain_text(node));
                self.note_image(node, &image.url, Shown::InText);
                format!("<img src=\"{src}\" alt=\"{alt}\" />")
            }
            NodeValue::HtmlInline(html) => {
                self.html(html);
                String::new()
            }
            _ => self.inlines_at(node, depth),
        }
    }

    /// Raw HTML: a comment that stands alone is the author's own; anything
    /// else is refused, so that no word gets lost with it.
    fn html(&mut self, literal: &str) {
        let literal = literal.trim();
        let after_comment = literal
            .strip_prefix("<!--")
            .and_then(|rest| rest.split_once("-->"))
            .map(|(_, after)| after);
        if after_comment.is_some_and(|after| after.trim().is_empty()) {
            return;
        }
        let first = literal.lines().next().unwrap_or(literal);
        let span = self.locate(first);
        let hint = "write it as Markdown, or write `&lt;` for the sign itself";
        self.diagnostics.refused_expression(
            self.body.place(span),
            "HTML does not work in the words",
            hint,
        );
    }

    fn text(&mut self, class: &str, html: &str) {
        self.checked(html);
        writeln!(self.mjml, "<mj-text mj-class=\"{class}\" css-class=\"{class}\">{html}</mj-text>")
            .expect("a string takes everything");
    }

    /// Notes what a line of block tags opens and closes around paragraphs.
    fn steer(&mut self, text: &str) {
        for expression in nesting::around(text, self.masks, &mut self.around) {
            self.complain_about_block(&expression);
        }
    }

    /// A block must open and close within one component, and around whole
    /// elements of it: else the HTML would be cut in half for some people.
    fn checked(&mut self, html: &str) {
        for expression in nesting::crossings(html, self.masks) {
            self.complain_about_block(&expression);
        }
    }

    fn complain_about_block(&mut self, expression: &str) {
        if !self.pairs_up {
            return;
        }
        let at = self.body.text.find(expression).unwrap_or(0);
        let place = self.body.place(at..at + expression.len());
        let what = "this block begins and ends in different paragraphs or styles".to_owned();
        let hint = "put its tags on lines of their own, with an empty line around";
        self.diagnostics.unbalanced_block(place, what, hint);
    }

    /// A box that is never closed would swallow the rest of the mail.
    fn check_boxes(&mut self) {
        for span in nesting::unclosed_boxes(&self.body.text) {
            let what = "this box is never closed".to_owned();
            let hint = "close it with a line that holds only `:::`";
            self.diagnostics.unbalanced_block(self.body.place(span), what, hint);
        }
    }
}

/// The text of a node, for an image's alternative.
#[expect(clippy::wildcard_enum_match_arm, reason = "comrak's list grows with its extensions")]
fn plain_text(node: Node<'_>) -> String {
    let mut text = String::new();
    for child in node.descendants() {
        match &child.data().value {
            NodeValue::Text(part) => text.push_str(part),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            _ => {}
        }
    }
    text
}
