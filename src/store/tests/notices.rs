//! Events, deliveries, dead letters; the heartbeat and the record of acts.

use super::fixture::{NOW, World, bytes};
use crate::domain::clock::Timestamp;
use crate::domain::ids::OutboxId;
use crate::domain::mail_fault::MailFailure;
use crate::domain::notice::NoticeList;
use crate::domain::state::State;
use crate::store::*;

/// Long after everything that waits here is due.
const LAST: Timestamp = NOW.plus(365 * 86_400);
const NEW: (State, Version) = (State::Received, Version::from_number(1));

fn delivery() -> NewDelivery {
    NewDelivery {
        id: OutboxId::from_bytes(bytes()),
        list: NoticeList::Hotline,
        address_ct: b"address".to_vec(),
    }
}

fn again() -> AfterExpansion {
    AfterExpansion::Again {
        due: NOW.quarter().next(),
        list: NoticeList::Backup,
    }
}

fn due(world: &World, at: Timestamp) -> Vec<Event> {
    let all = [Wanted::Urgent, Wanted::Ordinary];
    let mut due = all.map(|wanted| world.write(|conn| events_due(conn, wanted, (at, LAST))));
    std::mem::take(&mut due[0])
        .into_iter()
        .chain(std::mem::take(&mut due[1]))
        .collect()
}

fn lease(world: &World, at: Timestamp) -> Vec<Delivery> {
    let by = (NoticeList::ALL.as_slice(), "worker");
    world.write(|conn| deliveries_lease(conn, by, at, 10, &[]))
}

#[test]
fn an_urgent_event_repeats_until_its_report_is_claimed() {
    let world = World::new();
    let anna = world.caseworker("anna");
    let id = world.urgent_report().report;
    let events = due(&world, NOW);
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].urgent, events[0].list),
        (Some(id), NoticeList::OnCall)
    );

    let letters = [delivery(), delivery()];
    assert!(world.write(|conn| event_expand(conn, &events[0], &letters, again())));
    assert!(
        !world.write(|conn| event_expand(conn, &events[0], &letters, again())),
        "a second worker that read the same event does nothing"
    );
    assert_eq!(world.read(outbox_counts), (2, 0));
    assert_eq!(due(&world, NOW), []);

    let repeated = |at| world.write(|conn| events_due(conn, Wanted::Repeated, (at, LAST)));
    assert!(world.read(urgent_is_told));
    assert_eq!(repeated(NOW), []);
    assert_eq!(repeated(NOW.plus(900)).len(), 1);
    let next = due(&world, NOW.plus(900));
    assert_eq!((next[0].rounds, next[0].list), (1, NoticeList::Backup));
    world.write(|conn| claim(conn, id, NEW, anna, NOW));
    assert!(!world.read(urgent_is_told));
    assert_eq!(due(&world, NOW.plus(900)), []);
}

#[test]
fn a_locked_report_pages_nobody() {
    let world = World::new();
    let id = world.urgent_report().report;
    world.write(|conn| report_state_set(conn, id, NEW, State::Locked));
    assert_eq!(due(&world, NOW.plus(9_000)), []);
}

#[test]
fn an_ordinary_event_waits_for_its_slot_and_goes() {
    let world = World::new();
    world.report();
    assert_eq!(due(&world, NOW), []);
    let events = due(&world, NOW.plus(900));
    assert_eq!(events[0].urgent, None);
    world.write(|conn| event_expand(conn, &events[0], &[delivery()], AfterExpansion::Done));
    assert_eq!(due(&world, NOW.plus(90_000)), []);
    assert_eq!(world.read(outbox_counts), (1, 0));
}

#[test]
fn a_delivery_is_in_one_hand_and_deleted_when_sent() {
    let world = World::new();
    let letter = delivery();
    world.write(|conn| delivery_insert(conn, &letter, NOW.quarter()));
    let leased = lease(&world, NOW);
    assert_eq!(leased.len(), 1);
    assert_eq!(leased[0].address_ct, b"address");
    assert_eq!(lease(&world, NOW), []);

    let after = NOW.plus(LEASE_SECONDS);
    assert_eq!(
        lease(&world, after).len(),
        1,
        "a worker that died gives up its lease"
    );
    world.write(|conn| leases_give_back(conn, "another"));
    assert_eq!(lease(&world, after), []);
    world.write(|conn| leases_give_back(conn, "worker"));
    assert_eq!(lease(&world, after).len(), 1, "at its next start at once");
    world.write(|conn| delivery_complete(conn, letter.id));
    assert_eq!(world.read(outbox_counts), (0, 0));
}

#[test]
fn what_cannot_be_sent_is_tried_again_and_then_shown() {
    let world = World::new();
    let letter = delivery();
    world.write(|conn| delivery_insert(conn, &letter, NOW.quarter()));
    lease(&world, NOW);
    let later = NOW.quarter().next();
    world.write(|conn| {
        delivery_retry(
            conn,
            (letter.id, MailFailure::unreachable()),
            NOW.quarter(),
            later,
        )
    });
    assert_eq!(lease(&world, NOW), []);
    let leased = lease(&world, later.start());
    assert_eq!(
        (leased[0].attempts, leased[0].first_due),
        (1, NOW.quarter())
    );

    world.write(|conn| delivery_bury(conn, letter.id, MailFailure::refused(), later));
    assert_eq!(world.read(outbox_counts), (0, 1));
    assert_eq!(world.read(dead_letters).len(), 1);
    world.write(|conn| dead_letter_requeue(conn, letter.id, later));
    let leased = lease(&world, later.start());
    assert_eq!((leased[0].attempts, leased[0].first_due), (0, later));

    world.write(|conn| delivery_bury(conn, letter.id, MailFailure::refused(), later));
    world.write(|conn| dead_letter_dismiss(conn, letter.id));
    assert_eq!(world.read(dead_letters), []);
    let gone = world.try_write(|conn| dead_letter_dismiss(conn, letter.id));
    assert!(matches!(gone, Err(StoreError::Stale)));
}

#[test]
fn a_day_has_one_heartbeat() {
    let world = World::new();
    let today = NOW.day();
    assert!(world.write(|conn| heartbeat_take(conn, today)));
    assert!(!world.write(|conn| heartbeat_take(conn, today)));
    assert!(!world.write(|conn| heartbeat_take(conn, today.plus(-1))));
    assert!(world.write(|conn| heartbeat_take(conn, today.plus(1))));
}

#[test]
fn the_record_of_acts_tells_its_newest_leaf_and_any_other() {
    let world = World::new();
    for number in 1..=3_u8 {
        let entry = NewAudit {
            seq: number.into(),
            day: NOW.day(),
            class: "report.read",
            commitment: [0xcc; 32],
            leaf: [number; 32],
            mac: [0xdd; 32],
            body: None,
            body_key: None,
        };
        world.write(|conn| audit_append(conn, &entry));
        let head = world.read(audit_head);
        assert_eq!(head, Some((number.into(), [number; 32])));
    }
    assert_eq!(world.read(|conn| audit_leaf(conn, 2)), Some([2; 32]));
    assert_eq!(world.read(|conn| audit_leaf(conn, 4)), None);
    let newest = world.read(|conn| audit_list(conn, None, 2));
    assert_eq!(newest.iter().map(|row| row.seq).collect::<Vec<_>>(), [3, 2]);
    let older = world.read(|conn| audit_list(conn, Some(2), 10));
    assert_eq!(older.len(), 1);
    assert_eq!(older[0].leaf, [1; 32]);
}
