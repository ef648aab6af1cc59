//! A report's page in reading order, answers that are ready to be put in, and what the words of the desk mean.

use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::staff::Session;

const KHMER: &[(&str, &str)] = &[
    ("danger", "over"),
    ("place", "near the market"),
    ("account", "នាងប្រាប់ខ្ញុំ។"),
];
const READY: &str = "[{ name_en = \"Read\", name_km = \"អាន\", text_en = \"We have read it.\", text_km = \"យើងបានអានហើយ។\" }, \
     { name_en = \"Where\", name_km = \"ណា\", text_en = \"Where is it?\", text_km = \"នៅណា?\" }]";

async fn taken(app: &TestApp, lang: &'static str) -> (Session, String) {
    app.reporter(lang).file(KHMER).await;
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    (sokha, report)
}

fn facts(page: &Page) -> Vec<String> {
    page.document().of_element(".answered tr")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_comes_first_and_facts_are_in_the_readers_language() {
    let app = TestApp::start().await;
    let (sokha, report) = taken(&app, "km").await;
    let page = sokha.read(&report).await.expect(200);
    let texts = page
        .document()
        .of_element(".reading .account, .reading .answered");
    assert!(texts[0].contains("ប្រាប់"), "the account is first: {texts:?}");
    let facts = facts(&page);
    assert!(
        facts.iter().all(|line| !line.contains("ប្រាប់")),
        "it is no fact"
    );
    assert!(facts.iter().any(|line| line.contains("near the market")));
    let labels = page.document().of_element(".answered th").concat();
    assert!(
        labels.is_ascii() || !labels.contains('ក'),
        "in English: {labels}"
    );
    let original = page.document().of_element("details.original").concat();
    let khmer = |text: &str| text.chars().any(|c| ('\u{1780}'..='\u{17ff}').contains(&c));
    assert!(khmer(&original) && !khmer(&labels), "{original} {labels}");
    // Whoever reads what the reporter saw needs no original.
    let own = TestApp::start().await;
    let (sokha, report) = taken(&own, "en").await;
    let page = sokha.read(&report).await.expect(200);
    assert!(page.document().of_element("details.original").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_ready_is_put_below_what_was_written_in_the_reporters_language() {
    let app = TestApp::start_with(&[("hotline", &format!("answers = {READY}"))]).await;
    let (sokha, report) = taken(&app, "km").await;
    let page = sokha.read(&report).await.expect(200);
    page.says("Ready-made answers")
        .says("We have read it.")
        .says("យើងបានអានហើយ។");
    let mut form = page.form("work");
    form.set("message", "Thank you.")
        .set("note", "Half a note")
        .set("ready", "1-km");
    let path = format!("/reports/{report}/keep");
    let page = sokha.post_fields(&path, &form.fields).await.expect(200);
    let form = page.form("work");
    assert_eq!(form.value("message"), Some("Thank you.\n\nនៅណា?"));
    assert_eq!(
        form.value("note"),
        Some("Half a note"),
        "nothing else is lost"
    );
    // What is none of them changes nothing.
    for other in ["9-km", "x", "1-", "-1-km"] {
        let mut form = sokha.read(&report).await.expect(200).form("work");
        form.set("message", "Thank you.").set("ready", other);
        let page = sokha.post_fields(&path, &form.fields).await.expect(200);
        assert_eq!(
            page.form("work").value("message"),
            Some("Thank you."),
            "{other}"
        );
    }
    let mailbox = app.reporter("km");
    drop(mailbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_words_mean_and_what_waits_is_one_step_away() {
    let app = TestApp::start().await;
    let (sokha, report) = taken(&app, "en").await;
    for page in ["/queue".to_owned(), format!("/reports/{report}")] {
        let page = sokha.get(&page).await.expect(200);
        assert!(
            page.document()
                .attributes("a", "href")
                .contains(&"/glossary".to_owned())
        );
        let scripts = page.document().attributes("script", "src");
        assert!(
            scripts.len() == 1 && scripts[0].starts_with("/static/desk.js"),
            "{scripts:?}"
        );
    }
    let page = sokha.get("/glossary").await.expect(200);
    page.says("A child is in danger now or today.")
        .says("15 min")
        .says("It rings nobody until then.");
    let counts = sokha.get("/queue/counts?unattended=yes").await.expect(200);
    assert_eq!(counts.body(), r#"{"title":"(1) ","line":"1 for you"}"#);
    let admin = app.sign_in("admin").await;
    let page = admin.get("/people").await.expect(200);
    assert!(
        page.document().attributes("script", "src").is_empty(),
        "no desk"
    );
}
