//! Text without marks, as it comes out of a page by copying, → Markdown.
//!
//! Indentation means nothing here, and nothing is marked: what is a heading, a
//! list or a caption is told by how lines look beside each other.

mod core;
mod lines;
mod shape;
mod title;

use super::{LeftOut, Reason, escape, keep::Keep, words};
use lines::Line;
use shape::Shape;

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

/// Marks a paste.
pub(super) fn paste(text: &str, keep: &Keep) -> Pasted {
    let mut pasted = Pasted::default();
    let mut rest = lines::read(text);
    cut_behind(&mut rest, &mut pasted, keep);
    title::take(&mut rest, &mut pasted, keep);
    rest.retain(|line| {
        let is_own = line.is_single
            && !keep.wants(&line.text)
            && is_own(&line.text)
            && words::end(&line.text).is_none()
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
                pasted.block(&format!("{mark} {}", escape::text(text)), line.number);
            }
            Shape::Paragraph => {
                pasted.block(&escape::start(&escape::text(&line.text)), line.number);
            }
            Shape::Quote => pasted.block(&format!("> {}", escape::text(&line.text)), line.number),
            Shape::Caption if keep.wants(&line.text) => {
                pasted.block(&escape::start(&escape::text(&line.text)), line.number);
            }
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

/// Leaves out what follows the article: behind its last prose, from the first
/// line on that is the page's.
fn cut_behind(rest: &mut Vec<Line>, pasted: &mut Pasted, keep: &Keep) {
    let end = core::core(rest).end;
    let is_sources = |line: &Line| words::is_sources(&line.text);
    // Sources are no prose, and belong to the article.
    let from = rest.iter().rposition(is_sources).filter(|at| *at >= end).unwrap_or(end);
    let Some(own) =
        rest[from..].iter().position(|line| core::is_own(&line.text) && !is_sources(line))
    else {
        return;
    };
    let (wanted, behind): (Vec<Line>, Vec<Line>) =
        rest.drain(from + own..).partition(|line| keep.wants(&line.text));
    for line in behind {
        pasted.leave(&line, Reason::BackMatter);
    }
    // A word or two right before it are the page's, too.
    let is_loose = |line: &Line| {
        words::count(&line.text) <= 8
            && !words::ends_sentence(&line.text)
            && !lines::begins_item(&line.text)
            && line.gap > 0
    };
    while rest.len() > end && rest.last().is_some_and(is_loose) {
        if let Some(line) = rest.pop() {
            pasted.leave(&line, Reason::BackMatter);
        }
    }
    rest.extend(wanted);
}

/// Whether a line is the page's: all that stands side by side on it is.
fn is_own(text: &str) -> bool {
    words::is_chrome(text) || text.split(['|', '·', '•', '›', '»', '/', '\t']).all(words::is_chrome)
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
                    self.write(&format!("- {}", escape::start(&escape::text(text))), line.number);
                }
                Shape::Numbered(number, text) => {
                    self.write(
                        &format!("{number}. {}", escape::start(&escape::text(text))),
                        line.number,
                    );
                }
                Shape::Row(cells) => {
                    let cells: Vec<String> =
                        cells.iter().map(|cell| escape::text(cell).replace('|', "\\|")).collect();
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
