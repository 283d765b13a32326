//! Every message and where it stands, one by one: for whoever adds up.

use rusqlite::Row;

use super::{
    Sqlite,
    rows::{broken, kind, name, state},
};
use crate::{
    model::EmailAddress,
    store::{Entry, Result},
};

impl Sqlite {
    pub(in crate::store) async fn ledger(&self, limit: usize) -> Result<Vec<Entry>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.reader
            .run("read the ledger", move |desk| {
                let mut statement = desk.connection.prepare_cached(
                    "SELECT m.message_id, m.kind, m.campaign, m.step, m.state, m.body_hash, p.email
                     FROM message m JOIN subscriber p ON p.id = m.subscriber
                     ORDER BY m.id LIMIT ?1",
                )?;
                let entries = statement.query_map([limit], entry)?;
                entries.collect()
            })
            .await
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let email: String = row.get("email")?;
    Ok(Entry {
        message_id: row.get("message_id")?,
        kind: kind(row, "kind")?,
        campaign: name(row, "campaign")?,
        step: name(row, "step")?,
        to: EmailAddress::parse(&email).map_err(|error| broken(error.to_string()))?,
        state: state(row, "state")?,
        body_hash: row.get("body_hash")?,
    })
}
