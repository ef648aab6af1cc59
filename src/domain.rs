//! The words of the field as types: ids, time, states, urgency, receipts, forms, roles.
//!
//! Pure: no I/O, no clock of its own, no randomness of its own. Imports nothing of the other modules.

pub mod alarm;
pub mod audit;
pub mod backup;
pub mod clock;
pub mod colour;
pub mod credential;
pub mod deadline;
pub mod disk;
pub mod document;
pub mod email;
pub mod form;
pub mod ids;
pub mod inert;
pub mod keys;
pub mod language;
pub mod look;
pub mod mail_fault;
pub mod named;
pub mod notice;
pub mod outcome;
pub mod proposal;
pub mod pulse;
pub mod receipt;
pub mod remembered;
pub mod retention;
pub mod roles;
pub mod rotation;
pub mod sample;
pub mod sealed;
pub mod sharing;
pub mod stack;
pub mod staff;
pub mod state;
pub mod submission;
pub mod suite;
pub mod swap;
pub mod typed;
pub mod urgency;
pub mod voice;
pub mod zone;
