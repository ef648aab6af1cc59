//! The fuzz targets over changed vectors, so that they are compiled and hold before a fuzzer runs them.

use std::fs;
use std::path::Path;

use super::vectors::{all, with_changes};
use crate::ledger;
use crate::seal::fuzzing;
use crate::seal::keys::{Seed, SigningKey};

#[test]
fn targets_hold_for_every_vector_and_its_changes() {
    with_changes("frame", fuzzing::frame);
    with_changes("grant", fuzzing::grant);
    with_changes("recovery-share", fuzzing::share);
    with_changes("anchor", fuzzing::anchor);
    with_changes("witness", fuzzing::witness);
    with_changes("statement", ledger::fuzzing::statement);
    with_changes("team-ledger", ledger::fuzzing::ledger);
}

#[test]
fn one_charter_counts_and_no_changed_one_does() {
    let [first, custodian] =
        [4, 5].map(|number| SigningKey::from_seed(&Seed::from_bytes([number; 32])).verify_key());
    let mut leads = Vec::new();
    // The vector is the signature alone.
    with_changes("charter", |signature| {
        let parts: [&[u8]; 6] = [
            &[1; 16],
            first.as_bytes(),
            &[0, 0, 0, 7],
            custodian.as_bytes(),
            signature,
            b"public",
        ];
        leads.push(fuzzing::charter(&parts.concat()));
    });
    assert!(leads[0] && !leads[1..].contains(&true));
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
        ("statement", "statement"),
        ("team-ledger", "ledger"),
    ] {
        fs::create_dir_all(corpus.join(target)).unwrap();
        for (name, bytes) in all(format) {
            fs::write(corpus.join(target).join(name), bytes).unwrap();
        }
    }
}
