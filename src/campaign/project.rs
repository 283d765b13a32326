//! All files of a project → one [`Project`], with all findings.
//!
//! `drips`, `issues` and `layouts` read the files of their kind; here is what
//! they have in common, and the order.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    drips::Edition,
    filter::Names,
    images,
    issues::NewsletterEdition,
    memo::Memo,
    outline::{Kind, Outline, Outlines, outline},
    pages, samples, site,
};
use crate::{
    diagnostic::{Diagnostics, Place},
    model::{CampaignId, ImageName, Name, ProjectFiles, Sample, Site},
    render::{Compiled, Pages, Passage, Tracing},
};

/// A project as its files say it.
#[derive(Clone, Debug)]
pub struct Project {
    /// Who sends.
    pub site: Site,
    /// The drips, compiled.
    pub editions: BTreeMap<CampaignId, Arc<Edition>>,
    /// The newsletters, compiled.
    pub newsletters: BTreeMap<CampaignId, Arc<NewsletterEdition>>,
    /// The confirmation, when there is a layout for it.
    pub confirmation: Option<Compiled>,
    /// The pages that subscribers meet; `None` when something is wrong with them.
    pub pages: Option<Arc<Pages>>,
    /// Their style sheet.
    pub style: Arc<str>,
    /// Pretend subscribers.
    pub samples: Vec<Sample>,
    /// The campaigns' images, by the names under which they are served.
    pub images: BTreeMap<ImageName, Arc<[u8]>>,
}

impl Project {
    /// What conditions may say about its campaigns.
    pub(super) fn outlines(&self) -> Outlines {
        let drips = self.editions.iter().map(|(id, edition)| {
            let steps = edition.campaign.steps.iter().map(|step| step.id.clone()).collect();
            (id.clone(), Outline { steps, ..Outline::default() })
        });
        let newsletters = self
            .newsletters
            .keys()
            .map(|id| (id.clone(), Outline { kind: Kind::Newsletter, ..Outline::default() }));
        drips.chain(newsletters).collect()
    }
}

/// The largest file of a project that is read as text.
const FILE_BYTES_MAX: usize = 5 * 1024 * 1024;

/// The stack that reading a project gets: the limits on nesting need a
/// twentieth of it.
const STACK_BYTES: usize = 32 * 1024 * 1024;

/// Reads a project.
///
/// Returns no project when `fascicle.toml` is missing or lacks what every
/// mail needs; the findings say why, and what is wrong elsewhere.
///
/// The work is done on a thread with a stack of its own, the same size
/// wherever it is called from: what `check` bears, `run` bears too.
///
/// # Panics
///
/// When a parser under it does; the limits before each are there to prevent
/// that.
pub fn read(files: &ProjectFiles) -> (Option<Project>, Diagnostics) {
    read_as(files, Tracing::Off, &mut Memo::default())
}

/// The same as [`read`]; its mails also say from which lines they came, and
/// those that are in `memo` are not compiled again.
pub fn read_traced(files: &ProjectFiles, memo: &mut Memo) -> (Option<Project>, Diagnostics) {
    read_as(files, Tracing::On, memo)
}

fn read_as(
    files: &ProjectFiles,
    tracing: Tracing,
    memo: &mut Memo,
) -> (Option<Project>, Diagnostics) {
    let read = move || {
        let mut diagnostics = Diagnostics::default();
        let base = String::new();
        memo.turn();
        let project = Reader { files, tracing, memo, base, diagnostics: &mut diagnostics }.read();
        diagnostics.hold_back_echoes();
        diagnostics.silence();
        (project, diagnostics)
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, read);
        let joined = thread.expect("the system has a thread to give").join();
        joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Codes of findings about names: noise where the declarations are not known.
const ABOUT_NAMES: [&str; 3] = ["E007", "E021", "E023"];

pub(super) struct Reader<'a> {
    pub(super) files: &'a ProjectFiles,
    pub(super) tracing: Tracing,
    pub(super) memo: &'a mut Memo,
    /// The hash of what every mail depends on.
    pub(super) base: String,
    pub(super) diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn read(&mut self) -> Option<Project> {
        self.hash_base();
        let Some(site_text) = self.text(site::FILE) else {
            let file: Arc<str> = site::FILE.into();
            if self.files.find(site::FILE).is_none() {
                self.diagnostics.missing_file(Place::top(&file), "this project", site::FILE, &[]);
            }
            return None;
        };
        let found = site::parse(&site_text.file, &site_text.text, self.diagnostics);
        let (site, state) = (found.site, found.state);
        let campaigns = self.outlines();
        let names = Names { site: &site, campaigns: &campaigns, here: None };
        let samples = self.text(samples::FILE).map_or(Vec::new(), |text| {
            samples::parse(&text.file, &text.text, &names, self.diagnostics)
        });
        let page = self.pages();
        let confirmation = self.confirmation(&site, page.confirmation);
        let mut editions = BTreeMap::new();
        let mut newsletters = BTreeMap::new();
        for (id, outline) in &campaigns {
            let names = Names { here: Some(id), ..names };
            match outline.kind {
                Kind::Drip => {
                    let Some(mut edition) = self.edition(id, &names) else { continue };
                    edition.check_letters(&samples, self.diagnostics);
                    editions.insert(id.clone(), Arc::new(edition));
                }
                Kind::Newsletter => {
                    let Some(mut edition) = self.newsletter(id, &names) else { continue };
                    edition.check_letters(&samples, self.diagnostics);
                    newsletters.insert(id.clone(), Arc::new(edition));
                }
            }
        }
        self.check_unused_layouts(&site);
        if state == site::State::Broken {
            self.diagnostics.hold_back(&ABOUT_NAMES);
        }
        let (pages, style) = (page.pages, page.style);
        let images = images::of_project(self.files);
        let project =
            Project { site, editions, newsletters, confirmation, pages, style, samples, images };
        Some(project).filter(|_| state == site::State::Good)
    }

    /// The text of a file, known to the reports.
    pub(super) fn text(&mut self, path: &str) -> Option<Passage> {
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
    fn outlines(&mut self) -> Outlines {
        let mut outlines = Outlines::new();
        let files = self.files;
        for (path, _) in files.below("campaigns/") {
            self.check_has_manifest(path);
            let Some(rest) = path.strip_prefix("campaigns/") else { continue };
            let Some(folder) = rest.strip_suffix("/campaign.toml") else { continue };
            if let Some(id) = Name::parse(folder) {
                let outline = outline(files, &id);
                outlines.insert(id, outline);
            } else {
                // Known to the report, so that it can show the first line.
                self.text(path);
                let hint = "rename the folder: lower case letters, digits and dashes";
                self.diagnostics.bad_value(Place::top(path), folder, "a campaign's name", hint);
            }
        }
        outlines
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

    fn pages(&mut self) -> pages::Found {
        let files = self.files;
        let mut found = Diagnostics::default();
        let pages = pages::read(files, |path| self.text(path), &mut found);
        self.diagnostics.append(found);
        pages
    }
}

/// Whether `name` is that of a file of words.
pub(super) fn is_markdown(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension == "md")
}
