//! The form is changed while somebody holds its older page, and after reports came under it: no word is lost, and old reports stay readable.

use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::html::Form;
use crate::support::reporter::{code_of, fill};
use crate::support::staff::Session;

const FORM: &str = include_str!("../../config/forms/report.toml");
const SUSPECT: &str = "id = \"suspect\"\nkind = \"text\"\nlabel = \"form-suspect\"";
const WORDS_GONE: &str = "What you typed to a question that is gone stands here now";

/// The product's form with other lines for some of it.
fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(FORM.to_owned(), |form, (from, to)| {
        assert!(form.contains(from), "{from}");
        form.replacen(from, to, 1)
    })
}

/// Takes a question out.
fn without(form: &str, question: &str) -> String {
    let question = format!("[[sections.questions]]\nid = \"{question}\"");
    let (before, after) = form.split_once(&question).unwrap();
    let next = after.find("\n[[").unwrap();
    format!("{before}{}", &after[next + 1..])
}

/// A new process, which knows nothing of what was asked before.
fn restarted(app: TestApp, form: &str) -> TestApp {
    let directory = app.forms_folder(form).1;
    app.restarted(&[("forms", &directory)])
}

/// Presses a button that sends a form somewhere else: in the list of languages, or to the numbers.
async fn elsewhere(app: &TestApp, form: &Form, to: &str, step: &str) -> Page {
    let mut form = form.clone();
    to.clone_into(&mut form.action);
    app.public.submit(&form, step).await
}

/// What a page says, in words that nothing parts.
fn whole(page: &Page) -> String {
    page.text().replace(['\u{200b}', '\u{2060}'], "")
}

async fn the_only_report(app: &TestApp) -> Page {
    let dara = app.sign_in("dara").await;
    let report = dara.queue("").await.remove(0);
    dara.claim(&report).await;
    dara.read(&report).await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn words_and_picks_of_questions_that_are_gone_are_kept_and_told_of() {
    let app = TestApp::start().await;
    let mut form = app
        .reporter("en")
        .review(&[
            ("account", "Since spring."),
            ("suspect", "The uncle.\nHe drives a blue van."),
            ("relation", "friend"),
            ("told", "police"),
            ("told", "close"),
        ])
        .await
        .form("form");
    // What no form of this process asked, typed and picked.
    form.set("pet", "A dog barked.").add("mood", "sad");
    let picks = format!("{} mood", form.value("picks").unwrap());
    form.set("picks", &picks);
    let less = without(&without(FORM, "suspect"), "relation");
    let less = less.replacen(
        "    { id = \"close\", label = \"form-told-close\" },\n",
        "",
        1,
    );
    let app = restarted(app, &less);
    let page = app.public.submit(&form, "send").await.expect(422);
    page.says(WORDS_GONE)
        .says("is not asked any more: “Who are you to the child? It is about my friend, brother or sister”")
        .says("Some of what you ticked is not asked any more.")
        .says("What was picked here is not among the answers any more.");
    let expected = "Since spring.\n\nWhat do you know about the person who does this?\n\
        The uncle.\nHe drives a blue van.\n\nTyped to a question that is not asked any more:\nA dog barked.";
    let mut form = page.form("form");
    assert_eq!(form.value("account").map(str::trim_start), Some(expected));
    assert_eq!(form.value("told"), Some("police"), "the other pick stays");
    assert_eq!(form.value("suspect"), None);
    // It is still told of in another language, and after the page with the numbers.
    let km = elsewhere(&app, &form, "/km/report?", "edit").await;
    let said = whole(&km.expect(422));
    for part in [
        "អ្វីដែលអ្នកបានសរសេរឆ្លើយសំណួរដែលលែងមាន ឥឡូវនៅទីនេះ",
        "លែងមានក្នុងសំណួរហើយ៖ “តើអ្នកត្រូវជាអ្វីនឹងកុមារ?",
        "ចម្លើយខ្លះដែលអ្នកបានជ្រើសរើស លែងមានក្នុងសំណួរហើយ",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let help = elsewhere(&app, &form, "/en/help?report", "edit").await;
    let kept = help.expect(200).form("kept");
    let again = app.public.submit(&kept, "edit").await.expect(422);
    again.says(WORDS_GONE).says("It is about my friend");
    fill(&mut form, &[("account", expected)]);
    let review = app.public.submit(&form, "review").await.expect(200);
    assert!(!review.text().contains(WORDS_GONE));
    code_of(
        &app.public
            .submit(&review.form("form"), "send")
            .await
            .expect(200),
    );
    the_only_report(&app)
        .await
        .says("He drives a blue van.")
        .says("A dog barked.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_of_another_kind_takes_no_words_for_picks_nor_picks_for_words() {
    let app = TestApp::start().await;
    let form = app
        .reporter("km")
        .review(&[
            ("account", "x"),
            ("when", "Every Sunday."),
            ("contact", "chat"),
        ])
        .await
        .form("form");
    let other = changed(&[
        (
            "id = \"when\"\nkind = \"line\"",
            "id = \"when\"\nkind = \"choice\"\noptions = [{ id = \"soon\", label = \"form-danger-soon\" }]",
        ),
        (
            "id = \"contact\"\nkind = \"choice\"",
            "id = \"way\"\nkind = \"choice\"",
        ),
        ("id = \"contact-how\"", "id = \"contact\""),
    ]);
    let other = other.replace("question = \"contact\"", "question = \"way\"");
    let app = restarted(app, &other);
    let page = app.public.submit(&form, "review").await.expect(422);
    let again = page.form("form");
    let account = again.value("account").unwrap();
    assert!(account.ends_with("\nEvery Sunday."), "{account}");
    assert!(!account.contains("chat"), "{account}");
    assert_eq!((again.value("when"), again.value("contact")), (None, None));
    // What was picked is named in the words that it had.
    let said = whole(&page);
    assert!(said.contains("សូមសរសេរមកខ្ញុំតាមសារឆាត ឬអ៊ីមែល"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_in_the_mailbox_goes_on_as_a_draft() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let code = reporter.file(&[("account", "x")]).await;
    let open = reporter.mailbox(&code).await.page;
    let people = app
        .public
        .submit(&open.form("messages"), "more:people")
        .await;
    let mut form = people.expect(200).form("messages");
    form.set("suspect", "The uncle.")
        .set("text", "half a message");
    let mut form_told = form.clone();
    let app = restarted(app, &without(FORM, "suspect"));
    for step in ["tell", "open", "write", "more:where"] {
        let page = app.public.submit(&form, step).await.expect(422);
        page.says(WORDS_GONE);
        let draft = page.form("messages").value("text").map(str::to_owned);
        let expected =
            "half a message\n\nWhat do you know about the person who does this?\nThe uncle.";
        assert_eq!(
            draft.as_deref().map(str::trim_start),
            Some(expected),
            "{step}"
        );
        assert_eq!(page.form("messages").value("suspect"), None);
        form_told = page.form("messages");
    }
    // It is still told of in another language, and no longer once it is sent.
    let km = elsewhere(&app, &form_told, "/km/mailbox", "open").await;
    let said = whole(&km.expect(422));
    assert!(said.contains("ឥឡូវនៅទីនេះ"), "{said}");
    let sent = app.public.submit(&form_told, "write").await.expect(200);
    sent.says_nothing_of(WORDS_GONE);
    let draft = sent.form("messages");
    let page = app.public.submit(&draft, "open").await.expect(200);
    page.says_nothing_of(WORDS_GONE);
}

/// Sentences of the operator's own, and a question that is asked in them, taken out together.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_keeps_its_own_sentences_when_they_are_taken_out_with_their_question() {
    let app = TestApp::start().await;
    let (folder, directory) = app.forms_folder(&changed(&[(
        SUSPECT,
        "id = \"pet\"\nkind = \"text\"\nlabel = \"our-pet\"",
    )]));
    for (language, said) in [
        ("en", "Is there a pet?"),
        ("km", "មាន\u{200b}សត្វ\u{200b}ឬទេ?"),
    ] {
        let file = folder.join(format!("{language}.ftl"));
        std::fs::write(file, format!("our-pet = {said}\n")).unwrap();
    }
    let settings = [("forms", directory.as_str())];
    assert_eq!(app.reload(&settings).await, Ok(vec!["form".to_owned()]));
    let reporter = app.reporter("en");
    let code = reporter.file(&[("account", "x")]).await;
    let open = reporter.mailbox(&code).await.page;
    let begun = reporter.review(&[("account", "y")]).await.form("form");
    let people = app.public.submit(&begun, "edit:people").await.expect(200);
    let mut begun = people.form("form");
    begun.set("pet", "A dog.");
    for language in ["en", "km"] {
        std::fs::remove_file(folder.join(format!("{language}.ftl"))).unwrap();
    }
    app.forms_folder(&without(FORM, "suspect"));
    assert_eq!(app.reload(&settings).await, Ok(vec!["form".to_owned()]));
    // The page that was open goes on in its words, with its fields, to the team and to the mailbox.
    let again = app.public.submit(&begun, "edit:people").await.expect(200);
    again.says("Is there a pet?");
    let review = app.public.submit(&begun, "review").await.expect(200);
    review.says("Is there a pet?").says("A dog.");
    code_of(
        &app.public
            .submit(&review.form("form"), "send")
            .await
            .expect(200),
    );
    let messages = open.form("messages");
    let page = app.public.submit(&messages, "more:people").await;
    let mut told = page.expect(200).says("Is there a pet?").form("messages");
    told.set("pet", "Two cats.");
    app.public.submit(&told, "tell").await.expect(200);
    let dara = app.sign_in("dara").await;
    let mut read = String::new();
    for report in dara.queue("").await {
        dara.claim(&report).await;
        read.push_str(&dara.read(&report).await.expect(200).text());
    }
    for part in ["Is there a pet?", "A dog.", "Two cats."] {
        assert!(read.contains(part), "{part}: {read}");
    }
    assert!(!read.contains("[our-pet]"), "{read}");
    let now = app.public.get("/en/report").await.expect(200);
    assert_ne!(
        now.form("form").value("edition"),
        begun.value("edition"),
        "the new form is asked from now on"
    );
}

/// What was picked before a restart may mean something else after it: nothing is sent that its sender has not seen in these words.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_another_meaning_is_shown_before_it_is_sent() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let answers = [("account", "x"), ("relation", "friend"), ("told", "police")];
    let form = reporter.review(&answers).await.form("form");
    let code = reporter.file(&[("account", "before")]).await;
    let open = reporter.mailbox(&code).await.page.form("messages");
    let people = app.public.submit(&open, "more:people").await.expect(200);
    let mut people = people.form("messages");
    people.set("told", "police");
    let other = changed(&[(
        "label = \"form-told-police\"",
        "label = \"form-told-close\"",
    )]);
    let app = restarted(app, &other);
    let moved = "Please look at your answers once more";
    let review = app.public.submit(&form, "send").await.expect(409);
    review.says(moved);
    assert!(review.form("form").value("told") == Some("police"));
    let review = app.public.submit(&form, "review").await.expect(409);
    let sent = app.public.submit(&review.form("form"), "send").await;
    code_of(&sent.expect(200));
    let page = app.public.submit(&people, "tell").await.expect(409);
    page.says(moved);
    let told = app.public.submit(&page.form("messages"), "tell").await;
    told.expect(200);
}

/// Queue, page and export of the one report, as a colleague reads them.
async fn old_report_is_whole(app: &TestApp, report: &str) {
    let dara = app.sign_in("dara").await;
    let queue = dara.get("/queue").await.expect(200);
    let card = queue.document().of_class("card").concat();
    for part in ["It keeps happening", "Marker-of-the-account", "The police"] {
        assert!(card.contains(part), "{part}: {card}");
    }
    let page = dara.read(report).await.expect(200);
    for part in [
        "Marker-of-the-account",
        "What do you know about the person who does this?",
        "The uncle.",
        "When did it happen, or when will it happen?",
        "Every Sunday.",
        "It keeps happening",
        "Is there anyone who must not know about your report?",
        "The police",
    ] {
        page.says(part);
    }
    let json = exported(app, report, &dara).await;
    for part in [
        "Marker-of-the-account",
        "The uncle.",
        "form-suspect",
        "It keeps happening",
    ] {
        assert!(json.contains(part), "{part}: {json}");
    }
}

async fn exported(app: &TestApp, report: &str, dara: &Session) -> String {
    let sokha = app.sign_in("sokha").await;
    let authority = age::x25519::Identity::generate();
    let recipient = authority.to_public().to_string();
    let pairs = [("recipient", recipient.as_str())];
    sokha.propose(report, "export", &pairs).await.expect(303);
    let proposal = sokha.proposals(report).await.pop().unwrap();
    dara.approve(report, &proposal, &app.clock)
        .await
        .expect(303);
    let code = sokha.code(&app.clock).await;
    let pairs = [("export", proposal.as_str()), ("code", code.as_str())];
    let file = sokha
        .post(&format!("/reports/{report}/export"), &pairs)
        .await;
    let json = age::decrypt(&authority, &file.expect(200).bytes).unwrap();
    String::from_utf8(json).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn old_reports_stay_readable() {
    let app = TestApp::start().await;
    app.reporter("en")
        .file(&[
            ("account", "Marker-of-the-account: he comes at night."),
            ("danger", "ongoing"),
            ("barred", "police"),
            ("suspect", "The uncle."),
            ("when", "Every Sunday."),
        ])
        .await;
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    // Other questions, other kinds, options taken out, another question on each line of the card.
    let other = without(
        &changed(&[
            (
                "    { id = \"ongoing\", label = \"form-danger-ongoing\", urgency = \"U1\" },\n",
                "",
            ),
            (
                "    { id = \"police\", label = \"form-barred-police\" },\n",
                "    { id = \"police\", label = \"form-barred-named\" },\n",
            ),
            (
                "id = \"when\"\nkind = \"line\"",
                "id = \"when\"\nkind = \"text\"",
            ),
            (
                SUSPECT,
                "id = \"weather\"\nkind = \"line\"\nlabel = \"form-place\"",
            ),
            (
                "id = \"account\"\nkind = \"text\"\nlabel = \"form-account\"",
                "id = \"story\"\nkind = \"text\"\nlabel = \"form-child\"",
            ),
        ]),
        "child",
    );
    let directory = app.forms_folder(&other).1;
    let taken = app.reload(&[("forms", &directory)]).await;
    assert_eq!(taken, Ok(vec!["form".to_owned()]));
    old_report_is_whole(&app, &report).await;
    let app = restarted(app, &other);
    old_report_is_whole(&app, &report).await;
    // The new form is in force all the same.
    let page = app.public.get("/en/report").await.expect(200);
    assert!(page.body().contains("name=\"story\""));
}

/// What a page never says is not looked at, however long a stranger makes it; the words are there all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_picks_that_is_no_page_s_costs_no_words() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let mut form = reporter.fill(&[("account", "Since spring.")]).await;
    form.set("picks", &" gone".repeat(2_000));
    form.add("gone", "The uncle.");
    let page = reporter.site.submit(&form, "review").await;
    page.says("Since spring.")
        .says("The uncle.")
        .says(WORDS_GONE);
}
