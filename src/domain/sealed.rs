//! Ciphertext as a type: bytes that were checked to be an age file to one X25519 recipient, and what they hold.
//!
//! Storage takes and gives nothing else, so plaintext cannot be stored by mistake, and a file with scrypt or an unknown
//! recipient (whose cost or meaning its writer chooses) never comes near a key.

use std::fmt;
use std::marker::PhantomData;

use data_encoding::BASE64_NOPAD;

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

/// The body of an audit entry, for one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditBody {}

/// The bytes are not an age file to exactly one X25519 recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an age file to exactly one X25519 recipient")]
pub struct NotSealed;

/// An age file that holds a `T`.
pub struct Sealed<T> {
    bytes: Vec<u8>,
    holds: PhantomData<fn() -> T>,
}

impl<T> Sealed<T> {
    /// Checks that the bytes have the form of an age file: the version line, one X25519 stanza, at most one `*-grease` stanza,
    /// a MAC line and a payload whose chunks can be whole. Whether it opens, only its key can tell.
    ///
    /// # Errors
    /// [`NotSealed`] for anything else.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, NotSealed> {
        check_file(&bytes)?;
        Ok(Self {
            bytes,
            holds: PhantomData,
        })
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

fn check_file(bytes: &[u8]) -> Result<(), NotSealed> {
    let (line, mut rest) = split_line(bytes)?;
    if line != VERSION_LINE {
        return Err(NotSealed);
    }
    let (mut recipients, mut greases) = (0_u8, 0_u8);
    loop {
        let (line, after) = split_line(rest)?;
        if let Some(mac) = line.strip_prefix(MAC_PREFIX) {
            check_base64_32(mac)?;
            rest = after;
            break;
        }
        let arguments = line.strip_prefix(STANZA_PREFIX).ok_or(NotSealed)?;
        rest = match check_arguments(arguments)? {
            Stanza::Recipient => {
                recipients = recipients.saturating_add(1);
                check_recipient_body(after)?
            }
            Stanza::Grease => {
                greases = greases.saturating_add(1);
                skip_body(after)?
            }
        };
        if recipients > 1 || greases > 1 {
            return Err(NotSealed);
        }
    }
    if recipients != 1 {
        return Err(NotSealed);
    }
    check_payload(rest)
}

enum Stanza {
    Recipient,
    Grease,
}

fn check_arguments(line: &[u8]) -> Result<Stanza, NotSealed> {
    let mut arguments = line.split(|byte| *byte == b' ');
    let tag = arguments.next().ok_or(NotSealed)?;
    if tag == b"X25519" {
        check_base64_32(arguments.next().ok_or(NotSealed)?)?;
        return match arguments.next() {
            None => Ok(Stanza::Recipient),
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
    check_base64_32(line)?;
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

fn check_base64_32(text: &[u8]) -> Result<(), NotSealed> {
    match BASE64_NOPAD.decode(text) {
        Ok(bytes) if bytes.len() == 32 => Ok(()),
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
