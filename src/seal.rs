//! Sealing and opening: the only module that names age, argon2, a cipher or the random number generator.
//!
//! Three parts are kept apart, and `tests/it/architecture.rs` watches over it:
//! - [`sealing`] needs public keys only; whoever receives reports uses it;
//! - [`mailbox`] opens what a presented receipt code opens: one conversation, never the report;
//! - [`opening`] needs a staff member's secrets; `service::intake`, `service::admin` and `worker` must not name it.
//!
//! Formats are in `docs/formats.md`: every plaintext says which report and object it belongs to, and is refused elsewhere.

mod aead;
mod age_file;
mod card;
mod derive;
mod error;
mod frame;
mod grant;
mod kind;
mod mac;
mod memory;
mod said;

pub mod activity;
pub mod anchor;
pub mod audit;
pub mod backup;
pub mod chain;
pub mod checkpoint;
pub mod credentials;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod invitation;
pub mod keys;
pub mod mailbox;
pub mod opening;
pub mod passphrase;
pub mod place;
pub mod random;
pub mod receipt;
pub mod recovery;
pub mod recovery_code;
pub mod request;
pub mod sealing;
mod secret;
pub mod session;
pub mod shred;
pub mod state;
pub mod ticket;
pub mod totp;
#[cfg(debug_assertions)]
mod trial;
pub mod unlock;
pub mod witness;

pub use error::SealError;
pub use frame::Position;
pub use kind::Kind;
pub use mac::MacKeys;
pub use said::{Said, Signer, proposal_of_body};

#[cfg(test)]
mod tests;

/// SHA-256 of the parts, one after the other. Parts of varying length must come with their length.
pub fn digest(parts: &[&[u8]]) -> [u8; 32] {
    derive::sha256(parts)
}

/// SHA-256 in hexadecimal: names a form's definition.
pub fn hex_digest(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&digest(&[bytes]))
}
