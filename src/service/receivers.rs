//! Which key a channel's reports are sealed to: verified, and the last good one kept.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use crate::domain::ids::TeamId;
use crate::seal::chain::{
    ChainError, Charter, CustodianPins, Generation, Seen, SignedCharter, SignedGeneration,
    VerifiedKey, verify_channel, verify_team,
};
use crate::seal::keys::{Signature, VerifyKey};
use crate::store::{
    DbConnection, KeyRow, Store, StoreError, channel_list, charters_of_channel, keys_of_team,
};

/// The verified keys by channel. Clones share one memory.
#[derive(Clone, Default)]
pub struct Receivers {
    last_good: Arc<RwLock<HashMap<String, VerifiedKey>>>,
}

impl Receivers {
    /// The key to seal a channel's report to, `None` if there never was a valid one.
    ///
    /// The records are read and verified each time: about 0.2 ms, and a change takes effect with the next report. A broken,
    /// unsigned or older record raises an alarm in the log and the last good key goes on: a report is never refused for
    /// key housekeeping (`design.md` section 4).
    pub async fn current(
        &self,
        store: &Store,
        pins: &CustodianPins,
        channel: &str,
    ) -> Option<VerifiedKey> {
        let known = self.known(channel);
        let records = {
            let channel = channel.to_owned();
            store.run(move |conn| records(conn, &channel)).await
        };
        let (charters, generations) = match records {
            Ok(records) => records,
            Err(error) => {
                tracing::warn!(channel, %error, "channel records not readable; the last good key goes on");
                return known;
            }
        };
        match verify_channel(
            pins,
            channel,
            &charters,
            &generations,
            known.as_ref().map(|k| k.seen),
        ) {
            Ok(key) => {
                self.remember(channel, &key);
                Some(key)
            }
            Err(ChainError::NoCharter) if known.is_none() => None,
            Err(error) => {
                tracing::error!(channel, %error, kept = known.is_some(), "ALARM: the channel's key records do not verify");
                known
            }
        }
    }

    fn known(&self, channel: &str) -> Option<VerifiedKey> {
        self.last_good.read().ok()?.get(channel).cloned()
    }

    fn remember(&self, channel: &str, key: &VerifiedKey) {
        if let Ok(mut last_good) = self.last_good.write() {
            last_good.insert(channel.to_owned(), key.clone());
        }
    }
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
    let mut charters = Vec::new();
    let mut team = None;
    for (row, signatures) in charters_of_channel(conn, channel)? {
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
    let generations: Vec<_> = keys_of_team(conn, team)?
        .into_iter()
        .filter_map(generation)
        .collect();
    let oldest = generations.iter().min_by_key(|g| g.generation.number);
    let Some(first) = oldest.map(|signed| signed.generation.verify_key) else {
        return Ok(Err(ChainError::Truncated));
    };
    let newest = match verify_team(team, &first, &generations) {
        Ok(newest) => newest.clone(),
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

/// A team's active key, if custodians' charters lead to it: what may be sealed to for a team of which the caller holds no key.
pub(super) fn rooted_key(
    conn: &mut DbConnection,
    pins: &CustodianPins,
    team: TeamId,
) -> Result<Option<VerifiedKey>, StoreError> {
    for channel in channel_list(conn)? {
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
