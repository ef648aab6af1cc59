//! The order, the filters, the pages, and how the database finds them.

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;

use super::fixture::{NOW, World, bytes, key_row};
use crate::domain::clock::Quarter;
use crate::domain::ids::KeyId;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::store::queue::page_plan_query;
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
        world.write(|conn| report_insert_in_txn(conn, sent, &super::fixture::ordinary()));
    }
    let page = page(&world, &QueueFilter::default());
    let ids: Vec<_> = page.rows.iter().map(|row| row.report.id).collect();
    assert_eq!(
        ids,
        expected.iter().map(|sent| sent.report).collect::<Vec<_>>()
    );
    assert!(!page.has_next);
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
    world.write(|conn| report_insert_in_txn(conn, &theirs, &super::fixture::ordinary()));
    let seen = (State::Received, Version::from_number(1));
    world.write(|conn| claim_in_txn(conn, ours, seen, anna, NOW));

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

/// Ten thousand reports, made where they lie.
fn many() -> World {
    let world = World::new();
    let sent = world.report();
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let (grant, card) = (
        hex(sent.grant.as_bytes()),
        hex(sent.objects[0].sealed.as_bytes()),
    );
    let key = hex(world.key.as_bytes());
    let sql = format!(
        "INSERT INTO reports
           WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
           SELECT randomblob(16), 1, 'age1x', 'public', 20000 + i % 60,
                  CASE i % 3 WHEN 0 THEN 'in_triage' ELSE 'received' END,
                  'U' || (i % 4), (i % 96) * 900, 4096, 'undecided', NULL, NULL, 0, 0, randomblob(16), 1 FROM n;
         INSERT INTO objects SELECT id, card, X'{card}', 200 FROM reports WHERE recipient = 'age1x';
         INSERT INTO grants SELECT id, X'{key}', X'{grant}' FROM reports WHERE recipient = 'age1x';"
    );
    world.write(|conn| Ok(conn.batch_execute(&sql)?));
    world
}

#[test]
fn pages_of_ten_thousand_cover_each_report_once() {
    let world = many();
    let mut seen = std::collections::BTreeSet::new();
    let mut filter = QueueFilter::default();
    loop {
        let page = page(&world, &filter);
        assert!(page.rows.iter().all(|row| row.card.is_some()));
        seen.extend(page.rows.iter().map(|row| row.report.id));
        if !page.has_next {
            break;
        }
        assert_eq!(page.rows.len(), QUEUE_PAGE);
        filter.page += 1;
    }
    assert_eq!((seen.len(), filter.page), (10_000, 199));
}

#[derive(diesel::QueryableByName)]
struct PlanRow {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[test]
fn a_page_is_read_off_the_index_without_sorting() {
    let world = many();
    for filter in [
        QueueFilter::default(),
        QueueFilter {
            urgency: Some(Urgency::U1),
            ..QueueFilter::default()
        },
        QueueFilter {
            states: vec![State::Received, State::InTriage],
            ..QueueFilter::default()
        },
    ] {
        let query = format!(
            "EXPLAIN QUERY PLAN {}",
            page_plan_query(&[world.key, world.key], &filter)
        );
        let rows: Vec<PlanRow> = world.read(|conn| Ok(diesel::sql_query(query).load(conn)?));
        let plan: Vec<_> = rows.into_iter().map(|row| row.detail).collect();
        assert!(
            plan.first()
                .is_some_and(|step| step.contains("reports_queue")),
            "{plan:#?}"
        );
        assert!(
            !plan
                .iter()
                .any(|step| step.contains("TEMP B-TREE") || step.starts_with("SCAN grants")),
            "{plan:#?}"
        );
    }
}
