//! Each ledger as it was last seen to hold, in this process and before it: nothing may fall below that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::domain::alarm::AlarmKind;
use crate::domain::clock::{Clock, Day};
use crate::domain::ids::{InstallationId, LedgerId};
use crate::domain::suite::Suite;
use crate::ledger::Refused;
use crate::ledger::office::OfficeState;
use crate::ledger::replay::{Ledger, State, Trust};
use crate::ledger::statement::Head;
use crate::ledger::team::TeamState;
use crate::seal::chain::{CustodianPins, VerifiedKey};
use crate::seal::keys::VerifyKey;
use crate::store::{self, DbConnection, StoreResult};
use crate::witness::Witness;

/// What is wrong with a ledger that holds, and to which somebody has added who is not this service.
const LAID: &str = "a statement that this installation did not write";

/// The ledgers in force. Clones share one memory.
#[derive(Clone)]
pub struct Authority(pub(super) Arc<Memory>);

pub(super) struct Memory {
    clock: Clock,
    newest_suite: Suite,
    /// What was seen before this start.
    pub(super) witness: Option<Witness>,
    /// The custodians of the configuration.
    pins: Box<dyn Fn() -> CustodianPins + Send + Sync>,
    teams: Books<TeamState>,
    office: Books<OfficeState>,
    /// The verified keys by channel.
    pub(super) last_good: RwLock<HashMap<String, VerifiedKey>>,
    /// What was wrong at the last look, and how.
    wrong: Mutex<HashMap<String, String>>,
}

/// The ledgers of one sort.
pub(in crate::service) struct Books<S>(Mutex<HashMap<LedgerId, Arc<Ledger<S>>>>);

impl<S> Default for Books<S> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// A sort of ledger that is kept.
pub(in crate::service) trait Kept: State + Send + Sync + 'static {
    /// The alarm about one.
    const ALARM: AlarmKind;

    /// Where what was seen of them is remembered.
    fn books(authority: &Authority) -> &Books<Self>;

    /// The recovery keys that may speak in one.
    ///
    /// # Errors
    /// From the database.
    fn recovery_keys(authority: &Authority, conn: &mut DbConnection)
    -> StoreResult<Vec<VerifyKey>>;
}

impl Kept for TeamState {
    const ALARM: AlarmKind = AlarmKind::TeamBroken;

    fn books(authority: &Authority) -> &Books<Self> {
        &authority.0.teams
    }

    fn recovery_keys(
        authority: &Authority,
        conn: &mut DbConnection,
    ) -> StoreResult<Vec<VerifyKey>> {
        authority.recovery_keys(conn)
    }
}

impl Kept for OfficeState {
    const ALARM: AlarmKind = AlarmKind::ChainBroken;

    fn books(authority: &Authority) -> &Books<Self> {
        &authority.0.office
    }

    fn recovery_keys(_: &Authority, _: &mut DbConnection) -> StoreResult<Vec<VerifyKey>> {
        Ok(Vec::new())
    }
}

/// Without custodians.
impl Default for Authority {
    fn default() -> Self {
        Self::new(
            (Clock::system(), Suite::NEWEST),
            None,
            CustodianPins::default,
        )
    }
}

impl Authority {
    /// With nothing seen yet. New keys are of that suite, `pins` are those of the configuration.
    pub fn new(
        (clock, newest_suite): (Clock, Suite),
        witness: Option<Witness>,
        pins: impl Fn() -> CustodianPins + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Memory {
            clock,
            newest_suite,
            witness,
            pins: Box::new(pins),
            teams: Books::default(),
            office: Books::default(),
            last_good: RwLock::default(),
            wrong: Mutex::default(),
        }))
    }

    /// Of which suite new keys are.
    pub fn newest_suite(&self) -> Suite {
        self.0.newest_suite
    }

    /// A day, or, as long as nobody knows whether the machine's clock is right, one that has come for certain.
    pub fn certain_day(&self, day: Day) -> Day {
        let clock = &self.0.clock;
        match clock.doubted() {
            None => day,
            Some(_) => day.min(clock.at_least().day()),
        }
    }

    /// The custodians.
    pub fn pins(&self) -> CustodianPins {
        (self.0.pins)()
    }

    /// The id of the office's ledger: the installation's.
    ///
    /// # Errors
    /// From the database.
    pub fn office_id(&self, conn: &mut DbConnection) -> StoreResult<LedgerId> {
        let known = self.0.witness.as_ref().map(Witness::installation);
        let found = match known {
            Some(known) => Some(known),
            None => store::installation_find(conn)?,
        };
        Ok(found.unwrap_or(InstallationId::from_bytes([0; 16])).into())
    }

    /// A ledger as it stands in this transaction. Not remembered: what was written here may yet be undone.
    pub(in crate::service) fn ledger<S: Kept>(
        &self,
        conn: &mut DbConnection,
        id: LedgerId,
    ) -> StoreResult<Arc<Ledger<S>>> {
        // What is known is taken first, so that what is read afterwards cannot be older.
        let seen = (self.known_ledger(id), self.witnessed(id));
        self.go_on(conn, id, seen)
    }

    /// A ledger from what was seen of it.
    fn go_on<S: Kept>(
        &self,
        conn: &mut DbConnection,
        id: LedgerId,
        (known, witnessed): (Arc<Ledger<S>>, Option<Head>),
    ) -> StoreResult<Arc<Ledger<S>>> {
        let kept = match store::statements_from(conn, id, known.wanted_from()) {
            // What was seen before goes on: nothing in a ledger is taken back.
            Err(error) if error.is_damage() => return Ok(known),
            kept => kept?,
        };
        let has_seen = witnessed.is_none_or(|seen| seen.sequence <= known.head.sequence);
        if has_seen && known.is_up_to_date(&kept) {
            return Ok(known);
        }
        let recovery = S::recovery_keys(self, conn)?;
        let mut next = Ledger::clone(&known);
        let is_recovery_key = |key: &VerifyKey| recovery.contains(key);
        next.extend(id, &kept, witnessed, self.trust(&is_recovery_key));
        Ok(Arc::new(next))
    }

    /// Looks at all of a ledger, and at what `rows` finds beside it; remembers how far it holds. What is wrong, if anything is.
    pub(in crate::service) fn look_at<S: Kept>(
        &self,
        conn: &mut DbConnection,
        id: LedgerId,
        rows: impl FnOnce(&mut DbConnection, Option<&S>) -> StoreResult<Option<&'static str>>,
    ) -> StoreResult<Option<String>> {
        let seen = (self.known_ledger(id), self.witnessed(id));
        // Ledger and rows of one moment: a change that is committed between two reads is no tampering.
        let (ledger, why) = store::read_transaction(conn, |conn| {
            let ledger = self.go_on(conn, id, seen)?;
            let all = store::statements_from(conn, id, 1)?;
            let is_whole = ledger.is_whole(id, &all);
            let refused = ledger.fault.or((!is_whole).then_some(Refused::RolledBack));
            let why = match refused {
                Some(refused) => Some(refused.to_string()),
                None => rows(conn, ledger.state.as_ref())?.map(str::to_owned),
            };
            Ok((ledger, why))
        })?;
        let is_laid = self.is_laid(id, ledger.head);
        let why = why.or_else(|| is_laid.then(|| LAID.to_owned()));
        self.remember(id, &ledger);
        // Told at each look, until the service itself goes on from it, which is told of in the same write, or somebody accepts it.
        if !is_laid {
            self.confirm(id, &ledger);
        }
        Ok(why)
    }

    /// Nothing may fall below this from here on: it is committed.
    pub(in crate::service) fn remember<S: Kept>(&self, id: LedgerId, ledger: &Arc<Ledger<S>>) {
        let books = S::books(self).0.lock();
        let mut books = books.unwrap_or_else(PoisonError::into_inner);
        let known = books.entry(id).or_default();
        if known.head.sequence <= ledger.head.sequence {
            *known = Arc::clone(ledger);
        }
    }

    /// A ledger as it was last seen to hold.
    fn known_ledger<S: Kept>(&self, id: LedgerId) -> Arc<Ledger<S>> {
        let books = S::books(self).0.lock();
        let books = books.unwrap_or_else(PoisonError::into_inner);
        books.get(&id).cloned().unwrap_or_default()
    }

    /// What was found and holds is remembered outside the database as well: after another process, or after a witness that was accepted.
    fn confirm<S>(&self, id: LedgerId, ledger: &Ledger<S>) {
        let is_news = ledger.fault.is_none()
            && ledger.head.sequence > 0
            && self.witnessed(id) != Some(ledger.head);
        let Some(witness) = self.0.witness.as_ref().filter(|_| is_news) else {
            return;
        };
        if let Err(error) = witness.confirm(&[(id, ledger.head)]) {
            tracing::warn!(event = "witness-failing", %error, "a ledger's head is not remembered outside the database");
        }
    }

    /// Whether a ledger ends with what no process of this installation has written: each says before what it is about to write.
    pub(in crate::service) fn is_laid(&self, id: LedgerId, ends: Head) -> bool {
        let Some(witness) = &self.0.witness else {
            return false;
        };
        let is_known = || {
            let heads = witness.ledger(id)?;
            let is_seen = heads
                .last
                .is_some_and(|last| last.sequence >= ends.sequence);
            let is_announced = |next: Head| next == ends || next.sequence > ends.sequence;
            Some(is_seen || heads.next.is_some_and(is_announced))
        };
        // Another process may have written since the file was read.
        is_known() == Some(false) && witness.look().is_ok() && is_known() == Some(false)
    }

    /// How far a ledger had come by what is remembered outside the database.
    fn witnessed(&self, id: LedgerId) -> Option<Head> {
        self.0.witness.as_ref()?.ledger(id)?.last
    }

    /// Nobody's word is taken for a signature or a time.
    pub(in crate::service) fn trust<'a>(
        &self,
        is_recovery_key: &'a dyn Fn(&VerifyKey) -> bool,
    ) -> Trust<'a> {
        Trust::Nothing {
            is_recovery_key,
            until: self.0.clock.now().quarter().next(),
        }
    }

    /// Notes what is wrong with something, or that nothing is. `true` if that is wrong which was not so at the last look:
    /// what was looked into and stays as it is does not sound again at each request.
    pub fn is_news(&self, subject: &str, why: Option<&str>) -> bool {
        let mut wrong = self.0.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        match why {
            None => {
                wrong.remove(subject);
                false
            }
            Some(why) => wrong
                .insert(subject.to_owned(), why.to_owned())
                .is_none_or(|before| before != why),
        }
    }
}
