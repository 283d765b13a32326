//! Campaigns by version, compiled once, from the snapshots in the store.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, bail};

use crate::{
    campaign::{self, Edition},
    model::{CampaignId, Version},
    store::Store,
};

/// Versions kept compiled; a few per campaign are in use at a time.
const EDITIONS_MAX: usize = 100;

type Editions = HashMap<(CampaignId, Version), Arc<Edition>>;

/// The compiled versions that are in use.
#[derive(Clone, Debug)]
pub struct Library {
    store: Store,
    editions: Arc<Mutex<Editions>>,
}

impl Library {
    /// A library over the snapshots of `store`.
    pub fn new(store: Store) -> Library {
        Library { store, editions: Arc::default() }
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
        if let Some(edition) = self.lock().get(&key) {
            return Ok(edition.clone());
        }
        let files = self.store.version_files(campaign, version).await?;
        let files =
            files.with_context(|| format!("version {version} of {campaign} was never applied"))?;
        // Compiling takes milliseconds of CPU: off the reactor.
        let read = tokio::task::spawn_blocking(move || campaign::read(&files)).await;
        let (project, _) = read.context("compiling a campaign")?;
        let edition = project.and_then(|project| project.editions.get(campaign).cloned());
        let Some(edition) = edition else {
            bail!("the snapshot of version {version} of {campaign} has no such campaign");
        };
        if edition.version != *version {
            bail!("the snapshot of version {version} of {campaign} was changed");
        }
        let mut editions = self.lock();
        if editions.len() >= EDITIONS_MAX {
            editions.clear();
        }
        editions.insert(key, edition.clone());
        Ok(edition)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Editions> {
        self.editions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
