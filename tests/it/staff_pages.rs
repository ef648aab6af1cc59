//! What a caseworker typed is never lost, what a reporter typed never comes alive, and nothing is done for a foreign page.

use crate::support::TestApp;
use crate::support::staff::Session;

const TYPED: &str = "She was seen at the market.\nAsk her aunt <soon>.";

/// Somebody tells of `account`, and sokha sees it in the queue.
async fn told(app: &TestApp, account: &str) -> (Session, String) {
    app.reporter("en")
        .send(&[("danger", "over"), ("account", account)])
        .await
        .expect(200);
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    (sokha, report)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_claim_gives_back_what_was_typed() {
    let app = TestApp::start().await;
    let (sokha, report) = told(&app, "Somebody hits her.").await;
    sokha.claim(&report).await.expect(303);

    app.later(16 * 60).await;
    let note = format!("/reports/{report}/note");
    let page = sokha.post(&note, &[("text", TYPED)]).await.expect(409);
    let form = page.form_to(&format!("/reports/{report}/claim"));
    assert_eq!(form.value("note").map(str::trim_start), Some(TYPED));

    let page = sokha
        .post_fields(&form.action, &form.fields)
        .await
        .expect(200);
    assert_eq!(
        page.form_to(&note).value("note").map(str::trim_start),
        Some(TYPED)
    );
    sokha
        .post_fields(&note, &page.form_to(&note).fields)
        .await
        .expect(303);
    assert!(
        sokha
            .read(&report)
            .await
            .document()
            .of_class("inert")
            .iter()
            .any(|text| text == TYPED)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_one_who_comes_late_is_told_who_has_the_report_and_keeps_their_words() {
    let app = TestApp::start().await;
    let (sokha, report) = told(&app, "Somebody hits her.").await;
    let dara = app.sign_in("dara").await;
    sokha.claim(&report).await.expect(303);

    dara.claim(&report)
        .await
        .expect(409)
        .says("sokha has this report");
    let page = dara
        .post(&format!("/reports/{report}/note"), &[("text", TYPED)])
        .await
        .expect(409);
    page.says("sokha has this report")
        .says("Ask her aunt <soon>.");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_gives_back_what_was_typed() {
    let app = TestApp::start().await;
    let sokha = app.sign_in("sokha").await;
    app.later(24 * 3_600).await;
    let report = "0".repeat(32);
    let page = sokha
        .post(&format!("/reports/{report}/note"), &[("text", TYPED)])
        .await
        .expect(401);
    page.says("Your session has ended")
        .says("Ask her aunt <soon>.");
    let page = sokha.get("/queue").await.expect(303);
    assert_eq!(page.header("location"), Some("/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn g7_nothing_a_reporter_types_comes_alive() {
    let account = "<script>alert(1)</script><a href=\"https://example.org\">x</a> https://example.org/a \
                   gpj.\u{202E}exe z\u{200D}w\u{FEFF} ក\u{200B}ខ";
    let app = TestApp::start().await;
    let (sokha, report) = told(&app, account).await;
    sokha.claim(&report).await.expect(303);
    for body in [
        sokha.get("/queue").await.body(),
        sokha.read(&report).await.body(),
    ] {
        assert!(
            !body.contains("<script>") && !body.contains("example.org\""),
            "markup came through"
        );
        assert!(
            !body.contains(['\u{202E}', '\u{200D}', '\u{FEFF}']),
            "a hidden character came through"
        );
        assert!(body.contains("⟦U+202E⟧") && body.contains("⟦U+200D⟧"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g4_nothing_is_done_for_a_page_that_is_not_ours() {
    let app = TestApp::start().await;
    let (sokha, report) = told(&app, "Somebody hits her.").await;
    let claim = format!("/reports/{report}/claim");

    let none: &[(String, String)] = &[];
    sokha.post_fields(&claim, none).await.expect(403);
    sokha
        .post_fields(&claim, &[("csrf".to_owned(), "x".repeat(sokha.csrf.len()))])
        .await
        .expect(403);
    let token = [("csrf".to_owned(), sokha.csrf.clone())];
    for foreign in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "null"),
    ] {
        let headers = [("cookie", sokha.cookie.as_str()), foreign];
        sokha
            .site
            .post_with(&claim, &headers, &token)
            .await
            .expect(403);
    }
    let headers = [
        ("cookie", sokha.cookie.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    sokha
        .site
        .post_with(&claim, &headers, &token)
        .await
        .expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_said_beside_the_field_and_the_rest_stays() {
    let app = TestApp::start().await;
    let (sokha, report) = told(&app, "Somebody hits her.").await;
    sokha.claim(&report).await.expect(303);
    let at = |what: &str| format!("/reports/{report}/{what}");
    let version = sokha
        .read(&report)
        .await
        .form_to(&at("urgency"))
        .value("version")
        .unwrap()
        .to_owned();

    let page = sokha
        .post(&at("urgency"), &[("urgency", "U1"), ("version", &version)])
        .await
        .expect(422);
    page.says("Please give a reason.");
    let page = sokha
        .post(
            &at("act"),
            &[
                ("act", "link"),
                ("linked", "zz"),
                ("reason", TYPED),
                ("version", &version),
            ],
        )
        .await;
    page.expect(422)
        .says("not the number of a report")
        .says("Ask her aunt <soon>.");
    let stale = [("urgency", "U1"), ("version", "999"), ("reason", TYPED)];
    sokha
        .post(&at("urgency"), &stale)
        .await
        .expect(409)
        .says("has changed since")
        .says("Ask her aunt <soon>.");
    sokha
        .post(&at("note"), &[("text", " \n")])
        .await
        .expect(422)
        .says("nothing written");
    let long = "ក".repeat(20_001);
    let page = sokha
        .post(&at("note"), &[("text", &long)])
        .await
        .expect(422);
    assert_eq!(
        page.form_to(&at("note"))
            .value("note")
            .map(|text| text.trim().chars().count()),
        Some(20_001)
    );
}
