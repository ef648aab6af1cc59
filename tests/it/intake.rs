//! The whole way of a report: from a phone to a caseworker and back, in both languages.

use kapea::domain::form::{BUILT_IN, FormDefinition};

use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::reporter::code_of;

const ENGLISH: &str = "The neighbour hits her with a belt. She is eight. <b>Please</b> & quickly.";
const KHMER: &str = "អ្នកជិតខាងវាយកូនគាត់ជារៀងរាល់យប់។\nក្មេងស្រីអាយុ៨ឆ្នាំ។";

/// From report to answer and back, in one language.
async fn whole_way(lang: &'static str, account: &str, answer: &str, reply: &str) {
    let app = TestApp::start().await;
    let reporter = app.reporter(lang);
    let page = reporter
        .send(&[("danger", "over"), ("account", account)])
        .await
        .expect(200);
    assert_eq!(page.language(), lang);
    let code = code_of(&page);

    let caseworker = app.sign_in("sokha").await;
    let queue = caseworker.queue("").await;
    assert_eq!(queue.len(), 1);
    let report = &queue[0];
    caseworker.claim(report).await.expect(303);
    let read = caseworker.read(report).await.expect(200);
    assert!(
        read.document()
            .of_class("inert")
            .iter()
            .any(|text| text == account),
        "{}",
        read.text()
    );
    caseworker.message(report, answer).await.expect(303);

    let mut mailbox = reporter.mailbox(&code).await;
    assert_eq!(mailbox.messages(), [answer]);
    mailbox
        .page
        .says_nothing_of(account.split_whitespace().nth(1).unwrap_or(account));
    mailbox.page = mailbox.write(reply).await.expect(200);
    let read = caseworker.read(report).await.expect(200);
    assert!(
        read.document()
            .of_class("inert")
            .iter()
            .any(|text| text == reply),
        "{}",
        read.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_in_khmer_is_read_answered_and_answered_back() {
    whole_way("km", KHMER, "តើក្មេងនៅឯណាឥឡូវនេះ?", "នៅផ្ទះ\u{200B}យាយ").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_in_english_is_read_answered_and_answered_back() {
    whole_way(
        "en",
        ENGLISH,
        "Where is she now?",
        "With her grandmother.\nSafe tonight.",
    )
    .await;
}

/// A page without the one field whose bytes are fresh each time although it says the same.
fn without_kept(page: &Page) -> String {
    let kept = page.form("check").value("kept").unwrap().to_owned();
    page.body()
        .replace(&kept, "KEPT")
        .replace(&picture(page), "PICTURE")
}

/// Where the picture lies by which the page with the code says that it has arrived.
fn picture(page: &Page) -> String {
    let body = page.body();
    let (_, after) = body.split_once("src=\"/arrived?").expect("a picture");
    let (query, _) = after.split_once('"').expect("its end");
    format!("/arrived?{query}")
}

/// The same by every way that leads to it: the form, its review, sending, the numbers, the first page. What was added is not lost.
#[tokio::test(flavor = "multi_thread")]
async fn once_the_page_with_the_code_has_arrived_the_same_form_shows_neither() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let review = reporter.review(&[("account", ENGLISH)]).await.form("form");
    let sent = app.public.submit(&review, "send").await.expect(200);
    let again = app.public.submit(&review, "send").await.expect(200);
    assert_eq!(without_kept(&sent), without_kept(&again));
    let mut check = sent.form("check");
    check.set("typed", "1234");
    let checked = app.public.submit(&check, "check").await.expect(422);
    app.public.get(&picture(&sent)).await.expect(200);
    let code = code_of(&sent);
    let hides = |page: &Page| {
        let starts = (0..24).step_by(4);
        let shows_code = starts
            .map(|at| &code[at..at + 4])
            .all(|group| page.body().contains(group));
        !page.body().contains("hits her with a belt") && !shows_code
    };
    for step in ["send", "review", "edit", "edit:what", ""] {
        let page = app.public.submit(&review, step).await.expect(410);
        assert!(hides(&page), "{step}: {}", page.body());
    }
    for to in ["/en/help?report", "/en/?report"] {
        let mut left = review.clone();
        left.action = to.to_owned();
        let page = app.public.submit(&left, "edit").await.expect(200);
        assert!(hides(&page), "{to}");
    }
    // The check of what was written down goes on from the page that is open, and from no earlier one.
    let mut check = checked.form("check");
    check.set("typed", &code);
    app.public.get(&picture(&checked)).await.expect(200);
    app.public
        .submit(&sent.form("check"), "check")
        .await
        .expect(422);
    assert!(hides(
        &app.public.submit(&sent.form("check"), "check").await
    ));
    assert!(!hides(
        &app.public.submit(&check, "check").await.expect(200)
    ));
    // Another text is another report's.
    let mut more = review;
    more.set("account", "and there is more");
    let page = app.public.submit(&more, "send").await.expect(409);
    assert!(page.body().contains("and there is more"));
    assert_eq!(app.sign_in("sokha").await.queue("").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_sent_twice_is_one_report_and_one_page() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let answers = [("danger", "over"), ("account", ENGLISH)];
    let review = reporter.review(&answers).await.form("form");
    let (first, second) = tokio::join!(
        app.public.submit(&review, "send"),
        app.public.submit(&review, "send")
    );
    let third = app.public.submit(&review, "send").await;
    let pages = [first.expect(200), second.expect(200), third.expect(200)];
    for page in &pages {
        assert_eq!(without_kept(page), without_kept(&pages[0]));
        assert_eq!(page.bytes.len(), pages[0].bytes.len());
    }
    assert_eq!(app.sign_in("sokha").await.queue("").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_with_other_answers_is_refused_and_given_back() {
    let app = TestApp::start().await;
    let mut form = app
        .reporter("en")
        .fill(&[("danger", "over"), ("account", ENGLISH)])
        .await;
    let code = code_of(&app.public.submit(&form, "send").await.expect(200));
    form.set("account", "Something else entirely.");
    let refused = app.public.submit(&form, "send").await.expect(409);
    refused
        .says("Something else entirely.")
        .says_nothing_of(&code);
    assert_eq!(app.sign_in("sokha").await.queue("").await.len(), 1);
    // With the new ticket of that page it goes through, as a report of its own.
    let other = code_of(
        &app.public
            .submit(&refused.form("form"), "send")
            .await
            .expect(200),
    );
    assert_ne!(other, code);
}

/// An answer to every question there is.
fn every_answer() -> Vec<(String, String)> {
    let form =
        FormDefinition::from_toml(BUILT_IN, &["main", "officials"]).expect("the built-in form");
    form.questions()
        .map(|question| {
            let value = match question.options.last() {
                Some(option) => option.id.clone(),
                None => format!(
                    "answer to {} with  two spaces, \"quotes\" & <marks>",
                    question.id
                ),
            };
            // The follow-up questions about safe contact matter with this answer.
            let value = if question.id == "contact" {
                "phone".to_owned()
            } else {
                value
            };
            (question.id.clone(), value)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn review_edit_and_change_of_language_keep_everything() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let answers = every_answer();
    let pairs: Vec<(&str, &str)> = answers
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let typed = reporter.fill(&pairs).await;
    let ticket = typed.value("ticket").unwrap().to_owned();
    let mut form = app
        .public
        .submit(&typed, "review")
        .await
        .expect(200)
        .form("form");
    for step in ["edit", "review", "edit:what", "review"] {
        form = app
            .public
            .submit(&form, step)
            .await
            .expect(200)
            .form("form");
        assert_eq!(form.value("ticket"), Some(ticket.as_str()), "{step}");
        for (name, value) in &answers {
            assert_eq!(
                form.value(name),
                Some(value.as_str()),
                "{name} after {step}"
            );
        }
    }
    // In the other language, too.
    form.action = "/km/report".to_owned();
    let khmer = app.public.submit(&form, "edit").await.expect(200);
    assert_eq!(khmer.language(), "km");
    for (name, value) in &answers {
        assert_eq!(
            khmer.form("form").value(name),
            Some(value.as_str()),
            "{name} in Khmer"
        );
    }
    app.public
        .submit(&khmer.form("form"), "send")
        .await
        .expect(200);
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await.expect(303);
    let read = caseworker.read(&report).await.expect(200);
    let shown = read.document().of_class("inert");
    for (name, value) in answers
        .iter()
        .filter(|(_, value)| value.starts_with("answer to"))
    {
        assert!(
            shown.iter().any(|text| text == value),
            "{name} as it was written"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_alone_is_a_report_and_nothing_is_not() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    reporter
        .file(&[("link", "https://example.org/that-page")])
        .await;
    for step in ["review", "send"] {
        let form = reporter
            .fill(&[("danger", "over"), ("when", "last week")])
            .await;
        let page = app.public.submit(&form, step).await.expect(422);
        assert_eq!(page.form("form").value("when"), Some("last week"));
    }
    assert_eq!(app.sign_in("sokha").await.queue("").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_retype_check_knows_right_from_wrong_and_ends() {
    let app = TestApp::start().await;
    let page = app
        .reporter("km")
        .send(&[("account", KHMER)])
        .await
        .expect(200);
    let code = code_of(&page);
    let mut check = page.form("check");
    check.set("typed", &code);
    let right = app.public.submit(&check, "check").await.expect(200);
    assert_eq!(code_of(&right), code);
    check.set("typed", &format!("{}{}", &code[1..], &code[..1]));
    let wrong = app.public.submit(&check, "check").await.expect(422);
    assert_eq!(
        code_of(&wrong),
        code,
        "the code stays on the page until it is copied rightly"
    );
    assert_ne!(right.text(), wrong.text());
    app.clock.advance(31 * 60);
    let gone = app.public.submit(&check, "check").await.expect(422);
    gone.says_nothing_of(&code);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_signed_charter_the_form_says_so_before_anything_is_typed() {
    let founded = TestApp::founded().await;
    for lang in ["en", "km"] {
        let reporter = founded.app.reporter(lang);
        let page = founded
            .app
            .public
            .get(&reporter.path("report"))
            .await
            .expect(200);
        assert_eq!(page.language(), lang);
        page.says(crate::support::settings::PHONE);
        assert!(
            page.document()
                .forms()
                .iter()
                .all(|form| form.action != reporter.path("report"))
        );
    }
    // Somebody had the form open from before: what they typed comes back, and the numbers.
    let typed = crate::support::client::fields(&[
        ("step", "send"),
        ("ticket", "old"),
        ("account", ENGLISH),
    ]);
    let page = founded
        .app
        .public
        .post("/en/report", &typed)
        .await
        .expect(503);
    page.says(crate::support::settings::PHONE);
    assert!(
        page.document()
            .of_element("textarea")
            .concat()
            .contains(ENGLISH),
        "{}",
        page.text()
    );
}
