//! Acts that wait for a second person, and exports that two agreed on.

use diesel::dsl::exists;
use diesel::sql_types::BigInt;

use super::access::can_read;
use super::prelude::*;
use super::rows;
use super::schema::{exports, grants, proposals};
use crate::domain::clock::{Confirmed, Day, Quarter, Timestamp};
use crate::domain::ids::{KeyId, ProposalId, ReportId, StaffId};
use crate::domain::proposal::ProposalKind;
use crate::domain::sealed::{Proposal, Sealed};

/// An act that waits for a second person.
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = proposals)]
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
#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = exports)]
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
pub fn proposal_insert(conn: &mut WriteTxn<'_>, row: &ProposalRow) -> StoreResult<()> {
    proposals::table.insert(conn, row)
}

/// What waits on a report. Ask [`super::report_find`] first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn proposals_of_report(
    conn: &mut DbConnection,
    report: ReportId,
) -> StoreResult<Vec<ProposalRow>> {
    proposals::table
        .filter(proposals::report.eq(report))
        .filter(proposals::kind.eq_any(ProposalKind::ALL))
        .order((proposals::day, proposals::id))
        .readable(conn, "proposals")
}

/// One that waits on a report. Ask [`super::report_find`] first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn proposal_of_report(
    conn: &mut DbConnection,
    report: ReportId,
    id: ProposalId,
) -> StoreResult<Option<ProposalRow>> {
    let row = proposals::table.find(id);
    row.filter(proposals::report.eq(report)).maybe(conn)
}

/// Ends a proposal, if it is still as it was seen: of several who decide on it at once, one wins.
///
/// # Errors
/// [`StoreError::Stale`] if it is not as it was seen.
pub fn proposal_take(conn: &mut WriteTxn<'_>, seen: &ProposalRow) -> StoreResult<()> {
    let row = proposals::table
        .find(seen.id)
        .filter(proposals::report.eq(seen.report))
        .filter(proposals::kind.eq(seen.kind))
        .filter(proposals::proposer.eq(seen.proposer))
        .filter(proposals::sealed.eq(&seen.sealed));
    diesel::delete(row).or_stale(conn)
}

/// Ends a proposal that nobody can open, by its row alone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn proposal_drop(conn: &mut WriteTxn<'_>, id: ProposalId) -> StoreResult<()> {
    diesel::delete(proposals::table.find(id)).done(conn)
}

/// Ends everything that waits on a report. Says how much that was.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn proposals_drop_of_report(conn: &mut WriteTxn<'_>, report: ReportId) -> StoreResult<usize> {
    let waiting = proposals::table.filter(proposals::report.eq(report));
    let ready = exports::table.filter(exports::report.eq(report));
    Ok(waiting.delete(conn)? + ready.delete(conn)?)
}

/// What waits on reports that `holding`, the caller's keys, open; at most `limit`, the oldest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn proposals_waiting(
    conn: &mut DbConnection,
    holding: &[KeyId],
    limit: usize,
) -> StoreResult<Vec<ProposalRow>> {
    let granted = grants::table
        .filter(grants::report.eq(proposals::report))
        .filter(grants::key.eq_any(holding));
    let waiting: Vec<ProposalRow> = proposals::table
        .filter(exists(granted))
        .filter(proposals::kind.eq_any(ProposalKind::ALL))
        .order((proposals::day, proposals::id))
        .readable_first(conn, "proposals", limit)?;
    let mut standing = Vec::with_capacity(waiting.len());
    for row in waiting {
        if can_read(conn, row.report, row.proposer)? {
            standing.push(row);
        }
    }
    Ok(standing)
}

/// Lets an export be fetched.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn export_insert(conn: &mut WriteTxn<'_>, row: &ExportRow) -> StoreResult<()> {
    exports::table.insert(conn, row)
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
    exports::table
        .filter(exports::report.eq(report))
        .filter(exports::expires_at.gt(now))
        .order(exports::id)
        .readable(conn, "exports")
}

/// Fetches an export: it is gone then.
///
/// # Errors
/// [`StoreError::Stale`] if it is not as it was seen.
pub fn export_take(conn: &mut WriteTxn<'_>, seen: &ExportRow) -> StoreResult<()> {
    let row = exports::table
        .find(seen.id)
        .filter(exports::report.eq(seen.report))
        .filter(exports::sealed.eq(&seen.sealed));
    diesel::delete(row).or_stale(conn)
}

/// The exports that nobody fetched in time: by the index, and by the table what a page of the index hides.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn exports_over(conn: &mut DbConnection, now: Confirmed) -> StoreResult<Vec<ProposalId>> {
    let over = exports::table
        .filter(exports::expires_at.le(now.now()))
        .select(exports::id);
    rows::read(over, conn, "exports", usize::MAX)?.or_of(|| {
        let of_table =
            "SELECT id FROM exports INDEXED BY sqlite_autoindex_exports_1 WHERE expires_at <= ?";
        let of_table = diesel::sql_query(of_table).bind::<BigInt, _>(now.now());
        rows::ids(of_table, conn, "exports")
    })
}

/// Deletes one of them. `false` if it is gone already.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn export_expire(conn: &mut WriteTxn<'_>, id: ProposalId, now: Confirmed) -> StoreResult<bool> {
    let over = exports::table
        .find(id)
        .filter(exports::expires_at.le(now.now()));
    diesel::delete(over).one(conn)
}
