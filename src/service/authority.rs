//! The ledgers in force: who is in which team and with which keys, and which key a channel's reports are sealed to.
//!
//! Rows can be changed by whoever writes to the database. What is asked here is what the signed statements come to; what was seen of them
//! before is kept in memory, and nothing may fall below it. What does not hold is named, and the last good state goes on.

mod rows;
mod signers;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::domain::alarm::{AlarmKind, Fault};
use crate::domain::clock::{Clock, Day};
use crate::domain::ids::TeamId;
use crate::domain::keys::AUDIT_CHANNEL;
use crate::ledger::Refused;
use crate::ledger::replay::Ledger;
use crate::ledger::statement::Head;
use crate::ledger::team::{TeamState, Trust};
use crate::seal::chain::{
    self, ChainError, Charter, CustodianPins, Seen, SignedCharter, VerifiedKey,
};
use crate::seal::keys::{Signature, VerifyKey};
use crate::service::error::Error;
use crate::service::recovery::standing;
use crate::store::{
    self, Charter as CharterRow, CharterSignature, DbConnection, Store, StoreResult, WriteTxn,
};
use crate::witness::Witness;

pub use signers::Signers;

/// See the module. Clones share one memory.
#[derive(Clone)]
pub struct Authority(Arc<Memory>);

struct Memory {
    clock: Clock,
    /// What was seen before this start.
    witness: Option<Witness>,
    /// The custodians of the configuration, with the days until which their earlier keys count.
    pins: Box<dyn Fn() -> CustodianPins + Send + Sync>,
    /// Each team's ledger as it was last seen to hold.
    teams: Mutex<HashMap<TeamId, Arc<Ledger>>>,
    /// The verified keys by channel.
    last_good: RwLock<HashMap<String, VerifiedKey>>,
    /// How far each channel's records are written down as seen.
    written: Mutex<HashMap<String, Seen>>,
    /// What was wrong at the last look, and how.
    wrong: Mutex<HashMap<String, String>>,
}

/// Without custodians.
impl Default for Authority {
    fn default() -> Self {
        Self::new(Clock::system(), None, CustodianPins::default)
    }
}

/// What a look at a channel's records comes to.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// The key that its reports are sealed to; where something does not hold, the last good one.
    pub key: Option<VerifiedKey>,
    /// What does not hold. A channel for which custodians have not signed yet has no fault.
    pub fault: Option<String>,
}

impl Authority {
    /// With nothing seen yet. `pins` are those of the configuration, with the days until which earlier keys count.
    pub fn new(
        clock: Clock,
        witness: Option<Witness>,
        pins: impl Fn() -> CustodianPins + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Memory {
            clock,
            witness,
            pins: Box::new(pins),
            teams: Mutex::default(),
            last_good: RwLock::default(),
            written: Mutex::default(),
            wrong: Mutex::default(),
        }))
    }

    /// The custodians as they count that day.
    pub fn pins(&self, day: Day) -> CustodianPins {
        (self.0.pins)().on(day)
    }

    /// A team's ledger as it stands in this transaction. Not remembered: what was written here may yet be undone.
    ///
    /// # Errors
    /// From the database.
    pub fn team(&self, conn: &mut DbConnection, team: TeamId) -> StoreResult<Arc<Ledger>> {
        // What is known is taken first, so that what is read afterwards cannot be older.
        let seen = (self.known_team(team), self.witnessed(team));
        self.go_on(conn, team, seen)
    }

    /// A team's ledger from what was seen of it.
    fn go_on(
        &self,
        conn: &mut DbConnection,
        team: TeamId,
        (known, witnessed): (Arc<Ledger>, Option<Head>),
    ) -> StoreResult<Arc<Ledger>> {
        let kept = store::statements_from(conn, team.into(), known.wanted_from())?;
        let has_seen = witnessed.is_none_or(|seen| seen.sequence <= known.head.sequence);
        if has_seen && known.is_up_to_date(&kept) {
            return Ok(known);
        }
        let recovery = standing::countersigned(conn, &(self.0.pins)())?;
        let mut next = Ledger::clone(&known);
        let is_recovery_key = |key: &VerifyKey| recovery.contains(key);
        next.extend(team.into(), &kept, witnessed, self.trust(&is_recovery_key));
        Ok(Arc::new(next))
    }

    /// A team as its ledger says, if nothing is wrong with it: what acts go by.
    ///
    /// # Errors
    /// [`Error::Refused`] if something is; [`Error::NotFound`] before anybody is in it.
    pub fn sound_team(&self, conn: &mut DbConnection, team: TeamId) -> Result<TeamState, Error> {
        let ledger = self.team(conn, team)?;
        if let Some(refused) = ledger.fault {
            tracing::error!(%team, %refused, "ALARM: the team's ledger does not hold");
            return Err(Error::Refused);
        }
        ledger.state.clone().ok_or(Error::NotFound)
    }

    /// Whether a team's key is also to be wrapped to the recovery key: unless its leads have said otherwise.
    pub(super) fn wants_recovery(
        &self,
        conn: &mut DbConnection,
        team: TeamId,
    ) -> StoreResult<bool> {
        let ledger = self.team(conn, team)?;
        Ok(ledger.state.as_ref().is_none_or(|state| state.recovery))
    }

    /// Looks at a team's ledger, and at the rows that say the same; remembers how far it holds. What is wrong, if anything is.
    ///
    /// # Errors
    /// From the database.
    pub fn look_at_team(
        &self,
        conn: &mut DbConnection,
        team: TeamId,
    ) -> StoreResult<Option<String>> {
        let seen = (self.known_team(team), self.witnessed(team));
        // Ledger and rows of one moment: a change that is committed between two reads is no tampering.
        let (ledger, why) = store::read_transaction(conn, |conn| {
            let ledger = self.go_on(conn, team, seen)?;
            let all = store::statements_from(conn, team.into(), 1)?;
            let why = match (ledger.fault, &ledger.state) {
                (Some(refused), _) => Some(refused.to_string()),
                _ if !ledger.is_whole(team.into(), &all) => Some(Refused::RolledBack.to_string()),
                (None, Some(state)) => rows::unfit(conn, team, state)?.map(str::to_owned),
                (None, None) => None,
            };
            Ok((ledger, why))
        })?;
        self.remember_team(team, &ledger);
        self.confirm(team, &ledger);
        Ok(why)
    }

    /// Nothing may fall below this from here on: it is committed.
    pub(super) fn remember_team(&self, team: TeamId, ledger: &Arc<Ledger>) {
        let mut teams = self.0.teams.lock().unwrap_or_else(PoisonError::into_inner);
        let known = teams.entry(team).or_default();
        if known.head.sequence <= ledger.head.sequence {
            *known = Arc::clone(ledger);
        }
    }

    /// A team's ledger as it was last seen to hold.
    fn known_team(&self, team: TeamId) -> Arc<Ledger> {
        let teams = self.0.teams.lock().unwrap_or_else(PoisonError::into_inner);
        teams.get(&team).cloned().unwrap_or_default()
    }

    /// What was found and holds is remembered outside the database as well: after another process, or after a witness that was accepted.
    fn confirm(&self, team: TeamId, ledger: &Ledger) {
        let is_news = ledger.fault.is_none()
            && ledger.head.sequence > 0
            && self.witnessed(team) != Some(ledger.head);
        let Some(witness) = self.0.witness.as_ref().filter(|_| is_news) else {
            return;
        };
        if let Err(error) = witness.confirm(&[(team.into(), ledger.head)]) {
            tracing::warn!(%error, "a ledger's head is not remembered outside the database");
        }
    }

    /// How far a team's ledger had come by what is remembered outside the database.
    fn witnessed(&self, team: TeamId) -> Option<Head> {
        self.0.witness.as_ref()?.ledger(team.into())?.last
    }

    /// Nobody's word is taken for a signature or a time.
    pub(super) fn trust<'a>(&self, is_recovery_key: &'a dyn Fn(&VerifyKey) -> bool) -> Trust<'a> {
        Trust::Nothing {
            is_recovery_key,
            until: self.0.clock.now().quarter().next(),
        }
    }

    /// The key to seal a channel's report to, `None` if there never was a valid one, and what is to be told of.
    ///
    /// The records are looked at each time, and a change takes effect with the next report. What does not hold is a fault and the last good
    /// key goes on: a report is never refused for key housekeeping.
    pub(super) async fn current(
        &self,
        store: &Store,
        channel: &str,
    ) -> (Option<VerifiedKey>, Option<Fault>) {
        let (this, name) = (self.clone(), channel.to_owned());
        match store.run(move |conn| this.look(conn, &name)).await {
            Ok(Verdict { key, fault: None }) => (key, None),
            Ok(Verdict {
                key,
                fault: Some(why),
            }) => {
                tracing::error!(
                    channel,
                    why,
                    kept = key.is_some(),
                    "ALARM: the channel's key records do not verify"
                );
                let is_news = self.is_news(channel, Some(&why));
                let fault = is_news.then(|| Fault {
                    kind: AlarmKind::ChainBroken,
                    subject: channel.to_owned(),
                    why,
                });
                (key, fault)
            }
            Err(error) => {
                tracing::warn!(channel, %error, "channel records not readable; the last good key goes on");
                (self.known(channel), None)
            }
        }
    }

    /// Looks at a channel, and remembers the key that holds.
    pub(super) fn look(&self, conn: &mut DbConnection, channel: &str) -> StoreResult<Verdict> {
        let verdict = self.of_channel(conn, channel)?;
        if let Verdict {
            key: Some(key),
            fault: None,
        } = &verdict
        {
            if let Ok(mut last_good) = self.0.last_good.write() {
                last_good.insert(channel.to_owned(), key.clone());
            }
            self.remember_team(key.team, &self.team(conn, key.team)?);
            self.is_news(channel, None);
        }
        Ok(verdict)
    }

    /// The key of a channel, looked at in a transaction. Not remembered: what was written here may yet be undone.
    ///
    /// # Errors
    /// From the database.
    pub fn of_channel(&self, conn: &mut DbConnection, channel: &str) -> StoreResult<Verdict> {
        let pins = self.pins(self.0.clock.today());
        let seen = match self.known(channel) {
            Some(known) => Some(known.seen),
            None => remembered(conn, channel)?,
        };
        let charters = charters(conn, channel)?;
        let mut found = self.verified(conn, &pins, channel, &charters, seen)?;
        let is_forgotten = self.known(channel).is_none();
        if is_forgotten && is_unsigned(&found) && is_in_signing(&pins, &charters) {
            // After a start there is no last good key in memory: the charter before this one leads to it.
            let older = charters.get(1..).unwrap_or_default();
            let before = self.verified(conn, &pins, channel, older, seen)?;
            if before.is_ok() {
                found = before;
            }
        }
        Ok(match found {
            Ok((key, None)) => Verdict {
                key: Some(key),
                fault: None,
            },
            // As far as the ledger holds.
            Ok((key, Some(refused))) => Verdict {
                key: self.known(channel).or(Some(key)),
                fault: Some(refused.to_string()),
            },
            // Without custodians in the configuration nothing is signed; that is no tampering with the database.
            Err(ChainError::Pins) => self.waiting(channel),
            Err(ChainError::NoCharter) if seen.is_none() => self.waiting(channel),
            Err(ChainError::Unsigned) if is_in_signing(&pins, &charters) => self.waiting(channel),
            Err(error) => Verdict {
                fault: Some(error.to_string()),
                ..self.waiting(channel)
            },
        })
    }

    /// What charters lead to, by these custodians, and nothing older than `seen`.
    ///
    /// # Errors
    /// From the database.
    pub fn check(
        &self,
        conn: &mut DbConnection,
        pins: &CustodianPins,
        channel: &str,
        seen: Option<Seen>,
    ) -> StoreResult<Result<VerifiedKey, ChainError>> {
        let charters = charters(conn, channel)?;
        let found = self.verified(conn, pins, channel, &charters, seen)?;
        Ok(found.and_then(|(key, fault)| match fault {
            None => Ok(key),
            Some(_) => Err(ChainError::Ledger),
        }))
    }

    fn verified(
        &self,
        conn: &mut DbConnection,
        pins: &CustodianPins,
        channel: &str,
        charters: &[SignedCharter],
        seen: Option<Seen>,
    ) -> StoreResult<Result<(VerifiedKey, Option<Refused>), ChainError>> {
        let charter = match chain::charter_in_force(pins, channel, charters) {
            Ok(charter) => charter,
            Err(error) => return Ok(Err(error)),
        };
        let ledger = self.team(conn, charter.team)?;
        let key = receiver(charter, &ledger).and_then(|key| key.not_before(seen));
        Ok(key.map(|key| (key, ledger.fault)))
    }

    /// A team's active key, if custodians' charters lead to it: what reports may be sealed to for a team of which the caller holds no
    /// key.
    pub(super) fn rooted_key(
        &self,
        conn: &mut DbConnection,
        team: TeamId,
    ) -> StoreResult<Option<VerifiedKey>> {
        let pins = self.pins(self.0.clock.today());
        for channel in store::channel_list(conn)? {
            // The auditors' channel leads to no team that reads reports.
            if channel.id == AUDIT_CHANNEL {
                continue;
            }
            match self.check(conn, &pins, &channel.id, None)? {
                Ok(key) if key.team == team => return Ok(Some(key)),
                _ => {}
            }
        }
        Ok(None)
    }

    /// Whether [`Authority::remember_in_txn`] has something to write.
    pub fn must_remember(&self) -> bool {
        let seen = self.seen();
        *self
            .0
            .written
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            != seen
    }

    /// Writes down how far each channel's records have been seen, so that older ones are refused after the next start as well.
    ///
    /// # Errors
    /// From the database.
    pub fn remember_in_txn(&self, conn: &mut WriteTxn<'_>) -> StoreResult<()> {
        let seen = self.seen();
        for (channel, seen) in &seen {
            if remembered(conn, channel)?.is_none_or(|older| older < *seen) {
                let text = format!("{}:{}", seen.charter, seen.generation);
                store::setting_put(conn, &setting(channel), &text)?;
            }
        }
        *self
            .0
            .written
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = seen;
        Ok(())
    }

    fn waiting(&self, channel: &str) -> Verdict {
        Verdict {
            key: self.known(channel),
            fault: None,
        }
    }

    fn known(&self, channel: &str) -> Option<VerifiedKey> {
        self.0.last_good.read().ok()?.get(channel).cloned()
    }

    fn seen(&self) -> HashMap<String, Seen> {
        self.0
            .last_good
            .read()
            .map(|all| all.iter().map(|(id, key)| (id.clone(), key.seen)).collect())
            .unwrap_or_default()
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

/// The key that a team's ledger ends with, if it begins with the one that the charter names.
fn receiver(charter: &Charter, ledger: &Ledger) -> Result<VerifiedKey, ChainError> {
    let state = ledger.state.as_ref().ok_or(ChainError::Truncated)?;
    if state.first_generation().keys.verify_key != charter.first {
        return Err(ChainError::Truncated);
    }
    Ok(VerifiedKey {
        team: charter.team,
        key: state.generation.key,
        generation: state.generation.number,
        recipient: state.generation.keys.recipient.clone(),
        seen: Seen {
            charter: charter.sequence,
            generation: state.generation.number,
        },
    })
}

const fn is_unsigned<T>(found: &Result<T, ChainError>) -> bool {
    matches!(found, Err(ChainError::Unsigned))
}

/// Whether custodians are signing a new charter at this moment: some have, and more must.
fn is_in_signing(pins: &CustodianPins, charters: &[SignedCharter]) -> bool {
    charters.first().is_some_and(|newest| {
        let signers: Vec<VerifyKey> = newest.signatures.iter().map(|(key, _)| *key).collect();
        // Two keys of one custodian are one signature; a row of somebody who is not pinned is a row too many.
        let signed = match signers.iter().all(|key| pins.contains(key)) {
            true => pins.persons(&signers),
            false => signers.len(),
        };
        (1..pins.threshold).contains(&signed)
    })
}

/// How far a channel's records had been seen before this start.
fn remembered(conn: &mut DbConnection, channel: &str) -> StoreResult<Option<Seen>> {
    let text = store::setting_find(conn, &setting(channel))?;
    Ok(text.as_deref().and_then(|text| {
        let (charter, generation) = text.split_once(':')?;
        Some(Seen {
            charter: charter.parse().ok()?,
            generation: generation.parse().ok()?,
        })
    }))
}

fn setting(channel: &str) -> String {
    format!("seen:{channel}")
}

/// The charters of a channel with their signatures, the newest first, as they are stored.
///
/// # Errors
/// From the database.
pub fn charters(conn: &mut DbConnection, channel: &str) -> StoreResult<Vec<SignedCharter>> {
    let rows = store::charters_of_channel(conn, channel)?;
    Ok(rows.into_iter().map(signed).collect())
}

fn signed((row, signatures): (CharterRow, Vec<CharterSignature>)) -> SignedCharter {
    let signatures = signatures.into_iter().map(|by| {
        let signature = Signature::from_bytes(by.signature);
        (VerifyKey::from_bytes(by.custodian), signature)
    });
    SignedCharter {
        charter: Charter {
            channel: row.channel,
            team: row.team,
            first: VerifyKey::from_bytes(row.verify_key),
            sequence: u32::try_from(row.sequence).unwrap_or(0),
        },
        signatures: signatures.collect(),
    }
}
