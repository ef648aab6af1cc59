//! Pages that cannot be read: what is beside them is read, and nothing is written that was decided without them.

use super::fixture::{NOW, World, batch, confirmed};
use crate::domain::state::State;
use crate::store::*;

#[test]
fn a_write_that_has_met_a_damaged_page_goes_on_with_nothing() {
    let world = World::new();
    let report = world.report().report;
    let world = world.with_damage("claims", true);
    let mut went_on = false;
    let done = world.try_write(|conn| {
        unless_damaged(claim_holder(conn, report))?;
        went_on = true;
        Ok(())
    });
    assert!(matches!(done, Err(StoreError::Damaged)), "{done:?}");
    assert!(!went_on);
    // What swallows it all the same is not committed, and the next one begins anew.
    let done = world.try_write(|conn| {
        assert!(claim_holder(conn, report).is_err());
        Ok(())
    });
    assert!(matches!(done, Err(StoreError::Damaged)), "{done:?}");
    world.read(|conn| unless_damaged(claim_holder(conn, report)));
    world.report();
}

#[test]
fn a_claim_that_cannot_be_read_is_not_said_to_be_missing() {
    let world = World::new();
    let report = world.report().report;
    let anna = world.caseworker("anna");
    let seen = (State::Received, Version::from_number(1));
    world.write(|conn| claim(conn, report, seen, anna, NOW));
    let row = world.read(|conn| report_by_id(conn, report));
    assert!(world.read(|conn| claim_fits(conn, &row)));
    let world = world.with_damage("claims", true);
    let fits = world.store.blocking(|conn| claim_fits(conn, &row));
    assert!(matches!(fits, Err(StoreError::Damaged)), "{fits:?}");
}

#[test]
fn a_round_goes_on_behind_a_page_of_reports_that_cannot_be_read() {
    let world = World::new();
    let mut all: Vec<_> = (0..300).map(|_| world.report().report).collect();
    all.sort_unstable();
    let world = world.with_damage("reports", true);
    let (mut from, mut found) = (Default::default(), Vec::new());
    loop {
        let (ids, is_whole) = world.read(|conn| report_ids_from(conn, from, 64));
        let Some(last) = ids.last() else { break };
        assert!(!is_whole || !found.is_empty());
        from = *last;
        found.extend(ids);
    }
    assert_eq!(found, all);
}

#[test]
fn a_clock_runs_out_for_those_beside_a_page_that_cannot_be_read() {
    let run_out = |tree| {
        let world = World::new();
        for _ in 0..300 {
            world.report();
        }
        let over =
            "UPDATE reports SET state = 'no_action', retention = 'no_action', retain_until = 1";
        world.read(|conn| batch(conn, over));
        let world = world.with_damage(tree, true);
        let due = world.read(|conn| reports_run_out(conn, confirmed(NOW)));
        due.len()
    };
    let beside = run_out("reports");
    assert!((150..300).contains(&beside), "{beside}");
    // Where the index cannot be read, the table finds all.
    assert_eq!(run_out("reports_retain"), 300);
}

#[test]
fn what_cannot_be_read_takes_no_other_reports_place_on_a_page() {
    let world = World::new();
    for _ in 0..60 {
        world.report();
    }
    let harm = "UPDATE queue SET urgency = ' ' WHERE report = (SELECT min(report) FROM queue)";
    world.read(|conn| batch(conn, harm));
    let keys = [world.key];
    let page = world.read(|conn| queue_page(conn, &keys, &QueueFilter::default()));
    assert_eq!(page.unreadable.len(), 1);
    assert_eq!(page.rows.len(), QUEUE_PAGE);
    let next = QueueFilter {
        turn: QueueTurn::After(page.after.expect("another page")),
        ..QueueFilter::default()
    };
    let page = world.read(|conn| queue_page(conn, &keys, &next));
    assert_eq!(page.rows.len(), 9);
}

#[test]
fn mailboxes_end_beside_a_page_that_cannot_be_read() {
    let world = World::new();
    for _ in 0..300 {
        world.report();
    }
    let later = confirmed(NOW.plus(91 * 86_400));
    let over = |world: &World| world.read(|conn| mailboxes_over(conn, later)).len();
    let by_index = world.with_damage("mailboxes", true);
    assert_eq!(over(&by_index), 300);

    let world = World::new();
    for _ in 0..300 {
        world.report();
    }
    let by_table = world.with_damage("mailboxes_expires", true);
    assert_eq!(over(&by_table), 300);
}

#[test]
fn a_look_that_is_missed_is_found_where_its_index_cannot_be_read() {
    let world = World::new();
    for _ in 0..300 {
        world.report();
    }
    let rest = "UPDATE reports SET state = 'acted_upon', look_again = 900, due = 900";
    world.read(|conn| batch(conn, rest));
    let world = world.with_damage("reports_look_again", true);
    let missed = world.read(|conn| looks_missed(conn, NOW));
    assert_eq!(missed.len(), 300);
}

#[test]
fn what_is_over_is_found_where_its_index_cannot_be_read() {
    let world = || {
        let world = World::new();
        let anna = world.caseworker("anna");
        for _ in 0..300 {
            world.report();
        }
        let fill = format!(
            "INSERT INTO claims SELECT id, x'{anna}', 0 FROM reports;
             INSERT INTO exports SELECT id, id, 900, x'00' FROM reports"
        );
        world.read(|conn| batch(conn, &fill));
        world
    };
    let idle = world().with_damage("claims_touched", true);
    let idle = idle.read(|conn| claims_idle(conn, NOW, 60));
    assert_eq!(idle.len(), 300);
    let over = world().with_damage("exports_expires", true);
    let over = over.read(|conn| exports_over(conn, confirmed(NOW)));
    assert_eq!(over.len(), 300);
}
