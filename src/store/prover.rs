//! What a report's row says in clear is proven, so that whoever only writes to the database changes none of it unnoticed.

use std::sync::Arc;

use super::columns::Bytes;
use super::prelude::*;
use super::report_row::{Report, report_by_id};
use super::schema::reports;
use crate::domain::ids::{ObjectId, ReportId};

/// Makes and checks proofs of reports' rows.
pub trait Prover: Send + Sync {
    /// Whether the row is as it was proven.
    fn is_proven(&self, row: &Report) -> bool;

    /// The proof of a row as it stands now; `None` if it may not stand so without a signature that is not there.
    fn prove(&self, row: &Report) -> Option<Vec<u8>>;

    /// The digest over a report's objects with one more, from the digest before it; before the first one it is zeros.
    fn contents_after(&self, before: &[u8; 32], object: ObjectId, sealed: &[u8]) -> [u8; 32];

    /// Whether the row says that its report is being destroyed, and was written so.
    fn is_ending(&self, row: &Report) -> bool;

    /// The proof of that.
    fn prove_ending(&self, row: &Report) -> Vec<u8>;

    /// Whether it was written that this report was that, and is gone.
    fn is_emptied(&self, report: ReportId, was: &Shredded, proof: &[u8]) -> bool;

    /// The proof of that.
    fn prove_emptied(&self, report: ReportId, was: &Shredded) -> Vec<u8>;
}

/// What a report was that is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Shredded {
    /// How many objects it had.
    pub objects: i64,
    /// The hash over them.
    #[diesel(deserialize_as = Bytes<32>)]
    pub commitment: [u8; 32],
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
