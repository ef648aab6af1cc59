//! Where backups are kept, with the key that opens them, and the stock programs that open them without Kapea.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::binary::program;

pub struct Vault {
    pub folder: tempfile::TempDir,
    pub recipient: String,
}

impl Vault {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key.txt");
        let made = Command::new("age-keygen")
            .arg("-o")
            .arg(&key)
            .output()
            .expect("age is installed");
        assert!(made.status.success());
        fs::create_dir(folder.path().join("kept")).unwrap();
        let text = fs::read_to_string(&key).unwrap();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("# public key: "));
        Self {
            recipient: line.unwrap().to_owned(),
            folder,
        }
    }

    pub fn key(&self) -> PathBuf {
        self.folder.path().join("key.txt")
    }

    pub fn place(&self) -> PathBuf {
        self.folder.path().join("kept")
    }

    /// The command for an installation, by its configuration.
    pub fn command(&self, config: &Path) -> Command {
        let mut command = program();
        command
            .args(["backup", "--recipient", &self.recipient, "--to"])
            .arg(self.place())
            .arg("--config")
            .arg(config);
        command
    }

    pub fn back_up(&self, config: &Path) -> Output {
        self.command(config).output().unwrap()
    }

    /// One that must come about, and its file.
    #[track_caller]
    pub fn must_back_up(&self, config: &Path) -> PathBuf {
        let before = self.kept();
        let output = self.back_up(config);
        assert!(output.status.success(), "{}", said(&output));
        let new = self.kept().into_iter().find(|name| !before.contains(name));
        self.place().join(new.expect("a new file"))
    }

    /// What the stock programs make of it, in a new folder.
    pub fn unpacked(&self, file: &Path) -> PathBuf {
        let to = self.folder.path().join("unpacked");
        fs::create_dir_all(&to).unwrap();
        let archive = to.join("archive.tar");
        let opened = Command::new("age")
            .args(["-d", "-i"])
            .arg(self.key())
            .arg("-o")
            .arg(&archive)
            .arg(file)
            .status()
            .unwrap();
        assert!(opened.success());
        let unpacked = Command::new("tar")
            .arg("-xf")
            .arg(&archive)
            .arg("-C")
            .arg(&to)
            .status();
        assert!(unpacked.unwrap().success());
        fs::remove_file(archive).unwrap();
        to
    }

    /// Names of what is there, but for what the command works with.
    pub fn kept(&self) -> Vec<String> {
        let entries = fs::read_dir(self.place()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != ".kapea-backup.lock")
            .collect();
        names.sort();
        names
    }

    pub fn restore(&self, file: &Path, key: &Path, to: &Path) -> Command {
        let mut command = program();
        command
            .arg("restore")
            .arg(file)
            .arg("--identity")
            .arg(key)
            .arg("--to")
            .arg(to);
        command
    }
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}
