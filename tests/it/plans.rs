//! The statements that [`crate::support::plans`] looks at are those of all that the service does: of each table that grows with the reports
//! something is read while everybody does their work and every clock runs.

use kapea::web::access::{Port, Verb};
use kapea::web::routes;

use crate::support::TestApp;
use crate::support::plans::GROWING;
use crate::support::staff::Session;

const URGENT: &[(&str, &str)] = &[("danger", "now"), ("account", "urgent")];
const ORDINARY: &[(&str, &str)] = &[("danger", "over"), ("account", "ordinary")];

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_read_what_grows_with_the_reports_are_looked_at() {
    let app = TestApp::start().await;
    app.list_statements();
    let code = app.reporter("en").file(ORDINARY).await;
    for _ in 0..52 {
        app.reporter("en").file(ORDINARY).await;
    }
    app.reporter("en").file(URGENT).await;
    app.worker.step().await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    turn_pages(&sokha).await;
    let report = sokha.queue("").await.remove(0);
    work(&app, &sokha, &dara, &report).await;
    let mailbox = app.reporter("en").mailbox(&code).await;
    mailbox.write("more").await.expect(200);
    let mailbox = app.reporter("en").mailbox(&code).await;
    mailbox.close().await.expect(200);
    for handle in ["sokha", "admin", "auditor", "custodian"] {
        let session = app.sign_in(handle).await;
        let pages = routes::all().filter(|route| {
            route.port == Port::Staff && route.verb == Verb::Get && !route.path.contains('{')
        });
        for page in pages {
            session.get(page.path).await;
        }
    }
    // Clocks of quarters, of days and of years.
    for minutes in [16, 60, 24 * 60, 400 * 24 * 60] {
        app.later(minutes * 60).await;
        app.sample().await;
    }
    app.worker.step().await;

    let statements = app.statements();
    for table in GROWING {
        let from = [format!("FROM `{table}`"), format!("FROM {table}")];
        let is_read = |text: &String| from.iter().any(|from| text.contains(from));
        assert!(
            statements.iter().any(is_read),
            "nothing was read of {table}"
        );
    }
}

async fn turn_pages(sokha: &Session) {
    for query in [
        "",
        "?urgency=U3",
        "?state=received",
        "?state=no_action&urgency=U0",
        "?page=2",
    ] {
        sokha.queue(query).await;
    }
    let first = sokha.get("/queue").await.expect(200);
    let second = sokha.get(&first.turn("after").unwrap()).await.expect(200);
    sokha.get(&second.turn("before").unwrap()).await.expect(200);
}

async fn work(app: &TestApp, sokha: &Session, dara: &Session, report: &str) {
    sokha.read(report).await.expect(200);
    sokha.claim(report).await.expect(303);
    sokha.urgency(report, "U0", "now").await.expect(303);
    sokha.note(report, "a note").await.expect(303);
    sokha.message(report, "a question").await.expect(303);
    for kind in ["lower_urgency", "shred"] {
        let extra: &[(&str, &str)] = match kind {
            "lower_urgency" => &[("urgency", "U1"), ("reason", "calmer")],
            _ => &[("reason", "twice the same")],
        };
        sokha.propose(report, kind, extra).await.expect(303);
        sokha.get("/queue").await.expect(200);
        let proposal = sokha.proposals(report).await.pop().unwrap();
        dara.approve(report, &proposal, &app.clock)
            .await
            .expect(303);
        app.worker.step().await;
    }
}
