//! The queue: a page of the reports that the caller's keys open, most urgent first, then oldest.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::report::{GrantRow, ObjectRow, Report, key_bytes};
use super::schema::{claims, grants, objects, reports};
use super::{DbConnection, StoreResult, read_transaction};
use crate::domain::ids::{KeyId, ReportId, StaffId};
use crate::domain::sealed::{Grant, Object, Sealed};
use crate::domain::state::State;
use crate::domain::urgency::Urgency;

/// How many reports a page shows.
pub const QUEUE_PAGE: usize = 50;

/// What to show of the queue.
#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    /// Only these states; every state if empty.
    pub states: Vec<State>,
    /// Only this urgency.
    pub urgency: Option<Urgency>,
    /// Which page, from 0.
    pub page: u32,
}

/// One line of the queue.
#[derive(Debug, Clone)]
pub struct QueueRow {
    /// What is known in clear.
    pub report: Report,
    /// The caller's key that opens it.
    pub key: KeyId,
    /// The grant under that key.
    pub grant: Sealed<Grant>,
    /// Its card. `None` only if the database is damaged.
    pub card: Option<Sealed<Object>>,
    /// Who has claimed it.
    pub claimed_by: Option<StaffId>,
}

/// A page of the queue.
#[derive(Debug, Clone)]
pub struct QueuePage {
    /// At most [`QUEUE_PAGE`] lines.
    pub rows: Vec<QueueRow>,
    /// Whether there is a page after it.
    pub has_next: bool,
}

/// The reports of one page and one more, which tells whether there is another page.
/// A macro, because the type of the query depends on the connection, and a test asks for its plan.
macro_rules! page_query {
    ($holding:expr, $filter:expr) => {{
        let granted = grants::table
            .filter(grants::report.eq(reports::id))
            .filter(grants::key.eq_any(key_bytes($holding)));
        let (limit, offset) = page_numbers($filter);
        let mut query = reports::table
            .filter(exists(granted))
            .order((reports::urgency, reports::day, reports::due, reports::id))
            .limit(limit)
            .offset(offset)
            .into_boxed();
        if let Some(urgency) = $filter.urgency {
            query = query.filter(reports::urgency.eq(urgency.as_str()));
        }
        if !$filter.states.is_empty() {
            query = query.filter(reports::state.eq_any($filter.states.iter().map(|s| s.as_str())));
        }
        query
    }};
}

/// A page of the reports that `holding`, the caller's keys, open.
///
/// # Errors
/// [`super::StoreError`] from the database.
pub fn queue_page(
    conn: &mut DbConnection,
    holding: &[KeyId],
    filter: &QueueFilter,
) -> StoreResult<QueuePage> {
    if holding.is_empty() {
        return Ok(QueuePage {
            rows: Vec::new(),
            has_next: false,
        });
    }
    read_transaction(conn, |conn| {
        let mut found: Vec<Report> = page_query!(holding, filter).load(conn)?;
        let has_next = found.len() > QUEUE_PAGE;
        found.truncate(QUEUE_PAGE);
        Ok(QueuePage {
            rows: complete(conn, holding, found)?,
            has_next,
        })
    })
}

fn page_numbers(filter: &QueueFilter) -> (i64, i64) {
    let page = i64::try_from(QUEUE_PAGE).unwrap_or(i64::MAX);
    (
        page.saturating_add(1),
        page.saturating_mul(i64::from(filter.page)),
    )
}

/// Adds to each report of a page what it takes to show it: one more query each for grants, cards and claims.
fn complete(
    conn: &mut DbConnection,
    holding: &[KeyId],
    page: Vec<Report>,
) -> StoreResult<Vec<QueueRow>> {
    let reports: Vec<&[u8]> = page.iter().map(|r| r.id.as_bytes().as_slice()).collect();
    let cards: Vec<&[u8]> = page.iter().map(|r| r.card.as_bytes().as_slice()).collect();
    let granted: Vec<GrantRow> = grants::table
        .filter(grants::report.eq_any(&reports))
        .filter(grants::key.eq_any(key_bytes(holding)))
        .load(conn)?;
    let carded: Vec<ObjectRow> = objects::table
        .filter(objects::report.eq_any(&reports))
        .filter(objects::id.eq_any(cards))
        .load(conn)?;
    let claimed: Vec<(ReportId, StaffId)> = claims::table
        .filter(claims::report.eq_any(&reports))
        .select((claims::report, claims::staff))
        .load(conn)?;

    let mut granted: HashMap<ReportId, GrantRow> =
        granted.into_iter().map(|row| (row.report, row)).collect();
    let mut carded: HashMap<ReportId, ObjectRow> =
        carded.into_iter().map(|row| (row.report, row)).collect();
    let claimed: HashMap<ReportId, StaffId> = claimed.into_iter().collect();
    let rows = page.into_iter().filter_map(|report| {
        let grant = granted.remove(&report.id)?;
        Some(QueueRow {
            key: grant.key,
            grant: grant.sealed,
            card: carded.remove(&report.id).map(|object| object.sealed),
            claimed_by: claimed.get(&report.id).copied(),
            report,
        })
    });
    Ok(rows.collect())
}

/// The statement of a page, for a test that asks the database for its plan.
#[cfg(test)]
pub(super) fn page_plan_query(holding: &[KeyId], filter: &QueueFilter) -> String {
    let query = page_query!(holding, filter);
    let sql = diesel::debug_query::<diesel::sqlite::Sqlite, _>(&query).to_string();
    sql.split(" -- binds").next().unwrap_or_default().to_owned()
}
