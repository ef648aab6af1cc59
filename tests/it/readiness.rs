//! Whether a report could be taken: what is asked is the work itself, and the service manager hears of it.

use std::os::unix::net::UnixDatagram;

use crate::support::TestApp;
use crate::support::binary::Installation;
use crate::support::eventually;
use crate::support::sql::{self, count};

/// B5: reports are sealed and inserted as ever, and nothing of it stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_does_the_work_and_leaves_nothing() {
    let app = TestApp::start().await;
    for what in ["reports", "objects", "mailboxes", "outbox", "audit"] {
        let before = count(&app, what);
        app.health.get("/readyz").await.expect(200);
        assert_eq!(count(&app, what), before, "{what}");
    }
}

/// What a report needs and is not there makes it unready, whatever else works. An answer stands for a while.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_report_needs_is_what_is_looked_at() {
    for harm in [
        "CREATE TRIGGER no BEFORE INSERT ON mailboxes BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER no BEFORE INSERT ON reports BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER no BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER no BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END",
    ] {
        let app = TestApp::start().await;
        sql::run_in(&app.database(), harm);
        eventually(harm, async || {
            let answer = app.health.get("/readyz").await;
            (answer.status == 503).then_some(())
        })
        .await;
        app.public
            .get("/en/")
            .await
            .expect(200)
            .says(crate::support::settings::PHONE);
        sql::run(&app, "DROP TRIGGER no");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_manager_hears_that_it_listens_and_that_it_works() {
    let installation = Installation::settled();
    let path = installation.folder().join("manager");
    let manager = UnixDatagram::bind(&path).unwrap();
    let mut command = installation.command();
    command
        .args(["--roles", "intake,casework,worker"])
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "600000");
    let served = installation.serve_as(command, 2).await;
    let heard = move || {
        let mut said = [0; 64];
        let length = manager.recv(&mut said).unwrap();
        String::from_utf8_lossy(&said[..length]).trim().to_owned()
    };
    let heard = kapea::store::aside(move || [heard(), heard(), heard()]);
    assert_eq!(
        heard.await.unwrap(),
        ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
    );
    drop(served);
}
