//! What can go wrong in storage, in the five or six ways a caller can do something about.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// An error of storage.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Locked, or no connection came free in time. Trying again later may work.
    #[error("the database is busy")]
    Busy,
    /// No space left, or the file may not be written.
    #[error("the database cannot be written")]
    Full,
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
    /// Anything else: damage, a wrong address, a mistake of ours.
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

/// SQLite reports a lock, a full disk and a read-only file as "unknown", told apart by the message alone.
fn classify(kind: &DatabaseErrorKind, message: &str) -> Option<StoreError> {
    match kind {
        DatabaseErrorKind::UniqueViolation => Some(StoreError::Conflict),
        DatabaseErrorKind::ForeignKeyViolation => Some(StoreError::NotFound),
        DatabaseErrorKind::SerializationFailure => Some(StoreError::Busy),
        _ => classify_message(message),
    }
}

fn classify_message(message: &str) -> Option<StoreError> {
    const BUSY: &[&str] = &[
        "database is locked",
        "database table is locked",
        "database schema is locked",
        "locking protocol",
    ];
    const FULL: &[&str] = &[
        "database or disk is full",
        "disk I/O error",
        "attempt to write a readonly database",
        "unable to open database file",
    ];
    let is_one_of = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    if is_one_of(BUSY) {
        Some(StoreError::Busy)
    } else if is_one_of(FULL) {
        Some(StoreError::Full)
    } else {
        None
    }
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
        for message in ["database is locked", "database table is locked: reports"] {
            assert!(
                matches!(from_message(message), StoreError::Busy),
                "{message}"
            );
        }
        for message in ["database or disk is full", "disk I/O error"] {
            assert!(
                matches!(from_message(message), StoreError::Full),
                "{message}"
            );
        }
        assert!(matches!(
            from_message("no such table: x"),
            StoreError::Other(_)
        ));
    }

    #[test]
    fn the_message_of_an_unknown_error_is_not_repeated() {
        let StoreError::Other(source) = from_message("near \"my secret\": syntax error") else {
            panic!("classified");
        };
        assert!(!source.to_string().contains("secret"));
    }
}
