//! A round through all reports, and what is done with one whose row is not as it was proven.

use diesel::dsl::sql;
use diesel::sql_types::Bool;

use super::outbox::{WAITING, urgent_delete_of_report};
use super::prelude::*;
use super::prover::report_prove;
use super::report::objects_count;
use super::schema::{claims, grants, keys, objects, outbox, reports};
use crate::domain::clock::{Day, Timestamp};
use crate::domain::ids::{ObjectId, ReportId};
use crate::domain::keys::KeyKind;
use crate::domain::retention::RetentionClass;
use crate::domain::state::State;
use crate::domain::submission::SUITE_X25519;
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
    // What can be known of the rest: the card came first, and people are named where it is restricted.
    let card: Option<ObjectId> = objects::table
        .filter(objects::report.eq(id))
        .filter(objects::number.eq(0))
        .select(objects::id)
        .maybe(conn)?;
    let named = grants::table
        .inner_join(keys::table.on(keys::id.eq(grants::key)))
        .filter(grants::report.eq(id))
        .filter(keys::kind.eq(KeyKind::Staff));
    let is_restricted = named.exists(conn)?;
    if let Some(key) = state_key {
        diesel::update(reports::table.find(id))
            .set(reports::state_key.eq(key.as_slice()))
            .done(conn)?;
    }
    // A key of another length is none, and no row is read with it.
    diesel::update(reports::table.find(id))
        .filter(sql::<Bool>("length(state_key) <> 32"))
        .set(reports::state_key.eq([0; 32].as_slice()))
        .done(conn)?;
    diesel::update(reports::table.find(id))
        .set((
            reports::objects.eq(objects),
            reports::state.eq(State::Received),
            reports::urgency.eq(Urgency::U0),
            reports::retention.eq(RetentionClass::Undecided),
            reports::retain_until.eq(None::<Day>),
            reports::review_day.eq(None::<Day>),
            reports::hold.eq(true),
            reports::suite.eq(i64::from(SUITE_X25519)),
            card.map(|card| reports::card.eq(card)),
            is_restricted.then(|| reports::restricted.eq(true)),
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

/// Whether a report has a notice that is told until then, perhaps again and again.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_is_told(
    conn: &mut DbConnection,
    id: ReportId,
    until: Timestamp,
) -> StoreResult<bool> {
    let waiting = outbox::table
        .filter(outbox::report.eq(id))
        .filter(outbox::state.eq(WAITING));
    waiting.filter(outbox::due.le(until)).exists(conn)
}

/// Takes the notices of a report back that nobody would hear of.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_untell(conn: &mut WriteTxn<'_>, id: ReportId) -> StoreResult<()> {
    urgent_delete_of_report(conn, id)
}
