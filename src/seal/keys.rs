//! Keys as types: age key pairs, signing keys, and the seeds both come from.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use age_core::primitives::{bech32_decode, bech32_encode};
use bech32::{Bech32, Hrp};
use borsh::{BorshDeserialize, BorshSerialize};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ed25519_dalek::Signer;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::SealError;
use super::derive::{hkdf, sha256};
use super::secret::Secret;
#[cfg(debug_assertions)]
use super::trial;
use crate::domain::suite::Suite;

const SECRET_KEY_PREFIX: Hrp = Hrp::parse_unchecked("AGE-SECRET-KEY-");

/// 32 secret bytes from which keys are derived. Wiped when dropped.
pub struct Seed(Secret<32>);

/// The public half of an age key: whom something is sealed to.
#[derive(Clone)]
pub struct Recipient {
    suite: Suite,
    key: age::x25519::Recipient,
    text: String,
}

/// An age key: what opens. Wiped when dropped.
pub struct Identity {
    suite: Suite,
    seed: Seed,
    key: Arc<age::x25519::Identity>,
}

/// The public half of a signing key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct VerifyKey([u8; 32]);

/// An Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Signature([u8; 64]);

/// An Ed25519 key. Wiped when dropped.
pub struct SigningKey(Arc<ed25519_dalek::SigningKey>);

/// The key that a reporter and the case team share, and nobody else: it says that a message comes from one of them.
pub struct ReporterAuthKey(Seed);

/// The key that whoever holds a report's own key authenticates with: staff, and intake at the moment of sealing. No receipt code gives it.
pub struct StaffAuthKey(Seed);

/// A person's keys, all from one seed.
pub struct StaffKeys {
    identity: Identity,
    signing: SigningKey,
}

/// The signature is not that key's over that message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit")]
pub struct BadSignature;

impl Seed {
    /// A new one.
    pub fn random() -> Self {
        Self(Secret::random())
    }

    /// From its bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Secret::of(&Zeroizing::new(bytes)))
    }

    /// Another hand on the same bytes.
    pub fn share(&self) -> Self {
        Self(self.0.share())
    }

    /// Its bytes.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<Secret<32>> for Seed {
    fn from(bytes: Secret<32>) -> Self {
        Self(bytes)
    }
}

impl Identity {
    /// The age key of that suite whose secret is the seed itself.
    #[expect(
        clippy::expect_used,
        reason = "any 32 bytes are an X25519 secret, and their Bech32 form is well within its length limit"
    )]
    pub fn from_seed(suite: Suite, seed: &Seed) -> Self {
        // age has no constructor from bytes; its own text form is the way in.
        let text = Zeroizing::new(
            bech32::encode_upper::<Bech32>(SECRET_KEY_PREFIX, seed.expose())
                .expect("32 bytes fit into Bech32"),
        );
        Self {
            suite,
            seed: seed.share(),
            key: Arc::new(text.parse().expect("age reads its own text form")),
        }
    }

    /// A new one.
    pub fn generate(suite: Suite) -> Self {
        Self::from_seed(suite, &Seed::random())
    }

    /// Another hand on the same key.
    pub fn share(&self) -> Self {
        Self {
            suite: self.suite,
            seed: self.seed.share(),
            key: Arc::clone(&self.key),
        }
    }

    /// Of which suite it is.
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    /// The public half.
    pub fn recipient(&self) -> Recipient {
        Recipient::of(self.suite, self.key.to_public())
    }

    /// The secret.
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// The secret with its suite, as it goes to a holder.
    pub(super) fn secret(&self) -> (Suite, Seed) {
        (self.suite, self.seed.share())
    }

    /// The secret as the `age` program reads it: `AGE-SECRET-KEY-1…`.
    pub fn to_age_string(&self) -> SecretString {
        self.key.to_string()
    }

    pub(super) fn key(&self) -> &age::x25519::Identity {
        &self.key
    }
}

impl Recipient {
    fn of(suite: Suite, key: age::x25519::Recipient) -> Self {
        let text = match suite {
            Suite::X25519 => key.to_string(),
            #[cfg(debug_assertions)]
            Suite::Trial => {
                let point = point(&key.to_string()).unwrap_or_default();
                encode(suite, &trial::stretched(&point))
            }
        };
        Self { suite, key, text }
    }

    /// Of which suite it is.
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    /// As age writes it: `age1…`, 62 characters in the first suite, some two thousand in one with ML-KEM.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// With its length before it, so that a longer one of another suite is never read as this one and what follows.
    pub(super) fn to_field(&self) -> Vec<u8> {
        let length = u16::try_from(self.text.len()).unwrap_or(u16::MAX);
        [&length.to_be_bytes(), self.text.as_bytes()].concat()
    }

    pub(super) fn key(&self) -> &age::x25519::Recipient {
        &self.key
    }
}

impl PartialEq for Recipient {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Recipient {}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Recipient {
    /// 30 digits in six groups of five, to be compared by voice with whoever has the key.
    pub fn fingerprint(&self) -> String {
        digits(&sha256(&[
            b"kapea/fingerprint/recipient/v1",
            self.text.as_bytes(),
        ]))
    }
}

impl FromStr for Recipient {
    type Err = SealError;

    /// Only the one spelling that [`Recipient`] itself writes is accepted, so that equal keys are equal texts.
    fn from_str(text: &str) -> Result<Self, SealError> {
        let suite = Suite::of_recipient(text).ok_or(SealError::InvalidKey)?;
        let point = point(text).ok_or(SealError::InvalidKey)?;
        let key = encode(Suite::X25519, &point)
            .parse::<age::x25519::Recipient>()
            .map_err(|_| SealError::InvalidKey)?;
        let recipient = Self::of(suite, key);
        let fits = recipient.text == text && is_sound(&point);
        fits.then_some(recipient).ok_or(SealError::InvalidKey)
    }
}

fn encode(suite: Suite, bytes: &[u8]) -> String {
    bech32_encode(Hrp::parse_unchecked(suite.prefix()), bytes)
}

/// The point that a public key begins with. Whoever compares the whole text sees what else is in it.
fn point(text: &str) -> Option<[u8; 32]> {
    let bytes = bech32_decode(
        text,
        |_| (),
        |_| Ok(()),
        |_, bytes| Ok(bytes.collect::<Vec<u8>>()),
    );
    bytes.ok()?.first_chunk().copied()
}

/// Whether a point (little-endian) is the one spelling of one that a secret can be shared with. age aborts the process at the others.
fn is_sound(point: &[u8]) -> bool {
    // All points of low order below 2^255 − 19 (RFC 7748, section 6.1; https://cr.yp.to/ecdh.html#validate).
    const LOW_ORDER: [&str; 5] = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    const PRIME: &str = "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed";
    let is_low = LOW_ORDER.contains(&HEXLOWER.encode(point).as_str());
    // Written the other way round, numbers are in the order of their digits.
    let number: Vec<u8> = point.iter().rev().copied().collect();
    !is_low && HEXLOWER.encode(&number).as_str() < PRIME
}

impl BorshSerialize for Recipient {
    fn serialize<W: borsh::io::Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
        self.text.serialize(writer)
    }
}

impl BorshDeserialize for Recipient {
    fn deserialize_reader<R: borsh::io::Read>(reader: &mut R) -> borsh::io::Result<Self> {
        let text = String::deserialize_reader(reader)?;
        text.parse().map_err(|error: SealError| {
            borsh::io::Error::new(borsh::io::ErrorKind::InvalidData, error)
        })
    }
}

impl VerifyKey {
    /// From its bytes. Whether they are a key shows when a signature is checked.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Checks a signature, strictly: no weak key, no second form of the same signature.
    ///
    /// # Errors
    /// [`BadSignature`] if it does not fit.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        ed25519_dalek::VerifyingKey::from_bytes(&self.0)
            .and_then(|key| {
                key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.0))
            })
            .map_err(|_| BadSignature)
    }

    /// 30 digits in six groups of five, to be compared by voice.
    pub fn fingerprint(&self) -> String {
        digits(&sha256(&[b"kapea/fingerprint/verify-key/v1", &self.0]))
    }
}

impl fmt::Display for VerifyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl FromStr for VerifyKey {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        BASE64URL_NOPAD
            .decode(text.as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(SealError::InvalidKey)
    }
}

impl Signature {
    /// From its bytes.
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl SigningKey {
    /// The key with this seed.
    pub fn from_seed(seed: &Seed) -> Self {
        Self(Arc::new(ed25519_dalek::SigningKey::from_bytes(
            seed.expose(),
        )))
    }

    /// Another hand on the same key.
    pub fn share(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// Signs.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }

    /// The public half.
    pub fn verify_key(&self) -> VerifyKey {
        VerifyKey(self.0.verifying_key().to_bytes())
    }

    pub(super) fn seed(&self) -> Seed {
        Seed::from_bytes(self.0.to_bytes())
    }
}

impl ReporterAuthKey {
    pub(super) const fn new(seed: Seed) -> Self {
        Self(seed)
    }

    pub(super) fn share(&self) -> Self {
        Self(self.0.share())
    }

    pub(super) fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }
}

impl StaffAuthKey {
    pub(super) const fn new(seed: Seed) -> Self {
        Self(seed)
    }

    pub(super) fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }
}

impl Identity {
    /// What staff authenticate with what they write, where this is a report's own key.
    pub(super) fn staff_auth(&self) -> StaffAuthKey {
        StaffAuthKey::new(Seed::from(hkdf(
            self.seed().expose(),
            b"",
            &[b"kapea/report/staff/v1"],
        )))
    }

    /// What signs a report's state, where this is its own key: whoever can open the report, and nobody else.
    pub(super) fn state_key(&self) -> SigningKey {
        let seed = hkdf(self.seed().expose(), b"", &[b"kapea/report/state/v1"]);
        SigningKey::from_seed(&Seed::from(seed))
    }
}

impl StaffKeys {
    /// The keys with this seed, of the newest suite.
    pub fn from_seed(seed: &Seed) -> Self {
        Self::of(Suite::NEWEST, seed)
    }

    /// The keys of that suite with this seed.
    pub fn of(suite: Suite, seed: &Seed) -> Self {
        let derived = |label: &[u8]| Seed::from(hkdf(seed.expose(), b"", &[label]));
        Self {
            identity: Identity::from_seed(suite, &derived(b"kapea/staff/age/v1")),
            signing: SigningKey::from_seed(&derived(b"kapea/staff/sign/v1")),
        }
    }

    /// Another hand on the same keys.
    pub fn share(&self) -> Self {
        Self {
            identity: self.identity.share(),
            signing: self.signing.share(),
        }
    }

    /// What opens wraps and grants made for the person.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What signs for the person.
    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// The public half of the age key.
    pub fn recipient(&self) -> Recipient {
        self.identity.recipient()
    }

    /// The public half of the signing key.
    pub fn verify_key(&self) -> VerifyKey {
        self.signing.verify_key()
    }
}

/// The fingerprint of a key record: 30 digits in six groups of five, to be compared by voice.
pub fn fingerprint(recipient: &Recipient, verify_key: &VerifyKey) -> String {
    digits(&sha256(&[
        b"kapea/fingerprint/keys/v1",
        recipient.text.as_bytes(),
        &verify_key.0,
    ]))
}

/// The fingerprint of a team, of the digest of the first statement in its ledger: as [`fingerprint`].
pub fn team_fingerprint(root: &[u8; 32]) -> String {
    digits(&sha256(&[b"kapea/fingerprint/team/v1", root]))
}

fn digits(hash: &[u8; 32]) -> String {
    let groups: Vec<String> = hash
        .chunks_exact(5)
        .map(|chunk| {
            let number = chunk
                .iter()
                .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            format!("{:05}", number % 100_000)
        })
        .collect();
    groups.join(" ")
}

macro_rules! silent_debug {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )*};
}
silent_debug!(
    Seed,
    Identity,
    SigningKey,
    ReporterAuthKey,
    StaffAuthKey,
    StaffKeys,
    Signature
);

macro_rules! display_debug {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    )*};
}
display_debug!(Recipient, VerifyKey);

#[cfg(test)]
mod tests;
