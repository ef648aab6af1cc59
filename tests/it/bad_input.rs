//! What no honest browser sends, and what an honest one sends on a bad day: the right status, a page in the reader's
//! language, everything typed still there, and nothing of it in the log.

use std::time::Duration;

use reqwest::Method;

use crate::support::client::{Page, encode, fields};
use crate::support::reporter::{Reporter, code_of};
use crate::support::{TestApp, log, settings};

const FORM: &str = "application/x-www-form-urlencoded";

/// Words that stand nowhere else.
fn marker(name: &str) -> String {
    format!("Zq7-{name}-canary-words")
}

async fn post_raw(app: &TestApp, path: &str, kind: &str, body: impl Into<Vec<u8>>) -> Page {
    app.public
        .send(
            Method::POST,
            path,
            &[("content-type", kind)],
            Some(body.into()),
        )
        .await
}

async fn ticket(reporter: &Reporter) -> String {
    reporter
        .open_form()
        .await
        .value("ticket")
        .unwrap()
        .to_owned()
}

fn logged_nothing_of(marker: &str) {
    let log = log::written();
    assert!(log.contains("background step"), "the log is kept");
    assert!(!log.contains(marker), "{marker} is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_report_is_not_sent() {
    let app = TestApp::start().await;
    for lang in ["en", "km"] {
        let reporter = app.reporter(lang);
        for step in ["review", "send"] {
            let page = app
                .public
                .submit(&reporter.open_form().await, step)
                .await
                .expect(422);
            assert_eq!(page.language(), lang);
            page.form("form");
        }
        let page = app
            .public
            .submit(&reporter.fill(&[("account", " \n\t ")]).await, "send")
            .await
            .expect(422);
        assert_eq!(page.language(), lang);
        post_raw(&app, &reporter.path("report"), FORM, "")
            .await
            .expect(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_characters_are_taken_and_one_more_is_given_back() {
    let app = TestApp::start().await;
    let reporter = app.reporter("km");
    // Khmer: three bytes a character, nine as a browser sends it.
    let most: String = "កខគឃង".chars().cycle().take(20_000).collect();
    let form = reporter.fill(&[("account", &most)]).await;
    let review = app.public.submit(&form, "review").await.expect(200);
    code_of(
        &app.public
            .submit(&review.form("form"), "send")
            .await
            .expect(200),
    );
    let more = format!("{most}ច");
    for step in ["review", "send"] {
        let page = app
            .public
            .submit(&reporter.fill(&[("account", &more)]).await, step)
            .await
            .expect(422);
        assert_eq!(page.language(), "km");
        assert_eq!(
            page.form("form").value("account"),
            Some(more.as_str()),
            "all of it is still there"
        );
    }
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await;
    assert_eq!(report.len(), 1);
    caseworker.claim(&report[0]).await.expect(303);
    let read = caseworker.read(&report[0]).await.expect(200);
    assert!(read.document().of_class("inert").contains(&most));
}

#[tokio::test(flavor = "multi_thread")]
async fn control_characters_and_broken_encoding_are_named_and_the_rest_is_kept() {
    let app = TestApp::start().await;
    for (number, dirt) in [
        "%00",
        "%01",
        "%1B%5B31m",
        "%ED%A0%80",
        "%ED%BF%BF",
        "%C3",
        "%FF%FE",
        "%F4%90%80%80",
        "%C0%AF",
    ]
    .iter()
    .enumerate()
    {
        for (lang, step) in [("en", "send"), ("km", "review")] {
            let reporter = app.reporter(lang);
            let marker = marker(&format!("dirt{number}"));
            let ticket = ticket(&reporter).await;
            let body = format!(
                "ticket={ticket}&danger=over&account=before+{marker}+{dirt}+after&step={step}"
            );
            let page = post_raw(&app, &reporter.path("report"), FORM, body)
                .await
                .expect(422);
            assert_eq!(page.language(), lang);
            let kept = page.form("form").value("account").unwrap().to_owned();
            assert!(
                kept.contains(&marker) && kept.contains("after"),
                "{dirt}: {kept:?}"
            );
            assert!(!page.bytes.contains(&0), "no NUL on a page");
            logged_nothing_of(&marker);
        }
    }
    assert!(app.sign_in("sokha").await.queue("").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn percent_signs_that_encode_nothing_are_text() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let ticket = ticket(&reporter).await;
    let body = format!("ticket={ticket}&account=100%25+sure,+%zz+and+%&step=send");
    code_of(&post_raw(&app, "/en/report", FORM, body).await.expect(200));
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await.expect(303);
    caseworker.read(&report).await.says("100% sure, %zz and %");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_megabytes_come_back_with_what_was_typed() {
    let app = TestApp::start().await;
    for lang in ["en", "km"] {
        let reporter = app.reporter(lang);
        let marker = marker("large");
        let account = format!("{marker} {}", "x".repeat(2 << 20));
        let form = reporter
            .fill(&[("account", &account), ("when", "yesterday")])
            .await;
        let page = app.public.submit(&form, "send").await.expect(413);
        assert_eq!(page.language(), lang);
        let kept = page.form("form");
        assert!(kept.value("account").unwrap().starts_with(&marker));
        logged_nothing_of(&marker);
        let mailbox = fields(&[
            ("code", "1"),
            ("text", &"y".repeat(2 << 20)),
            ("step", "enter"),
        ]);
        let page = app
            .public
            .post(&reporter.path("mailbox"), &mailbox)
            .await
            .expect(413);
        assert_eq!(page.language(), lang);
    }
    let login = fields(&[("handle", "sokha"), ("passphrase", &"z".repeat(2 << 20))]);
    app.staff.post("/login", &login).await.expect(413);
    assert!(app.sign_in("sokha").await.queue("").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stops_coming_gets_back_what_came() {
    let app = TestApp::start_with(&[("limits", "body_seconds = 5")]).await;
    let reporter = app.reporter("km");
    let ticket = ticket(&reporter).await;
    let marker = marker("slow");
    let body = format!("ticket={ticket}&step=send&danger=over&account={marker}");
    let head = format!(
        "POST /km/report HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: {}\r\n\r\n",
        body.len() + 100
    );
    let answer = app
        .public
        .raw(format!("{head}{body}").as_bytes(), Duration::from_secs(60))
        .await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer:.200}");
    assert!(
        answer.contains("lang=\"km\"") && answer.contains(&marker),
        "{answer}"
    );
    logged_nothing_of(&marker);
    assert!(
        app.sign_in("sokha").await.queue("").await.is_empty(),
        "half a form is no report"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_content_type_is_refused_in_the_readers_language() {
    let app = TestApp::start().await;
    let marker = marker("kind");
    for lang in ["en", "km"] {
        for path in ["report", "mailbox"] {
            for kind in [
                "application/json",
                "multipart/form-data; boundary=x",
                "text/plain",
                "nonsense",
            ] {
                let page = post_raw(&app, &format!("/{lang}/{path}"), kind, marker.clone())
                    .await
                    .expect(415);
                assert_eq!(page.language(), lang);
                page.says(settings::PHONE);
            }
            let headers = [("content-type", FORM), ("content-encoding", "gzip")];
            let body = Some(b"step=send".to_vec());
            app.public
                .send(Method::POST, &format!("/{lang}/{path}"), &headers, body)
                .await
                .expect(415);
            app.public
                .send(
                    Method::POST,
                    &format!("/{lang}/{path}"),
                    &[],
                    Some(b"step=send".to_vec()),
                )
                .await
                .expect(415);
        }
    }
    logged_nothing_of(&marker);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_forged_or_foreign_ticket_is_exchanged_and_nothing_typed_is_lost() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let old = reporter.fill(&[("account", "typed the day before")]).await;
    let login = app
        .staff
        .get("/login")
        .await
        .form_to("/login")
        .value("ticket")
        .unwrap()
        .to_owned();
    let mut flipped = ticket(&reporter).await;
    flipped.replace_range(
        5..6,
        if flipped.as_bytes()[5] == b'A' {
            "B"
        } else {
            "A"
        },
    );
    app.clock.advance(24 * 3_600 + 120);
    let mut pages = vec![app.public.submit(&old, "send").await];
    for ticket in [
        flipped.as_str(),
        login.as_str(),
        "x",
        "ឯកសារ",
        &"A".repeat(3_000),
    ] {
        let mut form = reporter.fill(&[("account", "typed the day before")]).await;
        form.set("ticket", ticket);
        pages.push(app.public.submit(&form, "send").await);
    }
    for page in pages {
        let page = page.expect(422);
        let form = page.form("form");
        assert_eq!(form.value("account"), Some("typed the day before"));
        code_of(&app.public.submit(&form, "send").await.expect(200));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_languages_and_paths_are_a_page_that_says_so() {
    let app = TestApp::start().await;
    let paths = [
        "/fr/",
        "/en/nothing",
        "/km/report/x",
        "/nothing",
        "/static/nothing.css",
        "/static/..%2f..%2fCargo.toml",
        "/static/../../Cargo.toml",
        "/en/%2e%2e/%2e%2e/etc/passwd",
        "/..%5c..%5c",
        "/.git/config",
        "/.env",
        "/login",
        "/queue",
        "/%00",
        "/en/%00",
        "/%FF",
        "/en/report%00.html",
        "/demo/mail",
    ];
    for path in paths {
        // As the path stands: a client would tidy it up first.
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Language: km\r\nConnection: close\r\n\r\n"
        );
        let answer = app
            .public
            .raw(head.as_bytes(), Duration::from_secs(20))
            .await;
        assert!(
            answer.starts_with("HTTP/1.1 404 ") || answer.starts_with("HTTP/1.1 400 "),
            "{path}: {answer:.60}"
        );
        assert!(
            answer.contains("<html lang=") && answer.contains(settings::PHONE),
            "{path} has a page"
        );
        let lang = if path.starts_with("/en/") { "en" } else { "km" };
        assert!(
            answer.contains(&format!("<html lang=\"{lang}\"")),
            "{path} in the reader's language"
        );
        assert!(
            !answer.contains("root:") && !answer.contains("[package]"),
            "{path}"
        );
    }
    let page = app
        .public
        .get_with("/nothing", &[("accept-language", "en-GB,en;q=0.9")])
        .await
        .expect(404);
    assert_eq!(page.language(), "en");
    for path in ["/nothing", "/reports", "/queue/x", "/people/../queue/x"] {
        app.staff.get(path).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_options_and_other_methods_are_answered_as_they_should() {
    let app = TestApp::start().await;
    for path in [
        "/en/",
        "/km/",
        "/en/report",
        "/km/mailbox",
        "/en/help",
        "/healthz",
        "/robots.txt",
    ] {
        let head = app
            .public
            .send(Method::HEAD, path, &[], None)
            .await
            .expect(200);
        assert!(head.bytes.is_empty());
    }
    for (path, allow) in [
        ("/km/report", "GET, HEAD, POST"),
        ("/km/", "GET, HEAD, POST"),
        ("/leave", "GET, HEAD"),
        ("/km/mailbox", "GET, HEAD, POST"),
    ] {
        for method in [
            Method::OPTIONS,
            Method::PUT,
            Method::DELETE,
            Method::PATCH,
            Method::TRACE,
        ] {
            let page = app
                .public
                .send(method.clone(), path, &[], None)
                .await
                .expect(405);
            assert_eq!(page.header("allow"), Some(allow), "{method} {path}");
            assert!(page.language() == "km" || path == "/leave");
        }
    }
    app.public
        .send(
            Method::POST,
            "/leave",
            &[("content-type", FORM)],
            Some(Vec::new()),
        )
        .await
        .expect(405);
    app.staff
        .send(Method::OPTIONS, "/login", &[], None)
        .await
        .expect(405);
    app.staff
        .send(Method::DELETE, "/queue", &[], None)
        .await
        .expect(405);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_fields_and_stranger_ones_than_the_form_has_do_no_harm() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let mut form = reporter.fill(&[("account", "plain")]).await;
    for number in 0..5_000 {
        form.add(&format!("strange-{number}"), "value");
    }
    form.add("danger", "no-such-option")
        .add("account", "a second account")
        .add("kind", "other")
        .add("kind", "other");
    let page = app.public.submit(&form, "review").await;
    assert!(matches!(page.status, 200 | 422), "{}", page.status);
    let pair = encode(&fields(&[
        ("step", "send"),
        ("account", "no ticket at all"),
    ]));
    let page = post_raw(&app, "/en/report", FORM, pair).await;
    assert!(matches!(page.status, 200 | 422), "{}", page.status);
    for body in [
        "&&&",
        "=",
        "=&=&=",
        "step",
        "step=send&step=review",
        "ticket&account",
    ] {
        let page = post_raw(&app, "/en/report", FORM, body).await;
        assert!(matches!(page.status, 200 | 422), "{body}: {}", page.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_text_lies_still_on_the_caseworkers_page() {
    let app = TestApp::start().await;
    let account = "<script>alert(1)</script> \u{202E}gnp.exe\u{202C} https://evil.example/x a\u{200B}b <img src=x onerror=y>";
    app.reporter("en")
        .file(&[("account", account), ("link", "javascript:alert(1)")])
        .await;
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await.expect(303);
    for page in [
        caseworker.get("/queue").await,
        caseworker.read(&report).await.expect(200),
    ] {
        let body = page.body();
        assert!(
            !body.contains("<script>") && !body.contains("<img") && !body.contains('\u{202E}'),
            "{body}"
        );
        assert!(
            !body.contains("href=\"https://evil") && !body.contains("href=\"javascript"),
            "no link comes alive"
        );
        page.says("evil.example").says("U+202E");
    }
}
