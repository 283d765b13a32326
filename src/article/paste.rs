//! Text without marks, as it comes out of a page by copying, → Markdown.
//!
//! Indentation means nothing here, and nothing is marked: what is a heading, a
//! list or a caption is told by how lines look beside each other.

use super::{
    LeftOut, Reason,
    lines::{self, Line},
    shape::{self, Shape},
    words,
};

/// What a paste turned out to be.
#[derive(Debug, Default)]
pub(super) struct Pasted {
    pub(super) title: String,
    /// The same text, marked.
    pub(super) markdown: String,
    /// For each line of `markdown`, the line of the paste that it is from.
    pub(super) lines: Vec<usize>,
    pub(super) left_out: Vec<LeftOut>,
}

/// Lines from the top among which the title is looked for.
const TITLE_WITHIN: usize = 8;

/// Marks a paste.
pub(super) fn paste(text: &str) -> Pasted {
    let mut pasted = Pasted::default();
    let mut rest = lines::read(text);
    take_title(&mut rest, &mut pasted);
    rest.retain(|line| {
        let is_own = line.is_single
            && words::is_chrome(&line.text)
            && !words::is_end(&line.text)
            && !words::is_sources(&line.text);
        if is_own {
            pasted.leave(line, Reason::Chrome);
        }
        !is_own
    });
    let shapes = shape::tell(&rest, &pasted.title);
    let mut at = 0;
    while at < rest.len() {
        let line = &rest[at];
        if line.gap > 1 {
            // More than one empty line is a wish for distance.
            for _ in 2..line.gap {
                pasted.write("", 0);
            }
        }
        at += 1;
        match &shapes[at - 1] {
            Shape::Heading(level) => {
                let mark = "#".repeat(usize::from(*level));
                let text = line.text.trim_end_matches([':', '：']);
                pasted.block(&format!("{mark} {}", escape(text)), line.number);
            }
            Shape::Paragraph => pasted.block(&escape_start(&escape(&line.text)), line.number),
            Shape::Quote => pasted.block(&format!("> {}", escape(&line.text)), line.number),
            Shape::Caption => pasted.leave(line, Reason::CaptionWithoutImage),
            Shape::Rule => pasted.block("***", line.number),
            Shape::Bullet(_) | Shape::Numbered(..) | Shape::Code | Shape::Row(_) => {
                let end = at
                    + shapes[at..]
                        .iter()
                        .take_while(|next| shape::goes_on(&shapes[at - 1], next))
                        .count();
                pasted.run(&rest[at - 1..end], &shapes[at - 1..end]);
                at = end;
            }
        }
    }
    pasted
}

impl Pasted {
    fn write(&mut self, text: &str, number: usize) {
        self.markdown.push_str(text);
        self.markdown.push('\n');
        self.lines.push(number);
    }

    fn block(&mut self, text: &str, number: usize) {
        self.write(text, number);
        self.write("", 0);
    }

    fn leave(&mut self, line: &Line, reason: Reason) {
        self.left_out.push(LeftOut { reason, text: line.text.clone(), line: line.number });
    }

    /// Lines that are one block together.
    fn run(&mut self, run: &[Line], shapes: &[Shape]) {
        let is_code = shapes[0] == Shape::Code;
        if is_code {
            self.write("```", 0);
        }
        for (index, (line, shape)) in run.iter().zip(shapes).enumerate() {
            match shape {
                Shape::Code => self.write(&line.raw, line.number),
                Shape::Bullet(text) => {
                    self.write(&format!("- {}", escape_start(&escape(text))), line.number)
                }
                Shape::Numbered(number, text) => {
                    self.write(&format!("{number}. {}", escape_start(&escape(text))), line.number)
                }
                Shape::Row(cells) => {
                    let cells: Vec<String> =
                        cells.iter().map(|cell| escape(cell).replace('|', "\\|")).collect();
                    self.write(&format!("| {} |", cells.join(" | ")), line.number);
                    if index == 0 {
                        self.write(&format!("|{}", " --- |".repeat(cells.len())), line.number);
                    }
                }
                Shape::Heading(_)
                | Shape::Paragraph
                | Shape::Quote
                | Shape::Caption
                | Shape::Rule => {}
            }
        }
        if is_code {
            self.write("```", 0);
        }
        self.write("", 0);
        if matches!(shapes[0], Shape::Bullet(_) | Shape::Numbered(..)) {
            // Two lists behind each other stay two.
            self.write("<!-- -->", 0);
            self.write("", 0);
        }
    }
}

/// The title, with what stands above it left out.
fn take_title(rest: &mut Vec<Line>, pasted: &mut Pasted) {
    let is_title = |line: &Line| {
        let count = words::count(&line.text);
        let ends = line.text.ends_with(['.', ',', ';', '。', ':', '：']);
        (2..=22).contains(&count) && !ends && line.is_single && !words::is_chrome(&line.text)
    };
    let Some(at) = rest.iter().take(TITLE_WITHIN).position(is_title) else { return };
    // Prose above it: then it is a heading inside.
    if rest[..at].iter().any(|line| words::count(&line.text) > 25) {
        return;
    }
    for line in rest.drain(..at) {
        pasted.leave(&line, Reason::Chrome);
    }
    let line = rest.remove(0);
    pasted.title = without_site(&line.text, rest);
    if rest.first().is_some_and(|next| next.is_underline()) {
        rest.remove(0);
    }
}

/// A title without ` | The Site` at its end.
fn without_site(title: &str, rest: &[Line]) -> String {
    for sign in [" | ", " – ", " — ", " - ", " · ", " » "] {
        if let Some((before, site)) = title.rsplit_once(sign) {
            let is_known = rest.iter().any(|line| words::fold(&line.text) == words::fold(site));
            let is_site =
                sign == " | " || is_known || site.contains(".com") || site.contains(".org");
            if is_site && words::count(before) >= 2 {
                return before.trim().to_owned();
            }
        }
    }
    title.to_owned()
}

/// Text that Markdown reads as the same text.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '`' | '<' | '[' | ']' | '~') {
            escaped.push('\\');
        }
        if c == '&' {
            escaped.push_str("&amp;");
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// A line that begins like a mark of Markdown, and is none.
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
