//! Alarms: one open one for each kind and subject.

use super::prelude::*;
use super::schema::alarms;
use crate::domain::alarm::AlarmKind;
use crate::domain::clock::Day;
use crate::domain::ids::AlarmId;

const OPEN: &str = "open";
const SEEN: &str = "seen";

/// Something that somebody must look into.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Alarm {
    /// Its id.
    pub id: AlarmId,
    /// What has happened.
    pub kind: AlarmKind,
    /// The channel, or the id of the team, key or account that it concerns.
    pub subject: String,
    /// The UTC day it was first seen.
    pub day: Day,
}

/// Raises an alarm. `false` if the same one is open already. `ids` are those that the service gives it on a day, the newest first: a row
/// with another id was laid there to keep it silent.
///
/// # Errors
/// From the database.
pub fn alarm_raise(
    conn: &mut WriteTxn<'_>,
    kind: AlarmKind,
    subject: &str,
    day: Day,
    ids: impl Fn(Day) -> Vec<AlarmId>,
) -> StoreResult<bool> {
    let open = alarms::table
        .filter(alarms::kind.eq(kind))
        .filter(alarms::subject.eq(subject))
        .filter(alarms::state.eq(OPEN));
    let rows: Vec<(AlarmId, Day)> = open
        .select((alarms::id, alarms::day))
        .readable(conn, "alarms")?;
    if rows.iter().any(|(id, day)| ids(*day).contains(id)) {
        return Ok(false);
    }
    open.delete(conn)?;
    if let Some(id) = ids(day).into_iter().next() {
        // Somebody has looked into it earlier today.
        alarms::table.find(id).delete(conn)?;
        let row = (
            alarms::id.eq(id),
            alarms::kind.eq(kind),
            alarms::subject.eq(subject),
            alarms::day.eq(day),
            alarms::state.eq(OPEN),
        );
        alarms::table.insert(conn, row)?;
    }
    Ok(true)
}

/// Whether an alarm was told of: it is open, or it was first seen on this day and somebody has looked into it.
///
/// # Errors
/// From the database.
pub fn alarm_is_told(
    conn: &mut DbConnection,
    kind: AlarmKind,
    subject: &str,
    day: Day,
) -> StoreResult<bool> {
    alarms::table
        .filter(alarms::kind.eq(kind))
        .filter(alarms::subject.eq(subject))
        .filter(alarms::state.eq(OPEN).or(alarms::day.eq(day)))
        .exists(conn)
}

/// The alarms that nobody has looked into, the oldest first.
///
/// # Errors
/// From the database.
pub fn alarms_open(conn: &mut DbConnection) -> StoreResult<Vec<Alarm>> {
    alarms::table
        .filter(alarms::state.eq(OPEN))
        .order((alarms::day, alarms::id))
        .select((alarms::id, alarms::kind, alarms::subject, alarms::day))
        .listed(conn, "alarms")
}

/// Says that somebody has looked into it.
///
/// # Errors
/// [`StoreError::Stale`] if it is not open.
pub fn alarm_see(conn: &mut WriteTxn<'_>, id: AlarmId) -> StoreResult<()> {
    let open = alarms::table.find(id).filter(alarms::state.eq(OPEN));
    diesel::update(open)
        .set(alarms::state.eq(SEEN))
        .or_stale(conn)
}
