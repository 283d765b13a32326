//! What did somebody hand in? A web page, Markdown, or plain text.

use super::Format;

/// Different marks of Markdown that make a text Markdown: one may be chance.
const MARKS_MIN: usize = 2;

/// The form of `text`: by its content; a file's name decides where both fit.
pub(super) fn recognise(text: &str, name: Option<&str>) -> Format {
    let start = text.trim_start();
    if is_page(start) {
        return Format::Html;
    }
    let extension =
        name.and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_ascii_lowercase());
    match extension.as_deref() {
        Some("md" | "markdown" | "mdx") => Format::Markdown,
        Some("html" | "htm" | "xhtml") if start.contains('<') => Format::Html,
        _ if marks(text) >= MARKS_MIN => Format::Markdown,
        _ => Format::Text,
    }
}

/// Whether it begins like a page, or like a piece of one.
fn is_page(start: &str) -> bool {
    const BEGINNINGS: [&str; 16] = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<article",
        "<main",
        "<section",
        "<div",
        "<p>",
        "<p ",
        "<h1",
        "<h2",
        "<header",
        "<?xml",
        "<!--",
        "<table",
    ];
    let head: String = start.chars().take(20).collect::<String>().to_ascii_lowercase();
    let is_markup = BEGINNINGS.iter().any(|beginning| head.starts_with(beginning));
    // A comment, or an element of its own, begins Markdown, too.
    is_markup
        && (start.contains("</p>")
            || start.contains("</div>")
            || start.contains("</h")
            || start.contains("</html>")
            || start.contains("</table>"))
}

/// How many kinds of Markdown's marks there are.
fn marks(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let headings = lines.iter().filter(|line| is_atx(line)).count();
    let is_underlined = |at: usize| {
        let rule = lines[at].trim_end();
        rule.len() >= 3 && (rule.bytes().all(|c| c == b'=') || rule.bytes().all(|c| c == b'-'))
    };
    let kinds = [
        headings > 0,
        // Nobody pastes several of them by chance.
        headings > 2,
        (1..lines.len()).any(|at| {
            !lines[at - 1].trim().is_empty() && is_underlined(at) && lines[at].starts_with('=')
        }),
        lines.iter().any(|line| line.trim_start().starts_with("```") || line.starts_with("~~~")),
        text.contains("](http") || text.contains("](/") || text.contains("](#"),
        text.matches("**").count() >= 2,
        lines.iter().any(|line| line.starts_with("> ")),
        lines.first().is_some_and(|line| matches!(line.trim_end(), "---" | "+++"))
            && lines.iter().skip(1).any(|line| matches!(line.trim_end(), "---" | "+++")),
        lines.iter().any(|line| line.starts_with("- [ ] ") || line.starts_with("- [x] ")),
        lines.iter().any(|line| line.starts_with("[^") && line.contains("]: ")),
    ];
    kinds.iter().filter(|is_there| **is_there).count()
}

fn is_atx(line: &str) -> bool {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    (1..=6).contains(&level) && rest.starts_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides_and_then_the_name() {
        let check = |text: &str, name: Option<&str>, expected| {
            assert_eq!(recognise(text, name), expected, "{text}");
        };
        check("<!DOCTYPE html><p>a</p></html>", Some("x.txt"), Format::Html);
        check("  <div class=a><p>b</p></div>", None, Format::Html);
        check("<!-- a --> # Title", None, Format::Text);
        check("# Title\n\n**a** b **c**", None, Format::Markdown);
        check("Title\n\nText with **one mark**.", None, Format::Text);
        check("Title\n\nText.", Some("a.md"), Format::Markdown);
        check("#1 is the best\n\n1 < 2", None, Format::Text);
        check("---\ntitle: a\n---\n\n# b\n", None, Format::Markdown);
    }
}
