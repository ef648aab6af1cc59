//! Which key a channel's reports are sealed to: verified, and the last good one kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::domain::alarm::{AlarmKind, Fault};
use crate::domain::ids::TeamId;
use crate::domain::keys::AUDIT_CHANNEL;
use crate::seal::chain::{
    ChainError, Charter, CustodianPins, Generation, Seen, SignedCharter, SignedGeneration,
    VerifiedKey, verify_channel, verify_team,
};
use crate::seal::keys::{Signature, VerifyKey};
use crate::store::{
    Charter as CharterRow, CharterSignature, DbConnection, KeyRow, Store, StoreError, WriteTxn,
    channel_list, charters_of_channel, keys_of_team, setting_find, setting_put,
};

/// The verified keys by channel. Clones share one memory.
#[derive(Clone, Default)]
pub struct Receivers {
    last_good: Arc<RwLock<HashMap<String, VerifiedKey>>>,
    /// How far each channel's records are written down as seen.
    written: Arc<Mutex<HashMap<String, Seen>>>,
    /// What was wrong at the last look, and how.
    wrong: Arc<Mutex<HashMap<String, String>>>,
}

/// What a look at a channel's records comes to.
enum Verdict {
    /// They verify.
    Good(VerifiedKey),
    /// They lead to no key yet: nobody has signed, or custodians are signing at this moment.
    Waiting,
    /// Somebody has changed them, and it was not a custodian or a member.
    Broken(ChainError),
}

impl Receivers {
    /// The key to seal a channel's report to, `None` if there never was a valid one, and what is to be told of.
    ///
    /// The records are read and verified each time: about 0.2 ms, and a change takes effect with the next report. A broken,
    /// unsigned or older record is a fault and the last good key goes on: a report is never refused for key
    /// housekeeping.
    pub(super) async fn current(
        &self,
        store: &Store,
        pins: CustodianPins,
        channel: &str,
    ) -> (Option<VerifiedKey>, Option<Fault>) {
        let (this, name) = (self.clone(), channel.to_owned());
        let verdict = store
            .run(move |conn| this.verdict(conn, &pins, &name))
            .await;
        match verdict {
            Ok(Verdict::Good(key)) => (Some(key), None),
            Ok(Verdict::Waiting) => (self.known(channel), None),
            Ok(Verdict::Broken(error)) => {
                let (known, why) = (self.known(channel), error.to_string());
                tracing::error!(channel, %error, kept = known.is_some(), "ALARM: the channel's key records do not verify");
                let is_news = self.is_news(channel, Some(&why));
                let fault = is_news.then(|| Fault {
                    kind: AlarmKind::ChainBroken,
                    subject: channel.to_owned(),
                    why,
                });
                (known, fault)
            }
            Err(error) => {
                tracing::warn!(channel, %error, "channel records not readable; the last good key goes on");
                (self.known(channel), None)
            }
        }
    }

    /// Looks without a report. What is wrong, if somebody has tampered with the records.
    pub(super) fn look(
        &self,
        conn: &mut DbConnection,
        pins: &CustodianPins,
        channel: &str,
    ) -> Result<Option<ChainError>, StoreError> {
        Ok(match self.verdict(conn, pins, channel)? {
            Verdict::Broken(error) => Some(error),
            Verdict::Good(_) | Verdict::Waiting => None,
        })
    }

    /// The key of a channel that is no form's, looked at in a transaction: verified, or the last good one.
    pub(super) fn of_channel(
        &self,
        conn: &mut DbConnection,
        pins: &CustodianPins,
        channel: &str,
    ) -> Result<Option<VerifiedKey>, StoreError> {
        // Not remembered: what this transaction has changed may yet be undone.
        match self.judged(conn, pins, channel)? {
            Verdict::Good(key) => Ok(Some(key)),
            Verdict::Waiting | Verdict::Broken(_) => Ok(self.known(channel)),
        }
    }

    /// Whether [`Receivers::remember_in_txn`] has something to write.
    pub fn must_remember(&self) -> bool {
        let seen = self.seen();
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) != seen
    }

    /// Writes down how far each channel's records have been seen, so that older ones are refused after the next start as well.
    ///
    /// # Errors
    /// From the database.
    pub fn remember_in_txn(&self, conn: &mut WriteTxn<'_>) -> Result<(), StoreError> {
        let seen = self.seen();
        for (channel, seen) in &seen {
            if remembered(conn, channel)?.is_none_or(|older| older < *seen) {
                let text = format!("{}:{}", seen.charter, seen.generation);
                setting_put(conn, &setting(channel), &text)?;
            }
        }
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        Ok(())
    }

    /// What the records come to; a key that holds is remembered.
    fn verdict(
        &self,
        conn: &mut DbConnection,
        pins: &CustodianPins,
        channel: &str,
    ) -> Result<Verdict, StoreError> {
        let verdict = self.judged(conn, pins, channel)?;
        if let Verdict::Good(key) = &verdict {
            self.remember(channel, key);
            self.is_news(channel, None);
        }
        Ok(verdict)
    }

    fn judged(
        &self,
        conn: &mut DbConnection,
        pins: &CustodianPins,
        channel: &str,
    ) -> Result<Verdict, StoreError> {
        let seen = match self.known(channel) {
            Some(known) => Some(known.seen),
            None => remembered(conn, channel)?,
        };
        let (charters, generations) = records(conn, channel)?;
        let mut outcome = verify_channel(pins, channel, &charters, &generations, seen);
        let is_forgotten = self.known(channel).is_none();
        if is_forgotten && is_unsigned(&outcome) && is_in_signing(pins, &charters) {
            // After a start there is no last good key in memory: the charter before this one leads to it.
            let (charters, generations) = older_records(conn, channel)?;
            let before = verify_channel(pins, channel, &charters, &generations, seen);
            if before.is_ok() {
                outcome = before;
            }
        }
        Ok(match outcome {
            Ok(key) => Verdict::Good(key),
            // Without custodians in the configuration nothing is signed; that is no tampering with the database.
            Err(ChainError::Pins) => Verdict::Waiting,
            Err(ChainError::NoCharter) if seen.is_none() => Verdict::Waiting,
            Err(ChainError::Unsigned) if is_in_signing(pins, &charters) => Verdict::Waiting,
            Err(error) => Verdict::Broken(error),
        })
    }

    fn known(&self, channel: &str) -> Option<VerifiedKey> {
        self.last_good.read().ok()?.get(channel).cloned()
    }

    fn remember(&self, channel: &str, key: &VerifiedKey) {
        if let Ok(mut last_good) = self.last_good.write() {
            last_good.insert(channel.to_owned(), key.clone());
        }
    }

    fn seen(&self) -> HashMap<String, Seen> {
        self.last_good
            .read()
            .map(|all| all.iter().map(|(id, key)| (id.clone(), key.seen)).collect())
            .unwrap_or_default()
    }

    /// Notes what is wrong with something, or that nothing is. `true` if that is wrong which was not so at the last look:
    /// what was looked into and stays as it is does not sound again at each request.
    pub(super) fn is_news(&self, subject: &str, why: Option<&str>) -> bool {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
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

fn is_unsigned(outcome: &Result<VerifiedKey, ChainError>) -> bool {
    matches!(outcome, Err(ChainError::Unsigned))
}

/// Whether custodians are signing a new charter at this moment: some have, and more must.
fn is_in_signing(pins: &CustodianPins, charters: &[SignedCharter]) -> bool {
    charters
        .iter()
        .max_by_key(|signed| signed.charter.sequence)
        .is_some_and(|newest| {
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
fn remembered(conn: &mut DbConnection, channel: &str) -> Result<Option<Seen>, StoreError> {
    let text = setting_find(conn, &setting(channel))?;
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

/// What was seen must not go back: exported for the pages that show a channel's state without changing it.
pub(super) fn check(
    conn: &mut DbConnection,
    pins: &CustodianPins,
    channel: &str,
    seen: Option<Seen>,
) -> Result<Result<VerifiedKey, ChainError>, StoreError> {
    let (charters, generations) = records(conn, channel)?;
    Ok(verify_channel(pins, channel, &charters, &generations, seen))
}

/// Everything that is known of who may receive a channel's reports, and what it comes to.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// The charters with their signatures, as they are stored.
    pub charters: Vec<SignedCharter>,
    /// The generations of the team that the newest charter names.
    pub generations: Vec<SignedGeneration>,
    /// The key that reports are sealed to, or why there is none.
    pub verdict: Result<VerifiedKey, ChainError>,
}

/// Looks at a channel from outside, changing nothing. Nothing may be older than `seen`.
///
/// # Errors
/// From the database.
pub fn inspect(
    conn: &mut DbConnection,
    pins: &CustodianPins,
    channel: &str,
    seen: Option<Seen>,
) -> Result<Inspection, StoreError> {
    let (charters, generations) = records(conn, channel)?;
    Ok(Inspection {
        verdict: verify_channel(pins, channel, &charters, &generations, seen),
        charters,
        generations,
    })
}

type Records = (Vec<SignedCharter>, Vec<SignedGeneration>);

fn records(conn: &mut DbConnection, channel: &str) -> Result<Records, StoreError> {
    let rows = charters_of_channel(conn, channel)?;
    records_of(conn, rows)
}

/// Without the newest charter.
fn older_records(conn: &mut DbConnection, channel: &str) -> Result<Records, StoreError> {
    let mut rows = charters_of_channel(conn, channel)?;
    let newest = rows.iter().map(|(row, _)| row.sequence).max();
    rows.retain(|(row, _)| Some(row.sequence) != newest);
    records_of(conn, rows)
}

fn records_of(
    conn: &mut DbConnection,
    rows: Vec<(CharterRow, Vec<CharterSignature>)>,
) -> Result<Records, StoreError> {
    let mut charters = Vec::new();
    let mut team = None;
    for (row, signatures) in rows {
        let sequence = u32::try_from(row.sequence).unwrap_or(0);
        if team.is_none_or(|(newest, _)| newest < sequence) {
            team = Some((sequence, row.team));
        }
        charters.push(SignedCharter {
            charter: Charter {
                channel: row.channel,
                team: row.team,
                first: VerifyKey::from_bytes(row.verify_key),
                sequence,
            },
            signatures: signatures
                .into_iter()
                .map(|s| {
                    (
                        VerifyKey::from_bytes(s.custodian),
                        Signature::from_bytes(s.signature),
                    )
                })
                .collect(),
        });
    }
    let generations = match team {
        Some((_, team)) => keys_of_team(conn, team)?
            .into_iter()
            .filter_map(generation)
            .collect(),
        None => Vec::new(),
    };
    Ok((charters, generations))
}

/// A team's active key, if its chain holds from the custodians' charters, or from its first generation where no charter names it.
pub(super) fn active_generation(
    conn: &mut DbConnection,
    pins: &CustodianPins,
    team: TeamId,
) -> Result<Result<Generation, ChainError>, StoreError> {
    let newest = match chain_of(conn, team)? {
        Ok((_, newest)) => newest,
        Err(error) => return Ok(Err(error)),
    };
    for channel in channel_list(conn)? {
        match check(conn, pins, &channel.id, None)? {
            Ok(key) if key.team == team && key.key != newest.key => {
                return Ok(Err(ChainError::Forked));
            }
            Ok(_) | Err(ChainError::NoCharter | ChainError::Unsigned | ChainError::Pins) => {}
            Err(error) if channel.team == team => return Ok(Err(error)),
            Err(_) => {}
        }
    }
    Ok(Ok(newest))
}

/// The verify key that a team's chain begins with, and the generation that it ends with, whatever custodians have signed.
pub(super) fn chain_of(
    conn: &mut DbConnection,
    team: TeamId,
) -> Result<Result<(VerifyKey, Generation), ChainError>, StoreError> {
    let generations: Vec<_> = keys_of_team(conn, team)?
        .into_iter()
        .filter_map(generation)
        .collect();
    let oldest = generations.iter().min_by_key(|g| g.generation.number);
    let Some(first) = oldest.map(|signed| signed.generation.verify_key) else {
        return Ok(Err(ChainError::Truncated));
    };
    Ok(verify_team(team, &first, &generations).map(|newest| (first, newest.clone())))
}

/// A team's active key, if custodians' charters lead to it: what reports may be sealed to for a team of which the caller holds no
/// key.
pub(super) fn rooted_key(
    conn: &mut DbConnection,
    pins: &CustodianPins,
    team: TeamId,
) -> Result<Option<VerifiedKey>, StoreError> {
    for channel in channel_list(conn)? {
        // The auditors' channel leads to no team that reads reports.
        if channel.id == AUDIT_CHANNEL {
            continue;
        }
        match check(conn, pins, &channel.id, None)? {
            Ok(key) if key.team == team => return Ok(Some(key)),
            _ => {}
        }
    }
    Ok(None)
}

/// A row as the record that was signed. A row that cannot be one is left out, and the chain then breaks by name.
fn generation(row: KeyRow) -> Option<SignedGeneration> {
    Some(SignedGeneration {
        generation: Generation {
            team: TeamId::from_bytes(row.owner),
            number: row.generation,
            key: row.id,
            recipient: row.recipient.parse().ok()?,
            verify_key: VerifyKey::from_bytes(row.verify_key),
            members: row.members,
        },
        signature: Signature::from_bytes(row.signature?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::chain::Custodian;
    use crate::seal::keys::{Seed, SigningKey};

    #[test]
    fn a_charter_that_one_of_two_has_signed_is_no_tampering() {
        let custodians = [(); 2].map(|()| SigningKey::from_seed(&Seed::random()));
        let pins = CustodianPins {
            threshold: 2,
            custodians: custodians
                .iter()
                .map(|key| Custodian {
                    name: String::new(),
                    key: key.verify_key(),
                    previous: None,
                })
                .collect(),
        };
        let charter = Charter {
            channel: "main".to_owned(),
            team: TeamId::from_bytes([1; 16]),
            first: custodians[0].verify_key(),
            sequence: 1,
        };
        for (signers, expected) in [(0, false), (1, true), (2, false)] {
            let signed = SignedCharter {
                charter: charter.clone(),
                signatures: custodians
                    .iter()
                    .take(signers)
                    .map(|key| (key.verify_key(), charter.sign(key)))
                    .collect(),
            };
            assert_eq!(is_in_signing(&pins, &[signed]), expected, "{signers}");
        }
    }
}
