//! What is known to be damaged in the database, while this process runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::StoreError;
use super::noted::{Noted, Unreadable};
use crate::domain::clock::Day;

/// In no table: the file's own lists, or the file as a whole.
pub(super) const FILE: &str = "database";
/// No more rows than this are remembered by their ids: a table that is lost has very many.
const MOST_ROWS: usize = 1_000;

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
}

#[derive(Debug, Default)]
struct Found {
    rows: BTreeSet<Unreadable>,
    /// What the last check of the file has found, and how it is damaged.
    tables: BTreeMap<String, String>,
    /// Whether a page was met since that cannot be read.
    is_suspect: bool,
    checked: Option<Day>,
}

impl Damage {
    fn found(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was met while the database was used.
    pub(super) fn keep(&self, noted: Noted) {
        if noted.rows.is_empty() && noted.listed.is_empty() && !noted.is_suspect {
            return;
        }
        let mut found = self.found();
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

    /// The rows of a table that could not be read.
    pub(super) fn rows(&self, table: &str) -> Vec<Unreadable> {
        let found = self.found();
        let rows = found.rows.iter().filter(|row| row.table == table);
        rows.cloned().collect()
    }

    /// Whether the file is to be checked now: once a day, and when something was met. The next one to ask is told no.
    pub(super) fn take_check(&self, today: Day) -> Option<Reason> {
        let mut found = self.found();
        let is_suspect = std::mem::take(&mut found.is_suspect);
        let is_due = found.checked.replace(today) != Some(today);
        if is_due {
            // Those that still cannot be read are met again.
            found.rows.clear();
        }
        match (is_suspect, is_due) {
            (true, _) => Some(Reason::Suspect),
            (false, true) => Some(Reason::Due),
            (false, false) => None,
        }
    }

    /// The file could not be checked: somebody tries again.
    pub(super) fn not_checked(&self) {
        self.found().checked = None;
    }

    /// The file was checked: this is what was found.
    pub(super) fn checked(&self, reason: Reason, mut tables: BTreeMap<String, String>) {
        let mut found = self.found();
        if reason == Reason::Suspect && tables.is_empty() && found.rows.is_empty() {
            tables.insert(FILE.to_owned(), StoreError::Damaged.to_string());
        }
        found.tables = tables;
    }
}
