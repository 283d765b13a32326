//! Raw arguments → ready ones: what several commands are given.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use super::term;
use crate::{
    campaign::{self, Edition, NewsletterEdition, Project},
    diagnostic::Diagnostics,
    model::{IssueId, Name, ProjectFiles, Sample, Site, StepId},
    project, rehearsal,
    store::{Missing, Store},
    time::{TimeZone, Timestamp},
};

/// A project that was loaded.
pub(super) struct Loaded {
    pub(super) files: ProjectFiles,
    pub(super) project: Option<Project>,
    pub(super) diagnostics: Diagnostics,
}

/// Loads the project in `folder` with all findings.
pub(super) fn load(folder: &Path) -> anyhow::Result<Loaded> {
    let files = project::load(folder)?;
    let (project, diagnostics) = campaign::read(&files);
    Ok(Loaded { files, project, diagnostics })
}

/// Loads a project for a command that needs it without errors: shows the
/// findings, and refuses when one is an error.
pub(super) fn load_clean(folder: &Path) -> anyhow::Result<(ProjectFiles, Project)> {
    let loaded = load(folder)?;
    if loaded.diagnostics.has_errors() {
        term::findings(&loaded.diagnostics);
        bail!("the project has errors; nothing was done");
    }
    let project = loaded.project.context("the project is empty")?;
    Ok((loaded.files, project))
}

/// The founding project, from the binary.
pub(super) fn example() -> anyhow::Result<(ProjectFiles, Project)> {
    let files = project::example();
    let project = campaign::read(&files).0.context("the founding project cannot be read")?;
    Ok((files, project))
}

/// Loads only `fascicle.toml`.
pub(super) fn site(folder: &Path) -> anyhow::Result<Site> {
    let files = project::load(folder)?;
    let (_, bytes) = files.find(project::MANIFEST).context("there is no fascicle.toml")?;
    let text = std::str::from_utf8(bytes).context("fascicle.toml is not UTF-8")?;
    let (site, diagnostics) = campaign::read_site(&text.into());
    if diagnostics.has_errors() {
        term::findings(&diagnostics);
        bail!("fascicle.toml has errors; nothing was done");
    }
    site.context("fascicle.toml lacks what every mail needs")
}

/// Opens the database of the project in `folder`.
pub(super) async fn store(folder: &Path, site: &Site, missing: Missing) -> anyhow::Result<Store> {
    let path = store_path(folder, site);
    match Store::open_sqlite(&path, missing).await {
        Err(error) if error.is_missing() => {
            bail!("nothing was applied yet (there is no {}); run `fascicle apply`", path.display())
        }
        opened => Ok(opened?),
    }
}

/// Where the project's database is.
pub(super) fn store_path(folder: &Path, site: &Site) -> PathBuf {
    let url = site.store_url.as_deref().unwrap_or("sqlite:fascicle.db");
    let path = PathBuf::from(url.trim_start_matches("sqlite:"));
    if path.is_absolute() { path } else { folder.join(path) }
}

/// The database at `path`, only to look; `None` before the first `apply`.
pub(super) async fn visit_store(path: &Path) -> anyhow::Result<Option<Store>> {
    match Store::visit_sqlite(path).await {
        Err(error) if error.is_missing() => Ok(None),
        opened => Ok(Some(opened?)),
    }
}

/// The campaign called `name`, with "did you mean" by listing what there is.
pub(super) fn edition<'a>(project: &'a Project, name: &str) -> anyhow::Result<&'a Edition> {
    if newsletter(project, name).is_some() {
        bail!("`{name}` is a newsletter: it has issues and no steps, and nobody is enrolled in it");
    }
    let found = Name::parse(name).and_then(|id| project.editions.get(&id));
    found.map(|edition| &**edition).with_context(|| {
        let known: Vec<&str> = project.editions.keys().map(Name::as_str).collect();
        format!("there is no campaign `{name}`; there is: {}", known.join(", "))
    })
}

/// The newsletter called `name`.
pub(super) fn newsletter<'a>(project: &'a Project, name: &str) -> Option<&'a NewsletterEdition> {
    let found = Name::parse(name).and_then(|id| project.newsletters.get(&id));
    found.map(|edition| &**edition)
}

/// The issue called `name`.
pub(super) fn issue(edition: &NewsletterEdition, name: &str) -> anyhow::Result<IssueId> {
    let issues = &edition.newsletter.issues;
    let found = issues.iter().find(|issue| issue.id.as_str() == name);
    found.map(|issue| issue.id.clone()).with_context(|| {
        let known: Vec<&str> = issues.iter().map(|issue| issue.id.as_str()).collect();
        format!("`{}` has no issue `{name}`; it has: {}", edition.newsletter.id, known.join(", "))
    })
}

/// The step called `name`.
pub(super) fn step(edition: &Edition, name: &str) -> anyhow::Result<StepId> {
    let steps = &edition.campaign.steps;
    let found = steps.iter().find(|step| step.id.as_str() == name);
    found.map(|step| step.id.clone()).with_context(|| {
        let known: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
        format!("`{}` has no step `{name}`; it has: {}", edition.campaign.id, known.join(", "))
    })
}

/// The sample called `name` (in any case), or the first one.
pub(super) fn sample(project: &Project, name: Option<&str>) -> anyhow::Result<Sample> {
    let samples = &project.samples;
    let Some(name) = name else {
        return samples.first().cloned().context("there is no sample; write one in samples.toml");
    };
    let found = samples.iter().find(|sample| sample.name.eq_ignore_ascii_case(name));
    found.cloned().with_context(|| {
        let known: Vec<&str> = samples.iter().map(|sample| sample.name.as_str()).collect();
        format!("there is no sample `{name}`; there is: {}", known.join(", "))
    })
}

/// The zone called `name`.
pub(super) fn zone(name: &str) -> anyhow::Result<TimeZone> {
    TimeZone::get(name)
        .map_err(|_| anyhow::anyhow!("`{name}` is not a time zone; write it like Europe/Berlin"))
}

/// An instant: with an offset as it is, or civil time in `zone`.
pub(super) fn instant(text: &str, zone: &TimeZone) -> anyhow::Result<Timestamp> {
    rehearsal::instant(text, zone)
        .with_context(|| format!("`{text}` is not a time; write it like 2026-03-27T20:00"))
}

/// Fields given as `name=value`, declared and not too long.
pub(super) fn fields(site: &Site, given: &[String]) -> anyhow::Result<BTreeMap<Name, String>> {
    let mut fields = BTreeMap::new();
    for pair in given {
        let (name, value) =
            pair.split_once('=').with_context(|| format!("`{pair}` is not `name=value`"))?;
        let (name, value) = field(site, name, value).map_err(anyhow::Error::msg)?;
        fields.insert(name, value);
    }
    Ok(fields)
}

/// One field and its value, declared and not too long.
///
/// Returns a sentence that says what is wrong.
pub(super) fn field(site: &Site, name: &str, value: &str) -> Result<(Name, String), String> {
    let declared = Name::parse(name).and_then(|name| site.fields.get_key_value(&name));
    let Some((name, field)) = declared else {
        let known: Vec<&str> = site.fields.keys().map(Name::as_str).collect();
        return Err(format!("there is no field `{name}`; there is: {}", known.join(", ")));
    };
    let value = value.trim();
    if value.chars().count() > field.max {
        return Err(format!("`{name}` is longer than {} characters", field.max));
    }
    if value.chars().any(char::is_control) {
        return Err(format!("`{name}` has control characters"));
    }
    Ok((name.clone(), value.to_owned()))
}
