//! Restricted reports whose own key must be changed: the orders, and a report under its new key.

use super::access::grants_give;
use super::beside::granting;
use super::epoch::earlier_keys_delete;
use super::prelude::*;
use super::proposal::proposals_drop_of_report;
use super::report_row::NOT_KNOWN;
use super::schema::{grants, mailboxes, objects, rekeys, reports};
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, ReportId};
use crate::domain::sealed::{Grant, MailboxCard, Sealed};
use crate::domain::submission::SealedObject;

/// The restricted reports that one of these keys has a grant of.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn reports_restricted_of_keys(
    conn: &mut DbConnection,
    holding: &[KeyId],
) -> StoreResult<Vec<ReportId>> {
    grants::table
        .inner_join(reports::table.on(reports::id.eq(grants::report)))
        .filter(reports::restricted.eq(true))
        .filter(grants::key.eq_any(holding))
        .select(grants::report)
        .distinct()
        .order(grants::report)
        .readable(conn, "grants")
}

/// Orders that a restricted report get a new key of its own. `false` if that is ordered already.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such report.
pub fn rekey_order(conn: &mut WriteTxn<'_>, report: ReportId, day: Day) -> StoreResult<bool> {
    let is_new = !rekeys::table.find(report).exists(conn)?;
    if is_new {
        let row = (rekeys::report.eq(report), rekeys::ordered_day.eq(day));
        rekeys::table.insert(conn, row)?;
    }
    Ok(is_new)
}

/// At most `limit` of the ordered reports that one of these keys has a grant of.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rekeys_of_keys(
    conn: &mut DbConnection,
    holding: &[KeyId],
    limit: i64,
) -> StoreResult<Vec<ReportId>> {
    rekeys::table
        .inner_join(grants::table.on(grants::report.eq(rekeys::report)))
        .inner_join(reports::table.on(reports::id.eq(rekeys::report)))
        // Nobody orders it for another one: whoever writes to the database restricts nothing by it.
        .filter(reports::restricted.eq(true))
        .filter(grants::key.eq_any(holding))
        .select(rekeys::report)
        .distinct()
        .order(rekeys::report)
        .limit(limit)
        .readable(conn, "rekeys")
}

/// A report has its new key. `false` if somebody else was faster.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rekey_done(conn: &mut WriteTxn<'_>, report: ReportId) -> StoreResult<bool> {
    diesel::delete(rekeys::table.find(report)).one(conn)
}

/// How many reports wait for a new key of their own.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rekeys_count(conn: &mut DbConnection) -> StoreResult<i64> {
    Ok(rekeys::table.count().get_result(conn)?)
}

/// A report under a new key.
#[derive(Debug, Clone)]
pub struct Rekey {
    /// Which.
    pub report: ReportId,
    /// The version that was seen.
    pub seen: Version,
    /// The public key that it had.
    pub old: String,
    /// The new one.
    pub new: String,
    /// What verifies the signatures under its state from now on.
    pub state_key: [u8; 32],
    /// The digest over the objects that are sealed again, as they were.
    pub contents: [u8; 32],
    /// Those that are sealed again.
    pub objects: Vec<SealedObject>,
    /// By what its mailbox is found.
    pub lookup: [u8; 32],
    /// The mailbox's new card.
    pub mailbox: Sealed<MailboxCard>,
    /// Who may open it from now on, and nobody else.
    pub grants: Vec<(KeyId, Sealed<Grant>)>,
}

/// Puts a report under a new key and makes it a restricted one. The old grants go, those set aside too. So do acts that wait for a second
/// person: they are sealed to the old key, and perhaps by somebody who may not read it any more. Says how many those were.
///
/// # Errors
/// [`StoreError::Stale`] if the report is not as it was seen, or one of the holders' keys is not active any more.
pub fn report_rekey(conn: &mut WriteTxn<'_>, rekey: &Rekey) -> StoreResult<usize> {
    let id = rekey.report;
    let row = reports::table.find(id);
    let is_same = row
        .filter(reports::version.eq(rekey.seen))
        .filter(reports::recipient.eq_any([rekey.old.as_str(), NOT_KNOWN]))
        .filter(reports::contents.eq(rekey.contents.as_slice()));
    let new = (
        reports::recipient.eq(&rekey.new),
        reports::restricted.eq(true),
        reports::state_key.eq(rekey.state_key.as_slice()),
        reports::version.eq(reports::version + 1),
    );
    granting(conn, id, |conn| {
        diesel::update(is_same).set(new).or_stale(conn)?;
        for object in &rekey.objects {
            diesel::update(objects::table.find((id, object.id)))
                .set(objects::sealed.eq(&object.sealed))
                .or_stale(conn)?;
        }
        // Everything is sealed to the new key.
        earlier_keys_delete(conn, id)?;
        grants_give(conn, id, &rekey.grants)
    })?;
    // A mailbox that its reporter has closed is gone.
    diesel::update(mailboxes::table.find(rekey.lookup))
        .set(mailboxes::card.eq(&rekey.mailbox))
        .execute(&mut **conn)?;
    proposals_drop_of_report(conn, rekey.report)
}
