//! No statement that the service sends while people work looks through a table that grows with the reports.
//!
//! Listens to the connections of one installation while everybody does their work and every clock runs, and asks the database afterwards
//! how it finds what each statement asks for.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel::sql_types::Text;
use kapea::web::access::{Port, Verb};
use kapea::web::routes;

use crate::support::TestApp;
use crate::support::sql;
use crate::support::staff::Session;

const URGENT: &[(&str, &str)] = &[("danger", "now"), ("account", "urgent")];
const ORDINARY: &[(&str, &str)] = &[("danger", "over"), ("account", "ordinary")];

/// Tables with a row or more for each report, each message, each act.
const GROWING: [&str; 11] = [
    "audit",
    "claims",
    "exports",
    "grants",
    "mail_items",
    "mailboxes",
    "objects",
    "outbox",
    "quarantine",
    "queue",
    "reports",
];

/// Statements that look at one end of a table.
const KNOWN: [&str; 1] =
    ["SELECT `audit`.`seq`, `audit`.`leaf` FROM `audit` ORDER BY `audit`.`seq` DESC LIMIT ?"];

/// The folder whose statements are kept, and those.
static WATCHED: OnceLock<String> = OnceLock::new();
static STATEMENTS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Connections do not tell which test they belong to: each remembers its file.
fn listener() -> Option<Box<dyn Instrumentation>> {
    let mut file = String::new();
    Some(Box::new(
        move |event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => url.clone_into(&mut file),
            InstrumentationEvent::StartQuery { query, .. }
                if WATCHED.get().is_some_and(|folder| file.contains(folder)) =>
            {
                let text = query.to_string();
                let statement = text.split(" -- binds").next().unwrap_or_default();
                STATEMENTS.lock().unwrap().insert(statement.to_owned());
            }
            _ => {}
        },
    ))
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// What the database looks through for a statement.
fn scans(conn: &mut SqliteConnection, statement: &str) -> Vec<String> {
    let plan = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}"));
    let steps: Vec<Step> = plan
        .load(conn)
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
    let steps = steps.into_iter().map(|step| step.detail);
    steps
        .filter(|step| {
            let name = step
                .strip_prefix("SCAN ")
                .and_then(|rest| rest.split(' ').next());
            // The plan says another name where the statement gives a table one.
            let is_called = |table: &&str, name| statement.contains(&format!("{table} AS {name} "));
            name.is_some_and(|name| {
                GROWING
                    .iter()
                    .any(|table| *table == name || is_called(table, name))
            })
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_looks_through_what_grows_with_the_reports() {
    set_default_instrumentation(listener).unwrap();
    let app = TestApp::start().await;
    let folder = app.folder.path().to_str().unwrap().to_owned();
    WATCHED.set(folder).unwrap();

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

    let statements = STATEMENTS.lock().unwrap().clone();
    let selects = |table: &str| {
        let from = format!("FROM `{table}`");
        statements.iter().any(|text| text.contains(&from))
    };
    for table in GROWING {
        assert!(selects(table), "nothing was read of {table}");
    }
    let mut conn = sql::connect(&app);
    let bad: Vec<_> = statements
        .iter()
        .filter(|text| {
            ["SELECT", "UPDATE", "DELETE", "INSERT"]
                .iter()
                .any(|verb| text.starts_with(verb))
        })
        .filter(|text| !KNOWN.contains(&text.as_str()))
        .map(|text| (text, scans(&mut conn, text)))
        .filter(|(_, scans)| !scans.is_empty())
        .collect();
    assert!(
        bad.is_empty(),
        "{} of {}: {bad:#?}",
        bad.len(),
        statements.len()
    );
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
