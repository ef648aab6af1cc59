//! What several commands need.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use super::arguments::ConfigFile;
use crate::config::{Config, ConfigError, Environment, Roles};
use crate::domain::stack;

/// What glibc's allocator reads when a program starts.
const TUNABLES: &str = "GLIBC_TUNABLES";
/// Says to a program that was started anew that it was: where it runs with more rights than its caller (a capability of its file) the system
/// takes the above away, and it would start itself for ever.
const ANEW: &str = "KAPEA_ANEW";
/// One pool for all threads, and whatever is larger than 128 KiB from the system and back to it: what one thread has freed another one uses,
/// and a quiet service is small again. By itself glibc has eight pools for each processor and gives back little (docs/benchmarks.md).
const SMALL: &str = "glibc.malloc.arena_max=1:glibc.malloc.mmap_threshold=131072:glibc.malloc.trim_threshold=131072";

/// Starts this program anew in the same process, told how to allocate, unless somebody has told it something. Where that cannot be done it
/// goes on as it is.
pub(super) fn allocate_sparingly() {
    if [TUNABLES, ANEW].into_iter().any(crate::config::is_told) {
        return;
    }
    let mut arguments = std::env::args_os();
    if let (Some(name), Ok(program)) = (arguments.next(), std::env::current_exe()) {
        let mut again = Command::new(program);
        again.arg0(name).args(arguments);
        // Comes back only with an error.
        drop(again.env(TUNABLES, SMALL).env(ANEW, "1").exec());
    }
}

/// Threads for what waits; slow hashes and the database have blocking threads of their own.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        // What waits for others hands their secrets on.
        .on_thread_park(stack::wipe)
        .build()
        .context("cannot start threads")
}

/// Resolves when the process is told to stop: Ctrl-C, or the service manager.
pub(super) async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Reads the configuration; everything wrong with it becomes one error of several lines.
pub(super) fn configuration(file: &ConfigFile) -> anyhow::Result<Config> {
    configuration_in(&file.path, &Environment::of_process())
}

/// The same with what lies over the file.
pub(super) fn configuration_in(path: &Path, environment: &Environment) -> anyhow::Result<Config> {
    Config::load(path, environment).map_err(|errors| anyhow::anyhow!(listed(&errors)))
}

fn listed(errors: &[ConfigError]) -> String {
    let count = match errors.len() {
        1 => "one thing is".to_owned(),
        count => format!("{count} things are"),
    };
    let lines = errors.iter().map(|error| format!("\n  {error}"));
    format!(
        "{count} wrong with the configuration:{}",
        lines.collect::<String>()
    )
}

/// What a process with these roles is called.
pub(super) const fn process_name(roles: Roles) -> &'static str {
    match (roles.intake, roles.casework || roles.worker) {
        (true, true) => "the service",
        (true, false) => "the reporters' process",
        (false, _) => "the staff process",
    }
}

/// As a text in TOML, which quotes like JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
