//! The sender as a process of its own, for whoever wants to kill it.
//!
//! It reads from standard input what time it is, does everything that is due
//! then, and says on standard output what happened and that it is done. It
//! ends when nobody asks any more.

use std::{
    io::{self, BufRead as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::{
    options,
    told::{Told, What},
};
use crate::{
    cli::term,
    mail::Keys,
    model::{EmailAddress, Name, StepId},
    service::Service,
    store::{Missing, Store},
    time::{Clock, Timestamp},
};

#[derive(Args)]
pub(in crate::cli) struct Arguments {
    /// The demo's database
    database: PathBuf,
    /// The demo's mail catcher
    relay: SocketAddr,
    /// How it greets it
    hello: String,
}

/// A line on standard output.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Word {
    /// A part was skipped. Said before it is written: a successor may say it again.
    Skipped { to: EmailAddress, zone: String, at: Timestamp, campaign: Name, step: StepId },
    /// The campaign's exit held. Said before it is written, too.
    Exited { to: EmailAddress, zone: String, at: Timestamp, campaign: Name },
    /// Database or catcher refused.
    Trouble(String),
    /// Nothing more is due at the time that was told; so many things were.
    Done(usize),
}

pub(in crate::cli) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let store = Store::open_sqlite(&arguments.database, Missing::Refuse).await?;
    store.become_sender().await?;
    let keys = Keys::new(store.instance_secret().await?);
    let Some(start) = next_time().await? else { return Ok(ExitCode::SUCCESS) };
    let clock = Clock::starting_at(start);
    let on_event = Arc::new(|event| {
        if let Some(word) = Told::of(event).and_then(word) {
            // Who does not listen any more has ended.
            let _ = say(&word);
        }
    });
    let options = options(arguments.relay, arguments.hello);
    let service = Service::new(store, keys, clock.clone(), options, on_event);
    service.recover().await?;
    let mut now = Some(start);
    while let Some(at) = now {
        clock.wait_until(at, &Notify::new()).await;
        let mut count = 0;
        loop {
            match service.run_once().await? {
                0 => break,
                done => count += done,
            }
        }
        say(&Word::Done(count))?;
        now = next_time().await?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is said of `told`: what arrives speaks for itself.
fn word(told: Told) -> Option<Word> {
    let Told { to, zone, at, what } = told;
    match what {
        What::Left(_) => None,
        What::Skipped(campaign, step) => Some(Word::Skipped { to, zone, at, campaign, step }),
        What::Exited(campaign) => Some(Word::Exited { to, zone, at, campaign }),
        What::Trouble(what) => Some(Word::Trouble(what)),
    }
}

fn say(word: &Word) -> anyhow::Result<()> {
    Ok(term::data(&serde_json::to_string(word)?)?)
}

/// The next line of standard input: what time it is. `None` at its end.
async fn next_time() -> anyhow::Result<Option<Timestamp>> {
    let read = || -> io::Result<String> {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        Ok(line)
    };
    let line = tokio::task::spawn_blocking(read).await??;
    if line.is_empty() {
        return Ok(None);
    }
    Ok(Some(line.trim().parse()?))
}
