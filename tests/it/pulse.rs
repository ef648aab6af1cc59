//! What the processes of the service say of themselves: one of them shows all, and whoever asks hears what is wrong.

use kapea::domain::roles::Role;
use kapea::seal::credentials::Credentials;
use kapea::service::{Company, Context, Services};
use kapea::web::health::STUCK;

use crate::support::TestApp;
use crate::support::sql;

const DAY: i64 = 86_400;

fn rotate(app: &TestApp) {
    let file = app.folder.path().join("credentials.toml");
    let mut credentials = Credentials::parse(&std::fs::read_to_string(&file).unwrap()).unwrap();
    credentials.rotate(app.clock.today());
    std::fs::write(file, credentials.to_text().as_bytes()).unwrap();
}

async fn company(context: &Context) -> Company {
    Services::new(context).intake.company().await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_process_is_shown_with_what_is_wrong_with_it() {
    let app = TestApp::start().await;
    let intake = app.process(&[Role::Intake]);
    intake.changing.note(Some("line 7 says nothing".to_owned()));
    intake.beat(Some(false)).await;
    let admin = app.sign_in("admin").await;
    let page = admin.get("/status").await.expect(200);
    page.says("line 7 says nothing");
    page.says("No report can be taken at the moment");
    page.says("What is being typed can be written to swap");
    page.says_nothing_of("Not heard of");
    app.clock.advance(301);
    let page = admin.get("/status").await.expect(200);
    page.says("Not heard of");
    assert_eq!(
        page.body().matches("Not heard of").count(),
        1,
        "this one is"
    );
    app.clock.advance(3_600);
    let admin = app.sign_in("admin").await;
    let page = admin.get("/status").await.expect(200);
    page.says_nothing_of("Not heard of");
    intake.beat(None).await;
    app.clock.advance(301);
    // Whoever lays a row there shows nothing by it.
    sql::run(
        &app,
        "UPDATE processes SET sealed = (SELECT sealed FROM processes WHERE roles <> 'intake') WHERE roles = 'intake'",
    );
    let page = admin.get("/status").await.expect(200);
    page.says_nothing_of("Not heard of");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_reports_says_that_nobody_tells_of_them() {
    let app = TestApp::start().await;
    let intake = app.process(&[Role::Intake]);
    sql::run(&app, "DELETE FROM processes");
    assert_eq!(company(&intake).await, Company::NobodyTells);
    let casework = app.process(&[Role::Casework, Role::Worker]);
    casework.beat(None).await;
    assert_eq!(company(&intake).await, Company::Well);
    app.clock.advance(301);
    assert_eq!(company(&intake).await, Company::NobodyTells);
    assert_eq!(
        company(&casework).await,
        Company::Well,
        "it is there itself"
    );
}

/// What fails every few seconds, and what works beside it all the time.
#[tokio::test(flavor = "multi_thread")]
async fn work_that_fails_for_minutes_is_told_of_where_it_is_done_and_by_the_others() {
    let app = TestApp::start().await;
    let intake = app.process(&[Role::Intake]);
    let ready = async || app.health.get("/readyz").await.expect(200).body();
    sql::run(&app, "DELETE FROM processes");
    app.reporter("en")
        .file(&[("danger", "now"), ("account", "urgent")])
        .await;
    sql::run_in(
        &app.database(),
        "CREATE TRIGGER no BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    assert_eq!(app.worker.step().await, ["expand_urgent"]);
    app.later(290).await;
    assert_eq!(ready().await, "ok", "it may pass");
    app.later(20).await;
    let admin = app.sign_in("admin").await;
    assert_eq!(ready().await, STUCK);
    let page = admin.get("/status").await.expect(200);
    page.says("has failed again and again");
    page.says("expand_urgent");
    assert_eq!(company(&intake).await, Company::NobodyTells);
    app.beat().await;
    assert_eq!(company(&intake).await, Company::Stuck);
    sql::run_in(&app.database(), "DROP TRIGGER no");
    app.worker.step().await;
    app.beat().await;
    assert_eq!(ready().await, "ok");
    assert_eq!(company(&intake).await, Company::Well);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_copy_of_the_credentials_is_told_where_it_is_used_and_by_the_others() {
    let app = TestApp::start().await;
    let intake = app.process(&[Role::Intake]);
    rotate(&app);
    let casework = app.process(&[Role::Casework, Role::Worker]);
    casework.beat(None).await;
    assert_eq!(company(&intake).await, Company::OldCredentials);
    intake.beat(None).await;
    let alarms = || sql::count(&app, "alarms WHERE kind = 'credentials-old'");
    casework.beat(None).await;
    assert_eq!(alarms(), 0, "the first day is for carrying the file");
    app.clock.advance(DAY);
    intake.beat(None).await;
    casework.beat(None).await;
    casework.beat(None).await;
    assert_eq!(alarms(), 1);
    let app = app.restart();
    let admin = app.sign_in("admin").await;
    let page = admin.get("/status").await.expect(200);
    page.says("old copy of the credentials");
}
