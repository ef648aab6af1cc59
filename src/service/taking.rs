//! Whether reports were taken when it was last tried: by a reporter, or by a dry run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::store::StoreError;

/// So many dry runs in a row, each with other ids, meet a page that cannot be read before it is said to be in everybody's way: of a table that
/// has many, any one may meet the one that is damaged.
const DRY_RUNS: u32 = 3;

/// See the module. Clones share it.
#[derive(Clone, Default)]
pub struct Taking {
    is_refused: Arc<AtomicBool>,
    doubt: Arc<Notify>,
}

impl Taking {
    /// A report was kept, or could have been.
    pub(super) fn took(&self) {
        self.is_refused.store(false, Ordering::Relaxed);
    }

    /// One could not be kept. What passes by itself closes nothing: the next one is tried. Where a page cannot be read it may be this report
    /// alone: a dry run tells.
    pub(super) fn refused(&self, why: &StoreError) {
        match why {
            StoreError::Full | StoreError::ReadOnly | StoreError::CannotOpen => self.close(),
            StoreError::Io | StoreError::Damaged => self.doubt.notify_one(),
            StoreError::Busy
            | StoreError::Conflict
            | StoreError::NotFound
            | StoreError::Stale
            | StoreError::Schema(_)
            | StoreError::Other(_) => {}
        }
    }

    /// A dry run could not be done, nor could so many right before it. `true` if it may have met what is in its own way alone: another is to
    /// be tried.
    pub(super) fn refused_dry(&self, why: &StoreError, earlier: u32) -> bool {
        let is_last = earlier.saturating_add(1) >= DRY_RUNS;
        match why {
            StoreError::Io | StoreError::Damaged | StoreError::Stale if !is_last => return true,
            StoreError::Io | StoreError::Damaged => self.close(),
            _ => self.refused(why),
        }
        false
    }

    fn close(&self) {
        self.is_refused.store(true, Ordering::Relaxed);
    }

    /// Until it is to be tried.
    pub(super) async fn to_be_tried(&self) {
        self.doubt.notified().await;
    }

    /// Whether one would not be kept now. Somebody tries every minute.
    pub(super) fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_report_under_a_damaged_page_closes_nothing_and_three_dry_runs_do() {
        for why in [StoreError::Damaged, StoreError::Io] {
            let taking = Taking::default();
            taking.refused(&why);
            assert!(!taking.is_refused());
            for earlier in 0..2 {
                assert!(taking.refused_dry(&why, earlier), "another is tried");
                assert!(!taking.is_refused());
            }
            assert!(!taking.refused_dry(&why, 2));
            assert!(taking.is_refused());
            taking.took();
            assert!(!taking.is_refused());
        }
        for why in [
            StoreError::Full,
            StoreError::ReadOnly,
            StoreError::CannotOpen,
        ] {
            let taking = Taking::default();
            taking.refused(&why);
            assert!(taking.is_refused());
            let taking = Taking::default();
            assert!(!taking.refused_dry(&why, 0), "it is so for all");
            assert!(taking.is_refused());
        }
    }
}
