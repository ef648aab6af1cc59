//! A report's page is one form: whichever button is pressed, every word on it comes back, and two clicks are one act.

use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::html::Form;
use crate::support::staff::Session;

/// Every field of the page that takes words, with words of its own.
fn written(page: &Page) -> (Form, Vec<(String, String)>) {
    let mut form = page.form("work");
    let mut words = Vec::new();
    for (number, name) in page
        .document()
        .attributes("textarea", "name")
        .iter()
        .enumerate()
    {
        let text = format!("words-{number} for <{name}> ក្មេង");
        form.set(name, &text);
        words.push((name.clone(), text));
    }
    (form, words)
}

async fn press(session: &Session, form: &Form, path: &str, extra: &[(&str, &str)]) -> Page {
    let mut fields = form.fields.clone();
    for (name, value) in extra {
        fields.retain(|(field, _)| field != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    session.post_fields(path, &fields).await
}

#[track_caller]
fn still_there(page: &Page, words: &[(String, String)], but: &str) {
    let form = page.form("work");
    for (name, text) in words.iter().filter(|(name, _)| !name.starts_with(but)) {
        if let Some(value) = form.value(name) {
            assert_eq!(value.trim_start_matches('\n'), text, "{name} after {but}");
        } else {
            assert!(page.text().contains("words-"), "{name} is gone after {but}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_button_is_pressed_every_other_word_stays() {
    let app = TestApp::start().await;
    app.reporter("en")
        .file(&[("account", "Her uncle."), ("danger", "now")])
        .await;
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    let at = |what: &str| format!("/reports/{report}/{what}");
    // Done, and the rest stays.
    for (what, extra, part) in [
        ("note", vec![], "note"),
        ("message", vec![], "message"),
        ("urgency", vec![("urgency", "U0")], "urgency"),
        ("hold", vec![], "hold"),
        (
            "propose",
            vec![
                ("kind", "no_action"),
                ("no_action-class", "no_action"),
                ("no_action-outcome", "cannot_act"),
            ],
            "no_action",
        ),
        ("ask", vec![], "message"),
        ("rest", vec![], "rest"),
        ("act", vec![("act", "resume")], "act"),
    ] {
        let (form, words) = written(&sokha.read(&report).await.expect(200));
        assert!(words.len() > 4, "{words:?}");
        let page = press(&sokha, &form, &at(what), &extra).await.expect(200);
        assert_eq!(page.document().of_class("done").len(), 1, "{what}");
        still_there(&page, &words, part);
        let own = page.form("work");
        for name in [part.to_owned(), format!("{part}-reason")] {
            let sent = words.iter().find(|(field, _)| *field == name);
            let left = own.value(&name).map(str::trim);
            assert!(
                sent.is_none_or(|(_, text)| left != Some(text)),
                "{what} keeps {name}"
            );
        }
    }
    // Refused, and everything stays.
    let (form, words) = written(&sokha.read(&report).await.expect(200));
    for (what, extra) in [
        ("act", vec![("act", "link"), ("linked", "zz")]),
        ("urgency", vec![("urgency", "U9")]),
        ("note", vec![("note", " ")]),
        ("retain", vec![("retain-class", "nothing")]),
        ("share", vec![]),
        ("restrict", vec![]),
        ("approve", vec![("proposal", "x")]),
        ("export", vec![("export", "x")]),
        ("propose", vec![("kind", "nothing")]),
    ] {
        let page = press(&sokha, &form, &at(what), &extra).await;
        assert!(matches!(page.status, 409 | 422), "{what}: {}", page.status);
        let but = extra.first().map_or("-", |(name, _)| *name);
        still_there(&page, &words, but);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_stands_beside_its_input_and_words_without_an_input_are_given_back() {
    let app = TestApp::start().await;
    app.reporter("en").file(&[("account", "Her uncle.")]).await;
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    let at = |what: &str| format!("/reports/{report}/{what}");
    let form = sokha.read(&report).await.expect(200).form("work");
    let members = form.value("assign-staff").unwrap_or_default().to_owned();
    let class = ("no_action-class", "child_identified");
    for (what, extra, ids) in [
        ("note", vec![], vec!["note"]),
        (
            "urgency",
            vec![("urgency", "U9")],
            vec!["urgency", "urgency-reason"],
        ),
        (
            "act",
            vec![("act", "link"), ("linked", "zz")],
            vec!["linked", "act-reason"],
        ),
        ("act", vec![], vec!["act", "act-reason"]),
        ("assign", vec![("assign-staff", "x")], vec!["assign-staff"]),
        ("restrict", vec![], vec!["restrict-staff"]),
        (
            "restrict",
            vec![("restrict-staff", &members)],
            vec!["restrict-reason"],
        ),
        ("retain", vec![("retain-class", "x")], vec!["retain-class"]),
        ("hold", vec![], vec!["hold-reason"]),
        (
            "propose",
            vec![("kind", "no_action"), class, ("no_action-until", "soon")],
            vec!["no_action-until"],
        ),
        ("propose", vec![("kind", "shred")], vec!["shred-reason"]),
    ] {
        let page = press(&sokha, &form, &at(what), &extra).await.expect(422);
        let beside = page.document().attributes("p.error", "id");
        let expected: Vec<String> = ids.iter().map(|id| format!("{id}-error")).collect();
        assert_eq!(beside, expected, "{what} {extra:?}");
    }
    // A part that is not there (any more) and one that was sent with other ends of lines.
    let extra = [
        ("kind", "gone"),
        ("gone-reason", TYPED),
        ("note", "one\r\ntwo"),
    ];
    let page = press(&sokha, &form, &at("propose"), &extra)
        .await
        .expect(422);
    page.says(TYPED);
    let note = page.form("work").value("note").map(str::to_owned);
    assert_eq!(note.as_deref().map(str::trim_start), Some("one\ntwo"));
    // What is refused before any handler runs comes back too.
    let mut foreign = form.fields.clone();
    foreign.retain(|(name, _)| name != "csrf" && name != "note");
    foreign.push(("note".to_owned(), TYPED.to_owned()));
    let page = sokha.post_fields(&at("note"), &foreign).await.expect(403);
    page.says(TYPED);
}

const TYPED: &str = "words of somebody's own";

#[tokio::test(flavor = "multi_thread")]
async fn another_language_and_giving_back_lose_no_word() {
    let app = TestApp::start().await;
    app.reporter("en").file(&[("account", "Her uncle.")]).await;
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    let page = sokha.read(&report).await.expect(200);
    let (form, words) = written(&page);
    let languages: Vec<_> = form
        .buttons
        .iter()
        .filter(|button| button.name == "lang")
        .collect();
    assert_eq!(languages.len(), 1);
    let to = languages[0].action.clone().unwrap();
    let page = press(&sokha, &form, &to, &[("lang", &languages[0].value)])
        .await
        .expect(200);
    assert_eq!(page.language(), "km");
    still_there(&page, &words, "-");
    assert!(
        page.header("set-cookie")
            .is_some_and(|cookie| cookie.contains("km"))
    );
    let page = press(&sokha, &form, &format!("/reports/{report}/release"), &[]).await;
    let page = page.expect(200);
    for (_, text) in &words {
        page.says(text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clicks_are_one_note_one_message_and_one_question() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let code = reporter.file(&[("account", "Her uncle.")]).await;
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    let at = |what: &str| format!("/reports/{report}/{what}");
    for (what, field) in [("note", "note"), ("message", "message"), ("ask", "message")] {
        let mut form = sokha.read(&report).await.expect(200).form("work");
        form.set(field, what);
        let (path, clicks) = (at(what), 3);
        let sent = (0..clicks).map(|_| sokha.post_fields(&path, &form.fields));
        for page in futures_util::future::join_all(sent).await {
            page.expect(303);
        }
        // The same page with other words is another one.
        if what != "ask" {
            form.set(field, &format!("{what} again"));
            sokha.post_fields(&path, &form.fields).await.expect(303);
        }
    }
    let read = sokha.read(&report).await.expect(200);
    let shown = read.document().of_class("inert");
    // All within one second: in the order in which they came.
    let written = ["note", "note again", "message", "message again", "ask"];
    let shown: Vec<&String> = (shown.iter())
        .filter(|one| written.contains(&one.as_str()))
        .collect();
    assert_eq!(shown, written);
    let mailbox = reporter.mailbox(&code).await;
    assert_eq!(mailbox.messages(), ["message", "message again", "ask"]);
}
