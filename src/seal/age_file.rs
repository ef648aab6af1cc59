//! Whole age files in memory, to one recipient.

use std::io::Read;
use std::iter;

use zeroize::Zeroizing;

use super::SealError;
use super::keys::{Identity, Recipient};
#[cfg(debug_assertions)]
use super::trial::Relabelled;
use crate::domain::sealed::Sealed;
use crate::domain::suite::Suite;

pub(super) fn encrypt<T>(recipient: &Recipient, plaintext: &[u8]) -> Result<Sealed<T>, SealError> {
    let key = recipient.key();
    let bytes = match recipient.suite() {
        Suite::X25519 => age::encrypt(key, plaintext),
        #[cfg(debug_assertions)]
        Suite::Trial => age::encrypt(&Relabelled(key), plaintext),
    };
    let bytes = bytes.map_err(|_| SealError::Failed)?;
    Sealed::parse(bytes).map_err(|_| SealError::Failed)
}

pub(super) fn decrypt<T>(
    identity: &Identity,
    sealed: &Sealed<T>,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let bytes = sealed.as_bytes();
    let key = identity.key();
    #[cfg(debug_assertions)]
    let relabelled = Relabelled(key);
    let key: &dyn age::Identity = match identity.suite() {
        Suite::X25519 => key,
        #[cfg(debug_assertions)]
        Suite::Trial => &relabelled,
    };
    // Room for the whole, so that no copy of the plaintext is left behind where the vector grew.
    let mut plaintext = Zeroizing::new(Vec::with_capacity(bytes.len()));
    age::Decryptor::new_buffered(bytes)
        .and_then(|decryptor| decryptor.decrypt(iter::once(key)))
        .map_err(|_| SealError::NotOpened)?
        .read_to_end(&mut plaintext)
        .map_err(|_| SealError::NotOpened)?;
    Ok(plaintext)
}
