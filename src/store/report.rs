//! Reports: the one way in, the guarded ways to read, and the changes of state and urgency.

use super::beside::{granting, report_stands};
use super::key::key_is_active;
use super::outbox::{self, NewEvent};
use super::prelude::*;
use super::prover::proven;
use super::report_row::{Report, report_by_id};
use super::schema::{claims, grants, keys, mailboxes, objects, reports, shreds};
use crate::domain::clock::{Day, Quarter, Timestamp};
use crate::domain::ids::{KeyId, ObjectId, ReportId};
use crate::domain::look::{latest, read_by};
use crate::domain::retention::RetentionClass;
use crate::domain::sealed::{Grant, Object, Sealed};
use crate::domain::state::State;
use crate::domain::submission::{SealedMailbox, SealedObject, SealedSubmission};
use crate::domain::urgency::Urgency;

/// A report's secret, sealed to one key.
#[derive(Debug, Clone, Queryable)]
pub struct GrantRow {
    /// Which report.
    pub report: ReportId,
    /// The key that opens it.
    pub key: KeyId,
    /// The secret.
    pub sealed: Sealed<Grant>,
}

/// Takes a report in, whole: the report, its objects, its grant, its mailbox and the event that somebody must hear of it.
///
/// The first of its objects is its card.
///
/// # Errors
/// [`StoreError::Conflict`] if, and only if, this form was sent before: the report is here already.
/// [`StoreError::NotFound`] if there is no such channel.
pub fn report_insert(
    conn: &mut WriteTxn<'_>,
    submission: &SealedSubmission,
    event: &NewEvent,
) -> StoreResult<()> {
    let mailbox = mailboxes::table.find(submission.mailbox.lookup);
    if mailbox.exists(conn)? {
        return Err(StoreError::Conflict);
    }
    let card = submission
        .objects
        .first()
        .ok_or_else(|| StoreError::other("a submission without a card"))?;
    report_row_insert(conn, submission, card.id)
        .and_then(|()| mailbox_insert(conn, &submission.mailbox))
        .and_then(|()| outbox::event_insert(conn, event))
        .map_err(|error| match error {
            // A caller takes a conflict for "this form was sent before" and shows its code: nothing else may look like it.
            StoreError::Conflict => StoreError::other("an id that was new is taken"),
            other => other,
        })
}

fn report_row_insert(
    conn: &mut WriteTxn<'_>,
    submission: &SealedSubmission,
    card: ObjectId,
) -> StoreResult<()> {
    let row = (
        reports::id.eq(submission.report),
        reports::recipient.eq(&submission.recipient),
        reports::channel.eq(&submission.channel),
        reports::day.eq(submission.day),
        reports::state.eq(match submission.is_alike {
            true => State::Alike,
            false => State::Received,
        }),
        reports::urgency.eq(submission.urgency),
        reports::due.eq(submission.due),
        reports::retention.eq(&submission.retention),
        reports::hold.eq(false),
        reports::restricted.eq(false),
        reports::assignees.eq([].as_slice()),
        reports::card.eq(card),
        reports::version.eq(1),
        reports::objects.eq(0),
        reports::contents.eq([0; 32].as_slice()),
        reports::holders.eq([].as_slice()),
        reports::state_key.eq(submission.state_key.as_slice()),
        reports::proof.eq([].as_slice()),
    );
    reports::table.insert(conn, row)?;
    for object in &submission.objects {
        object_put(conn, submission.report, object)?;
    }
    grant_row_insert(conn, submission.report, submission.key, &submission.grant)?;
    report_stands(conn, submission.report)
}

fn mailbox_insert(conn: &mut WriteTxn<'_>, mailbox: &SealedMailbox) -> StoreResult<()> {
    let row = (
        mailboxes::lookup.eq(mailbox.lookup),
        mailboxes::card.eq(&mailbox.card),
        mailboxes::expires_day.eq(mailbox.expires),
    );
    mailboxes::table.insert(conn, row)
}

/// A report, if one of `holding`, the caller's keys, has a grant of it.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such report or no such grant: the two cannot be told apart.
pub fn report_find(
    conn: &mut DbConnection,
    id: ReportId,
    holding: &[KeyId],
) -> StoreResult<(Report, GrantRow)> {
    let grant: GrantRow = grants::table
        .filter(grants::report.eq(id))
        .filter(grants::key.eq_any(holding))
        .order(grants::key)
        .first(conn)?;
    let report = reports::table.find(id).first(conn)?;
    Ok((report, grant))
}

/// Whether there is such a report.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_exists(conn: &mut DbConnection, id: ReportId) -> StoreResult<bool> {
    reports::table.find(id).exists(conn)
}

/// Changes a report that is still at the version `$seen`, and as `$when` says, and counts on. Otherwise it is stale.
macro_rules! report_change {
    ($conn:expr, $id:expr, $seen:expr, [$($when:expr)?], $($set:expr),+) => {{
        let row = reports::table.find($id).filter(reports::version.eq($seen))$(.filter($when))?;
        let change = ($($set,)+ reports::version.eq(reports::version + 1));
        crate::store::prover::proven($conn, $id, |conn| diesel::update(row).set(change).or_stale(conn))
            .map(|()| $seen.next())
    }};
}
pub(super) use report_change;

/// Moves a report to another state, if it is still as it was seen.
///
/// Going back to [`State::Received`] or into [`State::Locked`] ends the claim. A report that is no longer waiting for anybody
/// no longer pages anybody.
///
/// # Errors
/// [`StoreError::Stale`] if it is not as it was seen.
pub fn report_state_set(
    conn: &mut WriteTxn<'_>,
    id: ReportId,
    seen: (State, Version),
    to: State,
) -> StoreResult<Version> {
    let (from, seen) = seen;
    let row = reports::table.find(id).filter(reports::version.eq(seen));
    let change = (
        reports::state.eq(to),
        reports::version.eq(reports::version + 1),
    );
    proven(conn, id, |conn| {
        let row = row.filter(reports::state.eq(from));
        diesel::update(row).set(change).or_stale(conn)?;
        look_follows_state(conn, id, from, to)?;
        clocks_follow_state(conn, id, from, to)
    })?;
    if matches!(to, State::Received | State::Locked) {
        claims::table.find(id).delete(conn)?;
    }
    if to != State::Received {
        outbox::urgent_delete_of_report(conn, id)?;
    }
    Ok(seen.next())
}

/// Nobody looks again at what does not rest. Out of any other state, also of one that is open although it rests, the time stays, and says
/// nothing: what somebody has signed of the report goes on.
fn look_follows_state(
    conn: &mut WriteTxn<'_>,
    id: ReportId,
    from: State,
    to: State,
) -> StoreResult<()> {
    let has_said = from.rests() && !from.is_open();
    if to.rests() || !has_said {
        return Ok(());
    }
    diesel::update(reports::table.find(id))
        .set(reports::look_again.eq(None::<Quarter>))
        .done(conn)
}

/// What a move to another state does to the clocks. Opening a report again ends them; a locked one waits for two people.
fn clocks_follow_state(
    conn: &mut WriteTxn<'_>,
    id: ReportId,
    from: State,
    to: State,
) -> StoreResult<()> {
    let class = match to {
        State::Locked => RetentionClass::SuspectedIllegal,
        _ if to.is_open() && !from.is_open() => RetentionClass::Undecided,
        _ => return Ok(()),
    };
    diesel::update(reports::table.find(id))
        .set((
            reports::retention.eq(class),
            reports::retain_until.eq(None::<Day>),
            reports::review_day.eq(None::<Day>),
        ))
        .done(conn)
}

/// Sets the urgency of a report, if it is still as it was seen.
///
/// # Errors
/// [`StoreError::Stale`] if it is not as it was seen.
pub fn report_urgency_set(
    conn: &mut WriteTxn<'_>,
    id: ReportId,
    seen: Version,
    urgency: Urgency,
    now: Timestamp,
) -> StoreResult<Version> {
    let row = report_by_id(conn, id)?;
    // What rests and is more urgent now is somebody's to say anew that they act on it.
    let is_raised = urgency < row.urgency && row.state.rests();
    let sooner = match is_raised {
        true => {
            let last = latest(urgency, now);
            let due = row.due.min(last).min(read_by(urgency, now));
            (row.look_again.map(|look| look.min(last)), due)
        }
        false => (row.look_again, row.due),
    };
    let urgent = (
        reports::urgency.eq(urgency),
        reports::look_again.eq(sooner.0),
        reports::due.eq(sooner.1),
    );
    let now = report_change!(conn, id, seen, [], urgent)?;
    if !urgency.pages_on_call() {
        outbox::urgent_delete_of_report(conn, id)?;
    }
    Ok(now)
}

/// Adds an object that was sealed to `recipient` to a report.
///
/// # Errors
/// [`StoreError::Stale`] if the report has another key by now, or its number is taken: seal again. [`StoreError::Conflict`] if the object is
/// there already; [`StoreError::NotFound`] if the report is not, or is being destroyed.
pub fn object_insert(
    conn: &mut WriteTxn<'_>,
    report: ReportId,
    recipient: &str,
    object: &SealedObject,
) -> StoreResult<()> {
    let row = report_by_id(conn, report)?;
    // After it was mended nobody knows its key until somebody opens it.
    if !row.recipient.is_empty() && row.recipient != recipient {
        return Err(StoreError::Stale);
    }
    if shred_is_begun(conn, report)? {
        return Err(StoreError::NotFound);
    }
    if object_is_there(conn, report, object.id)? {
        return Err(StoreError::Conflict);
    }
    if object_next_number(conn, report)? != object.number {
        return Err(StoreError::Stale);
    }
    let prover = conn.prover()?;
    let contents = prover.contents_after(&row.contents, object.id, object.sealed.as_bytes());
    let more = (
        reports::objects.eq(reports::objects + 1),
        reports::contents.eq(contents.as_slice()),
    );
    proven(conn, report, |conn| {
        diesel::update(reports::table.find(report))
            .set(more)
            .done(conn)
    })?;
    object_put(conn, report, object)
}

/// Whether a report is being destroyed.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn shred_is_begun(conn: &mut DbConnection, report: ReportId) -> StoreResult<bool> {
    shreds::table.find(report).exists(conn)
}

/// The number of the object that is added next: whatever numbers somebody has put into rows, there is one.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn object_next_number(conn: &mut DbConnection, report: ReportId) -> StoreResult<u32> {
    let counted = reports::table.find(report).select(reports::objects);
    let counted: Option<i64> = counted.maybe(conn)?;
    let there: i64 = objects::table
        .filter(objects::report.eq(report))
        .count()
        .get_result(conn)?;
    let next = there.max(counted.unwrap_or(0));
    let is_taken = |conn: &mut DbConnection, number| {
        let row = objects::table.filter(objects::report.eq(report));
        row.filter(objects::number.eq(number)).exists(conn)
    };
    first_free(conn, next, is_taken)
        .and_then(|free| u32::try_from(free).map_err(|_| StoreError::other("no number is free")))
}

fn object_put(conn: &mut WriteTxn<'_>, report: ReportId, object: &SealedObject) -> StoreResult<()> {
    let place = (
        objects::report.eq(report),
        objects::id.eq(object.id),
        objects::number.eq(i64::from(object.number)),
    );
    objects::table.insert(conn, (place, objects::sealed.eq(&object.sealed)))
}

/// Whether the report has an object of that id.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn object_is_there(
    conn: &mut DbConnection,
    report: ReportId,
    id: ObjectId,
) -> StoreResult<bool> {
    objects::table.find((report, id)).exists(conn)
}

/// The card of a report, if it is there. Ask [`report_find`] first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn card_of_report(
    conn: &mut DbConnection,
    report: &Report,
) -> StoreResult<Option<Sealed<Object>>> {
    let card = objects::table.find((report.id, report.card));
    card.select(objects::sealed).maybe(conn)
}

/// Lets a key open a report.
///
/// # Errors
/// [`StoreError::Stale`] if the key is not active: no grant is made under any other; or if the report does not stand as it was written.
/// [`StoreError::Conflict`] if that key has a grant of it already.
pub fn grant_insert(
    conn: &mut WriteTxn<'_>,
    report: ReportId,
    key: KeyId,
    sealed: &Sealed<Grant>,
) -> StoreResult<()> {
    granting(conn, report, |conn| {
        key_is_active(conn, key)?;
        grant_row_insert(conn, report, key, sealed)
    })
}

/// Without a look at the key, and at whom the report is granted to.
pub(super) fn grant_row_insert(
    conn: &mut WriteTxn<'_>,
    report: ReportId,
    key: KeyId,
    sealed: &Sealed<Grant>,
) -> StoreResult<()> {
    let row = (
        grants::report.eq(report),
        grants::key.eq(key),
        grants::sealed.eq(sealed),
    );
    grants::table.insert(conn, row)
}

/// Which keys open a report.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn grant_keys(conn: &mut DbConnection, report: ReportId) -> StoreResult<Vec<KeyId>> {
    Ok(grants::table
        .filter(grants::report.eq(report))
        .select(grants::key)
        .load(conn)?)
}

/// Whether any key opens a report: one that is there.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_is_granted(conn: &mut DbConnection, report: ReportId) -> StoreResult<bool> {
    grants::table
        .inner_join(keys::table.on(keys::id.eq(grants::key)))
        .filter(grants::report.eq(report))
        .exists(conn)
}

/// The first number from `next` on that no row has.
pub(super) fn first_free(
    conn: &mut DbConnection,
    mut next: i64,
    is_taken: impl Fn(&mut DbConnection, i64) -> StoreResult<bool>,
) -> StoreResult<i64> {
    while is_taken(conn, next)? {
        next = next.saturating_add(1);
    }
    Ok(next)
}
