//! What changes under a running service.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::seal::chain::CustodianPins;
use crate::seal::credentials::Credentials;

/// What an operator may change under a running service: the server's own secrets, and who the custodians are.
#[derive(Clone)]
pub struct Reloadable {
    /// Server credentials. None of them opens a report.
    pub credentials: Arc<Credentials>,
    /// The custodians' verify keys, from the configuration file, with the days until which earlier ones count.
    pub pins: CustodianPins,
}

/// The newest [`Reloadable`]. Clones share one memory; a use case reads it once and goes on with what it read.
#[derive(Clone)]
pub struct Changing {
    given: Arc<RwLock<Reloadable>>,
    count: Arc<AtomicU64>,
    refused: Arc<RwLock<Option<String>>>,
}

impl Changing {
    /// What the service starts with.
    pub fn new(given: Reloadable) -> Self {
        Self {
            given: Arc::new(RwLock::new(given)),
            count: Arc::default(),
            refused: Arc::default(),
        }
    }

    /// What holds now.
    pub fn now(&self) -> Reloadable {
        self.given
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// From here on this holds.
    pub fn replace(&self, given: Reloadable) {
        *self.given.write().unwrap_or_else(PoisonError::into_inner) = given;
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Why what was changed last was not taken up; `None` if it was.
    pub fn refused(&self) -> Option<String> {
        let refused = self.refused.read();
        refused.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was changed last was taken up, or it was not, and why.
    pub fn note(&self, refused: Option<String>) {
        let now = self.refused.write();
        *now.unwrap_or_else(PoisonError::into_inner) = refused;
    }

    /// How often it was replaced.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}
