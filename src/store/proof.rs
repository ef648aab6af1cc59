//! What a report's row says in clear is proven, so that whoever only writes to the database changes none of it unnoticed.

use std::sync::Arc;

use super::prelude::*;
use super::report::{Report, objects_count, report_by_id};
use super::schema::{claims, outbox, reports};
use crate::domain::clock::Day;
use crate::domain::ids::ReportId;
use crate::domain::retention::RetentionClass;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;

/// Makes and checks proofs of reports' rows.
pub trait Prover: Send + Sync {
    /// Whether the row is as it was proven.
    fn is_proven(&self, row: &Report) -> bool;

    /// The proof of a row as it stands now; `None` if it may not stand so without a signature that is not there.
    fn prove(&self, row: &Report) -> Option<Vec<u8>>;
}

struct Given(Arc<dyn Prover>);

impl WriteTxn<'_> {
    /// Reports' rows that are changed from here on are proven by it.
    pub fn prove_with(&mut self, prover: Arc<dyn Prover>) {
        self.give(Given(prover));
    }

    /// What proves reports' rows. No row is changed without it.
    pub(super) fn prover(&self) -> StoreResult<Arc<dyn Prover>> {
        let given = self.given::<Given>().map(|given| Arc::clone(&given.0));
        given.ok_or_else(|| StoreError::other("a report would be changed outside of a use case"))
    }
}

/// The one way to change a report's row: it was proven before, and is proven afterwards.
///
/// # Errors
/// [`StoreError::Stale`] if it is not as it was proven; those of `change`.
pub(super) fn proven<T>(
    conn: &mut WriteTxn<'_>,
    id: ReportId,
    change: impl FnOnce(&mut WriteTxn<'_>) -> StoreResult<T>,
) -> StoreResult<T> {
    let before = report_by_id(conn, id)?;
    if !conn.prover()?.is_proven(&before) {
        return Err(StoreError::Stale);
    }
    let changed = change(conn)?;
    report_prove(conn, id)?;
    Ok(changed)
}

/// Writes the proof of a row as it stands.
pub(super) fn report_prove(conn: &mut WriteTxn<'_>, id: ReportId) -> StoreResult<()> {
    let row = report_by_id(conn, id)?;
    let proof = conn.prover()?.prove(&row);
    let proof = proof.ok_or_else(|| StoreError::other("a report's change is not signed"))?;
    diesel::update(reports::table.find(id))
        .set(reports::proof.eq(proof))
        .done(conn)
}

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
