//! An empty list says whether nothing is there or nothing can be seen.

use crate::support::TestApp;

const QUIET: &str = "You can rest your eyes";

#[tokio::test(flavor = "multi_thread")]
async fn somebody_without_the_key_is_not_told_that_nothing_waits() {
    let mut app = TestApp::start().await;
    let sokha = app.sign_in("sokha").await;
    sokha.get("/queue").await.expect(200).says(QUIET);
    app.reporter("en")
        .file(&[("account", "Her uncle."), ("danger", "now")])
        .await;
    let admin = app.sign_in("admin").await;
    let newcomer = app.newcomer(&admin, "newcomer").await;
    for query in ["", "?urgency=U0", "?state=received", "?page=2"] {
        let page = newcomer.get(&format!("/queue{query}")).await.expect(200);
        page.says_nothing_of(QUIET)
            .says("You cannot see yet what comes in for");
    }
    let page = newcomer.get("/queue").await.expect(200);
    page.says("You cannot see whether something is waiting");
    sokha.admit_all(&app.clock).await;
    let page = newcomer.get("/queue").await.expect(200);
    page.says_nothing_of("You cannot see yet");
    assert_eq!(newcomer.queue("").await.len(), 1);
}
