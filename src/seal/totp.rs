//! Time-based one-time codes (RFC 6238): six digits, 30 seconds, SHA-1, as every authenticator program has them.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use super::SealError;
use super::secret::Secret;
use crate::domain::clock::Timestamp;
use crate::domain::typed::{self, Alphabet};

/// How many bytes a seed has.
pub(super) const SEED_LENGTH: usize = 20;
/// How many digits a code has.
const DIGITS: usize = 6;

/// The secret shared with a person's authenticator. Wiped when dropped.
pub struct TotpSeed(Secret<SEED_LENGTH>);

impl TotpSeed {
    /// A new one.
    pub fn random() -> Self {
        Self(Secret::random())
    }

    /// From its bytes.
    pub fn from_bytes(bytes: [u8; SEED_LENGTH]) -> Self {
        Self(Secret::of(&Zeroizing::new(bytes)))
    }

    /// Another hand on the same bytes.
    pub fn share(&self) -> Self {
        Self(self.0.share())
    }

    /// Its bytes.
    pub fn expose(&self) -> &[u8; SEED_LENGTH] {
        &self.0
    }

    /// In letters, for typing into an authenticator.
    pub fn base32(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE32_NOPAD.encode(self.0.as_slice()))
    }
}

impl fmt::Debug for TotpSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSeed(..)")
    }
}

/// The `otpauth://` address that an authenticator reads from a QR code.
///
/// # Errors
/// [`SealError::Malformed`] if issuer or handle are empty or contain a colon.
pub fn otpauth_uri(
    seed: &TotpSeed,
    issuer: &str,
    handle: &str,
) -> Result<Zeroizing<String>, SealError> {
    generator(seed, issuer, handle)?
        .to_url()
        .map(Zeroizing::new)
        .map_err(|_| SealError::Malformed)
}

/// The step of the code as it was typed (see [`typed`]), if it is that of now or of the step before or after. The caller must refuse a step that was used.
pub fn check(seed: &TotpSeed, code: &str, now: Timestamp) -> Option<i64> {
    let code = typed::readings(code, Alphabet::Digits, DIGITS).next()?;
    let seconds = u64::try_from(now.seconds()).ok()?;
    let step = generator(seed, "Kapea", "check")
        .ok()?
        .check(&code, seconds)?;
    i64::try_from(step).ok()
}

/// The code of now. For the demonstration, which has no authenticator at hand.
///
/// # Errors
/// [`SealError::Failed`] before 1970.
pub fn current(seed: &TotpSeed, now: Timestamp) -> Result<String, SealError> {
    let seconds = u64::try_from(now.seconds()).map_err(|_| SealError::Failed)?;
    Ok(generator(seed, "Kapea", "current")?
        .generate(seconds)
        .to_string())
}

fn generator(seed: &TotpSeed, issuer: &str, handle: &str) -> Result<Totp, SealError> {
    Builder::new()
        .with_secret(seed.0.as_slice())
        .with_issuer(Some(issuer))
        .with_account_name(handle)
        .build()
        .map_err(|_| SealError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed() -> TotpSeed {
        TotpSeed::from_bytes(*b"12345678901234567890")
    }

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    /// RFC 6238, appendix B, the last six of eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(current(&seed(), at(seconds)).unwrap(), code);
            assert_eq!(check(&seed(), code, at(seconds)), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_late() {
        let step = 2_000_000_000 / 30;
        for (seconds, found) in [(-60, None), (-30, Some(step)), (30, Some(step)), (60, None)] {
            assert_eq!(check(&seed(), "279037", at(2_000_000_000 + seconds)), found);
        }
    }

    #[test]
    fn codes_are_read_in_khmer_digits_and_with_spaces() {
        let now = at(2_000_000_000);
        assert!(
            check(
                &seed(),
                "\u{17e2}\u{17e7}\u{17e9} \u{17e0}\u{17e3}\u{17e7}",
                now
            )
            .is_some()
        );
        for text in ["", "27903", "2790370", "27903x", "+79037", "279038"] {
            assert_eq!(check(&seed(), text, now), None, "{text}");
        }
        assert_eq!(check(&seed(), "279037", at(-1)), None);
    }

    #[test]
    fn the_address_says_what_an_authenticator_needs() {
        let uri = otpauth_uri(&seed(), "Kapea", "sokha").unwrap();
        assert!(uri.starts_with("otpauth://totp/Kapea:sokha?"), "{}", *uri);
        assert!(uri.contains(seed().base32().as_str()));
        assert!(otpauth_uri(&seed(), "Kapea", "a:b").is_err());
    }
}
