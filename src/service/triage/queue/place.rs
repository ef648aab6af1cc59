//! Places in the queue as bytes, for links.

use crate::domain::clock::{Day, Quarter};
use crate::domain::ids::ReportId;
use crate::store::QueuePlace;

/// Report (16), day (8), due (8), urgency.
pub(super) fn to_bytes(place: QueuePlace) -> Vec<u8> {
    [
        place.report.as_bytes().as_slice(),
        &place.day.number().to_be_bytes(),
        &place.due.seconds().to_be_bytes(),
        place.urgency.as_str().as_bytes(),
    ]
    .concat()
}

pub(super) fn from_bytes(bytes: &[u8]) -> Option<QueuePlace> {
    let (report, rest) = bytes.split_first_chunk()?;
    let (day, rest) = rest.split_first_chunk()?;
    let (due, urgency) = rest.split_first_chunk()?;
    Some(QueuePlace {
        urgency: std::str::from_utf8(urgency).ok()?.parse().ok()?,
        day: Day::from_number(i64::from_be_bytes(*day)),
        due: Quarter::from_seconds(i64::from_be_bytes(*due)),
        report: ReportId::from_bytes(*report),
    })
}
