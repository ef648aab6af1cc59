//! The queue: a page of the reports that the caller's keys open, most urgent first, then oldest.
//!
//! Each key has a queue of its own for each state, in order. A page is what comes first in all of those that are asked for, found by
//! the place where the page before it ended: it costs the same however many reports lie before it, after it or beside it.

use std::collections::BTreeMap;

use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Binary, Bool, Text};

use super::apart::{self, SealedRow};
use super::epoch::{earlier_keys, had_other_keys};
use super::noted::{self, Unreadable};
use super::prelude::*;
use super::read_transaction;
use super::report_row::Report;
use super::rows;
use super::schema::{claims, grants, objects, queue, reports};
use crate::domain::clock::{Day, Quarter};
use crate::domain::ids::{KeyId, ReportId, StaffId};
use crate::domain::sealed::{Grant, Object, Sealed};
use crate::domain::state::State;
use crate::domain::submission::EarlierKey;
use crate::domain::urgency::Urgency;

/// How many reports a page shows.
pub const QUEUE_PAGE: usize = 50;

/// What to show of the queue.
#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    /// Only these states; every state if empty.
    pub states: Vec<State>,
    /// Only this urgency.
    pub urgency: Option<Urgency>,
    /// Where the page begins or ends.
    pub turn: QueueTurn,
}

/// How many pages have a number by which they are found without a place. Finding them reads what comes before.
const NUMBERED: u32 = 10;

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueTurn {
    /// The one of this number, from 0. Of the numbers from 10 on there is none.
    Number(u32),
    /// The one after this place.
    After(QueuePlace),
    /// The one before this place.
    Before(QueuePlace),
}

impl QueueTurn {
    /// The first page.
    pub const FIRST: Self = Self::Number(0);

    /// How many reports come before the page without being on it.
    fn skipped(self) -> usize {
        match self {
            Self::Number(number) => usize::try_from(number)
                .unwrap_or(usize::MAX)
                .saturating_mul(QUEUE_PAGE),
            Self::After(_) | Self::Before(_) => 0,
        }
    }
}

impl Default for QueueTurn {
    fn default() -> Self {
        Self::FIRST
    }
}

/// A report's place in the order of the queue. The fields are in that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueuePlace {
    /// Its urgency.
    pub urgency: Urgency,
    /// The UTC day it came.
    pub day: Day,
    /// By when it should be claimed.
    pub due: Quarter,
    /// The report.
    pub report: ReportId,
}

/// One line of the queue.
#[derive(Debug, Clone)]
pub struct QueueRow {
    /// What is known in clear.
    pub report: Report,
    /// The caller's key that opens it.
    pub key: KeyId,
    /// The grant under that key.
    pub grant: Sealed<Grant>,
    /// The keys that the report had before.
    pub earlier: Vec<EarlierKey>,
    /// Its card. `None` only if the database is damaged.
    pub card: Option<Sealed<Object>>,
    /// Who has claimed it.
    pub claimed_by: Option<StaffId>,
}

/// A page of the queue.
#[derive(Debug, Clone)]
pub struct QueuePage {
    /// At most [`QUEUE_PAGE`] lines.
    pub rows: Vec<QueueRow>,
    /// Reports of which nothing can be read, not even where they belong: of this page, and on the first one of no page.
    pub unreadable: Vec<ReportId>,
    /// Where the page before it ends; `None` if this is the first.
    pub before: Option<QueuePlace>,
    /// Where the page after it begins; `None` if this is the last.
    pub after: Option<QueuePlace>,
}

/// Beyond a place in the order. A comparison of rows, which the database finds in the index at one step.
macro_rules! beyond {
    ($sign:literal, $place:expr) => {
        sql::<Bool>(concat!("(urgency, day, due, report) ", $sign, " ("))
            .bind::<Text, _>($place.urgency)
            .sql(", ")
            .bind::<BigInt, _>($place.day)
            .sql(", ")
            .bind::<BigInt, _>($place.due)
            .sql(", ")
            .bind::<Binary, _>($place.report)
            .sql(")")
    };
}

/// A page and one more, which tells whether there is another; and what is skipped.
fn read_at_most(turn: QueueTurn) -> usize {
    turn.skipped().saturating_add(QUEUE_PAGE).saturating_add(1)
}

/// A page of the reports that `holding`, the caller's keys, open. Before the first page and after the last one comes the first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn queue_page(
    conn: &mut DbConnection,
    holding: &[KeyId],
    filter: &QueueFilter,
) -> StoreResult<QueuePage> {
    read_transaction(conn, |conn| {
        let mut lost = Vec::new();
        let (mut turn, mut found) = (filter.turn, places(conn, holding, filter, &mut lost)?);
        let is_over = match turn {
            QueueTurn::Number(_) => false,
            QueueTurn::After(_) => found.is_empty(),
            QueueTurn::Before(_) => found.len() <= QUEUE_PAGE,
        };
        if is_over {
            turn = QueueTurn::FIRST;
            let mut filter = filter.clone();
            filter.turn = turn;
            found = places(conn, holding, &filter, &mut lost)?;
        }
        if turn == QueueTurn::FIRST {
            for key in holding {
                let strange = unless_damaged(apart::reports_of_no_state(conn, *key, QUEUE_PAGE))?;
                strange.into_iter().for_each(|id| lose(&mut lost, id));
            }
        }
        let goes_on = found.len() > QUEUE_PAGE;
        found.truncate(QUEUE_PAGE);
        let (has_before, has_after) = match turn {
            QueueTurn::Number(number) => (number > 0, goes_on),
            QueueTurn::After(_) => (true, goes_on),
            QueueTurn::Before(_) => {
                found.reverse();
                (goes_on, true)
            }
        };
        let place = |of: Option<&(QueuePlace, KeyId)>, is_there| {
            of.filter(|_| is_there).map(|(place, _)| *place)
        };
        let rows = complete(conn, &found, &mut lost)?;
        lost.sort_unstable();
        lost.dedup();
        Ok(QueuePage {
            before: place(found.first(), has_before),
            after: place(found.last(), has_after),
            rows,
            unreadable: lost,
        })
    })
}

/// The places of a page and one more, in the direction of reading, each with the key that opens it; and reports that are there and have none.
fn places(
    conn: &mut DbConnection,
    holding: &[KeyId],
    filter: &QueueFilter,
    lost: &mut Vec<ReportId>,
) -> StoreResult<Vec<(QueuePlace, KeyId)>> {
    if matches!(filter.turn, QueueTurn::Number(NUMBERED..)) {
        return Ok(Vec::new());
    }
    let states = match filter.states.as_slice() {
        [] => State::ALL.as_slice(),
        asked => asked,
    };
    let mut found: Vec<(QueuePlace, KeyId)> = Vec::new();
    for key in holding {
        let places = match places_of_key(conn, *key, states, filter, lost) {
            Err(error) if error.is_damage() => places_of_rows(conn, *key, states, filter, lost)?,
            places => places?,
        };
        found.extend(places.into_iter().map(|place| (place, *key)));
    }
    found.sort_unstable();
    if matches!(filter.turn, QueueTurn::Before(_)) {
        found.reverse();
    }
    // Two of the caller's keys may open the same report.
    found.dedup_by_key(|(place, _)| place.report);
    let page = found.into_iter().skip(filter.turn.skipped());
    Ok(page.take(QUEUE_PAGE.saturating_add(1)).collect())
}

/// The same in one key's queue.
fn places_of_key(
    conn: &mut DbConnection,
    key: KeyId,
    states: &[State],
    filter: &QueueFilter,
    lost: &mut Vec<ReportId>,
) -> StoreResult<Vec<QueuePlace>> {
    let mut found = Vec::new();
    for state in states {
        found.extend(places_of(conn, key, *state, filter, lost)?);
    }
    Ok(found)
}

/// The same where the copy that is in order cannot be read: by the rows themselves, all of them.
fn places_of_rows(
    conn: &mut DbConnection,
    key: KeyId,
    states: &[State],
    filter: &QueueFilter,
    lost: &mut Vec<ReportId>,
) -> StoreResult<Vec<QueuePlace>> {
    let mut found = Vec::new();
    for id in apart::reports_granted(conn, key)? {
        let Some(report) = apart::report_alone(conn, id)? else {
            lose(lost, id);
            continue;
        };
        let place = QueuePlace {
            urgency: report.urgency,
            day: report.day,
            due: report.due,
            report: id,
        };
        let is_asked = states.contains(&report.state)
            && filter
                .urgency
                .is_none_or(|urgency| urgency == report.urgency)
            && match filter.turn {
                QueueTurn::Number(_) => true,
                QueueTurn::After(after) => place > after,
                QueueTurn::Before(before) => place < before,
            };
        found.extend(is_asked.then_some(place));
    }
    Ok(found)
}

/// The same in one key's queue for one state.
fn places_of(
    conn: &mut DbConnection,
    key: KeyId,
    state: State,
    filter: &QueueFilter,
    lost: &mut Vec<ReportId>,
) -> StoreResult<Vec<QueuePlace>> {
    let mut query = queue::table
        .filter(queue::key.eq(key))
        .filter(queue::state.eq(state))
        .select((queue::report, queue::urgency, queue::day, queue::due))
        .order((queue::urgency, queue::day, queue::due, queue::report))
        .into_boxed();
    if let Some(urgency) = filter.urgency {
        query = query.filter(queue::urgency.eq(urgency));
    }
    let asked = match filter.turn {
        QueueTurn::Number(_) => query,
        QueueTurn::After(place) => query.filter(beyond!(">", place)),
        QueueTurn::Before(place) => query.filter(beyond!("<", place)).order((
            queue::urgency.desc(),
            queue::day.desc(),
            queue::due.desc(),
            queue::report.desc(),
        )),
    };
    // Not a limit: a row that cannot be read would take another's place.
    let found = rows::read(asked, conn, "queue", read_at_most(filter.turn))?;
    // Where the list breaks off, the rows themselves go on.
    if found.is_cut {
        return Err(StoreError::Damaged);
    }
    let ids = found.unreadable.iter().filter_map(Unreadable::id);
    lost.extend(ids.map(ReportId::from_bytes));
    let found = found.rows.into_iter();
    let places = found.map(|(report, urgency, day, due)| QueuePlace {
        urgency,
        day,
        due,
        report,
    });
    Ok(places.collect())
}

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

/// What it takes to show each report of a page, each with its own grant, card and claim. One that is gone meanwhile is left out.
fn complete(
    conn: &mut DbConnection,
    page: &[(QueuePlace, KeyId)],
    lost: &mut Vec<ReportId>,
) -> StoreResult<Vec<QueueRow>> {
    let mut rows = Vec::with_capacity(page.len());
    let ids = page.iter().map(|(place, _)| place.report);
    let had_others = unless_damaged(had_other_keys(conn, ids))?;
    for (place, key) in page {
        let (report, key, grant, card, claimed_by) = match sealed_row(conn, place.report, *key) {
            Ok(row) => row,
            Err(StoreError::NotFound) => continue,
            Err(error) if error.is_damage() => match apart::line(conn, place.report, *key)? {
                Some(row) => row,
                None => {
                    lose(lost, place.report);
                    continue;
                }
            },
            Err(error) => return Err(error),
        };
        rows.push(QueueRow {
            earlier: match had_others.contains(&report.id) {
                true => unless_damaged(earlier_keys(conn, report.id))?,
                false => Vec::new(),
            },
            report,
            key,
            grant,
            card,
            claimed_by,
        });
    }
    Ok(rows)
}

fn lose(lost: &mut Vec<ReportId>, id: ReportId) {
    noted::row(&Unreadable::new("reports", Some(id.as_bytes().to_vec())));
    lost.push(id);
}

fn sealed_row(conn: &mut DbConnection, report: ReportId, key: KeyId) -> StoreResult<SealedRow> {
    let row = reports::table
        .inner_join(grants::table.on(grants::report.eq(reports::id)))
        .left_join(
            objects::table.on(objects::report
                .eq(reports::id)
                .and(objects::id.eq(reports::card))),
        )
        .left_join(claims::table.on(claims::report.eq(reports::id)))
        .filter(reports::id.eq(report))
        .filter(grants::key.eq(key))
        .select((
            reports::all_columns,
            grants::key,
            grants::sealed,
            objects::sealed.nullable(),
            claims::staff.nullable(),
        ));
    Ok(row.first(conn)?)
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

/// The lines of the queue's copy, of the reports after the first and up to the last, that are not what their rows say, as SQL.
macro_rules! strayed {
    () => {
        "FROM reports AS r JOIN grants AS g ON g.report = r.id
            WHERE r.id > ? AND r.id <= ? AND NOT EXISTS (
                SELECT 1 FROM queue AS q WHERE q.report = r.id AND q.key = g.key AND q.state = r.state AND q.urgency = r.urgency
                    AND q.day = r.day AND q.due = r.due AND q.review_day IS r.review_day)"
    };
}

/// Lines of the queue's copy, in the same range, of which there is no report or no grant, as SQL.
macro_rules! astray {
    () => {
        "FROM queue AS q WHERE q.report > ? AND q.report <= ? AND NOT EXISTS (
            SELECT 1 FROM grants AS g JOIN reports AS r ON r.id = g.report WHERE g.report = q.report AND g.key = q.key)"
    };
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many lines of the queue's copy, of the reports after the first and up to the last, are not what their rows say.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn queue_strayed(conn: &mut DbConnection, after: ReportId, last: ReportId) -> StoreResult<i64> {
    let mut all = 0_i64;
    for counted in [
        concat!("SELECT count(*) AS count ", strayed!()),
        concat!("SELECT count(*) AS count ", astray!()),
    ] {
        let found: Count = diesel::sql_query(counted)
            .bind::<Binary, _>(after)
            .bind::<Binary, _>(last)
            .get_result(conn)?;
        all = all.saturating_add(found.count);
    }
    Ok(all)
}

/// Makes them so. Says how many there were.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn queue_mend(conn: &mut WriteTxn<'_>, after: ReportId, last: ReportId) -> StoreResult<usize> {
    let gone = diesel::sql_query(concat!("DELETE ", astray!()))
        .bind::<Binary, _>(after)
        .bind::<Binary, _>(last)
        .execute(&mut **conn)?;
    let mended = diesel::sql_query(concat!(
        "INSERT INTO queue (report, key, state, urgency, day, due, review_day)
            SELECT r.id, g.key, r.state, r.urgency, r.day, r.due, r.review_day ",
        strayed!(),
        " ON CONFLICT (report, key) DO UPDATE SET state = excluded.state, urgency = excluded.urgency,
            day = excluded.day, due = excluded.due, review_day = excluded.review_day",
    ))
    .bind::<Binary, _>(after)
    .bind::<Binary, _>(last)
    .execute(&mut **conn)?;
    Ok(gone.saturating_add(mended))
}
