//! What each process of the service says of itself every minute, for whoever looks after all of them.

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;
use super::roles::Roles;
use super::swap::Swap;

/// Seconds after which a process that says nothing is thought to have ended: it says something every minute.
const SILENCE: i64 = 300;

/// What a process knows of itself from its start.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    /// What it does.
    pub roles: Roles,
    /// Whether what is in its memory can reach a disk; not known of one that a test has made.
    pub swap: Option<Swap>,
}

/// See the module. It is kept sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pulse {
    /// When it was said, in seconds since 1970-01-01 UTC.
    pub at: i64,
    /// The newest version of the root of the server's secrets that the process has.
    pub root: u32,
    /// Whether what is in its memory can reach a disk; not known of one that a test has made.
    pub swap: Option<Swap>,
    /// Whether it could take a report, if that is its work.
    #[serde(default)]
    pub takes: Option<bool>,
    /// The steps of its work in the background that fail again and again.
    #[serde(default)]
    pub stuck: Option<String>,
    /// Why it did not take up what was changed last in the configuration, the form or their files.
    pub refused: Option<String>,
}

impl Pulse {
    /// Whether nothing was heard of the process for five minutes.
    pub fn is_silent(&self, now: Timestamp) -> bool {
        now.plus(-SILENCE).seconds() > self.at
    }
}
