//! The outbox: claim with intent, last look, verdict with progress.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{
    Sqlite,
    rows::{enrollment, enrollment_columns, facts, instant, json, millis, name, person},
    thread::Desk,
};
use crate::{
    model::{
        EnrollmentId, Errand, Frozen, Message, MessageId, MessageKey, SignUpId, Standing,
        SubscriberId, SubscriptionId, Version,
    },
    store::{Outcome, Result},
    time::Timestamp,
};

/// The columns of a claimed message; `message_of` reads them.
const MESSAGE: &str = "
    SELECT m.id, m.subscriber, m.campaign, m.step, m.occurrence, m.enrollment, m.version, m.frozen,
           m.message_id, m.planned_at, m.dated_at, m.worker, m.attempt, m.deferrals, m.deferred_since, m.unknowns,
           m.body_hash, m.kind, m.sign_up, m.subscription, e.state AS e_state, e.step AS e_step, e.due_at AS e_due_at,
           e.reason AS e_reason, e.done AS e_done
    FROM message m LEFT JOIN enrollment e ON e.id = m.enrollment ";

impl Sqlite {
    pub(in crate::store) async fn claim_message(
        &self,
        worker: u32,
        now: Timestamp,
    ) -> Result<Option<Message>> {
        self.writer.run("claim a message", move |desk| claim(desk, worker, now)).await
    }

    pub(in crate::store) async fn look(
        &self,
        message: MessageId,
        worker: u32,
        attempt: u32,
    ) -> Result<Standing> {
        self.reader
            .run("look at a message", move |desk| {
                standing(&desk.connection, message.0, worker, attempt)
            })
            .await
    }

    pub(in crate::store) async fn record(&self, outcome: Outcome, now: Timestamp) -> Result<()> {
        self.writer.run("record a verdict", move |desk| record(desk, &outcome, now)).await
    }

    pub(in crate::store) async fn orphans(&self) -> Result<Vec<Message>> {
        self.reader
            .run("look for messages without an owner", |desk| {
                let query = format!("{MESSAGE} WHERE m.state = 'claimed' ORDER BY m.id");
                let mut statement = desk.connection.prepare(&query)?;
                let messages = statement.query_map([], message_of)?;
                messages.collect()
            })
            .await
    }
}

fn claim(desk: &mut Desk, worker: u32, now: Timestamp) -> rusqlite::Result<Option<Message>> {
    let connection = &desk.connection;
    let id: Option<i64> = connection
        .prepare_cached(
            "UPDATE message
             SET state = 'claimed', due_at = NULL, worker = ?1, attempt = attempt + 1,
                 dated_at = COALESCE(dated_at, ?2)
             WHERE id = (SELECT id FROM message WHERE state = 'due' AND due_at <= ?2
                         ORDER BY due_at, id LIMIT 1)
             RETURNING id",
        )?
        .query_row(params![worker, millis(now)], |row| row.get(0))
        .optional()?;
    let Some(id) = id else { return Ok(None) };
    connection
        .prepare_cached(
            "INSERT INTO attempt (message, number, worker, started_at)
             SELECT id, attempt, worker, ?2 FROM message WHERE id = ?1",
        )?
        .execute(params![id, millis(now)])?;
    let read = connection
        .prepare_cached(&format!("{MESSAGE} WHERE m.id = ?1"))?
        .query_row([id], message_of)
        .and_then(|message| {
            let standing = standing(connection, id, worker, message.attempt)?;
            Ok(Message { standing, ..message })
        });
    match read {
        Ok(message) => Ok(Some(message)),
        Err(rusqlite::Error::FromSqlConversionFailure(..)) => {
            set_aside(connection, id, now)?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A row that cannot be read must not stand at the head of the outbox for ever.
fn set_aside(connection: &Connection, id: i64, now: Timestamp) -> rusqlite::Result<()> {
    const REASON: &str = "its row cannot be read";
    connection.execute(
        "UPDATE message SET state = 'quarantined', worker = NULL, reason = ?2, settled_at = ?3
         WHERE id = ?1",
        params![id, REASON, millis(now)],
    )?;
    connection.execute(
        "UPDATE attempt SET finished_at = ?2, verdict = 'not sent', reply = ?3
         WHERE message = ?1 AND finished_at IS NULL",
        params![id, millis(now), REASON],
    )?;
    Ok(())
}

fn message_of(row: &Row<'_>) -> rusqlite::Result<Message> {
    let frozen: Frozen = json(row, "frozen")?;
    let errand = match row.get::<_, Option<i64>>("sign_up")? {
        Some(sign_up) => Errand::Confirmation(SignUpId(sign_up)),
        None => {
            Errand::Step { id: EnrollmentId(row.get("enrollment")?), enrollment: enrollment(row)? }
        }
    };
    Ok(Message {
        id: MessageId(row.get("id")?),
        key: MessageKey {
            kind: errand.kind(),
            subscriber: SubscriberId(row.get("subscriber")?),
            campaign: name(row, "campaign")?,
            step: name(row, "step")?,
            occurrence: row.get("occurrence")?,
        },
        subscription: SubscriptionId(row.get("subscription")?),
        errand,
        version: Version(row.get::<_, String>("version")?.into()),
        frozen,
        message_id: row.get("message_id")?,
        planned_at: instant(row.get("planned_at")?)?,
        dated_at: instant(row.get("dated_at")?)?,
        body_hash: row.get("body_hash")?,
        worker: row.get("worker")?,
        attempt: row.get("attempt")?,
        deferrals: row.get("deferrals")?,
        deferred_since: row.get::<_, Option<i64>>("deferred_since")?.map(instant).transpose()?,
        unknowns: row.get("unknowns")?,
        standing: Standing::default(),
    })
}

fn standing(
    connection: &Connection,
    message: i64,
    worker: u32,
    attempt: u32,
) -> rusqlite::Result<Standing> {
    let mut statement = connection.prepare_cached(
        "SELECT m.state = 'claimed' AND m.worker = ?2 AND m.attempt = ?3 AS is_ours,
                s.state = 'confirmed' AS is_subscribed,
                EXISTS (SELECT 1 FROM suppression x WHERE x.email_key = p.email_key) AS is_suppressed,
                CASE m.kind WHEN 'step' THEN e.state = 'sending' AND e.step = m.step
                  ELSE s.state = 'pending' OR (s.state = 'left' AND m.planned_at > s.left_at)
                END AS is_awaited,
                c.status IN ('draft', 'paused') AS is_paused,
                p.id, p.email, p.zone, p.fields
         FROM message m
         LEFT JOIN enrollment e ON e.id = m.enrollment
         JOIN subscription s ON s.id = m.subscription
         JOIN subscriber p ON p.id = m.subscriber
         LEFT JOIN campaign c ON m.kind = 'step' AND c.id = m.campaign
         WHERE m.id = ?1",
    )?;
    statement.query_row(params![message, worker, attempt], |row| {
        // A column that is NULL compares as NULL: that is a no.
        let flag = |column: &str| {
            Ok::<_, rusqlite::Error>(row.get::<_, Option<bool>>(column)?.unwrap_or(false))
        };
        Ok(Standing {
            is_ours: flag("is_ours")?,
            is_subscribed: flag("is_subscribed")?,
            is_suppressed: flag("is_suppressed")?,
            is_awaited: flag("is_awaited")?,
            is_paused: flag("is_paused")?,
            facts: facts(connection, row.get("id")?, person(row)?.fields)?,
        })
    })
}

fn record(desk: &mut Desk, outcome: &Outcome, now: Timestamp) -> rusqlite::Result<()> {
    let connection = &desk.connection;
    let (message, settled) = (&outcome.message, &outcome.settled);
    let settled_at = settled.due_at.is_none().then(|| millis(now));
    let changed = connection
        .prepare_cached(
            "UPDATE message
             SET state = ?4, due_at = ?5, worker = NULL, reason = ?6, deferrals = ?7, unknowns = ?8,
                 body_hash = COALESCE(?9, body_hash), settled_at = ?10,
                 deferred_since = ?11
             WHERE id = ?1 AND state = 'claimed' AND worker = ?2 AND attempt = ?3",
        )?
        .execute(params![
            message.id.0,
            message.worker,
            message.attempt,
            settled.state.as_str(),
            settled.due_at.map(millis),
            settled.reason,
            settled.deferrals,
            settled.unknowns,
            outcome.body_hash,
            settled_at,
            settled.deferred_since.map(millis),
        ])?;
    if changed == 0 {
        return Ok(());
    }
    finish_attempt(connection, outcome, now)?;
    if let (Some(after), Errand::Step { id, .. }) = (&settled.enrollment, &message.errand) {
        let (state, step, due_at, reason, done) = enrollment_columns(after);
        connection
            .prepare_cached(
                "UPDATE enrollment SET state = ?2, step = ?3, due_at = ?4, reason = ?5, done = ?6
                 WHERE id = ?1 AND state = 'sending' AND step = ?7",
            )?
            .execute(params![id.0, state, step, due_at, reason, done, message.key.step.as_str()])?;
    }
    if settled.suppresses {
        connection.execute(
            "INSERT INTO suppression (email_key, reason, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![message.frozen.email.key(), settled.reason, millis(now)],
        )?;
    }
    Ok(())
}

/// Writes the verdict beside its intent.
fn finish_attempt(
    connection: &Connection,
    outcome: &Outcome,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let (message, settled) = (&outcome.message, &outcome.settled);
    let verdict = outcome.verdict.as_ref();
    if verdict.is_none() && settled.due_at.is_some() {
        // Only looked at: a message that waits for weeks leaves no trail of looks.
        connection
            .prepare_cached("DELETE FROM attempt WHERE message = ?1 AND number = ?2")?
            .execute(params![message.id.0, message.attempt])?;
        return Ok(());
    }
    connection
        .prepare_cached(
            "UPDATE attempt SET finished_at = ?3, verdict = ?4, stage = ?5, reply = ?6
             WHERE message = ?1 AND number = ?2",
        )?
        .execute(params![
            message.id.0,
            message.attempt,
            millis(now),
            verdict.map_or("not sent", |verdict| verdict.as_str()),
            verdict.map(|verdict| verdict.stage().as_str()),
            verdict.map_or(settled.reason.as_str(), |verdict| verdict.reply()),
        ])?;
    Ok(())
}
