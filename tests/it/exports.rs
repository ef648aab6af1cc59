//! What two people agreed on leaves the house once, sealed to its recipient; and what is proposed cannot be changed in the database.

use age::secrecy::ExposeSecret as _;
use diesel::connection::SimpleConnection as _;
use kapea::domain::audit::AuditEvent;
use kapea::domain::ids::ReportId;

use crate::support::TestApp;
use crate::support::sql::{connect as database, count, text};
use crate::support::staff::Session;

const TOLD: &[(&str, &str)] = &[("danger", "now"), ("account", "told-once")];
/// Two members of one team, and a report that the first of them has claimed.
struct Office {
    app: TestApp,
    sokha: Session,
    dara: Session,
    report: String,
}

async fn office() -> Office {
    let app = TestApp::start().await;
    app.reporter("en").file(TOLD).await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    Office {
        app,
        sokha,
        dara,
        report,
    }
}

impl Office {
    /// Proposes and gives the id.
    async fn proposed(&self, by: &Session, kind: &str, pairs: &[(&str, &str)]) -> String {
        by.propose(&self.report, kind, pairs).await.expect(303);
        self.sokha.proposals(&self.report).await.pop().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_agreed_on_by_two_fetched_once_and_opened_by_its_recipient() {
    let office = office().await;
    let Office {
        app,
        sokha,
        dara,
        report,
    } = &office;
    sokha.note(report, "a-note-of-ours").await.expect(303);
    let authority = age::x25519::Identity::generate();
    let recipient = authority.to_public().to_string();
    for wrong in [
        "",
        "age1",
        "ssh-ed25519 AAAA",
        authority.to_string().expose_secret(),
    ] {
        sokha
            .propose(report, "export", &[("recipient", wrong)])
            .await
            .expect(422)
            .says("not an age key");
    }
    let proposal = office
        .proposed(sokha, "export", &[("recipient", &recipient)])
        .await;
    dara.read(report).await.expect(200).says(&recipient);
    let fetch = |session: Session, code: String| {
        let (path, proposal) = (format!("/reports/{report}/export"), proposal.clone());
        async move {
            let pairs = [("export", proposal.as_str()), ("code", code.as_str())];
            session.post(&path, &pairs).await
        }
    };
    fetch(sokha.clone(), sokha.code(&app.clock).await)
        .await
        .expect(409);
    dara.approve(report, &proposal, &app.clock)
        .await
        .expect(303);
    sokha
        .read(report)
        .await
        .expect(200)
        .says("An export is ready");
    fetch(sokha.clone(), "000000".to_owned())
        .await
        .expect(422)
        .says("This code is not right");
    let (one, other) = (sokha.code(&app.clock).await, dara.code(&app.clock).await);
    let (a, b) = tokio::join!(fetch(sokha.clone(), one), fetch(dara.clone(), other));
    let (file, second) = if a.status == 200 { (a, b) } else { (b, a) };
    let file = file.expect(200);
    second.expect(409);
    assert_eq!(
        file.header("content-type"),
        Some("application/octet-stream")
    );
    assert_eq!(file.header("cache-control"), Some("no-store, no-transform"));
    assert_eq!(
        file.header("content-disposition"),
        Some("attachment; filename=\"kapea-export.age\"")
    );
    let text = String::from_utf8(age::decrypt(&authority, &file.bytes).unwrap()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["report"], report.as_str());
    assert_eq!(json["agreed"], serde_json::json!(["sokha", "dara"]));
    assert!(text.contains("told-once") && text.contains("a-note-of-ours"));
    assert_eq!(count(app, "exports"), 0);
    let told = app.trail(0);
    let exported = told.into_iter().find_map(|told| match told.event {
        AuditEvent::ReportExported { digits, .. } => Some(digits),
        _ => None,
    });
    assert!(exported.is_some_and(|digits| !digits.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_nobody_fetches_is_gone_after_a_day() {
    let office = office().await;
    let Office {
        app,
        sokha,
        dara,
        report,
    } = &office;
    let recipient = age::x25519::Identity::generate().to_public().to_string();
    let proposal = office
        .proposed(sokha, "export", &[("recipient", &recipient)])
        .await;
    dara.approve(report, &proposal, &app.clock)
        .await
        .expect(303);
    assert_eq!(count(app, "exports"), 1);
    app.clock.advance(86_400);
    let sokha = app.sign_in("sokha").await;
    let code = sokha.code(&app.clock).await;
    let pairs = [("export", proposal.as_str()), ("code", code.as_str())];
    sokha
        .post(&format!("/reports/{report}/export"), &pairs)
        .await
        .expect(409);
    assert_eq!(app.worker.expire_exports().await.unwrap(), 1);
    assert_eq!(app.trail(0).last().unwrap().event.name(), "exports-expired");
    assert_eq!(count(app, "exports"), 0);
}

/// Ways to make somebody approve what nobody proposed.
const FORGED: &[(&str, &str)] = &[
    (
        "exchanged between reports",
        "CREATE TEMP TABLE two AS SELECT report, sealed FROM proposals; \
         UPDATE proposals SET sealed = (SELECT sealed FROM two WHERE two.report <> proposals.report); DROP TABLE two",
    ),
    (
        "moved to the other report",
        "DELETE FROM proposals WHERE report = (SELECT max(id) FROM reports); \
         UPDATE proposals SET report = (SELECT max(id) FROM reports)",
    ),
    ("another kind", "UPDATE proposals SET kind = 'export'"),
    (
        "another proposer",
        "UPDATE proposals SET proposer = (SELECT id FROM staff WHERE handle = 'dara')",
    ),
    ("another day", "UPDATE proposals SET day = day - 1"),
    (
        "another id",
        "UPDATE proposals SET id = CAST(substr(id, 1, 15) || CASE substr(id, -1) WHEN X'00' THEN X'01' ELSE X'00' END AS BLOB)",
    ),
    (
        "an object in its place",
        "UPDATE proposals SET sealed = (SELECT sealed FROM objects WHERE report = proposals.report LIMIT 1)",
    ),
    (
        "one byte",
        "UPDATE proposals SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) || CASE substr(sealed, -1) WHEN X'00' THEN X'01' ELSE X'00' END AS BLOB)",
    ),
];

/// How often auditors were told that something of these reports is not as it was sealed.
fn alarms(app: &TestApp, reports: &[String]) -> usize {
    let is_about = |report: &Option<ReportId>| {
        report.is_some_and(|report| reports.contains(&report.to_string()))
    };
    let told = app.trail(0).into_iter();
    told.filter(|told| told.event.name() == "report-not-opened" && is_about(&told.event.report()))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_proposed_cannot_be_changed_or_moved_in_the_database() {
    let app = TestApp::start().await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    for account in ["one-account", "two-account"] {
        app.reporter("en")
            .file(&[("danger", "over"), ("account", account)])
            .await;
    }
    let reports = sokha.queue("").await;
    for report in &reports {
        sokha.claim(report).await.expect(303);
        sokha
            .propose(report, "shred", &[("reason", "not-to-be-read")])
            .await
            .expect(303);
    }
    let conn = &mut database(&app);
    conn.batch_execute(
        "PRAGMA busy_timeout = 10000; CREATE TEMP TABLE kept AS SELECT * FROM proposals",
    )
    .unwrap();
    for (what, sql) in FORGED {
        conn.batch_execute(sql)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let seen = alarms(&app, &reports);
        for report in &reports {
            let page = dara.read(report).await.expect(200);
            // Whoever it says proposed it is the other one now: neither of them can approve.
            for session in [&dara, &sokha] {
                for proposal in session.proposals(report).await {
                    let form = format!("/reports/{report}/approve");
                    let offered = session.read(report).await.forms_to(&form);
                    let is_whole =
                        page.text().contains("not-to-be-read") && *what != "another proposer";
                    if !is_whole {
                        assert!(offered.is_empty(), "{what}: it can be approved");
                        let status = session.approve(report, &proposal, &app.clock).await.status;
                        assert!(status == 409 || status == 500, "{what}: {status}");
                    }
                }
            }
        }
        assert!(alarms(&app, &reports) > seen, "{what}: nobody was told");
        assert_eq!(count(&app, "reports"), 2, "{what}");
        assert_eq!(count(&app, "shreds"), 0, "{what}");
        conn.batch_execute("DELETE FROM proposals; INSERT INTO proposals SELECT * FROM kept")
            .unwrap();
    }
    // An export that only one agreed on is none.
    let recipient = age::x25519::Identity::generate().to_public().to_string();
    sokha
        .propose(&reports[0], "export", &[("recipient", &recipient)])
        .await
        .expect(303);
    conn.batch_execute(
        "INSERT INTO exports SELECT id, report, 900 * 10000000, sealed FROM proposals WHERE kind = 'export'",
    )
    .unwrap();
    let page = sokha.read(&reports[0]).await.expect(200);
    page.says_nothing_of("An export is ready");
    let id = text(&app, "lower(hex(id))", "exports");
    let code = sokha.code(&app.clock).await;
    let pairs = [("export", id.as_str()), ("code", code.as_str())];
    sokha
        .post(&format!("/reports/{}/export", reports[0]), &pairs)
        .await
        .expect(500);
    assert_eq!(count(&app, "exports"), 1);
}
