//! A ledger from its statements: what is known goes on, what was added is checked, and what does not fit is named.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::Refused;
use super::statement::{Body, Head, Signed};
use crate::domain::clock::Quarter;
use crate::domain::ids::LedgerId;
use crate::domain::suite::Suite;
use crate::seal::keys::VerifyKey;

/// So many statements are worth a thread of their own: some two milliseconds of signatures.
const MANY: usize = 64;

/// What a sort of ledger comes to.
pub trait State: Clone {
    /// What may be said in it.
    type Body: Body;

    /// When the newest statement was made.
    fn at(&self) -> Quarter;

    /// Whose signatures a statement needs, first to last; `None` before the first.
    ///
    /// # Errors
    /// [`Refused`] if nobody's would do.
    fn signers(
        before: Option<&Self>,
        signed: &Signed<Self::Body>,
        is_recovery_key: &dyn Fn(&VerifyKey) -> bool,
    ) -> Result<Vec<VerifyKey>, Refused>;

    /// Goes on with a statement that follows the one before it, and is signed.
    ///
    /// # Errors
    /// [`Refused`]; nothing changes then.
    fn apply(state: &mut Option<Self>, signed: &Signed<Self::Body>) -> Result<(), Refused>;
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
        let is_known = usize::from(self.head.sequence > 0);
        let added = kept.get(is_known..).unwrap_or_default();
        let trust = |head: Head| match seen {
            Some(seen) if head.sequence < seen.sequence => Trust::Witnessed,
            _ => trust,
        };
        if added.len() >= MANY
            && let Ok(all) = self.with_all(id, added, trust)
        {
            *self = all;
            return Ok(());
        }
        // One by one: what holds stays, and what does not has a name.
        for bytes in added {
            self.take(id, &Signed::parse(bytes)?, trust(self.head))?;
        }
        Ok(())
    }

    /// The same with all of these statements. Their signatures are checked last, on every processor at once.
    fn with_all<'t>(
        &self,
        id: LedgerId,
        added: &[Vec<u8>],
        trust: impl Fn(Head) -> Trust<'t>,
    ) -> Result<Self, Refused> {
        let (mut all, mut signatures) = (self.clone(), Vec::new());
        for bytes in added {
            let signed = Signed::parse(bytes)?;
            let by = all.signers(id, &signed, trust(all.head))?;
            all.go_on(&signed)?;
            signatures.extend(by.map(|by| (signed, by)));
        }
        let hold = all_hold(&signatures, |(signed, by)| signed.signed_by(by).is_ok());
        hold.then_some(all).ok_or(Refused::WrongSigner)
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
        if let Some(by) = self.signers(id, signed, trust)? {
            signed.signed_by(&by)?;
        }
        self.go_on(signed)
    }

    /// Whose signatures the next statement needs; `None` where they were checked before.
    fn signers(
        &self,
        id: LedgerId,
        signed: &Signed<S::Body>,
        trust: Trust<'_>,
    ) -> Result<Option<Vec<VerifyKey>>, Refused> {
        signed.follows(id, self.head)?;
        if signed.statement.suite < self.suite {
            return Err(Refused::OlderSuite);
        }
        let state = self.state.as_ref();
        trust.in_time(state.map(S::at), signed.statement.at)?;
        match trust {
            Trust::Witnessed => Ok(None),
            Trust::Nothing {
                is_recovery_key, ..
            } => S::signers(state, signed, is_recovery_key).map(Some),
        }
    }

    fn go_on(&mut self, signed: &Signed<S::Body>) -> Result<(), Refused> {
        S::apply(&mut self.state, signed)?;
        (self.head, self.suite) = (signed.head, signed.statement.suite);
        Ok(())
    }
}

/// Whether something holds for all of them. Processors that have nothing else to do take one after the other.
fn all_hold<T: Sync>(all: &[T], holds: impl Fn(&T) -> bool + Sync) -> bool {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut each = std::iter::from_fn(|| all.get(next.fetch_add(1, Ordering::Relaxed)));
        each.all(&holds)
    };
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let most = all.len().div_ceil(MANY).min(processors);
    thread::scope(|scope| {
        let others: Vec<_> = (1..most)
            .filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
            .collect();
        let own = work();
        let mut others = others.into_iter();
        others.all(|other| other.join().unwrap_or(false)) && own
    })
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
