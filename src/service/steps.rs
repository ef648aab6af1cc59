//! What the worker does again and again, and since when a step of it fails. In memory alone: a new process tries anew.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::clock::Moment;

/// Seconds for which a step fails before anybody is told: a database may be busy for that long.
const PASSES: i64 = 300;

/// See the module. Clones share one memory.
#[derive(Debug, Clone, Default)]
pub struct Steps(Arc<Mutex<BTreeMap<&'static str, Moment>>>);

impl Steps {
    /// A step was done, or it failed.
    pub fn note(&self, step: &'static str, is_done: bool, now: Moment) {
        let mut failing = self.failing();
        if is_done {
            failing.remove(step);
        } else {
            failing.entry(step).or_insert(now);
        }
    }

    /// The steps that have failed again and again for five minutes; `None` if there is none.
    pub fn stuck(&self, now: Moment) -> Option<String> {
        let failing = self.failing();
        let stuck = failing
            .iter()
            .filter(|(_, since)| since.plus(PASSES) <= now);
        let stuck: Vec<&str> = stuck.map(|(step, _)| *step).collect();
        (!stuck.is_empty()).then(|| stuck.join(", "))
    }

    fn failing(&self) -> MutexGuard<'_, BTreeMap<&'static str, Moment>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
