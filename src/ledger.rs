//! Who may read and who may decide: append-only lists of signed statements, and what replaying them gives.
//!
//! A **ledger** is one such list. Each statement names the one before it by its digest and is signed by its author, so that a list can
//! only be extended, and only by those whom it lets. State is what replaying the statements gives; rows of the database are at most a copy
//! of it. There is one ledger for each [`team`] and one for the [`office`].
//!
//! Nothing here knows a database, or a clock but the statements' own.

#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod office;
mod refused;
pub mod replay;
pub mod rules;
pub mod statement;
pub mod team;
#[cfg(test)]
pub(crate) mod tests;

pub use refused::Refused;
