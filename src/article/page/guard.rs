//! What an HTML parser must not be given: time and stack grow with nesting.

/// Tags in tags. html5ever's time grows with the square of it, and whoever
/// walks the tree needs stack; real pages stay below 60.
const DEPTH_MAX: usize = 256;

/// Elements that nobody has to close, or that hold nothing: they do not nest.
const FLAT: &[&str] = &[
    "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup",
    "colgroup", "html", "head", "body", "rp", "rt", "br", "hr", "img", "meta", "link", "input",
    "wbr", "col", "area", "base", "embed", "source", "track", "param", "frame", "keygen",
];

/// The line, from 1, on which `html` nests too deep.
pub(super) fn too_deep(html: &str) -> Option<usize> {
    let bytes = html.as_bytes();
    let mut depth: usize = 0;
    let mut at = 0;
    while let Some(open) = html[at..].find('<').map(|found| at + found) {
        at = open + 1;
        if html[at..].starts_with("!--") {
            at = html[at..].find("-->").map_or(html.len(), |end| at + end + 3);
            continue;
        }
        let is_close = bytes.get(at) == Some(&b'/');
        let from = at + usize::from(is_close);
        let length = bytes[from..].iter().take_while(|c| c.is_ascii_alphanumeric()).count();
        if length == 0 {
            continue;
        }
        let name = html[from..from + length].to_ascii_lowercase();
        at = from + length;
        if matches!(name.as_str(), "script" | "style") && !is_close {
            let end = format!("</{name}");
            // What is in them is no markup.
            at = find_ignoring_case(&html[at..], &end).map_or(html.len(), |end| at + end);
            continue;
        }
        if FLAT.contains(&name.as_str()) {
            continue;
        }
        if is_close {
            depth = depth.saturating_sub(1);
        } else {
            let end = html[at..].find('>').map_or(html.len(), |end| at + end);
            if !html[at..end].ends_with('/') {
                depth += 1;
            }
        }
        if depth > DEPTH_MAX {
            return Some(html[..open].matches('\n').count() + 1);
        }
    }
    None
}

fn find_ignoring_case(text: &str, needle: &str) -> Option<usize> {
    let (bytes, needle) = (text.as_bytes(), needle.as_bytes());
    bytes.windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle))
}

/// The most tags that [`too_deep`] lets through.
pub(super) const fn depth_max() -> usize {
    DEPTH_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_and_what_need_not_be_closed_is_not() {
        assert_eq!(too_deep(&"<div>".repeat(256)), None);
        assert_eq!(too_deep(&format!("\n{}", "<div>".repeat(257))), Some(2));
        assert_eq!(too_deep(&"<p>a".repeat(10_000)), None);
        assert_eq!(too_deep(&"<b>a</b>".repeat(10_000)), None);
        assert_eq!(too_deep(&"<font color=a>".repeat(1_000)), Some(1));
        assert_eq!(too_deep(&format!("<script>{}</SCRIPT>", "<div>".repeat(999))), None);
    }
}
