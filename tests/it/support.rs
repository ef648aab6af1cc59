//! What several tests need.

pub mod smtp;
