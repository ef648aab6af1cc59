//! How long a report is kept: its class, its clocks, a legal hold over them.

use diesel::dsl::exists;
use diesel::sql_types::BigInt;

use super::prelude::*;
use super::report::report_change;
use super::report_row::Report;
use super::rows;
use super::schema::{claims, queue, reports};
use crate::domain::clock::{Confirmed, Day};
use crate::domain::ids::{KeyId, ReportId};
use crate::domain::retention::{Clocks, RetentionClass};
use crate::domain::state::State;

/// Gives a report its class and its clocks, if it is still as it was seen.
///
/// # Errors
/// [`StoreError::Stale`] if it is not as it was seen.
pub fn report_retention_set(
    conn: &mut WriteTxn<'_>,
    id: ReportId,
    seen: Version,
    class: RetentionClass,
    clocks: Clocks,
) -> StoreResult<Version> {
    let kept = (
        reports::retention.eq(class),
        reports::retain_until.eq(clocks.until),
        reports::review_day.eq(clocks.review),
    );
    report_change!(conn, id, seen, [], kept)
}

/// Sets or ends a legal hold, if the report is still as it was seen and the hold is not that already.
///
/// # Errors
/// [`StoreError::Stale`] if it is not as it was seen.
pub fn report_hold_set(
    conn: &mut WriteTxn<'_>,
    id: ReportId,
    seen: Version,
    hold: bool,
) -> StoreResult<Version> {
    let is_other = reports::hold.ne(hold);
    report_change!(conn, id, seen, [is_other], reports::hold.eq(hold))
}

/// Reports whose clock has run out and which it destroys by itself: closed ones of a class that ends unattended, under no hold. A macro,
/// because the type of the query depends on the connection.
macro_rules! run_out {
    ($now:expr) => {
        reports::table
            .filter(reports::retain_until.le($now.today()))
            .filter(reports::hold.eq(false))
            .filter(
                reports::retention.eq_any(
                    RetentionClass::ALL
                        .iter()
                        .filter(|class| class.ends_unattended()),
                ),
            )
            .filter(
                reports::state.eq_any(
                    State::ALL
                        .into_iter()
                        .filter(|state| state.may_end_unattended()),
                ),
            )
    };
}

/// Reports whose clock has run out, as [`report_run_out`] says, the longest overdue first. Those that cannot be read are left out, and hide
/// none behind them: the index alone finds them, and the table alone what a page of the index hides.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn reports_run_out(conn: &mut DbConnection, now: Confirmed) -> StoreResult<Vec<ReportId>> {
    let ids = run_out!(now)
        .order((reports::retain_until, reports::id))
        .select(reports::id);
    let ids: Vec<ReportId> = rows::read(ids, conn, "reports", usize::MAX)?.or_of(|| {
        let of_table =
            "SELECT id FROM reports INDEXED BY sqlite_autoindex_reports_1 WHERE retain_until <= ?";
        let of_table = diesel::sql_query(of_table).bind::<BigInt, _>(now.today());
        rows::ids(of_table, conn, "reports")
    })?;
    let mut due = Vec::with_capacity(ids.len());
    for id in ids {
        if unless_damaged(report_run_out(conn, id, now))?.is_some() {
            due.push(id);
        }
    }
    Ok(due)
}

/// A report, if its clock has run out, so that it is destroyed by itself: closed, of a class that ends unattended, under no hold and in
/// nobody's hands.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_run_out(
    conn: &mut DbConnection,
    id: ReportId,
    now: Confirmed,
) -> StoreResult<Option<Report>> {
    let claimed = claims::table.filter(claims::report.eq(reports::id));
    run_out!(now)
        .filter(reports::id.eq(id))
        .filter(diesel::dsl::not(exists(claimed)))
        .maybe(conn)
}

/// Reports that somebody should look at again, and since when, of those that `holding`, the caller's keys, open. At most `limit`, the longest overdue
/// first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn reports_to_review(
    conn: &mut DbConnection,
    holding: &[KeyId],
    today: Day,
    limit: usize,
) -> StoreResult<Vec<(Day, ReportId)>> {
    let mut due = Vec::new();
    for key in holding {
        let of_key: Vec<(Day, ReportId)> = queue::table
            .filter(queue::key.eq(key))
            .filter(queue::review_day.le(today))
            .order((queue::review_day, queue::report))
            .select((queue::review_day.assume_not_null(), queue::report))
            .readable_first(conn, "queue", limit)?;
        due.extend(of_key);
    }
    due.sort_unstable();
    // Two of the caller's keys may open the same report.
    due.dedup();
    due.truncate(limit);
    Ok(due)
}
