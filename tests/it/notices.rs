//! Notices through the front door: what administrators see of mail that does not leave, and that nothing that hangs holds the end up.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::Command;

use kapea::domain::mail_fault::MailFailure;

use crate::support::TestApp;
use crate::support::binary::{Installation, Served};
use crate::support::eventually;
use crate::support::reporter::Reporter;

const URGENT: &[(&str, &str)] = &[("danger", "now"), ("account", "urgent")];
const DOWN: MailFailure = MailFailure::unreachable();
const REFUSED: MailFailure = MailFailure::refused();

/// It is told to end, and does.
async fn ends_in_order(served: &mut Served) {
    served.terminate();
    let status = eventually("it ends", || {
        let status = served.ended();
        async move { status }
    })
    .await;
    assert!(status.success(), "{}", served.written());
}

/// B4: from the first minute, with since when and why.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_names_an_address_from_its_first_failure() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    app.mail.refuse("on-call", Some(DOWN));
    app.reporter("en").file(URGENT).await;
    app.worker.step().await;
    let page = admin.get("/mail").await.expect(200);
    page.says("on-call@hotline.example");
    page.says("The mail server does not answer: check mail.host and mail.port");
    page.says("It came as far as: reaching the server. Tried once.");
    page.says("It is tried again by itself");
    assert!(page.forms_to("/mail/retry").is_empty());
    admin
        .get("/status")
        .await
        .expect(200)
        .says("Addresses to which mail does not leave");
    app.mail.refuse("on-call", Some(REFUSED));
    app.later(90).await;
    let page = admin.get("/mail").await.expect(200);
    page.says("refuses this address for good");
    page.says("The server answered 550.");
    page.says("It is not tried any more");
    assert_eq!(page.forms_to("/mail/retry").len(), 1);
    app.worker.step().await;
    assert!(
        app.mailed().contains(&"backup@hotline.example".to_owned()),
        "others hear"
    );
    // Put right, and tried again by hand.
    app.mail.refuse("on-call", None);
    let form = page.forms_to("/mail/retry").remove(0);
    admin
        .post_fields("/mail/retry", &form.fields)
        .await
        .expect(303);
    app.worker.step().await;
    assert!(app.mailed().contains(&"on-call@hotline.example".to_owned()));
    admin
        .get("/mail")
        .await
        .expect(200)
        .says("Every notice has gone out.");
}

/// A thread that hangs in the system cannot be called back.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_hangs_in_the_system_holds_the_end_up() {
    let installation = Installation::settled();
    let mut command = installation.command();
    command.args(["--roles", "intake,casework,worker"]);
    let mut served = installation.serve_as(command, 2).await;
    // Whoever reads it waits for somebody who writes.
    let file = installation.config();
    std::fs::remove_file(&file).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(&file)
            .status()
            .unwrap()
            .success()
    );
    served.signal("HUP");
    let reader = eventually("it reads", async || {
        let mut writer = OpenOptions::new();
        writer.write(true).custom_flags(0o4000); // O_NONBLOCK: fails as long as nobody reads.
        writer.open(&file).ok()
    })
    .await;
    ends_in_order(&mut served).await;
    drop(reader);
}

/// B10: a mail server that says nothing, and a form that is half sent.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_hangs_holds_the_end_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("port = {}", silent.local_addr().unwrap().port());
    let installation = Installation::settled();
    installation.set(&[
        ("mail", "transport = \"smtp\""),
        ("mail", "host = \"localhost\""),
        ("mail", &port),
    ]);
    let mut served = installation.serve().await;
    let public = served.public();
    let mut half = TcpStream::connect(public.address).unwrap();
    half.write_all(
        b"POST /en/report HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\naccount=half",
    )
    .unwrap();
    let reporter = Reporter {
        site: public,
        lang: "en",
    };
    reporter.file(URGENT).await;
    // It is under way, and nobody answers.
    let _mail = silent.accept().unwrap();
    ends_in_order(&mut served).await;
}
