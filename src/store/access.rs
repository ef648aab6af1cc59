//! Who may read a report: its readers, grants that go, and a report under a new key.

use diesel::prelude::*;

use super::report::{grant_insert_in_txn, grant_keys, key_bytes};
use super::schema::{grants, keys, mailboxes, objects, quarantine, reports};
use super::staff::one_or;
use super::{DbConnection, StoreError, StoreResult, Version, key_find, wrap_parents};
use crate::domain::ids::{KeyId, ReportId, StaffId, TeamId};
use crate::domain::keys::KeyKind;
use crate::domain::sealed::{Grant, MailboxCard, Sealed};
use crate::domain::submission::SealedObject;

/// Who can open a report, by the keys that have a grant of it and the wraps of those.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_readers(conn: &mut DbConnection, report: ReportId) -> StoreResult<Vec<StaffId>> {
    let mut readers = Vec::new();
    for key in grant_keys(conn, report)? {
        let row = key_find(conn, key)?;
        match row.kind {
            KeyKind::Staff => readers.push(StaffId::from_bytes(row.owner)),
            KeyKind::Team => {
                for parent in wrap_parents(conn, key)? {
                    let parent = key_find(conn, parent)?;
                    if parent.kind == KeyKind::Staff {
                        readers.push(StaffId::from_bytes(parent.owner));
                    }
                }
            }
            KeyKind::Recovery => {}
        }
    }
    readers.sort_unstable();
    readers.dedup();
    Ok(readers)
}

/// Takes a team's grants of a report, under whatever generation, those set aside too: mended later, they would bring it back.
/// Says how many there were.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn grants_delete_of_team(
    conn: &mut DbConnection,
    report: ReportId,
    team: TeamId,
) -> StoreResult<usize> {
    let generations: Vec<KeyId> = keys::table
        .filter(keys::kind.eq(KeyKind::Team.as_str()))
        .filter(keys::owner.eq(team.as_bytes().as_slice()))
        .select(keys::id)
        .load(conn)?;
    let generations = key_bytes(&generations);
    let rows = grants::table
        .filter(grants::report.eq(report.as_bytes().as_slice()))
        .filter(grants::key.eq_any(&generations));
    let aside = quarantine::table
        .filter(quarantine::report.eq(report.as_bytes().as_slice()))
        .filter(quarantine::key.eq_any(&generations));
    Ok(diesel::delete(rows).execute(conn)? + diesel::delete(aside).execute(conn)?)
}

/// Takes one grant, also one that was set aside. `false` if there was none.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn grant_delete(conn: &mut DbConnection, report: ReportId, key: KeyId) -> StoreResult<bool> {
    let (report, key) = (report.as_bytes().as_slice(), key.as_bytes().as_slice());
    let taken = diesel::delete(grants::table.find((report, key))).execute(conn)?;
    let aside = diesel::delete(quarantine::table.find((report, key))).execute(conn)?;
    Ok(taken + aside > 0)
}

/// A report under a new key.
#[derive(Debug, Clone)]
pub struct Rekey {
    /// Which.
    pub report: ReportId,
    /// The version that was seen.
    pub seen: Version,
    /// The public key that it had.
    pub old: String,
    /// The new one.
    pub new: String,
    /// How many objects it had.
    pub known: usize,
    /// Those that are sealed again.
    pub objects: Vec<SealedObject>,
    /// By what its mailbox is found.
    pub lookup: [u8; 32],
    /// The mailbox's new card.
    pub mailbox: Sealed<MailboxCard>,
    /// Who may open it from now on, and nobody else.
    pub grants: Vec<(KeyId, Sealed<Grant>)>,
}

/// Puts a report under a new key and makes it a restricted one. The old grants go, those set aside too. So do acts that wait for a second
/// person: they are sealed to the old key, and perhaps by somebody who may not read it any more. Says how many those were.
///
/// # Errors
/// [`StoreError::Stale`] if the report is not as it was seen, or one of the holders' keys is not active any more.
pub fn report_rekey_in_txn(conn: &mut DbConnection, rekey: &Rekey) -> StoreResult<usize> {
    let id = rekey.report.as_bytes().as_slice();
    let row = reports::table
        .find(id)
        .filter(reports::version.eq(rekey.seen.number()))
        .filter(reports::recipient.eq(&rekey.old));
    let changed = diesel::update(row)
        .set((
            reports::recipient.eq(&rekey.new),
            reports::restricted.eq(true),
            reports::version.eq(reports::version + 1),
        ))
        .execute(conn)?;
    one_or(changed, StoreError::Stale)?;
    let objects_now: i64 = objects::table
        .filter(objects::report.eq(id))
        .count()
        .get_result(conn)?;
    if usize::try_from(objects_now).ok() != Some(rekey.known) {
        return Err(StoreError::Stale);
    }
    for object in &rekey.objects {
        let sealed = object.sealed.as_bytes();
        let changed = diesel::update(objects::table.find((id, object.id.as_bytes().as_slice())))
            .set((
                objects::sealed.eq(sealed),
                objects::size.eq(i64::try_from(sealed.len()).unwrap_or(i64::MAX)),
            ))
            .execute(conn)?;
        one_or(changed, StoreError::Stale)?;
    }
    diesel::delete(grants::table.filter(grants::report.eq(id))).execute(conn)?;
    diesel::delete(quarantine::table.filter(quarantine::report.eq(id))).execute(conn)?;
    for (key, sealed) in &rekey.grants {
        grant_insert_in_txn(conn, rekey.report, *key, sealed)?;
    }
    // A mailbox that its reporter has closed is gone.
    diesel::update(mailboxes::table.find(rekey.lookup.as_slice()))
        .set(mailboxes::card.eq(rekey.mailbox.as_bytes()))
        .execute(conn)?;
    super::proposals_drop_of_report(conn, rekey.report)
}
