//! What stands in clear of a report, changed by somebody who only writes to the database: nothing is hidden by it, nothing destroyed, and
//! those who must look hear of it.

use crate::support::TestApp;
use crate::support::sql::{count, run, text};
use crate::support::staff::Session;

pub const URGENT: &[(&str, &str)] = &[("danger", "now"), ("account", "urgent")];
pub const FORGED: &str = "A report’s record was changed in the database";

/// An urgent report of which the on-call list has heard, and somebody who reads it.
pub async fn scene() -> (TestApp, Session, String) {
    let app = TestApp::start().await;
    app.reporter("en").file(URGENT).await;
    app.worker.step().await;
    let dara = app.sign_in("dara").await;
    let report = dara.queue("").await.remove(0);
    (app, dara, report)
}

pub fn mended(app: &TestApp) -> usize {
    let told = app.trail(0).into_iter();
    told.filter(|told| told.event.name() == "report-mended")
        .count()
}

/// A10, and its kind: whatever column it is.
#[tokio::test(flavor = "multi_thread")]
async fn no_change_of_a_row_hides_or_destroys_a_report() {
    let yesterday = "CAST(strftime('%s', 'now') / 86400 - 400 AS INTEGER)";
    for (act, is_row) in [
        ("UPDATE reports SET state = 'no_action'", true),
        ("UPDATE reports SET state = 'locked'", true),
        ("UPDATE reports SET urgency = 'U3'", true),
        (
            "UPDATE reports SET state = 'suspected_spam', retention = 'spam', retain_until = :day",
            true,
        ),
        (
            "UPDATE reports SET state = 'in_triage', version = version + 1",
            true,
        ),
        ("UPDATE reports SET due = due + 900 * 1000", true),
        (
            "UPDATE reports SET channel = (SELECT id FROM channels WHERE id <> channel LIMIT 1)",
            true,
        ),
        (
            "UPDATE reports SET state_key = zeroblob(32), state = 'no_action'",
            true,
        ),
        ("UPDATE reports SET proof = zeroblob(32)", true),
        ("UPDATE reports SET objects = 1", true),
        ("UPDATE reports SET contents = zeroblob(32)", true),
        ("UPDATE reports SET holders = x''", true),
        ("UPDATE reports SET day = 1, recipient = 'age1other'", true),
        ("UPDATE queue SET state = 'no_action'", false),
        ("UPDATE queue SET urgency = 'U3'", false),
        ("DELETE FROM queue", false),
    ] {
        let (app, dara, report) = scene().await;
        run(&app, &act.replace(":day", yesterday));
        app.worker.step().await;
        app.worker.step().await;
        assert_eq!(count(&app, "reports"), 1, "{act}");
        assert_eq!(dara.queue("").await, [report.as_str()], "{act}");
        assert_eq!(
            text(&app, "state || urgency", "reports"),
            "receivedU0",
            "{act}"
        );
        assert_eq!(mended(&app), usize::from(is_row), "{act}");
        let auditor = app.sign_in("auditor").await;
        auditor.get("/alarms").await.expect(200).says(FORGED);
        // Somebody goes on with it as with any other.
        dara.claim(&report).await.expect(303);
        dara.read(&report).await.expect(200);
        assert_eq!(mended(&app), usize::from(is_row), "{act}");
    }
}

/// A row that was proven once, with a state that nobody has signed, is none.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_it_first_finds_it_as_well() {
    let (app, dara, report) = scene().await;
    run(&app, "UPDATE reports SET urgency = 'U3'");
    assert_eq!(dara.queue("").await, [report.as_str()]);
    assert_eq!(mended(&app), 1);
    run(&app, "UPDATE reports SET hold = 0");
    dara.claim(&report).await;
    assert_eq!(mended(&app), 2);
    assert_eq!(text(&app, "state || hold", "reports"), "received1");
    dara.claim(&report).await.expect(303);
}

/// The reporter is not kept from writing by it, and nobody from leaving.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_row_is_in_nobodys_way() {
    let app = TestApp::start().await;
    let code = app.reporter("en").file(URGENT).await;
    let dara = app.sign_in("dara").await;
    let report = dara.queue("").await.remove(0);
    dara.claim(&report).await.expect(303);
    run(&app, "UPDATE reports SET urgency = 'U2'");
    let mailbox = app.reporter("en").mailbox(&code).await;
    let page = mailbox.write("still here").await;
    page.expect(200).says("Your message has been sent");
    dara.claim(&report).await.expect(303);
    dara.read(&report).await.expect(200).says("still here");
    run(&app, "UPDATE reports SET urgency = 'U2'");
    app.clock.advance(3_600);
    app.worker.expire_claims().await.unwrap();
    assert_eq!(count(&app, "claims"), 0);
    assert_eq!(mended(&app), 2);
}

/// An urgent report that waits has a notice, whatever is in the outbox.
#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_outbox_is_filled_again() {
    let app = TestApp::start().await;
    app.reporter("en").file(URGENT).await;
    run(&app, "DELETE FROM outbox");
    app.worker.step().await;
    assert_eq!(count(&app, "outbox WHERE kind = 'urgent'"), 1);
    assert_eq!(mended(&app), 0);
}

/// Absence is noticed: by whoever can read what came in.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_deleted_or_slipped_in_is_named_to_auditors() {
    let app = TestApp::start().await;
    for account in ["one", "two"] {
        let told = [("danger", "over"), ("account", account)];
        app.reporter("en").file(&told).await;
    }
    let auditor = app.sign_in("auditor").await;
    let page = auditor.post("/audit/check", &[]).await.expect(200);
    page.says("nothing is wrong");
    let gone = text(&app, "lower(hex(id))", "reports ORDER BY id LIMIT 1");
    run(&app, &format!("DELETE FROM reports WHERE id = x'{gone}'"));
    let page = auditor.post("/audit/check", &[]).await.expect(200);
    page.says(&gone).says("nobody has destroyed them");
    let page = auditor.get("/alarms").await.expect(200);
    page.says("Reports that came in are gone");
    run(
        &app,
        "INSERT INTO reports SELECT x'000102030405060708090a0b0c0d0e0f', recipient, channel, day, state, urgency, due, retention,
            retain_until, review_day, look_again, hold, restricted, assignees, card, version, objects, contents, holders, state_key, proof FROM reports",
    );
    let page = auditor.post("/audit/check", &[]).await.expect(200);
    page.says("These reports are there and never came in: 000102030405060708090a0b0c0d0e0f");
}

/// What a trigger does is done in the service's own name.
#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_that_somebody_added_is_told_of() {
    let app = TestApp::start().await;
    let auditor = app.sign_in("auditor").await;
    let words = "The database is not built as it should be";
    app.worker.watch().await.unwrap();
    let page = auditor.get("/alarms").await.expect(200);
    page.says_nothing_of(words);
    run(
        &app,
        "CREATE TRIGGER hide AFTER INSERT ON reports BEGIN DELETE FROM reports WHERE id = NEW.id; END",
    );
    app.worker.watch().await.unwrap();
    auditor.get("/alarms").await.expect(200).says(words);
    app.leaves_undone("a trigger that hides reports");
}
