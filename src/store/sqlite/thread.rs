//! One thread that owns a connection, and group commit.
//!
//! Whatever has arrived when a commit returns is the next transaction: no
//! timer, and the busier it is the larger the groups grow by themselves. Each
//! piece of work runs in a savepoint, so one that fails takes nothing with it;
//! nobody hears "done" before the commit has returned.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, config::DbConfig};
use tokio::sync::{mpsc, oneshot, watch};

use super::super::{Error, Result, error::Kind};
use crate::{model::Mint, time::Timestamp};

/// Pieces of work that wait for the thread; then callers wait.
const QUEUE_MAX: usize = 1_024;
/// Pieces of work in one transaction.
const GROUP_MAX: usize = 256;

/// The largest number of any row; each is the end of a tree.
const LARGEST: &str = "SELECT max(id) FROM (
    SELECT max(id) AS id FROM subscriber UNION ALL SELECT max(id) FROM subscription
    UNION ALL SELECT max(id) FROM enrollment UNION ALL SELECT max(id) FROM message
    UNION ALL SELECT max(id) FROM sign_up)";

/// Writes the log back into the database and empties it.
const SHRINK: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// What a piece of work gets: the connection and the source of new numbers.
pub(super) struct Desk {
    pub(super) connection: Connection,
    mint: Mint,
    /// Whether the mint knows what this transaction may not give again.
    knows_numbers: bool,
}

impl Desk {
    /// A new number for a row: above all that are there, whoever wrote them.
    /// Nobody else writes before this transaction ends.
    pub(super) fn mint(&mut self, now: Timestamp) -> rusqlite::Result<i64> {
        if !self.knows_numbers {
            let largest: Option<i64> =
                self.connection.prepare_cached(LARGEST)?.query_row([], |row| row.get(0))?;
            self.mint.go_on_from(largest.unwrap_or(0));
            self.knows_numbers = true;
        }
        let salt = super::random::<4>();
        Ok(self.mint.next(now, u32::from_be_bytes(salt)))
    }
}

type Reply = Box<dyn FnOnce(Result<()>) + Send>;
type Work = Box<dyn FnOnce(Result<&mut Desk>) -> Reply + Send>;

/// A thread with a connection.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    queue: mpsc::Sender<Work>,
    /// Closes when the thread has ended.
    ended: watch::Receiver<()>,
}

/// Whether work is grouped into transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The one writer: group commit.
    Writer,
    /// Looks at what is committed.
    Reader,
}

impl Thread {
    /// Opens `path` and starts the thread.
    pub(super) fn start(path: &Path, role: Role) -> Result<Thread> {
        let connection =
            connect(path, role).map_err(|error| Error::of_sqlite(&error, "open the database"))?;
        let (queue, work) = mpsc::channel(QUEUE_MAX);
        let desk = Desk { connection, mint: Mint::default(), knows_numbers: false };
        let name = match role {
            Role::Writer => "store-writer",
            Role::Reader => "store-reader",
        };
        let (alive, ended) = watch::channel(());
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                match role {
                    Role::Writer => write(desk, work),
                    Role::Reader => read(desk, work),
                }
                drop(alive);
            })
            .map_err(|error| {
                Error::new(Kind::Other(error.to_string()), "start the database's thread")
            })?;
        Ok(Thread { queue, ended })
    }

    /// Lets the thread finish and returns when its connection is closed.
    pub(super) async fn close(self) {
        let Thread { queue, mut ended } = self;
        drop(queue);
        // The channel says nothing; it only closes.
        while ended.changed().await.is_ok() {}
    }

    /// Does a piece of work on the thread and returns after its commit.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&mut Desk) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = oneshot::channel();
        let boxed: Work = Box::new(move |desk| {
            let result = desk.and_then(|desk| {
                in_savepoint(desk, work).map_err(|error| Error::of_sqlite(&error, doing))
            });
            Box::new(move |committed: Result<()>| {
                // The caller may be gone; then nobody wants to know.
                let _ = sender.send(committed.and(result));
            })
        });
        let closed = || Error::new(Kind::Closed, doing);
        self.queue.send(boxed).await.map_err(|_| closed())?;
        receiver.await.map_err(|_| closed())?
    }
}

fn connect(path: &Path, role: Role) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Otherwise a partial index makes SQLite plan a statement anew for every
    // value that is bound to it: a third of a busy sender's time (measured).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // FULL: in WAL, NORMAL may forget the last commits when the power goes,
    // and each forgotten "sent" is a second copy. The log is written back at
    // 4,000 pages (16 MB): later is faster (twice at 20,000 pages and a million
    // rows, measured), but a log of 80 MB fills a small disk by itself.
    connection.execute_batch(
        "PRAGMA busy_timeout = 5000;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA cache_size = -32000;",
    )?;
    if role == Role::Reader {
        connection.execute_batch("PRAGMA query_only = ON;")?;
    }
    Ok(connection)
}

fn in_savepoint<T>(
    desk: &mut Desk,
    work: impl FnOnce(&mut Desk) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    if desk.connection.is_autocommit() {
        return work(desk);
    }
    desk.connection.execute_batch("SAVEPOINT work")?;
    let result = work(desk);
    let end = if result.is_ok() { "RELEASE work" } else { "ROLLBACK TO work; RELEASE work" };
    // A full disk rolls the whole transaction back, savepoints included.
    if !desk.connection.is_autocommit() {
        desk.connection.execute_batch(end)?;
    }
    result
}

fn write(mut desk: Desk, mut queue: mpsc::Receiver<Work>) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP_MAX
            && let Ok(next) = queue.try_recv()
        {
            group.push(next);
        }
        let (replies, committed) = commit_group(&mut desk, group);
        if committed.as_ref().is_err_and(Error::is_disk) {
            // On a small disk the log itself may be what fills it. If this
            // does not help, the callers ask again, and so do we.
            let _ = desk.connection.execute_batch(SHRINK);
        }
        for reply in replies {
            reply(committed.clone());
        }
    }
    // Nobody is left: the file alone is then all of it, and a small disk is
    // not left full. What cannot be written back now is read at the next start.
    let _ = desk.connection.execute_batch(SHRINK);
}

fn commit_group(desk: &mut Desk, group: Vec<Work>) -> (Vec<Reply>, Result<()>) {
    const DOING: &str = "write to the database";
    if let Err(error) = desk.connection.execute_batch("BEGIN IMMEDIATE") {
        let error = Error::of_sqlite(&error, DOING);
        let replies = group.into_iter().map(|work| work(Err(error.clone()))).collect();
        return (replies, Err(error));
    }
    desk.knows_numbers = false;
    let mut replies = Vec::with_capacity(group.len());
    let mut is_lost = false;
    for work in group {
        if is_lost {
            replies.push(work(Err(Error::new(
                Kind::Disk("the transaction was rolled back".into()),
                DOING,
            ))));
            continue;
        }
        replies.push(work(Ok(desk)));
        is_lost = desk.connection.is_autocommit();
    }
    if is_lost {
        let lost = Error::new(Kind::Disk("the transaction was rolled back".into()), DOING);
        return (replies, Err(lost));
    }
    let committed = desk.connection.execute_batch("COMMIT").map_err(|error| {
        // Nothing of the group is written; a rollback that fails changes nothing.
        let _ = desk.connection.execute_batch("ROLLBACK");
        Error::of_sqlite(&error, DOING)
    });
    (replies, committed)
}

fn read(mut desk: Desk, mut queue: mpsc::Receiver<Work>) {
    while let Some(work) = queue.blocking_recv() {
        work(Ok(&mut desk))(Ok(()));
    }
}
