//! The recovery key: made on an offline machine, kept in shares on paper, and put together again only where enough of them meet.
//!
//! Its secret is a seed like a person's. The shares are Shamir's, over GF(256), of that seed; [`share`] says how one is printed.

pub mod share;

use std::fmt;
use std::str::FromStr;

use blahaj::Sharks;
use zeroize::Zeroizing;

use super::SealError;
use super::derive::sha256;
use super::keys::{Recipient, Seed, StaffKeys, VerifyKey, fingerprint};

pub use share::{FEWEST_NEEDED, MOST_SHARES, SetId, Share, ShareError};

/// What the public line begins with.
const LINE: &str = "kapea-recovery-1";

/// The public half of a recovery key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryPublic {
    /// What teams' keys are wrapped to.
    pub recipient: Recipient,
    /// What checks its signatures.
    pub verify_key: VerifyKey,
}

/// Why shares were not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the shares must be at most {MOST_SHARES}, and from {FEWEST_NEEDED} to all of them must be needed"
)]
pub struct InvalidCounts;

/// Why shares do not come to the recovery key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CombineError {
    /// The share is of another recovery key.
    #[error("share {number} belongs to another set ({found}; this one is {expected})")]
    OtherSet {
        /// The share's number.
        number: u8,
        /// The set that it names.
        found: SetId,
        /// The set that is put together.
        expected: SetId,
    },
    /// That share is there already.
    #[error("share {number} was given already")]
    Twice {
        /// The share's number.
        number: u8,
    },
    /// The share names another number of shares that are needed.
    #[error("share {number} does not fit the ones before it")]
    OtherThreshold {
        /// The share's number.
        number: u8,
    },
    /// Some are missing.
    #[error("{given} of the {needed} shares that are needed")]
    TooFew {
        /// How many there are.
        given: usize,
        /// How many are needed.
        needed: u8,
    },
    /// They come to another key than the one that was expected.
    #[error("the shares come to another key than the one expected")]
    WrongKey,
}

impl RecoveryPublic {
    /// Of these keys.
    pub fn of(keys: &StaffKeys) -> Self {
        Self {
            recipient: keys.recipient(),
            verify_key: keys.verify_key(),
        }
    }

    /// 30 digits, to be compared by voice.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.recipient, &self.verify_key)
    }

    /// The set that its shares name.
    pub fn set(&self) -> SetId {
        let hash = sha256(&[
            b"kapea/recovery/set/v1",
            self.verify_key.as_bytes(),
            self.recipient.as_str().as_bytes(),
        ]);
        let [a, b, c, d, ..] = hash;
        SetId([a, b, c, d])
    }
}

impl fmt::Display for RecoveryPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{LINE} {} {}", self.recipient, self.verify_key)
    }
}

impl FromStr for RecoveryPublic {
    type Err = SealError;

    /// Reads the line, however it was broken on its way.
    fn from_str(text: &str) -> Result<Self, SealError> {
        let mut words = text.split_whitespace();
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some(LINE), Some(recipient), Some(verify_key), None) => Ok(Self {
                recipient: recipient.parse()?,
                verify_key: verify_key.parse()?,
            }),
            _ => Err(SealError::InvalidKey),
        }
    }
}

/// Shares of a seed, `threshold` of which come to it. They are put together again, from both ends, before they are given out.
///
/// # Errors
/// [`InvalidCounts`].
pub fn split(seed: &Seed, threshold: u8, count: u8) -> Result<Vec<Share>, InvalidCounts> {
    let fits = count <= MOST_SHARES && (FEWEST_NEEDED..=count).contains(&threshold);
    if !fits {
        return Err(InvalidCounts);
    }
    let public = RecoveryPublic::of(&StaffKeys::from_seed(seed));
    let shares: Vec<Share> = Sharks(threshold)
        .dealer(seed.expose())
        .take(usize::from(count))
        .filter_map(|piece| Share::of(public.set(), threshold, &piece))
        .collect();
    let read = |order: Vec<&Share>| {
        let mut pile = Pile::new(public.clone());
        for share in order.into_iter().take(usize::from(threshold)) {
            let lines = share.lines();
            let texts: Vec<&str> = lines.iter().map(|line| line.as_str()).collect();
            pile.add(Share::parse(&texts).ok()?).ok()?;
        }
        pile.combine().ok()
    };
    let complete = shares.len() == usize::from(count)
        && read(shares.iter().collect()).is_some()
        && read(shares.iter().rev().collect()).is_some();
    if complete {
        Ok(shares)
    } else {
        Err(InvalidCounts)
    }
}

/// Shares as they come in, each refused by name if it does not belong.
#[derive(Debug)]
pub struct Pile {
    expected: RecoveryPublic,
    shares: Vec<Share>,
}

impl Pile {
    /// For the key that is to come out.
    pub const fn new(expected: RecoveryPublic) -> Self {
        Self {
            expected,
            shares: Vec::new(),
        }
    }

    /// Takes a share. Says how many more are needed.
    ///
    /// # Errors
    /// [`CombineError`]; the share is then not in the pile.
    pub fn add(&mut self, share: Share) -> Result<usize, CombineError> {
        let number = share.number();
        let expected = self.expected.set();
        if share.set() != expected {
            return Err(CombineError::OtherSet {
                number,
                found: share.set(),
                expected,
            });
        }
        if self.shares.iter().any(|known| known.number() == number) {
            return Err(CombineError::Twice { number });
        }
        let needed = share.threshold();
        if self.shares.iter().any(|known| known.threshold() != needed) {
            return Err(CombineError::OtherThreshold { number });
        }
        self.shares.push(share);
        Ok(usize::from(needed).saturating_sub(self.shares.len()))
    }

    /// The recovery key, if these are enough of its shares.
    ///
    /// # Errors
    /// [`CombineError::TooFew`], or [`CombineError::WrongKey`] if something else comes out.
    pub fn combine(&self) -> Result<StaffKeys, CombineError> {
        let needed = self
            .shares
            .first()
            .map_or(FEWEST_NEEDED, |share| share.threshold());
        let given = self.shares.len();
        if given < usize::from(needed) {
            return Err(CombineError::TooFew { given, needed });
        }
        let pieces: Vec<blahaj::Share> = self.shares.iter().filter_map(Share::piece).collect();
        let secret = Sharks(needed)
            .recover(&pieces)
            .map(Zeroizing::new)
            .map_err(|_| CombineError::WrongKey)?;
        let seed = <[u8; 32]>::try_from(secret.as_slice()).map_err(|_| CombineError::WrongKey)?;
        let suite = self.expected.recipient.suite();
        let keys = StaffKeys::of(suite, &Seed::from_bytes(seed));
        if RecoveryPublic::of(&keys) == self.expected {
            Ok(keys)
        } else {
            Err(CombineError::WrongKey)
        }
    }
}

#[cfg(test)]
mod tests;
