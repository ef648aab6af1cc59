//! Who may read a report: handed on, shared, moved and restricted, and what is out of reach is as if it were not there.

use kapea::web::access::{Port, Verb};
use kapea::web::routes;

use crate::epochs;
use crate::support::TestApp;
use crate::support::client::{Page, fields};
use crate::support::sql::{count, id_of, of_report, run};
use crate::support::staff::{Person, Session};

const TOLD: &[(&str, &str)] = &[("danger", "over"), ("account", "told-once")];

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

/// What somebody may send to a report's page, whichever of its forms it is.
fn guesses(session: &Session, code: &str) -> Vec<Vec<(String, String)>> {
    let full = [
        ("text", "x"),
        ("reason", "x"),
        ("version", "1"),
        ("urgency", "U0"),
        ("act", "lock"),
        ("linked", "00112233445566778899aabbccddeeff"),
        ("staff", "00112233445566778899aabbccddeeff"),
        ("team", "00112233445566778899aabbccddeeff"),
        ("code", code),
    ];
    let mut sets = vec![fields(&[]), fields(&full)];
    for act in [
        "claim",
        "release",
        "ask-reporter",
        "resume",
        "link",
        "mark-spam",
        "unlock",
    ] {
        let mut set = fields(&full);
        set.retain(|(name, _)| name != "act");
        set.push(("act".to_owned(), act.to_owned()));
        sets.push(set);
    }
    for set in &mut sets {
        set.push(("csrf".to_owned(), session.csrf.clone()));
    }
    sets
}

fn assert_same(theirs: &Page, none: &Page, what: &str) {
    assert_eq!(theirs.status, 404, "{what}");
    assert_eq!(none.status, 404, "{what}");
    assert_eq!(theirs.bytes, none.bytes, "{what}");
    let headers = |page: &Page| {
        let mut all: Vec<_> = page
            .headers
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    };
    assert_eq!(headers(theirs), headers(none), "{what}");
}

/// Everything that a report out of reach answers is what one that never was answers, to the byte: on every route there is.
async fn assert_gone(session: &Session, report: &str) {
    let mut walked = 0;
    let nobody = "ab".repeat(16);
    let of_reports = routes::all()
        .filter(|route| route.port == Port::Staff && route.path.starts_with("/reports/{id}"));
    for route in of_reports {
        let path = |id: &str| fill(&route.path.replace("{id}", id));
        let (theirs, none) = (path(report), path(&nobody));
        walked += 1;
        if route.verb == Verb::Get {
            for query in ["", "?page=2", "?lang=km", "?done=note"] {
                let theirs = session.get(&format!("{theirs}{query}")).await;
                let none = session.get(&format!("{none}{query}")).await;
                assert_same(&theirs, &none, route.path);
            }
            continue;
        }
        for set in guesses(session, "000000") {
            let what = format!("{} {set:?}", route.path);
            let theirs = session.post_fields(&theirs, &set).await;
            let none = session.post_fields(&none, &set).await;
            assert_same(&theirs, &none, &what);
        }
    }
    assert!(walked >= 11, "only {walked} routes of reports");
    let queue = session.get("/queue").await.expect(200);
    assert!(!queue.body().contains(report));
    assert!(!session.whole_queue().await.iter().any(|id| id == report));
}

/// A path with something in the place of whatever else it names.
fn fill(path: &str) -> String {
    let mut filled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        filled.push_str(&"cd".repeat(16));
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    filled.push_str(rest);
    filled
}

/// Every list of the queue that its page offers, as somebody sees it.
async fn lists(session: &Session) -> Vec<Vec<u8>> {
    let mut seen = Vec::new();
    let states = [
        "received",
        "in_triage",
        "needs_information",
        "linked",
        "suspected_spam",
        "locked",
        "no_action",
    ];
    let mut queries = vec![String::new(), "?page=2".to_owned()];
    queries.extend(states.iter().map(|state| format!("?state={state}")));
    queries.extend(["U0", "U1", "U2", "U3"].map(|urgency| format!("?urgency={urgency}")));
    for query in queries {
        seen.push(session.get(&format!("/queue{query}")).await.bytes);
    }
    for path in ["/", "/team"] {
        seen.push(session.get(path).await.bytes);
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_in_another_compartment_shows_in_no_list_count_or_filter() {
    let Office { app, bopha, .. } = office().await;
    let before = lists(&bopha).await;
    let sokha = app.sign_in("sokha").await;
    for danger in ["now", "over", "over"] {
        app.reporter("en")
            .file(&[("danger", danger), ("account", "told-once")])
            .await;
    }
    let reports = sokha.whole_queue().await;
    assert_eq!(reports.len(), 3);
    assert_eq!(before, lists(&bopha).await, "reports came in");
    sokha.claim(&reports[0]).await.expect(303);
    sokha.note(&reports[0], "a note").await.expect(303);
    sokha.claim(&reports[1]).await.expect(303);
    sokha
        .act(&reports[1], "mark-spam", "the same ten times")
        .await
        .expect(303);
    restrict(&sokha, &reports[2], &[id_of(&app, "sokha")], "reason")
        .await
        .expect(303);
    assert_eq!(before, lists(&bopha).await, "they were worked on");
    app.later(3_600).await;
    let mails = app.mail.take();
    assert!(!mails.is_empty());
    for mail in mails {
        let text = String::from_utf8_lossy(mail.bytes()).into_owned();
        for word in reports
            .iter()
            .map(String::as_str)
            .chain(["Hotline", "Integrity", "sokha"])
        {
            assert!(!text.contains(word), "{word} is in a mail:\n{text}");
        }
    }
    // An hour is an hour for both.
    let bopha = app
        .people
        .get("bopha")
        .sign_in(&app.staff, &app.clock)
        .await;
    let dara = app.sign_in("dara").await;
    for report in &reports {
        assert_gone(&bopha, report).await;
    }
    // A teammate who is not named is as far away as another team.
    assert_gone(&dara, &reports[2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_report_out_of_reach_is_refused_like_one_to_nothing() {
    let Office { app, bopha, .. } = office().await;
    app.reporter("en").file(TOLD).await;
    let sokha = app.sign_in("sokha").await;
    let theirs = sokha.queue("").await.remove(0);
    app.reporter("en")
        .file(&[
            ("barred", "officials"),
            ("danger", "over"),
            ("account", "told-elsewhere"),
        ])
        .await;
    let Some(own) = bopha.queue("").await.pop() else {
        panic!("the form does not route to the other team");
    };
    bopha.claim(&own).await.expect(303);
    let version = bopha.version(&own).await;
    let mut answers = Vec::new();
    for linked in [theirs.as_str(), &"ab".repeat(16)] {
        let pairs = [
            ("version", version.as_str()),
            ("act", "link"),
            ("reason", "the same child"),
            ("linked", linked),
        ];
        let page = bopha.post(&format!("/reports/{own}/act"), &pairs).await;
        // Each page carries a mark of its own against two clicks.
        let mark = page.form_to(&format!("/reports/{own}/act"));
        let mark = mark.value("once").expect("a mark").to_owned();
        let body = page.body().replace(linked, "LINKED").replace(&mark, "ONCE");
        answers.push((page.status, body));
    }
    assert_eq!(answers[0].0, 422);
    assert_eq!(answers[0], answers[1]);
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
    let acts: Vec<_> = app
        .trail(0)
        .into_iter()
        .map(|told| told.event.name().to_owned())
        .collect();
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
async fn whoever_moved_a_report_away_opens_nothing_that_is_written_later() {
    let Office { app, other, bopha } = office().await;
    let code = app.reporter("en").file(TOLD).await;
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    sokha.note(&report, "before").await.expect(303);
    let kept = epochs::copy(&app, "sokha");
    let known = epochs::opened_by(&app, &kept);
    let pairs = [("team", other.as_str()), ("reason", "theirs")];
    let path = format!("/reports/{report}/move");
    sokha.post(&path, &pairs).await.expect(303);
    let mailbox = app.reporter("en").mailbox(&code).await;
    mailbox.write("later").await.expect(200);
    let page = bopha.read(&report).await.expect(200);
    page.says("told-once").says("before").says("later");
    // That it moves is the last thing that they open.
    assert_eq!(epochs::opened_by(&app, &kept), known + 1);
    assert_gone(&sokha, &report).await;
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
    let before = of_report(&app, "recipient");
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
    assert_eq!(of_report(&app, "recipient"), before);
    restrict(&sokha, &report, &[me], "He knows the family.")
        .await
        .expect(303);

    assert_ne!(of_report(&app, "recipient"), before);
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
    let path = format!("/reports/{report}/share");
    let pairs = [
        ("team", "00000000000000000000000000000000"),
        ("reason", "more"),
    ];
    sokha
        .post(&path, &pairs)
        .await
        .expect(409)
        .says("A restricted report cannot be shared or moved");

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
    run(
        &app,
        "INSERT INTO memberships SELECT m.team, s.id, 0, 'member' FROM memberships m, staff s \
         WHERE s.handle = 'custodian' AND m.staff = (SELECT id FROM staff WHERE handle = 'dara')",
    );
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
