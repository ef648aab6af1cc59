//! Whose word counts for a newcomer, and whether the team's rules are met.

use super::rules::{self, Rules};
use crate::domain::clock::{Quarter, Timestamp};
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::staff::{MemberState, StaffState};
use crate::seal::approval::Approval;
use crate::seal::chain::CustodianPins;
use crate::seal::keys::{Recipient, Signature, VerifyKey, fingerprint};
use crate::seal::member::Member;
use crate::service::error::Error;
use crate::service::keyring::{MemberKeys, TeamKeyring};
use crate::service::vouched::{check_chain, known};
use crate::store::{self, AdmissionRow, DbConnection, StoreError, Team};

/// A team's door, as a member stands at it: the team's keys opened, its records verified, its rules read.
pub(super) struct Door {
    pub(super) team: Team,
    pub(super) ring: TeamKeyring,
    rules: Rules,
}

/// Somebody who waits, with the key that the wraps would go to.
pub(super) struct Newcomer {
    pub(super) staff: StaffId,
    pub(super) handle: String,
    pub(super) key: KeyId,
    pub(super) recipient: Recipient,
    verify_key: VerifyKey,
    pub(super) fingerprint: String,
}

/// How far somebody is.
pub(super) struct DoorState {
    /// Those that count, oldest first.
    pub(super) words: Vec<AdmissionRow>,
    pub(super) missing: usize,
    pub(super) from: Option<Timestamp>,
}

impl DoorState {
    pub(super) fn is_met(&self, now: Timestamp) -> bool {
        self.from.is_some_and(|from| from <= now)
    }
}

impl Door {
    /// `None` for somebody who is not in the team or does not hold its key, and where the team's records do not verify.
    pub(super) fn of(
        conn: &mut DbConnection,
        pins: &CustodianPins,
        hand: &MemberKeys,
        team: TeamId,
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        if !hand.teams(conn)?.contains(&team) {
            return Ok(None);
        }
        let Some(ring) = hand.keyring(conn, team)? else {
            return Ok(None);
        };
        match check_chain(conn, pins, team, &ring) {
            Ok(()) => {}
            Err(Error::Unavailable) => return Err(StoreError::Busy),
            Err(_) => return Ok(None),
        }
        let team = store::team_find(conn, team)?;
        let rules = rules::in_force(conn, &team, now)?;
        Ok(Some(Self { team, ring, rules }))
    }

    /// Whether nobody waits once there are enough words.
    pub(super) const fn is_at_once(&self) -> bool {
        self.rules.delay_hours() == 0
    }

    /// Everybody who waits at it.
    pub(super) fn newcomers(&self, conn: &mut DbConnection) -> Result<Vec<Newcomer>, StoreError> {
        let mut found = Vec::new();
        for membership in store::memberships_of_team(conn, self.team.id)? {
            if membership.state == MemberState::Waiting
                && let Some(newcomer) = newcomer(conn, membership.staff)?
            {
                found.push(newcomer);
            }
        }
        Ok(found)
    }

    /// Somebody who waits at it.
    pub(super) fn newcomer(
        &self,
        conn: &mut DbConnection,
        staff: StaffId,
    ) -> Result<Option<Newcomer>, StoreError> {
        let found = self.newcomers(conn)?;
        Ok(found.into_iter().find(|newcomer| newcomer.staff == staff))
    }

    /// The words that count for somebody, and what is missing.
    pub(super) fn state(
        &self,
        conn: &mut DbConnection,
        newcomer: &Newcomer,
    ) -> Result<DoorState, StoreError> {
        let mut words = Vec::new();
        let members = store::memberships_of_team(conn, self.team.id)?;
        for word in store::admissions_of(conn, self.team.id, newcomer.staff)? {
            let membership = members.iter().find(|membership| {
                membership.staff == word.approver && membership.state == MemberState::Member
            });
            let Some(membership) = membership else {
                continue;
            };
            let signer = self.ring.active.secrets.signing().verify_key();
            let approver = known(conn, membership, &signer)?;
            if approver.is_some_and(|approver| self.counts(&word, newcomer, &approver.member)) {
                words.push(word);
            }
        }
        let needed = self.rules.approvals();
        Ok(DoorState {
            missing: needed.saturating_sub(words.len()),
            from: words
                .get(needed.saturating_sub(1))
                .map(|last| self.rules.opens(last.at)),
            words,
        })
    }

    /// Only for the key that the newcomer has now, and only under the generation that the team has now.
    fn counts(&self, word: &AdmissionRow, newcomer: &Newcomer, approver: &Member) -> bool {
        let generation = self.ring.active.row.id;
        let approval = newcomer.approval(self.team.id, generation, word.at);
        word.generation == generation
            && word.fingerprint == newcomer.fingerprint
            && word.approver != newcomer.staff
            && approval
                .verify(&approver.verify_key, &Signature::from_bytes(word.signature))
                .is_ok()
    }
}

impl Newcomer {
    /// What a member's word for this newcomer is about.
    pub(super) fn approval(&self, team: TeamId, generation: KeyId, at: Quarter) -> Approval {
        Approval {
            team,
            generation,
            newcomer: self.staff,
            recipient: self.recipient.clone(),
            verify_key: self.verify_key,
            at,
        }
    }

    /// The member they will be.
    pub(super) fn member(&self, team: TeamId) -> Member {
        Member {
            team,
            staff: self.staff,
            recipient: self.recipient.clone(),
            verify_key: self.verify_key,
        }
    }
}

/// The digits are of the very record that the wraps go to: two records that differ are seen when they are compared.
fn newcomer(conn: &mut DbConnection, staff: StaffId) -> Result<Option<Newcomer>, StoreError> {
    let person = store::staff_find(conn, staff)?;
    let key = store::staff_key_active(conn, staff)?;
    let (StaffState::Active, Some(key)) = (person.state, key) else {
        return Ok(None);
    };
    let Ok(recipient) = key.recipient.parse() else {
        return Ok(None);
    };
    let verify_key = VerifyKey::from_bytes(key.verify_key);
    Ok(Some(Newcomer {
        staff,
        handle: person.handle,
        key: key.id,
        fingerprint: fingerprint(&recipient, &verify_key),
        recipient,
        verify_key,
    }))
}
