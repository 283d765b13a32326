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

/// Tags of a page: the largest real ones have 40,000.
const TAGS_MAX: usize = 100_000;
/// Attributes of a tag; the parser compares each with each.
const ATTRIBUTES_MAX: usize = 500;

/// Why `html` must not be parsed, in a sentence.
pub(super) fn objection(html: &str) -> Option<String> {
    if let Some(line) = too_deep(html) {
        return Some(format!(
            "line {line} of the page nests deeper than {DEPTH_MAX} tags; no page for readers does"
        ));
    }
    let tags = html.bytes().filter(|c| *c == b'<').count();
    if tags > TAGS_MAX {
        return Some(format!("the page has {tags} tags; {TAGS_MAX} are the most"));
    }
    too_wide(html).map(|line| {
        format!("a tag on line {line} of the page has more than {ATTRIBUTES_MAX} attributes")
    })
}

/// The line, from 1, on which a tag has too many attributes.
fn too_wide(html: &str) -> Option<usize> {
    let mut opened = None;
    let mut quote = None;
    let mut attributes = 0;
    for (at, c) in html.bytes().enumerate() {
        match (opened, quote) {
            (None, _) => {
                let names = html.as_bytes().get(at + 1).is_some_and(u8::is_ascii_alphabetic);
                if c == b'<' && names {
                    (opened, attributes) = (Some(at), 0);
                }
            }
            (Some(_), Some(end)) => {
                if c == end {
                    quote = None;
                }
            }
            (Some(start), None) => match c {
                b'>' => opened = None,
                b'"' | b'\'' if html.as_bytes()[at - 1] == b'=' => quote = Some(c),
                b' ' | b'\n' | b'\t' | b'/' => {
                    attributes += 1;
                    // Runs of white space are long between some attributes.
                    let is_run = html.as_bytes()[at - 1].is_ascii_whitespace();
                    attributes -= usize::from(is_run);
                    if attributes > ATTRIBUTES_MAX {
                        return Some(html[..start].matches('\n').count() + 1);
                    }
                }
                _ => {}
            },
        }
    }
    None
}

/// The line, from 1, on which `html` nests too deep.
fn too_deep(html: &str) -> Option<usize> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_has_some_attributes_and_not_thousands() {
        let tag = |count: usize| format!("\n<p {}>", "a=\"b c d\" ".repeat(count));
        assert_eq!(too_wide(&tag(400)), None);
        assert_eq!(too_wide(&tag(600)), Some(2));
        assert_eq!(too_wide(&format!("<img src=\"data:{}\">", " ".repeat(9_000))), None);
        assert_eq!(too_wide(&"a < b and ".repeat(1_000)), None);
    }

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
