//! Changing a team's key while the service runs: ordered by people who cannot read, done by members as they come by.
//!
//! `service::admin` and the worker use [`order`] alone, which knows no key.

pub(super) mod begin;
mod bodies;
mod engine;
pub mod order;
mod recovery;
mod view;

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::accounts::Caller;
use super::admission;
use super::context::Context;
use super::rekey;
use crate::domain::ids::TeamId;
use crate::domain::rotation::RotationReason;
use crate::domain::staff::Role;
use crate::store::{self, StoreError};

pub(super) use engine::Keyring;
pub use engine::{Hand, Step};
pub use view::TeamKey;

/// Grants in one slice behind a request: some 30 ms of one processor.
const SLICE: usize = 64;
/// Grants in one transaction where a whole change is run.
pub const BATCH: usize = 512;
/// Threads of a whole change.
const THREADS: usize = 2;

pub use super::error::Error as RotationError;

/// See the module.
#[derive(Clone)]
pub struct Rotation {
    context: Context,
    /// One change at a time in this process.
    turn: Arc<Semaphore>,
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
    /// [`RotationError`].
    pub async fn order(&self, caller: &Caller, team: TeamId) -> Result<bool, RotationError> {
        if caller.role != Role::Administrator {
            return Err(RotationError::NotFound);
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
    /// [`RotationError`].
    pub async fn keys(&self, caller: &Caller) -> Result<Vec<TeamKey>, RotationError> {
        let only = match caller.role {
            Role::Administrator => None,
            Role::Caseworker | Role::Auditor => Some(caller.staff),
            Role::Custodian => return Err(RotationError::NotFound),
        };
        Ok(self
            .context
            .store
            .run(move |conn| view::keys(conn, only))
            .await?)
    }

    /// Does a slice of whatever waits for the caller's keys, behind their own request and only if nobody else is at it.
    pub fn nudge(&self, caller: &Caller) {
        let Some(hand) = hand(caller) else { return };
        let Ok(turn) = Arc::clone(&self.turn).try_acquire_owned() else {
            return;
        };
        let this = self.clone();
        tokio::spawn(async move {
            if let Err(error) = this.slice(&hand).await {
                tracing::warn!(%error, "a key could not be changed; it is tried again");
            }
            drop(turn);
        });
    }

    /// Carries on to the end whatever waits for the caller's keys. Returns at once; the pages show how far it is.
    pub fn carry_on(&self, caller: &Caller) {
        let Some(hand) = hand(caller) else { return };
        let this = self.clone();
        tokio::spawn(async move {
            let Ok(turn) = Arc::clone(&this.turn).acquire_owned().await else {
                return;
            };
            if let Err(error) = this.rekey_all(&hand).await {
                tracing::warn!(%error, "a report could not get a new key; it is tried again");
            }
            if let Err(error) = this.run(&hand, BATCH).await {
                tracing::warn!(%error, "a key could not be changed; it is tried again");
            }
            drop(turn);
        });
    }

    /// Carries on to the end whatever waits for a member's keys, `batch` grants in a transaction. Says how many went over.
    ///
    /// # Errors
    /// [`RotationError`]; what is done is done, and the rest is found again.
    pub async fn run(&self, hand: &Arc<Hand>, batch: usize) -> Result<usize, RotationError> {
        let mut moved = 0;
        for team in self.teams(hand).await? {
            self.retry(hand, team).await?;
            loop {
                match engine::step(&self.context, hand, team, batch, THREADS).await? {
                    Step::Idle => break,
                    Step::Moved { grants, .. } => moved += grants,
                    Step::Begun | Step::Finished | Step::Recovery => {}
                }
            }
        }
        Ok(moved)
    }

    /// Gives every restricted report that waits for it, and that the member can read, a new key. Says how many.
    ///
    /// # Errors
    /// [`RotationError`]; what is done is done, and the rest is found again.
    pub async fn rekey_all(&self, hand: &Arc<Hand>) -> Result<usize, RotationError> {
        let mut done = 0;
        while rekey::step(&self.context, hand).await? {
            done += 1;
        }
        Ok(done)
    }

    /// Whoever waits at a team's door long enough, one report that waits for a new key, one step for each of the member's teams.
    ///
    /// # Errors
    /// [`RotationError`].
    pub async fn slice(&self, hand: &Arc<Hand>) -> Result<(), RotationError> {
        if let Err(error) = admission::finish_due(&self.context, hand).await {
            tracing::warn!(%error, "a newcomer could not be let in; it is tried again");
        }
        if let Err(error) = rekey::step(&self.context, hand).await {
            tracing::warn!(%error, "a report could not get a new key; it is tried again");
        }
        let (pins, day) = (self.context.pins(), self.context.clock.today());
        let any = self
            .context
            .store
            .run(move |conn| {
                Ok::<_, StoreError>(
                    store::rotation_any_open(conn)? || recovery::any_due(conn, &pins, day)?,
                )
            })
            .await?;
        if !any {
            return Ok(());
        }
        for team in self.teams(hand).await? {
            engine::step(&self.context, hand, team, SLICE, 1).await?;
        }
        Ok(())
    }

    async fn teams(&self, hand: &Arc<Hand>) -> Result<Vec<TeamId>, RotationError> {
        let hand = Arc::clone(hand);
        Ok(self.context.store.run(move |conn| hand.teams(conn)).await?)
    }

    async fn retry(&self, hand: &Arc<Hand>, team: TeamId) -> Result<usize, RotationError> {
        let hand = Arc::clone(hand);
        self.context
            .write(move |txn| engine::retry_in_txn(txn, &hand, team))
            .await
    }
}

/// The caller as somebody who can change keys.
pub fn hand(caller: &Caller) -> Option<Arc<Hand>> {
    if !matches!(caller.role, Role::Caseworker | Role::Auditor) {
        return None;
    }
    let hand = Hand::new(caller.staff, caller.key?, &caller.secret.seed);
    Some(Arc::new(hand))
}
