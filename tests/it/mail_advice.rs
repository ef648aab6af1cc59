//! What whoever puts mail right is told: how far it came, the server's numbers, one sentence of advice, and whether it arrives at all.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use kapea::domain::audit::AuditEvent;
use kapea::domain::clock::Timestamp;
use kapea::domain::email::EmailAddress;
use kapea::domain::mail_fault::MailFailure;
use kapea::locale::{Locale, Locales};
use kapea::mail::smtp::{Security, SmtpSettings};
use kapea::mail::{Message, NoticeText, Stationery};
use kapea::seal::random;

use crate::support::TestApp;
use crate::support::binary::Installation;
use crate::support::eventually;
use crate::support::reporter::Reporter;
use crate::support::smtp::{Authority, Server, client, login, token, transport};

const URGENT: &[(&str, &str)] = &[("danger", "now"), ("account", "urgent")];

fn notice() -> Message {
    let address = |text: &str| text.parse::<EmailAddress>().unwrap();
    let text = NoticeText::load(&Locales::load().unwrap());
    let stationery = Stationery::new(address("notices@example.org"), &text);
    let now = Timestamp::from_seconds(1_795_428_451);
    stationery.notice(random::outbox_id(), &address("oncall@example.org"), now)
}

async fn refused(settings: SmtpSettings) -> String {
    let outcome = transport(settings).send_and_hear(&notice()).await;
    let refusal = outcome.expect_err("it is refused");
    let failure = refusal.failure.to_string();
    assert_eq!(failure.parse::<MailFailure>(), Ok(refusal.failure));
    assert!(!format!("{:?}", refusal.failure).contains('@'));
    failure
}

/// The server's words are never looked at: each answer names an address, and says the opposite of what its numbers say.
#[tokio::test]
async fn a_refusal_says_stage_code_and_enhanced_code_at_each_stage() {
    let authority = Authority::new();
    for (stage, answer, expected) in [
        ("greeting", "554 5.7.1", "greeting greeting 554 5.7.1"),
        ("greeting", "421 4.3.2", "deferred greeting 421 4.3.2"),
        ("starttls", "454 4.7.0", "no-tls tls 454 4.7.0"),
        ("sign-in", "535 5.7.8", "login sign-in 535 5.7.8"),
        (
            "sign-in",
            "535 5.7.139",
            "password-unwanted sign-in 535 5.7.139",
        ),
        ("sender", "553 5.7.1", "sender sender 553 5.7.1"),
        ("sender", "451", "deferred sender 451"),
        ("recipient", "550 5.1.1", "refused recipient 550 5.1.1"),
        ("recipient", "554 5.7.1", "relay recipient 554 5.7.1"),
        ("recipient", "452 4.2.2", "full recipient 452 4.2.2"),
        ("data", "550 5.7.26", "unproven data 550 5.7.26"),
        ("data", "554 5.7.1", "content data 554 5.7.1"),
    ] {
        let answer = format!("{answer} oncall@example.org is welcome");
        let user = match stage {
            "sign-in" => Some(("plain", "s3cret")),
            _ => None,
        };
        let server = Server::start_refusing("starttls", &authority, user, (stage, &answer));
        let mut settings = client(server.port, Security::StartTls, Some(&authority));
        settings.login = user.and_then(|(name, _)| login(name, "wrong"));
        assert_eq!(refused(settings).await, expected, "{stage}: {answer}");
        assert!(server.taken(0).is_empty());
    }
    let answer = ("greeting", "554 5.7.1 no");
    let server = Server::start_refusing("implicit", &authority, None, answer);
    let settings = client(server.port, Security::Implicit, Some(&authority));
    assert_eq!(refused(settings).await, "greeting greeting 554 5.7.1");
}

/// What the server has taken is not sent again because it is slow to say goodbye.
#[tokio::test]
async fn a_server_that_answers_no_farewell_has_taken_the_notice() {
    let authority = Authority::new();
    let server = Server::start_refusing("starttls", &authority, None, ("quit", ""));
    let mut settings = client(server.port, Security::StartTls, Some(&authority));
    settings.timeout = std::time::Duration::from_millis(1_500);
    let sent = transport(settings).send(&notice()).await;
    assert_eq!(sent, Ok(()));
    assert_eq!(server.taken(1).len(), 1);
}

fn write_private(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Another program writes a new one each hour.
#[tokio::test]
async fn a_token_is_read_anew_for_each_notice_and_only_if_nobody_else_can_read_it() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    for (name, security) in [
        ("starttls", Security::StartTls),
        ("implicit", Security::Implicit),
    ] {
        let server = Server::start(name, &authority, Some(("kapea@example.org", "ya29.new")));
        let mut settings = client(server.port, security, Some(&authority));
        settings.login = token("kapea@example.org", &file);
        let smtp = transport(settings.clone());

        write_private(&file, "ya29.old\n");
        let outcome = smtp.send(&notice()).await;
        let failure = outcome.unwrap_err();
        assert_eq!(failure.to_string(), "token-refused sign-in 535 5.7.8");
        assert!(!failure.is_final());
        write_private(&file, "ya29.new\n");
        assert_eq!(smtp.send(&notice()).await, Ok(()));
        assert!(server.taken(1)[0].signed_in);

        for (text, mode) in [
            ("ya29.new\n", 0o640),
            ("ya29.new\n", 0o604),
            ("", 0o600),
            ("ya29.new\nya29.old\n", 0o600),
        ] {
            write_private(&file, text);
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(refused(settings.clone()).await, "token sign-in", "{text:?}");
        }
        fs::remove_file(&file).unwrap();
        assert_eq!(refused(settings).await, "token sign-in");
        assert_eq!(server.taken(1).len(), 1);
    }
    // A server that knows passwords alone is told no token.
    write_private(&file, "ya29.new\n");
    let server = Server::start("starttls", &authority, Some(("plain", "ya29.new")));
    let mut settings = client(server.port, Security::StartTls, Some(&authority));
    settings.login = token("plain", &file);
    assert_eq!(refused(settings).await, "no-mechanism sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_authorities_that_holds_a_servers_certificate_is_told_of_by_itself() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = Server::start("starttls", &authority, None);
    for (pem, expected) in [
        (authority.server_pem(), "authority-file tls"),
        (other.pem(), "authority tls"),
    ] {
        let mut settings = client(server.port, Security::StartTls, None);
        settings.extra_authorities = Some(pem);
        assert_eq!(refused(settings).await, expected);
    }
    // A certificate that is nobody's but the server's own vouches for it.
    let own = other.own_pem();
    let by_itself = Server::start_by_itself("starttls", &other);
    let mut settings = client(by_itself.port, Security::StartTls, None);
    settings.extra_authorities = Some(own.clone());
    assert_eq!(transport(settings.clone()).send(&notice()).await, Ok(()));
    settings.host = "127.0.0.1".parse().unwrap();
    assert_eq!(refused(settings).await, "certificate-name tls");

    let installation = Installation::settled();
    let file = installation.folder().join("ca.pem");
    installation.set(&[
        ("mail", "transport = \"smtp\""),
        ("mail", "host = \"localhost\""),
        ("mail", "ca_file = \"ca.pem\""),
    ]);
    for (pem, expected) in [
        (authority.server_pem(), Some("holds a server's certificate")),
        (authority.pem(), Some("bears the mail server's own name")),
        (own, None),
    ] {
        fs::write(&file, pem).unwrap();
        let (is_good, said) = installation.run_command(&["check-config"]);
        assert!(is_good, "{said}");
        let told: Vec<&str> = said.lines().filter(|it| it.contains("ca_file")).collect();
        assert_eq!(told.len(), usize::from(expected.is_some()), "{said}");
        assert!(
            expected.is_none_or(|words| told[0].contains(words)),
            "{said}"
        );
    }
}

/// In the terminal in the language that is asked for, in the log by numbers alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_advises_in_a_language_and_the_log_has_stage_and_numbers_alone() {
    let installation = Installation::settled();
    let authority = Authority::new();
    fs::write(installation.folder().join("ca.pem"), authority.pem()).unwrap();
    let answer = (
        "sender",
        "553 5.7.1 not you, kapea@hotline.example\u{1b}[2J",
    );
    let server = Server::start_refusing("starttls", &authority, None, answer);
    let port = format!("port = {}", server.port);
    installation.set(&[
        ("mail", "transport = \"smtp\""),
        ("mail", "host = \"localhost\""),
        ("mail", &port),
        ("mail", "ca_file = \"ca.pem\""),
    ]);
    let (is_good, said) = installation.run_command(&["mail", "test", "you@example.org"]);
    assert!(!is_good);
    assert!(
        said.contains("does not let this account send as mail.from")
            && said.contains("naming the sender. The server answered 553 5.7.1."),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'), "{said}");
    let words = ["mail", "test", "you@example.org", "--language", "km"];
    let (_, said) = installation.run_command(&words);
    let locales = Locales::load().unwrap();
    let advice = locales
        .translator("km".parse::<Locale>().unwrap())
        .text("mail-fault-sender");
    assert!(said.contains(&advice), "{said}");

    let served = installation.serve().await;
    let reporter = Reporter {
        site: served.public(),
        lang: "en",
    };
    reporter.file(URGENT).await;
    let line = eventually("the failure is in the log", || {
        let written = served.written();
        let line = written.lines().find(|line| line.contains("mail-failing"));
        let line = line.map(str::to_owned);
        async move { line }
    })
    .await;
    assert!(line.contains("sender sender 553 5.7.1"), "{line}");
    assert!(!served.written().contains("not you"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_advises_in_the_readers_language() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let full: MailFailure = "full recipient 552 5.2.2".parse().unwrap();
    app.mail.refuse("on-call", Some(full));
    app.reporter("en").file(URGENT).await;
    app.worker.step().await;
    let page = admin.get("/mail").await.expect(200);
    page.says("The recipient's mailbox is full: ask them to make room");
    page.says("naming the recipient. The server answered 552 5.2.2.");
    let page = admin.get("/mail?lang=km").await.expect(200);
    page.says("552 5.2.2");
    page.says_nothing_of("mailbox is full");
    app.mail.refuse("on-call", None);
    app.later(90).await;
}

/// Advice that fits two faults fits neither, and no sentence is two.
#[test]
fn each_fault_has_one_sentence_of_its_own_in_each_language() {
    let locales = Locales::load().unwrap();
    for locale in Locale::complete() {
        let words = locales.translator(locale);
        let said = kapea::domain::mail_fault::MailFault::ALL.map(|it| words.word("mail-fault", it));
        let different: BTreeSet<_> = said.iter().collect();
        assert_eq!(different.len(), said.len(), "{locale:?}");
        for sentence in &said {
            let ends = sentence.matches(". ").count() + sentence.matches('។').count();
            assert!(ends <= 1, "{sentence}");
        }
    }
}

#[test]
fn each_fault_is_on_the_page_for_the_night() {
    let page = include_str!("../../docs/operations.md");
    let table = page.split("| Word |").nth(1).unwrap();
    for fault in kapea::domain::mail_fault::MailFault::ALL {
        assert!(table.contains(&format!("`{fault}`")), "{fault}");
    }
}

/// Only who is on call can tell whether mail reaches them.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_on_call_says_that_the_mail_has_arrived_and_the_day_stands_with_their_name() {
    let app = TestApp::start().await;
    let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
    app.mail.take();
    let before = admin.get("/mail").await.expect(200);
    before.says("Nobody has said yet that a mail has reached them.");
    let test = before.form_to("/mail/test");
    let sent = admin.post_fields("/mail/test", &test.fields).await;
    sent.expect(303);
    // Those on call come first at each look: what this one finds goes at the next.
    app.worker.step().await;
    app.worker.step().await;
    let mailed = app.mail.take();
    let to: Vec<_> = mailed.iter().map(|mail| mail.to().as_str()).collect();
    assert_eq!(to, ["on-call@hotline.example"]);
    // The same as any other.
    app.reporter("en").file(URGENT).await;
    app.worker.step().await;
    let constant = |mail: &Message| -> String {
        let text = String::from_utf8(mail.bytes().to_vec()).unwrap();
        let varies = ["Date: ", "Message-ID: "];
        let lines = text.split_inclusive("\r\n");
        lines
            .filter(|line| !varies.iter().any(|header| line.starts_with(header)))
            .collect()
    };
    let urgent = app.mail.take();
    let urgent = urgent
        .iter()
        .find(|mail| mail.to() == mailed[0].to())
        .unwrap();
    assert_eq!(constant(&mailed[0]), constant(urgent));

    let page = sokha.get("/account").await.expect(200);
    let got = page.form_to("/account/mail");
    let noted = sokha.post_fields("/account/mail", &got.fields).await;
    noted.expect(303);
    // Not without a session, nor from elsewhere.
    let stranger = app.staff.post("/account/mail", &got.fields).await;
    assert_eq!(stranger.status, 401);
    let mut forged = got.fields.clone();
    for (name, value) in &mut forged {
        if name == "csrf" {
            "forged".clone_into(value);
        }
    }
    let forged = sokha.post_fields("/account/mail", &forged).await;
    assert_eq!(forged.status, 403);
    sokha.get("/mail").await.expect(404);
    let said = "Last known to have arrived: 23 November 2026, by sokha.";
    admin.get("/mail").await.expect(200).says(said);
    let entries: Vec<_> = app.trail(0).into_iter().map(|entry| entry.event).collect();
    let count = |event: &AuditEvent| entries.iter().filter(|it| *it == event).count();
    assert_eq!(count(&AuditEvent::MailTested {}), 1);
    assert_eq!(count(&AuditEvent::MailArrived {}), 1);
    // It stays.
    let app = app.restart();
    let admin = app.sign_in("admin").await;
    admin.get("/mail").await.expect(200).says(said);
}
