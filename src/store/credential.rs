//! What is still under an earlier version of a server secret, and how it is put under the newest.

use super::UnlockRow;
use super::outbox::{DEAD, DELIVERY, WAITING};
use super::prelude::*;
use super::schema::{outbox, sessions, staff, unlocks};
use crate::domain::ids::OutboxId;
use crate::domain::staff::UnlockMethod;

/// The sealed addresses of all letters.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn addresses_sealed(conn: &mut DbConnection) -> StoreResult<Vec<(OutboxId, Vec<u8>)>> {
    outbox::table
        .filter(outbox::state.eq_any([WAITING, DEAD]))
        .filter(outbox::kind.eq(DELIVERY))
        .select((outbox::id, outbox::address_ct.assume_not_null()))
        .readable(conn, "outbox")
}

/// Puts an address sealed anew in the place of the one that was seen there. `false` if it is not there any more.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn address_renew(
    conn: &mut WriteTxn<'_>,
    letter: OutboxId,
    seen: &[u8],
    sealed: &[u8],
) -> StoreResult<bool> {
    let row = outbox::table.find(letter);
    diesel::update(row.filter(outbox::address_ct.eq(seen)))
        .set(outbox::address_ct.eq(sealed))
        .one(conn)
}

/// Handle and pepper of every account that opens with a passphrase, by handle.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn unlock_peppers(conn: &mut DbConnection) -> StoreResult<Vec<(String, u32)>> {
    let rows: Vec<(String, i64)> = unlocks::table
        .inner_join(staff::table.on(staff::id.eq(unlocks::staff)))
        .filter(unlocks::method.eq(UnlockMethod::Passphrase))
        .order(staff::handle)
        .select((staff::handle, unlocks::pepper_version))
        .readable(conn, "unlocks")?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(handle, version)| (handle, u32::try_from(version).unwrap_or(0)))
        .collect())
}

/// Puts a passphrase's row under another pepper in the place of the one with this salt. `false` if that one is gone: the passphrase
/// was changed meanwhile.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn unlock_renew(
    conn: &mut WriteTxn<'_>,
    seen: &[u8; 16],
    row: &UnlockRow,
) -> StoreResult<bool> {
    let key = (row.staff, row.method);
    let same = unlocks::table.find(key).filter(unlocks::salt.eq(seen));
    diesel::update(same)
        .set((
            unlocks::salt.eq(row.salt),
            unlocks::pepper_version.eq(i64::from(row.pepper_version)),
            unlocks::sealed.eq(&row.sealed),
        ))
        .one(conn)
}

/// The number of the session root of every session.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn session_root_numbers(conn: &mut DbConnection) -> StoreResult<Vec<u32>> {
    let numbers: Vec<i64> = sessions::table
        .select(sessions::n)
        .readable(conn, "sessions")?;
    let numbers = numbers.into_iter();
    Ok(numbers.map(|n| u32::try_from(n).unwrap_or(0)).collect())
}
