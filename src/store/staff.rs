//! Accounts, what unlocks them, the guard against reused second factors, and invitations.

use diesel::prelude::*;

use super::columns::{Bytes, MaybeBytes};
use super::schema::{invitations, staff, totp_uses, unlocks};
use super::{DbConnection, StoreError, StoreResult};
use crate::domain::clock::{Day, Timestamp};
use crate::domain::ids::StaffId;
use crate::domain::sealed::{Sealed, Unlock};
use crate::domain::staff::{Role, StaffState, UnlockMethod};

/// A person with an account.
#[derive(Debug, Clone, Queryable)]
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
    /// Their e-mail address, encrypted under the contact key.
    pub contact_ct: Option<Vec<u8>>,
    /// The day the account was made.
    pub joined: Day,
}

/// Makes an account.
///
/// # Errors
/// [`StoreError::Conflict`] if the handle is taken.
pub fn staff_insert(conn: &mut DbConnection, person: &Staff) -> StoreResult<()> {
    diesel::insert_into(staff::table)
        .values((
            staff::id.eq(person.id.as_bytes().as_slice()),
            staff::handle.eq(&person.handle),
            staff::role.eq(person.role.as_str()),
            staff::state.eq(person.state.as_str()),
            staff::recipient.eq(person.recipient.as_deref()),
            staff::verify_key.eq(person.verify_key.as_ref().map(<[u8; 32]>::as_slice)),
            staff::contact_ct.eq(person.contact_ct.as_deref()),
            staff::joined_day.eq(person.joined.number()),
        ))
        .execute(conn)?;
    Ok(())
}

/// One account.
///
/// # Errors
/// [`StoreError::NotFound`] if there is none.
pub fn staff_find(conn: &mut DbConnection, id: StaffId) -> StoreResult<Staff> {
    Ok(staff::table.find(id.as_bytes().as_slice()).first(conn)?)
}

/// The account that logs in with `handle`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn staff_by_handle(conn: &mut DbConnection, handle: &str) -> StoreResult<Option<Staff>> {
    Ok(staff::table
        .filter(staff::handle.eq(handle))
        .first(conn)
        .optional()?)
}

/// Every account, by handle.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn staff_list(conn: &mut DbConnection) -> StoreResult<Vec<Staff>> {
    Ok(staff::table.order(staff::handle).load(conn)?)
}

/// An invited person has made their key: the account comes into use.
///
/// # Errors
/// [`StoreError::Stale`] if the account is not invited (any more).
pub fn staff_activate(
    conn: &mut DbConnection,
    id: StaffId,
    recipient: &str,
    verify_key: &[u8; 32],
) -> StoreResult<()> {
    let invited = staff::table
        .find(id.as_bytes().as_slice())
        .filter(staff::state.eq(StaffState::Invited.as_str()));
    let changed = diesel::update(invited)
        .set((
            staff::state.eq(StaffState::Active.as_str()),
            staff::recipient.eq(recipient),
            staff::verify_key.eq(verify_key.as_slice()),
        ))
        .execute(conn)?;
    one_or(changed, StoreError::Stale)
}

/// Sets or removes somebody's e-mail address.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such account.
pub fn staff_contact_set(
    conn: &mut DbConnection,
    id: StaffId,
    contact_ct: Option<&[u8]>,
) -> StoreResult<()> {
    let changed = diesel::update(staff::table.find(id.as_bytes().as_slice()))
        .set(staff::contact_ct.eq(contact_ct))
        .execute(conn)?;
    one_or(changed, StoreError::NotFound)
}

/// Closes an account: its sessions, invitations and unlock rows go with it. Its claims must be given back by the caller.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such account.
pub fn staff_disable_in_txn(conn: &mut DbConnection, id: StaffId) -> StoreResult<()> {
    let changed = diesel::update(staff::table.find(id.as_bytes().as_slice()))
        .set(staff::state.eq(StaffState::Disabled.as_str()))
        .execute(conn)?;
    one_or(changed, StoreError::NotFound)?;
    super::session_delete_all_of(conn, id)?;
    let key = id.as_bytes().as_slice();
    diesel::delete(unlocks::table.filter(unlocks::staff.eq(key))).execute(conn)?;
    diesel::delete(invitations::table.filter(invitations::staff.eq(key))).execute(conn)?;
    Ok(())
}

/// What unlocks an account: one row for each method.
#[derive(Debug, Clone, Queryable)]
pub struct UnlockRow {
    /// Whose.
    pub staff: StaffId,
    /// With what.
    pub method: UnlockMethod,
    /// The salt of the passphrase hash.
    #[diesel(deserialize_as = Bytes<16>)]
    pub salt: [u8; 16],
    /// Which pepper was mixed in.
    #[diesel(deserialize_as = i64)]
    pub pepper_version: u32,
    /// The person's secrets.
    pub sealed: Sealed<Unlock>,
}

/// Sets what unlocks an account with one method, in place of what was there.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn unlock_put_in_txn(conn: &mut DbConnection, row: &UnlockRow) -> StoreResult<()> {
    let key = (row.staff.as_bytes().as_slice(), row.method.as_str());
    diesel::delete(unlocks::table.find(key)).execute(conn)?;
    diesel::insert_into(unlocks::table)
        .values((
            unlocks::staff.eq(key.0),
            unlocks::method.eq(key.1),
            unlocks::salt.eq(row.salt.as_slice()),
            unlocks::pepper_version.eq(i64::from(row.pepper_version)),
            unlocks::sealed.eq(row.sealed.as_bytes()),
        ))
        .execute(conn)?;
    Ok(())
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
    Ok(unlocks::table
        .find((staff.as_bytes().as_slice(), method.as_str()))
        .first(conn)
        .optional()?)
}

/// Uses a time step of somebody's second factor: `false` if it, or a later one, was used before.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn totp_use_in_txn(conn: &mut DbConnection, staff: StaffId, step: i64) -> StoreResult<bool> {
    let key = staff.as_bytes().as_slice();
    let last: Option<i64> = totp_uses::table
        .find(key)
        .select(totp_uses::step)
        .first(conn)
        .optional()?;
    match last {
        Some(last) if last >= step => return Ok(false),
        Some(_) => diesel::update(totp_uses::table.find(key))
            .set(totp_uses::step.eq(step))
            .execute(conn)?,
        None => diesel::insert_into(totp_uses::table)
            .values((totp_uses::staff.eq(key), totp_uses::step.eq(step)))
            .execute(conn)?,
    };
    Ok(true)
}

/// A one-time link by which somebody sets up their account.
#[derive(Debug, Clone, Queryable)]
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
pub fn invitation_put_in_txn(conn: &mut DbConnection, row: &Invitation) -> StoreResult<()> {
    let staff = row.staff.as_bytes().as_slice();
    diesel::delete(invitations::table.filter(invitations::staff.eq(staff))).execute(conn)?;
    diesel::insert_into(invitations::table)
        .values((
            invitations::token_hash.eq(row.token_hash.as_slice()),
            invitations::staff.eq(staff),
            invitations::expires_at.eq(row.expires_at.seconds()),
            invitations::secret_ct.eq(row.secret_ct.as_deref()),
        ))
        .execute(conn)?;
    Ok(())
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
    Ok(invitations::table
        .find(token_hash.as_slice())
        .filter(invitations::expires_at.gt(now.seconds()))
        .first(conn)
        .optional()?)
}

/// Uses an invitation up: `false` if it was used before or has expired.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn invitation_use(
    conn: &mut DbConnection,
    token_hash: &[u8; 32],
    now: Timestamp,
) -> StoreResult<bool> {
    let live = invitations::table
        .find(token_hash.as_slice())
        .filter(invitations::expires_at.gt(now.seconds()));
    Ok(diesel::delete(live).execute(conn)? == 1)
}

/// Deletes the invitations that no longer work. Says how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn invitations_expire(conn: &mut DbConnection, now: Timestamp) -> StoreResult<usize> {
    let expired = invitations::table.filter(invitations::expires_at.le(now.seconds()));
    Ok(diesel::delete(expired).execute(conn)?)
}

/// When each person's invitation stops working, for those who have one.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn invitations_pending(conn: &mut DbConnection) -> StoreResult<Vec<(StaffId, Timestamp)>> {
    Ok(invitations::table
        .select((invitations::staff, invitations::expires_at))
        .load(conn)?)
}

/// The row count as the answer: exactly one row, or `otherwise`.
pub(super) fn one_or(changed: usize, otherwise: StoreError) -> StoreResult<()> {
    if changed == 1 { Ok(()) } else { Err(otherwise) }
}
