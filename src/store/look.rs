//! Reports that rest until somebody looks again, and whose they are.

use diesel::sql_types::{BigInt, Text};

use super::outbox;
use super::prelude::*;
use super::prover::proven;
use super::rows;
use super::schema::{assignments, reports};
use crate::domain::clock::{Confirmed, Quarter, Timestamp};
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::look::{Rest, latest};
use crate::domain::state::State;
use crate::domain::urgency::Urgency;

/// Seconds by which a clock that was corrected may have been ahead.
const AHEAD: i64 = 3_600;
/// Later than any time that is kept, in seconds since 1970.
const END: i64 = 1 << 48;

/// Has a report rest, if it is still as it was seen. Nobody on call is told of it from here on.
///
/// # Errors
/// [`StoreError::Stale`] if it is not as it was seen.
pub fn report_rest_set(
    conn: &mut WriteTxn<'_>,
    id: ReportId,
    (from, seen): (State, Version),
    to: State,
    rest: &Rest,
) -> StoreResult<Version> {
    let assignees: Vec<&[u8]> = rest
        .assignees
        .iter()
        .map(|id| id.as_bytes().as_slice())
        .collect();
    let row = reports::table
        .find(id)
        .filter(reports::version.eq(seen))
        .filter(reports::state.eq(from));
    let change = (
        reports::state.eq(to),
        reports::look_again.eq(rest.look_again),
        reports::due.eq(rest.look_again),
        reports::assignees.eq(assignees.concat()),
        reports::version.eq(reports::version + 1),
    );
    proven(conn, id, |conn| {
        diesel::update(row).set(change).or_stale(conn)
    })?;
    outbox::urgent_delete_of_report(conn, id)?;
    Ok(seen.next())
}

/// By when somebody should look at a report.
///
/// # Errors
/// [`StoreError::Stale`] if its row is not as it was proven.
pub fn report_due_set(conn: &mut WriteTxn<'_>, id: ReportId, due: Quarter) -> StoreResult<()> {
    proven(conn, id, |conn| {
        diesel::update(reports::table.find(id))
            .set(reports::due.eq(due))
            .done(conn)
    })
}

/// The reports at which somebody should have looked again by now.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn looks_missed(conn: &mut DbConnection, now: Timestamp) -> StoreResult<Vec<ReportId>> {
    let until = now.quarter();
    resting(conn, |_| (Quarter::from_seconds(0), until))
}

/// The reports that rest for longer than anybody could have said: their time was set by a clock that was ahead.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn looks_too_far(conn: &mut DbConnection, now: Confirmed) -> StoreResult<Vec<ReportId>> {
    let now = now.now().plus(AHEAD);
    let last = Quarter::from_seconds(END);
    resting(conn, |urgency| (latest(urgency, now).next(), last))
}

/// The reports that rest until a quarter hour from the first of these to the last.
fn resting(
    conn: &mut DbConnection,
    until: impl Fn(Urgency) -> (Quarter, Quarter),
) -> StoreResult<Vec<ReportId>> {
    let mut found = Vec::new();
    for state in State::ALL.into_iter().filter(|state| state.rests()) {
        for urgency in Urgency::ALL {
            let (first, last) = until(urgency);
            let over = reports::table
                .filter(reports::look_again.is_not_null())
                .filter(reports::state.eq(state))
                .filter(reports::urgency.eq(urgency))
                .filter(reports::due.between(first, last))
                .select(reports::id);
            let over = rows::read(over, conn, "reports", usize::MAX)?;
            found.extend(over.or_of(|| by_table(conn, (state, urgency), (first, last)))?);
        }
    }
    Ok(found)
}

/// The same where a page of their index cannot be read: whoever has to hear of them hears.
fn by_table(
    conn: &mut DbConnection,
    (state, urgency): (State, Urgency),
    (first, last): (Quarter, Quarter),
) -> StoreResult<Vec<ReportId>> {
    let all = "SELECT id FROM reports INDEXED BY sqlite_autoindex_reports_1
        WHERE look_again IS NOT NULL AND state = ? AND urgency = ? AND due BETWEEN ? AND ?";
    let all = diesel::sql_query(all)
        .bind::<Text, _>(state)
        .bind::<Text, _>(urgency)
        .bind::<BigInt, _>(first)
        .bind::<BigInt, _>(last);
    rows::ids(all, conn, "reports")
}

/// The reports that are somebody's. Not by the reports' own rows where that is damaged: whoever asks is about to change it.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn reports_of_assignee(conn: &mut DbConnection, staff: StaffId) -> StoreResult<Vec<ReportId>> {
    assignments::table
        .filter(assignments::staff.eq(staff))
        .select(assignments::report)
        .readable(conn, "assignments")
}
