//! What stands alone in its paragraph: a link that is a button, an image, each
//! with its attributes.

use comrak::{Node, nodes::NodeValue};

use super::{Shown, Writer, plain_text};

impl Writer<'_> {
    /// `[Label](target){.button}` alone in a paragraph.
    pub(super) fn button(&mut self, node: Node<'_>) -> Option<String> {
        let children: Vec<_> = node.children().collect();
        let [link, attributes] = children.as_slice() else { return None };
        let data = link.data();
        let NodeValue::Link(target) = &data.value else { return None };
        let NodeValue::Text(text) = &attributes.data().value else { return None };
        let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
        if !inner.split_whitespace().any(|word| word == ".button") {
            return None;
        }
        let href = self.address(&target.url);
        self.note_link(link, &target.url);
        let label = self.inlines(link);
        let at = self.class_at(node);
        Some(format!(
            "<mj-button mj-class=\"button\" css-class=\"button{at}\" href=\"{href}\">{label}</mj-button>\n"
        ))
    }

    /// `![alt](src)` alone in a paragraph, with an optional `{width=480}`.
    pub(super) fn image(&mut self, node: Node<'_>) -> Option<String> {
        let mut children = node.children();
        let image = children.next()?;
        let data = image.data();
        let NodeValue::Image(target) = &data.value else { return None };
        let (mut width, mut given) = (String::new(), None);
        if let Some(attributes) = children.next() {
            let NodeValue::Text(text) = &attributes.data().value else { return None };
            let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
            let number = inner.split_whitespace().find_map(|word| word.strip_prefix("width="))?;
            let pixels: u32 = number.trim_end_matches("px").parse().ok()?;
            given = Some(pixels);
            width = format!(" width=\"{}px\"", pixels.clamp(1, 600));
        }
        if children.next().is_some() {
            return None;
        }
        let src = self.picture(&target.url);
        let alt = self.literal(&plain_text(image));
        let at = self.class_at(node);
        self.note_image(image, &target.url, Shown::Alone { given });
        Some(format!(
            "<mj-image mj-class=\"image\" css-class=\"image{at}\" src=\"{src}\" alt=\"{alt}\"{width} />\n"
        ))
    }

    /// `{.buton}` or `{widht=480}` behind a link or an image alone in a
    /// paragraph: people would read it.
    pub(super) fn unknown_attributes(&mut self, node: Node<'_>) {
        let children: Vec<_> = node.children().collect();
        let [what, attributes] = children.as_slice() else { return };
        let is_link = matches!(what.data().value, NodeValue::Link(_));
        if !is_link && !matches!(what.data().value, NodeValue::Image(_)) {
            return;
        }
        let known = if is_link { ".button" } else { "width=480" };
        let NodeValue::Text(text) = &attributes.data().value else { return };
        let inner = text.trim().strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        let Some(inner) = inner else { return };
        let is_attribute = |word: &str| word.starts_with(['.', '#']) || word.contains('=');
        if inner.trim().is_empty() || !inner.split_whitespace().all(is_attribute) {
            return;
        }
        let span = self.locate(text.trim());
        self.diagnostics.unknown_attributes(self.body.place(span), inner.trim(), known);
    }
}
