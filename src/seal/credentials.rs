//! The server's own secrets. All of them come from one root, which is kept in its versions. None of them opens a report.

mod rows;
mod text;

#[cfg(test)]
mod tests;

use std::fmt;

use zeroize::Zeroizing;

use super::SealError;
use super::aead;
use super::derive::hkdf;
use super::keys::{Identity, Seed, SigningKey};
use super::mac::MacKeys;
use super::secret::Secret;
use crate::domain::clock::Day;
use crate::domain::credential::PEPPER_GRACE_DAYS;
use crate::domain::suite::Suite;

/// Days after the one on which a version was made. Then each server goes on with it that reads its files at all.
const TAKEN_UP_DAYS: i64 = 1;

/// A server secret from which keys for single uses are derived. Wiped when dropped.
pub struct ServerKey(Seed);

/// What every passphrase is hashed with.
pub struct Pepper {
    version: u32,
    key: Seed,
}

/// Keys of one use that are alive: the newest makes what browsers carry, those before it go on opening what they made.
pub struct LiveKeys {
    newest: ServerKey,
    earlier: Vec<ServerKey>,
}

/// A version of the root, and what is made of it.
struct RootVersion {
    made: Day,
    root: Seed,
    device: ServerKey,
    ticket: Secret<32>,
    audit: Seed,
    pepper: Pepper,
    contact: Secret<32>,
}

/// All of the server's own secrets, and the public salt of receipts. The newest version of the root is used, earlier ones go on opening
/// what was made with them, and none is ever taken away: the audit log's entries open with the version of their time.
pub struct Credentials {
    salt: [u8; 16],
    earlier: Vec<RootVersion>,
    newest: RootVersion,
}

/// What may be told of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionInfo {
    /// Its number, from 1.
    pub number: u32,
    /// The UTC day it was made.
    pub made: Day,
    /// The UTC day the next version took its place; `None` for the newest.
    pub replaced: Option<Day>,
}

impl VersionInfo {
    /// The day from which passphrases under it open no more; `None` for the newest.
    pub fn ends(&self) -> Option<Day> {
        self.replaced.map(|day| day.plus(PEPPER_GRACE_DAYS))
    }
}

/// The days on which versions took the place of the ones before them, the oldest first.
#[derive(Debug, Clone)]
pub struct Succession(Vec<Day>);

impl Succession {
    /// How many of the earliest versions prove nothing that is of that day.
    pub fn outdated(&self, day: Day) -> u32 {
        let past = self.0.iter();
        let past = past.filter(|replaced| replaced.plus(TAKEN_UP_DAYS) < day);
        u32::try_from(past.count()).unwrap_or(u32::MAX)
    }
}

/// The text is not a credentials file. Says where, never what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCredentials {
    /// Not TOML, or a key that is missing or not known.
    #[error("the credentials file has not the expected keys")]
    Form,
    /// The value of this version is not base64url of 32 bytes, or its day is none.
    #[error("version {0} of the root in the credentials file is not valid")]
    Version(u32),
}

impl ServerKey {
    /// A new one.
    pub fn random() -> Self {
        Self(Seed::random())
    }

    /// From its bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Seed::from_bytes(bytes))
    }

    /// Another hand on the same secret.
    pub fn share(&self) -> Self {
        Self(self.0.share())
    }

    /// Whether they are one.
    pub fn is(&self, other: &Self) -> bool {
        self.0.expose() == other.0.expose()
    }

    pub(super) fn derive(&self, info: &[&[u8]]) -> Secret<32> {
        hkdf(self.0.expose(), b"", info)
    }
}

impl LiveKeys {
    /// The newest, and those before it.
    pub const fn new(newest: ServerKey, earlier: Vec<ServerKey>) -> Self {
        Self { newest, earlier }
    }

    /// What new things are made with.
    pub const fn newest(&self) -> &ServerKey {
        &self.newest
    }

    /// The newest first.
    pub fn iter(&self) -> impl Iterator<Item = &ServerKey> {
        std::iter::once(&self.newest).chain(&self.earlier)
    }
}

impl Pepper {
    /// A new one.
    #[cfg(test)]
    pub fn random(version: u32) -> Self {
        let key = Seed::random();
        Self { version, key }
    }

    /// Which one it is.
    pub const fn version(&self) -> u32 {
        self.version
    }

    pub(super) fn expose(&self) -> &[u8; 32] {
        self.key.expose()
    }
}

impl RootVersion {
    fn of(number: u32, made: Day, root: Seed) -> Self {
        let derived = |label: &[u8]| hkdf(root.expose(), b"", &[label]);
        Self {
            made,
            device: ServerKey(derived(b"kapea/root/device/v1").into()),
            ticket: derived(b"kapea/root/ticket/v1"),
            audit: derived(b"kapea/root/audit/v1").into(),
            pepper: Pepper {
                version: number,
                key: derived(b"kapea/root/pepper/v1").into(),
            },
            contact: derived(b"kapea/root/contact/v1"),
            root,
        }
    }
}

impl Credentials {
    /// New ones, in their first version.
    pub fn made_on(day: Day) -> Self {
        Self::first(RootVersion::of(1, day, Seed::random()))
    }

    fn first(version: RootVersion) -> Self {
        let derived = hkdf(version.root.expose(), b"", &[b"kapea/root/salt/v1"]);
        let mut salt = [0; 16];
        salt.iter_mut()
            .zip(*derived)
            .for_each(|(to, from)| *to = from);
        Self {
            salt,
            earlier: Vec::new(),
            newest: version,
        }
    }

    /// Makes a new version of the root, in force from now on. Says its number.
    pub fn rotate(&mut self, today: Day) -> u32 {
        self.push(today, Seed::random());
        self.version()
    }

    fn push(&mut self, made: Day, root: Seed) {
        let next = RootVersion::of(self.version().saturating_add(1), made, root);
        self.earlier.push(std::mem::replace(&mut self.newest, next));
    }

    /// The number of the version in force, from 1.
    pub const fn version(&self) -> u32 {
        self.newest.pepper.version
    }

    /// The oldest first.
    fn iter(&self) -> impl DoubleEndedIterator<Item = &RootVersion> {
        self.earlier.iter().chain([&self.newest])
    }

    fn find(&self, number: u32) -> Result<&RootVersion, SealError> {
        let mut versions = self.iter();
        versions
            .find(|version| version.pepper.version == number)
            .ok_or(SealError::MissingCredential)
    }

    /// The versions of the root, the oldest first.
    pub fn versions(&self) -> Vec<VersionInfo> {
        let replaced = self.iter().skip(1).map(|next| Some(next.made));
        self.iter()
            .zip(replaced.chain([None]))
            .map(|(version, replaced)| VersionInfo {
                number: version.pepper.version,
                made: version.made,
                replaced,
            })
            .collect()
    }

    /// Whether every version of the other is here: otherwise this is an old copy, or the file of another installation.
    pub fn continues(&self, other: &Self) -> bool {
        other.iter().all(|version| {
            let here = self.find(version.pepper.version);
            here.is_ok_and(|here| here.root.expose() == version.root.expose())
        })
    }

    /// The salt of receipts, the same for good. Not a secret.
    pub const fn install_salt(&self) -> &[u8; 16] {
        &self.salt
    }

    /// The keys of the cookies by which staff's devices of the last `days` days are known. A day more than asked for, because days are
    /// all that is known of a version.
    pub fn device_keys(&self, today: Day, days: i64) -> LiveKeys {
        let since = today.plus(days.saturating_add(1).saturating_neg());
        let earlier = self.earlier.iter().zip(self.versions()).rev();
        let live = earlier.filter(|(_, info)| info.replaced.is_none_or(|day| day >= since));
        let earlier = live.map(|(version, _)| version.device.share()).collect();
        LiveKeys::new(self.newest.device.share(), earlier)
    }

    /// What signs the heads of the audit log.
    pub fn audit_key(&self) -> SigningKey {
        SigningKey::from_seed(&self.newest.audit)
    }

    /// What has signed heads of the audit log, the oldest first, the newest included.
    pub fn audit_keys(&self) -> Vec<SigningKey> {
        self.iter()
            .map(|version| SigningKey::from_seed(&version.audit))
            .collect()
    }

    /// What opens audit bodies from before there is an auditor: new ones are sealed to it.
    pub fn audit_reader(&self) -> Identity {
        audit_reader(&self.newest)
    }

    /// What opens audit bodies that were sealed before, the newest first, the newest included.
    pub fn audit_readers(&self) -> Vec<Identity> {
        self.iter().rev().map(audit_reader).collect()
    }

    /// What the witness file is authenticated with.
    pub fn witness_keys(&self) -> MacKeys {
        self.audit_macs(b"kapea/witness/v1")
    }

    /// What entries of the audit log are authenticated with.
    pub fn log_keys(&self) -> MacKeys {
        self.audit_macs(b"kapea/audit/mac/v1")
    }

    /// When which version took another's place.
    pub fn succession(&self) -> Succession {
        Succession(self.iter().skip(1).map(|next| next.made).collect())
    }

    /// What reports' rows are authenticated with.
    pub fn report_keys(&self) -> MacKeys {
        self.audit_macs(b"kapea/report/mac/v1")
    }

    fn audit_macs(&self, info: &[u8]) -> MacKeys {
        let versions = self.iter().rev();
        MacKeys(
            versions
                .map(|version| hkdf(version.audit.expose(), b"", &[info]))
                .collect(),
        )
    }

    /// The pepper for new unlock rows.
    pub const fn pepper(&self) -> &Pepper {
        &self.newest.pepper
    }

    /// The pepper of an unlock row. An earlier one opens its rows for 90 days more.
    ///
    /// # Errors
    /// [`SealError::MissingCredential`] if that version is not there, or its time is over.
    pub fn pepper_version(&self, version: u32, today: Day) -> Result<&Pepper, SealError> {
        let ends = self.versions().into_iter();
        let mut ends = ends.filter(|info| info.number == version);
        let is_over = ends.any(|info| info.ends().is_some_and(|day| day <= today));
        let found = self.find(version).map(|version| &version.pepper)?;
        (!is_over)
            .then_some(found)
            .ok_or(SealError::MissingCredential)
    }

    /// Seals an address for its row. The row's id is bound to it, so that a row cannot be given another's address.
    ///
    /// # Errors
    /// [`SealError::Failed`] if encryption fails.
    pub fn contact_seal(&self, row: &[u8; 16], address: &str) -> Result<Vec<u8>, SealError> {
        let sealed = aead::seal(&self.newest.contact, row, address.as_bytes())?;
        Ok([self.version().to_be_bytes().as_slice(), &sealed].concat())
    }

    /// Opens the address of a row.
    ///
    /// # Errors
    /// [`SealError`] if it is another row's, was changed, or its key is not there.
    pub fn contact_open(
        &self,
        row: &[u8; 16],
        sealed: &[u8],
    ) -> Result<Zeroizing<String>, SealError> {
        let (version, sealed) = sealed
            .split_first_chunk::<4>()
            .ok_or(SealError::NotOpened)?;
        let version = self.find(u32::from_be_bytes(*version))?;
        let address = aead::open(&version.contact, row, sealed)?;
        std::str::from_utf8(&address)
            .map(|address| Zeroizing::new(address.to_owned()))
            .map_err(|_| SealError::Malformed)
    }

    /// Seals an address with the newest key if it is not yet; `None` if it is.
    ///
    /// # Errors
    /// As [`Credentials::contact_open`].
    pub fn contact_renew(
        &self,
        row: &[u8; 16],
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, SealError> {
        if contact_version(sealed) == Some(self.version()) {
            return Ok(None);
        }
        let address = self.contact_open(row, sealed)?;
        self.contact_seal(row, &address).map(Some)
    }
}

fn audit_reader(version: &RootVersion) -> Identity {
    let seed = hkdf(version.audit.expose(), b"", &[b"kapea/audit/reader/v1"]);
    Identity::from_seed(Suite::X25519, &seed.into())
}

/// The version of the root that an address is sealed under.
pub fn contact_version(sealed: &[u8]) -> Option<u32> {
    sealed
        .first_chunk::<4>()
        .map(|version| u32::from_be_bytes(*version))
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
silent_debug!(ServerKey, Pepper, LiveKeys, Credentials);
