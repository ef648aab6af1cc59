//! A ledger from its statements: what is known goes on, what was added is checked, and what does not fit is named.

use super::Refused;
use super::statement::{Body, Head, Signed};
use crate::domain::clock::Quarter;
use crate::domain::ids::LedgerId;
use crate::domain::suite::Suite;
use crate::seal::keys::VerifyKey;

/// What a sort of ledger comes to.
pub trait State: Clone {
    /// What may be said in it.
    type Body: Body;

    /// What it is after a statement that follows the one before it; `None` before the first.
    ///
    /// # Errors
    /// [`Refused`]; nothing changes then.
    fn apply(
        before: Option<Self>,
        signed: &Signed<Self::Body>,
        trust: Trust<'_>,
    ) -> Result<Self, Refused>;
}

/// How much is checked of a statement whose place in the list is right.
#[derive(Clone, Copy)]
pub enum Trust<'a> {
    /// It was checked before: its digest is one that this installation has kept, and a digest covers the signatures.
    Witnessed,
    /// Its signatures and its time are checked.
    Nothing {
        /// Whether custodians have countersigned a recovery key.
        is_recovery_key: &'a dyn Fn(&VerifyKey) -> bool,
        /// The newest time that can be.
        until: Quarter,
    },
}

impl Trust<'_> {
    /// Whether a statement may be of that time: not before the newest one, and not from the future.
    pub(super) fn in_time(self, newest: Option<Quarter>, at: Quarter) -> Result<(), Refused> {
        if newest.is_some_and(|newest| at < newest) {
            return Err(Refused::BackDated);
        }
        // After a clock that was ahead the time stands still until it has come: what was said then holds no one up.
        let is_later = newest != Some(at);
        if matches!(self, Self::Nothing { until, .. } if at > until && is_later) {
            return Err(Refused::FromTheFuture);
        }
        Ok(())
    }
}

/// A ledger as far as it holds.
#[derive(Debug, Clone)]
pub struct Ledger<S> {
    /// How far it goes.
    pub head: Head,
    /// Of which suite its newest statement is: none that follows is of an earlier one.
    pub suite: Suite,
    /// What it comes to; `None` before its first statement.
    pub state: Option<S>,
    /// Why it goes no further.
    pub fault: Option<Refused>,
}

/// Before its first statement.
impl<S> Default for Ledger<S> {
    fn default() -> Self {
        Self {
            head: Head::default(),
            suite: Suite::X25519,
            state: None,
            fault: None,
        }
    }
}

impl<S: State> Ledger<S> {
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
            Some(seen) if !leads_to::<S::Body>(id, self.head, kept, seen) => {
                Some(Refused::RolledBack)
            }
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
        leads_to::<S::Body>(id, Head::default(), kept, self.head)
    }

    fn stands_in(&self, kept: &[Vec<u8>]) -> bool {
        let known = kept.first().map(|bytes| Signed::<S::Body>::parse(bytes));
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
        signed: &Signed<S::Body>,
        trust: Trust<'_>,
    ) -> Result<(), Refused> {
        signed.follows(id, self.head)?;
        if signed.statement.suite < self.suite {
            return Err(Refused::OlderSuite);
        }
        self.state = Some(S::apply(self.state.clone(), signed, trust)?);
        (self.head, self.suite) = (signed.head, signed.statement.suite);
        Ok(())
    }
}

/// Whether statements lead from one place in a ledger to another. Their digests are compared; who signed is not looked at.
pub fn leads_to<B: Body>(id: LedgerId, from: Head, kept: &[Vec<u8>], to: Head) -> bool {
    let mut head = from;
    for bytes in kept {
        if head == to {
            break;
        }
        let Ok(signed) = Signed::<B>::parse(bytes) else {
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
