//! The server under measurement: a process of its own, looked at through `/proc`.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Clock ticks a second in `/proc/PID/stat` on Linux.
const TICKS: u64 = 100;

/// A running demo.
pub struct Demo {
    child: Child,
    pub public: SocketAddr,
    pub staff: SocketAddr,
    /// The lines of its table.
    pub table: Vec<String>,
    folder: tempfile::TempDir,
}

impl Demo {
    /// Starts the demo on free ports and waits until it has printed its table. `KAPEA_BENCH_PROGRAM` names another build to be
    /// measured, an older one for example.
    pub fn start() -> Self {
        let (public, staff) = (free(), free());
        let folder = tempfile::tempdir().expect("a temporary folder");
        let program = std::env::var_os("KAPEA_BENCH_PROGRAM");
        let mut child = Command::new(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_kapea").into()))
            .args([
                "demo",
                "--public",
                &public.to_string(),
                "--staff",
                &staff.to_string(),
                "--data",
            ])
            .arg(folder.path().join("data"))
            // As fast as it can be, and all alike: what is measured is neither kept waiting nor set aside.
            .env("KAPEA_LIMITS__FORM_SECONDS", "0")
            .env("KAPEA_LIMITS__ALIKE_REPORTS", "0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = BufReader::new(child.stdout.take().expect("its output is ours"));
        let mut lines = output.lines().map_while(Result::ok);
        let table: Vec<String> = lines
            .by_ref()
            .take_while(|line| !line.contains("Ctrl-C"))
            .collect();
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            public,
            staff,
            table,
            folder,
        }
    }

    /// The database, which the benchmark fills from outside.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("data/kapea.db")
    }

    /// The server's own secrets.
    pub fn credentials(&self) -> PathBuf {
        self.folder.path().join("data/credentials.toml")
    }

    /// Processor time so far.
    pub fn cpu(&self) -> Duration {
        used(&self.read("stat"))
    }

    /// Processor time that neither it nor this benchmark has used so far, but for what had ended before.
    pub fn others(&self) -> Duration {
        let stat = std::fs::read_to_string("/proc/stat").expect("/proc is there");
        let fields = stat.lines().next().expect("a line").split_whitespace();
        // user, nice, system, idle, iowait, irq, softirq, steal
        let fields = fields
            .enumerate()
            .filter(|(n, _)| matches!(n, 1..=3 | 6..=8));
        let busy = ticks(fields.map(|(_, field)| field));
        let own = std::fs::read_to_string("/proc/self/stat").expect("/proc is there");
        busy.saturating_sub(self.cpu() + used(&own))
    }

    /// KiB in memory now.
    pub fn resident(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// KiB in memory at most.
    pub fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = self.read("status");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .expect("a status line");
        line.split_whitespace()
            .next()
            .and_then(|number| number.parse().ok())
            .expect("a number")
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id()))
            .expect("/proc is there")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let told = Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status();
        if told.is_ok() {
            drop(self.child.wait());
        }
    }
}

fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
}

/// Of `/proc/PID/stat`.
fn used(stat: &str) -> Duration {
    let (_, fields) = stat.rsplit_once(')').expect("a stat line");
    ticks(fields.split_whitespace().skip(11).take(2))
}

fn ticks<'a>(fields: impl Iterator<Item = &'a str>) -> Duration {
    let ticks: u64 = fields
        .map(|field| field.parse::<u64>().expect("ticks"))
        .sum();
    Duration::from_millis(ticks * 1_000 / TICKS)
}
