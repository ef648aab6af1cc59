//! Tickets: what a form carries so that the server need not remember it, and cannot be made to believe it.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use super::aead;
use super::credentials::{LiveKeys, ServerKey};
use super::derive::{hmac, hmac_verify};
use super::secret::Secret;
use super::{SealError, random};
use crate::domain::clock::Timestamp;

const NONCE_LENGTH: usize = 16;
const TAG_LENGTH: usize = 16;
/// Seconds.
const SKEW: i64 = 30;
const LABEL: &[u8] = b"kapea/ticket/v1";
const BOX_LABEL: &[u8] = b"kapea/box/v1";

/// A ticket that was checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Random, and the same however often the form is sent.
    pub nonce: [u8; NONCE_LENGTH],
    /// When the form was opened.
    pub issued: Timestamp,
}

/// Why a ticket is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// It has not the form of a ticket.
    #[error("not a ticket")]
    Malformed,
    /// It was not made here, or for something else.
    #[error("a ticket that was not made here")]
    Forged,
    /// It is too old, or from the future.
    #[error("a ticket out of its time")]
    Expired,
}

/// A ticket for a form: nonce (16), second (4), MAC (16), in base64url.
pub fn issue(key: &ServerKey, purpose: &str, now: Timestamp) -> String {
    let nonce: [u8; NONCE_LENGTH] = random::bytes();
    let second = u32::try_from(now.seconds().max(0)).unwrap_or(u32::MAX);
    let issued = second.to_be_bytes();
    let tag = hmac(&mac_key(key), &[LABEL, purpose.as_bytes(), &nonce, &issued]);
    let (tag, _) = tag.split_at(TAG_LENGTH);
    BASE64URL_NOPAD.encode(&[nonce.as_slice(), &issued, tag].concat())
}

/// The ticket of this nonce and second, with whatever follows them; for fuzzing.
#[cfg(any(test, fuzzing))]
pub(super) fn made_of(key: &ServerKey, purpose: &str, front: &[u8]) -> String {
    let (nonce, issued) = front.split_at(front.len().min(NONCE_LENGTH));
    let tag = hmac(&mac_key(key), &[LABEL, purpose.as_bytes(), nonce, issued]);
    let (tag, _) = tag.split_at(TAG_LENGTH);
    BASE64URL_NOPAD.encode(&[front, tag].concat())
}

/// Checks a ticket. Good for `max_age_minutes`, and [`SKEW`] seconds before it was made: of two processes one may be ahead.
///
/// # Errors
/// [`TicketError`].
pub fn check(
    key: &ServerKey,
    purpose: &str,
    text: &str,
    now: Timestamp,
    max_age_minutes: u32,
) -> Result<Ticket, TicketError> {
    let bytes = BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| TicketError::Malformed)?;
    let (nonce, rest) = bytes
        .split_first_chunk::<NONCE_LENGTH>()
        .ok_or(TicketError::Malformed)?;
    let (issued, tag) = rest
        .split_first_chunk::<4>()
        .ok_or(TicketError::Malformed)?;
    if tag.len() != TAG_LENGTH {
        return Err(TicketError::Malformed);
    }
    if !hmac_verify(
        &mac_key(key),
        &[LABEL, purpose.as_bytes(), nonce, issued],
        tag,
    ) {
        return Err(TicketError::Forged);
    }
    let issued = Timestamp::from_seconds(i64::from(u32::from_be_bytes(*issued)));
    let age = now.seconds().saturating_sub(issued.seconds());
    if (-SKEW..=i64::from(max_age_minutes) * 60).contains(&age) {
        Ok(Ticket {
            nonce: *nonce,
            issued,
        })
    } else {
        Err(TicketError::Expired)
    }
}

/// [`check`] with whichever key made the ticket, which is given back: what is derived from the nonce is derived with that one.
///
/// # Errors
/// [`TicketError`].
pub fn check_any<'k>(
    keys: &'k LiveKeys,
    purpose: &str,
    text: &str,
    now: Timestamp,
    max_age_minutes: u32,
) -> Result<(Ticket, &'k ServerKey), TicketError> {
    any(keys, |key| {
        check(key, purpose, text, now, max_age_minutes).map(|ticket| (ticket, key))
    })
}

/// A payload that travels through the browser in a hidden field, unreadable there: nonce (24), expiry (8), ciphertext, in base64url.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails.
pub fn box_seal(
    key: &ServerKey,
    purpose: &str,
    expires: Timestamp,
    payload: &[u8],
) -> Result<String, SealError> {
    let expiry = expires.seconds().to_be_bytes();
    let sealed = aead::seal(&box_key(key), &box_associated(purpose, &expiry), payload)?;
    Ok(BASE64URL_NOPAD.encode(&[expiry.as_slice(), &sealed].concat()))
}

/// Opens a hidden field.
///
/// # Errors
/// [`TicketError`].
pub fn box_open(
    key: &ServerKey,
    purpose: &str,
    text: &str,
    now: Timestamp,
) -> Result<Zeroizing<Vec<u8>>, TicketError> {
    let bytes = BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| TicketError::Malformed)?;
    let (expiry, sealed) = bytes
        .split_first_chunk::<8>()
        .ok_or(TicketError::Malformed)?;
    let payload = aead::open(&box_key(key), &box_associated(purpose, expiry), sealed)
        .map_err(|_| TicketError::Forged)?;
    if now.seconds() >= i64::from_be_bytes(*expiry) {
        return Err(TicketError::Expired);
    }
    Ok(payload)
}

/// [`box_open`] with whichever key sealed the field.
///
/// # Errors
/// [`TicketError`].
pub fn box_open_any(
    keys: &LiveKeys,
    purpose: &str,
    text: &str,
    now: Timestamp,
) -> Result<Zeroizing<Vec<u8>>, TicketError> {
    any(keys, |key| box_open(key, purpose, text, now))
}

/// Only a key that did not make it is a reason to try the next.
fn any<'k, T>(
    keys: &'k LiveKeys,
    mut attempt: impl FnMut(&'k ServerKey) -> Result<T, TicketError>,
) -> Result<T, TicketError> {
    let mut outcome = Err(TicketError::Forged);
    for key in keys.iter() {
        outcome = attempt(key);
        if !matches!(outcome, Err(TicketError::Forged)) {
            break;
        }
    }
    outcome
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The receipt code is derived from the nonce.
        f.write_str("Ticket(..)")
    }
}

fn mac_key(key: &ServerKey) -> Secret<32> {
    key.derive(&[LABEL])
}

fn box_key(key: &ServerKey) -> Secret<32> {
    key.derive(&[BOX_LABEL])
}

fn box_associated(purpose: &str, expiry: &[u8; 8]) -> Vec<u8> {
    [BOX_LABEL, purpose.as_bytes(), expiry].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_392_030);

    fn key() -> ServerKey {
        ServerKey::from_bytes([2; 32])
    }

    #[test]
    fn a_ticket_is_good_for_its_purpose_and_time() {
        let text = issue(&key(), "report", NOW);
        let fresh = check(&key(), "report", &text, NOW, 60).unwrap();
        assert_eq!(fresh.issued, NOW);
        for still in [NOW.plus(60 * 60), NOW.plus(-SKEW)] {
            assert_eq!(check(&key(), "report", &text, still, 60), Ok(fresh.clone()));
        }
        for (purpose, now, error) in [
            ("report", NOW.plus(60 * 60 + 1), TicketError::Expired),
            ("report", NOW.plus(-SKEW - 1), TicketError::Expired),
            ("login", NOW, TicketError::Forged),
            ("", NOW, TicketError::Forged),
        ] {
            assert_eq!(check(&key(), purpose, &text, now, 60), Err(error));
        }
        let other = ServerKey::random();
        assert_eq!(
            check(&other, "report", &text, NOW, 60),
            Err(TicketError::Forged)
        );
    }

    #[test]
    fn what_an_earlier_key_made_is_good_while_that_key_is() {
        let (old, new) = (ServerKey::random(), ServerKey::random());
        let ticket = issue(&old, "report", NOW);
        let field = box_seal(&old, "mailbox", NOW.plus(9_000_000), b"payload").unwrap();
        let both = LiveKeys::new(new.share(), vec![old.share()]);
        let (_, key) = check_any(&both, "report", &ticket, NOW, 60).unwrap();
        assert!(key.is(&old));
        assert!(box_open_any(&both, "mailbox", &field, NOW).is_ok());
        let late = NOW.plus(61 * 60);
        let outcome = check_any(&both, "report", &ticket, late, 60);
        assert_eq!(outcome.err(), Some(TicketError::Expired));
        let new = LiveKeys::new(new, Vec::new());
        let outcome = check_any(&new, "report", &ticket, NOW, 60);
        assert_eq!(outcome.err(), Some(TicketError::Forged));
        let outcome = box_open_any(&new, "mailbox", &field, NOW);
        assert_eq!(outcome.err(), Some(TicketError::Forged));
    }

    #[test]
    fn a_changed_ticket_is_refused() {
        let bytes = BASE64URL_NOPAD
            .decode(issue(&key(), "report", NOW).as_bytes())
            .unwrap();
        assert_eq!(bytes.len(), 36);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let text = BASE64URL_NOPAD.encode(&changed);
            assert_eq!(
                check(&key(), "report", &text, NOW, u32::MAX),
                Err(TicketError::Forged)
            );
            let text = BASE64URL_NOPAD.encode(&bytes[..at]);
            assert_eq!(
                check(&key(), "report", &text, NOW, u32::MAX),
                Err(TicketError::Malformed)
            );
        }
    }

    #[test]
    fn a_hidden_field_opens_for_its_purpose_and_time() {
        let text = box_seal(&key(), "mailbox", NOW.plus(900), b"payload").unwrap();
        let open = |purpose, text: &str, now| box_open(&key(), purpose, text, now);
        assert_eq!(
            open("mailbox", &text, NOW.plus(899)).unwrap().as_slice(),
            b"payload"
        );
        assert_eq!(
            open("mailbox", &text, NOW.plus(900)),
            Err(TicketError::Expired)
        );
        assert_eq!(open("enrol", &text, NOW), Err(TicketError::Forged));
        assert_eq!(open("mailbox", "", NOW), Err(TicketError::Malformed));
        assert_eq!(open("mailbox", "?", NOW), Err(TicketError::Malformed));
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let outcome = open("mailbox", &BASE64URL_NOPAD.encode(&changed), NOW);
            assert_eq!(outcome, Err(TicketError::Forged));
        }
    }
}
