//! The suite of tests ([`Suite::Trial`](crate::domain::suite::Suite)): age X25519 in a stanza of its own, every field as long as
//! `mlkem768x25519` has it. Nothing here makes it stronger.

use std::collections::HashSet;

use age::{DecryptError, EncryptError, x25519};
use age_core::format::{FileKey, Stanza};
use data_encoding::BASE64_NOPAD;

use crate::domain::suite::Suite;

/// An X25519 key under another label.
pub(super) struct Relabelled<'a, K>(pub(super) &'a K);

/// Bytes of a public key: 1,184 of ML-KEM-768 and 32 of X25519.
const PUBLIC: usize = 1_216;

/// A point as often as it takes to be as long as a public key.
pub(super) fn stretched(point: &[u8; 32]) -> Vec<u8> {
    point.repeat(PUBLIC / 32)
}

fn is_ours(stanza: &Stanza) -> bool {
    stanza.tag == Suite::Trial.stanza().0
}

impl age::Recipient for Relabelled<'_, x25519::Recipient> {
    fn wrap_file_key(&self, key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let (mut stanzas, _) = self.0.wrap_file_key(key)?;
        let (tag, bytes) = Suite::Trial.stanza();
        for stanza in &mut stanzas {
            if stanza.tag == Suite::X25519.stanza().0 {
                tag.clone_into(&mut stanza.tag);
                for argument in &mut stanza.args {
                    let share = BASE64_NOPAD.decode(argument.as_bytes()).unwrap_or_default();
                    *argument = BASE64_NOPAD.encode(&share.repeat(bytes / 32));
                }
            }
        }
        Ok((stanzas, HashSet::from(["postquantum".to_owned()])))
    }
}

impl age::Identity for Relabelled<'_, x25519::Identity> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        if !is_ours(stanza) {
            return None;
        }
        let argument = BASE64_NOPAD.decode(stanza.args.first()?.as_bytes()).ok()?;
        let share = argument.first_chunk::<32>()?;
        self.0.unwrap_stanza(&Stanza {
            tag: Suite::X25519.stanza().0.to_owned(),
            args: vec![BASE64_NOPAD.encode(share)],
            body: stanza.body.clone(),
        })
    }
}
