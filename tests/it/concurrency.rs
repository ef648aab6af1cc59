//! Many at once: nothing is lost, and nobody is told that something broke.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection as _;

use crate::support::TestApp;
use crate::support::reporter::code_of;
use crate::support::sql;

const CLIENTS: usize = 64;

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_clients_lose_no_report_and_see_no_fault() {
    let app = TestApp::start().await;
    let caseworker = app.sign_in("sokha").await;
    let senders = (0..CLIENTS).map(|number| {
        let reporter = app.reporter(if number % 2 == 0 { "en" } else { "km" });
        async move {
            let account = format!("account-number-{number}-of-many");
            let mut form = reporter
                .fill(&[("danger", "over"), ("account", &account)])
                .await;
            loop {
                let page = reporter.site.submit(&form, "send").await;
                match page.status {
                    200 => return code_of(&page),
                    // Full lanes may refuse; what was typed is still there and is sent again as people would.
                    503 => form = page.form("form"),
                    other => panic!("status {other}: {}", page.text()),
                }
            }
        }
    });
    let readers = (0..8).map(|_| {
        let caseworker = caseworker.clone();
        async move {
            for _ in 0..8 {
                caseworker.get("/queue").await.expect(200);
            }
        }
    });
    let (codes, _) = tokio::join!(
        futures_util::future::join_all(senders),
        futures_util::future::join_all(readers)
    );
    let codes: BTreeSet<String> = codes.into_iter().collect();
    assert_eq!(codes.len(), CLIENTS);

    let reports = caseworker.whole_queue().await;
    assert_eq!(reports.len(), CLIENTS);
    let mut accounts = BTreeSet::new();
    for page in 1..=2 {
        let page = caseworker
            .get(&format!("/queue?page={page}"))
            .await
            .expect(200);
        accounts.extend(
            page.document()
                .of_class("inert")
                .into_iter()
                .map(|text| text.trim().to_owned()),
        );
    }
    assert_eq!(accounts.len(), CLIENTS, "{accounts:?}");
    let reporter = app.reporter("en");
    let opened = codes.iter().map(|code| reporter.try_code(code));
    for page in futures_util::future::join_all(opened).await {
        assert!(matches!(page.status, 200 | 503), "status {}", page.status);
    }
}

/// A backup, or a forgotten shell: whoever reads for long keeps the journal from being emptied, and no report out.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_stays_keeps_no_reporter_out() {
    let app = TestApp::start().await;
    let mut reader = sql::open(app.folder.path().join("data/kapea.db"));
    reader.batch_execute("BEGIN").unwrap();
    assert!(sql::number(&mut reader, "staff") > 0);
    // What is written after it has begun stays in the journal for as long as it reads.
    app.reporter("en").file(&[("account", "x")]).await;
    let scrubs = async {
        // As many as together took longer than anybody waits for the database.
        for _ in 0..3 {
            assert!(!app.worker.scrub().await.unwrap(), "somebody reads");
        }
    };
    let report = async { app.reporter("km").file(&[("account", "x")]).await };
    tokio::join!(scrubs, report);
    reader.batch_execute("COMMIT").unwrap();
}
