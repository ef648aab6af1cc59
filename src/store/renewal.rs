//! Orders to renew a person's own key, and restricted reports whose own key must be changed.

use diesel::prelude::*;

use super::report::key_bytes;
use super::schema::{grants, rekeys, renewals, reports, staff};
use super::staff::one_or;
use super::{DbConnection, StoreError, StoreResult};
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, ReportId, StaffId};

/// Orders that somebody renew their own key. `false` if that is ordered already.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such account.
pub fn renewal_order_in_txn(
    conn: &mut DbConnection,
    person: StaffId,
    day: Day,
) -> StoreResult<bool> {
    if renewal_ordered(conn, person)?.is_some() {
        return Ok(false);
    }
    diesel::insert_into(renewals::table)
        .values((
            renewals::staff.eq(person.as_bytes().as_slice()),
            renewals::ordered_day.eq(day.number()),
        ))
        .execute(conn)?;
    Ok(true)
}

/// The day since which somebody should renew their own key, if they should.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn renewal_ordered(conn: &mut DbConnection, person: StaffId) -> StoreResult<Option<Day>> {
    Ok(renewals::table
        .find(person.as_bytes().as_slice())
        .select(renewals::ordered_day)
        .first(conn)
        .optional()?)
}

/// The order is carried out, or the person has left.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn renewal_delete(conn: &mut DbConnection, person: StaffId) -> StoreResult<bool> {
    let row = renewals::table.find(person.as_bytes().as_slice());
    Ok(diesel::delete(row).execute(conn)? == 1)
}

/// Puts other public keys beside somebody's name.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such account.
pub fn staff_keys_set(
    conn: &mut DbConnection,
    person: StaffId,
    recipient: &str,
    verify_key: &[u8; 32],
) -> StoreResult<()> {
    let changed = diesel::update(staff::table.find(person.as_bytes().as_slice()))
        .set((
            staff::recipient.eq(recipient),
            staff::verify_key.eq(verify_key.as_slice()),
        ))
        .execute(conn)?;
    one_or(changed, StoreError::NotFound)
}

/// The restricted reports that one of these keys has a grant of.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn reports_restricted_of_keys(
    conn: &mut DbConnection,
    holding: &[KeyId],
) -> StoreResult<Vec<ReportId>> {
    Ok(grants::table
        .inner_join(reports::table.on(reports::id.eq(grants::report)))
        .filter(reports::restricted.eq(true))
        .filter(grants::key.eq_any(key_bytes(holding)))
        .select(grants::report)
        .distinct()
        .order(grants::report)
        .load(conn)?)
}

/// Orders that a restricted report get a new key of its own. `false` if that is ordered already.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such report.
pub fn rekey_order_in_txn(
    conn: &mut DbConnection,
    report: ReportId,
    day: Day,
) -> StoreResult<bool> {
    let row = rekeys::table.find(report.as_bytes().as_slice());
    let is_ordered: bool = diesel::select(diesel::dsl::exists(row)).get_result(conn)?;
    if is_ordered {
        return Ok(false);
    }
    diesel::insert_into(rekeys::table)
        .values((
            rekeys::report.eq(report.as_bytes().as_slice()),
            rekeys::ordered_day.eq(day.number()),
        ))
        .execute(conn)?;
    Ok(true)
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
    Ok(rekeys::table
        .inner_join(grants::table.on(grants::report.eq(rekeys::report)))
        .filter(grants::key.eq_any(key_bytes(holding)))
        .select(rekeys::report)
        .distinct()
        .order(rekeys::report)
        .limit(limit)
        .load(conn)?)
}

/// A report has its new key. `false` if somebody else was faster.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rekey_done_in_txn(conn: &mut DbConnection, report: ReportId) -> StoreResult<bool> {
    let row = rekeys::table.find(report.as_bytes().as_slice());
    Ok(diesel::delete(row).execute(conn)? == 1)
}

/// How many reports wait for a new key of their own.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rekeys_count(conn: &mut DbConnection) -> StoreResult<i64> {
    Ok(rekeys::table.count().get_result(conn)?)
}
