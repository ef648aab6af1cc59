//! The keys of forms' tickets. None of them comes from the root, which only seals them for the two days that they live: a secret that is
//! shown once must not hang on one that is kept.

use super::{Credentials, SealError, ServerKey, aead};
use crate::domain::clock::Day;

const LABEL: &[u8] = b"kapea/ticket/key/v1";

impl Credentials {
    /// Seals the key of a day for its row.
    ///
    /// # Errors
    /// [`SealError::Failed`] if encryption fails.
    pub fn ticket_key_seal(&self, day: Day, key: &ServerKey) -> Result<Vec<u8>, SealError> {
        let sealed = aead::seal(&self.newest.ticket, &associated(day), key.0.expose())?;
        Ok([self.version().to_be_bytes().as_slice(), &sealed].concat())
    }

    /// Opens the key of a day. A version of the root whose time was over by then has sealed none.
    ///
    /// # Errors
    /// [`SealError::MissingCredential`] if it was sealed by a version that is not here; another if it is no key of that day.
    pub fn ticket_key_open(&self, day: Day, sealed: &[u8]) -> Result<ServerKey, SealError> {
        let (version, sealed) = sealed
            .split_first_chunk::<4>()
            .ok_or(SealError::NotOpened)?;
        let version = u32::from_be_bytes(*version);
        if version <= self.succession().outdated(day) {
            return Err(SealError::NotOpened);
        }
        let key = &self.find(version)?.ticket;
        let opened = aead::open(key, &associated(day), sealed)?;
        let bytes = opened.as_slice().try_into();
        bytes
            .map(ServerKey::from_bytes)
            .map_err(|_| SealError::Malformed)
    }
}

fn associated(day: Day) -> Vec<u8> {
    [LABEL, &day.number().to_be_bytes()].concat()
}
