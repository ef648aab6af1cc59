//! The queue is a copy: where it strays from what reports and grants say, it is made so again.

use diesel::sql_types::{BigInt, Binary};

use super::super::prelude::*;
use crate::domain::ids::ReportId;

/// The lines of the queue's copy, of the reports after the first and up to the last, that are not what their rows say, as SQL.
macro_rules! strayed {
    () => {
        "FROM reports AS r JOIN grants AS g ON g.report = r.id
            WHERE r.id > ? AND r.id <= ? AND NOT EXISTS (
                SELECT 1 FROM queue AS q WHERE q.report = r.id AND q.key = g.key AND q.state = r.state AND q.urgency = r.urgency
                    AND q.day = r.day AND q.due = r.due AND q.review_day IS r.review_day)"
    };
}

/// Lines of the queue's copy, in the same range, of which there is no report or no grant, as SQL.
macro_rules! astray {
    () => {
        "FROM queue AS q WHERE q.report > ? AND q.report <= ? AND NOT EXISTS (
            SELECT 1 FROM grants AS g JOIN reports AS r ON r.id = g.report WHERE g.report = q.report AND g.key = q.key)"
    };
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many lines of the queue's copy, of the reports after the first and up to the last, are not what their rows say.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn queue_strayed(conn: &mut DbConnection, after: ReportId, last: ReportId) -> StoreResult<i64> {
    let mut all = 0_i64;
    for counted in [
        concat!("SELECT count(*) AS count ", strayed!()),
        concat!("SELECT count(*) AS count ", astray!()),
    ] {
        let found: Count = diesel::sql_query(counted)
            .bind::<Binary, _>(after)
            .bind::<Binary, _>(last)
            .get_result(conn)?;
        all = all.saturating_add(found.count);
    }
    Ok(all)
}

/// Makes them so. Says how many there were.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn queue_mend(conn: &mut WriteTxn<'_>, after: ReportId, last: ReportId) -> StoreResult<usize> {
    let gone = diesel::sql_query(concat!("DELETE ", astray!()))
        .bind::<Binary, _>(after)
        .bind::<Binary, _>(last)
        .execute(&mut **conn)?;
    let mended = diesel::sql_query(concat!(
        "INSERT INTO queue (report, key, state, urgency, day, due, review_day)
            SELECT r.id, g.key, r.state, r.urgency, r.day, r.due, r.review_day ",
        strayed!(),
        " ON CONFLICT (report, key) DO UPDATE SET state = excluded.state, urgency = excluded.urgency,
            day = excluded.day, due = excluded.due, review_day = excluded.review_day",
    ))
    .bind::<Binary, _>(after)
    .bind::<Binary, _>(last)
    .execute(&mut **conn)?;
    Ok(gone.saturating_add(mended))
}
