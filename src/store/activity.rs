//! What has happened to a report, as the queue says it, sealed.

use super::prelude::*;
use super::schema::{activities, objects};
use crate::domain::ids::{ObjectId, ReportId};
use crate::domain::sealed::{Object, Sealed};

/// What was sealed of a report.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn activity_find(conn: &mut DbConnection, report: ReportId) -> StoreResult<Option<Vec<u8>>> {
    let row = activities::table.find(report);
    row.select(activities::sealed).maybe(conn)
}

/// Puts that in its place.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such report.
pub fn activity_put(conn: &mut WriteTxn<'_>, report: ReportId, sealed: &[u8]) -> StoreResult<()> {
    let row = diesel::update(activities::table.find(report));
    if !row.set(activities::sealed.eq(sealed)).one(conn)? {
        let row = (activities::report.eq(report), activities::sealed.eq(sealed));
        activities::table.insert(conn, row)?;
    }
    Ok(())
}

/// The first objects of a report after this number.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn objects_after(
    conn: &mut DbConnection,
    report: ReportId,
    number: u32,
    most: usize,
) -> StoreResult<Vec<(ObjectId, Sealed<Object>)>> {
    let later = objects::table
        .filter(objects::report.eq(report))
        .filter(objects::number.gt(i64::from(number)))
        .order(objects::number)
        .select((objects::id, objects::sealed));
    later.readable_first(conn, "objects", most)
}
