//! The real program, as an operator runs it: `init`, `serve`, signals, files, its log on standard error.

use std::fs::File;
use std::net::SocketAddr;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use kapea::domain::clock::Clock;
use tempfile::TempDir;

use super::app::{People, apart, copy, private_folder, settle_people};
use super::client::Site;
use super::{eventually, settings};

/// A folder that `kapea init` made.
pub struct Installation {
    pub folder: TempDir,
    pub people: People,
}

/// A running `kapea serve`. Killed when dropped.
pub struct Served {
    child: Child,
    pub log: PathBuf,
    pub public: Option<Site>,
    pub staff: Option<Site>,
    pub health: Option<Site>,
}

/// The program, with no setting of the environment that could reach it.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kapea"));
    command.env_clear().stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().expect("it starts")
}

/// The help of a command, and the names of the commands below it.
pub fn help(path: &[&str]) -> (String, Vec<String>) {
    let output = run(&[path, &["--help"]].concat());
    assert!(output.status.success(), "kapea {path:?}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let list = text.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.split_whitespace().next());
    let below = names.filter(|name| *name != "help").map(str::to_owned);
    let below = below.collect();
    (text, below)
}

impl Installation {
    /// One in which people are set up and the form is open, a copy of which every test gets.
    pub fn settled() -> Self {
        static SETTLED: OnceLock<Installation> = OnceLock::new();
        let settled = SETTLED.get_or_init(|| apart(settle));
        let folder = private_folder();
        copy(settled.folder.path(), folder.path());
        Self {
            folder,
            people: settled.people.clone().apart(),
        }
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("kapea.toml")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("data/kapea.db")
    }

    /// Changes lines of the configuration.
    pub fn set(&self, extra: &[(&str, &str)]) {
        let text = std::fs::read_to_string(self.config()).expect("a configuration");
        std::fs::write(self.config(), settings::with(&text, extra)).expect("written");
    }

    pub fn command(&self) -> Command {
        let mut command = program();
        command.arg("serve").arg("--config").arg(self.config());
        command
    }

    pub async fn serve(&self) -> Served {
        self.serve_as(self.command(), 2).await
    }

    /// Starts that command and waits until so many sides listen.
    pub async fn serve_as(&self, mut command: Command, sides: usize) -> Served {
        let number = std::fs::read_dir(self.folder.path())
            .expect("a folder")
            .count();
        let log = self.folder.path().join(format!("serve-{number}.log"));
        let child = command
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a log"))
            .spawn()
            .expect("it starts");
        let mut served = Served {
            child,
            log,
            public: None,
            staff: None,
            health: None,
        };
        // And the health check.
        served.wait(sides + 1).await;
        served
    }
}

impl Served {
    async fn wait(&mut self, sides: usize) {
        let log = self.log.clone();
        let text = eventually("the service listens", || {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            async move { (text.matches(" listening ").count() >= sides).then_some(text) }
        })
        .await;
        self.public = address(&text, "reporters").map(Site::new);
        self.staff = address(&text, "staff").map(Site::new);
        self.health = address(&text, "health").map(Site::new);
    }

    pub fn health(&self) -> Site {
        self.health.clone().expect("a health check")
    }

    pub fn public(&self) -> Site {
        self.public.clone().expect("a reporters' side")
    }

    pub fn staff(&self) -> Site {
        self.staff.clone().expect("a staff side")
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Asks it to stop, as a service manager does.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([&format!("-{name}"), &id])
                .status()
                .expect("it runs")
                .success()
        );
    }

    /// Everything that this process and those it has started hold in memory, by mapping. For root alone: the process lets nobody else look.
    pub fn memory(&self) -> Vec<(String, Vec<u8>)> {
        let mut all = Vec::new();
        for process in family(self.child.id()) {
            let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).expect("maps");
            let memory = File::open(format!("/proc/{process}/mem")).expect("memory");
            for line in maps.lines().filter(|line| line.contains(" rw")) {
                let (range, rest) = line.split_once(' ').expect("a range");
                let (from, to) = range.split_once('-').expect("a range");
                let place = |text: &str| u64::from_str_radix(text, 16).expect("an address");
                let length = usize::try_from(place(to) - place(from)).expect("a length");
                let mut bytes = vec![0; length];
                // One that is gone by now, or that nobody can read, holds nothing.
                if memory.read_exact_at(&mut bytes, place(from)).is_ok() {
                    all.push((format!("{process} {rest}"), bytes));
                }
            }
        }
        all
    }

    /// Whether the system keeps all of its memory from swap.
    pub fn is_locked(&self) -> bool {
        let processes = family(self.child.id());
        let process = processes.last().expect("a process");
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a status");
        let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:"));
        !locked.is_none_or(|locked| locked.trim().starts_with("0 "))
    }

    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    pub fn written(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A process and everything below it.
fn family(process: u32) -> Vec<u32> {
    let mut all = vec![process];
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).expect("threads");
    for thread in threads.flatten() {
        let below = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        let below = below.split_whitespace().filter_map(|id| id.parse().ok());
        all.extend(below.flat_map(family));
    }
    all
}

/// The address in the line that says which side listens where.
fn address(log: &str, side: &str) -> Option<SocketAddr> {
    let line = log
        .lines()
        .find(|line| line.contains("listening") && line.contains(&format!("\"{side}\"")))?;
    line.split("address=")
        .nth(1)?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

async fn settle() -> Installation {
    let folder = private_folder();
    let root = folder.path().to_str().expect("a path in UTF-8");
    let output = run(&[
        "init",
        "--dir",
        root,
        "--administrator",
        "admin",
        "--custodian",
        "custodian",
    ]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let tokens: Vec<&str> = said
        .lines()
        .filter(|line| line.trim().starts_with("http"))
        .filter_map(|line| line.trim().rsplit('/').next())
        .collect();
    let [administrator, custodian] = tokens[..] else {
        panic!("two invitations were expected:\n{said}");
    };
    let installation = Installation {
        people: People::default(),
        folder,
    };
    fill_in(&installation.config());
    let served = installation.serve().await;
    let people = settle_people(&served.staff(), &Clock::system(), administrator, custodian).await;
    drop(served);
    Installation {
        people,
        ..installation
    }
}

/// What `kapea init` asks the operator to fill in.
pub fn fill_in(config: &Path) {
    let text = std::fs::read_to_string(config).expect("a configuration");
    let ours = settings::text("")
        .lines()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let line = |key: &str| {
        ours.iter()
            .find(|line| line.split(" = ").next() == Some(key))
            .unwrap_or_else(|| panic!("no {key}"))
            .clone()
    };
    let mut extra = Vec::new();
    for (section, keys) in [
        ("server", &["public", "staff", "health"][..]),
        ("hotline", &["name_en", "name_km", "leave_url", "numbers"]),
        (
            "mail",
            &["transport", "from", "hotline", "on_call", "on_call_backup"],
        ),
        ("limits", &["staff_queue"]),
        ("log", &["level"]),
    ] {
        extra.extend(keys.iter().map(|key| (section, line(key))));
    }
    let extra: Vec<(&str, &str)> = extra
        .iter()
        .map(|(section, line)| (*section, line.as_str()))
        .collect();
    std::fs::write(config, settings::with(&text, &extra)).expect("written");
}
