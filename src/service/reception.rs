//! The reception: forms that were sent in → confirmations in the outbox; and
//! what was never confirmed → forgotten.
//!
//! It works apart from the pages that take the forms: how long it has to do
//! with an address cannot be seen from outside (REQ-100).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    engine::{Answer, HOURLY_MAX, SIGN_UP_LIFE, answer_sign_up},
    library::Library,
    mail::Keys,
    model::{Applicant, DueSignUp, Frozen, MessageKey, MessageKind, Name, NewMessage, SignUpId},
    service::Event,
    store::Store,
    time::{SignedDuration, Timestamp},
};

/// Sign-ups in one transaction.
const BATCH: usize = 100;
/// Transactions in one pass: the sender waits for it. The rest is for the next.
const ROUNDS_MAX: usize = 50;
/// Between two times of forgetting.
const FORGET_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Between two times of saying that there is a crowd.
const ALARM_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Answers sign-ups.
pub(super) struct Reception {
    pub(super) store: Store,
    pub(super) library: Library,
    pub(super) keys: Keys,
    pub(super) on_event: Arc<dyn Fn(Event) + Send + Sync>,
    pub(super) forgot_at: Mutex<Timestamp>,
    pub(super) alarmed_at: Mutex<Timestamp>,
}

impl Reception {
    /// Answers everything that came until `now`, and asks whom it is time to
    /// ask. Returns how many sign-ups that were.
    pub(super) async fn run_once(&self, now: Timestamp) -> anyhow::Result<usize> {
        self.forget(now).await?;
        let mut count = 0;
        for _ in 0..ROUNDS_MAX {
            let applicants = self.store.new_sign_ups(now, BATCH).await?;
            if applicants.is_empty() {
                break;
            }
            if let Some(busiest) = applicants.iter().map(|one| one.to_all).max()
                && busiest >= HOURLY_MAX
                && is_time(&self.alarmed_at, ALARM_EVERY, now)
            {
                (self.on_event)(Event::Crowd { count: busiest });
            }
            count += applicants.len();
            let answers = answer_all(applicants, now);
            for (_, answer) in &answers {
                if let Answer::Forget(reason) = answer {
                    (self.on_event)(Event::Forgotten { reason: *reason });
                }
            }
            self.store.answer_sign_ups(answers, now).await?;
        }
        Ok(count + self.ask(now).await?)
    }

    async fn ask(&self, now: Timestamp) -> anyhow::Result<usize> {
        let mut count = 0;
        for _ in 0..ROUNDS_MAX {
            let due = self.store.due_sign_ups(now, BATCH).await?;
            if due.is_empty() {
                return Ok(count);
            }
            let Some(applied) = self.library.current().await? else { return Ok(count) };
            let domain = applied.project.site.from.domain();
            let questions = due.into_iter().map(|due| {
                let message = NewMessage {
                    key: key(&due),
                    version: applied.snapshot.clone(),
                    // Nothing of what was typed but the address (REQ-103).
                    frozen: Frozen {
                        email: due.email.clone(),
                        zone: None,
                        fields: BTreeMap::new(),
                        next: None,
                    },
                    due_at: now,
                };
                let message_id = self.keys.message_id(&message.key, domain);
                (due, message, message_id)
            });
            let questions: Vec<_> = questions.collect();
            let asked = self.store.ask(questions, now).await?;
            count += asked;
            if asked == 0 {
                return Ok(count);
            }
        }
        Ok(count)
    }

    /// What was never confirmed goes, once an hour.
    async fn forget(&self, now: Timestamp) -> anyhow::Result<()> {
        if is_time(&self.forgot_at, FORGET_EVERY, now) {
            let before = now.saturating_sub(SIGN_UP_LIFE).unwrap_or(Timestamp::MIN);
            for _ in 0..ROUNDS_MAX {
                if self.store.forget_sign_ups(before, BATCH).await? < BATCH {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// The answers to one batch. Each confirmation counts for those behind it.
fn answer_all(applicants: Vec<Applicant>, now: Timestamp) -> Vec<(SignUpId, Answer)> {
    let mut to_all = 0;
    let mut to_domain: BTreeMap<String, u32> = BTreeMap::new();
    let answers = applicants.into_iter().map(|mut one| {
        let of_domain = to_domain.entry(one.domain.clone()).or_default();
        one.to_domain = one.to_domain.saturating_add(*of_domain);
        one.to_all = one.to_all.saturating_add(to_all);
        let answer = answer_sign_up(&one, now);
        if matches!(answer, Answer::Ask { .. }) {
            *of_domain += 1;
            to_all += 1;
        }
        (one.id, answer)
    });
    answers.collect()
}

/// Whether `span` has gone by since `last`; then `last` is `now`.
fn is_time(last: &Mutex<Timestamp>, span: SignedDuration, now: Timestamp) -> bool {
    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
    let is_time = now.duration_since(*last) >= span;
    if is_time {
        *last = now;
    }
    is_time
}

/// Every sign-up is asked once: its number makes its message unique.
fn key(due: &DueSignUp) -> MessageKey {
    MessageKey {
        kind: MessageKind::Confirmation,
        subscriber: due.subscriber,
        campaign: due.list.clone(),
        step: Name::trusted("confirm"),
        occurrence: due.id.0,
    }
}
