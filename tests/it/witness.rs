//! What is remembered outside the database: what is wrong with it is an alarm, and reports go on.

use std::path::{Path, PathBuf};
use std::process::Output;

use kapea::domain::clock::Day;
use kapea::seal::credentials::Credentials;
use kapea::seal::random;
use kapea::seal::witness::WitnessRecord;
use kapea::witness::Witness;

use crate::support::binary::{Installation, program};
use crate::support::sql::count;
use crate::support::{TestApp, log};

const ALARM: &str = "The witness file does not agree with the database";

fn folder(root: &Path) -> PathBuf {
    root.join("data/witness")
}

fn file(root: &Path) -> PathBuf {
    folder(root).join("witness")
}

fn credentials(root: &Path) -> Credentials {
    let text = std::fs::read_to_string(root.join("credentials.toml")).unwrap();
    Credentials::parse(&text).unwrap()
}

type Spoil = fn(&Path);

const SPOILT: [(&str, Spoil); 4] = [
    ("missing", |root| std::fs::remove_file(file(root)).unwrap()),
    ("not readable", |root| {
        std::fs::remove_file(file(root)).unwrap();
        std::fs::create_dir(file(root)).unwrap();
    }),
    ("made without the credentials", |root| {
        let keys = Credentials::made_on(Day::from_number(20_780)).witness_keys();
        let record = WitnessRecord::new(random::installation_id());
        Witness::create(&folder(root), &keys, &record).unwrap();
    }),
    ("of another installation", |root| {
        let keys = credentials(root).witness_keys();
        let record = WitnessRecord::new(random::installation_id());
        Witness::create(&folder(root), &keys, &record).unwrap();
    }),
];

async fn sounds(app: &TestApp) -> bool {
    let auditor = app.sign_in("auditor").await;
    let page = auditor.get("/alarms").await.expect(200);
    page.body().contains(ALARM)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_witness_file_is_an_alarm_at_once_and_after_a_restart_and_reports_go_on() {
    for (what, spoil) in SPOILT {
        let app = TestApp::start().await;
        app.worker.watch().await.unwrap();
        assert!(!sounds(&app).await);
        spoil(app.folder.path());
        app.worker.watch().await.unwrap();
        assert!(sounds(&app).await, "{what}");

        let app = TestApp::start().await;
        spoil(app.folder.path());
        let app = app.restarted(&[]);
        app.worker.watch().await.unwrap();
        assert!(sounds(&app).await, "{what}, after a restart");
        app.reporter("en")
            .file(&[("danger", "over"), ("account", "told")])
            .await;
        let sokha = app.sign_in("sokha").await;
        assert_eq!(sokha.queue("").await.len(), 1, "{what}");
    }
}

fn command(installation: &Installation, words: &[&str]) -> Output {
    program()
        .arg("witness")
        .args(words)
        .arg("--config")
        .arg(installation.config())
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_shows_both_sides_and_accepts_what_is_there_after_asking() {
    let installation = Installation::settled();
    let said = |output: &Output| {
        String::from_utf8([output.stdout.clone(), output.stderr.clone()].concat()).unwrap()
    };
    let shown = command(&installation, &["show"]);
    assert!(shown.status.success(), "{}", said(&shown));
    let refused = command(&installation, &["accept"]);
    assert!(!refused.status.success() && said(&refused).contains("nothing was changed"));
    for (what, spoil) in SPOILT {
        spoil(installation.folder());
        assert!(
            !command(&installation, &["show"]).status.success(),
            "{what}"
        );
        if file(installation.folder()).is_dir() {
            std::fs::remove_dir(file(installation.folder())).unwrap();
        }
        let accepted = command(&installation, &["accept", "--yes"]);
        assert!(accepted.status.success(), "{what}: {}", said(&accepted));
        let shown = command(&installation, &["show"]);
        assert!(shown.status.success(), "{what}: {}", said(&shown));
    }
}

type Wear = fn(&Path, &[u8]);

/// How a file that was good comes to be of no use while the service runs: an earlier copy of it is put back, or its place takes no other.
const WORN: [(&str, Wear); 2] = [
    (
        "an older copy of the witness file was put in its place",
        |root, earlier| std::fs::write(file(root), earlier).unwrap(),
    ),
    ("the witness file cannot be written", |root, _| {
        // Whoever may do everything is kept from it too.
        std::fs::create_dir(folder(root).join("witness.new")).unwrap();
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_file_that_is_older_or_takes_nothing_is_told_of_once_and_reports_go_on() {
    for (sentence, spoil) in WORN {
        let mut app = TestApp::start().await;
        let logged = || log::written().matches(sentence).count();
        let file_one = async |app: &TestApp, all: usize| {
            let told = [("danger", "over"), ("account", "told")];
            app.reporter("en").file(&told).await;
            let sokha = app.sign_in("sokha").await;
            assert_eq!(sokha.queue("").await.len(), all, "{sentence}");
        };
        app.worker.watch().await.unwrap();
        let earlier = std::fs::read(file(app.folder.path())).unwrap();
        // The log, the time and a team's ledger go on.
        let (admin, sokha) = (app.sign_in("admin").await, app.sign_in("sokha").await);
        app.new_caseworker(&admin, &sokha, "vanna").await;
        app.clock.advance(900);
        app.worker.watch().await.unwrap();
        assert!(!sounds(&app).await, "{sentence}");

        let before = logged();
        spoil(app.folder.path(), &earlier);
        app.clock.advance(900);
        for _ in 0..2 {
            app.worker.watch().await.unwrap();
            assert!(sounds(&app).await, "{sentence}");
        }
        assert!(logged() > before, "{sentence}");
        file_one(&app, 1).await;
        // A ledger that goes on meanwhile is no tampering.
        let admin = app.sign_in("admin").await;
        let sokha = app.sign_in("sokha").await;
        app.new_caseworker(&admin, &sokha, "rith").await;
        app.worker.watch().await.unwrap();
        assert_eq!(count(&app, "alarms"), 1, "{sentence}");
        let app = app.restarted(&[]);
        app.clock.advance(900);
        app.worker.watch().await.unwrap();
        assert!(sounds(&app).await, "{sentence}, after a restart");
        file_one(&app, 2).await;
    }
}
