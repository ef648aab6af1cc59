//! Sessions: sealed halves that neither this table nor a cookie can open alone.

use super::columns::Bytes;
use super::prelude::*;
use super::schema::sessions;
use crate::domain::clock::{Confirmed, Timestamp};
use crate::domain::ids::StaffId;

/// A session.
#[derive(Clone, Queryable, Insertable, Selectable)]
#[diesel(table_name = sessions)]
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
    #[diesel(deserialize_as = i64, serialize_as = i64)]
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
/// [`StoreError::NotFound`] if there is no such account.
pub fn session_insert(conn: &mut WriteTxn<'_>, row: &Session) -> StoreResult<()> {
    sessions::table.insert(conn, row.clone())
}

/// The session with this row key, if it has not ended.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn session_find(
    conn: &mut DbConnection,
    row_key: &[u8; 32],
    now: Timestamp,
) -> StoreResult<Option<Session>> {
    sessions::table
        .find(row_key)
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::idle_expires_at.gt(now))
        .select(Session::as_select())
        .maybe(conn)
}

/// Moves the end of an unused session on.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn session_touch(
    conn: &mut WriteTxn<'_>,
    row_key: &[u8; 32],
    idle_expires_at: Timestamp,
) -> StoreResult<()> {
    diesel::update(sessions::table.find(row_key))
        .set(sessions::idle_expires_at.eq(idle_expires_at))
        .done(conn)
}

/// Counts a wrong code or passphrase. Says how many there are since the last right one.
///
/// # Errors
/// [`StoreError::NotFound`] if the session has ended.
pub fn session_wrong(conn: &mut WriteTxn<'_>, row_key: &[u8; 32]) -> StoreResult<i64> {
    let row = sessions::table.find(row_key);
    diesel::update(row)
        .set(sessions::wrong.eq(sessions::wrong + 1))
        .done(conn)?;
    Ok(row.select(sessions::wrong).first(&mut **conn)?)
}

/// Forgets the wrong ones before a right one.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn session_right(conn: &mut WriteTxn<'_>, row_key: &[u8; 32]) -> StoreResult<()> {
    diesel::update(sessions::table.find(row_key))
        .set(sessions::wrong.eq(0))
        .done(conn)
}

/// Ends one session.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn session_delete(conn: &mut WriteTxn<'_>, row_key: &[u8; 32]) -> StoreResult<()> {
    diesel::delete(sessions::table.find(row_key)).done(conn)
}

/// Ends every session of one person. Says how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn session_delete_all_of(conn: &mut WriteTxn<'_>, staff: StaffId) -> StoreResult<usize> {
    let theirs = sessions::table.filter(sessions::staff.eq(staff));
    theirs.delete(conn)
}

/// Deletes the sessions that have ended. Says how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn sessions_expire(conn: &mut WriteTxn<'_>, now: Confirmed) -> StoreResult<usize> {
    let now = now.now();
    let ended = sessions::table.filter(
        sessions::expires_at
            .le(now)
            .or(sessions::idle_expires_at.le(now)),
    );
    ended.delete(conn)
}

/// Deletes every session: at start, when a new root made them all unreadable.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn sessions_delete_all(conn: &mut WriteTxn<'_>) -> StoreResult<usize> {
    sessions::table.delete(conn)
}
