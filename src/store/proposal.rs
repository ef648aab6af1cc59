//! Acts that wait for a second person, and exports that two agreed on.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::access::report_readers;
use super::report::key_bytes;
use super::schema::{exports, grants, proposals};
use super::staff::{one_or, staff_find};
use super::{DbConnection, StoreError, StoreResult};
use crate::domain::clock::{Day, Quarter, Timestamp};
use crate::domain::ids::{KeyId, ProposalId, ReportId, StaffId};
use crate::domain::proposal::ProposalKind;
use crate::domain::sealed::{Proposal, Sealed};
use crate::domain::staff::StaffState;

/// An act that waits for a second person.
#[derive(Debug, Clone, Queryable)]
pub struct ProposalRow {
    /// Its id.
    pub id: ProposalId,
    /// On which report.
    pub report: ReportId,
    /// What is proposed.
    pub kind: ProposalKind,
    /// By whom.
    pub proposer: StaffId,
    /// The UTC day.
    pub day: Day,
    /// Reason and particulars.
    pub sealed: Sealed<Proposal>,
}

/// An export that can be fetched.
#[derive(Debug, Clone, Queryable)]
pub struct ExportRow {
    /// The id of the proposal it was.
    pub id: ProposalId,
    /// Of which report.
    pub report: ReportId,
    /// Until when.
    pub expires_at: Quarter,
    /// Recipient, and who agreed on it.
    pub sealed: Sealed<Proposal>,
}

/// Writes a proposal down.
///
/// # Errors
/// [`StoreError::Conflict`] if one of that kind waits already; [`StoreError::NotFound`] if there is no such report.
pub fn proposal_insert(conn: &mut DbConnection, row: &ProposalRow) -> StoreResult<()> {
    diesel::insert_into(proposals::table)
        .values((
            proposals::id.eq(row.id.as_bytes().as_slice()),
            proposals::report.eq(row.report.as_bytes().as_slice()),
            proposals::kind.eq(row.kind.as_str()),
            proposals::proposer.eq(row.proposer.as_bytes().as_slice()),
            proposals::day.eq(row.day.number()),
            proposals::sealed.eq(row.sealed.as_bytes()),
        ))
        .execute(conn)?;
    Ok(())
}

/// What waits on a report. Ask [`super::report_find`] first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn proposals_of_report(
    conn: &mut DbConnection,
    report: ReportId,
) -> StoreResult<Vec<ProposalRow>> {
    Ok(proposals::table
        .filter(proposals::report.eq(report.as_bytes().as_slice()))
        .order((proposals::day, proposals::id))
        .load(conn)?)
}

/// Ends a proposal, if it is still as it was seen: of several who decide on it at once, one wins.
///
/// # Errors
/// [`StoreError::Stale`] if it is not as it was seen.
pub fn proposal_take_in_txn(conn: &mut DbConnection, seen: &ProposalRow) -> StoreResult<()> {
    let row = proposals::table
        .find(seen.id.as_bytes().as_slice())
        .filter(proposals::report.eq(seen.report.as_bytes().as_slice()))
        .filter(proposals::kind.eq(seen.kind.as_str()))
        .filter(proposals::proposer.eq(seen.proposer.as_bytes().as_slice()))
        .filter(proposals::sealed.eq(seen.sealed.as_bytes()));
    one_or(diesel::delete(row).execute(conn)?, StoreError::Stale)
}

/// Ends a proposal that nobody can open, by its row alone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn proposal_drop(conn: &mut DbConnection, id: ProposalId) -> StoreResult<()> {
    diesel::delete(proposals::table.find(id.as_bytes().as_slice())).execute(conn)?;
    Ok(())
}

/// Ends everything that waits on a report. Says how much that was.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn proposals_drop_of_report(conn: &mut DbConnection, report: ReportId) -> StoreResult<usize> {
    let id = report.as_bytes().as_slice();
    let waiting = proposals::table.filter(proposals::report.eq(id));
    let ready = exports::table.filter(exports::report.eq(id));
    let waiting = diesel::delete(waiting).execute(conn)?;
    Ok(waiting.saturating_add(diesel::delete(ready).execute(conn)?))
}

/// Whether whoever proposed something can still read the report. What somebody proposed who has left counts for nothing.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn proposer_stands(
    conn: &mut DbConnection,
    report: ReportId,
    proposer: StaffId,
) -> StoreResult<bool> {
    let is_active = staff_find(conn, proposer)?.state == StaffState::Active;
    Ok(is_active && report_readers(conn, report)?.contains(&proposer))
}

/// What waits on reports that `holding`, the caller's keys, open; at most `limit`, the oldest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn proposals_waiting(
    conn: &mut DbConnection,
    holding: &[KeyId],
    limit: i64,
) -> StoreResult<Vec<ProposalRow>> {
    let granted = grants::table
        .filter(grants::report.eq(proposals::report))
        .filter(grants::key.eq_any(key_bytes(holding)));
    let mut waiting: Vec<ProposalRow> = proposals::table
        .filter(exists(granted))
        .order((proposals::day, proposals::id))
        .limit(limit)
        .load(conn)?;
    let mut standing = Vec::with_capacity(waiting.len());
    for row in &waiting {
        standing.push(proposer_stands(conn, row.report, row.proposer)?);
    }
    let mut standing = standing.into_iter();
    waiting.retain(|_| standing.next() == Some(true));
    Ok(waiting)
}

/// Lets an export be fetched.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn export_insert(conn: &mut DbConnection, row: &ExportRow) -> StoreResult<()> {
    diesel::insert_into(exports::table)
        .values((
            exports::id.eq(row.id.as_bytes().as_slice()),
            exports::report.eq(row.report.as_bytes().as_slice()),
            exports::expires_at.eq(row.expires_at.seconds()),
            exports::sealed.eq(row.sealed.as_bytes()),
        ))
        .execute(conn)?;
    Ok(())
}

/// The exports of a report that can be fetched. Ask [`super::report_find`] first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn exports_of_report(
    conn: &mut DbConnection,
    report: ReportId,
    now: Timestamp,
) -> StoreResult<Vec<ExportRow>> {
    Ok(exports::table
        .filter(exports::report.eq(report.as_bytes().as_slice()))
        .filter(exports::expires_at.gt(now.seconds()))
        .order(exports::id)
        .load(conn)?)
}

/// Fetches an export: it is gone then.
///
/// # Errors
/// [`StoreError::Stale`] if it is not as it was seen.
pub fn export_take_in_txn(conn: &mut DbConnection, seen: &ExportRow) -> StoreResult<()> {
    let row = exports::table
        .find(seen.id.as_bytes().as_slice())
        .filter(exports::report.eq(seen.report.as_bytes().as_slice()))
        .filter(exports::sealed.eq(seen.sealed.as_bytes()));
    one_or(diesel::delete(row).execute(conn)?, StoreError::Stale)
}

/// Deletes exports that nobody fetched in time. Says how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn exports_expire(conn: &mut DbConnection, now: Timestamp) -> StoreResult<usize> {
    let expired = exports::table.filter(exports::expires_at.le(now.seconds()));
    Ok(diesel::delete(expired).execute(conn)?)
}
