//! The two processes under two accounts, laid out as the units in `deploy/` do: what each can open, and that both work over one database.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kapea::domain::clock::Clock;

use super::deployed::SHARE;
use super::goes_through;
use crate::support::binary::{Installation, Served, is_root, memory_of};
use crate::support::reporter::Reporter;
use crate::support::smtp::{Authority, Server};

/// The accounts, and the group that both are in. Nobody here has these numbers.
const INTAKE: u32 = 40_001;
const CASEWORK: u32 = 40_002;
const GROUP: u32 = 40_000;
const PASSWORD: &str = "the-password-of-the-mail-server";

/// An installation, and beside it what systemd would hand to each account.
struct Laid {
    installation: Installation,
    server: Server,
}

impl Laid {
    fn out() -> Self {
        let installation = Installation::settled();
        let authority = Authority::new();
        let server = Server::start("starttls", &authority, Some(("kapea", PASSWORD)));
        let laid = Self {
            installation,
            server,
        };
        let port = format!("port = {}", laid.server.port);
        laid.installation.set(&[
            ("mail", "transport = \"smtp\""),
            ("mail", "host = \"localhost\""),
            ("mail", &port),
            ("mail", "ca_file = \"ca.pem\""),
            ("mail", "username = \"kapea\""),
            ("log", "level = \"info\""),
        ]);
        fs::write(laid.path("ca.pem"), authority.pem()).unwrap();
        fs::write(laid.path("mail-password"), PASSWORD).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_kapea"), laid.path("kapea")).unwrap();
        // As `deploy/README.md` and the units have it, with `.` for the folders of the system.
        let share = SHARE.replace("FOLDER", "data");
        laid.shell(&format!(
            "chmod 0711 . && chmod 0755 kapea && chmod 0644 kapea.toml ca.pem && chmod 0600 credentials.toml mail-password
             chown -R {CASEWORK}:{GROUP} data && {share}
             install -d -m 0700 -o {INTAKE} -g {GROUP} run-intake && install -d -m 0700 -o {CASEWORK} -g {GROUP} run-casework
             install -m 0600 -o {INTAKE} -g {GROUP} -t run-intake credentials.toml
             install -m 0600 -o {CASEWORK} -g {GROUP} -t run-casework credentials.toml mail-password"
        ));
        laid
    }

    fn path(&self, name: &str) -> PathBuf {
        self.installation.folder().join(name)
    }

    fn shell(&self, script: &str) {
        let mut shell = Command::new("sh");
        shell.args(["-euc", script]);
        let status = shell.current_dir(self.installation.folder()).status();
        assert!(status.unwrap().success(), "{script}");
    }

    /// A command of one of the accounts.
    fn command(&self, account: u32, program: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "umask 0007 && exec \"$0\" \"$@\"", program])
            .current_dir(self.installation.folder())
            .env_clear()
            .stdin(Stdio::null())
            .uid(account)
            .gid(GROUP);
        command
    }

    async fn serve(&self, account: u32) -> Served {
        let mut command = self.command(account, "./kapea");
        command.args(["serve", "--config", "kapea.toml"]);
        let (roles, run) = match account {
            INTAKE => ("intake", "run-intake"),
            _ => ("casework,worker", "run-casework"),
        };
        let credentials = self.path(run).join("credentials.toml");
        command
            .env("KAPEA_SERVER__ROLES", roles)
            .env("KAPEA_DATA__CREDENTIALS", credentials);
        if account == CASEWORK {
            let password = self.path(run).join("mail-password");
            command.env("KAPEA_MAIL__PASSWORD_FILE", password);
        }
        self.installation.serve_as(command, 1).await
    }

    /// Whether that account can read the first byte of a file.
    fn opens(&self, account: u32, path: &Path) -> bool {
        let mut head = self.command(account, "head");
        head.args(["-c", "1"]).arg(path).stdout(Stdio::null());
        head.stderr(Stdio::null()).status().unwrap().success()
    }
}

/// What a process listens on, by the sockets that it has open.
fn listens_on(id: u32) -> Vec<SocketAddr> {
    let links = fs::read_dir(format!("/proc/{id}/fd")).unwrap();
    let sockets: Vec<String> = links
        .filter_map(|link| fs::read_link(link.unwrap().path()).ok())
        .map(|link| link.to_string_lossy().into_owned())
        .collect();
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let mut found: Vec<SocketAddr> = table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let is_ours = sockets.contains(&format!("socket:[{}]", fields[9]));
            let (_, port) = fields[1].split_once(':')?;
            let port = u16::from_str_radix(port, 16).ok()?;
            // 0A: listens.
            (fields[3] == "0A" && is_ours).then(|| SocketAddr::from(([127, 0, 0, 1], port)))
        })
        .collect();
    found.sort_unstable();
    found
}

/// Whether some words stand in what a process can write to of its memory.
fn remembers(id: u32, words: &str) -> bool {
    let memory = memory_of(id);
    memory
        .iter()
        .any(|(_, bytes)| memchr::memmem::find(bytes, words.as_bytes()).is_some())
}

fn mode(path: &Path) -> (u32, u32) {
    let data = fs::metadata(path).unwrap();
    (data.permissions().mode() & 0o7777, data.gid())
}

#[tokio::test(flavor = "multi_thread")]
async fn both_accounts_work_over_one_database_whoever_comes_first() {
    if !is_root() {
        return;
    }
    let laid = Laid::out();
    for (number, (first, handle)) in [(INTAKE, "sokha"), (CASEWORK, "dara")].iter().enumerate() {
        let second = INTAKE + CASEWORK - first;
        let (one, two) = (laid.serve(*first).await, laid.serve(second).await);
        let (intake, casework) = match *first {
            INTAKE => (&one, &two),
            _ => (&two, &one),
        };
        let reporter = Reporter {
            site: intake.public(),
            lang: "en",
        };
        let person = laid.installation.people.get(handle);
        let desk = person.sign_in(&casework.staff(), &Clock::system()).await;
        goes_through(&reporter, &desk, &format!("told to {first}")).await;
        // What is urgent and nobody has yet is told of by mail, with the password that one of them alone can read.
        reporter
            .file(&[("danger", "now"), ("account", "nobody has it")])
            .await;
        let taken = laid.server.taken(number + 1);
        assert!(taken.iter().all(|mail| mail.signed_in));
        for (file, expected) in [
            ("data/kapea.db", 0o660),
            ("data/kapea.db-wal", 0o660),
            ("data/kapea.db-shm", 0o660),
            ("data/witness/witness", 0o660),
            ("data/witness", 0o2770),
        ] {
            assert_eq!(mode(&laid.path(file)), (expected, GROUP), "{file}");
        }
        for served in [&one, &two] {
            let said = served.written();
            assert!(!said.contains("ERROR") && !said.contains("WARN"), "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_over_the_reporters_process_reaches_nothing_of_the_other() {
    if !is_root() {
        return;
    }
    let laid = Laid::out();
    let (intake, casework) = (laid.serve(INTAKE).await, laid.serve(CASEWORK).await);
    let person = laid.installation.people.get("dara");
    let desk = person.sign_in(&casework.staff(), &Clock::system()).await;
    let reporter = Reporter {
        site: intake.public(),
        lang: "en",
    };
    goes_through(&reporter, &desk, "told before the break-in").await;

    let of = |served: &Served, file: &str| PathBuf::from(format!("/proc/{}/{file}", served.id()));
    let staffs = [
        laid.path("run-casework/mail-password"),
        laid.path("run-casework/credentials.toml"),
        of(&casework, "mem"),
        of(&casework, "environ"),
    ];
    let roots = [laid.path("mail-password"), laid.path("credentials.toml")];
    for path in staffs.iter().chain(&roots) {
        assert!(!laid.opens(INTAKE, path), "{}", path.display());
    }
    assert!(!laid.opens(CASEWORK, &of(&intake, "mem")));
    assert!(!laid.opens(CASEWORK, &laid.path("run-intake/credentials.toml")));
    // It does look: each has what it needs, and both have the database.
    for account in [INTAKE, CASEWORK] {
        for file in ["kapea.toml", "data/kapea.db", "data/witness/witness"] {
            assert!(laid.opens(account, &laid.path(file)), "{file}");
        }
    }
    assert!(laid.opens(INTAKE, &laid.path("run-intake/credentials.toml")));
    assert!(laid.opens(CASEWORK, &laid.path("run-casework/mail-password")));

    // Neither listens where the other does.
    let ports = |sites: [crate::support::client::Site; 2]| {
        let mut ports = sites.map(|site| site.address);
        ports.sort_unstable();
        ports.to_vec()
    };
    let public = ports([intake.public(), intake.health()]);
    assert_eq!(listens_on(intake.id()), public);
    let staff = ports([casework.staff(), casework.casework_health()]);
    assert_eq!(listens_on(casework.id()), staff);

    // Nor remembers what the other was told.
    assert!(
        remembers(casework.id(), PASSWORD),
        "the search finds what is there"
    );
    assert!(remembers(intake.id(), "run-intake/credentials.toml"));
    for words in [PASSWORD, &person.passphrase, &desk.cookie] {
        assert!(!remembers(intake.id(), words), "{words}");
    }
}

/// One account for both, as `kapea serve` is started by hand: what the variables say is not handed on to who needs it not.
#[tokio::test(flavor = "multi_thread")]
async fn the_watcher_keeps_the_mail_password_from_the_reporters_process() {
    if !is_root() {
        return;
    }
    let laid = Laid::out();
    let mut command = laid.command(CASEWORK, "./kapea");
    command
        .args(["serve", "--config", "kapea.toml"])
        .env(
            "KAPEA_DATA__CREDENTIALS",
            laid.path("run-casework/credentials.toml"),
        )
        .env("KAPEA_MAIL__PASSWORD", PASSWORD);
    let served = laid.installation.serve_as(command, 2).await;
    let (intake, casework) = (served.part("intake"), served.part("casework,worker"));
    assert!(remembers(casework, PASSWORD));
    assert!(!remembers(intake, PASSWORD));
    let files = |id: u32| {
        let links = fs::read_dir(format!("/proc/{id}/fd")).unwrap();
        let links = links.filter_map(|link| fs::read_link(link.unwrap().path()).ok());
        links
            .filter(|link| link.starts_with(laid.path("data")))
            .count()
    };
    assert!(files(intake) > 0 && files(casework) > 0);
    assert_eq!(files(served.id()), 0, "the watcher opens no database");
}

/// From a program with more rights than its caller the system takes away what it was told of how to allocate (glibc from 2.39 on).
#[tokio::test(flavor = "multi_thread")]
async fn what_was_started_anew_and_is_told_nothing_does_not_start_itself_for_ever() {
    if !is_root() {
        return;
    }
    let installation = Installation::settled();
    for (anew, is_told) in [(None, true), (Some("1"), false)] {
        let mut command = installation.command();
        command.args(["--roles", "intake"]);
        command.envs(anew.map(|anew| ("KAPEA_ANEW", anew)));
        let served = installation.serve_as(command, 1).await;
        let environment = fs::read(format!("/proc/{}/environ", served.id())).unwrap();
        let environment = String::from_utf8_lossy(&environment);
        assert_eq!(environment.contains("GLIBC_TUNABLES="), is_told);
    }
}
