//! What the pages show: the project as it was read last, and what was good
//! before where it is broken now.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    campaign::{Edition, Project},
    diagnostic::{Diagnostics, Finding, Severity},
    model::{CampaignId, ProjectFiles, StepId},
    time::Timestamp,
};

/// One reading of a project. Immutable: a change makes the next one.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Where the project is.
    pub(super) location: String,
    /// The project: each part as it was when it was good last.
    pub(super) project: Option<Project>,
    /// What is wrong with its files now.
    pub(super) diagnostics: Diagnostics,
    /// Why the files could not be read at all.
    pub(super) trouble: Option<String>,
    /// Parts that are broken now, and shown as they were.
    pub(super) stale: BTreeSet<(CampaignId, StepId)>,
    /// Whether `fascicle.toml` was good when `project` was read.
    is_founded: bool,
    started_at: Timestamp,
    generation: u64,
}

/// The folder of a campaign, with its slash.
pub(super) fn folder(id: &CampaignId) -> String {
    format!("campaigns/{id}/")
}

impl Reading {
    /// Before anything was read.
    ///
    /// `started_at` tells this run of the preview from the one before it:
    /// pages outlive both.
    pub fn nothing(location: String, started_at: Timestamp) -> Reading {
        Reading {
            location,
            project: None,
            diagnostics: Diagnostics::default(),
            trouble: None,
            stale: BTreeSet::new(),
            is_founded: false,
            started_at,
            generation: 0,
        }
    }

    /// Which reading this is, among all of all runs.
    pub fn edition(&self) -> String {
        format!("{}.{}", self.started_at.as_millisecond(), self.generation)
    }

    /// The reading after this one, when the files were read.
    pub fn next(
        &self,
        files: &ProjectFiles,
        (project, diagnostics): (Option<Project>, Diagnostics),
    ) -> Reading {
        let is_broken = |file: &str| {
            let findings = diagnostics.findings();
            findings.iter().any(|found| is_error(found) && &*found.place.file == file)
        };
        let is_founded = self.is_founded || !is_broken("fascicle.toml");
        let mut stale = BTreeSet::new();
        let project = match (project, &self.project) {
            // The names in it mean something to every other file.
            (_, Some(before)) if self.is_founded && is_broken("fascicle.toml") => {
                for edition in before.editions.values() {
                    stale.extend(names(edition));
                }
                Some(before.clone())
            }
            (Some(mut project), Some(before)) => {
                if is_broken("samples.toml") {
                    project.samples.clone_from(&before.samples);
                }
                if project.pages.is_none() {
                    project.pages.clone_from(&before.pages);
                }
                if is_broken("templates/confirm.mjml") || is_broken("templates/words.toml") {
                    project.confirmation =
                        project.confirmation.or_else(|| before.confirmation.clone());
                }
                restore(&mut project, before, files, &mut stale);
                Some(project)
            }
            (project, before) => project.or_else(|| before.clone()),
        };
        let generation = self.generation + 1;
        Reading {
            location: self.location.clone(),
            project,
            diagnostics,
            trouble: None,
            stale,
            is_founded,
            started_at: self.started_at,
            generation,
        }
    }

    /// The reading after this one, when the files could not be read.
    pub fn troubled(&self, what: String) -> Reading {
        Reading { trouble: Some(what), generation: self.generation + 1, ..self.clone() }
    }

    /// Whether the files could not be read.
    pub fn is_troubled(&self) -> bool {
        self.trouble.is_some()
    }

    /// Whether this is what keeps the files from being read.
    pub fn is_troubled_by(&self, what: &str) -> bool {
        self.trouble.as_deref() == Some(what)
    }

    /// The sender's name, or the folder's where it is not known.
    pub(super) fn name(&self) -> &str {
        let folder = self.location.rsplit(['/', '\\']).next().unwrap_or_default();
        self.project.as_ref().map_or(folder, |project| project.site.name.as_str())
    }

    /// The edition called `name`.
    pub(super) fn edition_of(&self, name: &str) -> Option<&Arc<Edition>> {
        let project = self.project.as_ref()?;
        project.editions.iter().find(|(id, _)| id.as_str() == name).map(|(_, edition)| edition)
    }

    /// What stands against `campaign`: findings in its folder, and errors in
    /// files that all campaigns share.
    pub(super) fn against(&self, campaign: &CampaignId) -> Diagnostics {
        let folder = folder(campaign);
        self.diagnostics.only(|found| {
            found.place.file.starts_with(&folder)
                || is_error(found) && !found.place.file.starts_with("campaigns/")
        })
    }

    /// What stands against no campaign of the project alone.
    pub(super) fn shared(&self) -> Diagnostics {
        let editions = self.project.as_ref().map(|project| &project.editions);
        self.diagnostics.only(|found| {
            let is_own = |id: &CampaignId| found.place.file.starts_with(&folder(id));
            !editions.is_some_and(|editions| editions.keys().any(is_own))
        })
    }
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}

fn names(edition: &Edition) -> impl Iterator<Item = (CampaignId, StepId)> {
    let id = &edition.campaign.id;
    edition.campaign.steps.iter().map(|step| (id.clone(), step.id.clone()))
}

/// Puts what was good before into the places of `project` that are empty now.
fn restore(
    project: &mut Project,
    before: &Project,
    files: &ProjectFiles,
    stale: &mut BTreeSet<(CampaignId, StepId)>,
) {
    for (id, good) in &before.editions {
        let is_there = files.find(&format!("{}campaign.toml", folder(id))).is_some();
        let Some(now) = project.editions.get(id) else {
            if is_there {
                stale.extend(names(good));
                project.editions.insert(id.clone(), good.clone());
            }
            continue;
        };
        let mut mails = now.mails.clone();
        for step in &now.campaign.steps {
            if mails.contains_key(&step.id) {
                continue;
            }
            if let Some(mail) = good.mails.get(&step.id) {
                mails.insert(step.id.clone(), mail.clone());
                stale.insert((id.clone(), step.id.clone()));
            }
        }
        let whole = Edition {
            campaign: now.campaign.clone(),
            mails,
            version: now.version.clone(),
            site: now.site.clone(),
        };
        project.editions.insert(id.clone(), Arc::new(whole));
    }
}
