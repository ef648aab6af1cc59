//! Destroying a report, in steps of which each can be the last before a crash.
//!
//! **Begun**: the intent is a row, and nobody can open the report any more. **Emptied**: everything of it is gone from the tables, and the
//! row says what that was. **Done**: the row is gone, after the write-ahead log was emptied.

use super::access::grants_delete_of_report;
use super::beside::{ObjectRow, objects_of_report};
use super::outbox;
use super::prelude::*;
use super::proposal::proposals_drop_of_report;
use super::prover::Shredded;
use super::report::report_exists;
use super::report_row::{report_by_id, report_read};
use super::schema::{claims, objects, rekeys, reports, shreds};
use crate::domain::clock::{Day, Quarter};
use crate::domain::ids::ReportId;

/// Begins: writes the intent down and takes every grant, so that from here on nobody opens the report.
///
/// # Errors
/// [`StoreError::Stale`] if the report is not as it was seen, or under a legal hold.
pub fn shred_begin(
    conn: &mut WriteTxn<'_>,
    report: ReportId,
    seen: Version,
    today: Day,
) -> StoreResult<()> {
    if !conn.prover()?.is_proven(&report_by_id(conn, report)?) {
        return Err(StoreError::Stale);
    }
    let row = reports::table
        .find(report)
        .filter(reports::version.eq(seen));
    let clocks = (
        reports::retain_until.eq(None::<Day>),
        reports::review_day.eq(None::<Day>),
        reports::look_again.eq(None::<Quarter>),
        reports::version.eq(reports::version + 1),
    );
    diesel::update(row.filter(reports::hold.eq(false)))
        .set(clocks)
        .or_stale(conn)?;
    // From here on it only goes, and so its row says.
    let ending = conn.prover()?.prove_ending(&report_by_id(conn, report)?);
    diesel::update(reports::table.find(report))
        .set(reports::proof.eq(ending))
        .done(conn)?;
    shred_forget(conn, report)?;
    let intent = (shreds::report.eq(report), shreds::day.eq(today));
    shreds::table.insert(conn, intent)?;
    grants_delete_of_report(conn, report)?;
    rekeys::table.find(report).delete(conn)?;
    claims::table.find(report).delete(conn)?;
    proposals_drop_of_report(conn, report)?;
    outbox::urgent_delete_of_report(conn, report)
}

/// The reports that are being destroyed.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn shreds_begun(conn: &mut DbConnection) -> StoreResult<Vec<ReportId>> {
    shreds::table
        .order(shreds::report)
        .select(shreds::report)
        .readable(conn, "shreds")
}

/// Whether the service has begun to destroy it: the report's row says so until it is gone, and the intent afterwards.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn shred_is_ours(conn: &mut WriteTxn<'_>, report: ReportId) -> StoreResult<bool> {
    let columns = (
        shreds::objects.assume_not_null(),
        shreds::commitment.assume_not_null(),
    );
    let emptied = shreds::table
        .find(report)
        .filter(shreds::objects.is_not_null())
        .select((columns, shreds::proof.assume_not_null()));
    let emptied: Option<(Shredded, Vec<u8>)> = emptied.maybe(conn)?;
    let prover = conn.prover()?;
    if !report_exists(conn, report)? {
        return Ok(emptied.is_some_and(|(was, proof)| prover.is_emptied(report, &was, &proof)));
    }
    let row = report_read(conn, report)?;
    Ok(emptied.is_none() && row.is_some_and(|row| prover.is_ending(&row)))
}

/// Takes an intent back that is nobody's.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn shred_forget(conn: &mut WriteTxn<'_>, report: ReportId) -> StoreResult<()> {
    diesel::delete(shreds::table.find(report)).done(conn)
}

/// Empties: deletes everything that the tables hold of a report, and keeps the hash that `commit` makes of its objects, in the order of
/// their ids. Does nothing if that was done before.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn shred_empty(
    conn: &mut WriteTxn<'_>,
    report: ReportId,
    commit: impl FnOnce(&[ObjectRow]) -> [u8; 32],
) -> StoreResult<()> {
    let begun = shreds::table.find(report).filter(shreds::objects.is_null());
    if !begun.exists(conn)? {
        return Ok(());
    }
    let mut rows = objects_of_report(conn, report)?;
    rows.sort_unstable_by_key(|row| row.id);
    let commitment = commit(&rows);
    objects::table
        .filter(objects::report.eq(report))
        .delete(conn)?;
    // Files beside the database will go here, before the row that names them does.
    reports::table.find(report).delete(conn)?;
    let was = Shredded {
        objects: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        commitment,
    };
    let proof = conn.prover()?.prove_emptied(report, &was);
    diesel::update(shreds::table.find(report))
        .set((
            shreds::objects.eq(was.objects),
            shreds::commitment.eq(was.commitment.as_slice()),
            shreds::proof.eq(proof),
        ))
        .done(conn)
}

/// Done: the row goes, and says what the report was. `None` if somebody else was faster, or the report is not emptied yet.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn shred_done(conn: &mut WriteTxn<'_>, report: ReportId) -> StoreResult<Option<Shredded>> {
    let row = shreds::table.find(report);
    let columns = (
        shreds::objects.assume_not_null(),
        shreds::commitment.assume_not_null(),
    );
    let emptied = row.filter(shreds::objects.is_not_null()).select(columns);
    let shredded = emptied.maybe(conn)?;
    if shredded.is_some() {
        row.delete(conn)?;
    }
    Ok(shredded)
}
