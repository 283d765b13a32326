//! What a split says: the series, what it left out and why, what to look at.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::{Value, json};

use super::{Mode, Split};
use crate::{
    article::{self, Block, BlockKind, Fate, Format, LeftOut, Reason},
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
    for (kind, mut pieces) in kinds {
        let _ = writeln!(text, "  {kind}:");
        // Prose first: menus nobody misses.
        pieces.sort_by_key(|piece| std::cmp::Reverse(piece.text.len()));
        let listed = pieces.len().min(LISTED_MAX);
        pieces[..listed].sort_by_key(|piece| piece.line);
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
        Reason::Notice => {
            ("notices of the page; where the law wants one, --keep puts it back", "notice")
        }
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
    let changes = &split.plan.changes;
    let count =
        |wanted: fn(&Fate) -> bool| changes.iter().filter(|change| wanted(&change.fate)).count();
    let written = count(|fate| matches!(fate, Fate::Written));
    let is_first = written == changes.len();
    let would = if split.mode == Mode::DryRun { "would be " } else { "" };
    text.push('\n');
    for change in changes.iter().filter(|_| !is_first) {
        let what = match &change.fate {
            Fate::Same | Fate::Kept => continue,
            Fate::Written => format!("{would}new"),
            Fate::Updated if change.name == article::MANIFEST => {
                format!("{would}changed: its steps follow the article")
            }
            Fate::Updated => format!("{would}updated; you had not touched it"),
            Fate::Proposed(name) => format!(
                "is yours and stays; what the article says now is in {name}: take over what you want, then delete it"
            ),
            Fate::Removed => "you took it away, and it is not written again".to_owned(),
            Fate::LeftArticle => {
                "is yours, and the article does not have it any more; to stop sending it, delete it and its [[step]]".to_owned()
            }
            Fate::Retired(name) => format!(
                "the article does not have it any more; its step is gone, and it lies beside as {name}"
            ),
        };
        let _ = writeln!(text, "{}: {what}", change.name);
    }
    for name in &split.waiting {
        let _ = writeln!(text, "{name}: waits for you since an earlier split");
    }
    let folder = split.folder.display();
    if is_first {
        let images = match split.saved.len() {
            0 => String::new(),
            count => format!(" and {}", counted(count, "image")),
        };
        let written = counted(written, "file");
        let _ = writeln!(text, "{written}{images} {would}written to {folder}");
        next(text, split);
    } else if count(|fate| matches!(fate, Fate::Same | Fate::Kept | Fate::Removed)) == changes.len()
    {
        let _ = writeln!(text, "{folder} has all of this already; nothing is written");
    } else {
        text.push_str("next: read what changed, then `fascicle check`; people get it after `fascicle apply`\n");
    }
}

/// What the author does with a new campaign.
fn next(text: &mut String, split: &Split) {
    let name = split.folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let list = &split.setting.list;
    let _ = writeln!(
        text,
        "\nnext: read the emails, and look at them: `fascicle check`, `fascicle preview`\n      \
         it is a draft for the list `{list}`: campaign.toml has another `list`, and when each email leaves\n      \
         then status = \"active\", `fascicle apply`, and for people who are there already `fascicle enroll {name}`"
    );
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
            Fate::Retired(name) => ("retired", Some(name)),
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
