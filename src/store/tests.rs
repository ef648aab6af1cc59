//! Storage on real files: what comes in comes out, what is deleted is gone, and who is faster wins once.

mod accounts;
mod claims;
mod concurrency;
mod damage;
mod file;
pub(crate) mod fixture;
mod intake;
mod notices;
mod queue;
mod schema;
