//! What went wrong at the database, opaque but for what loops ask.

use std::fmt;

/// A call to the database that failed.
#[derive(Clone, Debug)]
pub struct Error {
    kind: Kind,
    doing: &'static str,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Locked by somebody else for longer than we wait.
    Busy,
    /// The disk is full or cannot be written.
    Disk(String),
    /// Another process has what was asked for.
    Conflict(String),
    /// It is not there.
    Missing(String),
    /// It is there, and not what it should be.
    Foreign(String),
    /// The database's thread is gone.
    Closed,
    /// Anything else.
    Other(String),
}

impl Error {
    pub(super) fn new(kind: Kind, doing: &'static str) -> Error {
        Error { kind, doing }
    }

    /// Whether the database's thread is gone: nothing will ever be written.
    pub fn is_closed(&self) -> bool {
        matches!(self.kind, Kind::Closed)
    }

    /// Whether the disk refused.
    pub(super) fn is_disk(&self) -> bool {
        matches!(self.kind, Kind::Disk(_))
    }

    /// Whether another process has what was asked for.
    pub fn is_conflict(&self) -> bool {
        matches!(self.kind, Kind::Conflict(_))
    }

    /// Whether the database is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self.kind, Kind::Missing(_))
    }

    pub(super) fn of_sqlite(error: &rusqlite::Error, doing: &'static str) -> Error {
        use rusqlite::ErrorCode;
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Kind::Busy,
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly) => {
                Kind::Disk(error.to_string())
            }
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Kind::Foreign(error.to_string())
            }
            Some(_) | None => Kind::Other(error.to_string()),
        };
        Error { kind, doing }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {}: ", self.doing)?;
        match &self.kind {
            Kind::Busy => f.write_str("the database is busy"),
            Kind::Disk(what) => write!(f, "the disk refuses: {what}"),
            Kind::Closed => f.write_str("the database is closed"),
            Kind::Conflict(what)
            | Kind::Missing(what)
            | Kind::Foreign(what)
            | Kind::Other(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Error {}
