//! `[audit]`: outsiders who keep what shows whether the audit log was changed.

use super::address::EmailAddress;
use super::reader::Section;
use super::value::Within;

/// Outsiders who keep what shows whether the audit log was changed.
#[derive(Debug, Clone)]
pub struct AuditConfig {
    /// Who gets the daily anchor.
    pub anchor_addresses: Vec<EmailAddress>,
    /// The hour of the day (UTC) at which it is made.
    pub anchor_hour_utc: u8,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<AuditConfig> {
    let addresses = section.or("anchor_addresses", Vec::new());
    let hour = section.or("anchor_hour_utc", Within::<0, 23>(2));
    Some(AuditConfig {
        anchor_addresses: addresses?,
        anchor_hour_utc: hour?.fit()?,
    })
}
