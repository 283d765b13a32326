//! Due enrollments, and the outbox rows they cause.

use rusqlite::{Connection, Row, params};

use super::{
    Sqlite,
    projects::campaigns,
    rows::{enrollment, enrollment_columns, facts, instant, millis, name, person, to_json},
    thread::Desk,
};
use crate::{
    model::{
        CampaignId, DueEnrollment, EnrollmentId, Progress, Status, SubscriberId, SubscriptionId,
        Version,
    },
    store::{Planned, Result},
    time::Timestamp,
};

impl Sqlite {
    /// One process owns the file, so looking is claiming: `commit` checks that
    /// nothing changed in between.
    pub(in crate::store) async fn claim_due_enrollments(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueEnrollment>> {
        self.reader
            .run("claim due enrollments", move |desk| due_enrollments(desk, now, limit))
            .await
    }

    pub(in crate::store) async fn people_on_the_way(
        &self,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueEnrollment>> {
        self.reader
            .run("look who is on the way", move |desk| people_on_the_way(desk, until, limit))
            .await
    }

    pub(in crate::store) async fn commit(
        &self,
        planned: Vec<Planned>,
        now: Timestamp,
    ) -> Result<usize> {
        self.writer
            .run("commit what was planned", move |desk| {
                let mut count = 0;
                for planned in &planned {
                    count += commit(desk, planned, now)?;
                }
                Ok(count)
            })
            .await
    }

    pub(in crate::store) async fn next_due_at(&self) -> Result<Option<Timestamp>> {
        self.reader
            .run("look for what is due next", |desk| {
                // Each minimum is the first entry of a partial index, but that of new
                // sign-ups, of which there are few: the next pass answers them.
                let mut statement = desk.connection.prepare_cached(
                    "SELECT min(due_at) FROM (
                       SELECT min(due_at) AS due_at FROM message WHERE state = 'due'
                       UNION ALL
                       SELECT min(asked_at) FROM sign_up WHERE state = 'new'
                       UNION ALL
                       SELECT min(due_at) FROM sign_up WHERE state = 'due'
                       UNION ALL
                       SELECT (SELECT min(e.due_at) FROM enrollment e
                               WHERE e.campaign = c.id AND e.state = 'waiting')
                       FROM campaign c WHERE c.status IN ('active', 'closed'))",
                )?;
                let next: Option<i64> = statement.query_row([], |row| row.get(0))?;
                next.map(instant).transpose()
            })
            .await
    }
}

fn due_enrollments(
    desk: &mut Desk,
    now: Timestamp,
    limit: usize,
) -> rusqlite::Result<Vec<DueEnrollment>> {
    let running = campaigns(&desk.connection)?;
    let running = running
        .into_iter()
        .filter(|campaign| matches!(campaign.status, Status::Active | Status::Closed));
    let mut due = Vec::new();
    // Campaign by campaign: a paused one, whatever waits in it, costs nothing,
    // and one that cannot go on does not hold up the others.
    for campaign in running {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = desk.connection.prepare_cached(
            "SELECT e.id, e.subscriber, e.subscription, e.occurrence,
                    e.state AS e_state, e.step AS e_step, e.due_at AS e_due_at,
                    e.reason AS e_reason, e.done AS e_done, p.email, p.zone, p.fields
             FROM enrollment e JOIN subscriber p ON p.id = e.subscriber
             WHERE e.campaign = ?1 AND e.state = 'waiting' AND e.due_at <= ?2
             ORDER BY e.due_at LIMIT ?3",
        )?;
        let mut rows = statement.query(params![campaign.id.as_str(), millis(now), limit])?;
        while let Some(row) = rows.next()? {
            due.push(standing(&desk.connection, row, &campaign.id, &campaign.version)?);
        }
    }
    Ok(due)
}

/// Those on the way through any campaign that runs, the next ones first.
fn people_on_the_way(
    desk: &mut Desk,
    until: Timestamp,
    limit: usize,
) -> rusqlite::Result<Vec<DueEnrollment>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = desk.connection.prepare_cached(
        "SELECT e.id, e.subscriber, e.subscription, e.occurrence,
                e.state AS e_state, e.step AS e_step, e.due_at AS e_due_at,
                e.reason AS e_reason, e.done AS e_done, p.email, p.zone, p.fields,
                c.id AS campaign, c.version
         FROM enrollment e JOIN subscriber p ON p.id = e.subscriber JOIN campaign c ON c.id = e.campaign
         WHERE c.status IN ('active', 'closed') AND e.state IN ('waiting', 'sending') AND e.due_at <= ?1
         ORDER BY e.due_at LIMIT ?2",
    )?;
    let mut rows = statement.query(params![millis(until), limit])?;
    let mut people = Vec::new();
    while let Some(row) = rows.next()? {
        let version = Version(row.get::<_, String>("version")?.into());
        people.push(standing(&desk.connection, row, &name(row, "campaign")?, &version)?);
    }
    Ok(people)
}

fn standing(
    connection: &Connection,
    row: &Row<'_>,
    campaign: &CampaignId,
    version: &Version,
) -> rusqlite::Result<DueEnrollment> {
    let person = person(row)?;
    let subscriber = row.get("subscriber")?;
    Ok(DueEnrollment {
        id: EnrollmentId(row.get("id")?),
        subscriber: SubscriberId(subscriber),
        subscription: SubscriptionId(row.get("subscription")?),
        campaign: campaign.clone(),
        occurrence: row.get("occurrence")?,
        version: version.clone(),
        facts: facts(connection, subscriber, person.fields.clone())?,
        person,
        enrollment: enrollment(row)?,
    })
}

fn commit(desk: &mut Desk, planned: &Planned, now: Timestamp) -> rusqlite::Result<usize> {
    let Progress::Waiting { step: step_before, due_at: due_before } = &planned.before else {
        return Ok(0);
    };
    let (state, step, due_at, reason, done) = enrollment_columns(&planned.after);
    let changed = desk
        .connection
        .prepare_cached(
            "UPDATE enrollment SET state = ?2, step = ?3, due_at = ?4, reason = ?5, done = ?6
         WHERE id = ?1 AND state = 'waiting' AND step = ?7 AND due_at = ?8",
        )?
        .execute(params![
            planned.id.0,
            state,
            step,
            due_at,
            reason,
            done,
            step_before.as_str(),
            millis(*due_before)
        ])?;
    if changed == 0 {
        return Ok(0);
    }
    for step in &planned.skipped {
        let id = desk.mint(now)?;
        desk.connection.execute(
            "INSERT INTO message (id, kind, subscriber, subscription, campaign, step, occurrence,
               enrollment, version, frozen, planned_at, state, reason, settled_at)
             SELECT ?1, 'step', e.subscriber, e.subscription, e.campaign, ?3, e.occurrence, e.id, '', '{}', ?4,
               'skipped', 'skip_if holds', ?4
             FROM enrollment e WHERE e.id = ?2
             ON CONFLICT (kind, subscriber, campaign, step, occurrence) DO NOTHING",
            params![id, planned.id.0, step.as_str(), millis(now)],
        )?;
    }
    let Some((message, message_id)) = &planned.message else { return Ok(0) };
    let id = desk.mint(now)?;
    let inserted = desk
        .connection
        .prepare_cached(
            "INSERT INTO message (id, kind, subscriber, subscription, campaign, step, occurrence,
           enrollment, version, frozen, message_id, planned_at, state, due_at)
         SELECT ?1, ?2, ?3, e.subscription, ?4, ?5, ?6, e.id, ?8, ?9, ?10, ?11, 'due', ?12
         FROM enrollment e WHERE e.id = ?7
         ON CONFLICT (kind, subscriber, campaign, step, occurrence) DO NOTHING",
        )?
        .execute(params![
            id,
            message.key.kind.as_str(),
            message.key.subscriber.0,
            message.key.campaign.as_str(),
            message.key.step.as_str(),
            message.key.occurrence,
            planned.id.0,
            &*message.version.0,
            to_json(&message.frozen),
            message_id,
            millis(now),
            millis(message.due_at),
        ])?;
    Ok(inserted)
}
