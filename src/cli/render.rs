//! `fascicle render`: one message, as its person would get it.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};

use super::{given, term};
use crate::{
    campaign::{Addressee, Edition, Project, foresee},
    engine::{ExpectedOutcome, forecast},
    mail::{Headers, Keys, Purpose, compose},
    model::{
        ListId, MessageKey, MessageKind, Next, Outgoing, Rendered, Sample, StepId, SubscriberId,
    },
    time::{SignedDuration, Timestamp},
};

#[derive(Args)]
pub(super) struct Arguments {
    /// CAMPAIGN/STEP, or `confirm`
    message: String,
    /// The pretend subscriber of samples.toml
    #[arg(long, value_name = "NAME")]
    sample: Option<String>,
    /// Which part
    #[arg(long, value_enum, default_value = "html")]
    part: Part,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Html,
    Text,
    Subject,
    Eml,
}

/// A message that is printed is dated like this, so that the same files print
/// the same bytes.
const DATED_AT: Timestamp = Timestamp::constant(1_774_598_400, 0);

pub(super) fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (_, project) = given::load_clean(folder)?;
    let sample = given::sample(&project, arguments.sample.as_deref())?;
    let (rendered, outgoing) = match arguments.message.split_once('/') {
        Some((campaign, step)) => {
            let edition = given::edition(&project, campaign)?;
            let step = given::step(edition, step)?;
            let list = edition.campaign.enroll.list.clone();
            let url = unsubscribe_url(&project);
            let rendered = letter(edition, &step, &sample, &url)?;
            let key = key(edition, step);
            let outgoing = outgoing(&project, &rendered, &sample, (&key, &list), Some(&url));
            (rendered, outgoing)
        }
        None if arguments.message == "confirm" => confirmation(&project, &sample)?,
        None => bail!("`{}` is not CAMPAIGN/STEP", arguments.message),
    };
    match arguments.part {
        Part::Html => term::data(&rendered.html)?,
        Part::Text => term::data(&rendered.text)?,
        Part::Subject => term::data(&rendered.subject)?,
        Part::Eml => term::bytes(&outgoing.bytes)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn letter(
    edition: &Edition,
    step: &StepId,
    sample: &Sample,
    unsubscribe_url: &str,
) -> anyhow::Result<Rendered> {
    let next = next(edition, step, sample);
    let addressee =
        Addressee { fields: &sample.person.fields, next: next.as_ref(), unsubscribe_url };
    Ok(edition.render(step, &addressee)?)
}

/// What comes after `step` for somebody who entered at [`DATED_AT`].
fn next(edition: &Edition, step: &StepId, sample: &Sample) -> Option<Next> {
    let campaign = &edition.campaign;
    let zone = campaign.zone(sample.person.zone.as_deref(), &edition.site.zone);
    // What happens later is not known yet when this part is written.
    let facts = sample.facts(&campaign.enroll.list, SignedDuration::ZERO);
    let timeline = forecast(campaign, &zone, DATED_AT, |_| facts.clone());
    let position = timeline.iter().position(|line| line.step == *step)?;
    let after =
        timeline[position + 1..].iter().find(|line| line.outcome == ExpectedOutcome::Sent)?;
    Some(foresee(after.step.clone(), after.at, &zone))
}

fn confirmation(project: &Project, sample: &Sample) -> anyhow::Result<(Rendered, Outgoing)> {
    let list = project.site.lists.keys().next().context("the project has no list")?;
    let url = format!("{}/c/example", project.site.base_url);
    let rendered =
        project.render_confirmation(list, &url).context("there is no templates/confirm.mjml")??;
    let step = StepId::trusted("confirm");
    let key = MessageKey { campaign: list.clone(), ..example_key(step) };
    let outgoing = outgoing(project, &rendered, sample, (&key, list), None);
    Ok((rendered, outgoing))
}

fn outgoing(
    project: &Project,
    rendered: &Rendered,
    sample: &Sample,
    (key, list): (&MessageKey, &ListId),
    unsubscribe_url: Option<&str>,
) -> Outgoing {
    let keys = example_keys();
    let domain = project.site.from.domain();
    let headers = Headers {
        to: &sample.person.email,
        message_id: &keys.message_id(key, domain),
        dated_at: DATED_AT,
        unsubscribe_url,
        list_id: &keys.list_id(list, domain),
    };
    compose(&project.site, rendered, &headers)
}

fn unsubscribe_url(project: &Project) -> String {
    let token = example_keys().token(Purpose::Unsubscribe, 0, DATED_AT);
    format!("{}/u/{token}", project.site.base_url)
}

fn key(edition: &Edition, step: StepId) -> MessageKey {
    MessageKey { campaign: edition.campaign.id.clone(), ..example_key(step) }
}

fn example_key(step: StepId) -> MessageKey {
    let campaign = step.clone();
    MessageKey {
        kind: MessageKind::Step,
        subscriber: SubscriberId(0),
        campaign,
        step,
        occurrence: 0,
    }
}

/// Keys that open nothing: what is printed here is not a way into a database.
fn example_keys() -> Keys {
    Keys::new([0; 32])
}
