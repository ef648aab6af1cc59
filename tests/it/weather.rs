//! Bad weather: a locked database, a full disk, a taken port.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use kapea::seal::keys::{Seed, StaffKeys};
use kapea::seal::recovery::RecoveryPublic;

use crate::support::binary::Installation;
use crate::support::client::Page;
use crate::support::reporter::{Reporter, code_of};
use crate::support::{TestApp, eventually, settings};

const ACCOUNT: &str = "Typed while the storm was on: នាងមានអាយុប្រាំបីឆ្នាំ";

/// The page for a report that could not be stored: numbers to call, and everything typed ready to be sent again.
fn refused(page: Page, lang: &str) -> crate::support::html::Form {
    let page = page.expect(503);
    assert_eq!(page.language(), lang);
    assert!(page.header("retry-after").is_some());
    page.says(settings::PHONE);
    let form = page.form("form");
    assert_eq!(form.value("account"), Some(ACCOUNT));
    form
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_keeps_what_was_typed_and_passes() {
    let app = TestApp::start().await;
    let reporter = app.reporter("km");
    let code = reporter.file(&[("account", "before the storm")]).await;
    let mailbox = reporter.mailbox(&code).await;
    let form = reporter
        .fill(&[("danger", "over"), ("account", ACCOUNT)])
        .await;
    app.health.get("/readyz").await.expect(200);

    let mut other = crate::support::sql::open(app.database());
    other.batch_execute("BEGIN EXCLUSIVE").unwrap();
    let (sent, wrote) = tokio::join!(
        app.public.submit(&form, "send"),
        mailbox.write("a draft in the storm")
    );
    let again = refused(sent, "km");
    let wrote = wrote.expect(503);
    assert_eq!(
        wrote.form("messages").value("text"),
        Some("a draft in the storm")
    );
    app.public.get("/healthz").await.expect(200);
    other.batch_execute("ROLLBACK").unwrap();

    assert_eq!(app.health.get("/readyz").await.expect(200).body(), "ok");
    code_of(&app.public.submit(&again, "send").await.expect(200));
    app.public
        .submit(&wrote.form("messages"), "write")
        .await
        .expect(200);
    assert_eq!(
        app.sign_in("sokha").await.queue("").await.len(),
        2,
        "once each"
    );
}

/// Whichever form of the staff's it was: the page for "the storage does not answer" has the words that were typed.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_the_staff_gives_its_words_back_while_the_database_is_locked() {
    let app = TestApp::start().await;
    app.reporter("en").file(&[("account", ACCOUNT)]).await;
    let sokha = app.sign_in("sokha").await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    let version = sokha.version(&report).await;
    let (admin, custodian) = (app.sign_in("admin").await, app.sign_in("custodian").await);
    let line = RecoveryPublic::of(&StaffKeys::from_seed(&Seed::random())).to_string();
    let code = custodian.code(&app.clock).await;

    let mut other = crate::support::sql::open(app.database());
    other.batch_execute("BEGIN EXCLUSIVE").unwrap();
    let note = [("version", version.as_str()), ("note", "words-of-a-note")];
    let paper = [("line", line.as_str()), ("code", code.as_str())];
    let note_path = format!("/reports/{report}/note");
    let pages = tokio::join!(
        sokha.post(&note_path, &note),
        admin.post(
            "/teams",
            &[("name", "words-of-a-team"), ("channel", "main")]
        ),
        admin.post(
            "/people/invite",
            &[("role", "auditor"), ("handle", "words.of.a.handle")]
        ),
        custodian.post("/recovery/register", &paper),
    );
    other.batch_execute("ROLLBACK").unwrap();
    for (page, words) in [
        (pages.0, "words-of-a-note"),
        (pages.1, "words-of-a-team"),
        (pages.2, "words.of.a.handle"),
        (pages.3, &line),
    ] {
        let page = page.expect(503);
        assert!(page.header("retry-after").is_some(), "{words}");
        page.says(words);
    }
}

/// Nobody may write a file beyond this many blocks of 512 bytes; the system says so as it does on a full disk.
fn with_little_room(installation: &Installation, blocks: u64) -> std::process::Command {
    let mut command = std::process::Command::new("sh");
    let serve = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" serve --config \"$1\"");
    command
        .env_clear()
        .args(["-c", &serve, env!("CARGO_BIN_EXE_kapea")])
        .arg(installation.config())
        .stdin(std::process::Stdio::null());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_keeps_what_was_typed_and_says_so() {
    let installation = Installation::settled();
    installation.set(&[("log", "level = \"info\"")]);
    // Without what is kept in reserve for a disk that is full: here the file itself may not grow.
    crate::support::sql::run_in(&installation.database(), "VACUUM");
    let blocks = std::fs::metadata(installation.database()).unwrap().len() / 512 + 600;
    let served = installation
        .serve_as(with_little_room(&installation, blocks), 2)
        .await;
    let reporter = Reporter {
        site: served.public(),
        lang: "en",
    };
    let mut codes = Vec::new();
    let mut full = None;
    let large = "ក".repeat(15_000);
    for _ in 0..200 {
        let form = reporter
            .fill(&[
                ("danger", "over"),
                ("account", ACCOUNT),
                ("suspect", &large[..1_800]),
            ])
            .await;
        let page = served.public().submit(&form, "send").await;
        if page.status == 200 {
            codes.push(code_of(&page));
        } else {
            full = Some(refused(page, "en"));
            break;
        }
    }
    let form = full.expect("the disk filled up");
    assert!(!codes.is_empty());
    // A probe is shorter than a report: what is left may be room for a few.
    let probe = eventually("it is not ready", async || {
        let probe = served.health().get("/readyz").await;
        (probe.status == 503).then_some(probe)
    })
    .await;
    assert!(["not ready", "the form is closed"].contains(&probe.body().as_str()));
    served
        .public()
        .get("/en/help")
        .await
        .expect(200)
        .says(settings::PHONE);
    // Everything that was promised is there, and with room again the same form goes through.
    drop(served);
    let served = installation.serve().await;
    let reporter = Reporter {
        site: served.public(),
        lang: "en",
    };
    for code in &codes {
        reporter.mailbox(code).await;
    }
    code_of(&served.public().submit(&form, "send").await.expect(200));
    served.health().get("/readyz").await.expect(200);
}

#[test]
fn a_taken_port_is_named_and_the_program_ends() {
    let installation = Installation::settled();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for side in ["public", "staff"] {
        let other = if side == "public" { "staff" } else { "public" };
        installation.set(&[
            ("server", &format!("{side} = \"{address}\"")),
            ("server", &format!("{other} = \"127.0.0.1:0\"")),
        ]);
        let output = installation.command().output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert!(said.contains(&address) && said.contains("port"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_ends_when_it_is_told_to() {
    let installation = Installation::settled();
    let mut served = installation.serve().await;
    served.terminate();
    let ended = eventually("it ends", || {
        let running = served.is_running();
        async move { (!running).then_some(()) }
    });
    tokio::time::timeout(Duration::from_secs(60), ended)
        .await
        .unwrap();
}
