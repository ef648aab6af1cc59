//! Tampering with the records of who may receive is told to those who must look into it, and to nobody who need not know.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use kapea::domain::audit::{AuditEvent, ReportPart};

use crate::support::staff::{Person, Session};
use crate::support::{TestApp, eventually};
use crate::swap::{CHAIN, CHAIN_TABLES, put_back, save};

const LIST: (&str, &str) = ("mail", "alarm = [\"alarm@outside.example\"]");
const CHAIN_BROKEN: &str = "Somebody has changed who receives reports";
const TEAM_BROKEN: &str = "The records of a team's keys have been changed";
const UNVOUCHED: &str = "Nobody vouched for a member";
const SET_ASIDE: &str = "A report could not be taken along to the new key";

async fn told(app: &TestApp) -> bool {
    app.later(60).await;
    let mailed = app.mailed();
    mailed.iter().any(|to| to == "alarm@outside.example")
}

/// Marks everything that is on the page.
async fn see_all(session: &Session) {
    let page = session.get("/alarms").await.expect(200);
    for form in page.forms_to("/alarms/see") {
        let done = session.post_fields("/alarms/see", &form.fields).await;
        done.expect(303);
    }
    let page = session.get("/alarms").await.expect(200);
    page.says("Nothing is open").says_nothing_of("Open alarms");
}

fn run(app: &TestApp, sql: &str) {
    let mut conn = crate::support::sql::open(app.database());
    conn.batch_execute(&format!(
        "PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = OFF; {sql}"
    ))
    .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn order(admin: &Session) {
    let page = admin.get("/keys").await.expect(200);
    let form = page.form_to("/keys/rotate");
    let done = admin.post_fields("/keys/rotate", &form.fields).await;
    done.expect(303);
}

/// Until what a page does behind its answer is done.
async fn shows(session: &Session, words: &str) {
    eventually(words, || async {
        let page = session.get("/alarms").await;
        (page.status == 200 && page.text().contains(words)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_slip_in_a_key_is_told_to_auditors_and_custodians_by_page_and_mail() {
    let app = TestApp::start_with(&[LIST]).await;
    let auditor = app.sign_in("auditor").await;
    let custodian = app.sign_in("custodian").await;
    let reporter = app.reporter("en");
    reporter
        .file(&[("danger", "over"), ("account", "while all was well")])
        .await;
    app.later(1).await;
    let mut database = save(&app);
    for (number, (what, sql)) in CHAIN.iter().enumerate() {
        app.mailed();
        database
            .batch_execute(sql)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        // Every other time no report comes in, and the worker finds it.
        if number % 2 == 0 {
            let page = reporter
                .send(&[("danger", "over"), ("account", what)])
                .await;
            assert_eq!(page.status, 200, "{what}: {}", page.text());
        }
        assert!(told(&app).await, "{what}: no mail");
        for session in [&auditor, &custodian] {
            let page = session.get("/alarms").await.expect(200);
            assert!(page.text().contains(CHAIN_BROKEN), "{what}");
            page.says("main").says("Open alarms");
            let elsewhere = session.get("/account").await.expect(200);
            elsewhere.says("Open alarms");
        }
        assert!(!told(&app).await, "{what}: one open alarm is told of once");
        put_back(&mut database, CHAIN_TABLES);
        app.later(60).await;
        see_all(if number % 3 == 0 {
            &custodian
        } else {
            &auditor
        })
        .await;
    }
    let trail = app.trail(0);
    let count = |class: &str| {
        trail
            .iter()
            .filter(|told| told.event.name() == class)
            .count()
    };
    assert!(count("alarm-raised") >= CHAIN.len());
    assert_eq!(count("alarm-raised"), count("alarm-seen"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_looked_into_and_stays_comes_back_the_next_day() {
    let app = TestApp::start_with(&[LIST]).await;
    let auditor = app.sign_in("auditor").await;
    app.later(1).await;
    run(
        &app,
        "UPDATE statements SET signed = randomblob(length(signed))",
    );
    assert!(told(&app).await);
    see_all(&auditor).await;
    assert!(!told(&app).await);
    app.later(86_400).await;
    let auditor = app.sign_in("auditor").await;
    auditor.get("/alarms").await.expect(200).says(CHAIN_BROKEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_chain_is_told_of_and_reports_go_on_to_the_last_good_key() {
    let app = TestApp::start().await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    order(&admin).await;
    let mut database = save(&app);
    eventually("a new generation", || async {
        sokha.get("/queue").await.expect(200);
        app.reporter("en")
            .file(&[("danger", "over"), ("account", "told")])
            .await;
        let count: i64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(
            "(SELECT count(*) FROM keys WHERE generation = 2 AND state = 'active')",
        ))
        .get_result(&mut crate::support::sql::open(app.database()))
        .unwrap();
        (count == 1).then_some(())
    })
    .await;
    app.reporter("en")
        .file(&[("danger", "over"), ("account", "told")])
        .await;
    run(
        &app,
        "CREATE TABLE cut AS SELECT * FROM statements WHERE sequence > 1; DELETE FROM statements WHERE sequence > 1",
    );
    app.reporter("en")
        .file(&[("danger", "over"), ("account", "to the last good key")])
        .await;
    let auditor = app.sign_in("auditor").await;
    auditor.get("/alarms").await.expect(200).says(CHAIN_BROKEN);
    run(
        &app,
        "INSERT INTO statements SELECT * FROM cut; DROP TABLE cut",
    );
    let mut pages = Vec::new();
    for report in sokha.whole_queue().await {
        pages.push(sokha.read(&report).await.expect(200).text());
    }
    assert!(
        pages
            .iter()
            .any(|page| page.contains("to the last good key"))
    );
    drop(database.batch_execute("DETACH saved"));
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_hear_of_their_own_team_and_members_are_warned() {
    let (app, bopha) = TestApp::with_another_team().await;
    run(
        &app,
        "UPDATE statements SET signed = randomblob(300) WHERE ledger = (SELECT id FROM teams WHERE name = 'Hotline')",
    );
    // No report and no worker: signing in is enough.
    let (dara, sokha) = (app.sign_in("dara").await, app.sign_in("sokha").await);
    let page = sokha.get("/alarms").await.expect(200);
    page.says(TEAM_BROKEN)
        .says("Hotline")
        .says_nothing_of("I have looked into it");
    sokha.get("/queue").await.expect(200).says("Open alarms");
    dara.get("/alarms").await.expect(404);
    let warned = dara.get("/team").await.expect(200);
    warned.says("The records of your team's keys do not verify");
    let page = bopha.get("/alarms").await.expect(200);
    page.says("Nothing is open").says_nothing_of("Open alarms");
    let page = app.sign_in("admin").await.get("/status").await.expect(200);
    page.says_nothing_of("Open alarms");
    let form = [("alarm", "00000000000000000000000000000000")];
    sokha.post("/alarms/see", &form).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_change_of_keys_stumbles_over_is_told_to_the_lead() {
    let app = TestApp::start().await;
    app.reporter("en")
        .file(&[("danger", "over"), ("account", "told")])
        .await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    run(
        &app,
        "UPDATE keys SET recipient = (SELECT recipient FROM keys WHERE kind = 'team' LIMIT 1) WHERE kind = 'staff' AND owner = \
         (SELECT id FROM staff WHERE handle = 'dara'); UPDATE grants SET sealed = randomblob(200)",
    );
    order(&admin).await;
    shows(&sokha, UNVOUCHED).await;
    shows(&sokha, SET_ASIDE).await;
    run(
        &app,
        "UPDATE statements SET signed = randomblob(300) WHERE sequence = 1",
    );
    app.later(60).await;
    shows(&sokha, TEAM_BROKEN).await;
    app.leaves_undone("nobody changes a key whose signature is spoiled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrap_that_opens_nothing_is_told_of() {
    let app = TestApp::start().await;
    let sokha = app.sign_in("sokha").await;
    run(&app, "UPDATE wraps SET sealed = randomblob(300)");
    sokha.get("/queue").await;
    sokha.get("/alarms").await.expect(200).says(TEAM_BROKEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_an_administrator_makes_silences_nothing() {
    let app = TestApp::start().await;
    let (admin, auditor) = (app.sign_in("admin").await, app.sign_in("auditor").await);
    run(
        &app,
        "UPDATE statements SET signed = randomblob(length(signed)) WHERE ledger NOT IN (SELECT id FROM teams)",
    );
    app.later(60).await;
    let page = auditor.get("/alarms").await.expect(200);
    page.says(CHAIN_BROKEN);
    let form = page.form_to("/alarms/see");
    let mut made = Vec::new();
    for role in ["auditor", "custodian"] {
        let token = admin.invite(&format!("my-{role}"), role, None, false).await;
        let person = Person::join(&app.staff, &app.clock, &token, None).await;
        let session = person.sign_in(&app.staff, &app.clock).await;
        session.get("/alarms").await.expect(404);
        let alarm = form.value("alarm").unwrap();
        let pairs = [("alarm", alarm)];
        session.post("/alarms/see", &pairs).await.expect(404);
        made.push(session);
    }
    let page = auditor.get("/alarms").await.expect(200);
    page.says(CHAIN_BROKEN);
    // One whom the auditors have let in is one of them.
    assert_eq!(auditor.admit_all(&app.clock).await, 1);
    made[0].get("/alarms").await.expect(200).says(CHAIN_BROKEN);
}

#[test]
fn a_cut_id_is_refused_by_the_tables() {
    crate::support::app::apart(|| async {
        let app = TestApp::start().await;
        let mut conn = crate::support::sql::open(app.database());
        conn.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = OFF")
            .unwrap();
        for (table, column) in [
            ("channels", "team"),
            ("memberships", "team"),
            ("memberships", "staff"),
            ("memberships", "signer"),
            ("wraps", "parent"),
            ("wraps", "child"),
        ] {
            let cut =
                format!("UPDATE {table} SET {column} = CAST(substr({column}, 1, 15) AS BLOB)");
            assert!(conn.batch_execute(&cut).is_err(), "{cut}");
        }
    });
}

/// The log says that something is wrong; which report it is, auditors alone read.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_does_not_open_is_told_to_auditors_and_not_to_the_log() {
    let app = TestApp::start().await;
    for account in ["one", "two"] {
        app.reporter("en")
            .file(&[("danger", "over"), ("account", account)])
            .await;
    }
    let dara = app.sign_in("dara").await;
    let report = dara.queue("").await.remove(0);
    let id: kapea::domain::ids::ReportId = report.parse().unwrap();
    let auditor = app.sign_in("auditor").await;
    let words = "A report does not open as it was sealed";
    auditor
        .get("/alarms")
        .await
        .expect(200)
        .says_nothing_of(words);
    dara.read(&report).await.expect(200);
    let before = app.trail(0).len();
    let objects = app
        .store
        .blocking(|conn| kapea::store::objects_of_report(conn, id))
        .unwrap();
    let row = app
        .store
        .blocking(|conn| kapea::store::report_by_id(conn, id))
        .unwrap();
    let part = objects.iter().find(|object| object.id != row.card).unwrap();
    let sql = |what: &str, object: kapea::domain::ids::ObjectId| {
        let hex: String = object
            .as_bytes()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        crate::anchors::run(
            &app.database(),
            &format!("UPDATE objects SET sealed = CAST({what} AS BLOB) WHERE id = x'{hex}'"),
        );
    };
    sql(
        "substr(sealed, 1, length(sealed) - 1) || CASE substr(sealed, -1) WHEN X'00' THEN X'01' ELSE X'00' END",
        part.id,
    );
    dara.read(&report).await;
    dara.read(&report).await;
    auditor.get("/alarms").await.expect(200).says(words);
    sql(
        "substr(sealed, 1, length(sealed) - 1) || CASE substr(sealed, -1) WHEN X'00' THEN X'01' ELSE X'00' END",
        row.card,
    );
    dara.read(&report).await;
    let told = app.trail(i64::try_from(before).unwrap());
    let parts: Vec<_> = told
        .iter()
        .filter_map(|told| match told.event {
            AuditEvent::ReportNotOpened {
                report,
                part,
                count,
            } if report == id => Some((part, count)),
            _ => None,
        })
        .collect();
    let [contents, card] = [(ReportPart::Contents, 1), (ReportPart::Card, 1)];
    assert_eq!(parts, [contents, contents, card]);
}
