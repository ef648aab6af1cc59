//! Claims: one caseworker at a time works on a report.
//!
//! There is a claim only in states other than received and locked.

use diesel::sql_types::BigInt;

use super::look::report_due_set;
use super::outbox;
use super::prelude::*;
use super::report::report_state_set;
use super::report_row::{Report, report_by_id};
use super::rows;
use super::schema::{claims, staff};
use crate::domain::clock::{Quarter, Timestamp};
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::state::{State, Transition};

/// Seconds by which a claim may be ahead of the clock.
const AHEAD: i64 = 3_600;

/// How a claim went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// It is the caller's now, and this is the report's version.
    Claimed(Version),
    /// Somebody has it.
    HeldBy(StaffId),
    /// The report is not as it was seen, or cannot be claimed in its state.
    Changed,
}

/// Claims a report, if it is still as it was seen and nobody has it. Whoever has it already, keeps it.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such report.
pub fn claim(
    conn: &mut WriteTxn<'_>,
    id: ReportId,
    seen: (State, Version),
    by: StaffId,
    now: Timestamp,
) -> StoreResult<ClaimOutcome> {
    let report = report_by_id(conn, id)?;
    match claim_holder(conn, id)? {
        Some(holder) if holder == by => {
            claim_touch(conn, id, by, now)?;
            return Ok(ClaimOutcome::Claimed(report.version));
        }
        Some(holder) => return Ok(ClaimOutcome::HeldBy(holder)),
        None => {}
    }
    let Ok(to) = seen.0.after(Transition::Claim) else {
        return Ok(ClaimOutcome::Changed);
    };
    let version = match report_state_set(conn, id, seen, to) {
        Ok(version) => version,
        Err(StoreError::Stale) => return Ok(ClaimOutcome::Changed),
        Err(error) => return Err(error),
    };
    let row = (
        claims::report.eq(id),
        claims::staff.eq(by),
        claims::touched_minute.eq(minute(now)),
    );
    claims::table.insert(conn, row)?;
    claimed_due(conn, &report, to)?;
    outbox::urgent_delete_of_report(conn, id)?;
    Ok(ClaimOutcome::Claimed(version))
}

/// From now on the due bucket says the day alone. What goes on resting is due as it was: that somebody has it says nothing of an act.
fn claimed_due(conn: &mut WriteTxn<'_>, report: &Report, to: State) -> StoreResult<()> {
    if to.rests() {
        return Ok(());
    }
    let day = Quarter::from_seconds(report.due.start().day().start().seconds());
    report_due_set(conn, report.id, day)
}

/// Who has claimed a report.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn claim_holder(conn: &mut DbConnection, id: ReportId) -> StoreResult<Option<StaffId>> {
    claims::table.find(id).select(claims::staff).maybe(conn)
}

/// Whether a report is in somebody's hands if its state says so, and in nobody's where it cannot be.
///
/// # Errors
/// [`StoreError`] from the database; a page that cannot be read says nothing of the report.
pub fn claim_fits(conn: &mut DbConnection, report: &Report) -> StoreResult<bool> {
    let row = claims::table.find(report.id);
    let holder = rows::read(
        row.select((claims::report, claims::staff)),
        conn,
        "claims",
        1,
    )?;
    if holder.is_cut {
        return Err(StoreError::Damaged);
    }
    if !holder.unreadable.is_empty() {
        return Ok(false);
    }
    let holder = holder
        .rows
        .first()
        .map(|(_, staff): &(ReportId, StaffId)| *staff);
    Ok(match (report.state, holder) {
        (State::InTriage, None) | (State::Received | State::Alike | State::Locked, Some(_)) => {
            false
        }
        (_, None) => true,
        (_, Some(holder)) => staff::table.find(holder).exists(conn)?,
    })
}

/// The reports that somebody holds.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn claims_of_staff(conn: &mut DbConnection, staff: StaffId) -> StoreResult<Vec<ReportId>> {
    claims::table
        .filter(claims::staff.eq(staff))
        .select(claims::report)
        .readable(conn, "claims")
}

/// The holder did something: the claim starts to idle anew. `false` if the caller does not hold it.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn claim_touch(
    conn: &mut WriteTxn<'_>,
    id: ReportId,
    by: StaffId,
    now: Timestamp,
) -> StoreResult<bool> {
    let held = claims::table.find(id).filter(claims::staff.eq(by));
    diesel::update(held)
        .set(claims::touched_minute.eq(minute(now)))
        .one(conn)
}

/// Drops a claim on a report that is not there.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn claim_drop(conn: &mut WriteTxn<'_>, id: ReportId) -> StoreResult<()> {
    diesel::delete(claims::table.find(id)).done(conn)
}

/// Gives a report back.
///
/// # Errors
/// [`StoreError::Stale`] if the caller does not hold it.
pub fn claim_release(conn: &mut WriteTxn<'_>, id: ReportId, by: StaffId) -> StoreResult<()> {
    let held = claims::table.find(id).filter(claims::staff.eq(by));
    diesel::delete(held).or_stale(conn)?;
    let report = report_by_id(conn, id)?;
    // A state that knows no release keeps its name; the claim is gone all the same.
    let to = report
        .state
        .after(Transition::Release)
        .unwrap_or(report.state);
    report_state_set(conn, id, (report.state, report.version), to)?;
    Ok(())
}

/// The reports whose holder has done nothing for `seconds` or more, or last did something in the future: by the index, and by the table what a
/// page of the index hides.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn claims_idle(
    conn: &mut DbConnection,
    now: Timestamp,
    seconds: i64,
) -> StoreResult<Vec<ReportId>> {
    let (since, ahead) = idle(now, seconds);
    let past = claims::table
        .filter(claims::touched_minute.le(since))
        .select(claims::report);
    let mut found: rows::Rows<ReportId> = rows::read(past, conn, "claims", usize::MAX)?;
    let future = claims::table
        .filter(claims::touched_minute.gt(ahead))
        .select(claims::report);
    let future: rows::Rows<ReportId> = rows::read(future, conn, "claims", usize::MAX)?;
    found.rows.extend(future.rows);
    found.is_cut |= future.is_cut;
    found.or_of(|| {
        let of_table = "SELECT report AS id FROM claims INDEXED BY sqlite_autoindex_claims_1
            WHERE touched_minute <= ? OR touched_minute > ?";
        let of_table = diesel::sql_query(of_table)
            .bind::<BigInt, _>(since)
            .bind::<BigInt, _>(ahead);
        rows::ids(of_table, conn, "claims")
    })
}

/// Who holds a report, if they have been idle for so long.
///
/// # Errors
/// As [`claims_idle`].
pub fn claim_idle_holder(
    conn: &mut DbConnection,
    id: ReportId,
    now: Timestamp,
    seconds: i64,
) -> StoreResult<Option<StaffId>> {
    let (since, ahead) = idle(now, seconds);
    let touched = claims::touched_minute;
    claims::table
        .find(id)
        .filter(touched.le(since).or(touched.gt(ahead)))
        .select(claims::staff)
        .maybe(conn)
}

/// Who was last heard in this minute or before, or after that one, is idle.
fn idle(now: Timestamp, seconds: i64) -> (i64, i64) {
    let since = now.plus(seconds.saturating_neg());
    (minute(since), minute(now.plus(AHEAD)))
}

/// The minute an instant lies in. A claim may so be up to a minute shorter than the configuration says.
fn minute(at: Timestamp) -> i64 {
    at.seconds().div_euclid(60)
}
