//! Secret bytes that stay in one place in memory.

use std::ops::Deref;
use std::sync::Arc;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::random;

/// `N` secret bytes. Whoever moves it moves a pointer, whoever shares it copies nothing, and the last who lets go of it wipes it. Not `Clone`,
/// so that each further holder is seen in the code.
pub struct Secret<const N: usize>(Arc<Zeroizing<[u8; N]>>);

impl<const N: usize> Secret<N> {
    /// Made where it stays.
    ///
    /// # Errors
    /// That of `fill`.
    pub(super) fn filled<E>(fill: impl FnOnce(&mut [u8; N]) -> Result<(), E>) -> Result<Self, E> {
        let mut place = Arc::new(Zeroizing::new([0; N]));
        // Nobody else has it yet.
        if let Some(bytes) = Arc::get_mut(&mut place) {
            fill(bytes)?;
        }
        Ok(Self(place))
    }

    /// A copy of bytes that stand elsewhere.
    pub(super) fn of(bytes: &[u8; N]) -> Self {
        let mut place = Arc::new(Zeroizing::new([0; N]));
        if let Some(own) = Arc::get_mut(&mut place) {
            own.copy_from_slice(bytes);
        }
        Self(place)
    }

    /// A new one.
    pub(super) fn random() -> Self {
        Self::of(&Zeroizing::new(random::bytes()))
    }

    /// Another hand on the same bytes.
    pub(super) fn share(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl<const N: usize> Eq for Secret<N> {}

impl<const N: usize> Deref for Secret<N> {
    type Target = [u8; N];

    fn deref(&self) -> &[u8; N] {
        &self.0
    }
}
