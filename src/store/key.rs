//! Keys (team generations and people's own) and the wraps between them.

use super::columns::Bytes;
use super::prelude::*;
use super::schema::{keys, wraps};
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::keys::{KeyKind, KeyState};
use crate::domain::sealed::{Sealed, Wrap};

/// The public record of a key.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = keys)]
pub struct KeyRow {
    /// Its id.
    pub id: KeyId,
    /// Whether a team's or a person's.
    pub kind: KeyKind,
    /// The id of the team or person.
    #[diesel(deserialize_as = Bytes<16>)]
    pub owner: [u8; 16],
    /// Counts the owner's keys, from 1.
    #[diesel(deserialize_as = i64, serialize_as = i64)]
    pub generation: u32,
    /// What is encrypted to (`age1…`).
    pub recipient: String,
    /// What its signatures verify with.
    #[diesel(deserialize_as = Bytes<32>)]
    pub verify_key: [u8; 32],
    /// Where it stands.
    pub state: KeyState,
    /// The day it was made.
    #[diesel(column_name = from_day)]
    pub from: Day,
}

/// Keeps a new key.
///
/// # Errors
/// [`StoreError::Conflict`] if the owner has one of that generation: somebody else was faster.
pub fn key_insert(conn: &mut WriteTxn<'_>, key: &KeyRow) -> StoreResult<()> {
    keys::table.insert(conn, key.clone())
}

/// One key.
///
/// # Errors
/// [`StoreError::NotFound`] if there is none.
pub fn key_find(conn: &mut DbConnection, id: KeyId) -> StoreResult<KeyRow> {
    Ok(keys::table.find(id).first(conn)?)
}

/// All keys there are or were.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn key_list(conn: &mut DbConnection) -> StoreResult<Vec<KeyRow>> {
    keys::table.readable(conn, "keys")
}

/// Every generation of a team, first to last.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn keys_of_team(conn: &mut DbConnection, team: TeamId) -> StoreResult<Vec<KeyRow>> {
    keys_of(conn, KeyKind::Team, team.as_bytes())
}

/// Every key of a person, first to last.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn keys_of_staff(conn: &mut DbConnection, staff: StaffId) -> StoreResult<Vec<KeyRow>> {
    keys_of(conn, KeyKind::Staff, staff.as_bytes())
}

/// The key of a person that counts: the active one. They may have others, from before a renewal or a reset.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn staff_key_active(conn: &mut DbConnection, staff: StaffId) -> StoreResult<Option<KeyRow>> {
    keys::table
        .filter(keys::kind.eq(KeyKind::Staff))
        .filter(keys::owner.eq(staff))
        .filter(keys::state.eq(KeyState::Active))
        .order(keys::generation.desc())
        .maybe(conn)
}

fn keys_of(conn: &mut DbConnection, kind: KeyKind, owner: &[u8; 16]) -> StoreResult<Vec<KeyRow>> {
    keys::table
        .filter(keys::kind.eq(kind))
        .filter(keys::owner.eq(owner))
        .order(keys::generation)
        .readable(conn, "keys")
}

/// Moves a key one step on.
///
/// # Errors
/// [`StoreError::Stale`] if it is not at `from`, or if there is no such step.
pub fn key_move(
    conn: &mut WriteTxn<'_>,
    id: KeyId,
    from: KeyState,
    to: KeyState,
) -> StoreResult<()> {
    if !from.may_become(to) {
        return Err(StoreError::Stale);
    }
    let row = keys::table.find(id).filter(keys::state.eq(from));
    diesel::update(row).set(keys::state.eq(to)).or_stale(conn)
}

/// Whether a key is active, inside the transaction that depends on it.
///
/// # Errors
/// [`StoreError::Stale`] if it is not.
pub fn key_is_active(conn: &mut DbConnection, key: KeyId) -> StoreResult<()> {
    let active = keys::table
        .find(key)
        .filter(keys::state.eq(KeyState::Active));
    active.exists(conn)?.then_some(()).ok_or(StoreError::Stale)
}

/// A key's secrets, sealed to another key.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = wraps)]
pub struct WrapRow {
    /// The key that opens it.
    pub parent: KeyId,
    /// The key whose secrets are in it.
    pub child: KeyId,
    /// The secrets.
    pub sealed: Sealed<Wrap>,
}

/// Keeps a wrap.
///
/// # Errors
/// [`StoreError::Conflict`] if there is one between these keys; [`StoreError::NotFound`] if one of the keys is not there.
pub fn wrap_insert(conn: &mut WriteTxn<'_>, row: &WrapRow) -> StoreResult<()> {
    wraps::table.insert(conn, row)
}

/// What a key opens: each wrap with the public record of the key inside.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn wraps_of_parent(
    conn: &mut DbConnection,
    parent: KeyId,
) -> StoreResult<Vec<(WrapRow, KeyRow)>> {
    wraps::table
        .inner_join(keys::table.on(keys::id.eq(wraps::child)))
        .filter(wraps::parent.eq(parent))
        .order((keys::owner, keys::generation))
        .select((wraps::all_columns, keys::all_columns))
        .readable(conn, "wraps")
}

/// Which keys open a key.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn wrap_parents(conn: &mut DbConnection, child: KeyId) -> StoreResult<Vec<KeyId>> {
    wraps::table
        .filter(wraps::child.eq(child))
        .select(wraps::parent)
        .readable(conn, "wraps")
}

/// Deletes every wrap of a key. Says how many there were.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn wraps_delete_of_child(conn: &mut WriteTxn<'_>, child: KeyId) -> StoreResult<usize> {
    wraps::table.filter(wraps::child.eq(child)).delete(conn)
}

/// Deletes a wrap. `false` if there was none.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn wrap_delete(conn: &mut WriteTxn<'_>, parent: KeyId, child: KeyId) -> StoreResult<bool> {
    diesel::delete(wraps::table.find((parent, child))).one(conn)
}
