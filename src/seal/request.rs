//! By what a request is known again of which nothing may be kept.

use super::derive::hmac;
use super::secret::Secret;

/// See [`RequestKey::id`].
pub type RequestId = [u8; 32];

/// A key of this process alone.
pub struct RequestKey(Secret<32>);

impl RequestKey {
    /// A new one.
    pub fn random() -> Self {
        Self(Secret::random())
    }

    /// The same for the same parts. Without the key nobody can try which words it stands for.
    pub fn id(&self, parts: &[&[u8]]) -> RequestId {
        let digests: Vec<[u8; 32]> = parts.iter().map(|part| hmac(&self.0, &[part])).collect();
        let digests: Vec<&[u8]> = digests.iter().map(<[u8; 32]>::as_slice).collect();
        hmac(&self.0, &digests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_parted_elsewhere_is_another_request() {
        let key = RequestKey::random();
        let id = key.id(&[b"a", b"bc"]);
        assert_eq!(id, key.id(&[b"a", b"bc"]));
        for other in [key.id(&[b"ab", b"c"]), key.id(&[b"abc"]), key.id(&[b"a"])] {
            assert_ne!(id, other);
        }
        assert_ne!(id, RequestKey::random().id(&[b"a", b"bc"]));
    }
}
