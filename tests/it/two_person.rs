//! Acts that need two people, through the front door: nobody approves their own, one of many wins, and what is left of it is in the trail.

use crate::epochs::leave;
use crate::support::TestApp;
use crate::support::sql::{count, id_of, of_report as word};
use crate::support::staff::{Person, Session};

const TOLD: &[(&str, &str)] = &[("danger", "now"), ("account", "told-once")];
const KINDS: &[&str] = &[
    "lower_urgency",
    "no_action",
    "close",
    "refer",
    "promote",
    "export",
    "shred",
    "lift_hold",
];

/// Two members of one team, and an urgent report that the first of them, who leads it, has claimed.
struct Office {
    app: TestApp,
    sokha: Session,
    dara: Session,
    report: String,
    code: String,
}

async fn office() -> Office {
    let app = TestApp::start().await;
    let code = app.reporter("en").file(TOLD).await;
    let (sokha, dara) = (app.sign_in("sokha").await, app.sign_in("dara").await);
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    sokha.urgency(&report, "U0", "now").await.expect(303);
    Office {
        app,
        sokha,
        dara,
        report,
        code,
    }
}

impl Office {
    /// Proposes and gives the id.
    async fn proposed(&self, by: &Session, kind: &str, pairs: &[(&str, &str)]) -> String {
        by.propose(&self.report, kind, pairs).await.expect(303);
        self.sokha.proposals(&self.report).await.pop().unwrap()
    }

    fn acts(&self) -> Vec<(String, Option<String>)> {
        let told = self.app.trail(0).into_iter();
        told.map(|told| {
            (
                told.event.name().to_owned(),
                told.by.map(|id| id.to_string()),
            )
        })
        .collect()
    }

    fn assert_act(&self, class: &str, by: &str) {
        let by = id_of(&self.app, by);
        let acts = self.acts();
        assert!(
            acts.iter()
                .any(|(done, actor)| done == class && actor.as_deref() == Some(&by)),
            "{class} by {by} is not in {acts:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_highest_urgency_is_lowered_by_two() {
    let office = office().await;
    let Office {
        app,
        sokha,
        dara,
        report,
        ..
    } = &office;
    sokha
        .urgency(report, "U2", "alone")
        .await
        .expect(409)
        .says("needs a second person");
    assert_eq!(word(app, "urgency"), "U0");
    let proposal = office
        .proposed(
            sokha,
            "lower_urgency",
            &[("urgency", "U2"), ("reason", "She is at her aunt's.")],
        )
        .await;
    assert_eq!(word(app, "urgency"), "U0", "not before somebody approves");
    office.assert_act("act-proposed", "sokha");

    // Not by the one who proposed it, whatever they send.
    sokha
        .read(report)
        .await
        .expect(200)
        .says("You proposed this");
    assert!(
        sokha
            .read(report)
            .await
            .forms_to(&format!("/reports/{report}/approve"))
            .is_empty()
    );
    sokha
        .approve(report, &proposal, &app.clock)
        .await
        .expect(409)
        .says("You proposed this yourself");
    assert_eq!(word(app, "urgency"), "U0");

    // Not without a code, and not with one that was used.
    let version = dara.version(report).await;
    dara.approve_with(report, &proposal, &version, "000000")
        .await
        .expect(422)
        .says("This code is not right");
    assert_eq!(word(app, "urgency"), "U0");

    let page = dara.get("/queue").await.expect(200);
    page.says("Waiting for a second person")
        .says("Lower the urgency");
    dara.read(report)
        .await
        .expect(200)
        .says("She is at her aunt's.");
    dara.approve(report, &proposal, &app.clock)
        .await
        .expect(303);
    assert_eq!(word(app, "urgency"), "U2");
    assert_eq!(count(app, "proposals"), 0);
    office.assert_act("act-approved", "dara");
    office.assert_act("urgency-set", "dara");
    sokha
        .read(report)
        .await
        .expect(200)
        .says("sokha + dara")
        .says("She is at her aunt's.");
    dara.get("/queue")
        .await
        .expect(200)
        .says_nothing_of("Waiting for a second person");
    // Raising is anybody's who has it.
    sokha.urgency(report, "U0", "again").await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_closed_by_two_and_opened_again_by_its_reporter() {
    let office = office().await;
    let Office {
        app,
        sokha,
        dara,
        report,
        code,
    } = &office;
    // Only whoever has it proposes that.
    dara.propose(report, "no_action", &[("class", "no_action")])
        .await
        .expect(409);
    let missing = [("class", "child_identified"), ("until", "")];
    sokha
        .propose(report, "no_action", &missing)
        .await
        .expect(422)
        .says("a day in the future");
    let pairs = [
        ("class", "no_action"),
        ("message", "Thank you. We could not find the place."),
        ("reason", "Nothing to go by."),
    ];
    let proposal = office.proposed(sokha, "no_action", &pairs).await;
    sokha.propose(report, "no_action", &pairs).await.expect(409);
    assert_eq!(app.reporter("en").mailbox(code).await.messages().len(), 0);
    // The claim ends meanwhile; whoever approves takes the report and closes it.
    app.later(16 * 60).await;
    assert_eq!(word(app, "state"), "received");
    dara.approve(report, &proposal, &app.clock)
        .await
        .expect(303);
    assert_eq!(word(app, "state"), "no_action");
    assert_eq!(word(app, "retention"), "no_action");
    assert_eq!(count(app, "claims"), 0);
    assert_eq!(
        app.reporter("en").mailbox(code).await.messages(),
        ["Thank you. We could not find the place."]
    );
    assert!(!dara.queue("").await.contains(report));
    assert_eq!(
        &dara.queue("?state=no_action").await,
        std::slice::from_ref(report)
    );
    dara.read(report)
        .await
        .expect(200)
        .says("Closed, no action")
        .says("Nothing to go by.")
        .says("look at it again from");
    let year = word(
        app,
        "CAST(review_day - (SELECT max(day) FROM audit) AS TEXT)",
    );
    assert!(
        (365..=372).contains(&year.parse::<i64>().unwrap()),
        "{year}"
    );

    app.reporter("en")
        .mailbox(code)
        .await
        .write("I know the street now.")
        .await
        .expect(200);
    assert_eq!(word(app, "state"), "received");
    assert_eq!(
        word(app, "retention || coalesce(retain_until, review_day, '-')"),
        "undecided-"
    );
    assert!(dara.queue("").await.contains(report));
    office.assert_act("state-changed", "dara");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_report_is_taken_up_again_by_a_colleague() {
    let office = office().await;
    let Office {
        app,
        sokha,
        dara,
        report,
        ..
    } = &office;
    let proposal = office
        .proposed(sokha, "no_action", &[("class", "no_action")])
        .await;
    dara.approve(report, &proposal, &app.clock)
        .await
        .expect(303);
    dara.claim(report).await.expect(303);
    assert_eq!(word(app, "state"), "no_action");
    dara.act(report, "resume", "Another look.")
        .await
        .expect(303);
    assert_eq!(word(app, "state || retention"), "in_triageundecided");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_reporter_writes_meanwhile_ends_what_was_proposed() {
    let office = office().await;
    let Office {
        app,
        sokha,
        dara,
        report,
        code,
    } = &office;
    let closing = office
        .proposed(sokha, "no_action", &[("class", "no_action")])
        .await;
    app.reporter("en")
        .mailbox(code)
        .await
        .write("He is here.")
        .await
        .expect(200);
    dara.approve(report, &closing, &app.clock)
        .await
        .expect(409)
        .says("The reporter has written since");
    assert_eq!(word(app, "state"), "in_triage");
    dara.refuse(report, &closing).await.expect(303);
    assert_eq!(count(app, "proposals"), 0);
    office.assert_act("act-refused", "dara");
    // A page from before a change approves nothing either.
    let lowering = office
        .proposed(sokha, "lower_urgency", &[("urgency", "U1")])
        .await;
    let version = dara.version(report).await;
    sokha
        .act(report, "ask-reporter", "Where?")
        .await
        .expect(303);
    let code = dara.code(&app.clock).await;
    dara.approve_with(report, &lowering, &version, &code)
        .await
        .expect(409);
    assert_eq!(word(app, "urgency"), "U0");
    sokha.refuse(report, &lowering).await.expect(303);
    office.assert_act("act-withdrawn", "sokha");
    dara.approve(report, &lowering, &app.clock)
        .await
        .expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_approve_at_once_one_wins() {
    let mut app = TestApp::start().await;
    app.reporter("en").file(TOLD).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let vanna = app.new_caseworker(&admin, &sokha, "vanna").await;
    let dara = app.sign_in("dara").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    for round in 0..4 {
        sokha.urgency(&report, "U0", "now").await.expect(303);
        sokha
            .propose(&report, "lower_urgency", &[("urgency", "U1")])
            .await
            .expect(303);
        let proposal = dara.proposals(&report).await.remove(0);
        let version = dara.version(&report).await;
        let (one, other) = (dara.code(&app.clock).await, vanna.code(&app.clock).await);
        let (a, b) = tokio::join!(
            dara.approve_with(&report, &proposal, &version, &one),
            vanna.approve_with(&report, &proposal, &version, &other)
        );
        let mut both = [a.status, b.status];
        both.sort_unstable();
        assert_eq!(both, [303, 409], "round {round}");
        assert_eq!(word(&app, "urgency"), "U1");
    }
    let told = app.trail(0);
    let approved = told
        .iter()
        .filter(|told| told.event.name() == "act-approved");
    assert_eq!(approved.count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn to_somebody_of_another_team_there_is_nothing() {
    let mut app = TestApp::start_with(&[("forms", "officials_channel = \"officials\"")]).await;
    app.reporter("en").file(TOLD).await;
    let admin = app.sign_in("admin").await;
    let other = admin.make_team("Elsewhere", &["officials"]).await;
    let token = admin
        .invite("bopha", "caseworker", Some(&other), true)
        .await;
    let bopha = Person::join(&app.staff, &app.clock, &token, None).await;
    app.people.add(bopha.clone());
    let bopha = bopha.sign_in(&app.staff, &app.clock).await;
    let sokha = app.sign_in("sokha").await;
    let before = bopha.get("/queue").await.expect(200).body();
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    sokha.propose(&report, "shred", &[]).await.expect(303);
    let proposal = sokha.proposals(&report).await.remove(0);
    assert_eq!(bopha.get("/queue").await.expect(200).body(), before);
    let code = bopha.code(&app.clock).await;
    for (act, pairs) in [
        (
            "propose",
            vec![("kind", "shred"), ("reason", "x"), ("version", "1")],
        ),
        (
            "approve",
            vec![
                ("proposal", proposal.as_str()),
                ("code", &code),
                ("version", "2"),
            ],
        ),
        ("refuse", vec![("proposal", proposal.as_str())]),
        (
            "export",
            vec![("export", proposal.as_str()), ("code", &code)],
        ),
        (
            "retain",
            vec![("class", "referred"), ("reason", "x"), ("version", "2")],
        ),
        ("hold", vec![("reason", "x"), ("version", "2")]),
    ] {
        let theirs = bopha
            .post(&format!("/reports/{report}/{act}"), &pairs)
            .await;
        let none = format!("/reports/{}/{act}", "ab".repeat(16));
        let none = bopha.post(&none, &pairs).await;
        assert_eq!(theirs.status, 404, "{act}");
        assert_eq!(theirs.body(), none.body(), "{act}");
    }
    assert_eq!(count(&app, "proposals"), 1);
    assert_eq!(count(&app, "reports"), 1);
    // A lead of the same team who has not claimed it proposes what leads may, and no more; a member without it nothing.
    let dara = app.sign_in("dara").await;
    for kind in KINDS {
        let status = dara
            .propose(
                &report,
                kind,
                &[
                    ("urgency", "U1"),
                    ("class", "no_action"),
                    ("outcome", "cannot_act"),
                    ("hours", "4"),
                    ("recipient", "age1"),
                ],
            )
            .await
            .status;
        assert_eq!(status, 409, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_proposed_who_has_left_counts_for_nothing() {
    let mut app = TestApp::start().await;
    app.reporter("en").file(TOLD).await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    let vanna = app.new_caseworker(&admin, &sokha, "vanna").await;
    let report = sokha.queue("").await.remove(0);
    vanna.claim(&report).await.expect(303);
    vanna.propose(&report, "shred", &[]).await.expect(303);
    let proposal = sokha.proposals(&report).await.remove(0);
    leave(&app, &admin, "vanna", &sokha).await;
    assert!(sokha.proposals(&report).await.is_empty());
    sokha
        .get("/queue")
        .await
        .expect(200)
        .says_nothing_of("Waiting for a second person");
    sokha
        .approve(&report, &proposal, &app.clock)
        .await
        .expect(409)
        .says("does not count any more");
    assert_eq!(count(&app, "reports"), 1);
    assert_eq!(count(&app, "proposals"), 0);
    assert!(
        app.trail(0)
            .iter()
            .any(|told| told.event.name() == "act-void")
    );
    sokha.propose(&report, "shred", &[]).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_set_by_a_lead_and_lifted_by_two() {
    let office = office().await;
    let Office {
        app,
        sokha,
        dara,
        report,
        ..
    } = &office;
    dara.decide(report, "hold", &[("reason", "police")])
        .await
        .expect(404);
    sokha
        .decide(report, "hold", &[("reason", " ")])
        .await
        .expect(422);
    let shredding = office.proposed(sokha, "shred", &[]).await;
    sokha
        .decide(report, "hold", &[("reason", "The prosecutor asks.")])
        .await
        .expect(303);
    sokha
        .decide(report, "hold", &[("reason", "twice")])
        .await
        .expect(409);
    office.assert_act("hold-set", "sokha");
    dara.read(report)
        .await
        .expect(200)
        .says("Legal hold")
        .says("The prosecutor asks.");
    // What was proposed before does not pass it, and nothing new is proposed under it.
    dara.approve(report, &shredding, &app.clock)
        .await
        .expect(409)
        .says("A legal hold stands");
    assert_eq!(count(app, "reports"), 1);
    sokha.refuse(report, &shredding).await.expect(303);
    sokha.propose(report, "shred", &[]).await.expect(409);
    let lifting = office
        .proposed(sokha, "lift_hold", &[("reason", "The case is over.")])
        .await;
    sokha
        .approve(report, &lifting, &app.clock)
        .await
        .expect(409);
    assert_eq!(word(app, "CAST(hold AS TEXT)"), "1");
    dara.approve(report, &lifting, &app.clock).await.expect(303);
    assert_eq!(word(app, "CAST(hold AS TEXT)"), "0");
    office.assert_act("hold-lifted", "dara");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_ends_what_waits() {
    let office = office().await;
    let Office {
        app, sokha, report, ..
    } = &office;
    office
        .proposed(sokha, "lower_urgency", &[("urgency", "U1")])
        .await;
    let people = [id_of(app, "sokha"), id_of(app, "dara")];
    let version = sokha.version(report).await;
    let mut pairs = vec![("version", version.as_str()), ("reason", "x")];
    pairs.extend(people.iter().map(|id| ("staff", id.as_str())));
    sokha
        .post(&format!("/reports/{report}/restrict"), &pairs)
        .await
        .expect(303);
    assert_eq!(count(app, "proposals"), 0);
    office.assert_act("acts-void", "sokha");
    sokha.read(report).await.expect(200).says("told-once");
}

/// Names and values of fields.
type Pairs<'a> = &'a [(&'a str, &'a str)];

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_is_not_lost() {
    let office = office().await;
    let Office {
        sokha,
        dara,
        report,
        ..
    } = &office;
    let words = ("reason", "words-of-mine");
    let wrong: &[(&str, Pairs<'_>, u16)] = &[
        ("export", &[("recipient", "age1wrong"), words], 422),
        (
            "no_action",
            &[("class", ""), ("message", "words-for-them"), words],
            422,
        ),
        ("lower_urgency", &[("urgency", "U9"), words], 422),
        (
            "lower_urgency",
            &[("urgency", "U1"), ("version", "-1"), words],
            409,
        ),
        ("lift_hold", &[words], 409),
        ("nothing", &[words], 422),
    ];
    for (kind, pairs, status) in wrong {
        let page = sokha.propose(report, kind, pairs).await.expect(*status);
        page.says("words-of-mine");
        for (_, value) in pairs
            .iter()
            .filter(|(name, _)| matches!(*name, "message" | "recipient"))
        {
            let kept = page.text().contains(value) || page.body().contains(value);
            assert!(kept, "{kind}: {value}");
        }
    }
    // Somebody else has it, or nobody any more.
    let closing = [("class", "no_action"), words];
    dara.propose(report, "no_action", &closing)
        .await
        .expect(409)
        .says("words-of-mine");
    sokha.release(report).await.expect(303);
    sokha
        .propose(report, "no_action", &closing)
        .await
        .expect(409)
        .says("words-of-mine");
    for (what, pairs) in [
        ("retain", vec![("class", "forever"), words]),
        (
            "retain",
            vec![("class", "child_identified"), ("until", "soon"), words],
        ),
    ] {
        let page = sokha.decide(report, what, &pairs).await.expect(422);
        page.says("words-of-mine");
    }
}
