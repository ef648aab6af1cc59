//! Whether reports were taken when it was last tried: by a reporter, or by a dry run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::store::StoreError;

/// See the module. Clones share it.
#[derive(Clone, Default)]
pub struct Taking {
    is_refused: Arc<AtomicBool>,
}

impl Taking {
    /// A report was kept, or could have been.
    pub(super) fn took(&self) {
        self.is_refused.store(false, Ordering::Relaxed);
    }

    /// One could not be kept. What passes by itself closes nothing: the next one is tried.
    pub(super) fn refused(&self, why: &StoreError) {
        let lasts = match why {
            StoreError::Full
            | StoreError::ReadOnly
            | StoreError::CannotOpen
            | StoreError::Io
            | StoreError::Damaged => true,
            StoreError::Busy
            | StoreError::Conflict
            | StoreError::NotFound
            | StoreError::Stale
            | StoreError::Schema(_)
            | StoreError::Other(_) => false,
        };
        if lasts {
            self.is_refused.store(true, Ordering::Relaxed);
        }
    }

    /// Whether one would not be kept now. Somebody tries every minute.
    pub(super) fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::Relaxed)
    }
}
