//! `kapea backup` says "ok" of a backup that can be restored, and of nothing else; `kapea restore` brings back what was there.

mod drill;
pub mod vault;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use kapea::domain::clock::Clock;

use crate::support::{TestApp, eventually, settings, sql};
use crate::tickets::Thief;
use vault::{Vault, said};

const DAY: i64 = 86_400;

fn config(app: &TestApp) -> PathBuf {
    app.folder.path().join("kapea.toml")
}

fn named(number: u32) -> String {
    let day = Clock::system().today();
    match number {
        1 => format!("kapea-{day}.age"),
        number => format!("kapea-{day}-{number}.age"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_called_ok_is_whole_and_opens_with_the_stock_programs() {
    let app = TestApp::start().await;
    let app = app.again(&[
        ("mail", "username = \"kapea\""),
        ("mail", "password = \"hunter2\""),
    ]);
    app.reporter("en").file(&[("account", "Her uncle.")]).await;
    let vault = Vault::new();
    // What one that was broken off has left.
    fs::create_dir(vault.place().join(".kapea-backup")).unwrap();
    fs::write(vault.place().join(".kapea-backup/sealed"), "half").unwrap();
    let output = vault.back_up(&config(&app));
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).starts_with("ok: ") && said(&output).contains(" 1 reports, 5 accounts,"),
        "{}",
        said(&output)
    );
    assert_eq!(vault.kept(), [named(1)], "and nothing else stays");
    let file = vault.place().join(named(1));
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let copy = vault.unpacked(&file);
    let mut found: Vec<_> = fs::read_dir(&copy)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(
        found,
        ["kapea.db", "kapea.toml", "manifest.json", "witness"]
    );
    let counted = sql::number(&mut sql::open(copy.join("kapea.db")), "reports");
    assert_eq!(counted, 1);
    let text = fs::read_to_string(copy.join("kapea.toml")).unwrap();
    assert!(text.contains("password = \"\"") && !text.contains("hunter2"));
    let text = fs::read_to_string(config(&app)).unwrap();
    assert!(text.contains("hunter2"), "the configuration itself stays");
    // A second one of the same day does not take its place.
    let first = fs::read(&file).unwrap();
    assert!(vault.back_up(&config(&app)).status.success());
    let mut both = [named(1), named(2)];
    both.sort();
    assert_eq!(vault.kept(), both);
    assert_eq!(fs::read(&file).unwrap(), first);
}

/// A backup and the credentials make no code of a form that somebody has seen.
#[tokio::test(flavor = "multi_thread")]
async fn no_key_of_a_form_is_in_a_backup() {
    let app = TestApp::start().await;
    let form = app.reporter("en").open_form().await;
    let thief = Thief::new(&app, &form);
    let row = sql::blobs(&mut sql::connect(&app), "SELECT sealed FROM ticket_keys").remove(0);
    let vault = Vault::new();
    let copy = vault.unpacked(&vault.must_back_up(&config(&app)));
    let copy = copy.join("kapea.db");
    assert!(thief.code(&app.database()).is_some());
    assert_eq!(thief.code(&copy), None);
    // Nor what the processes have seen in the quarter hours of the last day.
    assert!(sql::count(&app, "processes WHERE roles LIKE '% day'") > 0);
    assert_eq!(sql::number(&mut sql::open(&copy), "processes"), 0);
    let bytes = fs::read(&copy).unwrap();
    assert!(!bytes.windows(row.len()).any(|window| window == row));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_is_called_ok_and_the_old_ones_stay() {
    let app = TestApp::start().await;
    let vault = Vault::new();
    let old = ["kapea-2020-01-01.age", "kapea-2020-01-02.age"];
    for name in old {
        fs::write(vault.place().join(name), "a good one").unwrap();
    }
    let here = vault.folder.path().to_owned();
    fs::write(here.join("empty.db"), "").unwrap();
    fs::write(here.join("text.db"), "not a database ".repeat(1_000)).unwrap();
    // Whole in itself, without the write-ahead log.
    sql::run(
        &app,
        &format!("VACUUM INTO '{}'", here.join("whole.db").display()),
    );
    let whole = fs::read(here.join("whole.db")).unwrap();
    fs::write(here.join("cut.db"), &whole[..whole.len() / 2]).unwrap();
    let mut torn = whole.clone();
    let middle = whole.len() / 2..whole.len() / 2 + 40_000;
    torn[middle].fill(0x5a);
    fs::write(here.join("torn.db"), torn).unwrap();
    let mut other = sql::open(here.join("other.db"));
    diesel::connection::SimpleConnection::batch_execute(&mut other, "CREATE TABLE x (y)").unwrap();
    let must_fail = |what: &str, command: &mut Command, words: &str| {
        let output = command.args(["--keep", "1"]).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{what}: {said}");
        assert!(
            said.contains("there is no backup") && !said.contains("ok:"),
            "{what}: {said}"
        );
        assert!(said.contains(words), "{what}: {said}");
        assert_eq!(vault.kept(), old, "{what}");
    };
    for (name, words) in [
        ("missing.db", "cannot read the database"),
        ("empty.db", "its tables are not those of this release"),
        ("text.db", "cannot read the database"),
        ("cut.db", "the database"),
        ("torn.db", "the database"),
        ("other.db", "its tables are not those of this release"),
    ] {
        let mut command = vault.command(&config(&app));
        let database = format!("sqlite:{}", here.join(name).display());
        command.env("KAPEA_DATA__DATABASE", database);
        must_fail(name, &mut command, words);
    }
    // Too little room: no file may grow beyond so many blocks of 1 KiB. The last are enough for the copy, and not for what is sealed.
    for blocks in [1, 64, 400, whole.len() / 1024 + 2] {
        let mut command = Command::new("bash");
        let real = vault.command(&config(&app));
        command
            .env_clear()
            .arg("-c")
            .arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""))
            .arg("bash")
            .arg(real.get_program())
            .args(real.get_args());
        must_fail(&format!("{blocks} blocks"), &mut command, "room");
    }
    let mut wrong = vault.command(&config(&app));
    wrong.args(["--recipient", "age1nobody"]);
    must_fail("nobody's key", &mut wrong, "is not an age recipient");
    let lock = fs::File::create(vault.place().join(".kapea-backup.lock")).unwrap();
    lock.lock().unwrap();
    let mut second = vault.command(&config(&app));
    must_fail(
        "another at work",
        &mut second,
        "another backup is being made",
    );
    drop(lock);
    let mut nowhere = vault.command(&config(&app));
    nowhere.args(["--to", "/nonexistent"]);
    let output = nowhere.output().unwrap();
    assert!(!output.status.success(), "{}", said(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn older_ones_go_when_a_newer_one_is_whole_and_nothing_else_does() {
    let app = TestApp::start().await;
    let vault = Vault::new();
    let mine = ["2020-01-01.db.age", "kapea-2020-01-01.txt", "notes.txt"];
    let old = [
        "kapea-2020-01-01.age",
        "kapea-2020-01-02-2.age",
        "kapea-2020-01-02.age",
    ];
    for name in mine.iter().chain(&old) {
        fs::write(vault.place().join(name), "old").unwrap();
    }
    let mut command = vault.command(&config(&app));
    let output = command.args(["--keep", "2"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let mut expected = mine.map(str::to_owned).to_vec();
    expected.extend(["kapea-2020-01-02-2.age".to_owned(), named(1)]);
    expected.sort();
    assert_eq!(vault.kept(), expected);
}

/// Made while the clock was a year ahead.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_a_day_that_has_not_come_takes_no_other_ones_place() {
    let app = TestApp::start().await;
    let vault = Vault::new();
    let later = ["kapea-9998-01-01.age", "kapea-9998-01-02.age"];
    for name in later
        .iter()
        .chain(&["kapea-2020-01-01.age", "kapea-2020-01-02.age"])
    {
        fs::write(vault.place().join(name), "old").unwrap();
    }
    let mut command = vault.command(&config(&app));
    let output = command.args(["--keep", "2"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let mut expected = later.map(str::to_owned).to_vec();
    expected.extend(["kapea-2020-01-02.age".to_owned(), named(1)]);
    expected.sort();
    assert_eq!(vault.kept(), expected);
}

/// What is in clear is on no disk where it was not before, also of one that was killed.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_clear_comes_to_where_backups_are_kept() {
    let app = TestApp::start().await;
    let vault = Vault::new();
    // It waits here for somebody who writes, with the copy made.
    let mark = app.folder.path().join("mark.svg");
    assert!(
        Command::new("mkfifo")
            .arg(&mark)
            .status()
            .unwrap()
            .success()
    );
    let text = fs::read_to_string(config(&app)).unwrap();
    let waiting = app.folder.path().join("waiting.toml");
    let line = format!("mark = {mark:?}");
    let text = settings::with(&text, &[("hotline", &line)]);
    fs::write(&waiting, text).unwrap();
    let files = || -> Vec<PathBuf> {
        let mut folders = vec![vault.place(), app.folder.path().join("data/.kapea-copy")];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => files.push(path),
                }
            }
        }
        files
    };
    let copied = || {
        files()
            .into_iter()
            .find(|file| file.ends_with("kapea.toml"))
    };
    let mut child = vault.command(&waiting).spawn().unwrap();
    eventually("the copy", async || copied()).await;
    let outside = |when: &str| {
        let kept = vault.place();
        let lock = kept.join(".kapea-backup.lock");
        let outside = files().into_iter();
        let outside = outside.filter(|file| file.starts_with(&kept) && *file != lock);
        assert_eq!(
            outside.collect::<Vec<_>>(),
            [""; 0].map(PathBuf::from),
            "{when}"
        );
    };
    outside("under way");
    let copy = copied().unwrap();
    let mode = fs::metadata(copy.parent().unwrap())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
    let output = vault.back_up(&config(&app));
    assert!(said(&output).contains("another backup is being made"));
    child.kill().unwrap();
    child.wait().unwrap();
    outside("killed");
    vault.must_back_up(&config(&app));
    assert_eq!(copied(), None, "it is cleared away");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_in_which_others_may_write_is_refused() {
    let app = TestApp::start().await;
    let vault = Vault::new();
    for mode in [0o777, 0o1777, 0o770, 0o702] {
        fs::set_permissions(vault.place(), fs::Permissions::from_mode(mode)).unwrap();
        let output = vault.back_up(&config(&app));
        let said = said(&output);
        assert!(
            !output.status.success() && said.contains("chmod 700"),
            "{mode:o}: {said}"
        );
        assert_eq!(vault.kept(), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_sees_when_the_last_one_was_made_and_that_one_failed() {
    let app = TestApp::start().await;
    let vault = Vault::new();
    let never = "There is no backup of the last two days";
    let failed = "One failed on";
    let status = async || app.sign_in("admin").await.get("/status").await.expect(200);
    status().await.says(never);
    let mut command = vault.command(&config(&app));
    assert!(
        !command
            .args(["--recipient", "age1nobody"])
            .status()
            .unwrap()
            .success()
    );
    let page = status().await;
    page.says(never);
    page.says(failed);
    vault.must_back_up(&config(&app));
    // The command goes by the system's day, the service here by a clock of its own.
    let today = Clock::system().today().start().seconds() - app.clock.now().seconds();
    app.clock.advance(today - 2 * DAY);
    // Of a day that has not come.
    status().await.says(never);
    app.clock.advance(2 * DAY);
    let page = status().await;
    page.says("The last one that was read again whole");
    page.says_nothing_of(never);
    page.says_nothing_of(failed);
    app.clock.advance(2 * DAY);
    status().await.says_nothing_of(never);
    app.clock.advance(DAY);
    status().await.says(never);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_or_is_not_empty_is_refused_and_nothing_is_left_there() {
    let app = TestApp::start().await;
    let vault = Vault::new();
    let file = vault.must_back_up(&config(&app));
    let here = vault.folder.path();
    let to = here.join("restored");
    let is_refused = |what: &str, file: &Path, key: &Path, words: &str| {
        let output = vault.restore(file, key, &to).output().unwrap();
        let said = said(&output);
        assert!(
            !output.status.success() && said.contains(words),
            "{what}: {said}"
        );
        let left = fs::read_dir(to.join("data")).map_or(0, |data| data.count());
        assert!(left == 0 && !to.join("kapea.toml").exists(), "{what}");
    };
    let whole = fs::read(&file).unwrap();
    let changed = here.join("changed.age");
    for at in [400, whole.len() / 2, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&changed, &bytes).unwrap();
        is_refused(
            "changed",
            &changed,
            &vault.key(),
            "nothing was put in place",
        );
        fs::write(&changed, &whole[..at]).unwrap();
        is_refused("cut", &changed, &vault.key(), "nothing was put in place");
    }
    let stranger = Vault::new();
    is_refused(
        "another's key",
        &file,
        &stranger.key(),
        "does not open with this key",
    );
    is_refused("no key", &file, &file, "");
    is_refused("not a backup", &config(&app), &vault.key(), "does not open");
    fs::create_dir_all(to.join("data")).unwrap();
    fs::write(to.join("data/mine"), "mine").unwrap();
    let output = vault.restore(&file, &vault.key(), &to).output().unwrap();
    assert!(!output.status.success() && said(&output).contains("is not empty"));
    assert_eq!(fs::read(to.join("data/mine")).unwrap(), b"mine");
    // What none of them has left keeps whoever tries again from nothing.
    fs::remove_file(to.join("data/mine")).unwrap();
    let output = vault.restore(&file, &vault.key(), &to).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
}
