//! Whatever two people compare by voice stands on the pages of both, under the same words.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection as _;
use kapea::domain::ids::TeamId;
use kapea::ledger::statement::Signed;
use kapea::ledger::team::TeamBody;
use kapea::seal::keys::{Seed, StaffKeys, team_fingerprint};
use kapea::seal::recovery::RecoveryPublic;

use crate::support::TestApp;
use crate::support::binary::program;
use crate::support::client::Page;
use crate::support::ledger::root;
use crate::support::sql::{connect, id_of, text};
use crate::support::staff::{Person, Session};

const TEAMS: &str = "Key number of the team:";
const PERSONS: &str = "Key number";
const FINGERPRINT: &str = "Fingerprint";

/// The digits that follow this label on a page, as they are grouped there.
fn labelled(page: &Page, label: &str) -> BTreeSet<String> {
    numbers(&page.text(), label)
}

/// The same of what the program has printed.
fn numbers(text: &str, label: &str) -> BTreeSet<String> {
    let after = text.split(label).skip(1);
    let digits = after.map(|rest| {
        let words = rest.trim_start_matches(':').split_whitespace();
        words.take(6).collect::<Vec<_>>().join(" ")
    });
    digits.filter(|digits| is_number(digits)).collect()
}

/// Six groups of five.
fn is_number(text: &str) -> bool {
    let groups: Vec<&str> = text.split(' ').collect();
    let digits = |group: &str| group.len() == 5 && group.chars().all(|c| c.is_ascii_digit());
    groups.len() == 6 && groups.into_iter().all(digits)
}

/// Runs `kapea custodian …` and gives what it has printed.
fn custodian(arguments: &[&str]) -> String {
    let ran = program().arg("custodian").args(arguments).output().unwrap();
    let said = String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap();
    assert!(ran.status.success(), "{said}");
    said
}

/// What stands between the quotation marks after a word.
fn quoted<'a>(text: &'a str, word: &str) -> &'a str {
    let rest = text.split(&format!("{word} = \"")).nth(1).unwrap();
    rest.split('"').next().unwrap()
}

async fn renew(app: &TestApp, session: &Session) {
    let (done, _) = session.change_own("/account/renew", &app.clock).await;
    done.expect(303);
}

async fn on(session: &Session, path: &str, label: &str) -> BTreeSet<String> {
    labelled(&session.get(path).await.expect(200), label)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_custodian_and_each_member_see_the_same_number_of_the_team() {
    let mut app = TestApp::start().await;
    let custodian = on(&app.sign_in("custodian").await, "/charters", TEAMS).await;
    assert!(!custodian.is_empty());
    let mut members = BTreeSet::new();
    for handle in ["sokha", "dara", "auditor"] {
        let session = app.sign_in(handle).await;
        let theirs = on(&session, "/team", TEAMS).await;
        assert_eq!(theirs.len(), 1, "{handle}");
        // Their own is another, and is not called the team's.
        assert!(theirs.is_disjoint(&on(&session, "/team", PERSONS).await));
        members.extend(theirs);
    }
    assert_eq!(members, custodian);
    // Whoever has not been let in cannot vouch for the team.
    let admin = app.sign_in("admin").await;
    let bopha = app.newcomer(&admin, "bopha").await;
    assert!(on(&bopha, "/team", TEAMS).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_and_each_member_see_the_same_number_of_the_newcomer() {
    let mut app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let bopha = app.newcomer(&admin, "bopha").await;
    let own = on(&bopha, "/team", PERSONS).await;
    assert_eq!(own.len(), 1);
    assert_eq!(on(&bopha, "/account", PERSONS).await, own);
    for handle in ["sokha", "dara"] {
        let session = app.sign_in(handle).await;
        let theirs = on(&session, "/team", PERSONS).await;
        assert!(theirs.is_superset(&own), "{handle}: {theirs:?}");
    }
    // Auditors are let in in the same way.
    let token = admin.invite("vanna", "auditor", None, false).await;
    let person = Person::join(&app.staff, &app.clock, &token, None).await;
    let vanna = person.sign_in(&app.staff, &app.clock).await;
    let own = on(&vanna, "/team", PERSONS).await;
    assert_eq!(own.len(), 1);
    assert_eq!(on(&vanna, "/account", PERSONS).await, own);
    let auditor = app.sign_in("auditor").await;
    assert!(on(&auditor, "/team", PERSONS).await.is_superset(&own));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_or_watches_sees_the_same_number_of_a_recovery_key() {
    let app = TestApp::start().await;
    let custodian = app.sign_in("custodian").await;
    let public = RecoveryPublic::of(&StaffKeys::from_seed(&Seed::random()));
    let page = custodian.get("/recovery").await.expect(200);
    let mut form = page.form_to("/recovery/register");
    form.set("line", &public.to_string())
        .set("code", &custodian.code(&app.clock).await);
    custodian
        .post_fields("/recovery/register", &form.fields)
        .await
        .expect(303);
    let printed = BTreeSet::from([public.fingerprint()]);
    for handle in ["custodian", "admin"] {
        let session = app.sign_in(handle).await;
        assert_eq!(on(&session, "/recovery", FINGERPRINT).await, printed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_who_agree_to_an_export_see_the_same_number_of_whom_it_is_for() {
    let app = TestApp::start().await;
    app.reporter("en")
        .file(&[("danger", "over"), ("account", "told")])
        .await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    let recipient = age::x25519::Identity::generate().to_public().to_string();
    let pairs = [("recipient", recipient.as_str())];
    sokha.propose(&report, "export", &pairs).await.expect(303);
    let mut seen = BTreeSet::new();
    for session in [&sokha, &dara] {
        let page = session.read(&report).await.expect(200);
        let digits = page.document().of_class("fingerprint");
        assert!(digits.iter().any(|digits| is_number(digits)), "{digits:?}");
        seen.insert(digits);
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_custodian_with_another_key_and_whoever_pins_it_see_the_same_number() {
    let mut app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let old = on(&app.sign_in("custodian").await, "/account", FINGERPRINT).await;
    assert_eq!(on(&admin, "/keys", FINGERPRINT).await, old);
    let pinned = std::fs::read_to_string(app.folder.path().join("kapea.toml")).unwrap();
    let pinned = quoted(&pinned, "verify_key").to_owned();

    // An account that begins anew has another key.
    let reset = format!("/people/reset?staff={}", id_of(&app, "custodian"));
    let page = admin.get(&reset).await.expect(200);
    let mut form = page.form_to("/people/reset");
    form.set("code", &admin.code(&app.clock).await);
    let page = admin.post_fields("/people/reset", &form.fields).await;
    let link = page.expect(200).document().of_class("link-once").join("");
    let token = link.rsplit('/').next().unwrap();
    let person = Person::join(&app.staff, &app.clock, token, None).await;
    app.people.add(person.clone());
    let session = person.sign_in(&app.staff, &app.clock).await;
    let own = on(&session, "/account", FINGERPRINT).await;
    assert_eq!(own.len(), 1);
    assert_ne!(own, old);
    let page = session.get("/charters").await.expect(200);
    assert_eq!(labelled(&page, FINGERPRINT), own);
    let key = page.document().of_class("breakable").join("");
    let config = app.folder.path().join("kapea.toml");
    let config = config.to_str().unwrap();
    let change = |key: &str| {
        custodian(&[
            "change",
            "--config",
            config,
            "--name",
            "custodian",
            key.trim(),
        ])
    };
    assert_eq!(numbers(&change(&key), FINGERPRINT), own);

    // A key that is in a file only.
    let file = app.folder.path().join("new.key");
    let file = file.to_str().unwrap();
    let made = custodian(&["new", "--name", "custodian", file]);
    let printed = numbers(&made, FINGERPRINT);
    assert_eq!(printed.len(), 1);
    let said = change(quoted(&made, "verify_key"));
    assert_eq!(numbers(&said, FINGERPRINT), printed);
    assert_eq!(quoted(&said, "earlier = [{ verify_key"), pinned);

    // Once it is pinned, the administrator's page shows what is pinned, and who signs is told the number that members read.
    let line = format!(
        "keys = [{{ name = \"custodian\", verify_key = \"{}\" }}]",
        quoted(&made, "verify_key")
    );
    let app = app.again(&[("custodians", &line)]);
    let admin = app.sign_in("admin").await;
    assert_eq!(on(&admin, "/keys", FINGERPRINT).await, printed);
    let signed = custodian(&["sign", "--yes", "--key", file, "--config", config, "main"]);
    let sokha = app.sign_in("sokha").await;
    assert_eq!(numbers(&signed, TEAMS), on(&sokha, "/team", TEAMS).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_key_has_one_number_wherever_it_is_compared_and_the_teams_stays() {
    let mut app = TestApp::start().await;
    let teams = on(&app.sign_in("dara").await, "/team", TEAMS).await;
    assert_eq!(teams.len(), 1);
    let before = on(&app.sign_in("sokha").await, "/account", PERSONS).await;
    renew(&app, &app.sign_in("sokha").await).await;
    let sokha = app.sign_in("sokha").await;
    let own = on(&sokha, "/account", PERSONS).await;
    assert_eq!(own.len(), 1);
    assert!(own.is_disjoint(&before));
    assert_eq!(on(&sokha, "/team", PERSONS).await, own);
    // The team's key itself vouches for it: nobody is asked to compare it again.
    let dara = app.sign_in("dara").await;
    let page = dara.get("/team").await.expect(200);
    assert!(page.forms_to("/team/admit").is_empty());
    assert!(labelled(&page, PERSONS).is_disjoint(&own));
    let custodian = app.sign_in("custodian").await;
    let signed = on(&custodian, "/charters", TEAMS).await;
    for session in [&sokha, &dara] {
        assert_eq!(on(session, "/team", TEAMS).await, teams);
    }
    assert!(signed.is_superset(&teams), "{signed:?}");

    // Whoever still waits at the door is compared by the new number alone.
    let admin = app.sign_in("admin").await;
    let bopha = app.newcomer(&admin, "bopha").await;
    let old = on(&bopha, "/account", PERSONS).await;
    let opened = dara.get("/team").await.expect(200).form_to("/team/admit");
    renew(&app, &bopha).await;
    let bopha = app.sign_in("bopha").await;
    let own = on(&bopha, "/account", PERSONS).await;
    assert_eq!(own.len(), 1);
    assert_eq!(on(&bopha, "/team", PERSONS).await, own);
    for session in [&sokha, &dara] {
        let theirs = on(session, "/team", PERSONS).await;
        assert!(theirs.is_superset(&own) && theirs.is_disjoint(&old));
    }
    let mut form = opened;
    form.set("compared", "yes")
        .set("code", &dara.code(&app.clock).await);
    dara.post_fields("/team/admit", &form.fields)
        .await
        .expect(409)
        .says("The key number has changed since you opened this page");
    assert_eq!(dara.admit_all(&app.clock).await, 1);
    assert_eq!(on(&bopha, "/team", TEAMS).await, teams);
}

/// Nothing is compared when a report is restricted: the keys that the team's own has signed are those that members have compared
/// at the door. So the page must ask for no comparison, and offer nobody by another key than the one that was compared.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_restricts_a_report_compares_nothing_and_is_offered_compared_keys_only() {
    let app = TestApp::start().await;
    app.reporter("en")
        .file(&[("danger", "over"), ("account", "told")])
        .await;
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    let path = format!("/reports/{report}/restrict");
    let dara = id_of(&app, "dara");
    let page = sokha.read(&report).await.expect(200);
    assert!(page.document().of_class("fingerprint").is_empty());
    let body = page.body();
    let panel = body.split("aria-labelledby=\"access\"").nth(1).unwrap();
    let panel = panel.split("</section>").next().unwrap().to_lowercase();
    assert!(panel.contains(&dara) && panel.contains("restrict"));
    for asked in ["compare", "digits", "number", "telephone", "face to face"] {
        assert!(!panel.contains(asked), "{asked}: {panel}");
    }
    let offered = |page: &Page| {
        let named = format!("name=\"restrict-staff\" autocomplete=\"off\" value=\"{dara}\"");
        page.body().contains(&named)
    };
    assert!(offered(&page));

    // Somebody lays a key of their own under the name of a member.
    let thief = StaffKeys::from_seed(&Seed::random());
    let row = "keys WHERE kind = 'staff' AND owner = (SELECT id FROM staff WHERE handle = 'dara')";
    let kept = text(&app, "recipient", row);
    let put = |recipient: &str| {
        let theirs = "owner = (SELECT id FROM staff WHERE handle = 'dara')";
        let sql = format!(
            "UPDATE keys SET recipient = '{recipient}' WHERE kind = 'staff' AND {theirs}; \
             UPDATE staff SET recipient = '{recipient}' WHERE handle = 'dara'"
        );
        connect(&app).batch_execute(&sql).unwrap();
    };
    put(thief.recipient().as_str());
    assert!(!offered(&sokha.read(&report).await.expect(200)));
    let (me, version) = (id_of(&app, "sokha"), sokha.version(&report).await);
    let people = [
        ("version", version.as_str()),
        ("reason", "reason"),
        ("staff", &me),
        ("staff", &dara),
    ];
    sokha.post(&path, &people).await.expect(404);
    put(&kept);
    sokha.post(&path, &people).await.expect(303);
    let session = app.sign_in("dara").await;
    session.read(&report).await.expect(200).says("told");
}

/// Custodian and member must not read the same row and agree: a member's page shows a number only if it leads to the key they hold.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_somebody_laid_under_a_team_is_no_members_number() {
    let (app, bopha) = TestApp::with_another_team().await;
    let custodian = app.sign_in("custodian").await;
    let sokha = app.sign_in("sokha").await;
    let (theirs, signed) = (on(&bopha, "/team", TEAMS), on(&sokha, "/team", TEAMS));
    let (theirs, signed) = (theirs.await, signed.await);
    let before = on(&custodian, "/charters", TEAMS).await;
    assert!(before.is_superset(&theirs) && before.is_superset(&signed));

    // A team that nobody has signed for yet, and one that custodians have.
    for (of, session, number) in [("Elsewhere", &bopha, &theirs), ("Hotline", &sokha, &signed)] {
        let id: TeamId = text(
            &app,
            "lower(hex(id))",
            &format!("teams WHERE name = '{of}'"),
        )
        .parse()
        .unwrap();
        let [own, laid] = [(); 2].map(|()| StaffKeys::from_seed(&Seed::random()));
        let forged = root(id, &own, &laid);
        let sql = format!(
            "CREATE TABLE kept AS SELECT * FROM statements WHERE hex(ledger) = upper('{id}'); \
             DELETE FROM statements WHERE hex(ledger) = upper('{id}'); \
             INSERT INTO statements VALUES (X'{id}', 1, X'{}')",
            data_encoding::HEXUPPER.encode(&forged),
        );
        connect(&app).batch_execute(&sql).unwrap();
        let page = session.get("/team").await.expect(200);
        page.says("do not lead to the key that you hold");
        assert!(labelled(&page, TEAMS).is_disjoint(number), "{of}");
        // What was seen before is what custodians go on to see.
        let shown = on(&custodian, "/charters", TEAMS).await;
        let digest = Signed::<TeamBody>::parse(&forged).unwrap().head.digest;
        assert!(!shown.contains(&team_fingerprint(&digest)), "{of}");
        let sql = format!(
            "DELETE FROM statements WHERE hex(ledger) = upper('{id}'); \
             INSERT INTO statements SELECT * FROM kept; DROP TABLE kept"
        );
        connect(&app).batch_execute(&sql).unwrap();
        assert_eq!(&on(session, "/team", TEAMS).await, number);
    }
}
