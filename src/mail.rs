//! The mail that leaves: one constant notice, and the ways it can be carried.
//!
//! Owns the text and the bytes of the notice and the only network client of the product. Imports `domain` and `locale`;
//! the only module that names `lettre`. It keeps nothing and logs nothing: what went wrong is returned as
//! stage, numbers and kind, without addresses or the words of the other server, and the worker decides what to do.

mod authority;
mod failure;
pub mod file;
pub mod memory;
pub mod message;
pub mod smtp;
pub mod token;
pub mod transport;
pub mod unpack;

pub use authority::AuthorityFile;
pub use failure::Refusal;
pub use message::{Message, NoticeText, Stationery};
pub use transport::{Exchange, Transport};
