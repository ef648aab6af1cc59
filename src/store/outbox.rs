//! The outbox: events that somebody must hear of, and the letters that tell them.
//!
//! An **event** is written in the transaction of what happened and names a list. The worker **expands** it into **deliveries**,
//! one for each address of the list. An urgent event stays and comes due again until its report is claimed; an ordinary one
//! goes. A delivery is **leased** before it is sent, and deleted when it has been; one that cannot be sent for days is **dead**
//! and waits for an administrator.

use diesel::dsl::{count_star, exists, min, not};

use super::prelude::*;
use super::rows;
use super::schema::{claims, outbox, reports};
use crate::domain::clock::{Quarter, Timestamp};
use crate::domain::ids::{OutboxId, ReportId};
use crate::domain::mail_fault::MailFailure;
use crate::domain::notice::{LONGEST_RETRY, NoticeList};
use crate::domain::state::State;

pub(super) const URGENT: &str = "urgent";
const ORDINARY: &str = "ordinary";
pub(super) const DELIVERY: &str = "delivery";
pub(super) const WAITING: &str = "waiting";
pub(super) const DEAD: &str = "dead";

/// What is the same in whatever waits anew from `$due` on.
macro_rules! waits_anew {
    ($due:expr) => {
        (
            outbox::due.eq($due),
            outbox::first_due.eq($due),
            outbox::attempts.eq(0),
            outbox::state.eq(WAITING),
            outbox::fault.eq(None::<MailFailure>),
            outbox::leased_until.eq(0),
        )
    };
}

/// Whether no worker has a delivery in hand, at `$now`.
macro_rules! is_free {
    ($now:expr) => {
        outbox::leased_until
            .le($now)
            .or(outbox::leased_until.gt($now.plus(LEASE_SECONDS + 60)))
    };
}

/// How long one worker has a delivery in hand before another may take it.
pub const LEASE_SECONDS: i64 = 5 * 60;

/// Something that somebody must hear of.
#[derive(Debug, Clone, Copy, Insertable)]
#[diesel(table_name = outbox)]
pub struct NewEvent {
    /// A new random id.
    pub id: OutboxId,
    /// For an urgent event: the report, until whose claim it repeats.
    #[diesel(column_name = report)]
    pub urgent: Option<ReportId>,
    /// Who must hear of it.
    pub list: NoticeList,
    /// From when on: this quarter hour for an urgent one, the next for an ordinary one.
    #[diesel(skip_insertion)]
    pub due: Quarter,
}

/// An event that has come due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Event {
    /// Its id.
    pub id: OutboxId,
    /// For an urgent event: its report.
    #[diesel(column_name = report)]
    pub urgent: Option<ReportId>,
    /// Who must hear of it.
    pub list: NoticeList,
    /// Since when.
    pub due: Quarter,
    /// How often it has been expanded.
    #[diesel(column_name = attempts)]
    pub rounds: i64,
}

/// A letter to be written.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = outbox)]
pub struct NewDelivery {
    /// A new random id.
    pub id: OutboxId,
    /// Which list the address is on.
    pub list: NoticeList,
    /// The address, encrypted under the contact key, bound to the id.
    pub address_ct: Vec<u8>,
}

/// A letter to be sent, or a dead one.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Delivery {
    /// Its id.
    pub id: OutboxId,
    /// Which list the address is on.
    pub list: NoticeList,
    /// The address, encrypted under the contact key, bound to the id.
    #[diesel(select_expression = outbox::address_ct.assume_not_null())]
    pub address_ct: Vec<u8>,
    /// What an anchor says; `None` for the constant notice.
    pub letter: Option<String>,
    /// When it should have gone or will be tried again.
    pub due: Quarter,
    /// When it was first to go.
    pub first_due: Quarter,
    /// How often it has been tried without success.
    pub attempts: i64,
    /// Why, the last time.
    pub fault: Option<MailFailure>,
}

/// What becomes of an event when it has been expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterExpansion {
    /// It goes.
    Done,
    /// It comes due again, for this list.
    Again {
        /// When.
        due: Quarter,
        /// For whom.
        list: NoticeList,
    },
}

/// Writes an event down.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn event_insert(conn: &mut WriteTxn<'_>, event: &NewEvent) -> StoreResult<()> {
    let kind = event.urgent.map_or(ORDINARY, |_| URGENT);
    let row = (event, outbox::kind.eq(kind), waits_anew!(event.due));
    outbox::table.insert(conn, row)
}

/// How many events of a kind are read at once.
const EVENTS_AT_ONCE: usize = 500;

/// The events that have come due, the oldest first. A new urgent one is due in any case: whoever wrote it may go by another time. What is
/// due after the last of `$times` was written by a clock that was ahead, and waits for nothing. A macro, because the type of the query
/// depends on the connection.
macro_rules! due_of_kind {
    ($wanted:expr, $times:expr) => {
        outbox::table
            .filter(outbox::state.eq(WAITING))
            .filter(outbox::kind.eq($wanted.kind()))
            .filter(outbox::attempts.ge($wanted.rounds()))
            .filter(
                outbox::due
                    .le($times.0)
                    .or(outbox::due.gt($times.1))
                    .or(outbox::kind.eq(URGENT).and(outbox::attempts.eq(0))),
            )
    };
}

/// Which events are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Urgent ones.
    Urgent,
    /// Urgent ones that were told of before: new ones wait to be bundled.
    Repeated,
    /// The others.
    Ordinary,
}

impl Wanted {
    const fn kind(self) -> &'static str {
        match self {
            Self::Urgent | Self::Repeated => URGENT,
            Self::Ordinary => ORDINARY,
        }
    }

    /// The least number of times that it was told of.
    const fn rounds(self) -> i64 {
        match self {
            Self::Repeated => 1,
            Self::Urgent | Self::Ordinary => 0,
        }
    }
}

/// Whether an event has come due at the first of `times`; at the second every event has that waits. Cheap, and no reason to hold others up: look here before [`events_due`].
///
/// # Errors
/// [`StoreError`] from the database.
pub fn event_is_due(
    conn: &mut DbConnection,
    wanted: Wanted,
    times: (Timestamp, Timestamp),
) -> StoreResult<bool> {
    due_of_kind!(wanted, times).exists(conn)
}

/// Whether an urgent report that somebody was told of waits to be claimed.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn urgent_is_told(conn: &mut DbConnection) -> StoreResult<bool> {
    outbox::table
        .filter(outbox::state.eq(WAITING))
        .filter(outbox::kind.eq(URGENT))
        .filter(outbox::attempts.gt(0))
        .exists(conn)
}

/// Events that have come due, as [`event_is_due`] says, and not all of them if there are very many: none is left when this is empty. Urgent ones whose report no
/// longer waits for anybody are deleted on the way.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn events_due(
    conn: &mut WriteTxn<'_>,
    wanted: Wanted,
    times: (Timestamp, Timestamp),
) -> StoreResult<Vec<Event>> {
    loop {
        let due = due_of_kind!(wanted, times)
            .order((outbox::due, outbox::id))
            .select(columns_of::<Event>());
        let due: Vec<Event> = rows::read(due, conn, "outbox", EVENTS_AT_ONCE)?.rows;
        let is_last = due.is_empty();
        let mut waiting = Vec::with_capacity(due.len());
        for event in due {
            if still_waits(conn, &event)? {
                waiting.push(event);
            } else {
                outbox::table.find(event.id).delete(conn)?;
            }
        }
        if is_last || !waiting.is_empty() {
            return Ok(waiting);
        }
    }
}

/// Whether an event is still to be told of. Claiming and locking delete urgent ones themselves; this is the net under them.
fn still_waits(conn: &mut DbConnection, event: &Event) -> StoreResult<bool> {
    let Some(report) = event.urgent else {
        return Ok(true);
    };
    let claimed = claims::table.filter(claims::report.eq(reports::id));
    reports::table
        .find(report)
        .filter(reports::state.eq(State::Received))
        .filter(not(exists(claimed)))
        .exists(conn)
}

/// Turns an event into deliveries, due at once. `false` if another worker has done so since it was read.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn event_expand(
    conn: &mut WriteTxn<'_>,
    event: &Event,
    deliveries: &[NewDelivery],
    after: AfterExpansion,
) -> StoreResult<bool> {
    let row = outbox::table
        .find(event.id)
        .filter(outbox::attempts.eq(event.rounds))
        .filter(outbox::kind.ne(DELIVERY));
    let changed = match after {
        AfterExpansion::Done => row.delete(conn)?,
        AfterExpansion::Again { due, list } => diesel::update(row)
            .set((
                outbox::attempts.eq(outbox::attempts + 1),
                outbox::due.eq(due),
                outbox::list.eq(list),
            ))
            .execute(&mut **conn)?,
    };
    if changed == 0 {
        return Ok(false);
    }
    for delivery in deliveries {
        delivery_insert(conn, delivery, event.due)?;
    }
    Ok(true)
}

/// Writes down a letter to be sent, such as a heartbeat, without an event before it.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn delivery_insert(
    conn: &mut WriteTxn<'_>,
    delivery: &NewDelivery,
    due: Quarter,
) -> StoreResult<()> {
    letter_insert(conn, delivery, None, due)
}

/// Writes down a letter with words of its own: an anchor.
///
/// # Errors
/// [`StoreError`] from the database; an anchor has words and no other letter has.
pub fn letter_insert(
    conn: &mut WriteTxn<'_>,
    delivery: &NewDelivery,
    words: Option<&str>,
    due: Quarter,
) -> StoreResult<()> {
    let kind = (outbox::kind.eq(DELIVERY), outbox::letter.eq(words));
    outbox::table.insert(conn, (delivery, kind, waits_anew!(due)))
}

/// The notices that wait to be sent, in hand or not, with nothing of the dead ones. An anchor is no notice.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn deliveries_waiting(conn: &mut DbConnection) -> StoreResult<Vec<Delivery>> {
    outbox::table
        .filter(outbox::state.eq(WAITING))
        .filter(outbox::kind.eq(DELIVERY))
        .filter(outbox::list.ne(NoticeList::Anchor))
        .select(columns_of::<Delivery>())
        .readable(conn, "outbox")
}

/// Deliveries on these lists that could be taken into hand. Urgent ones are never put off; what is put off for longer than a letter waits
/// was written by a clock that was ahead, and waits for nothing. A macro, because the type of the query depends on the connection.
macro_rules! could_go {
    ($lists:expr, $now:expr, $resting:expr) => {
        outbox::table
            .filter(outbox::state.eq(WAITING))
            .filter(outbox::kind.eq(DELIVERY))
            .filter(outbox::list.eq_any($lists))
            .filter(
                outbox::due
                    .le($now)
                    .or(outbox::due.gt($now.plus(LONGEST_RETRY)))
                    .or(outbox::list.eq_any(NoticeList::URGENT)),
            )
            .filter(is_free!($now))
            .filter(outbox::id.ne_all($resting))
    };
}

// Below the macros that it uses.
mod apart;

pub use apart::{deliveries_due_readable, deliveries_waiting_readable, events_due_readable};

/// Whether [`deliveries_lease`] would find anything. Cheap, and no reason to hold others up.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn delivery_could_go(
    conn: &mut DbConnection,
    lists: &[NoticeList],
    now: Timestamp,
    resting: &[OutboxId],
) -> StoreResult<bool> {
    could_go!(lists, now, resting).exists(conn)
}

/// Takes at most `limit` deliveries on these lists that are due into hand, for [`LEASE_SECONDS`]: those of the hotline's list and anchors
/// last. Leaves out the ones that the caller wants to rest.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn deliveries_lease(
    conn: &mut WriteTxn<'_>,
    (lists, by): (&[NoticeList], &str),
    now: Timestamp,
    limit: usize,
    resting: &[OutboxId],
) -> StoreResult<Vec<Delivery>> {
    let due = could_go!(lists, now, resting)
        .order((
            outbox::list.eq_any([NoticeList::Hotline, NoticeList::Anchor]),
            outbox::due,
            outbox::id,
        ))
        .select(columns_of::<Delivery>());
    // Those that cannot be read are first for ever, and take nobody's place.
    let due: Vec<Delivery> = rows::read(due, conn, "outbox", limit)?.rows;
    let mut leased = Vec::with_capacity(due.len());
    for delivery in due {
        if delivery_lease(conn, delivery.id, by, now)? {
            leased.push(delivery);
        }
    }
    Ok(leased)
}

/// Takes one delivery into hand. `false` if it is in somebody's: on a database where two workers can read the same row, only one of them
/// changes it.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn delivery_lease(
    conn: &mut WriteTxn<'_>,
    id: OutboxId,
    by: &str,
    now: Timestamp,
) -> StoreResult<bool> {
    let until = now
        .plus(LEASE_SECONDS)
        .seconds()
        .div_euclid(60)
        .saturating_mul(60);
    let row = outbox::table.find(id).filter(is_free!(now));
    let lease = (outbox::leased_until.eq(until), outbox::leased_by.eq(by));
    diesel::update(row).set(lease).one(conn)
}

/// Gives back what a process of this name had in hand when it ended. Says how much.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn leases_give_back(conn: &mut WriteTxn<'_>, by: &str) -> StoreResult<usize> {
    let held = outbox::table
        .filter(outbox::leased_until.gt(0))
        .filter(outbox::leased_by.eq(by));
    let free = diesel::update(held).set(outbox::leased_until.eq(0));
    Ok(free.execute(&mut **conn)?)
}

/// A delivery has been sent: nothing of it stays.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn delivery_complete(conn: &mut WriteTxn<'_>, id: OutboxId) -> StoreResult<()> {
    let row = outbox::table.find(id).filter(outbox::kind.eq(DELIVERY));
    diesel::delete(row).done(conn)
}

/// A delivery could not be sent: it was first to go at `first_due`, and is tried again at `due`.
///
/// # Errors
/// [`StoreError::Stale`] if it is not waiting (any more).
pub fn delivery_retry(
    conn: &mut WriteTxn<'_>,
    (id, failure): (OutboxId, MailFailure),
    first_due: Quarter,
    due: Quarter,
) -> StoreResult<()> {
    delivery_failed(conn, (id, failure), WAITING, (Some(due), first_due))
}

/// A delivery is given up: an administrator will see it, and since when there was none for its address.
///
/// # Errors
/// [`StoreError::Stale`] if it is not waiting (any more).
pub fn delivery_bury(
    conn: &mut WriteTxn<'_>,
    id: OutboxId,
    failure: MailFailure,
    since: Quarter,
) -> StoreResult<()> {
    delivery_failed(conn, (id, failure), DEAD, (None, since))
}

fn delivery_failed(
    conn: &mut WriteTxn<'_>,
    (id, failure): (OutboxId, MailFailure),
    state: &str,
    (due, since): (Option<Quarter>, Quarter),
) -> StoreResult<()> {
    let row = outbox::table
        .find(id)
        .filter(outbox::kind.eq(DELIVERY))
        .filter(outbox::state.eq(WAITING));
    diesel::update(row)
        .set((
            outbox::attempts.eq(outbox::attempts + 1),
            outbox::state.eq(state),
            due.map(|due| outbox::due.eq(due)),
            outbox::first_due.eq(since),
            outbox::fault.eq(failure),
            outbox::leased_until.eq(0),
        ))
        .or_stale(conn)
}

/// The deliveries that could not be sent so far and are tried again, oldest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn deliveries_failing(conn: &mut DbConnection) -> StoreResult<Vec<Delivery>> {
    outbox::table
        .filter(outbox::state.eq(WAITING))
        .filter(outbox::kind.eq(DELIVERY))
        .filter(outbox::attempts.gt(0))
        .order((outbox::first_due, outbox::id))
        .select(columns_of::<Delivery>())
        .listed(conn, "outbox")
}

/// The deliveries that were given up, oldest first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn dead_letters(conn: &mut DbConnection) -> StoreResult<Vec<Delivery>> {
    outbox::table
        .filter(outbox::state.eq(DEAD))
        .filter(outbox::kind.eq(DELIVERY))
        .order((outbox::due, outbox::id))
        .select(columns_of::<Delivery>())
        .listed(conn, "outbox")
}

/// A dead letter is tried again from `due` on, with days before it once more.
///
/// # Errors
/// [`StoreError::Stale`] if it is not dead (any more).
pub fn dead_letter_requeue(conn: &mut WriteTxn<'_>, id: OutboxId, due: Quarter) -> StoreResult<()> {
    let row = outbox::table.find(id).filter(outbox::state.eq(DEAD));
    diesel::update(row).set(waits_anew!(due)).or_stale(conn)
}

/// An administrator has seen a dead letter and lets it go.
///
/// # Errors
/// [`StoreError::Stale`] if it is not dead (any more).
pub fn dead_letter_dismiss(conn: &mut WriteTxn<'_>, id: OutboxId) -> StoreResult<()> {
    let row = outbox::table.find(id).filter(outbox::state.eq(DEAD));
    diesel::delete(row).or_stale(conn)
}

/// How many deliveries should have gone first before a quarter hour, and when the oldest of them.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn deliveries_late(
    conn: &mut DbConnection,
    before: Quarter,
) -> StoreResult<(i64, Option<Quarter>)> {
    Ok(outbox::table
        .filter(outbox::state.eq(WAITING))
        .filter(outbox::kind.eq(DELIVERY))
        .filter(outbox::first_due.lt(before))
        .select((count_star(), min(outbox::first_due)))
        .first(conn)?)
}

/// How many deliveries wait, and how many are dead.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn outbox_counts(conn: &mut DbConnection) -> StoreResult<(i64, i64)> {
    let mut count = |state: &'static str| -> StoreResult<i64> {
        Ok(outbox::table
            .filter(outbox::kind.eq(DELIVERY))
            .filter(outbox::state.eq(state))
            .count()
            .get_result(conn)?)
    };
    Ok((count(WAITING)?, count(DEAD)?))
}

/// Nobody needs to be told of this report any more.
pub(super) fn urgent_delete_of_report(conn: &mut WriteTxn<'_>, id: ReportId) -> StoreResult<()> {
    // Nothing but an urgent event names one, whatever its kind says by now.
    let rows = outbox::table.filter(outbox::report.eq(id));
    diesel::delete(rows).done(conn)
}
