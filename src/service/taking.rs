//! Whether reports were taken when it was last tried: by a reporter, or by a dry run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::store::StoreError;

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

    /// A dry run could not be done.
    pub(super) fn refused_dry(&self, why: &StoreError) {
        match why {
            StoreError::Io | StoreError::Damaged => self.close(),
            _ => self.refused(why),
        }
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
    fn one_report_under_a_damaged_page_closes_nothing_and_a_dry_run_does() {
        for why in [StoreError::Damaged, StoreError::Io] {
            let taking = Taking::default();
            taking.refused(&why);
            assert!(!taking.is_refused());
            taking.refused_dry(&why);
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
        }
    }
}
