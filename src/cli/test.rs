//! `fascicle test`: real mails to their own author, through the project's relay.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{
    Format, given,
    letters::{self, Named},
    run::ask_on_signals,
    term,
    trial::{self, Tried},
};
use crate::{
    campaign::Project,
    model::{EmailAddress, Site, Stage, Verdict},
    service::Stop,
    time::{Clock, SignedDuration, Timestamp},
};

/// The longest `--every`: nobody sits there for longer.
const EVERY_MAX: SignedDuration = SignedDuration::from_hours(24);

#[derive(Args)]
pub(super) struct Arguments {
    /// CAMPAIGN, CAMPAIGN/STEP, NEWSLETTER/ISSUE, or `confirm`
    message: String,
    /// Your own address
    #[arg(long, value_name = "ADDRESS")]
    to: String,
    /// The pretend subscriber of samples.toml in whose place you are
    #[arg(long, value_name = "NAME")]
    sample: Option<String>,
    /// The time between two parts of a whole campaign, like 30s, 5m or 0s
    #[arg(long, value_name = "TIME", default_value = "1m")]
    every: String,
    /// How the outcome is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(super) async fn run(folder: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let every = parse_every(&arguments.every)?;
    let to = EmailAddress::parse(&arguments.to)
        .with_context(|| format!("`{}` is not an email address", arguments.to))?;
    let (_, project) = given::load_clean(folder)?;
    let sample = given::sample(&project, arguments.sample.as_deref())?;
    trial::check_reach(&project.site, &to)?;
    let clock = Clock::System;
    let letters = letters::all(&project, &arguments.message, &sample, clock.now())?;
    tell_what_comes(&project, &letters, (&to, &sample.name));
    let stop = Stop::new();
    tokio::spawn(ask_on_signals(stop.clone()));
    let session = Session { site: &project.site, to, every, clock, stop };
    let fates = session.send(&letters).await?;
    let (count, sent) = (fates.len(), fates.iter().filter(|fate| fate.is_sent()).count());
    term::say(&summary(&fates));
    if arguments.format == Format::Json {
        let lines = letters.iter().zip(&fates).map(|(letter, fate)| as_json(letter, fate));
        term::data(&format!("{:#}", Value::Array(lines.collect())))?;
    }
    Ok(ExitCode::from(u8::from(sent < count)))
}

/// `30s`, `5m`, `1h`.
fn parse_every(text: &str) -> anyhow::Result<SignedDuration> {
    let wrong = || format!("`{text}` is no time between two mails; write it like 30s or 5m");
    let digits = text.find(|c: char| !c.is_ascii_digit()).with_context(wrong)?;
    let count: u32 = text[..digits].parse().ok().with_context(wrong)?;
    let seconds = match &text[digits..] {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => 0,
    };
    ensure!(seconds > 0, wrong());
    let every = SignedDuration::from_secs(i64::from(count) * seconds);
    ensure!(every <= EVERY_MAX, "--every {text} is longer than a day");
    Ok(every)
}

fn tell_what_comes(project: &Project, letters: &[Named], (to, sample): (&EmailAddress, &str)) {
    let relay = &project.site.relay;
    let what = match letters {
        [one] => format!("{}, as {sample} gets it", one.name),
        all => format!("{} mails, as {sample} gets them", all.len()),
    };
    term::say(&format!("{what}, to {to} through {}:{}", relay.host, relay.port));
    term::say(
        "the links that leave a list or confirm open nothing: nobody is subscribed by a test",
    );
    let shows = |address: &String| {
        letters.iter().any(|named| named.letter.rendered.html.contains(address.as_str()))
    };
    let mut addresses = project.images.keys().map(|name| name.address(&project.site.base_url));
    if addresses.any(|address| shows(&address)) {
        term::say("images of the project show when `run` serves what was applied");
    }
}

/// What is sent to whom, how fast, and until when.
struct Session<'a> {
    site: &'a Site,
    to: EmailAddress,
    every: SignedDuration,
    clock: Clock,
    stop: Stop,
}

/// What became of one letter.
enum Fate {
    /// The relay was asked.
    Tried(Tried),
    /// Its sender was stopped before the relay answered.
    Abandoned,
    /// The relay was not asked.
    NotSent,
}

impl Session<'_> {
    /// Sends `letters` in their order, and says of each what became of it.
    async fn send(&self, letters: &[Named]) -> anyhow::Result<Vec<Fate>> {
        let mut fates = Vec::new();
        let mut due_at = self.clock.now();
        for named in letters {
            if fates.last().is_some_and(|fate: &Fate| !fate.lets_others_follow()) {
                break;
            }
            self.wait_until(due_at, named.part()).await;
            if self.stop.is_asked() {
                break;
            }
            let fate = self.send_one(named).await?;
            self.tell(named, &fate);
            fates.push(fate);
            due_at = self.clock.now().saturating_add(self.every).unwrap_or(Timestamp::MAX);
        }
        fates.resize_with(letters.len(), || Fate::NotSent);
        Ok(fates)
    }

    async fn wait_until(&self, due_at: Timestamp, part: &str) {
        let nobody = Notify::new();
        if self.clock.now() < due_at {
            term::say(&format!("{part}: in {:#}", self.every));
        }
        while self.clock.now() < due_at && !self.stop.is_asked() {
            tokio::select! {
                () = self.clock.wait_until(due_at, &nobody) => {}
                () = self.stop.asked(1) => {}
            }
        }
    }

    /// One attempt. Asked to stop, it waits for the relay's answer all the same;
    /// asked twice, it does not.
    async fn send_one(&self, named: &Named) -> anyhow::Result<Fate> {
        let sending = trial::send(self.site, &named.letter, &self.to, self.clock.now());
        tokio::select! {
            tried = sending => Ok(Fate::Tried(tried?)),
            () = self.stop.asked(2) => Ok(Fate::Abandoned),
        }
    }

    fn tell(&self, named: &Named, fate: &Fate) {
        let part = named.part();
        match fate {
            Fate::Tried(Tried { verdict: Verdict::Accepted { reply }, .. }) => {
                term::say(&format!("{part}: sent ({reply})"));
            }
            Fate::Tried(Tried { verdict, .. }) => {
                term::say(&format!("{part}: {verdict}\n  hint: {}", self.hint(verdict)));
            }
            Fate::Abandoned => term::say(&format!("{part}: stopped before the relay answered")),
            Fate::NotSent => {}
        }
    }

    /// What to do about a verdict.
    fn hint(&self, verdict: &Verdict) -> String {
        match (verdict, verdict.stage()) {
            (Verdict::Unknown { .. } | Verdict::Accepted { .. }, _) => {
                "it may have arrived: look before you send it again".to_owned()
            }
            (_, Stage::Connect) if self.site.relay.is_loopback() => {
                "does anything listen there? `fascicle catch` does".to_owned()
            }
            (_, Stage::Connect) => "look at `host` and `port` in [relay]".to_owned(),
            (_, Stage::Auth) => "look at `username` and `password` in [relay]".to_owned(),
            (_, Stage::Mail) => {
                let from = &self.site.from;
                format!(
                    "the relay does not send for {from}: tell it about that domain, or change `from`"
                )
            }
            (Verdict::Deferred { .. } | Verdict::NotHandedOver { .. }, _) => {
                "that is for now: try again in some minutes".to_owned()
            }
            (Verdict::Refused { .. }, Stage::Rcpt) => {
                let to = &self.to;
                format!(
                    "is {to} written rightly? Many relays write only to proven addresses at first"
                )
            }
            (Verdict::Refused { .. }, Stage::Data | Stage::Dot) => {
                "the relay refuses this mail, not the address: its words say what to change"
                    .to_owned()
            }
        }
    }
}

impl Fate {
    fn is_sent(&self) -> bool {
        matches!(self, Fate::Tried(Tried { verdict: Verdict::Accepted { .. }, .. }))
    }

    /// Whether the next letter may fare better.
    fn lets_others_follow(&self) -> bool {
        match self {
            Fate::Tried(Tried { verdict, .. }) => match verdict {
                Verdict::Accepted { .. } | Verdict::Deferred { .. } | Verdict::Unknown { .. } => {
                    true
                }
                // What was said about the address holds for all of them.
                Verdict::Refused { stage, .. } => matches!(stage, Stage::Data | Stage::Dot),
                Verdict::NotHandedOver { .. } => false,
            },
            Fate::Abandoned | Fate::NotSent => false,
        }
    }

    fn as_str(&self) -> &'static str {
        match self {
            Fate::Tried(Tried { verdict, .. }) => verdict.as_str(),
            Fate::Abandoned => Verdict::Unknown { reply: String::new() }.as_str(),
            Fate::NotSent => "not sent",
        }
    }
}

/// `2 sent, 1 refused, 1 not sent`.
fn summary(fates: &[Fate]) -> String {
    let words = ["accepted", "deferred", "refused", "not handed over", "unknown", "not sent"];
    let counted = words.iter().filter_map(|word| {
        let count = fates.iter().filter(|fate| fate.as_str() == *word).count();
        let word = if *word == "accepted" { "sent" } else { word };
        (count > 0).then(|| format!("{count} {word}"))
    });
    counted.collect::<Vec<_>>().join(", ")
}

fn as_json(named: &Named, fate: &Fate) -> Value {
    let mut line = json!({
        "message": named.name,
        "subject": named.letter.rendered.subject,
        "verdict": fate.as_str(),
    });
    if let Fate::Tried(tried) = fate {
        line["message_id"] = json!(tried.message_id);
        line["stage"] = json!(tried.verdict.stage().as_str());
        line["reply"] = json!(tried.verdict.reply());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_between_two_mails_is_a_count_and_a_unit() {
        let check = |text: &str, expected: Option<i64>| {
            assert_eq!(parse_every(text).ok().map(|every| every.as_secs()), expected, "{text}");
        };
        check("0s", Some(0));
        check("30s", Some(30));
        check("5m", Some(300));
        check("24h", Some(86_400));
        for wrong in ["25h", "5", "m", "", "-1s", "1.5m", "4294967296s", "5 m", "2d"] {
            check(wrong, None);
        }
    }
}
