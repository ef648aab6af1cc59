//! States × clocks × messages, over random histories of a desk: on-call rings for what nobody does, and for nothing that somebody does.
//! And a day of two hundred reports with two people.
//!
//! `KAPEA_DESK_HISTORIES` says how many histories, `KAPEA_DESK_SEED` which. A new move is one arm of [`history`] and one rule of [`model`].

mod day;
mod history;
mod model;
mod office;

use std::collections::BTreeSet;

use day::Shift;
use history::History;
use model::Need;
use office::Office;

use crate::support::dice::Dice;
use crate::support::sender::rounds;

/// Unless a variable says otherwise.
const HISTORIES: usize = 3;
const MOVES: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn on_call_rings_for_what_nobody_does_and_never_for_what_somebody_acts_on() {
    let mut dice = Dice::seeded("KAPEA_DESK_SEED");
    for number in 0..rounds("KAPEA_DESK_HISTORIES", HISTORIES) {
        println!("history {number}");
        let mut history = History::begin(dice.fork()).await;
        for _ in 0..MOVES {
            history.go_on().await;
        }
        history.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_take_two_hundred_reports_in_a_day_the_most_urgent_and_the_oldest_first() {
    let mut shift = Shift::begin(Dice::seeded("KAPEA_DESK_SEED")).await;
    while shift.goes_on() {
        shift.go_on().await;
    }
    shift.end().await;
}

/// Found by the histories above.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_colleague_looks_at_stays_in_their_hands_when_the_last_one_leaves_whose_it_is() {
    let mut office = Office::open().await;
    let case = office.file(Need::U0).await;
    office.claim(case, 0).await;
    office.act(case, 0, BTreeSet::from([1]), 12).await;
    office.leave(1).await;
    office.check_bells();
    office.quarter().await;
    office.release(case, 0).await;
    office.pass(2).await;
    office.check_queue().await;
    assert!(office.cases[case].rings());
}
