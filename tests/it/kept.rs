//! Help never costs the words: whoever goes to the numbers or to the first page out of a form finds the form again as it was.

use kapea::domain::language::Locale;

use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::html::Form;
use crate::support::reporter::{code_of, fill};

const ACCOUNT: &str = "Marker-of-the-words: line one\nline two \"&<> ក្មេង";

/// Presses a button in the head of a page that belongs to its form.
async fn away(app: &TestApp, form: &Form, to: &str, step: &str) -> Page {
    let mut fields = form.fields.clone();
    fields.push(("step".to_owned(), step.to_owned()));
    app.public.post(to, &fields).await.expect(200)
}

async fn back(app: &TestApp, page: &Page, step: &str) -> Page {
    let kept = page.form("kept");
    assert!(kept.offers(step), "{step}");
    app.public.submit(&kept, step).await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_found_again_after_the_numbers_and_the_first_page() {
    let app = TestApp::start().await;
    let mut form = app.reporter("km").open_form().await;
    fill(
        &mut form,
        &[("account", ACCOUNT), ("danger", "now"), ("signs", "dying")],
    );
    let ticket = form.value("ticket").unwrap().to_owned();
    for to in ["/km/help?report", "/km/?report", "/en/help?report"] {
        let page = away(&app, &form, to, "edit").await;
        assert!(!page.document().of_class("number").is_empty());
        let again = back(&app, &page, "edit").await.form("form");
        assert_eq!(again.value("account"), Some(ACCOUNT));
        assert_eq!(again.value("danger"), Some("now"));
        assert_eq!(again.value("ticket"), Some(ticket.as_str()));
    }
    // From page to page, and into the other language, with the words.
    let help = away(&app, &form, "/km/help?report", "edit").await;
    let home = away(&app, &help.form("kept"), "/en/?report", "edit").await;
    let again = back(&app, &home, "edit").await.form("form");
    assert_eq!(again.value("account"), Some(ACCOUNT));
    // From the review as well, and then it is sent once.
    let review = app.public.submit(&again, "review").await.expect(200);
    let help = away(&app, &review.form("form"), "/en/help?report", "review").await;
    let review = back(&app, &help, "review").await;
    let sent = app
        .public
        .submit(&review.form("form"), "send")
        .await
        .expect(200);
    let code = code_of(&sent);
    let help = away(&app, &sent.form("check"), "/en/help?report", "check").await;
    help.says_nothing_of(&code);
    assert_eq!(code_of(&back(&app, &help, "check").await), code);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_and_a_typed_code_are_found_again() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let code = reporter.file(&[("account", "Her uncle.")]).await;
    let mut enter = app.public.get("/en/mailbox").await.form("enter");
    enter.set("code", &code);
    let help = away(&app, &enter, "/en/help?mailbox", "type").await;
    let enter = back(&app, &help, "type").await.form("enter");
    assert_eq!(enter.value("code"), Some(code.as_str()));
    let open = app.public.submit(&enter, "enter").await.expect(200);
    let mut messages = open.form("messages");
    messages.set("text", ACCOUNT);
    let help = away(&app, &messages, "/km/help?mailbox", "open").await;
    let again = back(&app, &help, "open").await.form("messages");
    // A browser makes the same of both ends of a line.
    let text = again.value("text").map(|text| text.replace("\r\n", "\n"));
    assert_eq!(text.as_deref(), Some(ACCOUNT));
}

/// Every page with a form in which something may stand has no link in its head, only buttons of that form.
#[tokio::test(flavor = "multi_thread")]
async fn no_page_with_words_has_a_link_that_loses_them() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let form = reporter.fill(&[("account", ACCOUNT)]).await;
    let review = app.public.submit(&form, "review").await.expect(200);
    let wrong = app
        .public
        .submit(&reporter.open_form().await, "review")
        .await
        .expect(422);
    let helped = away(&app, &form, "/en/help?report", "edit").await;
    let first = away(&app, &form, "/en/?report", "edit").await;
    let sent = app
        .public
        .submit(&review.form("form"), "send")
        .await
        .expect(200);
    let open = reporter.mailbox(&code_of(&sent)).await.page;
    let pages = [
        app.public.get("/en/report").await,
        wrong,
        review,
        sent,
        app.public.get("/en/mailbox").await,
        reporter.try_code("1234").await,
        open,
        helped,
        first,
    ];
    for page in pages {
        let body = page.body();
        let head = body.split("<main").next().unwrap();
        let links: Vec<&str> = head.split("<a ").skip(1).collect();
        assert_eq!(links.len(), 1, "only the way past the head: {links:?}");
        // First page, help, and each of the other languages.
        let others = Locale::all().count() - 1;
        assert_eq!(head.matches("formaction=").count(), 2 + others, "{head}");
    }
}

/// Whoever looks over a shoulder sees a fault of some site.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_for_whoever_is_not_alone_says_nothing_of_what_this_is() {
    let app = TestApp::start().await;
    for lang in ["en", "km", "vi", "th", "zh-Hans"] {
        let first = app.public.get(&format!("/{lang}/")).await.expect(200);
        assert!(first.body().contains(&format!("href=\"/{lang}/later\"")));
        let page = app.public.get(&format!("/{lang}/later")).await.expect(200);
        let body = page.body();
        let home = format!("<a href=\"/{lang}/\">");
        assert_eq!(body.matches("<a ").count(), 1, "{body}");
        assert!(body.contains(&home), "{body}");
        for telling in ["<img", "<form", "tel:", "report", "class=", "Kapea"] {
            assert!(!body.contains(telling), "{telling}: {body}");
        }
    }
}

/// Who is told to call finds the numbers there.
#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_says_to_call_has_the_numbers_in_it() {
    let app = TestApp::start().await;
    for lang in ["en", "km"] {
        let reporter = app.reporter(lang);
        let first = app.public.get(&reporter.path("report")).await;
        let form = reporter.fill(&[("account", ACCOUNT)]).await;
        let signs = app.public.submit(&form, "edit:signs").await.expect(200);
        for (page, expected) in [(first, 1), (signs, 2)] {
            let body = page.body();
            let notices = body.split("class=\"shown\"").skip(1);
            let with_numbers = notices.filter(|notice| {
                let notice = notice.split("</div>").next().unwrap();
                notice.contains("href=\"tel:")
            });
            assert_eq!(with_numbers.count(), expected, "{lang}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_takes_what_the_browser_keeps() {
    let app = TestApp::start().await;
    for path in ["/en/", "/km/report", "/km/mailbox", "/en/nothing"] {
        let bar = app
            .public
            .get(path)
            .await
            .document()
            .attributes("a", "href");
        assert!(bar.iter().any(|to| to == "/leave"), "{path}");
    }
    let blank = app.public.get("/leave").await.expect(200);
    assert!(blank.body().contains("content=\"0; url=/leave?on\""));
    let away = app.public.get("/leave?on").await.expect(303);
    assert_eq!(away.header("clear-site-data"), Some("\"cache\""));
    assert_eq!(away.header("location"), Some("https://weather.example/"));
}
