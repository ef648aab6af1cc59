//! The reporter's side of the conversation: what opens it, what closes it, and that misses are all alike.

use std::io::Read as _;

use kapea::domain::audit::AuditEvent;
use kapea::domain::receipt::ReceiptCode;

use crate::support::TestApp;
use crate::support::client::Page;
use crate::support::reporter::{Reporter, code_of};

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
    let shown = page.document().of_class("code").remove(0);
    assert!(
        shown.chars().any(|c| KHMER.contains(&c)) && !shown.contains(|c: char| c.is_ascii_digit())
    );
    khmer.try_code(&shown).await.expect(200).form("messages");
    // Folded below it, the digits of every other script that reporters read.
    let other = page.document().of_element(".numerals .code").concat();
    assert!(other.contains(|c: char| c.is_ascii_digit()) && !other.contains(KHMER));
}

/// Files for whoever has no paper. They come as downloads, so that the page with the code stays, and each opens the mailbox.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_can_be_kept_as_a_file_or_hidden_among_other_numbers() {
    let app = TestApp::start().await;
    for language in ["km", "en"] {
        let reporter = app.reporter(language);
        let page = reporter.send(&[("account", ACCOUNT)]).await.expect(200);
        let code = code_of(&page);
        let form = page.form("check");
        for (step, mime) in [
            ("keep-text", "text/plain"),
            ("keep-disguised", "text/plain"),
            ("keep-picture", "image/png"),
        ] {
            assert!(form.offers(step), "{step}");
            let file = reporter.site.submit(&form, step).await.expect(200);
            let says = |name: &str, what: &str| {
                file.header(name)
                    .is_some_and(|header| header.contains(what))
            };
            assert!(says("content-type", mime), "{step}");
            assert!(says("content-disposition", "attachment"), "{step}");
            assert!(says("cache-control", "no-store"), "{step}");
            if mime == "image/png" {
                assert_eq!(read_picture(&file.bytes), code);
                continue;
            }
            let text = String::from_utf8(file.bytes.to_vec()).unwrap();
            let found = match step {
                "keep-text" => text.lines().next_back().unwrap().to_owned(),
                _ => text.clone(),
            };
            reporter.try_code(&found).await.expect(200).form("messages");
            assert_eq!(
                text.contains(&ReceiptCode::parse(&code).unwrap().grouped()),
                step == "keep-text"
            );
        }
        // Typed from the list that stands on the page, into the check of it.
        let list = page.document().of_element(".list li");
        let list: String = list
            .iter()
            .enumerate()
            .map(|(at, line)| format!("{}) {line}\n", at + 1))
            .collect();
        let mut form = form;
        let right = reporter
            .site
            .submit(form.set("typed", &list), "check")
            .await
            .expect(200);
        assert_eq!(right.document().of_class("error").len(), 0, "{list}");
        // Once the next page has arrived, the form of the one before gives nothing any more.
        let picture = &right.document().attributes("img.unseen", "src")[0];
        reporter.site.get(picture).await.expect(200);
        for step in ["keep-text", "keep-disguised", "keep-picture"] {
            reporter
                .site
                .submit(&right.form("check"), step)
                .await
                .expect(200);
            reporter.site.submit(&form, step).await.expect(422);
        }
    }
}

/// The digits in a picture, told by their shapes alone: how dark each of the seven by five points is.
fn read_picture(file: &[u8]) -> String {
    let number = |at: usize| {
        usize::try_from(u32::from_be_bytes(file[at..at + 4].try_into().unwrap())).unwrap()
    };
    let (width, height) = (number(16), number(20));
    let mut pixels = Vec::new();
    let packed = &file[41..41 + number(33)];
    assert_eq!(&file[37..41], b"IDAT");
    flate2::read::ZlibDecoder::new(packed)
        .read_to_end(&mut pixels)
        .unwrap();
    assert_eq!(pixels.len(), (width + 1) * height);
    let is_dark = |x: usize, y: usize| pixels[(y * 10 + 5) * (width + 1) + 1 + x * 10 + 5] < 128;
    let shapes = [
        "01110100011001110101110011000101110",
        "00100011000010000100001000010001110",
        "01110100010000100010001000100011111",
        "11111000100010000010000011000101110",
        "00010001100101010010111110001000010",
        "11111100001111000001000011000101110",
        "00110010001000011110100011000101110",
        "11111000010001000100010000100001000",
        "01110100011000101110100011000101110",
        "01110100011000101111000010001001100",
    ];
    let mut code = String::new();
    for group in 0..6 {
        for place in 0..4 {
            let (left, top) = (6 + group % 2 * 28 + place * 6, 6 + group / 2 * 12);
            let points = (0..35).map(|at| {
                if is_dark(left + at % 5, top + at / 5) {
                    '1'
                } else {
                    '0'
                }
            });
            let points: String = points.collect();
            let digit = shapes.iter().position(|shape| *shape == points);
            code.push_str(&digit.expect("a digit").to_string());
        }
    }
    code
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
    app.later(30 * 86_400).await;
    reporter.try_code(&expired).await.expect(200);
    // 23 December; it ends on the first of the month.
    app.later(9 * 86_400).await;
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

/// The words that are folded away: what the reporter wrote and kept.
fn own(page: &Page) -> Vec<String> {
    page.document().of_element(".message.own .text")
}

#[tokio::test(flavor = "multi_thread")]
async fn that_somebody_has_read_the_report_is_said_once_and_by_day() {
    let app = TestApp::start_with(&[("hotline", "answer_days = 2")]).await;
    let reporter = app.reporter("en");
    let code = reporter.file(&[("account", ACCOUNT)]).await;
    let said = "read your report on";
    let unread = reporter.mailbox(&code).await;
    unread.page.says_nothing_of(said);
    unread
        .page
        .says("Most often there is an answer within 2 days.");
    // Whatever else lies there first.
    unread.write_and_keep("Are you there?").await.expect(200);
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    unread_still(&reporter, &code, said).await;
    caseworker.read(&report).await.expect(200);
    let read = reporter.mailbox(&code).await;
    let text = read.page.text();
    let (_, day) = text.split_once(said).expect(said);
    let day = day.split_once('.').unwrap().0.to_owned();
    assert!(
        day.contains("20") && !day.contains(':'),
        "a day and no hour: {day}"
    );
    // Whoever reads it later, on another day, tells nothing new; and the usual time has passed.
    app.later(3 * 86_400).await;
    app.sign_in("dara").await.read(&report).await.expect(200);
    let late = reporter.mailbox(&code).await;
    late.page.says("Not every report gets an answer.");
    late.page.says_nothing_of("within 2 days");
    let caseworker = app.sign_in("sokha").await;
    caseworker.claim(&report).await.expect(303);
    caseworker
        .message(&report, "How are you?")
        .await
        .expect(303);
    let mut answered = reporter.mailbox(&code).await;
    answered.page.says(&format!("{said}{day}."));
    assert_eq!(answered.messages(), ["How are you?", "Are you there?"]);
    answered.page.says_nothing_of("missing or damaged");
    answered.delete_first().await;
    answered.page.says_nothing_of("missing or damaged");
    answered.page.says(&format!("{said}{day}."));
    answered
        .page
        .says("There is no message from the team here.");
    assert_eq!(own(&answered.page), ["Are you there?"]);
}

/// The queue shows a card of it, which is not the report.
async fn unread_still(reporter: &Reporter, code: &str, said: &str) {
    let mailbox = reporter.mailbox(code).await;
    mailbox.page.says_nothing_of(said);
}

#[tokio::test(flavor = "multi_thread")]
async fn own_words_are_there_again_only_for_whoever_chose_so_and_then_folded() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let code = answered(&app, &reporter, &["Who is with her?"]).await;
    let mailbox = reporter.mailbox(&code).await;
    let first = mailbox.write("Nobody keeps this.").await.expect(200);
    assert!(own(&first).is_empty());
    let mailbox = reporter.mailbox(&code).await;
    mailbox.page.says_nothing_of("Nobody keeps this.");
    mailbox.page.says("what you have written is not shown here");
    // Twice from one page: one message, one copy.
    mailbox
        .write_and_keep("Her aunt is with her.")
        .await
        .expect(200);
    let again = mailbox
        .write_and_keep("Her aunt is with her.")
        .await
        .expect(200);
    assert_eq!(own(&again), ["Her aunt is with her."]);
    let mailbox = reporter.mailbox(&code).await;
    assert_eq!(own(&mailbox.page), ["Her aunt is with her."]);
    assert_eq!(
        mailbox
            .page
            .document()
            .of_element("details .own .text")
            .len(),
        1
    );
    mailbox.page.says_nothing_of("missing or damaged");
    // The choice is for one message, and for no answers to questions that were on other pages.
    let mut form = again.form("messages");
    assert_eq!(form.value("keep"), None);
    form.set("text", "half").set("keep", "yes");
    let more = form
        .buttons
        .iter()
        .find(|button| button.value.starts_with("more:where"));
    let section = reporter
        .site
        .submit(&form, &more.unwrap().value)
        .await
        .expect(200);
    let mut section = section.form("messages");
    let told = reporter
        .site
        .submit(section.set("place", "at the river"), "tell")
        .await
        .expect(200);
    assert_eq!(own(&told), ["Her aunt is with her."]);
    assert_eq!(
        told.form("messages").value("keep"),
        Some("yes"),
        "the draft is there still"
    );
    // What was sent without one gets its copy when it is sent again with the choice; what is too long gets none, and is sent.
    let mailbox_again = reporter.mailbox(&code).await;
    mailbox_again.write("Once more.").await.expect(200);
    let kept = mailbox_again.write_and_keep("Once more.").await.expect(200);
    assert_eq!(own(&kept), ["Her aunt is with her.", "Once more."]);
    let long = "long ".repeat(1_000);
    let unkept = mailbox_again.write_and_keep(&long).await.expect(200);
    unkept.says("cannot be kept to be read again here");
    assert_eq!(own(&unkept).len(), 2);
    let mut mailbox = reporter.mailbox(&code).await;
    // The team has all of it, whatever happens to the copy.
    mailbox.delete_first().await;
    mailbox.delete_first().await;
    mailbox.delete_first().await;
    assert!(own(&mailbox.page).is_empty());
    let caseworker = app.sign_in("sokha").await;
    let report = caseworker.queue("").await.remove(0);
    let read = caseworker.read(&report).await.expect(200);
    read.says("Nobody keeps this.")
        .says("at the river")
        .says("long long")
        .says("Her aunt is with her.");
}

/// The choice and the draft survive whatever else is done on the page.
#[tokio::test(flavor = "multi_thread")]
async fn a_draft_and_its_choice_come_back_from_every_question() {
    let app = TestApp::start().await;
    let reporter = app.reporter("en");
    let code = answered(&app, &reporter, &["Who is with her?"]).await;
    let mailbox = reporter.mailbox(&code).await;
    let mut form = mailbox.page.form("messages");
    form.set("text", "half a sent").set("keep", "yes");
    let delete = form
        .buttons
        .iter()
        .find(|button| button.value.starts_with("delete:"));
    let more = form
        .buttons
        .iter()
        .find(|button| button.value.starts_with("more:"));
    for step in [
        &delete.unwrap().value,
        "close",
        &more.unwrap().value,
        "open",
    ] {
        let page = reporter.site.submit(&form, step).await.expect(200);
        let back = reporter
            .site
            .submit(&page.form("messages"), "open")
            .await
            .expect(200);
        let back = back.form("messages");
        assert_eq!(
            back.value("text").map(str::trim),
            Some("half a sent"),
            "{step}"
        );
        assert_eq!(back.value("keep"), Some("yes"), "{step}");
        if step == "close" {
            page.says("What you have typed and not sent will be gone.");
        }
    }
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
