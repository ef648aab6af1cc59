//! Random histories as `docs/ledger.py` reads them.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::moves::{Move, begun, moves};
use crate::ledger::tests::python::{self, Exported};
use crate::ledger::tests::{Book, LATEST, LEDGER, RECOVERY, keys, lines, sign};

const HISTORIES: usize = 40;
/// Refused statements of one history that are tried too.
const REFUSED: usize = 6;

fn exported(book: &Book, says: Vec<String>) -> Exported {
    Exported {
        given: vec![
            ("of", "team".to_owned()),
            ("ledger", LEDGER.to_string()),
            ("recovery-key", keys(RECOVERY).verify_key().to_string()),
            ("until", LATEST.seconds().to_string()),
        ],
        kept: book.to_bytes(),
        says,
    }
}

/// The ledger that a history makes, and what it was with one of the statements that were refused.
fn played(moves: &[Move]) -> Vec<Exported> {
    let (mut model, mut book) = begun(moves);
    let mut found = Vec::new();
    for one in moves {
        let said = one.statement(&model, &book);
        let signed = sign(said.clone(), &one.signers(&model, &said));
        let bytes = signed.to_bytes();
        match book.take(signed) {
            Ok(()) => model.hear(said),
            Err(refused) if found.len() < REFUSED => {
                let number = book.head().sequence + 1;
                let mut with = exported(&book, vec![format!("refused {number} {refused:?}")]);
                with.kept.push(bytes);
                found.push(with);
            }
            Err(_) => {}
        }
    }
    let mut says: Vec<String> = book.read.state.iter().flat_map(lines::of_team).collect();
    says.push(python::end(book.head()));
    found.push(exported(&book, says));
    found
}

#[test]
fn python_makes_the_same_of_every_history() {
    let strategy = moves();
    let mut runner = TestRunner::default();
    let mut any = || strategy.new_tree(&mut runner).unwrap().current();
    let exported: Vec<Exported> = (0..HISTORIES).flat_map(|_| played(&any())).collect();
    python::must_agree(&exported);
}
