//! The token of a one-time link. The database keeps its hash; what is sealed under it opens only for who has the link.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::SealError;
use super::aead;
use super::credentials::ServerKey;
use super::derive::{hkdf, sha256};
use super::keys::Seed;
use super::secret::Secret;
use crate::domain::ids::{ObjectId, StaffId};

/// The token of an invitation. Wiped when dropped.
pub struct InvitationToken(Seed);

impl InvitationToken {
    /// A new one.
    pub fn random() -> Self {
        Self(Seed::random())
    }

    /// The token that a page makes for somebody: the same each time that page is sent. Without the page's own number, whoever has the server's
    /// key cannot make it.
    pub fn of_page(key: &ServerKey, page: ObjectId, by: StaffId, whom: &str) -> Self {
        let label = b"kapea/invitation/page/v1".as_slice();
        let seed = key.derive(&[label, page.as_bytes(), by.as_bytes(), whom.as_bytes()]);
        Self(Seed::from(seed))
    }

    /// Reads the token from a link, without what a chat put around it.
    ///
    /// # Errors
    /// [`SealError::InvalidKey`] if it is not one.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        BASE64URL_NOPAD
            .decode(text.trim_matches(is_stray).as_bytes())
            .map(Zeroizing::new)
            .ok()
            .and_then(|bytes| bytes.as_slice().try_into().ok())
            .map(|bytes| Self(Seed::from_bytes(bytes)))
            .ok_or(SealError::InvalidKey)
    }

    /// Another hand on the same token.
    pub fn share(&self) -> Self {
        Self(self.0.share())
    }

    /// As it stands in the link.
    pub fn text(&self) -> SecretString {
        SecretString::from(BASE64URL_NOPAD.encode(self.0.expose()))
    }

    /// What is stored of it.
    pub fn hash(&self) -> [u8; 32] {
        sha256(&[b"kapea/invitation/hash/v1", self.0.expose()])
    }

    /// Seals a secret that was made for the invited person beforehand.
    ///
    /// # Errors
    /// [`SealError::Failed`] if encryption fails.
    pub fn seal(&self, staff: StaffId, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        aead::seal(&self.key(), staff.as_bytes(), secret)
    }

    /// Opens it.
    ///
    /// # Errors
    /// [`SealError::NotOpened`] if it was not sealed under this token for this person.
    pub fn open(&self, staff: StaffId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        aead::open(&self.key(), staff.as_bytes(), sealed)
    }

    fn key(&self) -> Secret<32> {
        hkdf(self.0.expose(), b"", &[b"kapea/invitation/secret/v1"])
    }
}

impl fmt::Debug for InvitationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationToken(..)")
    }
}

fn is_stray(character: char) -> bool {
    !(character.is_ascii_alphanumeric() || matches!(character, '-' | '_'))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::seal::random;

    #[test]
    fn a_token_reads_back_from_its_link() {
        let token = InvitationToken::random();
        let text = token.text();
        let read = InvitationToken::parse(text.expose_secret()).unwrap();
        assert_eq!(read.hash(), token.hash());
        assert_ne!(InvitationToken::random().hash(), token.hash());
        for text in ["", "AAAA", "?"] {
            assert_eq!(
                InvitationToken::parse(text).unwrap_err(),
                SealError::InvalidKey
            );
        }
    }

    #[test]
    fn what_is_sealed_for_a_person_opens_for_that_person_with_the_link() {
        let (token, staff) = (InvitationToken::random(), random::staff_id());
        let sealed = token.seal(staff, b"secret").unwrap();
        assert_eq!(token.open(staff, &sealed).unwrap().as_slice(), b"secret");
        assert!(token.open(random::staff_id(), &sealed).is_err());
        assert!(InvitationToken::random().open(staff, &sealed).is_err());
    }
}
