//! A round through all reports, and what is done with one whose row is not as it was proven.

use super::beside::report_stands;
use super::outbox::{URGENT, WAITING, urgent_delete_of_report};
use super::prelude::*;
use super::prover::proven;
use super::report_row::NOT_KNOWN;
use super::rows;
use super::schema::{claims, grants, keys, objects, outbox, reports};
use crate::domain::clock::{Day, Quarter, Timestamp};
use crate::domain::ids::{ObjectId, ReportId};
use crate::domain::keys::KeyKind;
use crate::domain::notice::NoticeList;
use crate::domain::retention::RetentionClass;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;

/// What stands in a report's row and only whoever has opened it knows.
#[derive(Debug, Clone)]
pub struct Known {
    /// Its public key.
    pub recipient: String,
    /// What verifies the signatures under its state.
    pub state_key: [u8; 32],
    /// The day it came.
    pub day: Day,
}

/// Puts a report whose row is not as it was proven back to where nothing is lost by it: received, of the highest urgency, late, with no
/// clock and under a legal hold, until people have looked. What only its own key tells is not known until somebody opens it.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_mend(conn: &mut WriteTxn<'_>, id: ReportId, due: Quarter) -> StoreResult<()> {
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
    diesel::update(reports::table.find(id))
        .set((
            reports::recipient.eq(NOT_KNOWN),
            reports::state_key.eq([0; 32].as_slice()),
            reports::due.eq(due),
            reports::state.eq(State::Received),
            reports::urgency.eq(Urgency::U0),
            reports::retention.eq(RetentionClass::Undecided),
            reports::retain_until.eq(None::<Day>),
            reports::review_day.eq(None::<Day>),
            reports::look_again.eq(None::<Quarter>),
            reports::assignees.eq([].as_slice()),
            reports::hold.eq(true),
            card.map(|card| reports::card.eq(card)),
            is_restricted.then(|| reports::restricted.eq(true)),
            reports::version.eq(reports::version + 1),
        ))
        .done(conn)?;
    claims::table.find(id).delete(conn)?;
    report_stands(conn, id)
}

/// Puts what somebody who has opened a report knows of it into its row.
///
/// # Errors
/// [`StoreError::Stale`] if the row is not as it was proven.
pub fn report_learn(conn: &mut WriteTxn<'_>, id: ReportId, known: &Known) -> StoreResult<()> {
    let known = (
        reports::recipient.eq(&known.recipient),
        reports::state_key.eq(known.state_key.as_slice()),
        reports::day.eq(known.day),
    );
    proven(conn, id, |conn| {
        diesel::update(reports::table.find(id))
            .set(known)
            .done(conn)
    })
}

/// Proves a row anew as it stands.
///
/// # Errors
/// [`StoreError::Stale`] if it is not as it was proven.
pub fn report_prove_anew(conn: &mut WriteTxn<'_>, id: ReportId) -> StoreResult<()> {
    proven(conn, id, |_| Ok(()))
}

/// The next reports by their ids, for a round through all of them, and whether those are all that are next: a page may be damaged, or a row.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_ids_from(
    conn: &mut DbConnection,
    after: ReportId,
    limit: i64,
) -> StoreResult<(Vec<ReportId>, bool)> {
    let ids = reports::table
        .filter(reports::id.gt(after))
        .order(reports::id)
        .select(reports::id);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found = rows::read(ids, conn, "reports", limit)?;
    if found.is_cut {
        // Behind the page that cannot be read the grants go on.
        let granted = grants::table
            .filter(grants::report.gt(after))
            .order(grants::report)
            .select(grants::report)
            .distinct();
        let granted: Vec<ReportId> = rows::read(granted, conn, "grants", limit)?.rows;
        found.rows.extend(granted);
        found.rows.sort_unstable();
        found.rows.dedup();
        found.rows.truncate(limit);
    }
    Ok((found.rows, found.unreadable.is_empty()))
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
    // One that the worker cannot read tells nobody.
    let waiting = outbox::table
        .filter(outbox::report.eq(id))
        .filter(outbox::kind.eq(URGENT))
        .filter(outbox::list.eq_any(NoticeList::ALL))
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
