//! The database, named by intentions.
//!
//! One [`Store`], an enum inside: `SQLite` now, `PostgreSQL` later. Callers never
//! see SQL, rows or transactions; each method here is one intention and
//! commits as a whole or not at all. A change of progress and the outbox row
//! it causes are one transaction, a claim and its intent one, a verdict and
//! the progress it brings one.

mod error;
mod intent;
mod sqlite;

use std::path::Path;

pub use error::Error;
pub use intent::{
    Account, Arrival, BrokenOff, CampaignReport, CampaignState, Cleared, Confirmation, Consented,
    Entry, ListReport, Newcomer, Outcome, Planned, Remarks, Report, Snapshot, StepReport,
    UnknownMessage,
};

use crate::{
    engine::Answer,
    model::{
        Again, Applicant, AskedSignUp, CampaignId, DueEnrollment, DueSignUp, EmailAddress,
        Enrollment, ImageName, ListId, Message, MessageId, Name, NewMessage, ProjectFiles, SignUp,
        SignUpId, Standing, SubscriptionId, Version,
    },
    time::Timestamp,
};

/// Result of a call to the database.
pub type Result<T> = std::result::Result<T, Error>;

/// A database.
#[derive(Clone, Debug)]
pub struct Store {
    backend: Backend,
}

#[derive(Clone, Debug)]
enum Backend {
    Sqlite(sqlite::Sqlite),
}

/// Hands a call on to whichever database is behind the door.
macro_rules! forward {
    ($store:expr, $method:ident ( $($argument:expr),* )) => {
        match &$store.backend {
            Backend::Sqlite(sqlite) => sqlite.$method($($argument),*).await,
        }
    };
}

/// Whether somebody is on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// Not left.
    On,
    /// They left.
    Left,
}

/// Whether to create a database that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Make a new one.
    Create,
    /// Say that it is not there.
    Refuse,
}

impl Store {
    /// Opens the `SQLite` database at `path`, and makes its tables when it is new.
    ///
    /// Returns an error when it is not there (and `missing` says refuse), is
    /// not a fascicle database, or belongs to a newer version.
    pub async fn open_sqlite(path: &Path, missing: Missing) -> Result<Store> {
        let sqlite = sqlite::Sqlite::open(path, missing).await?;
        Ok(Store { backend: Backend::Sqlite(sqlite) })
    }

    /// Opens the `SQLite` database at `path` only to look: nothing can be
    /// written, and nothing in the file changes.
    ///
    /// Returns an error as [`Store::open_sqlite`] does.
    pub async fn visit_sqlite(path: &Path) -> Result<Store> {
        let sqlite = sqlite::Sqlite::visit(path).await?;
        Ok(Store { backend: Backend::Sqlite(sqlite) })
    }

    /// Makes this process the only one that sends from the database.
    ///
    /// Returns an error for which [`Error::is_conflict`] holds when another
    /// one does. The right ends with the process.
    pub async fn become_sender(&self) -> Result<()> {
        forward!(self, become_sender())
    }

    /// Writes everything into the file and closes it, when this is the last
    /// handle; waits until the others are gone.
    pub async fn close(self) {
        match self.backend {
            Backend::Sqlite(sqlite) => sqlite.close().await,
        }
    }

    /// The secret from which every key of this instance is derived.
    pub async fn instance_secret(&self) -> Result<[u8; 32]> {
        forward!(self, instance_secret())
    }

    /// Applies a project: keeps its files, and makes its campaigns the
    /// current ones. A campaign that is gone from the files is closed.
    ///
    /// Returns whether anything changed.
    pub async fn apply(&self, snapshot: Snapshot, now: Timestamp) -> Result<bool> {
        forward!(self, apply(snapshot, now))
    }

    /// The campaigns as they were applied last.
    pub async fn campaigns(&self) -> Result<Vec<CampaignState>> {
        forward!(self, campaigns())
    }

    /// The snapshot that the version of a campaign was applied with.
    ///
    /// Returns `None` when no such version was applied.
    pub async fn version_snapshot(
        &self,
        campaign: &CampaignId,
        version: &Version,
    ) -> Result<Option<Version>> {
        forward!(self, version_snapshot(campaign.clone(), version.clone()))
    }

    /// The snapshot that was applied last.
    ///
    /// Returns `None` before the first `apply`.
    pub async fn current_snapshot(&self) -> Result<Option<Version>> {
        forward!(self, current_snapshot())
    }

    /// The bytes of an image that a campaign was ever applied with: mails that
    /// were sent show it for years.
    ///
    /// Returns `None` when no campaign had it.
    pub async fn image(&self, name: &ImageName) -> Result<Option<Vec<u8>>> {
        forward!(self, image(name.clone()))
    }

    /// The files of a snapshot.
    ///
    /// Returns `None` when there is no such snapshot.
    pub async fn snapshot_files(&self, snapshot: &Version) -> Result<Option<ProjectFiles>> {
        forward!(self, snapshot_files(snapshot.clone()))
    }

    /// Takes people in: subscriber, confirmed subscription with its proof of
    /// consent, and the enrollments that follow, all or nothing for the batch.
    ///
    /// Who left or is suppressed is not taken in again by this.
    pub async fn admit(&self, arrivals: Vec<Arrival>, now: Timestamp) -> Result<Vec<Newcomer>> {
        forward!(self, admit(arrivals, now))
    }

    /// People with a confirmed subscription to `list` who may enter the
    /// campaign, with what conditions may ask about them.
    pub async fn candidates(
        &self,
        campaign: &CampaignId,
        list: &ListId,
        again: Again,
    ) -> Result<Vec<Account>> {
        forward!(self, candidates(campaign.clone(), list.clone(), again))
    }

    /// Enrolls people who are there already. Returns how many entered: who is
    /// inside, or was and may not come back, is left alone.
    pub async fn enroll(
        &self,
        campaign: &CampaignId,
        again: Again,
        enrollments: Vec<(Account, Enrollment)>,
        now: Timestamp,
    ) -> Result<usize> {
        forward!(self, enroll(campaign.clone(), again, enrollments, now))
    }

    /// Notes that `event` happened to a subscriber. Returns whether there is
    /// such a subscriber.
    pub async fn note_event(
        &self,
        email: &EmailAddress,
        event: &Name,
        now: Timestamp,
    ) -> Result<bool> {
        forward!(self, note_event(email.clone(), event.clone(), now))
    }

    /// Those on the way through a campaign that runs, who get something until
    /// then: the next `limit` of all campaigns. Nothing is claimed.
    pub async fn people_on_the_way(
        &self,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueEnrollment>> {
        forward!(self, people_on_the_way(until, limit))
    }

    /// Takes up to `limit` enrollments of each campaign that runs and are due at
    /// `now`, oldest first. Where several processes plan, the caller owns them
    /// until it commits; on `SQLite` there is one.
    pub async fn claim_due_enrollments(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueEnrollment>> {
        forward!(self, claim_due_enrollments(now, limit))
    }

    /// Writes what became of due enrollments, and the messages it causes, in
    /// one transaction. An enrollment that changed meanwhile is left alone.
    /// Returns how many messages came into the outbox.
    pub async fn commit(&self, planned: Vec<Planned>, now: Timestamp) -> Result<usize> {
        forward!(self, commit(planned, now))
    }

    /// Takes the next message that is due at `now` for the connection
    /// `worker`, and notes the intent to hand it over, in one transaction.
    pub async fn claim_message(&self, worker: u32, now: Timestamp) -> Result<Option<Message>> {
        forward!(self, claim_message(worker, now))
    }

    /// What stands against sending a claimed message, at this instant.
    pub async fn look(&self, message: MessageId, worker: u32, attempt: u32) -> Result<Standing> {
        forward!(self, look(message, worker, attempt))
    }

    /// Records what became of an attempt, with the progress and suppression
    /// it brings, in one transaction. A message that is no longer this
    /// worker's is left alone. Said twice, it changes nothing.
    pub async fn record(&self, outcome: Outcome, now: Timestamp) -> Result<()> {
        forward!(self, record(outcome, now))
    }

    /// Messages that were claimed by a process that is gone. Only for the
    /// sender itself, before it starts.
    pub async fn orphans(&self) -> Result<Vec<Message>> {
        forward!(self, orphans())
    }

    /// The next instant at which anything is due; `None` when nothing waits.
    pub async fn next_due_at(&self) -> Result<Option<Timestamp>> {
        forward!(self, next_due_at())
    }

    /// Withdraws a subscription: every enrollment it carries stops, and no
    /// message that has not passed its last look leaves.
    ///
    /// Returns `false` when there is no such subscription. Withdrawing twice
    /// changes nothing.
    pub async fn unsubscribe(&self, subscription: SubscriptionId, now: Timestamp) -> Result<bool> {
        forward!(self, unsubscribe(subscription, now))
    }

    /// Notes that a form was sent in. Takes the same time for every address.
    pub async fn note_sign_up(&self, sign_up: SignUp, now: Timestamp) -> Result<()> {
        forward!(self, note_sign_up(sign_up, now))
    }

    /// Up to `limit` sign-ups that nobody has looked at, one of each mailbox,
    /// with what decides about them.
    pub async fn new_sign_ups(&self, now: Timestamp, limit: usize) -> Result<Vec<Applicant>> {
        forward!(self, new_sign_ups(now, limit))
    }

    /// Writes what becomes of sign-ups: whoever is asked gets a pending
    /// subscription, the others are deleted. Said twice, it changes nothing.
    pub async fn answer_sign_ups(
        &self,
        answers: Vec<(SignUpId, Answer)>,
        now: Timestamp,
    ) -> Result<()> {
        forward!(self, answer_sign_ups(answers, now))
    }

    /// Up to `limit` sign-ups whose confirmation is due at `now`.
    pub async fn due_sign_ups(&self, now: Timestamp, limit: usize) -> Result<Vec<DueSignUp>> {
        forward!(self, due_sign_ups(now, limit))
    }

    /// Puts confirmations into the outbox, each with its Message-ID, one
    /// transaction with the state of its sign-up. Returns how many are new.
    pub async fn ask(
        &self,
        questions: Vec<(DueSignUp, NewMessage, String)>,
        now: Timestamp,
    ) -> Result<usize> {
        forward!(self, ask(questions, now))
    }

    /// A sign-up whose confirmation was sent.
    ///
    /// Returns `None` when there is none, or it was forgotten.
    pub async fn sign_up(&self, id: SignUpId) -> Result<Option<AskedSignUp>> {
        forward!(self, sign_up(id))
    }

    /// Makes a sign-up a confirmed subscription, with its proof of consent and
    /// the enrollments that follow, all or nothing. Said twice, it changes
    /// nothing.
    pub async fn confirm(&self, consented: Consented, now: Timestamp) -> Result<Confirmation> {
        forward!(self, confirm(consented, now))
    }

    /// Deletes up to `limit` sign-ups that came before an instant and were never
    /// confirmed, the oldest first, with everything about people of whom nothing
    /// else is known. Returns how many sign-ups.
    pub async fn forget_sign_ups(&self, before: Timestamp, limit: usize) -> Result<usize> {
        forward!(self, forget_sign_ups(before, limit))
    }

    /// The courses of an address that ended because mail came back from it, or
    /// by leaving, as far as it is still on their lists.
    pub async fn broken_off(&self, email: &EmailAddress) -> Result<Vec<BrokenOff>> {
        forward!(self, bounced(email.clone()))
    }

    /// Takes a mailbox off the suppression list, in all its spellings, and lets
    /// it go on with courses that were broken off. Returns whether it was on
    /// that list; if not, nothing changes.
    pub async fn release(
        &self,
        email: &EmailAddress,
        resumed: Vec<BrokenOff>,
        now: Timestamp,
    ) -> Result<bool> {
        forward!(self, release(email.clone(), resumed, now))
    }

    /// The list of a subscription, and whether it was left.
    ///
    /// Returns `None` when there is no such subscription.
    pub async fn subscription(&self, id: SubscriptionId) -> Result<Option<(ListId, Membership)>> {
        forward!(self, subscription(id))
    }

    /// Up to `limit` messages, each with where it stands, the oldest first.
    pub async fn ledger(&self, limit: usize) -> Result<Vec<Entry>> {
        forward!(self, ledger(limit))
    }

    /// Where everything stands.
    pub async fn report(&self, now: Timestamp) -> Result<Report> {
        forward!(self, report(now))
    }
}
