//! What a release has kept is read by every later one, and nobody changes its migrations: `tests/releases` has a database of each, made by
//! the real program, and the digests of the migrations that it came with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use data_encoding::HEXLOWER;
use kapea::domain::clock::{Clock, Timestamp};
use kapea::store::{self, Location, Store};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::support::app::private_folder;
use crate::support::binary::{Installation, program};
use crate::support::reporter::Reporter;
use crate::support::staff::{Keepsake, Person};
use crate::support::{TestApp, eventually, sql};

/// Each release, the newest last.
const RELEASES: &[&str] = &["0.1.0"];
/// What its reporter wrote, what a caseworker answered and noted.
const WORDS: &str = "The man from the boats asks them for photographs.";
const ANSWER: &str = "Thank you. Can you say which boat?";
const REPLY: &str = "The blue one.";
const NOTE: &str = "Seen before in spring.";
const FILES: [&str; 3] = ["kapea.toml", "credentials.toml", "data/witness/witness"];

/// What whoever opens it must know.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// When it was made, in seconds.
    now: i64,
    /// The reporter's code.
    code: String,
    people: Vec<Keepsake>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn folder(release: &str) -> PathBuf {
    root().join("tests/releases").join(release)
}

fn database(release: &str) -> PathBuf {
    root().join(format!("tests/releases/{release}.db"))
}

/// A copy of its installation that can be worked with.
fn installed(release: &str) -> tempfile::TempDir {
    let copy = private_folder();
    for name in FILES {
        let to = copy.path().join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(folder(release).join(name.rsplit('/').next().unwrap()), to).unwrap();
    }
    fs::copy(database(release), copy.path().join("data/kapea.db")).unwrap();
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn what_each_release_has_kept_is_migrated_and_read() {
    for release in RELEASES {
        let kept = fs::read_to_string(folder(release).join("kept.json")).unwrap();
        let kept: Kept = serde_json::from_str(&kept).unwrap();
        let people = kept.people.iter().map(Person::of_keepsake).collect();
        let now = Timestamp::from_seconds(kept.now);
        let app = TestApp::of(installed(release), now, people);
        app.store.blocking(store::schema_check).unwrap();
        let reporter = app.reporter("en");
        let mailbox = reporter.mailbox(&kept.code).await;
        assert_eq!(mailbox.messages(), [ANSWER], "{release}");
        mailbox.write("And the red one.").await.expect(200);
        let sokha = app.sign_in("sokha").await;
        let queue = sokha.queue("").await;
        assert_eq!(queue.len(), 2, "{release}");
        let mut pages = Vec::new();
        for report in &queue {
            pages.push(sokha.read(report).await.expect(200).text());
        }
        let page = pages.iter().find(|page| page.contains(WORDS));
        let page = page.expect("the report opens");
        for words in [ANSWER, REPLY, NOTE, "And the red one."] {
            assert!(page.contains(words), "{release}: {words}");
        }
        let admin = app.sign_in("admin").await;
        admin.get("/status").await.expect(200);
        let auditor = app.sign_in("auditor").await;
        auditor.get("/audit").await.expect(200);
        app.worker.watch().await.unwrap();
        assert_eq!(sql::count(&app, "alarms"), 0, "{release}");
    }
}

/// The files of the migrations that a database has been through, with their digests: as `sha256sum` writes and checks them.
fn digests(database: &Path) -> String {
    let ran = sql::texts(
        &mut sql::open(database),
        "SELECT version FROM __diesel_schema_migrations ORDER BY version",
    );
    let all = root().join("migrations/sqlite");
    let mut folders = BTreeMap::new();
    for entry in fs::read_dir(&all).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let version = name.split('_').next().unwrap().replace('-', "");
        folders.insert(version, name);
    }
    let mut lines = String::new();
    for version in ran {
        let name = &folders[&version];
        for file in ["down.sql", "up.sql"] {
            let path = format!("migrations/sqlite/{name}/{file}");
            let bytes = fs::read(root().join(&path)).unwrap();
            let digest = HEXLOWER.encode(&Sha256::digest(bytes));
            lines.push_str(&format!("{digest}  {path}\n"));
        }
    }
    lines
}

#[test]
fn nobody_changes_the_migrations_of_a_release() {
    for release in RELEASES {
        let file = folder(release).join("migrations.sha256");
        let frozen = fs::read_to_string(&file).unwrap();
        assert!(frozen.lines().count() >= 2, "{}", file.display());
        let copy = private_folder();
        let to = copy.path().join("kapea.db");
        fs::copy(database(release), &to).unwrap();
        assert_eq!(
            digests(&to),
            frozen,
            "a migration of release {release} was changed: add another one (migrations/README.md)"
        );
    }
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(RELEASES.last(), Some(&version), "the newest is this one");
    let log = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    assert!(log.contains(&format!("\n## [{version}] - ")));
}

/// Writes what the others here read, for the version in `Cargo.toml`. Once, on the day of a release: `migrations/README.md`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes what is frozen from then on"]
async fn write() {
    let release = env!("CARGO_PKG_VERSION");
    let installation = Installation::settled();
    let clock = Clock::system();
    let served = installation.serve().await;
    let site = served.public();
    let reporter = Reporter { site, lang: "en" };
    let told = [("danger", "over"), ("account", WORDS)];
    let code = reporter.file(&told).await;
    let sokha = installation.people.get("sokha");
    let sokha = sokha.sign_in(&served.staff(), &clock).await;
    let report = sokha.queue("").await.remove(0);
    sokha.claim(&report).await.expect(303);
    sokha.message(&report, ANSWER).await.expect(303);
    sokha.note(&report, NOTE).await.expect(303);
    let mailbox = reporter.mailbox(&code).await;
    mailbox.write(REPLY).await.expect(200);
    let told = [("danger", "over"), ("account", "Something else.")];
    let reporter = Reporter {
        lang: "km",
        ..reporter
    };
    reporter.file(&told).await;
    let mut served = served;
    served.terminate();
    eventually("it has ended", || {
        let ended = served.ended();
        async move { ended }
    })
    .await;

    let to = folder(release);
    drop(fs::remove_dir_all(&to));
    drop(fs::remove_file(database(release)));
    fs::create_dir_all(&to).unwrap();
    for name in FILES {
        let from = installation.folder().join(name);
        fs::copy(from, to.join(name.rsplit('/').next().unwrap())).unwrap();
    }
    let from = Store::open_read_only(Location::Sqlite(installation.database())).unwrap();
    let copied = from.blocking(|conn| store::copy_make(conn, &database(release)));
    copied.unwrap();
    let kept = Kept {
        now: clock.now().seconds(),
        code,
        people: installation
            .people
            .all()
            .iter()
            .map(Person::keepsake)
            .collect(),
    };
    fs::write(
        to.join("kept.json"),
        serde_json::to_vec_pretty(&kept).unwrap(),
    )
    .unwrap();
    fs::write(to.join("migrations.sha256"), digests(&database(release))).unwrap();
}

fn ended(mut command: Command) -> (bool, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let said = String::from_utf8([stdout, stderr].concat()).unwrap();
    (status.success(), said)
}

fn migrate(installation: &Installation) -> (bool, String) {
    let mut command = program();
    command
        .args(["migrate", "--config"])
        .arg(installation.config());
    ended(command)
}

#[test]
fn tables_that_are_not_this_releases_are_refused_with_a_sentence_and_stay_as_they_are() {
    for (change, words) in [
        (
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000000')",
            "a newer release made it: this one does not know the change 20991231000000",
        ),
        ("DROP TABLE processes", "table processes was changed"),
        (
            "ALTER TABLE teams ADD COLUMN more TEXT",
            "table teams was changed",
        ),
        (
            "CREATE TABLE foreigner (x)",
            "table foreigner was changed, or is of another program",
        ),
        ("DROP INDEX sessions_staff", "index sessions_staff"),
    ] {
        let installation = Installation::settled();
        sql::run_in(&installation.database(), change);
        let tables = "SELECT group_concat(sql) FROM sqlite_schema";
        let before = sql::texts(&mut sql::open(installation.database()), tables);
        let (good, said) = ended(installation.command());
        assert!(!good && said.contains(words), "{change}: {said}");
        assert!(!said.contains("listening"), "{change}: {said}");
        let (good, said) = migrate(&installation);
        assert!(!good && said.contains(words), "{change}: {said}");
        let after = sql::texts(&mut sql::open(installation.database()), tables);
        assert_eq!(before, after, "{change}");
    }
}

#[test]
fn the_tables_are_brought_up_to_date_by_hand() {
    let installation = Installation::settled();
    let (good, said) = migrate(&installation);
    assert!(good && said.contains("has the tables of release"), "{said}");
    assert!(!said.contains("changed its tables"), "{said}");
    fs::remove_file(installation.database()).unwrap();
    let (good, said) = migrate(&installation);
    assert!(!good && said.contains("not found"), "{said}");
    fs::write(installation.database(), "").unwrap();
    let (good, said) = migrate(&installation);
    assert!(good && said.contains("changed its tables: 2026"), "{said}");
}
