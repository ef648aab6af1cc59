//! Destroying a report, in steps of which each can be the last before a crash.
//!
//! **Begun**: the intent is a row, and nobody can open the report any more. **Emptied**: everything of it is gone from the tables, and the
//! row says what that was. **Done**: the row is gone, after the write-ahead log was emptied.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::columns::MaybeBytes;
use super::outbox;
use super::proposal::proposals_drop_of_report;
use super::report::{ObjectRow, objects_of_report};
use super::schema::{claims, grants, objects, quarantine, rekeys, reports, shreds};
use super::staff::one_or;
use super::{DbConnection, StoreError, StoreResult, Version};
use crate::domain::clock::Day;
use crate::domain::ids::ReportId;

/// What a report was that is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shredded {
    /// How many objects it had.
    pub objects: i64,
    /// The hash over them.
    pub commitment: [u8; 32],
}

/// Begins: writes the intent down and takes every grant, so that from here on nobody opens the report.
///
/// # Errors
/// [`StoreError::Stale`] if the report is not as it was seen, or under a legal hold.
pub fn shred_begin_in_txn(
    conn: &mut DbConnection,
    report: ReportId,
    seen: Version,
    today: Day,
) -> StoreResult<()> {
    let id = report.as_bytes().as_slice();
    let row = reports::table
        .find(id)
        .filter(reports::version.eq(seen.number()))
        .filter(reports::hold.eq(false));
    let changed = diesel::update(row)
        .set((
            reports::retain_until.eq(None::<i64>),
            reports::review_day.eq(None::<i64>),
            reports::version.eq(reports::version + 1),
        ))
        .execute(conn)?;
    one_or(changed, StoreError::Stale)?;
    diesel::insert_into(shreds::table)
        .values((shreds::report.eq(id), shreds::day.eq(today.number())))
        .execute(conn)?;
    diesel::delete(grants::table.filter(grants::report.eq(id))).execute(conn)?;
    diesel::delete(quarantine::table.filter(quarantine::report.eq(id))).execute(conn)?;
    diesel::delete(rekeys::table.find(id)).execute(conn)?;
    diesel::delete(claims::table.find(id)).execute(conn)?;
    proposals_drop_of_report(conn, report)?;
    outbox::urgent_delete_of_report(conn, report)
}

/// Whether a report is being destroyed.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn shred_is_begun(conn: &mut DbConnection, report: ReportId) -> StoreResult<bool> {
    let row = shreds::table.find(report.as_bytes().as_slice());
    Ok(diesel::select(exists(row)).get_result(conn)?)
}

/// The reports that are being destroyed.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn shreds_begun(conn: &mut DbConnection) -> StoreResult<Vec<ReportId>> {
    Ok(shreds::table
        .order(shreds::report)
        .select(shreds::report)
        .load(conn)?)
}

/// Empties: deletes everything that the tables hold of a report, and keeps the hash that `commit` makes of its objects, in the order of
/// their ids. Does nothing if that was done before.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn shred_empty_in_txn(
    conn: &mut DbConnection,
    report: ReportId,
    commit: impl FnOnce(&[ObjectRow]) -> [u8; 32],
) -> StoreResult<()> {
    let id = report.as_bytes().as_slice();
    let begun = shreds::table.find(id).filter(shreds::objects.is_null());
    if !diesel::select(exists(begun)).get_result::<bool>(conn)? {
        return Ok(());
    }
    let rows = objects_of_report(conn, report)?;
    let commitment = commit(&rows);
    diesel::delete(objects::table.filter(objects::report.eq(id))).execute(conn)?;
    // Files beside the database will go here, before the row that names them does.
    diesel::delete(reports::table.find(id)).execute(conn)?;
    diesel::update(shreds::table.find(id))
        .set((
            shreds::objects.eq(i64::try_from(rows.len()).unwrap_or(i64::MAX)),
            shreds::commitment.eq(commitment.as_slice()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Done: the row goes, and says what the report was. `None` if somebody else was faster, or the report is not emptied yet.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn shred_done_in_txn(
    conn: &mut DbConnection,
    report: ReportId,
) -> StoreResult<Option<Shredded>> {
    let id = report.as_bytes().as_slice();
    let row: Option<(Option<i64>, MaybeBytes<32>)> = shreds::table
        .find(id)
        .select((shreds::objects, shreds::commitment))
        .first(conn)
        .optional()?;
    let Some((Some(objects), commitment)) = row else {
        return Ok(None);
    };
    let Some(commitment) = Option::<[u8; 32]>::from(commitment) else {
        return Ok(None);
    };
    diesel::delete(shreds::table.find(id)).execute(conn)?;
    Ok(Some(Shredded {
        objects,
        commitment,
    }))
}
