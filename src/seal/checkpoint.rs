//! Signed heads of the audit log, as C2SP signed notes: text that fits into a mail and that other tools can check.

use data_encoding::BASE64;

use super::derive::sha256;
use super::keys::{Signature, SigningKey, VerifyKey};

/// The first line of a checkpoint, and the name that its signature bears.
pub const ORIGIN: &str = "kapea/audit";
/// The type of an Ed25519 signature in a signed note.
const ED25519: u8 = 1;

/// The log as it was: so many entries, ending in this leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many entries.
    pub size: i64,
    /// The leaf of the last one.
    pub head: [u8; 32],
}

/// Not a checkpoint signed by this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint signed by this key")]
pub struct BadCheckpoint;

impl Checkpoint {
    fn text(&self) -> String {
        format!("{ORIGIN}\n{}\n{}\n", self.size, BASE64.encode(&self.head))
    }

    /// The signed note.
    pub fn sign(&self, key: &SigningKey) -> String {
        let text = self.text();
        let signature = key.sign(text.as_bytes());
        let signed = [key_id(&key.verify_key()).as_slice(), signature.as_bytes()].concat();
        format!("{text}\n\u{2014} {ORIGIN} {}\n", BASE64.encode(&signed))
    }

    /// Reads a signed note.
    ///
    /// # Errors
    /// [`BadCheckpoint`] if it is none, or signed by another key.
    pub fn open(note: &str, key: &VerifyKey) -> Result<Self, BadCheckpoint> {
        parse(note, key).ok_or(BadCheckpoint)
    }
}

/// Every signed note of ours in a text, such as a mailbox file, in its order. Whether one is good shows when it is opened.
pub fn find_all(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines
        .windows(5)
        .filter(|window| {
            window.first() == Some(&ORIGIN)
                && window.get(3) == Some(&"")
                && window
                    .get(4)
                    .is_some_and(|line| line.starts_with('\u{2014}'))
        })
        .map(|window| {
            let mut note = window.join("\n");
            note.push('\n');
            note
        })
        .collect()
}

fn parse(note: &str, key: &VerifyKey) -> Option<Checkpoint> {
    let mut lines = note.lines();
    if lines.next()? != ORIGIN {
        return None;
    }
    let size = lines.next()?.parse().ok()?;
    let head = BASE64.decode(lines.next()?.as_bytes()).ok()?;
    let checkpoint = Checkpoint {
        size,
        head: head.try_into().ok()?,
    };
    if !lines.next()?.is_empty() {
        return None;
    }
    let signed = lines.next()?.strip_prefix(&format!("\u{2014} {ORIGIN} "))?;
    let signed = BASE64.decode(signed.as_bytes()).ok()?;
    let (id, signature) = signed.split_first_chunk::<4>()?;
    let signature = Signature::from_bytes(signature.try_into().ok()?);
    // Written again, so that a number or a coding in another form is not taken for the same.
    let holds = lines.next().is_none()
        && *id == key_id(key)
        && key.verify(checkpoint.text().as_bytes(), &signature).is_ok();
    holds.then_some(checkpoint)
}

fn key_id(key: &VerifyKey) -> [u8; 4] {
    let hash = sha256(&[ORIGIN.as_bytes(), b"\n", &[ED25519], key.as_bytes()]);
    let [a, b, c, d, ..] = hash;
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::keys::Seed;

    const CHECKPOINT: Checkpoint = Checkpoint {
        size: 7,
        head: [9; 32],
    };

    #[test]
    fn a_note_reads_back_with_its_key_alone() {
        let [key, other] = [(); 2].map(|()| SigningKey::from_seed(&Seed::random()));
        let note = CHECKPOINT.sign(&key);
        assert_eq!(Checkpoint::open(&note, &key.verify_key()), Ok(CHECKPOINT));
        assert!(Checkpoint::open(&note, &other.verify_key()).is_err());
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let key = SigningKey::from_seed(&Seed::random());
        let note = CHECKPOINT.sign(&key).into_bytes();
        // Without the line end of the last line it still says the same.
        for at in 0..note.len() - 1 {
            let mut changed = note.clone();
            changed[at] ^= 1;
            let text = String::from_utf8_lossy(&changed);
            assert!(Checkpoint::open(&text, &key.verify_key()).is_err(), "{at}");
        }
    }

    #[test]
    fn notes_are_found_in_a_mailbox_file() {
        let key = SigningKey::from_seed(&Seed::random());
        let note = CHECKPOINT.sign(&key);
        let mail = format!(
            "From x\r\nSubject: y\r\n\r\nwords\r\n{}\r\n",
            note.replace('\n', "\r\n")
        );
        let found = find_all(&format!("{mail}{mail}"));
        assert_eq!(found, [note.clone(), note]);
        assert_eq!(
            Checkpoint::open(&found[0], &key.verify_key()),
            Ok(CHECKPOINT)
        );
    }
}
