//! Secrets: given in the file or a variable, or better in a file of their own, named by the `_file` twin of the key.

use std::path::PathBuf;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::value::FromText;
use crate::domain::document::Table;

/// A secret as it stands in the file.
struct Inline(SecretString);

impl FromText for Inline {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.contains(['\0', '\n', '\r']) {
            return Err("expected one line of text".to_owned());
        }
        Ok(Self(SecretString::from(text)))
    }
}

/// A secret, and the file that it was read from if it has one of its own.
pub(super) type Read = (SecretString, Option<PathBuf>);

/// Reads `key`, or the file that `file_key` names. Both at once is an error, because nobody could tell which one counts. `wanted`: whether
/// this process needs the secret; if not, its file is not opened, which another account may have.
pub(super) fn read(
    table: &mut Table<'_>,
    key: &'static str,
    file_key: &'static str,
    wanted: bool,
) -> Option<Read> {
    let inline: Option<Inline> = table.optional(key);
    let file: Option<PathBuf> = table.optional(file_key);
    table.rule(
        &[file_key, key],
        !(table.has(key) && table.has(file_key)),
        format!("{key} is set as well; keep one of the two"),
    );
    if !wanted {
        return None;
    }
    let Some(file) = file else {
        return inline.map(|Inline(secret)| (secret, None));
    };
    match load(&file) {
        Ok(secret) => Some((secret, Some(file))),
        Err(message) => {
            table.rule(&[file_key], false, message);
            None
        }
    }
}

/// The first line of a file. A line break at its end, which editors add, does not belong to the secret.
fn load(file: &PathBuf) -> Result<SecretString, String> {
    let text = std::fs::read_to_string(file)
        .map(Zeroizing::new)
        .map_err(|error| format!("the file cannot be read: {error}"))?;
    match Inline::from_text(text.trim_end_matches(['\n', '\r'])) {
        Ok(Inline(secret)) => Ok(secret),
        Err(_) => Err("the file must hold the secret on one line".to_owned()),
    }
}
