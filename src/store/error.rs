//! What can go wrong in storage, in the few ways in which somebody can do something about it.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use super::noted;
use crate::domain::disk::DiskFault;

/// An error of storage.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Locked, or no connection came free in time. Trying again later may work.
    #[error("the database is busy")]
    Busy,
    /// No space left.
    #[error("the disk is full")]
    Full,
    /// The file, or the disk that it is on, may not be written.
    #[error("the database is read-only")]
    ReadOnly,
    /// The file, or one beside it, cannot be opened: it is not there, is another account's, or too many are open.
    #[error("the database cannot be opened")]
    CannotOpen,
    /// The disk does not read or write what it is asked to.
    #[error("the disk does not read or write")]
    Io,
    /// A page of the file, or a value in a row, is not one that was ever written.
    #[error("the database is damaged")]
    Damaged,
    /// A row with that key is there already.
    #[error("the row conflicts with another")]
    Conflict,
    /// There is no such row, or the caller may not know of it; or a row that this one names is not there.
    #[error("not found")]
    NotFound,
    /// What the caller decided on has changed meanwhile: read again, decide again.
    #[error("changed meanwhile")]
    Stale,
    /// The tables are not those that this program works with.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// Anything else: a wrong address, a mistake of ours.
    #[error("the database failed")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why this program does not work with the tables that it found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A later release has changed them already.
    #[error(
        "a newer release made it: this one does not know the change {0} of its tables. Go on with the release that made it, or put back a backup from before"
    )]
    Newer(String),
    /// A change that this release knows has not been made yet.
    #[error("its tables are of an earlier release: run `kapea migrate` first")]
    Older,
    /// Tables, indexes or triggers are others than those that the changes make.
    #[error(
        "its tables are not those of this release: {0} was changed, or is of another program. Nothing was done; put back a backup, or go on with the program that made it"
    )]
    Unfit(String),
}

/// The result of a storage function.
pub type StoreResult<T> = Result<T, StoreError>;

impl StoreError {
    /// An error without a source of its own.
    pub(super) fn other(reason: &'static str) -> Self {
        Self::Other(reason.into())
    }

    /// The same once more, for the next who asks.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::Busy => Self::Busy,
            Self::Full => Self::Full,
            Self::ReadOnly => Self::ReadOnly,
            Self::CannotOpen => Self::CannotOpen,
            Self::Io => Self::Io,
            Self::Damaged => Self::Damaged,
            Self::Conflict | Self::NotFound | Self::Stale | Self::Schema(_) | Self::Other(_) => {
                Self::other("the database could not be opened")
            }
        }
    }

    /// Whether it lies with the database as a whole: whatever else was written would fail as well.
    pub const fn is_of_all(&self) -> bool {
        matches!(
            self,
            Self::Busy | Self::Full | Self::ReadOnly | Self::CannotOpen | Self::Schema(_)
        )
    }

    /// Whether it lies with what was asked for alone: something beside it may well be read. Not in a writing transaction that has met a page
    /// that cannot be read: it is lost, and whatever would go on in it fails. Look in a reading one, and then write what each thing needs in one
    /// of its own.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged | Self::Io) && !noted::is_lost()
    }
}

/// What stands beside something and is damaged keeps nobody from it: it is as if it were not there. That it is, is noted.
///
/// # Errors
/// Any other.
pub fn unless_damaged<T: Default>(found: StoreResult<T>) -> StoreResult<T> {
    match found {
        Err(error) if error.is_damage() => Ok(T::default()),
        other => other,
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(kind, info) => {
                classify(&kind, info.message()).unwrap_or_else(|| Self::Other(describe(&kind)))
            }
            // A failed commit inside a rollback: the first error is the one that tells.
            DieselError::RollbackErrorOnCommit { commit_error, .. } => Self::from(*commit_error),
            // Its words could quote what stands there.
            DieselError::DeserializationError(_) => {
                noted::suspect();
                Self::Damaged
            }
            other => Self::Other(Box::new(other)),
        }
    }
}

impl From<diesel::ConnectionError> for StoreError {
    fn from(error: diesel::ConnectionError) -> Self {
        match error {
            diesel::ConnectionError::CouldntSetupConfiguration(inner) => Self::from(inner),
            other => {
                classify_message(&other.to_string()).unwrap_or_else(|| Self::Other(Box::new(other)))
            }
        }
    }
}

/// diesel calls these "unknown": what tells SQLite's result codes apart is its own words for them (`sqlite3_errstr`), which stay as they are.
fn classify(kind: &DatabaseErrorKind, message: &str) -> Option<StoreError> {
    match kind {
        DatabaseErrorKind::UniqueViolation => Some(StoreError::Conflict),
        DatabaseErrorKind::ForeignKeyViolation => Some(StoreError::NotFound),
        DatabaseErrorKind::SerializationFailure => Some(StoreError::Busy),
        _ => classify_message(message),
    }
}

type Class = fn() -> StoreError;

fn classify_message(message: &str) -> Option<StoreError> {
    const WORDS: [(&str, Class); 11] = [
        ("database is locked", || StoreError::Busy),
        ("database table is locked", || StoreError::Busy),
        ("database schema is locked", || StoreError::Busy),
        ("locking protocol", || StoreError::Busy),
        ("database or disk is full", || StoreError::Full),
        ("attempt to write a readonly database", || {
            noted::refused(DiskFault::ReadOnly);
            StoreError::ReadOnly
        }),
        ("unable to open database file", || {
            noted::refused(DiskFault::CannotOpen);
            StoreError::CannotOpen
        }),
        ("disk I/O error", failing),
        ("database disk image is malformed", damaged),
        ("malformed database schema", damaged),
        ("file is not a database", damaged),
    ];
    let mut words = WORDS.iter();
    words
        .find(|(words, _)| message.contains(words))
        .map(|(_, class)| class())
}

/// Which table it is in, a check of the whole file tells.
fn damaged() -> StoreError {
    noted::suspect();
    noted::lose();
    StoreError::Damaged
}

/// Whether it passes, the same check tells.
fn failing() -> StoreError {
    noted::refused(DiskFault::Io);
    noted::lose();
    StoreError::Io
}

/// The kind alone: a message could quote what was to be stored.
fn describe(kind: &DatabaseErrorKind) -> Box<dyn std::error::Error + Send + Sync> {
    format!("{kind:?}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_message(message: &str) -> StoreError {
        StoreError::from(DieselError::DatabaseError(
            DatabaseErrorKind::Unknown,
            Box::new(message.to_owned()),
        ))
    }

    #[test]
    fn messages_of_sqlite_are_told_apart() {
        for (message, class) in [
            ("database is locked", "the database is busy"),
            ("database table is locked: reports", "the database is busy"),
            ("database or disk is full", "the disk is full"),
            ("disk I/O error", "the disk does not read or write"),
            (
                "attempt to write a readonly database",
                "the database is read-only",
            ),
            (
                "unable to open database file",
                "the database cannot be opened",
            ),
            (
                "database disk image is malformed",
                "the database is damaged",
            ),
            (
                "malformed database schema (queue)",
                "the database is damaged",
            ),
            ("file is not a database", "the database is damaged"),
            ("no such table: x", "the database failed"),
        ] {
            assert_eq!(from_message(message).to_string(), class, "{message}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_noted() {
        drop(noted::take());
        from_message("disk I/O error");
        let noted = noted::take();
        assert!(noted.fault == Some(DiskFault::Io) && !noted.is_suspect);
        from_message("database disk image is malformed");
        assert!(noted::take().is_suspect);
    }

    #[test]
    fn the_message_of_an_unknown_error_is_not_repeated() {
        let StoreError::Other(source) = from_message("near \"my secret\": syntax error") else {
            panic!("classified");
        };
        assert!(!source.to_string().contains("secret"));
    }
}
