//! What a team's ledger takes and what it refuses.

mod authors;
mod bytes;
mod histories;
mod leaver;
mod model;
mod moves;
mod people;
mod python;
mod rules;
#[cfg(debug_assertions)]
mod suites;
mod tried;

use proptest::test_runner::{Config, TestRunner};

use super::{TeamState, Word};
use crate::domain::ids::StaffId;

impl TeamState {
    /// For each newcomer, oldest first.
    pub fn all_words(&self) -> impl Iterator<Item = (&StaffId, &Vec<Word>)> {
        self.words.iter()
    }
}

/// Fails with the shortest history for which the check does.
fn over_histories(number: u32, check: impl Fn(&[moves::Move])) {
    let config = Config {
        cases: number,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&moves::moves(), |moves| {
        check(&moves);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
