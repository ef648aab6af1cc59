//! Notices kept in memory, for tests: what was sent can be read, and the "server" can be taken down.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Message;
use crate::domain::mail_fault::{MailAnswer, MailFailure, MailFault, MailStage};

/// A mailbox in memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    sent: Vec<Message>,
    failure: Option<MailFailure>,
    refused: BTreeMap<String, MailFailure>,
    hanging: BTreeSet<String>,
    attempts: usize,
}

#[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
impl Memory {
    /// An empty one that takes everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses everything with this error from now on, or takes everything again with `None`.
    pub fn fail_with(&self, failure: Option<MailFailure>) {
        self.state().failure = failure;
    }

    /// Refuses what is for this name, or takes it again with `None`.
    pub fn refuse(&self, name: &str, failure: Option<MailFailure>) {
        match failure {
            Some(failure) => self.state().refused.insert(name.to_owned(), failure),
            None => self.state().refused.remove(name),
        };
    }

    /// Never says anything of what is for this name.
    pub fn hang(&self, name: &str) {
        self.state().hanging.insert(name.to_owned());
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

    pub(super) async fn send(&self, message: &Message) -> Result<(), MailFailure> {
        let name = message.to().as_str().split('@').next().unwrap_or_default();
        let hangs = {
            let mut state = self.state();
            state.attempts += 1;
            state.hanging.contains(name)
        };
        if hangs {
            return std::future::pending().await;
        }
        let mut state = self.state();
        match state.failure.or_else(|| state.refused.get(name).copied()) {
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

impl MailFailure {
    /// A failure to give to [`Memory::fail_with`]: nobody is there.
    pub const fn unreachable() -> Self {
        Self::at(MailStage::Connect, MailFault::Unreachable)
    }

    /// Another one: the address is refused for good.
    pub const fn refused() -> Self {
        Self {
            fault: MailFault::Refused,
            stage: Some(MailStage::Recipient),
            answer: Some(MailAnswer {
                code: 550,
                enhanced: None,
            }),
        }
    }
}
