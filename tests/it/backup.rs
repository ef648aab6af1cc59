//! `deploy/backup.sh` says "ok" of a backup that can be restored, and of nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{TestApp, sql};
use crate::tickets::Thief;

struct Vault {
    folder: tempfile::TempDir,
    recipient: String,
}

impl Vault {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key.txt");
        let made = Command::new("age-keygen")
            .arg("-o")
            .arg(&key)
            .output()
            .expect("age is installed");
        assert!(made.status.success());
        fs::create_dir(folder.path().join("kept")).unwrap();
        let text = fs::read_to_string(&key).unwrap();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("# public key: "));
        Self {
            recipient: line.unwrap().to_owned(),
            folder,
        }
    }

    /// Runs the script, with what a shell does first.
    fn back_up(&self, database: &Path, first: &str) -> Output {
        Command::new("bash")
            .arg("-c")
            .arg(format!("{first} exec \"$@\""))
            .arg("bash")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/backup.sh"))
            .arg(database)
            .arg(self.folder.path().join("kept"))
            .arg(&self.recipient)
            .output()
            .unwrap()
    }

    /// What that backup is once it is decrypted.
    fn restored(&self, name: &str) -> PathBuf {
        let copy = self.folder.path().join("restored.db");
        let opened = Command::new("age")
            .args(["-d", "-i"])
            .arg(self.folder.path().join("key.txt"))
            .arg("-o")
            .arg(&copy)
            .arg(self.folder.path().join("kept").join(name))
            .status()
            .unwrap();
        assert!(opened.success());
        copy
    }

    fn kept(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("kept")).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_called_ok_can_be_restored() {
    let app = TestApp::start().await;
    app.reporter("en").file(&[("account", "Her uncle.")]).await;
    let vault = Vault::new();
    let old = vault.folder.path().join("kept/2020-01-01.db.age");
    fs::write(&old, "an old one").unwrap();
    let touched = Command::new("touch")
        .args(["-d", "2020-01-01"])
        .arg(&old)
        .status()
        .unwrap();
    assert!(touched.success());
    let output = vault.back_up(&app.database(), "");
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).starts_with("ok: ") && said(&output).ends_with("1 reports\n"));
    let kept = vault.kept();
    assert_eq!(
        kept.len(),
        1,
        "the old one goes, nothing else stays: {kept:?}"
    );
    let copy = vault.restored(&kept[0]);
    let counted = Command::new("sqlite3")
        .arg(&copy)
        .arg("SELECT count(*) FROM reports")
        .output();
    assert_eq!(counted.unwrap().stdout, b"1\n");
    // A second one of the same day does not take its place.
    let output = vault.back_up(&app.database(), "");
    assert!(!output.status.success() && said(&output).contains("is there already"));
}

/// A backup and the credentials make no code of a form that somebody has seen.
#[tokio::test(flavor = "multi_thread")]
async fn no_key_of_a_form_is_in_a_backup() {
    let app = TestApp::start().await;
    let form = app.reporter("en").open_form().await;
    let thief = Thief::new(&app, &form);
    let row = sql::blobs(&mut sql::connect(&app), "SELECT sealed FROM ticket_keys").remove(0);
    let vault = Vault::new();
    let output = vault.back_up(&app.database(), "");
    assert!(output.status.success(), "{}", said(&output));
    let copy = vault.restored(&vault.kept()[0]);
    assert!(thief.code(&app.database()).is_some());
    assert_eq!(thief.code(&copy), None);
    let bytes = fs::read(&copy).unwrap();
    assert!(!bytes.windows(row.len()).any(|window| window == row));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_is_called_ok_and_the_old_ones_stay() {
    let app = TestApp::start().await;
    let vault = Vault::new();
    let old = vault.folder.path().join("kept/2020-01-01.db.age");
    fs::write(&old, "the last good one").unwrap();
    Command::new("touch")
        .args(["-d", "2020-01-01"])
        .arg(&old)
        .status()
        .unwrap();
    let here = vault.folder.path().to_owned();
    fs::write(here.join("empty.db"), "").unwrap();
    fs::write(here.join("text.db"), "not a database ".repeat(1_000)).unwrap();
    let whole = fs::read(app.database()).unwrap();
    fs::write(here.join("cut.db"), &whole[..whole.len() / 2]).unwrap();
    let other = Command::new("sqlite3")
        .arg(here.join("other.db"))
        .arg("CREATE TABLE x (y)")
        .status();
    assert!(other.unwrap().success());
    for name in ["missing.db", "empty.db", "text.db", "cut.db", "other.db"] {
        let output = vault.back_up(&here.join(name), "");
        assert!(!output.status.success(), "{name}: {}", said(&output));
        assert!(
            said(&output).contains("FAILED") && !said(&output).contains("ok:"),
            "{name}"
        );
        assert_eq!(vault.kept(), ["2020-01-01.db.age"], "{name}");
    }
    // Too little room: no file may grow beyond so many blocks of 1 KiB.
    for blocks in [1, 64, 400] {
        let output = vault.back_up(&app.database(), &format!("ulimit -f {blocks};"));
        assert!(!output.status.success(), "{blocks}: {}", said(&output));
        assert_eq!(vault.kept(), ["2020-01-01.db.age"], "{blocks}");
    }
    let mut wrong = vault;
    wrong.recipient = "age1nobody".to_owned();
    assert!(!wrong.back_up(&app.database(), "").status.success());
    assert_eq!(wrong.kept(), ["2020-01-01.db.age"]);
}
