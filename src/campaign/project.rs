//! All files of a project → one [`Project`], with all findings.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sha2::{Digest, Sha256};

use super::{
    filter::Names,
    manifest::{self, Manifest},
    pages, samples, site, words,
};
use crate::{
    diagnostic::{Diagnostics, Place},
    model::{Campaign, CampaignId, Name, ProjectFiles, Sample, Site, StepId, Version, hex},
    render::{
        Compiled, Essentials, Layout, LayoutFile, Pages, Passage, Vocabulary, Words, check, compile,
    },
};

/// A project as its files say it.
#[derive(Clone, Debug)]
pub struct Project {
    /// Who sends.
    pub site: Site,
    /// The campaigns, compiled.
    pub editions: BTreeMap<CampaignId, Arc<Edition>>,
    /// The confirmation, when there is a layout for it.
    pub confirmation: Option<Compiled>,
    /// The pages that subscribers meet; `None` when something is wrong with them.
    pub pages: Option<Arc<Pages>>,
    /// Their style sheet.
    pub style: Arc<str>,
    /// Pretend subscribers.
    pub samples: Vec<Sample>,
}

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

/// The largest file of a project that is read as text.
const FILE_BYTES_MAX: usize = 5 * 1024 * 1024;

/// The stack that reading a project gets: the limits on nesting need a
/// twentieth of it.
const STACK_BYTES: usize = 32 * 1024 * 1024;

/// The layout of the confirmation.
const CONFIRMATION: &str = "confirm";

/// Reads a project.
///
/// Returns no project when `fascicle.toml` is missing or lacks what every
/// mail needs; the findings say why.
///
/// The work is done on a thread with a stack of its own, the same size
/// wherever it is called from: what `check` bears, `run` bears too.
///
/// # Panics
///
/// When a parser under it does; the limits before each are there to prevent
/// that.
pub fn read(files: &ProjectFiles) -> (Option<Project>, Diagnostics) {
    let read = || {
        let mut diagnostics = Diagnostics::default();
        let project = Reader { files, diagnostics: &mut diagnostics }.read();
        (project, diagnostics)
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, read);
        let joined = thread.expect("the system has a thread to give").join();
        joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

struct Reader<'a> {
    files: &'a ProjectFiles,
    diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn read(&mut self) -> Option<Project> {
        let Some(site_text) = self.text(site::FILE) else {
            let file: Arc<str> = site::FILE.into();
            self.diagnostics.missing_file(Place::top(&file), "this project", site::FILE, &[]);
            return None;
        };
        let site = site::parse(&site_text.file, &site_text.text, self.diagnostics)?;
        let campaigns = self.campaign_ids();
        let names = Names { site: &site, campaigns: &campaigns };
        let samples = self.text(samples::FILE).map_or(Vec::new(), |text| {
            samples::parse(&text.file, &text.text, &names, self.diagnostics)
        });
        let found = self.pages();
        let confirmation = self.confirmation(&site, found.confirmation);
        let mut editions = BTreeMap::new();
        for id in &campaigns {
            if let Some(edition) = self.edition(id, &names) {
                editions.insert(id.clone(), Arc::new(edition));
            }
        }
        self.check_samples(&samples, &editions);
        let (pages, style) = (found.pages, found.style);
        Some(Project { site, editions, confirmation, pages, style, samples })
    }

    /// The text of a file, known to the reports.
    fn text(&mut self, path: &str) -> Option<Passage> {
        let (file, bytes) = self.files.find(path)?;
        if bytes.len() > FILE_BYTES_MAX {
            self.diagnostics.too_large(Place::top(file), "this file", "5 MB");
            return None;
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.diagnostics.not_text(Place::top(file));
            return None;
        };
        // Some editors begin a file with a byte order mark; it is not content.
        let text: Arc<str> = text.strip_prefix('\u{feff}').unwrap_or(text).into();
        self.diagnostics.add_source(file, &text);
        let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if let Some((at, c)) = text.char_indices().find(|(_, c)| is_control(*c)) {
            let place = Place::new(file, at..at + c.len_utf8());
            self.diagnostics.control_character(place, u32::from(c));
            return None;
        }
        Some(Passage { file: file.clone(), offset: 0, text })
    }

    /// The folders under `campaigns/` that have a manifest.
    fn campaign_ids(&mut self) -> Vec<CampaignId> {
        let mut ids = Vec::new();
        let files = self.files;
        for (path, _) in files.below("campaigns/") {
            self.check_has_manifest(path);
            let Some(rest) = path.strip_prefix("campaigns/") else { continue };
            let Some(folder) = rest.strip_suffix("/campaign.toml") else { continue };
            match Name::parse(folder) {
                Some(id) => ids.push(id),
                None => {
                    let hint = "rename the folder: lower case letters, digits and dashes";
                    self.diagnostics.bad_value(Place::top(path), folder, "a campaign's name", hint);
                }
            }
        }
        ids
    }

    /// A folder of words without a manifest is a campaign that somebody lost.
    fn check_has_manifest(&mut self, path: &Arc<str>) {
        let Some((folder, name)) = path.rsplit_once('/') else { return };
        let is_campaign = folder.matches('/').count() == 1;
        let manifest = format!("{folder}/campaign.toml");
        if is_campaign && is_markdown(name) && self.files.find(&manifest).is_none() {
            self.text(path);
            self.diagnostics.no_manifest(Place::top(path), folder);
        }
    }

    fn edition(&mut self, id: &CampaignId, names: &Names<'_>) -> Option<Edition> {
        let folder = format!("campaigns/{id}/");
        let manifest_text = self.text(&format!("{folder}campaign.toml"))?;
        let parsed =
            manifest::parse(id, &manifest_text.file, &manifest_text.text, names, self.diagnostics);
        let Manifest { mut campaign, step_places, layout_place } = parsed?;
        let vocabulary = Vocabulary::of_step(names.site);
        let layout =
            self.layout(&campaign.layout, Some(&layout_place), &vocabulary, Essentials::Subscribed);
        let mut mails = BTreeMap::new();
        let mut used: BTreeSet<String> = BTreeSet::new();
        for (index, (step, place)) in campaign.steps.iter_mut().zip(&step_places).enumerate() {
            let wanted = format!("{}-{}.md", index + 1, step.id);
            let Some(file) = self.step_file(&folder, (&step.id, &wanted), place) else { continue };
            step.file.clone_from(&file);
            used.insert(file.clone());
            let Some(text) = self.text(&file) else { continue };
            let Some(words) = words::parse(&text, self.diagnostics) else { continue };
            let Some(layout) = &layout else {
                check(&words, &vocabulary, self.diagnostics);
                continue;
            };
            if let Some(mail) = compile(layout, &words, &vocabulary, self.diagnostics) {
                mails.insert(step.id.clone(), mail);
            }
        }
        self.check_orphans(id, &folder, &used);
        let version = self.version(&folder, &used);
        Some(Edition { campaign, mails, version, site: names.site.clone() })
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

    fn check_orphans(&mut self, id: &CampaignId, folder: &str, used: &BTreeSet<String>) {
        let files = self.files;
        for (path, _) in files.below(folder) {
            let name = path.strip_prefix(folder).unwrap_or(path);
            let is_words = is_markdown(name) && !name.contains('/');
            if is_words && name != "article.md" && name != "README.md" && !used.contains(&**path) {
                // Known to the report, so that it can show the first line.
                self.text(path);
                self.diagnostics.orphan_words(Place::top(path), id.as_str());
            }
        }
    }

    fn layout(
        &mut self,
        name: &str,
        place: Option<&Place>,
        vocabulary: &Vocabulary,
        essentials: Essentials,
    ) -> Option<Layout> {
        let path = format!("templates/{name}.mjml");
        let Some(layout) = self.text(&path) else {
            if let Some(place) = place {
                let present: Vec<String> =
                    self.files.below("templates/").map(|(path, _)| path.to_string()).collect();
                let present: Vec<&str> = present.iter().map(String::as_str).collect();
                let what = format!("the layout `{name}`");
                self.diagnostics.missing_file(place.clone(), &what, &path, &present);
            }
            return None;
        };
        let folder = "templates/partials/";
        let paths: Vec<Arc<str>> = self.files.below(folder).map(|(path, _)| path.clone()).collect();
        let mut partials = BTreeMap::new();
        for path in paths {
            let Some(name) = path.strip_prefix(folder).and_then(|name| name.strip_suffix(".mjml"))
            else {
                continue;
            };
            if let Some(partial) = self.text(&path) {
                partials.insert(name.to_owned(), partial);
            }
        }
        Layout::parse(&LayoutFile { layout, partials }, vocabulary, essentials, self.diagnostics)
    }

    fn pages(&mut self) -> pages::Found {
        let files = self.files;
        let mut found = Diagnostics::default();
        let pages = pages::read(files, |path| self.text(path), &mut found);
        self.diagnostics.append(found);
        pages
    }

    fn confirmation(
        &mut self,
        site: &Site,
        [subject, preheader]: [Passage; 2],
    ) -> Option<Compiled> {
        let vocabulary = Vocabulary::of_confirmation(site);
        let layout = self.layout(CONFIRMATION, None, &vocabulary, Essentials::Confirmation)?;
        let file: Arc<str> = format!("templates/{CONFIRMATION}.mjml").into();
        let words = Words { subject, preheader, body: Passage::empty(&file) };
        compile(&layout, &words, &vocabulary, self.diagnostics)
    }

    fn check_samples(&mut self, samples: &[Sample], editions: &BTreeMap<CampaignId, Arc<Edition>>) {
        let file: Arc<str> = samples::FILE.into();
        for sample in samples {
            let Some(step) = &sample.leaves_after else { continue };
            let steps: Vec<&str> = editions
                .values()
                .flat_map(|edition| edition.campaign.steps.iter().map(|step| step.id.as_str()))
                .collect();
            if !steps.is_empty() && !steps.contains(&step.as_str()) {
                let source = self.files.find(samples::FILE).map(|(_, bytes)| bytes.clone());
                let text = source.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
                let at = text.and_then(|text| text.find(&format!("\"{step}\""))).unwrap_or(0);
                let place = Place::new(&file, at + 1..at + 1 + step.as_str().len());
                self.diagnostics.unknown_name(place, "step", step.as_str(), &steps);
            }
        }
    }

    /// The hash of everything that the campaign's mail is made of.
    fn version(&self, folder: &str, used: &BTreeSet<String>) -> Version {
        let mut hash = Sha256::new();
        let mut add = |path: &str, bytes: &[u8]| {
            // Lengths before contents: no two sets of files hash alike.
            hash.update((path.len() as u64).to_be_bytes());
            hash.update(path.as_bytes());
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        for (path, bytes) in self.files.iter() {
            let is_page = path.starts_with(pages::FOLDER) || &**path == pages::WORDS;
            let is_used = path.starts_with("templates/") && !is_page
                || used.contains(&**path)
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

fn is_markdown(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension == "md")
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
