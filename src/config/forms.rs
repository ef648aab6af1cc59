//! `[forms]`: which questions are asked, and which channels the answers go to.

use std::path::PathBuf;

use super::value::FromText;
use crate::domain::document::Table;
use crate::domain::keys::AUDIT_CHANNEL;

/// The form and its channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormsConfig {
    /// A folder of form definitions; none means the ones built in.
    pub directory: Option<PathBuf>,
    /// The channel that a report goes to.
    pub channel: ChannelName,
    /// The channel of reports that officials must not be told of; none means the ordinary one.
    pub officials_channel: Option<ChannelName>,
}

/// The short name of a channel, as in the database: lower-case letters, digits, hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChannelName(String);

impl ChannelName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromText for ChannelName {
    fn from_text(text: &str) -> Result<Self, String> {
        let valid = (1..=32).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if text == AUDIT_CHANNEL {
            Err("this name is kept for the audit log".to_owned())
        } else if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err("expected 1 to 32 lower-case letters, digits or hyphens, a letter first".to_owned())
        }
    }
}

pub(super) fn read(table: &mut Table<'_>) -> FormsConfig {
    FormsConfig {
        directory: table.optional("directory"),
        channel: table.or("channel", ChannelName("main".to_owned())),
        officials_channel: table.optional("officials_channel"),
    }
}
