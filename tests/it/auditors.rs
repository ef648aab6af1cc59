//! What was done is sealed to the auditors: the server's own credential opens none of it, and their key is changed like any other.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::connection::SimpleConnection as _;
use kapea::domain::ids::KeyId;
use kapea::seal::audit;
use kapea::service::audit_log::{BODY_BYTES, TICK};
use kapea::service::keyring::MemberKeys;
use kapea::store::{self, AuditRow};

use crate::support::staff::{Person, Session};
use crate::support::{TestApp, eventually};

async fn acts(app: &TestApp) {
    app.reporter("en")
        .file(&[("danger", "over"), ("account", "told")])
        .await;
    let dara = app.sign_in("dara").await;
    let report = dara.queue("").await.remove(0);
    dara.read(&report).await.expect(200);
}

/// Every entry but the log's signs of life, which have no body.
fn rows(app: &TestApp) -> Vec<AuditRow> {
    let rows = app
        .store
        .blocking(|conn| store::audit_after(conn, 0, 10_000));
    let mut rows = rows.unwrap();
    rows.retain(|row| row.class != TICK);
    rows
}

fn run(app: &TestApp, sql: &str) {
    let mut conn = crate::support::sql::open(app.database());
    conn.batch_execute(&format!("PRAGMA busy_timeout = 10000; {sql}"))
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_credential_opens_nothing_of_the_trail() {
    let app = TestApp::start().await;
    acts(&app).await;
    // What was written before there was an auditor has gone over to them.
    app.later(60).await;
    let (audit_log, keys) = (app.audit_log(), app.audit_keys());
    assert_eq!(keys.len(), 1);
    let all = rows(&app);
    for row in &all {
        assert_eq!(row.body_key, Some(keys[0].0), "{}", row.seq);
        assert!(audit_log.read(row).is_none(), "{} opens", row.seq);
        assert!(audit_log.read_with(row, &keys).is_some(), "{}", row.seq);
    }
    let first = audit_log.read_with(&all[0], &keys).unwrap();
    assert_eq!(first.event.name(), "person-invited");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_auditor_reads_when_the_first_has_let_them_in() {
    let app = TestApp::start().await;
    acts(&app).await;
    let (admin, auditor) = (app.sign_in("admin").await, app.sign_in("auditor").await);
    let token = admin.invite("vanna", "auditor", None, false).await;
    let vanna = Person::join(&app.staff, &app.clock, &token, None).await;
    let session = vanna.sign_in(&app.staff, &app.clock).await;
    let page = session.get("/audit").await.expect(200);
    page.says("Sealed to a key that you do not hold")
        // As something to look for, but not as an entry.
        .says_nothing_of(">report-read<")
        .says_nothing_of("Not what was written");
    session.get("/team").await.expect(200);
    assert_eq!(auditor.admit_all(&app.clock).await, 1);
    let page = session.get("/audit").await.expect(200);
    for told in [">report-read<", ">member-let-in<"] {
        assert!(page.body().contains(told), "{told}");
    }
    page.says_nothing_of("Sealed to a key that you do not hold");
    // No other team takes their name.
    let name = "Auditors · សវនករ";
    admin.post("/teams", &[("name", name)]).await.expect(422);
    // Nobody is put among the auditors by way of a form for caseworkers.
    let teams = store::team_list;
    let teams = app.store.blocking(teams).unwrap();
    let team = teams.iter().find(|team| team.name != "Hotline").unwrap();
    let form = [
        ("handle", "sneak"),
        ("role", "caseworker"),
        ("team", &team.id.to_string()),
    ];
    admin.post("/people/invite", &form).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_auditors_key_is_changed_and_every_body_goes_over() {
    let app = TestApp::start().await;
    acts(&app).await;
    app.later(60).await;
    let (admin, auditor) = (app.sign_in("admin").await, app.sign_in("auditor").await);
    let before: BTreeMap<i64, [u8; 32]> = rows(&app)
        .into_iter()
        .map(|row| (row.seq, row.commitment))
        .collect();
    let old = app.audit_keys()[0].0;
    let teams = app.store.blocking(store::team_list).unwrap();
    let team = teams.iter().find(|team| team.name != "Hotline").unwrap();
    let form = [("team", team.id.to_string())];
    let form: Vec<(&str, &str)> = form.iter().map(|(a, b)| (*a, b.as_str())).collect();
    admin.post("/keys/rotate", &form).await.expect(303);
    eventually("the old key is destroyed", || async {
        auditor.get("/audit").await.expect(200);
        let key = app.store.blocking(|conn| store::key_find(conn, old));
        (key.unwrap().state.as_str() == "destroyed").then_some(())
    })
    .await;
    let keys = app.audit_keys();
    let new: Vec<KeyId> = keys.iter().map(|(id, _)| *id).collect();
    assert!(!new.contains(&old));
    let audit_log = app.audit_log();
    for row in rows(&app) {
        assert_eq!(row.body_key, Some(new[0]), "{}", row.seq);
        assert!(audit_log.read_with(&row, &keys).is_some(), "{}", row.seq);
        // How long a body is would tell the act.
        let body = audit::open_body(&keys[0].1, row.body.as_ref().unwrap(), &row.commitment);
        assert_eq!(body.unwrap().len(), BODY_BYTES, "{}", row.seq);
        let same = before
            .get(&row.seq)
            .is_none_or(|known| *known == row.commitment);
        assert!(same, "{}", row.seq);
    }
    let page = auditor.post("/audit/check", &[]).await.expect(200);
    page.says("nothing is wrong");
    // People, teams and keys are called by name and number.
    page.says("Team: Hotline").says("Key: dara, number 1");
    for said in page.body().split("<div class=\"detail\">").skip(1) {
        let said = said.split("</div>").next().unwrap();
        let mut words = said.split(|c: char| !c.is_ascii_hexdigit());
        assert!(words.all(|word| word.len() < 32), "{said}");
    }
    auditor
        .get("/audit?event=report-read")
        .await
        .expect(200)
        .says("dara");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_was_changed_is_marked_and_named() {
    let app = TestApp::start().await;
    acts(&app).await;
    app.later(60).await;
    let auditor = app.sign_in("auditor").await;
    let whole = auditor.post("/audit/check", &[]).await.expect(200);
    whole.says("nothing is wrong");
    run(
        &app,
        "UPDATE audit SET body = (SELECT body FROM audit WHERE seq = 6) WHERE seq = 7",
    );
    let page = auditor.get("/audit").await.expect(200);
    page.says("Not what was written");
    let page = auditor.post("/audit/check", &[]).await.expect(200);
    page.says("What is told of entry 7 was changed");
    let trail = rows(&app);
    let last = app
        .audit_log()
        .read_with(trail.last().unwrap(), &app.audit_keys());
    assert!(last.unwrap().event.name().starts_with("trail-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nobody_signed_for_gets_no_body() {
    let app = TestApp::start().await;
    acts(&app).await;
    app.later(60).await;
    let good = app.audit_keys()[0].0;
    // Somebody exchanges the auditors' key in the database.
    run(
        &app,
        "UPDATE statements SET signed = randomblob(300) WHERE ledger IN (SELECT id FROM teams WHERE kind = 'audit')",
    );
    let before = rows(&app).len();
    acts(&app).await;
    for row in &rows(&app)[before..] {
        assert_eq!(row.body_key, Some(good), "the last good one goes on");
    }
    app.later(60).await;
    let custodian = app.sign_in("custodian").await;
    let page = custodian.get("/alarms").await.expect(200);
    page.says("Somebody has changed who receives reports")
        .says("audit");
}

fn generations(app: &TestApp) -> Vec<store::KeyRow> {
    let teams = app.store.blocking(store::team_list).unwrap();
    let team = teams.iter().find(|team| team.name != "Hotline").unwrap();
    let keys = app
        .store
        .blocking(|conn| store::keys_of_team(conn, team.id));
    keys.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_body_does_not_keep_the_key_from_being_changed() {
    let app = TestApp::start().await;
    acts(&app).await;
    app.later(60).await;
    let (admin, auditor) = (app.sign_in("admin").await, app.sign_in("auditor").await);
    run(
        &app,
        "UPDATE audit SET body = (SELECT body FROM audit WHERE seq = 6) WHERE seq = 7",
    );
    let owner = generations(&app)[0].owner;
    let team = kapea::domain::ids::TeamId::from_bytes(owner).to_string();
    for newest in [2, 3] {
        let form = [("team", team.as_str())];
        admin.post("/keys/rotate", &form).await.expect(303);
        eventually("the next generation", || async {
            auditor.get("/audit").await.expect(200);
            let keys = generations(&app);
            let open = app.store.blocking(store::rotation_any_open).unwrap();
            (keys.len() == newest && !open).then_some(())
        })
        .await;
    }
    let states: Vec<&str> = generations(&app)
        .iter()
        .map(|key| key.state.as_str())
        .collect();
    assert_eq!(states, ["retiring", "destroyed", "active"]);
    let page = auditor.post("/audit/check", &[]).await.expect(200);
    page.says("What is told of entry 7 was changed");

    // What is under the old generation counts when somebody goes who alone holds that one.
    let token = admin.invite("vanna", "auditor", None, false).await;
    Person::join(&app.staff, &app.clock, &token, None).await;
    assert_eq!(auditor.admit_all(&app.clock).await, 1);
    run(
        &app,
        "DELETE FROM wraps WHERE child IN (SELECT id FROM keys WHERE state = 'retiring') AND parent IN \
         (SELECT keys.id FROM keys JOIN staff ON staff.id = owner WHERE handle = 'vanna')",
    );
    let staff = app
        .store
        .blocking(|conn| store::staff_by_handle(conn, "auditor"));
    let staff = staff.unwrap().unwrap().id.to_string();
    let pairs = [("staff", staff.as_str())];
    admin.post("/people/disable", &pairs).await.expect(409);
    let pairs = [("staff", staff.as_str()), ("lose", "yes")];
    admin.post("/people/disable", &pairs).await.expect(303);
    app.leaves_undone("nobody holds the old generation any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn auditors_are_never_offered_or_signed_for_a_report() {
    let app = TestApp::start().await;
    acts(&app).await;
    // Whoever can write to the database says that they are a team like any other.
    run(&app, "UPDATE teams SET kind = 'casework'");
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    let page = sokha.read(&report).await.expect(200);
    page.says_nothing_of("Auditors ·");
    let team = kapea::domain::ids::TeamId::from_bytes(generations(&app)[0].owner).to_string();
    let path = format!("/reports/{report}/share");
    let pairs = [("team", team.as_str()), ("reason", "why not")];
    sokha.post(&path, &pairs).await.expect(404);
    // Or that their team is to be fed by the form: nothing that a custodian could sign by mistake.
    run(
        &app,
        "UPDATE teams SET kind = 'audit' WHERE name <> 'Hotline'; \
         UPDATE channels SET team = (SELECT id FROM teams WHERE kind = 'audit') WHERE id = 'main'",
    );
    let custodian = app.sign_in("custodian").await;
    let page = custodian.get("/charters").await.expect(200);
    assert!(page.forms_to("/charters/sign").is_empty());
    let code = custodian.code(&app.clock).await;
    let pairs = [("channel", "main"), ("compared", "yes"), ("code", &code)];
    let refused = custodian.post("/charters/sign", &pairs).await;
    assert_ne!(refused.status, 303);
}

async fn member(app: &TestApp, session: &Session) -> Arc<MemberKeys> {
    let cookie = session.cookie.split("; ").next().unwrap();
    let cookie = cookie.split_once('=').unwrap().1;
    let caller = app.services.accounts.authenticate(cookie, true).await;
    MemberKeys::of(&caller.unwrap()).expect("an auditor")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_auditors_change_their_key_at_once_and_it_is_no_tampering() {
    let app = TestApp::start().await;
    acts(&app).await;
    app.later(60).await;
    let (admin, auditor) = (app.sign_in("admin").await, app.sign_in("auditor").await);
    let token = admin.invite("vanna", "auditor", None, false).await;
    let vanna = Person::join(&app.staff, &app.clock, &token, None).await;
    let vanna = vanna.sign_in(&app.staff, &app.clock).await;
    assert_eq!(auditor.admit_all(&app.clock).await, 1);
    let hands = [member(&app, &auditor).await, member(&app, &vanna).await];
    let team = kapea::domain::ids::TeamId::from_bytes(generations(&app)[0].owner).to_string();
    let form = [("team", team.as_str())];
    admin.post("/keys/rotate", &form).await.expect(303);
    // The new generation is there: from here on both have the same to do.
    app.services.rotation.slice(&hands[0]).await.unwrap();
    eventually("the change is done", || async {
        let rotation = &app.services.rotation;
        let [one, two] = &hands;
        // Whoever comes second may find the step done.
        let (_one, _two) = tokio::join!(rotation.run(one, 2), rotation.run(two, 2));
        let open = app.store.blocking(store::rotation_any_open).unwrap();
        (!open).then_some(())
    })
    .await;
    let page = auditor.get("/alarms").await.expect(200);
    page.says("Nothing is open");
    let page = auditor.post("/audit/check", &[]).await.expect(200);
    page.says("nothing is wrong");
}
