//! The images that an article shows, and how those are called that could be
//! saved beside its emails.

use std::collections::{BTreeMap, BTreeSet};

use super::{Article, folder::hash_bytes};
use crate::model::{IMAGE_BYTES_MAX, image_ending};

/// Images of one article; more are decoration.
const IMAGES_MAX: usize = 100;

/// An image that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// What the article calls it.
    pub source: String,
    /// Its file in the campaign's folder: `images/NAME`.
    pub file: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What `article` calls its images, in order, each once.
pub fn images(article: &Article) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let texts = article.blocks.iter().map(|block| block.markdown.as_str());
    let found =
        texts.flat_map(|text| sources(text)).map(|(from, to, text)| text[from..to].to_owned());
    found.filter(|source| seen.insert(source.clone())).take(IMAGES_MAX).collect()
}

/// Where in `text` the addresses of its images stand.
fn sources(text: &str) -> Vec<(usize, usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find("![").map(|open| at + open) {
        let Some(middle) = text[open..].find("](").map(|middle| open + middle + 2) else { break };
        let Some(end) = text[middle..].find([')', ' ']).map(|end| middle + end) else { break };
        found.push((middle, end, text));
        at = end;
    }
    found
}

/// `text` with the files of `saved` in place of what the article calls them.
pub(super) fn with_files(text: &str, saved: &BTreeMap<String, String>) -> String {
    let mut written = String::with_capacity(text.len());
    let mut at = 0;
    for (from, to, _) in sources(text) {
        if let Some(file) = saved.get(&text[from..to]) {
            written.push_str(&text[at..from]);
            written.push_str(file);
            at = to;
        }
    }
    written.push_str(&text[at..]);
    written
}

/// Names the images that were loaded: by their own names, as far as they tell
/// anything and no two are alike. What is no image for mail is left out.
///
/// `is_free` says whether a file in the campaign's folder may hold these bytes.
pub fn name(loaded: Vec<(String, Vec<u8>)>, is_free: &dyn Fn(&str, &[u8]) -> bool) -> Vec<Saved> {
    let mut taken: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut saved = Vec::new();
    for (source, bytes) in loaded {
        let Some(ending) = image_ending(&bytes).filter(|_| bytes.len() <= IMAGE_BYTES_MAX) else {
            continue;
        };
        let path = source.split(['?', '#']).next().unwrap_or_default();
        let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
        let stem: String = slug::slugify(stem.replace("%20", " ")).chars().take(40).collect();
        let stem = if stem.is_empty() { "image" } else { stem.trim_end_matches('-') };
        let mut file = format!("images/{stem}.{ending}");
        if taken.get(&file).is_some_and(|other| *other != bytes) || !is_free(&file, &bytes) {
            file = format!("images/{stem}-{}.{ending}", &hash_bytes(&bytes)[..8]);
        }
        taken.insert(file.clone(), bytes.clone());
        saved.push(Saved { source, file, bytes });
    }
    saved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_named_by_their_content_and_their_names() {
        let png = |byte: u8| vec![0x89, b'P', b'N', b'G', byte];
        let loaded = vec![
            ("/a/Dough ball.jpeg?w=3".to_owned(), png(1)),
            ("/b/dough-ball.png".to_owned(), png(2)),
            ("x.png".to_owned(), b"<html>".to_vec()),
            ("../../.png".to_owned(), png(1)),
        ];
        let files: Vec<String> =
            name(loaded, &|_, _| true).into_iter().map(|saved| saved.file).collect();
        assert_eq!(files[0], "images/dough-ball.png");
        assert!(files[1].starts_with("images/dough-ball-") && files[1].len() == 30, "{}", files[1]);
        assert_eq!(files[2..], ["images/image.png"]);
    }

    #[test]
    fn a_text_shows_the_files_that_were_saved() {
        let saved = [("a.png".to_owned(), "images/a.png".to_owned())].into();
        let text = "![One](a.png) and ![Two](b.png \"b\") [a.png](a.png)";
        let expected = "![One](images/a.png) and ![Two](b.png \"b\") [a.png](a.png)";
        assert_eq!(with_files(text, &saved), expected);
    }
}
