//! The loops that move mail: reception, planner and sender, and the service around them.
//!
//! Each loop has a `run_once`, one pass with one `now`. The live service
//! repeats them until it is told to stop; the demo plays the same passes on a
//! clock that jumps ([`Service::wait_for_next`]).

mod event;
mod job;
mod lane;
mod planner;
mod reception;
mod stop;

pub use event::Event;
pub use lane::SenderOptions;
pub use stop::Stop;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU32},
};

use anyhow::ensure;
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};

use self::{
    job::Job,
    lane::{Lane, Shared},
    planner::Planner,
    reception::Reception,
};
use crate::{
    engine::{self, Settled, settle},
    library::Library,
    mail::Keys,
    model::{Message, Verdict},
    store::{Outcome, Store},
    time::{Clock, PaceMeter, SignedDuration, Timestamp},
};

/// How long a stop waits for messages in flight.
const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// Reception, planner and sender over one store.
pub struct Service {
    reception: Reception,
    planner: Planner,
    shared: Arc<Shared>,
}

impl Service {
    /// A service over `store`; `on_event` hears what happens.
    pub fn new(
        store: Store,
        keys: Keys,
        clock: Clock,
        options: SenderOptions,
        on_event: Arc<dyn Fn(Event) + Send + Sync>,
    ) -> Service {
        let library = Library::new(store.clone());
        let reception = Reception {
            store: store.clone(),
            library: library.clone(),
            keys: keys.clone(),
            on_event: on_event.clone(),
            forgot_at: Mutex::new(Timestamp::MIN),
            alarmed_at: Mutex::new(Timestamp::MIN),
        };
        let planner = Planner {
            store: store.clone(),
            library: library.clone(),
            keys: keys.clone(),
            on_event: on_event.clone(),
        };
        let pace = tokio::sync::Mutex::new(PaceMeter::new(options.pace));
        let shared = Shared {
            store,
            library,
            keys,
            clock,
            options,
            stop: Stop::new(),
            pulse: Arc::new(Notify::new()),
            on_event,
            pace,
            rest_until: Mutex::new(Timestamp::MIN),
            troubles: AtomicU32::new(0),
            has_accepted: AtomicBool::new(false),
        };
        Service { reception, planner, shared: Arc::new(shared) }
    }

    /// What makes the service stop.
    pub fn stop(&self) -> Stop {
        self.shared.stop.clone()
    }

    /// What was applied, as the service sees it: for whoever serves pages in the
    /// same process.
    pub fn library(&self) -> Library {
        self.shared.library.clone()
    }

    /// Settles what a process before this one left in flight: nobody knows
    /// whether the relay took those.
    pub async fn recover(&self) -> anyhow::Result<usize> {
        let shared = &self.shared;
        let orphans = shared.store.orphans().await?;
        let count = orphans.len();
        let now = shared.clock.now();
        for message in orphans {
            let reply = "the process ended before it recorded the answer".to_owned();
            let verdict = Verdict::Unknown { reply };
            let (message, settled) = match Job::load(&shared.library, message).await {
                Ok(job) => {
                    let settled = settle(job.rules(), &job.message, &verdict, now);
                    (job.message, settled)
                }
                // It waits until its version can be loaded, and counts as lost once.
                Err((message, error)) => {
                    (shared.on_event)(Event::StoreTrouble { what: format!("{error:#}") });
                    let held = hold_for_version(&message, now);
                    let settled = Settled { unknowns: message.unknowns + 1, ..held };
                    (*message, settled)
                }
            };
            let outcome = Outcome { message, settled, verdict: Some(verdict), body_hash: None };
            shared.store.record(outcome, now).await?;
        }
        if count > 0 {
            (shared.on_event)(Event::Recovered { count });
        }
        Ok(count)
    }

    /// Plans and sends until [`Service::stop`] is asked for, then lets the
    /// messages in flight finish.
    pub async fn run(&self) -> anyhow::Result<()> {
        self.recover().await?;
        let shared = &self.shared;
        let wake = watch::Sender::new(0_u64);
        let mut lanes = JoinSet::new();
        for worker in 0..self.lane_count() {
            lanes.spawn(run_lane(
                Lane::new(shared.clone(), worker),
                shared.stop.clone(),
                wake.subscribe(),
            ));
        }
        while !shared.stop.is_asked() {
            let now = shared.clock.now();
            let next = match self.plan(now).await {
                Ok(_) => shared.store.next_due_at().await.map_err(anyhow::Error::from),
                Err(error) => Err(error),
            };
            wake.send_modify(|generation| *generation += 1);
            let nap = now.saturating_add(Clock::LONGEST_NAP)?;
            let until = match next {
                // What is due already is in the lanes' hands.
                Ok(Some(at)) if at > now => at.min(nap),
                Ok(_) => nap,
                Err(error) => {
                    (shared.on_event)(Event::StoreTrouble { what: format!("{error:#}") });
                    nap
                }
            };
            tokio::select! {
                // A lane ends only when it is told to, or by a mistake of ours.
                Some(_) = lanes.join_next() => {
                    ensure!(shared.stop.is_asked(), "a connection's task ended by itself");
                }
                () = shared.clock.wait_until(until, &shared.pulse) => {}
                () = shared.stop.asked(1) => {}
            }
        }
        let finish = async { while lanes.join_next().await.is_some() {} };
        tokio::select! {
            () = finish => {}
            () = shared.stop.asked(2) => {}
            () = self.grace() => {}
        }
        Ok(())
    }

    /// One pass of planner and sender at the clock's `now`. Returns how many
    /// enrollments and messages were dealt with.
    pub async fn run_once(&self) -> anyhow::Result<usize> {
        let planned = self.plan(self.shared.clock.now()).await?;
        let mut lanes = JoinSet::new();
        for worker in 0..self.lane_count() {
            let mut lane = Lane::new(self.shared.clone(), worker);
            lanes.spawn(async move {
                let count = lane.drain().await;
                lane.close().await;
                count
            });
        }
        let sent: usize = lanes.join_all().await.into_iter().sum();
        Ok(planned + sent)
    }

    /// Everything that comes before sending, with one `now`. Returns how many
    /// sign-ups and enrollments were dealt with.
    async fn plan(&self, now: Timestamp) -> anyhow::Result<usize> {
        // Who cannot be answered does not keep the others from their mail.
        let answered = self.reception.run_once(now).await.unwrap_or_else(|error| {
            let what = format!("answering sign-ups: {error:#}");
            (self.shared.on_event)(Event::StoreTrouble { what });
            0
        });
        Ok(answered + self.planner.run_once(now).await?)
    }

    /// Waits until something is due, however far away. Returns `false` when
    /// nothing ever is.
    ///
    /// On a virtual clock this is the jump; call it only when `run_once` found
    /// nothing more to do.
    pub async fn wait_for_next(&self) -> anyhow::Result<bool> {
        let Some(next) = self.shared.store.next_due_at().await? else { return Ok(false) };
        let until = next.max(self.shared.rest_until());
        self.shared.clock.wait_until(until, &self.shared.pulse).await;
        Ok(true)
    }

    fn lane_count(&self) -> u32 {
        u32::try_from(self.shared.options.connections).unwrap_or(u32::MAX).max(1)
    }

    async fn grace(&self) {
        let clock = &self.shared.clock;
        let nobody = Notify::new();
        let end = clock.now().saturating_add(GRACE).unwrap_or(Timestamp::MAX);
        while clock.now() < end {
            clock.wait_until(end, &nobody).await;
        }
    }
}

/// What becomes of a message whose version cannot be loaded: it waits for
/// whoever mends that.
fn hold_for_version(message: &Message, now: Timestamp) -> Settled {
    const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(15);
    let until = now.saturating_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
    engine::hold(message, until, engine::HoldReason::NoVersion)
}

/// Drains whenever there may be something, until the owner says stop.
async fn run_lane(mut lane: Lane, stop: Stop, mut wake: watch::Receiver<u64>) {
    while !stop.is_asked() {
        wake.mark_unchanged();
        lane.drain().await;
        tokio::select! {
            changed = wake.changed() => if changed.is_err() { break },
            () = stop.asked(1) => {}
        }
    }
    lane.close().await;
}
