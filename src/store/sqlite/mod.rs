//! `SQLite`: one writer thread with group commit, one reader, a lock file.

mod ledger;
mod outbox;
mod people;
mod plan;
mod projects;
mod report;
mod rows;
mod sign_ups;
mod thread;

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;

use self::thread::{Role, Thread};
use super::{Error, Missing, Result, error::Kind};

/// "fasc": says in the file's header whose it is.
const APPLICATION_ID: i32 = 0x6661_7363;
/// The version of `schema.sql`.
const SCHEMA_VERSION: i32 = 3;

/// A `SQLite` database that is open.
#[derive(Clone, Debug)]
pub(super) struct Sqlite {
    path: PathBuf,
    writer: Thread,
    reader: Thread,
    /// Held as long as this process is the sender.
    lock: Arc<Mutex<Option<File>>>,
}

impl Sqlite {
    pub(super) async fn open(path: &Path, missing: Missing) -> Result<Sqlite> {
        if missing == Missing::Refuse && !path.exists() {
            let what = format!("there is no {}", path.display());
            return Err(Error::new(Kind::Missing(what), "open the database"));
        }
        let writer = Thread::start(path, Role::Writer)?;
        let secret = random::<32>();
        let prepared = async || {
            writer.run("prepare the database", move |desk| prepare(&desk.connection, &secret)).await
        };
        let foreign = match prepared().await {
            // The writer has tried to make room: what filled the disk may have
            // been the log of a process before this one.
            Err(error) if error.is_disk() => prepared().await?,
            prepared => prepared?,
        };
        if let Some(what) = foreign {
            return Err(Error::new(Kind::Foreign(what), "open the database"));
        }
        let reader = Thread::start(path, Role::Reader)?;
        // By whatever name or link it was opened, the lock is the file's own.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        Ok(Sqlite { path, writer, reader, lock: Arc::default() })
    }

    /// Opens a database only to look.
    pub(super) async fn visit(path: &Path) -> Result<Sqlite> {
        if !path.exists() {
            let what = format!("there is no {}", path.display());
            return Err(Error::new(Kind::Missing(what), "open the database"));
        }
        let reader = Thread::start(path, Role::Reader)?;
        let ours = |connection: &Connection| {
            let pragma =
                |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0));
            Ok::<_, rusqlite::Error>((pragma("application_id")?, pragma("user_version")?))
        };
        let found =
            reader.run("look into the database", move |desk| ours(&desk.connection)).await?;
        if found != (APPLICATION_ID, SCHEMA_VERSION) {
            let what = "it is not a database of this version of fascicle".to_owned();
            return Err(Error::new(Kind::Foreign(what), "open the database"));
        }
        Ok(Sqlite { path: path.to_owned(), writer: reader.clone(), reader, lock: Arc::default() })
    }

    #[expect(clippy::unused_async, reason = "the other database asks over the network")]
    pub(super) async fn become_sender(&self) -> Result<()> {
        const DOING: &str = "become the sender of this database";
        let mut path = self.path.clone().into_os_string();
        path.push(".lock");
        let other = |error: std::io::Error| Error::new(Kind::Other(error.to_string()), DOING);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(other)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let what = format!("another `fascicle run` sends from {}", self.path.display());
                return Err(Error::new(Kind::Conflict(what), DOING));
            }
            Err(TryLockError::Error(error)) => return Err(other(error)),
        }
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
        Ok(())
    }

    pub(super) async fn close(self) {
        // The reader first: it must not hold the log back.
        self.reader.close().await;
        self.writer.close().await;
    }

    pub(super) async fn instance_secret(&self) -> Result<[u8; 32]> {
        self.reader
            .run("read the instance's secret", |desk| {
                desk.connection.query_row("SELECT secret FROM instance", [], |row| row.get(0))
            })
            .await
    }
}

/// Makes or checks the schema. Returns what is wrong with a foreign file.
fn prepare(connection: &Connection, secret: &[u8; 32]) -> rusqlite::Result<Option<String>> {
    let pragma =
        |name| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i32>(0));
    let application = pragma("application_id")?;
    let version = pragma("user_version")?;
    if application == APPLICATION_ID {
        if version > SCHEMA_VERSION {
            let what = format!("it was made by a newer fascicle (schema {version})");
            return Ok(Some(what));
        }
        if version < SCHEMA_VERSION {
            let what = "it was made by a fascicle before the first release; start a new one";
            return Ok(Some(what.to_owned()));
        }
        return Ok(None);
    }
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 {
        return Ok(Some("it is the database of another program".to_owned()));
    }
    connection.execute_batch(include_str!("schema.sql"))?;
    connection.execute(
        "INSERT INTO instance (id, secret, created_at) VALUES (1, ?1, unixepoch() * 1000)",
        [secret],
    )?;
    connection.execute_batch(&format!(
        "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
    ))?;
    Ok(None)
}

/// Random bytes from the operating system.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}
