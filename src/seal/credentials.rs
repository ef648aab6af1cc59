//! The server's own secrets. None of them opens a report.

use std::collections::BTreeMap;
use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

use super::SealError;
use super::aead;
use super::derive::hkdf;
use super::keys::{Identity, Seed, SigningKey};
use super::random;

/// A server secret from which keys for single uses are derived. Wiped when dropped.
#[derive(Clone)]
pub struct ServerKey(Seed);

/// A version of the secret that every passphrase is hashed with.
#[derive(Clone)]
pub struct Pepper {
    version: u32,
    key: Seed,
}

/// All of the server's own secrets, and the public salt of receipts.
#[derive(Clone)]
pub struct Credentials {
    install_salt: [u8; 16],
    peppers: BTreeMap<u32, Pepper>,
    contacts: BTreeMap<u32, ServerKey>,
    ticket: ServerKey,
    audit: Seed,
}

/// The text is not a credentials file. Says where, never what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCredentials {
    /// Not TOML, or a key that is missing or not known.
    #[error("the credentials file has not the expected keys")]
    Form,
    /// The value of this key is not base64url of the right length.
    #[error("the value of `{0}` in the credentials file is not valid")]
    Value(&'static str),
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

    pub(super) fn derive(&self, info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        hkdf(self.0.expose(), b"", info)
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
    /// New ones, all in their first version.
    pub fn generate() -> Self {
        Self {
            install_salt: random::bytes(),
            peppers: BTreeMap::from([(1, Pepper::random(1))]),
            contacts: BTreeMap::from([(1, ServerKey::random())]),
            ticket: ServerKey::random(),
            audit: Seed::random(),
        }
    }

    /// The text of the credentials file. The file must have mode 0600.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(2_048));
        text.push_str(
            "# The server's own secrets. None of them opens a report, but together with the database they tell who works here.\n\
             # Keep this file at mode 0600, and keep a copy in a safe: without it nobody can log in with a passphrase.\n",
        );
        push_value(&mut text, "install-salt", &self.install_salt);
        push_value(&mut text, "ticket-key", self.ticket.0.expose());
        push_value(&mut text, "audit-seed", self.audit.expose());
        text.push_str("\n[pepper]\n");
        for (version, pepper) in &self.peppers {
            push_value(&mut text, &version.to_string(), pepper.expose());
        }
        text.push_str("\n[contact-key]\n");
        for (version, key) in &self.contacts {
            push_value(&mut text, &version.to_string(), key.0.expose());
        }
        text
    }

    /// Reads the text of the credentials file.
    ///
    /// # Errors
    /// [`InvalidCredentials`] if it is not what [`Credentials::to_text`] writes.
    pub fn parse(text: &str) -> Result<Self, InvalidCredentials> {
        let file: File = toml_edit::de::from_str(text).map_err(|_| InvalidCredentials::Form)?;
        let seed = |value: &str, key| value_bytes(value, key).map(Seed::from_bytes);
        let credentials = Self {
            install_salt: value_bytes(&file.install_salt, "install-salt")?,
            ticket: ServerKey(seed(&file.ticket_key, "ticket-key")?),
            audit: seed(&file.audit_seed, "audit-seed")?,
            peppers: versions(&file.pepper, "pepper")?
                .into_iter()
                .map(|(version, key)| (version, Pepper { version, key }))
                .collect(),
            contacts: versions(&file.contact_key, "contact-key")?
                .into_iter()
                .map(|(version, key)| (version, ServerKey(key)))
                .collect(),
        };
        Ok(credentials)
    }

    /// The salt of all receipts. Not a secret.
    pub const fn install_salt(&self) -> &[u8; 16] {
        &self.install_salt
    }

    /// The key of form tickets, receipt codes and hidden fields.
    pub const fn ticket_key(&self) -> &ServerKey {
        &self.ticket
    }

    /// What signs audit checkpoints.
    pub fn audit_key(&self) -> SigningKey {
        SigningKey::from_seed(&self.audit)
    }

    /// What opens audit bodies from before there is an auditor.
    pub fn audit_reader(&self) -> Identity {
        let seed = hkdf(self.audit.expose(), b"", &[b"kapea/audit/reader/v1"]);
        Identity::from_seed(&Seed::from_bytes(*seed))
    }

    /// The pepper for new unlock rows.
    ///
    /// # Errors
    /// [`SealError::MissingCredential`] if there is none; [`Credentials::parse`] sees to it that there is.
    pub fn pepper(&self) -> Result<&Pepper, SealError> {
        self.peppers
            .last_key_value()
            .map(|(_, pepper)| pepper)
            .ok_or(SealError::MissingCredential)
    }

    /// The pepper of an older unlock row.
    ///
    /// # Errors
    /// [`SealError::MissingCredential`] if that version is gone.
    pub fn pepper_version(&self, version: u32) -> Result<&Pepper, SealError> {
        self.peppers
            .get(&version)
            .ok_or(SealError::MissingCredential)
    }

    /// Seals an address for its row. The row's id is bound to it, so that a row cannot be given another's address.
    ///
    /// # Errors
    /// [`SealError`] if there is no contact key.
    pub fn contact_seal(&self, row: &[u8; 16], address: &str) -> Result<Vec<u8>, SealError> {
        let (version, key) = self
            .contacts
            .last_key_value()
            .ok_or(SealError::MissingCredential)?;
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
            .get(&u32::from_be_bytes(*version))
            .ok_or(SealError::MissingCredential)?;
        let address = aead::open(&key.derive(&[b"kapea/contact/v1"]), row, sealed)?;
        std::str::from_utf8(&address)
            .map(|address| Zeroizing::new(address.to_owned()))
            .map_err(|_| SealError::Malformed)
    }
}

/// The file as TOML. Values are wiped when it is dropped.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    install_salt: String,
    ticket_key: String,
    audit_seed: String,
    pepper: BTreeMap<String, String>,
    contact_key: BTreeMap<String, String>,
}

impl Drop for File {
    fn drop(&mut self) {
        self.ticket_key.zeroize();
        self.audit_seed.zeroize();
        self.pepper.values_mut().for_each(Zeroize::zeroize);
        self.contact_key.values_mut().for_each(Zeroize::zeroize);
    }
}

fn versions(
    table: &BTreeMap<String, String>,
    key: &'static str,
) -> Result<BTreeMap<u32, Seed>, InvalidCredentials> {
    if table.is_empty() {
        return Err(InvalidCredentials::Value(key));
    }
    table
        .iter()
        .map(|(version, value)| {
            let version = version
                .parse()
                .map_err(|_| InvalidCredentials::Value(key))?;
            Ok((version, Seed::from_bytes(value_bytes(value, key)?)))
        })
        .collect()
}

fn value_bytes<const N: usize>(
    text: &str,
    key: &'static str,
) -> Result<[u8; N], InvalidCredentials> {
    let bytes = BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| InvalidCredentials::Value(key))?;
    bytes
        .as_slice()
        .try_into()
        .map_err(|_| InvalidCredentials::Value(key))
}

fn push_value(text: &mut String, key: &str, bytes: &[u8]) {
    let value = Zeroizing::new(BASE64URL_NOPAD.encode(bytes));
    for part in [key, " = \"", &value, "\"\n"] {
        text.push_str(part);
    }
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
silent_debug!(ServerKey, Pepper, Credentials);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_read_back_from_their_text() {
        let credentials = Credentials::generate();
        let text = credentials.to_text();
        let read = Credentials::parse(&text).unwrap();
        assert_eq!(read.to_text(), text);
        assert_eq!(read.install_salt(), credentials.install_salt());
        assert_eq!(read.pepper().unwrap().version(), 1);
        assert!(read.pepper_version(2).is_err());
        assert_eq!(
            read.audit_key().verify_key(),
            credentials.audit_key().verify_key()
        );
    }

    #[test]
    fn a_wrong_file_is_refused_without_its_values() {
        let text = Credentials::generate().to_text();
        for (changed, error) in [
            (String::new(), InvalidCredentials::Form),
            (
                format!("{}other = \"\"\n", *text),
                InvalidCredentials::Value("contact-key"),
            ),
            (format!("other = \"\"\n{}", *text), InvalidCredentials::Form),
            (text.replace("[pepper]", "[salt]"), InvalidCredentials::Form),
            (
                text.replace("ticket-key = \"", "ticket-key = \"A"),
                InvalidCredentials::Value("ticket-key"),
            ),
            (
                text.replace("[pepper]\n1", "[pepper]\none"),
                InvalidCredentials::Value("pepper"),
            ),
        ] {
            assert_eq!(Credentials::parse(&changed).err(), Some(error));
        }
    }

    #[test]
    fn the_newest_version_seals_and_older_ones_still_open() {
        let mut credentials = Credentials::generate();
        let sealed = credentials.contact_seal(&[1; 16], "a@example.org").unwrap();
        credentials.contacts.insert(2, ServerKey::random());
        credentials.peppers.insert(2, Pepper::random(2));
        assert_eq!(credentials.pepper().unwrap().version(), 2);
        assert_eq!(
            credentials
                .contact_open(&[1; 16], &sealed)
                .unwrap()
                .as_str(),
            "a@example.org"
        );
        let newer = credentials.contact_seal(&[1; 16], "a@example.org").unwrap();
        assert_eq!(newer[..4], [0, 0, 0, 2]);
        credentials.contacts.remove(&1);
        assert_eq!(
            credentials.contact_open(&[1; 16], &sealed),
            Err(SealError::MissingCredential)
        );
    }

    #[test]
    fn an_address_opens_in_its_own_row_only() {
        let credentials = Credentials::generate();
        let sealed = credentials.contact_seal(&[1; 16], "a@example.org").unwrap();
        assert_eq!(
            credentials.contact_open(&[2; 16], &sealed),
            Err(SealError::NotOpened)
        );
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(credentials.contact_open(&[1; 16], &changed).is_err());
            assert!(credentials.contact_open(&[1; 16], &sealed[..at]).is_err());
        }
    }
}
