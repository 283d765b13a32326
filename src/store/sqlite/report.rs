//! Where everything stands, for `status`.

use rusqlite::Connection;

use super::{
    Sqlite,
    projects::campaigns,
    rows::{broken, instant, name, state},
};
use crate::{
    model::EmailAddress,
    store::{
        CampaignReport, CampaignState, ListReport, Report, Result, StepReport, UnknownMessage,
    },
    time::Timestamp,
};

/// Messages of unknown fate that a report names one by one.
const UNKNOWN_MAX: i64 = 100;
/// Reasons that a report names.
const REASONS_MAX: i64 = 10;

impl Sqlite {
    pub(in crate::store) async fn report(&self, now: Timestamp) -> Result<Report> {
        let mut report =
            self.reader.run("report", move |desk| report(&desk.connection, now)).await?;
        report.next_due_at = self.next_due_at().await?;
        Ok(report)
    }
}

fn report(connection: &Connection, now: Timestamp) -> rusqlite::Result<Report> {
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get(0));
    let mut lists = connection.prepare(
        "SELECT list, sum(state = 'confirmed') AS subscribed, sum(state = 'left') AS gone
         FROM subscription WHERE state != 'pending' GROUP BY list",
    )?;
    let lists = lists.query_map([], |row| {
        let (subscribed, left) = (row.get("subscribed")?, row.get("gone")?);
        Ok(ListReport { list: name(row, "list")?, subscribed, left })
    })?;
    let mut messages =
        connection.prepare("SELECT state, count(*) AS n FROM message GROUP BY state")?;
    let messages = messages.query_map([], |row| Ok((state(row, "state")?, row.get("n")?)))?;
    let oldest: Option<i64> = connection.query_row(
        "SELECT min(due_at) FROM message WHERE state = 'due' AND due_at <= ?1",
        [now.as_millisecond()],
        |row| row.get(0),
    )?;
    let mut reasons = connection.prepare(
        // Replies end in queue ids; what they begin with tells them apart.
        "SELECT CASE WHEN length(reason) > 100 THEN substr(reason, 1, 99) || '…' ELSE reason END AS why,
           count(*) AS n FROM message
         WHERE state NOT IN ('sent', 'skipped') AND reason IS NOT NULL
         GROUP BY why ORDER BY n DESC, why LIMIT ?1",
    )?;
    let reasons = reasons.query_map([REASONS_MAX], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut report = Report {
        people: count("SELECT count(*) FROM subscriber")?,
        suppressed: count("SELECT count(*) FROM suppression")?,
        pending: count("SELECT count(*) FROM subscription WHERE state = 'pending'")?,
        lists: lists.collect::<rusqlite::Result<_>>()?,
        messages: messages.collect::<rusqlite::Result<_>>()?,
        oldest_due_at: oldest.map(instant).transpose()?,
        reasons: reasons.collect::<rusqlite::Result<_>>()?,
        unknown: unknown(connection)?,
        ..Report::default()
    };
    for campaign in campaigns(connection)? {
        report.campaigns.push(campaign_report(connection, campaign)?);
    }
    Ok(report)
}

fn campaign_report(
    connection: &Connection,
    state_of: CampaignState,
) -> rusqlite::Result<CampaignReport> {
    let enrolled = |states: &str| {
        // Who came back stands where they are now, not where they were.
        let sql = format!(
            "SELECT count(*) FROM enrollment e WHERE campaign = ?1 AND state IN ({states})
               AND NOT EXISTS (SELECT 1 FROM enrollment n WHERE n.subscriber = e.subscriber
                               AND n.campaign = e.campaign AND n.occurrence > e.occurrence)"
        );
        connection.query_row(&sql, [state_of.id.as_str()], |row| row.get(0))
    };
    let (inside, finished, stopped) =
        (enrolled("'waiting', 'sending'")?, enrolled("'finished'")?, enrolled("'stopped'")?);
    let mut statement = connection.prepare(
        "SELECT step, state, count(*) AS n, min(id) FROM message WHERE campaign = ?1 AND kind = 'step'
         GROUP BY step, state ORDER BY min(id) OVER (PARTITION BY step), state",
    )?;
    let mut rows = statement.query([state_of.id.as_str()])?;
    let mut steps: Vec<StepReport> = Vec::new();
    while let Some(row) = rows.next()? {
        let step = name(row, "step")?;
        let entry = (state(row, "state")?, row.get("n")?);
        match steps.iter_mut().find(|known| known.step == step) {
            Some(known) => known.messages.push(entry),
            None => steps.push(StepReport { step, messages: vec![entry] }),
        }
    }
    Ok(CampaignReport { state: state_of, inside, finished, stopped, steps })
}

fn unknown(connection: &Connection) -> rusqlite::Result<Vec<UnknownMessage>> {
    let mut statement = connection.prepare(
        "SELECT m.campaign, m.step, m.message_id, m.due_at, p.email
         FROM message m JOIN subscriber p ON p.id = m.subscriber
         WHERE m.state = 'unknown' OR (m.state = 'due' AND m.unknowns > 0)
         ORDER BY m.id DESC LIMIT ?1",
    )?;
    let rows = statement.query_map([UNKNOWN_MAX], |row| {
        let email: String = row.get("email")?;
        Ok(UnknownMessage {
            campaign: name(row, "campaign")?,
            step: name(row, "step")?,
            to: EmailAddress::parse(&email).map_err(|error| broken(error.to_string()))?,
            message_id: row.get("message_id")?,
            retry_at: row.get::<_, Option<i64>>("due_at")?.map(instant).transpose()?,
        })
    })?;
    rows.collect()
}
