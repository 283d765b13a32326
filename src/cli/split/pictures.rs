//! The images of an article, as far as they can be saved: from beside its
//! file, or, with `--fetch`, from the web.

use std::path::Path;

use super::source::Web;
use crate::{
    article::{self, Article, Saved},
    model::IMAGE_BYTES_MAX,
    project,
};

/// Bytes of all images of an article.
const ALL_BYTES_MAX: usize = 50 * 1024 * 1024;
/// Images that did not come; each may have cost ten seconds.
const FAILURES_MAX: usize = 5;

/// What loading may still cost.
struct Patience {
    bytes: usize,
    failures: usize,
}

impl Patience {
    fn is_left(&self) -> bool {
        self.bytes > 0 && self.failures > 0
    }
}

/// Loads the images of `article`, which came from `name` and goes to `folder`.
pub(in crate::cli) async fn save(
    article: &Article,
    name: &str,
    web: Web,
    folder: &Path,
) -> Vec<Saved> {
    let mut loaded: Vec<(String, Vec<u8>)> = Vec::new();
    let mut patience = Patience { bytes: ALL_BYTES_MAX, failures: FAILURES_MAX };
    for source in article::images(article) {
        let is_remote = source.starts_with("http://") || source.starts_with("https://");
        let beside = beside(Path::new(name), &source);
        let bytes = match beside {
            Some(bytes) => Some(bytes),
            // What cannot be fetched stays where it is.
            None if is_remote && web == Web::Fetch && patience.is_left() => {
                let fetched = project::fetch(&source).await.ok().map(|fetched| fetched.bytes);
                patience.failures -= usize::from(fetched.is_none());
                fetched
            }
            None => None,
        };
        let small = bytes.filter(|bytes| bytes.len() <= IMAGE_BYTES_MAX.min(patience.bytes));
        patience.bytes -= small.as_ref().map_or(0, Vec::len);
        loaded.extend(small.map(|bytes| (source, bytes)));
    }
    // An image of the same name is the author's, unless it is the same.
    article::name(loaded, &|file, bytes| {
        let there = project::read_beside(&folder.join("campaign.toml"), file, u64::MAX);
        !matches!(there, Ok(Some(other)) if other != bytes)
    })
}

/// The file that `source` means, beside the article's. Browsers save a page
/// with its images in a folder of its name, and leave its address in it: of an
/// address only what lies in such a folder is taken, for a page that somebody
/// else wrote must not guess the names of other files.
fn beside(article: &Path, source: &str) -> Option<Vec<u8>> {
    if !article.is_file() {
        return None;
    }
    let path = source.split(['?', '#']).next()?;
    let path = String::from_utf8(percent(path)).ok()?;
    let name = match path.split_once("//") {
        Some((_, rest)) => {
            let stem = article.file_stem()?.to_str()?;
            let is_own = |part: &str| part.starts_with(stem) && part.len() > stem.len();
            let parts: Vec<&str> = rest.split('/').collect();
            let from = parts.iter().position(|part| is_own(part))?;
            parts[from..].join("/")
        }
        None => path.trim_start_matches('/').to_owned(),
    };
    project::read_beside(article, &name, IMAGE_BYTES_MAX as u64).ok().flatten()
}

/// The bytes of a path in which some are written as `%20`.
fn percent(path: &str) -> Vec<u8> {
    let plain = path.replace('+', "%2B");
    let pairs = form_urlencoded::parse(plain.as_bytes());
    pairs.map(|(key, _)| key.into_owned().into_bytes()).next().unwrap_or_default()
}
