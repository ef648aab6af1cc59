//! Kapea: a confidential intake service for reports of child abuse.
//!
//! # Layers
//! The arrows all point to [`domain`]. `tests/it/architecture.rs` fails on an import that goes against them.
//!
//! ```text
//! domain    nothing of ours, no I/O
//! seal      domain            the only place that names age, argon2 or a cipher
//! store     domain            the only place that names diesel; holds ciphertext it cannot read
//! locale    domain            the only place that turns message ids into sentences
//! mail      domain, locale    the only place that names lettre
//! service   domain, seal, store, mail::Message
//! worker    service, mail, store
//! web       domain, service, locale    the only place that names actix and askama
//! config    domain            the only reader of files and environment settings
//! app, cli  everything
//! ```

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod locale;
pub mod mail;
pub mod seal;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod web;
pub mod worker;
