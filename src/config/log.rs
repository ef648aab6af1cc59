//! `[log]`: how much the server says about itself.

use super::reader::Section;
use super::value::names;

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
    "off" => LogLevel::Off,
    "error" => LogLevel::Error,
    "warn" => LogLevel::Warn,
    "info" => LogLevel::Info,
    "debug" => LogLevel::Debug,
    "trace" => LogLevel::Trace,
});
names!(LogFormat { "text" => LogFormat::Text, "json" => LogFormat::Json });

pub(super) fn read(section: &mut Section<'_>) -> Option<LogConfig> {
    let level = section.or("level", LogLevel::Info);
    let format = section.or("format", LogFormat::Text);
    Some(LogConfig {
        level: level?,
        format: format?,
    })
}
