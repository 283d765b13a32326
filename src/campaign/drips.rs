//! A drip's folder → [`Edition`]: its manifest, and the words of each step.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::{
    filter::Names,
    images,
    manifest::{self, Manifest},
    pages,
    project::{Reader, is_markdown},
    site, words,
};
use crate::{
    diagnostic::Place,
    model::{Campaign, CampaignId, Site, StepId, Version, hex},
    render::{Compiled, Essentials, Vocabulary, check},
};

/// A campaign at one version, compiled.
#[derive(Debug)]
pub struct Edition {
    /// Who, when, in which order.
    pub campaign: Campaign,
    /// The mail of each step.
    pub mails: BTreeMap<StepId, Compiled>,
    /// The hash of everything its mail is made of.
    pub version: Version,
    /// Who sends, as of this version.
    pub site: Site,
}

/// Files beside the words that are nobody's mail.
const NOT_SENT: [&str; 2] = ["article.md", "README.md"];

impl Reader<'_> {
    pub(super) fn edition(&mut self, id: &CampaignId, names: &Names<'_>) -> Option<Edition> {
        let folder = format!("campaigns/{id}/");
        let manifest = self.text(&format!("{folder}campaign.toml"))?;
        let (file, text) = (&manifest.file, &manifest.text);
        let Manifest { campaign, step_places, layout, is_sound } =
            manifest::parse(id, file, text, names, self.diagnostics);
        let images = images::of_campaign(self.files, &folder, names.site);
        let kind = format!("step {:?} {images:?}", layout.as_ref().map(|name| &name.value));
        let vocabulary = Vocabulary::of_step(names.site).with_images(images);
        let layout = layout.and_then(|name| {
            self.layout(&name.value, Some(&name.place), &vocabulary, Essentials::Subscribed)
        });
        let Some(mut campaign) = campaign else {
            self.check_words_alone(&folder, &vocabulary);
            return None;
        };
        let mut mails = BTreeMap::new();
        let mut used: BTreeSet<String> = BTreeSet::new();
        for (index, (step, place)) in campaign.steps.iter_mut().zip(&step_places).enumerate() {
            let wanted = format!("{}-{}.md", index + 1, step.id);
            let Some(file) = self.step_file(&folder, (&step.id, &wanted), place) else { continue };
            step.file.clone_from(&file);
            used.insert(file.clone());
            let Some(text) = self.text(&file) else { continue };
            let read = words::of_step(&text, self.diagnostics);
            let Some(layout) = layout.as_ref().filter(|_| read.is_whole) else {
                check(&read.words, &vocabulary, self.diagnostics);
                continue;
            };
            let words = (&text, &read.words);
            if let Some(mail) = self.compiled(words, layout, &vocabulary, &kind) {
                mails.insert(step.id.clone(), mail);
            }
        }
        // A step that could not be read has words that seem to be nobody's.
        if is_sound {
            self.check_orphans(id, &folder, &used);
        }
        let version = self.version(&folder, &used);
        Some(Edition { campaign, mails, version, site: names.site.clone() })
    }

    /// Looks through the words of a campaign whose manifest says too little.
    pub(super) fn check_words_alone(&mut self, folder: &str, vocabulary: &Vocabulary) {
        let files = self.files;
        for (path, _) in files.below(folder) {
            let name = path.strip_prefix(folder).unwrap_or(path);
            if is_markdown(name)
                && !name.contains('/')
                && !NOT_SENT.contains(&name)
                && let Some(text) = self.text(path)
            {
                let read = words::of_step(&text, self.diagnostics);
                check(&read.words, vocabulary, self.diagnostics);
            }
        }
    }

    /// `ID.md` or `N-ID.md`.
    fn step_file(
        &mut self,
        folder: &str,
        (id, wanted): (&StepId, &str),
        place: &Place,
    ) -> Option<String> {
        let mut present = Vec::new();
        for (path, _) in self.files.below(folder) {
            let Some(name) = path.strip_prefix(folder).and_then(|name| name.strip_suffix(".md"))
            else {
                continue;
            };
            if step_id_of(name) == id.as_str() || name == id.as_str() {
                return Some(path.to_string());
            }
            present.push(format!("{name}.md"));
        }
        let present: Vec<&str> = present.iter().map(String::as_str).collect();
        let what = format!("the step `{id}`");
        self.diagnostics.missing_file(place.clone(), &what, wanted, &present);
        None
    }

    pub(super) fn check_orphans(&mut self, id: &CampaignId, folder: &str, used: &BTreeSet<String>) {
        let files = self.files;
        for (path, _) in files.below(folder) {
            let name = path.strip_prefix(folder).unwrap_or(path);
            if !is_markdown(name) || used.contains(&**path) {
                continue;
            }
            let is_issue = name.strip_prefix("issues/").is_some_and(|name| !name.contains('/'));
            let is_words = !name.contains('/') && !NOT_SENT.contains(&name);
            if is_issue || is_words {
                // Known to the report, so that it can show the first line.
                self.text(path);
            }
            if is_issue {
                self.diagnostics.issue_of_a_drip(Place::top(path), id.as_str());
            } else if is_words {
                self.diagnostics.orphan_words(Place::top(path), id.as_str());
            }
        }
    }

    /// Whether the file `words` says `text`.
    fn mentions(&self, words: &str, text: &str) -> bool {
        let found = self.files.find(words).and_then(|(_, bytes)| std::str::from_utf8(bytes).ok());
        found.is_some_and(|words| words.contains(text))
    }

    /// The hash of everything that the campaign's mail is made of.
    pub(super) fn version(&self, folder: &str, used: &BTreeSet<String>) -> Version {
        let mut hash = Sha256::new();
        let mut add = |path: &str, bytes: &[u8]| {
            // Lengths before contents: no two sets of files hash alike.
            hash.update((path.len() as u64).to_be_bytes());
            hash.update(path.as_bytes());
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        let shows = |path: &str| {
            let image = path.strip_prefix(folder).filter(|name| name.starts_with("images/"));
            image.is_some_and(|image| used.iter().any(|words| self.mentions(words, image)))
        };
        for (path, bytes) in self.files.iter() {
            let is_page = path.starts_with(pages::FOLDER) || &**path == pages::WORDS;
            let is_used = path.starts_with("templates/") && !is_page
                || used.contains(&**path)
                || shows(path)
                || path.strip_prefix(folder) == Some("campaign.toml");
            if is_used {
                add(path, bytes);
            } else if &**path == site::FILE {
                let text = String::from_utf8_lossy(bytes);
                add(path, site::canonical(&text, None).as_bytes());
            }
        }
        // Half of it: 128 bits keep versions apart.
        Version(hex(&hash.finalize()[..16]).into())
    }
}

/// `causes` of `1-causes`.
fn step_id_of(name: &str) -> &str {
    match name.split_once('-') {
        Some((number, id)) if !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()) => {
            id
        }
        _ => name,
    }
}
