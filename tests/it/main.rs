//! Tests of the product as a whole, in one binary.

mod mail;
mod support;
