//! Tickets: what a form carries so that the server need not remember it, and cannot be made to believe it.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use super::aead;
use super::credentials::ServerKey;
use super::derive::{hmac, hmac_verify};
use super::{SealError, random};
use crate::domain::clock::Timestamp;

const NONCE_LENGTH: usize = 16;
const TAG_LENGTH: usize = 16;
const LABEL: &[u8] = b"kapea/ticket/v1";
const BOX_LABEL: &[u8] = b"kapea/box/v1";

/// A ticket that was checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Random, and the same however often the form is sent.
    pub nonce: [u8; NONCE_LENGTH],
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

/// A ticket for a form: nonce (16), minute (4), MAC (16), in base64url.
pub fn issue(key: &ServerKey, purpose: &str, now: Timestamp) -> String {
    let nonce: [u8; NONCE_LENGTH] = random::bytes();
    let minute = minute(now).to_be_bytes();
    let tag = hmac(&mac_key(key), &[LABEL, purpose.as_bytes(), &nonce, &minute]);
    let (tag, _) = tag.split_at(TAG_LENGTH);
    BASE64URL_NOPAD.encode(&[nonce.as_slice(), &minute, tag].concat())
}

/// Checks a ticket. Good for `max_age_minutes` full minutes.
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
    let age = minute(now).checked_sub(u32::from_be_bytes(*issued));
    match age {
        Some(age) if age <= max_age_minutes => Ok(Ticket { nonce: *nonce }),
        _ => Err(TicketError::Expired),
    }
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

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The receipt code is derived from the nonce.
        f.write_str("Ticket(..)")
    }
}

fn mac_key(key: &ServerKey) -> Zeroizing<[u8; 32]> {
    key.derive(&[LABEL])
}

fn box_key(key: &ServerKey) -> Zeroizing<[u8; 32]> {
    key.derive(&[BOX_LABEL])
}

fn box_associated(purpose: &str, expiry: &[u8; 8]) -> Vec<u8> {
    [BOX_LABEL, purpose.as_bytes(), expiry].concat()
}

fn minute(now: Timestamp) -> u32 {
    u32::try_from(now.seconds().max(0) / 60).unwrap_or(u32::MAX)
}
