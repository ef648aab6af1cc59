//! The credentials file: TOML, a table for each secret, a line for each version with the day it was made.
//!
//! Files from before there were versions have the secrets as bare texts; they are read as version 1, made on an unknown day.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

use super::versions::{Version, Versions};
use super::{Credentials, InvalidCredentials, Pepper, ServerKey};
use crate::domain::clock::Day;
use crate::seal::keys::Seed;

const HEADER: &str = "# The server's own secrets. None of them opens a report, but together with the database they tell who works here.\n\
     # Keep this file at mode 0600, and keep a copy in a safe: without it nobody can log in with a passphrase.\n\
     # `kapea credentials rotate` adds versions, `kapea credentials prune` takes away what nothing uses any more.\n";

/// The file as TOML. Values are wiped when it is dropped.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    install_salt: Table,
    ticket_key: Table,
    audit_seed: Table,
    pepper: Table,
    contact_key: Table,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Table {
    One(Secret),
    Many(BTreeMap<String, Entry>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Bare(Secret),
    Dated(Dated),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dated {
    made: String,
    value: Secret,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Secret(String);

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Credentials {
    /// The text of the credentials file. The file must have mode 0600.
    pub fn to_text(&self) -> Zeroizing<String> {
        write(self)
    }

    /// Reads the text of the credentials file.
    ///
    /// # Errors
    /// [`InvalidCredentials`] if it is not what [`Credentials::to_text`] writes, or wrote before there were versions.
    pub fn parse(text: &str) -> Result<Self, InvalidCredentials> {
        parse(text)
    }
}

fn write(credentials: &Credentials) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(4_096));
    text.push_str(HEADER);
    let Credentials {
        salts,
        tickets,
        audits,
        peppers,
        contacts,
    } = credentials;
    push(&mut text, "install-salt", salts, |salt| salt.as_slice());
    push(&mut text, "ticket-key", tickets, |key| key.0.expose());
    push(&mut text, "audit-seed", audits, |seed| seed.expose());
    push(&mut text, "pepper", peppers, |pepper| pepper.expose());
    push(&mut text, "contact-key", contacts, |key| key.0.expose());
    text
}

fn parse(text: &str) -> Result<Credentials, InvalidCredentials> {
    let file: File = toml::from_str(text).map_err(|_| InvalidCredentials::Form)?;
    let seeds = |table, key| versions::<32>(table, key).map(|found| found.map(|_, b| seed(b)));
    let keys = |table, key| seeds(table, key).map(|found| found.map(|_, seed| ServerKey(seed)));
    Ok(Credentials {
        salts: versions::<16>(&file.install_salt, "install-salt")?,
        tickets: keys(&file.ticket_key, "ticket-key")?,
        audits: seeds(&file.audit_seed, "audit-seed")?,
        peppers: seeds(&file.pepper, "pepper")?.map(|version, key| Pepper { version, key }),
        contacts: keys(&file.contact_key, "contact-key")?,
    })
}

fn seed(bytes: [u8; 32]) -> Seed {
    Seed::from_bytes(bytes)
}

fn versions<const N: usize>(
    table: &Table,
    key: &'static str,
) -> Result<Versions<[u8; N]>, InvalidCredentials> {
    let wrong = InvalidCredentials::Value(key);
    let table = match table {
        Table::One(secret) => return bytes(secret).map(|b| Versions::first(b, None)).ok_or(wrong),
        Table::Many(table) => table,
    };
    let read = |(number, entry): (&String, &Entry)| {
        // In one spelling, so that no version stands there twice: the second would silently take the place of the first.
        let number: u32 = number
            .parse()
            .ok()
            .filter(|read: &u32| *read > 0 && read.to_string() == *number)?;
        let (made, secret) = match entry {
            Entry::Bare(secret) => (None, secret),
            Entry::Dated(dated) => (Some(dated.made.parse::<Day>().ok()?), &dated.value),
        };
        let secret = bytes(secret)?;
        Some((number, Version { made, secret }))
    };
    let versions: Option<BTreeMap<u32, Version<[u8; N]>>> = table.iter().map(read).collect();
    versions.and_then(Versions::of).ok_or(wrong)
}

fn bytes<const N: usize>(secret: &Secret) -> Option<[u8; N]> {
    let bytes = BASE64URL_NOPAD.decode(secret.0.as_bytes()).ok();
    let bytes = bytes.map(Zeroizing::new)?;
    bytes.as_slice().try_into().ok()
}

fn push<T>(text: &mut String, key: &str, versions: &Versions<T>, bytes: impl Fn(&T) -> &[u8]) {
    for part in ["\n[", key, "]\n"] {
        text.push_str(part);
    }
    for (number, version) in versions.iter() {
        let value = Zeroizing::new(BASE64URL_NOPAD.encode(bytes(&version.secret)));
        let number = number.to_string();
        match version.made {
            None => [&number, " = \"", &value, "\"\n"]
                .iter()
                .for_each(|part| text.push_str(part)),
            Some(made) => {
                let made = made.to_string();
                let parts = [
                    &number,
                    " = { made = \"",
                    &made,
                    "\", value = \"",
                    &value,
                    "\" }\n",
                ];
                parts.iter().for_each(|part| text.push_str(part));
            }
        }
    }
}
