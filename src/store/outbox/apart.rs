//! What waits in the outbox where a page of it may be damaged: each row on its own, and whatever can be read.

use diesel::sql_types::Text;

use super::super::prelude::*;
use super::super::rows;
use super::super::schema::outbox;
use super::{DELIVERY, Delivery, Event, LEASE_SECONDS, URGENT, WAITING, Wanted, still_waits};
use crate::domain::clock::Timestamp;
use crate::domain::ids::OutboxId;
use crate::domain::notice::{LONGEST_RETRY, NoticeList};

/// The events that have come due where a page may be damaged, each on its own: those that can be read and still wait. Whether a report that cannot be
/// read waits is not known: it may.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn events_due_readable(
    conn: &mut DbConnection,
    wanted: Wanted,
    times: (Timestamp, Timestamp),
) -> StoreResult<Vec<Event>> {
    let mut due = Vec::new();
    for id in ids_waiting(conn, wanted.kind())? {
        let event = due_of_kind!(wanted, times).filter(outbox::id.eq(id));
        let event = event.select(columns_of::<Event>()).maybe(conn);
        let Some(event) = unless_damaged::<Option<Event>>(event)? else {
            continue;
        };
        match still_waits(conn, &event) {
            Err(error) if error.is_damage() => due.push(event),
            waits => due.extend(waits?.then_some(event)),
        }
    }
    Ok(due)
}

/// What waits, the earliest due first: by the index, and what is missing there by the table.
fn ids_waiting(conn: &mut DbConnection, kind: &str) -> StoreResult<Vec<OutboxId>> {
    let waiting = outbox::table
        .filter(outbox::state.eq(WAITING))
        .filter(outbox::kind.eq(kind));
    let by_index = waiting.order((outbox::due, outbox::id)).select(outbox::id);
    rows::read(by_index, conn, "outbox", usize::MAX)?.or_of(|| {
        let of_table = "SELECT id FROM outbox INDEXED BY sqlite_autoindex_outbox_1 WHERE state = ? AND kind = ?";
        let of_table = diesel::sql_query(of_table)
            .bind::<Text, _>(WAITING)
            .bind::<Text, _>(kind);
        rows::ids(of_table, conn, "outbox")
    })
}

/// What [`super::deliveries_waiting`] gives where a page may be damaged, each on its own: those that can be read.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn deliveries_waiting_readable(conn: &mut DbConnection) -> StoreResult<Vec<Delivery>> {
    let mut waiting = Vec::new();
    for id in ids_waiting(conn, DELIVERY)? {
        let delivery = outbox::table
            .find(id)
            .filter(outbox::list.ne(NoticeList::Anchor))
            .select(columns_of::<Delivery>());
        waiting.extend(unless_damaged::<Option<Delivery>>(delivery.maybe(conn))?);
    }
    Ok(waiting)
}

/// What [`super::deliveries_lease`] would take where a page may be damaged, each on its own: those that can be read, in its order.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn deliveries_due_readable(
    conn: &mut DbConnection,
    lists: &[NoticeList],
    now: Timestamp,
    resting: &[OutboxId],
) -> StoreResult<Vec<Delivery>> {
    let mut due = Vec::new();
    for id in ids_waiting(conn, DELIVERY)? {
        let delivery = could_go!(lists, now, resting).filter(outbox::id.eq(id));
        let delivery = delivery.select(columns_of::<Delivery>()).maybe(conn);
        due.extend(unless_damaged::<Option<Delivery>>(delivery)?);
    }
    let is_last = |list| matches!(list, NoticeList::Hotline | NoticeList::Anchor);
    due.sort_by_key(|delivery| (is_last(delivery.list), delivery.due));
    Ok(due)
}
