//! How people come in, and what each of them can and cannot do: from two printed links to an open form.

use diesel::prelude::*;
use diesel::sql_types::Binary;
use kapea::seal::totp;

use crate::support::TestApp;
use crate::support::binary::Installation;
use crate::support::sql::{blobs, connect, count};
use crate::support::staff::{Person, authenticator};

#[tokio::test(flavor = "multi_thread")]
async fn the_form_opens_when_the_custodian_has_signed_and_not_before() {
    let founded = TestApp::founded().await;
    let (app, clock) = (&founded.app, &founded.app.clock);
    let open = async || {
        let page = app.public.get("/en/report").await.expect(200);
        page.document()
            .forms()
            .iter()
            .any(|form| form.action.starts_with("/en/report"))
    };
    let admin = Person::join(&app.staff, clock, &founded.administrator, None).await;
    let desk = admin.sign_in(&app.staff, clock).await;
    let team = desk.make_team("Hotline", &["main"]).await;
    assert!(!open().await);
    let token = desk.invite("sokha", "caseworker", Some(&team), true).await;
    Person::join(&app.staff, clock, &token, None).await;
    assert!(
        !open().await,
        "a team with a key that nobody has signed receives nothing"
    );
    let custodian = Person::join(&app.staff, clock, &founded.custodian, None).await;
    custodian
        .sign_in(&app.staff, clock)
        .await
        .sign_charters(clock)
        .await;
    assert!(open().await);
    app.reporter("km").file(&[("account", "សួស្តី")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_works_once_and_for_72_hours() {
    let founded = TestApp::founded().await;
    let app = &founded.app;
    let path = format!("/join/{}", founded.administrator);
    app.staff.get(&path).await.expect(200);
    Person::join(&app.staff, &app.clock, &founded.administrator, None).await;
    let used = app
        .staff
        .get_with(&path, &[("accept-language", "en")])
        .await
        .expect(404);
    app.clock.advance(72 * 3_600 + 1);
    let path = format!("/join/{}", founded.custodian);
    let ended = app
        .staff
        .get_with(&path, &[("accept-language", "en")])
        .await
        .expect(404);
    let never = app
        .staff
        .get_with("/join/never-was", &[("accept-language", "en")])
        .await
        .expect(404);
    // The link for the other language holds nothing of the token, so that the pages are the same.
    assert_eq!(used.bytes, ended.bytes);
    assert_eq!(used.bytes, never.bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_passphrase_is_refused_and_a_strong_own_one_is_taken() {
    let founded = TestApp::founded().await;
    let app = &founded.app;
    let path = format!("/join/{}", founded.administrator);
    let mut form = app.staff.get(&path).await.expect(200).form_to(&path);
    form.set("choice", "own")
        .set("own", "password1")
        .set("noted", "yes")
        .set("code", "000000");
    app.staff.post(&path, &form.fields).await.expect(422);
    let own = "crimson hamlet-voting 7 parasols";
    let person = Person::join(&app.staff, &app.clock, &founded.administrator, Some(own)).await;
    person
        .sign_in(&app.staff, &app.clock)
        .await
        .get("/people")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_needs_everything_right_and_a_code_counts_once() {
    let app = TestApp::start().await;
    let person = app.people.get("sokha");
    let (words, clock) = (person.passphrase.clone(), &app.clock);
    let code = person.code(clock).await;
    person
        .try_sign_in(&app.staff, &words, &code)
        .await
        .expect(303);
    let again = person
        .try_sign_in(&app.staff, &words, &code)
        .await
        .expect(422);
    let code = person.code(clock).await;
    let wrong = person
        .try_sign_in(&app.staff, "six other words that are wrong", &code)
        .await
        .expect(422);
    let code = person.code(clock).await;
    let mut nobody = person.clone();
    nobody.handle = "nobody".to_owned();
    let unknown = nobody
        .try_sign_in(&app.staff, &words, &code)
        .await
        .expect(422);
    for page in [&again, &wrong, &unknown] {
        assert_eq!(page.text(), again.text());
        assert_eq!(page.header("set-cookie"), None);
        page.says_nothing_of(&words);
    }
    // The code of the refused attempts is still good: it was never used.
    let code = kapea_digits(&code);
    person
        .try_sign_in(&app.staff, &words, &code)
        .await
        .expect(303);
}

/// The same code in Khmer digits, as a Khmer keyboard types it.
fn kapea_digits(code: &str) -> String {
    code.chars()
        .map(|digit| char::from_u32(0x17E0 + digit.to_digit(10).unwrap()).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_idle_when_old_and_when_signed_out() {
    let app = TestApp::start().await;
    let idle = app.sign_in("sokha").await;
    app.clock.advance(19 * 60);
    idle.get("/queue").await.expect(200);
    app.clock.advance(21 * 60);
    assert_eq!(
        idle.get("/queue").await.expect(303).header("location"),
        Some("/login")
    );
    let out = app.sign_in("sokha").await;
    out.post("/logout", &[]).await.expect(303);
    out.get("/queue").await.expect(303);
    let old = app.sign_in("sokha").await;
    for _ in 0..40 {
        app.clock.advance(15 * 60);
        old.get("/queue").await;
    }
    old.get("/queue").await.expect(303);
    app.worker.step().await;
    assert_eq!(count(&app, "sessions"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_account_is_out_at_once_and_its_claims_go_back() {
    let app = TestApp::start().await;
    app.reporter("en").file(&[("account", "text")]).await;
    let leaver = app.sign_in("dara").await;
    let report = leaver.queue("").await.remove(0);
    leaver.claim(&report).await.expect(303);
    let admin = app.sign_in("admin").await;
    let people = admin.get("/people").await.expect(200);
    let row = people.body();
    let (_, row) = row.split_once("<bdi>dara</bdi>").expect("a row");
    let (_, id) = row.split_once("name=\"staff\" value=\"").expect("an id");
    let id = id.split('"').next().unwrap();
    admin
        .post("/people/disable", &[("staff", id)])
        .await
        .expect(303);
    leaver.get("/queue").await.expect(303);
    let code = leaver.code(&app.clock).await;
    leaver
        .person
        .try_sign_in(&app.staff, &leaver.person.passphrase, &code)
        .await
        .expect(422);
    app.sign_in("sokha").await.claim(&report).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_elsewhere_changes_nothing() {
    let app = TestApp::start().await;
    app.reporter("en").file(&[("account", "text")]).await;
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    let path = format!("/reports/{report}/claim");
    let good = [("csrf".to_owned(), caseworker.csrf.clone())];
    let cookie = ("cookie", caseworker.cookie.as_str());
    for headers in [
        vec![cookie, ("sec-fetch-site", "cross-site")],
        vec![cookie, ("origin", "https://elsewhere.example")],
        vec![cookie, ("origin", "null")],
    ] {
        app.staff
            .post_with(&path, &headers, &good)
            .await
            .expect(403);
    }
    app.staff.post_with(&path, &[cookie], &[]).await.expect(403);
    let other = app.sign_in("dara").await;
    let foreign = [("csrf".to_owned(), other.csrf.clone())];
    app.staff
        .post_with(&path, &[cookie], &foreign)
        .await
        .expect(403);
    app.staff.post(&path, &good).await.expect(401);
    assert_eq!(count(&app, "claims"), 0);
    app.staff
        .post_with(&path, &[cookie], &good)
        .await
        .expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_custodians_and_auditors_open_nothing() {
    let app = TestApp::start().await;
    app.reporter("en")
        .file(&[
            ("danger", "now"),
            ("account", "Marker-that-only-the-team-reads"),
        ])
        .await;
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await.expect(303);
    caseworker
        .note(&report, "Marker-in-a-note")
        .await
        .expect(303);
    for handle in ["admin", "custodian", "auditor"] {
        let session = app.sign_in(handle).await;
        for path in [
            "/",
            "/queue",
            "/people",
            "/teams",
            "/mail",
            "/status",
            "/audit",
            "/charters",
            "/account",
            "/team",
        ]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("/reports/{report}")])
        {
            let page = session.get(&path).await;
            assert!(
                !page.body().contains("Marker-"),
                "{handle} reads content at {path}"
            );
            // An auditor is told which report was read, and cannot open it.
            let is_trail = handle == "auditor" && path == "/audit";
            assert!(
                is_trail || !page.body().contains(&report),
                "{handle} sees a report's id at {path}"
            );
        }
        for path in ["claim", "note", "message", "urgency", "act", "release"] {
            let page = session
                .post(&format!("/reports/{report}/{path}"), &[("text", "x")])
                .await;
            assert_eq!(page.status, 404, "{handle} {path}");
        }
    }
    // No team key is wrapped to anybody but caseworkers, and no grant is made to a person of another role.
    let to_others = "wraps JOIN keys ON keys.id = wraps.parent \
                     JOIN staff ON staff.id = keys.owner JOIN keys AS child ON child.id = wraps.child \
                     JOIN teams ON teams.id = child.owner WHERE staff.role <> 'caseworker' AND teams.kind = 'casework'";
    assert_eq!(count(&app, to_others), 0);
    assert!(count(&app, "wraps") >= 2, "the members have theirs");
    let granted = "grants JOIN keys ON keys.id = grants.key \
                   LEFT JOIN staff ON staff.id = keys.owner WHERE staff.role IS NOT NULL AND staff.role <> 'caseworker'";
    assert_eq!(count(&app, granted), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_whose_ciphertext_was_changed_is_refused_by_name_and_not_shown() {
    let app = TestApp::start().await;
    app.reporter("en")
        .file(&[("account", "the first account")])
        .await;
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await.expect(303);
    let mut conn = connect(&app);
    let rows = blobs(&mut conn, "SELECT sealed FROM objects");
    assert_eq!(rows.len(), 2);
    for old in rows {
        let mut changed = old.clone();
        *changed.last_mut().unwrap() ^= 1;
        diesel::sql_query("UPDATE objects SET sealed = ? WHERE sealed = ?")
            .bind::<Binary, _>(changed)
            .bind::<Binary, _>(old)
            .execute(&mut conn)
            .unwrap();
    }
    let page = caseworker.read(&report).await.expect(500);
    page.says_nothing_of("the first account");
    // The queue still stands, with a card that says it cannot be read.
    caseworker
        .get("/queue")
        .await
        .expect(200)
        .says_nothing_of("the first account");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_only_takes_reports_has_no_staff_side() {
    let installation = Installation::settled();
    installation.set(&[("server", "roles = [\"intake\"]")]);
    let served = installation.serve_as(installation.command(), 1).await;
    assert!(served.staff.is_none());
    let reporter = crate::support::reporter::Reporter {
        site: served.public(),
        lang: "km",
    };
    let code = reporter.file(&[("account", "សួស្តី")]).await;
    reporter.mailbox(&code).await;
    for path in ["/login", "/queue", "/people", "/join/x", "/reports/x"] {
        served.public().get(path).await.expect(404);
    }
    served.health().get("/readyz").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_use_one_code_or_one_invitation_at_once_one_succeeds() {
    let app = TestApp::start().await;
    let person = app.people.get("sokha");
    let code = person.code(&app.clock).await;
    let words = &person.passphrase;
    let (one, two) = tokio::join!(
        person.try_sign_in(&app.staff, words, &code),
        person.try_sign_in(&app.staff, words, &code)
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);

    let admin = app.sign_in("admin").await;
    let token = admin.invite("second-auditor", "auditor", None, false).await;
    let path = format!("/join/{token}");
    let page = app.staff.get(&path).await.expect(200);
    let mut form = page.form_to(&path);
    let seed = authenticator(&page);
    form.set("noted", "yes")
        .set("code", &totp::current(&seed, app.clock.now()).unwrap());
    // Another who has the link, with a page of their own.
    let page = app.staff.get(&path).await.expect(200);
    let mut other = page.form_to(&path);
    let seed = authenticator(&page);
    other
        .set("noted", "yes")
        .set("code", &totp::current(&seed, app.clock.now()).unwrap());
    // Two clicks of each: both answers to whoever was first say that the account is there, and none to the other.
    let (one, two, three, four) = tokio::join!(
        app.staff.post(&path, &form.fields),
        app.staff.post(&path, &form.fields),
        app.staff.post(&path, &other.fields),
        app.staff.post(&path, &other.fields),
    );
    let (first, second) = ([one.status, two.status], [three.status, four.status]);
    let mut both = [first, second];
    both.sort_unstable();
    assert_eq!(both, [[303, 303], [404, 404]]);
    // With another passphrase it is not the same, and is not said to be in force.
    for mut page in [form, other] {
        page.set("choice", "own")
            .set("own", "another pale-green harbour 31 lanterns");
        app.staff.post(&path, &page.fields).await.expect(404);
    }
    assert_eq!(
        count(
            &app,
            "unlocks JOIN staff ON staff.id = unlocks.staff WHERE handle = 'second-auditor'"
        ),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_passphrase_ends_every_session_and_the_old_one_opens_nothing() {
    let app = TestApp::start().await;
    app.reporter("en")
        .file(&[("account", "words that stay readable")])
        .await;
    let (here, there) = (app.sign_in("sokha").await, app.sign_in("sokha").await);
    let mut form = here
        .get("/account")
        .await
        .expect(200)
        .form_to("/account/passphrase");
    let words = form.value("words").unwrap().to_owned();
    form.set("old", "not the old one at all")
        .set("code", &here.code(&app.clock).await);
    here.post_fields("/account/passphrase", &form.fields)
        .await
        .expect(422);
    form.set("old", &here.person.passphrase)
        .set("code", &here.code(&app.clock).await);
    here.post_fields("/account/passphrase", &form.fields)
        .await
        .expect(303);
    here.get("/queue").await.expect(303);
    there.get("/queue").await.expect(303);
    let code = here.code(&app.clock).await;
    here.person
        .try_sign_in(&app.staff, &here.person.passphrase, &code)
        .await
        .expect(422);
    let mut person = here.person.clone();
    person.passphrase = words;
    let session = person.sign_in(&app.staff, &app.clock).await;
    let report = session.queue("").await.remove(0);
    session.claim(&report).await.expect(303);
    session
        .read(&report)
        .await
        .expect(200)
        .says("words that stay readable");
}
