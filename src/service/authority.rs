//! The ledgers in force: who is in which team and with which keys, what custodians have decided, and which key a channel's reports are
//! sealed to.
//!
//! Rows can be changed by whoever writes to the database. What is asked here is what the signed statements come to; what was seen of them
//! before is kept in memory, and nothing may fall below it. What does not hold is named, and the last good state goes on.

mod asked;
mod memory;
mod receivers;
mod rows;
mod signers;
mod told;

pub use memory::Authority;
pub(super) use memory::Kept;
pub use receivers::{ChainError, Verdict};
pub use signers::Signers;
pub use told::{Rules, Said, Told};
