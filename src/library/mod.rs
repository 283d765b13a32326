//! What was applied, compiled once: editions by version for whoever sends,
//! whole projects by snapshot for the pages and for those who come in.
//!
//! Snapshots never change, so what is compiled stays true; both shelves are
//! small and forget by starting anew.

mod agenda;
mod entrance;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, bail};

pub use agenda::{Agenda, Departure};

use crate::{
    campaign::{self, Edition, Project},
    model::{CampaignId, Version},
    store::Store,
};

/// Versions kept compiled; a few per campaign are in use at a time.
const EDITIONS_MAX: usize = 100;
/// Projects kept compiled; the current one, and those that confirmations on
/// their way were made with.
const PROJECTS_MAX: usize = 8;

/// A project as it was applied.
#[derive(Debug)]
pub struct Applied {
    /// The hash of its files.
    pub snapshot: Version,
    /// What they say.
    pub project: Project,
}

#[derive(Debug, Default)]
struct Shelves {
    editions: HashMap<(CampaignId, Version), Arc<Edition>>,
    projects: HashMap<Version, Arc<Applied>>,
}

/// The compiled versions that are in use.
#[derive(Clone, Debug)]
pub struct Library {
    store: Store,
    shelves: Arc<Mutex<Shelves>>,
}

impl Library {
    /// A library over the snapshots of `store`.
    pub fn new(store: Store) -> Library {
        Library { store, shelves: Arc::default() }
    }

    /// The campaign at `version`.
    ///
    /// Returns an error when that version was never applied, or its snapshot
    /// does not make the same version any more.
    pub async fn edition(
        &self,
        campaign: &CampaignId,
        version: &Version,
    ) -> anyhow::Result<Arc<Edition>> {
        let key = (campaign.clone(), version.clone());
        if let Some(edition) = self.lock().editions.get(&key) {
            return Ok(edition.clone());
        }
        let snapshot = self.store.version_snapshot(campaign, version).await?;
        let snapshot = snapshot
            .with_context(|| format!("version {version} of {campaign} was never applied"))?;
        let applied = self.project(&snapshot).await?;
        let Some(edition) = applied.project.editions.get(campaign).cloned() else {
            bail!("the snapshot of version {version} of {campaign} has no such campaign");
        };
        if edition.version != *version {
            bail!("the snapshot of version {version} of {campaign} was changed");
        }
        let mut shelves = self.lock();
        if shelves.editions.len() >= EDITIONS_MAX {
            shelves.editions.clear();
        }
        shelves.editions.insert(key, edition.clone());
        Ok(edition)
    }

    /// The project as it was applied last; `None` before the first `apply`.
    ///
    /// Returns an error when it cannot be read any more.
    pub async fn current(&self) -> anyhow::Result<Option<Arc<Applied>>> {
        match self.store.current_snapshot().await? {
            Some(snapshot) => Ok(Some(self.project(&snapshot).await?)),
            None => Ok(None),
        }
    }

    /// The project that was applied as `snapshot`.
    ///
    /// Returns an error when there is none, or it cannot be read any more.
    pub async fn project(&self, snapshot: &Version) -> anyhow::Result<Arc<Applied>> {
        if let Some(applied) = self.lock().projects.get(snapshot) {
            return Ok(applied.clone());
        }
        let files = self.store.snapshot_files(snapshot).await?;
        let files = files.with_context(|| format!("{snapshot} was never applied"))?;
        // Compiling takes milliseconds of CPU: off the reactor.
        let read = tokio::task::spawn_blocking(move || campaign::read(&files)).await;
        let (project, _) = read.context("compiling a project")?;
        let project = project.context("the applied project cannot be read")?;
        let applied = Arc::new(Applied { snapshot: snapshot.clone(), project });
        let mut shelves = self.lock();
        if shelves.projects.len() >= PROJECTS_MAX {
            shelves.projects.clear();
        }
        shelves.projects.insert(snapshot.clone(), applied.clone());
        Ok(applied)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
