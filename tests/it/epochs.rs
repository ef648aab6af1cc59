//! A report's next key: whoever has left with a copy of the one before opens nothing that is written later, and everybody else goes on.

use kapea::seal::opening::OpenReport;

use crate::support::ledger::insider;
use crate::support::oracle::Oracle;
use crate::support::sql::{count, id_of, word};
use crate::support::staff::Session;
use crate::support::{TestApp, eventually};

const TOLD: &[(&str, &str)] = &[("danger", "over"), ("account", "told-once")];

/// How many of the report's objects somebody opens who has kept its key.
pub fn opened_by(app: &TestApp, kept: &OpenReport) -> usize {
    Oracle::of(&app.database()).opened_by(kept)
}

/// The report as somebody's keys open it now.
pub fn copy(app: &TestApp, handle: &str) -> OpenReport {
    let (mut holder, _) = insider(app, handle);
    let mut open = Oracle::of(&app.database()).reports(&mut holder);
    open.pop().expect("a report")
}

/// Somebody's account is stopped, and what follows for the keys is done.
pub async fn leave(app: &TestApp, admin: &Session, handle: &str, by: &Session) {
    let staff = id_of(app, handle);
    let page = admin.post("/people/disable", &[("staff", &staff)]).await;
    page.expect(303);
    eventually("the change is done", async || {
        by.queue("").await;
        (count(app, "rotations WHERE state <> 'done'") == 0).then_some(())
    })
    .await;
}

/// A7: twice, so that an earlier key lies under another one.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_left_opens_nothing_that_is_written_later() {
    let mut app = TestApp::start().await;
    let code = app.reporter("en").file(TOLD).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    app.new_caseworker(&admin, &sokha, "vanna").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    sokha.note(&report, "before").await.expect(303);
    let mut written = vec!["before".to_owned()];
    for (turn, handle) in ["dara", "vanna"].into_iter().enumerate() {
        let kept = copy(&app, handle);
        let known = opened_by(&app, &kept);
        assert!(known >= 2, "{handle} reads it as a member");
        let before = word(&app, "SELECT recipient FROM reports");
        leave(&app, &admin, handle, &sokha).await;
        assert_ne!(before, word(&app, "SELECT recipient FROM reports"));
        assert_eq!(count(&app, "epochs"), i64::try_from(turn).unwrap() + 1);
        // The reporter, and a colleague, go on as if nothing had happened.
        let mailbox = app.reporter("en").mailbox(&code).await;
        let told = format!("the reporter after {handle}");
        mailbox.write(&told).await.expect(200);
        let noted = format!("a note after {handle}");
        sokha.claim(&report).await;
        sokha.note(&report, &noted).await.expect(303);
        sokha.message(&report, "we read it").await.expect(303);
        assert_eq!(opened_by(&app, &kept), known, "{handle} follows");
        written.extend([told, noted]);
        let page = sokha.read(&report).await.expect(200);
        for words in &written {
            page.says(words);
        }
        page.says("told-once");
    }
    let mailbox = app.reporter("en").mailbox(&code).await;
    assert_eq!(mailbox.messages().len(), 2);
    assert_eq!(count(&app, "alarms"), 0);
    // A signed decision stands over the changes of the key.
    sokha.urgency(&report, "U1", "now").await.expect(303);
    app.worker.step().await;
    assert_eq!(word(&app, "SELECT urgency FROM reports"), "U1");
}
