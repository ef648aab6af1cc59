//! Places in a list, as a link to the next page carries them: sealed, so that an address in a browser's history says nothing of a
//! report, and so that only what was made here is followed.

use data_encoding::BASE64URL_NOPAD;

use super::keys::Seed;
use super::{SealError, aead};
use crate::domain::ids::StaffId;

const LABEL: &[u8] = b"kapea/place/v1";

/// What places are sealed with. Made anew at each start and known to this process alone.
pub struct PlaceKey(Seed);

impl PlaceKey {
    /// A new one.
    pub fn random() -> Self {
        Self(Seed::random())
    }

    #[cfg(test)]
    pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Seed::from_bytes(bytes))
    }

    /// A place for a link on a page of this person, in base64url.
    ///
    /// # Errors
    /// [`SealError`] if it is too long to be sealed.
    pub fn seal(&self, reader: StaffId, place: &[u8]) -> Result<String, SealError> {
        let sealed = aead::seal(self.0.expose(), &associated(reader), place)?;
        Ok(BASE64URL_NOPAD.encode(&sealed))
    }

    /// The place in a link that this person has followed.
    ///
    /// # Errors
    /// [`SealError::NotOpened`] if it was not made here, since the start, for this person.
    pub fn open(&self, reader: StaffId, text: &str) -> Result<Vec<u8>, SealError> {
        let sealed = BASE64URL_NOPAD
            .decode(text.as_bytes())
            .map_err(|_| SealError::NotOpened)?;
        let place = aead::open(self.0.expose(), &associated(reader), &sealed)?;
        Ok(place.to_vec())
    }
}

fn associated(reader: StaffId) -> Vec<u8> {
    [LABEL, reader.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_followed_by_whom_it_was_made_for_as_it_was_made() {
        let (key, reader) = (PlaceKey::random(), StaffId::from_bytes([1; 16]));
        let text = key.seal(reader, b"a place").expect("sealed");
        assert_eq!(key.open(reader, &text).expect("opened"), b"a place");
        assert!(key.open(StaffId::from_bytes([2; 16]), &text).is_err());
        assert!(PlaceKey::random().open(reader, &text).is_err());
        assert!(key.open(reader, "").is_err());
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).expect("ASCII");
            assert!(key.open(reader, &other).is_err(), "{at}");
            let (part, _) = text.split_at(at);
            assert!(key.open(reader, part).is_err(), "{at}");
        }
    }
}
