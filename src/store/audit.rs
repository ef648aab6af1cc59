//! The record of acts: appended by one function, never changed.

use super::columns::Bytes;
use super::prelude::*;
use super::schema::audit;
use crate::domain::clock::Day;
use crate::domain::ids::KeyId;
use crate::domain::sealed::{AuditBody, Sealed};

/// An entry to be written, with what binds it to its content and to the entry before it. Made outside: this module knows no hash.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = audit)]
pub struct NewAudit {
    /// Counts the entries, from 1, without a gap.
    pub seq: i64,
    /// The UTC day of the act.
    pub day: Day,
    /// What kind of act, from a closed list.
    pub class: &'static str,
    /// The salted commitment to the body.
    pub commitment: [u8; 32],
    /// The hash over everything in the entry and the leaf before it.
    pub leaf: [u8; 32],
    /// That the server wrote it.
    pub mac: [u8; 32],
    /// The sealed body, where there is one.
    pub body: Option<Sealed<AuditBody>>,
    /// The generation that opens it; `None` for the audit credential.
    pub body_key: Option<KeyId>,
}

/// An entry.
#[derive(Debug, Clone, Queryable)]
pub struct AuditRow {
    /// Counts the entries, from 1, without a gap.
    pub seq: i64,
    /// The UTC day of the act.
    pub day: Day,
    /// What kind of act.
    pub class: String,
    /// The salted commitment to the body.
    #[diesel(deserialize_as = Bytes<32>)]
    pub commitment: [u8; 32],
    /// The hash over everything in the entry and the leaf before it.
    #[diesel(deserialize_as = Bytes<32>)]
    pub leaf: [u8; 32],
    /// That the server wrote it.
    #[diesel(deserialize_as = Bytes<32>)]
    pub mac: [u8; 32],
    /// The sealed body, where there is one.
    pub body: Option<Sealed<AuditBody>>,
    /// The generation that opens it; `None` for the audit credential.
    pub body_key: Option<KeyId>,
}

/// Records an act, in the transaction of the act itself.
///
/// # Errors
/// [`StoreError::Conflict`] if there is an entry of that number.
pub fn audit_append(conn: &mut WriteTxn<'_>, entry: &NewAudit) -> StoreResult<()> {
    audit::table.insert(conn, entry)
}

/// At most `limit` entries before number `before`, newest first; from the newest if `before` is `None`.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn audit_list(
    conn: &mut DbConnection,
    before: Option<i64>,
    limit: i64,
) -> StoreResult<Vec<AuditRow>> {
    audit::table
        .filter(audit::seq.lt(before.unwrap_or(i64::MAX)))
        .order(audit::seq.desc())
        .limit(limit)
        .listed(conn, "audit")
}

/// At most `limit` entries after number `after`, oldest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn audit_after(conn: &mut DbConnection, after: i64, limit: i64) -> StoreResult<Vec<AuditRow>> {
    audit::table
        .filter(audit::seq.gt(after))
        .order(audit::seq)
        .limit(limit)
        .readable(conn, "audit")
}

/// At most `limit` entries after number `after` whose bodies this key opens (`None`: the audit credential), oldest first. Those that cannot be
/// read stay where they are.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn audit_of_key(
    conn: &mut DbConnection,
    key: Option<KeyId>,
    after: i64,
    limit: i64,
) -> StoreResult<Vec<AuditRow>> {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let rows = audit::table
        .filter(audit::body.is_not_null())
        .filter(audit::seq.gt(after))
        .order(audit::seq);
    match key {
        Some(key) => rows
            .filter(audit::body_key.eq(key))
            .readable_first(conn, "audit", most),
        None => rows
            .filter(audit::body_key.is_null())
            .readable_first(conn, "audit", most),
    }
}

/// Whether this key opens any body.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn audit_any_of_key(conn: &mut DbConnection, key: KeyId) -> StoreResult<bool> {
    audit::table
        .filter(audit::body_key.eq(key))
        .filter(audit::body.is_not_null())
        .exists(conn)
}

/// How many bodies this key opens.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn audit_count_of_key(conn: &mut DbConnection, key: KeyId) -> StoreResult<i64> {
    Ok(audit::table
        .filter(audit::body_key.eq(key))
        .filter(audit::body.is_not_null())
        .count()
        .get_result(conn)?)
}

/// Puts the same body sealed to another key in place of one. `false` if somebody else has done so.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn audit_body_move(
    conn: &mut WriteTxn<'_>,
    seq: i64,
    from: Option<KeyId>,
    to: KeyId,
    body: &Sealed<AuditBody>,
) -> StoreResult<bool> {
    let new = (audit::body.eq(body), audit::body_key.eq(to));
    let row = audit::table.find(seq);
    match from {
        Some(from) => diesel::update(row.filter(audit::body_key.eq(from)))
            .set(new)
            .one(conn),
        None => diesel::update(row.filter(audit::body_key.is_null()))
            .set(new)
            .one(conn),
    }
}

/// The number and the leaf of the newest entry.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn audit_head(conn: &mut DbConnection) -> StoreResult<Option<(i64, [u8; 32])>> {
    let last: Option<(i64, Bytes<32>)> = audit::table
        .order(audit::seq.desc())
        .select((audit::seq, audit::leaf))
        .maybe(conn)?;
    Ok(last.map(|(seq, leaf)| (seq, leaf.into())))
}

/// The leaf of an entry; `None` if there is no such entry.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn audit_leaf(conn: &mut DbConnection, seq: i64) -> StoreResult<Option<[u8; 32]>> {
    let leaf: Option<Bytes<32>> = audit::table.find(seq).select(audit::leaf).maybe(conn)?;
    Ok(leaf.map(Into::into))
}

/// The day of an entry; `None` if there is no such entry.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn audit_day(conn: &mut DbConnection, seq: i64) -> StoreResult<Option<Day>> {
    audit::table.find(seq).select(audit::day).maybe(conn)
}
