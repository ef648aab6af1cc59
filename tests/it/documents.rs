//! The documents and the program say the same: every command that a document names is one that the program knows, with its options.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use crate::support::binary::help;

/// Fewer would mean that the documents are not read any more.
const FEWEST: usize = 25;

fn documents() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("README.md"), root.join("SECURITY.md")];
    for folder in ["docs", "deploy"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path
                .extension()
                .is_some_and(|end| end == "md" || end == "html")
            {
                files.push(path);
            }
        }
    }
    files
}

/// What stands in backquotes, in blocks of code, or in a list of a card.
fn commands(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ").replace("\\n", " ");
    let mut found = Vec::new();
    for line in joined.lines() {
        let pieces: Vec<&str> = line.split('`').collect();
        let pieces = if pieces.len() > 1 {
            pieces.into_iter().skip(1).step_by(2).collect()
        } else {
            vec![line]
        };
        for piece in pieces {
            let plain = piece.trim().trim_start_matches("<li>");
            let plain = plain.split("</li>").next().unwrap_or_default();
            let Some(at) = plain.find("kapea ") else {
                continue;
            };
            let before = plain.get(..at).unwrap_or_default();
            if before.is_empty() || before == "./target/release/" || before.ends_with(": ") {
                let rest = plain.get(at + 6..).unwrap_or_default();
                let rest = rest
                    .split(['#', '|', '&', '.', '។'])
                    .next()
                    .unwrap_or_default();
                found.push(rest.trim().to_owned());
            }
        }
    }
    found
}

/// The words of the help of a command, and its commands.
fn words(path: &[&str]) -> (BTreeSet<String>, Vec<String>) {
    let (text, below) = help(path);
    let words = text.split(|c: char| c.is_whitespace() || c == ',' || c == '[');
    (words.map(str::to_owned).collect(), below)
}

#[test]
fn every_command_in_the_documents_is_known() {
    let mut known: BTreeMap<Vec<String>, (BTreeSet<String>, Vec<String>)> = BTreeMap::new();
    let mut checked = 0;
    let mut wrong = Vec::new();
    for file in documents() {
        for command in commands(&fs::read_to_string(&file).unwrap()) {
            let mut path: Vec<String> = Vec::new();
            let mut rest = command.split_whitespace().peekable();
            loop {
                let names: Vec<&str> = path.iter().map(String::as_str).collect();
                let (words, below) = known
                    .entry(path.clone())
                    .or_insert_with(|| words(&names))
                    .clone();
                match rest.peek() {
                    Some(word) if below.iter().any(|name| name == word) => {
                        path.push((*word).to_owned());
                        rest.next();
                    }
                    Some(word) if !below.is_empty() && !word.starts_with(['-', '…', '<']) => {
                        wrong.push(format!("{}: kapea {command}", file.display()));
                        break;
                    }
                    _ => {
                        for option in rest.by_ref().filter(|word| word.starts_with("--")) {
                            let name = option.split('=').next().unwrap_or_default();
                            if !words.contains(name) {
                                wrong.push(format!("{}: kapea {command}: {name}", file.display()));
                            }
                        }
                        break;
                    }
                }
            }
            checked += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(checked >= FEWEST, "only {checked} commands were found");
}
