//! One share as it is printed: five lines of 22 digits and two check digits, in groups of four.
//!
//! 45 bytes, nine to a line: `version ‖ set (4) ‖ threshold ‖ number ‖ share (32) ‖ SHA-256 of all that (6)`. The check digits are those
//! of ISO 7064 MOD 97-10 over the line's number and its digits, so that a wrong digit and an exchanged line are named where they are;
//! the hash at the end notices lines of different shares.

use std::fmt;

use zeroize::Zeroizing;

use crate::domain::typed::{self, Alphabet};
use crate::seal::derive::sha256;
use crate::seal::secret::Secret;

/// How many shares there may be.
pub const MOST_SHARES: u8 = 20;
/// With fewer than two, one piece of paper would be the key.
pub const FEWEST_NEEDED: u8 = 2;

/// Which set a share belongs to: the first bytes of a hash of the public keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetId(pub(in crate::seal) [u8; 4]);

impl fmt::Display for SetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// Lines of one share.
pub const LINES: u8 = 5;
const LINE_BYTES: usize = 9;
const BYTES: usize = 45;
const HEADER_BYTES: usize = 7;
const CHECKED_BYTES: usize = 39;
const DIGITS: usize = 24;
const GROUP: usize = 4;
const VERSION: u8 = 1;
/// One more than the greatest number that nine bytes hold.
const LINE_LIMIT: u128 = 1 << 72;

/// A share of a recovery key. Wiped when dropped.
#[derive(PartialEq, Eq)]
pub struct Share {
    set: SetId,
    threshold: u8,
    number: u8,
    secret: Secret<32>,
}

/// Why a text is not a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// Too many or too few digits.
    #[error("line {line}: {found} digits instead of 24")]
    Length {
        /// The line, from 1.
        line: u8,
        /// How many digits there are.
        found: usize,
    },
    /// A digit is wrong, or it is another line.
    #[error("line {line}: the check digits do not fit; a digit is wrong, or this is another line")]
    CheckDigits {
        /// The line, from 1.
        line: u8,
    },
    /// Lines are missing, or there are too many.
    #[error("{found} lines instead of 5")]
    Lines {
        /// How many there are.
        found: usize,
    },
    /// Every line is right by itself.
    #[error("the lines are not all of one share")]
    Mixed,
    /// Its numbers are none that a share can have.
    #[error("the share is none that this program makes: its numbers are out of range")]
    Counts,
    /// From a later version of the program.
    #[error("the share is of a kind that this version does not know")]
    Version,
}

impl Share {
    pub(super) fn of(set: SetId, threshold: u8, piece: &blahaj::Share) -> Option<Self> {
        let bytes = Zeroizing::new(Vec::from(piece));
        let (number, secret) = bytes.split_first()?;
        let secret: &[u8; 32] = secret.try_into().ok()?;
        (1..=MOST_SHARES).contains(number).then_some(Self {
            set,
            threshold,
            number: *number,
            secret: Secret::of(secret),
        })
    }

    pub(in crate::seal) fn piece(&self) -> Option<blahaj::Share> {
        let bytes = Zeroizing::new([&[self.number], self.secret.as_slice()].concat());
        blahaj::Share::try_from(bytes.as_slice()).ok()
    }

    /// Which set it belongs to.
    pub const fn set(&self) -> SetId {
        self.set
    }

    /// How many shares of the set are needed.
    pub const fn threshold(&self) -> u8 {
        self.threshold
    }

    /// Its number in the set, from 1.
    pub const fn number(&self) -> u8 {
        self.number
    }

    /// The five lines to print.
    pub fn lines(&self) -> Vec<Zeroizing<String>> {
        print_all(&self.to_bytes(VERSION))
    }

    /// Reads the five lines, in their order.
    ///
    /// # Errors
    /// [`ShareError`], with the first line that is wrong.
    pub fn parse(lines: &[&str]) -> Result<Self, ShareError> {
        if lines.len() != usize::from(LINES) {
            return Err(ShareError::Lines { found: lines.len() });
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES));
        for (line, text) in (1..=LINES).zip(lines) {
            bytes.extend_from_slice(check_line(line, text)?.as_slice());
        }
        Self::from_bytes(&bytes)
    }

    fn to_bytes(&self, version: u8) -> Zeroizing<Vec<u8>> {
        let header = [version];
        let rest = [self.threshold, self.number];
        let parts: [&[u8]; 4] = [&header, &self.set.0, &rest, self.secret.as_slice()];
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES));
        for part in parts {
            bytes.extend_from_slice(part);
        }
        let check = check(&bytes);
        bytes.extend_from_slice(&check);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, ShareError> {
        let (checked, found) = bytes
            .split_at_checked(CHECKED_BYTES)
            .ok_or(ShareError::Mixed)?;
        let (header, secret) = checked
            .split_first_chunk::<HEADER_BYTES>()
            .ok_or(ShareError::Mixed)?;
        let [version, a, b, c, d, threshold, number] = *header;
        if version != VERSION {
            return Err(ShareError::Version);
        }
        if check(checked) != found {
            return Err(ShareError::Mixed);
        }
        if !(FEWEST_NEEDED..=MOST_SHARES).contains(&threshold)
            || !(1..=MOST_SHARES).contains(&number)
        {
            return Err(ShareError::Counts);
        }
        Ok(Self {
            set: SetId([a, b, c, d]),
            threshold,
            number,
            secret: Secret::of(secret.try_into().map_err(|_| ShareError::Mixed)?),
        })
    }
}

/// Lines as another program might print them, with numbers that this one never writes.
#[cfg(test)]
pub(in crate::seal) fn printed(
    version: u8,
    set: SetId,
    [threshold, number]: [u8; 2],
    secret: [u8; 32],
) -> Vec<Zeroizing<String>> {
    let share = Share {
        set,
        threshold,
        number,
        secret: Secret::of(&secret),
    };
    print_all(&share.to_bytes(version))
}

#[cfg(test)]
impl Share {
    pub(in crate::seal) fn share(&self) -> Self {
        Self {
            secret: self.secret.share(),
            ..*self
        }
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Share({} of set {})", self.number, self.set)
    }
}

/// Looks at one line by itself, so that a typing mistake is named before the next line is asked for.
///
/// # Errors
/// [`ShareError`], with the line.
pub fn check_line(line: u8, text: &str) -> Result<Zeroizing<[u8; 9]>, ShareError> {
    let mut wrong = None;
    for digits in typed::readings(text, Alphabet::Digits, DIGITS) {
        match of_digits(line, &digits) {
            Some(bytes) => return Ok(bytes),
            None => wrong = Some(ShareError::CheckDigits { line }),
        }
    }
    let found = typed::groups(text).iter().map(|group| group.len()).sum();
    Err(wrong.unwrap_or(ShareError::Length { line, found }))
}

fn of_digits(line: u8, digits: &str) -> Option<Zeroizing<[u8; LINE_BYTES]>> {
    let number: u128 = digits.parse().ok()?;
    let payload = number / 100;
    if number % 100 != check_digits(line, payload) || payload >= LINE_LIMIT {
        return None;
    }
    let mut bytes = Zeroizing::new([0; LINE_BYTES]);
    let wide = Zeroizing::new(payload.to_be_bytes());
    bytes.copy_from_slice(wide.get(16 - LINE_BYTES..)?);
    Some(bytes)
}

fn print_all(bytes: &[u8]) -> Vec<Zeroizing<String>> {
    let (lines, _) = bytes.as_chunks::<LINE_BYTES>();
    (1..=LINES)
        .zip(lines)
        .map(|(line, bytes)| print(line, bytes))
        .collect()
}

fn print(line: u8, bytes: &[u8; LINE_BYTES]) -> Zeroizing<String> {
    let payload = bytes
        .iter()
        .fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let check = check_digits(line, payload);
    let digits = Zeroizing::new(format!("{payload:022}{check:02}"));
    let mut text = Zeroizing::new(String::with_capacity(DIGITS + DIGITS / GROUP));
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % GROUP == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// ISO 7064 MOD 97-10 over the line's number and its 22 digits.
fn check_digits(line: u8, payload: u128) -> u128 {
    let number = u128::from(line) * 10_u128.pow(22) + payload;
    98 - (number * 100) % 97
}

fn check(bytes: &[u8]) -> [u8; 6] {
    let [a, b, c, d, e, f, ..] = sha256(&[b"kapea/recovery/share/v1", bytes]);
    [a, b, c, d, e, f]
}
