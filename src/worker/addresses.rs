//! Addresses of letters, as their rows keep them: sealed with the server's contact key.

use crate::domain::email::EmailAddress;
use crate::domain::ids::OutboxId;
use crate::service::Changing;

/// An address could not be sealed or opened: its key is gone, or the row was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address could not be sealed or opened")]
pub struct AddressError;

/// Seals and opens them with the keys of the moment.
#[derive(Clone)]
pub(super) struct Addresses(pub(super) Changing);

impl Addresses {
    /// For its row.
    pub(super) fn seal(
        &self,
        row: OutboxId,
        address: &EmailAddress,
    ) -> Result<Vec<u8>, AddressError> {
        let credentials = self.0.now().credentials;
        let sealed = credentials.contact_seal(row.as_bytes(), address.as_str());
        sealed.map_err(|_| AddressError)
    }

    /// Of its row.
    pub(super) fn open(&self, row: OutboxId, sealed: &[u8]) -> Result<EmailAddress, AddressError> {
        let credentials = self.0.now().credentials;
        let text = credentials.contact_open(row.as_bytes(), sealed);
        let text = text.map_err(|_| AddressError)?;
        text.parse().map_err(|_| AddressError)
    }
}
