//! `[custodians]`: whose signatures let a team receive reports. Pinned here, outside the database, where an intruder cannot change them.

use std::collections::BTreeSet;

use data_encoding::BASE64URL_NOPAD;

use super::value::{FromSetting, FromText};
use crate::domain::clock::Day;
use crate::domain::document::{Table, Value};

/// The custodians, and how many of them must sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustodiansConfig {
    /// How many must sign a charter.
    pub threshold: usize,
    /// Those who may. Without any, no form opens.
    pub keys: Vec<CustodianKey>,
}

/// One custodian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustodianKey {
    /// A label for the operator.
    pub name: String,
    /// The Ed25519 key that checks this custodian's signatures.
    pub verify_key: [u8; 32],
    /// The keys before it. What they signed goes on to count.
    pub earlier: Vec<EarlierKey>,
}

/// A key that a custodian had before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierKey {
    /// The key.
    pub verify_key: [u8; 32],
    /// The last day (UTC) on which what it signs counts.
    pub until: Day,
}

impl FromText for Day {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| "expected a day such as \"2026-11-23\"".to_owned())
    }
}

/// 32 bytes, written as 43 characters of base64url.
impl FromText for [u8; 32] {
    fn from_text(text: &str) -> Result<Self, String> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok();
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| {
                "expected a key of 43 characters, as \"kapea custodian new\" prints it".to_owned()
            })
    }
}

impl FromSetting for CustodianKey {
    fn from_setting(value: Value<'_>) -> Option<Self> {
        let key = value.clone().table(|table| {
            let name = table.required("name");
            let verify_key = table.required("verify_key");
            let earlier = table.or("earlier", Vec::new());
            Some(Self {
                name: name?,
                verify_key: verify_key?,
                earlier,
            })
        });
        key.unwrap_or_else(|| value.wrong("expected { name = \"…\", verify_key = \"…\" }"))
    }
}

impl FromSetting for EarlierKey {
    fn from_setting(value: Value<'_>) -> Option<Self> {
        let key = value.clone().table(|table| {
            let verify_key = table.required("verify_key");
            let until = table.required("until");
            Some(Self {
                verify_key: verify_key?,
                until: until?,
            })
        });
        key.unwrap_or_else(|| value.wrong("expected { verify_key = \"…\", until = \"…\" }"))
    }
}

pub(super) fn read(table: &mut Table<'_>) -> CustodiansConfig {
    let threshold = table.number("threshold", 1..=16, 1);
    let keys: Vec<CustodianKey> = table.or("keys", Vec::new());
    table.rule(
        &["threshold", "keys"],
        keys.is_empty() || threshold <= keys.len(),
        format!(
            "more than the {} custodians in keys could ever give",
            keys.len()
        ),
    );
    // The same key twice would let one person sign for two.
    let earlier = keys.iter().flat_map(|key| &key.earlier);
    let verify_keys = keys.iter().map(|key| &key.verify_key);
    let mut seen = BTreeSet::new();
    table.rule(
        &["keys"],
        verify_keys
            .chain(earlier.map(|key| &key.verify_key))
            .all(|key| seen.insert(key)),
        "two custodians have the same verify_key",
    );
    CustodiansConfig { threshold, keys }
}
