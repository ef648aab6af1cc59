//! Grants that did not open when their team's key was changed: what happens to them later.

use std::sync::Arc;
use std::time::Duration;

use crate::access_matrix::{EXTRA, settled};
use crate::support::TestApp;
use crate::support::oracle::Oracle;

/// A fault would keep these tests from ending; nothing is measured by it.
const HANG: Duration = Duration::from_secs(90);

const SPOIL: &str = "CAST(substr(sealed, 1, length(sealed) - 1) || CASE substr(sealed, -1) WHEN X'00' THEN X'01' ELSE X'00' END AS BLOB)";

async fn change_key(app: &TestApp, truth: &Oracle) {
    let admin = app.sign_in("admin").await;
    let page = admin.get("/keys").await.expect(200);
    for form in page.forms_to("/keys/rotate") {
        admin
            .post_fields("/keys/rotate", &form.fields)
            .await
            .expect(303);
    }
    carry_on(app, truth).await;
}

async fn carry_on(app: &TestApp, truth: &Oracle) {
    let sokha = truth.holder(app.people.get("sokha"));
    let hand = Arc::new(truth.hand(&sokha));
    let run = app.services.rotation.run(&hand, 8);
    tokio::time::timeout(HANG, run)
        .await
        .expect("it ends")
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_from_a_team_does_not_come_back_when_its_old_grant_is_mended() {
    let app = settled().start(EXTRA);
    app.reporter("en")
        .file(&[("danger", "over"), ("account", "told-once")])
        .await;
    let (sokha, bopha) = (app.sign_in("sokha").await, app.sign_in("bopha").await);
    let report = sokha.queue("").await.remove(0);
    let truth = &mut Oracle::of(&app.database());
    let team = |truth: &mut Oracle, name: &str| {
        let sql = format!("SELECT lower(hex(id)) AS word FROM teams WHERE name = '{name}'");
        truth.words(&sql).remove(0)
    };
    let (hotline, integrity) = (team(truth, "Hotline"), team(truth, "Integrity"));
    let there = [("team", integrity.as_str()), ("reason", "why")];
    let back = [("team", hotline.as_str()), ("reason", "why")];
    let (share, moved) = (
        format!("/reports/{report}/share"),
        format!("/reports/{report}/move"),
    );
    sokha.post(&share, &there).await.expect(303);
    let under = "key IN (SELECT id FROM keys WHERE generation = 1 AND owner = (SELECT id FROM teams WHERE name = 'Hotline'))";
    truth.run(&format!(
        "CREATE TABLE kept AS SELECT sealed FROM grants WHERE {under}"
    ));
    truth.run(&format!("UPDATE grants SET sealed = {SPOIL} WHERE {under}"));
    change_key(&app, truth).await;
    assert_eq!(truth.count("quarantine"), 1);
    sokha.read(&report).await.expect(404);

    // The other team gives it anew, and then it is taken for good.
    bopha.post(&share, &back).await.expect(303);
    sokha.read(&report).await.expect(200).says("told-once");
    sokha.post(&moved, &there).await.expect(303);
    sokha.read(&report).await.expect(404);

    truth.run("UPDATE quarantine SET sealed = (SELECT sealed FROM kept)");
    carry_on(&app, truth).await;
    let mut holder = truth.holder(app.people.get("sokha"));
    assert!(truth.learn(&mut holder).is_empty(), "it came back");
    sokha.read(&report).await.expect(404);
    bopha.read(&report).await.expect(200).says("told-once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_grant_that_is_laid_there_again_does_not_hold_up_the_change() {
    let app = settled().start(EXTRA);
    for _ in 0..3 {
        app.reporter("en")
            .file(&[("danger", "over"), ("account", "told-once")])
            .await;
    }
    let truth = &mut Oracle::of(&app.database());
    truth.run(&format!(
        "UPDATE grants SET sealed = {SPOIL} WHERE report = (SELECT min(id) FROM reports)"
    ));
    change_key(&app, truth).await;
    truth.run("INSERT INTO grants SELECT report, key, sealed FROM quarantine");
    change_key(&app, truth).await;
    assert_eq!(truth.count("quarantine"), 1);
    assert_eq!(
        truth.count("grants JOIN keys ON keys.id = grants.key WHERE keys.state = 'active'"),
        2
    );
    assert_eq!(
        truth.count(
            "rotations JOIN teams ON teams.id = team WHERE state <> 'done' AND name = 'Hotline'"
        ),
        0
    );
}
