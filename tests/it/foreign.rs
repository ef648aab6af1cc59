//! What another site sends in a reporter's browser, and addresses that posters and chats have changed.

use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::html::Form;
use crate::support::reporter::{code_of, fill};

const ACCOUNT: &str = "Marker-of-another-site: words that she never wrote.";
const FOREIGN: [&[(&str, &str)]; 4] = [
    &[
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ],
    &[("sec-fetch-site", "same-site")],
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
];

async fn sent(app: &TestApp, form: &Form, step: &str, headers: &[(&str, &str)]) -> Page {
    let mut fields = form.fields.clone();
    fields.push(("step".to_owned(), step.to_owned()));
    app.public.post_with(&form.action, headers, &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_another_site_gets_an_empty_one_and_a_ticket_of_its_own() {
    let app = TestApp::start().await;
    let mut theirs = app.reporter("km").open_form().await;
    fill(&mut theirs, &[("account", ACCOUNT)]);
    let ticket = theirs.value("ticket").unwrap().to_owned();
    for headers in FOREIGN {
        for step in ["review", "send", "edit", "check", ""] {
            let page = sent(&app, &theirs, step, headers).await.expect(200);
            page.says_nothing_of("Marker-of-another-site")
                .says_nothing_of(&ticket);
            let fresh = page.form("form");
            assert_eq!(
                fresh.value("account").unwrap_or_default(),
                "",
                "{headers:?} {step}"
            );
            assert_ne!(fresh.value("ticket"), Some(ticket.as_str()));
        }
    }
    // Nothing was kept: their ticket is not used up, so that its owner learns nothing of what she did.
    let page = sent(&app, &theirs, "send", &[("sec-fetch-site", "same-origin")]).await;
    code_of(&page.expect(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_is_not_opened_for_another_site() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let code = reporter.file(&[("account", ACCOUNT)]).await;
    let open = reporter.mailbox(&code).await.page;
    let mut enter = app.public.get("/en/mailbox").await.form("enter");
    enter.set("code", &code);
    let mut message = open.form("messages");
    message.set("text", ACCOUNT);
    for headers in FOREIGN {
        for (form, step) in [
            (&enter, "enter"),
            (&message, "write"),
            (&message, "close-sure"),
        ] {
            let page = sent(&app, form, step, headers).await.expect(200);
            page.says_nothing_of("Marker-of-another-site")
                .says_nothing_of(&code);
            page.form("enter");
        }
    }
    let shown = reporter.mailbox(&code).await.page;
    shown.form("messages");
}

/// Browsers of before 2020 say nothing, and a proxy may put another name for ours.
#[tokio::test(flavor = "multi_thread")]
async fn her_own_form_is_taken_whatever_the_browser_and_the_proxy_say_of_us() {
    let app = TestApp::start().await;
    let own: [&[(&str, &str)]; 4] = [
        &[],
        &[
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://kapea.internal:8443"),
        ],
        &[("sec-fetch-site", "none")],
        &[
            ("origin", &app.public.url("")),
            ("sec-fetch-mode", "navigate"),
        ],
    ];
    for headers in own {
        let form = app.reporter("en").fill(&[("account", ACCOUNT)]).await;
        let page = sent(&app, &form, "send", headers).await.expect(200);
        code_of(&page);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_a_chat_has_changed_leads_to_its_page() {
    let app = TestApp::start().await;
    for (address, page) in [
        ("/km/report/", "/km/report"),
        ("/KM/REPORT", "/km/report"),
        ("/km/report)", "/km/report"),
        ("/km/report.", "/km/report"),
        ("/km/mailbox%E1%9F%94", "/km/mailbox"),
        ("/kh/help", "/km/help"),
        ("/EN", "/en"),
        ("/en/%22", "/en/"),
    ] {
        let answer = app.public.get(address).await;
        assert_eq!(answer.status, 303, "{address}");
        let led = answer.header("location").unwrap_or_default();
        assert!(
            led == page || led == format!("{page}/"),
            "{address} led to {led}"
        );
    }
    let english = [("accept-language", "en")];
    let answer = app.public.get_with("/Report/", &english).await.expect(303);
    assert_eq!(answer.header("location"), Some("/en/report"));
    app.public.get("/km/reportage").await.expect(404);
    let form = app.reporter("km").fill(&[("account", ACCOUNT)]).await;
    app.public
        .post("/km/report/", &form.fields)
        .await
        .expect(404);
    let answer = app.staff.get("/Login/").await.expect(303);
    assert_eq!(answer.header("location"), Some("/login"));
}
