//! Forms that were sent in, until their addresses have answered.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{
    Sqlite,
    people::{Entry, enroll, subscriber_of},
    rows::{broken, enrollment, instant, json, millis, name, to_json},
    thread::Desk,
};
use crate::{
    engine::Answer,
    model::{
        Applicant, AskedSignUp, CampaignId, DueSignUp, EmailAddress, Enrollment, ListStanding,
        NewMessage, SignUp, SignUpId, SubscriberId, SubscriptionId, Version,
    },
    store::{Confirmation, Consented, Result},
    time::{SignedDuration, Timestamp},
};

/// The span over which confirmations to a domain, and to all, are counted.
const RATE_SPAN: SignedDuration = SignedDuration::from_hours(1);

impl Sqlite {
    pub(in crate::store) async fn note_sign_up(
        &self,
        sign_up: SignUp,
        now: Timestamp,
    ) -> Result<()> {
        // One insert, whoever it is: the page that waits for it learns nothing.
        self.writer
            .run("note a sign-up", move |desk| {
                let id = desk.mint(now)?;
                desk.connection
                    .prepare_cached(
                        "INSERT INTO sign_up (id, list, email, email_key, mailbox_key, domain, zone, fields,
                           words, snapshot, page, network, agent, asked_at, state)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 'new')",
                    )?
                    .execute(params![
                        id,
                        sign_up.list.as_str(),
                        sign_up.email.as_str(),
                        sign_up.email.key(),
                        sign_up.email.mailbox(),
                        sign_up.email.organisation(),
                        sign_up.zone,
                        to_json(&sign_up.fields),
                        sign_up.words,
                        &*sign_up.snapshot.0,
                        sign_up.page,
                        sign_up.network,
                        sign_up.agent,
                        millis(now),
                    ])?;
                Ok(())
            })
            .await
    }

    pub(in crate::store) async fn new_sign_ups(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Applicant>> {
        self.reader
            .run("look at sign-ups", move |desk| applicants(&desk.connection, now, limit))
            .await
    }

    pub(in crate::store) async fn answer_sign_ups(
        &self,
        answers: Vec<(SignUpId, Answer)>,
        now: Timestamp,
    ) -> Result<()> {
        self.writer
            .run("answer sign-ups", move |desk| {
                answers.iter().try_for_each(|(id, answer)| answer_one(desk, *id, *answer, now))
            })
            .await
    }

    pub(in crate::store) async fn due_sign_ups(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<DueSignUp>> {
        self.reader
            .run("look for confirmations that are due", move |desk| {
                let mut statement = desk.connection.prepare_cached(
                    "SELECT u.id, s.subscriber, u.subscription, u.list, u.email
                     FROM sign_up u JOIN subscription s ON s.id = u.subscription
                     WHERE u.state = 'due' AND u.due_at <= ?1 ORDER BY u.due_at LIMIT ?2",
                )?;
                let limit = i64::try_from(limit).unwrap_or(i64::MAX);
                let due = statement.query_map(params![millis(now), limit], |row| {
                    Ok(DueSignUp {
                        id: SignUpId(row.get("id")?),
                        subscriber: SubscriberId(row.get("subscriber")?),
                        subscription: SubscriptionId(row.get("subscription")?),
                        list: name(row, "list")?,
                        email: email(row)?,
                    })
                })?;
                due.collect()
            })
            .await
    }

    pub(in crate::store) async fn ask(
        &self,
        questions: Vec<(DueSignUp, NewMessage, String)>,
        now: Timestamp,
    ) -> Result<usize> {
        self.writer
            .run("put confirmations into the outbox", move |desk| {
                let mut count = 0;
                for question in &questions {
                    count += ask(desk, question, now)?;
                }
                Ok(count)
            })
            .await
    }

    pub(in crate::store) async fn sign_up(&self, id: SignUpId) -> Result<Option<AskedSignUp>> {
        self.reader.run("look for a sign-up", move |desk| asked(&desk.connection, id)).await
    }

    pub(in crate::store) async fn confirm(
        &self,
        consented: Consented,
        now: Timestamp,
    ) -> Result<Confirmation> {
        self.writer.run("confirm a sign-up", move |desk| confirm(desk, &consented, now)).await
    }

    pub(in crate::store) async fn forget_sign_ups(
        &self,
        before: Timestamp,
        limit: usize,
    ) -> Result<usize> {
        self.writer
            .run("forget sign-ups that were never confirmed", move |desk| {
                forget(&desk.connection, before, limit)
            })
            .await
    }
}

/// At most one sign-up of each mailbox: what becomes of the first decides
/// about the others.
fn applicants(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
) -> rusqlite::Result<Vec<Applicant>> {
    let mut statement = connection.prepare_cached(
        "SELECT u.id, u.email, u.mailbox_key, u.domain, u.list, s.state,
                EXISTS (SELECT 1 FROM suppression x WHERE x.email_key = u.email_key) AS is_suppressed,
                (SELECT count(*) FROM sign_up o WHERE o.domain = u.domain AND o.due_at > ?1) AS to_domain,
                (SELECT count(*) FROM sign_up o WHERE o.due_at > ?1) AS to_all
         FROM sign_up u
         LEFT JOIN subscriber p ON p.email_key = u.email_key
         LEFT JOIN subscription s ON s.subscriber = p.id AND s.list = u.list
         WHERE u.id IN (SELECT min(id) FROM sign_up WHERE state = 'new'
                        GROUP BY mailbox_key ORDER BY min(id) LIMIT ?2)
         ORDER BY u.id",
    )?;
    let since = now.saturating_sub(RATE_SPAN).unwrap_or(Timestamp::MIN);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![millis(since), limit])?;
    let mut applicants = Vec::new();
    while let Some(row) = rows.next()? {
        let (confirmations, last_for_list) =
            asked_before(connection, &row.get::<_, String>("mailbox_key")?, row.get("list")?)?;
        applicants.push(Applicant {
            id: SignUpId(row.get("id")?),
            standing: standing(row)?,
            is_suppressed: row.get("is_suppressed")?,
            confirmations,
            last_for_list,
            provider: email(row)?.provider(),
            domain: row.get("domain")?,
            to_domain: row.get("to_domain")?,
            to_all: row.get("to_all")?,
        });
    }
    Ok(applicants)
}

/// When this mailbox was asked since it last said yes, and about `list` last.
fn asked_before(
    connection: &Connection,
    mailbox: &str,
    list: String,
) -> rusqlite::Result<(Vec<Timestamp>, Option<Timestamp>)> {
    let mut statement = connection.prepare_cached(
        "SELECT list, due_at FROM sign_up
         WHERE mailbox_key = ?1 AND state IN ('due', 'asked')
           AND due_at > COALESCE((SELECT max(due_at) FROM sign_up
                                  WHERE mailbox_key = ?1 AND state = 'confirmed'), 0)
         ORDER BY due_at",
    )?;
    let mut rows = statement.query([mailbox])?;
    let mut all = Vec::new();
    let mut last_for_list = None;
    while let Some(row) = rows.next()? {
        let due_at = instant(row.get("due_at")?)?;
        if row.get::<_, String>("list")? == list {
            last_for_list = Some(due_at);
        }
        all.push(due_at);
    }
    Ok((all, last_for_list))
}

fn standing(row: &Row<'_>) -> rusqlite::Result<ListStanding> {
    match row.get::<_, Option<String>>("state")?.as_deref() {
        None | Some("pending") => Ok(ListStanding::Outside),
        Some("confirmed") => Ok(ListStanding::Inside),
        Some("left") => Ok(ListStanding::Left),
        Some(other) => Err(broken(format!("`{other}` is not a state"))),
    }
}

fn email(row: &Row<'_>) -> rusqlite::Result<EmailAddress> {
    let email: String = row.get("email")?;
    EmailAddress::parse(&email).map_err(|error| broken(error.to_string()))
}

fn answer_one(
    desk: &mut Desk,
    id: SignUpId,
    answer: Answer,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let new: Option<(String, String, String, String)> = desk
        .connection
        .prepare_cached(
            "SELECT list, email, email_key, mailbox_key FROM sign_up WHERE id = ?1 AND state = 'new'",
        )?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((list, email, email_key, mailbox)) = new else { return Ok(()) };
    if let Answer::Ask { due_at } = answer {
        let subscriber = subscriber_of(desk, (&email, &email_key), now)?;
        let subscription = desk.mint(now)?;
        desk.connection.execute(
            "INSERT INTO subscription (id, subscriber, list, state) VALUES (?1, ?2, ?3, 'pending')
             ON CONFLICT (subscriber, list) DO NOTHING",
            params![subscription, subscriber, list],
        )?;
        desk.connection.execute(
            "UPDATE sign_up SET state = 'due', due_at = ?2,
               subscription = (SELECT id FROM subscription WHERE subscriber = ?3 AND list = ?4)
             WHERE id = ?1",
            params![id.0, millis(due_at), subscriber, list],
        )?;
    }
    // The others of the same address for the same list say nothing new. The
    // mailbox, which follows from the address, finds them in the index.
    desk.connection
        .prepare_cached(
            "DELETE FROM sign_up
             WHERE state = 'new' AND mailbox_key = ?1 AND email_key = ?2 AND list = ?3",
        )?
        .execute(params![mailbox, email_key, list])?;
    Ok(())
}

fn ask(
    desk: &mut Desk,
    (due, message, message_id): &(DueSignUp, NewMessage, String),
    now: Timestamp,
) -> rusqlite::Result<usize> {
    let changed = desk
        .connection
        .prepare_cached("UPDATE sign_up SET state = 'asked' WHERE id = ?1 AND state = 'due'")?
        .execute([due.id.0])?;
    if changed == 0 {
        return Ok(0);
    }
    let id = desk.mint(now)?;
    desk.connection
        .prepare_cached(
            "INSERT INTO message (id, kind, subscriber, subscription, campaign, step, occurrence,
               sign_up, version, frozen, message_id, planned_at, state, due_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'due', ?13)
             ON CONFLICT (kind, subscriber, campaign, step, occurrence) DO NOTHING",
        )?
        .execute(params![
            id,
            message.key.kind.as_str(),
            message.key.subscriber.0,
            due.subscription.0,
            message.key.campaign.as_str(),
            message.key.step.as_str(),
            message.key.occurrence,
            due.id.0,
            &*message.version.0,
            to_json(&message.frozen),
            message_id,
            millis(now),
            millis(message.due_at),
        ])
}

fn asked(connection: &Connection, id: SignUpId) -> rusqlite::Result<Option<AskedSignUp>> {
    let found = connection
        .prepare_cached(
            "SELECT u.list, u.email, u.zone, u.fields, u.words, u.snapshot, u.page, u.network, u.agent,
                    u.asked_at, u.subscription, s.state, s.left_at
             FROM sign_up u JOIN subscription s ON s.id = u.subscription
             WHERE u.id = ?1 AND u.state IN ('asked', 'confirmed')
               AND NOT EXISTS (SELECT 1 FROM suppression x WHERE x.email_key = u.email_key)",
        )?
        .query_row([id.0], |row| {
            Ok(AskedSignUp {
                sign_up: SignUp {
                    list: name(row, "list")?,
                    email: email(row)?,
                    zone: row.get("zone")?,
                    fields: json(row, "fields")?,
                    words: row.get("words")?,
                    snapshot: Version(row.get::<_, String>("snapshot")?.into()),
                    page: row.get("page")?,
                    network: row.get("network")?,
                    agent: row.get("agent")?,
                },
                signed_up_at: instant(row.get("asked_at")?)?,
                subscription: SubscriptionId(row.get("subscription")?),
                standing: standing(row)?,
                left_at: row.get::<_, Option<i64>>("left_at")?.map(instant).transpose()?,
                broken_off: Vec::new(),
            })
        })
        .optional()?;
    let Some(mut asked) = found else { return Ok(None) };
    asked.broken_off = broken_off(connection, asked.subscription)?;
    Ok(Some(asked))
}

/// The courses of a subscription that ended by leaving, or because mail came
/// back, and did not go on since.
pub(super) fn broken_off(
    connection: &Connection,
    subscription: SubscriptionId,
) -> rusqlite::Result<Vec<(CampaignId, Enrollment)>> {
    let mut statement = connection.prepare_cached(
        "SELECT e.campaign, e.state AS e_state, e.step AS e_step, e.due_at AS e_due_at,
                e.reason AS e_reason, e.done AS e_done
         FROM enrollment e
         WHERE e.subscription = ?1 AND e.state = 'stopped' AND e.reason IN ('left', 'bounced')
           AND NOT EXISTS (SELECT 1 FROM enrollment n WHERE n.subscriber = e.subscriber
                           AND n.campaign = e.campaign AND n.occurrence > e.occurrence)
         ORDER BY e.campaign",
    )?;
    let rows = statement
        .query_map([subscription.0], |row| Ok((name(row, "campaign")?, enrollment(row)?)))?;
    rows.collect()
}

fn confirm(
    desk: &mut Desk,
    consented: &Consented,
    now: Timestamp,
) -> rusqlite::Result<Confirmation> {
    let connection = &desk.connection;
    let subscriber: Option<i64> = connection
        .query_row(
            "SELECT s.subscriber FROM sign_up u JOIN subscription s ON s.id = u.subscription
             WHERE u.id = ?1",
            [consented.sign_up.0],
            |row| row.get(0),
        )
        .optional()?;
    // Looked up once more: what the page saw may be over.
    let (Some(subscriber), Some(asked)) = (subscriber, asked(connection, consented.sign_up)?)
    else {
        return Ok(Confirmation::Gone);
    };
    if asked.standing == ListStanding::Inside {
        return Ok(Confirmation::Known);
    }
    if asked.is_from_before_leaving() {
        return Ok(Confirmation::Left);
    }
    let (subscription, wanted) = (asked.subscription.0, &consented.arrival.subscription);
    connection.execute(
        "UPDATE subscription SET state = 'confirmed', confirmed_at = ?2, left_at = NULL WHERE id = ?1",
        params![subscription, millis(now)],
    )?;
    // What somebody else may have typed gives way to what they have seen.
    connection.execute(
        "UPDATE sign_up SET state = 'confirmed', zone = ?2, fields = ?3 WHERE id = ?1",
        params![consented.sign_up.0, wanted.person.zone, to_json(&wanted.person.fields)],
    )?;
    connection.execute(
        "INSERT INTO consent (subscription, at, kind, words, source, sign_up)
         VALUES (?1, ?2, 'given', ?3, ?4, ?5)
                     ON CONFLICT DO NOTHING",
        params![subscription, millis(now), wanted.consent, wanted.source, consented.sign_up.0],
    )?;
    connection.execute(
        "UPDATE subscriber
         SET email = ?4, zone = CASE WHEN ?5 THEN NULL ELSE COALESCE(?2, zone) END,
           fields = json_patch(fields, ?3) WHERE id = ?1",
        params![
            subscriber,
            wanted.person.zone,
            patch(consented),
            wanted.person.email.as_str(),
            consented.cleared.zone
        ],
    )?;
    let mut entered = 0;
    let ids = (subscriber, subscription);
    for (campaign, enrollment) in &consented.arrival.enrollments {
        entered +=
            usize::from(enroll(desk, ids, (campaign, Entry::Once), enrollment, now)?.is_some());
    }
    for (campaign, enrollment) in &consented.resumed {
        entered +=
            usize::from(enroll(desk, ids, (campaign, Entry::Resumed), enrollment, now)?.is_some());
    }
    Ok(Confirmation::Confirmed { entered })
}

/// What they said about themselves; what they emptied is taken away (RFC 7396).
fn patch(consented: &Consented) -> String {
    let said = consented.arrival.subscription.person.fields.iter();
    let said = said.map(|(name, value)| (name, Some(value)));
    let emptied = consented.cleared.fields.iter().map(|name| (name, None));
    to_json(&said.chain(emptied).collect::<BTreeMap<_, _>>())
}

/// Deletes up to `limit` sign-ups that were asked before an instant and never
/// confirmed, and the people of whom nothing else is known.
fn forget(connection: &Connection, before: Timestamp, limit: usize) -> rusqlite::Result<usize> {
    let mut old = connection.prepare_cached(
        "SELECT u.id, u.subscription, s.subscriber FROM sign_up u
         JOIN subscription s ON s.id = u.subscription
         WHERE u.state IN ('due', 'asked') AND u.asked_at < ?1 ORDER BY u.asked_at LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let old = old.query_map(params![millis(before), limit], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    let old: Vec<(i64, i64, i64)> = old.collect::<rusqlite::Result<_>>()?;
    for (sign_up, subscription, subscriber) in &old {
        forget_one(connection, (*sign_up, *subscription, *subscriber))?;
    }
    Ok(old.len())
}

fn forget_one(
    connection: &Connection,
    (sign_up, subscription, subscriber): (i64, i64, i64),
) -> rusqlite::Result<()> {
    let run = |sql: &str, id: i64| connection.prepare_cached(sql)?.execute([id]);
    run(
        "DELETE FROM attempt WHERE message IN (SELECT id FROM message WHERE sign_up = ?1)",
        sign_up,
    )?;
    run("DELETE FROM message WHERE sign_up = ?1", sign_up)?;
    run("DELETE FROM sign_up WHERE id = ?1", sign_up)?;
    run(
        "DELETE FROM subscription WHERE id = ?1 AND state = 'pending'
           AND NOT EXISTS (SELECT 1 FROM sign_up u WHERE u.subscription = subscription.id)",
        subscription,
    )?;
    run(
        "DELETE FROM subscriber WHERE id = ?1
           AND NOT EXISTS (SELECT 1 FROM subscription s WHERE s.subscriber = subscriber.id)
           AND NOT EXISTS (SELECT 1 FROM message m WHERE m.subscriber = subscriber.id)
           AND NOT EXISTS (SELECT 1 FROM tag t WHERE t.subscriber = subscriber.id)
           AND NOT EXISTS (SELECT 1 FROM event v WHERE v.subscriber = subscriber.id)",
        subscriber,
    )?;
    Ok(())
}
