//! What documents and comments point at is in the repository: a reader can open it, and whoever moves a file hears of it.

use std::fs;
use std::path::{Path, PathBuf};

use super::reading::root;

/// Made by building and running.
const MADE: &[&str] = &["target", ".git", "corpus", "artifacts"];
/// How names of files end that documents speak of.
const ENDS: &[&str] = &[
    ".rs", ".md", ".toml", ".sh", ".py", ".html", ".ftl", ".sql", ".service",
];
/// Fewer would mean that the documents are not read any more.
const FEWEST: usize = 100;

#[test]
fn every_path_in_a_document_exists() {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for file in files(&root()).filter(|file| file.extension().is_some_and(|end| end == "md")) {
        let text = fs::read_to_string(&file).unwrap();
        let named = links(&text).chain(quoted(&text).filter(|word| is_path(word)));
        for path in named {
            checked += 1;
            if !exists(&file, path) {
                wrong.push(format!("{}: {path}", file.display()));
            }
        }
    }
    super::assert_none(&wrong);
    assert!(checked >= FEWEST, "only {checked} paths were found");
}

#[test]
fn every_document_that_the_source_speaks_of_exists() {
    let is_source = |file: &PathBuf| {
        // The samples below are of no document.
        if file.ends_with("architecture/documents.rs") {
            return false;
        }
        let end = file.extension().unwrap_or_default();
        ["rs", "sql", "toml", "sh", "py", "html", "ftl"].contains(&end.to_str().unwrap())
    };
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for file in files(&root()).filter(is_source) {
        let text = fs::read_to_string(&file).unwrap();
        for path in documents(&text) {
            checked += 1;
            if !exists(&file, path) {
                wrong.push(format!("{}: {path}", file.display()));
            }
        }
    }
    super::assert_none(&wrong);
    assert!(checked >= 10, "only {checked} documents were found");
}

/// Two uses of one key are kept apart by their labels: each is in the document of formats.
#[test]
fn every_label_is_in_the_document_of_formats() {
    let document = fs::read_to_string(root().join("docs/formats.md")).unwrap();
    let (mut wrong, mut checked) = (Vec::new(), 0);
    let is_program = |file: &PathBuf| !file.starts_with(root().join("src/seal/tests"));
    for file in files(&root().join("src/seal")).filter(is_program) {
        let text = fs::read_to_string(&file).unwrap();
        let program = text.split("#[cfg(test)]").next().unwrap();
        let strings = program.split('"').skip(1).step_by(2);
        for label in strings.filter(|string| string.starts_with("kapea/")) {
            checked += 1;
            if !document.contains(&format!("`{label}`")) {
                wrong.push(format!("{}: {label}", file.display()));
            }
        }
    }
    super::assert_none(&wrong);
    assert!(checked >= 30, "only {checked} labels were found");
}

#[test]
fn paths_are_found_where_they_stand() {
    let text = "See [it](docs/it.md#part), <b>`a/b.rs`</b>, [web](https://x.org/y.md), `kapea x`,\n\
                [above](#top) and `c.md`.\n```sh\ncat `d.md`\n```\n";
    assert_eq!(links(text).collect::<Vec<_>>(), ["docs/it.md"]);
    let found: Vec<&str> = quoted(text).filter(|word| is_path(word)).collect();
    assert_eq!(found, ["a/b.rs", "c.md"]);
    for path in ["src/seal", "tests/it/*.rs", "domain/form"] {
        assert!(is_path(path), "{path}");
    }
    for other in [
        "/etc/x.toml",
        "text/html",
        "kapea/audit/1",
        "a b/c.rs",
        "x.toml",
    ] {
        assert!(!is_path(other), "{other}");
    }
    let comment = "// As `one.md` says (see docs/two.md). /usr/share/three.md, .md\n";
    assert_eq!(
        documents(comment).collect::<Vec<_>>(),
        ["one.md", "docs/two.md"]
    );
}

/// Every file that is kept.
fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap();
            if !path.is_dir() {
                found.push(path);
            } else if !MADE.contains(&name) {
                folders.push(path);
            }
        }
    }
    found.sort();
    found.into_iter()
}

/// Where links lead, but for those out of the repository and within the page.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1);
    let targets = targets.filter_map(|rest| rest.split([')', '#', ' ']).next());
    targets.filter(|target| !target.is_empty() && !target.contains("://"))
}

/// What stands in backquotes within a line.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    let lines = text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    lines.flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Whether it is meant as a path: it names a document, or leads with a folder to a file that has an ending, or begins with one of ours.
fn is_path(word: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-*".contains(c);
    if !word.chars().all(is_plain) || word.starts_with(['/', '.', '*']) {
        return false;
    }
    let Some((first, _)) = word.split_once('/') else {
        return word.ends_with(".md");
    };
    let is_folder = [root(), root().join("src")]
        .iter()
        .any(|folder| folder.join(first).is_dir());
    is_folder || ENDS.iter().any(|end| word.ends_with(end))
}

/// Names of documents in a source.
fn documents(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "/._-".contains(c)));
    let words = words.map(|word| word.trim_end_matches('.'));
    words.filter(|word| word.ends_with(".md") && !word.starts_with('/') && *word != ".md")
}

/// Seen from the file, from the root, or from `src`. Of a path with a star as much as stands before it.
fn exists(file: &Path, path: &str) -> bool {
    let parts = path.split('/').take_while(|part| !part.contains('*'));
    let path: PathBuf = parts.collect();
    let here = file.parent().unwrap().to_owned();
    [here, root(), root().join("src")]
        .iter()
        .any(|from| from.join(&path).exists())
}
