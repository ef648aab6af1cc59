//! What a page shows beside what cannot be read.

use super::{destroy, harm, trees};
use crate::support::staff::Person;
use crate::support::{TestApp, eventually};

const WHY: &str = "what is damaged stays so";

/// Starts again over a database in which the first page of a table or an index is noise.
fn damaged(app: TestApp, tree: &str) -> TestApp {
    let people: Vec<Person> = app.people.all().to_vec();
    let people = people.iter().map(Person::copied).collect();
    let now = app.clock.now().plus(60);
    let folder = app.stop();
    let database = folder.path().join("data/kapea.db");
    destroy(&database, trees(&database)[tree]);
    let app = TestApp::of(folder, now, people);
    app.leaves_undone(WHY);
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_to_rest_while_it_cannot_be_read_what_waits() {
    for tree in ["queue_order", "proposals_day"] {
        let app = TestApp::start().await;
        app.leaves_undone(WHY);
        let app = damaged(app, tree);
        let sokha = app.sign_in("sokha").await;
        let page = sokha.get("/queue").await.expect(200);
        assert!(!page.text().contains("Nothing is waiting"), "{tree}");
        page.says("Part of what belongs here cannot be read");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_state_shows_what_can_be_read() {
    let app = TestApp::start().await;
    app.leaves_undone(WHY);
    let app = damaged(app, "processes");
    let admin = app.sign_in("admin").await;
    admin.get("/status").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_table_that_cannot_be_read_takes_no_other_number_away() {
    let app = TestApp::start().await;
    app.leaves_undone(WHY);
    app.reporter("en")
        .file(&[("danger", "now"), ("account", "urgent")])
        .await;
    let app = damaged(app, "alarms_open");
    for _ in 0..2 {
        app.clock.advance(900);
        app.sample().await;
    }
    let metrics = app.health.get("/metrics").await.expect(200).body();
    let urgent = "kapea_unclaimed_reports{urgency=\"U0\"} 1";
    assert!(metrics.contains(urgent), "{metrics}");
}

/// Where the log takes no more entries no report is kept: whoever begins one is told so before they type.
#[tokio::test(flavor = "multi_thread")]
async fn the_form_closes_where_what_is_told_of_a_report_cannot_be_written() {
    let app = TestApp::start().await;
    app.leaves_undone(WHY);
    let app = damaged(app, "audit");
    eventually("the form is closed", async || {
        let page = app.public.get("/en/report").await;
        let is_closed = page
            .text()
            .contains("We cannot take reports here right now");
        is_closed.then_some(())
    })
    .await;
}

/// What is told of in the log goes over to the auditors.
#[tokio::test(flavor = "multi_thread")]
async fn entries_go_over_to_the_auditors_beside_one_that_cannot_be_read() {
    let app = TestApp::start().await;
    app.leaves_undone(WHY);
    harm(
        &app,
        "UPDATE audit SET commitment = x'00', body_key = NULL WHERE seq = 5",
    );
    app.worker.hand_over().await.unwrap();
}
