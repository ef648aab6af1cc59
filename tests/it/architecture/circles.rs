//! Fails where files import each other in a circle: such files cannot be read, moved or changed one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::reading::{Module, Use, program, read_module, within};

/// By file, what it names of which other.
type Imports = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

#[test]
fn no_files_import_each_other_in_a_circle() {
    let imports = imports(&program());
    let wrong: Vec<String> = circles(&imports)
        .into_iter()
        .map(|circle| told(&imports, &circle))
        .collect();
    super::assert_none(&wrong);
}

#[test]
fn a_circle_is_found_whatever_way_it_is_written() {
    let modules: Vec<Module> = [
        ("handed", "mod on; pub use on::On; pub struct Base;"),
        ("handed::on", "use super::Base; pub struct On;"),
        (
            "parent",
            "mod child; pub use child::g; pub struct P; fn f() { g() }",
        ),
        ("parent::child", "use super::P; pub fn g() {}"),
        ("one", "use crate::two; pub fn f() { two::three::g() }"),
        ("two", "pub mod three;"),
        ("two::three", "pub fn g() -> u8 { super::super::one::f() }"),
        ("face", "mod left; mod right; pub use left::*;"),
        (
            "face::left",
            "use super::right; pub struct Left; fn f() { right::r() }",
        ),
        ("face::right", "use crate::face::Left as L; pub fn r() {}"),
        (
            "whole",
            "use crate::one; use crate::face::{self}; #[cfg(test)] mod tests { use super::f; }",
        ),
        ("above", "fn f() { crate::whole::x() }"),
    ]
    .map(|(name, text)| read_module(name, Path::new("x.rs"), text))
    .into();
    let found = circles(&imports(&modules));
    let expected = [
        ["face::left", "face::right"],
        ["one", "two::three"],
        ["parent", "parent::child"],
    ];
    assert_eq!(found, expected);
}

/// The circle, and what ties it.
fn told(imports: &Imports, circle: &[String]) -> String {
    let mut lines = vec![format!("a circle of {} files:", circle.len())];
    for file in circle {
        for (other, names) in &imports[file] {
            if circle.contains(other) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                lines.push(format!("  {file} -> {other}: {}", names.join(", ")));
            }
        }
    }
    lines.join("\n")
}

/// Files from each of which a way leads to each other one.
fn circles(imports: &Imports) -> Vec<Vec<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> = imports
        .keys()
        .map(|file| (file, reach(imports, file)))
        .collect();
    let mut circles = BTreeSet::new();
    for (file, others) in &reached {
        if others.contains(file) {
            let mut circle: Vec<String> = others
                .iter()
                .filter(|other| reached.get(**other).is_some_and(|back| back.contains(file)))
                .map(|other| (*other).clone())
                .collect();
            circle.sort();
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

fn reach<'a>(imports: &'a Imports, file: &String) -> BTreeSet<&'a String> {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&String> = imports
        .get(file)
        .into_iter()
        .flat_map(BTreeMap::keys)
        .collect();
    while let Some(file) = next.pop() {
        if seen.insert(file) {
            next.extend(imports.get(file).into_iter().flat_map(BTreeMap::keys));
        }
    }
    seen
}

/// A file imports another one if it names something that is defined there, by whatever way. To declare a module is no import, and to
/// hand on what a module within defines is none either.
fn imports(modules: &[Module]) -> Imports {
    let files: Files<'_> = modules
        .iter()
        .map(|module| (module.name.as_str(), module))
        .collect();
    let mut imports = Imports::new();
    for module in modules {
        let handed_on: BTreeSet<&str> = module
            .uses
            .iter()
            .filter(|used| used.is_public)
            .map(|used| used.path.as_str())
            .filter(|path| {
                absolute(&files, module, path).is_some_and(|path| within(&path, &module.name))
            })
            .collect();
        let paths = module
            .paths
            .iter()
            .filter(|path| !handed_on.contains(path.as_str()));
        let paths = paths.filter_map(|path| absolute(&files, module, path));
        // What is written small may as well be a variable.
        let words = module.words.iter().filter(|word| {
            word.starts_with(char::is_uppercase)
                || module.uses.iter().any(|used| used.name == **word)
        });
        let words = words.map(|word| join(&module.name, word));
        for path in paths.chain(words) {
            if let Some((file, name)) = home(&files, &path, 8)
                && file != module.name
            {
                let of = imports.entry(module.name.clone()).or_default();
                of.entry(file).or_default().insert(name);
            }
        }
    }
    imports
}

type Files<'a> = BTreeMap<&'a str, &'a Module>;

/// From the root of the crate, if it is in it.
fn absolute(files: &Files<'_>, module: &Module, path: &str) -> Option<String> {
    if let Some(path) = path.strip_prefix("crate::") {
        return Some(path.to_owned());
    }
    let (first, rest) = path.split_once("::").unwrap_or((path, ""));
    let child = join(&module.name, first);
    if files.contains_key(child.as_str()) {
        return Some(join(&child, rest));
    }
    let used = module
        .uses
        .iter()
        .find(|used| used.name == first && used.path != path)?;
    let used = used.path.strip_prefix("crate::")?;
    Some(join(used, rest))
}

/// The file that defines what a path names, and its name there. A file as a whole is nobody's import: what is used of it is named
/// where it is used.
fn home(files: &Files<'_>, path: &str, steps: u8) -> Option<(String, String)> {
    let ends = path
        .match_indices("::")
        .map(|(end, _)| end)
        .chain([path.len(), 0]);
    let file = ends
        .map(|end| &path[..end])
        .filter(|file| files.contains_key(file));
    let file = file.max_by_key(|file| file.len())?;
    let rest = path[file.len()..].trim_start_matches("::");
    let (item, inside) = rest.split_once("::").unwrap_or((rest, ""));
    let module = files[file];
    if item.is_empty() || item == "*" {
        return None;
    }
    let leads = |used: &&Use| match used.name.as_str() {
        "*" => absolute(files, module, used.path.trim_end_matches("::*")).is_some_and(|file| {
            files
                .get(file.as_str())
                .is_some_and(|module| has(module, item))
        }),
        name => name == item,
    };
    let is_here = module.items.contains(item) || steps == 0;
    let used = module.uses.iter().filter(|_| !is_here).find(leads);
    let Some(used) = used else {
        return Some((file.to_owned(), item.to_owned()));
    };
    let next = match used.path.strip_suffix("::*") {
        Some(all) => join(&absolute(files, module, all)?, item),
        None => absolute(files, module, &used.path)?,
    };
    home(files, &join(&next, inside), steps - 1)
}

fn has(module: &Module, item: &str) -> bool {
    module.items.contains(item)
        || (module.uses.iter()).any(|used| used.is_public && used.name == item)
}

fn join(first: &str, rest: &str) -> String {
    match (first, rest) {
        ("", one) | (one, "") => one.to_owned(),
        (first, rest) => format!("{first}::{rest}"),
    }
}
