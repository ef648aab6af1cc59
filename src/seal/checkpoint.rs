//! Signed heads of the audit log, as C2SP signed notes: text that fits into a mail and that other tools can check.

use data_encoding::BASE64;

use super::audit::GENESIS;
use super::derive::sha256;
use super::keys::{Signature, SigningKey, VerifyKey};

/// The first line of a checkpoint, and the name that its signature bears.
pub const ORIGIN: &str = "kapea/audit";
/// Before the key that signs from a note on.
const SUCCESSOR: &str = "successor ";
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

/// The log before its first entry.
pub const EMPTY: Checkpoint = Checkpoint {
    size: 0,
    head: GENESIS,
};

/// Not a checkpoint signed by this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint signed by this key")]
pub struct BadCheckpoint;

/// What a note says, and who says so. Nothing is checked yet.
struct Note {
    checkpoint: Checkpoint,
    /// The key that signs from here on, beside the one that did.
    successor: Option<VerifyKey>,
    signatures: Vec<([u8; 4], Signature)>,
}

impl Checkpoint {
    fn text(&self, successor: Option<&VerifyKey>) -> String {
        let text = format!("{ORIGIN}\n{}\n{}\n", self.size, BASE64.encode(&self.head));
        match successor {
            None => text,
            Some(key) => format!("{text}{SUCCESSOR}{}\n", BASE64.encode(key.as_bytes())),
        }
    }

    /// The signed note.
    pub fn sign(&self, key: &SigningKey) -> String {
        let text = self.text(None);
        format!("{text}\n{}", signature_line(key, &text))
    }

    /// The signed note with which a key hands over to the next: it names the successor, and both sign it. Whoever knows the one key
    /// learns the other from it.
    pub fn sign_succession(&self, key: &SigningKey, successor: &SigningKey) -> String {
        let text = self.text(Some(&successor.verify_key()));
        let lines = [key, successor].map(|key| signature_line(key, &text));
        format!("{text}\n{}", lines.concat())
    }

    /// Reads a signed note. One in which a key hands over opens with either of the two.
    ///
    /// # Errors
    /// [`BadCheckpoint`] if it is none, or signed by another key.
    #[cfg(test)]
    pub fn open(note: &str, key: &VerifyKey) -> Result<Self, BadCheckpoint> {
        let note = parse(note).ok_or(BadCheckpoint)?;
        let is_signed = match note.successor {
            None => note.is_signed(0, key),
            Some(next) if next == *key => note.is_signed(1, key),
            Some(next) => note.is_signed(0, key) && note.is_signed(1, &next),
        };
        is_signed.then_some(note.checkpoint).ok_or(BadCheckpoint)
    }
}

impl Note {
    /// Whether the signature in this place is of that key.
    fn is_signed(&self, place: usize, key: &VerifyKey) -> bool {
        let text = self.checkpoint.text(self.successor.as_ref());
        self.signatures.get(place).is_some_and(|(id, signature)| {
            *id == key_id(key) && key.verify(text.as_bytes(), signature).is_ok()
        })
    }

    /// The successor, if this key and that one itself say so.
    fn hands_over(&self, from: &VerifyKey) -> Option<VerifyKey> {
        self.successor
            .filter(|next| self.is_signed(0, from) && self.is_signed(1, next))
    }
}

/// Every signed note of ours in a text, such as a mailbox file, in its order. Whether one is good shows when it is opened.
pub fn find_all(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    (0..lines.len())
        .filter_map(|start| {
            // Three lines and one signature, or four and two.
            let length = [(3, 5), (4, 7)].into_iter().find_map(|(empty, length)| {
                let window = lines.get(start..start.checked_add(length)?)?;
                let fits = window.first() == Some(&ORIGIN)
                    && window.get(empty) == Some(&"")
                    && window
                        .iter()
                        .skip(empty)
                        .skip(1)
                        .all(|line| line.starts_with('\u{2014}'));
                fits.then_some(length)
            })?;
            let mut note = lines.get(start..start.checked_add(length)?)?.join("\n");
            note.push('\n');
            Some(note)
        })
        .collect()
}

/// The keys that have signed heads, each introduced by the one before it, and from which size of the log on each may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyChain(Vec<(VerifyKey, i64)>);

/// One key has named two successors: somebody else has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one audit key has named two successors")]
pub struct TwoSuccessors;

impl KeyChain {
    /// Follows the notes in which a key hands over to the next, from the only key that must be known. Their order does not matter,
    /// and neither do notes that are no good.
    ///
    /// # Errors
    /// [`TwoSuccessors`].
    pub fn follow<S: AsRef<str>>(notes: &[S], first: VerifyKey) -> Result<Self, TwoSuccessors> {
        let notes: Vec<Note> = notes
            .iter()
            .filter_map(|note| parse(note.as_ref()))
            .collect();
        let mut chain = vec![(first, i64::MIN)];
        let mut newest = first;
        loop {
            let found: Vec<(VerifyKey, i64)> = notes
                .iter()
                .filter_map(|note| Some((note.hands_over(&newest)?, note.checkpoint.size)))
                .collect();
            let Some((next, from)) = found.iter().copied().min_by_key(|(_, size)| *size) else {
                return Ok(Self(chain));
            };
            let is_known = chain.iter().any(|(key, _)| *key == next);
            if is_known || found.iter().any(|(other, _)| *other != next) {
                return Err(TwoSuccessors);
            }
            chain.push((next, from));
            newest = next;
        }
    }

    /// Reads a note that the key of its time has signed. A key that nobody introduced opens none, and neither does one that has
    /// handed over.
    ///
    /// # Errors
    /// [`BadCheckpoint`].
    pub fn open(&self, note: &str) -> Result<Checkpoint, BadCheckpoint> {
        let read = parse(note).ok_or(BadCheckpoint)?;
        let size = read.checkpoint.size;
        let nexts = self.0.iter().skip(1).map(Some).chain([None]);
        self.0
            .iter()
            .zip(nexts)
            .find_map(|((key, from), next)| {
                let is_its_time = *from <= size && next.is_none_or(|(_, ends)| size < *ends);
                let good = match read.successor {
                    None => is_its_time && read.is_signed(0, key),
                    Some(_) => next.is_some_and(|(next, _)| read.hands_over(key) == Some(*next)),
                };
                good.then_some(read.checkpoint)
            })
            .ok_or(BadCheckpoint)
    }

    /// The key that signs now.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub fn newest(&self) -> Option<VerifyKey> {
        self.0.last().map(|(key, _)| *key)
    }

    /// How many keys there have been.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub fn length(&self) -> usize {
        self.0.len()
    }
}

fn signature_line(key: &SigningKey, text: &str) -> String {
    let signature = key.sign(text.as_bytes());
    let signed = [key_id(&key.verify_key()).as_slice(), signature.as_bytes()].concat();
    format!("\u{2014} {ORIGIN} {}\n", BASE64.encode(&signed))
}

/// What is written again must be what was read: a number in another form (`+7`, `07`) is not taken for the same.
fn parse(note: &str) -> Option<Note> {
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
    let mut line = lines.next()?;
    let mut successor = None;
    if let Some(key) = line.strip_prefix(SUCCESSOR) {
        let key = BASE64.decode(key.as_bytes()).ok()?;
        successor = Some(VerifyKey::from_bytes(key.try_into().ok()?));
        line = lines.next()?;
    }
    let signatures: Vec<_> = lines.map(signature).collect::<Option<_>>()?;
    let expected = if successor.is_some() { 2 } else { 1 };
    let text = checkpoint.text(successor.as_ref());
    let is_as_written =
        checkpoint.size >= 0 && text.lines().eq(note.lines().take(text.lines().count()));
    let is_whole = line.is_empty() && signatures.len() == expected;
    (is_whole && is_as_written).then_some(Note {
        checkpoint,
        successor,
        signatures,
    })
}

fn signature(line: &str) -> Option<([u8; 4], Signature)> {
    let signed = line.strip_prefix(&format!("\u{2014} {ORIGIN} "))?;
    let signed = BASE64.decode(signed.as_bytes()).ok()?;
    let (id, signature) = signed.split_first_chunk::<4>()?;
    Some((*id, Signature::from_bytes(signature.try_into().ok()?)))
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

    /// The log at some size.
    fn at(size: i64) -> Checkpoint {
        Checkpoint { size, ..CHECKPOINT }
    }

    fn keys<const N: usize>() -> [SigningKey; N] {
        [(); N].map(|()| SigningKey::from_seed(&Seed::random()))
    }

    #[test]
    fn a_key_hands_over_in_a_note_that_both_sign() {
        let [one, two, other] = keys();
        let note = CHECKPOINT.sign_succession(&one, &two);
        for key in [&one, &two] {
            assert_eq!(Checkpoint::open(&note, &key.verify_key()), Ok(CHECKPOINT));
        }
        assert!(Checkpoint::open(&note, &other.verify_key()).is_err());
        let mail = format!("words\r\n{}more", note.replace('\n', "\r\n"));
        assert_eq!(find_all(&mail), std::slice::from_ref(&note));
        let bytes = note.into_bytes();
        for at in 0..bytes.len() - 1 {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let text = String::from_utf8_lossy(&changed);
            assert!(Checkpoint::open(&text, &one.verify_key()).is_err(), "{at}");
        }
    }

    #[test]
    fn the_chain_of_keys_is_followed_from_the_first_alone() {
        let [one, two, three, other] = keys();
        let notes = [
            at(40).sign(&three),
            at(35).sign_succession(&two, &three),
            at(10).sign(&one),
            at(20).sign_succession(&one, &two),
            at(22).sign_succession(&one, &two),
            at(30).sign(&two),
            at(31).sign_succession(&two, &three),
        ];
        let chain = KeyChain::follow(&notes, one.verify_key()).unwrap();
        assert_eq!(chain.length(), 3);
        assert_eq!(chain.newest(), Some(three.verify_key()));
        for note in &notes {
            assert!(chain.open(note).is_ok(), "{note}");
        }
        for (what, note) in [
            ("nobody introduced it", at(41).sign(&other)),
            ("it has handed over", at(41).sign(&two)),
            ("it has handed over", at(20).sign(&one)),
            ("its time had not come", at(30).sign(&three)),
            (
                "it may not name a successor any more",
                at(50).sign_succession(&one, &three),
            ),
            (
                "nobody introduced it",
                at(50).sign_succession(&three, &other),
            ),
        ] {
            assert!(chain.open(&note).is_err(), "{what}");
        }
    }

    #[test]
    fn a_key_that_names_two_successors_is_in_two_hands() {
        let [one, two, three] = keys();
        let notes = [
            at(20).sign_succession(&one, &two),
            at(25).sign_succession(&one, &three),
        ];
        assert_eq!(
            KeyChain::follow(&notes, one.verify_key()),
            Err(TwoSuccessors)
        );
        let circle = [
            at(20).sign_succession(&one, &two),
            at(25).sign_succession(&two, &one),
        ];
        assert_eq!(
            KeyChain::follow(&circle, one.verify_key()),
            Err(TwoSuccessors)
        );
        let none: [String; 0] = [];
        assert_eq!(
            KeyChain::follow(&none, one.verify_key()).unwrap().length(),
            1
        );
    }
}
