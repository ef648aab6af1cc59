//! What several commands need.

use anyhow::Context as _;

use super::arguments::ConfigFile;
use crate::config::{Config, ConfigError};
use crate::domain::stack;

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
    Config::load(&file.path).map_err(|errors| anyhow::anyhow!(listed(&errors)))
}

pub(super) fn listed(errors: &[ConfigError]) -> String {
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

/// As a text in TOML, which quotes like JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
