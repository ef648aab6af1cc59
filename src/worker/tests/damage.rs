//! A page that cannot be read is in the way of what lies on it, and of nothing else.

use super::*;
use crate::domain::retention::{Clocks, RetentionClass};
use crate::seal::keys::{Seed, SigningKey};
use crate::store::tests::fixture::batch;

impl Office {
    fn with_damage(self, tree: &str, is_first: bool) -> Self {
        let changing = self.worker.changing.clone();
        let (world, clock) = (self.world, self.clock.clone());
        Self::in_world(world.with_damage(tree, is_first), clock, changing)
    }

    /// So many reports; the first and the last of them, by their ids.
    fn reports(&self, count: usize) -> (ReportId, ReportId) {
        let ids = (0..count).map(|_| self.world.report().report);
        let ids: Vec<ReportId> = ids.collect();
        (*ids.iter().min().unwrap(), *ids.iter().max().unwrap())
    }

    fn batch(&self, statements: &str) {
        self.world.read(|conn| batch(conn, statements));
    }
}

/// What makes the table long enough to have several pages.
const DEAD: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
    INSERT INTO outbox SELECT randomblob(16), 'delivery', NULL, 'oncall', zeroblob(100), NULL, 0, 0, 0, 'dead', 0, NULL, NULL FROM n";

#[tokio::test]
async fn urgent_mail_leaves_beside_a_page_that_cannot_be_read() {
    let office = Office::open();
    office.batch(DEAD);
    for _ in 0..100 {
        office.world.urgent_report();
    }
    let office = office.with_damage("outbox", true);
    let all = office
        .world
        .read(|conn| events_due_readable(conn, Wanted::Urgent, (NOW.plus(HOUR), NOW.plus(HOUR))));
    assert!((50..100).contains(&all.len()), "{}", all.len());
    assert!(office.look().await.contains(&"oncall".to_owned()));
    // Nor do letters that wait, and what was sent is not sent again.
    assert_eq!(office.look().await, Vec::<String>::new());
    office.clock.advance(900);
    assert!(office.look().await.contains(&"backup".to_owned()));
}

#[tokio::test]
async fn urgent_mail_leaves_where_the_order_of_the_outbox_cannot_be_read() {
    let office = Office::open();
    office.batch(DEAD);
    office.world.urgent_report();
    // Letters are in the table, and found without it.
    office.worker.expand(Mail::Urgent).await.unwrap();
    let office = office.with_damage("outbox_due", true);
    let found = office.world.read(deliveries_waiting_readable);
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn a_report_that_cannot_be_mended_keeps_no_other_from_it() {
    let office = Office::open();
    let (first, last) = office.reports(300);
    let office = office.with_damage("objects", true);
    office.batch("UPDATE reports SET urgency = 'U3' WHERE id IN (SELECT min(id) FROM reports UNION SELECT max(id) FROM reports)");
    // Two looks are a round.
    office.worker.look_at_reports().await.unwrap();
    office.worker.look_at_reports().await.unwrap();
    let recipient = |report| {
        office
            .world
            .read(|conn| report_by_id(conn, report))
            .recipient
    };
    assert_eq!(recipient(last), NOT_KNOWN);
    assert_ne!(recipient(first), NOT_KNOWN);
}

#[tokio::test]
async fn a_claim_that_cannot_be_read_is_no_hand_in_the_database() {
    let office = Office::open();
    let anna = office.world.caseworker("anna");
    let report = office.world.report().report;
    office.claim(report, anna, NOW);
    let office = office.with_damage("claims", true);
    office.worker.look_at_reports().await.unwrap();
    assert_eq!(office.world.read(alarms_open), []);
    let row = office.world.read(|conn| report_by_id(conn, report));
    assert_eq!(row.state, State::InTriage);
}

#[tokio::test]
async fn a_report_that_cannot_be_read_keeps_no_other_from_being_destroyed() {
    let office = Office::open();
    let key = SigningKey::from_seed(&Seed::random());
    let decided = (0..300).map(|_| {
        let mut submission = office.world.submission();
        submission.state_key = *key.verify_key().as_bytes();
        let event = fixture::ordinary();
        office
            .world
            .write(|conn| report_insert(conn, &submission, &event));
        submission.report
    });
    let decided: Vec<ReportId> = decided.collect();
    let (first, last) = (
        *decided.iter().min().unwrap(),
        *decided.iter().max().unwrap(),
    );
    for report in [first, last] {
        office.world.write(|conn| {
            let keys = office.worker.changing.now().credentials.report_keys();
            let signing = RowProver::signing(keys, key.share());
            conn.prove_with(Arc::new(signing));
            let seen = (State::Received, Version::from_number(1));
            let seen = report_state_set(conn, report, seen, State::NoAction)?;
            let clocks = Clocks {
                until: Some(NOW.day().plus(-1)),
                ..Clocks::default()
            };
            report_retention_set(conn, report, seen, RetentionClass::NoAction, clocks)
        });
    }
    let office = office.with_damage("objects", true);
    assert_eq!(office.worker.shred().await.unwrap(), 1);
    let is_there = |report| office.world.read(|conn| report_exists(conn, report));
    assert!(is_there(first));
    assert!(!is_there(last));
}

#[tokio::test]
async fn a_mailbox_that_cannot_be_read_keeps_no_other_from_its_end() {
    let office = Office::open();
    office.reports(300);
    let office = office.with_damage("mailboxes", true);
    office.clock.advance(91 * 24 * HOUR);
    let closed = office.worker.expire_mailboxes().await.unwrap();
    assert!((150..300).contains(&closed), "{closed}");
}
