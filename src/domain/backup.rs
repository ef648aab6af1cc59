//! What a backup says of itself, and whether there is one that is young enough.

use serde::{Deserialize, Serialize};

use super::clock::Day;

/// Days after which a backup is too old: one a night, and one night may fail.
const OLDEST: i64 = 2;

/// When a backup was made last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LastBackup {
    /// The UTC day of the last that was read again whole.
    pub verified: Option<Day>,
    /// The UTC day of one that failed since.
    pub failed: Option<Day>,
}

impl LastBackup {
    /// Whether there was none for more than two days. One of a day that has not come says nothing.
    pub fn is_late(self, today: Day) -> bool {
        let is_young = |day: Day| day.plus(OLDEST) >= today && day <= today.plus(1);
        !self.verified.is_some_and(is_young)
    }
}

/// How much is in a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupCounts {
    /// Accounts.
    pub staff: i64,
    /// Reports.
    pub reports: i64,
    /// Entries of the audit log.
    pub entries: i64,
}
