//! The row of a report: what stands of it in clear.

use diesel::result::Error as DieselError;

use super::columns::Bytes;
use super::prelude::*;
use super::schema::reports;
use crate::domain::clock::{Day, Quarter};
use crate::domain::ids::{ObjectId, ReportId, StaffId};
use crate::domain::retention::RetentionClass;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;

/// In the place of the public key of a report that was mended, until somebody opens it.
pub const NOT_KNOWN: &str = "";

/// What is known of a report in clear.
#[derive(Debug, Clone, Queryable)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// What its objects are encrypted to; or [`NOT_KNOWN`].
    pub recipient: String,
    /// The form it came through.
    pub channel: String,
    /// The UTC day it came.
    pub day: Day,
    /// Where it stands.
    pub state: State,
    /// How soon it needs a person.
    pub urgency: Urgency,
    /// By when it should be claimed; once it is, the start of that day; where it rests, by when somebody should look at it.
    pub due: Quarter,
    /// Which retention rule holds.
    pub retention: RetentionClass,
    /// The day on which the clock of its retention class ends; without one no clock runs.
    pub retain_until: Option<Day>,
    /// The day from which on somebody should look at it again.
    pub review_day: Option<Day>,
    /// By when somebody looks again, where it rests.
    pub look_again: Option<Quarter>,
    /// Whether a legal hold stops every clock.
    pub hold: bool,
    /// Whether it is granted to named people only.
    pub restricted: bool,
    /// Whose it is: the ids of people (16 bytes each), sorted.
    pub assignees: Vec<u8>,
    /// Which of its objects is the card.
    pub card: ObjectId,
    /// Counts its changes.
    pub version: Version,
    /// How many objects it has.
    pub objects: i64,
    /// A digest over them.
    #[diesel(deserialize_as = Bytes<32>)]
    pub contents: [u8; 32],
    /// The owners of the keys it is granted to: their ids (16 bytes each), sorted.
    pub holders: Vec<u8>,
    /// What verifies the signatures under its state: its public half comes from the report's own key.
    #[diesel(deserialize_as = Bytes<32>)]
    pub state_key: [u8; 32],
    /// The proof that the row is as it was written.
    pub proof: Vec<u8>,
}

impl Report {
    /// Whose it is.
    pub fn assignees(&self) -> impl Iterator<Item = StaffId> {
        let ids = self.assignees.as_chunks::<16>().0.iter();
        ids.map(|id| StaffId::from_bytes(*id))
    }
}

/// A report for those who know its id from something they could open: the reporter's own messages, the clocks.
///
/// # Errors
/// [`StoreError::NotFound`] if there is none.
pub fn report_by_id(conn: &mut DbConnection, id: ReportId) -> StoreResult<Report> {
    Ok(reports::table.find(id).first(conn)?)
}

/// The same, if it can be read: whatever somebody has put into a row, it stands in no other's way.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn report_read(conn: &mut DbConnection, id: ReportId) -> StoreResult<Option<Report>> {
    readable(reports::table.find(id).first(conn))
}

/// What was found, if there is one and it can be read.
pub(super) fn readable<T>(found: QueryResult<T>) -> StoreResult<Option<T>> {
    match found {
        Ok(row) => Ok(Some(row)),
        Err(DieselError::NotFound | DieselError::DeserializationError(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
