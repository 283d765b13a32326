//! Applied projects: snapshots by content, and the campaigns' versions.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::{
    Sqlite,
    rows::{millis, name, status, status_word},
};
use crate::{
    model::{CampaignId, ImageName, ProjectFiles, Version, hex, sha256_hex},
    store::{CampaignState, Result, Snapshot},
    time::Timestamp,
};

impl Sqlite {
    pub(in crate::store) async fn apply(&self, snapshot: Snapshot, now: Timestamp) -> Result<bool> {
        self.writer
            .run("apply the project", move |desk| apply(&desk.connection, &snapshot, now))
            .await
    }

    pub(in crate::store) async fn campaigns(&self) -> Result<Vec<CampaignState>> {
        self.reader.run("list the campaigns", |desk| campaigns(&desk.connection)).await
    }

    pub(in crate::store) async fn version_snapshot(
        &self,
        campaign: CampaignId,
        version: Version,
    ) -> Result<Option<Version>> {
        self.reader
            .run("look for a campaign's version", move |desk| {
                desk.connection
                    .query_row(
                        "SELECT snapshot FROM campaign_version WHERE campaign = ?1 AND version = ?2",
                        params![campaign.as_str(), &*version.0],
                        |row| Ok(Version(row.get::<_, String>(0)?.into())),
                    )
                    .optional()
            })
            .await
    }

    pub(in crate::store) async fn current_snapshot(&self) -> Result<Option<Version>> {
        self.reader
            .run("look for what was applied", |desk| {
                let mut statement =
                    desk.connection.prepare_cached("SELECT snapshot FROM instance")?;
                let hash: Option<String> = statement.query_row([], |row| row.get(0))?;
                Ok(hash.map(|hash| Version(hash.into())))
            })
            .await
    }

    pub(in crate::store) async fn image(&self, name: ImageName) -> Result<Option<Vec<u8>>> {
        self.reader
            .run("load an image", move |desk| {
                let mut statement = desk.connection.prepare_cached(
                    "SELECT bytes FROM blob WHERE hash = ?1 AND EXISTS (SELECT 1 FROM snapshot_file
                     WHERE blob = ?1 AND path GLOB 'campaigns/*/images/*')",
                )?;
                statement.query_row([name.hash()], |row| row.get(0)).optional()
            })
            .await
    }

    pub(in crate::store) async fn snapshot_files(
        &self,
        snapshot: Version,
    ) -> Result<Option<ProjectFiles>> {
        self.reader
            .run("load what was applied", move |desk| files(&desk.connection, &snapshot.0))
            .await
    }
}

fn apply(connection: &Connection, snapshot: &Snapshot, now: Timestamp) -> rusqlite::Result<bool> {
    let hashes: BTreeMap<&str, String> =
        snapshot.files.iter().map(|(path, bytes)| (&**path, sha256_hex(bytes))).collect();
    let mut whole = Sha256::new();
    for (path, hash) in &hashes {
        whole.update(format!("{hash} {path}\n"));
    }
    let hash = hex(&whole.finalize());
    let before: Option<String> =
        connection.query_row("SELECT snapshot FROM instance", [], |row| row.get(0))?;
    let is_same = before.as_deref() == Some(&hash);
    for (path, bytes) in snapshot.files.iter() {
        connection.execute(
            "INSERT INTO blob (hash, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![hashes[&**path], &**bytes],
        )?;
    }
    connection.execute(
        "INSERT INTO snapshot (hash, applied_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![hash, millis(now)],
    )?;
    for (path, blob) in &hashes {
        connection.execute(
            "INSERT INTO snapshot_file (snapshot, path, blob) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![hash, path, blob],
        )?;
    }
    connection.execute("UPDATE instance SET snapshot = ?1", [&hash])?;
    for campaign in &snapshot.campaigns {
        connection.execute(
            "INSERT INTO campaign (id, version, status, applied_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET version = excluded.version, status = excluded.status,
               applied_at = excluded.applied_at
             WHERE version != excluded.version OR status != excluded.status",
            params![
                campaign.id.as_str(),
                &*campaign.version.0,
                status_word(campaign.status),
                millis(now)
            ],
        )?;
        connection.execute(
            "INSERT INTO campaign_version (campaign, version, snapshot) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![campaign.id.as_str(), &*campaign.version.0, hash],
        )?;
    }
    close_the_gone(connection, snapshot)?;
    Ok(!is_same)
}

/// An active campaign whose files are gone takes nobody in; who is inside goes
/// on with the version they have. One that stood still goes on standing still.
fn close_the_gone(connection: &Connection, snapshot: &Snapshot) -> rusqlite::Result<()> {
    for campaign in campaigns(connection)? {
        if !snapshot.campaigns.iter().any(|kept| kept.id == campaign.id) {
            connection.execute(
                "UPDATE campaign SET status = 'closed' WHERE id = ?1 AND status = 'active'",
                [campaign.id.as_str()],
            )?;
        }
    }
    Ok(())
}

pub(super) fn campaigns(connection: &Connection) -> rusqlite::Result<Vec<CampaignState>> {
    let mut statement =
        connection.prepare_cached("SELECT id, version, status FROM campaign ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        Ok(CampaignState {
            id: name(row, "id")?,
            version: Version(row.get::<_, String>("version")?.into()),
            status: status(row, "status")?,
        })
    })?;
    rows.collect()
}

fn files(connection: &Connection, snapshot: &str) -> rusqlite::Result<Option<ProjectFiles>> {
    let mut files = ProjectFiles::default();
    let mut statement = connection.prepare_cached(
        "SELECT path, bytes FROM snapshot_file JOIN blob ON blob.hash = snapshot_file.blob
         WHERE snapshot = ?1",
    )?;
    let mut rows = statement.query([snapshot])?;
    let mut is_there = false;
    while let Some(row) = rows.next()? {
        is_there = true;
        files.insert(row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?);
    }
    Ok(is_there.then_some(files))
}
