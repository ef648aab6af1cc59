//! Kapea: a confidential intake service for reports of child abuse.
//!
//! # Layers
//! The arrows all point to [`domain`]. `tests/it/architecture.rs` fails on an import that goes against them.
//!
//! ```text
//! domain    nothing of ours, no I/O
//! seal      domain            the only place that names age, argon2 or a cipher
//! ledger    domain, seal      who may read or decide, as signed statements; knows no database and no clock
//! store     domain            the only place that names diesel; holds ciphertext it cannot read
//! locale    domain            the only place that turns message ids into sentences
//! mail      domain, locale    the only place that names lettre
//! witness   domain, seal      what is remembered outside the database
//! service   domain, seal, ledger, store, witness, mail::Message
//! worker    service, mail, store
//! web       domain, service, locale    the only place that names actix and askama
//! config    domain            the only reader of files and environment settings
//! app, cli  everything
//! ```

// The rooms are open to tests and benchmarks alone. `./test.sh` compiles once more with `--cfg rooms_closed`: what is then used by nobody is
// half connected, and fails. Written out twice, because `cargo fmt` finds no file that a macro names.
#[cfg(rooms_closed)]
mod app;
#[cfg(rooms_closed)]
mod cli;
#[cfg(rooms_closed)]
mod config;
#[cfg(rooms_closed)]
mod domain;
#[cfg(rooms_closed)]
mod ledger;
#[cfg(rooms_closed)]
mod locale;
#[cfg(rooms_closed)]
mod mail;
#[cfg(rooms_closed)]
mod seal;
#[cfg(rooms_closed)]
mod service;
#[cfg(rooms_closed)]
mod store;
#[cfg(rooms_closed)]
mod telemetry;
#[cfg(rooms_closed)]
mod web;
#[cfg(rooms_closed)]
mod witness;
#[cfg(rooms_closed)]
mod worker;

#[cfg(not(rooms_closed))]
pub mod app;
#[cfg(not(rooms_closed))]
pub mod cli;
#[cfg(not(rooms_closed))]
pub mod config;
#[cfg(not(rooms_closed))]
pub mod domain;
#[cfg(not(rooms_closed))]
pub mod ledger;
#[cfg(not(rooms_closed))]
pub mod locale;
#[cfg(not(rooms_closed))]
pub mod mail;
#[cfg(not(rooms_closed))]
pub mod seal;
#[cfg(not(rooms_closed))]
pub mod service;
#[cfg(not(rooms_closed))]
pub mod store;
#[cfg(not(rooms_closed))]
pub mod telemetry;
#[cfg(not(rooms_closed))]
pub mod web;
#[cfg(not(rooms_closed))]
pub mod witness;
#[cfg(not(rooms_closed))]
pub mod worker;

pub use cli::run;
