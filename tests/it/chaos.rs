//! Faults at random, under load: at the end every code that was shown opens a report that is whole, those on call have heard, log and ledgers
//! hold, and at each fault the service has said how it is.
//!
//! `KAPEA_CHAOS_FAULTS` says how many, `KAPEA_CHAOS_MINUTES` for how long instead, `KAPEA_CHAOS_SEED` which.

mod gate;
mod house;
mod model;
mod people;

use std::sync::Arc;
use std::time::{Duration, Instant};

use house::{Fault, House};
use people::Desk;

use crate::support::dice::Dice;
use crate::support::eventually;
use crate::support::sender::rounds;

/// Reporters at once.
const REPORTERS: usize = 3;
/// Faults, unless a variable says otherwise: each of them once.
const FAULTS: usize = 6;

/// Everybody begins, something fails when a few have been told their code, and everybody ends what they have begun.
async fn round(house: &mut House, fault: Fault, dice: &mut Dice) {
    let town = Arc::clone(&house.town);
    let [sokha, admin] = ["sokha", "admin"].map(|handle| Desk::of(&house.installation, handle));
    // Nobody signs in while nothing can be written.
    town.waiting(&sokha).await;
    town.status(&admin).await;
    let before = town.shown() + usize::try_from(dice.below(5)).unwrap();
    let mut people: Vec<_> = (0..REPORTERS)
        .map(|_| tokio::spawn(Arc::clone(&town).report(dice.fork())))
        .collect();
    people.push(tokio::spawn(Arc::clone(&town).work(sokha, dice.fork())));
    people.push(tokio::spawn(Arc::clone(&town).look(Arc::clone(&admin))));
    eventually("some have been told", async || {
        (town.shown() >= before).then_some(())
    })
    .await;
    house.strike(fault, &admin, dice).await;
    for person in people {
        person.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_at_random_lose_nothing_and_the_service_says_how_it_is() {
    let mut dice = Dice::seeded("KAPEA_CHAOS_SEED");
    let mut house = House::open().await;
    let minutes = u64::try_from(rounds("KAPEA_CHAOS_MINUTES", 0)).unwrap();
    let end = Instant::now() + Duration::from_secs(60 * minutes);
    let faults = match minutes {
        0 => rounds("KAPEA_CHAOS_FAULTS", FAULTS),
        _ => 0,
    };
    let (mut deck, mut number) = (Vec::new(), 0);
    while number < faults || Instant::now() < end {
        if deck.is_empty() {
            deck = house.faults();
        }
        let fault = dice.draw(&mut deck);
        number += 1;
        println!("fault {number}: {fault:?}");
        round(&mut house, fault, &mut dice).await;
    }
    model::assert_whole(house).await;
}
