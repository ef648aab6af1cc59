//! A team's door, as a member stands at it: the team's keys opened, its ledger read, and who waits.

use crate::domain::clock::Timestamp;
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::staff::{MemberState, StaffState};
use crate::ledger::rules::Rules;
use crate::ledger::statement::PublicKeys;
use crate::ledger::team::TeamState;
use crate::service::authority::Authority;
use crate::service::error::Error;
use crate::service::keyring::{MemberKeys, TeamKeyring, public_keys};
use crate::service::txn::Txn;
use crate::store::{self, DbConnection, Membership, StoreResult, Team};

/// See the module.
pub(super) struct Door {
    pub(super) row: Team,
    pub(super) ring: TeamKeyring,
    pub(super) team: TeamState,
    now: Timestamp,
    /// Who stands here.
    staff: StaffId,
}

/// Somebody who waits, with the keys that the wraps would go to.
pub(super) struct Newcomer {
    pub(super) staff: StaffId,
    pub(super) handle: String,
    pub(super) key: KeyId,
    pub(super) keys: PublicKeys,
    /// Whether the administrators want them to lead.
    pub(super) should_lead: bool,
}

impl Door {
    /// `None` for somebody who is not in the team or does not hold its key, and where the team's ledger does not hold.
    pub(super) fn at(
        conn: &mut DbConnection,
        authority: &Authority,
        hand: &MemberKeys,
        team: TeamId,
        now: Timestamp,
    ) -> Result<Option<Self>, Error> {
        let state = match authority.sound_team(conn, team) {
            Ok(state) => state,
            Err(Error::Refused | Error::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let ring = hand.keyring(conn, team)?;
        let ring = ring.filter(|ring| hand.is_in(&state) && ring.fits(&state));
        let row = store::unless_damaged(store::team_find(conn, team).map(Some))?;
        let (Some(ring), Some(row)) = (ring, row) else {
            return Ok(None);
        };
        Ok(Some(Self {
            row,
            ring,
            team: state,
            now,
            staff: hand.staff,
        }))
    }

    /// The same in the transaction that changes something.
    pub(super) fn of(
        txn: &mut Txn<'_>,
        hand: &MemberKeys,
        team: TeamId,
    ) -> Result<Option<Self>, Error> {
        let (authority, now) = (txn.authority(), txn.now());
        Self::at(txn, authority, hand, team, now)
    }

    /// The rules that hold.
    pub(super) fn rules(&self) -> Rules {
        self.team.rules(self.now)
    }

    /// When somebody may come in; `None` while words are missing.
    pub(super) fn opens(&self, newcomer: &Newcomer) -> Option<Timestamp> {
        self.team.opens(newcomer.staff, &newcomer.keys, self.now)
    }

    /// Whether somebody may come in now, by the hand of whoever stands here.
    pub(super) fn is_open_to(&self, newcomer: &Newcomer) -> bool {
        self.has_waited(newcomer) && !self.needs_a_lead(newcomer)
    }

    /// Whether the rules are met.
    pub(super) fn has_waited(&self, newcomer: &Newcomer) -> bool {
        self.opens(newcomer).is_some_and(|from| from <= self.now)
    }

    /// Whether another hand is needed: a lead is let in by a lead, where there is one.
    pub(super) fn needs_a_lead(&self, newcomer: &Newcomer) -> bool {
        let is_led = self.team.leads().next().is_some();
        newcomer.should_lead && is_led && !self.team.may_lead(self.staff)
    }

    /// Whether anybody may.
    pub(super) fn is_anybody_due(&self, conn: &mut DbConnection) -> StoreResult<bool> {
        let waiting = self.newcomers(conn)?;
        Ok(waiting.iter().any(|newcomer| self.is_open_to(newcomer)))
    }

    /// Everybody who waits at it.
    pub(super) fn newcomers(&self, conn: &mut DbConnection) -> StoreResult<Vec<Newcomer>> {
        let mut found = Vec::new();
        for membership in store::memberships_of_team(conn, self.row.id)? {
            if membership.state == MemberState::Waiting {
                found.extend(newcomer(conn, &membership)?);
            }
        }
        Ok(found)
    }

    /// Somebody who waits at it.
    pub(super) fn newcomer(
        &self,
        conn: &mut DbConnection,
        staff: StaffId,
    ) -> StoreResult<Option<Newcomer>> {
        let found = self.newcomers(conn)?;
        Ok(found.into_iter().find(|newcomer| newcomer.staff == staff))
    }
}

impl Newcomer {
    /// 30 digits of their keys.
    pub(super) fn fingerprint(&self) -> String {
        self.keys.fingerprint()
    }
}

/// The digits are of the very record that the wraps go to: two records that differ are seen when they are compared.
fn newcomer(conn: &mut DbConnection, membership: &Membership) -> StoreResult<Option<Newcomer>> {
    let staff = membership.staff;
    let person = store::staff_find(conn, staff).map(Some);
    let key = store::unless_damaged(store::staff_key_active(conn, staff))?;
    let (Some(person), Some(key)) = (store::unless_damaged(person)?, key) else {
        return Ok(None);
    };
    if person.state != StaffState::Active {
        return Ok(None);
    }
    Ok(public_keys(&key).map(|keys| Newcomer {
        staff,
        handle: person.handle,
        key: key.id,
        keys,
        should_lead: membership.lead,
    }))
}
