//! What can be wrong with the witness file.

use std::io::ErrorKind;

use crate::seal::witness::BadWitness;

/// Why the witness says nothing that could be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// There is no file.
    #[error("there is no witness file")]
    Missing,
    /// It cannot be read.
    #[error("the witness file cannot be read: {0}")]
    Unreadable(ErrorKind),
    /// It is damaged, or somebody without the credentials wrote it.
    #[error("the witness file is not to be relied on: {0}")]
    Bad(#[from] BadWitness),
    /// It belongs to another installation than the database.
    #[error("the witness file and the database belong to different installations")]
    OtherInstallation,
    /// It says less than it did: an older copy was put in its place.
    #[error("an older copy of the witness file was put in its place")]
    Older,
    /// It cannot be written.
    #[error("the witness file cannot be written: {0}")]
    Unwritable(ErrorKind),
}

impl WitnessError {
    /// Whether there is no room for it.
    pub const fn is_full(&self) -> bool {
        matches!(self, Self::Unwritable(ErrorKind::StorageFull))
    }
}
