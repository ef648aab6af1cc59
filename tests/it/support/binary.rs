//! The real program, as an operator runs it: `init`, `serve`, signals, files, its log on standard error.

use std::fs::File;
use std::net::SocketAddr;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
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
    pub casework_health: Option<Site>,
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

    /// Runs a command of the program on it: whether it says that all went well, and everything it printed.
    pub fn run_command(&self, words: &[&str]) -> (bool, String) {
        let output = program()
            .args(words)
            .arg("--config")
            .arg(self.config())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
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
            casework_health: None,
        };
        // And the health check of each process.
        let is_one = command.get_args().any(|word| word == "--roles");
        let processes = if is_one { 1 } else { sides };
        served.wait(sides + processes).await;
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
        self.casework_health = address(&text, "casework health").map(Site::new);
    }

    pub fn health(&self) -> Site {
        self.health.clone().expect("a health check")
    }

    pub fn casework_health(&self) -> Site {
        self.casework_health
            .clone()
            .expect("a health check of the staff process")
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The processes that it watches.
    pub fn parts(&self) -> Vec<u32> {
        let id = self.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        let children = children.unwrap_or_default();
        let ids = children.split_whitespace().map(|id| id.parse());
        ids.collect::<Result<_, _>>().expect("numbers")
    }

    /// The process with these roles.
    pub fn part(&self, roles: &str) -> u32 {
        let words = format!("--roles\0{roles}\0");
        let is_it = |id: &u32| {
            std::fs::read_to_string(format!("/proc/{id}/cmdline"))
                .is_ok_and(|line| line.contains(&words))
        };
        self.parts()
            .into_iter()
            .find(is_it)
            .expect("a process with these roles")
    }

    pub fn public(&self) -> Site {
        self.public.clone().expect("a reporters' side")
    }

    pub fn staff(&self) -> Site {
        self.staff.clone().expect("a staff side")
    }

    /// `kill -9` of all its processes at once.
    pub fn kill(&mut self) {
        if !self.is_running() {
            return;
        }
        let parts = self.parts();
        let all = [parts.clone(), vec![self.id()]].concat();
        let all = all.iter().map(u32::to_string);
        drop(Command::new("kill").arg("-9").args(all).status());
        drop(self.child.wait());
        // What they hold is free when they are gone.
        while parts.iter().any(|id| is_alive(*id)) {
            std::thread::yield_now();
        }
    }

    /// `kill -9` of the one that was started, and of no other.
    pub fn kill_alone(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it has ended");
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("its state")
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

    /// Everything that this process and those it has started hold in memory. See [`memory_of`].
    pub fn memory(&self) -> Vec<(String, Vec<u8>)> {
        let all = family(self.child.id()).into_iter();
        all.flat_map(memory_of).collect()
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

/// Whether this process may look into others, and start some under other accounts. If not, it says so.
pub fn is_root() -> bool {
    let is = rustix::process::geteuid().is_root();
    if !is {
        eprintln!(
            "not looked at: only root looks into other processes and starts some under other accounts"
        );
    }
    is
}

/// What a process can write to of its memory, by mapping. For root alone: it lets nobody else look.
pub fn memory_of(process: u32) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
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
            all.push((rest.to_owned(), bytes));
        }
    }
    all
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

/// Whether a process is there that has not ended.
pub fn is_alive(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"));
    let stat = stat.unwrap_or_default();
    let state = stat.rsplit_once(") ").map(|(_, rest)| &rest[..1]);
    state.is_some_and(|state| !"ZX".contains(state))
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
        (
            "server",
            &["public", "staff", "health", "casework_health"][..],
        ),
        ("hotline", &["name_en", "name_km", "leave_url", "numbers"]),
        (
            "mail",
            &["transport", "from", "hotline", "on_call", "on_call_backup"],
        ),
        ("limits", &["staff_queue", "form_seconds", "alike_reports"]),
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
