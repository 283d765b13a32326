//! `fascicle enroll`: takes people who are there already into a campaign.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, bail};
use clap::Args;

use super::{given, term};
use crate::{
    campaign::read_filter, engine, library::Library, model::Status, store::Missing, time::Clock,
};

#[derive(Args)]
pub(super) struct Arguments {
    /// The campaign
    campaign: String,
    /// Only people for whom this holds, like `tag:vip and not finished:other`
    #[arg(long = "where", value_name = "FILTER")]
    filter: Option<String>,
    /// Only counts them
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let site = given::site(folder)?;
    let store = given::store(folder, &site, Missing::Refuse).await?;
    let applied = Library::new(store.clone()).current().await?;
    let applied = applied.context("nothing was applied yet; run `fascicle apply`")?;
    let edition = given::edition(&applied.project, &arguments.campaign)?;
    let campaign = &edition.campaign;
    if campaign.status != Status::Active {
        bail!("`{}` is not active, so it takes nobody in", campaign.id);
    }
    let filter = match &arguments.filter {
        None => None,
        Some(text) => {
            let (filter, diagnostics) = read_filter("--where", text, &applied.project);
            term::findings(&diagnostics);
            Some(filter.context("nobody was taken in")?)
        }
    };
    let mut candidates =
        store.candidates(&campaign.id, &campaign.enroll.list, campaign.enroll.again).await?;
    if let Some(filter) = filter {
        candidates.retain(|account| filter.matches(&account.facts));
    }
    if arguments.dry_run {
        term::data(&format!("{} would enter {}", candidates.len(), campaign.id))?;
        return Ok(ExitCode::SUCCESS);
    }
    let now = Clock::System.now();
    let enrollments = candidates.into_iter().map(|account| {
        let zone = campaign.zone(account.zone.as_deref(), &edition.site.zone);
        let enrollment = engine::enroll(campaign, &zone, now);
        (account, enrollment)
    });
    let count =
        store.enroll(&campaign.id, campaign.enroll.again, enrollments.collect(), now).await?;
    term::data(&format!("{count} entered {}", campaign.id))?;
    Ok(ExitCode::SUCCESS)
}
