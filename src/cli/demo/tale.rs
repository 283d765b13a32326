//! What happens, told to the page of the play.

use std::sync::Arc;

use tokio::sync::watch;

use super::{
    killer::Kill,
    told::{Left, Told, Turn, What},
};
use crate::{
    campaign::Project,
    cli::given,
    model::{CampaignId, EmailAddress, MessageKind, Status, StepId, Verdict},
    time::Timestamp,
    web::{Arrival, Happened, Happening, Player, Tale},
};

/// The tale of `project` before anything happened.
pub(super) fn begin(project: &Project, started_at: Timestamp) -> Tale {
    let active: Vec<&CampaignId> = project
        .editions
        .iter()
        .filter(|(_, edition)| edition.campaign.status == Status::Active)
        .map(|(id, _)| id)
        .collect();
    let (title, series) = match active[..] {
        [id] => (project.editions[id].campaign.title.clone(), format!("/campaign/{id}")),
        _ => (project.site.name.clone(), "/".to_owned()),
    };
    let people = project.samples.iter().map(|sample| {
        let zone = sample.person.zone.as_deref().and_then(|zone| given::zone(zone).ok());
        let zone = zone.unwrap_or_else(|| project.site.zone.clone());
        Player { name: sample.name.clone(), zone }
    });
    Tale {
        title,
        series,
        started_at,
        parts: parts(project).map(|(_, step)| step.to_string()).collect(),
        people: people.collect(),
        happenings: Vec::new(),
        kills: Vec::new(),
        account: None,
    }
}

/// The parts of all campaigns that run, in order.
fn parts(project: &Project) -> impl Iterator<Item = (&CampaignId, &StepId)> {
    let editions = project.editions.iter();
    let active = editions.filter(|(_, edition)| edition.campaign.status == Status::Active);
    active.flat_map(|(id, edition)| edition.campaign.steps.iter().map(move |step| (id, &step.id)))
}

fn part(project: &Project, wanted: (&CampaignId, &StepId)) -> Option<usize> {
    parts(project).position(|part| part == wanted)
}

/// Tells what happened to somebody.
pub(super) fn add(tales: &watch::Sender<Arc<Tale>>, project: &Project, told: &Told) {
    let Some(person) = index(project, &told.to) else { return };
    let what = match &told.what {
        What::Left(left) => match happened(project, left) {
            Some(what) => what,
            None => return,
        },
        What::Skipped(campaign, step) => match part(project, (campaign, step)) {
            Some(part) => Happened::Skipped(part),
            None => return,
        },
        What::Exited(_) => Happened::Exited,
        What::Trouble(_) => return,
    };
    tales.send_modify(|tale| {
        let tale = Arc::make_mut(tale);
        if let (Happened::Arrived(Arrival { part: Some(part), .. }), What::Left(left)) =
            (what, &told.what)
        {
            tale.parts[part].clone_from(&left.subject);
        }
        tale.happenings.push(Happening { at: told.at, person, what });
    });
}

/// Tells that `email` unsubscribed.
pub(super) fn leave(
    tales: &watch::Sender<Arc<Tale>>,
    project: &Project,
    (email, at): (&EmailAddress, Timestamp),
) {
    let Some(person) = index(project, email) else { return };
    let happening = Happening { at, person, what: Happened::Left };
    tales.send_modify(|tale| Arc::make_mut(tale).happenings.push(happening));
}

/// Tells that the sender was killed.
pub(super) fn kill(tales: &watch::Sender<Arc<Tale>>, kill: &Kill) {
    tales.send_modify(|tale| Arc::make_mut(tale).kills.push(kill.at));
}

fn index(project: &Project, email: &EmailAddress) -> Option<usize> {
    project.samples.iter().position(|sample| sample.person.email == *email)
}

/// What the arrival of `left` is; `None` when it did not arrive.
fn happened(project: &Project, left: &Left) -> Option<Happened> {
    let Verdict::Accepted { .. } = left.verdict else { return None };
    let own = (&left.campaign, &left.step);
    let part = match left.kind {
        MessageKind::Confirmation => None,
        MessageKind::Step => Some(part(project, own)?),
    };
    Some(Happened::Arrived(Arrival { part, mail: left.mail?, is_copy: left.turn == Turn::Again }))
}
