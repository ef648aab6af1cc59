//! The real program: commands, files and signals beside a running service.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use kapea::domain::clock::Clock;
use kapea::seal::credentials::Credentials;
use kapea::store::{self, Store, aside};

use crate::support::binary::{Installation, Served, program};
use crate::support::eventually;
use crate::support::reporter::Reporter;
use crate::support::smtp::{Authority, Server};

fn hang_up(served: &Served) {
    served.signal("HUP");
}

/// Waits until the log says so for the `times`th time.
async fn says(served: &Served, what: &str, times: usize) {
    eventually(what, || {
        let count = served.written().matches(what).count();
        async move { (count >= times).then_some(()) }
    })
    .await;
}

fn reporter(served: &Served) -> Reporter {
    Reporter {
        site: served.public(),
        lang: "en",
    }
}

fn credentials(installation: &Installation) -> std::path::PathBuf {
    installation.folder.path().join("credentials.toml")
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_changes_the_root_of_the_running_service() {
    let installation = Installation::settled();
    let served = installation.serve().await;
    let reporter = reporter(&served);
    let code = reporter.file(&[("account", "before")]).await;
    let dara = installation.people.get("dara");
    for number in 1..=2 {
        let (good, said) = installation.run_command(&["credentials", "rotate"]);
        let version = format!("version {}", number + 1);
        assert!(good && said.contains(&version), "{said}");
        assert_eq!(mode(&credentials(&installation)), 0o600);
        hang_up(&served);
        // Both processes.
        says(&served, "configuration taken up", 2 * number).await;
        reporter.mailbox(&code).await;
        reporter.file(&[("account", "after")]).await;
    }
    let session = dara.sign_in(&served.staff(), &Clock::system()).await;
    assert_eq!(session.whole_queue().await.len(), 3);
    let (good, shown) = installation.run_command(&["credentials", "show"]);
    assert!(good, "{shown}");
    assert!(
        shown.contains("root 1: made ") && shown.contains("(4 accounts, 0 addresses)"),
        "{shown}"
    );
    assert!(
        shown.contains("root 3: made ") && shown.contains("(1 accounts, 0 addresses)"),
        "{shown}"
    );
    let (good, verified) = installation.run_command(&["audit", "verify"]);
    assert!(good, "{verified}");
    drop(served);
    let (good, said) = installation.run_command(&["credentials", "rotate"]);
    assert!(good, "{said}");
    let store = Store::open_path(&installation.database()).unwrap();
    let rows = store.blocking(|conn| store::audit_list(conn, None, 1));
    let last = rows.unwrap().remove(0);
    assert!(last.body_key.is_some(), "for auditors alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_key_is_not_changed_twice_before_those_outside_know() {
    let installation = Installation::settled();
    installation.set(&[crate::anchors::KEEPERS, ("audit", "anchor_hour_utc = 0")]);
    let words = ["credentials", "rotate"];
    assert!(installation.run_command(&words).0, "the first");
    let served = installation.serve().await;
    let first_head = || {
        let shown = installation.run_command(&["audit", "head"]).1;
        async move { shown.contains("successor ").then_some(()) }
    };
    eventually("a head that both keys sign", first_head).await;
    drop(served);
    let (good, said) = installation.run_command(&words);
    assert!(!good && said.contains("daily anchor yet"), "{said}");
    installation.set(&[("audit", "anchor_addresses = []")]);
    let (good, said) = installation.run_command(&words);
    assert!(good, "nobody outside has to follow: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_seen_without_a_signal_and_a_broken_one_is_refused() {
    let installation = Installation::settled();
    let served = installation.serve().await;
    let code = reporter(&served).file(&[("account", "before")]).await;
    let good = std::fs::read_to_string(installation.config()).unwrap();
    std::fs::write(installation.config(), "[server\n").unwrap();
    hang_up(&served);
    says(&served, "NOT taken up", 2).await;
    reporter(&served).mailbox(&code).await;
    std::fs::write(installation.config(), &good).unwrap();
    installation.set(&[
        ("server", "public_url = \"http://127.0.0.1:9\""),
        crate::anchors::KEEPERS,
        ("retention", "spam_days = 31"),
    ]);
    hang_up(&served);
    says(&served, "need a restart", 2).await;
    assert!(served.written().contains("server audit retention"));
    let (done, said) = installation.run_command(&["credentials", "rotate"]);
    assert!(done, "{said}");
    says(&served, "configuration taken up", 2).await;
    reporter(&served).mailbox(&code).await;
}

#[test]
fn only_a_private_file_of_ours_is_changed() {
    let installation = Installation::settled();
    let file = credentials(&installation);
    let before = std::fs::read_to_string(&file).unwrap();
    let rotate = || installation.run_command(&["credentials", "rotate"]);
    let set =
        |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    set(0o640);
    let (done, said) = rotate();
    assert!(!done && said.contains("others may read"), "{said}");
    set(0o600);
    let other = installation.folder.path().join("elsewhere.toml");
    std::fs::rename(&file, &other).unwrap();
    std::os::unix::fs::symlink(&other, &file).unwrap();
    let (done, said) = rotate();
    assert!(!done && said.contains("not a file of its own"), "{said}");
    std::fs::remove_file(&file).unwrap();
    std::fs::rename(&other, &file).unwrap();
    std::fs::write(installation.folder.path().join("credentials.toml.new"), "").unwrap();
    let (done, said) = rotate();
    assert!(
        !done && said.contains("another change is under way"),
        "{said}"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    let (good, verified) = installation.run_command(&["audit", "verify"]);
    assert!(good, "{verified}");
    std::fs::remove_file(installation.folder.path().join("credentials.toml.new")).unwrap();
    assert!(rotate().0);
    assert_eq!(mode(&file), 0o600);
    assert!(
        !installation
            .folder
            .path()
            .join("credentials.toml.new")
            .exists()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_killed_leaves_the_old_file_or_the_new() {
    let installation = Installation::settled();
    let file = credentials(&installation);
    let versions = || {
        let text = std::fs::read_to_string(&file).unwrap();
        let read = Credentials::parse(&text).expect("whole");
        assert_eq!(mode(&file), 0o600);
        read.version()
    };
    let mut last = versions();
    for round in 0..40 {
        let mut child = program()
            .args(["credentials", "rotate", "--config"])
            .arg(installation.config())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(round)).await;
        drop(child.kill());
        child.wait().unwrap();
        let now = versions();
        assert!(now == last || now == last + 1, "{last} and then {now}");
        last = now;
        drop(std::fs::remove_file(
            file.with_file_name("credentials.toml.new"),
        ));
    }
    let (good, verified) = installation.run_command(&["audit", "verify"]);
    assert!(good, "{verified}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_copy_of_the_credentials_is_told_of() {
    let installation = Installation::settled();
    let file = credentials(&installation);
    let old = std::fs::read(&file).unwrap();
    let (done, said) = installation.run_command(&["credentials", "rotate"]);
    assert!(done, "{said}");
    let served = installation.serve().await;
    let dara = installation.people.get("dara");
    dara.sign_in(&served.staff(), &Clock::system()).await;
    drop(served);
    std::fs::write(&file, old).unwrap();
    let served = installation.serve().await;
    says(&served, "is it an old copy?", 1).await;
    reporter(&served).file(&[("account", "received")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_mail_password_is_taken_up_without_a_restart() {
    let installation = Installation::settled();
    let authority = Authority::new();
    let server = Server::start("starttls", &authority, Some(("kapea", "the new one")));
    let folder = installation.folder.path();
    std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    let password = folder.join("password");
    std::fs::write(&password, "the old one\n").unwrap();
    let port = format!("port = {}", server.port);
    installation.set(&[
        ("mail", "transport = \"smtp\""),
        ("mail", "host = \"localhost\""),
        ("mail", &port),
        ("mail", "ca_file = \"ca.pem\""),
        ("mail", "username = \"kapea\""),
        ("mail", "password_file = \"password\""),
    ]);
    let served = installation.serve().await;
    // Nobody sends a signal: the password's own file is looked at.
    std::fs::write(&password, "the new one\n").unwrap();
    says(&served, "configuration taken up", 1).await;
    let urgent = [("danger", "now"), ("account", "urgent")];
    reporter(&served).file(&urgent).await;
    let taken = aside(move || server.taken(1)).await.unwrap();
    assert!(taken[0].signed_in);
    assert_eq!(taken[0].recipients, ["on-call@hotline.example"]);
    let admin = installation.people.get("admin");
    let admin = admin.sign_in(&served.staff(), &Clock::system()).await;
    let page = admin.get("/keys").await.expect(200).text();
    assert!(page.contains("Login at the mail server"), "{page}");
    assert!(!page.contains("Not known"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_for_a_custodians_new_key_is_printed_ready_to_pin() {
    let installation = Installation::settled();
    let key = installation.folder.path().join("new.key");
    let made = program()
        .args(["custodian", "new", "--name", "custodian"])
        .arg(&key)
        .output()
        .unwrap();
    let made = String::from_utf8(made.stdout).unwrap();
    let verify_key = made.split("verify_key = \"").nth(1).unwrap();
    let verify_key = verify_key.split('"').next().unwrap();
    let change = ["custodian", "change", "--name", "custodian", verify_key];
    let (done, said) = installation.run_command(&change);
    assert!(done, "{said}");
    let line = said
        .lines()
        .find(|line| line.contains("earlier = ["))
        .unwrap();
    let served = installation.serve().await;
    let text = std::fs::read_to_string(installation.config()).unwrap();
    let old = text
        .lines()
        .find(|line| line.contains("verify_key = \"") && !line.starts_with('#'))
        .unwrap();
    std::fs::write(installation.config(), text.replace(old, line)).unwrap();
    hang_up(&served);
    says(&served, "configuration taken up", 2).await;
    let sign = ["custodian", "sign", "--yes", "--key", key.to_str().unwrap()];
    let (done, said) = installation.run_command(&sign);
    assert!(done, "{said}");
    let (good, chain) = installation.run_command(&["keys", "verify"]);
    assert!(
        good && chain.contains("charter, in force") && chain.contains("signed by custodian"),
        "{chain}"
    );
    reporter(&served).file(&[("account", "goes on")]).await;
    let (done, said) = installation.run_command(&change);
    assert!(!done && said.contains("pinned already"), "{said}");
}
