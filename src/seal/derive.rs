//! Hashes and derived keys. Every use has its own label, ending in a version.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::secret::Secret;

/// HKDF-SHA-256 of `secret`, with the parts of `info` one after the other.
#[expect(
    clippy::expect_used,
    reason = "32 bytes are far below the 8160 that HKDF-SHA-256 can give"
)]
pub(super) fn hkdf(secret: &[u8], salt: &[u8], info: &[&[u8]]) -> Secret<32> {
    let derived = Hkdf::<Sha256>::new(Some(salt), secret);
    Secret::filled(|key| derived.expand_multi_info(info, key)).expect("the length is allowed")
}

/// SHA-256 of the parts, one after the other. Parts of varying length must come with their length.
pub(super) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// HMAC-SHA-256 of the parts, one after the other.
pub(super) fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    mac(key, parts).finalize().into_bytes().into()
}

/// Whether `tag` is the HMAC of the parts (or its first bytes, at least 16 of them), in constant time.
pub(super) fn hmac_verify(key: &[u8; 32], parts: &[&[u8]], tag: &[u8]) -> bool {
    tag.len() >= 16 && mac(key, parts).verify_truncated_left(tag).is_ok()
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> Hmac<Sha256> {
    // HMAC fills a short key up with zeros to one block.
    let mut block = Zeroizing::new([0; 64]);
    let (front, _) = block.split_at_mut(key.len());
    front.copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    for part in parts {
        mac.update(part);
    }
    mac
}
