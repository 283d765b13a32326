//! The letters that a command names, as a sample gets them: CAMPAIGN/STEP,
//! NEWSLETTER/ISSUE, `confirm`, or a whole CAMPAIGN.

use anyhow::{Context as _, bail, ensure};

use super::given;
use crate::{
    campaign::{Edition, NewsletterEdition, Project},
    engine::ExpectedOutcome,
    model::{IssueId, Sample, StepId},
    rehearsal::{self, Letter, Walk},
    time::Timestamp,
};

/// A letter and its name.
#[derive(Debug)]
pub(super) struct Named {
    /// `CAMPAIGN/STEP`, `NEWSLETTER/ISSUE` or `confirm`.
    pub(super) name: String,
    pub(super) letter: Letter,
}

impl Named {
    /// The name without its campaign.
    pub(super) fn part(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

/// The one letter called `name`, of somebody who enters and is written to at `at`.
pub(super) fn one(
    project: &Project,
    name: &str,
    sample: &Sample,
    at: Timestamp,
) -> anyhow::Result<Letter> {
    match name.split_once('/') {
        Some((campaign, part)) => match given::newsletter(project, campaign) {
            Some(edition) => {
                let issue = given::issue(edition, part)?;
                Ok(rehearsal::issue(edition, &issue, Some(sample), at)?)
            }
            None => {
                let edition = given::edition(project, campaign)?;
                step(edition, &given::step(edition, part)?, sample, at)
            }
        },
        None if name == "confirm" => confirmation(project, sample, at),
        None => bail!("`{name}` is not CAMPAIGN/STEP or NEWSLETTER/ISSUE"),
    }
}

/// The same; the name of a campaign alone is all its parts that `sample` gets,
/// in their order.
///
/// Returns an error when there is none, and for a newsletter without an issue.
pub(super) fn all(
    project: &Project,
    name: &str,
    sample: &Sample,
    at: Timestamp,
) -> anyhow::Result<Vec<Named>> {
    if name.contains('/') || name == "confirm" {
        let letter = one(project, name, sample, at)?;
        return Ok(vec![Named { name: name.to_owned(), letter }]);
    }
    if let Some(edition) = given::newsletter(project, name) {
        bail!("`{name}` is a newsletter: name one of its issues, {}", issues(edition));
    }
    let edition = given::edition(project, name)?;
    let moments = walk(edition, sample, at).moments();
    let sent = moments.iter().filter(|moment| moment.outcome == ExpectedOutcome::Sent);
    let letters: Vec<Named> = sent
        .map(|moment| {
            let letter = step(edition, &moment.step, sample, at)?;
            Ok(Named { name: format!("{name}/{}", moment.step), letter })
        })
        .collect::<anyhow::Result<_>>()?;
    ensure!(!letters.is_empty(), "{} gets no part of `{name}`; name another --sample", sample.name);
    Ok(letters)
}

fn issues(edition: &NewsletterEdition) -> String {
    let ids = edition.newsletter.issues.iter().map(|issue| &issue.id);
    let named: Vec<String> =
        ids.map(|id: &IssueId| format!("`{}/{id}`", edition.newsletter.id)).collect();
    if named.is_empty() { "when it has some".to_owned() } else { named.join(", ") }
}

fn walk<'a>(edition: &'a Edition, sample: &'a Sample, at: Timestamp) -> Walk<'a> {
    let zone = Walk::zone(edition, Some(sample), None);
    Walk { edition, sample: Some(sample), zone, enrolled_at: at }
}

fn step(
    edition: &Edition,
    step: &StepId,
    sample: &Sample,
    at: Timestamp,
) -> anyhow::Result<Letter> {
    Ok(walk(edition, sample, at).letter(step, at)?)
}

fn confirmation(project: &Project, sample: &Sample, at: Timestamp) -> anyhow::Result<Letter> {
    let list = project.site.lists.keys().next().context("the project has no list")?;
    let letter = rehearsal::confirmation(project, list, sample, at);
    Ok(letter.context("there is no templates/confirm.mjml")??)
}
