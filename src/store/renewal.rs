//! Orders to renew a person's own key.

use super::prelude::*;
use super::schema::{renewals, staff};
use crate::domain::clock::Day;
use crate::domain::ids::StaffId;

/// Orders that somebody renew their own key. `false` if that is ordered already.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such account.
pub fn renewal_order(conn: &mut WriteTxn<'_>, person: StaffId, day: Day) -> StoreResult<bool> {
    if renewal_ordered(conn, person)?.is_some() {
        return Ok(false);
    }
    let row = (renewals::staff.eq(person), renewals::ordered_day.eq(day));
    renewals::table.insert(conn, row)?;
    Ok(true)
}

/// The day since which somebody should renew their own key, if they should.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn renewal_ordered(conn: &mut DbConnection, person: StaffId) -> StoreResult<Option<Day>> {
    renewals::table
        .find(person)
        .select(renewals::ordered_day)
        .maybe(conn)
}

/// The order is carried out, or the person has left.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn renewal_delete(conn: &mut WriteTxn<'_>, person: StaffId) -> StoreResult<bool> {
    diesel::delete(renewals::table.find(person)).one(conn)
}

/// Puts other public keys beside somebody's name.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such account.
pub fn staff_keys_set(
    conn: &mut WriteTxn<'_>,
    person: StaffId,
    recipient: &str,
    verify_key: &[u8; 32],
) -> StoreResult<()> {
    diesel::update(staff::table.find(person))
        .set((
            staff::recipient.eq(recipient),
            staff::verify_key.eq(verify_key),
        ))
        .or_not_found(conn)
}
