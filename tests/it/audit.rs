//! The audit log: everything that is done to it in the database is named, and auditors see who did what.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use kapea::domain::audit::AuditEvent;
use kapea::service::trail::{Finding, VerifiedLog, verify, verify_bodies};
use kapea::store::{Store, StoreError};

use crate::support::TestApp;
use crate::support::binary::{Installation, program};

/// A log of several hours that the witness has seen.
async fn hours() -> TestApp {
    let app = TestApp::start().await;
    for _ in 0..3 {
        app.reporter("en")
            .file(&[("danger", "over"), ("account", "told")])
            .await;
        let sokha = app.sign_in("sokha").await;
        let report = sokha.queue("").await.remove(0);
        sokha.read(&report).await.expect(200);
        app.clock.advance(3_600);
        assert!(app.worker.tick().await.unwrap());
        assert!(!app.worker.tick().await.unwrap(), "every five minutes");
    }
    app.worker.watch().await.unwrap();
    app
}

fn copy(app: &TestApp, name: &str) -> PathBuf {
    let path = app.folder.path().join(name);
    let mut conn = crate::support::sql::open(app.database());
    conn.batch_execute(&format!("VACUUM INTO '{}'", path.display()))
        .unwrap();
    path
}

fn run(path: &Path, sql: &str) {
    let mut conn = crate::support::sql::open(path);
    conn.batch_execute(sql).unwrap();
}

fn looked_through(app: &TestApp, path: &Path, given: &[String]) -> Result<VerifiedLog, Finding> {
    let store = Store::open_path(path).unwrap();
    let (audit_log, keys) = (app.beside().audit_log, app.audit_keys());
    // Without an auditor's keys first, then with them.
    store
        .blocking(|conn| verify(conn, &audit_log, given))
        .unwrap()?;
    let looked = store.blocking(|conn| verify_bodies(conn, &audit_log, &keys));
    looked.unwrap().map(|_| ())?;
    let looked = store.blocking(|conn| verify(conn, &audit_log, given));
    looked.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_done_to_the_log_is_named() {
    let app = hours().await;
    let whole = looked_through(&app, &copy(&app, "whole.db"), &[]).unwrap();
    let size = whole.size;
    assert!(size > 20 && whole.compared == 1, "{whole:?}");
    let exchange = |column: &str| {
        format!(
            "CREATE TEMP TABLE kept AS SELECT seq, {column} AS v FROM audit WHERE seq IN (5, 6);
             UPDATE audit SET {column} = (SELECT v FROM kept WHERE kept.seq = 11 - audit.seq) WHERE seq IN (5, 6)"
        )
    };
    let cases = [
        ("day", "UPDATE audit SET day = day + 1 WHERE seq = 5".to_owned(), Finding::Changed(5)),
        ("class", "UPDATE audit SET class = 'tick' WHERE seq = 5".to_owned(), Finding::Changed(5)),
        ("commitment", "UPDATE audit SET commitment = randomblob(32) WHERE seq = 5".to_owned(), Finding::Changed(5)),
        ("leaf", "UPDATE audit SET leaf = randomblob(32) WHERE seq = 5".to_owned(), Finding::Changed(5)),
        ("body exchanged", exchange("body"), Finding::Body(5)),
        ("body removed", "UPDATE audit SET body = NULL WHERE seq = 5".to_owned(), Finding::Body(5)),
        ("body damaged", "UPDATE audit SET body = X'00' WHERE seq = 5".to_owned(), Finding::Body(5)),
        ("deleted", "DELETE FROM audit WHERE seq = 5".to_owned(), Finding::Missing(5)),
        ("first deleted", "DELETE FROM audit WHERE seq = 1".to_owned(), Finding::Missing(1)),
        (
            "reordered",
            "UPDATE audit SET seq = -5 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 6; UPDATE audit SET seq = 6 WHERE seq = -5".to_owned(),
            Finding::Changed(5),
        ),
        (
            "cut off",
            format!("DELETE FROM audit WHERE seq > {}", size - 3),
            Finding::Truncated { ends: size - 3, signed: size },
        ),
        (
            "made without the credentials",
            "UPDATE audit SET mac = randomblob(32) WHERE seq = 5".to_owned(),
            Finding::Forged(5),
        ),
    ];
    for (number, (what, sql, finding)) in cases.into_iter().enumerate() {
        let path = copy(&app, &format!("case-{number}.db"));
        run(&path, &sql);
        assert_eq!(looked_through(&app, &path, &[]), Err(finding), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_written_anew_or_put_back_does_not_fit_the_heads_that_were_kept() {
    let app = hours().await;
    let old = copy(&app, "old.db");
    let cut = looked_through(&app, &old, &[]).unwrap().size;
    app.sign_in("dara").await;
    app.clock.advance(3_600);
    app.worker.tick().await.unwrap();
    app.worker.watch().await.unwrap();
    let audit_log = app.audit_log();
    let kept = app.store.blocking(|conn| audit_log.signed_head(conn));
    let (given, signed) = ([kept.unwrap()], app.trail(0).len().try_into().unwrap());
    let finding = Finding::Truncated { ends: cut, signed };
    assert_eq!(looked_through(&app, &old, &[]), Err(finding), "an old copy");
    let alone = |given: &[String]| {
        let store = Store::open_path(&old).unwrap();
        store
            .blocking(|conn| verify(conn, &audit_log, given))
            .unwrap()
    };
    assert!(alone(&[]).is_ok(), "the database alone cannot know");
    assert_eq!(alone(&given), Err(finding), "beside a signed head");

    // Somebody with the credentials writes another end, as long as the true one.
    let store = Store::open_path(&old).unwrap();
    for _ in cut..signed {
        store
            .blocking_write(|conn| -> Result<_, StoreError> {
                audit_log.record_in_txn(conn, app.clock.today(), None, AuditEvent::SignedIn {})
            })
            .unwrap();
    }
    assert!(alone(&[]).is_ok());
    assert_eq!(alone(&given), Err(Finding::Forked(signed)));
    assert_eq!(
        looked_through(&app, &old, &[]),
        Err(Finding::Forked(signed))
    );
    let forged = [given[0].replace("kapea/audit\n", "kapea/audit\n1")];
    assert_eq!(alone(&forged), Err(Finding::Reloadable(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_names_what_is_wrong_and_prints_the_head() {
    let installation = Installation::settled();
    let command = |words: &[&str]| {
        let output = program()
            .arg("audit")
            .args(words)
            .arg("--config")
            .arg(installation.config())
            .output()
            .unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.success(), text)
    };
    let (good, said) = command(&["verify"]);
    assert!(good && said.contains("nothing is wrong"), "{said}");
    let (good, head) = command(&["head"]);
    assert!(good && head.starts_with("kapea/audit\n"), "{head}");
    let anchors = installation.folder.path().join("anchors.mbox");
    std::fs::write(&anchors, format!("From somebody\n\n{head}\n")).unwrap();
    let anchors = anchors.to_str().unwrap();
    let (good, said) = command(&["verify", "--anchors", anchors]);
    assert!(good, "{said}");
    run(&installation.database(), "DELETE FROM audit WHERE seq = 3");
    let (good, said) = command(&["verify"]);
    assert!(!good && said.contains("entry 3 is missing"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn auditors_find_who_read_what_and_administrators_do_not() {
    let app = TestApp::start().await;
    app.reporter("en")
        .file(&[("danger", "over"), ("account", "told")])
        .await;
    let dara = app.sign_in("dara").await;
    let report = dara.queue("").await.remove(0);
    dara.read(&report).await.expect(200);
    let auditor = app.sign_in("auditor").await;
    let found = auditor.get("/audit?event=report-read").await.expect(200);
    found.says("dara").says(&report);
    for (query, is_there) in [
        ("?who=dara", true),
        ("?who=sokha", false),
        ("?who=dara&event=report-read", true),
        ("?who=auditor&event=report-read", false),
        (&format!("?report={report}"), true),
        ("?report=none", false),
    ] {
        let page = auditor.get(&format!("/audit{query}")).await.expect(200);
        assert_eq!(
            page.body()
                .contains(&format!("<td><code>{report}</code></td>")),
            is_there,
            "{query}"
        );
    }
    let admin = app.sign_in("admin").await;
    let page = admin.get("/audit?who=dara").await.expect(200);
    page.says("tick")
        .says_nothing_of("report-read")
        .says_nothing_of("dara")
        .says_nothing_of(&report);
    let reads = app
        .trail(0)
        .into_iter()
        .filter(|told| told.event.name() == "trail-read");
    assert_eq!(reads.count(), 8, "reading the trail is in the trail");
}
