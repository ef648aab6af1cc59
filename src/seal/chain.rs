//! Who may receive: custodians sign which team a channel feeds. Their keys are pinned in the configuration file, outside the database. Which
//! key a team has, its ledger says.

use super::keys::{Recipient, Signature, SigningKey, VerifyKey};
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, TeamId};

/// A custodians' decision: this channel feeds this team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charter {
    /// The channel.
    pub channel: String,
    /// The team.
    pub team: TeamId,
    /// The verify key of the generation that the team's chain begins with.
    pub first: VerifyKey,
    /// Counts the charters of a channel from 1; the highest counts.
    pub sequence: u32,
}

/// A charter and who signed it.
#[derive(Debug, Clone)]
pub struct SignedCharter {
    /// The charter.
    pub charter: Charter,
    /// The custodians' signatures.
    pub signatures: Vec<(VerifyKey, Signature)>,
}

/// The custodians, as the configuration names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustodianPins {
    /// How many must sign.
    pub threshold: usize,
    /// Who they are.
    pub custodians: Vec<Custodian>,
}

/// One custodian: a person, whichever of their keys they sign with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custodian {
    /// A label for the operator.
    pub name: String,
    /// Their key.
    pub key: VerifyKey,
    /// The key they had before, and the last day on which it counts as well.
    pub previous: Option<(VerifyKey, Day)>,
}

/// The newest charter and generation that were seen before, below which nothing may fall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// The charter's sequence.
    pub charter: u32,
    /// The generation's number.
    pub generation: u32,
}

/// The key that reports of a channel are sealed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedKey {
    /// The team.
    pub team: TeamId,
    /// The id of the key.
    pub key: KeyId,
    /// Its generation.
    pub generation: u32,
    /// What to seal to.
    pub recipient: Recipient,
    /// What was seen, for the next check.
    pub seen: Seen,
}

/// Why a channel has no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The configuration pins no custodian, or asks for more signatures than it pins keys.
    #[error("the configuration pins too few custodians")]
    Pins,
    /// No custodian has signed for the channel yet.
    #[error("no charter")]
    NoCharter,
    /// A charter is another channel's.
    #[error("a charter of another channel")]
    WrongChannel,
    /// Two charters have the same sequence.
    #[error("two records in the same place")]
    Forked,
    /// Too few custodians signed the charter.
    #[error("unsigned")]
    Unsigned,
    /// Someone signed who may not, or a signature is over something else.
    #[error("signed by someone who may not")]
    WrongSigner,
    /// The team's ledger is missing, or does not begin with the key that the charter names.
    #[error("the team's ledger does not begin with the key that was signed for")]
    Truncated,
    /// The team's ledger does not hold.
    #[error("the team's ledger does not hold")]
    Ledger,
    /// Older than what was seen before.
    #[error("older than what was seen before")]
    RolledBack,
}

impl Custodian {
    /// Somebody with one key.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub const fn new(name: String, key: VerifyKey) -> Self {
        Self {
            name,
            key,
            previous: None,
        }
    }

    /// Whether a signature by this key is theirs.
    pub fn signs_with(&self, key: &VerifyKey) -> bool {
        self.key == *key || self.previous.is_some_and(|(previous, _)| previous == *key)
    }
}

impl CustodianPins {
    /// The pins as they count on that day: without the earlier keys whose time is over.
    #[must_use]
    pub fn on(mut self, day: Day) -> Self {
        for custodian in &mut self.custodians {
            custodian.previous = custodian.previous.filter(|(_, until)| *until >= day);
        }
        self
    }

    /// Whose key this is. Asks for pins that are [`on`](Self::on) the day.
    pub fn custodian(&self, key: &VerifyKey) -> Option<&Custodian> {
        self.custodians
            .iter()
            .find(|custodian| custodian.signs_with(key))
    }

    /// Whether signatures by this key count.
    pub fn contains(&self, key: &VerifyKey) -> bool {
        self.custodian(key).is_some()
    }

    /// How many custodians these keys are of: two keys of one person count once.
    pub fn persons(&self, keys: &[VerifyKey]) -> usize {
        self.custodians
            .iter()
            .filter(|custodian| keys.iter().any(|key| custodian.signs_with(key)))
            .count()
    }
}

impl Charter {
    /// What custodians sign.
    pub fn to_bytes(&self) -> Vec<u8> {
        let parts: [&[u8]; 6] = [
            b"kapea/charter/v1",
            &length(self.channel.len()),
            self.channel.as_bytes(),
            self.team.as_bytes(),
            self.first.as_bytes(),
            &self.sequence.to_be_bytes(),
        ];
        parts.concat()
    }

    /// A custodian's signature.
    pub fn sign(&self, custodian: &SigningKey) -> Signature {
        custodian.sign(&self.to_bytes())
    }
}

impl VerifiedKey {
    /// The same, unless something newer was seen before. A new charter may begin a new chain, with numbers of its own.
    ///
    /// # Errors
    /// [`ChainError::RolledBack`].
    pub fn not_before(self, seen: Option<Seen>) -> Result<Self, ChainError> {
        let is_older = seen.is_some_and(|seen| self.seen < seen);
        if is_older {
            Err(ChainError::RolledBack)
        } else {
            Ok(self)
        }
    }
}

/// The charter of a channel that counts: its newest, if enough of the pinned custodians signed it. One broken record refuses all of it: the
/// caller keeps the last good key and raises an alarm.
///
/// # Errors
/// [`ChainError`].
pub fn charter_in_force<'a>(
    pins: &CustodianPins,
    channel: &str,
    charters: &'a [SignedCharter],
) -> Result<&'a Charter, ChainError> {
    if pins.threshold == 0 || pins.threshold > pins.custodians.len() {
        return Err(ChainError::Pins);
    }
    if charters
        .iter()
        .any(|signed| signed.charter.channel != channel)
    {
        return Err(ChainError::WrongChannel);
    }
    let newest = charters
        .iter()
        .max_by_key(|signed| signed.charter.sequence)
        .ok_or(ChainError::NoCharter)?;
    let twins = charters
        .iter()
        .filter(|signed| signed.charter.sequence == newest.charter.sequence)
        .count();
    if twins > 1 {
        return Err(ChainError::Forked);
    }
    check_charter(pins, newest)?;
    Ok(&newest.charter)
}

fn check_charter(pins: &CustodianPins, signed: &SignedCharter) -> Result<(), ChainError> {
    check_signatures(pins, &signed.charter.to_bytes(), &signed.signatures)
}

/// Signatures by others than the pinned custodians do not count, and neither does a second one by the same, with whichever key.
pub(super) fn check_signatures(
    pins: &CustodianPins,
    message: &[u8],
    signatures: &[(VerifyKey, Signature)],
) -> Result<(), ChainError> {
    if pins.threshold == 0 || pins.threshold > pins.custodians.len() {
        return Err(ChainError::Pins);
    }
    let signers: Vec<VerifyKey> = signatures
        .iter()
        .filter(|(signer, signature)| {
            pins.contains(signer) && signer.verify(message, signature).is_ok()
        })
        .map(|(signer, _)| *signer)
        .collect();
    if pins.persons(&signers) >= pins.threshold {
        Ok(())
    } else if signers.len() == signatures.len() {
        Err(ChainError::Unsigned)
    } else {
        Err(ChainError::WrongSigner)
    }
}

/// Lengths in front of parts that vary. Channels and keys are far shorter than what fits.
fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}
