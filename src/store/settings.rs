//! Names and values of the installation, and the write that tells whether writing works.

use super::prelude::*;
use super::schema::settings;
use super::write_transaction;
use crate::domain::clock::Day;
use crate::domain::ids::{InstallationId, StaffId};
use crate::domain::notice::is_new_day;

const HEARTBEAT_DAY: &str = "heartbeat_day";
const ANCHOR_DAY: &str = "anchor_day";
const ARRIVAL: &str = "mail_arrived";
const PROBE: &str = "probe";
const INSTALLATION: &str = "installation";

/// The value of a setting.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn setting_find(conn: &mut DbConnection, key: &str) -> StoreResult<Option<String>> {
    settings::table
        .find(key)
        .select(settings::value)
        .maybe(conn)
}

/// Sets a setting, whether it was there or not.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn setting_put(conn: &mut WriteTxn<'_>, key: &str, value: &str) -> StoreResult<()> {
    let changed = diesel::update(settings::table.find(key)).set(settings::value.eq(value));
    if !changed.one(conn)? {
        settings::table.insert(conn, (settings::key.eq(key), settings::value.eq(value)))?;
    }
    Ok(())
}

/// Which installation this is; `None` if nobody has said, or what stands there is no id.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn installation_find(conn: &mut DbConnection) -> StoreResult<Option<InstallationId>> {
    Ok(setting_find(conn, INSTALLATION)?.and_then(|id| id.parse().ok()))
}

/// Says which installation this is.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn installation_put(conn: &mut WriteTxn<'_>, id: InstallationId) -> StoreResult<()> {
    setting_put(conn, INSTALLATION, &id.to_string())
}

/// Takes the heartbeat of `today`: `true` for the first caller of a day, `false` for every later one.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn heartbeat_take(conn: &mut WriteTxn<'_>, today: Day) -> StoreResult<bool> {
    day_take(conn, HEARTBEAT_DAY, today)
}

/// Takes the anchor of `today`: `true` for the first caller of a day, `false` for every later one.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn anchor_take(conn: &mut WriteTxn<'_>, today: Day) -> StoreResult<bool> {
    day_take(conn, ANCHOR_DAY, today)
}

/// The UTC day of the last anchor.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn anchor_last(conn: &mut DbConnection) -> StoreResult<Option<Day>> {
    day_find(conn, ANCHOR_DAY)
}

fn day_find(conn: &mut DbConnection, key: &str) -> StoreResult<Option<Day>> {
    let day = setting_find(conn, key)?.and_then(|day| day.parse().ok());
    Ok(day.map(Day::from_number))
}

fn day_take(conn: &mut WriteTxn<'_>, key: &str, today: Day) -> StoreResult<bool> {
    let is_new = is_new_day(day_find(conn, key)?, today);
    if is_new {
        setting_put(conn, key, &today.number().to_string())?;
    }
    Ok(is_new)
}

/// Somebody says on that day that a notice has reached them.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn arrival_put(conn: &mut WriteTxn<'_>, day: Day, by: StaffId) -> StoreResult<()> {
    setting_put(conn, ARRIVAL, &format!("{} {by}", day.number()))
}

/// When somebody said so last, and who.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn arrival_find(conn: &mut DbConnection) -> StoreResult<Option<(Day, StaffId)>> {
    let said = setting_find(conn, ARRIVAL)?;
    let parts = said.as_deref().and_then(|said| said.split_once(' '));
    Ok(parts.and_then(|(day, by)| Some((Day::from_number(day.parse().ok()?), by.parse().ok()?))))
}

/// As much as a long report takes in all the pages that it touches: a disk with room for a few bytes more is full.
const PROBE_BYTES: usize = 256 * 1024;

/// Writes something and commits it, to learn whether the database can be written now.
///
/// # Errors
/// [`StoreError::Busy`] or [`StoreError::Full`] if it cannot.
pub fn write_probe(conn: &mut DbConnection) -> StoreResult<()> {
    write_transaction(conn, |conn| {
        let next = match setting_find(conn, PROBE)?.as_deref() {
            Some(last) if last.starts_with('0') => "1",
            _ => "0",
        };
        setting_put(conn, PROBE, &next.repeat(PROBE_BYTES))?;
        Ok::<(), StoreError>(())
    })
}
