//! Keys as types: age key pairs, signing keys, and the seeds both come from.

use std::fmt;
use std::str::FromStr;

use bech32::{Bech32, Hrp};
use borsh::{BorshDeserialize, BorshSerialize};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ed25519_dalek::Signer;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::SealError;
use super::derive::{hkdf, sha256};
use super::random;

const SECRET_KEY_PREFIX: Hrp = Hrp::parse_unchecked("AGE-SECRET-KEY-");

/// 32 secret bytes from which keys are derived. Wiped when dropped.
#[derive(Clone)]
pub struct Seed(Zeroizing<[u8; 32]>);

/// The public half of an age key: whom something is sealed to.
#[derive(Clone)]
pub struct Recipient {
    key: age::x25519::Recipient,
    text: String,
}

/// An age key: what opens. Wiped when dropped.
#[derive(Clone)]
pub struct Identity {
    seed: Seed,
    key: age::x25519::Identity,
}

/// The public half of a signing key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct VerifyKey([u8; 32]);

/// An Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Signature([u8; 64]);

/// An Ed25519 key. Wiped when dropped.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

/// The key that a reporter and the case team share, and nobody else: it says that a message comes from one of them.
#[derive(Clone)]
pub struct ReporterAuthKey(Seed);

/// The key that whoever holds a report's own key authenticates with: staff, and intake at the moment of sealing. No receipt code gives it.
#[derive(Clone)]
pub struct StaffAuthKey(Seed);

/// A person's keys, all from one seed.
#[derive(Clone)]
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
        Self(Zeroizing::new(random::bytes()))
    }

    /// From its bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Its bytes.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<Zeroizing<[u8; 32]>> for Seed {
    fn from(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }
}

impl Identity {
    /// The age key whose secret is the seed itself.
    #[expect(
        clippy::expect_used,
        reason = "any 32 bytes are an X25519 secret, and their Bech32 form is well within its length limit"
    )]
    pub fn from_seed(seed: &Seed) -> Self {
        // age has no constructor from bytes; its own text form is the way in.
        let text = Zeroizing::new(
            bech32::encode_upper::<Bech32>(SECRET_KEY_PREFIX, seed.expose())
                .expect("32 bytes fit into Bech32"),
        );
        Self {
            seed: seed.clone(),
            key: text.parse().expect("age reads its own text form"),
        }
    }

    /// A new one.
    pub fn generate() -> Self {
        Self::from_seed(&Seed::random())
    }

    /// The public half.
    pub fn recipient(&self) -> Recipient {
        Recipient::from_key(self.key.to_public())
    }

    /// The secret.
    pub fn seed(&self) -> &Seed {
        &self.seed
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
    fn from_key(key: age::x25519::Recipient) -> Self {
        Self {
            text: key.to_string(),
            key,
        }
    }

    /// As age writes it: `age1…`, 62 characters.
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
        let key = text
            .parse::<age::x25519::Recipient>()
            .map_err(|_| SealError::InvalidKey)?;
        let recipient = Self::from_key(key);
        let (_, point) = bech32::decode(text).map_err(|_| SealError::InvalidKey)?;
        let fits = recipient.text == text && is_sound(&point);
        fits.then_some(recipient).ok_or(SealError::InvalidKey)
    }
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
        Self(ed25519_dalek::SigningKey::from_bytes(seed.expose()))
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
    /// The keys of the person with this seed.
    pub fn from_seed(seed: &Seed) -> Self {
        let derived = |label: &[u8]| Seed::from(hkdf(seed.expose(), b"", &[label]));
        Self {
            identity: Identity::from_seed(&derived(b"kapea/staff/age/v1")),
            signing: SigningKey::from_seed(&derived(b"kapea/staff/sign/v1")),
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
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn an_identity_reads_back_from_its_age_text() {
        let identity = Identity::generate();
        let text = identity.to_age_string();
        assert!(text.expose_secret().starts_with("AGE-SECRET-KEY-1"));
        let read: age::x25519::Identity = text.expose_secret().parse().unwrap();
        assert_eq!(read.to_public().to_string(), identity.recipient().as_str());
    }

    #[test]
    fn a_recipient_has_one_spelling() {
        let text = Identity::generate().recipient().to_string();
        assert_eq!(text.len(), 62);
        assert_eq!(text.parse::<Recipient>().unwrap().as_str(), text);
        for other in [text.to_uppercase(), format!("{text} "), "age1".to_owned()] {
            assert_eq!(other.parse::<Recipient>(), Err(SealError::InvalidKey));
        }
    }

    #[test]
    fn a_signature_is_of_one_key_and_one_message() {
        let key = SigningKey::from_seed(&Seed::random());
        let other = SigningKey::from_seed(&Seed::random());
        let signature = key.sign(b"message");
        assert_eq!(key.verify_key().verify(b"message", &signature), Ok(()));
        for (key, message) in [
            (&key, b"messagE".as_slice()),
            (&other, b"message".as_slice()),
        ] {
            assert_eq!(
                key.verify_key().verify(message, &signature),
                Err(BadSignature)
            );
        }
    }

    #[test]
    fn a_weak_key_verifies_nothing() {
        // The point of order one: without strict checking, a signature of zeros fits every message.
        let mut weak = [0; 32];
        weak[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        let outcome = VerifyKey::from_bytes(weak).verify(b"any", &Signature::from_bytes(signature));
        assert_eq!(outcome, Err(BadSignature));
    }

    #[test]
    fn a_verify_key_reads_back_from_its_text() {
        let key = SigningKey::from_seed(&Seed::random()).verify_key();
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!("AAAA".parse::<VerifyKey>(), Err(SealError::InvalidKey));
    }

    #[test]
    fn fingerprints_are_six_groups_of_five_digits() {
        let keys = StaffKeys::from_seed(&Seed::from_bytes([7; 32]));
        for text in [
            keys.verify_key().fingerprint(),
            fingerprint(&keys.recipient(), &keys.verify_key()),
        ] {
            let groups: Vec<&str> = text.split(' ').collect();
            assert_eq!(groups.len(), 6);
            assert!(
                groups
                    .iter()
                    .all(|group| group.len() == 5 && group.bytes().all(|b| b.is_ascii_digit()))
            );
        }
    }

    /// People's keys are on paper and in other databases: they must never come out differently. Computed with Python cryptography too.
    #[test]
    fn staff_keys_stay_what_they_are() {
        let keys = StaffKeys::from_seed(&Seed::from_bytes([7; 32]));
        assert_eq!(
            keys.recipient().as_str(),
            "age1wagudp89whlsyd0lrqhsezpwxhq7nxwvhgsu3883j8mu9eqmpczsch7qlq"
        );
        assert_eq!(
            keys.verify_key().to_string(),
            "OEJjzSumOHfiVQV0NN8IzC4HbIvm0qbjSMyp3WbKLNg"
        );
    }

    /// Sealing to one of these would end the process.
    #[test]
    fn a_recipient_is_one_that_can_be_sealed_to_and_has_one_spelling() {
        let hrp = Hrp::parse("age").unwrap();
        for point in [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0900000000000000000000000000000000000000000000000000000000000080",
        ] {
            let point = HEXLOWER.decode(point.as_bytes()).unwrap();
            let text = bech32::encode::<Bech32>(hrp, &point).unwrap();
            assert!(text.parse::<Recipient>().is_err(), "{text}");
        }
        let nine = [[9].as_slice(), &[0; 31]].concat();
        let text = bech32::encode::<Bech32>(hrp, &nine).unwrap();
        assert!(text.parse::<Recipient>().is_ok());
    }

    #[test]
    fn secrets_say_nothing_in_debug() {
        let seed = Seed::from_bytes([7; 32]);
        assert_eq!(
            format!("{:?}", StaffKeys::from_seed(&seed)),
            "StaffKeys(..)"
        );
        assert_eq!(format!("{seed:?}"), "Seed(..)");
        assert_eq!(format!("{:?}", Identity::from_seed(&seed)), "Identity(..)");
    }
}
