//! A disk that refuses (B9): what was acknowledged is there, what was not is said not to be, it is told of, and it heals.

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use kapea::domain::clock::Clock;

use crate::disk::is_made;
use crate::support::app::{copy, make_private, private_folder};
use crate::support::binary::{Installation, Served, is_root};
use crate::support::reporter::{Reporter, code_of, fill};
use crate::support::staff::Session;
use crate::support::strace::Failing;
use crate::support::{eventually, settings};

const WRITES: &str = "pwrite64,fsync,fdatasync,ftruncate";
const IO: &str = "The disk does not read or write what it is asked to";
const READ_ONLY: &str = "The disk of the database can be read and not be written";
const REFUSED: &str = "The disk has refused something";
const STORAGE: &str = "Nothing has been saved";
const CLOSED: &str = "We cannot take reports here right now";

/// A service with people who have signed in while all was well.
struct House {
    installation: Installation,
    served: Served,
    admin: Session,
    custodian: Session,
    sokha: Session,
}

impl House {
    fn settled() -> Installation {
        let installation = Installation::settled();
        installation.set(&[("mail", "alarm = [\"alarm@outside.example\"]")]);
        installation
    }

    async fn open(installation: Installation) -> Self {
        let served = installation.serve().await;
        is_made(&installation).await;
        let sign_in = async |handle| {
            let person = installation.people.get(handle);
            person.sign_in(&served.staff(), &Clock::system()).await
        };
        Self {
            admin: sign_in("admin").await,
            custodian: sign_in("custodian").await,
            sokha: sign_in("sokha").await,
            served,
            installation,
        }
    }

    fn reporter(&self) -> Reporter {
        Reporter {
            site: self.served.public(),
            lang: "en",
        }
    }

    /// The database and its journal.
    fn files(&self) -> [PathBuf; 2] {
        let file = self.installation.database();
        let journal = PathBuf::from(format!("{}-wal", file.display()));
        [file, journal]
    }

    fn failing(&self, how: (&str, &str, &str)) -> Option<Failing> {
        let [file, journal] = self.files();
        Failing::over(&self.served.parts(), how, &[&file, &journal])
    }

    /// Letters to the address that hears of alarms.
    fn cries(&self) -> usize {
        let folder = std::fs::read_dir(self.installation.folder().join("mail"));
        let letters = folder.into_iter().flatten().flatten();
        let to = |path: PathBuf| std::fs::read_to_string(path).unwrap_or_default();
        letters
            .filter(|letter| to(letter.path()).contains("alarm@outside.example"))
            .count()
    }

    /// Everybody who looks finds the numbers, and nobody who does something is told that it was done.
    async fn refuses(&self, why: &str) {
        for path in ["/en/", "/km/help"] {
            let page = self.served.public().get(path).await.expect(200);
            page.says(settings::PHONE);
        }
        eventually("the form is closed before it is filled in", async || {
            let page = self.served.public().get("/en/report").await;
            page.says(settings::PHONE);
            (page.document().forms().is_empty() && page.text().contains(CLOSED)).then_some(())
        })
        .await;
        eventually("it is not ready", async || {
            let page = self.served.health().get("/readyz").await;
            (page.status == 503).then_some(())
        })
        .await;
        let dara = self.installation.people.get("dara");
        let site = self.served.staff();
        let Err(page) = dara.sign_in_or_not(&site, &Clock::system()).await else {
            panic!("signed in");
        };
        page.expect(503).says(STORAGE);
        eventually("the alarm's address hears", async || {
            (self.cries() > 0).then_some(())
        })
        .await;
        eventually("the page of the state says why", async || {
            let page = self.admin.get("/status").await;
            page.text().contains(why).then_some(())
        })
        .await;
    }

    /// All of it works again by itself.
    async fn heals(&self) {
        eventually("the form is open", async || {
            let page = self.served.public().get("/en/report").await;
            (!page.document().forms().is_empty()).then_some(())
        })
        .await;
        let dara = self.installation.people.get("dara");
        dara.sign_in(&self.served.staff(), &Clock::system()).await;
        eventually("it is ready", async || {
            let page = self.served.health().get("/readyz").await;
            (page.status == 200).then_some(())
        })
        .await;
        eventually("the page of the state is content", async || {
            let page = self.admin.get("/status").await.expect(200);
            let text = page.text();
            (!text.contains(IO) && !text.contains(READ_ONLY)).then_some(())
        })
        .await;
    }

    /// What an alarm is about.
    async fn is_alarmed(&self, what: &str, fault: &str) {
        eventually("an alarm", async || {
            let page = self.custodian.get("/alarms").await;
            let text = page.text();
            (text.contains(what) && text.contains(fault)).then_some(())
        })
        .await;
    }

    /// The accounts of all reports.
    async fn accounts(&self) -> BTreeSet<String> {
        let mut accounts = BTreeSet::new();
        for report in self.sokha.whole_queue().await {
            let page = self.sokha.read(&report).await.expect(200);
            let texts = page.document().of_class("inert");
            let account = texts.iter().find(|text| text.starts_with("account-"));
            assert!(
                accounts.insert(account.expect("an account").clone()),
                "twice"
            );
        }
        accounts
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_disk_does_not_write_is_said_not_to_be_kept_and_it_heals() {
    let house = House::open(House::settled()).await;
    let reporter = house.reporter();
    let answers = |account| [("danger", "over"), ("account", account)];
    let code = reporter.file(&answers("account-before")).await;
    let typed = reporter.fill(&answers("account-meanwhile")).await;
    let parts = house.served.parts();
    let Some(failing) = house.failing((WRITES, "EIO", "1+")) else {
        return;
    };
    let refused = reporter.site.submit(&typed, "send").await.expect(503);
    refused.says(settings::PHONE).says("account-meanwhile");
    house.refuses(IO).await;
    let log = house.served.written();
    assert!(log.contains("the disk does not read or write"), "{log}");
    assert!(log.contains("disk-refuses"), "{log}");

    failing.end(&parts);
    house.heals().await;
    house.is_alarmed(REFUSED, "io").await;
    reporter.try_code(&code).await.expect(200);
    assert_eq!(house.accounts().await, ["account-before".to_owned()].into());
    // Whoever sends what they were given back has one report.
    code_of(&reporter.site.submit(&typed, "send").await.expect(200));
    assert_eq!(house.accounts().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_reports_on_a_disk_that_fails_now_and_then_those_are_there_that_were_acknowledged() {
    let house = House::open(House::settled()).await;
    let reporter = house.reporter();
    let parts = house.served.parts();
    let mut codes = Vec::new();
    let (mut kept, mut refused) = (BTreeSet::new(), 0);
    for (round, calls) in ["pwrite64", "fsync,fdatasync", "pread64"]
        .into_iter()
        .enumerate()
    {
        // Each connection of the staff's has told enough by then.
        let Some(failing) = house.failing((calls, "EIO", "5+7")) else {
            return;
        };
        for number in 0..12 {
            let account = format!("account-{round}-{number}");
            let page = reporter.site.get("/en/report").await;
            if page.document().forms().is_empty() {
                // It is closed, or could not be made.
                page.says(settings::PHONE);
                continue;
            }
            let mut form = page.form("form");
            fill(&mut form, &[("danger", "over"), ("account", &account)]);
            let page = reporter.site.submit(&form, "send").await;
            match page.status {
                200 => {
                    codes.push(code_of(&page));
                    kept.insert(account);
                }
                503 => {
                    page.says(settings::PHONE).says(&account);
                    refused += 1;
                }
                other => panic!("{other}: {}", page.text()),
            }
        }
        failing.end(&parts);
        house.heals().await;
    }
    assert!(!kept.is_empty() && refused > 0, "{} {refused}", kept.len());
    for code in codes {
        reporter.try_code(&code).await.expect(200);
    }
    assert_eq!(house.accounts().await, kept);
    house.is_alarmed(REFUSED, "io").await;
    eprintln!(
        "{} reports were acknowledged, {refused} refused",
        kept.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_does_not_read_hides_no_number_and_it_heals() {
    let house = House::open(House::settled()).await;
    let reporter = house.reporter();
    let code = reporter
        .file(&[("danger", "over"), ("account", "account-before")])
        .await;
    let parts = house.served.parts();
    let Some(failing) = house.failing(("pread64", "EIO", "1+")) else {
        return;
    };
    eventually("it is told of", async || {
        for path in ["/en/", "/km/help"] {
            let page = house.served.public().get(path).await.expect(200);
            page.says(settings::PHONE);
        }
        // Whatever is in memory may still be read.
        house.sokha.get("/queue").await;
        let log = house.served.written();
        log.contains("database-damaged").then_some(())
    })
    .await;
    failing.end(&parts);
    house.heals().await;
    // To SQLite it is damage: the alarm names the tables.
    house
        .is_alarmed("Something in the database cannot be read", "")
        .await;
    reporter.try_code(&code).await.expect(200);
    assert_eq!(house.accounts().await, ["account-before".to_owned()].into());
}

/// A disk that is read-only from one moment to the next, and can be written again while the service runs.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_read_only_for_a_while_is_named_and_heals() {
    let house = House::open(House::settled()).await;
    let folder = house.installation.folder().join("data");
    let [file, journal] = house.files();
    let parts = house.served.parts();
    let calls = format!("{WRITES},open,openat");
    let files: [&Path; 3] = [&folder, &file, &journal];
    let Some(failing) = Failing::over(&parts, (&calls, "EROFS", "1+"), &files) else {
        return;
    };
    let page = house.served.public().get("/en/report").await;
    page.says(settings::PHONE);
    house.refuses(READ_ONLY).await;
    failing.end(&parts);
    house.heals().await;
    house.is_alarmed(REFUSED, "read-only").await;
}

/// A file system of its own that the system makes read-only when it meets a fault: the service has its files open.
struct Breaking {
    mount: PathBuf,
    image: PathBuf,
    _folder: tempfile::TempDir,
}

impl Breaking {
    fn over(mount: &Path) -> Option<Self> {
        let folder = private_folder();
        let image = folder.path().join("image");
        std::fs::File::create(&image)
            .unwrap()
            .set_len(256 << 20)
            .unwrap();
        let kept = folder.path().join("kept");
        make_private(&kept);
        copy(mount, &kept);
        let made = run("mkfs.ext4", &["-q", image.to_str().unwrap()]);
        let disk = Self {
            mount: mount.to_owned(),
            image,
            _folder: folder,
        };
        if !made || !disk.mount() {
            eprintln!("not looked at: nobody may mount a file of blocks here");
            return None;
        }
        std::fs::remove_dir(mount.join("lost+found")).unwrap();
        std::fs::set_permissions(mount, Permissions::from_mode(0o700)).unwrap();
        copy(&kept, mount);
        Some(disk)
    }

    fn mount(&self) -> bool {
        let (image, mount) = (self.image.to_str().unwrap(), self.mount.to_str().unwrap());
        run("mount", &["-o", "loop,errors=remount-ro", image, mount])
    }

    /// The system meets a fault in it.
    fn break_now(&self) {
        let image = self.image.to_str().unwrap();
        let output = Command::new("losetup")
            .args(["-n", "-O", "NAME", "-j", image])
            .output()
            .unwrap();
        let name = String::from_utf8(output.stdout).unwrap();
        let name = name.trim().trim_start_matches("/dev/");
        std::fs::write(format!("/sys/fs/ext4/{name}/trigger_fs_error"), "test").unwrap();
    }

    /// As whoever runs the machine does.
    fn mend(&self) {
        assert!(run("umount", &[self.mount.to_str().unwrap()]));
        run("fsck.ext4", &["-fy", self.image.to_str().unwrap()]);
        assert!(self.mount());
    }
}

impl Drop for Breaking {
    fn drop(&mut self) {
        run("umount", &["-l", self.mount.to_str().unwrap()]);
    }
}

fn run(program: &str, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_system_that_breaks_is_told_of_and_loses_nothing_that_was_acknowledged() {
    if !is_root() {
        return;
    }
    let installation = House::settled();
    let Some(disk) = Breaking::over(&installation.folder().join("data")) else {
        return;
    };
    let mut house = House::open(installation).await;
    let reporter = house.reporter();
    let answers = |account| [("danger", "over"), ("account", account)];
    let code = reporter.file(&answers("account-before")).await;
    let typed = reporter.fill(&answers("account-meanwhile")).await;
    disk.break_now();
    let refused = reporter.site.submit(&typed, "send").await.expect(503);
    refused.says(settings::PHONE).says("account-meanwhile");
    house.refuses(READ_ONLY).await;

    // A new start without a disk to write to does not come about, and says why.
    house.served.terminate();
    eventually("it ends", || {
        let running = house.served.is_running();
        async move { (!running).then_some(()) }
    })
    .await;
    let mut again = house.installation.command();
    let output = again.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && said.contains("read-only"),
        "{said}"
    );

    disk.mend();
    let house = House::open(house.installation).await;
    house.heals().await;
    house.reporter().try_code(&code).await.expect(200);
    assert_eq!(house.accounts().await, ["account-before".to_owned()].into());
}
