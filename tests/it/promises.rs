//! Every promise of `SECURITY.md` names the test that shows it, and the test is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const NOTHING: &str = "*(nothing to test";
/// Limits of the world, not of the program, and two of the program that no test shows yet.
const MOST_WITHOUT: usize = 4;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let each = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path),
            false => vec![path],
        }
    };
    entries.flat_map(each).collect()
}

/// The name of each test, with the name of its file.
fn tests() -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for file in ["src", "tests"]
        .iter()
        .flat_map(|top| files(&root().join(top)))
    {
        if file.extension().is_none_or(|end| end != "rs") {
            continue;
        }
        let module = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        let mut is_test = false;
        for line in text.lines().map(str::trim_start) {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            let name = line
                .trim_start_matches("async ")
                .strip_prefix("fn ")
                .and_then(|rest| rest.split('(').next());
            if let Some(name) = name {
                if is_test || text.contains("proptest!") {
                    tests.insert(format!("{module}::{name}"));
                }
                is_test = false;
            }
        }
    }
    tests
}

/// What stands between backticks and has the form of a test's name.
fn named(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted
        .filter(|word| word.contains("::") && !word.contains(['/', ' ', '<']))
        .collect()
}

fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, after) = text.split_once(heading).expect(heading);
    after.split("\n## ").next().unwrap()
}

#[test]
fn every_cell_of_who_learns_what_and_every_limit_names_its_test() {
    let text = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let known = tests();
    let mut wrong = Vec::new();
    let rows = section(&text, "## Who learns what").lines();
    let rows = rows.filter(|line| line.starts_with("| ")).skip(1);
    let mut seen = 0;
    for row in rows {
        for (cell, text) in row.trim_matches('|').split(" | ").skip(1).enumerate() {
            seen += 1;
            if named(text).is_empty() && !text.contains("limit ") {
                wrong.push(format!("{} (cell {cell})", &row[..60]));
            }
        }
    }
    let limits = section(&text, "## Limits, said plainly");
    let mut without = 0;
    for limit in limits.split("\n\n").flat_map(|part| part.split('\n')) {
        let is_limit = limit
            .split_once(". ")
            .is_some_and(|(number, _)| number.parse::<u32>().is_ok());
        if !is_limit {
            continue;
        }
        seen += 1;
        let (_, whole) = limits.split_once(limit).unwrap();
        let rest = whole
            .lines()
            .take_while(|line| !line.starts_with(char::is_numeric));
        let whole = format!("{limit}\n{}", rest.collect::<Vec<_>>().join("\n"));
        without += usize::from(whole.contains(NOTHING));
        if named(&whole).is_empty() && !whole.contains(NOTHING) {
            wrong.push(limit.chars().take(60).collect());
        }
    }
    for name in named(&text) {
        let mut parts = name.rsplit("::");
        let (test, module) = (parts.next().unwrap(), parts.next().unwrap());
        if !known.contains(&format!("{module}::{test}")) {
            wrong.push(format!("no test {name}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 50, "only {seen} promises were found");
    assert!(
        without <= MOST_WITHOUT,
        "{without} limits have nothing to test"
    );
}
