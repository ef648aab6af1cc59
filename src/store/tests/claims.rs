//! One caseworker at a time, and the moves between states.

use super::fixture::{NOW, World};
use crate::domain::clock::Clock;
use crate::domain::look::{Rest, latest};
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::store::*;

const IDLE: i64 = 15 * 60;
const NEW: (State, Version) = (State::Received, Version::from_number(1));

#[test]
fn the_second_to_claim_is_told_who_was_first() {
    let world = World::new();
    let (anna, boran) = (world.caseworker("anna"), world.caseworker("boran"));
    let id = world.report().report;

    let first = world.write(|conn| claim(conn, id, NEW, anna, NOW));
    assert_eq!(first, ClaimOutcome::Claimed(Version::from_number(2)));
    let second = world.write(|conn| claim(conn, id, NEW, boran, NOW));
    assert_eq!(second, ClaimOutcome::HeldBy(anna));
    let again = world.write(|conn| claim(conn, id, NEW, anna, NOW));
    assert_eq!(again, first);

    let report = world.read(|conn| report_by_id(conn, id));
    assert_eq!(report.state, State::InTriage);
    assert_eq!(report.due.start(), NOW.day().start(), "the day alone");
}

#[test]
fn a_report_that_changed_is_not_claimed() {
    let world = World::new();
    let anna = world.caseworker("anna");
    let id = world.report().report;
    world.write(|conn| report_state_set(conn, id, NEW, State::Received));
    let outcome = world.write(|conn| claim(conn, id, NEW, anna, NOW));
    assert_eq!(outcome, ClaimOutcome::Changed);
    assert_eq!(world.read(|conn| claim_holder(conn, id)), None);
}

#[test]
fn a_locked_report_is_not_claimed_and_keeps_no_claim() {
    let world = World::new();
    let (anna, boran) = (world.caseworker("anna"), world.caseworker("boran"));
    let id = world.urgent_report().report;
    world.write(|conn| claim(conn, id, NEW, anna, NOW));
    let seen = (State::InTriage, Version::from_number(2));
    let version = world.write(|conn| report_state_set(conn, id, seen, State::Locked));
    assert_eq!(world.read(|conn| claim_holder(conn, id)), None);
    let outcome = world.write(|conn| claim(conn, id, (State::Locked, version), boran, NOW));
    assert_eq!(outcome, ClaimOutcome::Changed);
}

#[test]
fn idle_claims_go_back_and_touched_ones_stay() {
    let world = World::new();
    let (anna, boran) = (world.caseworker("anna"), world.caseworker("boran"));
    let (idle, busy) = (world.urgent_report().report, world.report().report);
    world.write(|conn| claim(conn, idle, NEW, anna, NOW));
    world.write(|conn| claim(conn, busy, NEW, boran, NOW));
    assert!(world.write(|conn| claim_touch(conn, busy, boran, NOW.plus(600))));
    assert!(!world.write(|conn| claim_touch(conn, busy, anna, NOW.plus(600))));

    let early = world.read(|conn| claims_idle(conn, NOW.plus(IDLE - 60), IDLE));
    assert_eq!(early, []);
    let expired = world.read(|conn| claims_idle(conn, NOW.plus(IDLE), IDLE));
    assert_eq!(expired, [idle]);
    let holder = |id| world.read(|conn| claim_idle_holder(conn, id, NOW.plus(IDLE), IDLE));
    assert_eq!((holder(idle), holder(busy)), (Some(anna), None));
    assert_eq!(world.read(|conn| claim_holder(conn, busy)), Some(boran));
}

#[test]
fn only_the_holder_releases() {
    let world = World::new();
    let (anna, boran) = (world.caseworker("anna"), world.caseworker("boran"));
    let id = world.report().report;
    world.write(|conn| claim(conn, id, NEW, anna, NOW));
    let other = world.try_write(|conn| claim_release(conn, id, boran));
    assert!(matches!(other, Err(StoreError::Stale)));
    assert_eq!(world.read(|conn| claims_of_staff(conn, anna)), [id]);
    world.write(|conn| claim_release(conn, id, anna));
    assert_eq!(
        world.read(|conn| report_by_id(conn, id)).state,
        State::Received
    );
}

#[test]
fn a_waiting_report_is_claimed_and_given_back_without_changing_state() {
    let world = World::new();
    let (anna, boran) = (world.caseworker("anna"), world.caseworker("boran"));
    let id = world.report().report;
    world.write(|conn| claim(conn, id, NEW, anna, NOW));
    let seen = (State::InTriage, Version::from_number(2));
    world.write(|conn| report_state_set(conn, id, seen, State::NeedsInformation));
    world.write(|conn| claim_release(conn, id, anna));
    let report = world.read(|conn| report_by_id(conn, id));
    assert_eq!(report.state, State::NeedsInformation);
    let seen = (report.state, report.version);
    let outcome = world.write(|conn| claim(conn, id, seen, boran, NOW));
    assert!(matches!(outcome, ClaimOutcome::Claimed(_)));
}

#[test]
fn urgency_and_state_change_only_what_was_seen() {
    let world = World::new();
    let id = world.report().report;
    let version = world.write(|conn| report_urgency_set(conn, id, NEW.1, Urgency::U0, NOW));
    assert_eq!(version, Version::from_number(2));
    let stale = world.try_write(|conn| report_urgency_set(conn, id, NEW.1, Urgency::U3, NOW));
    assert!(matches!(stale, Err(StoreError::Stale)));
    let stale = world.try_write(|conn| report_state_set(conn, id, NEW, State::Locked));
    assert!(matches!(stale, Err(StoreError::Stale)));
}

#[test]
fn a_look_that_a_clock_of_another_year_has_set_is_over_as_soon_as_the_time_is_confirmed() {
    let world = World::new();
    let (clock, anna) = (Clock::manual(NOW), world.caseworker("anna"));
    let now = clock.confirmed().unwrap();
    for (ahead, is_over) in [(0, false), (400 * 86_400, true)] {
        let id = world.report().report;
        let rest = Rest {
            assignees: vec![anna],
            look_again: latest(Urgency::U3, NOW.plus(ahead)),
        };
        world.write(|conn| report_urgency_set(conn, id, NEW.1, Urgency::U3, NOW));
        let seen = (State::Received, Version::from_number(2));
        world.write(|conn| report_rest_set(conn, id, seen, State::ActedUpon, &rest));
        let found = world.read(|conn| looks_too_far(conn, now));
        assert_eq!(found.contains(&id), is_over);
        assert!(!world.read(|conn| looks_missed(conn, NOW)).contains(&id));
        let later = rest.look_again.start();
        assert!(world.read(|conn| looks_missed(conn, later)).contains(&id));
        assert!(
            world
                .read(|conn| reports_of_assignee(conn, anna))
                .contains(&id)
        );
    }
}
