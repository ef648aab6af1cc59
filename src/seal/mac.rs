//! Keys that the server authenticates its own records with: one of each version of a credential.

use super::derive::{hmac, hmac_verify};
use super::secret::Secret;

/// The newest first: it makes, and each of them verifies. At least one.
pub struct MacKeys(pub(super) Vec<Secret<32>>);

impl MacKeys {
    /// Made with the newest.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.0.first().map_or([0; 32], |newest| hmac(newest, parts))
    }

    /// What each of them makes, cut to an id (16 bytes).
    pub fn ids(&self, parts: &[&[u8]]) -> Vec<[u8; 16]> {
        let macs = self.0.iter().map(|key| hmac(key, parts));
        macs.filter_map(|mac| mac.first_chunk().copied()).collect()
    }

    /// Another hand on the same keys.
    pub fn share(&self) -> Self {
        Self(self.0.iter().map(Secret::share).collect())
    }

    /// The newest alone.
    pub fn newest(&self) -> Self {
        self.without(u32::MAX)
    }

    /// Without so many of the earliest; the newest stays in any case.
    pub fn without(&self, earliest: u32) -> Self {
        let earliest = usize::try_from(earliest).unwrap_or(usize::MAX);
        let left = self.0.len().saturating_sub(earliest).max(1);
        Self(self.0.iter().take(left).map(Secret::share).collect())
    }

    /// Whether one of them made it.
    pub fn verify(&self, parts: &[&[u8]], mac: &[u8; 32]) -> bool {
        self.0.iter().any(|key| hmac_verify(key, parts, mac))
    }
}

impl std::fmt::Debug for MacKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MacKeys(..)")
    }
}
