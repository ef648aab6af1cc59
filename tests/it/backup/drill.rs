//! The exercise of `deploy/backup-and-restore.md`: the machine is lost, and what there was comes back on another.

use std::fs;

use super::vault::{Vault, said};
use crate::health::own_form;
use crate::support::app::private_folder;
use crate::support::binary::{Installation, program};
use crate::support::reporter::Reporter;
use crate::support::sql;
use crate::support::staff::Session;
use kapea::domain::clock::Clock;

const WORDS: &str = "It is the man from the boats.";

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_lost_and_the_service_starts_on_what_was_restored() {
    let installation = Installation::settled();
    let vault = Vault::new();
    let served = installation.serve().await;
    let reporter = |site| Reporter { site, lang: "en" };
    let code = reporter(served.public())
        .file(&[("danger", "over"), ("account", WORDS)])
        .await;
    let sokha = installation.people.get("sokha");
    let session = sokha.sign_in(&served.staff(), &Clock::system()).await;
    let file = vault.must_back_up(&installation.config());
    let late = reporter(served.public())
        .file(&[("danger", "over"), ("account", "too late")])
        .await;
    let credentials = fs::read(installation.folder().join("credentials.toml")).unwrap();
    drop(served);
    let people = installation.people.clone();
    drop(installation);

    let restored = Installation {
        folder: private_folder(),
        people,
    };
    let to = restored.folder();
    let output = vault.restore(&file, &vault.key(), to).output().unwrap();
    let told = said(&output);
    assert!(output.status.success(), "{told}");
    for words in [
        "Channel main feeds Hotline",
        "in it: ",
        "sokha (leads)",
        "dara",
        "generation 1",
        "kapea witness accept",
        "Every session has ended",
    ] {
        assert!(told.contains(words), "{words} in {told}");
    }
    fs::write(to.join("credentials.toml"), credentials).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(to.join("credentials.toml"), private).unwrap();
    let accepted = program()
        .args(["witness", "accept", "--yes", "--config"])
        .arg(restored.config())
        .output()
        .unwrap();
    assert!(accepted.status.success(), "{}", said(&accepted));

    let served = restored.serve().await;
    // Who has the code of a report from before finds the conversation; of one from afterwards nobody knows.
    reporter(served.public()).mailbox(&code).await;
    reporter(served.public()).try_code(&late).await.expect(422);
    let elsewhere = Session {
        site: served.staff(),
        ..session
    };
    let gone = elsewhere.get("/queue").await;
    assert_ne!(gone.status, 200, "the session has ended");
    let clock = Clock::system();
    let session = restored
        .people
        .get("sokha")
        .sign_in(&served.staff(), &clock)
        .await;
    let queue = session.queue("").await;
    assert_eq!(queue.len(), 1);
    session.read(&queue[0]).await.expect(200).says(WORDS);
    let admin = restored
        .people
        .get("admin")
        .sign_in(&served.staff(), &clock)
        .await;
    let page = admin.get("/status").await.expect(200);
    page.says("There is no backup of the last two days");
    let alarms = sql::number(&mut sql::open(restored.database()), "alarms");
    assert_eq!(alarms, 0, "what was restored and accepted is in order");
}

/// What the configuration names lies beside it afterwards, and all paths lead there.
#[test]
fn a_form_and_a_mark_of_ones_own_come_back_into_folders_that_are_apart() {
    let installation = Installation::settled();
    let vault = Vault::new();
    let forms = own_form(&installation);
    for language in ["en", "km"] {
        let text = "own-question = Is anybody hurt?\n";
        fs::write(forms.join(format!("{language}.ftl")), text).unwrap();
    }
    let mark = installation.folder().join("ours.svg");
    fs::write(&mark, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").unwrap();
    installation.set(&[("hotline", &format!("mark = {mark:?}"))]);
    let file = vault.must_back_up(&installation.config());
    let credentials = fs::read(installation.folder().join("credentials.toml")).unwrap();
    drop(installation);

    let (to, data) = (private_folder(), private_folder());
    let shared = std::os::unix::fs::PermissionsExt::from_mode(0o2770);
    fs::set_permissions(data.path(), shared).unwrap();
    let mut command = vault.restore(&file, &vault.key(), to.path());
    let output = command.arg("--data").arg(data.path()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let mode = |path: &str| {
        let found = fs::metadata(data.path().join(path)).unwrap();
        std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777
    };
    assert_eq!(mode("kapea.db"), 0o660);
    assert_eq!((mode("witness"), mode("witness/witness")), (0o2770, 0o660));
    fs::write(to.path().join("credentials.toml"), credentials).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(to.path().join("credentials.toml"), private).unwrap();
    let config = to.path().join("kapea.toml");
    let text = fs::read_to_string(&config).unwrap();
    let dir = format!("dir = {:?}", data.path());
    for line in ["directory = \"forms\"", "mark = \"mark.svg\"", &dir] {
        assert!(text.contains(line), "{line}");
    }
    for words in [
        &["check-config"][..],
        &["witness", "show"],
        &["keys", "verify"],
    ] {
        let mut command = program();
        let output = command.args(words).arg("--config").arg(&config).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{words:?}: {}", said(&output));
    }
}
