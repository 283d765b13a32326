//! `fascicle apply`: makes the project's files the ones that are sent.

use std::{path::Path, process::ExitCode};

use anyhow::Context as _;
use clap::Args;

use super::{given, term};
use crate::{
    campaign,
    model::{ProjectFiles, Status},
    project,
    store::{CampaignState, Missing, Snapshot},
    time::Clock,
};

#[derive(Args)]
pub(super) struct Arguments {}

pub(super) async fn run(folder: &Path, _: &Arguments) -> anyhow::Result<ExitCode> {
    let (files, project) = given::load_clean(folder)?;
    let store = given::store(folder, &project.site, Missing::Create).await?;
    let before = store.campaigns().await?;
    let snapshot = snapshot(&files, None)?;
    let campaigns = snapshot.campaigns.clone();
    let changed = store.apply(snapshot, Clock::System.now()).await?;
    if !changed {
        term::say("nothing changed since the last apply");
        return Ok(ExitCode::SUCCESS);
    }
    for gone in before.iter().filter(|known| !campaigns.iter().any(|new| new.id == known.id)) {
        let what = match gone.status {
            _ if project.newsletters.contains_key(&gone.id) => "closed, it has no steps any more",
            Status::Active => "closed, its files are gone",
            Status::Draft | Status::Paused | Status::Closed => "gone",
        };
        term::say(&format!("{}: {what}", gone.id));
    }
    for campaign in campaigns {
        let what = match before.iter().find(|known| known.id == campaign.id) {
            None => "new",
            Some(known) if *known == campaign => "as before",
            Some(_) => "changed",
        };
        term::say(&format!("{}: {what} ({:?})", campaign.id, campaign.status).to_lowercase());
    }
    for id in project.newsletters.keys() {
        term::say(&format!(
            "{id}: a newsletter; it is kept, and this version does not send it yet"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// What `apply` writes: the files without secrets, and the versions of the
/// campaigns as those files make them.
pub(super) fn snapshot(files: &ProjectFiles, base_url: Option<&str>) -> anyhow::Result<Snapshot> {
    let files = project::snapshot(files, base_url);
    let project = campaign::read(&files).0.context("the project cannot be kept")?;
    let campaigns = project.editions.values().map(|edition| CampaignState {
        id: edition.campaign.id.clone(),
        version: edition.version.clone(),
        status: edition.campaign.status,
    });
    Ok(Snapshot { files, campaigns: campaigns.collect() })
}
