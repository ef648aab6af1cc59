//! XChaCha20-Poly1305 for what needs associated data: session rows, hidden form fields, contact addresses.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::SealError;
use super::random;

const NONCE_LENGTH: usize = 24;

/// A random nonce, then the ciphertext.
pub(super) fn seal(
    key: &[u8; 32],
    associated: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, SealError> {
    let nonce: [u8; NONCE_LENGTH] = random::bytes();
    let payload = Payload {
        msg: plaintext,
        aad: associated,
    };
    let ciphertext = XChaCha20Poly1305::new(key.into())
        .encrypt(XNonce::from_slice(&nonce), payload)
        .map_err(|_| SealError::Failed)?;
    Ok([nonce.as_slice(), &ciphertext].concat())
}

pub(super) fn open(
    key: &[u8; 32],
    associated: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, ciphertext) = sealed
        .split_at_checked(NONCE_LENGTH)
        .ok_or(SealError::NotOpened)?;
    let payload = Payload {
        msg: ciphertext,
        aad: associated,
    };
    XChaCha20Poly1305::new(key.into())
        .decrypt(XNonce::from_slice(nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_| SealError::NotOpened)
}
