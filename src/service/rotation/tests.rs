//! Two adversaries against the ledgers, the keys and the witness, as a state machine with random moves. One writes any row of the database,
//! old or made up, between any two steps; the other has left with everything they held. Real statements, seals, transactions and steps of a
//! change, over a database in memory; no sessions, pages or argon2, which `tests/it` has. What should be is a handful of sets.
//!
//! `KAPEA_ADVERSARY_HISTORIES` says how many histories there are: some 10 ms of a processor each without optimisation. The rules of the
//! ledger alone are compared with a model in 10,000 (`ledger::team::tests::histories`), real services and sessions in
//! `access_matrix` and `forgery`, and the ways in that were found here one by one in `tests/it/adversaries.rs`.

mod history;
mod leaver;
mod moves;
mod office;
mod writer;

use std::collections::BTreeMap;
use std::sync::Mutex;

use proptest::test_runner::{Config, TestRunner};

use history::History;
use moves::{Fault, Move, Write};
use office::Office;
use writer::Columns;

const HISTORIES: u32 = 1_000;
const THREADS: u32 = 2;

/// How often each move came to something: one that never does proves nothing.
type Done = BTreeMap<&'static str, usize>;

fn play(office: &mut Office, moves: &[Move]) -> Done {
    let mut history = History::begin(office);
    for one in moves {
        history.apply(one);
    }
    history.end()
}

fn run(histories: u32, all: &Mutex<Done>) {
    let mut office = Office::found();
    let config = Config {
        cases: histories,
        failure_persistence: None,
        max_shrink_time: 60_000,
        ..Config::default()
    };
    let office = std::cell::RefCell::new(&mut office);
    let outcome = TestRunner::new(config).run(&moves::moves(), |moves| {
        let done = play(&mut office.borrow_mut(), &moves);
        let mut all = all
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for (what, times) in done {
            *all.entry(what).or_default() += times;
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

fn histories() -> u32 {
    let given = std::env::vars().find(|(name, _)| name == "KAPEA_ADVERSARY_HISTORIES");
    given.map_or(HISTORIES, |(_, number)| number.parse().expect("a number"))
}

/// What nobody can read, in that column of a row.
fn noise(columns: &Columns, (table, name): (&str, &str), row: usize) -> Move {
    Move::Write(Write::Row {
        column: columns.place(table, name),
        row,
        other: 0,
        fault: Fault::Noise,
    })
}

/// Somebody who is not there is put in a member's place, who then goes.
#[test]
fn a_member_who_is_nobody_is_told_of() {
    let mut office = Office::found();
    let column = Columns::of(&mut office).place("memberships", "staff");
    for row in 0..office::PEOPLE {
        let noise = Write::Row {
            column,
            row,
            other: 0,
            fault: Fault::Noise,
        };
        for who in 0..office::PEOPLE {
            play(
                &mut office,
                &[Move::Write(noise.clone()), Move::Leave { who }, Move::Look],
            );
        }
    }
}

/// The record of a team's key says that it is a person's, who then leaves: nothing keeps its reports from their next keys.
#[test]
fn a_teams_key_that_passes_for_a_persons_keeps_no_report_from_its_next_key() {
    let mut office = Office::found();
    let column = Columns::of(&mut office).place("keys", "kind");
    for row in 0..=office::PEOPLE {
        let copied = Write::Row {
            column,
            row,
            other: 0,
            fault: Fault::Copy,
        };
        let leave = Move::Leave { who: 0 };
        play(
            &mut office,
            &[Move::File, Move::Write(copied), leave, Move::File],
        );
    }
}

/// Neither a row of a team that cannot be read nor one of a member or a channel that says another thing.
#[test]
fn no_row_beside_the_ledger_keeps_a_key_from_being_changed_in_silence() {
    let mut office = Office::found();
    let columns = Columns::of(&mut office);
    let noise = |place, row| noise(&columns, place, row);
    let no_orders = Move::Write(Write::NoOrders);
    for who in 0..office::FIRST {
        let leave = Move::Leave { who };
        let kind = noise(("teams", "kind"), 0);
        let moves = [kind, leave.clone(), no_orders.clone(), Move::File];
        play(&mut office, &moves);
        for row in 0..office::PEOPLE {
            let moves = [
                noise(("memberships", "team"), row),
                Move::File,
                noise(("channels", "id"), 0),
                leave.clone(),
            ];
            play(&mut office, &moves);
        }
    }
}

/// A team's record that cannot be read, while a change of its key is ordered anyway, and a member who is put into another team.
#[test]
fn a_record_that_cannot_be_read_hides_nothing_that_another_one_says() {
    let mut office = Office::found();
    let columns = Columns::of(&mut office);
    let noise = |place, row| noise(&columns, place, row);
    for unread in [
        ("teams", "kind"),
        ("teams", "name"),
        ("staff", "role"),
        ("rotations", "state"),
    ] {
        for row in 0..office::PEOPLE {
            let gone = noise(("memberships", "team"), row);
            play(
                &mut office,
                &[gone, noise(unread, 0), Move::Order, Move::File, Move::Look],
            );
        }
    }
}

/// A member's exit that nobody of the service wrote, with a membership that says the same, while a change of the key is ordered anyway.
#[test]
fn an_exit_that_was_laid_is_told_of_at_every_look() {
    let mut office = Office::found();
    let column = Columns::of(&mut office).place("memberships", "staff");
    for row in 0..office::PEOPLE {
        let gone = Write::Row {
            column,
            row,
            other: 0,
            fault: Fault::Delete,
        };
        for keys in 0..4 * office::PEOPLE {
            let exit = Write::Lay {
                what: 6,
                name: 0,
                keys,
            };
            let leave = Move::Leave { who: 0 };
            let written = [gone.clone(), exit].map(Move::Write);
            let moves: Vec<Move> = std::iter::once(leave)
                .chain(written)
                .chain([Move::Look, Move::Look])
                .collect();
            play(&mut office, &moves);
        }
    }
}

#[test]
fn whoever_writes_rows_or_has_left_receives_nothing_and_is_told_of() {
    let all = Mutex::default();
    let share = histories().div_ceil(THREADS);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| scope.spawn(|| run(share, &all)))
            .collect();
        for thread in threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    let all = all.into_inner().unwrap();
    println!("{} histories: {all:?}", share * THREADS);
    for what in moves::OUTCOMES {
        assert!(all.contains_key(what), "{what} never came about: {all:?}");
    }
}
