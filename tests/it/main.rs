//! Tests of the product as a whole, in one binary: real ports, real files, time moved by hand where it matters.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on has failed"
)]

mod access;
mod access_matrix;
mod admission;
mod adversaries;
mod alarms;
mod anchors;
mod architecture;
mod asked_form;
mod attempts;
mod audit;
mod auditors;
mod authors;
mod backup;
mod bad_input;
mod blank;
mod breaks;
mod browser;
mod canary;
mod chaos;
mod clear_columns;
mod clock;
mod concurrency;
mod crash;
mod credentials;
mod crossing;
mod damage;
mod descriptors;
mod desk;
mod desk_model;
mod digits;
mod disk;
mod doctor;
mod documents;
mod door;
mod epochs;
mod exports;
mod factors;
mod flood;
mod foreign;
mod forgery;
mod forms;
mod gone;
mod headers;
mod health;
mod intake;
mod kept;
mod keys_command;
mod languages;
mod leaving;
mod ledgers;
mod limits;
mod linker;
mod log_guard;
mod logs;
mod mail;
mod mail_advice;
mod mailbox;
mod memory;
mod notices;
mod office;
mod old_browsers;
mod one_form;
mod online;
mod pages;
mod plans;
mod processes;
mod promises;
mod proxies;
mod pulse;
mod queue;
mod reach;
mod readiness;
mod reading;
mod recovery;
mod refusing;
mod releases;
mod renewal;
mod rotation;
mod rotation_crash;
mod rotation_kill;
mod routes;
mod set_aside;
mod shred;
mod staff_pages;
mod staff_start;
mod stages;
mod states;
mod stock_age;
#[cfg(debug_assertions)]
mod suites;
mod support;
mod swap;
mod tamper;
mod tickets;
mod transcripts;
mod triage;
mod two_person;
mod voice;
mod watching;
mod weather;
mod witness;
mod zone;
