//! A person's secrets, sealed so that only their passphrase or their printed recovery code opens them.
//!
//! There is no separate password hash: a wrong passphrase is one that does not open the row.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::SealError;
use super::age_file;
use super::credentials::Pepper;
use super::derive::hkdf;
use super::frame::Fields;
use super::keys::{Identity, Recipient, Seed, StaffKeys};
use super::memory;
use super::passphrase::clean;
use super::random;
use super::recovery_code::RecoveryCode;
use super::totp::TotpSeed;
use crate::domain::ids::StaffId;
use crate::domain::sealed::{self, Sealed};
use crate::domain::suite::Suite;

const MAGIC: &[u8; 4] = b"UNL1";
const PASSPHRASE: &str = "passphrase";
const RECOVERY: &str = "recovery";

/// An unlock row.
#[derive(Debug, Clone)]
pub struct Unlock {
    /// The salt of the derivation.
    pub salt: [u8; 16],
    /// Which pepper was used; 0 if none, as for a recovery code.
    pub pepper_version: u32,
    /// The secrets.
    pub sealed: Sealed<sealed::Unlock>,
}

/// What a person's unlock rows hold.
#[derive(Debug)]
pub struct StaffSecret {
    /// Of which suite the person's keys are.
    pub suite: Suite,
    /// S, from which the person's keys come.
    pub seed: Seed,
    /// The seed of the person's authenticator.
    pub totp: TotpSeed,
}

impl StaffSecret {
    /// New ones.
    pub fn generate(suite: Suite) -> Self {
        Self {
            suite,
            seed: Seed::random(),
            totp: TotpSeed::random(),
        }
    }

    /// Another hand on the same secrets.
    pub fn share(&self) -> Self {
        Self {
            suite: self.suite,
            seed: self.seed.share(),
            totp: self.totp.share(),
        }
    }

    /// The person's keys.
    pub fn keys(&self) -> StaffKeys {
        StaffKeys::of(self.suite, &self.seed)
    }
}

/// The row that the passphrase opens. Slow (64 MiB, some 150 ms): call it where blocking is allowed.
///
/// # Errors
/// [`SealError::Failed`] if the machine fails.
pub fn create_with_passphrase(
    passphrase: &SecretString,
    staff: StaffId,
    pepper: &Pepper,
    secret: &StaffSecret,
) -> Result<Unlock, SealError> {
    let salt = random::bytes();
    let identity = passphrase_identity(passphrase, staff, pepper, &salt)?;
    Ok(Unlock {
        salt,
        pepper_version: pepper.version(),
        sealed: seal(&identity.recipient(), staff, secret)?,
    })
}

/// Opens the row with the passphrase; `pepper` is that of [`Unlock::pepper_version`]. As slow as making it.
///
/// # Errors
/// [`SealError::NotOpened`] for a wrong passphrase.
pub fn open_with_passphrase(
    unlock: &Unlock,
    passphrase: &SecretString,
    staff: StaffId,
    pepper: &Pepper,
) -> Result<StaffSecret, SealError> {
    if unlock.pepper_version != pepper.version() {
        return Err(SealError::MissingCredential);
    }
    let identity = passphrase_identity(passphrase, staff, pepper, &unlock.salt)?;
    open(&identity, staff, &unlock.sealed)
}

/// The row that the recovery code opens. Needs no server secret, so that a copy of the data folder and the code suffice.
///
/// # Errors
/// [`SealError::Failed`] if the machine fails.
pub fn create_with_recovery(
    code: &RecoveryCode,
    staff: StaffId,
    secret: &StaffSecret,
) -> Result<Unlock, SealError> {
    let salt = random::bytes();
    let identity = recovery_identity(code, staff, &salt);
    Ok(Unlock {
        salt,
        pepper_version: 0,
        sealed: seal(&identity.recipient(), staff, secret)?,
    })
}

/// Opens the row with the recovery code.
///
/// # Errors
/// [`SealError::NotOpened`] for a wrong code.
pub fn open_with_recovery(
    unlock: &Unlock,
    code: &RecoveryCode,
    staff: StaffId,
) -> Result<StaffSecret, SealError> {
    open(
        &recovery_identity(code, staff, &unlock.salt),
        staff,
        &unlock.sealed,
    )
}

/// What an unknown handle costs: the same as a wrong passphrase.
///
/// # Errors
/// Always: [`SealError::NotOpened`], unless the machine fails.
pub fn dummy_open(passphrase: &SecretString, pepper: &Pepper) -> Result<StaffSecret, SealError> {
    let staff = random::staff_id();
    let sealed = seal(
        &Identity::generate(Suite::X25519).recipient(),
        staff,
        &StaffSecret::generate(Suite::X25519),
    )?;
    let identity = passphrase_identity(passphrase, staff, pepper, &random::bytes())?;
    open(&identity, staff, &sealed)
}

fn passphrase_identity(
    passphrase: &SecretString,
    staff: StaffId,
    pepper: &Pepper,
    salt: &[u8; 16],
) -> Result<Identity, SealError> {
    let phrase = clean(passphrase.expose_secret());
    let key = memory::unlock(phrase.as_bytes(), salt, pepper.expose())?;
    Ok(identity(key.as_slice(), b"", staff, PASSPHRASE))
}

/// The code has 128 random bits: there is nothing to slow down.
fn recovery_identity(code: &RecoveryCode, staff: StaffId, salt: &[u8; 16]) -> Identity {
    identity(code.expose(), salt, staff, RECOVERY)
}

fn identity(key: &[u8], salt: &[u8], staff: StaffId, method: &str) -> Identity {
    let info: [&[u8]; 3] = [b"kapea/unlock/v1", staff.as_bytes(), method.as_bytes()];
    Identity::from_seed(Suite::X25519, &Seed::from(hkdf(key, salt, &info)))
}

fn seal(
    recipient: &Recipient,
    staff: StaffId,
    secret: &StaffSecret,
) -> Result<Sealed<sealed::Unlock>, SealError> {
    age_file::encrypt(recipient, &to_bytes(staff, secret))
}

fn open(
    identity: &Identity,
    staff: StaffId,
    sealed: &Sealed<sealed::Unlock>,
) -> Result<StaffSecret, SealError> {
    parse(&age_file::decrypt(identity, sealed)?, staff)
}

/// `"UNL1" ‖ suite of the keys ‖ staff (16) ‖ S (32) ‖ TOTP seed (20)`
pub(super) fn to_bytes(staff: StaffId, secret: &StaffSecret) -> Zeroizing<Vec<u8>> {
    let parts: [&[u8]; 5] = [
        MAGIC,
        &[secret.suite.byte()],
        staff.as_bytes(),
        secret.seed.expose(),
        secret.totp.expose(),
    ];
    Zeroizing::new(parts.concat())
}

pub(super) fn parse(plaintext: &[u8], staff: StaffId) -> Result<StaffSecret, SealError> {
    let mut fields = Fields(plaintext);
    let suite = fields.begin(MAGIC)?;
    if fields.take()? != *staff.as_bytes() {
        return Err(SealError::WrongStaff);
    }
    let secret = StaffSecret {
        suite,
        seed: Seed::from_bytes(fields.take()?),
        totp: TotpSeed::from_bytes(fields.take()?),
    };
    fields.finish()?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::recovery_code;

    fn phrase(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[test]
    fn a_passphrase_opens_its_own_row() {
        let (staff, pepper) = (random::staff_id(), Pepper::random(4));
        let secret = StaffSecret::generate(Suite::X25519);
        let unlock =
            create_with_passphrase(&phrase("one two three"), staff, &pepper, &secret).unwrap();
        assert_eq!(unlock.pepper_version, 4);
        let open = |text, staff, pepper: &Pepper| {
            open_with_passphrase(&unlock, &phrase(text), staff, pepper)
                .map(|opened| (*opened.seed.expose(), *opened.totp.expose()))
        };
        let expected = (*secret.seed.expose(), *secret.totp.expose());
        assert_eq!(open("one two three", staff, &pepper), Ok(expected));
        assert_eq!(
            open(" one  two\u{200b} three\n", staff, &pepper),
            Ok(expected)
        );

        let wrong = Err(SealError::NotOpened);
        assert_eq!(open("one two threE", staff, &pepper), wrong);
        assert_eq!(open("onetwothree", staff, &pepper), wrong);
        assert_eq!(open("one two three", random::staff_id(), &pepper), wrong);
        let (same, next) = (Pepper::random(4), Pepper::random(5));
        assert_eq!(open("one two three", staff, &same), wrong);
        assert_eq!(
            open("one two three", staff, &next),
            Err(SealError::MissingCredential)
        );
    }

    #[test]
    fn a_recovery_code_opens_its_own_row_without_a_pepper() {
        let (staff, code) = (random::staff_id(), recovery_code::generate());
        let secret = StaffSecret::generate(Suite::X25519);
        let unlock = create_with_recovery(&code, staff, &secret).unwrap();
        let opened = open_with_recovery(&unlock, &code, staff).unwrap();
        assert_eq!(opened.seed.expose(), secret.seed.expose());
        for (code, staff) in [
            (recovery_code::generate(), staff),
            (code, random::staff_id()),
        ] {
            let outcome = open_with_recovery(&unlock, &code, staff);
            assert_eq!(outcome.unwrap_err(), SealError::NotOpened);
        }
    }

    #[test]
    fn a_row_of_another_person_is_refused_even_if_it_opens() {
        let (staff, key) = (random::staff_id(), Identity::generate(Suite::X25519));
        let sealed = seal(
            &key.recipient(),
            staff,
            &StaffSecret::generate(Suite::X25519),
        )
        .unwrap();
        let outcome = open(&key, random::staff_id(), &sealed);
        assert_eq!(outcome.unwrap_err(), SealError::WrongStaff);
    }

    #[test]
    fn an_unknown_handle_ends_like_a_wrong_passphrase() {
        let outcome = dummy_open(&phrase("any"), &Pepper::random(1));
        assert_eq!(outcome.unwrap_err(), SealError::NotOpened);
    }
}
