//! What may be said in a team's ledger, and what it comes to.

mod apply;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use borsh::{BorshDeserialize, BorshSerialize};

use super::rules::Rules;
use super::statement::{Body, Digest, PublicKeys};
use crate::domain::clock::{Quarter, Timestamp};
use crate::domain::ids::{KeyId, StaffId};
use crate::seal::keys::VerifyKey;

/// What is said. The byte is the kind; whose signatures it needs stands with each, the author's first.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum TeamBody {
    /// The team, by its first member: theirs, and the first generation's.
    Root {
        /// Auditors read the audit log and no report; all other teams read reports.
        is_audit: bool,
        /// The author's.
        keys: PublicKeys,
        /// Whether they lead it.
        lead: bool,
        /// The first generation.
        generation: Generation,
    } = 1,
    /// A member has compared a newcomer's keys: theirs.
    Approve {
        /// Who waits.
        newcomer: StaffId,
        /// With which keys.
        keys: PublicKeys,
    } = 2,
    /// A member objects to a newcomer, whose approvals are void then: theirs.
    Object {
        /// Who waits.
        newcomer: StaffId,
    } = 3,
    /// A member lets in a newcomer for whom the rules are met: theirs.
    Admit {
        /// Who comes.
        newcomer: StaffId,
        /// With which keys.
        keys: PublicKeys,
        /// Whether they lead the team: where there is a lead, only if a lead says so.
        lead: bool,
    } = 4,
    /// The next generation of the team's key, for everybody who is in the team: a member's, the generation before's, and its own. Approvals
    /// given before it are void.
    Generation(Generation) = 5,
    /// Somebody goes. It takes rights only, so anybody may say it: the author's, with the key that stands here, or a member's of themselves.
    Exit {
        /// Who goes.
        person: StaffId,
        /// The author's key, unless they go themselves.
        by: Option<VerifyKey>,
    } = 6,
    /// Somebody leads, or no longer does, unless nobody would: a lead's; where there never was one, a member's.
    Lead {
        /// Who.
        person: StaffId,
        /// Whether they do.
        lead: bool,
    } = 7,
    /// Rules for newcomers: a lead's (where there never was one, a member's) if they are no weaker than those in force; another lead's than whose
    /// wish it was, if they are.
    Rules(Rules) = 8,
    /// Weaker rules, wished: a lead's; where there never was one, a member's.
    RulesWish(Rules) = 9,
    /// The wish is stopped: a member's.
    RulesStop = 10,
    /// Whether new generations are also wrapped to the recovery key: a lead's.
    Recovery {
        /// Whether they are.
        on: bool,
    } = 11,
    /// A member's new keys: their old one's, and their new one's.
    Renew(PublicKeys) = 12,
    /// The author is let in with the recovery key, and leads where nobody else does any more: the recovery key's, and the newest
    /// generation's.
    Recover {
        /// With which keys.
        keys: PublicKeys,
        /// The recovery key that signs.
        recovery: VerifyKey,
    } = 13,
}

impl Body for TeamBody {
    const KINDS: RangeInclusive<u8> = 1..=13;
}

/// A generation of a team's key.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Generation {
    /// Counts from 1.
    pub number: u32,
    /// Its id.
    pub key: KeyId,
    /// What reports' keys are sealed to, and what checks its signatures.
    pub keys: PublicKeys,
}

/// Somebody in a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Their own keys.
    pub keys: PublicKeys,
    /// Whether they lead it.
    pub lead: bool,
}

/// A member's word for a newcomer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Who gave it.
    pub by: StaffId,
    /// The keys that they compared.
    pub keys: PublicKeys,
    /// When.
    pub at: Quarter,
}

/// Weaker rules that somebody wishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// What would hold.
    pub rules: Rules,
    /// Whose wish it is.
    pub by: StaffId,
    /// When it was said.
    pub at: Quarter,
}

/// What a team's ledger comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamState {
    /// Whether it is the auditors'.
    pub is_audit: bool,
    /// The digest of its first statement: what custodians' charters name.
    pub root: Digest,
    /// Who is in it.
    pub members: BTreeMap<StaffId, Member>,
    /// The key that is in force.
    pub generation: Generation,
    /// Whether somebody has gone since that key was made: the next one is due.
    pub must_rotate: bool,
    /// Whether new generations are also wrapped to the recovery key.
    pub recovery: bool,
    /// When the newest statement was made.
    pub at: Quarter,
    /// The keys that each person who was ever in the team has signed with: what they said stays theirs.
    pub signers: BTreeMap<StaffId, Vec<VerifyKey>>,
    /// Those before it.
    past: Vec<Generation>,
    /// The numbers of those with which somebody has gone.
    left: BTreeSet<u32>,
    /// Whether anybody has ever led it: whoever closes the leads' accounts puts nobody in their place.
    led: bool,
    rules: Rules,
    wish: Option<Wish>,
    /// For each newcomer, oldest first.
    words: BTreeMap<StaffId, Vec<Word>>,
}

impl TeamState {
    /// The rules that hold at that moment: those that were set, or weaker ones whose time has come.
    pub fn rules(&self, now: Timestamp) -> Rules {
        match self.wish {
            Some(wish) if self.comes(&wish).is_some_and(|from| from <= now) => wish.rules,
            _ => self.rules,
        }
    }

    /// The wish that waits at that moment.
    pub fn wish(&self, now: Timestamp) -> Option<Wish> {
        self.wish.filter(|wish| wish.rules != self.rules(now))
    }

    /// When a wish comes into force by itself: where no other lead can agree to it, and whoever wishes it still may.
    pub fn comes(&self, wish: &Wish) -> Option<Timestamp> {
        let has_other = self.leads().any(|lead| lead != wish.by);
        (!has_other && self.may_lead(wish.by)).then(|| self.rules.yield_to_a_wish_of(wish.at))
    }

    /// Whether somebody may do what leads may: a lead; any member, where there never was one.
    pub fn may_lead(&self, person: StaffId) -> bool {
        let member = self.members.get(&person);
        member.is_some_and(|member| member.lead || !self.led)
    }

    /// Whether somebody is the second lead that a wish needs.
    pub fn may_confirm(&self, person: StaffId, wish: &Wish) -> bool {
        person != wish.by && self.leads().any(|lead| lead == person)
    }

    /// Who leads it.
    pub fn leads(&self) -> impl Iterator<Item = StaffId> {
        self.members
            .iter()
            .filter(|(_, member)| member.lead)
            .map(|(id, _)| *id)
    }

    /// The words that count for a newcomer with these keys, oldest first.
    pub fn words(&self, newcomer: StaffId, keys: &PublicKeys) -> Vec<&Word> {
        let words = self.words.get(&newcomer).into_iter().flatten();
        words.filter(|word| word.keys == *keys).collect()
    }

    /// How many words there are for a newcomer, for whichever keys.
    pub fn words_for(&self, newcomer: StaffId) -> usize {
        self.words.get(&newcomer).map_or(0, Vec::len)
    }

    /// When a newcomer with these keys may be let in; `None` while words are missing.
    pub fn opens(&self, newcomer: StaffId, keys: &PublicKeys, now: Timestamp) -> Option<Timestamp> {
        let rules = self.rules(now);
        let words = self.words(newcomer, keys);
        let last = words.get(rules.approvals().checked_sub(1)?)?;
        Some(rules.opens(last.at))
    }

    /// All its generations, first to last.
    pub fn generations(&self) -> impl Iterator<Item = &Generation> {
        self.past.iter().chain([&self.generation])
    }

    /// Whether somebody who went has this generation, or one between it and the newest.
    pub fn is_held_outside(&self, number: u32) -> bool {
        self.left.range(number..).next().is_some()
    }

    /// Whether anybody's word waits for anything.
    pub fn has_words(&self) -> bool {
        !self.words.is_empty()
    }
}
