//! Columns ↔ model values. What does not parse was not written by us, and is
//! an error of the database.

use std::collections::BTreeMap;

use rusqlite::{
    Connection, Row,
    types::{FromSql, FromSqlError, Type},
};

use crate::{
    model::{
        EmailAddress, Enrollment, Facts, MessageKind, MessageState, Name, Person, Progress, Status,
        StopReason,
    },
    time::Timestamp,
};

pub(super) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

pub(super) fn instant(millis: i64) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(millis).map_err(|_| FromSqlError::OutOfRange(millis).into())
}

/// A column that holds a name.
pub(super) fn name(row: &Row<'_>, column: &str) -> rusqlite::Result<Name> {
    Ok(Name::trusted(row.get::<_, String>(column)?))
}

/// A column that holds JSON.
pub(super) fn json<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: &str,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| broken(error.to_string()))
}

pub(super) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("names and strings are JSON")
}

pub(super) fn broken(what: String) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, what.into())
}

/// A column that holds one of a closed set of words.
fn word<T: Copy>(
    row: &Row<'_>,
    column: &str,
    all: &[T],
    as_str: fn(T) -> &'static str,
) -> rusqlite::Result<T> {
    let value = row.get_ref(column)?;
    let text = String::column_result(value)?;
    let found = all.iter().copied().find(|candidate| as_str(*candidate) == text);
    found.ok_or_else(|| broken(format!("`{text}` is not a state")))
}

pub(super) fn state(row: &Row<'_>, column: &str) -> rusqlite::Result<MessageState> {
    word(row, column, &MessageState::ALL, MessageState::as_str)
}

pub(super) fn kind(row: &Row<'_>, column: &str) -> rusqlite::Result<MessageKind> {
    word(row, column, &[MessageKind::Step, MessageKind::Confirmation], MessageKind::as_str)
}

const STATUSES: [Status; 4] = [Status::Draft, Status::Active, Status::Paused, Status::Closed];

pub(super) fn status_word(status: Status) -> &'static str {
    match status {
        Status::Draft => "draft",
        Status::Active => "active",
        Status::Paused => "paused",
        Status::Closed => "closed",
    }
}

pub(super) fn status(row: &Row<'_>, column: &str) -> rusqlite::Result<Status> {
    word(row, column, &STATUSES, status_word)
}

/// A person from the columns `email`, `zone`, `fields`.
pub(super) fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    let email: String = row.get("email")?;
    let email = EmailAddress::parse(&email).map_err(|error| broken(error.to_string()))?;
    Ok(Person { email, zone: row.get("zone")?, fields: json(row, "fields")? })
}

/// An enrollment from the columns `e_state`, `e_step`, `e_due_at`, `e_reason`, `e_done`.
pub(super) fn enrollment(row: &Row<'_>) -> rusqlite::Result<Enrollment> {
    let state: String = row.get("e_state")?;
    let step_and_due = || -> rusqlite::Result<(Name, Timestamp)> {
        Ok((name(row, "e_step")?, instant(row.get("e_due_at")?)?))
    };
    let progress = match state.as_str() {
        "waiting" => {
            let (step, due_at) = step_and_due()?;
            Progress::Waiting { step, due_at }
        }
        "sending" => {
            let (step, due_at) = step_and_due()?;
            Progress::Sending { step, due_at }
        }
        "finished" => Progress::Finished,
        "stopped" => {
            let reasons = [StopReason::Left, StopReason::Exited, StopReason::Bounced];
            Progress::Stopped(word(row, "e_reason", &reasons, StopReason::as_str)?)
        }
        other => return Err(broken(format!("`{other}` is not a state"))),
    };
    Ok(Enrollment { progress, done: json(row, "e_done")? })
}

/// The columns `state`, `step`, `due_at`, `reason`, `done` of an enrollment.
pub(super) type EnrollmentColumns =
    (&'static str, Option<String>, Option<i64>, Option<&'static str>, String);

pub(super) fn enrollment_columns(enrollment: &Enrollment) -> EnrollmentColumns {
    let done = to_json(&enrollment.done);
    match &enrollment.progress {
        Progress::Waiting { step, due_at } => {
            ("waiting", Some(step.to_string()), Some(millis(*due_at)), None, done)
        }
        Progress::Sending { step, due_at } => {
            ("sending", Some(step.to_string()), Some(millis(*due_at)), None, done)
        }
        Progress::Finished => ("finished", None, None, None, done),
        Progress::Stopped(reason) => ("stopped", None, None, Some(reason.as_str()), done),
    }
}

/// What conditions may ask about a subscriber.
pub(super) fn facts(
    connection: &Connection,
    subscriber: i64,
    fields: BTreeMap<Name, String>,
) -> rusqlite::Result<Facts> {
    let mut facts = Facts { fields, ..Facts::default() };
    let mut statement = connection.prepare_cached(
        "SELECT 'tag' AS kind, name FROM tag WHERE subscriber = ?1
         UNION ALL SELECT 'event', name FROM event WHERE subscriber = ?1
         UNION ALL SELECT 'list', list FROM subscription WHERE subscriber = ?1 AND state = 'confirmed'
         UNION ALL SELECT state, campaign FROM enrollment WHERE subscriber = ?1",
    )?;
    let mut rows = statement.query([subscriber])?;
    while let Some(row) = rows.next()? {
        let set = match row.get_ref("kind")?.as_str()? {
            "tag" => &mut facts.tags,
            "event" => &mut facts.events,
            "list" => &mut facts.lists,
            "waiting" | "sending" => &mut facts.enrolled,
            "finished" => &mut facts.finished,
            _ => continue,
        };
        set.insert(name(row, "name")?);
    }
    Ok(facts)
}
