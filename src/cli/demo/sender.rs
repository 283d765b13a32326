//! Who sends: the service in this process, or one process after the other that
//! is killed.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, bail};
use tokio::sync::{Notify, mpsc};

use super::{
    child::Word,
    killer::{Aim, Killer},
    told::{Told, What},
};
use crate::{
    mail::Catcher,
    model::{EmailAddress, Name, StepId},
    service::Service,
    store::Store,
    time::{Clock, SignedDuration},
};

/// Lines of a sender that wait to be heard.
const WORDS_MAX: usize = 1_000;

/// How long a sender takes to come back, by the play's clock.
const COMING_BACK: SignedDuration = SignedDuration::from_secs(1);

/// What was heard and not yet shown.
pub(super) type Heard = Arc<Mutex<Vec<Told>>>;

/// Who sends.
pub(super) enum Sender {
    /// The service in this process.
    Here(Box<Service>),
    /// A process of its own.
    Apart(Box<Apart>),
}

/// What a pass came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// There was something to do, so there may be more.
    Busy,
    /// Nothing is due.
    Idle,
}

impl Sender {
    /// Does everything that is due.
    pub(super) async fn pass(&mut self) -> anyhow::Result<Pass> {
        match self {
            Sender::Here(service) if service.run_once().await? > 0 => Ok(Pass::Busy),
            Sender::Here(_) => Ok(Pass::Idle),
            Sender::Apart(apart) => apart.pass().await,
        }
    }
}

/// A sender in a process of its own, and its successors.
pub(super) struct Apart {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) database: PathBuf,
    pub(super) catcher: Catcher,
    /// How it greets the catcher.
    pub(super) hello: String,
    pub(super) killer: Killer,
    pub(super) heard: Heard,
    pub(super) talk: Option<Talk>,
    /// What a sender said that died before it wrote it, and its successor says again.
    pub(super) said: BTreeSet<Said>,
}

/// Who skipped a part, or left.
type Said = (EmailAddress, (Name, Option<StepId>));

/// A conversation with a sender that runs.
pub(super) struct Talk {
    to: ChildStdin,
    from: mpsc::Receiver<anyhow::Result<Word>>,
    /// Kills before it started.
    kills: usize,
}

impl Apart {
    async fn pass(&mut self) -> anyhow::Result<Pass> {
        let mut talk = match self.talk.take() {
            Some(talk) => talk,
            None => self.start().await?,
        };
        let now = self.clock.now();
        let unknown = self.store.report(now).await?.unknown;
        let is_second_try = unknown.iter().any(|one| one.retry_at.is_some_and(|at| at <= now));
        self.killer.aim(if is_second_try { Aim::Hold } else { Aim::Fire });
        // Who was killed after the last pass does not listen: its silence says so.
        let _ = writeln!(talk.to, "{now}");
        while let Some(word) = talk.from.recv().await {
            match word? {
                Word::Done(count) => {
                    self.talk = Some(talk);
                    return Ok(if count > 0 { Pass::Busy } else { Pass::Idle });
                }
                Word::Skipped { to, zone, at, campaign, step } => {
                    self.hear(Told { to, zone, at, what: What::Skipped(campaign, step) });
                }
                Word::Exited { to, zone, at, campaign } => {
                    self.hear(Told { to, zone, at, what: What::Exited(campaign) });
                }
                Word::Trouble(what) => bail!("the demo cannot go on: {what}"),
            }
        }
        let ended = self.killer.bury().context("waiting for the sender's end")?;
        if self.killer.kills().len() == talk.kills {
            let how = ended.map_or_else(|| "somehow".to_owned(), |status| status.to_string());
            bail!("the sender ended by itself: {how}");
        }
        Ok(Pass::Busy)
    }

    fn hear(&mut self, told: Told) {
        let what = match &told.what {
            What::Skipped(campaign, step) => (campaign.clone(), Some(step.clone())),
            What::Exited(campaign) => (campaign.clone(), None),
            What::Left(_) | What::Trouble(_) => return,
        };
        if self.said.insert((told.to.clone(), what)) {
            self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(told);
        }
    }

    /// Starts the next sender.
    async fn start(&self) -> anyhow::Result<Talk> {
        self.clock.wait_until(self.clock.now() + COMING_BACK, &Notify::new()).await;
        let program = std::env::current_exe().context("looking for this program")?;
        let mut child = Command::new(program)
            .arg("demo-sender")
            .arg(&self.database)
            .arg(self.catcher.address().to_string())
            .arg(&self.hello)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting a sender")?;
        let to = child.stdin.take().context("a sender without ears")?;
        let from = listen(&mut child)?;
        let kills = self.killer.kills().len();
        self.killer.take_on(child);
        Ok(Talk { to, from, kills })
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        self.killer.dismiss();
    }
}

/// What `child` says, until it ends.
fn listen(child: &mut Child) -> anyhow::Result<mpsc::Receiver<anyhow::Result<Word>>> {
    let mut lines = BufReader::new(child.stdout.take().context("a sender without a voice")?);
    let (speak, from) = mpsc::channel(WORDS_MAX);
    std::thread::spawn(move || {
        loop {
            let mut line = String::new();
            // Half a line is the last word of somebody who was killed.
            if lines.read_line(&mut line).is_err() || !line.ends_with('\n') {
                break;
            }
            let word = serde_json::from_str(&line).with_context(|| format!("heard `{line}`"));
            if speak.blocking_send(word).is_err() {
                break;
            }
        }
    });
    Ok(from)
}
