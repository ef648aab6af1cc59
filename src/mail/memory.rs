//! Notices kept in memory, for tests: what was sent can be read, and the "server" can be taken down.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{FailureReason, Message, SendError};

/// A mailbox in memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    sent: Vec<Message>,
    failure: Option<SendError>,
    attempts: usize,
}

#[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
impl Memory {
    /// An empty one that takes everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses everything with this error from now on, or takes everything again with `None`.
    pub fn fail_with(&self, failure: Option<SendError>) {
        self.state().failure = failure;
    }

    /// What has been taken so far.
    pub fn sent(&self) -> Vec<Message> {
        self.state().sent.clone()
    }

    /// How often something was tried, refused or not.
    pub fn attempts(&self) -> usize {
        self.state().attempts
    }

    /// Forgets what has been taken and returns it.
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.state().sent)
    }

    pub(super) fn send(&self, message: &Message) -> Result<(), SendError> {
        let mut state = self.state();
        state.attempts += 1;
        match state.failure {
            Some(failure) => Err(failure),
            None => {
                state.sent.push(message.clone());
                Ok(())
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
impl SendError {
    /// A failure to give to [`Memory::fail_with`].
    pub const fn unreachable() -> Self {
        Self::Temporary(FailureReason::Connection)
    }
}
