//! Whole age files in memory, to one recipient.

use std::io::Read;
use std::iter;

use zeroize::Zeroizing;

use super::SealError;
use super::keys::{Identity, Recipient};
use crate::domain::sealed::Sealed;

pub(super) fn encrypt<T>(recipient: &Recipient, plaintext: &[u8]) -> Result<Sealed<T>, SealError> {
    let bytes = age::encrypt(recipient.key(), plaintext).map_err(|_| SealError::Failed)?;
    Sealed::parse(bytes).map_err(|_| SealError::Failed)
}

pub(super) fn decrypt<T>(
    identity: &Identity,
    sealed: &Sealed<T>,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let bytes = sealed.as_bytes();
    let key: &dyn age::Identity = identity.key();
    // Room for the whole, so that no copy of the plaintext is left behind where the vector grew.
    let mut plaintext = Zeroizing::new(Vec::with_capacity(bytes.len()));
    age::Decryptor::new_buffered(bytes)
        .and_then(|decryptor| decryptor.decrypt(iter::once(key)))
        .map_err(|_| SealError::NotOpened)?
        .read_to_end(&mut plaintext)
        .map_err(|_| SealError::NotOpened)?;
    Ok(plaintext)
}
