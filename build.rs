//! A folder of `locales` is a language: its `language.toml` says which, its Fluent files what is said in it. They are compiled in from
//! here, so that no list of languages or files is kept by hand, and a folder with a mistake in it does not build.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script where it is by the environment"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What `language.toml` says.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    name: String,
    place: u8,
    also: Vec<String>,
    direction: Direction,
    digits: String,
    group: char,
    status: Status,
    checked: bool,
}

#[derive(Debug, Clone, Copy, serde::Deserialize)]
enum Direction {
    #[serde(rename = "ltr")]
    LeftToRight,
    #[serde(rename = "rtl")]
    RightToLeft,
}

#[derive(Debug, Clone, Copy, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Status {
    Complete,
    FirstPages,
    Trial,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=locales");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("locales");
    let mut languages = Vec::new();
    for folder in sorted(&root)? {
        let code = name(&folder);
        let said = fs::read_to_string(folder.join("language.toml"))
            .map_err(|error| format!("locales/{code}/language.toml: {error}"))?;
        let said: Language = toml::from_str(&said)
            .map_err(|error| format!("locales/{code}/language.toml: {error}"))?;
        if said.digits.chars().count() != 10 {
            return Err(format!("locales/{code}/language.toml: ten digits are needed").into());
        }
        languages.push((code, said, folder));
    }
    languages.sort_by_key(|(_, said, _)| said.place);
    let (mut each, mut list, mut sentences) = (String::new(), String::new(), String::new());
    writeln!(list, "static LANGUAGES: &[&Language] = &[")?;
    writeln!(sentences, "match code {{")?;
    for (code, said, folder) in &languages {
        let key = code.to_lowercase().replace('-', "_");
        let constant = key.to_uppercase();
        if said.status == Status::Trial {
            writeln!(each, "#[cfg(debug_assertions)]")?;
            writeln!(list, "#[cfg(debug_assertions)]")?;
        }
        writeln!(list, "&{constant},")?;
        writeln!(
            each,
            "static {constant}: Language = Language {{ code: {code:?}, name: {:?}, also: &{:?}, direction: Direction::{:?}, digits: {:?}, group: {:?}, status: Status::{:?}, checked: {}, name_key: \"name_{key}\", hours_key: \"hours_{key}\", text_key: \"text_{key}\" }};",
            said.name,
            said.also,
            said.direction,
            said.digits,
            said.group,
            said.status,
            said.checked,
        )?;
        write!(sentences, "{code:?} => &[")?;
        let files = sorted(folder)?.into_iter();
        for file in files.filter(|file| file.extension().is_some_and(|end| end == "ftl")) {
            let named = format!("{code}/{}", name(&file));
            write!(sentences, "({named:?}, include_str!({file:?})), ")?;
        }
        writeln!(sentences, "],")?;
    }
    writeln!(list, "];")?;
    writeln!(sentences, "_ => &[],\n}}")?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("languages.rs"), each + &list)?;
    fs::write(out.join("sentences.rs"), sentences)?;
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
    entries.sort();
    Ok(entries)
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
