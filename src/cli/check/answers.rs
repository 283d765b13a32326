//! What links answered within the last day, in a file of the project that git
//! does not see.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    model::LinkAnswer,
    project,
    time::{SignedDuration, Timestamp},
};

/// How long an answer is believed.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(24);
/// The largest file that is read: some thousand links.
const BYTES_MAX: u64 = 2 * 1024 * 1024;

/// Answers by the address that was asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Answers {
    links: BTreeMap<String, Answer>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Answer {
    at: Timestamp,
    #[serde(flatten)]
    answer: LinkAnswer,
}

impl Answers {
    /// What was answered within the day before `now`. A file that is not there
    /// or cannot be read is nothing remembered.
    pub(super) fn load(folder: &Path, now: Timestamp) -> Answers {
        let path = place(folder).join(FILE);
        let bytes = project::read_at_most(&path.to_string_lossy(), BYTES_MAX).ok().flatten();
        let read = bytes.and_then(|bytes| serde_json::from_slice::<Answers>(&bytes).ok());
        let mut answers = read.unwrap_or_default();
        let is_young = |at: Timestamp| {
            let age = now.duration_since(at);
            SignedDuration::ZERO <= age && age < AGE_MAX
        };
        answers.links.retain(|_, answer| is_young(answer.at));
        answers
    }

    /// The answers of `urls`.
    pub(super) fn only(mut self, urls: &BTreeSet<&str>) -> Answers {
        self.links.retain(|url, _| urls.contains(url.as_str()));
        self
    }

    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    pub(super) fn knows(&self, url: &str) -> bool {
        self.links.contains_key(url)
    }

    pub(super) fn extend(&mut self, told: BTreeMap<String, LinkAnswer>, at: Timestamp) {
        self.links.extend(told.into_iter().map(|(url, answer)| (url, Answer { at, answer })));
    }

    pub(super) fn by_url(&self) -> BTreeMap<String, LinkAnswer> {
        self.links.iter().map(|(url, answer)| (url.clone(), answer.answer.clone())).collect()
    }

    /// Remembers what lasts: a link that is wrong may be mended at any moment,
    /// and is asked again.
    pub(super) fn save(&self, folder: &Path) -> io::Result<()> {
        let mut kept = self.clone();
        kept.links.retain(|_, answer| answer.answer.lasts());
        let json = serde_json::to_vec_pretty(&kept)?;
        let outer = folder.join(".fascicle");
        if project::is_link(&outer) {
            return Err(io::Error::other(format!("{} is a link", outer.display())));
        }
        // The folder hides itself from git, whatever the project ignores.
        let files = [(".gitignore".to_owned(), b"*\n".to_vec()), (FILE.to_owned(), json)];
        project::write_folder(&place(folder), &files)
    }
}

const FILE: &str = "links.json";

fn place(folder: &Path) -> PathBuf {
    folder.join(".fascicle").join("cache")
}
