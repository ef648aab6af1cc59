//! Ciphertext as a type: bytes that were checked to be an age file to one recipient of a suite that is known, and what they hold.
//!
//! Storage takes and gives nothing else, so plaintext cannot be stored by mistake, and a file with scrypt or an unknown
//! recipient (whose cost or meaning its writer chooses) never comes near a key.

use std::fmt;
use std::marker::PhantomData;

use data_encoding::BASE64_NOPAD;

use super::suite::Suite;

const VERSION_LINE: &[u8] = b"age-encryption.org/v1";
const STANZA_PREFIX: &[u8] = b"-> ";
const MAC_PREFIX: &[u8] = b"--- ";
const LINE_LENGTH: usize = 64;
const NONCE_LENGTH: usize = 16;
const TAG_LENGTH: usize = 16;
const CHUNK_LENGTH: usize = 64 * 1024 + TAG_LENGTH;

/// An object of a report: card, answers, message, note, decision. Opens with the report's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {}

/// A report's key, for one holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {}

/// A team generation's secrets, for one holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrap {}

/// A person's secrets, for whoever knows the passphrase or has the recovery code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlock {}

/// What a mailbox needs to know of its report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxCard {}

/// A message lying in a mailbox for the reporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailItem {}

/// Why and how an act is proposed that needs a second person. Opens with the report's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proposal {}

/// What leaves the house, for the recipient that two people agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {}

/// The body of an audit entry, for one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditBody {}

/// The bytes are not an age file to exactly one recipient that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an age file to exactly one recipient that is known")]
pub struct NotSealed;

/// An age file that holds a `T`, or [nothing that opens](Sealed::unreadable).
pub struct Sealed<T> {
    suite: Suite,
    bytes: Vec<u8>,
    holds: PhantomData<fn() -> T>,
}

impl<T> Sealed<T> {
    /// Checks that the bytes have the form of an age file: the version line, one stanza of a suite, at most one `*-grease` stanza,
    /// a MAC line and a payload whose chunks can be whole. Whether it opens, only its key can tell.
    ///
    /// # Errors
    /// [`NotSealed`] for anything else.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, NotSealed> {
        Ok(Self {
            suite: check_file(&bytes)?,
            bytes,
            holds: PhantomData,
        })
    }

    /// Stands for stored bytes that are not an age file: it opens with no key, and the bytes themselves are gone.
    ///
    /// One damaged row is then refused where it is opened, by name, and does not take with it every row it was read beside.
    pub const fn unreadable() -> Self {
        Self {
            suite: Suite::X25519,
            bytes: Vec::new(),
            holds: PhantomData,
        }
    }

    /// Of which suite the key is that opens it, as its header says.
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    /// The file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The file, by value.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Self {
            suite: self.suite,
            bytes: self.bytes.clone(),
            holds: PhantomData,
        }
    }
}

impl<T> PartialEq for Sealed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<T> Eq for Sealed<T> {}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.bytes.len())
    }
}

fn check_file(bytes: &[u8]) -> Result<Suite, NotSealed> {
    let (line, mut rest) = split_line(bytes)?;
    if line != VERSION_LINE {
        return Err(NotSealed);
    }
    let (mut recipient, mut greases) = (None, 0_u8);
    loop {
        let (line, after) = split_line(rest)?;
        if let Some(mac) = line.strip_prefix(MAC_PREFIX) {
            check_base64(mac, 32)?;
            rest = after;
            break;
        }
        let arguments = line.strip_prefix(STANZA_PREFIX).ok_or(NotSealed)?;
        rest = match check_arguments(arguments)? {
            Stanza::Recipient(suite) => {
                if recipient.replace(suite).is_some() {
                    return Err(NotSealed);
                }
                check_recipient_body(after)?
            }
            Stanza::Grease => {
                greases = greases.saturating_add(1);
                skip_body(after)?
            }
        };
        if greases > 1 {
            return Err(NotSealed);
        }
    }
    check_payload(rest)?;
    recipient.ok_or(NotSealed)
}

enum Stanza {
    Recipient(Suite),
    Grease,
}

fn check_arguments(line: &[u8]) -> Result<Stanza, NotSealed> {
    let mut arguments = line.split(|byte| *byte == b' ');
    let tag = arguments.next().ok_or(NotSealed)?;
    if let Some(suite) = Suite::find(|suite| suite.stanza().0.as_bytes() == tag) {
        check_base64(arguments.next().ok_or(NotSealed)?, suite.stanza().1)?;
        return match arguments.next() {
            None => Ok(Stanza::Recipient(suite)),
            Some(_) => Err(NotSealed),
        };
    }
    let printable = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_graphic);
    if tag.ends_with(b"-grease") && printable(tag) && arguments.all(printable) {
        return Ok(Stanza::Grease);
    }
    Err(NotSealed)
}

fn check_recipient_body(bytes: &[u8]) -> Result<&[u8], NotSealed> {
    let (line, rest) = split_line(bytes)?;
    check_base64(line, 32)?;
    Ok(rest)
}

/// Lines of 64 columns, ended by a shorter one, which may be empty.
fn skip_body(mut bytes: &[u8]) -> Result<&[u8], NotSealed> {
    loop {
        let (line, rest) = split_line(bytes)?;
        if line.len() > LINE_LENGTH || BASE64_NOPAD.decode(line).is_err() {
            return Err(NotSealed);
        }
        if line.len() < LINE_LENGTH {
            return Ok(rest);
        }
        bytes = rest;
    }
}

fn check_base64(text: &[u8], length: usize) -> Result<(), NotSealed> {
    match BASE64_NOPAD.decode(text) {
        Ok(bytes) if bytes.len() == length => Ok(()),
        _ => Err(NotSealed),
    }
}

/// A nonce, then chunks; the last may be short but not empty, unless it is the only one.
fn check_payload(payload: &[u8]) -> Result<(), NotSealed> {
    let chunks = payload.len().checked_sub(NONCE_LENGTH).ok_or(NotSealed)?;
    let last = chunks % CHUNK_LENGTH;
    let whole = chunks > 0 && (last == 0 || last > TAG_LENGTH);
    if whole || chunks == TAG_LENGTH {
        Ok(())
    } else {
        Err(NotSealed)
    }
}

/// The line up to `\n`, and what follows it.
fn split_line(bytes: &[u8]) -> Result<(&[u8], &[u8]), NotSealed> {
    let end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or(NotSealed)?;
    let (line, rest) = bytes.split_at(end);
    Ok((line, rest.split_first().ok_or(NotSealed)?.1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VERSION: &str = "age-encryption.org/v1\n";
    const SHARE: &str = "L27ZIkS/7eRX2rtR8tSDHcp2MWSKvJRiGxRBHhDrWBk";

    fn recipient() -> String {
        format!("-> X25519 {SHARE}\n{SHARE}\n")
    }

    fn file(stanzas: &str, payload: usize) -> Vec<u8> {
        let mut bytes = format!("{VERSION}{stanzas}--- {SHARE}\n").into_bytes();
        bytes.resize(bytes.len() + payload, 0x5a);
        bytes
    }

    fn accepted(bytes: Vec<u8>) -> bool {
        Sealed::<Object>::parse(bytes).is_ok()
    }

    #[test]
    fn one_recipient_with_or_without_grease_is_accepted() {
        let recipient = recipient();
        let long = "A".repeat(64);
        for grease in [
            String::new(),
            "-> x-grease\n\n".to_owned(),
            "-> Jo[-grease a !b\nAAAA\n".to_owned(),
            format!("-> q-grease\n{long}\n{long}\n\n"),
        ] {
            assert!(
                accepted(file(&format!("{recipient}{grease}"), 32)),
                "{grease}"
            );
            assert!(
                accepted(file(&format!("{grease}{recipient}"), 32)),
                "{grease}"
            );
        }
    }

    #[test]
    fn other_recipients_are_refused() {
        let one = recipient();
        for stanzas in [
            String::new(),
            format!("{one}{one}"),
            "-> x-grease\n\n".to_owned(),
            format!("{one}-> a-grease\n\n-> b-grease\n\n"),
            format!("-> scrypt GixTkc7+InSPLzPNGU6cFw 18\n{SHARE}\n"),
            format!("{one}-> scrypt GixTkc7+InSPLzPNGU6cFw 18\n{SHARE}\n"),
            format!("{one}-> ssh-ed25519 Xyg06A {SHARE}\n{SHARE}\n"),
            format!("-> X25519\n{SHARE}\n"),
            format!("-> X25519 {SHARE} {SHARE}\n{SHARE}\n"),
            format!("-> X25519 {SHARE}=\n{SHARE}\n"),
            format!("-> X25519 {SHARE}\n{SHARE}{SHARE}\n"),
            format!("-> X25519 {SHARE}\n\n"),
            format!("{one}-> -grease  b\n\n"),
            format!("{one}-> x-grease\nA\n"),
        ] {
            assert!(!accepted(file(&stanzas, 32)), "{stanzas}");
        }
    }

    #[test]
    fn a_base64_text_has_one_spelling() {
        let other = format!("{}l", SHARE.strip_suffix('k').unwrap());
        assert!(!accepted(file(
            &format!("-> X25519 {other}\n{SHARE}\n"),
            32
        )));
    }

    #[test]
    fn a_payload_must_be_able_to_be_whole() {
        let chunk = 64 * 1024 + 16;
        for (length, whole) in [
            (0, false),
            (16, false),
            (31, false),
            (32, true),
            (33, true),
            (16 + chunk, true),
            (16 + chunk + 16, false),
            (16 + chunk + 17, true),
        ] {
            assert_eq!(accepted(file(&recipient(), length)), whole, "{length}");
        }
    }

    #[test]
    fn the_version_line_is_exact() {
        let text = String::from_utf8(file(&recipient(), 32)).unwrap();
        for other in [
            text.replace("v1", "v2"),
            text.replace("v1\n", "v1\r\n"),
            format!("\n{text}"),
            text.replace("--- ", "---"),
        ] {
            assert!(!accepted(other.into_bytes()));
        }
    }

    #[test]
    fn debug_tells_the_length_alone() {
        let sealed = Sealed::<Object>::parse(file(&recipient(), 32)).unwrap();
        assert_eq!(
            format!("{sealed:?}"),
            format!("Sealed({} bytes)", sealed.as_bytes().len())
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_accepted_or_refused(bytes in any::<Vec<u8>>(), cut in 0_usize..250) {
            prop_assert!(!accepted(bytes.clone()));
            let mut changed = file(&recipient(), 40);
            changed.splice(cut.min(changed.len()).., bytes);
            let _ = accepted(changed);
        }
    }
}
