//! Changing a team's key while the service runs: ordered by people who cannot read, done by members as they come by.
//!
//! `service::admin` and the worker use [`order`] alone, which knows no key.

mod begin;
mod bodies;
pub(super) mod engine;
pub(super) mod epochs;
pub mod order;
pub(super) mod outcome;
pub(super) mod recovery;
#[cfg(test)]
mod tests;
mod view;

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::accounts::Caller;
use super::context::Context;
use crate::domain::ids::TeamId;
use crate::domain::rotation::RotationReason;
use crate::domain::staff::Role;
use crate::service::error::Error;
use crate::store;

pub use outcome::Step;
pub use view::TeamKey;

/// See the module.
#[derive(Clone)]
pub struct Rotation {
    pub(super) context: Context,
    /// One change at a time in this process.
    pub(super) turn: Arc<Semaphore>,
}

impl Rotation {
    pub(super) fn new(context: Context) -> Self {
        Self {
            context,
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// Orders that a team's key be changed. `false` if that is ordered already.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn order(&self, caller: &Caller, team: TeamId) -> Result<bool, Error> {
        if caller.role != Role::Administrator {
            return Err(Error::NotFound);
        }
        let actor = Some(caller.staff);
        self.context
            .write(move |txn| {
                store::team_find(txn, team)?;
                let reason = RotationReason::Order;
                Ok(order::order_in_txn(txn, team, reason, actor)?)
            })
            .await
    }

    /// Every team's key, for administrators; those of the caller's teams for members.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn keys(&self, caller: &Caller) -> Result<Vec<TeamKey>, Error> {
        let only = match caller.role {
            Role::Administrator => None,
            Role::Caseworker | Role::Auditor => Some(caller.staff),
            Role::Custodian => return Err(Error::NotFound),
        };
        let authority = self.context.authority.clone();
        Ok(self
            .context
            .read(move |conn| view::keys(conn, &authority, only))
            .await?)
    }
}
