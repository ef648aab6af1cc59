//! Somebody leaves, or their key may be in wrong hands: what they could open goes on without them, whatever is under way.

use std::io::Write as _;
use std::process::Stdio;
use std::sync::Arc;

use kapea::service::error::Error;
use kapea::service::keyring::MemberKeys;

use crate::support::binary::program;
use crate::support::client::{Page, fields};
use crate::support::sql::{count, id_of, run, word};
use crate::support::staff::Session;
use crate::support::{TestApp, eventually};

const TOLD: &[(&str, &str)] = &[("danger", "over"), ("account", "told-once")];

fn recipient(app: &TestApp, report: &str) -> String {
    word(
        app,
        &format!("SELECT recipient FROM reports WHERE id = X'{report}'"),
    )
}

/// Wraps and grants under the keys of somebody.
fn held_by(app: &TestApp, handle: &str) -> (i64, i64) {
    let theirs = format!(
        "(SELECT keys.id FROM keys JOIN staff ON staff.id = keys.owner WHERE handle = '{handle}')"
    );
    (
        count(app, &format!("wraps WHERE parent IN {theirs}")),
        count(app, &format!("grants WHERE key IN {theirs}")),
    )
}

async fn close(app: &TestApp, admin: &Session, handle: &str, ticks: &[&str]) -> Page {
    let staff = id_of(app, handle);
    let mut pairs = vec![("staff", staff.as_str())];
    pairs.extend(ticks.iter().map(|tick| (*tick, "yes")));
    admin.post("/people/disable", &pairs).await
}

async fn restrict(app: &TestApp, session: &Session, report: &str, handles: &[&str]) {
    let version = session.version(report).await;
    let mut all = fields(&[
        ("version", &version),
        ("reason", "reason"),
        ("csrf", &session.csrf),
    ]);
    all.extend(
        handles
            .iter()
            .map(|handle| ("staff".to_owned(), id_of(app, handle))),
    );
    session
        .post_fields(&format!("/reports/{report}/restrict"), &all)
        .await
        .expect(303);
}

async fn order(admin: &Session) {
    let form = admin.get("/keys").await.expect(200).form_to("/keys/rotate");
    admin
        .post_fields("/keys/rotate", &form.fields)
        .await
        .expect(303);
}

async fn member(app: &TestApp, session: &Session) -> Arc<MemberKeys> {
    let cookie = session.cookie.split("; ").next().unwrap();
    let cookie = cookie.split_once('=').unwrap().1;
    let caller = app.services.accounts.authenticate(cookie, true).await;
    MemberKeys::of(&caller.unwrap()).expect("a member")
}

/// Carries a change on to its end. A run that meets another hand's step leaves the rest to it.
async fn finish(app: &TestApp, hand: &Arc<MemberKeys>) {
    eventually("the change is done", async || {
        app.services.rotation.run(hand, 8).await.unwrap();
        (count(app, "rotations WHERE state <> 'done'") == 0).then_some(())
    })
    .await;
}

/// Wraps of the keys of teams that read reports.
const CASEWORK: &str = "wraps JOIN keys c ON c.id = wraps.child JOIN teams ON teams.id = c.owner WHERE teams.kind = 'casework'";

/// Every report has one grant, under the one key of the team, which those named hold and nobody else.
fn assert_settled(app: &TestApp, holders: i64, what: &str) {
    assert_eq!(count(app, "rotations WHERE state <> 'done'"), 0, "{what}");
    let usable = "grants JOIN keys ON keys.id = grants.key WHERE keys.state = 'active'";
    assert_eq!(count(app, usable), count(app, "reports"), "{what}");
    assert_eq!(count(app, "grants"), count(app, "reports"), "{what}");
    assert_eq!(count(app, CASEWORK), holders, "{what}");
    let old = "keys WHERE kind = 'team' AND state NOT IN ('active', 'destroyed')";
    assert_eq!(count(app, old), 0, "{what}");
}

async fn assert_reads(session: &Session, reports: usize) {
    let queue = session.whole_queue().await;
    assert_eq!(queue.len(), reports);
    for report in queue {
        session.read(&report).await.expect(200).says("told-");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn history_keeps_a_neutral_name() {
    let mut app = TestApp::start().await;
    app.reporter("en").file(TOLD).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let vanna = app.new_caseworker(&admin, &sokha, "vanna").await;
    let report = sokha.queue("").await.remove(0);
    vanna.claim(&report).await.expect(303);
    vanna.note(&report, "seen-by-me").await.expect(303);
    vanna
        .urgency(&report, "U1", "raised-by-me")
        .await
        .expect(303);
    sokha.read(&report).await.expect(200).says("vanna");
    let auditor = app.sign_in("auditor").await;
    auditor.get("/audit").await.expect(200).says("vanna");
    let digits = &id_of(&app, "vanna")[..4];
    let name = format!("former colleague {digits}");

    close(&app, &admin, "vanna", &[]).await.expect(303);
    assert_eq!(vanna.get("/queue").await.status, 303);
    let page = sokha.read(&report).await.expect(200);
    page.says(&name)
        .says("seen-by-me")
        .says("raised-by-me")
        .says_nothing_of("vanna");
    assert!(
        sokha.claim(&report).await.status == 303,
        "the claim went back"
    );
    for path in ["/queue", "/team"] {
        sokha.get(path).await.expect(200).says_nothing_of("vanna");
    }
    auditor
        .get("/audit")
        .await
        .expect(200)
        .says(&name)
        .says_nothing_of("vanna");
    for who in ["vanna", digits] {
        let found = auditor.get(&format!("/audit?who={who}")).await.expect(200);
        found.says("report-claimed").says(&name);
    }
    let khmer = [("cookie", sokha.cookie.as_str()), ("accept-language", "km")];
    let path = format!("/reports/{report}?lang=km");
    let page = app.staff.get_with(&path, &khmer).await;
    page.expect(200).says("អតីត").says_nothing_of("vanna");
    // Nobody is closed twice.
    close(&app, &admin, "vanna", &["compromised"])
        .await
        .expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_new_key_cannot_undo_is_said_before_the_act() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    admin
        .get("/people")
        .await
        .expect(200)
        .says("It cannot call back what they have read")
        .says("only their printed recovery code opens it")
        // There is one auditor, whose key nobody else holds.
        .says("Nobody else holds the key of Auditors")
        .says_nothing_of("Nobody else holds the key of Hotline");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compromise_has_restricted_reports_rekeyed_by_the_next_reader() {
    let mut app = TestApp::start().await;
    for _ in 0..3 {
        app.reporter("en").file(TOLD).await;
    }
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let vanna = app.new_caseworker(&admin, &sokha, "vanna").await;
    let reports = sokha.whole_queue().await;
    restrict(&app, &sokha, &reports[0], &["sokha", "dara", "vanna"]).await;
    restrict(&app, &sokha, &reports[1], &["sokha", "dara"]).await;
    vanna.read(&reports[0]).await.expect(200).says("told-once");
    let before: Vec<String> = reports.iter().map(|id| recipient(&app, id)).collect();

    // An ordinary leaving takes the grant; a compromise orders a new key of what they could open, and of nothing else.
    close(&app, &admin, "vanna", &["compromised"])
        .await
        .expect(303);
    assert_eq!(held_by(&app, "vanna"), (0, 0));
    assert_eq!(count(&app, "rekeys"), 1);
    admin
        .get("/keys")
        .await
        .expect(200)
        .says("Restricted reports that wait for a new key: 1")
        .says("a key may be in wrong hands");
    let dara = app.sign_in("dara").await;
    eventually("the report has a new key", async || {
        dara.get("/queue").await.expect(200);
        (count(&app, "rekeys") == 0).then_some(())
    })
    .await;
    let after: Vec<String> = reports.iter().map(|id| recipient(&app, id)).collect();
    assert_ne!(after[0], before[0]);
    // The third is the team's: it goes to its next key with the change of the team's, which may have begun.
    assert_eq!(after[1], before[1]);
    let readers = format!("grants WHERE report = X'{}'", reports[0]);
    assert_eq!(count(&app, &readers), 2, "sokha and dara");
    admin
        .get("/keys")
        .await
        .expect(200)
        .says_nothing_of("that wait for a new key");
    for reader in [&sokha, &dara] {
        assert_reads(reader, 3).await;
    }
    let told: Vec<String> = app
        .trail(0)
        .into_iter()
        .map(|told| told.event.name().to_owned())
        .collect();
    for class in [
        "report-rekey-ordered",
        "report-rekeyed",
        "account-closed-compromised",
    ] {
        assert!(told.iter().any(|told| told == class), "{class}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_whose_key_was_exchanged_gets_no_grant_of_a_rekeyed_report() {
    let mut app = TestApp::start().await;
    app.reporter("en").file(TOLD).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    app.new_caseworker(&admin, &sokha, "vanna").await;
    let report = sokha.queue("").await.remove(0);
    restrict(&app, &sokha, &report, &["sokha", "dara", "vanna"]).await;
    let before = recipient(&app, &report);
    close(&app, &admin, "vanna", &["compromised"])
        .await
        .expect(303);
    let thief = kapea::seal::keys::StaffKeys::from_seed(&kapea::seal::keys::Seed::random());
    run(
        &app,
        &format!(
            "UPDATE keys SET recipient = '{}' WHERE owner = X'{}'",
            thief.recipient(),
            id_of(&app, "dara")
        ),
    );
    let hand = member(&app, &sokha).await;
    assert_eq!(app.services.rotation.rekey_all(&hand).await.unwrap(), 0);
    assert_eq!(recipient(&app, &report), before);
    assert_eq!(count(&app, "rekeys"), 1, "it goes on waiting");
    assert_eq!(count(&app, "alarms WHERE kind = 'member-unvouched'"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compromised_sole_reader_is_shut_out_and_the_report_waits_for_their_recovery_code() {
    let app = TestApp::start().await;
    for _ in 0..2 {
        app.reporter("en").file(TOLD).await;
    }
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let report = sokha.queue("").await.remove(0);
    restrict(&app, &sokha, &report, &["sokha"]).await;
    close(&app, &admin, "sokha", &[])
        .await
        .expect(409)
        .says("the only one who can open a restricted report");
    sokha.read(&report).await.expect(200);

    let page = close(&app, &admin, "sokha", &["compromised"])
        .await
        .expect(303);
    let to = page.header("location").unwrap().to_owned();
    admin
        .get(&to)
        .await
        .expect(200)
        .says("only this person's recovery code opens them");
    assert_eq!(sokha.get("/queue").await.status, 303, "no session");
    let person = app.people.get("sokha");
    let code = person.code(&app.clock).await;
    assert_eq!(
        person
            .try_sign_in(&app.staff, &person.passphrase, &code)
            .await
            .status,
        422,
        "and no way in"
    );
    assert_eq!(
        count(
            &app,
            "unlocks WHERE method = 'passphrase' AND staff = (SELECT id FROM staff WHERE handle = 'sokha')"
        ),
        0
    );
    assert_eq!(held_by(&app, "sokha"), (0, 1), "that report alone");

    let dara = app.sign_in("dara").await;
    let hand = member(&app, &dara).await;
    finish(&app, &hand).await;
    dara.read(&report).await.expect(404);

    let code = person.recovery_code.clone();
    let folder = app.stop();
    let open = |more: &[&str]| {
        let mut child = program()
            .args(["open", "--handle", "sokha", "--data"])
            .arg(folder.path().join("data"))
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.as_mut().unwrap();
        stdin.write_all(format!("{code}\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.success(), said)
    };
    let (good, listed) = open(&[]);
    assert!(good && listed.lines().count() == 1, "{listed}");
    let (good, text) = open(&[&report]);
    assert!(good && text.contains("told-once"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_holder_of_a_teams_key_goes_only_if_its_loss_is_meant() {
    let app = TestApp::start().await;
    app.reporter("en").file(TOLD).await;
    let admin = app.sign_in("admin").await;
    close(&app, &admin, "dara", &[]).await.expect(303);
    let sokha = app.sign_in("sokha").await;
    let page = admin.get("/people").await.expect(200);
    page.says("Nobody else holds the key of Hotline");
    for ticks in [&[][..], &["compromised"][..]] {
        close(&app, &admin, "sokha", ticks)
            .await
            .expect(409)
            .says("Nobody else holds the key of their team");
    }
    assert_reads(&sokha, 1).await;
    close(&app, &admin, "sokha", &["lose"]).await.expect(303);
    assert_eq!(count(&app, CASEWORK), 0);
    admin
        .get("/keys")
        .await
        .expect(200)
        .says("Nobody holds this key any more");
    // Reporters are not turned away for it.
    app.reporter("en").file(TOLD).await;
    assert_eq!(count(&app, "grants"), 2);
    app.leaves_undone("nobody holds the team's key any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_leaves_in_the_middle_of_a_change() {
    let mut app = TestApp::start().await;
    for number in 0..6 {
        let account = format!("told-{number}");
        app.reporter("en")
            .file(&[("danger", "over"), ("account", &account)])
            .await;
    }
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let vanna = app.new_caseworker(&admin, &sokha, "vanna").await;
    let (theirs, mine) = (member(&app, &vanna).await, member(&app, &sokha).await);
    order(&admin).await;
    // The leaver began the change themselves, and holds the new generation.
    app.services.rotation.slice(&theirs).await.unwrap();
    assert_eq!(held_by(&app, "vanna").0, 2);
    assert_eq!(count(&app, "rotations WHERE state = 'begun'"), 1);
    let rotation = &app.services.rotation;
    let (left, moved, _) = tokio::join!(
        close(&app, &admin, "vanna", &[]),
        rotation.run(&theirs, 1),
        rotation.run(&mine, 1)
    );
    left.expect(303);
    assert!(moved.is_ok() || moved == Err(Error::Refused), "{moved:?}");
    assert_eq!(held_by(&app, "vanna"), (0, 0), "nothing comes back to them");
    finish(&app, &mine).await;
    assert_settled(&app, 2, "after leaving in the middle");
    assert_eq!(
        count(
            &app,
            "keys WHERE kind = 'team' AND generation = 3 AND state = 'active'"
        ),
        1,
        "the generation that they held is not the last"
    );
    assert_reads(&sokha, 6).await;
    assert_reads(&app.sign_in("dara").await, 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compromise_during_an_order_that_waits_is_covered_by_it() {
    let mut app = TestApp::start().await;
    for _ in 0..3 {
        app.reporter("en").file(TOLD).await;
    }
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    app.new_caseworker(&admin, &sokha, "vanna").await;
    order(&admin).await;
    close(&app, &admin, "vanna", &["compromised"])
        .await
        .expect(303);
    assert_eq!(count(&app, "rotations"), 1, "one change will do");
    let hand = member(&app, &sokha).await;
    finish(&app, &hand).await;
    assert_settled(&app, 2, "after the change");
    assert_eq!(held_by(&app, "vanna"), (0, 0));
    assert_reads(&sokha, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaving_may_be_cut_off_with_the_change_after_every_commit() {
    let mut app = TestApp::start().await;
    for _ in 0..3 {
        app.reporter("en").file(TOLD).await;
    }
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let hand = member(&app, &sokha).await;
    for commits in 0..6 {
        let handle = format!("leaver{commits}");
        let leaver = app.new_caseworker(&admin, &sokha, &handle).await;
        order(&admin).await;
        let theirs = member(&app, &leaver).await;
        app.store.fail_after_commits(Some(commits));
        let cut = app.services.rotation.run(&theirs, 1).await;
        app.store.fail_after_commits(None);
        assert!(commits > 4 || cut.is_err(), "not cut off after {commits}");
        close(&app, &admin, &handle, &[]).await.expect(303);
        finish(&app, &hand).await;
        assert_settled(&app, 2, &format!("cut off after {commits} commits"));
        assert_eq!(held_by(&app, &handle), (0, 0));
    }
    assert_reads(&sokha, 3).await;
    assert_reads(&app.sign_in("dara").await, 3).await;
}
