//! Accounts, what unlocks them, the guard against reused second factors, and invitations.

use super::columns::{Bytes, MaybeBytes};
use super::prelude::*;
use super::schema::{invitations, staff, totp_uses, unlocks};
use super::session::session_delete_all_of;
use crate::domain::clock::{Confirmed, Day, Timestamp};
use crate::domain::ids::StaffId;
use crate::domain::sealed::{Sealed, Unlock};
use crate::domain::staff::{Role, StaffState, UnlockMethod};

/// A person with an account.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = staff)]
pub struct Staff {
    /// Its id.
    pub id: StaffId,
    /// The name they log in with. Unique.
    pub handle: String,
    /// What the account is for.
    pub role: Role,
    /// Whether it can be used.
    pub state: StaffState,
    /// The person's age recipient, once they have made their key.
    pub recipient: Option<String>,
    /// The person's key for signatures, once they have made it.
    #[diesel(deserialize_as = MaybeBytes<32>)]
    pub verify_key: Option<[u8; 32]>,
    /// The day the account was made.
    #[diesel(column_name = joined_day)]
    pub joined: Day,
}

/// Makes an account.
///
/// # Errors
/// [`StoreError::Conflict`] if the handle is taken.
pub fn staff_insert(conn: &mut WriteTxn<'_>, person: &Staff) -> StoreResult<()> {
    staff::table.insert(conn, person)
}

/// One account.
///
/// # Errors
/// [`StoreError::NotFound`] if there is none.
pub fn staff_find(conn: &mut DbConnection, id: StaffId) -> StoreResult<Staff> {
    Ok(staff::table.find(id).first(conn)?)
}

/// What somebody is called, whatever else of their row cannot be read; the id of an account without a name that could be.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn staff_handle(conn: &mut DbConnection, id: StaffId) -> StoreResult<String> {
    let handle = staff::table.find(id).select(staff::handle);
    let handle: Option<String> = unless_damaged(handle.maybe(conn))?;
    Ok(handle.unwrap_or_else(|| id.to_string()))
}

/// Whether there is such an account and it is in use; not where that cannot be read.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn staff_is_active(conn: &mut DbConnection, id: StaffId) -> StoreResult<bool> {
    let state = staff::table.find(id).select(staff::state);
    let state: Option<StaffState> = unless_damaged(state.maybe(conn))?;
    Ok(state == Some(StaffState::Active))
}

/// The account that logs in with `handle`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn staff_by_handle(conn: &mut DbConnection, handle: &str) -> StoreResult<Option<Staff>> {
    staff::table.filter(staff::handle.eq(handle)).maybe(conn)
}

/// Every account, by handle.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn staff_list(conn: &mut DbConnection) -> StoreResult<Vec<Staff>> {
    staff::table.order(staff::handle).listed(conn, "staff")
}

/// An invited person has made their key: the account comes into use.
///
/// # Errors
/// [`StoreError::Stale`] if the account is not invited (any more).
pub fn staff_activate(
    conn: &mut WriteTxn<'_>,
    id: StaffId,
    recipient: &str,
    verify_key: &[u8; 32],
) -> StoreResult<()> {
    let invited = staff::table
        .find(id)
        .filter(staff::state.eq(StaffState::Invited));
    diesel::update(invited)
        .set((
            staff::state.eq(StaffState::Active),
            staff::recipient.eq(recipient),
            staff::verify_key.eq(verify_key),
        ))
        .or_stale(conn)
}

/// Closes an account: its sessions, invitations and unlock rows go with it. Its claims must be given back by the caller.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such account.
pub fn staff_disable(conn: &mut WriteTxn<'_>, id: StaffId) -> StoreResult<()> {
    diesel::update(staff::table.find(id))
        .set(staff::state.eq(StaffState::Disabled))
        .or_not_found(conn)?;
    staff_lock_out(conn, id)
}

/// Takes everything from an account by which somebody gets in.
pub(super) fn staff_lock_out(conn: &mut WriteTxn<'_>, id: StaffId) -> StoreResult<()> {
    session_delete_all_of(conn, id)?;
    unlocks::table.filter(unlocks::staff.eq(id)).delete(conn)?;
    diesel::delete(invitations::table.filter(invitations::staff.eq(id))).done(conn)
}

/// What unlocks an account: one row for each method.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = unlocks)]
pub struct UnlockRow {
    /// Whose.
    pub staff: StaffId,
    /// With what.
    pub method: UnlockMethod,
    /// The salt of the passphrase hash.
    #[diesel(deserialize_as = Bytes<16>)]
    pub salt: [u8; 16],
    /// Which pepper was mixed in.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub pepper_version: u32,
    /// The person's secrets.
    pub sealed: Sealed<Unlock>,
}

/// Sets what unlocks an account with one method, in place of what was there.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn unlock_put(conn: &mut WriteTxn<'_>, row: &UnlockRow) -> StoreResult<()> {
    let key = (row.staff, row.method);
    unlocks::table.find(key).delete(conn)?;
    unlocks::table.insert(conn, row.clone())
}

/// What unlocks an account with one method.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn unlock_find(
    conn: &mut DbConnection,
    staff: StaffId,
    method: UnlockMethod,
) -> StoreResult<Option<UnlockRow>> {
    unlocks::table.find((staff, method)).maybe(conn)
}

/// Uses a time step of somebody's second factor: `false` if it, or a later one, was used before.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn totp_use(conn: &mut WriteTxn<'_>, staff: StaffId, step: i64) -> StoreResult<bool> {
    let uses = totp_uses::table.find(staff);
    let last: Option<i64> = uses.select(totp_uses::step).maybe(conn)?;
    match last {
        Some(last) if last >= step => return Ok(false),
        Some(_) => diesel::update(uses)
            .set(totp_uses::step.eq(step))
            .done(conn)?,
        None => {
            let row = (totp_uses::staff.eq(staff), totp_uses::step.eq(step));
            totp_uses::table.insert(conn, row)?;
        }
    }
    Ok(true)
}

/// A one-time link by which somebody sets up their account.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = invitations)]
pub struct Invitation {
    /// SHA-256 of the token in the link.
    #[diesel(deserialize_as = Bytes<32>)]
    pub token_hash: [u8; 32],
    /// Whose account.
    pub staff: StaffId,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// A secret made beforehand for this person, sealed under the token.
    pub secret_ct: Option<Vec<u8>>,
}

/// Makes an invitation, in place of any that the person had.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such account.
pub fn invitation_put(conn: &mut WriteTxn<'_>, row: &Invitation) -> StoreResult<()> {
    invitations::table
        .filter(invitations::staff.eq(row.staff))
        .delete(conn)?;
    invitations::table.insert(conn, row)
}

/// The invitation with this token hash, if it still works.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn invitation_find(
    conn: &mut DbConnection,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> StoreResult<Option<Invitation>> {
    invitations::table
        .find(token_hash)
        .filter(invitations::expires_at.gt(now))
        .maybe(conn)
}

/// Uses an invitation up: `false` if it was used before or has expired.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn invitation_use(
    conn: &mut WriteTxn<'_>,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> StoreResult<bool> {
    let live = invitations::table
        .find(token_hash)
        .filter(invitations::expires_at.gt(now));
    diesel::delete(live).one(conn)
}

/// Deletes the invitations that no longer work. Says whose they were.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn invitations_expire(conn: &mut WriteTxn<'_>, now: Confirmed) -> StoreResult<Vec<StaffId>> {
    let expired = invitations::table.filter(invitations::expires_at.le(now.now()));
    let people = expired
        .select(invitations::staff)
        .readable(conn, "invitations")?;
    expired.delete(conn)?;
    Ok(people)
}

/// When each person's invitation stops working, for those who have one.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn invitations_pending(conn: &mut DbConnection) -> StoreResult<Vec<(StaffId, Timestamp)>> {
    invitations::table
        .select((invitations::staff, invitations::expires_at))
        .readable(conn, "invitations")
}
