//! Caseworkers and the clocks behind them: one holder per report, words that come back, notices that insist.

use kapea::domain::ids::{ReportId, StaffId};
use kapea::domain::mail_fault::MailFailure;
use kapea::service::error::Error;

use crate::support::TestApp;
use crate::support::sql::{id_of, run};
use crate::support::staff::{Person, Session};

const ORDINARY: &[(&str, &str)] = &[("danger", "over"), ("account", "It was two years ago.")];
const URGENT: &[(&str, &str)] = &[("danger", "now"), ("account", "He is breaking the door.")];
const ON_CALL: &str = "on-call@hotline.example";
const BACKUP: &str = "backup@hotline.example";
const HOTLINE: &str = "hotline@hotline.example";

/// A report and somebody who has claimed it.
async fn claimed(app: &TestApp) -> (Session, String) {
    app.reporter("en").file(ORDINARY).await;
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await.expect(303);
    (caseworker, report)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_caseworkers_who_claim_at_once_one_has_it_and_the_others_are_told_who() {
    let mut app = TestApp::start().await;
    app.reporter("en").file(ORDINARY).await;
    let admin = app.sign_in("admin").await;
    let lead = app.sign_in("sokha").await;
    let mut team = vec![lead.clone(), app.sign_in("dara").await];
    for number in 3..=8 {
        let handle = format!("worker-{number}");
        team.push(app.new_caseworker(&admin, &lead, &handle).await);
    }
    let report = lead.queue("").await.remove(0);
    let pages =
        futures_util::future::join_all(team.iter().map(|session| session.claim(&report))).await;
    let winners: Vec<&Session> = team
        .iter()
        .zip(&pages)
        .filter(|(_, page)| page.status == 303)
        .map(|(session, _)| session)
        .collect();
    assert_eq!(
        winners.len(),
        1,
        "{:?}",
        pages.iter().map(|page| page.status).collect::<Vec<_>>()
    );
    for page in pages.iter().filter(|page| page.status != 303) {
        assert_eq!(page.status, 409);
        page.says(&winners[0].person.handle);
    }
    // And whoever comes later is told the same.
    let loser = team
        .iter()
        .find(|session| session.person.handle != winners[0].person.handle)
        .unwrap();
    loser
        .claim(&report)
        .await
        .expect(409)
        .says(&winners[0].person.handle);
    loser.note(&report, "mine?").await.expect(409).says("mine?");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_claim_goes_back_and_one_that_is_worked_on_does_not() {
    let app = TestApp::start().await;
    let (caseworker, report) = claimed(&app).await;
    app.later(14 * 60).await;
    caseworker.note(&report, "still on it").await.expect(303);
    app.later(14 * 60).await;
    app.sign_in("dara").await.claim(&report).await.expect(409);
    app.later(17 * 60).await;
    // The first one's words are not lost, and can be taken along when the report is claimed again.
    let page = caseworker.note(&report, "a long note").await;
    assert!(matches!(page.status, 401 | 409), "{}", page.status);
    page.says("a long note");
    let other = app.sign_in("dara").await;
    other.claim(&report).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_written_after_a_claim_ended_go_on_with_the_next_claim() {
    let app = TestApp::start().await;
    let (caseworker, report) = claimed(&app).await;
    caseworker.release(&report).await.expect(303);
    let page = caseworker.note(&report, "kept & <safe>").await.expect(409);
    let mut form = page.form_to(&format!("/reports/{report}/claim"));
    assert_eq!(form.value("note"), Some("kept & <safe>"));
    form.set("csrf", &caseworker.csrf);
    let page = caseworker
        .post_fields(&form.action, &form.fields)
        .await
        .expect(200);
    let note = page.form_to(&format!("/reports/{report}/note"));
    assert_eq!(note.value("note"), Some("kept & <safe>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn urgency_needs_a_reason_and_the_state_the_caller_saw() {
    let app = TestApp::start().await;
    let (caseworker, report) = claimed(&app).await;
    caseworker.urgency(&report, "U1", " ").await.expect(422);
    let seen = caseworker.version(&report).await;
    caseworker
        .urgency(&report, "U1", "He is back in town.")
        .await
        .expect(303);
    let stale = [
        ("version", seen.as_str()),
        ("urgency", "U3"),
        ("reason", "an old page"),
    ];
    caseworker
        .post(&format!("/reports/{report}/urgency"), &stale)
        .await
        .expect(409)
        .says("an old page");
    caseworker
        .read(&report)
        .await
        .expect(200)
        .says("He is back in town.");
    assert_eq!(caseworker.queue("?urgency=U1").await, [report.as_str()]);
    assert!(caseworker.queue("?urgency=U3").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_the_reporter_waits_and_an_answer_brings_the_report_back() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let code = reporter.file(ORDINARY).await;
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await.expect(303);
    caseworker
        .act(&report, "ask-reporter", "Which school?")
        .await
        .expect(303);
    assert_eq!(
        caseworker.queue("?state=needs_information").await,
        [report.as_str()]
    );
    let mailbox = reporter.mailbox(&code).await;
    assert_eq!(mailbox.messages(), ["Which school?"]);
    app.mailed();
    mailbox.write("The one by the market.").await.expect(200);
    assert_eq!(caseworker.queue("?state=received").await, [report.as_str()]);
    app.later(15 * 60).await;
    assert_eq!(app.mailed(), [HOTLINE]);
    app.sign_in("dara").await.claim(&report).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_shows_the_most_urgent_first_then_the_oldest() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    reporter
        .file(&[("danger", "over"), ("account", "third-of-all")])
        .await;
    app.clock.advance(86_400);
    reporter
        .file(&[("danger", "over"), ("account", "fourth-of-all")])
        .await;
    reporter
        .file(&[("danger", "soon"), ("account", "second-of-all")])
        .await;
    reporter
        .file(&[("danger", "now"), ("account", "first-of-all")])
        .await;
    let page = app.sign_in("sokha").await.get("/queue").await.expect(200);
    let order: Vec<String> = page
        .document()
        .of_class("inert")
        .iter()
        .map(|text| text.trim().to_owned())
        .collect();
    assert_eq!(
        order,
        [
            "first-of-all",
            "second-of-all",
            "third-of-all",
            "fourth-of-all"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_on_a_page_and_the_rest_on_the_next() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    for _ in 0..52 {
        let form = reporter.fill(ORDINARY).await;
        app.public.submit(&form, "send").await.expect(200);
    }
    let caseworker = app.sign_in("sokha").await;
    let (first, second) = (
        caseworker.queue("").await,
        caseworker.queue("?page=2").await,
    );
    assert_eq!((first.len(), second.len()), (50, 2));
    assert!(first.iter().all(|id| !second.contains(id)));
    assert!(caseworker.queue("?page=999999").await.is_empty());

    let page = caseworker.get("/queue?urgency=U3").await.expect(200);
    assert_eq!(page.turn("before"), None);
    let after = page.turn("after").unwrap();
    let page = caseworker.get(&after).await.expect(200);
    page.says("Page 2");
    assert_eq!(Session::reports_on(&page), second);
    assert_eq!(page.turn("after"), None);
    let before = page.turn("before").unwrap();
    let page = caseworker.get(&before).await.expect(200);
    page.says("Page 1");
    assert_eq!(Session::reports_on(&page), first);
    assert_eq!(page.turn("before"), None);

    // What was not made here, for her, leads to the first page and is no error.
    let (start, place) = after.split_once("after=").unwrap();
    let changed = place.replacen(
        &place[40..41],
        if &place[40..41] == "A" { "B" } else { "A" },
        1,
    );
    let long = "A".repeat(4_000);
    for place in [&place[1..], &changed, "x", "U3-0-0", "-1", long.as_str()] {
        for direction in ["after", "before"] {
            let page = caseworker.get(&format!("{start}{direction}={place}")).await;
            assert_eq!(Session::reports_on(&page.expect(200)), first, "{place}");
        }
    }
    let page = app.sign_in("dara").await.get(&after).await.expect(200);
    assert_eq!(Session::reports_on(&page), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_turned_while_the_queue_moves_skip_nothing() {
    let app = TestApp::start().await;
    for _ in 0..52 {
        app.reporter("en").file(ORDINARY).await;
    }
    let caseworker = app.sign_in("sokha").await;
    let page = caseworker.get("/queue").await.expect(200);
    let (shown, after) = (Session::reports_on(&page), page.turn("after").unwrap());
    // The last one that was shown goes away, and an urgent one comes in before all of them.
    let last = shown.last().unwrap();
    caseworker.claim(last).await.expect(303);
    caseworker.urgency(last, "U1", "now").await.expect(303);
    app.reporter("en").file(URGENT).await;
    let page = caseworker.get(&after).await.expect(200);
    let rest = Session::reports_on(&page);
    assert_eq!(rest.len(), 2);
    assert!(rest.iter().all(|id| !shown.contains(id)));
    let before = page.turn("before").unwrap();
    let page = caseworker.get(&before).await.expect(200);
    assert_eq!(Session::reports_on(&page).len(), 50);
    // Those on call are told of the last of them together.
    app.later(900).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_report_is_mailed_at_once_and_again_up_the_chain_until_claimed() {
    let app = TestApp::start().await;
    app.reporter("en").file(URGENT).await;
    app.worker.step().await;
    assert_eq!(app.mailed(), [ON_CALL]);
    app.later(60).await;
    assert!(app.mailed().is_empty());
    app.later(20 * 60).await;
    assert_eq!(app.mailed(), [BACKUP, ON_CALL]);
    app.later(20 * 60).await;
    assert_eq!(app.mailed(), [BACKUP, HOTLINE, ON_CALL]);
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await.expect(303);
    app.later(60).await;
    app.mailed();
    app.clock.advance(10 * 60);
    caseworker.note(&report, "on it").await.expect(303);
    app.later(10 * 60).await;
    assert!(
        app.mailed().is_empty(),
        "a claimed report is not announced again"
    );
    // Nobody works on it any more: the chain starts again.
    app.later(20 * 60).await;
    app.worker.step().await;
    assert!(
        app.mailed().contains(&ON_CALL.to_owned()),
        "an abandoned urgent report is announced again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_report_is_mailed_in_the_next_quarter_to_the_hotline() {
    let app = TestApp::start().await;
    app.reporter("km").file(ORDINARY).await;
    app.reporter("en").file(ORDINARY).await;
    app.worker.step().await;
    assert!(app.mailed().is_empty(), "not before the slot");
    app.later(15 * 60).await;
    assert_eq!(app.mailed(), [HOTLINE], "one notice, not one for each");
    app.later(15 * 60).await;
    assert!(app.mailed().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_notice_is_the_same_whatever_it_is_about() {
    let app = TestApp::start().await;
    app.reporter("en").file(URGENT).await;
    app.worker.step().await;
    app.reporter("km").file(ORDINARY).await;
    app.later(15 * 60).await;
    let lengths: Vec<usize> = app
        .mail
        .sent()
        .iter()
        .map(|message| {
            let text = String::from_utf8_lossy(message.bytes()).into_owned();
            assert!(
                !text.contains("door") && !text.contains("years ago"),
                "{text}"
            );
            // The addresses differ in length; nothing else may.
            message.bytes().len() - message.to().as_str().len()
        })
        .collect();
    assert!(
        lengths.len() >= 2 && lengths.windows(2).all(|pair| pair[0] == pair[1]),
        "{lengths:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn once_a_day_everybody_hears_that_the_service_lives() {
    let app = TestApp::start().await;
    app.later(86_400).await;
    assert_eq!(app.mailed(), [BACKUP, HOTLINE, ON_CALL]);
    app.later(3_600).await;
    assert!(app.mailed().is_empty());
    app.later(86_400).await;
    assert_eq!(app.mailed(), [BACKUP, HOTLINE, ON_CALL]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_cannot_leave_is_tried_for_three_days_then_an_administrator_sees_it() {
    let app = TestApp::start().await;
    app.mail.fail_with(Some(MailFailure::unreachable()));
    app.reporter("en").file(ORDINARY).await;
    for _ in 0..2 * 24 {
        app.later(3_600).await;
    }
    assert!(app.mail.attempts() > 5);
    let admin = app.sign_in("admin").await;
    assert!(
        admin
            .get("/mail")
            .await
            .expect(200)
            .forms_to("/mail/retry")
            .is_empty(),
        "not yet"
    );
    for _ in 0..30 {
        app.later(3_600).await;
    }
    let admin = app.sign_in("admin").await;
    let page = admin.get("/mail").await.expect(200);
    let dead = page.forms_to("/mail/retry");
    assert!(!dead.is_empty(), "a dead letter is shown:\n{}", page.text());
    page.says("hotline@");
    // The mail server is back: an administrator sends it on its way.
    app.mail.fail_with(None);
    admin
        .post_fields("/mail/retry", &dead[0].fields)
        .await
        .expect(303);
    app.mail.take();
    app.later(60).await;
    assert!(!app.mailed().is_empty());
    let left = admin.get("/mail").await.expect(200).forms_to("/mail/retry");
    assert_eq!(left.len(), dead.len() - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_highest_urgency_is_not_lowered_by_one_person_alone() {
    let app = TestApp::start().await;
    app.reporter("en").file(URGENT).await;
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await.expect(303);
    let page = caseworker
        .urgency(&report, "U2", "Only a rumour.")
        .await
        .expect(409);
    page.says("Only a rumour.");
    assert_eq!(caseworker.queue("?urgency=U0").await, [report.as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn spam_leaves_the_open_queue_and_any_word_of_the_reporter_brings_it_back() {
    let app = TestApp::start().await;
    let reporter = app.reporter("km");
    let code = reporter.file(ORDINARY).await;
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await.expect(303);
    let acts = caseworker
        .read(&report)
        .await
        .expect(200)
        .document()
        .attributes("input", "value");
    let spam = acts
        .iter()
        .find(|act| act.contains("spam"))
        .expect("a way to say so")
        .clone();
    caseworker.act(&report, &spam, " ").await.expect(422);
    caseworker
        .act(&report, &spam, "An advertisement.")
        .await
        .expect(303);
    assert!(caseworker.queue("").await.is_empty());
    assert_eq!(
        caseworker.queue("?state=suspected_spam").await,
        [report.as_str()]
    );
    reporter
        .mailbox(&code)
        .await
        .write("នេះជារឿងពិត")
        .await
        .expect(200);
    assert_eq!(caseworker.queue("").await, [report.as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_about_officials_goes_to_their_team_alone_once_that_team_can_receive() {
    let app = TestApp::start_with(&[("forms", "officials_channel = \"officials\"")]).await;
    let reporter = app.reporter("en");
    let about = |account: &'static str| {
        [
            ("danger", "over"),
            ("account", account),
            ("barred", "officials"),
        ]
    };
    // Nobody stands behind the other channel yet: the ordinary team gets it, and the form promises nothing else.
    reporter.file(&about("before the other team")).await;
    let ordinary = app.sign_in("sokha").await;
    assert_eq!(ordinary.queue("").await.len(), 1);

    let admin = app.sign_in("admin").await;
    let team = admin.make_team("Integrity", &["officials"]).await;
    let token = admin.invite("bopha", "caseworker", Some(&team), true).await;
    let bopha = Person::join(&app.staff, &app.clock, &token, None).await;
    app.sign_in("custodian")
        .await
        .sign_charters(&app.clock)
        .await;

    let code = reporter.file(&about("for the other team alone")).await;
    assert_eq!(
        ordinary.queue("").await.len(),
        1,
        "the ordinary team sees no more than before"
    );
    let bopha = bopha.sign_in(&app.staff, &app.clock).await;
    let theirs = bopha.queue("").await;
    assert_eq!(theirs.len(), 1);
    let first = ordinary.queue("").await.remove(0);
    // What is another team's is not there, whatever is asked of it.
    let nothing = ordinary
        .read("00000000000000000000000000000000")
        .await
        .expect(404);
    for (session, report) in [(&ordinary, &theirs[0]), (&bopha, &first)] {
        let page = session.read(report).await.expect(404);
        assert_eq!(page.text(), nothing.text());
        session.claim(report).await.expect(404);
        session.note(report, "x").await.expect(404);
    }
    bopha.claim(&theirs[0]).await.expect(303);
    bopha
        .read(&theirs[0])
        .await
        .expect(200)
        .says("for the other team alone");
    bopha.message(&theirs[0], "Which office?").await.expect(303);
    assert_eq!(reporter.mailbox(&code).await.messages(), ["Which office?"]);
}

#[tokio::test]
async fn who_may_act_is_looked_at_again_where_it_is_written() {
    let app = TestApp::start().await;
    app.reporter("en").file(&[("account", "Her uncle.")]).await;
    let sokha = app.sign_in("sokha").await;
    let shown = sokha.queue("").await.remove(0);
    let report: ReportId = shown.parse().unwrap();
    let id = |handle: &str| -> StaffId { id_of(&app, handle).parse().unwrap() };
    let [first, second, admin] = ["sokha", "dara", "admin"].map(id);
    let read = |who| app.write(|txn| txn.must_read(report, who));
    let hold = |who| app.write(|txn| txn.must_hold(report, who));
    assert_eq!(
        (read(second), hold(second)),
        (Ok(()), Err(Error::NotClaimed))
    );
    assert_eq!(
        (read(admin), hold(admin)),
        (Err(Error::NotFound), Err(Error::NotFound))
    );
    sokha.claim(&shown).await.expect(303);
    assert_eq!(hold(first), Ok(()));
    assert_eq!(hold(second), Err(Error::HeldBy("sokha".to_owned())));
    // Between the look and the act the account was closed: the claim alone is no leave.
    run(
        &app,
        "UPDATE staff SET state = 'disabled' WHERE handle = 'sokha'",
    );
    assert_eq!(
        (read(first), hold(first)),
        (Err(Error::NotFound), Err(Error::NotFound))
    );
}
