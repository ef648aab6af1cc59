//! Notices over a real connection: TLS or nothing (I4), and never lost or doubled by a server that is away (I1).

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::Duration;

use kapea::domain::clock::{Clock, Day, Timestamp};
use kapea::domain::email::EmailAddress;
use kapea::domain::ids::OutboxId;
use kapea::domain::mail_fault::MailFailure;
use kapea::domain::notice::NoticeList;
use kapea::locale::Locales;
use kapea::mail::file::FileTransport;
use kapea::mail::smtp::{InvalidAuthorities, Security, Smtp};
use kapea::mail::{Message, NoticeText, Stationery, Transport as MailTransport};
use kapea::seal::{chain::CustodianPins, credentials::Credentials, random};
use kapea::service::audit_log::AuditLog;
use kapea::service::{Changing, Reloadable, Steps};
use kapea::store::{NewDelivery, Store, StoreError, delivery_insert, outbox_counts};
use kapea::worker::{Parts, Worker, WorkerSettings};
use tempfile::TempDir;

use crate::support::smtp::{Authority, Server, Wire, client, login, transport};

/// 2026-11-23 10:07:31 UTC.
const NOW: Timestamp = Timestamp::from_seconds(1_795_428_451);

fn stationery() -> Stationery {
    let text = NoticeText::load(&Locales::load().unwrap());
    Stationery::new(address("notices"), &text)
}

fn address(name: &str) -> EmailAddress {
    format!("{name}@example.org").parse().unwrap()
}

fn notice(to: &str) -> Message {
    stationery().notice(random::outbox_id(), &address(to), NOW)
}

/// As it is kept and logged.
fn failed(text: &str) -> Result<(), MailFailure> {
    Err(text.parse().unwrap())
}

fn holds(heard: &[u8], needle: &str) -> bool {
    heard
        .windows(needle.len())
        .any(|window| window == needle.as_bytes())
}

#[tokio::test]
async fn i4_starttls_with_a_trusted_certificate_delivers_and_shows_the_wire_nothing() {
    let authority = Authority::new();
    let server = Server::start("starttls", &authority, None);
    let wire = Wire::to(server.port).await;
    let message = notice("oncall");
    let smtp = transport(client(wire.port, Security::StartTls, Some(&authority)));
    assert_eq!(smtp.send(&message).await, Ok(()));

    let taken = &server.taken(1)[0];
    assert_eq!(taken.sender, "notices@example.org");
    assert_eq!(taken.recipients, ["oncall@example.org"]);
    assert_eq!(taken.hello, "kapea.example.org");
    assert_eq!(taken.content().as_bytes(), message.bytes());

    let heard = wire.heard();
    assert!(heard.starts_with(b"EHLO kapea.example.org\r\nSTARTTLS\r\n\x16\x03"));
    for secret in ["MAIL", "RCPT", "oncall", "notices", "Subject", "QUIT"] {
        assert!(!holds(&heard, secret), "{secret} in clear");
    }
}

#[tokio::test]
async fn i4_words_added_in_clear_behind_starttls_are_not_taken_for_the_servers() {
    let authority = Authority::new();
    let server = Server::start("starttls", &authority, None);
    let wire = Wire::with_injection(server.port, b"250 mail.test\r\n").await;
    let smtp = transport(client(wire.port, Security::StartTls, Some(&authority)));
    let outcome = smtp.send(&notice("oncall")).await;
    assert_eq!(outcome, failed("tls tls"));
    assert!(server.taken(0).is_empty());
}

#[tokio::test]
async fn i4_implicit_tls_delivers_and_shows_the_wire_nothing() {
    let authority = Authority::new();
    let server = Server::start("implicit", &authority, None);
    let wire = Wire::to(server.port).await;
    let smtp = transport(client(wire.port, Security::Implicit, Some(&authority)));
    assert_eq!(smtp.send(&notice("oncall")).await, Ok(()));
    assert_eq!(server.taken(1)[0].recipients, ["oncall@example.org"]);
    assert!(wire.heard().starts_with(b"\x16\x03"));
    assert!(!holds(&wire.heard(), "EHLO"));
}

#[tokio::test]
async fn i4_a_certificate_of_an_unknown_authority_is_refused() {
    let (authority, other) = (Authority::new(), Authority::new());
    for (name, security) in [
        ("starttls", Security::StartTls),
        ("implicit", Security::Implicit),
    ] {
        let server = Server::start(name, &authority, None);
        for trusted in [None, Some(&other)] {
            let wire = Wire::to(server.port).await;
            let smtp = transport(client(wire.port, security, trusted));
            let outcome = smtp.send(&notice("oncall")).await;
            assert_eq!(outcome, failed("authority tls"), "{name}");
            assert!(!holds(&wire.heard(), "oncall"));
        }
        assert!(server.taken(0).is_empty());
    }
}

#[tokio::test]
async fn i4_a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let server = Server::start("starttls", &authority, None);
    let mut settings = client(server.port, Security::StartTls, Some(&authority));
    settings.host = "127.0.0.1".parse().unwrap();
    let outcome = transport(settings).send(&notice("oncall")).await;
    assert_eq!(outcome, failed("certificate-name tls"));
    assert!(server.taken(0).is_empty());
}

#[tokio::test]
async fn i4_a_server_without_starttls_gets_nothing() {
    let authority = Authority::new();
    let server = Server::start("clear", &authority, None);
    let wire = Wire::to(server.port).await;
    let mut settings = client(wire.port, Security::StartTls, Some(&authority));
    settings.login = login("kapea", "correct horse");
    let outcome = transport(settings).send(&notice("oncall")).await;
    assert_eq!(outcome, failed("no-tls tls"));
    assert_eq!(
        wire.heard(),
        b"EHLO kapea.example.org\r\nQUIT\r\n",
        "the greeting and the farewell, no more"
    );
    assert!(server.taken(0).is_empty());
}

#[tokio::test]
async fn i4_a_server_in_clear_where_tls_is_expected_gets_nothing() {
    let authority = Authority::new();
    let server = Server::start("clear", &authority, None);
    let wire = Wire::to(server.port).await;
    let mut settings = client(wire.port, Security::Implicit, Some(&authority));
    settings.timeout = Duration::from_secs(3);
    let outcome = transport(settings).send(&notice("oncall")).await;
    assert!(
        outcome.is_err_and(|failure| !failure.is_final()),
        "{outcome:?}"
    );
    assert!(!holds(&wire.heard(), "oncall"));
    assert!(server.taken(0).is_empty());
}

#[tokio::test]
async fn signing_in_is_used_and_a_wrong_password_is_no_reason_to_go_on_without() {
    let authority = Authority::new();
    for (name, security) in [
        ("starttls", Security::StartTls),
        ("implicit", Security::Implicit),
    ] {
        let server = Server::start(name, &authority, Some(("kapea", "correct horse")));
        let mut settings = client(server.port, security, Some(&authority));
        settings.login = login("kapea", "correct horse");
        assert_eq!(
            transport(settings.clone()).send(&notice("oncall")).await,
            Ok(())
        );
        assert!(server.taken(1)[0].signed_in);

        settings.login = login("kapea", "wrong");
        let outcome = transport(settings.clone()).send(&notice("oncall")).await;
        assert_eq!(outcome, failed("login sign-in 535 5.7.8"), "{name}");

        settings.login = None;
        let outcome = transport(settings).send(&notice("oncall")).await;
        assert_eq!(outcome, failed("login-missing sender 530 5.7.0"), "{name}");
        assert_eq!(server.taken(1).len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_offers_no_way_to_sign_in_is_told_no_password() {
    let authority = Authority::new();
    let server = Server::start("starttls", &authority, None);
    let mut settings = client(server.port, Security::StartTls, Some(&authority));
    settings.login = login("kapea", "correct horse");
    let outcome = transport(settings).send(&notice("oncall")).await;
    assert!(outcome.is_err(), "{outcome:?}");
    assert!(server.taken(0).is_empty());
}

/// A volunteer is told where to look.
#[tokio::test]
async fn every_cause_has_a_class_of_its_own() {
    let authority = Authority::new();
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    for (security, hung_up) in [
        (Security::StartTls, "hung-up greeting"),
        (Security::Implicit, "hung-up tls"),
    ] {
        let settings = client(port, security, Some(&authority));
        let outcome = transport(settings.clone()).send(&notice("oncall")).await;
        assert_eq!(outcome, failed("unreachable connect"), "{security:?}");

        let mut unknown = settings.clone();
        unknown.host = "mail.invalid".parse().unwrap();
        let outcome = transport(unknown).send(&notice("oncall")).await;
        assert_eq!(outcome, failed("no-host connect"), "{security:?}");

        // It takes the call and hangs up.
        let rude = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = rude.local_addr().unwrap().port();
        let smtp = transport(client(port, security, Some(&authority)));
        let message = notice("oncall");
        let (outcome, _) = tokio::join!(smtp.send(&message), async { drop(rude.accept().await) });
        assert_eq!(outcome, failed(hung_up), "{security:?}");

        // An authority's own certificate at a server's place.
        let name = match security {
            Security::StartTls => "starttls",
            Security::Implicit => "implicit",
        };
        let server = Server::start_as_authority(name, &authority);
        let settings = client(server.port, security, Some(&authority));
        let outcome = transport(settings).send(&notice("oncall")).await;
        assert_eq!(outcome, failed("certificate-use tls"), "{security:?}");
    }
}

#[tokio::test]
async fn refusals_keep_their_class_and_lose_their_words() {
    let authority = Authority::new();
    let server = Server::start("starttls", &authority, None);
    let smtp = transport(client(server.port, Security::StartTls, Some(&authority)));
    let refused = smtp.send(&notice("refused")).await;
    assert_eq!(refused, failed("refused recipient 550 5.1.1"));
    let later = smtp.send(&notice("later")).await;
    assert_eq!(later, failed("deferred recipient 451 4.2.1"));
    for outcome in [refused, later] {
        let error = outcome.unwrap_err();
        assert!(!format!("{error} {error:?}").contains('@'));
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_left_after_the_timeout() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut settings = client(port, Security::StartTls, None);
    settings.timeout = Duration::from_millis(300);
    let outcome = transport(settings).send(&notice("oncall")).await;
    assert_eq!(outcome, failed("timeout greeting"));
}

#[test]
fn a_file_without_certificates_is_refused_at_start() {
    let mut settings = client(465, Security::Implicit, None);
    for pem in [&b""[..], b"not PEM", b"-----BEGIN CERTIFICATE-----\nAAAA\n"] {
        settings.extra_authorities = Some(pem.to_vec());
        let refused = Smtp::new(settings.clone()).err();
        assert_eq!(refused, Some(InvalidAuthorities));
    }
}

#[tokio::test]
async fn files_are_whole_and_readable_by_the_owner_alone() {
    let folder = TempDir::new().unwrap();
    let files = MailTransport::File(FileTransport::new(folder.path().to_owned()));
    let message = notice("oncall");
    files.send(&message).await.unwrap();
    files.send(&message).await.unwrap();
    let entries: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let path = folder.path().join(format!("{}.eml", message.id()));
    assert_eq!(
        entries,
        std::slice::from_ref(&path),
        "sent again it is the same file"
    );
    assert_eq!(std::fs::read(&path).unwrap(), message.bytes());
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let gone = MailTransport::File(FileTransport::new(folder.path().join("gone")));
    assert_eq!(gone.send(&message).await, failed("file"));
}

/// A worker with a database of its own, which mails to `localhost` at this port.
struct Office {
    worker: Worker,
    store: Store,
    credentials: Arc<Credentials>,
    clock: Clock,
    _folder: TempDir,
}

impl Office {
    fn new(port: u16, authority: &Authority) -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open_path(&folder.path().join("kapea.db")).unwrap();
        let credentials = Arc::new(Credentials::made_on(Day::from_number(20_780)));
        let clock = Clock::manual(NOW);
        let settings = WorkerSettings {
            hotline: vec![address("hotline")],
            on_call: vec![address("oncall")],
            on_call_backup: vec![],
            alarm: vec![],
            anchor: vec![],
            anchor_hour: 2,
            urgent_repeat_minutes: 15,
            heartbeat_hour: 1,
            claim_idle_seconds: 900,
            tick: Duration::from_secs(5),
        };
        let smtp = transport(client(port, Security::StartTls, Some(authority)));
        let worker = Worker::new(
            Parts {
                name: "worker".to_owned(),
                steps: Steps::default(),
                store: store.clone(),
                clock: clock.clone(),
                audit_log: AuditLog::new(&credentials),
                changing: Changing::new(Reloadable {
                    credentials: Arc::clone(&credentials),
                    pins: CustodianPins {
                        threshold: 1,
                        custodians: Vec::new(),
                    },
                }),
                authority: kapea::service::Authority::default(),
                wake: Arc::default(),
            },
            smtp,
            stationery(),
            settings,
        );
        Self {
            worker,
            store,
            credentials,
            clock,
            _folder: folder,
        }
    }

    fn letter(&self, to: &str, list: NoticeList) -> OutboxId {
        let id = random::outbox_id();
        let sealed = (self.credentials).contact_seal(id.as_bytes(), address(to).as_str());
        let letter = NewDelivery {
            id,
            list,
            address_ct: sealed.unwrap(),
        };
        self.store
            .blocking_write(|conn| delivery_insert(conn, &letter, self.clock.now().quarter()))
            .unwrap();
        id
    }

    fn counts(&self) -> (i64, i64) {
        let counts: Result<_, StoreError> = self.store.blocking(outbox_counts);
        counts.unwrap()
    }
}

#[tokio::test]
async fn i1_a_server_that_was_down_gets_the_notice_once_with_the_same_message_id() {
    let authority = Authority::new();
    let port = Server::start("starttls", &authority, None).port;
    let office = Office::new(port, &authority);
    let id = office.letter("oncall", NoticeList::OnCall);
    assert_eq!(office.worker.tell().await.unwrap(), 0);
    assert_eq!(office.counts(), (1, 0));

    let server = Server::start_on(port, "starttls", &authority, None);
    office.clock.advance(3_600);
    assert_eq!(office.worker.tell().await.unwrap(), 1);
    assert_eq!(office.worker.tell().await.unwrap(), 0);
    assert_eq!(office.counts(), (0, 0));
    let taken = server.taken(1);
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].header("Message-ID"), format!("<{id}@example.org>"));
    assert_eq!(taken[0].header("Date"), "Mon, 23 Nov 2026 11:00:00 +0000");
}

#[tokio::test]
async fn i2_urgent_ordinary_heartbeat_and_test_are_the_same_bytes() {
    let authority = Authority::new();
    let server = Server::start("starttls", &authority, None);
    let office = Office::new(server.port, &authority);
    office.letter("urgent", NoticeList::OnCall);
    office.letter("ordinary", NoticeList::Hotline);
    assert_eq!(office.worker.heartbeat().await.unwrap(), 2);
    assert_eq!(office.worker.tell().await.unwrap(), 4);
    let smtp = transport(client(server.port, Security::StartTls, Some(&authority)));
    smtp.send(&notice("test")).await.unwrap();

    let constant = |content: &str| -> String {
        let varies = ["Date: ", "To: ", "Message-ID: "];
        content
            .split_inclusive("\r\n")
            .filter(|line| !varies.iter().any(|header| line.starts_with(header)))
            .collect()
    };
    let taken = server.taken(5);
    assert_eq!(taken.len(), 5);
    let first = constant(&taken[0].content());
    assert!(first.contains("base64\r\n"));
    for message in &taken {
        assert_eq!(constant(&message.content()), first);
        assert_eq!(message.recipients.len(), 1);
        assert_eq!(message.header("To"), format!("<{}>", message.recipients[0]));
    }
}
