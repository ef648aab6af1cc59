//! The caseworkers' queue: what a caller's own keys open, one at a time, each act with its entry in the trail.
//!
//! A report outside the caller's keys answers exactly like one that does not exist.

mod access;
mod acts;
mod approve;
mod decisions;
mod export;
mod history;
mod opened;
mod proposals;
mod proposed;
mod queue;
mod reach;
mod reading;
mod resting;
mod retention;
mod view;

use std::sync::Arc;

use serde::Serialize;
use zeroize::Zeroizing;

use super::accounts::Caller;
use super::authority::Authority;
use super::context::Context;
use super::watch;
use crate::domain::alarm::AlarmKind;
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::inert;
use crate::domain::staff::Role;
use crate::seal::keys::Identity;
use crate::seal::place::PlaceKey;
use crate::service::error::Error;
use crate::service::keyring;
use crate::store::{self, DbConnection, StoreResult};

pub use crate::store::DeskCounts;
pub use access::AccessView;
pub use decisions::{DecisionsView, ProposalView, ReadyExport, Waiting};
pub use history::{Ending, Entry, EntryKind};
pub use proposed::{Ask, Closing};
pub use queue::{
    MOST_ALIKE, MOST_COUNTED, Neighbours, News, Order, QueueCard, QueueFilter, QueuePage, Turn,
    View,
};
pub use reach::Reach;
pub use view::ReportView;

/// Longest note or message, in Unicode scalar values.
pub const LONGEST: usize = 20_000;

/// See the module.
#[derive(Clone)]
pub struct Triage {
    context: Context,
    /// For links to further pages of the queue.
    places: Arc<PlaceKey>,
}

/// The team keys that a caller's own key opens, for one request.
struct Ring {
    keys: Vec<(KeyId, Identity)>,
    /// Wraps that do not open, or open another key, and whose they are.
    broken: Vec<(KeyId, TeamId)>,
}

impl Ring {
    /// Opens the wraps of a person's own key, about 0.1 ms each. Belongs into one transaction with the look for grants: while a
    /// team's key is changed, a grant may go over to a key that came after the wraps were read.
    fn open(conn: &mut DbConnection, (own, identity): (KeyId, Identity)) -> StoreResult<Self> {
        let found = keyring::beneath(conn, (own, &identity), |_| true)?;
        let broken = found.broken.iter();
        let broken = broken.map(|key| (key.id, TeamId::from_bytes(key.owner)));
        let broken = broken.collect();
        let mut keys = found.identities();
        keys.push((own, identity));
        Ok(Self { keys, broken })
    }

    fn ids(&self) -> Vec<KeyId> {
        self.keys.iter().map(|(id, _)| *id).collect()
    }

    fn identity(&self, key: KeyId) -> Option<&Identity> {
        self.keys
            .iter()
            .find(|(id, _)| *id == key)
            .map(|(_, identity)| identity)
    }
}

impl Triage {
    pub(super) fn new(context: Context) -> Self {
        Self {
            context,
            places: Arc::new(PlaceKey::random()),
        }
    }

    /// The caller's own key, with which a [`Ring`] is opened.
    fn own(caller: &Caller) -> Result<(KeyId, Identity), Error> {
        if caller.role != Role::Caseworker {
            return Err(Error::NotFound);
        }
        let own = caller.key.ok_or(Error::NotFound)?;
        Ok((own, caller.keys.identity().share()))
    }

    /// Raises the alarm for wraps that do not open, each once.
    async fn heed(&self, ring: &Ring) {
        let known = &self.context.authority;
        for (key, _) in &ring.keys {
            known.is_news(&key.to_string(), None);
        }
        for (key, team) in &ring.broken {
            if known.is_news(&key.to_string(), Some("a wrap")) {
                watch::tell(&self.context, AlarmKind::TeamBroken, team.to_string()).await;
            }
        }
    }
}

/// Whether somebody leads one of their teams. A rule of the server, not of keys.
fn leads(conn: &mut DbConnection, authority: &Authority, staff: StaffId) -> StoreResult<bool> {
    for own in store::memberships_of_staff(conn, staff)? {
        let ledger = authority.team(conn, own.team)?;
        let team = ledger.state.as_ref();
        if team.is_some_and(|team| team.leads().any(|lead| lead == staff)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The text of a note, message or reason: line ends as `\n`, at least one visible character.
fn tidy(text: &str) -> Result<String, Error> {
    let text = text.replace("\r\n", "\n").replace(['\r', '\0'], "\n");
    if inert::is_blank(&text) {
        return Err(Error::Empty);
    }
    if text.chars().count() > LONGEST {
        return Err(Error::TooLong);
    }
    Ok(text)
}

fn reason_of(reason: &str) -> Result<String, Error> {
    match tidy(reason) {
        Err(Error::Empty) => Err(Error::ReasonMissing),
        other => other,
    }
}

fn to_json(body: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, Error> {
    serde_json::to_vec(body)
        .map(Zeroizing::new)
        .map_err(|_| Error::Unavailable)
}
