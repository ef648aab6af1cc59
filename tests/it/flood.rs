//! A flood never silences: who has typed goes before what is sent as fast as it can be, and what is much alike stands as one group.

use std::sync::mpsc;

use crate::support::TestApp;
use crate::support::eventually;
use crate::support::reporter::code_of;
use crate::support::sql::{self, count};

const JUNK: &str =
    "Buy cheap watches from our shop beside the market, all brands, and tell your friends about it";

/// A form that was opened a moment ago waits; one that a person has filled in does not wait behind it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_sooner_than_a_person_could_waits_and_is_kept() {
    let app = TestApp::start_with(&[
        ("limits", "form_seconds = 30"),
        ("limits", "receipt_permits = 1"),
    ])
    .await;
    let reporter = app.reporter("en");
    let typed = reporter.fill(&[("account", "typed by a person")]).await;
    app.clock.advance(40);
    let junk = reporter.fill(&[("account", "sent at once")]).await;
    let junk = {
        let reporter = reporter.clone();
        tokio::spawn(async move { reporter.site.submit(&junk, "send").await })
    };
    // The person's is answered while the other one is not.
    code_of(&reporter.site.submit(&typed, "send").await.expect(200));
    assert!(!junk.is_finished());
    junk.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_are_alike_stand_as_one_group_and_none_is_lost() {
    let app = TestApp::start_with(&[("limits", "alike_reports = 3")]).await;
    let caseworker = app.sign_in("sokha").await;
    let reporter = app.reporter("en");
    let mut codes = Vec::new();
    for number in 0..6 {
        let account = format!("{JUNK} {number}");
        codes.push(
            reporter
                .file(&[("danger", "now"), ("account", &account)])
                .await,
        );
    }
    reporter
        .file(&[("account", "He beats the girl next door with a cable")])
        .await;
    assert_eq!(caseworker.queue("").await.len(), 4);
    let page = caseworker.get("/queue").await.expect(200);
    page.says("3 reports came within minutes of each other and say almost the same");
    page.says("urgent by their answers: 3");
    let group = caseworker.queue("?state=alike").await;
    assert_eq!(group.len(), 3);
    // Each is a report like any other: taken, and heard again when its reporter writes.
    caseworker.claim(&group[0]).await.expect(303);
    for code in &codes[3..] {
        let mailbox = reporter.mailbox(code).await;
        mailbox
            .write("My words were only like theirs")
            .await
            .expect(200);
    }
    assert!(caseworker.queue("?state=alike").await.is_empty());
    assert_eq!(caseworker.queue("").await.len(), 7);
    app.worker.step().await;
    app.worker.step().await;
}

/// On-call hears of those that came before it was a group, and is not rung for each of the others.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_does_not_ring() {
    let app = TestApp::start_with(&[("limits", "alike_reports = 1")]).await;
    let reporter = app.reporter("en");
    for events in [1, 1] {
        reporter.file(&[("danger", "now"), ("account", JUNK)]).await;
        assert_eq!(count(&app, "outbox WHERE kind = 'urgent'"), events);
    }
    assert_eq!(count(&app, "reports WHERE state = 'alike'"), 1);
    app.worker.step().await;
    assert!(app.mailed().iter().any(|to| to.starts_with("on-call")));
}

/// Junk that rings nobody does not keep an urgent report that reads like it from ringing.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_that_is_not_urgent_silences_no_urgent_report() {
    let app = TestApp::start_with(&[("limits", "alike_reports = 1")]).await;
    let reporter = app.reporter("en");
    for danger in ["over", "over", "now"] {
        reporter
            .file(&[("danger", danger), ("account", JUNK)])
            .await;
    }
    assert_eq!(count(&app, "reports WHERE state = 'alike'"), 1);
    assert_eq!(count(&app, "outbox WHERE kind = 'urgent'"), 1);
    app.worker.step().await;
    assert!(app.mailed().iter().any(|to| to.starts_with("on-call")));
}

/// What could not be kept was heard of by nobody: the same words ring when they are kept.
#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_kept_keeps_no_urgent_report_from_ringing() {
    let app = TestApp::start_with(&[("limits", "alike_reports = 1")]).await;
    let reporter = app.reporter("en");
    let urgent = [("danger", "now"), ("account", JUNK)];
    sql::run(
        &app,
        "CREATE TRIGGER no BEFORE INSERT ON reports BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    for _ in 0..2 {
        reporter.send(&urgent).await.expect(503);
    }
    sql::run(&app, "DROP TRIGGER no");
    reporter.file(&urgent).await;
    assert_eq!(count(&app, "outbox WHERE kind = 'urgent'"), 1);
    assert_eq!(count(&app, "reports WHERE state = 'alike'"), 0);
}

/// Two who pick the same and write little have not written the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_picked_makes_no_reports_alike() {
    let app = TestApp::start_with(&[("limits", "alike_reports = 1")]).await;
    let reporter = app.reporter("en");
    for account in ["Help us", "He hits"] {
        let picked = ["injured", "dying", "weapon", "moved", "reach"];
        let mut answers = vec![("danger", "now"), ("account", account)];
        answers.extend(picked.map(|sign| ("signs", sign)));
        answers.extend([("relation", "stranger"), ("age", "under-13")]);
        reporter.file(&answers).await;
    }
    assert_eq!(count(&app, "outbox WHERE kind = 'urgent'"), 2);
}

/// However many wait, whoever asks whether the service works is answered; and the channel may have any name.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_lane_does_not_make_the_service_unready() {
    let app = TestApp::start_with(&[
        ("limits", "receipt_permits = 1"),
        ("limits", "receipt_queue = 0"),
    ])
    .await;
    let reporter = app.reporter("en");
    let form = reporter.fill(&[("account", "one of many")]).await;
    let sending = async || {
        for _ in 0..8 {
            let page = reporter.site.submit(&form, "send").await;
            assert!([200, 503].contains(&page.status), "{}", page.text());
        }
    };
    let asking = async || {
        eventually("an answer", async || {
            let answer = app.health.get("/readyz").await;
            (answer.status == 200).then_some(())
        })
        .await;
    };
    tokio::join!(sending(), sending(), asking());
}

/// The channel of the form may have any name.
#[tokio::test(flavor = "multi_thread")]
async fn the_dry_run_goes_by_the_channel_of_the_form() {
    let (app, _) = TestApp::with_another_team().await;
    let custodian = app.sign_in("custodian").await;
    custodian.sign_charters(&app.clock).await;
    let app = app.again(&[
        ("forms", "channel = \"officials\""),
        ("forms", "officials_channel = \"\""),
    ]);
    sql::run(
        &app,
        "CREATE TRIGGER no BEFORE INSERT ON reports WHEN NEW.channel = 'main' BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    eventually("ready", async || {
        let answer = app.health.get("/readyz").await;
        (answer.status == 200).then_some(())
    })
    .await;
    app.reporter("en").file(&[("account", "told")]).await;
}

/// However many try codes at once, pages of the staff have threads of their own.
#[tokio::test(flavor = "multi_thread")]
async fn codes_that_are_tried_take_no_thread_of_a_page() {
    let app = TestApp::start_with(&[("limits", "check_permits = 64")]).await;
    let caseworker = app.sign_in("sokha").await;
    let lane = &app.lanes().receipt;
    let gates = (0..64).map(|_| {
        let (lane, (open, gate)) = (lane.clone(), mpsc::channel::<()>());
        tokio::spawn(async move { lane.run(move || gate.recv()).await });
        open
    });
    let gates: Vec<mpsc::Sender<()>> = gates.collect();
    eventually("all turns are taken", async || {
        (lane.turns().taken() == 64).then_some(())
    })
    .await;
    caseworker.get("/queue").await.expect(200);
    drop(gates);
}
