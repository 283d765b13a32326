//! Text without marks, as it comes out of a page by copying, → Markdown.
//!
//! Indentation means nothing here, and nothing is marked: what is a heading, a
//! list or a caption is told by how lines look beside each other.

mod core;
mod lines;
mod shape;
mod title;

use std::collections::{BTreeMap, BTreeSet};

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
    /// What a list of contents at the top says: the headings further down.
    contents: BTreeSet<String>,
    /// `Key: value` of the lines that a text begins with.
    pub(super) header: Vec<(String, String)>,
}

/// Marks a paste.
pub(super) fn paste(text: &str, keep: &Keep) -> Pasted {
    let mut pasted = Pasted::default();
    let mut rest = lines::read(text);
    take_header(&mut rest, &mut pasted);
    take_contents(&mut rest, &mut pasted, keep);
    cut_behind(&mut rest, &mut pasted, keep);
    title::take(&mut rest, &mut pasted, keep);
    rest.retain(|line| {
        let is_own = line.is_single
            && !keep.wants(&line.text)
            && (is_own(&line.text) || is_menu(line))
            && words::end(&line.text).is_none()
            && !words::is_sources(&line.text);
        if is_own {
            pasted.leave(line, Reason::Chrome);
        }
        !is_own
    });
    let shapes = shape::tell(&rest, &pasted.title, &pasted.contents);
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

/// Takes the header block that some texts begin with.
fn take_header(rest: &mut Vec<Line>, pasted: &mut Pasted) {
    const KEYS: [&str; 9] =
        ["title", "author", "date", "subject", "language", "source", "url", "published", "by"];
    let pair = |line: &Line| {
        let (key, value) = line.text.split_once(": ")?;
        let key = key.to_lowercase();
        KEYS.contains(&key.as_str()).then(|| (key, value.trim().to_owned()))
    };
    let count = rest.iter().map_while(pair).count();
    if count >= 2 {
        pasted.header = rest.drain(..count).filter_map(|line| pair(&line)).collect();
    }
}

/// Leaves out what follows the article: behind its last prose, from the first
/// line on that is the page's.
fn cut_behind(rest: &mut Vec<Line>, pasted: &mut Pasted, keep: &Keep) {
    let end = core::core(rest).end;
    let is_sources = |line: &Line| words::is_sources(&line.text);
    // Sources are no prose, and belong to the article.
    let from = rest.iter().rposition(is_sources).filter(|at| *at >= end).unwrap_or(end);
    let is_end = |line: &Line| words::end(&line.text).is_some() || words::notes(&line.text);
    let end_line = rest[from..].iter().position(|line| is_end(line) && !is_sources(line));
    let menu = rest[from..].windows(MENU_MIN).position(is_site_menu);
    let Some(own) = end_line.into_iter().chain(menu).min() else { return };
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

/// Lines of a site's menu, of which some are known.
const MENU_MIN: usize = 6;
const MENU_KNOWN: usize = 2;

/// Whether lines below each other are a site's menu.
fn is_site_menu(lines: &[Line]) -> bool {
    let is_item = |line: &Line| words::count(&line.text) <= 5 && !words::ends_sentence(&line.text);
    let bare =
        |line: &Line| lines::bullet(&line.text).map_or_else(|| line.text.clone(), str::to_owned);
    let known = lines.iter().filter(|line| words::is_chrome(&bare(line))).count();
    known >= MENU_KNOWN && lines.iter().all(is_item)
}

/// Whether short items stand side by side on a line, held apart by spaces.
fn is_menu(line: &Line) -> bool {
    let parts = line.raw.trim().split("  ").map(str::trim).filter(|part| !part.is_empty());
    let parts: Vec<&str> = parts.collect();
    let is_item = |part: &&str| words::count(part) <= 5 && !words::ends_sentence(part);
    line.is_single && parts.len() >= 2 && parts.iter().all(is_item) && !line.raw.contains('|')
}

/// Leaves out lines that only name the headings further down.
fn take_contents(rest: &mut Vec<Line>, pasted: &mut Pasted, keep: &Keep) {
    const ROW_MIN: usize = 3;
    let keys: Vec<String> = rest.iter().map(|line| words::fold(&line.text)).collect();
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, key) in keys.iter().enumerate() {
        last.insert(key, at);
    }
    let is_named = |at: usize| {
        rest[at].is_single
            && words::count(&rest[at].text) <= 14
            && last.get(keys[at].as_str()).is_some_and(|last| *last > at)
            && !keep.wants(&rest[at].text)
    };
    let mut is_out = vec![false; rest.len()];
    let mut at = 0;
    while at < rest.len() {
        let row = (at..rest.len()).take_while(|at| is_named(*at)).count();
        if row >= ROW_MIN {
            is_out[at..at + row].fill(true);
            if at > 0 && words::is_contents(&rest[at - 1].text) {
                is_out[at - 1] = true;
            }
        }
        at += row.max(1);
    }
    let mut is_out = is_out.into_iter();
    rest.retain(|line| {
        let is_out = is_out.next().unwrap_or(false);
        if is_out {
            pasted.contents.insert(words::fold(&line.text));
            pasted.leave(line, Reason::Contents);
        }
        !is_out
    });
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
