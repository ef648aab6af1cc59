//! Many at once: nothing is lost, and nobody is told that something broke.

use std::collections::BTreeSet;

use crate::support::TestApp;
use crate::support::reporter::code_of;

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
