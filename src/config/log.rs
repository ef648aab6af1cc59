//! `[log]`: how much the server says about itself.

use super::value::names;
use crate::domain::document::Table;

/// How much is logged and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogConfig {
    /// Least weight of a message that is written.
    pub level: LogLevel,
    /// How a message is written.
    pub format: LogFormat,
}

/// The weight of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Nothing at all.
    Off,
    /// What needs somebody now.
    Error,
    /// What needs somebody soon.
    Warn,
    /// What an operator wants to have seen.
    Info,
    /// What a developer wants to see.
    Debug,
    /// Everything.
    Trace,
}

/// How a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A line of JSON for machines.
    Json,
}

names!(LogLevel {
    "off" => Off,
    "error" => Error,
    "warn" => Warn,
    "info" => Info,
    "debug" => Debug,
    "trace" => Trace,
});
names!(LogFormat { "text" => Text, "json" => Json });

pub(super) fn read(table: &mut Table<'_>) -> LogConfig {
    LogConfig {
        level: table.or("level", LogLevel::Info),
        format: table.or("format", LogFormat::Text),
    }
}
