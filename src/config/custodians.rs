//! `[custodians]`: whose signatures let a team receive reports. Pinned here, outside the database, where an intruder cannot change them.

use data_encoding::BASE64URL_NOPAD;

use super::ConfigError;
use super::reader::Section;
use super::tree::{Node, Setting};
use super::value::{FromSetting, FromText, Within};
use crate::domain::clock::Day;

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
    /// The key before it, and the last day (UTC) on which it counts as well.
    pub previous: Option<([u8; 32], Day)>,
}

/// A day, written as `2026-11-23`.
struct DayText(Day);

impl FromText for DayText {
    fn from_text(text: &str) -> Result<Self, String> {
        let day = text.parse().map(Self);
        day.map_err(|_| "expected a day such as \"2026-11-23\"".to_owned())
    }
}

/// 32 bytes, written as 43 characters of base64url.
struct VerifyKeyText([u8; 32]);

impl FromText for VerifyKeyText {
    fn from_text(text: &str) -> Result<Self, String> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok();
        bytes
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .map(Self)
            .ok_or_else(|| {
                "expected a key of 43 characters, as \"kapea custodian new\" prints it".to_owned()
            })
    }
}

impl FromSetting for CustodianKey {
    fn from_setting(node: &Node, key: &str, errors: &mut Vec<ConfigError>) -> Option<Self> {
        let Setting::Table(entries) = &node.value else {
            node.refuse(key, "expected { name = \"…\", verify_key = \"…\" }", errors);
            return None;
        };
        let mut section = Section::of_table(errors, key, &node.place, entries.clone());
        let name = section.required("name");
        let verify_key = section.required::<VerifyKeyText>("verify_key");
        let previous_place = section.place_of("previous_verify_key");
        let previous = section.optional::<VerifyKeyText>("previous_verify_key");
        let until = section.optional::<DayText>("previous_until");
        let previous = match (previous?, until?) {
            (Some(key), Some(day)) => Some((key.0, day.0)),
            (None, None) => None,
            _ => {
                let message = "previous_verify_key and previous_until belong together";
                section.refuse("previous_verify_key", previous_place, message);
                return None;
            }
        };
        section.finish();
        Some(Self {
            name: name?,
            verify_key: verify_key?.0,
            previous,
        })
    }
}

pub(super) fn read(section: &mut Section<'_>) -> Option<CustodiansConfig> {
    let threshold_place = section.place_of("threshold");
    let keys_place = section.place_of("keys");
    let threshold = section.or("threshold", Within::<1, 16>(1));
    let keys: Option<Vec<CustodianKey>> = section.or("keys", Vec::new());

    let (threshold, keys) = (threshold?.fit()?, keys?);
    if !keys.is_empty() && threshold > keys.len() {
        let message = format!(
            "more than the {} custodians in keys could ever give",
            keys.len()
        );
        section.refuse("threshold", threshold_place, message);
    }
    // The same key twice would let one person sign for two.
    let previous = keys
        .iter()
        .filter_map(|key| key.previous.map(|(key, _)| key));
    let mut distinct: Vec<[u8; 32]> = keys.iter().map(|key| key.verify_key).collect();
    distinct.extend(previous);
    let all = distinct.len();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < all {
        section.refuse(
            "keys",
            keys_place,
            "two custodians have the same verify_key",
        );
    }
    Some(CustodiansConfig { threshold, keys })
}
