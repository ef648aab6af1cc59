//! A team's key is changed while the service runs: nothing is lost, nobody who left can follow, and it may be cut off anywhere.

use std::sync::Arc;

use kapea::seal::keys::{Seed, StaffKeys};
use kapea::service::keyring::MemberKeys;

use crate::support::client::Page;
use crate::support::sql::{count, run, word};
use crate::support::staff::Session;
use crate::support::{TestApp, eventually, log};

/// Wraps of teams that read reports.
const WRAPS: &str = "wraps JOIN keys ON keys.id = wraps.child WHERE keys.owner IN (SELECT id FROM teams WHERE kind = 'casework')";

async fn file(app: &TestApp, count: usize) {
    for number in 0..count {
        let account = format!("account-{number}-told");
        app.reporter("en")
            .file(&[("danger", "over"), ("account", &account)])
            .await;
    }
}

async fn order(admin: &Session) -> Page {
    let team = admin.team("Hotline").await;
    admin.post("/keys/rotate", &[("team", &team)]).await
}

async fn member(app: &TestApp, session: &Session) -> Arc<MemberKeys> {
    let cookie = session.cookie.split("; ").next().unwrap();
    let cookie = cookie.split_once('=').unwrap().1;
    let caller = app.services.accounts.authenticate(cookie, true).await;
    MemberKeys::of(&caller.unwrap()).expect("a member")
}

/// Every report has one grant, under a key that is in use.
fn assert_sound(app: &TestApp, what: &str) {
    let reports = count(app, "reports");
    assert_eq!(count(app, "grants"), reports, "{what}");
    let usable =
        "grants JOIN keys ON keys.id = grants.key WHERE keys.state IN ('active', 'retiring')";
    assert_eq!(count(app, usable), reports, "{what}");
    let active = "keys WHERE kind = 'team' AND owner IN (SELECT id FROM teams WHERE kind = 'casework') AND state = 'active'";
    assert_eq!(count(app, active), 1, "{what}");
}

/// Everything is under the newest key and nothing is left of the others.
fn assert_done(app: &TestApp, what: &str) {
    assert_sound(app, what);
    let old = "keys WHERE kind = 'team' AND owner IN (SELECT id FROM teams WHERE kind = 'casework') AND state IN ('retiring', 'retired')";
    assert_eq!(count(app, old), 0, "{what}");
    let left = "wraps JOIN keys ON keys.id = wraps.child WHERE keys.state <> 'active'";
    assert_eq!(count(app, left), 0, "{what}");
    assert_eq!(count(app, "rotations WHERE state <> 'done'"), 0, "{what}");
}

async fn assert_reads(session: &Session, reports: usize) {
    let queue = session.whole_queue().await;
    assert_eq!(queue.len(), reports);
    for report in queue {
        session.read(&report).await.expect(200).says("-told");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_changed_behind_the_members_work() {
    let app = TestApp::start().await;
    file(&app, 3).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    order(&admin).await.expect(303);
    admin
        .get("/keys")
        .await
        .expect(200)
        .says("Ordered by an administrator")
        .says("dara, sokha");
    assert_eq!(
        count(
            &app,
            "keys WHERE generation = 2 AND kind = 'team' AND owner IN (SELECT id FROM teams WHERE kind = 'casework')"
        ),
        0
    );
    eventually("the change is done", async || {
        sokha.get("/queue").await.expect(200);
        let open = count(&app, "rotations WHERE state <> 'done'");
        (open == 0).then_some(())
    })
    .await;
    let page = admin.get("/keys").await.expect(200);
    page.says_nothing_of("Ordered by an administrator");
    file(&app, 1).await;
    assert_done(&app, "after the change");
    assert_eq!(
        count(
            &app,
            "grants JOIN keys ON keys.id = grants.key WHERE generation = 2"
        ),
        4
    );
    assert_reads(&sokha, 4).await;
    assert_reads(&app.sign_in("dara").await, 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_may_be_cut_off_after_every_commit() {
    let app = TestApp::start().await;
    file(&app, 5).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let hand = member(&app, &sokha).await;
    let mut cut = 0;
    for commits in 0.. {
        order(&admin).await.expect(303);
        app.store.fail_after_commits(Some(commits));
        let ended = app.services.rotation.run(&hand, 2).await;
        app.store.fail_after_commits(None);
        assert_sound(&app, &format!("cut off after {commits} commits"));
        app.services.rotation.run(&hand, 2).await.unwrap();
        assert_done(&app, &format!("carried on after {commits} commits"));
        if ended.is_ok() {
            break;
        }
        cut += 1;
    }
    assert!(cut >= 5, "only {cut} places to be cut off at");
    assert_reads(&sokha, 5).await;
    assert_reads(&app.sign_in("dara").await, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_members_and_a_second_order_come_to_the_same_end() {
    let app = TestApp::start().await;
    file(&app, 12).await;
    let admin = app.sign_in("admin").await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    let (one, other) = (member(&app, &sokha).await, member(&app, &dara).await);
    order(&admin).await.expect(303);
    app.services.rotation.slice(&one).await.unwrap();
    order(&admin).await.expect(303);
    let again = admin.get("/keys").await.expect(200);
    again
        .says("Another change follows")
        .says("12 still under older ones");
    let forms = again.forms_to("/keys/rotate");
    let team = admin.team("Hotline").await;
    assert!(
        forms.iter().all(|form| form.value("team") != Some(&team)),
        "a third order is the second"
    );
    let rotation = &app.services.rotation;
    let ends = tokio::join!(
        rotation.run(&one, 1),
        rotation.run(&other, 1),
        file(&app, 3)
    );
    let (first, second) = (ends.0.unwrap(), ends.1.unwrap());
    // Whoever came to an idle moment has stopped; the rest is anybody's.
    let rest = rotation.run(&one, 1).await.unwrap();
    assert!(first + second + rest >= 24, "{first} {second} {rest}");
    assert_done(&app, "two members");
    assert_eq!(
        count(
            &app,
            "keys WHERE kind = 'team' AND owner IN (SELECT id FROM teams WHERE kind = 'casework') AND generation = 3"
        ),
        1
    );
    assert_reads(&sokha, 15).await;
    assert_reads(&dara, 15).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_is_not_in_the_next_generation() {
    let mut app = TestApp::start().await;
    file(&app, 2).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let vanna = app.new_caseworker(&admin, &sokha, "vanna").await;
    assert_reads(&vanna, 2).await;
    let page = admin.get("/people").await.expect(200);
    let form = page
        .forms_to("/people/disable")
        .into_iter()
        .find(|form| {
            let id = form.value("staff").unwrap();
            let sql = format!("SELECT handle FROM staff WHERE id = X'{id}'");
            word(&app, &sql) == "vanna"
        })
        .expect("a form");
    admin
        .post_fields("/people/disable", &form.fields)
        .await
        .expect(303);
    assert_eq!(
        vanna.get("/queue").await.status,
        303,
        "the session has ended"
    );
    admin
        .get("/keys")
        .await
        .expect(200)
        .says("somebody has left");

    let hand = member(&app, &sokha).await;
    app.services.rotation.run(&hand, 8).await.unwrap();
    assert_done(&app, "after leaving");
    let theirs = "wraps JOIN keys ON keys.id = wraps.parent JOIN staff ON staff.id = keys.owner WHERE handle = 'vanna'";
    assert_eq!(count(&app, theirs), 0);
    assert_eq!(count(&app, WRAPS), 2, "sokha and dara");
    assert_reads(&app.sign_in("dara").await, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_key_that_was_exchanged_in_the_database_gets_no_wrap() {
    let app = TestApp::start().await;
    file(&app, 1).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let hand = member(&app, &sokha).await;
    let thief = StaffKeys::from_seed(&Seed::random()).recipient();
    run(
        &app,
        &format!(
            "UPDATE keys SET recipient = '{thief}' WHERE kind = 'staff' AND owner = (SELECT id FROM staff WHERE handle = 'dara')"
        ),
    );
    order(&admin).await.expect(303);
    app.services.rotation.run(&hand, 8).await.unwrap();
    assert_done(&app, "after the exchange");
    assert_eq!(count(&app, WRAPS), 1, "sokha alone");
    assert!(log::written().contains("a member's key is not the one in the team's ledger"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_row_that_nobody_vouched_for_gets_no_wrap() {
    let app = TestApp::start().await;
    file(&app, 1).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let hand = member(&app, &sokha).await;
    // The custodian has an account and a key, and whoever writes to the database puts them into the team.
    run(
        &app,
        "INSERT INTO memberships SELECT m.team, s.id, 1, 'member' FROM memberships m, staff s \
         WHERE s.handle = 'custodian' AND m.staff = (SELECT id FROM staff WHERE handle = 'dara')",
    );
    order(&admin).await.expect(303);
    app.services.rotation.run(&hand, 8).await.unwrap();
    assert_done(&app, "after the intrusion");
    assert_eq!(count(&app, WRAPS), 2, "sokha and dara");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generation_that_was_slipped_in_stops_the_change() {
    let app = TestApp::start().await;
    file(&app, 1).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let hand = member(&app, &sokha).await;
    let thief = StaffKeys::from_seed(&Seed::random());
    run(
        &app,
        &format!(
            "INSERT INTO keys SELECT randomblob(16), kind, owner, 2, '{}', randomblob(32), 'active', from_day \
             FROM keys WHERE kind = 'team' AND owner IN (SELECT id FROM teams WHERE kind = 'casework')",
            thief.recipient()
        ),
    );
    order(&admin).await.expect(303);
    assert!(app.services.rotation.run(&hand, 8).await.is_err());
    assert_eq!(count(&app, "rotations WHERE state = 'ordered'"), 1);
    // Reports still go to the last good key.
    file(&app, 1).await;
    assert_eq!(
        count(
            &app,
            "grants JOIN keys ON keys.id = grants.key WHERE generation = 1"
        ),
        2
    );
    app.leaves_undone("nobody changes a key after a generation that was slipped in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_does_not_open_is_set_aside_and_comes_back_when_it_is_mended() {
    let app = TestApp::start().await;
    file(&app, 3).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let hand = member(&app, &sokha).await;
    run(
        &app,
        "CREATE TABLE kept AS SELECT * FROM grants ORDER BY report LIMIT 1",
    );
    run(
        &app,
        "UPDATE grants SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) || CASE substr(sealed, -1) WHEN X'00' THEN X'01' ELSE X'00' END AS BLOB) WHERE report = (SELECT report FROM kept)",
    );
    order(&admin).await.expect(303);
    app.services.rotation.run(&hand, 8).await.unwrap();
    assert_eq!(count(&app, "quarantine"), 1);
    assert_eq!(
        count(
            &app,
            "keys WHERE kind = 'team' AND owner IN (SELECT id FROM teams WHERE kind = 'casework') AND state = 'retiring'"
        ),
        1,
        "kept for it"
    );
    admin.get("/keys").await.expect(200).says("1 do not open");
    assert_eq!(sokha.whole_queue().await.len(), 2);

    // It does not keep the next change from being made.
    order(&admin).await.expect(303);
    app.services.rotation.run(&hand, 8).await.unwrap();
    assert_eq!(
        count(
            &app,
            "keys WHERE kind = 'team' AND owner IN (SELECT id FROM teams WHERE kind = 'casework') AND generation = 3 AND state = 'active'"
        ),
        1
    );

    run(
        &app,
        "UPDATE quarantine SET sealed = (SELECT sealed FROM kept)",
    );
    app.services.rotation.run(&hand, 8).await.unwrap();
    assert_done(&app, "after mending");
    assert_reads(&sokha, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_age_is_ordered_to_be_changed_once() {
    let app = TestApp::start().await;
    app.worker.order_rotations().await.unwrap();
    assert_eq!(count(&app, "rotations"), 0);
    app.clock.advance(182 * 86_400);
    // The team's, and the auditors'.
    assert_eq!(app.worker.order_rotations().await.unwrap(), 2);
    assert_eq!(app.worker.order_rotations().await.unwrap(), 0);
    app.clock.advance(86_400);
    assert_eq!(app.worker.order_rotations().await.unwrap(), 0);
    let admin = app.sign_in("admin").await;
    admin
        .get("/keys")
        .await
        .expect(200)
        .says("it has reached its age")
        .says("overdue");
}
