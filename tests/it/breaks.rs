//! What somebody who writes to the database tries beside the rows that are proven: rows that stand alone, old ones that come back, and one
//! bad row among good ones.

use diesel::connection::SimpleConnection as _;

use kapea::worker::Mail;

use crate::states::{FORGED, URGENT, scene};
use crate::support::TestApp;
use crate::support::sql::{connect, count, id_of, run, text};
use crate::support::staff::Session;

const ORDINARY: &[(&str, &str)] = &[("danger", "over"), ("account", "ordinary")];
const SPAM_DAYS: i64 = 60;

async fn is_told(app: &TestApp, words: &str) {
    let auditor = app.sign_in("auditor").await;
    auditor.get("/alarms").await.expect(200).says(words);
}

/// Several statements on one connection.
fn script(app: &TestApp, statements: &str) {
    let done = connect(app).batch_execute(&format!("PRAGMA foreign_keys = OFF; {statements}"));
    done.unwrap_or_else(|error| panic!("{statements}: {error}"));
}

/// An older copy of the database, from which rows can be put back as `old`.
struct Copy(String);

impl Copy {
    fn of(app: &TestApp) -> Self {
        let path = app.folder.path().join("older.db").display().to_string();
        script(app, &format!("VACUUM INTO '{path}'"));
        Self(path)
    }

    fn put_back(&self, app: &TestApp, statements: &str) {
        script(app, &format!("ATTACH '{}' AS old; {statements}", self.0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_nobody_made_silences_nothing() {
    let (app, dara, report) = scene().await;
    let sokha = id_of(&app, "sokha");
    script(
        &app,
        &format!("INSERT INTO claims VALUES (x'{report}', x'{sokha}', 1 << 40)"),
    );
    run(&app, "DELETE FROM outbox");
    app.worker.step().await;
    app.worker.step().await;
    assert_eq!(count(&app, "claims"), 0);
    assert_eq!(count(&app, "outbox WHERE kind = 'urgent'"), 1);
    dara.claim(&report).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_of_a_person_who_is_not_there_hides_nothing() {
    let (app, dara, report) = scene().await;
    script(
        &app,
        &format!("INSERT INTO claims VALUES (x'{report}', randomblob(16), 1 << 40)"),
    );
    app.worker.step().await;
    app.worker.step().await;
    dara.read(&report).await.expect(200);
    dara.claim(&report).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_was_deleted_gives_its_report_back() {
    let (app, dara, report) = scene().await;
    dara.claim(&report).await.expect(303);
    run(&app, "DELETE FROM claims");
    app.worker.step().await;
    assert_eq!(text(&app, "state", "reports"), "received");
    assert_eq!(count(&app, "outbox WHERE kind = 'urgent'"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_was_put_off_is_told() {
    let (app, _dara, _report) = scene().await;
    run(
        &app,
        "UPDATE outbox SET due = due + 900 * 1000000, leased_until = leased_until + 900 * 1000000",
    );
    app.later(3_600).await;
    app.worker.step().await;
    app.worker.step().await;
    let now = app.clock.now().seconds() + 3_600;
    let soon = format!("outbox WHERE kind = 'urgent' AND due <= {now}");
    assert_eq!(count(&app, &soon), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_the_queue_that_belong_to_nothing_hide_nobody() {
    let (app, dara, report) = scene().await;
    script(
        &app,
        "INSERT INTO queue WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 60)
            SELECT randomblob(16), key, 'received', 'U0', 0, 0, NULL FROM n, (SELECT key FROM grants LIMIT 1)",
    );
    app.worker.step().await;
    app.worker.step().await;
    assert_eq!(dara.queue("").await, [report]);
    is_told(&app, FORGED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_destroyed_because_a_row_says_so() {
    let (app, dara, report) = scene().await;
    script(
        &app,
        &format!("INSERT INTO shreds (report, day) VALUES (x'{report}', 1)"),
    );
    app.worker.step().await;
    app.worker.step().await;
    assert_eq!(count(&app, "reports"), 1, "destroyed by one row");
    assert_eq!(count(&app, "shreds"), 0);
    dara.claim(&report).await;
    dara.read(&report).await.expect(200);
    is_told(&app, FORGED).await;
    assert!(
        app.trail(0)
            .iter()
            .all(|told| told.event.name() != "report-shredded")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_to_be_destroyed_because_a_row_says_so() {
    let (app, dara, report) = scene().await;
    let emptied =
        format!("INSERT INTO shreds VALUES (x'{report}', 1, 2, zeroblob(32), zeroblob(32))");
    run(&app, &emptied);
    app.worker.step().await;
    app.worker.step().await;
    assert!(
        app.trail(0)
            .iter()
            .all(|told| told.event.name() != "report-shredded")
    );
    dara.claim(&report).await;
    dara.read(&report).await.expect(200);
    // Nor does it hide that somebody has deleted the report beside the service.
    script(&app, &format!("DELETE FROM reports; {emptied}"));
    app.worker.step().await;
    app.worker.step().await;
    let told = app.trail(0).into_iter();
    assert_eq!(
        told.filter(|told| told.event.name() == "report-shredded")
            .count(),
        0
    );
    assert_eq!(count(&app, "shreds"), 0);
}

/// Whoever moves it to a key of other people hides it from its team, and opens it to nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_was_moved_is_told_of() {
    for act in [
        "UPDATE grants SET key = (SELECT id FROM keys WHERE kind = 'team' AND id <> grants.key LIMIT 1)",
        "UPDATE grants SET key = (SELECT id FROM keys WHERE kind = 'staff' LIMIT 1)",
        "INSERT INTO grants SELECT report, (SELECT id FROM keys WHERE kind = 'staff' LIMIT 1), sealed FROM grants",
    ] {
        let (app, ..) = scene().await;
        script(&app, act);
        app.worker.step().await;
        is_told(&app, FORGED).await;
    }
}

/// Nobody writes to a report whose row names another key, until it is mended.
#[tokio::test(flavor = "multi_thread")]
async fn another_key_in_the_row_keeps_nobody_from_writing() {
    let app = TestApp::start().await;
    let code = app.reporter("en").file(ORDINARY).await;
    let dara = app.sign_in("dara").await;
    let report = dara.queue("").await.remove(0);
    run(&app, "UPDATE reports SET recipient = 'age1other'");
    let mailbox = app.reporter("en").mailbox(&code).await;
    mailbox.write("it is true").await.expect(200);
    app.worker.step().await;
    let learned = dara.read(&report).await;
    assert_ne!(learned.status, 500);
    dara.claim(&report).await.expect(303);
    dara.read(&report).await.expect(200).says("it is true");
    let recipient = text(&app, "recipient", "reports");
    assert!(recipient.starts_with("age1") && recipient != "age1other");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_in_the_way_of_a_clock_stops_no_other() {
    let app = TestApp::start().await;
    app.reporter("en").file(ORDINARY).await;
    app.reporter("en").file(ORDINARY).await;
    let dara = app.sign_in("dara").await;
    for report in dara.queue("").await {
        dara.claim(&report).await.expect(303);
        dara.act(&report, "mark-spam", "junk").await.expect(303);
    }
    app.later(3_600).await;
    run(
        &app,
        "INSERT INTO shreds SELECT id, 1, 2, zeroblob(32), zeroblob(32) FROM reports ORDER BY retain_until, id LIMIT 1",
    );
    app.later(SPAM_DAYS * 86_400).await;
    app.worker.step().await;
    app.worker.step().await;
    assert_eq!(count(&app, "reports"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_row_starts_no_clock() {
    let app = TestApp::start().await;
    let code = app.reporter("en").file(ORDINARY).await;
    let dara = app.sign_in("dara").await;
    let report = dara.queue("").await.remove(0);
    dara.claim(&report).await.expect(303);
    dara.act(&report, "mark-spam", "junk").await.expect(303);
    let copy = Copy::of(&app);
    let mailbox = app.reporter("en").mailbox(&code).await;
    mailbox.write("it is true").await.expect(200);
    app.clock.advance(SPAM_DAYS * 86_400);
    copy.put_back(
        &app,
        "INSERT OR REPLACE INTO reports SELECT * FROM old.reports",
    );
    app.worker.step().await;
    app.worker.step().await;
    assert_eq!(count(&app, "reports"), 1, "an older row destroyed it");
    is_told(&app, FORGED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_no_key_opens_is_told_of() {
    let (app, _, _) = scene().await;
    run(&app, "DELETE FROM grants");
    app.worker.step().await;
    app.worker.step().await;
    is_told(&app, "A report does not open as it was sealed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_read_hides_none_beside_it() {
    for act in [
        "PRAGMA ignore_check_constraints = ON; UPDATE reports SET state = 'xyz' WHERE urgency = 'U0'",
        "PRAGMA ignore_check_constraints = ON; UPDATE reports SET retention = 'xyz' WHERE urgency = 'U0'",
        "PRAGMA ignore_check_constraints = ON; UPDATE reports SET state_key = x'00' WHERE urgency = 'U0'",
        "PRAGMA ignore_check_constraints = ON; UPDATE reports SET card = x'00' WHERE urgency = 'U0'",
    ] {
        let (app, dara, report) = scene().await;
        app.reporter("en").file(ORDINARY).await;
        let other = dara.queue("").await.remove(1);
        script(&app, act);
        app.worker.step().await;
        app.worker.step().await;
        let page = dara.get("/queue").await;
        assert_eq!(page.status, 200, "{act}");
        let shown = Session::reports_on(&page);
        assert!(shown.contains(&other), "{act}");
        assert!(shown.contains(&report), "{act}");
        is_told(&app, FORGED).await;
        app.leaves_undone("what was changed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_a_person_who_is_not_there_stops_no_page() {
    let (app, dara, report) = scene().await;
    script(
        &app,
        &format!(
            "INSERT INTO proposals VALUES (randomblob(16), x'{report}', 'shred', randomblob(16), 1, x'00')"
        ),
    );
    assert_eq!(dara.queue("").await, [report.as_str()]);
    dara.claim(&report).await.expect(303);
    dara.read(&report).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_to_a_key_that_is_not_there_stops_no_page() {
    let (app, dara, report) = scene().await;
    script(
        &app,
        &format!("INSERT INTO grants VALUES (x'{report}', randomblob(16), x'00')"),
    );
    dara.claim(&report).await.expect(303);
    dara.propose(&report, "lower_urgency", &[("urgency", "U2")])
        .await
        .expect(303);
    let sokha = app.sign_in("sokha").await;
    assert_eq!(sokha.queue("").await, [report.as_str()]);
    sokha.read(&report).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_on_nothing_stops_neither_clocks_nor_leaving() {
    let (app, dara, report) = scene().await;
    dara.claim(&report).await.expect(303);
    let id = id_of(&app, "dara");
    script(
        &app,
        &format!("INSERT INTO claims VALUES (zeroblob(16), x'{id}', 0)"),
    );
    app.clock.advance(3_600);
    app.worker.expire_claims().await.unwrap();
    assert_eq!(count(&app, "claims"), 0);
    script(
        &app,
        &format!("INSERT INTO claims VALUES (zeroblob(16), x'{id}', 0)"),
    );
    let admin = app.sign_in("admin").await;
    admin
        .post("/people/disable", &[("staff", id.as_str())])
        .await
        .expect(303);
    app.leaves_undone("what was changed");
}

/// A proposal to destroy the report, which was taken back; and the database from before that.
struct TakenBack {
    app: TestApp,
    sokha: Session,
    dara: Session,
    report: String,
    id: String,
    copy: Copy,
}

async fn taken_back() -> TakenBack {
    let (app, dara, report) = scene().await;
    let sokha = app.sign_in("sokha").await;
    dara.claim(&report).await.expect(303);
    dara.propose(&report, "shred", &[]).await.expect(303);
    let id = dara.proposals(&report).await.remove(0);
    let copy = Copy::of(&app);
    dara.refuse(&report, &id).await.expect(303);
    TakenBack {
        app,
        sokha,
        dara,
        report,
        id,
        copy,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_or_done_is_not_agreed_on_again() {
    let TakenBack {
        app,
        sokha,
        report,
        id,
        copy,
        ..
    } = taken_back().await;
    copy.put_back(&app, "INSERT INTO proposals SELECT * FROM old.proposals");
    let page = sokha.approve(&report, &id, &app.clock).await;
    assert_ne!(page.status, 303, "one person destroyed a report");
    assert_eq!(count(&app, "reports"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_not_agreed_on_again() {
    let (app, dara, report) = scene().await;
    let sokha = app.sign_in("sokha").await;
    dara.claim(&report).await.expect(303);
    dara.propose(&report, "lower_urgency", &[("urgency", "U2")])
        .await
        .expect(303);
    let id = dara.proposals(&report).await.remove(0);
    let copy = Copy::of(&app);
    sokha.approve(&report, &id, &app.clock).await.expect(303);
    dara.urgency(&report, "U0", "worse").await.expect(303);
    copy.put_back(&app, "INSERT INTO proposals SELECT * FROM old.proposals");
    let page = sokha.approve(&report, &id, &app.clock).await;
    assert_ne!(page.status, 303, "lowered by one person");
    assert_eq!(text(&app, "urgency", "reports"), "U0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_too_high_keeps_nobody_from_writing() {
    let app = TestApp::start().await;
    let code = app.reporter("en").file(ORDINARY).await;
    let dara = app.sign_in("dara").await;
    let report = dara.queue("").await.remove(0);
    dara.claim(&report).await.expect(303);
    run(
        &app,
        "UPDATE objects SET number = 5000000000 WHERE number = 1",
    );
    dara.note(&report, "a note").await.expect(303);
    let mailbox = app.reporter("en").mailbox(&code).await;
    mailbox
        .write("more")
        .await
        .expect(200)
        .says("has been sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restricted_report_stays_so() {
    let (app, _dara, report) = scene().await;
    let sokha = app.sign_in("sokha").await;
    let version = sokha.version(&report).await;
    let me = id_of(&app, "sokha");
    sokha
        .post(
            &format!("/reports/{report}/restrict"),
            &[
                ("version", version.as_str()),
                ("staff", me.as_str()),
                ("reason", "mine"),
            ],
        )
        .await
        .expect(303);
    assert_eq!(text(&app, "CAST(restricted AS TEXT)", "reports"), "1");
    run(&app, "UPDATE reports SET restricted = 0");
    app.worker.step().await;
    assert_eq!(text(&app, "CAST(restricted AS TEXT)", "reports"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_pointed_elsewhere_is_found() {
    let (app, dara, report) = scene().await;
    run(&app, "UPDATE reports SET card = randomblob(16)");
    app.worker.step().await;
    dara.claim(&report).await.expect(303);
    dara.read(&report).await.expect(200).says("urgent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_by_a_name_of_sqlites_own_is_told_of() {
    let app = TestApp::start().await;
    script(
        &app,
        "PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema VALUES ('trigger', 'sqlite_hide', 'reports', 0,
            'CREATE TRIGGER sqlite_hide AFTER INSERT ON reports BEGIN DELETE FROM reports WHERE id = NEW.id; END');
         PRAGMA writable_schema = RESET;",
    );
    println!(
        "{}",
        count(&app, "sqlite_schema WHERE name = 'sqlite_hide'")
    );
    app.worker.watch().await.unwrap();
    is_told(&app, "The database is not built as it should be").await;
    app.leaves_undone("a trigger that hides reports");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_ends_when_it_was_said_to() {
    let (app, dara, report) = scene().await;
    let sokha = app.sign_in("sokha").await;
    dara.claim(&report).await.expect(303);
    let to = age::x25519::Identity::generate().to_public().to_string();
    dara.propose(&report, "export", &[("recipient", &to)])
        .await
        .expect(303);
    let id = dara.proposals(&report).await.remove(0);
    sokha.approve(&report, &id, &app.clock).await.expect(303);
    run(
        &app,
        "UPDATE exports SET expires_at = expires_at + 900 * 100000",
    );
    app.later(3 * 86_400).await;
    let dara = app.sign_in("dara").await;
    let code = dara.code(&app.clock).await;
    let page = dara
        .post(
            &format!("/reports/{report}/export"),
            &[("export", id.as_str()), ("code", code.as_str())],
        )
        .await;
    assert_ne!(page.status, 200, "fetched after its day");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_that_it_was_taken_back_is_not_taken_out() {
    let TakenBack {
        app,
        sokha,
        dara,
        report,
        id,
        copy,
    } = taken_back().await;
    dara.read(&report).await.expect(200).says("✗ because");
    copy.put_back(
        &app,
        "DELETE FROM objects WHERE number = (SELECT max(number) FROM objects);
         INSERT INTO proposals SELECT * FROM old.proposals",
    );
    let page = sokha.approve(&report, &id, &app.clock).await;
    assert_ne!(page.status, 303, "one person destroyed a report");
    assert_eq!(count(&app, "reports"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_was_put_off_goes() {
    for act in [
        "leased_until = 1 << 40",
        "due = 900 * (1 << 30)",
        "due = 900 * (1 << 30), first_due = 900 * (1 << 30)",
    ] {
        let app = TestApp::start().await;
        app.reporter("en").file(URGENT).await;
        app.worker.expand(Mail::Urgent).await.unwrap();
        let letters = count(&app, "outbox WHERE kind = 'delivery'");
        assert!(letters > 0);
        run(
            &app,
            &format!("UPDATE outbox SET {act} WHERE kind = 'delivery'"),
        );
        app.later(60).await;
        assert_eq!(count(&app, "outbox WHERE kind = 'delivery'"), 0, "{act}");
        assert!(!app.mailed().is_empty(), "{act}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_not_taken_out_behind_another() {
    let (app, dara, report) = scene().await;
    dara.claim(&report).await.expect(303);
    dara.note(&report, "what was seen").await.expect(303);
    dara.note(&report, "and more").await.expect(303);
    script(
        &app,
        "DELETE FROM objects WHERE number = 2; UPDATE reports SET objects = 3",
    );
    app.worker.step().await;
    dara.claim(&report).await.expect(303);
    dara.read(&report).await.expect(200);
    is_told(&app, "A report does not open as it was sealed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_nobody_gave_restricts_no_report() {
    let (app, dara, report) = scene().await;
    let before = text(&app, "recipient || restricted", "reports");
    run(
        &app,
        &format!("INSERT INTO rekeys VALUES (x'{report}', 20000)"),
    );
    for _ in 0..3 {
        assert_eq!(dara.queue("").await, [report.as_str()]);
    }
    assert_eq!(text(&app, "recipient || restricted", "reports"), before);
    app.leaves_undone("an order that nobody gave");
}

/// Whoever lays the row of an alarm there before silences nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_that_somebody_has_laid_there_silences_none() {
    let (app, ..) = scene().await;
    run(
        &app,
        "INSERT INTO alarms VALUES (randomblob(16), 'report-forged', 'reports', 20000, 'open')",
    );
    let raised = || {
        let told = app.trail(0).into_iter();
        told.filter(|told| told.event.name() == "alarm-raised")
            .count()
    };
    let before = raised();
    for _ in 0..2 {
        run(&app, "UPDATE reports SET urgency = 'U3'");
        app.worker.step().await;
        // The second time it is the service's own, and open.
        assert_eq!(raised(), before + 1);
        assert_eq!(count(&app, "alarms WHERE kind = 'report-forged'"), 1);
    }
    is_told(&app, FORGED).await;
}

/// Which key reports are sealed to, the ledger says: no row shuts the door.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_a_row_says_is_old_takes_reports() {
    for state in ["retiring", "retired", "pending"] {
        let app = TestApp::start().await;
        run(
            &app,
            &format!("UPDATE keys SET state = '{state}' WHERE kind = 'team'"),
        );
        app.reporter("en").file(ORDINARY).await;
        assert_eq!(count(&app, "reports"), 1, "{state}");
    }
}
