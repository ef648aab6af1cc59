//! How many reports wait, for whoever watches and for the desk.

use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_types::{BigInt, Text};

use super::super::prelude::*;
use super::super::schema::queue;
use super::filter::Awake;
use super::places::of_person;
use crate::domain::clock::Quarter;
use crate::domain::ids::{KeyId, ReportId, StaffId};
use crate::domain::state::State;
use crate::domain::urgency::Urgency;

/// How many reports that are much alike these keys open, and how many of them are urgent; more than `most` are not counted.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn queue_alike(
    conn: &mut DbConnection,
    holding: &[KeyId],
    most: usize,
) -> StoreResult<(usize, usize)> {
    let mut found = BTreeMap::new();
    for key in holding {
        let of_key = queue::table
            .filter(queue::key.eq(key))
            .filter(queue::state.eq(State::Alike))
            .select((queue::report, queue::urgency))
            .order((queue::urgency, queue::day, queue::due, queue::report));
        found.extend(of_key.readable_first::<(ReportId, Urgency)>(conn, "queue", most)?);
    }
    let urgent = found.values().filter(|urgency| urgency.pages_on_call());
    Ok((found.len().min(most), urgent.count().min(most)))
}

#[derive(QueryableByName)]
struct Unclaimed {
    #[diesel(sql_type = Text)]
    urgency: Urgency,
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = BigInt)]
    due: Quarter,
}

/// How many reports are in a state in which nobody has claimed them, and by when the oldest should have been, by urgency: those that came before this quarter hour, and of
/// those that are not urgent, those that came before its day. Within the day their number would tell when each of them came. Reads those
/// reports and no others.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn reports_unclaimed(
    conn: &mut DbConnection,
    state: State,
    now: Quarter,
) -> StoreResult<Vec<(Urgency, i64, Quarter)>> {
    // What is due then has come just now; a due day is of a report that was claimed before.
    let start = now.start();
    let [now, soon] = [Urgency::U0, Urgency::U1].map(|urgency| urgency.due(start));
    // Two keys may open the same report. `CROSS JOIN` has each key's own part of the index looked up.
    let found: Vec<Unclaimed> = diesel::sql_query(
        "SELECT urgency, count(*) AS count, min(due) AS due FROM (
            SELECT DISTINCT q.report, q.urgency, q.due FROM keys CROSS JOIN queue AS q ON q.key = keys.id
                WHERE q.state = ? AND (q.urgency = ? AND q.due <> ? OR q.urgency = ? AND q.due <> ?
                    OR q.urgency IN (?, ?) AND q.day < ?)) GROUP BY urgency",
    )
    .bind::<Text, _>(state)
    .bind::<Text, _>(Urgency::U0)
    .bind::<BigInt, _>(now)
    .bind::<Text, _>(Urgency::U1)
    .bind::<BigInt, _>(soon)
    .bind::<Text, _>(Urgency::U2)
    .bind::<Text, _>(Urgency::U3)
    .bind::<BigInt, _>(start.day())
    .load(conn)?;
    let found = found.into_iter();
    Ok(found.map(|row| (row.urgency, row.count, row.due)).collect())
}

/// How many reports stand on the desk of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeskCounts {
    /// Those that nobody has taken.
    pub waiting: usize,
    /// Theirs that need them now.
    pub for_me: usize,
}

/// What stands on the desk of `me`, whose keys those are: of what is theirs, in those states; more than `most` are not counted.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn desk_counts(
    conn: &mut DbConnection,
    holding: &[KeyId],
    (me, now): (StaffId, Quarter),
    states: &[State],
    most: usize,
) -> StoreResult<DeskCounts> {
    let mut waiting = BTreeSet::new();
    for key in holding {
        let of_key = queue::table
            .filter(queue::key.eq(key))
            .filter(queue::state.eq(State::Received))
            .select(queue::report)
            .order((queue::urgency, queue::day, queue::due, queue::report));
        waiting.extend(of_key.readable_first::<ReportId>(conn, "queue", most)?);
    }
    let awake = Awake::At(now);
    let mine = of_person(conn, holding, (me, states), &mut Vec::new())?;
    let for_me = mine.iter().filter(|(report, _)| awake.shows(report));
    Ok(DeskCounts {
        waiting: waiting.len().min(most),
        for_me: for_me.take(most).count(),
    })
}
