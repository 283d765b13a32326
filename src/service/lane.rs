//! A lane of the sender: one connection to the relay, one message at a time.
//!
//! A lane claims the next message in the same group commit that records its
//! last verdict, so its next final dot can only follow that commit. That is
//! what bounds a second copy to one message per connection and failure.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use tokio::sync::Notify;

use super::{Event, Stop, hold_for_version, job::Job};
use crate::{
    engine::{self, Decision, Gate, Look, Settled, decide, settle},
    library::Library,
    mail::{Connection, Keys, RelayOptions},
    model::{
        EmailAddress, Message, Outgoing, Progress, Reach, Stage, Standing, Verdict, sha256_hex,
    },
    store::{Outcome, Store},
    time::{Clock, PaceMeter, SignedDuration, Timestamp, trouble_backoff},
};

/// A connection that was idle for longer is not trusted any more.
const IDLE_MAX: SignedDuration = SignedDuration::from_secs(30);
/// How long a database that refuses is left alone before it is asked again.
const STORE_PAUSE: SignedDuration = SignedDuration::from_secs(1);

/// What a sender's owner chooses.
#[derive(Clone, Debug)]
pub struct SenderOptions {
    /// Where mail goes.
    pub relay: RelayOptions,
    /// How many connections.
    pub connections: usize,
    /// How fast.
    pub pace: Option<crate::time::Pace>,
    /// Who may get mail.
    pub reach: Reach,
}

/// What all lanes share.
pub(super) struct Shared {
    pub(super) store: Store,
    pub(super) library: Library,
    pub(super) keys: Keys,
    pub(super) clock: Clock,
    pub(super) options: SenderOptions,
    pub(super) stop: Stop,
    /// Wakes the planner when a next part is due at once.
    pub(super) pulse: Arc<Notify>,
    pub(super) on_event: Arc<dyn Fn(Event) + Send + Sync>,
    pub(super) pace: tokio::sync::Mutex<PaceMeter>,
    /// The relay is left alone until then.
    pub(super) rest_until: Mutex<Timestamp>,
    /// How often in a row the relay took nothing.
    pub(super) troubles: AtomicU32,
    /// Whether the relay has taken a message since it last refused to talk.
    pub(super) has_accepted: AtomicBool,
}

impl Shared {
    /// Until when the relay is left alone.
    pub(super) fn rest_until(&self) -> Timestamp {
        *self.rest_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn may_claim(&self, now: Timestamp) -> bool {
        !self.stop.is_asked() && self.rest_until() <= now
    }

    fn note_trouble(&self, reply: &str, now: Timestamp) {
        let mut rest_until = self.rest_until.lock().unwrap_or_else(PoisonError::into_inner);
        if *rest_until > now {
            // Another lane noticed it already.
            return;
        }
        self.has_accepted.store(false, Ordering::Relaxed);
        let troubles = self.troubles.fetch_add(1, Ordering::Relaxed) + 1;
        *rest_until = now.saturating_add(trouble_backoff(troubles)).unwrap_or(Timestamp::MAX);
        (self.on_event)(Event::RelayTrouble { reply: reply.to_owned(), until: *rest_until });
    }

    fn gate(&self, to: &EmailAddress) -> Gate {
        if self.options.reach.includes(to) { Gate::Open } else { Gate::Sandboxed }
    }
}

/// One connection to the relay and its number.
pub(super) struct Lane {
    shared: Arc<Shared>,
    worker: u32,
    connection: Option<Connection>,
    used_at: Timestamp,
}

/// Whether an outcome was written before the process has to end.
enum Recorded {
    Yes,
    GivenUp,
}

impl Lane {
    pub(super) fn new(shared: Arc<Shared>, worker: u32) -> Lane {
        Lane { shared, worker, connection: None, used_at: Timestamp::MIN }
    }

    /// Sends everything that is due, until nothing is, or the relay or the
    /// owner says stop. Returns how many messages were dealt with.
    pub(super) async fn drain(&mut self) -> usize {
        let mut count = 0;
        let mut next = self.claim().await;
        while let Some(message) = next {
            count += 1;
            let outcome = self.deal_with(message).await;
            let shared = self.shared.clone();
            let now = shared.clock.now();
            let wakes = outcome.as_ref().is_some_and(|outcome| {
                matches!(&outcome.settled.enrollment, Some(enrollment)
                    if matches!(enrollment.progress, Progress::Waiting { due_at, .. } if due_at <= now))
            });
            // Recorded first, claimed second, and, where no pace makes the
            // claim wait, both in one group commit.
            next = match outcome {
                Some(outcome) => match tokio::join!(self.record(outcome), self.claim()) {
                    (Recorded::Yes, next) => next,
                    // What was claimed meanwhile is left to the next start.
                    (Recorded::GivenUp, _) => return count,
                },
                None => self.claim().await,
            };
            if wakes {
                shared.pulse.notify_one();
            }
        }
        count
    }

    /// QUIT.
    pub(super) async fn close(mut self) {
        if let Some(connection) = self.connection.take() {
            connection.close().await;
        }
    }

    async fn claim(&self) -> Option<Message> {
        let shared = &self.shared;
        // The wait for the pace comes before the claim: what waits claimed
        // would be of unknown fate if the process died meanwhile.
        let mut pace = shared.pace.lock().await;
        let nobody = Notify::new();
        let mut now = shared.clock.now();
        while shared.may_claim(now) && pace.next_at() > now {
            shared.clock.wait_until(pace.next_at(), &nobody).await;
            now = shared.clock.now();
        }
        if !shared.may_claim(now) {
            return None;
        }
        if !pace.is_limited() {
            drop(pace);
            return self.claim_at(now).await;
        }
        let claimed = self.claim_at(now).await;
        if claimed.is_some() {
            pace.depart(now);
        }
        claimed
    }

    async fn claim_at(&self, now: Timestamp) -> Option<Message> {
        match self.shared.store.claim_message(self.worker, now).await {
            Ok(message) => message,
            Err(error) => {
                (self.shared.on_event)(Event::StoreTrouble { what: error.to_string() });
                None
            }
        }
    }

    /// Records an outcome, as often as it takes: until it is written nothing
    /// else leaves over this connection.
    async fn record(&self, outcome: Outcome) -> Recorded {
        let shared = &self.shared;
        let nobody = Notify::new();
        loop {
            let now = shared.clock.now();
            let Err(error) = shared.store.record(outcome.clone(), now).await else {
                return Recorded::Yes;
            };
            (shared.on_event)(Event::StoreTrouble { what: error.to_string() });
            if shared.stop.is_overdue() || error.is_closed() {
                return Recorded::GivenUp;
            }
            let again = now.saturating_add(STORE_PAUSE).unwrap_or(Timestamp::MAX);
            shared.clock.wait_until(again, &nobody).await;
        }
    }

    /// Everything between claim and record. `None` when there is nothing to
    /// record.
    async fn deal_with(&mut self, message: Message) -> Option<Outcome> {
        let shared = self.shared.clone();
        let job = match Job::load(&shared.library, message).await {
            Ok(job) => job,
            Err((message, error)) => {
                // Without its version there is no course to go on with: the
                // message waits for whoever mends the store.
                (shared.on_event)(Event::StoreTrouble { what: format!("{error:#}") });
                let held = hold_for_version(&message, shared.clock.now());
                return Some(outcome(*message, held, None, None));
            }
        };
        let now = shared.clock.now();
        if let Some(outcome) = self.look(&job, &job.message.standing, now) {
            return outcome;
        }
        let (outgoing, subject) = match job.compose(&shared.keys) {
            Ok(composed) => composed,
            Err(reason) => return Some(self.set_aside(job, reason, now)),
        };
        let body_hash = sha256_hex(&outgoing.bytes);
        // Only a message that may have arrived must not come again with other
        // bytes; one that was never taken may be rendered by a newer program.
        let may_be_there = job.message.unknowns > 0;
        if may_be_there && job.message.body_hash.as_ref().is_some_and(|before| *before != body_hash)
        {
            let reason = "its bytes are not those of the attempt before".to_owned();
            return Some(self.set_aside(job, reason, now));
        }
        match self.hand_over(&job, &outgoing).await {
            Ok(verdict) => Some(self.judge(job, verdict, body_hash, subject)),
            Err(outcome) => outcome,
        }
    }

    /// The engine's decision; `Some` when the message does not leave now.
    #[expect(clippy::option_option, reason = "leaves, is recorded, or is nobody's business")]
    fn look(&self, job: &Job, standing: &Standing, now: Timestamp) -> Option<Option<Outcome>> {
        let message = &job.message;
        let gate = self.shared.gate(&message.frozen.email);
        let look = Look { standing, gate, due_at: job.due_at(now), now };
        let settled = match decide(job.rules(), look) {
            Decision::Send => return None,
            Decision::Abandon => return Some(None),
            Decision::Hold { until, reason } => engine::hold(message, until, reason),
            Decision::Drop(reason) => engine::drop_message(message, reason),
        };
        self.keep(message, &settled.reason);
        Some(Some(outcome(message.clone(), settled, None, None)))
    }

    /// Connection, MAIL, RCPT, the last look, DATA. An error is an outcome
    /// that is known before the relay was asked to the end.
    async fn hand_over(
        &mut self,
        job: &Job,
        outgoing: &Outgoing,
    ) -> Result<Verdict, Option<Outcome>> {
        let shared = self.shared.clone();
        let mut connection = match self.begin(outgoing).await {
            Ok(connection) => connection,
            Err(verdict) => return Ok(verdict),
        };
        let message = &job.message;
        let looked = shared.store.look(message.id, message.worker, message.attempt).await;
        let now = shared.clock.now();
        let standing = match looked {
            Ok(standing) => standing,
            Err(error) => {
                connection.cancel().await;
                self.park(connection, now);
                let reply = format!("no last look: {error}");
                (shared.on_event)(Event::StoreTrouble { what: error.to_string() });
                return Ok(Verdict::NotHandedOver { stage: Stage::Data, reply });
            }
        };
        if let Some(outcome) = self.look(job, &standing, now) {
            connection.cancel().await;
            self.park(connection, now);
            return Err(outcome);
        }
        let verdict = connection.finish(outgoing).await;
        self.park(connection, shared.clock.now());
        Ok(verdict)
    }

    /// An open connection on which the relay agreed to this envelope.
    async fn begin(&mut self, outgoing: &Outgoing) -> Result<Connection, Verdict> {
        let now = self.shared.clock.now();
        if let Some(mut connection) = self.connection.take() {
            if now.duration_since(self.used_at) <= IDLE_MAX {
                match connection.begin(&outgoing.envelope).await {
                    Ok(()) => return Ok(connection),
                    Err(verdict)
                        if connection.is_usable() && !is_about_the_connection(&verdict) =>
                    {
                        self.park(connection, now);
                        return Err(verdict);
                    }
                    // The relay closed it while it was idle, or takes only so
                    // many over one: a new connection will tell.
                    Err(_) => connection.close().await,
                }
            } else {
                connection.close().await;
            }
        }
        let mut connection = Connection::open(&self.shared.options.relay).await?;
        let begun = connection.begin(&outgoing.envelope).await;
        if begun.is_err() {
            self.park(connection, now);
            return Err(begun.expect_err("just looked"));
        }
        Ok(connection)
    }

    fn park(&mut self, connection: Connection, now: Timestamp) {
        if connection.is_usable() {
            self.connection = Some(connection);
            self.used_at = now;
        }
    }

    /// What the engine makes of the relay's answer.
    fn judge(&self, job: Job, verdict: Verdict, body_hash: String, subject: String) -> Outcome {
        let shared = &self.shared;
        let now = shared.clock.now();
        let verdict = self.weigh(verdict, now);
        let settled = settle(job.rules(), &job.message, &verdict, now);
        let zone = Some(job.zone_name());
        let Job { message, .. } = job;
        (shared.on_event)(Event::Answered {
            kind: message.key.kind,
            campaign: message.key.campaign.clone(),
            step: message.key.step.clone(),
            to: message.frozen.email.clone(),
            zone,
            at: now,
            message_id: message.message_id.clone(),
            subject,
            verdict: verdict.clone(),
        });
        outcome(message, settled, Some(verdict), Some(body_hash))
    }

    /// A refusal without a clear reason, from a relay that has taken nothing
    /// yet, says more about the relay than about the address: later.
    fn weigh(&self, verdict: Verdict, now: Timestamp) -> Verdict {
        let shared = &self.shared;
        match verdict {
            Verdict::Accepted { .. } => {
                shared.troubles.store(0, Ordering::Relaxed);
                shared.has_accepted.store(true, Ordering::Relaxed);
                verdict
            }
            Verdict::Refused { stage: Stage::Rcpt, is_hard: false, reply }
                if !shared.has_accepted.load(Ordering::Relaxed) =>
            {
                Verdict::Deferred { stage: Stage::Rcpt, reply }
            }
            Verdict::NotHandedOver { stage, ref reply }
                if matches!(stage, Stage::Connect | Stage::Auth | Stage::Mail)
                    || reply.starts_with("421") =>
            {
                shared.note_trouble(reply, now);
                verdict
            }
            Verdict::NotHandedOver { .. }
            | Verdict::Deferred { .. }
            | Verdict::Refused { .. }
            | Verdict::Unknown { .. } => verdict,
        }
    }

    /// A message that cannot be sent as it is, for its owner to look at.
    fn set_aside(&self, job: Job, reason: String, now: Timestamp) -> Outcome {
        self.keep(&job.message, &reason);
        let settled = engine::quarantine(job.rules(), &job.message, reason, now);
        outcome(job.message, settled, None, None)
    }

    fn keep(&self, message: &Message, reason: &str) {
        (self.shared.on_event)(Event::Kept {
            campaign: message.key.campaign.clone(),
            step: message.key.step.clone(),
            reason: reason.to_owned(),
        });
    }
}

/// Whether a relay may mean this connection rather than this message: it
/// refuses already the sender, or says that it has had enough (452).
fn is_about_the_connection(verdict: &Verdict) -> bool {
    verdict.stage() == Stage::Mail || verdict.reply().starts_with("452")
}

fn outcome(
    message: Message,
    settled: Settled,
    verdict: Option<Verdict>,
    body_hash: Option<String>,
) -> Outcome {
    Outcome { message, settled, verdict, body_hash }
}
