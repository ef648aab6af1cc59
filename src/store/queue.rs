//! The queue: a page of the reports that the caller's keys open, most urgent first, then oldest.
//!
//! Each key has a queue of its own for each state, in order. A page is what comes first in all of those that are asked for, found by
//! the place where the page before it ended: it costs the same however many reports lie before it, after it or beside it.

mod counts;
mod filter;
mod mend;
mod places;

pub use counts::{DeskCounts, desk_counts, queue_alike, reports_unclaimed};
pub use filter::{Awake, QUEUE_PAGE, QueueFilter, QueueOrder, QueuePlace, QueueTurn, Whose};
pub use mend::{queue_mend, queue_strayed};

use super::apart::{self, SealedRow};
use super::epoch::{earlier_keys, had_other_keys};
use super::prelude::*;
use super::read_transaction;
use super::report_row::Report;
use super::schema::{activities, claims, grants, objects, reports};
use crate::domain::ids::{KeyId, ReportId, StaffId};
use crate::domain::sealed::{Grant, Object, Sealed};
use crate::domain::submission::EarlierKey;
use places::{lose, places};

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
    /// What has happened to it, as whoever read it last has sealed that.
    pub activity: Option<Vec<u8>>,
}

/// A page of the queue.
#[derive(Debug, Clone)]
pub struct QueuePage {
    /// At most [`QUEUE_PAGE`] lines, or as many as are [looked through](QueueFilter::looks_through).
    pub rows: Vec<QueueRow>,
    /// Reports of which nothing can be read, not even where they belong: of this page, and on the first one of no page.
    pub unreadable: Vec<ReportId>,
    /// Where the page before it ends; `None` if this is the first.
    pub before: Option<QueuePlace>,
    /// Where the page after it begins; `None` if this is the last.
    pub after: Option<QueuePlace>,
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
            QueueTurn::Before(_) => found.len() <= filter.size(),
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
        let goes_on = found.len() > filter.size();
        found.truncate(filter.size());
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

/// The reports next to a place, the nearest first where it looks on and last where it looks back: one, or as many as are looked through.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn queue_beside(
    conn: &mut DbConnection,
    holding: &[KeyId],
    filter: &QueueFilter,
) -> StoreResult<QueuePage> {
    let mut lost = Vec::new();
    let mut found = places(conn, holding, filter, &mut lost)?;
    found.truncate(if filter.looks_through {
        filter.size()
    } else {
        1
    });
    if matches!(filter.turn, QueueTurn::Before(_)) {
        found.reverse();
    }
    Ok(QueuePage {
        rows: complete(conn, &found, &mut lost)?,
        unreadable: lost,
        before: None,
        after: None,
    })
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
        let (report, key, grant, card, claimed_by, activity) =
            match sealed_row(conn, place.report, *key) {
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
            activity,
        });
    }
    Ok(rows)
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
        .left_join(activities::table.on(activities::report.eq(reports::id)))
        .filter(reports::id.eq(report))
        .filter(grants::key.eq(key))
        .select((
            reports::all_columns,
            grants::key,
            grants::sealed,
            objects::sealed.nullable(),
            claims::staff.nullable(),
            activities::sealed.nullable(),
        ));
    Ok(row.first(conn)?)
}
