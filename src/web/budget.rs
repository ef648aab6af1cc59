//! One budget of memory for what strangers make the server hold: the bodies of requests and the answers to them, weighed in bytes.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::sample::Tally;

/// Bytes of one body or one answer that are not weighed. Every usual one is smaller, so that big ones cannot keep it out; how many there can
/// be is bounded by the number of connections.
const FREE: usize = 64 << 10;
/// Bytes of one permit.
const UNIT: usize = 1 << 10;

/// What all bodies and answers may take together.
#[derive(Debug, Clone)]
pub struct Budget {
    room: Arc<Semaphore>,
    refused: Tally,
}

/// What one of them takes. Reloadable back when dropped.
#[derive(Debug)]
pub struct Weight {
    budget: Budget,
    held: Option<OwnedSemaphorePermit>,
    units: usize,
}

/// It does not fit now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Budget {
    /// A budget of so many bytes, which counts what did not fit.
    pub fn new(bytes: usize, refused: Tally) -> Self {
        let room = Semaphore::new((bytes / UNIT).min(Semaphore::MAX_PERMITS));
        Self {
            room: Arc::new(room),
            refused,
        }
    }

    /// Something that weighs nothing yet.
    pub fn weight(&self) -> Weight {
        Weight {
            budget: self.clone(),
            held: None,
            units: 0,
        }
    }
}

impl Weight {
    /// Nothing, of the same budget.
    pub fn without(&self) -> Self {
        self.budget.weight()
    }

    /// It now takes so many bytes. What it took before is never given back before its end.
    ///
    /// # Errors
    /// [`Full`], at once: nobody waits with memory in their hands.
    pub fn grow_to(&mut self, bytes: usize) -> Result<(), Full> {
        let units = bytes.saturating_sub(FREE).div_ceil(UNIT);
        let more = units.saturating_sub(self.units);
        if more == 0 {
            return Ok(());
        }
        let room = || Arc::clone(&self.budget.room);
        let permit = u32::try_from(more)
            .ok()
            .and_then(|count| room().try_acquire_many_owned(count).ok());
        let Some(permit) = permit else {
            self.budget.refused.count();
            return Err(Full);
        };
        match &mut self.held {
            Some(held) => held.merge(permit),
            None => self.held = Some(permit),
        }
        self.units = units;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_ones_always_fit_and_large_ones_while_there_is_room() {
        let budget = Budget::new(100 << 10, Tally::default());
        let mut large = budget.weight();
        assert_eq!(large.grow_to(FREE + (60 << 10)), Ok(()));
        assert_eq!(large.grow_to(FREE + (100 << 10)), Ok(()));
        let mut other = budget.weight();
        assert_eq!(other.grow_to(FREE), Ok(()));
        assert_eq!(other.grow_to(FREE + 1), Err(Full));
        drop(large);
        assert_eq!(other.grow_to(FREE + (100 << 10)), Ok(()));
    }
}
