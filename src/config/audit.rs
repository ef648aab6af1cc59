//! `[audit]`: outsiders who keep what shows whether the audit log was changed.

use crate::domain::document::Table;
use crate::domain::email::EmailAddress;

/// Outsiders who keep what shows whether the audit log was changed.
#[derive(Debug, Clone)]
pub struct AuditConfig {
    /// Who gets the daily anchor.
    pub anchor_addresses: Vec<EmailAddress>,
    /// The hour of the day (UTC) at which it is made.
    pub anchor_hour_utc: u8,
}

pub(super) fn read(table: &mut Table<'_>) -> AuditConfig {
    AuditConfig {
        anchor_addresses: table.or("anchor_addresses", Vec::new()),
        anchor_hour_utc: table.number("anchor_hour_utc", 0..=23, 2),
    }
}
