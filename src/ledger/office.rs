//! What custodians say: which team a channel feeds, and which recovery key counts.
//!
//! Each custodian says it for themselves. Whose word counts is pinned in the configuration, outside the database; so it is asked when
//! the list is read, and a statement by anybody else changes nothing.

#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use borsh::{BorshDeserialize, BorshSerialize};

use super::Refused;
use super::statement::{Body, Digest, PublicKeys, Signed};
use crate::domain::ids::{KeyId, TeamId};
use crate::seal::chain::CustodianPins;
use crate::seal::keys::VerifyKey;

/// What is said, with the custodian's key that signs. The byte is the kind.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum OfficeBody {
    /// A channel feeds a team.
    Charter(Charter, VerifyKey) = 65,
    /// Teams' keys are wrapped to this recovery key.
    Recovery(RecoveryKey, VerifyKey) = 66,
}

impl Body for OfficeBody {
    const KINDS: RangeInclusive<u8> = 65..=66;
}

/// A channel feeds a team.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Charter {
    /// The channel.
    pub channel: String,
    /// The team.
    pub team: TeamId,
    /// The digest of the first statement of its ledger.
    pub root: Digest,
}

/// A recovery key.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RecoveryKey {
    /// Its id.
    pub key: KeyId,
    /// Its public halves.
    pub keys: PublicKeys,
}

/// What the office's ledger comes to: everything that was said, first to last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfficeState {
    charters: Vec<(Charter, VerifyKey)>,
    recovery: Vec<(RecoveryKey, VerifyKey)>,
}

/// What custodians have decided about one thing, and what they are about to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'a, T> {
    /// What counts: said by enough of them.
    pub current: Option<&'a T>,
    /// What counted before, first to last.
    pub before: Vec<&'a T>,
    /// What was said last, and by whom of them: it may be what counts.
    pub newest: Option<(&'a T, Vec<VerifyKey>)>,
}

/// What the office's ledger comes to after a statement that follows the one before it.
///
/// # Errors
/// [`Refused::WrongSigner`]; nothing changes then.
pub fn apply(
    mut state: OfficeState,
    signed: &Signed<OfficeBody>,
    is_witnessed: bool,
) -> Result<OfficeState, Refused> {
    let body = signed.statement.body.clone();
    let (OfficeBody::Charter(_, by) | OfficeBody::Recovery(_, by)) = &body;
    if !is_witnessed {
        signed.signed_by(&[*by])?;
    }
    match body {
        OfficeBody::Charter(charter, by) => state.charters.push((charter, by)),
        OfficeBody::Recovery(key, by) => state.recovery.push((key, by)),
    }
    Ok(state)
}

impl OfficeState {
    /// Which team a channel feeds, as these custodians have said.
    pub fn charter<'a>(&'a self, pins: &CustodianPins, channel: &str) -> Decision<'a, Charter> {
        let charters = self.charters.iter();
        decide(pins, charters.filter(|(said, _)| said.channel == channel))
    }

    /// Which recovery key counts, as these custodians have said.
    pub fn recovery<'a>(&'a self, pins: &CustodianPins) -> Decision<'a, RecoveryKey> {
        decide(pins, self.recovery.iter())
    }
}

/// The last thing that enough custodians have said. Half of them said something else: that changes nothing yet.
fn decide<'a, T: PartialEq>(
    pins: &CustodianPins,
    said: impl Iterator<Item = &'a (T, VerifyKey)>,
) -> Decision<'a, T> {
    let is_possible = (1..=pins.custodians.len()).contains(&pins.threshold);
    let mut found = Decision {
        current: None,
        before: Vec::new(),
        newest: None,
    };
    // What was said since the last decision, and by whom.
    let mut open: Vec<(&T, Vec<VerifyKey>)> = Vec::new();
    for (choice, by) in said.filter(|(_, by)| pins.contains(by)) {
        // A custodian's new word takes back their old one.
        let is_theirs = |key: &VerifyKey| pins.custodian(key) == pins.custodian(by);
        for (_, by_whom) in &mut open {
            by_whom.retain(|key| !is_theirs(key));
        }
        let place = open.iter().position(|(known, _)| *known == choice);
        let (_, mut by_whom) = place.map_or((choice, Vec::new()), |place| open.remove(place));
        by_whom.push(*by);
        found.newest = Some((choice, by_whom.clone()));
        let is_enough = is_possible && pins.persons(&by_whom) >= pins.threshold;
        if is_enough && found.current != Some(choice) {
            found.before.extend(found.current.replace(choice));
            open.clear();
        }
        open.push((choice, by_whom));
    }
    found
}
