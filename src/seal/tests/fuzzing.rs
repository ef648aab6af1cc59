//! The fuzz targets over changed vectors, so that they are compiled and hold before a fuzzer runs them.

use std::fs;
use std::path::Path;

use super::vectors::{all, with_changes};
use crate::ledger;
use crate::seal::fuzzing;

#[test]
fn targets_hold_for_every_vector_and_its_changes() {
    with_changes("frame", fuzzing::frame);
    with_changes("grant", fuzzing::grant);
    with_changes("recovery-share", fuzzing::share);
    with_changes("anchor", fuzzing::anchor);
    with_changes("witness", fuzzing::witness);
    with_changes("form-ticket", fuzzing::ticket);
    with_changes("hidden-field", fuzzing::ticket);
    with_changes("statement", ledger::fuzzing::statement);
    with_changes("team-ledger", ledger::fuzzing::ledger);
}

#[test]
#[ignore = "writes what a fuzzer begins with: cargo test --lib fuzzing -- --ignored"]
fn write_the_seeds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (format, target) in [
        ("frame", "frame"),
        ("grant", "grant"),
        ("recovery-share", "share"),
        ("anchor", "anchor"),
        ("witness", "witness"),
        ("form-ticket", "ticket"),
        ("statement", "statement"),
        ("team-ledger", "ledger"),
    ] {
        fs::create_dir_all(corpus.join(target)).unwrap();
        for (name, bytes) in all(format) {
            fs::write(corpus.join(target).join(name), bytes).unwrap();
        }
    }
}
