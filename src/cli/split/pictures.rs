//! The images of an article, as far as they can be saved: from beside its
//! file, or, with `--fetch`, from the web.

use std::path::Path;

use super::source::Web;
use crate::{
    article::{self, Article, IMAGE_BYTES_MAX, Saved},
    project,
};

/// Loads the images of `article`, which came from `name` and goes to `folder`.
pub(in crate::cli) async fn save(
    article: &Article,
    name: &str,
    web: Web,
    folder: &Path,
) -> Vec<Saved> {
    let mut loaded = Vec::new();
    for source in article::images(article) {
        let is_remote = source.starts_with("http://") || source.starts_with("https://");
        let beside = beside(Path::new(name), &source);
        let bytes = match beside {
            Some(bytes) => Some(bytes),
            // What cannot be fetched stays where it is.
            None if is_remote && web == Web::Fetch => {
                project::fetch(&source).await.ok().map(|fetched| fetched.bytes)
            }
            None => None,
        };
        loaded.extend(bytes.map(|bytes| (source, bytes)));
    }
    // An image of the same name is the author's, unless it is the same.
    article::name(loaded, &|file, bytes| {
        let there = project::read_beside(&folder.join("campaign.toml"), file, u64::MAX);
        !matches!(there, Ok(Some(other)) if other != bytes)
    })
}

/// The file that `source` means, beside the article's: browsers save a page
/// with its images in a folder of its name, and leave its address in it.
fn beside(article: &Path, source: &str) -> Option<Vec<u8>> {
    if !article.is_file() {
        return None;
    }
    let path = source.split(['?', '#']).next()?;
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    let decoded: Vec<u8> = percent(path);
    let path = String::from_utf8(decoded).ok()?;
    let mut segments: Vec<&str> = path.split('/').filter(|one| !matches!(*one, "" | ".")).collect();
    while !segments.is_empty() {
        let found = project::read_beside(article, &segments.join("/"), IMAGE_BYTES_MAX as u64);
        if let Ok(Some(bytes)) = found {
            return Some(bytes);
        }
        segments.remove(0);
    }
    None
}

/// The bytes of a path in which some are written as `%20`.
fn percent(path: &str) -> Vec<u8> {
    let plain = path.replace('+', "%2B");
    let pairs = form_urlencoded::parse(plain.as_bytes());
    pairs.map(|(key, _)| key.into_owned().into_bytes()).next().unwrap_or_default()
}
