//! A page that cannot be read is in the way of what lies on it, and of nothing else.

use super::*;
use crate::domain::ids::TeamId;
use crate::domain::retention::{Clocks, RetentionClass};
use crate::domain::staff::TeamKind;
use crate::seal::keys::{Seed, SigningKey};
use crate::store::tests::fixture::{batch, texts};

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

    /// What is written like this fails so from now on.
    fn refuse(&self, name: &str, what: &str, why: &str) {
        self.batch(&format!(
            "CREATE TRIGGER {name} BEFORE {what} BEGIN SELECT RAISE(ABORT, '{why}'); END"
        ));
    }

    /// [`Office::look`] where some of it fails: who got mail, and whether all of it was done.
    async fn look_beside(&self) -> (Vec<String>, bool) {
        let mut is_whole = true;
        for mail in [Mail::Urgent, Mail::Other] {
            is_whole &= self.worker.expand(mail).await.is_ok();
        }
        for mail in [Mail::Urgent, Mail::Other] {
            is_whole &= self.worker.deliver(mail).await.is_ok();
        }
        (self.recipients(), is_whole)
    }

    fn is_there(&self, report: ReportId) -> bool {
        self.world.read(|conn| report_exists(conn, report))
    }
}

/// What SQLite says of a page that is none.
const MALFORMED: &str = "database disk image is malformed";
/// What it says while others write.
const LOCKED: &str = "database is locked";

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
    assert!(office.look_beside().await.0.contains(&"oncall".to_owned()));
    // What was sent is not sent again: an event whose own letter came to lie on that page is told of in another.
    let again = office.look_beside().await.0;
    assert!(again.len() < 2, "{again:?}");
    office.clock.advance(900);
    assert!(office.look_beside().await.0.contains(&"backup".to_owned()));
}

#[tokio::test]
async fn urgent_mail_leaves_where_the_order_of_the_outbox_cannot_be_read() {
    let office = Office::open();
    office.batch(DEAD);
    office.world.urgent_report();
    // Letters are in the table, and found without it.
    office.worker.expand(Mail::Urgent).await.unwrap();
    let office = office.with_damage("outbox_due", false);
    let found = office.world.read(deliveries_waiting_readable);
    assert_eq!(found.len(), 1);
    // It leaves, and cannot be struck off.
    assert_eq!(
        office.look_beside().await,
        (vec!["oncall".to_owned()], false)
    );
    assert_eq!(office.look_beside().await.0, Vec::<String>::new());
}

#[tokio::test]
async fn an_event_that_fails_keeps_no_other_from_being_told_of_and_is_no_success() {
    for why in [MALFORMED, "no"] {
        let office = Office::open();
        let stuck = office.world.urgent_report().report;
        office.world.urgent_report();
        let what = format!("UPDATE ON outbox WHEN OLD.report = X'{stuck}'");
        office.refuse("stuck", &what, why);
        assert_eq!(
            office.look_beside().await,
            (vec!["oncall".to_owned()], false)
        );
    }
}

#[tokio::test]
async fn a_letter_that_cannot_be_struck_off_stands_for_no_later_report() {
    let office = Office::open();
    office.world.urgent_report();
    office.refuse(
        "stuck",
        "DELETE ON outbox WHEN OLD.kind = 'delivery'",
        MALFORMED,
    );
    assert_eq!(
        office.look_beside().await,
        (vec!["oncall".to_owned()], false)
    );
    assert_eq!(office.look_beside().await.0, Vec::<String>::new());
    office.clock.advance(HOUR);
    office.world.urgent_report();
    assert!(office.look_beside().await.0.contains(&"oncall".to_owned()));
}

#[tokio::test]
async fn letters_in_hand_are_sent_whatever_fails_after_them() {
    let office = Office::open();
    let letter = |number| OutboxId::from_bytes([number; 16]);
    for number in 1..=3 {
        let (id, list) = (letter(number), NoticeList::OnCall);
        let to = &addresses(&["oncall"])[0];
        let address_ct = office.worker.addresses.seal(id, to).unwrap();
        let letter = NewDelivery {
            id,
            list,
            address_ct,
        };
        office
            .world
            .write(|txn| delivery_insert(txn, &letter, NOW.quarter()));
    }
    let leases = |number| {
        format!(
            "UPDATE OF leased_until ON outbox WHEN OLD.id = X'{}'",
            letter(number)
        )
    };
    office.refuse("damaged", &leases(1), MALFORMED);
    office.refuse("busy", &leases(3), LOCKED);
    let lease = async || {
        let leased = office.worker.lease(Mail::Urgent, 8).await?;
        Ok(leased.iter().map(|letter| letter.id).collect::<Vec<_>>())
    };
    assert!(matches!(lease().await, Ok(ids) if ids == [letter(2)]));
    // Nothing is in hand: why, is told.
    assert!(matches!(
        lease().await,
        Err(WorkerError::Store(StoreError::Busy))
    ));
    office.batch("DROP TRIGGER busy");
    assert!(matches!(lease().await, Ok(ids) if ids == [letter(3)]));
    assert!(matches!(
        lease().await,
        Err(WorkerError::Store(StoreError::Damaged))
    ));
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

/// So many reports of which the first and the last have run out, and those two, by their ids.
fn with_two_run_out(count: usize) -> (Office, ReportId, ReportId) {
    let office = Office::open();
    let key = SigningKey::from_seed(&Seed::random());
    let decided = (0..count).map(|_| {
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
    (office, first, last)
}

#[tokio::test]
async fn a_report_that_cannot_be_read_keeps_no_other_from_being_destroyed() {
    let (office, first, last) = with_two_run_out(300);
    let office = office.with_damage("objects", true);
    let done = office.worker.shred().await;
    assert!(
        matches!(done, Err(WorkerError::Store(StoreError::Damaged))),
        "{done:?}"
    );
    assert!(office.is_there(first));
    assert!(!office.is_there(last));
}

#[tokio::test]
async fn a_report_that_cannot_be_mended_keeps_no_other_from_being_destroyed() {
    let (office, first, last) = with_two_run_out(2);
    let most = i64::MAX;
    office.batch(&format!(
        "UPDATE reports SET version = {most} WHERE id = X'{first}'"
    ));
    assert!(office.worker.shred().await.is_err());
    assert!(office.is_there(first));
    assert!(!office.is_there(last));
}

#[tokio::test]
async fn what_was_begun_to_be_destroyed_is_finished_whatever_keeps_others_from_being_begun() {
    let (office, first, last) = with_two_run_out(2);
    let begins = format!("INSERT ON shreds WHEN NEW.report = X'{last}'");
    office.refuse("busy", &begins, LOCKED);
    let done = office.worker.shred().await;
    assert!(
        matches!(done, Err(WorkerError::Store(StoreError::Busy))),
        "{done:?}"
    );
    assert!(!office.is_there(first));
    assert!(office.is_there(last));
}

#[tokio::test]
async fn a_report_that_cannot_be_emptied_keeps_no_other_from_being_finished() {
    let (office, first, last) = with_two_run_out(2);
    let empties = format!("DELETE ON objects WHEN OLD.report = X'{first}'");
    office.refuse("stuck", &empties, "no");
    assert!(office.worker.shred().await.is_err());
    assert!(office.is_there(first));
    assert!(!office.is_there(last));
}

#[tokio::test]
async fn a_mailbox_that_cannot_be_read_keeps_no_other_from_its_end() {
    let office = Office::open();
    office.reports(300);
    let office = office.with_damage("mailboxes", true);
    office.clock.advance(91 * 24 * HOUR);
    let done = office.worker.expire_mailboxes().await;
    assert!(
        matches!(done, Err(WorkerError::Store(StoreError::Damaged))),
        "{done:?}"
    );
    let now = fixture::confirmed(office.clock.now());
    let left = office.world.read(|conn| mailboxes_over(conn, now)).len();
    assert!((1..150).contains(&left), "{left}");
}

#[tokio::test]
async fn an_export_that_cannot_be_deleted_keeps_no_other() {
    let office = Office::open();
    let (first, last) = office.reports(3);
    office.batch("INSERT INTO exports SELECT id, id, 900, x'00' FROM reports");
    let stuck = format!("DELETE ON exports WHEN OLD.id = X'{first}'");
    office.refuse("stuck", &stuck, MALFORMED);
    assert!(office.worker.expire_exports().await.is_err());
    let left = office
        .world
        .read(|conn| Ok(texts(conn, "SELECT hex(id) FROM exports")));
    assert_eq!(left, [first.to_string().to_uppercase()]);
    assert_ne!(first, last);
}

#[tokio::test]
async fn a_key_whose_change_cannot_be_ordered_keeps_no_other() {
    let office = Office::open();
    let others: Vec<TeamId> = ["A", "Z"]
        .into_iter()
        .map(|name| {
            let id = TeamId::from_bytes(fixture::bytes());
            let team = Team::usual(id, name.to_owned(), TeamKind::Casework);
            office.world.write(|conn| {
                team_insert(conn, &team)?;
                key_insert(conn, &fixture::key_row(id, 1))
            });
            id
        })
        .collect();
    let anna = office.world.caseworker("anna");
    office.batch(&format!(
        "UPDATE staff SET state = 'active';
         INSERT INTO keys SELECT x'{anna}', 'staff', x'{anna}', 1, recipient, verify_key, 'active', from_day FROM keys LIMIT 1"
    ));
    let stuck = format!(
        "INSERT ON rotations WHEN NEW.team = X'{}'",
        office.world.team
    );
    office.refuse("stuck", &stuck, MALFORMED);
    office.clock.advance(400 * 24 * HOUR);
    assert!(office.worker.order_rotations().await.is_err());
    let ordered =
        "SELECT lower(hex(team)) FROM rotations UNION ALL SELECT lower(hex(staff)) FROM renewals";
    let mut ordered = office.world.read(|conn| Ok(texts(conn, ordered)));
    let mut all: Vec<String> = others.iter().map(ToString::to_string).collect();
    all.push(anna.to_string());
    ordered.sort();
    all.sort();
    assert_eq!(ordered, all);
    // It is tried again.
    office.batch("DROP TRIGGER stuck");
    assert_eq!(office.worker.order_rotations().await.unwrap(), 1);
}
