//! Two acts that cross: whichever comes first, what stands afterwards is one sound state.

use std::sync::mpsc;

use kapea::service::accounts::Caller;
use kapea::service::admin::Leaving;
use kapea::service::error::Error;

use crate::support::client::Page;
use crate::support::ledger;
use crate::support::reporter::code_of;
use crate::support::sql::{count, id_of, run, word};
use crate::support::staff::{Person, Session};
use crate::support::{TestApp, eventually};

const TOLD: &[(&str, &str)] = &[("danger", "over"), ("account", "told-once")];

async fn caller(app: &TestApp, session: &Session) -> Caller {
    let cookie = session.cookie.split("; ").next().unwrap();
    let cookie = cookie.split_once('=').unwrap().1;
    let caller = app.services.accounts.authenticate(cookie, true).await;
    caller.expect("signed in")
}

async fn close(app: &TestApp, admin: &Session, handle: &str) -> Page {
    let staff = id_of(app, handle);
    admin.post("/people/disable", &[("staff", &staff)]).await
}

/// Opens pages as a member until the team's key is changed.
async fn key_is_changed(app: &TestApp, member: &Session) {
    eventually("the key is changed", async || {
        member.get("/queue").await.expect(200);
        (count(app, "rotations WHERE state <> 'done'") == 0).then_some(())
    })
    .await;
}

/// A report is sealed while its team's key changes; and somebody who writes to the database, with a copy of the key before, has that one
/// stand as active when the report is kept. Which key is the team's, its ledger says.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_sealed_while_the_key_changes_goes_to_the_new_one_whatever_rows_say() {
    let app = TestApp::start_with(&[("limits", "receipt_permits = 1")]).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let form = app.reporter("en").fill(TOLD).await;
    // Nothing is sealed for now: the report waits there, and knows the key that it is for.
    let lane = app.lanes().report.clone();
    let waits = async |all: usize| {
        eventually("it waits to be sealed", async || {
            let turns = lane.turns();
            (turns.taken() + turns.waiting() == all).then_some(())
        })
        .await;
    };
    let (open, gate) = mpsc::channel::<()>();
    let held = lane.clone();
    let held = tokio::spawn(async move { held.run(move || gate.recv()).await });
    waits(1).await;
    let site = app.public.clone();
    let sent = tokio::spawn(async move { site.submit(&form, "send").await });
    waits(2).await;

    let team = admin.team("Hotline").await;
    let order = admin.post("/keys/rotate", &[("team", &team)]).await;
    order.expect(303);
    key_is_changed(&app, &sokha).await;
    let before = format!("generation = 1 AND owner = X'{team}'");
    let set = |state: &str| {
        run(
            &app,
            &format!("UPDATE keys SET state = '{state}' WHERE {before}"),
        )
    };
    assert_eq!(set("active"), 1);
    open.send(()).unwrap();
    held.await.unwrap().unwrap().unwrap();
    code_of(&sent.await.unwrap().expect(200));
    let under = "SELECT CAST(generation AS TEXT) FROM keys JOIN grants ON grants.key = keys.id";
    assert_eq!(word(&app, under), "2");
    assert_eq!(count(&app, "grants"), 1);

    set("destroyed");
    let report = sokha.queue("").await.remove(0);
    sokha.read(&report).await.expect(200).says("told-once");
}

/// The pages of whoever is left say nothing of a fault, and no alarm sounds.
async fn assert_sound(app: &TestApp, admin: &Session) {
    for path in [
        "/people",
        "/teams",
        "/keys",
        "/recovery",
        "/status",
        "/mail",
    ] {
        admin.get(path).await.expect(200);
    }
    app.worker.watch().await.unwrap();
    assert_eq!(count(app, "alarms"), 0);
    let active = "staff WHERE role = 'administrator' AND state = 'active'";
    assert_eq!(count(app, active), 1);
    // The office goes on.
    admin.invite("after", "auditor", None, false).await;
}

async fn second_administrator(app: &mut TestApp, admin: &Session) -> Session {
    let token = admin.invite("rithy", "administrator", None, false).await;
    let person = Person::join(&app.staff, &app.clock, &token, None).await;
    app.people.add(person);
    app.sign_in("rithy").await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_administrators_who_close_each_others_account_one_stays() {
    for is_first in [true, false] {
        let mut app = TestApp::start().await;
        let admin = app.sign_in("admin").await;
        let rithy = second_administrator(&mut app, &admin).await;
        let (stays, goes) = match is_first {
            true => (admin, rithy),
            false => (rithy, admin),
        };
        // Both have come in before either has done anything.
        let (one, other) = (caller(&app, &stays).await, caller(&app, &goes).await);
        let services = app.services.admin.clone();
        let how = Leaving::default();
        services.disable(&one, other.staff, how).await.unwrap();
        let late = services.disable(&other, one.staff, how).await;
        assert_eq!(late, Err(Error::NotFound));
        let role = kapea::domain::staff::Role::Auditor;
        let invited = services.invite(&other, None, "friend", role, None, false);
        assert_eq!(invited.await.err(), Some(Error::NotFound));
        assert_eq!(goes.get("/people").await.status, 303, "no session");
        assert_sound(&app, &stays).await;
    }
}

/// As it happens: at the same moment, and a member's account as well.
#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_at_once_close_each_account_once() {
    let mut app = TestApp::start().await;
    app.reporter("en").file(TOLD).await;
    let admin = app.sign_in("admin").await;
    let rithy = second_administrator(&mut app, &admin).await;
    let team = ledger::team(&app, "name = 'Hotline'");
    let before = count(&app, &format!("statements WHERE ledger = X'{team}'"));
    let (one, other) = tokio::join!(close(&app, &admin, "dara"), close(&app, &rithy, "dara"));
    let mut answers = [one.status, other.status];
    answers.sort_unstable();
    assert_eq!(answers, [303, 409]);
    let after = count(&app, &format!("statements WHERE ledger = X'{team}'"));
    assert_eq!(after, before + 1, "one exit");
    let sokha = app.sign_in("sokha").await;
    key_is_changed(&app, &sokha).await;
    let report = sokha.queue("").await.remove(0);
    sokha.read(&report).await.expect(200).says("told-once");

    let (one, other) = tokio::join!(close(&app, &admin, "rithy"), close(&app, &rithy, "admin"));
    // The other's session has ended, or their act finds their account closed.
    let mut answers = [one.status, other.status];
    answers.sort_unstable();
    assert!([[303, 303], [303, 404]].contains(&answers), "{answers:?}");
    let stays = match admin.get("/people").await.status {
        200 => &admin,
        _ => &rithy,
    };
    assert_sound(&app, stays).await;
}

async fn approve(app: &TestApp, member: &Session) {
    let page = member.get("/team").await.expect(200);
    let mut form = page.form_to("/team/admit");
    form.set("compared", "yes")
        .set("code", &member.code(&app.clock).await);
    let done = member.post_fields("/team/admit", &form.fields).await;
    done.expect(303);
}

/// The wait is over and nobody has come by since: the word of who leaves now counts no more, and the others' ends with the team's next key.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_approved_by_somebody_who_leaves_before_the_admission_waits_for_another_word() {
    let mut app = TestApp::start().await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let vanna = app.new_caseworker(&admin, &sokha, "vanna").await;
    let page = sokha.get("/team").await.expect(200);
    let mut form = page.form_to("/team/rules");
    form.set("approvals", "2")
        .set("delay", "24")
        .set("code", &sokha.code(&app.clock).await);
    let set = sokha.post_fields("/team/rules", &form.fields).await;
    set.expect(303);
    app.newcomer(&admin, "rith").await;
    approve(&app, &vanna).await;
    approve(&app, &sokha).await;
    let page = sokha.get("/team").await.expect(200);
    page.says("Let in from");
    let mut let_in = page.form_to("/team/object");
    let (team, rith) = (
        ledger::team(&app, "name = 'Hotline'"),
        id_of(&app, "rith").parse().unwrap(),
    );
    let words = || ledger::state(&app, team).words_for(rith);
    assert_eq!(words(), 2);

    app.clock.advance(2 * 86_400);
    let admin = app.sign_in("admin").await;
    close(&app, &admin, "vanna").await.expect(303);
    assert_eq!(words(), 1, "sokha's");
    let holds = "wraps JOIN keys ON keys.id = wraps.parent JOIN staff ON staff.id = keys.owner WHERE handle = 'rith'";
    let dara = app.sign_in("dara").await;
    let_in.set("csrf", &dara.csrf);
    let early = dara.post_fields("/team/let-in", &let_in.fields).await;
    assert!([404, 409].contains(&early.status), "{}", early.status);
    key_is_changed(&app, &dara).await;
    assert_eq!((words(), count(&app, holds)), (0, 0));
    // What is needed next is on the page: two words, as at the beginning.
    let page = dara.get("/team").await.expect(200);
    page.says("rith").says_nothing_of("rith waits: approved");
    approve(&app, &dara).await;
    let page = dara.get("/team").await.expect(200);
    page.says("rith waits: approved by dara. One more member");
    app.clock.advance(2 * 86_400);
    let sokha = app.sign_in("sokha").await;
    assert_eq!(count(&app, holds), 0);
    approve(&app, &sokha).await;
    sokha.get("/team").await.expect(200).says("Let in from");
    app.clock.advance(2 * 86_400);
    let sokha = app.sign_in("sokha").await;
    eventually("rith is let in", async || {
        sokha.get("/queue").await.expect(200);
        (count(&app, holds) > 0).then_some(())
    })
    .await;
    assert_eq!(count(&app, "alarms"), 0);
}
