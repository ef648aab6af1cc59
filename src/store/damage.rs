//! What is known to be damaged in the database, while this process runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::StoreError;
use super::noted::{Noted, Unreadable};
use crate::domain::clock::{Day, Timestamp};
use crate::domain::disk::DiskFault;

/// In no table: the file's own lists, or the file as a whole.
pub(super) const FILE: &str = "database";
/// No more rows than this are remembered by their ids: a table that is lost has very many.
const MOST_ROWS: usize = 1_000;
/// Seconds after a check because of what was met, and after one that came to no end: whoever meets the same page again and again has the
/// file read no more often.
const REST: i64 = 3_600;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Damage(Mutex<Found>);

/// Why the file is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// It is the day's check.
    Due,
    /// Something was met that cannot be read: wherever it is, it is somewhere.
    Suspect,
    /// The disk did not read or write: it may have passed.
    Failing,
}

#[derive(Debug, Default)]
struct Found {
    rows: BTreeSet<Unreadable>,
    /// What the last check of the file has found, and how it is damaged.
    tables: BTreeMap<String, String>,
    /// Whether a page was met since that cannot be read.
    is_suspect: bool,
    /// Whether the disk did not read or write since.
    is_failing: bool,
    /// What the disk has refused, until somebody was told of it and something was written.
    refused: Option<DiskFault>,
    is_told: bool,
    /// Whether a check is under way.
    is_checking: bool,
    checked: Option<Day>,
    /// When the last check began that was not the day's.
    suspected: Option<Timestamp>,
    /// When the last one began that came to no end.
    failed: Option<Timestamp>,
}

impl Damage {
    fn found(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was met while the database was used.
    pub(super) fn keep(&self, noted: Noted) {
        if noted.rows.is_empty()
            && noted.listed.is_empty()
            && !noted.is_suspect
            && noted.fault.is_none()
        {
            return;
        }
        let mut found = self.found();
        found.is_failing |= noted.fault == Some(DiskFault::Io);
        if noted.fault.is_some() && noted.fault != found.refused {
            (found.refused, found.is_told) = (noted.fault, false);
        }
        found.is_suspect |= noted.is_suspect;
        let is_over = |row: &Unreadable| noted.listed.contains(row.table);
        found
            .rows
            .retain(|row| !is_over(row) || noted.rows.contains(row));
        for row in noted.rows {
            if found.rows.len() < MOST_ROWS {
                found.rows.insert(row);
            }
        }
    }

    /// The tables in which something is, and what of each: the first row, or what the check of the file has found.
    pub(super) fn tables(&self) -> BTreeMap<String, String> {
        let found = self.found();
        let mut tables = found.tables.clone();
        for row in found.rows.iter().rev() {
            tables.insert(row.table.to_owned(), format!("a row: {}", row.name()));
        }
        tables
    }

    /// What the disk refuses, and whether somebody was told of it.
    pub(super) fn refused(&self) -> Option<(DiskFault, bool)> {
        let found = self.found();
        found.refused.map(|fault| (fault, found.is_told))
    }

    /// Somebody was told of it.
    pub(super) fn tell_refused(&self) {
        self.found().is_told = true;
    }

    /// Something was written: it has passed.
    pub(super) fn written(&self) {
        let mut found = self.found();
        found.refused = found.refused.filter(|_| !found.is_told);
    }

    /// The rows of a table that could not be read.
    pub(super) fn rows(&self, table: &str) -> Vec<Unreadable> {
        let found = self.found();
        let rows = found.rows.iter().filter(|row| row.table == table);
        rows.cloned().collect()
    }

    /// Whether the file is to be checked now: once a day, and when something was met, but never twice at a time and not again and again. The
    /// next one to ask is told no, until the check has ended.
    pub(super) fn take_check(&self, now: Timestamp) -> Option<Reason> {
        let mut found = self.found();
        let rests = |since: Option<Timestamp>| {
            since.is_some_and(|since| (now.seconds() - since.seconds()).abs() < REST)
        };
        if found.is_checking || rests(found.failed) {
            return None;
        }
        // It may have passed: SQLite says of a disk that does not read for a while that the page is damaged.
        let is_known = !found.tables.is_empty() || found.rows.iter().any(Unreadable::is_rest);
        let met = match (found.is_suspect, found.is_failing) {
            _ if rests(found.suspected) => None,
            (true, _) => Some(Reason::Suspect),
            (false, true) => Some(Reason::Failing),
            (false, false) => is_known.then_some(Reason::Failing),
        };
        let is_due = found.checked != Some(now.day());
        let reason = met.or(is_due.then_some(Reason::Due))?;
        found.is_checking = true;
        found.checked = Some(now.day());
        if is_due {
            // Those that still cannot be read are met again.
            found.rows.clear();
        }
        if met.is_some() {
            (found.is_suspect, found.is_failing) = (false, false);
            found.suspected = Some(now);
            found.rows.retain(|row| !row.is_rest());
        }
        Some(reason)
    }

    /// The file could not be checked: somebody tries again.
    pub(super) fn not_checked(&self, reason: Reason, began: Timestamp) {
        let mut found = self.found();
        found.is_checking = false;
        found.checked = None;
        found.failed = Some(began);
        found.is_suspect |= reason == Reason::Suspect;
        found.is_failing |= reason == Reason::Failing;
    }

    /// The file was checked: this is what was found.
    pub(super) fn checked(&self, reason: Reason, mut tables: BTreeMap<String, String>) {
        let mut found = self.found();
        found.is_checking = false;
        found.failed = None;
        if reason == Reason::Suspect && tables.is_empty() && found.rows.is_empty() {
            tables.insert(FILE.to_owned(), StoreError::Damaged.to_string());
        }
        found.tables = tables;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_428_000);

    fn met(damage: &Damage) {
        damage.keep(Noted {
            is_suspect: true,
            ..Noted::default()
        });
    }

    #[test]
    fn one_check_at_a_time_and_one_an_hour_however_often_a_page_is_met() {
        let damage = Damage::default();
        assert_eq!(damage.take_check(NOW), Some(Reason::Due));
        met(&damage);
        assert_eq!(damage.take_check(NOW.plus(5)), None, "one is under way");
        damage.checked(Reason::Due, BTreeMap::new());
        assert_eq!(damage.take_check(NOW.plus(10)), Some(Reason::Suspect));
        damage.checked(Reason::Suspect, BTreeMap::new());
        for second in 11..3_600 {
            met(&damage);
            assert_eq!(damage.take_check(NOW.plus(second)), None, "{second}");
        }
        assert_eq!(damage.take_check(NOW.plus(3_610)), Some(Reason::Suspect));
    }

    #[test]
    fn a_check_that_came_to_no_end_is_not_begun_again_at_each_look() {
        let damage = Damage::default();
        let reason = damage.take_check(NOW).unwrap();
        damage.not_checked(reason, NOW);
        met(&damage);
        for second in 1..3_600 {
            assert_eq!(damage.take_check(NOW.plus(second)), None, "{second}");
        }
        assert_eq!(damage.take_check(NOW.plus(3_600)), Some(Reason::Suspect));
    }

    #[test]
    fn what_is_damaged_is_looked_at_again_every_hour_until_it_is_not() {
        let damage = Damage::default();
        damage.take_check(NOW).unwrap();
        let why = BTreeMap::from([("reports".to_owned(), "a page".to_owned())]);
        damage.checked(Reason::Due, why);
        damage.keep(Noted {
            rows: BTreeSet::from([Unreadable::new("claims", None)]),
            ..Noted::default()
        });
        assert_eq!(damage.tables().len(), 2);
        assert_eq!(damage.take_check(NOW.plus(5)), Some(Reason::Failing));
        damage.checked(Reason::Failing, BTreeMap::new());
        assert_eq!(damage.tables(), BTreeMap::new());
        assert_eq!(damage.take_check(NOW.plus(3_610)), None);
    }

    #[test]
    fn what_the_disk_refused_is_known_until_somebody_was_told_and_something_was_written() {
        let damage = Damage::default();
        let refuses = |fault| {
            damage.keep(Noted {
                fault: Some(fault),
                ..Noted::default()
            });
        };
        refuses(DiskFault::Io);
        damage.written();
        assert_eq!(damage.refused(), Some((DiskFault::Io, false)));
        damage.tell_refused();
        refuses(DiskFault::Io);
        assert_eq!(damage.refused(), Some((DiskFault::Io, true)));
        refuses(DiskFault::ReadOnly);
        assert_eq!(damage.refused(), Some((DiskFault::ReadOnly, false)));
        damage.tell_refused();
        damage.written();
        assert_eq!(damage.refused(), None);
    }

    #[test]
    fn an_error_of_the_disk_that_passes_is_looked_into_and_is_no_damage() {
        let damage = Damage::default();
        damage.take_check(NOW).unwrap();
        damage.checked(Reason::Due, BTreeMap::new());
        damage.keep(Noted {
            fault: Some(DiskFault::Io),
            ..Noted::default()
        });
        assert_eq!(damage.take_check(NOW.plus(5)), Some(Reason::Failing));
        damage.checked(Reason::Failing, BTreeMap::new());
        assert_eq!(damage.tables(), BTreeMap::new());
    }
}
