//! The last day's samples of this process, and what it has turned away since its start.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::sample::{SAMPLES_A_DAY, Sample, Shed, Tally};

/// See the module. Clones share it.
#[derive(Debug, Clone)]
pub struct Samples {
    /// What is kept on the disk whose room is looked at.
    pub(super) folder: Arc<PathBuf>,
    /// Large forms and answers that did not fit.
    pub memory: Tally,
    /// Reports that could not be sealed or written.
    pub storage: Tally,
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    /// The oldest first; `None` before the start has looked for those of an earlier process.
    day: Option<Vec<Sample>>,
    shed: BTreeMap<Shed, u64>,
}

impl Samples {
    /// Of a service that keeps its data there.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder: Arc::new(folder),
            memory: Tally::default(),
            storage: Tally::default(),
            held: Arc::default(),
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest one, and how many were turned away from the start up to it, by where.
    pub fn newest(&self) -> Option<(Sample, BTreeMap<Shed, u64>)> {
        let held = self.held();
        let newest = held.day.as_ref()?.last()?.clone();
        Some((newest, held.shed.clone()))
    }

    /// The start of the quarter hour of the newest one. The outer `None` before anybody has looked for those of an earlier process.
    pub(super) fn newest_at(&self) -> Option<Option<i64>> {
        let held = self.held();
        let day = held.day.as_ref()?;
        Some(day.last().map(|newest| newest.at))
    }

    /// Goes on with what an earlier process has seen.
    pub(super) fn go_on(&self, day: Vec<Sample>) {
        self.held().day = Some(day);
    }

    /// One more, in the place of the oldest. Gives all of them.
    pub(super) fn put(&self, sample: Sample) -> Vec<Sample> {
        let mut held = self.held();
        for (what, count) in &sample.shed {
            let all = held.shed.entry(*what).or_default();
            *all = all.saturating_add(u64::from(*count));
        }
        let day = held.day.get_or_insert_default();
        day.push(sample);
        let over = day.len().saturating_sub(SAMPLES_A_DAY);
        day.drain(..over);
        day.clone()
    }
}
