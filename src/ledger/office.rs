//! What custodians say: which team a channel feeds, and which recovery key counts.
//!
//! Each custodian says it for themselves. Whose word counts is pinned in the configuration, outside the database; so it is asked when
//! the list is read, and a statement by anybody else changes nothing. A word counts if its key did on the day on which it was given: that
//! a custodian's earlier key has lapsed since takes nothing back.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use borsh::{BorshDeserialize, BorshSerialize};

use super::Refused;
use super::replay::State;
use super::statement::{Body, Digest, PublicKeys, Signed};
use crate::domain::clock::Quarter;
use crate::domain::ids::{KeyId, TeamId};
use crate::seal::chain::CustodianPins;
use crate::seal::keys::{VerifyKey, team_fingerprint};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeState {
    at: Quarter,
    words: Vec<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    said: OfficeBody,
    at: Quarter,
    number: u32,
}

/// What custodians have decided about one thing, and what they are about to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'a, T> {
    /// What counts: said by enough of them.
    pub current: Option<&'a T>,
    /// The number of the statement that made it so; 0 without one.
    pub number: u32,
    /// What counted before, first to last.
    pub before: Vec<&'a T>,
    /// What was said since, the newest last, and by which custodians with which of their keys; also who is for what counts.
    pub open: Vec<(&'a T, Voices)>,
}

/// Custodians by their place among the pins, and the key with which they spoke.
pub type Voices = BTreeMap<usize, VerifyKey>;

impl Charter {
    /// 30 digits of the team, to be compared by voice.
    pub fn fingerprint(&self) -> String {
        team_fingerprint(&self.root)
    }
}

impl State for OfficeState {
    type Body = OfficeBody;

    fn at(&self) -> Quarter {
        self.at
    }

    fn signers(
        _: Option<&Self>,
        signed: &Signed<OfficeBody>,
        _: &dyn Fn(&VerifyKey) -> bool,
    ) -> Result<Vec<VerifyKey>, Refused> {
        let (OfficeBody::Charter(_, by) | OfficeBody::Recovery(_, by)) = &signed.statement.body;
        Ok(vec![*by])
    }

    fn apply(state: &mut Option<Self>, signed: &Signed<OfficeBody>) -> Result<(), Refused> {
        let (said, at) = (signed.statement.body.clone(), signed.statement.at);
        let words = Vec::new();
        let state = state.get_or_insert(Self { at, words });
        let number = signed.head.sequence;
        state.words.push(Word { said, at, number });
        state.at = at;
        Ok(())
    }
}

impl OfficeState {
    /// Which team a channel feeds, as these custodians have said.
    pub fn charter<'a>(&'a self, pins: &CustodianPins, channel: &str) -> Decision<'a, Charter> {
        self.decide(pins, |said| match said {
            OfficeBody::Charter(charter, by) if charter.channel == channel => Some((charter, by)),
            _ => None,
        })
    }

    /// Which recovery key counts, as these custodians have said.
    pub fn recovery<'a>(&'a self, pins: &CustodianPins) -> Decision<'a, RecoveryKey> {
        self.decide(pins, |said| match said {
            OfficeBody::Recovery(key, by) => Some((key, by)),
            OfficeBody::Charter(..) => None,
        })
    }

    /// The last thing that enough custodians have said. Half of them said something else: that changes nothing yet.
    fn decide<'a, T: PartialEq>(
        &'a self,
        pins: &CustodianPins,
        about: impl Fn(&'a OfficeBody) -> Option<(&'a T, &'a VerifyKey)>,
    ) -> Decision<'a, T> {
        let mut found = Decision::default();
        for word in &self.words {
            let Some((choice, by)) = about(&word.said) else {
                continue;
            };
            let Some(custodian) = pins.custodian(by, word.at.start().day()) else {
                continue;
            };
            let voices = found.give(choice, custodian, *by);
            if pins.is_possible() && voices >= pins.threshold && found.current != Some(choice) {
                found.before.extend(found.current.replace(choice));
                found.number = word.number;
                // What was said for anything else is used up.
                found.open.retain(|(other, _)| *other == choice);
            }
        }
        found
    }
}

impl<T> Default for Decision<'_, T> {
    fn default() -> Self {
        Self {
            current: None,
            number: 0,
            before: Vec::new(),
            open: Vec::new(),
        }
    }
}

impl<'a, T: PartialEq> Decision<'a, T> {
    /// Who is for this.
    pub fn voices(&self, choice: &T) -> Voices {
        let place = self.open.iter().find(|(other, _)| *other == choice);
        place.map(|(_, voices)| voices.clone()).unwrap_or_default()
    }

    /// Everything that has counted, first to last.
    pub fn decided(&self) -> impl Iterator<Item = &'a T> {
        self.before.iter().copied().chain(self.current)
    }

    /// A custodian's word, which takes back their last one. Says how many are for the same.
    fn give(&mut self, choice: &'a T, custodian: usize, by: VerifyKey) -> usize {
        for (_, voices) in &mut self.open {
            voices.remove(&custodian);
        }
        let place = self.open.iter().position(|(other, _)| *other == choice);
        let taken = place.map(|place| self.open.remove(place).1);
        let mut voices = taken.unwrap_or_default();
        voices.insert(custodian, by);
        let count = voices.len();
        self.open.push((choice, voices));
        count
    }
}
