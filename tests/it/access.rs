//! Who may read a report: handed on, shared, moved and restricted, and what is out of reach is as if it were not there.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::support::TestApp;
use crate::support::client::{Page, fields};
use crate::support::staff::{Person, Session};

const TOLD: &[(&str, &str)] = &[("danger", "over"), ("account", "told-once")];

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(diesel::QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

fn database(app: &TestApp) -> SqliteConnection {
    SqliteConnection::establish(app.database().to_str().unwrap()).unwrap()
}

fn count(app: &TestApp, what: &str) -> i64 {
    diesel::sql_query(format!("SELECT count(*) AS count FROM {what}"))
        .get_result::<Count>(&mut database(app))
        .unwrap()
        .count
}

fn id_of(app: &TestApp, handle: &str) -> String {
    diesel::sql_query(format!(
        "SELECT lower(hex(id)) AS word FROM staff WHERE handle = '{handle}'"
    ))
    .get_result::<Word>(&mut database(app))
    .unwrap()
    .word
}

fn recipient(app: &TestApp) -> String {
    diesel::sql_query("SELECT recipient AS word FROM reports")
        .get_result::<Word>(&mut database(app))
        .unwrap()
        .word
}

/// Two teams, of which the second has one member, bopha, who leads it.
struct Office {
    app: TestApp,
    other: String,
    bopha: Session,
}

async fn office() -> Office {
    let mut app = TestApp::start_with(&[("forms", "officials_channel = \"officials\"")]).await;
    let admin = app.sign_in("admin").await;
    let other = admin.make_team("Integrity", &["officials"]).await;
    let token = admin
        .invite("bopha", "caseworker", Some(&other), true)
        .await;
    let bopha = Person::join(&app.staff, &app.clock, &token, None).await;
    app.people.add(bopha.clone());
    let custodian = app.sign_in("custodian").await;
    custodian.sign_charters(&app.clock).await;
    let bopha = bopha.sign_in(&app.staff, &app.clock).await;
    Office { app, other, bopha }
}

async fn restrict(session: &Session, report: &str, people: &[String], reason: &str) -> Page {
    let version = session.version(report).await;
    let mut all = fields(&[
        ("version", &version),
        ("reason", reason),
        ("csrf", &session.csrf),
    ]);
    all.extend(people.iter().map(|id| ("staff".to_owned(), id.clone())));
    session
        .post_fields(&format!("/reports/{report}/restrict"), &all)
        .await
}

/// The page of a report that is out of reach is the page of one that never was, to the byte.
async fn assert_gone(session: &Session, report: &str) {
    let (theirs, none) = (
        session.read(report).await.expect(404),
        session.read(&"ab".repeat(16)).await.expect(404),
    );
    assert_eq!(theirs.body(), none.body());
    assert_eq!(theirs.headers.len(), none.headers.len());
    for (act, pairs) in [
        ("claim", vec![]),
        ("note", vec![("text", "x")]),
        ("assign", vec![("staff", "00")]),
        ("restrict", vec![("staff", "00")]),
    ] {
        let theirs = session
            .post(&format!("/reports/{report}/{act}"), &pairs)
            .await;
        let none = format!("/reports/{}/{act}", "ab".repeat(16));
        let none = session.post(&none, &pairs).await;
        assert_eq!(theirs.status, 404, "{act}");
        assert_eq!(theirs.body(), none.body(), "{act}");
    }
    let queue = session.get("/queue").await.expect(200);
    assert!(!queue.body().contains(report));
    assert!(!session.whole_queue().await.iter().any(|id| id == report));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_hands_a_report_to_a_teammate_and_a_member_does_not() {
    let app = TestApp::start().await;
    app.reporter("en").file(TOLD).await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    let report = sokha.queue("").await.remove(0);
    let to = id_of(&app, "dara");
    let path = format!("/reports/{report}/assign");
    dara.post(&path, &[("staff", &to)]).await.expect(404);
    dara.read(&report)
        .await
        .expect(200)
        .says_nothing_of("Hand it to somebody");
    sokha.claim(&report).await.expect(303);
    sokha.post(&path, &[("staff", &to)]).await.expect(303);
    dara.note(&report, "taken over").await.expect(303);
    sokha.note(&report, "mine?").await.expect(409).says("dara");
    // Nobody can be given what they cannot read.
    let stranger = id_of(&app, "custodian");
    sokha.post(&path, &[("staff", &stranger)]).await.expect(404);
    let acts: Vec<_> = app.trail(0).into_iter().map(|told| told.class).collect();
    assert!(acts.iter().any(|class| class == "report-assigned"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_report_is_read_by_both_teams_and_a_moved_one_by_the_other_alone() {
    let Office { app, other, bopha } = office().await;
    app.reporter("en").file(TOLD).await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    let report = sokha.queue("").await.remove(0);
    assert_gone(&bopha, &report).await;
    let (share, to) = (
        format!("/reports/{report}/share"),
        [("team", other.as_str())],
    );
    sokha.post(&share, &to).await.expect(422).says("reason");
    let pairs = [to[0], ("reason", "An uncle in the police.")];
    dara.post(&share, &pairs).await.expect(404);
    sokha.post(&share, &pairs).await.expect(303);
    for reader in [&sokha, &dara, &bopha] {
        reader
            .read(&report)
            .await
            .expect(200)
            .says("told-once")
            .says("An uncle in the police.");
    }
    let moved = format!("/reports/{report}/move");
    sokha.post(&moved, &pairs).await.expect(303);
    assert_gone(&sokha, &report).await;
    assert_gone(&dara, &report).await;
    bopha.read(&report).await.expect(200).says("told-once");
    assert_eq!(count(&app, "grants"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_that_no_custodian_signed_for_is_not_offered() {
    let mut app = TestApp::start_with(&[("forms", "officials_channel = \"officials\"")]).await;
    let admin = app.sign_in("admin").await;
    let team = admin.make_team("Slipped in", &["officials"]).await;
    let token = admin.invite("thief", "caseworker", Some(&team), true).await;
    let thief = Person::join(&app.staff, &app.clock, &token, None).await;
    app.people.add(thief);
    app.reporter("en").file(TOLD).await;
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha
        .read(&report)
        .await
        .expect(200)
        .says_nothing_of("Slipped in");
    let pairs = [("team", team.as_str()), ("reason", "why not")];
    let path = format!("/reports/{report}/share");
    sokha.post(&path, &pairs).await.expect(404);
    assert_eq!(count(&app, "grants"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restricted_report_has_a_new_key_that_only_those_named_hold() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let code = reporter.file(TOLD).await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    let report = sokha.queue("").await.remove(0);
    dara.claim(&report).await.expect(303);
    dara.note(&report, "noted-before").await.expect(303);
    let before = recipient(&app);
    let (me, them) = (id_of(&app, "sokha"), id_of(&app, "dara"));

    restrict(&dara, &report, std::slice::from_ref(&them), "mine")
        .await
        .expect(404);
    restrict(&sokha, &report, &[], "reason").await.expect(422);
    restrict(&sokha, &report, std::slice::from_ref(&me), " ")
        .await
        .expect(422);
    restrict(&sokha, &report, &[them], "not me")
        .await
        .expect(409);
    assert_eq!(recipient(&app), before);
    restrict(&sokha, &report, &[me], "He knows the family.")
        .await
        .expect(303);

    assert_ne!(recipient(&app), before);
    assert_gone(&dara, &report).await;
    let team_grants = "grants JOIN keys ON keys.id = grants.key WHERE keys.kind = 'team'";
    assert_eq!(count(&app, team_grants), 0);
    assert_eq!(count(&app, "grants"), 1);
    sokha
        .read(&report)
        .await
        .expect(200)
        .says("told-once")
        .says("noted-before")
        .says("He knows the family.")
        .says("these people alone");

    // The conversation goes on, sealed to the new key.
    reporter
        .mailbox(&code)
        .await
        .write("I saw him again.")
        .await
        .expect(200);
    sokha.claim(&report).await.expect(303);
    sokha.message(&report, "Thank you.").await.expect(303);
    assert_eq!(reporter.mailbox(&code).await.messages(), ["Thank you."]);
    sokha
        .read(&report)
        .await
        .expect(200)
        .says("I saw him again.");
    assert_gone(&dara, &report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_nobody_vouched_for_cannot_be_named() {
    let app = TestApp::start().await;
    app.reporter("en").file(TOLD).await;
    let sokha = app.sign_in("sokha").await;
    diesel::sql_query(
        "INSERT INTO memberships SELECT m.team, s.id, 0, 'member', m.signature, m.signer FROM memberships m, staff s \
         WHERE s.handle = 'custodian' AND m.staff = (SELECT id FROM staff WHERE handle = 'dara')",
    )
    .execute(&mut database(&app))
    .unwrap();
    let report = sokha.queue("").await.remove(0);
    let people = [id_of(&app, "sokha"), id_of(&app, "custodian")];
    restrict(&sokha, &report, &people, "reason")
        .await
        .expect(404);
    sokha
        .read(&report)
        .await
        .expect(200)
        .says_nothing_of(&people[1]);
    assert_eq!(count(&app, "reports"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_reader_of_a_restricted_report_is_not_closed_out() {
    let app = TestApp::start().await;
    app.reporter("en").file(TOLD).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let report = sokha.queue("").await.remove(0);
    let (me, them) = (id_of(&app, "sokha"), id_of(&app, "dara"));
    restrict(&sokha, &report, std::slice::from_ref(&me), "reason")
        .await
        .expect(303);
    let closing = [("staff", me.as_str())];
    admin
        .post("/people/disable", &closing)
        .await
        .expect(409)
        .says("the only one who can open a restricted report");
    sokha.read(&report).await.expect(200).says("told-once");
    restrict(&sokha, &report, &[me.clone(), them], "both")
        .await
        .expect(303);
    admin.post("/people/disable", &closing).await.expect(303);
    assert_eq!(count(&app, "grants"), 1);
    let dara = app.sign_in("dara").await;
    dara.read(&report).await.expect(200).says("told-once");
}
