//! Who may receive: custodians sign which team a channel feeds, and each generation of the team's key signs the next.
//!
//! Whoever receives reports encrypts to what [`verify_channel`] gives and to nothing else, so nobody can slip in a key by writing
//! to the database. The custodians' keys are pinned in the configuration file, outside it.

use super::keys::{Recipient, Signature, SigningKey, VerifyKey};
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::submission::SUITE_X25519;

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

/// A generation of a team's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// The team.
    pub team: TeamId,
    /// Counts from 1.
    pub number: u32,
    /// The id of the key.
    pub key: KeyId,
    /// What grants are sealed to.
    pub recipient: Recipient,
    /// What checks the next generation's signature.
    pub verify_key: VerifyKey,
    /// Who has a wrap of it.
    pub members: Vec<StaffId>,
}

/// A generation and the signature of the one before it; the first signs itself.
#[derive(Debug, Clone)]
pub struct SignedGeneration {
    /// The generation.
    pub generation: Generation,
    /// The signature.
    pub signature: Signature,
}

/// The custodians, as the configuration names them.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Two charters have the same sequence, or two generations the same number.
    #[error("two records in the same place")]
    Forked,
    /// Too few custodians signed the charter, or a generation has no valid signature.
    #[error("unsigned")]
    Unsigned,
    /// Someone signed who may not, or a signature is over something else.
    #[error("signed by someone who may not")]
    WrongSigner,
    /// The generation that the charter names is missing, or one between it and the newest.
    #[error("a generation is missing")]
    Truncated,
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

impl Generation {
    /// What the generation before signs. The order of the members does not matter.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut members = self.members.clone();
        members.sort_unstable();
        let members: Vec<u8> = members
            .iter()
            .flat_map(|member| *member.as_bytes())
            .collect();
        let parts: [&[u8]; 9] = [
            b"kapea/generation/v1",
            self.team.as_bytes(),
            &self.number.to_be_bytes(),
            &[SUITE_X25519],
            self.key.as_bytes(),
            &length(self.recipient.as_str().len()),
            self.recipient.as_str().as_bytes(),
            self.verify_key.as_bytes(),
            &members,
        ];
        parts.concat()
    }

    /// The signature of the generation before, or of the first itself.
    pub fn sign(&self, previous: &SigningKey) -> Signature {
        previous.sign(&self.to_bytes())
    }
}

/// Follows the chain from the pinned custodians to the key that reports of the channel are sealed to. One broken record refuses all of it:
/// the caller keeps the last good key and raises an alarm.
///
/// # Errors
/// [`ChainError`].
pub fn verify_channel(
    pins: &CustodianPins,
    channel: &str,
    charters: &[SignedCharter],
    generations: &[SignedGeneration],
    seen: Option<Seen>,
) -> Result<VerifiedKey, ChainError> {
    let charter = newest_charter(pins, channel, charters)?;
    let newest = newest_generation(charter.team, &charter.first, generations)?;
    let found = Seen {
        charter: charter.sequence,
        generation: newest.number,
    };
    if let Some(seen) = seen {
        // A new charter may begin a new chain, with numbers of its own.
        let older = found.charter < seen.charter
            || (found.charter == seen.charter && found.generation < seen.generation);
        if older {
            return Err(ChainError::RolledBack);
        }
    }
    Ok(VerifiedKey {
        team: newest.team,
        key: newest.key,
        generation: newest.number,
        recipient: newest.recipient.clone(),
        seen: found,
    })
}

/// The newest generation of a team whose chain begins with this verify key.
///
/// # Errors
/// [`ChainError`].
pub fn verify_team<'a>(
    team: TeamId,
    first: &VerifyKey,
    generations: &'a [SignedGeneration],
) -> Result<&'a Generation, ChainError> {
    newest_generation(team, first, generations)
}

fn newest_charter<'a>(
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

fn newest_generation<'a>(
    team: TeamId,
    first: &VerifyKey,
    generations: &'a [SignedGeneration],
) -> Result<&'a Generation, ChainError> {
    let mut chain: Vec<&SignedGeneration> = generations
        .iter()
        .filter(|signed| signed.generation.team == team)
        .collect();
    chain.sort_by_key(|signed| signed.generation.number);
    let mut rest = chain
        .iter()
        .skip_while(|signed| signed.generation.verify_key != *first);
    let root = rest.next().ok_or(ChainError::Truncated)?;
    check_signature(root, first)?;
    let mut newest = &root.generation;
    for next in rest {
        match next.generation.number.checked_sub(newest.number) {
            Some(0) => return Err(ChainError::Forked),
            Some(1) => check_signature(next, &newest.verify_key)?,
            _ => return Err(ChainError::Truncated),
        }
        newest = &next.generation;
    }
    Ok(newest)
}

fn check_signature(signed: &SignedGeneration, signer: &VerifyKey) -> Result<(), ChainError> {
    if signed.signature.as_bytes() == &[0; 64] {
        return Err(ChainError::Unsigned);
    }
    signer
        .verify(&signed.generation.to_bytes(), &signed.signature)
        .map_err(|_| ChainError::WrongSigner)
}

/// Lengths in front of parts that vary. Channels and keys are far shorter than what fits.
fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}
