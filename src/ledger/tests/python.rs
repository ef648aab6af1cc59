//! What `docs/ledger.py`, which shares no line with the program, makes of a ledger.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use data_encoding::HEXLOWER;

use crate::ledger::statement::Head;

/// A ledger as it is handed out, and what is in it.
pub struct Exported {
    /// What it is read with.
    pub given: Vec<(&'static str, String)>,
    pub kept: Vec<Vec<u8>>,
    pub says: Vec<String>,
}

/// The last line of a ledger that holds.
pub fn end(head: Head) -> String {
    format!("head {} {}", head.sequence, HEXLOWER.encode(&head.digest))
}

impl Exported {
    fn to_file(&self) -> String {
        let mut file = String::new();
        for (name, value) in &self.given {
            writeln!(file, "{name}: {value}").unwrap();
        }
        file.push('\n');
        for kept in &self.kept {
            writeln!(file, "{}", HEXLOWER.encode(kept)).unwrap();
        }
        file
    }
}

/// The lines that it prints for each of these files.
pub fn read(files: &[PathBuf]) -> Vec<Vec<String>> {
    let output = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ledger.py"))
        .args(files)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut found: Vec<Vec<String>> = Vec::new();
    for line in text.lines() {
        let is_next = files
            .get(found.len())
            .is_some_and(|file| line == format!("{}:", file.display()));
        match found.last_mut() {
            Some(lines) if !is_next => lines.push(line.to_owned()),
            _ => found.push(Vec::new()),
        }
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(found.len(), files.len(), "{errors}");
    let holds = |lines: &Vec<String>| {
        !lines
            .last()
            .is_some_and(|line| line.starts_with("refused "))
    };
    assert_eq!(output.status.success(), found.iter().all(holds));
    found
}

/// Fails unless it prints of each what is in it.
pub fn must_agree(all: &[Exported]) {
    let folder = tempfile::tempdir().unwrap();
    let files = all.iter().enumerate().map(|(number, exported)| {
        let path = folder.path().join(number.to_string());
        fs::write(&path, exported.to_file()).unwrap();
        path
    });
    let files: Vec<PathBuf> = files.collect();
    for (found, exported) in read(&files).iter().zip(all) {
        assert_eq!(found, &exported.says);
    }
}
