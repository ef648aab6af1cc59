//! Which key a channel's reports are sealed to: the newest of the team that custodians have named, and the last good one where something
//! does not hold.

use std::sync::Arc;

use super::memory::Authority;
use crate::domain::alarm::{AlarmKind, Fault};
use crate::domain::ids::TeamId;
use crate::domain::keys::AUDIT_CHANNEL;
use crate::ledger::Refused;
use crate::ledger::office::{Charter, OfficeState};
use crate::ledger::replay::Ledger;
use crate::ledger::team::TeamState;
use crate::seal::chain::VerifiedKey;
use crate::store::{self, DbConnection, Store, StoreResult};

/// What a look at a channel's records comes to.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The key that its reports are sealed to; where something does not hold, the last good one.
    pub key: Option<VerifiedKey>,
    /// Why there is no key, or no newer one.
    pub fault: Option<ChainError>,
}

/// Those that lead to a channel's key: the office's, and its team's.
type Ledgers = Option<(Arc<Ledger<OfficeState>>, Arc<Ledger<TeamState>>)>;

/// Why a channel has no key, or goes on with an older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The configuration pins no custodian, or asks for more signatures than it pins keys.
    #[error("the configuration pins too few custodians")]
    Pins,
    /// Too few custodians have signed for the channel.
    #[error("no charter that enough custodians have signed")]
    NoCharter,
    /// The office's ledger does not hold.
    #[error("the office's ledger does not hold: {0}")]
    Office(Refused),
    /// The team's ledger is missing, or begins with another statement than the one that the charter names.
    #[error("the team's ledger does not begin with the statement that was signed for")]
    OtherTeam,
    /// The team's ledger does not hold.
    #[error("the team's ledger does not hold: {0}")]
    Ledger(Refused),
    /// Older than what was seen before.
    #[error("older than what was seen before")]
    RolledBack,
}

impl Verdict {
    /// The key, if nothing is wrong.
    pub fn sound(&self) -> Option<&VerifiedKey> {
        self.key.as_ref().filter(|_| self.fault.is_none())
    }

    /// What is to be told of. That custodians have not signed yet is no tampering with the database.
    pub fn alarm(&self) -> Option<ChainError> {
        self.fault.filter(|fault| match fault {
            ChainError::Pins => false,
            ChainError::NoCharter => self.key.is_some(),
            _ => true,
        })
    }
}

impl Authority {
    /// The key to seal a channel's report to, `None` if there never was a valid one, and what is to be told of.
    ///
    /// The records are looked at each time, and a change takes effect with the next report. What does not hold is a fault and the last good
    /// key goes on: a report is never refused for key housekeeping.
    pub(in crate::service) async fn current(
        &self,
        store: &Store,
        channel: &str,
    ) -> (Option<VerifiedKey>, Option<Fault>) {
        let (this, name) = (self.clone(), channel.to_owned());
        let verdict = match store.run(move |conn| this.look(conn, &name)).await {
            Ok(verdict) => verdict,
            Err(error) => {
                tracing::warn!(event = "database-failing", channel, %error, "channel records not readable; the last good key goes on");
                return (self.last_good(channel), None);
            }
        };
        let fault = verdict.alarm().and_then(|why| {
            let (why, kept) = (why.to_string(), verdict.key.is_some());
            tracing::error!(
                event = "records-broken",
                channel,
                why,
                kept,
                "ALARM: the channel's key records do not verify"
            );
            self.is_news(channel, Some(&why)).then(|| Fault {
                kind: AlarmKind::ChainBroken,
                subject: channel.to_owned(),
                why,
            })
        });
        (verdict.key, fault)
    }

    /// Looks at a channel, and remembers the key that holds: here, and outside the database.
    ///
    /// # Errors
    /// From the database.
    pub fn look(&self, conn: &mut DbConnection, channel: &str) -> StoreResult<Verdict> {
        let (verdict, ledgers) = self.found(conn, channel)?;
        if let (Some(key), Some((office, team))) = (verdict.sound(), &ledgers) {
            self.remember(self.office_id(conn)?, office);
            self.remember(key.team.into(), team);
            self.receives(channel, key);
        }
        Ok(verdict)
    }

    /// The key of every channel whose records hold or once held, looked at in a transaction.
    ///
    /// # Errors
    /// From the database.
    pub(in crate::service) fn receivers(
        &self,
        conn: &mut DbConnection,
    ) -> StoreResult<Vec<(String, VerifiedKey)>> {
        let mut found = Vec::new();
        for channel in store::channel_list(conn)? {
            let verdict = self.of_channel(conn, &channel.id)?;
            let key = match self.last_good(&channel.id) {
                Some(_) => verdict.key,
                None => verdict.sound().cloned(),
            };
            found.extend(key.map(|key| (channel.id, key)));
        }
        Ok(found)
    }

    /// This key holds, and it is committed.
    pub(in crate::service) fn receives(&self, channel: &str, key: &VerifiedKey) {
        if let Ok(mut last_good) = self.0.last_good.write() {
            last_good.insert(channel.to_owned(), key.clone());
        }
        let told = self.0.witness.as_ref().map(|it| it.receive(channel, key));
        if let Some(Err(error)) = told {
            tracing::warn!(event = "witness-failing", %error, channel, "a channel's key is not remembered outside the database");
        }
        self.is_news(channel, None);
    }

    /// The key of a channel, looked at in a transaction. Not remembered: what was written here may yet be undone.
    ///
    /// # Errors
    /// From the database.
    pub fn of_channel(&self, conn: &mut DbConnection, channel: &str) -> StoreResult<Verdict> {
        Ok(self.found(conn, channel)?.0)
    }

    /// The key of a channel, and the two ledgers that lead to it, each read once.
    fn found(&self, conn: &mut DbConnection, channel: &str) -> StoreResult<(Verdict, Ledgers)> {
        let known = self.last_good(channel);
        let (Verdict { key, mut fault }, ledgers) = self.read(conn, channel)?;
        // Custodians who are pinned no more take nothing back: what they had decided goes on until the others decide.
        if let (Some(known), Some(key)) = (&known, &key)
            && key.is_before(known)
        {
            fault = fault.or(Some(ChainError::RolledBack));
        }
        let key = match fault {
            None => key,
            // Unknown: as far as it holds.
            Some(_) => match known {
                Some(known) => Some(self.newest_of(conn, known)?),
                None => key,
            },
        };
        Ok((Verdict { key, fault }, ledgers))
    }

    /// The key that the team of the last good one has by now: what is wrong with custodians' words does not keep it from changing its key.
    fn newest_of(&self, conn: &mut DbConnection, known: VerifiedKey) -> StoreResult<VerifiedKey> {
        let team = self.team(conn, known.team)?;
        let state = team.state.as_ref().filter(|state| state.root == known.root);
        let newest = state.map(|state| &state.generation);
        Ok(
            match newest.filter(|newest| newest.number > known.generation) {
                Some(newest) => VerifiedKey {
                    key: newest.key,
                    generation: newest.number,
                    recipient: newest.keys.recipient.clone(),
                    ..known
                },
                None => known,
            },
        )
    }

    /// What the ledgers come to, as far as they hold.
    fn read(&self, conn: &mut DbConnection, channel: &str) -> StoreResult<(Verdict, Ledgers)> {
        let none = |fault| {
            let (key, fault) = (None, Some(fault));
            (Verdict { key, fault }, None)
        };
        let pins = self.pins();
        if !pins.is_possible() {
            return Ok(none(ChainError::Pins));
        }
        let office = self.office(conn)?;
        let fault = office.fault.map(ChainError::Office);
        let decision = office.state.as_ref().map(|it| it.charter(&pins, channel));
        let decision = decision.unwrap_or_default();
        let Some(charter) = decision.current else {
            return Ok(none(fault.unwrap_or(ChainError::NoCharter)));
        };
        let team = self.team(conn, charter.team)?;
        let Some(key) = receiver(charter, decision.number, &team) else {
            let broken = team.fault.map(ChainError::Ledger);
            return Ok(none(broken.unwrap_or(ChainError::OtherTeam)));
        };
        let verdict = Verdict {
            key: Some(key),
            fault: fault.or(team.fault.map(ChainError::Ledger)),
        };
        Ok((verdict, Some((office, team))))
    }

    /// A team's active key, if custodians' charters lead to it: what reports may be sealed to for a team of which the caller holds no
    /// key.
    pub(in crate::service) fn rooted_key(
        &self,
        conn: &mut DbConnection,
        team: TeamId,
    ) -> StoreResult<Option<VerifiedKey>> {
        for channel in store::channel_list(conn)? {
            // The auditors' channel leads to no team that reads reports.
            if channel.id == AUDIT_CHANNEL {
                continue;
            }
            let verdict = self.of_channel(conn, &channel.id)?;
            if let Some(key) = verdict.sound().filter(|key| key.team == team) {
                return Ok(Some(key.clone()));
            }
        }
        Ok(None)
    }

    /// The last key of a channel that held: here, or before this start.
    fn last_good(&self, channel: &str) -> Option<VerifiedKey> {
        let known = self.0.last_good.read().ok();
        let known = known.and_then(|known| known.get(channel).cloned());
        known.or_else(|| self.0.witness.as_ref()?.receiver(channel))
    }
}

/// The key that a team's ledger ends with, if it is the ledger that the charter names.
fn receiver(charter: &Charter, decided: u32, team: &Ledger<TeamState>) -> Option<VerifiedKey> {
    let state = team.state.as_ref()?;
    (state.root == charter.root).then(|| VerifiedKey {
        team: charter.team,
        root: charter.root,
        decided,
        key: state.generation.key,
        generation: state.generation.number,
        recipient: state.generation.keys.recipient.clone(),
    })
}
