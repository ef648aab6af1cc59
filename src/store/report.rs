//! Reports: the one way in, the guarded ways to read, and the changes of state and urgency.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::outbox::{self, NewEvent};
use super::retention;
use super::schema::{claims, grants, keys, mailboxes, objects, reports};
use super::shred::shred_is_begun;
use super::staff::one_or;
use super::{DbConnection, StoreError, StoreResult, Version};
use crate::domain::clock::{Day, Quarter};
use crate::domain::ids::{KeyId, ObjectId, ReportId};
use crate::domain::keys::KeyState;
use crate::domain::retention::RetentionClass;
use crate::domain::sealed::{Grant, Object, Sealed};
use crate::domain::state::State;
use crate::domain::submission::{SealedObject, SealedSubmission};
use crate::domain::urgency::Urgency;

/// What is known of a report in clear.
#[derive(Debug, Clone, Queryable)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// Which algorithms.
    #[diesel(deserialize_as = i64)]
    pub suite: u8,
    /// What its objects are encrypted to.
    pub recipient: String,
    /// The form it came through.
    pub channel: String,
    /// The UTC day it came.
    pub day: Day,
    /// Where it stands.
    pub state: State,
    /// How soon it needs a person.
    pub urgency: Urgency,
    /// By when it should be claimed; once it is, the start of that day.
    pub due: Quarter,
    /// Its size, rounded up, in bytes.
    pub size_bucket: i64,
    /// Which retention rule holds.
    pub retention: RetentionClass,
    /// The day on which the clock of its retention class ends; without one no clock runs.
    pub retain_until: Option<Day>,
    /// The day from which on somebody should look at it again.
    pub review_day: Option<Day>,
    /// Whether a legal hold stops every clock.
    pub hold: bool,
    /// Whether it is granted to named people only.
    pub restricted: bool,
    /// Which of its objects is the card.
    pub card: ObjectId,
    /// Counts its changes.
    pub version: Version,
}

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

/// One sealed object of a report.
#[derive(Debug, Clone, Queryable)]
pub struct ObjectRow {
    /// Its report.
    pub report: ReportId,
    /// Its id.
    pub id: ObjectId,
    /// The object.
    pub sealed: Sealed<Object>,
    /// Its size in bytes, padding included.
    pub size: i64,
}

/// Takes a report in, whole: the report, its objects, its grant, its mailbox and the event that somebody must hear of it.
///
/// The first of its objects is its card.
///
/// # Errors
/// [`StoreError::Conflict`] if, and only if, this form was sent before: the report is here already.
/// [`StoreError::Stale`] if its key is not the active one any more: seal again, to the one that is.
/// [`StoreError::NotFound`] if there is no such channel.
pub fn report_insert_in_txn(
    conn: &mut DbConnection,
    submission: &SealedSubmission,
    event: &NewEvent,
) -> StoreResult<()> {
    if mailbox_is_there(conn, &submission.mailbox.lookup)? {
        return Err(StoreError::Conflict);
    }
    let card = submission
        .objects
        .first()
        .ok_or_else(|| StoreError::other("a submission without a card"))?;
    report_row_insert(conn, submission, card.id)
        .and_then(|()| mailbox_insert(conn, submission))
        .and_then(|()| outbox::event_insert(conn, event))
        .map_err(|error| match error {
            // A caller takes a conflict for "this form was sent before" and shows its code: nothing else may look like it.
            StoreError::Conflict => StoreError::other("an id that was new is taken"),
            other => other,
        })
}

fn report_row_insert(
    conn: &mut DbConnection,
    submission: &SealedSubmission,
    card: ObjectId,
) -> StoreResult<()> {
    diesel::insert_into(reports::table)
        .values((
            reports::id.eq(submission.report.as_bytes().as_slice()),
            reports::suite.eq(i64::from(submission.suite)),
            reports::recipient.eq(&submission.recipient),
            reports::channel.eq(&submission.channel),
            reports::day.eq(submission.day.number()),
            reports::state.eq(State::Received.as_str()),
            reports::urgency.eq(submission.urgency.as_str()),
            reports::due.eq(submission.due.seconds()),
            reports::size_bucket.eq(submission.size_bucket),
            reports::retention.eq(&submission.retention),
            reports::hold.eq(false),
            reports::restricted.eq(false),
            reports::card.eq(card.as_bytes().as_slice()),
            reports::version.eq(1),
        ))
        .execute(conn)?;
    for object in &submission.objects {
        object_put(conn, submission.report, object)?;
    }
    grant_insert_in_txn(conn, submission.report, submission.key, &submission.grant)
}

fn mailbox_insert(conn: &mut DbConnection, submission: &SealedSubmission) -> StoreResult<()> {
    diesel::insert_into(mailboxes::table)
        .values((
            mailboxes::lookup.eq(submission.mailbox.lookup.as_slice()),
            mailboxes::card.eq(submission.mailbox.card.as_bytes()),
            mailboxes::expires_day.eq(submission.mailbox.expires.number()),
        ))
        .execute(conn)?;
    Ok(())
}

fn mailbox_is_there(conn: &mut DbConnection, lookup: &[u8; 32]) -> StoreResult<bool> {
    let row = mailboxes::table.find(lookup.as_slice());
    Ok(diesel::select(exists(row)).get_result(conn)?)
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
        .filter(grants::report.eq(id.as_bytes().as_slice()))
        .filter(grants::key.eq_any(key_bytes(holding)))
        .order(grants::key)
        .first(conn)?;
    let report = reports::table.find(id.as_bytes().as_slice()).first(conn)?;
    Ok((report, grant))
}

/// A report for those who know its id from something they could open: the reporter's own messages, the clocks.
///
/// # Errors
/// [`StoreError::NotFound`] if there is none.
pub fn report_by_id(conn: &mut DbConnection, id: ReportId) -> StoreResult<Report> {
    Ok(reports::table.find(id.as_bytes().as_slice()).first(conn)?)
}

/// Moves a report to another state, if it is still as it was seen.
///
/// Going back to [`State::Received`] or into [`State::Locked`] ends the claim. A report that is no longer waiting for anybody
/// no longer pages anybody.
///
/// # Errors
/// [`StoreError::Stale`] if it is not as it was seen.
pub fn report_state_set_in_txn(
    conn: &mut DbConnection,
    id: ReportId,
    seen: (State, Version),
    to: State,
) -> StoreResult<Version> {
    let row = reports::table
        .find(id.as_bytes().as_slice())
        .filter(reports::state.eq(seen.0.as_str()))
        .filter(reports::version.eq(seen.1.number()));
    let changed = diesel::update(row)
        .set((
            reports::state.eq(to.as_str()),
            reports::version.eq(reports::version + 1),
        ))
        .execute(conn)?;
    one_or(changed, StoreError::Stale)?;
    if matches!(to, State::Received | State::Locked) {
        diesel::delete(claims::table.find(id.as_bytes().as_slice())).execute(conn)?;
    }
    retention::clocks_follow_state(conn, id, seen.0, to)?;
    if to != State::Received {
        outbox::urgent_delete_of_report(conn, id)?;
    }
    Ok(Version(seen.1.0.saturating_add(1)))
}

/// Sets the urgency of a report, and by when it should be claimed, if it is still as it was seen.
///
/// # Errors
/// [`StoreError::Stale`] if it is not as it was seen.
pub fn report_urgency_set_in_txn(
    conn: &mut DbConnection,
    id: ReportId,
    seen: Version,
    urgency: Urgency,
    due: Quarter,
) -> StoreResult<Version> {
    let row = reports::table
        .find(id.as_bytes().as_slice())
        .filter(reports::version.eq(seen.number()));
    let changed = diesel::update(row)
        .set((
            reports::urgency.eq(urgency.as_str()),
            reports::due.eq(due.seconds()),
            reports::version.eq(reports::version + 1),
        ))
        .execute(conn)?;
    one_or(changed, StoreError::Stale)?;
    if !urgency.pages_on_call() {
        outbox::urgent_delete_of_report(conn, id)?;
    }
    Ok(Version(seen.0.saturating_add(1)))
}

/// Adds an object that was sealed to `recipient` to a report.
///
/// # Errors
/// [`StoreError::Stale`] if the report has another key by now: seal again. [`StoreError::Conflict`] if the object is there already;
/// [`StoreError::NotFound`] if the report is not, or is being destroyed.
pub fn object_insert_in_txn(
    conn: &mut DbConnection,
    report: ReportId,
    recipient: &str,
    object: &SealedObject,
) -> StoreResult<()> {
    if report_by_id(conn, report)?.recipient != recipient {
        return Err(StoreError::Stale);
    }
    if shred_is_begun(conn, report)? {
        return Err(StoreError::NotFound);
    }
    object_put(conn, report, object)
}

fn object_put(conn: &mut DbConnection, report: ReportId, object: &SealedObject) -> StoreResult<()> {
    let sealed = object.sealed.as_bytes();
    diesel::insert_into(objects::table)
        .values((
            objects::report.eq(report.as_bytes().as_slice()),
            objects::id.eq(object.id.as_bytes().as_slice()),
            objects::sealed.eq(sealed),
            objects::size.eq(i64::try_from(sealed.len()).unwrap_or(i64::MAX)),
        ))
        .execute(conn)?;
    Ok(())
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
    let object = objects::table.find((report.as_bytes().as_slice(), id.as_bytes().as_slice()));
    Ok(diesel::select(exists(object)).get_result(conn)?)
}

/// The objects of a report, in no order that means anything: the sequence is inside them. Ask [`report_find`] first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn objects_of_report(conn: &mut DbConnection, report: ReportId) -> StoreResult<Vec<ObjectRow>> {
    Ok(objects::table
        .filter(objects::report.eq(report.as_bytes().as_slice()))
        .order(objects::id)
        .load(conn)?)
}

/// Lets a key open a report.
///
/// # Errors
/// [`StoreError::Stale`] if the key is not active: no grant is made under any other.
/// [`StoreError::Conflict`] if that key has a grant of it already.
pub fn grant_insert_in_txn(
    conn: &mut DbConnection,
    report: ReportId,
    key: KeyId,
    sealed: &Sealed<Grant>,
) -> StoreResult<()> {
    let active = keys::table
        .find(key.as_bytes().as_slice())
        .filter(keys::state.eq(KeyState::Active.as_str()));
    let is_active: bool = diesel::select(exists(active)).get_result(conn)?;
    if !is_active {
        return Err(StoreError::Stale);
    }
    diesel::insert_into(grants::table)
        .values((
            grants::report.eq(report.as_bytes().as_slice()),
            grants::key.eq(key.as_bytes().as_slice()),
            grants::sealed.eq(sealed.as_bytes()),
        ))
        .execute(conn)?;
    Ok(())
}

/// How many objects a report has.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn objects_count(conn: &mut DbConnection, report: ReportId) -> StoreResult<usize> {
    let count: i64 = objects::table
        .filter(objects::report.eq(report.as_bytes().as_slice()))
        .count()
        .get_result(conn)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Which keys open a report.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn grant_keys(conn: &mut DbConnection, report: ReportId) -> StoreResult<Vec<KeyId>> {
    Ok(grants::table
        .filter(grants::report.eq(report.as_bytes().as_slice()))
        .select(grants::key)
        .load(conn)?)
}

/// How many reports there are in each state. For administrators, who may know no more.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_counts(conn: &mut DbConnection) -> StoreResult<Vec<(State, i64)>> {
    Ok(reports::table
        .group_by(reports::state)
        .select((reports::state, diesel::dsl::count_star()))
        .load(conn)?)
}

pub(super) fn key_bytes(keys: &[KeyId]) -> Vec<&[u8]> {
    keys.iter().map(|key| key.as_bytes().as_slice()).collect()
}
