//! What waits for a member's keys, done as they come by: whoever is to be let in, then reports that wait for a new key, then the
//! teams' keys.

use std::sync::Arc;

use super::caller::Caller;
use super::keyring::MemberKeys;
use super::rotation::outcome::Step;
use super::rotation::{Rotation, engine, recovery};
use super::txn::Txn;
use super::{admission, rekey};
use crate::domain::ids::TeamId;
use crate::service::error::Error;
use crate::store::{self, StoreError};

/// Grants in one slice behind a request: some 30 ms of one processor.
const SLICE: usize = 64;
/// Grants in one transaction where a whole change is run.
pub const BATCH: usize = 512;
/// Threads of a whole change.
const THREADS: usize = 2;

impl Rotation {
    /// Does a slice of whatever waits for the caller's keys, behind their own request and only if nobody else is at it.
    pub fn schedule(&self, caller: &Caller) {
        let Some(hand) = MemberKeys::of(caller) else {
            return;
        };
        let Ok(turn) = Arc::clone(&self.turn).try_acquire_owned() else {
            return;
        };
        let this = self.clone();
        tokio::spawn(async move {
            if let Err(error) = this.slice(&hand).await {
                tracing::warn!(event = "put-off", %error, "a key could not be changed; it is tried again");
            }
            drop(turn);
        });
    }

    /// Carries on to the end whatever waits for the caller's keys. Returns at once; the pages show how far it is.
    pub fn carry_on(&self, caller: &Caller) {
        let Some(hand) = MemberKeys::of(caller) else {
            return;
        };
        let this = self.clone();
        tokio::spawn(async move {
            let Ok(turn) = Arc::clone(&this.turn).acquire_owned().await else {
                return;
            };
            if let Err(error) = this.rekey_all(&hand).await {
                tracing::warn!(event = "put-off", %error, "a report could not get a new key; it is tried again");
            }
            if let Err(error) = this.run(&hand, BATCH).await {
                tracing::warn!(event = "put-off", %error, "a key could not be changed; it is tried again");
            }
            drop(turn);
        });
    }

    /// Carries on to the end whatever waits for a member's keys, `batch` grants in a transaction. Says how many went over.
    ///
    /// # Errors
    /// [`Error`]; what is done is done, and the rest is found again.
    pub async fn run(&self, hand: &Arc<MemberKeys>, batch: usize) -> Result<usize, Error> {
        let mut moved = 0;
        for team in self.teams(hand).await? {
            let own = Arc::clone(hand);
            let retry = move |txn: &mut Txn<'_>| engine::retry_in_txn(txn, &own, team);
            self.context.write(retry).await?;
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
    /// [`Error`]; what is done is done, and the rest is found again.
    pub async fn rekey_all(&self, hand: &Arc<MemberKeys>) -> Result<usize, Error> {
        let mut done = 0;
        while rekey::step(&self.context, hand).await? {
            done += 1;
        }
        Ok(done)
    }

    /// Whoever waits at a team's door long enough, one report that waits for a new key, one step for each of the member's teams.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn slice(&self, hand: &Arc<MemberKeys>) -> Result<(), Error> {
        if let Err(error) = admission::finish_due(&self.context, hand).await {
            tracing::warn!(event = "put-off", %error, "a newcomer could not be let in; it is tried again");
        }
        if let Err(error) = rekey::step(&self.context, hand).await {
            tracing::warn!(event = "put-off", %error, "a report could not get a new key; it is tried again");
        }
        let (authority, day) = (self.context.authority.clone(), self.context.clock.today());
        let any = self
            .context
            .read(move |conn| {
                Ok::<_, StoreError>(
                    store::rotation_any_open(conn)? || recovery::any_due(conn, &authority, day)?,
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

    async fn teams(&self, hand: &Arc<MemberKeys>) -> Result<Vec<TeamId>, Error> {
        let hand = Arc::clone(hand);
        Ok(self.context.read(move |conn| hand.teams(conn)).await?)
    }
}
