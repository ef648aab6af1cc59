//! Who may receive: the custodians, whose keys are pinned in the configuration file, outside the database, and the key that comes of what
//! they and the team say.

use super::keys::{Recipient, VerifyKey};
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, TeamId};

/// The custodians, as the configuration names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustodianPins {
    /// How many must sign.
    pub threshold: usize,
    /// Who they are.
    pub custodians: Vec<Custodian>,
}

/// One custodian: a person, whichever of their keys they sign with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custodian {
    /// A label for the operator.
    pub name: String,
    /// Their key.
    pub key: VerifyKey,
    /// The keys they had before, each with the last day on which it counted.
    pub earlier: Vec<(VerifyKey, Day)>,
}

/// The key that reports of a channel are sealed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedKey {
    /// The team.
    pub team: TeamId,
    /// The digest of the first statement of its ledger.
    pub root: [u8; 32],
    /// The number of the office's statement with which enough custodians had said so.
    pub decided: u32,
    /// The id of the key.
    pub key: KeyId,
    /// Its generation.
    pub generation: u32,
    /// What to seal to.
    pub recipient: Recipient,
}

impl Custodian {
    /// Somebody with one key.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub const fn new(name: String, key: VerifyKey) -> Self {
        Self {
            name,
            key,
            earlier: Vec::new(),
        }
    }

    /// Whether what this key signs on that day is theirs.
    fn signs_with(&self, key: &VerifyKey, day: Day) -> bool {
        let mut earlier = self.earlier.iter();
        self.key == *key || earlier.any(|(old, until)| old == key && day <= *until)
    }
}

impl CustodianPins {
    /// Whose key this is on that day: their place in the list.
    pub fn custodian(&self, key: &VerifyKey, day: Day) -> Option<usize> {
        let mut all = self.custodians.iter();
        all.position(|custodian| custodian.signs_with(key, day))
    }

    /// Whether they could ever be enough.
    pub fn is_possible(&self) -> bool {
        (1..=self.custodians.len()).contains(&self.threshold)
    }
}

impl VerifiedKey {
    /// Whether custodians have said this before they said the other, about another team.
    pub fn is_before(&self, other: &Self) -> bool {
        (self.team, self.root) != (other.team, other.root) && self.decided <= other.decided
    }
}
