//! An earlier root proves what was made in its time, and nothing that is put into the database later.

use data_encoding::HEXLOWER;
use kapea::domain::audit::AuditEvent;
use kapea::domain::clock::Day;
use kapea::domain::ids::ReportId;
use kapea::seal::audit::{NO_BODY, leaf, mac};
use kapea::service::trail::{Finding, verify};
use kapea::store::{self, StoreError};

use super::{DAY, read, rotate, write};
use crate::states::{mended, scene};
use crate::support::TestApp;
use crate::support::sql::{blobs, connect, count, number, run, text};

fn found(app: &TestApp) -> Option<Finding> {
    let audit_log = app.audit_log();
    let outcome: Result<Result<_, Finding>, StoreError> =
        app.store.blocking(|conn| verify(conn, &audit_log, &[]));
    outcome.unwrap().err()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_root_proves_no_row_once_all_are_proven_anew() {
    let (app, dara, report) = scene().await;
    let proof = |app: &TestApp| text(app, "hex(proof)", "reports");
    let old = proof(&app);
    let put_back = format!("UPDATE reports SET proof = x'{old}'");
    rotate(&app).await;
    // For as long as another server may not have taken it up, both count.
    for _ in 0..2 {
        app.worker.step().await;
        assert_ne!(proof(&app), old, "proven anew");
        run(&app, &put_back);
    }
    app.later(2 * DAY).await;
    assert_ne!(proof(&app), old, "proven anew");
    assert_eq!(mended(&app), 0);
    run(&app, &put_back);
    app.worker.step().await;
    assert_eq!(mended(&app), 1);
    // What is remembered outside the database holds after a start as well.
    let newest = proof(&app);
    let app = app.restart();
    run(&app, &format!("UPDATE reports SET proof = x'{old}'"));
    app.worker.step().await;
    assert_eq!(mended(&app), 2);
    assert_ne!(proof(&app), newest);
    drop((dara, report));
}

/// The newest entry again, as somebody has made it who has only the first root.
fn exchange(app: &TestApp, old: &kapea::seal::MacKeys) {
    let newest = "SELECT leaf FROM audit ORDER BY seq DESC LIMIT 1";
    let leaf: [u8; 32] = blobs(&mut connect(app), newest)[0]
        .clone()
        .try_into()
        .unwrap();
    let mac = HEXLOWER.encode(&mac(old, &leaf));
    run(
        app,
        &format!("UPDATE audit SET mac = x'{mac}' WHERE seq = (SELECT max(seq) FROM audit)"),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_root_writes_no_entry_after_its_time() {
    let app = TestApp::start().await;
    let (old, made) = (read(&app).log_keys(), app.clock.today());
    rotate(&app).await;
    exchange(&app, &old);
    assert_eq!(found(&app), None, "of the day of the change");
    app.later(2 * DAY).await;
    assert_eq!(found(&app), None, "what is of its time stays");
    let size = number(&mut connect(&app), "audit");
    // An entry that says it is of that day, put at the end.
    let end = blobs(
        &mut connect(&app),
        "SELECT leaf FROM audit ORDER BY seq DESC LIMIT 1",
    );
    let end: [u8; 32] = end[0].clone().try_into().unwrap();
    let add = |day: Day| {
        let leaf = leaf(size + 1, day, "tick", &NO_BODY, &end);
        let [none, leaf_hex, mac] =
            [NO_BODY, leaf, mac(&old, &leaf)].map(|bytes| HEXLOWER.encode(&bytes));
        let day = day.number();
        run(
            &app,
            &format!(
                "INSERT INTO audit (seq, day, class, commitment, leaf, mac) VALUES ({}, {day}, 'tick', x'{none}', x'{leaf_hex}', x'{mac}')",
                size + 1
            ),
        );
    };
    for day in [made, app.clock.today()] {
        add(day);
        assert_eq!(found(&app), Some(Finding::Forged(size + 1)), "{day}");
        run(&app, &format!("DELETE FROM audit WHERE seq > {size}"));
    }
    exchange(&app, &old);
    assert_eq!(found(&app), Some(Finding::Forged(size)));
    assert_eq!(count(&app, "audit"), size);
}

/// A server that has not read the new file yet takes for forged what another has written: it mends nothing until it has.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_behind_mends_nothing_of_one_that_is_not() {
    let (app, _dara, _report) = scene().await;
    let mut credentials = read(&app);
    credentials.rotate(app.clock.today());
    write(&app, &credentials.to_text());
    let ahead = app.beside();
    let written: Result<(), StoreError> = ahead.blocking_write(|txn| {
        for report in store::report_ids_from(txn, ReportId::default(), 10)?.0 {
            store::report_prove_anew(txn, report)?;
        }
        txn.record(None, AuditEvent::Tick {})
    });
    written.unwrap();
    let proof = text(&app, "hex(proof)", "reports");
    let steps = || async {
        app.clock.advance(600);
        for _ in 0..2 {
            app.worker.step().await;
        }
        assert_eq!(text(&app, "hex(proof)", "reports"), proof);
        assert_eq!((mended(&app), count(&app, "alarms")), (0, 0));
    };
    steps().await;
    assert_eq!(app.reload(&[]).await, Ok(vec!["credentials".to_owned()]));
    steps().await;
    assert_eq!(found(&app), None);
}
