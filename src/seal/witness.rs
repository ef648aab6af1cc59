//! What an installation remembers outside its database, in bytes that nobody makes without the server's credentials.

use std::collections::BTreeMap;

use super::chain::VerifiedKey;
use super::checkpoint::{Checkpoint, EMPTY};
use super::frame::Fields;
use super::mac::MacKeys;
use crate::domain::clock::Quarter;
use crate::domain::ids::{InstallationId, KeyId, LedgerId, TeamId};

const MAGIC: &[u8; 4] = b"WIT1";
const SUITE: u8 = 1;
const MAC: usize = 32;
/// Flags of a ledger: which of its two heads follow.
const LAST: u8 = 1;
const NEXT: u8 = 2;

/// The newest statement of a ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LedgerHead {
    /// Its number.
    pub sequence: u32,
    /// Its digest, which binds all before it.
    pub digest: [u8; 32],
}

/// What was seen of one ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LedgerHeads {
    /// The newest that is known to be in the database.
    pub last: Option<LedgerHead>,
    /// What was about to be written: it is there or not.
    pub next: Option<LedgerHead>,
}

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessRecord {
    /// Whose it is.
    pub installation: InstallationId,
    /// The newest trusted time.
    pub time: Quarter,
    /// The head of the audit log.
    pub log: Checkpoint,
    /// The heads of every ledger.
    pub ledgers: BTreeMap<LedgerId, LedgerHeads>,
    /// The last good key of every channel.
    pub receivers: BTreeMap<String, VerifiedKey>,
    /// So many of the earliest versions of the root prove no report's row any more: all have been proven anew.
    pub outdated: u32,
}

/// These bytes are none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadWitness {
    /// Not the format, or not whole.
    #[error("it is damaged")]
    Damaged,
    /// Somebody without the credentials wrote it.
    #[error("it was not made with this installation's credentials")]
    Forged,
}

impl WitnessRecord {
    /// Of an installation of which nothing was seen yet.
    pub const fn new(installation: InstallationId) -> Self {
        Self {
            installation,
            time: Quarter::from_seconds(0),
            log: EMPTY,
            ledgers: BTreeMap::new(),
            receivers: BTreeMap::new(),
            outdated: 0,
        }
    }

    /// The file, made with the newest key.
    pub fn to_bytes(&self, keys: &MacKeys) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(SUITE);
        bytes.extend(self.installation.as_bytes());
        bytes.extend(self.time.seconds().to_be_bytes());
        bytes.extend(self.log.size.to_be_bytes());
        bytes.extend(self.log.head);
        bytes.extend(length(self.ledgers.len()));
        for (id, heads) in &self.ledgers {
            bytes.extend(id.as_bytes());
            let flag = |head: &Option<_>, flag| if head.is_some() { flag } else { 0 };
            bytes.push(flag(&heads.last, LAST) | flag(&heads.next, NEXT));
            for head in [heads.last, heads.next].into_iter().flatten() {
                bytes.extend(head.sequence.to_be_bytes());
                bytes.extend(head.digest);
            }
        }
        bytes.extend(length(self.receivers.len()));
        for (channel, key) in &self.receivers {
            for text in [channel.as_str(), key.recipient.as_str()] {
                bytes.extend(length(text.len()));
                bytes.extend(text.as_bytes());
            }
            bytes.extend(key.team.as_bytes());
            bytes.extend(key.root);
            bytes.extend(key.decided.to_be_bytes());
            bytes.extend(key.key.as_bytes());
            bytes.extend(key.generation.to_be_bytes());
        }
        bytes.extend(self.outdated.to_be_bytes());
        bytes.extend(keys.mac(&[&bytes]));
        bytes
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`BadWitness`]
    pub fn parse(bytes: &[u8], keys: &MacKeys) -> Result<Self, BadWitness> {
        let (front, mac) = bytes.split_last_chunk::<MAC>().ok_or(BadWitness::Damaged)?;
        let mut fields = Fields(front);
        let is_ours = fields.take() == Ok(*MAGIC) && fields.take() == Ok([SUITE]);
        if !is_ours {
            return Err(BadWitness::Damaged);
        }
        if !keys.verify(&[front], mac) {
            return Err(BadWitness::Forged);
        }
        let record = record(&mut fields).filter(|_| fields.0.is_empty());
        record.ok_or(BadWitness::Damaged)
    }
}

/// What there is one of for each channel or team is far less than what fits.
fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

fn record(fields: &mut Fields<'_>) -> Option<WitnessRecord> {
    let installation = InstallationId::from_bytes(fields.take().ok()?);
    let time = i64::from_be_bytes(fields.take().ok()?);
    let log = Checkpoint {
        size: i64::from_be_bytes(fields.take().ok()?),
        head: fields.take().ok()?,
    };
    let count = u32::from_be_bytes(fields.take().ok()?);
    let mut ledgers = BTreeMap::new();
    for _ in 0..count {
        let id = LedgerId::from_bytes(fields.take().ok()?);
        insert_last(&mut ledgers, id, heads(fields)?)?;
    }
    let count = u32::from_be_bytes(fields.take().ok()?);
    let mut receivers = BTreeMap::new();
    for _ in 0..count {
        let channel = text(fields)?;
        insert_last(&mut receivers, channel, receiver(fields)?)?;
    }
    let outdated = u32::from_be_bytes(fields.take().ok()?);
    let is_sound = log.size >= 0 && Quarter::from_seconds(time).seconds() == time;
    is_sound.then_some(WitnessRecord {
        installation,
        time: Quarter::from_seconds(time),
        log,
        ledgers,
        receivers,
        outdated,
    })
}

/// In ascending order, so that nothing stands there twice.
fn insert_last<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: V) -> Option<()> {
    let is_last = map.last_key_value().is_none_or(|(last, _)| *last < key);
    is_last.then(|| map.insert(key, value)).map(|_| ())
}

fn text(fields: &mut Fields<'_>) -> Option<String> {
    let length = u32::from_be_bytes(fields.take().ok()?);
    let (text, rest) = fields.0.split_at_checked(length.try_into().ok()?)?;
    fields.0 = rest;
    String::from_utf8(text.to_vec()).ok()
}

fn receiver(fields: &mut Fields<'_>) -> Option<VerifiedKey> {
    Some(VerifiedKey {
        recipient: text(fields)?.parse().ok()?,
        team: TeamId::from_bytes(fields.take().ok()?),
        root: fields.take().ok()?,
        decided: u32::from_be_bytes(fields.take().ok()?),
        key: KeyId::from_bytes(fields.take().ok()?),
        generation: u32::from_be_bytes(fields.take().ok()?),
    })
}

fn heads(fields: &mut Fields<'_>) -> Option<LedgerHeads> {
    let [flags] = fields.take().ok()?;
    let mut head = |flag| -> Option<Option<LedgerHead>> {
        if flags & flag == 0 {
            return Some(None);
        }
        let sequence = u32::from_be_bytes(fields.take().ok()?);
        let digest = fields.take().ok()?;
        Some(Some(LedgerHead { sequence, digest }))
    };
    let heads = LedgerHeads {
        last: head(LAST)?,
        next: head(NEXT)?,
    };
    matches!(flags, 1..=3).then_some(heads)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::seal::credentials::Credentials;
    use crate::seal::keys::{Seed, StaffKeys};

    fn any_receiver() -> impl Strategy<Value = VerifiedKey> {
        let ids = (any::<[u8; 16]>(), any::<[u8; 16]>(), any::<[u8; 32]>());
        let seed = any::<[u8; 32]>();
        (ids, seed, any::<(u32, u32)>()).prop_map(
            |((team, key, root), seed, (decided, generation))| VerifiedKey {
                team: TeamId::from_bytes(team),
                root,
                decided,
                key: KeyId::from_bytes(key),
                generation,
                recipient: StaffKeys::from_seed(&Seed::from_bytes(seed)).recipient(),
            },
        )
    }

    fn any_record() -> impl Strategy<Value = WitnessRecord> {
        let head = (any::<u32>(), any::<[u8; 32]>())
            .prop_map(|(sequence, digest)| LedgerHead { sequence, digest });
        let heads = (proptest::option::of(head.clone()), head, any::<bool>()).prop_map(
            |(last, next, is_next)| LedgerHeads {
                last,
                next: (is_next || last.is_none()).then_some(next),
            },
        );
        let ledgers = proptest::collection::btree_map(any::<[u8; 16]>(), heads, 0..5);
        let receivers = proptest::collection::btree_map(".{0,9}", any_receiver(), 0..3);
        let log = (0..i64::MAX, any::<[u8; 32]>());
        let rest = (any::<[u8; 16]>(), any::<u32>(), log, any::<u32>());
        (rest, ledgers, receivers).prop_map(
            |((installation, time, (size, head), outdated), ledgers, receivers)| WitnessRecord {
                receivers,
                outdated,
                installation: InstallationId::from_bytes(installation),
                time: Quarter::from_seconds(time.into()),
                log: Checkpoint { size, head },
                ledgers: ledgers
                    .into_iter()
                    .map(|(id, heads)| (LedgerId::from_bytes(id), heads))
                    .collect(),
            },
        )
    }

    proptest! {
        #[test]
        fn it_reads_back_and_no_changed_byte_is_passed_over(
            record in any_record(),
            at: prop::sample::Index,
            bit in 0..8_u8,
        ) {
            let keys = Credentials::made_on(crate::domain::clock::Day::from_number(20_780)).witness_keys();
            let bytes = record.to_bytes(&keys);
            prop_assert_eq!(WitnessRecord::parse(&bytes, &keys), Ok(record));
            let at = at.index(bytes.len());
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            prop_assert!(WitnessRecord::parse(&changed, &keys).is_err());
            prop_assert!(WitnessRecord::parse(&bytes[..at], &keys).is_err());
        }
    }
}
