//! Small rows that the server seals for itself: the keys of forms' tickets, and what each process says of itself. No ticket key comes from
//! the root, which only seals it for the two days that it lives: a secret that is shown once must not hang on one that is kept.

use zeroize::Zeroizing;

use super::{Credentials, SealError, ServerKey, aead};
use crate::domain::clock::Day;

const LABEL: &[u8] = b"kapea/ticket/key/v1";
const PULSE: &[u8] = b"kapea/pulse/v1";

impl Credentials {
    /// Seals the key of a day for its row.
    ///
    /// # Errors
    /// [`SealError::Failed`] if encryption fails.
    pub fn ticket_key_seal(&self, day: Day, key: &ServerKey) -> Result<Vec<u8>, SealError> {
        self.row_seal(&associated(day), key.0.expose())
    }

    /// Opens the key of a day. A version of the root whose time was over by then has sealed none.
    ///
    /// # Errors
    /// [`SealError::MissingCredential`] if it was sealed by a version that is not here; another if it is no key of that day.
    pub fn ticket_key_open(&self, day: Day, sealed: &[u8]) -> Result<ServerKey, SealError> {
        let (version, _) = versioned(sealed)?;
        if version <= self.succession().outdated(day) {
            return Err(SealError::NotOpened);
        }
        let opened = self.row_open(&associated(day), sealed)?;
        let bytes = opened.as_slice().try_into();
        bytes
            .map(ServerKey::from_bytes)
            .map_err(|_| SealError::Malformed)
    }

    /// Seals what the process with these roles says of itself for its row.
    ///
    /// # Errors
    /// [`SealError::Failed`] if encryption fails.
    pub fn pulse_seal(&self, roles: &str, said: &[u8]) -> Result<Vec<u8>, SealError> {
        self.row_seal(&[PULSE, roles.as_bytes()].concat(), said)
    }

    /// Opens that.
    ///
    /// # Errors
    /// [`SealError::MissingCredential`] if it was sealed by a version that is not here; another if it is none.
    pub fn pulse_open(&self, roles: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let said = self.row_open(&[PULSE, roles.as_bytes()].concat(), sealed)?;
        Ok(said.to_vec())
    }

    fn row_seal(&self, associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let sealed = aead::seal(&self.newest.ticket, associated, plain)?;
        Ok([self.version().to_be_bytes().as_slice(), &sealed].concat())
    }

    fn row_open(&self, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (version, sealed) = versioned(sealed)?;
        aead::open(&self.find(version)?.ticket, associated, sealed)
    }
}

/// The version of the root before what it has sealed.
fn versioned(sealed: &[u8]) -> Result<(u32, &[u8]), SealError> {
    let (version, sealed) = sealed
        .split_first_chunk::<4>()
        .ok_or(SealError::NotOpened)?;
    Ok((u32::from_be_bytes(*version), sealed))
}

fn associated(day: Day) -> Vec<u8> {
    [LABEL, &day.number().to_be_bytes()].concat()
}
