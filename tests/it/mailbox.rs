//! The reporter's side of the conversation: what opens it, what closes it, and that misses are all alike.

use kapea::domain::audit::AuditEvent;
use kapea::domain::receipt::ReceiptCode;

use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::reporter::Reporter;

const ACCOUNT: &str = "Marker-of-the-report: she told me yesterday.";

fn with(code: &str, digits: [char; 10], between: &str) -> String {
    code.chars()
        .map(|digit| digits[usize::try_from(digit.to_digit(10).unwrap()).unwrap()].to_string())
        .collect::<Vec<_>>()
        .join(between)
}

const WESTERN: [char; 10] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const KHMER: [char; 10] = ['០', '១', '២', '៣', '៤', '៥', '៦', '៧', '៨', '៩'];
const ARABIC: [char; 10] = ['٠', '١', '٢', '٣', '٤', '٥', '٦', '٧', '٨', '٩'];
const THAI: [char; 10] = ['๐', '๑', '๒', '๓', '๔', '๕', '๖', '๗', '๘', '๙'];
const WIDE: [char; 10] = ['０', '１', '２', '３', '４', '５', '６', '７', '８', '９'];

#[tokio::test(flavor = "multi_thread")]
async fn a_code_opens_however_it_is_written() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let code = reporter.file(&[("account", ACCOUNT)]).await;
    let grouped = ReceiptCode::parse(&code).unwrap().grouped();
    let forms = [
        code.clone(),
        grouped.clone(),
        grouped.replace(' ', "-"),
        grouped.replace(' ', " – "),
        format!("  {grouped}\u{a0}"),
        with(&code, KHMER, ""),
        with(&code, KHMER, "\u{200B}"),
        with(&code, WIDE, " "),
        with(&code, WESTERN, "\u{200B}"),
        format!("{}{}", with(&code[..12], KHMER, " "), &code[12..]),
        format!("Code: {grouped}."),
        format!("[{}]", grouped.replace(' ', "/")),
        format!("« {} »", grouped.replace(' ', " , ")),
        format!("លេខកូដ៖ {}។", with(&code, KHMER, "")),
        format!("my 24 digits: {}", grouped.replace(' ', "\n")),
        grouped.replace('0', "O").replace('1', "l"),
        with(&code, ARABIC, "") + "\u{200F}",
        with(&code, THAI, "."),
    ];
    for (number, form) in forms.iter().enumerate() {
        let page = reporter.try_code(form).await;
        assert_eq!(page.status, 200, "form {number}: {form:?}");
        page.form("messages");
        page.says_nothing_of("Marker-of-the-report");
    }
    // A page in Khmer shows Khmer numerals, and takes them.
    let khmer = app.reporter("km");
    let page = khmer.send(&[("account", ACCOUNT)]).await.expect(200);
    let shown = page.document().of_class("code").concat();
    assert!(
        shown.chars().any(|c| KHMER.contains(&c)) && !shown.contains(|c: char| c.is_ascii_digit())
    );
    khmer.try_code(&shown).await.expect(200).form("messages");
}

/// What a page says apart from the code that is put back into its field, and from the filling after the page.
fn apart_from_the_code(page: &Page, typed: &str) -> String {
    let body = page.body();
    let value = body
        .split_once("name=\"code\" value=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(value, _)| value.to_owned())
        .expect("a field for the code");
    assert!(
        value.is_empty() || typed.starts_with(value.split('&').next().unwrap()),
        "{value:?} was not typed"
    );
    let body = body.replace(&format!("value=\"{value}\""), "value=\"\"");
    body.rsplit_once("<!--").expect("filling").0.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_closed_and_expired_codes_are_answered_alike() {
    let app = TestApp::start_with(&[("limits", "mailbox_days = 30")]).await;
    let reporter = app.reporter("en");
    let code = reporter.file(&[("account", ACCOUNT)]).await;
    let closed = reporter.file(&[("account", ACCOUNT)]).await;
    reporter.mailbox(&closed).await.close().await.expect(200);
    let expired = reporter.file(&[("account", ACCOUNT)]).await;
    let unknown = ReceiptCode::from_payload(1_234_567_890_123_456_789_012)
        .digits()
        .to_owned();
    let mut wrong = code.clone();
    let last = if wrong.pop() == Some('0') { '1' } else { '0' };
    wrong.push(last);
    reporter.try_code(&expired).await.expect(200);
    app.later(31 * 86_400).await;
    let mut first: Option<(usize, String)> = None;
    for typed in [&unknown, &closed, &expired] {
        let page = reporter.try_code(typed).await.expect(422);
        let seen = (page.bytes.len(), apart_from_the_code(&page, typed));
        match &first {
            None => first = Some(seen),
            Some(first) => assert!(*first == seen, "the answer to {typed:.20?} differs"),
        }
    }
    // What cannot be a code is told why, in an answer of the same length: that follows from what was typed alone.
    let length = first.map(|(length, _)| length);
    let long = "7".repeat(5_000);
    for (typed, said) in [
        (wrong.as_str(), "a digit is wrong"),
        ("", "It has 24 digits"),
        ("hello", "It has 24 digits"),
        ("1234", "We can read 4 digits"),
        (&long, "We can read 512 digits"),
        ("១២៣", "We can read 3 digits"),
        ("<b>\"&", "It has 24 digits"),
        ("1234 567 9012 3456 7890 1235", "Group 2 has 3 digits"),
    ] {
        let page = reporter.try_code(typed).await.expect(422);
        page.says(said);
        assert_eq!(Some(page.bytes.len()), length, "{typed:.20?}");
        apart_from_the_code(&page, typed);
    }
}

async fn answered(app: &TestApp, reporter: &Reporter, texts: &[&str]) -> String {
    let code = reporter.file(&[("account", ACCOUNT)]).await;
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker.claim(&report).await.expect(303);
    for text in texts {
        // Within one second of the clock: their order is kept all the same.
        caseworker.message(&report, text).await.expect(303);
    }
    code
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_deleted_one_by_one_and_the_mailbox_is_closed_for_good() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let code = answered(&app, &reporter, &["First question?", "Second question?"]).await;
    let mut mailbox = reporter.mailbox(&code).await;
    assert_eq!(mailbox.messages(), ["First question?", "Second question?"]);
    mailbox.delete_first().await;
    assert_eq!(mailbox.messages(), ["Second question?"]);
    assert_eq!(
        reporter.mailbox(&code).await.messages(),
        ["Second question?"]
    );
    let open_elsewhere = reporter.mailbox(&code).await;
    mailbox.close().await.expect(200).says_nothing_of(&code);
    reporter.try_code(&code).await.expect(422);
    // A page that was open before knows no more than a stranger.
    let late = open_elsewhere.write("Still here?").await.expect(422);
    late.says("Still here?").says_nothing_of("Second question?");
    // The caseworker sees that nobody will read an answer.
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    caseworker
        .message(&report, "Are you there?")
        .await
        .expect(409)
        .says("Are you there?");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_sent_twice_arrives_once_and_a_wrong_one_comes_back() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let code = answered(&app, &reporter, &["Who is with her?"]).await;
    let mailbox = reporter.mailbox(&code).await;
    mailbox.write("Her aunt is with her.").await.expect(200);
    let again = mailbox.write("Her aunt is with her.").await.expect(200);
    assert_eq!(again.document().of_class("kept"), ["Her aunt is with her."]);
    mailbox.write("  \n ").await.expect(422);
    let page = mailbox.write("bell \u{7} rings").await.expect(422);
    assert!(
        page.form("messages")
            .value("text")
            .unwrap()
            .contains("rings")
    );
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    let read = caseworker.read(&report).await.expect(200);
    let shown = read.document().of_class("inert");
    assert_eq!(
        shown
            .iter()
            .filter(|text| *text == "Her aunt is with her.")
            .count(),
        1
    );
    assert!(!shown.iter().any(|text| text.contains("rings")));
}

/// On a slow line: sent, added to while waiting, sent again from the same page.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_added_before_sending_again_is_another_message() {
    let app = TestApp::start().await;
    let reporter = app.reporter("km");
    let code = answered(&app, &reporter, &["Who is with her?"]).await;
    let mailbox = reporter.mailbox(&code).await;
    let texts = ["Her aunt.", "Her aunt. He has the key.", "her aunt."];
    for text in texts {
        let page = mailbox.write(text).await.expect(200);
        assert_eq!(page.document().of_class("kept"), [text]);
    }
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    let read = caseworker.read(&report).await.expect(200);
    let shown = read.document().of_class("inert");
    for text in texts {
        let count = shown.iter().filter(|shown| *shown == text).count();
        assert_eq!(count, 1, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_left_open_asks_for_the_code_again_and_keeps_the_draft() {
    let app = TestApp::start().await;
    let reporter = app.reporter("km");
    let code = reporter.file(&[("account", ACCOUNT)]).await;
    let mailbox = reporter.mailbox(&code).await;
    app.clock.advance(60 * 60);
    let page = mailbox.write("សូមជួយផង").await.expect(422);
    let mut form = page.form("enter");
    assert_eq!(form.value("text"), Some("សូមជួយផង"));
    form.set("code", &code);
    let open = app.public.submit(&form, "enter").await.expect(200);
    assert_eq!(open.form("messages").value("text"), Some("សូមជួយផង"));
    app.public
        .submit(&open.form("messages"), "write")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_reporter_or_a_clock_deletes_is_recorded_without_the_report() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let left = reporter.file(&[("account", ACCOUNT)]).await;
    let code = reporter.file(&[("account", ACCOUNT)]).await;
    let before = app.trail(0).len();
    reporter.mailbox(&code).await.close().await.expect(200);
    assert_eq!(app.worker.expire_mailboxes().await.unwrap(), 0);
    app.clock.advance(400 * 86_400);
    assert_eq!(app.worker.expire_mailboxes().await.unwrap(), 1);
    reporter.try_code(&left).await.expect(422);
    let told = app.trail(i64::try_from(before).unwrap());
    let told: Vec<_> = told.into_iter().map(|told| told.event).collect();
    let closed = AuditEvent::ReporterClosedMailbox {};
    assert_eq!(told, [closed, AuditEvent::MailboxesExpired { count: 1 }]);
}
