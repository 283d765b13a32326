//! What holds for any article: nothing is lost, nothing is said twice, and
//! nothing breaks the reader.

use std::fmt::Write as _;

use fascicle::article::{self, Article, Given, Series, Wishes};
use proptest::prelude::*;

use crate::world::root;

/// A piece of an article; each holds a word of its own, by which it is found.
#[derive(Clone, Debug)]
enum Piece {
    Heading,
    Prose(usize),
    List(usize),
    Quote,
    Code,
    Table,
    Menu,
    Request,
    Label,
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        3 => Just(Piece::Heading),
        8 => (1..6_usize).prop_map(Piece::Prose),
        2 => (2..7_usize).prop_map(Piece::List),
        1 => Just(Piece::Quote),
        1 => Just(Piece::Code),
        1 => Just(Piece::Table),
        1 => Just(Piece::Menu),
        1 => Just(Piece::Request),
        1 => Just(Piece::Label),
    ]
}

/// The word of piece `at`, or of its item `item`.
fn mark(at: usize, item: usize) -> String {
    format!("zq{at}x{item}k")
}

/// The lines of a piece: its kind says how each format writes them.
fn lines(at: usize, piece: &Piece) -> Vec<String> {
    let sentence = |item: usize| {
        format!(
            "The {} stands in the garden and waits until the rain is over again.",
            mark(at, item)
        )
    };
    match piece {
        Piece::Heading => vec![format!("About the {}", mark(at, 0))],
        Piece::Prose(count) => vec![(0..*count).map(sentence).collect::<Vec<_>>().join(" ")],
        Piece::List(count) => {
            (0..*count).map(|item| format!("one {} more", mark(at, item))).collect()
        }
        Piece::Quote => vec![format!("“{}”", sentence(0))],
        Piece::Code => {
            vec![format!("let {} = call(1);", mark(at, 0)), format!("return {};", mark(at, 1))]
        }
        Piece::Table => vec![format!("{} | 1", mark(at, 0)), format!("{} | 2", mark(at, 1))],
        Piece::Menu => vec![format!("Share {}", mark(at, 0))],
        Piece::Request => vec![format!("Subscribe to our {} newsletter today!", mark(at, 0))],
        Piece::Label => vec![format!("Related: {}", mark(at, 0))],
    }
}

fn marks(pieces: &[Piece]) -> Vec<String> {
    let each = pieces.iter().enumerate().flat_map(|(at, piece)| {
        let count = match piece {
            Piece::Prose(count) | Piece::List(count) => *count,
            Piece::Code | Piece::Table => 2,
            Piece::Heading | Piece::Quote | Piece::Menu | Piece::Request | Piece::Label => 1,
        };
        (0..count).map(move |item| mark(at, item))
    });
    each.collect()
}

fn markdown(pieces: &[Piece]) -> String {
    let mut text = String::from("# A garden of words\n\n");
    for (at, piece) in pieces.iter().enumerate() {
        let lines = lines(at, piece);
        match piece {
            Piece::Heading => writeln!(text, "## {}\n", lines[0]),
            Piece::List(_) => writeln!(text, "- {}\n\n<!-- -->\n", lines.join("\n- ")),
            Piece::Quote => writeln!(text, "> {}\n", lines[0]),
            Piece::Code => writeln!(text, "```\n{}\n```\n", lines.join("\n")),
            Piece::Table => {
                writeln!(text, "| a | b |\n| --- | --- |\n| {} |\n", lines.join(" |\n| "))
            }
            Piece::Prose(_) | Piece::Menu | Piece::Request | Piece::Label => {
                writeln!(text, "{}\n", lines[0])
            }
        }
        .expect("a string takes everything");
    }
    text
}

fn page(pieces: &[Piece]) -> String {
    let mut text = String::from(
        "<!doctype html><title>A garden of words</title><body><nav><a href=/>Home</a></nav><article><h1>A garden of words</h1>\n",
    );
    for (at, piece) in pieces.iter().enumerate() {
        let lines = lines(at, piece);
        match piece {
            Piece::Heading => writeln!(text, "<h2>{}</h2>", lines[0]),
            Piece::List(_) => writeln!(text, "<ul><li>{}</li></ul>", lines.join("</li><li>")),
            Piece::Quote => writeln!(text, "<blockquote><p>{}</p></blockquote>", lines[0]),
            Piece::Code => writeln!(text, "<pre><code>{}</code></pre>", lines.join("\n")),
            Piece::Table => {
                let rows = lines.join("</td></tr><tr><td>").replace(" | ", "</td><td>");
                writeln!(
                    text,
                    "<table><tr><th>a</th><th>b</th></tr><tr><td>{rows}</td></tr></table>"
                )
            }
            Piece::Menu => writeln!(text, "<div class=share><button>{}</button></div>", lines[0]),
            Piece::Prose(_) | Piece::Request | Piece::Label => {
                writeln!(text, "<p>{}</p>", lines[0])
            }
        }
        .expect("a string takes everything");
    }
    text.push_str("</article><footer>All rights reserved</footer></body>");
    text
}

fn paste(pieces: &[Piece]) -> String {
    let mut text = String::from("A garden of words\n\n");
    for (at, piece) in pieces.iter().enumerate() {
        for line in lines(at, piece) {
            let sign = if matches!(piece, Piece::List(_)) { "• " } else { "" };
            writeln!(text, "{sign}{line}").expect("a string takes everything");
        }
        text.push('\n');
    }
    text
}

fn read(text: &str, name: &str) -> Option<(Article, Series)> {
    let given = Given { name: Some(name.to_owned()), ..Given::default() };
    let article = article::read(text.as_bytes(), &given).ok()?;
    let series = article::series(&article, &Wishes::default());
    Some((article, series))
}

/// Where each mark is: in how many emails, and whether it is told.
fn check(pieces: &[Piece], text: &str, name: &str) -> Result<(), TestCaseError> {
    // What holds nothing that could be sent is refused, and then nothing is written.
    let Some((article, series)) = read(text, name) else { return Ok(()) };
    for mark in marks(pieces) {
        let emails: usize = series
            .emails
            .iter()
            .map(|email| {
                let in_body = email.body.matches(&mark).count();
                in_body.max(usize::from(email.subject.contains(&mark)))
            })
            .sum();
        let is_told = article.title.contains(&mark)
            || series.left_out.iter().any(|one| one.text.contains(&mark));
        prop_assert!(emails <= 1, "{mark} is in {emails} places\n{text}");
        prop_assert!(emails == 1 || is_told, "{mark} is lost\n{text}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_in_an_article_is_sent_once_or_told(pieces in prop::collection::vec(piece(), 1..40)) {
        check(&pieces, &markdown(&pieces), "article.md")?;
        check(&pieces, &page(&pieces), "page.html")?;
        check(&pieces, &paste(&pieces), "paste.txt")?;
    }

    #[test]
    fn the_canonical_article_is_a_fixed_point(pieces in prop::collection::vec(piece(), 1..30)) {
        for (text, name) in [(markdown(&pieces), "article.md"), (page(&pieces), "page.html"), (paste(&pieces), "paste.txt")] {
            let Some((article, _)) = read(&text, name) else { continue };
            let once = article::canonical(&article);
            let Some((again, _)) = read(&once, "article.md") else {
                return Err(TestCaseError::fail(format!("refused:\n{once}")));
            };
            let texts = |article: &Article| -> Vec<String> {
                article.blocks.iter().map(|block| block.markdown.clone()).collect()
            };
            prop_assert_eq!(texts(&again), texts(&article), "{}", once);
        }
    }

    /// Bytes of the corpus, cut, doubled and overwritten at random: a refusal
    /// or a series, never anything else.
    #[test]
    fn no_bytes_break_the_reader(
        which in 0..33_usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..6_u8, any::<[u8; 3]>()), 1..12),
    ) {
        let mut files: Vec<_> = std::fs::read_dir(root().join("tests/data/articles"))
            .expect("articles")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.is_file())
            .collect();
        files.sort();
        let path = &files[which % files.len()];
        let mut bytes = std::fs::read(path).expect("an article");
        for (from, to, kind, noise) in edits {
            let (from, to) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
            let (from, to) = (from.min(to), from.max(to));
            let to = to.min(from + 3_000);
            match kind {
                0 => drop(bytes.drain(from..to)),
                1 => { let part = bytes[from..to].to_vec(); bytes.splice(from..from, part); }
                2 => { bytes.splice(from..from, noise); }
                3 => { bytes.splice(from..from, b"<div><ul><li>".repeat(20)); }
                4 => { bytes.splice(from..from, "\n> - 1. [^2]: **{{#if x}}` &#0;\u{202e}".bytes()); }
                _ => bytes.truncate(to),
            }
        }
        let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let given = Given { name, ..Given::default() };
        if let Ok(article) = article::read(&bytes, &given) {
            for into in [None, Some(1), Some(7)] {
                let series = article::series(&article, &Wishes { into, ..Wishes::default() });
                prop_assert!(!series.emails.is_empty());
                let ends: Vec<usize> = series.emails.iter().map(|email| email.blocks.end).collect();
                prop_assert_eq!(ends.last().copied(), Some(article.blocks.len()));
            }
        }
    }
}
