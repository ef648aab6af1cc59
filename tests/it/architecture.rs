//! Reads the source and fails on what goes against the layers of `src/lib.rs` and the rules of the house.

mod circles;
mod documents;
mod reading;
mod secrets;
mod time;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use reading::{program, read_module, root, within};

const LONGEST_FILE: usize = 600;

/// What each layer may name of ours. `main` and the three that compose the rest may name everything.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("seal", &["domain"]),
    ("ledger", &["domain", "seal"]),
    ("store", &["domain"]),
    ("locale", &["domain"]),
    ("mail", &["domain", "locale"]),
    ("witness", &["domain", "seal"]),
    (
        "service",
        &["domain", "seal", "ledger", "store", "witness", "mail"],
    ),
    ("worker", &["domain", "seal", "service", "mail", "store"]),
    ("web", &["domain", "service", "locale"]),
    ("config", &["domain"]),
    ("telemetry", &["domain", "config"]),
];

/// Who alone names a library.
const LIBRARIES: &[(&str, &[&str])] = &[
    (
        "seal",
        &[
            "age",
            "age_core",
            "argon2",
            "bech32",
            "blahaj",
            "chacha20poly1305",
            "ed25519_dalek",
            "getrandom",
            "hkdf",
            "hmac",
            "sha2",
            "subtle",
            "totp_rs",
            "zxcvbn",
        ],
    ),
    ("store", &["diesel", "diesel_migrations", "libsqlite3_sys"]),
    ("mail", &["lettre", "rustls"]),
    ("web", &["actix_web", "askama", "qrcode"]),
    ("web", &["actix_http", "actix_service", "prometheus_client"]),
    ("locale", &["fluent_bundle", "unic_langid"]),
    ("config", &["strsim", "toml"]),
];

/// Beyond the table of [`LIBRARIES`], each with its reason.
const LIBRARIES_ALSO: &[(&str, &str, &str)] = &[
    (
        "seal::credentials",
        "toml",
        "the credentials are a TOML file",
    ),
    (
        "cli::doctor",
        "rustls",
        "looks at the certificates of our own addresses",
    ),
    ("app", "actix_web", "starts the servers"),
    ("cli", "actix_web", "registers the demo's own page"),
    ("web", "sha2", "a content hash in the names of static files"),
    ("web", "subtle", "compares a form's token in constant time"),
    (
        "domain::document",
        "toml",
        "configuration and form are TOML files that operators write",
    ),
    ("cli", "toml", "the demo's reports are a TOML file"),
];

/// What a module may not name although its layer may.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    (
        "service::intake",
        "crate::seal::opening",
        "receives without being able to read",
    ),
    (
        "service::mailbox",
        "crate::seal::opening",
        "opens one mailbox, never a report",
    ),
    (
        "service::admin",
        "crate::seal::opening",
        "an administrator holds no key",
    ),
    (
        "service::authority",
        "crate::seal::opening",
        "reads public records",
    ),
    (
        "ledger",
        "crate::seal::opening",
        "says who may, and opens nothing",
    ),
    ("worker", "crate::seal::opening", "runs without keys"),
    ("worker", "crate::seal::mailbox", "runs without keys"),
    ("seal::sealing", "crate::seal::opening", "public keys only"),
    (
        "seal::mailbox",
        "crate::seal::opening",
        "what a presented code opens",
    ),
    ("domain", "std::fs", "no I/O"),
    ("domain", "std::io", "no I/O"),
    ("domain", "std::net::TcpStream", "no I/O"),
    ("domain", "std::net::TcpListener", "no I/O"),
    ("domain", "std::net::UdpSocket", "no I/O"),
    ("domain", "std::net::ToSocketAddrs", "no I/O"),
    ("domain", "std::env", "no I/O"),
    ("domain", "std::process", "no I/O"),
    ("domain", "std::thread", "no I/O"),
    ("domain", "tokio", "no I/O"),
    ("domain", "tracing", "no I/O"),
    ("domain", "rustix", "no I/O"),
    ("service", "std::fs", "use cases go through the store"),
    ("service", "std::env", "only config reads the environment"),
    ("seal", "std::fs", "keeps nothing"),
    ("seal", "tracing", "says nothing"),
    ("seal", "tokio", "computes"),
    (
        "store",
        "tracing",
        "says nothing: a statement may repeat what it stores",
    ),
    ("web", "std::env", "only config reads the environment"),
    ("web", "std::fs", "static files are compiled in"),
];

/// The only part of the mail that use cases may name.
const MAIL_FOR_SERVICE: &str = "crate::mail::Message";

#[test]
fn imports_follow_the_layers() {
    let mut wrong = Vec::new();
    for module in program() {
        let Some((layer, may)) = LAYERS.iter().find(|(layer, _)| *layer == module.layer()) else {
            continue;
        };
        for path in &module.paths {
            let Some(named) = path.strip_prefix("crate::") else {
                continue;
            };
            let target = named.split("::").next().unwrap_or_default();
            let ours = LAYERS.iter().any(|(layer, _)| *layer == target)
                || ["app", "cli"].contains(&target);
            if ours && target != *layer && !may.contains(&target) {
                wrong.push(format!("{} names {path}", module.name));
            }
            if *layer == "service" && target == "mail" && !within(path, MAIL_FOR_SERVICE) {
                wrong.push(format!("{} names {path}", module.name));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn libraries_are_named_in_their_layer_alone() {
    let mut wrong = Vec::new();
    for module in program() {
        for (owner, library) in LIBRARIES
            .iter()
            .flat_map(|(owner, libraries)| libraries.iter().map(move |library| (*owner, *library)))
        {
            let excused = LIBRARIES_ALSO
                .iter()
                .any(|(also, name, _)| *name == library && module.is_within(also));
            if module.layer() == owner || excused {
                continue;
            }
            let named = module.paths.iter().find(|path| within(path, library));
            wrong.extend(named.map(|path| format!("{} names {path}", module.name)));
        }
    }
    assert_none(&wrong);
}

#[test]
fn what_can_receive_cannot_open() {
    let mut wrong = Vec::new();
    for module in program() {
        for (who, what, why) in FORBIDDEN {
            if module.is_within(who) {
                let named = module.paths.iter().filter(|path| within(path, what));
                wrong.extend(named.map(|path| format!("{} names {path}: {why}", module.name)));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn the_rules_are_about_modules_that_exist() {
    let modules = program();
    let named = LAYERS
        .iter()
        .map(|(layer, _)| *layer)
        .chain(FORBIDDEN.iter().map(|(module, _, _)| *module))
        .chain(LIBRARIES_ALSO.iter().map(|(module, _, _)| *module));
    for name in named {
        assert!(
            modules.iter().any(|module| module.is_within(name)),
            "{name}"
        );
    }
    assert!(
        modules
            .iter()
            .any(|module| module.is_within("seal::opening"))
    );
}

#[test]
fn the_environment_is_read_by_config_alone() {
    let mut wrong = Vec::new();
    for module in program() {
        let reads = module
            .paths
            .iter()
            .find(|path| within(path, "std::env::var") || within(path, "std::env::vars"));
        if module.layer() != "config" {
            wrong.extend(reads.map(|path| format!("{} names {path}", module.name)));
        }
    }
    assert_none(&wrong);
}

#[test]
fn nothing_unwraps_without_a_reason() {
    let wrong: Vec<String> = program()
        .into_iter()
        .flat_map(|module| module.unwraps)
        .collect();
    assert_none(&wrong);
}

#[test]
fn every_file_is_a_module_that_is_written_out() {
    // What a macro declares neither the tests here nor `cargo fmt` find.
    let known: BTreeSet<PathBuf> = program().into_iter().map(|module| module.file).collect();
    let is_test = |file: &PathBuf| {
        let mut parts = file.iter().filter_map(|part| part.to_str());
        parts.any(|part| matches!(part, "tests" | "tests.rs"))
    };
    let source = root().join("src");
    let mut wrong = Vec::new();
    for file in rust_files(&source) {
        let inside = file.strip_prefix(&source).unwrap().to_owned();
        if !is_test(&inside) && !known.contains(&file) {
            wrong.push(inside.display().to_string());
        }
    }
    assert_none(&wrong);
}

#[test]
fn files_fit_the_head_and_silence_no_lint() {
    let mut wrong = Vec::new();
    for file in rust_files(&root().join("src"))
        .into_iter()
        .chain(rust_files(&root().join("tests")))
        .chain(rust_files(&root().join("benches")))
    {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            wrong.push(format!("{}: {lines} lines", file.display()));
        }
        // In two parts, so that this line is none of them.
        let silenced = [concat!("#[", "allow("), concat!("#![", "allow(")];
        if silenced.iter().any(|attribute| text.contains(attribute)) {
            wrong.push(format!(
                "{}: silences a lint without a reason",
                file.display()
            ));
        }
        if file.file_name().is_some_and(|name| name == "mod.rs") {
            wrong.push(format!("{}: foo.rs and foo/ instead", file.display()));
        }
    }
    assert_none(&wrong);
}

/// The walk itself: a rule that finds nothing because it reads nothing is worth nothing.
#[test]
fn the_walk_sees_paths_in_every_place_they_can_stand() {
    let text = r#"
        use crate::{store, web::{self, page as p}};
        use super::*;
        pub use age::Encryptor;
        fn f(x: crate::mail::Transport) -> impl lettre::Trait { format!("{}", crate::seal::opening::x()); argon2::run(); y.unwrap() }
        #[expect(clippy::expect_used, reason = "never")]
        fn g() { z.expect("fine") }
        #[cfg(test)] mod tests { use diesel::prelude::*; fn t() { q.unwrap() } }
        mod inner { use super::super::seal; }
    "#;
    let module = read_module("service::intake", Path::new("x.rs"), text);
    for path in [
        "crate::store",
        "crate::web",
        "crate::web::page",
        "crate::service::*",
        "age::Encryptor",
        "crate::mail::Transport",
        "lettre::Trait",
        "crate::seal::opening::x",
        "argon2::run",
        "crate::service::seal",
    ] {
        assert!(module.paths.contains(path), "{path} in {:?}", module.paths);
    }
    assert!(!module.paths.iter().any(|path| path.starts_with("diesel")));
    assert_eq!(module.unwraps.len(), 1);
}

fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
