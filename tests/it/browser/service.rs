//! The demonstration, run as a visitor runs it: its addresses and accounts are read from the table it prints.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use data_encoding::BASE32_NOPAD;
use kapea::domain::clock::Clock;
use kapea::seal::totp::{self, TotpSeed};
use tempfile::TempDir;

use crate::support::binary::program;

/// A running `kapea demo`. Killed when dropped.
pub struct Demo {
    child: Child,
    // Held, so that the program can go on printing.
    _printed: BufReader<ChildStdout>,
    _folder: TempDir,
    pub public: SocketAddr,
    pub staff: SocketAddr,
    accounts: Vec<Account>,
}

/// Somebody in the table.
pub struct Account {
    pub handle: String,
    pub passphrase: String,
    pub recovery_code: String,
    seed: TotpSeed,
}

impl Demo {
    pub fn start() -> Self {
        Self::asking(None)
    }

    /// With the form in that folder, and what becomes of it.
    pub fn asking(form: Option<&Path>) -> Self {
        // Between asking for a free port and using it somebody else can take it.
        (0..5)
            .find_map(|_| Self::try_start(form))
            .expect("the demonstration starts")
    }

    fn try_start(form: Option<&Path>) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let (public, staff) = free();
        let mut program = program();
        match form {
            Some(form) => program.args(["form", "preview"]).arg(form),
            None => program.arg("demo"),
        };
        let mut child = program
            .args(["--public", &public.to_string()])
            .args(["--staff", &staff.to_string()])
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut printed = BufReader::new(child.stdout.take().expect("its output"));
        let mut table: Vec<String> = Vec::new();
        for line in printed.by_ref().lines() {
            let line = line.expect("UTF-8");
            // The last line of the table; by then both sides listen.
            if line.starts_with("The current codes") {
                let accounts = table.iter().filter_map(|line| account(line)).collect();
                return Some(Self {
                    child,
                    _printed: printed,
                    _folder: folder,
                    public,
                    staff,
                    accounts,
                });
            }
            table.push(line);
        }
        drop(child.wait());
        None
    }

    pub fn account(&self, handle: &str) -> &Account {
        self.accounts
            .iter()
            .find(|account| account.handle == handle)
            .unwrap_or_else(|| panic!("no {handle} in the table"))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Account {
    /// What their authenticator shows now.
    pub fn code(&self) -> String {
        totp::current(&self.seed, Clock::system().now()).expect("a code")
    }
}

/// `handle role secret passphrase-of-six-words recovery code`, parted by spaces.
fn account(line: &str) -> Option<Account> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [handle, _role, secret, rest @ ..] = words.as_slice() else {
        return None;
    };
    let seed = BASE32_NOPAD.decode(secret.as_bytes()).ok()?;
    Some(Account {
        handle: (*handle).to_owned(),
        passphrase: rest.get(..6)?.join(" "),
        recovery_code: rest.get(6..)?.join(" "),
        seed: TotpSeed::from_bytes(seed.try_into().ok()?),
    })
}

fn free() -> (SocketAddr, SocketAddr) {
    let bind = || TcpListener::bind("127.0.0.1:0").expect("a free port");
    let (one, other) = (bind(), bind());
    let address = |listener: &TcpListener| listener.local_addr().expect("an address");
    (address(&one), address(&other))
}
