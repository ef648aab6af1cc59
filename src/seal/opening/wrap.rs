//! A team generation's secrets for one holder.

use zeroize::Zeroizing;

use super::TeamSecrets;
use crate::domain::ids::KeyId;
use crate::domain::sealed::{Sealed, Wrap};
use crate::seal::SealError;
use crate::seal::age_file;
use crate::seal::frame::Fields;
use crate::seal::keys::{Identity, Recipient, Seed, SigningKey};

const MAGIC: &[u8; 4] = b"WRP1";

/// The secrets of a team generation for one holder: `"WRP1" ‖ suite of T ‖ key id (16) ‖ generation (4) ‖ T (32) ‖ signing seed (32)`.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails.
pub fn seal_wrap(
    parent: &Recipient,
    child: KeyId,
    generation: u32,
    secrets: &TeamSecrets,
) -> Result<Sealed<Wrap>, SealError> {
    age_file::encrypt(parent, &wrap_to_bytes(child, generation, secrets))
}

/// What the record of a team generation says, which its secrets must fit.
#[derive(Debug, Clone, Copy)]
pub struct KeyRecord<'a> {
    /// Its id.
    pub key: KeyId,
    /// Its number.
    pub generation: u32,
    /// What is encrypted to (`age1…`).
    pub recipient: &'a str,
    /// What its signatures verify with.
    pub verify_key: &'a [u8; 32],
}

/// Opens the secrets of a team generation.
///
/// # Errors
/// [`SealError`] if it is not for this holder; [`SealError::WrongKey`] if it holds anything else than what the record names.
pub fn open_wrap(
    parent: &Identity,
    wrap: &Sealed<Wrap>,
    record: &KeyRecord<'_>,
) -> Result<TeamSecrets, SealError> {
    let secrets = read_wrap(parent, wrap, record.key, record.generation)?;
    let fits = secrets.identity.recipient().as_str() == record.recipient
        && secrets.signing.verify_key().as_bytes() == record.verify_key;
    fits.then_some(secrets).ok_or(SealError::WrongKey)
}

/// [`open_wrap`] without the keys of the record: what somebody could open whose database lies. For tests; nothing else needs it.
///
/// # Errors
/// As [`open_wrap`].
pub fn read_wrap(
    parent: &Identity,
    wrap: &Sealed<Wrap>,
    child: KeyId,
    generation: u32,
) -> Result<TeamSecrets, SealError> {
    parse_wrap(&age_file::decrypt(parent, wrap)?, child, generation)
}

pub(in crate::seal) fn wrap_to_bytes(
    child: KeyId,
    generation: u32,
    secrets: &TeamSecrets,
) -> Zeroizing<Vec<u8>> {
    let signing = secrets.signing.seed();
    let parts: [&[u8]; 6] = [
        MAGIC,
        &[secrets.identity.suite().byte()],
        child.as_bytes(),
        &generation.to_be_bytes(),
        secrets.identity.seed().expose(),
        signing.expose(),
    ];
    Zeroizing::new(parts.concat())
}

pub(in crate::seal) fn parse_wrap(
    plaintext: &[u8],
    child: KeyId,
    generation: u32,
) -> Result<TeamSecrets, SealError> {
    let mut fields = Fields(plaintext);
    let suite = fields.begin(MAGIC)?;
    if fields.take()? != *child.as_bytes() || fields.take()? != generation.to_be_bytes() {
        return Err(SealError::WrongKey);
    }
    let identity = Identity::from_seed(suite, &Seed::from_bytes(fields.take()?));
    let signing = SigningKey::from_seed(&Seed::from_bytes(fields.take()?));
    fields.finish()?;
    Ok(TeamSecrets::of(identity, signing))
}
