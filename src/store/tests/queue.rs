//! The order, the filters, the pages.

use std::collections::BTreeSet;

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;

use super::fixture::{NOW, World, bytes, key_row};
use crate::domain::clock::Quarter;
use crate::domain::ids::{KeyId, ReportId};
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::store::*;

fn page(world: &World, filter: &QueueFilter) -> QueuePage {
    world.read(|conn| queue_page(conn, &[world.key], filter))
}

#[test]
fn most_urgent_first_then_oldest() {
    let world = World::new();
    let mut expected = Vec::new();
    for urgency in Urgency::ALL {
        for (day, slot) in [(0, 0), (0, 1), (1, 0)] {
            let mut sent = world.submission();
            sent.urgency = urgency;
            sent.day = NOW.day().plus(day);
            sent.due = Quarter::from_seconds(NOW.seconds() + 86_400 * day + 900 * slot);
            expected.push(sent);
        }
    }
    // In the other order, so that the order of arrival is no help.
    for sent in expected.iter().rev() {
        world.write(|conn| report_insert(conn, sent, &super::fixture::ordinary()));
    }
    let page = page(&world, &QueueFilter::default());
    let ids: Vec<_> = page.rows.iter().map(|row| row.report.id).collect();
    assert_eq!(
        ids,
        expected.iter().map(|sent| sent.report).collect::<Vec<_>>()
    );
    assert_eq!((page.before, page.after), (None, None));
    for (row, sent) in page.rows.iter().zip(&expected) {
        assert_eq!(row.key, world.key);
        assert_eq!(row.grant, sent.grant);
        assert_eq!(row.card.as_ref(), Some(&sent.objects[0].sealed));
        assert_eq!(row.claimed_by, None);
    }
}

#[test]
fn only_what_the_callers_keys_open_and_what_the_filter_asks() {
    let world = World::new();
    let anna = world.caseworker("anna");
    let (ours, urgent) = (world.report().report, world.urgent_report().report);
    let other = key_row(world.team, 2);
    world.write(|conn| key_insert(conn, &other));
    let mut theirs = world.submission();
    theirs.key = other.id;
    world.write(|conn| report_insert(conn, &theirs, &super::fixture::ordinary()));
    let seen = (State::Received, Version::from_number(1));
    world.write(|conn| claim(conn, ours, seen, anna, NOW));

    let ids = |filter: QueueFilter| -> Vec<_> {
        page(&world, &filter)
            .rows
            .iter()
            .map(|row| row.report.id)
            .collect()
    };
    assert_eq!(ids(QueueFilter::default()), [urgent, ours]);
    let filter = QueueFilter {
        states: vec![State::InTriage, State::Linked],
        ..QueueFilter::default()
    };
    let claimed = page(&world, &filter);
    assert_eq!(claimed.rows.len(), 1);
    assert_eq!(claimed.rows[0].claimed_by, Some(anna));
    let filter = QueueFilter {
        urgency: Some(Urgency::U0),
        ..QueueFilter::default()
    };
    assert_eq!(ids(filter), [urgent]);
    let both = world.read(|conn| queue_page(conn, &[world.key, other.id], &QueueFilter::default()));
    assert_eq!(both.rows.len(), 3);
    let none = world.read(|conn| queue_page(conn, &[], &QueueFilter::default()));
    assert_eq!(none.rows.len(), 0);
    let stranger = KeyId::from_bytes(bytes());
    let none = world.read(|conn| queue_page(conn, &[stranger], &QueueFilter::default()));
    assert_eq!(none.rows.len(), 0);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Ten thousand reports, made where they lie.
fn many() -> World {
    let world = World::new();
    let sent = world.report();
    let (grant, card) = (
        hex(sent.grant.as_bytes()),
        hex(sent.objects[0].sealed.as_bytes()),
    );
    let key = hex(world.key.as_bytes());
    let sql = format!(
        "INSERT INTO reports
           WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
           SELECT randomblob(16), 'age1x', 'public', 20000 + i % 60,
                  CASE i % 3 WHEN 0 THEN 'in_triage' ELSE 'received' END,
                  'U' || (i % 4), (i % 96) * 900, 'undecided', NULL, NULL, NULL, 0, 0, X'', randomblob(16), 1, 2, zeroblob(32), X'',
                  zeroblob(32), X'' FROM n;
         INSERT INTO objects SELECT id, card, 1, X'{card}' FROM reports WHERE recipient = 'age1x';
         INSERT INTO grants SELECT id, X'{key}', X'{grant}' FROM reports WHERE recipient = 'age1x';"
    );
    world.write(|conn| Ok(conn.batch_execute(&sql)?));
    world
}

/// The ids of every page, turned from the one in `filter` on.
fn turned(world: &World, mut filter: QueueFilter, back: bool) -> Vec<Vec<ReportId>> {
    let mut pages = Vec::new();
    loop {
        let page = page(world, &filter);
        assert!(page.rows.iter().all(|row| row.card.is_some()));
        pages.push(page.rows.iter().map(|row| row.report.id).collect());
        filter.turn = match (back, page.before, page.after) {
            (true, Some(place), _) => QueueTurn::Before(place),
            (false, _, Some(place)) => QueueTurn::After(place),
            _ => return pages,
        };
    }
}

#[test]
fn pages_of_ten_thousand_cover_each_report_once_there_and_back() {
    let world = many();
    for states in [vec![], vec![State::Received, State::InTriage]] {
        let filter = QueueFilter {
            states,
            ..QueueFilter::default()
        };
        let there = turned(&world, filter.clone(), false);
        let seen: BTreeSet<_> = there.iter().flatten().collect();
        assert_eq!((seen.len(), there.len()), (10_000, 200));
        assert!(there.iter().all(|page| page.len() == QUEUE_PAGE));
        let row = world.read(|conn| report_by_id(conn, *there.last().unwrap().last().unwrap()));
        let last = QueuePlace {
            urgency: row.urgency,
            day: row.day,
            due: row.due,
            report: row.id,
        };
        let at = |turn| QueueFilter {
            turn,
            ..filter.clone()
        };
        let mut back = turned(&world, at(QueueTurn::Before(last)), true);
        // The last one is not before itself, so the pages lie one report further to the front, and the first one is whole.
        back.pop();
        let back: Vec<_> = back.into_iter().rev().flatten().collect();
        let all: Vec<_> = there.iter().flatten().copied().collect();
        assert_eq!(back, all[QUEUE_PAGE - 1..9_999]);
        for (number, expected) in [(0, &there[0]), (1, &there[1]), (9, &there[9])] {
            let page = page(&world, &at(QueueTurn::Number(number)));
            let ids: Vec<_> = page.rows.iter().map(|row| row.report.id).collect();
            assert_eq!(&ids, expected);
            assert_eq!(page.before.is_some(), number > 0);
        }
        for number in [10, 199, u32::MAX] {
            let page = page(&world, &at(QueueTurn::Number(number)));
            assert!(page.rows.is_empty() && page.after.is_none());
        }
        let over = page(&world, &at(QueueTurn::After(last)));
        assert_eq!(over.rows.len(), QUEUE_PAGE);
        assert_eq!((over.rows[0].report.id, over.before), (all[0], None));
    }
}

#[test]
fn a_report_that_two_keys_open_is_on_one_page_once() {
    let world = World::new();
    let other = key_row(world.team, 2);
    world.write(|conn| key_insert(conn, &other));
    let sent: Vec<_> = (0..60).map(|_| world.report()).collect();
    world.write(|conn| {
        sent.iter()
            .try_for_each(|sent| grant_insert(conn, sent.report, other.id, &sent.grant))
    });
    let read = |turn| {
        let filter = QueueFilter {
            turn,
            ..QueueFilter::default()
        };
        world.read(|conn| queue_page(conn, &[world.key, other.id], &filter))
    };
    let first = read(QueueTurn::FIRST);
    let second = read(QueueTurn::After(first.after.expect("another")));
    assert_eq!((first.rows.len(), second.rows.len()), (50, 10));
    assert_eq!(second.after, None);
    let seen: BTreeSet<_> = first
        .rows
        .iter()
        .chain(&second.rows)
        .map(|row| row.report.id)
        .collect();
    assert_eq!(seen.len(), 60);
}

/// Whatever is done to reports and grants, with or without foreign keys: the queue says what they say.
#[test]
fn the_queue_follows_reports_and_grants() {
    let world = World::new();
    let (anna, other) = (world.caseworker("anna"), key_row(world.team, 2));
    world.write(|conn| key_insert(conn, &other));
    let [first, second, third] = [(); 3].map(|()| world.report().report);
    let seen = (State::Received, Version::from_number(1));
    world.write(|conn| claim(conn, first, seen, anna, NOW));
    let grant = world.read(|conn| report_find(conn, second, &[world.key])).1;
    world.write(|conn| grant_replace(conn, second, world.key, other.id, &grant.sealed));
    let acts = [
        "UPDATE reports SET urgency = 'U2', review_day = 20000",
        "UPDATE grants SET sealed = X'00'",
        "UPDATE reports SET state = 'no_action', retain_until = 20000, due = 900, day = 3",
    ];
    for act in acts {
        world.write(|conn| Ok(conn.batch_execute(act)?));
        assert_follows(&world, 3);
    }
    let delete = |sql: &str| format!("{sql} report = X'{}'", hex(third.as_bytes()));
    let id = hex(first.as_bytes());
    world.write(|conn| Ok(conn.batch_execute(&delete("DELETE FROM grants WHERE"))?));
    assert_follows(&world, 2);
    world.write(|conn| Ok(conn.batch_execute(&format!("DELETE FROM reports WHERE id = X'{id}'"))?));
    assert_follows(&world, 1);
    let back = world.read(|conn| queue_page(conn, &[other.id], &QueueFilter::default()));
    assert_eq!(back.rows[0].report.id, second);
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

fn assert_follows(world: &World, rows: i64) {
    let says = "SELECT g.report, g.key, r.state, r.urgency, r.day, r.due, r.review_day
                FROM grants g JOIN reports r ON r.id = g.report";
    let sql = format!(
        "SELECT (SELECT count(*) FROM queue) * 1000
              + (SELECT count(*) FROM ({says} EXCEPT SELECT * FROM queue)) * 100
              + (SELECT count(*) FROM (SELECT * FROM queue EXCEPT {says})) AS n"
    );
    let count: Count = world.read(|conn| Ok(diesel::sql_query(sql).get_result(conn)?));
    assert_eq!(count.n, rows * 1_000);
}
