//! `fascicle status`: where everything stands.

use std::{fmt::Write as _, path::Path, process::ExitCode};

use clap::Args;
use serde_json::{Value, json};

use super::{Format, given, term};
use crate::{
    model::MessageState,
    store::{ListReport, Missing, Report},
    time::Clock,
};

#[derive(Args)]
pub(super) struct Arguments {
    /// How it is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) async fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let site = given::site(folder)?;
    let store = given::store(folder, &site, Missing::Refuse).await?;
    let report = store.report(Clock::System.now()).await?;
    match arguments.format {
        Format::Human => term::data(&human(&report))?,
        Format::Json => term::data(&format!("{:#}", as_json(&report)))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn human(report: &Report) -> String {
    let mut text = match report.people {
        1 => "1 person\n".to_owned(),
        n => format!("{n} people\n"),
    };
    for ListReport { list, subscribed, left } in &report.lists {
        let gone = if *left > 0 { format!(", {left} left it") } else { String::new() };
        let _ = writeln!(text, "  {subscribed} on {list}{gone}");
    }
    if report.suppressed > 0 {
        let _ = writeln!(text, "  {} suppressed: mail to them came back", report.suppressed);
    }
    if report.pending > 0 {
        let _ = writeln!(text, "  {} asked to confirm, without an answer yet", report.pending);
    }
    for campaign in &report.campaigns {
        let status = format!("{:?}", campaign.state.status).to_lowercase();
        let _ = writeln!(
            text,
            "\n{} ({status}): {} inside, {} finished, {} left early",
            campaign.state.id, campaign.inside, campaign.finished, campaign.stopped
        );
        for step in &campaign.steps {
            let _ = writeln!(text, "  {:<20} {}", step.step.as_str(), counts(&step.messages));
        }
    }
    if report.messages.is_empty() {
        text.push_str("\nno message yet\n");
    } else {
        let _ = writeln!(text, "\nmessages: {}", counts(&report.messages));
    }
    if !report.reasons.is_empty() {
        text.push_str("\nwhy messages wait or did not go:\n");
        for (reason, count) in &report.reasons {
            let _ = writeln!(text, "  {count:>6}  {reason}");
        }
    }
    if let Some(at) = report.oldest_due_at {
        let _ = writeln!(text, "the oldest that is due has been waiting since {at:.0}");
    }
    if let Some(at) = report.next_due_at {
        let _ = writeln!(text, "next: {at:.0}");
    }
    if !report.unknown.is_empty() {
        text.push_str(
            "\nunknown: the answer was lost, so they may have arrived; the relay's log knows\n",
        );
        for message in &report.unknown {
            let fate = match message.retry_at {
                Some(at) => format!("tried once more at {at:.0}"),
                None => "parked".to_owned(),
            };
            let _ = writeln!(
                text,
                "  {} {} {} <{}>, {fate}",
                message.campaign, message.step, message.to, message.message_id
            );
        }
    }
    let unknown = report.messages.iter().find(|(state, _)| *state == MessageState::Unknown);
    let listed = report.unknown.iter().filter(|message| message.retry_at.is_none()).count();
    let listed = i64::try_from(listed).unwrap_or(i64::MAX);
    if let Some((_, count)) = unknown.filter(|(_, count)| *count > listed) {
        let _ = writeln!(text, "  and {} more, parked earlier", count - listed);
    }
    text
}

fn counts(messages: &[(MessageState, i64)]) -> String {
    let counts: Vec<String> =
        messages.iter().map(|(state, count)| format!("{count} {}", state.as_str())).collect();
    counts.join(", ")
}

fn as_json(report: &Report) -> Value {
    let by_state = |messages: &[(MessageState, i64)]| {
        let map = messages.iter().map(|(state, count)| (state.as_str().to_owned(), json!(count)));
        Value::Object(map.collect())
    };
    let lists = report.lists.iter().map(|ListReport { list, subscribed, left }| {
        (list.to_string(), json!({"subscribed": subscribed, "left": left}))
    });
    let campaigns = report.campaigns.iter().map(|campaign| {
        let steps = campaign.steps.iter();
        json!({
            "id": campaign.state.id,
            "status": format!("{:?}", campaign.state.status).to_lowercase(),
            "version": &*campaign.state.version.0,
            "inside": campaign.inside,
            "finished": campaign.finished,
            "stopped": campaign.stopped,
            "steps": steps.map(|step| json!({"step": step.step, "messages": by_state(&step.messages)})).collect::<Vec<_>>(),
        })
    });
    let unknown = report.unknown.iter().map(|message| {
        json!({
            "campaign": message.campaign,
            "step": message.step,
            "to": message.to.as_str(),
            "message_id": message.message_id,
            "retry_at": message.retry_at.map(|at| at.to_string()),
        })
    });
    let reasons = report.reasons.iter();
    json!({
        "version": 1,
        "people": report.people,
        "pending": report.pending,
        "suppressed": report.suppressed,
        "lists": Value::Object(lists.collect()),
        "campaigns": campaigns.collect::<Vec<_>>(),
        "messages": by_state(&report.messages),
        "oldest_due_at": report.oldest_due_at.map(|at| at.to_string()),
        "next_due_at": report.next_due_at.map(|at| at.to_string()),
        "reasons": reasons.map(|(reason, count)| json!({"reason": reason, "count": count})).collect::<Vec<_>>(),
        "unknown": unknown.collect::<Vec<_>>(),
    })
}
