//! A round through all reports, and what is done with one whose row is not as it was proven.

use super::prelude::*;
use super::prover::report_prove;
use super::report::objects_count;
use super::report_row::Report;
use super::schema::{claims, outbox, reports};
use crate::domain::clock::Day;
use crate::domain::ids::ReportId;
use crate::domain::retention::RetentionClass;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;

/// Puts a report whose row is not as it was proven back to where nothing is lost by it: received, of the highest urgency, with no clock
/// and under a legal hold, until people have looked. With the key that its state is signed with, if that is known.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_mend(
    conn: &mut WriteTxn<'_>,
    id: ReportId,
    state_key: Option<&[u8; 32]>,
) -> StoreResult<()> {
    let objects = i64::try_from(objects_count(conn, id)?).unwrap_or(i64::MAX);
    diesel::update(reports::table.find(id))
        .set((
            reports::objects.eq(objects),
            reports::state.eq(State::Received),
            reports::urgency.eq(Urgency::U0),
            reports::retention.eq(RetentionClass::Undecided),
            reports::retain_until.eq(None::<Day>),
            reports::review_day.eq(None::<Day>),
            reports::hold.eq(true),
            state_key.map(|key| reports::state_key.eq(key.as_slice())),
            reports::version.eq(reports::version + 1),
        ))
        .done(conn)?;
    claims::table.find(id).delete(conn)?;
    report_prove(conn, id)
}

/// The next reports by their ids, for a round through all of them.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn reports_from(
    conn: &mut DbConnection,
    after: ReportId,
    limit: i64,
) -> StoreResult<Vec<Report>> {
    Ok(reports::table
        .filter(reports::id.gt(after))
        .order(reports::id)
        .limit(limit)
        .load(conn)?)
}

/// The same, by their ids alone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_ids_from(
    conn: &mut DbConnection,
    after: ReportId,
    limit: i64,
) -> StoreResult<Vec<ReportId>> {
    Ok(reports::table
        .filter(reports::id.gt(after))
        .order(reports::id)
        .limit(limit)
        .select(reports::id)
        .load(conn)?)
}

/// Whether a report has a notice that waits to be told, or is told again and again.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_is_told(conn: &mut DbConnection, id: ReportId) -> StoreResult<bool> {
    outbox::table.filter(outbox::report.eq(id)).exists(conn)
}
