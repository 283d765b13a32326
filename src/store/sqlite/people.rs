//! Subscribers, subscriptions and their consent; enrollments that follow.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    Sqlite,
    rows::{enrollment_columns, facts, millis, name, person, to_json},
    sign_ups::broken_off,
    thread::Desk,
};
use crate::{
    model::{
        Again, CampaignId, EmailAddress, Enrollment, EnrollmentId, ListId, Name, Person,
        SubscriberId, SubscriptionId,
    },
    store::{Account, Arrival, BrokenOff, Membership, Newcomer, Remarks, Result},
    time::Timestamp,
};

impl Sqlite {
    pub(in crate::store) async fn admit(
        &self,
        arrivals: Vec<Arrival>,
        now: Timestamp,
    ) -> Result<Vec<Newcomer>> {
        self.writer
            .run("take people in", move |desk| {
                arrivals.iter().map(|arrival| admit(desk, arrival, now)).collect()
            })
            .await
    }

    pub(in crate::store) async fn candidates(
        &self,
        campaign: CampaignId,
        list: ListId,
        again: Again,
    ) -> Result<Vec<Account>> {
        self.reader
            .run("look for people to enroll", move |desk| {
                let mut statement = desk.connection.prepare_cached(
                    "SELECT p.id, s.id AS subscription, p.email, p.zone, p.fields
                     FROM subscription s JOIN subscriber p ON p.id = s.subscriber
                     WHERE s.list = ?1 AND s.state = 'confirmed'
                       AND NOT EXISTS (SELECT 1 FROM suppression x WHERE x.email_key = p.email_key)
                       AND NOT EXISTS (SELECT 1 FROM enrollment e
                                       WHERE e.subscriber = p.id AND e.campaign = ?2
                                         AND (?3 = 0 OR e.state != 'finished'))
                     ORDER BY p.id",
                )?;
                let mut rows = statement.query(params![
                    list.as_str(),
                    campaign.as_str(),
                    again == Again::AfterFinish
                ])?;
                let mut accounts = Vec::new();
                while let Some(row) = rows.next()? {
                    let subscriber = row.get("id")?;
                    let Person { email, zone, fields } = person(row)?;
                    accounts.push(Account {
                        subscriber: SubscriberId(subscriber),
                        subscription: SubscriptionId(row.get("subscription")?),
                        email,
                        zone,
                        facts: facts(&desk.connection, subscriber, fields)?,
                    });
                }
                Ok(accounts)
            })
            .await
    }

    pub(in crate::store) async fn enroll(
        &self,
        campaign: CampaignId,
        again: Again,
        enrollments: Vec<(Account, Enrollment)>,
        now: Timestamp,
    ) -> Result<usize> {
        self.writer
            .run("enroll people", move |desk| {
                let mut count = 0;
                for (account, enrollment) in &enrollments {
                    let ids = (account.subscriber.0, account.subscription.0);
                    count += usize::from(
                        enroll(desk, ids, (&campaign, again.into()), enrollment, now)?.is_some(),
                    );
                }
                Ok(count)
            })
            .await
    }

    pub(in crate::store) async fn note_event(
        &self,
        email: EmailAddress,
        event: Name,
        now: Timestamp,
    ) -> Result<bool> {
        self.writer
            .run("note an event", move |desk| {
                let noted = desk.connection.execute(
                    "INSERT INTO event (subscriber, name, happened_at)
                     SELECT id, ?2, ?3 FROM subscriber WHERE email_key = ?1
                     ON CONFLICT DO NOTHING",
                    params![email.key(), event.as_str(), millis(now)],
                )?;
                Ok(noted > 0)
            })
            .await
    }

    pub(in crate::store) async fn subscription(
        &self,
        id: SubscriptionId,
    ) -> Result<Option<(ListId, Membership)>> {
        self.reader
            .run("look for a subscription", move |desk| {
                desk.connection
                    .query_row(
                        "SELECT list, state FROM subscription WHERE id = ?1",
                        [id.0],
                        |row| {
                            let is_left = row.get_ref("state")?.as_str()? == "left";
                            let membership =
                                if is_left { Membership::Left } else { Membership::On };
                            Ok((name(row, "list")?, membership))
                        },
                    )
                    .optional()
            })
            .await
    }

    pub(in crate::store) async fn bounced(&self, email: EmailAddress) -> Result<Vec<BrokenOff>> {
        self.reader
            .run("look for courses that bounced", move |desk| bounced(&desk.connection, &email))
            .await
    }

    pub(in crate::store) async fn release(
        &self,
        email: EmailAddress,
        resumed: Vec<BrokenOff>,
        now: Timestamp,
    ) -> Result<bool> {
        self.writer
            .run("release an address", move |desk| {
                let released = desk
                    .connection
                    .execute("DELETE FROM suppression WHERE email_key = ?1", [email.key()])?;
                for course in resumed.iter().filter(|_| released > 0) {
                    let ids = (course.subscriber.0, course.subscription.0);
                    let entry = (&course.campaign, Entry::Resumed);
                    enroll(desk, ids, entry, &course.enrollment, now)?;
                }
                Ok(released > 0)
            })
            .await
    }

    pub(in crate::store) async fn unsubscribe(
        &self,
        subscription: SubscriptionId,
        now: Timestamp,
    ) -> Result<bool> {
        self.writer.run("unsubscribe", move |desk| unsubscribe(desk, subscription.0, now)).await
    }
}

fn admit(desk: &mut Desk, arrival: &Arrival, now: Timestamp) -> rusqlite::Result<Newcomer> {
    let wanted = &arrival.subscription;
    let (subscriber, remark) = upsert(desk, &wanted.person, now)?;
    let by_tag = add_tags(desk, subscriber, arrival, now)?;
    let is_suppressed = desk
        .connection
        .query_row(
            "SELECT 1 FROM suppression WHERE email_key = ?1",
            [wanted.person.email.key()],
            |_| Ok(()),
        )
        .optional()?
        .is_some();
    let existing: Option<(i64, String)> = desk
        .connection
        .query_row(
            "SELECT id, state FROM subscription WHERE subscriber = ?1 AND list = ?2",
            params![subscriber, wanted.list.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let newcomer = |subscription, enrollments, remark| Newcomer {
        subscriber: SubscriberId(subscriber),
        subscription: SubscriptionId(subscription),
        enrollments,
        remark,
    };
    if let Some((id, state)) = &existing
        && state != "pending"
    {
        if state == "left" {
            return Ok(newcomer(*id, Vec::new(), Remarks::Left));
        }
        let mut enrollments = Vec::new();
        for (campaign, enrollment) in by_tag.iter().filter(|_| !is_suppressed) {
            let ids = (subscriber, *id);
            enrollments.extend(enroll(desk, ids, (campaign, Entry::Once), enrollment, now)?);
        }
        return Ok(newcomer(*id, enrollments, remark));
    }
    if is_suppressed {
        return Ok(newcomer(existing.map_or(0, |(id, _)| id), Vec::new(), Remarks::Suppressed));
    }
    let subscription = match existing {
        Some((id, _)) => id,
        None => desk.mint(now)?,
    };
    desk.connection.execute(
        "INSERT INTO subscription (id, subscriber, list, state, confirmed_at)
         VALUES (?1, ?2, ?3, 'confirmed', ?4)
         ON CONFLICT (id) DO UPDATE SET state = 'confirmed', confirmed_at = excluded.confirmed_at",
        params![subscription, subscriber, wanted.list.as_str(), millis(now)],
    )?;
    desk.connection.execute(
        "INSERT INTO consent (subscription, at, kind, words, source) VALUES (?1, ?2, 'given', ?3, ?4)",
        params![subscription, millis(now), wanted.consent, wanted.source],
    )?;
    let mut enrollments = Vec::new();
    let by_confirmation =
        arrival.enrollments.iter().map(|(campaign, enrollment)| (campaign, enrollment));
    for (campaign, enrollment) in by_confirmation.chain(by_tag) {
        let ids = (subscriber, subscription);
        enrollments.extend(enroll(desk, ids, (campaign, Entry::Once), enrollment, now)?);
    }
    Ok(newcomer(subscription, enrollments, remark))
}

/// Adds the tags of an arrival; returns the campaigns that those which are new
/// take them into.
fn add_tags<'a>(
    desk: &Desk,
    subscriber: i64,
    arrival: &'a Arrival,
    now: Timestamp,
) -> rusqlite::Result<Vec<(&'a CampaignId, &'a Enrollment)>> {
    let mut new_tags = Vec::new();
    for tag in &arrival.subscription.tags {
        let inserted = desk.connection.execute(
            "INSERT INTO tag (subscriber, name, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![subscriber, tag.as_str(), millis(now)],
        )?;
        if inserted > 0 {
            new_tags.push(tag);
        }
    }
    let by_tag = arrival.by_tag.iter().filter(|(tag, ..)| new_tags.contains(&tag));
    Ok(by_tag.map(|(_, campaign, enrollment)| (campaign, enrollment)).collect())
}

fn bounced(connection: &Connection, email: &EmailAddress) -> rusqlite::Result<Vec<BrokenOff>> {
    let mut statement = connection.prepare_cached(
        "SELECT p.id, p.zone, s.id FROM subscriber p JOIN subscription s ON s.subscriber = p.id
         WHERE p.email_key = ?1 AND s.state = 'confirmed' ORDER BY s.id",
    )?;
    let mut rows = statement.query([email.key()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (subscriber, zone) = (SubscriberId(row.get(0)?), row.get::<_, Option<String>>(1)?);
        let subscription = SubscriptionId(row.get(2)?);
        let courses = broken_off(connection, subscription)?.into_iter();
        found.extend(courses.map(|(campaign, enrollment)| BrokenOff {
            subscriber,
            subscription,
            zone: zone.clone(),
            campaign,
            enrollment,
        }));
    }
    Ok(found)
}

/// Finds or makes the subscriber with this address. What is known already
/// stays, unless the newcomer says otherwise.
fn upsert(desk: &mut Desk, person: &Person, now: Timestamp) -> rusqlite::Result<(i64, Remarks)> {
    let key = person.email.key();
    let known: Option<i64> = desk
        .connection
        .query_row("SELECT id FROM subscriber WHERE email_key = ?1", [&key], |row| row.get(0))
        .optional()?;
    let fields: &BTreeMap<Name, String> = &person.fields;
    if let Some(id) = known {
        desk.connection.execute(
            "UPDATE subscriber SET zone = COALESCE(?2, zone), fields = json_patch(fields, ?3)
             WHERE id = ?1",
            params![id, person.zone, to_json(fields)],
        )?;
        return Ok((id, Remarks::Known));
    }
    let id = desk.mint(now)?;
    desk.connection.execute(
        "INSERT INTO subscriber (id, email, email_key, zone, fields, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![id, person.email.as_str(), key, person.zone, to_json(fields), millis(now)],
    )?;
    Ok((id, Remarks::New))
}

/// Finds or makes the subscriber with this address, of whom nothing else is
/// known: what was typed into a form is theirs only when they confirm.
pub(super) fn subscriber_of(
    desk: &mut Desk,
    (email, email_key): (&str, &str),
    now: Timestamp,
) -> rusqlite::Result<i64> {
    let id = desk.mint(now)?;
    desk.connection.execute(
        "INSERT INTO subscriber (id, email, email_key, fields, created_at)
         VALUES (?1, ?2, ?3, '{}', ?4) ON CONFLICT (email_key) DO NOTHING",
        params![id, email, email_key, millis(now)],
    )?;
    desk.connection.query_row(
        "SELECT id FROM subscriber WHERE email_key = ?1",
        [email_key],
        |row| row.get(0),
    )
}

/// Who may enter a campaign that they were in before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// Nobody.
    Once,
    /// Who finished it.
    AfterFinish,
    /// Who is not inside: they left it, and have now confirmed anew.
    Resumed,
}

impl From<Again> for Entry {
    fn from(again: Again) -> Entry {
        match again {
            Again::Never => Entry::Once,
            Again::AfterFinish => Entry::AfterFinish,
        }
    }
}

pub(super) fn enroll(
    desk: &mut Desk,
    (subscriber, subscription): (i64, i64),
    (campaign, entry): (&CampaignId, Entry),
    enrollment: &Enrollment,
    now: Timestamp,
) -> rusqlite::Result<Option<EnrollmentId>> {
    let id = desk.mint(now)?;
    let (state, step, due_at, reason, done) = enrollment_columns(enrollment);
    let inserted = desk.connection.execute(
        "INSERT INTO enrollment
           (id, subscriber, subscription, campaign, occurrence, state, step, due_at, reason, done, enrolled_at)
         SELECT ?1, ?2, ?3, ?4, count(*), ?5, ?6, ?7, ?8, ?9, ?10
         FROM enrollment WHERE subscriber = ?2 AND campaign = ?4
         HAVING count(*) = 0 OR (?11 AND min(state = 'finished'))
           OR (?12 AND min(state IN ('finished', 'stopped')))",
        params![
            id, subscriber, subscription, campaign.as_str(), state, step, due_at, reason, done,
            millis(now), entry == Entry::AfterFinish, entry == Entry::Resumed
        ],
    )?;
    Ok((inserted > 0).then_some(EnrollmentId(id)))
}

fn unsubscribe(desk: &mut Desk, subscription: i64, now: Timestamp) -> rusqlite::Result<bool> {
    let connection = &desk.connection;
    let found: Option<(String, String)> = connection
        .query_row(
            "SELECT s.state, p.email FROM subscription s JOIN subscriber p ON p.id = s.subscriber
             WHERE s.id = ?1",
            [subscription],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((state, email)) = found else { return Ok(false) };
    if state == "left" {
        return Ok(true);
    }
    let mailbox = EmailAddress::parse(&email).map_or(email, |email| email.mailbox());
    connection.execute(
        "UPDATE subscription SET state = 'left', left_at = ?2 WHERE id = ?1",
        params![subscription, millis(now)],
    )?;
    connection.execute(
        "INSERT INTO consent (subscription, at, kind, words, source)
         VALUES (?1, ?2, 'withdrawn', '', 'unsubscribe')
                     ON CONFLICT DO NOTHING",
        params![subscription, millis(now)],
    )?;
    connection.execute(
        "UPDATE message SET state = 'dropped', reason = 'left the list', due_at = NULL, settled_at = ?2
         WHERE state = 'due' AND enrollment IN (SELECT id FROM enrollment WHERE subscription = ?1)",
        params![subscription, millis(now)],
    )?;
    connection.execute(
        "UPDATE enrollment SET state = 'stopped', reason = 'left', step = NULL, due_at = NULL
         WHERE subscription = ?1 AND state IN ('waiting', 'sending')",
        [subscription],
    )?;
    // Forms from before are over, too: who left is not asked to come back.
    connection
        .execute("DELETE FROM sign_up WHERE subscription = ?1 AND state = 'due'", [subscription])?;
    connection.execute(
        "DELETE FROM sign_up WHERE state = 'new' AND mailbox_key = ?3
           AND (email_key, list) = (SELECT p.email_key, s.list FROM subscription s
                                    JOIN subscriber p ON p.id = s.subscriber WHERE s.id = ?1)
           AND asked_at <= ?2",
        params![subscription, millis(now), mailbox],
    )?;
    Ok(true)
}
