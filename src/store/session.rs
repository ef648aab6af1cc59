//! Sessions: sealed halves that neither this table nor a cookie can open alone.

use diesel::prelude::*;

use super::columns::Bytes;
use super::schema::sessions;
use super::{DbConnection, StoreResult};
use crate::domain::clock::Timestamp;
use crate::domain::ids::StaffId;

/// A session.
#[derive(Clone, Queryable)]
pub struct Session {
    /// SHA-256 of the session's id, which is in the cookie.
    #[diesel(deserialize_as = Bytes<32>)]
    pub row_key: [u8; 32],
    /// Whose.
    pub staff: StaffId,
    /// The person's key, sealed by both halves.
    pub blob: Vec<u8>,
    /// When it ends, whatever happens.
    pub expires_at: Timestamp,
    /// When it ends unless it is used.
    pub idle_expires_at: Timestamp,
    /// Which session root sealed it.
    #[diesel(deserialize_as = i64)]
    pub n: u32,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("staff", &self.staff)
            .finish_non_exhaustive()
    }
}

/// Keeps a new session.
///
/// # Errors
/// [`super::StoreError::NotFound`] if there is no such account.
pub fn session_insert(conn: &mut DbConnection, row: &Session) -> StoreResult<()> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::row_key.eq(row.row_key.as_slice()),
            sessions::staff.eq(row.staff.as_bytes().as_slice()),
            sessions::blob.eq(&row.blob),
            sessions::expires_at.eq(row.expires_at.seconds()),
            sessions::idle_expires_at.eq(row.idle_expires_at.seconds()),
            sessions::n.eq(i64::from(row.n)),
        ))
        .execute(conn)?;
    Ok(())
}

/// The session with this row key, if it has not ended.
///
/// # Errors
/// [`super::StoreError`] from the database.
pub fn session_find(
    conn: &mut DbConnection,
    row_key: &[u8; 32],
    now: Timestamp,
) -> StoreResult<Option<Session>> {
    Ok(sessions::table
        .find(row_key.as_slice())
        .filter(sessions::expires_at.gt(now.seconds()))
        .filter(sessions::idle_expires_at.gt(now.seconds()))
        .select((
            sessions::row_key,
            sessions::staff,
            sessions::blob,
            sessions::expires_at,
            sessions::idle_expires_at,
            sessions::n,
        ))
        .first(conn)
        .optional()?)
}

/// Moves the end of an unused session on.
///
/// # Errors
/// [`super::StoreError`] from the database.
pub fn session_touch(
    conn: &mut DbConnection,
    row_key: &[u8; 32],
    idle_expires_at: Timestamp,
) -> StoreResult<()> {
    diesel::update(sessions::table.find(row_key.as_slice()))
        .set(sessions::idle_expires_at.eq(idle_expires_at.seconds()))
        .execute(conn)?;
    Ok(())
}

/// Counts a wrong code or passphrase. Says how many there are since the last right one.
///
/// # Errors
/// [`super::StoreError::NotFound`] if the session has ended.
pub fn session_wrong_in_txn(conn: &mut DbConnection, row_key: &[u8; 32]) -> StoreResult<i64> {
    let row = sessions::table.find(row_key.as_slice());
    diesel::update(row)
        .set(sessions::wrong.eq(sessions::wrong + 1))
        .execute(conn)?;
    Ok(row.select(sessions::wrong).first(conn)?)
}

/// Forgets the wrong ones before a right one.
///
/// # Errors
/// [`super::StoreError`] from the database.
pub fn session_right(conn: &mut DbConnection, row_key: &[u8; 32]) -> StoreResult<()> {
    diesel::update(sessions::table.find(row_key.as_slice()))
        .set(sessions::wrong.eq(0))
        .execute(conn)?;
    Ok(())
}

/// Ends one session.
///
/// # Errors
/// [`super::StoreError`] from the database.
pub fn session_delete(conn: &mut DbConnection, row_key: &[u8; 32]) -> StoreResult<()> {
    diesel::delete(sessions::table.find(row_key.as_slice())).execute(conn)?;
    Ok(())
}

/// Ends every session of one person. Says how many.
///
/// # Errors
/// [`super::StoreError`] from the database.
pub fn session_delete_all_of(conn: &mut DbConnection, staff: StaffId) -> StoreResult<usize> {
    let theirs = sessions::table.filter(sessions::staff.eq(staff.as_bytes().as_slice()));
    Ok(diesel::delete(theirs).execute(conn)?)
}

/// Deletes the sessions that have ended. Says how many.
///
/// # Errors
/// [`super::StoreError`] from the database.
pub fn sessions_expire(conn: &mut DbConnection, now: Timestamp) -> StoreResult<usize> {
    let ended = sessions::table.filter(
        sessions::expires_at
            .le(now.seconds())
            .or(sessions::idle_expires_at.le(now.seconds())),
    );
    Ok(diesel::delete(ended).execute(conn)?)
}

/// Deletes every session: at start, when a new root made them all unreadable.
///
/// # Errors
/// [`super::StoreError`] from the database.
pub fn sessions_delete_all(conn: &mut DbConnection) -> StoreResult<usize> {
    Ok(diesel::delete(sessions::table).execute(conn)?)
}
