//! Whoever keeps the daily mails finds out what was done to the audit log, with nothing else in hand.

use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use diesel::connection::SimpleConnection as _;
use kapea::domain::audit::AuditEvent;
use kapea::domain::mail_fault::MailFailure;
use kapea::mail::unpack::unpack;
use kapea::seal::anchor::check::{AnchorFinding, Checked, check};
use kapea::seal::anchor::{Anchor, Damaged, find_all};
use kapea::service::anchor::{compare, lost_ledger, make_in_txn};
use kapea::service::audit_log::AuditLog;
use kapea::service::trail::{Finding, verify};
use kapea::service::txn::Txn;
use kapea::store::{Store, StoreError};

use crate::support::TestApp;
use crate::support::binary::{Installation, program};
use crate::support::sql::{connect, texts};

const DAY: i64 = 86_400;
pub(crate) const KEEPERS: (&str, &str) = (
    "audit",
    "anchor_addresses = [\"one@outside.example\", \"two@elsewhere.example\"]",
);

/// What the keepers got since the last look, as it lies in a mailbox file.
pub(crate) fn mails(app: &TestApp) -> Vec<Vec<u8>> {
    let mut mails = app.mail.take();
    mails.retain(|mail| {
        mail.to().as_str().contains("side.example") || mail.to().as_str().contains("else")
    });
    mails
        .into_iter()
        .map(|mail| mail.bytes().to_vec())
        .collect()
}

pub(crate) fn anchors(mails: &[Vec<u8>]) -> Vec<Result<Anchor, Damaged>> {
    find_all(&unpack(&mails.concat()))
}

pub(crate) fn looked(app: &TestApp, mails: &[Vec<u8>]) -> Result<Checked, AnchorFinding> {
    check(&anchors(mails), &[app.audit_log().verify_key()])
}

pub(crate) async fn acts(app: &TestApp) {
    app.reporter("en")
        .file(&[("danger", "over"), ("account", "told")])
        .await;
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.read(&report).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_keeper_gets_one_a_day_and_they_look_the_same_whatever_happened() {
    let app = TestApp::start_with(&[KEEPERS]).await;
    let mut kept = Vec::new();
    let mut looks = Vec::new();
    for day in 0..4 {
        for _ in 0..day {
            acts(&app).await;
        }
        app.later(if day == 0 { 1 } else { DAY }).await;
        app.worker.step().await;
        let mails = mails(&app);
        assert_eq!(mails.len(), 2, "day {day}");
        for mail in &mails {
            let text = String::from_utf8(mail.clone()).unwrap();
            let varies = ["Date: ", "To: ", "Message-ID: "];
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let head: Vec<String> = head
                .split("\r\n")
                .filter(|line| !varies.iter().any(|name| line.starts_with(name)))
                .map(str::to_owned)
                .collect();
            looks.push((head, body.len()));
        }
        kept.push(mails[0].clone());
    }
    looks.dedup();
    assert_eq!(looks.len(), 1, "{looks:?}");
    let checked = looked(&app, &kept).unwrap();
    assert_eq!(checked.anchors, 4);
    assert_eq!(checked.entries.len() % 64, 0, "counts are rounded up");
    assert_eq!(i64::try_from(checked.entries.len()), Ok(checked.covered));
    let agrees = app.store.blocking(|conn| compare(conn, &checked)).unwrap();
    assert_eq!(agrees, None);
    // A digest may come to any four letters.
    let mut said = unpack(&kept.concat());
    let anchors = anchors(&kept).into_iter().map(Result::unwrap);
    let before: Vec<[u8; 32]> = anchors.map(|anchor| anchor.before).collect();
    let entries = checked.entries.values();
    let digests = entries.flat_map(|entry| [entry.commitment, entry.leaf]);
    for digest in digests.chain(before) {
        said = said.replace(&BASE64.encode(&digest), "");
    }
    for told in ["sokha", "report-read", "Hotline", "dara"] {
        assert!(!said.contains(told), "{told}");
    }
    // What fills the days up is not in the auditors' way.
    let auditor = app.sign_in("auditor").await;
    let page = auditor.get("/audit").await.expect(200);
    page.says("report-read").says_nothing_of(">blank<");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_down_for_a_day_gets_the_same_words() {
    let app = TestApp::start_with(&[KEEPERS]).await;
    app.mail.fail_with(Some(MailFailure::unreachable()));
    app.later(1).await;
    assert!(mails(&app).is_empty());
    for _ in 0..24 {
        app.later(3_600).await;
    }
    let waiting = letters(&app);
    assert_eq!(waiting.len(), 4, "two days, two keepers");
    app.mail.fail_with(None);
    for _ in 0..12 {
        app.later(3_600).await;
    }
    let mails = mails(&app);
    assert_eq!(mails.len(), 4);
    let said = unpack(&mails.concat()).replace('\r', "");
    assert!(waiting.iter().all(|letter| said.contains(letter)));
    assert!(looked(&app, &mails).is_ok());
    assert!(letters(&app).is_empty(), "nothing stays");
}

fn letters(app: &TestApp) -> Vec<String> {
    let query = "SELECT letter FROM outbox WHERE letter IS NOT NULL";
    texts(&mut connect(app), query)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_goes_out_with_the_following_mails() {
    let app = TestApp::start_with(&[KEEPERS]).await;
    record(&app.store, &app.audit_log(), 1_500);
    let mut kept = Vec::new();
    for day in 0..3 {
        app.later(if day == 0 { 1 } else { DAY }).await;
        kept.extend(mails(&app));
        let checked = looked(&app, &kept).unwrap();
        assert_eq!(checked.covered == 0, day == 0, "the first is full");
    }
    let checked = looked(&app, &kept).unwrap();
    assert!(checked.entries.len() > 1_500);
    assert_eq!(i64::try_from(checked.entries.len()), Ok(checked.covered));
}

/// Entries that are written as the service would, by whoever has the credential.
pub(crate) fn record(store: &Store, audit_log: &AuditLog, count: usize) {
    store
        .blocking_write(|conn| -> Result<_, StoreError> {
            for _ in 0..count {
                audit_log.record_in_txn(
                    conn,
                    kapea::domain::clock::Day::from_number(20_780),
                    None,
                    AuditEvent::SignedIn {},
                )?;
            }
            Ok(())
        })
        .unwrap();
}

pub(crate) fn run(path: &Path, sql: &str) {
    let mut conn = crate::support::sql::open(path);
    conn.batch_execute(sql)
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_back_up_that_is_put_back_is_named() {
    let app = TestApp::start_with(&[KEEPERS]).await;
    acts(&app).await;
    app.later(DAY).await;
    let mut kept = mails(&app);
    let old = app.folder.path().join("old.db");
    let mut conn = crate::support::sql::open(app.database());
    conn.batch_execute(&format!("VACUUM INTO '{}'", old.display()))
        .unwrap();
    let ends = looked(&app, &kept).unwrap().covered;
    acts(&app).await;
    app.later(DAY).await;
    kept.extend(mails(&app));
    let whole = looked(&app, &kept).unwrap();
    let (store, audit_log) = (Store::open_path(&old).unwrap(), app.audit_log());
    // By itself it is a log like any other.
    let alone = store.blocking(|conn| verify(conn, &audit_log, &[]));
    assert!(alone.unwrap().is_ok());
    let beside = store.blocking(|conn| compare(conn, &whole)).unwrap();
    assert!(matches!(beside, Some(Finding::Truncated { signed, .. }) if signed == whole.covered));
    // And its next mail gives it away.
    let today = app.clock.today().plus(1);
    let next = store.blocking_write(|conn| {
        make_in_txn(&mut Txn::new(&audit_log, conn.reborrow(), today.start()))
    });
    let mut found = anchors(&kept);
    found.extend(find_all(&next.unwrap()));
    let finding = check(&found, &[audit_log.verify_key()]).unwrap_err();
    let AnchorFinding::Forked(entry) = finding else {
        panic!("{finding:?}");
    };
    assert!(entry > ends && entry < whole.covered, "{entry}");
    // Those who look after the server hear of it too when the log is not what was mailed.
    let authority = app.beside().authority;
    let lost = |path: &Path| {
        let store = Store::open_path(path).unwrap();
        store.blocking(|conn| lost_ledger(conn, &authority, &whole))
    };
    assert_eq!(lost(&app.database()).unwrap(), None);
    run(
        &old,
        "DELETE FROM statements WHERE sequence > 1 AND ledger = (SELECT id FROM teams WHERE kind = 'casework')",
    );
    assert!(lost(&old).unwrap().is_some());
    run(&old, "DELETE FROM audit WHERE seq > 3");
    store
        .blocking_write(|conn| {
            make_in_txn(&mut Txn::new(&audit_log, conn.reborrow(), today.start()))
        })
        .unwrap();
    let alarms = store.blocking(kapea::store::alarms_open).unwrap();
    assert!(
        alarms
            .iter()
            .any(|alarm| alarm.kind.as_str() == "audit-broken")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_looks_through_its_own_log_once_a_day() {
    let app = TestApp::start().await;
    app.later(DAY).await;
    let auditor = app.sign_in("auditor").await;
    let words = "The audit log is not as it was signed";
    auditor
        .get("/alarms")
        .await
        .expect(200)
        .says_nothing_of(words);
    run(
        &app.database(),
        "UPDATE audit SET day = day - 1 WHERE seq = 4",
    );
    app.later(DAY).await;
    let auditor = app.sign_in("auditor").await;
    auditor
        .get("/alarms")
        .await
        .expect(200)
        .says(words)
        .says("4");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_needs_the_mails_and_the_key_alone() {
    let installation = Installation::settled();
    installation.set(&[KEEPERS, ("audit", "anchor_hour_utc = 0")]);
    let served = installation.serve().await;
    let mails = installation.folder.path().join("mail");
    let anchors = crate::support::eventually("the anchors go out", || {
        let files: Vec<PathBuf> = std::fs::read_dir(&mails)
            .map(|folder| folder.map(|entry| entry.unwrap().path()).collect())
            .unwrap_or_default();
        let anchors: Vec<PathBuf> = files
            .into_iter()
            .filter(|path| path.extension().is_some_and(|kind| kind == "eml"))
            .filter(|path| std::fs::metadata(path).unwrap().len() > 100_000)
            .collect();
        async move { (anchors.len() == 2).then_some(anchors) }
    })
    .await;
    drop(served);
    let mbox = installation.folder.path().join("kept.mbox");
    let text: Vec<String> = anchors
        .iter()
        .map(|path| format!("From MAILER\n{}\n", std::fs::read_to_string(path).unwrap()))
        .collect();
    std::fs::write(&mbox, text.concat()).unwrap();
    let audit = |words: &[&str]| {
        let output = program().arg("audit").args(words).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.success(), text)
    };
    let config = installation.config();
    let (config, mbox) = (config.to_str().unwrap(), mbox.to_str().unwrap());
    let (good, key) = audit(&["key", "--config", config]);
    assert!(good, "{key}");
    let key = key.trim();
    let (good, said) = audit(&["verify-anchors", mbox, "--key", key]);
    assert!(
        good && said.contains("1 anchors, nothing is wrong"),
        "{said}"
    );
    let with = ["verify-anchors", mbox, "--key", key, "--config", config];
    let (good, said) = audit(&with);
    assert!(good && said.contains("the running log"), "{said}");
    let (good, said) = audit(&["verify", "--config", config, "--anchors", mbox]);
    assert!(good, "{said}");
    let other = "A".repeat(43);
    let (good, said) = audit(&["verify-anchors", mbox, "--key", &other]);
    assert!(
        !good && said.contains("not signed by the given key"),
        "{said}"
    );
    let (good, said) = audit(&["verify-anchors", config, "--key", key]);
    assert!(!good && said.contains("there is no anchor"), "{said}");
    run(
        &installation.database(),
        "UPDATE audit SET day = 1 WHERE seq = 3",
    );
    let (good, said) = audit(&with);
    assert!(!good && said.contains("entry 3 was changed"), "{said}");
}
