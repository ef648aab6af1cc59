//! A person's own key is renewed by themselves, in one act: nothing that was theirs is lost, and the old key opens nothing.

use std::sync::Arc;

use diesel::connection::SimpleConnection as _;
use kapea::domain::staff::UnlockMethod;
use kapea::seal::recovery_code;
use kapea::seal::unlock::{Unlock, open_with_recovery};
use kapea::service::error::Error;
use kapea::service::keyring::MemberKeys;
use kapea::store;

use crate::support::client::{Page, fields};
use crate::support::sql::{connect, count, id_of};
use crate::support::staff::Session;
use crate::support::{TestApp, eventually};

/// A person's key records in a state.
fn keys_of(app: &TestApp, handle: &str, state: &str) -> i64 {
    count(
        app,
        &format!(
            "keys JOIN staff ON staff.id = keys.owner WHERE kind = 'staff' AND handle = '{handle}' AND keys.state = '{state}'"
        ),
    )
}

/// Wraps of generations that are in use, under a person's active key.
fn wraps_of(app: &TestApp, handle: &str) -> i64 {
    count(
        app,
        &format!(
            "wraps JOIN keys p ON p.id = wraps.parent JOIN keys c ON c.id = wraps.child JOIN staff ON staff.id = p.owner \
             WHERE handle = '{handle}' AND p.state = 'active' AND c.state IN ('active', 'retiring')"
        ),
    )
}

/// Renews the key.
async fn renew(app: &TestApp, session: &Session) -> Page {
    session.change_own("/account/renew", &app.clock).await.0
}

fn went(page: &Page, done: &str) -> bool {
    page.header("location") == Some(&format!("/login?done={done}"))
}

async fn member(app: &TestApp, session: &Session) -> Arc<MemberKeys> {
    let cookie = session.cookie.split("; ").next().unwrap();
    let cookie = cookie.split_once('=').unwrap().1;
    let caller = app.services.accounts.authenticate(cookie, true).await;
    MemberKeys::of(&caller.unwrap()).expect("a member")
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

/// Carries a change on to its end. A run that meets another hand's step leaves the rest to it.
async fn finish(app: &TestApp, hand: &Arc<MemberKeys>) {
    eventually("the change is done", async || {
        app.services.rotation.run(hand, 8).await.unwrap();
        (count(app, "rotations WHERE state <> 'done'") == 0).then_some(())
    })
    .await;
}

/// Whether a printed code opens the account's recovery row.
fn opens(app: &TestApp, handle: &str, code: &str) -> bool {
    let code = recovery_code::parse(code).unwrap();
    let row = app
        .store
        .blocking(|conn| {
            let staff = store::staff_by_handle(conn, handle)?.unwrap();
            store::unlock_find(conn, staff.id, UnlockMethod::Recovery)
        })
        .unwrap()
        .unwrap();
    let unlock = Unlock {
        salt: row.salt,
        pepper_version: row.pepper_version,
        sealed: row.sealed,
    };
    open_with_recovery(&unlock, &code, row.staff).is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_key_opens_all_that_the_old_one_opened() {
    let app = TestApp::start().await;
    for account in ["told-team", "told-few"] {
        app.reporter("en")
            .file(&[("danger", "over"), ("account", account)])
            .await;
    }
    let sokha = app.sign_in("sokha").await;
    let other = app.sign_in("sokha").await;
    let reports = sokha.whole_queue().await;
    restrict(&app, &sokha, &reports[0], &["sokha", "dara"]).await;
    let old = sokha.person.recovery_code.clone();
    let fingerprint = |page: &Page| page.document().of_class("fingerprint").join("");
    let before = fingerprint(&sokha.get("/account").await.expect(200));

    let (done, code) = sokha.change_own("/account/renew", &app.clock).await;
    done.expect(303);
    assert!(!opens(&app, "sokha", &old) && opens(&app, "sokha", &code));
    for ended in [&sokha, &other] {
        assert_eq!(ended.get("/queue").await.status, 303, "every session ends");
    }
    assert_eq!(keys_of(&app, "sokha", "active"), 1);
    assert_eq!(keys_of(&app, "sokha", "destroyed"), 1);
    for left in [
        "wraps JOIN keys ON keys.id = wraps.parent WHERE keys.state <> 'active'",
        "grants JOIN keys ON keys.id = grants.key WHERE keys.state <> 'active'",
        "keys JOIN staff ON staff.id = keys.owner WHERE keys.state = 'active' AND keys.recipient <> staff.recipient",
    ] {
        assert_eq!(count(&app, left), 0, "{left}");
    }
    let sokha = app.sign_in("sokha").await;
    for report in &reports {
        sokha.read(report).await.expect(200).says("told-");
    }
    let page = sokha.get("/account").await.expect(200);
    assert_ne!(fingerprint(&page), before);
    page.says("Generation 2");

    // The team vouches for the new key: it gets a wrap of the next generation, and can be named to a restricted report.
    let admin = app.sign_in("admin").await;
    let form = admin.get("/keys").await.expect(200).form_to("/keys/rotate");
    admin
        .post_fields("/keys/rotate", &form.fields)
        .await
        .expect(303);
    let dara = app.sign_in("dara").await;
    let hand = member(&app, &dara).await;
    finish(&app, &hand).await;
    assert_eq!((wraps_of(&app, "sokha"), wraps_of(&app, "dara")), (1, 1));
    restrict(&app, &sokha, &reports[1], &["sokha"]).await;
    sokha.read(&reports[1]).await.expect(200).says("told-");
    let told = app.trail(0);
    assert!(
        told.iter()
            .any(|told| told.event.name() == "own-key-renewed")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_passphrase_and_code_renew_a_key_and_a_custodians_is_pinned() {
    let app = TestApp::start().await;
    let sokha = app.sign_in("sokha").await;
    let code = sokha.code(&app.clock).await;
    for (passphrase, code) in [
        ("wrong words", code.as_str()),
        (&sokha.person.passphrase, "000000"),
    ] {
        let page = sokha.get("/account/renew").await.expect(200);
        let mut form = page.form_to("/account/renew");
        form.set("passphrase", passphrase).set("code", code);
        let page = sokha.post_fields("/account/renew", &form.fields).await;
        // The same recovery code again: it may be on paper by now.
        let again = page.expect(422).form_to("/account/renew");
        assert_eq!(again.value("typed-back"), form.value("typed-back"));
    }
    let custodian = app.sign_in("custodian").await;
    let page = custodian.get("/account").await.expect(200);
    page.says("pinned in the configuration file");
    assert!(page.forms_to("/account/renew").is_empty());
    custodian.get("/account/renew").await.expect(404);
    let page = custodian.get("/account/recovery").await.expect(200);
    let form = page.form_to("/account/recovery");
    custodian
        .post_fields("/account/renew", &form.fields)
        .await
        .expect(404);
    assert_eq!(count(&app, "keys WHERE generation > 1"), 0);
    // Administrators and auditors have a key of their own too.
    for handle in ["admin", "auditor"] {
        let session = app.sign_in(handle).await;
        renew(&app, &session).await.expect(303);
        app.sign_in(handle).await;
        assert_eq!(keys_of(&app, handle, "active"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_is_ordered_and_the_person_is_told_until_it_is_done() {
    let app = TestApp::start().await;
    let (admin, dara) = (app.sign_in("admin").await, app.sign_in("dara").await);
    dara.get("/queue")
        .await
        .expect(200)
        .says_nothing_of("Your own key is due");
    let them = id_of(&app, "dara");
    let order = [("staff", them.as_str())];
    let page = admin.get("/keys").await.expect(200);
    page.says("Only the person can renew their own key")
        .says("The custodians and the operator");
    let offered = page.forms_to("/keys/renew");
    let custodian = id_of(&app, "custodian");
    assert!(
        offered
            .iter()
            .any(|form| form.value("staff") == Some(&them))
    );
    assert!(
        offered
            .iter()
            .all(|form| form.value("staff") != Some(&custodian))
    );
    admin
        .post("/keys/renew", &[("staff", &custodian)])
        .await
        .expect(404);
    for done in ["renewal-ordered", "rotation-again"] {
        let page = admin.post("/keys/renew", &order).await.expect(303);
        let to = format!("/keys?done={done}");
        assert_eq!(page.header("location"), Some(to.as_str()));
    }
    admin
        .get("/keys")
        .await
        .expect(200)
        .says("To be renewed, ordered on 23 November 2026");
    dara.get("/queue")
        .await
        .expect(200)
        .says("Your own key is due to be renewed");
    renew(&app, &dara).await.expect(303);
    let dara = app.sign_in("dara").await;
    dara.get("/queue")
        .await
        .expect(200)
        .says_nothing_of("Your own key is due");
    assert_eq!(count(&app, "renewals"), 0);

    // A year later the clock orders it, of everybody but the custodian.
    app.clock.advance(365 * 86_400);
    app.worker.order_rotations().await.unwrap();
    assert_eq!(count(&app, "renewals"), 4);
    let old = "renewals JOIN staff ON staff.id = renewals.staff WHERE role = 'custodian'";
    assert_eq!(count(&app, old), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_teams_key_at_the_same_moment_loses_no_wrap() {
    let app = TestApp::start().await;
    for number in 0..6 {
        let account = format!("told-{number}");
        app.reporter("en")
            .file(&[("danger", "over"), ("account", &account)])
            .await;
    }
    let admin = app.sign_in("admin").await;
    for round in 0..6 {
        let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
        let (own, teammate) = (member(&app, &sokha).await, member(&app, &dara).await);
        let page = admin.get("/keys").await.expect(200);
        let form = page.form_to("/keys/rotate");
        admin
            .post_fields("/keys/rotate", &form.fields)
            .await
            .expect(303);
        if round % 2 == 1 {
            // Half way: there are two live generations to be wrapped anew.
            app.services.rotation.slice(&own).await.unwrap();
        }
        let rotation = &app.services.rotation;
        let (renewed, theirs, mine) = tokio::join!(
            renew(&app, &sokha),
            rotation.run(&teammate, 1),
            rotation.run(&own, 1)
        );
        renewed.expect(303);
        theirs.unwrap();
        // A hand with the old key finds nothing to do, or is refused.
        assert!(mine.is_ok() || mine == Err(Error::Refused), "{mine:?}");
        let dara = app.sign_in("dara").await;
        finish(&app, &member(&app, &dara).await).await;
        for handle in ["sokha", "dara"] {
            assert_eq!(wraps_of(&app, handle), 1, "round {round}: {handle}");
        }
        let dead = "wraps JOIN keys ON keys.id = wraps.parent WHERE keys.state <> 'active'";
        assert_eq!(count(&app, dead), 0);
        assert_eq!(count(&app, "rotations WHERE state <> 'done'"), 0);
        let sokha = app.sign_in("sokha").await;
        let queue = sokha.whole_queue().await;
        assert_eq!(queue.len(), 6);
        for report in queue {
            sokha.read(&report).await.expect(200).says("told-");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_open_stops_a_renewal_before_anything_is_lost() {
    let app = TestApp::start().await;
    let sokha = app.sign_in("sokha").await;
    let damage = "UPDATE wraps SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) || CASE substr(sealed, -1) WHEN X'00' THEN X'01' ELSE X'00' END AS BLOB) \
        WHERE parent = (SELECT keys.id FROM keys JOIN staff ON staff.id = keys.owner WHERE handle = 'sokha')";
    connect(&app)
        .batch_execute(&format!(
            "CREATE TABLE kept AS SELECT * FROM wraps; {damage}"
        ))
        .unwrap();
    renew(&app, &sokha)
        .await
        .expect(409)
        .says("nothing was changed");
    assert_eq!(
        count(&app, "keys WHERE kind = 'staff' AND generation > 1"),
        0
    );
    connect(&app)
        .batch_execute(
            "UPDATE wraps SET sealed = (SELECT k.sealed FROM kept k WHERE k.parent = wraps.parent AND k.child = wraps.child); \
             DROP TABLE kept",
        )
        .unwrap();
    renew(&app, &sokha).await.expect(303);
    assert_eq!(wraps_of(&app, "sokha"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_middle_of_a_change_both_generations_are_wrapped_anew() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        app.reporter("en")
            .file(&[("danger", "over"), ("account", "told-once")])
            .await;
    }
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    // Filled in beforehand: each page that a member opens carries the change on.
    let mut own = sokha
        .get("/account/renew")
        .await
        .expect(200)
        .form_to("/account/renew");
    own.set("passphrase", &sokha.person.passphrase)
        .set("code", &sokha.code(&app.clock).await);
    let form = admin.get("/keys").await.expect(200).form_to("/keys/rotate");
    admin
        .post_fields("/keys/rotate", &form.fields)
        .await
        .expect(303);
    let hand = member(&app, &sokha).await;
    app.services.rotation.slice(&hand).await.unwrap();
    let half = "keys WHERE kind = 'team' AND state = 'retiring'";
    assert_eq!(count(&app, half), 1);
    sokha
        .post_fields("/account/renew", &own.fields)
        .await
        .expect(303);
    assert_eq!(wraps_of(&app, "sokha"), 2);
    let sokha = app.sign_in("sokha").await;
    let hand = member(&app, &sokha).await;
    finish(&app, &hand).await;
    assert_eq!(count(&app, half), 0);
    for report in sokha.whole_queue().await {
        sokha.read(&report).await.expect(200).says("told-once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_new_passphrase_and_a_new_key_at_once_one_is_made() {
    let app = TestApp::start().await;
    let mut person = app.people.get("dara").clone();
    for round in 0..4 {
        let session = person.sign_in(&app.staff, &app.clock).await;
        let account = session.get("/account").await.expect(200);
        let renewal = session.get("/account/renew").await.expect(200);
        let mut key = renewal.form_to("/account/renew");
        let mut phrase = account.form_to("/account/passphrase");
        let words = phrase.value("words").unwrap().to_owned();
        // Whoever comes first has the earlier code: a later one would make the other's void.
        let mut codes = [
            session.code(&app.clock).await,
            session.code(&app.clock).await,
        ];
        if round % 2 == 1 {
            codes.reverse();
        }
        key.set("passphrase", &person.passphrase)
            .set("code", &codes[0]);
        phrase
            .set("old", &person.passphrase)
            .set("choice", "words")
            .set("code", &codes[1]);
        let send_key = session.post_fields("/account/renew", &key.fields);
        let send_phrase = session.post_fields("/account/passphrase", &phrase.fields);
        // Either may come first.
        let (renewed, changed) = if round % 2 == 0 {
            tokio::join!(send_key, send_phrase)
        } else {
            let (changed, renewed) = tokio::join!(send_phrase, send_key);
            (renewed, changed)
        };
        let (renewed, changed) = (went(&renewed, "key"), went(&changed, "passphrase"));
        assert!(renewed != changed, "round {round}: {renewed} {changed}");
        if changed {
            person.passphrase = words;
        }
        person.sign_in(&app.staff, &app.clock).await;
        assert_eq!(wraps_of(&app, "dara"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_recovery_code_does_not_put_the_old_key_in_the_place_of_the_new_one() {
    let app = TestApp::start().await;
    let dara = app.people.get("dara").clone();
    let session = app.sign_in("dara").await;
    let theirs = "staff = (SELECT id FROM staff WHERE handle = 'dara')";
    let mut conn = connect(&app);
    conn.batch_execute(&format!(
        "CREATE TABLE kept AS SELECT * FROM unlocks WHERE {theirs} AND method = 'recovery'"
    ))
    .unwrap();
    renew(&app, &session).await.expect(303);
    // What the page for a forgotten passphrase read a moment before the renewal.
    conn.batch_execute(&format!(
        "DELETE FROM unlocks WHERE {theirs} AND method = 'recovery'; \
         INSERT INTO unlocks SELECT * FROM kept; DROP TABLE kept"
    ))
    .unwrap();
    let page = app.staff.get("/forgotten").await.expect(200);
    let mut form = page.form_to("/forgotten");
    form.set("handle", "dara")
        .set("recovery", &dara.recovery_code)
        .set("code", &dara.code(&app.clock).await);
    app.staff.post("/forgotten", &form.fields).await.expect(422);
    dara.sign_in(&app.staff, &app.clock).await;
    assert_eq!(wraps_of(&app, "dara"), 1);
}
