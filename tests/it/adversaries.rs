//! Somebody who has left a team with everything they held, and who writes to its database: what a state machine in
//! `service::rotation::tests` tries by the thousand, each once through the front door.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection as _;
use kapea::domain::ids::ReportId;
use kapea::ledger::rules::Rules;
use kapea::ledger::team::TeamBody;

use crate::support::ledger::{insider, lay, team};
use crate::support::oracle::{Holder, Oracle};
use crate::support::sql::{connect, count, id_of, run, word};
use crate::support::staff::Session;
use crate::support::{TestApp, eventually};

const TOLD: &[(&str, &str)] = &[("danger", "over"), ("account", "told-once")];
const BROKEN: &str = "The records of a team's keys have been changed";

/// Dara with a copy of the database and all that it opens for them, and those who stay.
struct Scene {
    app: TestApp,
    sokha: Session,
    dara: Holder,
    older: String,
}

impl Scene {
    /// Dara goes; the order to change the key is given, and nobody has come by yet.
    async fn with_dara_gone() -> Self {
        let app = TestApp::start().await;
        app.reporter("en").file(TOLD).await;
        let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
        let (mut dara, _) = insider(&app, "dara");
        Oracle::of(&app.database()).learn(&mut dara);
        let older = app.folder.path().join("older.db").display().to_string();
        run(&app, &format!("VACUUM INTO '{older}'"));
        let staff = id_of(&app, "dara");
        let page = admin.post("/people/disable", &[("staff", &staff)]).await;
        page.expect(303);
        Self {
            app,
            sokha,
            dara,
            older,
        }
    }

    /// Those who are there come by until the key is changed.
    async fn change(&self) {
        eventually("the key is changed", async || {
            self.sokha.get("/queue").await.expect(200);
            (count(&self.app, "rotations WHERE state <> 'done'") == 0).then_some(())
        })
        .await;
    }

    fn script(&self, statements: &str) {
        let older = &self.older;
        let all = format!("PRAGMA foreign_keys = OFF; ATTACH '{older}' AS old; {statements}");
        connect(&self.app).batch_execute(&all).unwrap();
    }

    /// What dara opens of the database as it is now.
    fn opens(&mut self) -> BTreeSet<ReportId> {
        Oracle::of(&self.app.database()).learn(&mut self.dara)
    }

    async fn is_told(&self) {
        self.app.worker.watch().await.unwrap();
        assert!(
            count(
                &self.app,
                "alarms WHERE kind = 'team-broken' AND state = 'open'"
            ) > 0
        );
        let auditor = self.app.sign_in("auditor").await;
        auditor.get("/alarms").await.expect(200).says(BROKEN);
    }
}

/// The generation that they hold is put back as the one in force, with its wraps and a change that is under way.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_back_to_a_generation_that_somebody_left_with() {
    let mut scene = Scene::with_dara_gone().await;
    scene.change().await;
    scene.app.reporter("en").file(TOLD).await;
    assert!(scene.opens().is_empty());
    scene.script(
        "INSERT OR IGNORE INTO wraps SELECT * FROM old.wraps WHERE child IN (SELECT id FROM keys WHERE kind = 'team');
         UPDATE keys SET state = CASE generation WHEN 1 THEN 'active' ELSE 'retiring' END
             WHERE kind = 'team' AND owner = (SELECT team FROM channels WHERE id = 'main');
         INSERT INTO rotations SELECT randomblob(16), owner, 'order', 1, 'begun', id, NULL FROM keys
             WHERE kind = 'team' AND generation = 1 AND owner = (SELECT team FROM channels WHERE id = 'main');",
    );
    for _ in 0..8 {
        scene.sokha.get("/queue").await;
        scene.sokha.post("/team/rotate", &[]).await;
    }
    let (hand, _) = insider(&scene.app, "sokha");
    let hand = Oracle::of(&scene.app.database()).hand(&hand).into();
    drop(scene.app.services.rotation.run(&hand, 8).await);
    // Both reports are the team's, and of neither does what is there now open for whoever has gone.
    assert!(scene.opens().is_empty(), "grants went back to an old key");
    scene.is_told().await;
    scene.app.leaves_undone("keys were put back that are gone");
}

/// An order that is taken away, or said to be done, is given again: the ledger says that it is due.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_somebody_takes_away_is_told_of_and_given_again() {
    for act in [
        "DELETE FROM rotations;",
        "UPDATE rotations SET state = 'done', done_day = 1;",
    ] {
        let mut scene = Scene::with_dara_gone().await;
        scene.app.worker.step().await;
        scene.script(act);
        scene.is_told().await;
        scene.app.worker.step().await;
        scene.change().await;
        scene.app.reporter("en").file(TOLD).await;
        assert!(scene.opens().is_empty(), "{act}");
        assert_eq!(scene.sokha.queue("").await.len(), 2, "{act}");
    }
}

/// That reports get their next key because somebody has gone, the ledger says and no row.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_for_another_reason_leaves_no_report_its_key() {
    let scene = Scene::with_dara_gone().await;
    let before = word(&scene.app, "SELECT recipient FROM reports");
    scene.script("UPDATE rotations SET reason = 'schedule';");
    scene.change().await;
    assert_ne!(before, word(&scene.app, "SELECT recipient FROM reports"));
}

/// Words of custodians that are broken keep no team at a key that somebody left with, and no reporter out.
#[tokio::test(flavor = "multi_thread")]
async fn broken_words_of_custodians_keep_no_team_at_an_old_key() {
    let mut scene = Scene::with_dara_gone().await;
    scene.script(
        "UPDATE statements SET signed = randomblob(200) WHERE ledger NOT IN (SELECT id FROM teams);",
    );
    scene.change().await;
    // Also where the row of the key that they hold says that it is in force.
    for act in [
        "",
        "UPDATE keys SET state = 'active' WHERE kind = 'team' AND generation = 1;",
    ] {
        scene.script(act);
        scene.app.reporter("en").file(TOLD).await;
        assert!(scene.opens().is_empty(), "a report went to an old key");
    }
    scene.app = scene.app.restart();
    scene.app.reporter("en").file(TOLD).await;
    assert!(
        scene.opens().is_empty(),
        "a report went to an old key after a start"
    );
    scene.app.leaves_undone("the office's ledger is broken");
}

/// A newer release has written into the ledger: nothing new begins, and reports go on to the last key that is known.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_of_a_newer_release_stops_what_is_new_and_no_report() {
    let mut app = TestApp::start().await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let vanna = app.newcomer(&admin, "vanna").await;
    let hotline = team(&app, "name = 'Hotline'");
    let (holder, own) = insider(&app, "sokha");
    let body = TeamBody::Rules(Rules::new(1, 0).unwrap());
    lay(&app, hotline, holder.staff, &[own.signing()], body);
    // The byte of the kind: a length, magic, suite, ledger, number, digest, author and time stand before it.
    run(
        &app,
        "UPDATE statements SET signed = CAST(substr(signed, 1, 81) || X'28' || substr(signed, 83) AS BLOB)
         WHERE sequence = (SELECT max(sequence) FROM statements AS s WHERE s.ledger = statements.ledger)
             AND ledger = (SELECT id FROM teams WHERE name = 'Hotline')",
    );
    for is_after_a_start in [false, true] {
        if is_after_a_start {
            app = app.restart();
        }
        app.reporter("en").file(TOLD).await;
        let context = app.beside();
        let look = |conn: &mut _| context.authority.look_at_team(conn, hotline);
        let why = context.store.blocking(look).unwrap().expect("a fault");
        assert_eq!(
            why,
            format!(
                "a statement of kind 40: a newer release than {} wrote it",
                env!("CARGO_PKG_VERSION")
            )
        );
        app.worker.watch().await.unwrap();
        assert_eq!(
            count(&app, "alarms WHERE kind = 'team-broken' AND state = 'open'"),
            1
        );
        // Nobody is let in, and no key is made.
        let sokha = app.sign_in("sokha").await;
        let waiting = sokha.get("/team").await.expect(200);
        assert!(waiting.forms_to("/team/approve").is_empty());
        let form = [("team", &*hotline.to_string())];
        app.sign_in("admin").await.post("/keys/rotate", &form).await;
        sokha.post("/team/rotate", &[]).await;
        sokha.get("/queue").await.expect(200);
        assert_eq!(count(&app, "rotations WHERE state = 'begun'"), 0);
        for report in sokha.whole_queue().await {
            sokha.read(&report).await.expect(200).says("told-once");
        }
    }
    assert_eq!(count(&app, "reports"), 2);
    drop((sokha, vanna));
    app.leaves_undone("a newer release is needed");
}
