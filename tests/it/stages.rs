//! The form in stages: a first page that is short, and everything else a section at a time, before sending and after.

use std::io::Write as _;

use kapea::domain::form::{BUILT_IN, FormDefinition, Stage};

use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::html::Form;
use crate::support::reporter::{code_of, fill};

const ACCOUNT: &str = "Marker-of-the-account: he comes at night.";

fn definition() -> FormDefinition {
    FormDefinition::from_toml(BUILT_IN, &["main", "officials"]).expect("the built-in form")
}

fn sections() -> Vec<String> {
    let form = definition();
    let more = form.of_stage(Stage::More);
    more.map(|section| section.id.clone()).collect()
}

/// Names of the fields that a page asks for, without those that it only carries.
fn asked(page: &Page) -> Vec<String> {
    let document = page.document();
    let mut names = document.attributes("input:not([type=hidden]):not([hidden]), textarea", "name");
    names.dedup();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_asks_little_and_every_page_is_light() {
    let app = TestApp::start().await;
    for lang in ["en", "km"] {
        let reporter = app.reporter(lang);
        let first = app.public.get(&reporter.path("report")).await.expect(200);
        assert_eq!(asked(&first), ["danger", "account", "link"]);
        light(&first);
        let review = reporter.review(&[("account", ACCOUNT)]).await;
        light(&review);
        let mut seen = asked(&first);
        for section in sections() {
            let page = app
                .public
                .submit(&review.form("form"), &format!("edit:{section}"))
                .await
                .expect(200);
            light(&page);
            let names = asked(&page);
            assert!(!names.is_empty() && !names.contains(&"account".to_owned()));
            assert_eq!(page.form("form").value("account"), Some(ACCOUNT));
            assert_eq!(
                page.document().of_element("form .button").len(),
                1,
                "{section}"
            );
            seen.extend(names);
        }
        let home = app.public.get(&reporter.path("")).await.expect(200);
        for door in definition().of_stage(Stage::Door) {
            let step = format!("door:{}", door.id);
            let forms = home.forms_to(&reporter.path("report"));
            let form = forms.iter().find(|form| form.offers(&step));
            let page = app.public.submit(form.expect("a door"), &step).await;
            let page = page.expect(200);
            light(&page);
            seen.extend(asked(&page));
        }
        seen.sort_unstable();
        let mut all: Vec<String> = definition().questions().map(|one| one.id.clone()).collect();
        all.sort_unstable();
        assert_eq!(seen, all, "every question has its page");
    }
}

fn light(page: &Page) {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&page.bytes).expect("in memory");
    let sent = gzip.finish().expect("in memory").len();
    assert!(sent <= 12_000, "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_review_shows_what_was_answered_and_offers_the_rest_after_sending() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let page = reporter
        .review(&[
            ("account", ACCOUNT),
            ("when", "every Sunday"),
            ("told", "police"),
        ])
        .await;
    let questions = page.document().of_element("dt");
    assert_eq!(questions.len(), 3, "{questions:?}");
    let buttons = page.form("form").buttons;
    let steps: Vec<&str> = (buttons.iter())
        .map(|button| button.value.as_str())
        .filter(|step| step.starts_with("edit") || *step == "send")
        .collect();
    let expected = [
        "edit:barred",
        "send",
        "edit",
        "edit:you",
        "edit:signs",
        "edit:what",
        "edit:where",
        "edit:people",
        "edit:contact",
    ];
    assert_eq!(steps.strip_prefix(&["review"]).unwrap_or(&steps), expected);
    // Once it is said who must not be told, it stands with the others.
    let page = reporter
        .review(&[("account", ACCOUNT), ("barred", "police")])
        .await;
    let steps: Vec<String> = (page.form("form").buttons.into_iter())
        .map(|button| button.value)
        .collect();
    let place = |step: &str| steps.iter().position(|one| one == step);
    assert!(place("send") < place("edit:barred"), "{steps:?}");
}

/// How many questions those orders answer: not the link, and nothing behind a door.
fn told_of(form: &FormDefinition) -> usize {
    let doors = form.of_stage(Stage::Door).flat_map(|door| &door.questions);
    form.questions().count() - 1 - doors.count()
}

/// A few of all orders, always the same ones.
fn orders(of: &[String]) -> Vec<Vec<String>> {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    let mut orders = Vec::new();
    for _ in 0..6 {
        let mut order = of.to_vec();
        for place in (1..order.len()).rev() {
            order.swap(place, next(place + 1));
        }
        orders.push(order);
    }
    orders
}

/// What is typed or picked in a section, different for each.
fn answers_of(id: &str) -> Vec<(String, String)> {
    let form = definition();
    let section = form.section(id).expect("a section");
    let answers = section.questions.iter().map(|question| {
        let picked = question.options.last().map(|option| option.id.clone());
        let picked = match question.id.as_str() {
            "contact" => Some("phone".to_owned()),
            "relation" => Some("me".to_owned()),
            _ => picked,
        };
        let typed = format!("Words of {}: \"&<>\u{200b} ក្មេង", question.id);
        (question.id.clone(), picked.unwrap_or(typed))
    });
    answers.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_whatever_order_the_sections_are_visited_no_word_is_lost() {
    let app = TestApp::start().await;
    for (number, order) in orders(&sections()).iter().enumerate() {
        let reporter = app.reporter(if number % 2 == 0 { "km" } else { "en" });
        let mut page = reporter
            .review(&[("account", ACCOUNT), ("danger", "over")])
            .await;
        let mut told = vec![("account".to_owned(), ACCOUNT.to_owned())];
        for section in order {
            page = app
                .public
                .submit(&page.form("form"), &format!("edit:{section}"))
                .await
                .expect(200);
            let answers = answers_of(section);
            let pairs: Vec<(&str, &str)> = answers
                .iter()
                .map(|(a, b)| (a.as_str(), b.as_str()))
                .collect();
            let mut form = page.form("form");
            fill(&mut form, &pairs);
            told.extend(answers);
            // To the numbers and back, and into the other language, in the middle of it.
            let mut fields = form.fields.clone();
            fields.push(("step".to_owned(), "edit".to_owned()));
            let help = app
                .public
                .post("/km/help?report", &fields)
                .await
                .expect(200);
            let again = app
                .public
                .submit(&help.form("kept"), "edit")
                .await
                .expect(200);
            assert_eq!(asked(&again), asked(&page), "the same section");
            page = app
                .public
                .submit(&again.form("form"), "review")
                .await
                .expect(200);
            holds(&page.form("form"), &told);
        }
        let code = code_of(
            &app.public
                .submit(&page.form("form"), "send")
                .await
                .expect(200),
        );
        assert_eq!(code.len(), 24);
    }
    let caseworker = app.sign_in("sokha").await;
    for report in caseworker.queue("").await {
        caseworker.claim(&report).await.expect(303);
        let read = caseworker.read(&report).await.expect(200);
        assert_eq!(
            read.document()
                .of_element(".reading .question, .answered th")
                .len(),
            told_of(&definition())
        );
    }
}

#[track_caller]
fn holds(form: &Form, told: &[(String, String)]) {
    for (name, value) in told {
        assert_eq!(form.value(name), Some(value.as_str()), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_shown_alone_and_the_rest_is_carried() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let page = reporter
        .review(&[("account", ACCOUNT), ("child", "A girl.")])
        .await;
    let page = app
        .public
        .submit(&page.form("form"), "edit:where")
        .await
        .expect(200);
    let mut form = page.form("form");
    form.set("when", &"x".repeat(2_001));
    let wrong = app.public.submit(&form, "review").await.expect(422);
    assert_eq!(asked(&wrong), ["when", "place"]);
    assert_eq!(wrong.form("form").value("child"), Some("A girl."));
    form.set("when", "Sunday").set("child", &"y".repeat(2_001));
    let wrong = app.public.submit(&form, "review").await.expect(422);
    assert_eq!(asked(&wrong), ["child", "suspect", "told"]);
    assert_eq!(wrong.form("form").value("when"), Some("Sunday"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pick_can_be_taken_back() {
    let app = TestApp::start().await;
    let page = app
        .reporter("en")
        .review(&[("account", ACCOUNT), ("danger", "over")])
        .await;
    let again = app
        .public
        .submit(&page.form("form"), "edit")
        .await
        .expect(200);
    assert!(
        again
            .document()
            .attributes("input[name=danger]", "value")
            .contains(&String::new())
    );
    let mut form = again.form("form");
    form.set("danger", "");
    let page = app.public.submit(&form, "review").await.expect(200);
    assert_eq!(page.form("form").value("danger"), None);
    assert_eq!(page.document().of_element("dt").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_up_to_another_page_is_asked_only_if_it_follows() {
    // Within its section the stylesheet decides, so that it is there; what was typed stays in any case.
    let app = TestApp::start().await;
    let page = app.reporter("en").review(&[("account", ACCOUNT)]).await;
    let page = app
        .public
        .submit(&page.form("form"), "edit:contact")
        .await
        .expect(200);
    let follows = page.document().attributes(".follow", "class");
    assert_eq!(follows.len(), 6, "{follows:?}");
    let mut form = page.form("form");
    form.set("contact", "phone")
        .set("contact-how", "012 345 678");
    let page = app.public.submit(&form, "review").await.expect(200);
    page.says("012 345 678");
}

#[tokio::test(flavor = "multi_thread")]
async fn once_it_is_about_her_it_speaks_to_her() {
    let app = TestApp::start().await;
    for (lang, other, me) in [
        ("en", "How old is the child?", "How old are you?"),
        ("km", "តើកុមារអាយុប៉ុន្មាន?", "តើអ្នកអាយុប៉ុន្មាន?"),
    ] {
        let reporter = app.reporter(lang);
        let says = async |answers: &[(&str, &str)]| {
            let page = reporter.review(answers).await;
            let page = app
                .public
                .submit(&page.form("form"), "edit:you")
                .await
                .expect(200);
            page.text().replace('\u{200b}', "")
        };
        let about = says(&[("account", ACCOUNT)]).await;
        assert!(about.contains(other) && !about.contains(me), "{about}");
        let about = says(&[("account", ACCOUNT), ("relation", "me")]).await;
        assert!(about.contains(me) && !about.contains(other), "{about}");
    }
    let reporter = app.reporter("en");
    let page = reporter
        .review(&[
            ("account", ACCOUNT),
            ("relation", "me"),
            ("kind", "touching"),
        ])
        .await;
    page.says("Someone touches me in a sexual way");
    // The team reads what she read, and afterwards the form still speaks to her.
    let sent = app
        .public
        .submit(&page.form("form"), "send")
        .await
        .expect(200);
    let more = app
        .public
        .submit(&sent.form("more"), "more:what")
        .await
        .expect(200);
    more.says("Someone is hurting me").says_nothing_of(ACCOUNT);
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await.expect(303);
    caseworker
        .read(&report)
        .await
        .expect(200)
        .says("Someone touches me in a sexual way");
}

#[tokio::test(flavor = "multi_thread")]
async fn danger_is_said_back_only_to_whoever_said_so() {
    const NOW: &str = "You said that it is happening now.";
    const DYING: &str = "You told us that a child talks about dying.";
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    for (answer, said, unsaid) in [
        (("danger", "now"), vec![NOW], vec![DYING]),
        (("signs", "dying"), vec![DYING], vec![NOW]),
        (("signs", "weapon"), vec![], vec![NOW, DYING]),
        (("danger", "over"), vec![], vec![NOW, DYING]),
    ] {
        let page = reporter.review(&[("account", ACCOUNT), answer]).await;
        let sent = app
            .public
            .submit(&page.form("form"), "send")
            .await
            .expect(200);
        let check = app
            .public
            .submit(&sent.form("check"), "check")
            .await
            .expect(200);
        for page in [&page, &sent, &check] {
            for words in &said {
                page.says(words);
                assert!(!page.document().of_element("main .number").is_empty());
            }
            for words in &unsaid {
                page.says_nothing_of(words);
            }
        }
    }
}

/// The texts that a caseworker reads under the one report.
async fn read(app: &TestApp) -> Vec<String> {
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await;
    let page = caseworker.read(&report).await.expect(200);
    page.document().of_class("inert")
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_code_more_can_be_told_without_typing_it() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let sent = reporter.send(&[("account", ACCOUNT)]).await.expect(200);
    let where_page = app
        .public
        .submit(&sent.form("more"), "more:where")
        .await
        .expect(200);
    assert_eq!(asked(&where_page), ["when", "place"]);
    let mut form = where_page.form("messages");
    form.set("when", "Every Sunday.")
        .set("place", "Behind the market.\nThe blue door.");
    let told = app.public.submit(&form, "tell").await.expect(200);
    // Sent twice from one page it is one message.
    app.public.submit(&form, "tell").await.expect(200);
    let expected = "When did it happen, or when will it happen?\nEvery Sunday.\n\nWhere is it?\nBehind the market.\nThe blue door.";
    assert_eq!(told.document().of_class("kept"), [expected]);
    told.says_nothing_of(ACCOUNT);
    let texts = read(&app).await;
    assert_eq!(
        texts.iter().filter(|text| *text == expected).count(),
        1,
        "{texts:?}"
    );
    // Half an hour later the page with the code opens nothing.
    app.clock.advance(31 * 60);
    let late = app
        .public
        .submit(&sent.form("more"), "more:where")
        .await
        .expect(422);
    late.form("enter");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_mailbox_sections_are_told_one_at_a_time_and_nothing_is_lost() {
    let app = TestApp::start().await;
    let reporter = app.reporter("km");
    let code = reporter.file(&[("account", ACCOUNT)]).await;
    let open = reporter.mailbox(&code).await.page;
    let mut form = open.form("messages");
    form.set("text", "a half-written");
    let mut page = app.public.submit(&form, "more:where").await.expect(200);
    // To the numbers, into the other language and back to the messages: answers and draft stay.
    form = page.form("messages");
    form.set("when", "Every Sunday.");
    let mut fields = form.fields.clone();
    fields.push(("step".to_owned(), "more".to_owned()));
    let help = app
        .public
        .post("/en/help?mailbox", &fields)
        .await
        .expect(200);
    page = app
        .public
        .submit(&help.form("kept"), "more")
        .await
        .expect(200);
    assert_eq!(page.form("messages").value("when"), Some("Every Sunday."));
    page = app
        .public
        .submit(&page.form("messages"), "open")
        .await
        .expect(200);
    assert_eq!(page.form("messages").value("text"), Some("a half-written"));
    page = app
        .public
        .submit(&page.form("messages"), "more:people")
        .await
        .expect(200);
    let empty = app
        .public
        .submit(&page.form("messages"), "tell")
        .await
        .expect(422);
    assert_eq!(asked(&empty), ["child", "suspect", "told"]);
    let mut form = empty.form("messages");
    form.set("child", &"x".repeat(2_001));
    let long = app.public.submit(&form, "tell").await.expect(422);
    assert_eq!(
        long.form("messages").value("child").map(str::len),
        Some(2_001)
    );
    form.set("child", "A girl.");
    let told = app.public.submit(&form, "tell").await.expect(200);
    let form = told.form("messages");
    assert_eq!(form.value("text"), Some("a half-written"));
    assert_eq!(
        (form.value("when"), form.value("child")),
        (Some("Every Sunday."), None)
    );
    // Whoever waits too long finds it all in the draft.
    app.clock.advance(60 * 60);
    let mut late = app
        .public
        .submit(&form, "more:where")
        .await
        .expect(422)
        .form("enter");
    let draft = late.value("text").expect("a draft").to_owned();
    assert!(
        draft.starts_with("a half-written") && draft.ends_with("Every Sunday."),
        "{draft}"
    );
    late.set("code", &code);
    let open = app.public.submit(&late, "enter").await.expect(200);
    assert_eq!(open.form("messages").value("text"), Some(draft.as_str()));
    let texts = read(&app).await;
    assert_eq!(
        texts
            .iter()
            .filter(|text| text.ends_with("\nA girl."))
            .count(),
        1
    );
    assert!(
        !texts.iter().any(|text| text.contains("Sunday")),
        "{texts:?}"
    );
}

/// Nobody can look into the report from here: what is said in the mailbox counts, and lasts when it has been sent.
#[tokio::test(flavor = "multi_thread")]
async fn the_mailbox_speaks_to_her_once_she_says_so_there() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let code = reporter.file(&[("account", ACCOUNT)]).await;
    let open = reporter.mailbox(&code).await.page;
    let ask = async |form: &Form, step: &str| app.public.submit(form, step).await.expect(200);
    let before = ask(&open.form("messages"), "more:what").await;
    before.says("Someone is hurting a child");
    let mut form = ask(&open.form("messages"), "more:you")
        .await
        .form("messages");
    form.set("relation", "me");
    let told = ask(&form, "tell").await;
    assert_eq!(told.form("messages").value("relation"), None);
    let after = ask(&told.form("messages"), "more:what").await;
    after.says("Someone is hurting me");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_sending_nobody_is_promised_another_team() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let page = reporter.review(&[("account", ACCOUNT)]).await;
    let before = app
        .public
        .submit(&page.form("form"), "edit:barred")
        .await
        .expect(200);
    let sent = app
        .public
        .submit(&page.form("form"), "send")
        .await
        .expect(200);
    let after = app
        .public
        .submit(&sent.form("more"), "more:barred")
        .await
        .expect(200);
    let notices = |page: &Page| page.document().of_class("shown").concat();
    assert!(!notices(&before).contains("already with a team"));
    assert!(notices(&after).contains("already with a team"));
    assert!(!notices(&after).contains("then goes to a separate team"));
}
