//! A team that does without, forgotten passphrases, and accounts that begin anew.

use super::*;
use crate::support::staff::Person;

#[tokio::test(flavor = "multi_thread")]
async fn a_team_that_does_without_leaves_no_wrap_and_only_leads_decide() {
    let app = TestApp::start().await;
    in_force(&app).await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    works_until(&app, &sokha, WRAPS, 1).await;
    sokha
        .get("/team")
        .await
        .expect(200)
        .says("Can be recovered");
    let form = sokha.get("/team").await.form_to("/team/recovery");
    assert!(
        dara.get("/team")
            .await
            .forms_to("/team/recovery")
            .is_empty()
    );
    let team = form.value("team").unwrap().to_owned();
    let code = dara.code(&app.clock).await;
    let pairs = [
        ("team", team.as_str()),
        ("recovery", "off"),
        ("code", &code),
    ];
    dara.post("/team/recovery", &pairs).await.expect(404);
    let admin = app.sign_in("admin").await;
    let code = admin.code(&app.clock).await;
    let pairs = [
        ("team", team.as_str()),
        ("recovery", "off"),
        ("code", &code),
    ];
    admin.post("/team/recovery", &pairs).await.expect(404);
    assert_eq!(count(&app, WRAPS), 1);

    let mut wrong = form.clone();
    wrong.set("code", "000000");
    sokha
        .post_fields("/team/recovery", &wrong.fields)
        .await
        .expect(422)
        .says("Recovery of our team");
    let mut form = form;
    form.set("code", &sokha.code(&app.clock).await);
    sokha
        .post_fields("/team/recovery", &form.fields)
        .await
        .expect(303);
    assert_eq!(count(&app, WRAPS), 0, "gone in the same act");
    sokha
        .get("/team")
        .await
        .expect(200)
        .says("Does without recovery");
    // Not with a new generation either, and a wrap that somebody puts back goes.
    run_sql(
        &app,
        "INSERT INTO rotations SELECT randomblob(16), id, 'order', 20000, 'ordered', NULL, NULL FROM teams WHERE kind = 'casework'",
    );
    works_until(&app, &sokha, "rotations WHERE state = 'done'", 1).await;
    assert_eq!(count(&app, WRAPS), 0);
    run_sql(
        &app,
        "INSERT INTO wraps SELECT r.id, w.child, w.sealed FROM keys r, wraps w JOIN keys c ON c.id = w.child JOIN teams ON teams.id = c.owner \
         WHERE r.kind = 'recovery' AND teams.kind = 'casework' LIMIT 1",
    );
    works_until(&app, &sokha, WRAPS, 0).await;
    assert_told(&app, &["team-recovery-off", "recovery-wrap-removed"]);

    let mut form = sokha
        .get("/team/recovery")
        .await
        .expect(200)
        .form_to("/team/recovery");
    assert_eq!(form.value("recovery"), Some("on"));
    form.set("code", &sokha.code(&app.clock).await);
    sokha
        .post_fields("/team/recovery", &form.fields)
        .await
        .expect(303);
    works_until(&app, &sokha, WRAPS, 1).await;
    assert_told(&app, &["team-recovery-on"]);
}

/// The page for a forgotten passphrase, filled in.
async fn forgotten(
    app: &TestApp,
    person: &Person,
    recovery: &str,
    code: &str,
    own: Option<&str>,
) -> (Page, String, String) {
    let page = app
        .staff
        .get_with("/forgotten", &[("accept-language", "en")])
        .await
        .expect(200);
    let mut form = page.form_to("/forgotten");
    let mut chosen = form.value("words").unwrap().to_owned();
    form.set("handle", &person.handle)
        .set("recovery", recovery)
        .set("code", code);
    if let Some(own) = own {
        chosen = own.to_owned();
        form.set("choice", "own").set("own", own);
    }
    let printed = page.document().of_class("recovery-code").concat();
    let done = app.staff.post("/forgotten", &form.fields).await;
    // A second click, whose answer is the one that is seen.
    if done.status == 303 {
        app.staff.post("/forgotten", &form.fields).await.expect(303);
        // With another passphrase it is not the same, and is not said to be in force.
        let mut other = form.clone();
        other
            .set("choice", "own")
            .set("own", "another pale-green harbour 31 lanterns");
        app.staff
            .post("/forgotten", &other.fields)
            .await
            .expect(422);
    }
    (done, chosen, printed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_passphrase_is_replaced_with_the_recovery_code() {
    let app = TestApp::start().await;
    file(&app, 1).await;
    app.staff
        .get_with("/login", &[("accept-language", "en")])
        .await
        .says("Passphrase forgotten");
    let mut dara = app.people.get("dara").clone();
    let before = app.sign_in("dara").await;
    let code = dara.code(&app.clock).await;
    let (weak, ..) = forgotten(&app, &dara, &dara.recovery_code, &code, Some("password")).await;
    weak.expect(422).says("Passphrase forgotten");
    // Handwritten: lower case, without spaces, O for zero.
    let sloppy = dara
        .recovery_code
        .to_lowercase()
        .replace(' ', "")
        .replace('0', "o");
    let (done, passphrase, new_code) = forgotten(&app, &dara, &sloppy, &code, None).await;
    assert_eq!(done.header("location"), Some("/login?done=passphrase"));
    assert!(new_code != dara.recovery_code && !new_code.is_empty());
    assert_eq!(before.get("/queue").await.status, 303, "all sessions end");
    let code = dara.code(&app.clock).await;
    dara.try_sign_in(&app.staff, &dara.passphrase, &code)
        .await
        .expect(422);
    let old = std::mem::replace(&mut dara.recovery_code, new_code);
    dara.passphrase = passphrase;
    assert_reads(&dara.sign_in(&app.staff, &app.clock).await, 1).await;
    assert_told(&app, &["passphrase-recovered"]);
    // The old code opens nothing any more; the new one does.
    let code = dara.code(&app.clock).await;
    forgotten(&app, &dara, &old, &code, None)
        .await
        .0
        .expect(422);
    let code = dara.code(&app.clock).await;
    forgotten(&app, &dara, &dara.recovery_code, &code, None)
        .await
        .0
        .expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_the_answer_is_the_same_and_nothing_changes() {
    let app = TestApp::start().await;
    let dara = app.people.get("dara").clone();
    let sokha = app.people.get("sokha").clone();
    let admin = app.sign_in("admin").await;
    let mut nobody = dara.clone();
    nobody.handle = "nobody".to_owned();
    let good = dara.code(&app.clock).await;
    // That it was tried is told.
    let entries = |app: &TestApp| {
        let told = app.trail(0);
        let is_act = |name: &str| !matches!(name, "sign-ins-failed" | "factor-wrong");
        told.iter().filter(|told| is_act(told.event.name())).count()
    };
    let before = entries(&app);
    let mut answers = Vec::new();
    for (person, recovery, code) in [
        (&nobody, dara.recovery_code.as_str(), good.as_str()),
        (&sokha, &dara.recovery_code, &good),
        (&dara, &sokha.recovery_code, &good),
        (&dara, "not a code", &good),
        (&dara, &dara.recovery_code, "000000"),
    ] {
        let (page, ..) = forgotten(&app, person, recovery, code, None).await;
        let page = page.expect(422);
        page.says("we do not say which");
        let text = page.text();
        let said = text.split("Something is wrong").nth(1).unwrap();
        answers.push(
            said.split("Account")
                .next()
                .unwrap()
                .split('.')
                .next()
                .unwrap()
                .to_owned(),
        );
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(entries(&app), before);
    assert_eq!(
        count(
            &app,
            "unlocks WHERE staff = (SELECT id FROM staff WHERE handle = 'dara')"
        ),
        2
    );
    // A closed account has no way back.
    let id = staff_id(&app, "dara");
    admin
        .post("/people/disable", &[("staff", &id)])
        .await
        .expect(303);
    let (page, ..) = forgotten(&app, &dara, &dara.recovery_code, &good, None).await;
    page.expect(422).says("we do not say which");
    // The form is of a page of ours, not anybody's.
    app.staff
        .post("/forgotten", &[("handle".to_owned(), "dara".to_owned())])
        .await
        .expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_gives_an_account_without_keys_that_teammates_must_let_in_again() {
    let app = TestApp::start().await;
    file(&app, 2).await;
    let (admin, sokha, dara) = (
        app.sign_in("admin").await,
        app.sign_in("sokha").await,
        app.sign_in("dara").await,
    );
    let report = dara.queue("").await.remove(0);
    dara.claim(&report).await.expect(303);
    let path = format!("/people/reset?staff={}", staff_id(&app, "dara"));
    admin.get("/people").await.expect(200);
    let form = admin.get(&path).await.expect(200).form_to("/people/reset");
    let mut wrong = form.clone();
    wrong.set("code", "000000");
    admin
        .post_fields("/people/reset", &wrong.fields)
        .await
        .expect(422);
    assert_eq!(dara.get("/queue").await.status, 200, "nothing was done");
    let theirs = "(SELECT id FROM staff WHERE handle = 'dara')";
    let order = format!("INSERT INTO renewals SELECT id, 20000 FROM staff WHERE id = {theirs}");
    run_sql(&app, &order);
    let link = token(&reset(&app, &admin, "dara", false).await.expect(200));

    assert_eq!(dara.get("/queue").await.status, 303);
    for empty in [
        format!("renewals WHERE staff = {theirs}"),
        format!("unlocks WHERE staff = {theirs}"),
        format!("sessions WHERE staff = {theirs}"),
        format!("claims WHERE staff = {theirs}"),
        format!("wraps JOIN keys ON keys.id = wraps.parent WHERE keys.owner = {theirs}"),
        format!("keys WHERE owner = {theirs} AND state <> 'destroyed'"),
        format!("memberships WHERE staff = {theirs} AND state <> 'invited'"),
    ] {
        assert_eq!(count(&app, &empty), 0, "{empty}");
    }
    let old = app.people.get("dara").clone();
    let code = old.code(&app.clock).await;
    old.try_sign_in(&app.staff, &old.passphrase, &code)
        .await
        .expect(422);
    let code = old.code(&app.clock).await;
    forgotten(&app, &old, &old.recovery_code, &code, None)
        .await
        .0
        .expect(422);

    let new = Person::join(&app.staff, &app.clock, &link, None).await;
    assert_eq!(new.handle, "dara");
    let new = new.sign_in(&app.staff, &app.clock).await;
    assert_eq!(new.whole_queue().await.len(), 0);
    new.read(&report).await.expect(404);
    assert_eq!(sokha.admit_all(&app.clock).await, 1);
    assert_reads(&new, 2).await;
    // Their new key is the one that the next generation is wrapped to.
    run_sql(
        &app,
        "INSERT INTO rotations SELECT randomblob(16), id, 'order', 20000, 'ordered', NULL, NULL FROM teams WHERE kind = 'casework'",
    );
    works_until(&app, &sokha, "rotations WHERE state = 'done'", 1).await;
    assert_reads(&new, 2).await;
    assert_told(&app, &["account-reset"]);
    // Not one's own account, and not one that waits for its person.
    let own = format!("/people/reset?staff={}", staff_id(&app, "admin"));
    let mut form = admin.get(&own).await.expect(200).form_to("/people/reset");
    form.set("code", &admin.code(&app.clock).await);
    admin
        .post_fields("/people/reset", &form.fields)
        .await
        .expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_who_holds_a_teams_key_is_reset_only_with_a_tick() {
    let app = TestApp::start().await;
    file(&app, 1).await;
    let admin = app.sign_in("admin").await;
    reset(&app, &admin, "dara", false).await.expect(200);
    let page = reset(&app, &admin, "sokha", false).await.expect(409);
    page.says("would be lost for good").says("Hotline");
    assert_eq!(count(&app, CASEWORK), 1, "nothing was done");
    assert_reads(&app.sign_in("sokha").await, 1).await;
    let link = token(&reset(&app, &admin, "sokha", true).await.expect(200));
    assert_eq!(count(&app, CASEWORK), 0);
    let sokha = Person::join(&app.staff, &app.clock, &link, None).await;
    let sokha = sokha.sign_in(&app.staff, &app.clock).await;
    assert_eq!(sokha.whole_queue().await.len(), 0);
    app.leaves_undone("nobody holds the team's key any more");

    // With a recovery key behind it, no tick is needed: nothing is lost.
    let app = TestApp::start().await;
    in_force(&app).await;
    works_until(&app, &app.sign_in("dara").await, WRAPS, 1).await;
    let admin = app.sign_in("admin").await;
    reset(&app, &admin, "dara", false).await.expect(200);
    reset(&app, &admin, "sokha", false).await.expect(200);
    app.leaves_undone("the team waits for its recovery key");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_does_not_take_the_last_reader_of_a_restricted_report() {
    let app = TestApp::start().await;
    file(&app, 1).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let report = sokha.queue("").await.remove(0);
    let restrict = async |people: &[&str]| {
        let version = sokha.version(&report).await;
        let ids: Vec<String> = people.iter().map(|handle| staff_id(&app, handle)).collect();
        let mut pairs = vec![("version", version.as_str()), ("reason", "family")];
        pairs.extend(ids.iter().map(|id| ("staff", id.as_str())));
        let path = format!("/reports/{report}/restrict");
        sokha.post(&path, &pairs).await.expect(303);
    };
    restrict(&["sokha"]).await;
    reset(&app, &admin, "sokha", false)
        .await
        .expect(409)
        .says("the only one who can open a restricted report");
    sokha.read(&report).await.expect(200).says("-told");
    restrict(&["sokha", "dara"]).await;
    reset(&app, &admin, "sokha", false).await.expect(200);
    assert_eq!(count(&app, "grants"), 1);
    assert_reads(&app.sign_in("dara").await, 1).await;
}
