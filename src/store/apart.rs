//! Lines of the queue where the ordinary way to them is damaged: each table on its own, and whatever can be read.

use std::sync::LazyLock;

use diesel::sql_types::{BigInt, Binary};

use super::activity::activity_find;
use super::prelude::*;
use super::report_row::{Report, readable};
use super::schema::{claims, grants, objects, reports};
use crate::domain::ids::{KeyId, ReportId, StaffId};
use crate::domain::sealed::{Grant, Object, Sealed};
use crate::domain::state::State;

/// What a line of the queue is made of.
pub(super) type SealedRow = (
    Report,
    KeyId,
    Sealed<Grant>,
    Option<Sealed<Object>>,
    Option<StaffId>,
    Option<Vec<u8>>,
);

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Binary)]
    id: ReportId,
}

/// A statement for reports of a key's queue whose state is none. Between the names of two states next to each other there is nothing to be
/// found, so that it looks nowhere else.
static STRANGE: LazyLock<String> = LazyLock::new(|| {
    let mut states = State::ALL.map(State::as_str);
    states.sort_unstable();
    let above = std::iter::once(None).chain(states.iter().map(Some));
    let below = states.iter().map(Some).chain(std::iter::once(None));
    let gaps = above.zip(below).map(|(above, below)| {
        let bound = |sign, state: Option<&&str>| {
            state.map_or_else(String::new, |state| format!(" AND state {sign} '{state}'"))
        };
        format!("(key = ?1{}{})", bound(">", above), bound("<", below))
    });
    let gaps: Vec<String> = gaps.collect();
    format!(
        "SELECT report AS id FROM queue WHERE {} LIMIT ?2",
        gaps.join(" OR ")
    )
});

/// Reports that a key opens and whose state is none.
pub(super) fn reports_of_no_state(
    conn: &mut DbConnection,
    key: KeyId,
    most: usize,
) -> StoreResult<Vec<ReportId>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let found = diesel::sql_query(STRANGE.as_str())
        .bind::<Binary, _>(key)
        .bind::<BigInt, _>(most);
    let found: Vec<Id> = found.load(conn)?;
    Ok(found.into_iter().map(|row| row.id).collect())
}

/// Every report that a key opens, by the grants alone, which are looked through.
pub(super) fn reports_granted(conn: &mut DbConnection, key: KeyId) -> StoreResult<Vec<ReportId>> {
    let found =
        "SELECT report AS id FROM grants INDEXED BY sqlite_autoindex_grants_1 WHERE key = ?";
    let found = diesel::sql_query(found).bind::<Binary, _>(key);
    let found: Vec<Id> = found.load(conn)?;
    Ok(found.into_iter().map(|row| row.id).collect())
}

/// A report by its own table. Like [`readable`], a page that cannot be read is as good as a row that cannot.
pub(super) fn report_alone(conn: &mut DbConnection, id: ReportId) -> StoreResult<Option<Report>> {
    unless_damaged(readable(reports::table.find(id).first(conn)))
}

/// What a line is made of, each part from its own table; `None` without the report or its grant.
pub(super) fn line(
    conn: &mut DbConnection,
    id: ReportId,
    key: KeyId,
) -> StoreResult<Option<SealedRow>> {
    let grant = grants::table.find((id, key)).select(grants::sealed);
    let Some(grant) = unless_damaged(grant.maybe(conn))? else {
        return Ok(None);
    };
    let Some(report) = report_alone(conn, id)? else {
        return Ok(None);
    };
    let card = objects::table.find((id, report.card));
    let card = unless_damaged(card.select(objects::sealed).maybe(conn))?;
    let holder = claims::table.find(id).select(claims::staff);
    let holder = unless_damaged(holder.maybe(conn))?;
    let activity = unless_damaged(activity_find(conn, id))?;
    Ok(Some((report, key, grant, card, holder, activity)))
}
