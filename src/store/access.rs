//! Who may read a report: its readers, and grants that go.

use super::beside::granting;
use super::key::key_is_active;
use super::prelude::*;
use super::report::{grant_keys, grant_row_insert};
use super::schema::{grants, keys, quarantine};
use super::{KeyRow, key_find, staff_is_active, wrap_parents};
use crate::domain::ids::{KeyId, ReportId, StaffId, TeamId};
use crate::domain::keys::KeyKind;
use crate::domain::sealed::{Grant, Sealed};

/// Who can open a report, by the keys that have a grant of it and the wraps of those.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_readers(conn: &mut DbConnection, report: ReportId) -> StoreResult<Vec<StaffId>> {
    let mut readers = Vec::new();
    for key in grant_keys(conn, report)? {
        let Some(row) = key_if_there(conn, key)? else {
            continue;
        };
        let holders = match row.kind {
            KeyKind::Team => wrap_parents(conn, key)?
                .into_iter()
                .filter_map(|parent| key_if_there(conn, parent).transpose())
                .collect::<StoreResult<_>>()?,
            KeyKind::Staff | KeyKind::Recovery => vec![row],
        };
        let people = holders.iter().filter(|key| key.kind == KeyKind::Staff);
        readers.extend(people.map(|key| StaffId::from_bytes(key.owner)));
    }
    readers.sort_unstable();
    readers.dedup();
    Ok(readers)
}

/// A row that names a key that is not there, or cannot be read, is nobody's: it stops no page of those who have one.
fn key_if_there(conn: &mut DbConnection, id: KeyId) -> StoreResult<Option<KeyRow>> {
    match key_find(conn, id) {
        Err(StoreError::NotFound) => Ok(None),
        other => unless_damaged(other.map(Some)),
    }
}

/// Whether somebody can read a report, by the rows: whoever has left cannot, nor whoever is not there.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn can_read(conn: &mut DbConnection, report: ReportId, staff: StaffId) -> StoreResult<bool> {
    Ok(staff_is_active(conn, staff)? && report_readers(conn, report)?.contains(&staff))
}

/// Takes a team's grants of a report, under whatever generation, those set aside too: mended later, they would bring it back.
/// Says how many there were.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn grants_delete_of_team(
    conn: &mut WriteTxn<'_>,
    report: ReportId,
    team: TeamId,
) -> StoreResult<usize> {
    let generations: Vec<KeyId> = keys::table
        .filter(keys::kind.eq(KeyKind::Team))
        .filter(keys::owner.eq(team))
        .select(keys::id)
        .readable(conn, "keys")?;
    let rows = grants::table
        .filter(grants::report.eq(report))
        .filter(grants::key.eq_any(&generations));
    let aside = quarantine::table
        .filter(quarantine::report.eq(report))
        .filter(quarantine::key.eq_any(&generations));
    granting(conn, report, |conn| {
        Ok(rows.delete(conn)? + aside.delete(conn)?)
    })
}

/// These grants of a report, and no others.
pub(super) fn grants_give(
    conn: &mut WriteTxn<'_>,
    report: ReportId,
    given: &[(KeyId, Sealed<Grant>)],
) -> StoreResult<()> {
    grants_delete_of_report(conn, report)?;
    for (key, sealed) in given {
        key_is_active(conn, *key)?;
        grant_row_insert(conn, report, *key, sealed)?;
    }
    Ok(())
}

/// Takes every grant of a report, those set aside too.
pub(super) fn grants_delete_of_report(
    conn: &mut WriteTxn<'_>,
    report: ReportId,
) -> StoreResult<()> {
    grants::table
        .filter(grants::report.eq(report))
        .delete(conn)?;
    let aside = quarantine::table.filter(quarantine::report.eq(report));
    diesel::delete(aside).done(conn)
}

/// Takes one grant, also one that was set aside. `false` if there was none.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn grant_delete(conn: &mut WriteTxn<'_>, report: ReportId, key: KeyId) -> StoreResult<bool> {
    granting(conn, report, |conn| {
        let taken = grants::table.find((report, key)).delete(conn)?;
        let aside = quarantine::table.find((report, key)).delete(conn)?;
        Ok(taken + aside > 0)
    })
}
