//! Somebody writes to the database and has no credentials: what is cut off the audit log, put into it or put back is named by the
//! running service at its next tick, after a restart, and by `kapea audit verify`.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};
use kapea::domain::audit::AuditEvent;
use kapea::domain::ids::{KeyId, ProposalId, ReportId};
use kapea::seal::audit;
use kapea::seal::keys::Recipient;
use kapea::service::audit_log::{AuditBody, BODY_BYTES};
use kapea::store::{self, Location, Store};

use crate::anchors::acts;
use crate::support::TestApp;
use crate::support::binary::{Installation, program};
use crate::support::eventually;
use crate::support::reporter::Reporter;
use crate::support::sql::{self, count};

const ALARM: &str = "The audit log is not as it was signed";
const TICKS: &str = "audit WHERE class = 'tick'";

/// What is done to a database, beside a copy of it from some time ago.
type Attack = fn(&Path, &Path);

const ATTACKS: [(&str, Attack); 3] = [
    ("cut", |database, _| {
        let last = "DELETE FROM audit WHERE seq > (SELECT max(seq) - 2 FROM audit)";
        sql::open(database).batch_execute(last).unwrap();
    }),
    ("forged", |database, _| forge(database)),
    ("put back", put_back),
];

/// A colleague has fetched an export: whoever reads the code makes every part of the entry but one.
fn forge(database: &Path) {
    let store = Store::open_read_only(Location::Sqlite(database.to_owned())).unwrap();
    let (size, head) = store.blocking(store::audit_head).unwrap().unwrap();
    let rows = store.blocking(|conn| store::audit_list(conn, None, 50));
    let rows = rows.unwrap();
    let row = rows.iter().find(|row| row.body_key.is_some()).unwrap();
    let key: KeyId = row.body_key.unwrap();
    let found = store.blocking(|conn| store::key_find(conn, key)).unwrap();
    let recipient: Recipient = found.recipient.parse().unwrap();
    let dara = store.blocking(|conn| store::staff_by_handle(conn, "dara"));
    let body = AuditBody {
        by: Some(dara.unwrap().unwrap().id),
        event: AuditEvent::ReportExported {
            report: ReportId::from_bytes([1; 16]),
            proposal: ProposalId::from_bytes([2; 16]),
            digits: "12345".to_owned(),
        },
    };
    let mut body = serde_json::to_vec(&body).unwrap();
    body.resize(BODY_BYTES, b' ');
    let sealed = audit::draft(&recipient, &body).unwrap();
    let leaf = audit::leaf(size + 1, row.day, "act", &sealed.commitment, &head);
    let insert = "INSERT INTO audit (seq, day, class, commitment, leaf, mac, body, body_key) \
                  VALUES (?, ?, 'act', ?, ?, randomblob(32), ?, ?)";
    diesel::sql_query(insert)
        .bind::<BigInt, _>(size + 1)
        .bind::<BigInt, _>(row.day.number())
        .bind::<Binary, _>(sealed.commitment.to_vec())
        .bind::<Binary, _>(leaf.to_vec())
        .bind::<Binary, _>(sealed.body.into_bytes())
        .bind::<Binary, _>(key.as_bytes().to_vec())
        .execute(&mut sql::open(database))
        .unwrap();
}

/// Every table as it was.
fn put_back(database: &Path, older: &Path) {
    let mut conn = sql::open(database);
    let attach = format!(
        "PRAGMA foreign_keys = OFF; ATTACH '{}' AS older;",
        older.display()
    );
    conn.batch_execute(&attach).unwrap();
    let tables = sql::texts(
        &mut conn,
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'",
    );
    let triggers = sql::texts(
        &mut conn,
        "SELECT name || '|' || sql FROM main.sqlite_master WHERE type = 'trigger'",
    );
    let split: Vec<(&str, &str)> = triggers
        .iter()
        .filter_map(|one| one.split_once('|'))
        .collect();
    let gone = split
        .iter()
        .map(|(name, _)| format!("DROP TRIGGER {name};"));
    let copied = tables.iter().map(|table| {
        format!("DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM older.{table};")
    });
    let again = split.iter().map(|(_, sql)| format!("{sql};"));
    let all: String = gone.chain(copied).chain(again).collect();
    conn.batch_execute(&format!("BEGIN IMMEDIATE; {all} COMMIT;"))
        .unwrap();
}

fn copy(database: &Path, folder: &Path) -> PathBuf {
    let older = folder.join("older.db");
    let into = format!("VACUUM INTO '{}'", older.display());
    sql::open(database).batch_execute(&into).unwrap();
    older
}

async fn sounds(app: &TestApp) -> bool {
    let auditor = app.sign_in("auditor").await;
    let page = auditor.get("/alarms").await.expect(200);
    page.body().contains(ALARM)
}

/// A service whose log was followed and seen, with acts since.
async fn prepared() -> (TestApp, PathBuf) {
    let app = TestApp::start().await;
    app.clock.advance(300);
    assert!(app.worker.tick().await.unwrap());
    let older = copy(&app.database(), app.folder.path());
    acts(&app).await;
    app.worker.watch().await.unwrap();
    assert!(!sounds(&app).await);
    (app, older)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_running_service_names_it_at_its_next_tick_and_does_not_tick_over_it() {
    for (what, attack) in ATTACKS {
        let (app, older) = prepared().await;
        attack(&app.database(), &older);
        let ticks = count(&app, TICKS);
        app.clock.advance(300);
        assert!(!app.worker.tick().await.unwrap(), "{what}");
        assert!(sounds(&app).await, "{what}");
        app.clock.advance(3_600);
        assert!(!app.worker.tick().await.unwrap(), "{what}: it stays");
        assert_eq!(count(&app, TICKS), ticks, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_writes_meanwhile_does_not_cover_it() {
    for (what, attack) in ATTACKS {
        let (app, older) = prepared().await;
        attack(&app.database(), &older);
        acts(&app).await;
        acts(&app).await;
        app.clock.advance(300);
        assert!(!app.worker.tick().await.unwrap(), "{what}");
        assert!(sounds(&app).await, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_named_after_a_restart_and_an_honest_log_is_not() {
    let (app, _) = prepared().await;
    let app = app.restarted(&[]);
    app.worker.step().await;
    assert!(!sounds(&app).await);
    for (what, attack) in ATTACKS {
        let (app, older) = prepared().await;
        attack(&app.database(), &older);
        let app = app.restarted(&[]);
        app.worker.step().await;
        assert!(sounds(&app).await, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_names_it_and_accepting_a_backup_ends_that() {
    for (what, attack) in ATTACKS {
        let installation = Installation::settled();
        let older = copy(&installation.database(), installation.folder());
        let mut served = installation.serve().await;
        let reporter = Reporter {
            site: served.public(),
            lang: "en",
        };
        reporter
            .file(&[("danger", "over"), ("account", "told")])
            .await;
        served.terminate();
        eventually("it has stopped", || {
            let stopped = (!served.is_running()).then_some(());
            async move { stopped }
        })
        .await;
        let command = |words: &[&str]| {
            let config = installation.config();
            let output = program().args(words).arg("--config").arg(config).output();
            let output = output.unwrap();
            let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            (output.status.success(), text)
        };
        let (good, said) = command(&["audit", "verify"]);
        assert!(good, "{what}: {said}");
        attack(&installation.database(), &older);
        let (good, said) = command(&["audit", "verify"]);
        assert!(
            !good && !said.contains("nothing is wrong"),
            "{what}: {said}"
        );
        // What is in the log and should not be stays named.
        let (good, said) = command(&["witness", "accept", "--yes"]);
        assert!(good, "{what}: {said}");
        let (good, said) = command(&["audit", "verify"]);
        assert_eq!(good, what != "forged", "{what}: {said}");
    }
}
