//! A team's ledger from its statements: what is known goes on, what was added is checked, and what does not fit is named.

use std::collections::BTreeMap;

use super::Refused;
use super::statement::{Head, Signed};
use super::team::{TeamBody, TeamState, Trust, apply};
use crate::domain::ids::{LedgerId, StaffId};
use crate::seal::keys::VerifyKey;

/// A team's ledger as far as it holds.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// How far it goes.
    pub head: Head,
    /// What it comes to; `None` before its first statement.
    pub state: Option<TeamState>,
    /// Why it goes no further.
    pub fault: Option<Refused>,
    /// The keys that each person who was ever in the team has signed with: what they said stays theirs.
    pub signers: BTreeMap<StaffId, Vec<VerifyKey>>,
}

impl Ledger {
    /// The number of the first statement that [`Ledger::extended`] needs: the newest one that is known, to see that it is still there.
    pub const fn wanted_from(&self) -> u32 {
        self.head.sequence
    }

    /// Goes on with what was added. `kept` are the statements from [`Ledger::wanted_from`] on. What does not hold is left out, with all that
    /// follows it, and is the fault.
    ///
    /// `witnessed` is how far it had come by what is remembered elsewhere: a list that does not lead there is refused as a whole, and what
    /// stands before that place was checked when it was new.
    pub fn extend(
        &mut self,
        id: LedgerId,
        kept: &[Vec<u8>],
        witnessed: Option<Head>,
        trust: Trust<'_>,
    ) {
        let seen = witnessed.filter(|seen| seen.sequence > self.head.sequence);
        self.fault = match seen {
            Some(seen) if !leads_to(id, self.head, kept, seen) => Some(Refused::RolledBack),
            _ => self.follow(id, kept, seen, trust).err(),
        };
    }

    /// Whether that would change nothing.
    pub fn is_up_to_date(&self, kept: &[Vec<u8>]) -> bool {
        self.fault.is_none()
            && kept.len() == usize::from(self.head.sequence > 0)
            && self.stands_in(kept)
    }

    /// Whether these statements, all of the ledger, lead to where it was seen to be.
    pub fn is_whole(&self, id: LedgerId, kept: &[Vec<u8>]) -> bool {
        leads_to(id, Self::default().head, kept, self.head)
    }

    fn stands_in(&self, kept: &[Vec<u8>]) -> bool {
        let known = kept.first().map(|bytes| Signed::<TeamBody>::parse(bytes));
        self.head.sequence == 0 || matches!(known, Some(Ok(known)) if known.head == self.head)
    }

    fn follow(
        &mut self,
        id: LedgerId,
        kept: &[Vec<u8>],
        seen: Option<Head>,
        trust: Trust<'_>,
    ) -> Result<(), Refused> {
        if !self.stands_in(kept) {
            return Err(Refused::RolledBack);
        }
        for bytes in kept.iter().skip(usize::from(self.head.sequence > 0)) {
            let is_seen = seen.is_some_and(|seen| self.head.sequence < seen.sequence);
            let trust = if is_seen { Trust::Witnessed } else { trust };
            self.take(id, &Signed::parse(bytes)?, trust)?;
        }
        Ok(())
    }

    /// Goes on with one statement.
    ///
    /// # Errors
    /// [`Refused`]; nothing changes then.
    pub fn take(
        &mut self,
        id: LedgerId,
        signed: &Signed<TeamBody>,
        trust: Trust<'_>,
    ) -> Result<(), Refused> {
        signed.follows(id, self.head)?;
        let state = apply(self.state.clone(), signed, trust)?;
        for (person, member) in &state.members {
            let keys = self.signers.entry(*person).or_default();
            if !keys.contains(&member.keys.verify_key) {
                keys.push(member.keys.verify_key);
            }
        }
        self.state = Some(state);
        self.head = signed.head;
        Ok(())
    }
}

/// Whether statements lead from one place in a ledger to another. Their digests are compared; who signed is not looked at.
pub fn leads_to(id: LedgerId, from: Head, kept: &[Vec<u8>], to: Head) -> bool {
    let mut head = from;
    for bytes in kept {
        if head == to {
            break;
        }
        let Ok(signed) = Signed::<TeamBody>::parse(bytes) else {
            return false;
        };
        match signed.follows(id, head) {
            Ok(()) => head = signed.head,
            // The first is the one that is known.
            Err(_) if signed.head == from => {}
            Err(_) => return false,
        }
    }
    head == to
}
