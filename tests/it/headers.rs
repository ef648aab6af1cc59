//! The header table, by value, on every route of both sides and on every kind of answer.

use diesel::prelude::*;
use kapea::domain::receipt::ReceiptCode;
use kapea::web::access::{Port, Verb};
use kapea::web::routes;
use reqwest::Method;

use crate::support::TestApp;
use crate::support::client::{Page, Site, fields};

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; media-src 'self'; script-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The same with the desk's script, which asks us alone, and without sound.
const STAFF_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
                            script-src 'self'; connect-src 'self'; form-action 'self'; \
                            base-uri 'none'; frame-ancestors 'none'";

/// Checks one answer of a side.
fn check(page: &Page, port: Port, what: &str) {
    let staff = port == Port::Staff;
    let one = |name: &str| {
        let values: Vec<_> = page
            .headers
            .get_all(name)
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect();
        assert!(values.len() <= 1, "{what}: {name} twice");
        values.first().copied()
    };
    let policy = if staff { STAFF_POLICY } else { POLICY };
    assert_eq!(one("content-security-policy"), Some(policy), "{what}");
    assert_eq!(one("referrer-policy"), Some("same-origin"), "{what}");
    assert_eq!(one("x-content-type-options"), Some("nosniff"), "{what}");
    assert_eq!(
        one("cross-origin-opener-policy"),
        Some("same-origin"),
        "{what}"
    );
    assert_eq!(
        one("cross-origin-resource-policy"),
        Some("same-origin"),
        "{what}"
    );
    let permissions = one("permissions-policy").expect("a permissions policy");
    assert!(
        permissions
            .split(", ")
            .all(|feature| feature.ends_with("=()")),
        "{what}: {permissions}"
    );
    for feature in [
        "camera",
        "microphone",
        "geolocation",
        "clipboard-read",
        "browsing-topics",
        "display-capture",
    ] {
        assert!(
            permissions
                .split(", ")
                .any(|known| known == format!("{feature}=()")),
            "{what}: {feature}"
        );
    }
    let immutable = what.contains("?v=");
    let cache = if immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-store, no-transform"
    };
    assert_eq!(one("cache-control"), Some(cache), "{what}");
    // Compressed by us or by nobody.
    assert_eq!(one("content-encoding"), Some("identity"), "{what}");
    for absent in [
        "server",
        "etag",
        "last-modified",
        "x-powered-by",
        "access-control-allow-origin",
        "date-modified",
    ] {
        assert_eq!(one(absent), None, "{what}");
    }
    if !staff {
        assert!(
            !page.headers.contains_key("set-cookie"),
            "{what} sets a cookie"
        );
    }
    let kind = one("content-type").unwrap_or_default();
    if kind.starts_with("text/html")
        && !page.bytes.is_empty()
        && one("content-encoding") != Some("gzip")
    {
        assert_eq!(kind, "text/html; charset=utf-8", "{what}");
        let body = page.body();
        for foreign in [
            "src=\"http",
            "src=\"//",
            "<iframe",
            "<object",
            "style=",
            "onclick",
        ] {
            assert!(!body.contains(foreign), "{what} contains {foreign}");
        }
        // Only the way out leads on by itself, and to our own address.
        let own = body.contains("http-equiv=\"refresh\" content=\"0; url=/leave?on\"");
        assert_eq!(
            body.matches("http-equiv").count(),
            usize::from(own),
            "{what}"
        );
        if !staff {
            let title = page.document().of_element("title").concat();
            // What keeps a word of Khmer on one line is no part of it.
            let title = title.replace('\u{2060}', "");
            assert!(
                matches!(title.as_str(), "Information" | "ព័ត៌មាន"),
                "{what} is titled {title}"
            );
        }
    }
}

/// A path in which every name has a value.
fn concrete(path: &str) -> Vec<String> {
    ["en", "km"]
        .map(|lang| {
            path.replace("{lang}", lang)
                .replace("{name}", "style.css")
                .replace("{token}", "no-such-token")
                .replace("{id}", "00000000000000000000000000000000")
        })
        .to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_with_every_method_of_its_own_and_some_others() {
    let app = TestApp::start().await;
    let mut seen = 0;
    for route in routes::all() {
        let site = match route.port {
            Port::Staff => &app.staff,
            Port::Reporter => &app.public,
            Port::Health => &app.health,
        };
        for path in concrete(route.path) {
            let what = format!("{:?} {:?} {path}", route.port, route.verb);
            let page = match route.verb {
                Verb::Get => site.get(&path).await,
                Verb::Post => site.post(&path, &[]).await,
            };
            assert!(page.status < 500, "{what}: {}", page.status);
            check(&page, route.port, &what);
            for method in [Method::HEAD, Method::OPTIONS, Method::DELETE] {
                let page = site.send(method.clone(), &path, &[], None).await;
                check(&page, route.port, &format!("{method} {what}"));
            }
            seen += 1;
        }
    }
    assert!(seen > 40, "the table has {seen} rows");
}

#[tokio::test(flavor = "multi_thread")]
async fn static_files_with_their_version_are_kept_and_without_are_not() {
    let app = TestApp::start().await;
    let page = app.public.get("/en/").await.expect(200);
    let document = page.document();
    let mut files = document.attributes("link", "href");
    files.extend(document.attributes("script", "src"));
    assert!(
        files.len() >= 3 && files.len() <= 3,
        "at most four requests for the first page: {files:?}"
    );
    for file in files {
        let versioned = app.public.get(&file).await.expect(200);
        check(&versioned, Port::Reporter, &file);
        let (bare, _) = file.split_once('?').expect("a version");
        check(
            &app.public.get(bare).await.expect(200),
            Port::Reporter,
            bare,
        );
        check(
            &app.public.get(&format!("{bare}?w=old")).await.expect(200),
            Port::Reporter,
            bare,
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_refusal_of_the_reporters_side() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let large = fields(&[("account", &"x".repeat(1 << 20)), ("step", "send")]);
    let form = reporter.fill(&[("account", "one")]).await;
    let sent = app.public.submit(&form, "send").await.expect(200);
    check(&sent, Port::Reporter, "200 code");
    let mut other = form.clone();
    other.set("account", "two");
    for (status, page) in [
        (404, app.public.get("/en/nothing").await),
        (
            405,
            app.public.send(Method::PUT, "/en/report", &[], None).await,
        ),
        (409, app.public.submit(&other, "send").await),
        (413, app.public.post("/en/report", &large).await),
        (
            415,
            app.public
                .send(
                    Method::POST,
                    "/en/report",
                    &[("content-type", "text/plain")],
                    Some(b"x".to_vec()),
                )
                .await,
        ),
        (
            422,
            app.public
                .post("/en/report", &fields(&[("step", "send")]))
                .await,
        ),
        (422, reporter.try_code("1234").await),
    ] {
        assert_eq!(page.status, status);
        check(&page, Port::Reporter, &status.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_lane_answers_503_with_the_table_and_when_to_come_back() {
    let app = TestApp::start_with(&[
        ("limits", "check_queue = 0"),
        ("limits", "check_permits = 1"),
    ])
    .await;
    let reporter = app.reporter("km");
    let mut refused = 0;
    let code = ReceiptCode::from_payload(1_234_567).grouped();
    // With one place and many who ask at once, somebody is refused; who it is, is chance.
    for _ in 0..20 {
        let tries = (0..16).map(|_| reporter.try_code(&code));
        for page in futures_util::future::join_all(tries).await {
            check(&page, Port::Reporter, &page.status.to_string());
            if page.status == 503 {
                refused += 1;
                assert_eq!(page.header("retry-after"), Some("60"));
                assert_eq!(page.language(), "km");
                assert_eq!(page.form("messages").value("code"), Some(code.as_str()));
            }
        }
        if refused > 0 {
            break;
        }
    }
    assert!(refused > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_ours_has_the_table_too() {
    let app = TestApp::start().await;
    app.reporter("en").file(&[("account", "text")]).await;
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await.expect(303);
    let mut conn = crate::support::sql::open(app.database());
    // Another's grant under this one's key: refused when it is opened.
    diesel::sql_query(
        "UPDATE grants SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) || X'00' AS BLOB)",
    )
    .execute(&mut conn)
    .unwrap();
    let page = caseworker.read(&report).await.expect(500);
    check(&page, Port::Staff, "500");
    page.says_nothing_of("age1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_panics_answers_with_the_table() {
    use actix_web::{App, HttpServer, web};
    use kapea::web::headers;

    async fn broken() -> actix_web::HttpResponse {
        panic!("typed-text-in-a-panic")
    }
    let server = HttpServer::new(|| {
        App::new()
            .app_data(web::Data::new(Port::Reporter))
            .route("/en/broken", web::get().to(broken))
            .wrap(actix_web::middleware::from_fn(headers::set))
    })
    .workers(1)
    .disable_signals()
    .bind("127.0.0.1:0")
    .unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    let running = tokio::spawn(server);
    let page = Site::new(address).get("/en/broken").await.expect(500);
    check(&page, Port::Reporter, "500 of a panic");
    assert!(!String::from_utf8_lossy(&page.bytes).contains("typed-text"));
    handle.stop(false).await;
    running.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_in_pages_and_refusals_of_the_staff_side() {
    let app = TestApp::start().await;
    app.reporter("en").file(&[("account", "text")]).await;
    let caseworker = app.sign_in("sokha").await;
    let admin = app.sign_in("admin").await;
    let report = caseworker.queue("").await.remove(0);
    for path in [
        "/queue",
        "/team",
        "/account",
        "/people",
        &format!("/reports/{report}"),
    ] {
        check(&caseworker.get(path).await, Port::Staff, path);
    }
    for path in ["/status", "/people", "/teams", "/mail", "/audit", "/queue"] {
        check(&admin.get(path).await, Port::Staff, path);
    }
    let json = [
        ("content-type", "application/json"),
        ("cookie", caseworker.cookie.as_str()),
    ];
    let large = format!("text={}", "x".repeat(4 << 20)).into_bytes();
    let note = format!("/reports/{report}/note");
    for (status, page) in [
        (401, app.staff.post(&note, &fields(&[("text", "x")])).await),
        (
            403,
            app.staff
                .post_with(
                    &note,
                    &[("cookie", &caseworker.cookie)],
                    &fields(&[("text", "x")]),
                )
                .await,
        ),
        (405, app.staff.send(Method::PUT, "/queue", &[], None).await),
        (409, caseworker.note(&report, "not claimed").await),
        (
            413,
            app.staff
                .send(
                    Method::POST,
                    &note,
                    &[FORM, ("cookie", &caseworker.cookie)],
                    Some(large),
                )
                .await,
        ),
        (
            415,
            app.staff
                .send(Method::POST, &note, &json, Some(b"{}".to_vec()))
                .await,
        ),
    ] {
        assert_eq!(page.status, status, "{}", page.text());
        check(&page, Port::Staff, &status.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_https_the_session_cookie_is_bound_to_the_host() {
    let app =
        TestApp::start_with(&[("server", "staff_url = \"https://staff.hotline.example\"")]).await;
    let person = app.people.get("sokha");
    let code = person.code(&app.clock).await;
    let page = person
        .try_sign_in(&app.staff, &person.passphrase, &code)
        .await
        .expect(303);
    check(&page, Port::Staff, "sign-in");
    let cookies: Vec<&str> = page
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap())
        .collect();
    assert_eq!(cookies.len(), 3, "{cookies:?}");
    for cookie in cookies {
        assert!(cookie.starts_with("__Host-kapea"), "{cookie}");
        for part in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(
                cookie.split("; ").any(|known| known == part),
                "{cookie} lacks {part}"
            );
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_a_staff_page_names_is_there_and_is_ours() {
    let app = TestApp::start().await;
    let caseworker = app.sign_in("sokha").await;
    for page in [
        app.staff.get("/login").await,
        caseworker.get("/queue").await,
    ] {
        let document = page.expect(200).document();
        let mut files = document.attributes("link", "href");
        assert!(files.len() >= 3);
        files.extend(document.attributes("script", "src"));
        for file in files {
            check(&app.staff.get(&file).await.expect(200), Port::Staff, &file);
        }
    }
}
