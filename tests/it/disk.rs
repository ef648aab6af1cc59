//! A full disk (B9): it is told of while there is room; text reports, signing in, reading and urgent mail go on without a free byte; and the form
//! closes before it is filled in.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use kapea::domain::clock::Clock;
use kapea::domain::disk::Disk;
use kapea::store::disk_at;

use crate::support::app::{copy, private_folder};
use crate::support::binary::{Installation, Served, run};
use crate::support::reporter::{Reporter, code_of, fill};
use crate::support::staff::Session;
use crate::support::{TestApp, eventually, settings, sql};

/// A disk on which nobody has to make room: that of every service in this process, however full it is on which the tests run.
pub const PLENTY: Disk = Disk {
    free: 100 << 30,
    size: 200 << 30,
};

/// A small disk of its own in the place of a folder, which keeps what is in it.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where nobody may mount one.
    pub fn over(folder: &Path, mib: u32) -> Option<Self> {
        let kept = private_folder();
        copy(folder, kept.path());
        let size = format!("size={mib}m,mode=700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "kapea-test"])
            .arg(folder)
            .output();
        if !mounted.is_ok_and(|output| output.status.success()) {
            eprintln!("not looked at: nobody may mount a small disk here");
            return None;
        }
        copy(kept.path(), folder);
        Some(Self(folder.to_owned()))
    }

    /// Something else takes all there is.
    pub fn fill(&self) {
        let path = self.0.join("something-else");
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .unwrap();
        for size in [1 << 20, 4096, 1] {
            let zeros = vec![0; size];
            while file.write_all(&zeros).is_ok() {}
        }
        assert_eq!(disk_at(&self.0).unwrap().free, 0);
    }

    pub fn clear(&self) {
        std::fs::remove_file(self.0.join("something-else")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

/// Free pages in the file, in bytes.
fn reserve(installation: &Installation) -> i64 {
    let mut conn = sql::open(installation.database());
    let free =
        "CAST(freelist_count * page_size AS TEXT) FROM pragma_freelist_count, pragma_page_size";
    sql::texts(&mut conn, &format!("SELECT {free}"))[0]
        .parse()
        .unwrap()
}

/// Until the file, its journal and the start have what they need without a free byte.
pub async fn is_made(installation: &Installation) {
    let wal = PathBuf::from(format!("{}-wal", installation.database().display()));
    eventually("the reserve is made", async || {
        use std::os::unix::fs::MetadataExt as _;
        let is_file = installation.folder().join("data/reserve").exists();
        let kept = std::fs::metadata(&wal).map_or(0, |found| found.blocks() * 512);
        (is_file && kept >= 8 << 20 && reserve(installation) >= 12 << 20).then_some(())
    })
    .await;
}

async fn sign_in(installation: &Installation, served: &Served, handle: &str) -> Session {
    let person = installation.people.get(handle);
    person.sign_in(&served.staff(), &Clock::system()).await
}

/// How many letters lie in the folder.
fn letters(installation: &Installation) -> usize {
    let folder = std::fs::read_dir(installation.folder().join("mail"));
    folder.map_or(0, |found| {
        found
            .flatten()
            .filter(|entry| entry.path().extension().is_some_and(|it| it == "eml"))
            .count()
    })
}

async fn urgent_mail_leaves(installation: &Installation, before: usize) {
    eventually("urgent mail leaves", async || {
        (letters(installation) > before).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_free_byte_reports_come_in_and_are_read_until_the_form_says_that_it_is_closed() {
    let installation = Installation::settled();
    let Some(disk) = SmallDisk::over(&installation.folder().join("data"), 160) else {
        return;
    };
    let served = installation.serve().await;
    let reporter = Reporter {
        site: served.public(),
        lang: "en",
    };
    is_made(&installation).await;
    disk.fill();

    // Everything that a night needs.
    let before = letters(&installation);
    let urgent = [("danger", "now"), ("account", "an urgent one")];
    code_of(&reporter.send(&urgent).await.expect(200));
    urgent_mail_leaves(&installation, before).await;
    disk.fill();
    let sokha = sign_in(&installation, &served, "sokha").await;
    let first = sokha.queue("").await.remove(0);
    sokha.read(&first).await.expect(200).says("an urgent one");
    sokha.claim(&first).await.expect(303);
    sokha
        .note(&first, "written without a free byte")
        .await
        .expect(303);
    served.health().get("/readyz").await.expect(200);
    let custodian = sign_in(&installation, &served, "custodian").await;
    eventually("the alarm", async || {
        let page = custodian.get("/alarms").await;
        page.text()
            .contains("The disk is nearly full")
            .then_some(())
    })
    .await;

    // Until what is kept for reporters is used up: before anything is typed, the form says so.
    let mut taken = 0;
    let closed = loop {
        disk.fill();
        let page = served.public().get("/en/report").await.expect(200);
        if page.document().forms().is_empty() {
            break page;
        }
        let mut form = page.form("form");
        fill(
            &mut form,
            &[("danger", "over"), ("account", "an ordinary one")],
        );
        let sent = served.public().submit(&form, "send").await;
        if sent.status == 200 {
            taken += 1;
        }
        assert!(taken < 5_000, "the disk is not full");
    };
    closed
        .says("We cannot take reports here right now")
        .says(settings::PHONE);
    assert!(taken >= 100, "only {taken} reports were taken");
    eprintln!("{taken} reports were taken on a full disk");

    // And still people sign in, read, and act.
    let dara = sign_in(&installation, &served, "dara").await;
    assert!(!dara.queue("").await.is_empty());
    dara.read(&first)
        .await
        .expect(200)
        .says("written without a free byte");
    let admin = sign_in(&installation, &served, "admin").await;
    let status = admin.get("/status").await.expect(200);
    status.says("The reserve is used up");
    sokha.release(&first).await.expect(303);
    let before = letters(&installation);
    // It is urgent, and nobody has it: it is told of again.
    urgent_mail_leaves(&installation, before).await;

    disk.clear();
    eventually("the form is open again", async || {
        let page = served.public().get("/en/report").await;
        (!page.document().forms().is_empty()).then_some(())
    })
    .await;
    code_of(&reporter.send(&urgent).await.expect(200));
}

/// An installation that has made what it keeps in reserve and was stopped, and its disk, which has filled since. `None` where the machine
/// gives no disk of that size.
async fn stopped_on_a_full_disk() -> Option<(Installation, SmallDisk)> {
    let installation = Installation::settled();
    let disk = SmallDisk::over(&installation.folder().join("data"), 160)?;
    let mut served = installation.serve().await;
    is_made(&installation).await;
    served.terminate();
    eventually("it ends", || {
        let running = served.is_running();
        async move { (!running).then_some(()) }
    })
    .await;
    disk.fill();
    Some((installation, disk))
}

/// What a start needs beside the file is kept too.
#[tokio::test(flavor = "multi_thread")]
async fn the_service_starts_again_without_a_free_byte() {
    let Some((installation, _disk)) = stopped_on_a_full_disk().await else {
        return;
    };
    let served = installation.serve().await;
    let sokha = sign_in(&installation, &served, "sokha").await;
    sokha.get("/queue").await.expect(200);
    let reporter = Reporter {
        site: served.public(),
        lang: "km",
    };
    code_of(
        &reporter
            .send(&[("danger", "over"), ("account", "words")])
            .await
            .expect(200),
    );
}

/// While there is still room: on the page of the state, by an alarm, and no earlier.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_nearly_full_is_told_of_once() {
    let app = TestApp::start_with(&[("mail", "alarm = [\"alarm@outside.example\"]")]).await;
    app.later(60).await;
    let mib = 1 << 20;
    let disk = |free: u64, size: u64| {
        Some(Disk {
            free: free * mib,
            size: size * mib,
        })
    };
    for (is, is_low) in [
        (Some(PLENTY), false),
        (disk(6_000, 100_000), false),
        (disk(600, 4_000), false),
        (disk(499, 4_000), true),
        (disk(4_000, 100_000), true),
    ] {
        app.store.say_disk(is);
        app.mailed();
        app.later(900).await;
        app.later(900).await;
        let (admin, custodian) = (app.sign_in("admin").await, app.sign_in("custodian").await);
        let status = admin.get("/status").await.expect(200);
        assert_eq!(
            status.text().contains("Little room is left"),
            is_low,
            "{is:?}"
        );
        let alarms = custodian.get("/alarms").await.expect(200);
        assert_eq!(
            alarms.text().contains("The disk is nearly full"),
            is_low,
            "{is:?}"
        );
        let mailed = app.mailed();
        let heard = mailed.iter().filter(|to| *to == "alarm@outside.example");
        assert!(heard.count() <= 1, "{is:?}: {mailed:?}");
    }
    app.store.say_disk(Some(PLENTY));
}

/// A hole in a file is no reserve: every block is written.
#[tokio::test(flavor = "multi_thread")]
async fn the_reserve_has_blocks_of_its_own() {
    use std::os::unix::fs::MetadataExt as _;
    let installation = Installation::settled();
    let served = installation.serve().await;
    is_made(&installation).await;
    let file = File::open(installation.folder().join("data/reserve")).unwrap();
    let found = file.metadata().unwrap();
    assert!(found.blocks() * 512 >= found.len());
    drop(served);
}

/// What is kept for a start is not for a command. And a start that finds no room fails, and says of no database that it is damaged: whoever
/// watches the service starts it again.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_finds_no_room_fails_and_no_command_takes_its_room() {
    let Some((installation, disk)) = stopped_on_a_full_disk().await else {
        return;
    };
    let config = installation.config();
    let migrate = run(&["migrate", "--config", config.to_str().unwrap()]);
    let reserve = installation.folder().join("data/reserve");
    assert!(reserve.exists(), "{migrate:?}");

    std::fs::remove_file(reserve).unwrap();
    disk.fill();
    let log = installation.folder().join("refused.log");
    let mut refused = installation
        .command()
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let told = eventually("it does not start", async || {
        let told = std::fs::read_to_string(&log).unwrap_or_default();
        told.contains("cannot open the database").then_some(told)
    })
    .await;
    refused.kill().ok();
    refused.wait().unwrap();
    assert!(!told.contains("without its database"), "{told}");
    disk.clear();
    installation.serve().await;
}
