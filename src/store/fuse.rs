//! Cuts the store off between two commits, for tests of what is left behind.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::{StoreError, StoreResult};

/// See [`super::Store::fail_after_commits`].
#[derive(Default)]
pub(super) struct Fuse(Mutex<Option<u32>>);

impl Fuse {
    fn left(&self) -> MutexGuard<'_, Option<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, commits: Option<u32>) {
        *self.left() = commits;
    }

    pub(super) fn check(&self) -> StoreResult<()> {
        match *self.left() {
            Some(0) => Err(StoreError::other("the store was cut off")),
            _ => Ok(()),
        }
    }

    pub(super) fn committed(&self) {
        if let Some(left) = self.left().as_mut() {
            *left = left.saturating_sub(1);
        }
    }
}
