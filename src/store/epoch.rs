//! Keys that reports had before, and a report under its next one.

use super::access::grants_give;
use super::beside::granting;
use super::prelude::*;
use super::report::object_next_number;
use super::report_row::NOT_KNOWN;
use super::schema::{epochs, mailboxes, quarantine, reports};
use crate::domain::ids::{KeyId, ReportId};
use crate::domain::sealed::{Grant, MailboxCard, Sealed};
use crate::domain::submission::EarlierKey;

/// The keys that a report had before, the newest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn earlier_keys(conn: &mut DbConnection, report: ReportId) -> StoreResult<Vec<EarlierKey>> {
    let rows: Vec<(String, i64, Sealed<Grant>)> = epochs::table
        .filter(epochs::report.eq(report))
        .order(epochs::number.desc())
        .select((epochs::recipient, epochs::until, epochs::sealed))
        .load(conn)?;
    let keys = rows.into_iter();
    Ok(keys
        .map(|(recipient, until, sealed)| EarlierKey {
            recipient,
            // What cannot be a number is not the one that the report's key is bound to.
            until: u32::try_from(until).unwrap_or_default(),
            sealed,
        })
        .collect())
}

/// Which of these reports had another key before.
pub(super) fn had_other_keys(
    conn: &mut DbConnection,
    reports: impl Iterator<Item = ReportId>,
) -> StoreResult<Vec<ReportId>> {
    epochs::table
        .filter(epochs::report.eq_any(reports))
        .select(epochs::report)
        .distinct()
        .readable(conn, "epochs")
}

/// A report under its next key.
#[derive(Debug, Clone)]
pub struct NextEpoch {
    /// Which.
    pub report: ReportId,
    /// The version that was seen.
    pub seen: Version,
    /// The key that it had, sealed to the new one.
    pub before: EarlierKey,
    /// The new public key.
    pub recipient: String,
    /// What verifies the signatures under its state from now on.
    pub state_key: [u8; 32],
    /// By what its mailbox is found.
    pub lookup: [u8; 32],
    /// The mailbox's new card.
    pub mailbox: Sealed<MailboxCard>,
    /// Who may open it from now on, and nobody else.
    pub grants: Vec<(KeyId, Sealed<Grant>)>,
}

/// Puts a report under its next key: what is written from now on goes to it.
///
/// # Errors
/// [`StoreError::Stale`] if the report is not as it was seen, or one of the holders' keys is not active any more.
pub fn report_epoch(conn: &mut WriteTxn<'_>, next: &NextEpoch) -> StoreResult<()> {
    let id = next.report;
    if object_next_number(conn, id)? != next.before.until {
        return Err(StoreError::Stale);
    }
    let new = (
        reports::recipient.eq(&next.recipient),
        reports::state_key.eq(next.state_key.as_slice()),
        reports::version.eq(reports::version + 1),
    );
    let row = reports::table
        .find(id)
        .filter(reports::version.eq(next.seen))
        .filter(reports::recipient.eq_any([next.before.recipient.as_str(), NOT_KNOWN]));
    granting(conn, id, |conn| {
        diesel::update(row).set(new).or_stale(conn)?;
        earlier_key_insert(conn, id, &next.before)?;
        grants_give(conn, id, &next.grants)
    })?;
    // A mailbox that its reporter has closed is gone.
    diesel::update(mailboxes::table.find(next.lookup))
        .set(mailboxes::card.eq(&next.mailbox))
        .done(conn)
}

fn earlier_key_insert(
    conn: &mut WriteTxn<'_>,
    report: ReportId,
    key: &EarlierKey,
) -> StoreResult<()> {
    let last: Option<i64> = epochs::table
        .filter(epochs::report.eq(report))
        .select(diesel::dsl::max(epochs::number))
        .first(&mut **conn)?;
    let row = (
        epochs::report.eq(report),
        epochs::number.eq(last.unwrap_or(0).saturating_add(1)),
        epochs::recipient.eq(&key.recipient),
        epochs::until.eq(i64::from(key.until)),
        epochs::sealed.eq(&key.sealed),
    );
    epochs::table.insert(conn, row)
}

/// A report that is under a key of its own alone again has no earlier one.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn earlier_keys_delete(conn: &mut WriteTxn<'_>, report: ReportId) -> StoreResult<usize> {
    epochs::table.filter(epochs::report.eq(report)).delete(conn)
}

/// Whether a grant of the report was set aside: it is of the key that the report has now.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_has_aside(conn: &mut DbConnection, report: ReportId) -> StoreResult<bool> {
    quarantine::table
        .filter(quarantine::report.eq(report))
        .exists(conn)
}
