//! What a split says: the series, what it left out and why, what to look at.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::{Value, json};

use super::{Mode, Split};
use crate::{
    article::{Block, BlockKind, Fate, Format, LeftOut, Reason},
    time::Delay,
};

/// Pieces of one kind that are listed; the rest is counted.
const LISTED_MAX: usize = 12;
/// Characters of a piece that are shown.
const SHOWN: usize = 72;

pub(super) fn human(split: &Split) -> String {
    let series = &split.series;
    let words: usize = series.emails.iter().map(|email| email.words).sum();
    let mut text = format!(
        "{}: {} from {words} words\n\n",
        series.title,
        counted(series.emails.len(), "email")
    );
    let width =
        series.emails.iter().map(|email| email.subject.chars().count()).max().unwrap_or(7).max(7);
    let _ = writeln!(text, "{:<6} {:<width$}  words  reading", "when", "subject");
    for (index, email) in series.emails.iter().enumerate() {
        let pad = width - email.subject.chars().count();
        let (minutes, seconds) = (email.seconds / 60, email.seconds % 60);
        let _ = writeln!(
            text,
            "{:<6} {}{}  {:>5}  {minutes}:{seconds:02}",
            when(split, index),
            email.subject,
            " ".repeat(pad),
            email.words
        );
    }
    left_out(&mut text, &series.left_out);
    if !series.remarks.is_empty() {
        text.push_str("\nlook at:\n");
        for remark in &series.remarks {
            let _ = writeln!(text, "  line {}: {}", remark.line, remark.what);
        }
    }
    changes(&mut text, split);
    text
}

/// Days since the first email, as far as the delay is in days.
fn when(split: &Split, index: usize) -> String {
    match Delay::parse(&split.setting.every) {
        Ok(Delay::Days(days)) => format!("day {}", usize::try_from(days).unwrap_or(1) * index),
        Ok(_) | Err(_) if index == 0 => "day 0".to_owned(),
        Ok(_) | Err(_) => format!("+{index}×{}", split.setting.every),
    }
}

fn left_out(text: &mut String, pieces: &[LeftOut]) {
    if pieces.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nleft out ({}):", pieces.len());
    let mut kinds: BTreeMap<&str, Vec<&LeftOut>> = BTreeMap::new();
    for piece in pieces {
        kinds.entry(reason(piece.reason).0).or_default().push(piece);
    }
    for (kind, pieces) in kinds {
        let _ = writeln!(text, "  {kind}:");
        for piece in pieces.iter().take(LISTED_MAX) {
            let _ = writeln!(text, "    line {}: {}", piece.line, shown(&piece.text));
        }
        if pieces.len() > LISTED_MAX {
            let _ = writeln!(
                text,
                "    and {} more; --format json lists them all",
                pieces.len() - LISTED_MAX
            );
        }
    }
}

/// The words for people, and the code for programs.
fn reason(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::Chrome => ("the page’s own, not the article’s", "chrome"),
        Reason::BackMatter => ("behind the article", "back-matter"),
        Reason::CaptionWithoutImage => {
            ("captions whose images did not come along", "caption-without-image")
        }
        Reason::PullQuote => ("said twice", "duplicate-pull-quote"),
        Reason::Contents => ("lists of the headings", "contents"),
        Reason::UncitedReference => ("sources that nothing cites", "uncited-source"),
        Reason::NotForMail => {
            ("what mail cannot carry; upload images, and link to them", "not-for-mail")
        }
    }
}

fn shown(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

fn changes(text: &mut String, split: &Split) {
    let folder = split.folder.display();
    let is_dry = split.mode == Mode::DryRun;
    let count = |wanted: fn(&Fate) -> bool| {
        split.plan.changes.iter().filter(|change| wanted(&change.fate)).count()
    };
    let written = count(|fate| matches!(fate, Fate::Written));
    let same = count(|fate| matches!(fate, Fate::Same | Fate::Kept));
    text.push('\n');
    for change in &split.plan.changes {
        let what = match &change.fate {
            Fate::Written | Fate::Same | Fate::Kept => continue,
            Fate::Updated => "follows the article".to_owned(),
            Fate::Proposed(name) => {
                format!("is yours and stays; what the article says now is in {name}")
            }
            Fate::Removed => "was taken away, and is not written again".to_owned(),
            Fate::LeftArticle => {
                "is not in the article any more; it stays until you take it away".to_owned()
            }
        };
        let _ = writeln!(text, "{}: {what}", change.name);
    }
    let would = if is_dry { "would be written to" } else { "written to" };
    if written > 0 {
        let _ = writeln!(text, "{} {would} {folder} (status draft)", counted(written, "file"));
        if !is_dry {
            text.push_str("next: read them, then `fascicle check` and `fascicle preview`\n");
        }
    } else if same == split.plan.changes.len() {
        let _ = writeln!(text, "{folder} has all of this already; nothing is written");
    }
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

pub(super) fn json(split: &Split) -> String {
    let (series, origin) = (&split.series, &split.article.origin);
    let emails = series.emails.iter().enumerate().map(|(index, email)| {
        let blocks = split.article.blocks[email.blocks.clone()].iter().map(block);
        json!({
            "id": email.id, "subject": email.subject, "preheader": email.preheader, "when": when(split, index),
            "words": email.words, "seconds": email.seconds, "blocks": blocks.collect::<Vec<_>>(),
        })
    });
    let left_out = series.left_out.iter().map(
        |piece| json!({"line": piece.line, "reason": reason(piece.reason).1, "text": piece.text}),
    );
    let remarks =
        series.remarks.iter().map(|remark| json!({"line": remark.line, "what": remark.what}));
    let files = split.plan.changes.iter().map(|change| {
        let (fate, proposal) = match &change.fate {
            Fate::Written => ("written", None),
            Fate::Updated => ("updated", None),
            Fate::Same => ("same", None),
            Fate::Kept => ("kept", None),
            Fate::Removed => ("removed", None),
            Fate::LeftArticle => ("left-article", None),
            Fate::Proposed(name) => ("proposed", Some(name)),
        };
        json!({"name": change.name, "fate": fate, "proposal": proposal})
    });
    let format = match origin.format {
        Format::Html => "html",
        Format::Markdown => "markdown",
        Format::Text => "text",
    };
    let whole: Value = json!({
        "version": 1, "title": series.title, "folder": split.folder.display().to_string(), "dry_run": split.mode == Mode::DryRun,
        "origin": {"format": format, "url": origin.url, "author": origin.author, "published": origin.published,
            "site": origin.site, "language": origin.language},
        "emails": emails.collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
        "remarks": remarks.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
    });
    format!("{whole:#}\n")
}

fn block(block: &Block) -> Value {
    let kind = match block.kind {
        BlockKind::Heading(_) => "heading",
        BlockKind::Paragraph => "paragraph",
        BlockKind::List => "list",
        BlockKind::Quote => "quote",
        BlockKind::Image => "image",
        BlockKind::Code => "code",
        BlockKind::Table => "table",
    };
    let cites: Vec<&str> = block.cites.iter().map(|key| key.0.as_str()).collect();
    json!({"line": block.line, "kind": kind, "text": block.text, "cites": cites})
}
