//! Where the reports stand that are asked for: found by the index that is in their order, or by the rows themselves.

use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Binary, Bool, Text};

use super::super::apart;
use super::super::noted::{self, Unreadable};
use super::super::prelude::*;
use super::super::report_row::Report;
use super::super::rows;
use super::super::schema::{assignments, claims, grants, queue};
use super::filter::{Awake, QueueFilter, QueueOrder, QueuePlace, QueueTurn, Whose};
use crate::domain::ids::{KeyId, ReportId, StaffId};
use crate::domain::state::State;
use crate::domain::urgency::Urgency;

/// Beyond a place in an order. A comparison of rows, which the database finds in the index at one step.
macro_rules! beyond {
    ($sign:literal, $place:expr, [$($column:ident: $type:ty),+]) => {
        sql::<Bool>(concat!("(", $(stringify!($column), ", ",)+ "report) ", $sign, " ("))
            $(.bind::<$type, _>($place.$column).sql(", "))+
            .bind::<Binary, _>($place.report)
            .sql(")")
    };
}

/// The places of a page and one more, in the direction of reading, each with the key that opens it; and reports that are there and have none.
pub(super) fn places(
    conn: &mut DbConnection,
    holding: &[KeyId],
    filter: &QueueFilter,
    lost: &mut Vec<ReportId>,
) -> StoreResult<Vec<(QueuePlace, KeyId)>> {
    if filter.turn.is_beyond() {
        return Ok(Vec::new());
    }
    let mut found = match filter.whose {
        Whose::Of(staff) => places_of_person(conn, holding, staff, filter, lost)?,
        Whose::Anybodys | Whose::Nobodys => places_of_keys(conn, holding, filter, lost)?,
    };
    found.sort_unstable_by_key(|(place, _)| place.rank(filter.order));
    if matches!(filter.turn, QueueTurn::Before(_)) {
        found.reverse();
    }
    // Two of the caller's keys may open the same report.
    found.dedup_by_key(|(place, _)| place.report);
    let page = found.into_iter().skip(filter.turn.skipped());
    Ok(page.take(filter.size().saturating_add(1)).collect())
}

fn places_of_person(
    conn: &mut DbConnection,
    holding: &[KeyId],
    staff: StaffId,
    filter: &QueueFilter,
    lost: &mut Vec<ReportId>,
) -> StoreResult<Vec<(QueuePlace, KeyId)>> {
    let theirs = of_person(conn, holding, (staff, filter.states()), lost)?.into_iter();
    let fitting = theirs.filter(|(report, _)| filter.fits(report));
    let places = fitting.map(|(report, key)| (QueuePlace::of(&report), key));
    Ok(places.collect())
}

/// The reports in those states that somebody has claimed or acts on, each with a key of theirs that opens it; and those that cannot be read.
pub(super) fn of_person(
    conn: &mut DbConnection,
    holding: &[KeyId],
    (staff, states): (StaffId, &[State]),
    lost: &mut Vec<ReportId>,
) -> StoreResult<Vec<(Report, KeyId)>> {
    let mut found = Vec::new();
    for key in holding {
        let ids = match ids_of_person(conn, *key, staff, states) {
            Err(error) if error.is_damage() => apart::reports_granted(conn, *key)?,
            ids => ids?,
        };
        for id in ids {
            let Some(report) = apart::report_alone(conn, id)? else {
                lose(lost, id);
                continue;
            };
            let is_theirs =
                report.assignees().any(|one| one == staff) || holds(conn, id)? == Some(staff);
            if is_theirs && states.contains(&report.state) {
                found.push((report, *key));
            }
        }
    }
    found.sort_unstable_by_key(|(report, _)| report.id);
    found.dedup_by_key(|(report, _)| report.id);
    Ok(found)
}

/// Their ids, in one key's queue: what is at its end is not looked at.
fn ids_of_person(
    conn: &mut DbConnection,
    key: KeyId,
    staff: StaffId,
    states: &[State],
) -> StoreResult<Vec<ReportId>> {
    let assigned = assignments::table
        .inner_join(queue::table.on(queue::report.eq(assignments::report)))
        .filter(assignments::staff.eq(staff))
        .filter(queue::key.eq(key))
        .filter(queue::state.eq_any(states))
        .select(assignments::report);
    let mut ids: Vec<ReportId> = assigned.readable(conn, "assignments")?;
    let claimed = claims::table.filter(claims::staff.eq(staff));
    let claimed = claimed
        .select(claims::report)
        .readable::<ReportId>(conn, "claims")?;
    for id in claimed {
        if grants::table.find((id, key)).exists(conn)? {
            ids.push(id);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Who has claimed a report, as far as that can be read.
fn holds(conn: &mut DbConnection, report: ReportId) -> StoreResult<Option<StaffId>> {
    let holder = claims::table.find(report).select(claims::staff);
    unless_damaged(holder.maybe(conn))
}

fn places_of_keys(
    conn: &mut DbConnection,
    holding: &[KeyId],
    filter: &QueueFilter,
    lost: &mut Vec<ReportId>,
) -> StoreResult<Vec<(QueuePlace, KeyId)>> {
    let mut found = Vec::new();
    for key in holding {
        let places = match places_of_key(conn, *key, filter, lost) {
            Err(error) if error.is_damage() => places_of_rows(conn, *key, filter, lost)?,
            places => places?,
        };
        found.extend(places.into_iter().map(|place| (place, *key)));
    }
    Ok(found)
}

/// The same in one key's queue.
fn places_of_key(
    conn: &mut DbConnection,
    key: KeyId,
    filter: &QueueFilter,
    lost: &mut Vec<ReportId>,
) -> StoreResult<Vec<QueuePlace>> {
    let mut found = Vec::new();
    for state in filter.states() {
        // Within one urgency the days are in order: what came earlier or later is not read.
        let has_days = filter.from.or(filter.to).is_some();
        match filter.urgency {
            None if has_days => {
                for urgency in Urgency::ALL {
                    found.extend(places_of(conn, (key, *state), Some(urgency), filter, lost)?);
                }
            }
            urgency => found.extend(places_of(conn, (key, *state), urgency, filter, lost)?),
        }
    }
    Ok(found)
}

/// The same where the copy that is in order cannot be read: by the rows themselves, all of them.
fn places_of_rows(
    conn: &mut DbConnection,
    key: KeyId,
    filter: &QueueFilter,
    lost: &mut Vec<ReportId>,
) -> StoreResult<Vec<QueuePlace>> {
    let mut found = Vec::new();
    for id in apart::reports_granted(conn, key)? {
        let Some(report) = apart::report_alone(conn, id)? else {
            lose(lost, id);
            continue;
        };
        let is_wanted = match filter.whose {
            Whose::Nobodys => report.assignees.is_empty() && holds(conn, id)?.is_none(),
            Whose::Anybodys | Whose::Of(_) => true,
        };
        if is_wanted && filter.fits(&report) {
            found.push(QueuePlace::of(&report));
        }
    }
    Ok(found)
}

/// The same in one key's queue for one state.
fn places_of(
    conn: &mut DbConnection,
    (key, state): (KeyId, State),
    urgency: Option<Urgency>,
    filter: &QueueFilter,
    lost: &mut Vec<ReportId>,
) -> StoreResult<Vec<QueuePlace>> {
    let mut query = queue::table
        .filter(queue::key.eq(key))
        .filter(queue::state.eq(state))
        .select((queue::report, queue::urgency, queue::day, queue::due))
        .into_boxed();
    if let Some(urgency) = urgency {
        query = query.filter(queue::urgency.eq(urgency));
    }
    if let Some(from) = filter.from {
        query = query.filter(queue::day.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(queue::day.le(to));
    }
    if let (Awake::At(now), true) = (filter.awake, state.rests()) {
        query = query.filter(queue::due.le(now));
    }
    if let Some(channel) = &filter.channel {
        let through = sql::<Bool>(
            "EXISTS (SELECT 1 FROM reports AS r WHERE r.id = queue.report AND r.channel = ",
        );
        query = query.filter(through.bind::<Text, _>(channel.as_str()).sql(")"));
    }
    if filter.whose == Whose::Nobodys {
        query = query.filter(sql::<Bool>(
            "NOT EXISTS (SELECT 1 FROM assignments AS a WHERE a.report = queue.report)
                AND NOT EXISTS (SELECT 1 FROM claims AS c WHERE c.report = queue.report)",
        ));
    }
    let (urgency, day, due, report) = (queue::urgency, queue::day, queue::due, queue::report);
    let asked = match filter.order {
        QueueOrder::Urgency => match filter.turn {
            QueueTurn::Number(_) => query.order((urgency, day, due, report)),
            QueueTurn::After(place) => query
                .filter(beyond!(">", place, [urgency: Text, day: BigInt, due: BigInt]))
                .order((urgency, day, due, report)),
            QueueTurn::Before(place) => query
                .filter(beyond!("<", place, [urgency: Text, day: BigInt, due: BigInt]))
                .order((urgency.desc(), day.desc(), due.desc(), report.desc())),
        },
        QueueOrder::Due => match filter.turn {
            QueueTurn::Number(_) => query.order((due, urgency, day, report)),
            QueueTurn::After(place) => query
                .filter(beyond!(">", place, [due: BigInt, urgency: Text, day: BigInt]))
                .order((due, urgency, day, report)),
            QueueTurn::Before(place) => query
                .filter(beyond!("<", place, [due: BigInt, urgency: Text, day: BigInt]))
                .order((due.desc(), urgency.desc(), day.desc(), report.desc())),
        },
    };
    // Not a limit: a row that cannot be read would take another's place.
    let found = rows::read(asked, conn, "queue", filter.read_at_most())?;
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

/// Notes a report that is there and cannot be read.
pub(super) fn lose(lost: &mut Vec<ReportId>, id: ReportId) {
    noted::row(&Unreadable::new("reports", Some(id.as_bytes().to_vec())));
    lost.push(id);
}
