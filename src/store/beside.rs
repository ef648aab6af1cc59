//! What stands beside a report's row and is proven with it: its objects, and whom it is granted to.

use std::collections::BTreeSet;

use super::prelude::*;
use super::prover::{Prover, proven, report_prove};
use super::report_row::{Report, report_by_id};
use super::schema::{grants, keys, objects, quarantine, reports};
use crate::domain::ids::{ObjectId, ReportId};
use crate::domain::sealed::{Object, Sealed};

/// One sealed object of a report.
#[derive(Debug, Clone, Queryable)]
pub struct ObjectRow {
    /// Its id.
    pub id: ObjectId,
    /// The object.
    pub sealed: Sealed<Object>,
}

/// What a row says of what stands beside it.
#[derive(Debug, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = reports)]
struct Beside {
    objects: i64,
    contents: Vec<u8>,
    holders: Vec<u8>,
}

impl Beside {
    /// As it stands there.
    fn find(conn: &mut DbConnection, prover: &dyn Prover, report: ReportId) -> StoreResult<Self> {
        let objects = objects_of_report(conn, report)?;
        Ok(Self {
            objects: i64::try_from(objects.len()).unwrap_or(i64::MAX),
            contents: contents_of(prover, &objects).to_vec(),
            holders: holders(conn, report)?,
        })
    }

    fn of(row: &Report) -> Self {
        Self {
            objects: row.objects,
            contents: row.contents.to_vec(),
            holders: row.holders.clone(),
        }
    }
}

/// Whether all that stands beside a report's row is what the row says. Where it is not, the row is an older one that was put back, or
/// somebody has put something in, exchanged it, or taken it away.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn beside_fits(
    conn: &mut DbConnection,
    prover: &dyn Prover,
    row: &Report,
) -> StoreResult<bool> {
    Ok(Beside::find(conn, prover, row.id)? == Beside::of(row))
}

/// The digest over objects in the order in which they came.
pub fn contents_of(prover: &dyn Prover, objects: &[ObjectRow]) -> [u8; 32] {
    objects.iter().fold([0; 32], |before, object| {
        prover.contents_after(&before, object.id, object.sealed.as_bytes())
    })
}

/// The objects of a report in the order in which they came. Ask `report_find` first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn objects_of_report(conn: &mut DbConnection, report: ReportId) -> StoreResult<Vec<ObjectRow>> {
    Ok(objects::table
        .filter(objects::report.eq(report))
        .order(objects::number)
        .select((objects::id, objects::sealed))
        .load(conn)?)
}

/// The one way to change whom a report is granted to: it stood as it was written before, and its row says so afterwards.
///
/// # Errors
/// [`StoreError::Stale`] if it did not; those of `change`.
pub(super) fn granting<T>(
    conn: &mut WriteTxn<'_>,
    id: ReportId,
    change: impl FnOnce(&mut WriteTxn<'_>) -> StoreResult<T>,
) -> StoreResult<T> {
    let (prover, row) = (conn.prover()?, report_by_id(conn, id)?);
    if !beside_fits(conn, &*prover, &row)? {
        return Err(StoreError::Stale);
    }
    proven(conn, id, |conn| {
        let changed = change(conn)?;
        follow(conn, id)?;
        Ok(changed)
    })
}

/// What stands beside a row is what the row says from here on, and is proven.
pub(super) fn report_stands(conn: &mut WriteTxn<'_>, id: ReportId) -> StoreResult<()> {
    follow(conn, id)?;
    report_prove(conn, id)
}

fn follow(conn: &mut WriteTxn<'_>, id: ReportId) -> StoreResult<()> {
    let prover = conn.prover()?;
    let beside = Beside::find(conn, &*prover, id)?;
    diesel::update(reports::table.find(id))
        .set(beside)
        .done(conn)
}

/// The owners of the keys it is granted to, those set aside too.
fn holders(conn: &mut DbConnection, report: ReportId) -> StoreResult<Vec<u8>> {
    let granted: Vec<Vec<u8>> = grants::table
        .inner_join(keys::table.on(keys::id.eq(grants::key)))
        .filter(grants::report.eq(report))
        .select(keys::owner)
        .load(conn)?;
    let aside: Vec<Vec<u8>> = quarantine::table
        .inner_join(keys::table.on(keys::id.eq(quarantine::key)))
        .filter(quarantine::report.eq(report))
        .select(keys::owner)
        .load(conn)?;
    let owners: BTreeSet<Vec<u8>> = granted.into_iter().chain(aside).collect();
    Ok(owners.into_iter().collect::<Vec<_>>().concat())
}
