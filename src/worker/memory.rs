//! What one process of the worker remembers.

use std::collections::BTreeSet;

use super::backoff::Backoff;
use super::bell::Bell;
use crate::domain::alarm::Fault;
use crate::domain::clock::Day;
use crate::domain::ids::ReportId;

/// What is not worth a row, or too exact for one.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) backoff: Backoff,
    pub(super) bell: Bell,
    pub(super) heartbeat: Option<Day>,
    pub(super) anchor: Option<Day>,
    pub(super) rotations: Option<Day>,
    pub(super) watched: WatchState,
    /// The hour in which people were last told, by letters alone, that nothing can be written, counted from 1970.
    pub(super) cried: Option<i64>,
    /// Up to here the round through all reports has come.
    pub(super) round: ReportId,
    /// So many of the earliest versions of the root were outdated when it began; `None` if it has left out a row.
    pub(super) outdated: Option<u32>,
    /// The day and the number of changes for which the server's keys have been tended to.
    pub(super) tended: Option<(Day, u64)>,
    /// The day on which the audit log was followed from its first entry.
    pub(super) followed: Option<Day>,
    /// The day on which the database's file was last written anew.
    pub(super) reordered: Option<Day>,
    /// The minute in which the write-ahead log was last emptied, counted from 1970.
    pub(super) scrubbed: Option<i64>,
    /// The minute in which the reserve was last looked at, counted from 1970.
    pub(super) reserved: Option<i64>,
    /// The hour of the log's last sign of life, counted from 1970.
    pub(super) hour: Option<i64>,
    /// How often the time had been confirmed and which hour it was when rows were last pulled back.
    pub(super) pulled: Option<(u64, i64)>,
    /// The five minutes of the last look at what is new in it, counted from 1970.
    pub(super) tick: Option<i64>,
}

/// What was wrong at the last look, and when that was.
#[derive(Debug, Default)]
pub(super) struct WatchState {
    pub(super) faults: BTreeSet<Fault>,
    pub(super) day: Option<Day>,
}

impl WatchState {
    /// What is to be told of now. What stays wrong sounds again once a day, also when somebody has looked into it.
    pub(super) fn news(&self, found: &BTreeSet<Fault>, today: Day) -> Vec<Fault> {
        if self.day != Some(today) {
            return found.iter().cloned().collect();
        }
        found.difference(&self.faults).cloned().collect()
    }
}
