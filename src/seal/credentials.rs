//! The server's own secrets, each in its versions. None of them opens a report.

mod text;
mod versions;

#[cfg(test)]
mod tests;

use std::fmt;

use zeroize::Zeroizing;

use super::SealError;
use super::aead;
use super::derive::hkdf;
use super::keys::{Identity, Seed, SigningKey};
use super::mac::MacKeys;
use super::random;
use crate::domain::clock::Day;
use crate::domain::credential::{CredentialKind, PEPPER_GRACE_DAYS};
use crate::domain::suite::Suite;
pub use versions::VersionInfo;
use versions::Versions;

/// A server secret from which keys for single uses are derived. Wiped when dropped.
#[derive(Clone)]
pub struct ServerKey(Seed);

/// A version of the secret that every passphrase is hashed with.
#[derive(Clone)]
pub struct Pepper {
    version: u32,
    key: Seed,
}

/// The keys that open what forms carry: the newest makes it, the one before it goes on opening while such forms are open.
#[derive(Clone)]
pub struct TicketKeys(Vec<ServerKey>);

/// All of the server's own secrets, and the public salts of receipts.
#[derive(Clone)]
pub struct Credentials {
    salts: Versions<[u8; 16]>,
    tickets: Versions<ServerKey>,
    audits: Versions<Seed>,
    peppers: Versions<Pepper>,
    contacts: Versions<ServerKey>,
}

/// The text is not a credentials file. Says where, never what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCredentials {
    /// Not TOML, or a key that is missing or not known.
    #[error("the credentials file has not the expected keys")]
    Form,
    /// The value of this key is not base64url of the right length, or its day is none.
    #[error("the value of `{0}` in the credentials file is not valid")]
    Value(&'static str),
}

impl ServerKey {
    /// A new one.
    pub fn random() -> Self {
        Self(Seed::random())
    }

    /// From its bytes.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Seed::from_bytes(bytes))
    }

    pub(super) fn derive(&self, info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        hkdf(self.0.expose(), b"", info)
    }
}

impl TicketKeys {
    /// One alone.
    #[cfg(test)]
    pub fn one(key: ServerKey) -> Self {
        Self(vec![key])
    }

    /// The newest first.
    pub fn iter(&self) -> impl Iterator<Item = &ServerKey> {
        self.0.iter()
    }
}

impl Pepper {
    /// A new one.
    pub fn random(version: u32) -> Self {
        Self {
            version,
            key: Seed::random(),
        }
    }

    /// Which one it is.
    pub const fn version(&self) -> u32 {
        self.version
    }

    pub(super) fn expose(&self) -> &[u8; 32] {
        self.key.expose()
    }
}

impl Credentials {
    /// New ones, all in their first version, made on a day that is not told. [`Credentials::made_on`] tells it.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub fn generate() -> Self {
        Self::first(None)
    }

    /// New ones, all in their first version.
    pub fn made_on(day: Day) -> Self {
        Self::first(Some(day))
    }

    fn first(made: Option<Day>) -> Self {
        Self {
            salts: Versions::first(random::bytes(), made),
            peppers: Versions::first(Pepper::random(1), made),
            contacts: Versions::first(ServerKey::random(), made),
            tickets: Versions::first(ServerKey::random(), made),
            audits: Versions::first(Seed::random(), made),
        }
    }

    /// Makes a new version of one secret, in force from now on. Says its number.
    pub fn rotate(&mut self, kind: CredentialKind, today: Day) -> u32 {
        match kind {
            CredentialKind::Pepper => self.peppers.push(today, Pepper::random),
            CredentialKind::Contact => self.contacts.push(today, |_| ServerKey::random()),
            CredentialKind::Ticket => self.tickets.push(today, |_| ServerKey::random()),
            CredentialKind::Audit => self.audits.push(today, |_| Seed::random()),
            CredentialKind::Salt => self.salts.push(today, |_| random::bytes()),
        }
    }

    /// Takes an earlier version of a secret away. `false` if it is the newest, or is not there.
    pub fn forget(&mut self, kind: CredentialKind, version: u32) -> bool {
        match kind {
            CredentialKind::Pepper => self.peppers.forget(version),
            CredentialKind::Contact => self.contacts.forget(version),
            CredentialKind::Ticket => self.tickets.forget(version),
            CredentialKind::Audit => self.audits.forget(version),
            CredentialKind::Salt => self.salts.forget(version),
        }
    }

    /// The versions of a secret, the oldest first.
    pub fn versions(&self, kind: CredentialKind) -> Vec<VersionInfo> {
        match kind {
            CredentialKind::Pepper => self.peppers.infos(),
            CredentialKind::Contact => self.contacts.infos(),
            CredentialKind::Ticket => self.tickets.infos(),
            CredentialKind::Audit => self.audits.infos(),
            CredentialKind::Salt => self.salts.infos(),
        }
    }

    /// Whether a version is in both and says another thing there: then one of the two files is not this installation's.
    pub fn contradicts(&self, other: &Self, kind: CredentialKind) -> bool {
        self.versions(kind).iter().any(|info| {
            let other = other.secret(kind, info.number);
            other.is_some() && other != self.secret(kind, info.number)
        })
    }

    fn secret(&self, kind: CredentialKind, version: u32) -> Option<&[u8]> {
        match kind {
            CredentialKind::Pepper => self.peppers.get(version).map(|key| key.expose().as_slice()),
            CredentialKind::Contact => self
                .contacts
                .get(version)
                .map(|key| key.0.expose().as_slice()),
            CredentialKind::Ticket => self
                .tickets
                .get(version)
                .map(|key| key.0.expose().as_slice()),
            CredentialKind::Audit => self.audits.get(version).map(|key| key.expose().as_slice()),
            CredentialKind::Salt => self.salts.get(version).map(<[u8; 16]>::as_slice),
        }
    }

    /// The salt of new receipts. Not a secret.
    pub const fn install_salt(&self) -> &[u8; 16] {
        self.salts.newest().1
    }

    /// The key of new form tickets and hidden fields.
    pub const fn ticket_key(&self) -> &ServerKey {
        self.tickets.newest().1
    }

    /// The salts of receipts that may have been given out in the last `days` days, the newest first.
    pub fn live_salts(&self, today: Day, days: i64) -> Vec<[u8; 16]> {
        self.salts.live(today, days).copied().collect()
    }

    /// The keys of form tickets, receipt codes and hidden fields of the last `days` days.
    pub fn ticket_keys(&self, today: Day, days: i64) -> TicketKeys {
        TicketKeys(self.tickets.live(today, days).cloned().collect())
    }

    /// What signs the heads of the audit log.
    pub fn audit_key(&self) -> SigningKey {
        SigningKey::from_seed(self.audits.newest().1)
    }

    /// What has signed heads of the audit log, the oldest first, the newest included.
    pub fn audit_keys(&self) -> Vec<SigningKey> {
        let versions = self.audits.iter();
        versions
            .map(|(_, version)| SigningKey::from_seed(&version.secret))
            .collect()
    }

    /// What opens audit bodies from before there is an auditor: new ones are sealed to it.
    pub fn audit_reader(&self) -> Identity {
        audit_reader(self.audits.newest().1)
    }

    /// What opens audit bodies that were sealed before, the newest first, the newest included.
    pub fn audit_readers(&self) -> Vec<Identity> {
        let versions = self.audits.iter().rev();
        versions
            .map(|(_, version)| audit_reader(&version.secret))
            .collect()
    }

    /// What the witness file is authenticated with. The audit key's versions are kept for good.
    pub fn witness_keys(&self) -> MacKeys {
        self.audit_macs(b"kapea/witness/v1")
    }

    /// What entries of the audit log are authenticated with.
    pub fn log_keys(&self) -> MacKeys {
        self.audit_macs(b"kapea/audit/mac/v1")
    }

    /// What reports' rows are authenticated with.
    pub fn report_keys(&self) -> MacKeys {
        self.audit_macs(b"kapea/report/mac/v1")
    }

    fn audit_macs(&self, info: &[u8]) -> MacKeys {
        let versions = self.audits.iter().rev();
        MacKeys(
            versions
                .map(|(_, version)| hkdf(version.secret.expose(), b"", &[info]))
                .collect(),
        )
    }

    /// The pepper for new unlock rows.
    pub const fn pepper(&self) -> &Pepper {
        self.peppers.newest().1
    }

    /// The pepper of an unlock row. An earlier one opens its rows for 90 days more.
    ///
    /// # Errors
    /// [`SealError::MissingCredential`] if that version is gone, or its time is over.
    pub fn pepper_version(&self, version: u32, today: Day) -> Result<&Pepper, SealError> {
        let is_over = self.pepper_ends(version).is_some_and(|day| day <= today);
        self.peppers
            .get(version)
            .filter(|_| !is_over)
            .ok_or(SealError::MissingCredential)
    }

    /// The day from which rows under this pepper open no more; `None` for the newest.
    pub fn pepper_ends(&self, version: u32) -> Option<Day> {
        let infos = self.peppers.infos();
        let info = infos.into_iter().find(|info| info.number == version)?;
        info.replaced.map(|day| day.plus(PEPPER_GRACE_DAYS))
    }

    /// Seals an address for its row. The row's id is bound to it, so that a row cannot be given another's address.
    ///
    /// # Errors
    /// [`SealError::Failed`] if encryption fails.
    pub fn contact_seal(&self, row: &[u8; 16], address: &str) -> Result<Vec<u8>, SealError> {
        let (version, key) = self.contacts.newest();
        let sealed = aead::seal(&key.derive(&[b"kapea/contact/v1"]), row, address.as_bytes())?;
        Ok([version.to_be_bytes().as_slice(), &sealed].concat())
    }

    /// Opens the address of a row.
    ///
    /// # Errors
    /// [`SealError`] if it is another row's, was changed, or its key is gone.
    pub fn contact_open(
        &self,
        row: &[u8; 16],
        sealed: &[u8],
    ) -> Result<Zeroizing<String>, SealError> {
        let (version, sealed) = sealed
            .split_first_chunk::<4>()
            .ok_or(SealError::NotOpened)?;
        let key = self
            .contacts
            .get(u32::from_be_bytes(*version))
            .ok_or(SealError::MissingCredential)?;
        let address = aead::open(&key.derive(&[b"kapea/contact/v1"]), row, sealed)?;
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
        if contact_version(sealed) == Some(self.contacts.newest().0) {
            return Ok(None);
        }
        let address = self.contact_open(row, sealed)?;
        self.contact_seal(row, &address).map(Some)
    }
}

fn audit_reader(seed: &Seed) -> Identity {
    let seed = hkdf(seed.expose(), b"", &[b"kapea/audit/reader/v1"]);
    Identity::from_seed(Suite::X25519, &Seed::from_bytes(*seed))
}

/// The version of the contact key that an address is sealed with.
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
silent_debug!(ServerKey, Pepper, TicketKeys, Credentials);
