//! What the real program writes about itself at TRACE: that it works, and nothing about anybody.

use diesel::connection::SimpleConnection as _;
use reqwest::Method;

use crate::support::binary::Installation;
use crate::support::reporter::Reporter;

#[tokio::test(flavor = "multi_thread")]
async fn no_address_no_browser_no_path_and_no_person_is_in_the_log() {
    let installation = Installation::settled();
    let served = installation.serve().await;
    let site = served.public();
    let headers = [
        ("user-agent", "Mozilla/5.0 (Browser-Of-A-Reporter)"),
        ("x-forwarded-for", "203.0.113.77"),
        ("forwarded", "for=203.0.113.78"),
        ("referer", "https://referring.example/page"),
    ];
    for path in [
        "/",
        "/km/",
        "/en/report",
        "/nothing-here",
        "/en/report?query=string",
    ] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            site.send(method, path, &headers, None).await;
        }
    }
    let reporter = Reporter {
        site: site.clone(),
        lang: "en",
    };
    let code = reporter
        .file(&[("danger", "over"), ("account", "words of a reporter")])
        .await;
    site.raw(
        b"GET /half-a-request HTTP/1.1\r\nHost: x\r\nBroken",
        std::time::Duration::from_millis(300),
    )
    .await;
    site.raw(
        b"\x16\x03\x01 not http at all \r\n\r\n",
        std::time::Duration::from_millis(300),
    )
    .await;
    let person = installation.people.get("sokha");
    person
        .try_sign_in(&served.staff(), "wrong words here", "123456")
        .await
        .expect(422);
    // Trouble is logged, without saying whose.
    let mut other = crate::support::sql::open(installation.database());
    other.batch_execute("BEGIN EXCLUSIVE").unwrap();
    let form = reporter.fill(&[("account", "words in the storm")]).await;
    site.submit(&form, "send").await.expect(503);
    other.batch_execute("ROLLBACK").unwrap();

    let log = served.written();
    assert!(
        log.contains("background step"),
        "it does log at TRACE:\n{log}"
    );
    assert!(log.contains("could not be stored"), "{log}");
    let known: Vec<&str> = log
        .lines()
        .filter(|line| !line.contains("listening"))
        .collect();
    let log = known.join("\n");
    for never in [
        "127.0.0.1",
        "203.0.113",
        "Browser-Of-A-Reporter",
        "Mozilla",
        "referring",
        "/en/",
        "/km",
        "nothing-here",
        "query",
        "half-a-request",
        "GET",
        "POST",
        "sokha",
        "wrong words",
        "words of",
        "words in",
        &code,
        &code[..8],
        "hotline.example",
    ] {
        assert!(!log.contains(never), "{never:?} is in the log:\n{log}");
    }
}
