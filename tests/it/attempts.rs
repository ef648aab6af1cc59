//! Whatever asks for a code counts the wrong ones: five end the session, ten in an hour rest the way in.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use futures_util::future::join_all;
use kapea::domain::audit::AuditEvent;
use kapea::seal::keys::{Seed, StaffKeys};
use kapea::seal::recovery::RecoveryPublic;

use crate::support::TestApp;
use crate::support::client::{Page, fields};
use crate::support::sql::{count, id_of, word};
use crate::support::staff::{Person, Session};

/// Never right: an authenticator shows digits that stand for less than a million.
const WRONG: &str = "00000x";
const ENDED: &str = "this session was ended";

/// One act that asks for a code, by somebody who may do it.
struct Asks {
    handle: &'static str,
    path: String,
    fields: Vec<(String, String)>,
}

impl Asks {
    fn new(handle: &'static str, path: &str, pairs: &[(&str, &str)]) -> Self {
        Self {
            handle,
            path: path.to_owned(),
            fields: fields(pairs),
        }
    }

    /// Sent with this code; `null` as the passphrase stands for the right one.
    async fn send(&self, session: &Session, code: &str) -> Page {
        let mut all = self.fields.clone();
        if ["/account/recovery", "/account/renew"].contains(&self.path.as_str()) {
            let page = session.get(&self.path).await;
            all.extend(
                page.forms_to(&self.path)
                    .into_iter()
                    .flat_map(|_| page.form_to(&self.path).fields),
            );
        }
        all.retain(|(name, _)| name != "csrf" && !name.starts_with("code"));
        for (_, value) in &mut all {
            if value == "null" {
                value.clone_from(&session.person.passphrase);
            }
        }
        all.push(("code".to_owned(), code.to_owned()));
        all.push(("csrf".to_owned(), session.csrf.clone()));
        session.post_fields(&self.path, &all).await
    }
}

fn alarms(app: &TestApp, kind: &str) -> i64 {
    count(
        app,
        &format!("alarms WHERE kind = '{kind}' AND state = 'open'"),
    )
}

fn entries(app: &TestApp, class: &str) -> usize {
    let told = app.trail(0);
    told.iter()
        .filter(|told| told.event.name() == class)
        .count()
}

/// Every act that asks for a code, ready to be done.
async fn all(app: &mut TestApp) -> Vec<Asks> {
    app.reporter("en")
        .file(&[("danger", "over"), ("account", "told")])
        .await;
    let admin = app.sign_in("admin").await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    let recipient = age::x25519::Identity::generate().to_public().to_string();
    for _ in 0..2 {
        sokha
            .propose(&report, "export", &[("recipient", &recipient)])
            .await
            .expect(303);
        let agreed = sokha.proposals(&report).await;
        if count(app, "exports") == 0 {
            dara.approve(&report, &agreed[0], &app.clock)
                .await
                .expect(303);
        }
    }
    let export = word(app, "SELECT lower(hex(id)) FROM exports");
    let proposal = sokha.proposals(&report).await.remove(0);
    let version = dara.version(&report).await;

    let custodian = app.sign_in("custodian").await;
    let public = RecoveryPublic::of(&StaffKeys::from_seed(&Seed::random())).to_string();
    let page = custodian.get("/recovery").await.expect(200);
    let mut form = page.form_to("/recovery/register");
    form.set("line", &public)
        .set("code", &custodian.code(&app.clock).await);
    custodian
        .post_fields("/recovery/register", &form.fields)
        .await
        .expect(303);
    let page = custodian.get("/recovery").await.expect(200);
    let mut sign = page.form_to("/recovery/sign");
    sign.set("compared", "yes");
    let next = RecoveryPublic::of(&StaffKeys::from_seed(&Seed::random())).to_string();
    let channel = word(app, "SELECT CAST(min(id) AS TEXT) FROM channels");
    let page = custodian.get("/charters").await.expect(200);
    let digits = page.document().of_class("fingerprint").remove(0);

    app.newcomer(&admin, "bopha").await;
    let page = sokha.get("/team").await.expect(200);
    let mut admit = page.form_to("/team/admit");
    admit.set("compared", "yes");
    let team = admit.value("team").unwrap().to_owned();
    let bopha = admit.value("staff").unwrap().to_owned();

    let chosen = [
        ("choice", "words"),
        ("words", "aloe birch cedar dogwood elder fir"),
    ];
    let changed = [&[("old", "null")], &chosen[..]].concat();
    vec![
        Asks::new("sokha", "/account/passphrase", &changed),
        Asks::new("sokha", "/account/recovery", &[("passphrase", "null")]),
        Asks::new("sokha", "/account/renew", &[("passphrase", "null")]),
        Asks::new(
            "custodian",
            "/charters/sign",
            &[
                ("channel", &channel),
                ("fingerprint", &digits),
                ("compared", "yes"),
            ],
        ),
        Asks::new("custodian", "/recovery/register", &[("line", &next)]),
        Asks::new(
            "sokha",
            "/team/lead",
            &[
                ("team", &team),
                ("lead", &format!("{}:true", id_of(app, "dara"))),
            ],
        ),
        Asks {
            handle: "custodian",
            path: sign.action,
            fields: sign.fields,
        },
        Asks::new(
            "admin",
            "/people/reset",
            &[("staff", &bopha), ("lost", "yes")],
        ),
        Asks::new("admin", "/keys/sessions", &[]),
        Asks {
            handle: "sokha",
            path: admit.action,
            fields: admit.fields,
        },
        Asks::new(
            "sokha",
            "/team/rules",
            &[("team", &team), ("approvals", "2"), ("delay", "24")],
        ),
        Asks::new("sokha", "/team/rules-confirm", &[("team", &team)]),
        Asks::new(
            "sokha",
            "/team/recovery",
            &[("team", &team), ("recovery", "on")],
        ),
        Asks::new(
            "dara",
            &format!("/reports/{report}/approve"),
            &[("proposal", &proposal), ("version", &version)],
        ),
        Asks::new(
            "sokha",
            &format!("/reports/{report}/export"),
            &[("export", &export)],
        ),
        Asks::new("admin", "/status/clock", &[]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fifth_wrong_code_ends_the_session_whatever_it_was_for() {
    let mut app = TestApp::start().await;
    let acts = all(&mut app).await;
    for (number, act) in acts.iter().enumerate() {
        app.clock.advance(3_600);
        let session = app.sign_in(act.handle).await;
        for turn in 1..5 {
            let page = act.send(&session, WRONG).await;
            assert_eq!(page.status, 422, "{} {turn}: {}", act.path, page.text());
            session.get("/account").await.expect(200);
        }
        let page = act.send(&session, WRONG).await;
        assert_eq!(page.status, 401, "{}: {}", act.path, page.text());
        page.says(ENDED);
        session.get("/account").await.expect(303);
        let code = session.code(&app.clock).await;
        act.send(&session, &code).await.expect(401);
        assert_eq!(entries(&app, "session-ended-wrong-codes"), number + 1);
    }
    let people: BTreeSet<_> = acts.iter().map(|act| act.handle).collect();
    assert_eq!(
        alarms(&app, "session-ended"),
        i64::try_from(people.len()).unwrap()
    );
    assert_eq!(alarms(&app, "factor-rests"), 0);
    let custodian = app.sign_in("custodian").await;
    let page = custodian.get("/alarms").await.expect(200);
    page.says("Wrong codes ended a session").says("dara");

    // No form asks for a code that is not among them.
    let known: BTreeSet<String> = acts.iter().map(|act| act.path.clone()).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/templates/staff");
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for form in text.split("<form").skip(1) {
            if !form.contains("fresh_code(") && !form.contains("class=\"otp\"") {
                continue;
            }
            let (_, rest) = form.split_once("action=\"").unwrap();
            let action = rest.split('"').next().unwrap();
            // Of people without a session; a code on the page for joining proves a secret that is on the same page.
            let is_door =
                ["/login", "/forgotten", "/authenticator", "{{ c.path }}"].contains(&action);
            assert!(is_door || known.contains(action), "{action} is not tried");
        }
    }
}

#[test]
fn codes_are_looked_at_in_one_place() {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|ending| ending != "rs") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for what in ["totp::check(", "store::totp_use(", "open_with_recovery("] {
                if text.contains(what) {
                    let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                    found.insert(format!("{} {what}", name.display()));
                }
            }
        }
    }
    let found: Vec<_> = found.into_iter().collect();
    assert_eq!(
        found,
        [
            // At the operator's own machine, over a copy of the data: nobody is let in by it.
            "src/cli/open.rs open_with_recovery(",
            "src/seal/unlock.rs open_with_recovery(",
            "src/service/attempts.rs store::totp_use(",
            "src/service/attempts.rs totp::check(",
            // Its outcome goes into the attempt.
            "src/service/authenticator.rs open_with_recovery(",
            "src/service/forgotten.rs open_with_recovery(",
            // Not of what was typed, but of a code that waits in a page.
            "src/service/pending.rs open_with_recovery(",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_guesses_at_once_are_five() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let act = Asks::new("admin", "/keys/sessions", &[]);
    let pages = join_all((0..300).map(|_| act.send(&admin, WRONG))).await;
    let looked_at = pages.iter().filter(|page| page.status == 422).count();
    assert_eq!(looked_at, 4);
    assert!(pages.iter().all(|page| [422, 401].contains(&page.status)));
    let told = pages.iter().filter(|page| page.text().contains(ENDED));
    assert_eq!(told.count(), 1);
    assert_eq!(count(&app, "attempts"), 5);
    assert_eq!(entries(&app, "session-ended-wrong-codes"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_wrong_codes_in_an_hour_rest_the_way_for_a_quarter_of_an_hour_and_no_other() {
    let app = TestApp::start().await;
    let act = Asks::new("admin", "/account/recovery", &[("passphrase", "null")]);
    let admin = app.sign_in("admin").await;
    for _ in 0..4 {
        act.send(&admin, WRONG).await.expect(422);
    }
    // A wrong passphrase counts as a wrong code does.
    let wrong = Asks::new("admin", "/account/recovery", &[("passphrase", "no")]);
    let code = admin.code(&app.clock).await;
    wrong.send(&admin, &code).await.expect(401).says(ENDED);
    let admin = app.sign_in("admin").await;
    for _ in 0..4 {
        act.send(&admin, WRONG).await.expect(422);
    }
    act.send(&admin, WRONG).await.expect(401).says(ENDED);
    assert_eq!(alarms(&app, "factor-rests"), 1);
    assert_eq!(entries(&app, "factor-rests"), 1);

    // The other way in is open, over a restart too, and what is typed stays.
    let app = app.restart();
    let admin = app.sign_in("admin").await;
    app.clock.advance(30);
    let code = admin.code(&app.clock).await;
    let page = act.send(&admin, &code).await.expect(429);
    page.says("none is taken here, not even the right one");
    assert!(page.header("retry-after").is_some());
    admin.get("/account").await.expect(200);
    app.clock.advance(900);
    let code = admin.code(&app.clock).await;
    act.send(&admin, &code).await.expect(303);
    // An hour later nothing is left of it.
    app.later(3_600).await;
    assert_eq!(count(&app, "attempts"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_was_right_once_is_no_guess() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let act = Asks::new("admin", "/account/recovery", &[("passphrase", "null")]);
    let code = admin.code(&app.clock).await;
    act.send(&admin, &code).await.expect(303);
    for _ in 0..6 {
        act.send(&admin, &code).await.expect(422);
    }
    admin.get("/account").await.expect(200);
    assert_eq!(count(&app, "attempts"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_rests_for_who_knows_the_passphrase_and_for_nobody_else() {
    let app = TestApp::start().await;
    let open = app.sign_in("sokha").await;
    let sokha = app.people.get("sokha").clone();
    // Whoever knows a handle and no more keeps nobody out.
    for _ in 0..11 {
        let page = sokha.try_sign_in(&app.staff, "not this one", WRONG).await;
        page.expect(422);
    }
    app.sign_in("sokha").await;
    assert_eq!(alarms(&app, "factor-rests"), 0);

    for _ in 0..10 {
        let page = sokha.try_sign_in(&app.staff, &sokha.passphrase, WRONG);
        page.await.expect(422);
    }
    assert_eq!(alarms(&app, "factor-rests"), 1);
    assert_eq!(entries(&app, "factor-rests"), 1);
    let Err(page) = sokha.sign_in_or_not(&app.staff, &app.clock).await else {
        panic!("the way in does not rest");
    };
    page.says("quarter of an hour");
    // Whoever is in goes on, with codes too.
    let act = Asks::new("sokha", "/account/recovery", &[("passphrase", "null")]);
    let code = open.code(&app.clock).await;
    act.send(&open, &code).await.expect(303);
    app.clock.advance(900);
    app.sign_in("sokha").await;
}

/// A stranger who has learnt a passphrase rests the door, and not the way of the person's own telephone.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_on_which_somebody_has_signed_in_has_a_count_of_its_own() {
    let app = TestApp::start().await;
    let own = app.sign_in("sokha").await;
    let sokha = own.person.clone();
    for _ in 0..10 {
        let page = sokha.try_sign_in(&app.staff, &sokha.passphrase, WRONG);
        page.await.expect(422);
    }
    let on_own = async |code: &str| {
        let headers = [("cookie", own.cookie.as_str()), ("accept-language", "en")];
        let page = app.staff.get_with("/login", &headers).await;
        let mut form = page.expect(200).form_to("/login");
        form.set("handle", "sokha")
            .set("passphrase", &sokha.passphrase)
            .set("code", code);
        app.staff.post_with("/login", &headers, &form.fields).await
    };
    on_own(WRONG).await.expect(422);
    on_own(&sokha.code(&app.clock).await).await.expect(303);
    for _ in 0..10 {
        on_own(WRONG).await.expect(422);
    }
    let code = sokha.code(&app.clock).await;
    on_own(&code).await.expect(422).says("quarter of an hour");
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_codes_are_counted_and_rest_alone() {
    let app = TestApp::start().await;
    let dara = app.people.get("dara").clone();
    let attempt = async |recovery: &str, code: &str| {
        let page = app.staff.get("/forgotten").await.expect(200);
        let mut form = page.form_to("/forgotten");
        form.set("handle", &dara.handle)
            .set("recovery", recovery)
            .set("choice", "words")
            .set("code", code);
        app.staff.post("/forgotten", &form.fields).await
    };
    let other = app.people.get("sokha").recovery_code.clone();
    for turn in 0..10 {
        // By turns the printed code and the six digits are wrong.
        let page = if turn % 2 == 0 {
            let code = dara.code(&app.clock).await;
            attempt(&other, &code).await
        } else {
            attempt(&dara.recovery_code, WRONG).await
        };
        page.expect(422);
    }
    assert_eq!(alarms(&app, "factor-rests"), 1);
    let code = dara.code(&app.clock).await;
    attempt(&dara.recovery_code, &code).await.expect(422);
    app.sign_in("dara").await;
    app.clock.advance(900);
    let code = dara.code(&app.clock).await;
    attempt(&dara.recovery_code, &code).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_and_ends_are_in_the_trail_and_a_stranger_does_not_multiply_entries() {
    let app = TestApp::start().await;
    let after = app.trail(0).len().try_into().unwrap();
    let told = |name: &str| {
        let mut told = app.trail(after);
        told.retain(|told| told.event.name() == name);
        told
    };
    let dara = app.people.get("dara");
    let nobody = Person::nobody();
    for _ in 0..7 {
        for person in [dara, &nobody] {
            person
                .try_sign_in(&app.staff, "some other words here", "123456")
                .await
                .expect(422);
        }
    }
    assert!(told("sign-ins-failed").is_empty(), "not one each");
    app.clock.advance(900);
    app.worker.tick().await.unwrap();
    app.clock.advance(900);
    app.worker.tick().await.unwrap();
    let failed: Vec<_> = told("sign-ins-failed")
        .into_iter()
        .map(|told| match told.event {
            AuditEvent::SignInsFailed { person, count } => (person.is_some(), count),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(failed, [(false, 7), (true, 7)]);

    // The right passphrase first: a wrong code after it is an entry.
    let page = dara.try_sign_in(&app.staff, &dara.passphrase, WRONG).await;
    page.expect(422);
    assert_eq!(told("factor-wrong").len(), 1);
    let session = app.sign_in("dara").await;
    session.post("/logout", &[]).await.expect(303);
    let out = told("signed-out");
    assert_eq!(out.len(), 1);
    assert!(out[0].by.is_some());

    let admin = app.sign_in("admin").await;
    admin.invite("late", "auditor", None, false).await;
    app.later(73 * 3_600).await;
    assert_eq!(told("invitation-expired").len(), 1);
}
