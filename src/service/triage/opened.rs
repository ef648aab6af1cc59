//! A report opened for one request: the row, the key, and what was written about it.

use zeroize::Zeroizing;

use super::{Ring, Triage, TriageError, unreadable};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ObjectId, ReportId, StaffId};
use crate::seal::opening::{self, OpenReport, Opened};
use crate::seal::{Kind, SealError};
use crate::service::accounts::Caller;
use crate::store::{self, DbConnection, ObjectRow, Report, StoreError, StoreResult};

/// A report whose card opened with the caller's keys.
pub(super) struct OpenedReport {
    pub row: Report,
    pub open: OpenReport,
    pub objects: Vec<ObjectRow>,
    pub holder: Option<StaffId>,
}

impl OpenedReport {
    /// Every object that opens and belongs here, in the order of its sequence. What does not is alarmed and left out.
    pub fn contents(&self) -> Vec<(ObjectId, Opened)> {
        let mut contents: Vec<(ObjectId, Opened)> = self
            .objects
            .iter()
            .filter(|object| object.id != self.row.card)
            .filter_map(|object| match opening::open_object(&self.open, object.id, &object.sealed) {
                Ok(opened) => Some((object.id, opened)),
                Err(error) => {
                    tracing::error!(report = %self.row.id, object = %object.id, %error, "ALARM: an object is not the report's");
                    None
                }
            })
            .collect();
        contents.sort_by_key(|(id, opened)| (opened.sequence, *id));
        contents
    }

    /// The time to write beside something new: now, or just after what was written last. Two acts of one second keep their
    /// order.
    pub fn moment(&self, now: Timestamp) -> Timestamp {
        let last = self
            .contents()
            .last()
            .and_then(|(_, opened)| i64::try_from(opened.sequence).ok());
        match last {
            Some(last) if last >= now.seconds() => Timestamp::from_seconds(last.saturating_add(1)),
            _ => now,
        }
    }

    /// The answers as JSON.
    pub fn answers(&self) -> Option<Zeroizing<Vec<u8>>> {
        let mut answers = self
            .contents()
            .into_iter()
            .filter(|(_, o)| o.kind == Kind::Answers);
        answers.next().map(|(_, opened)| opened.body)
    }
}

impl Triage {
    /// Opens a report with the caller's keys.
    pub(super) async fn open(
        &self,
        caller: &Caller,
        report: ReportId,
    ) -> Result<OpenedReport, TriageError> {
        let own = Self::own(caller)?;
        let (ring, found) = self
            .context
            .store
            .run(move |conn| {
                store::read_transaction(conn, |conn| {
                    let ring = Ring::open(conn, own)?;
                    let found = find(conn, report, &ring);
                    Ok::<_, StoreError>((ring, found))
                })
            })
            .await?;
        self.heed(&ring).await;
        let (row, grant, objects, holder) = found?;
        open_row(&ring, &row, &grant, &objects).map(|open| OpenedReport {
            row,
            open,
            objects,
            holder,
        })
    }
}

type Found = (Report, store::GrantRow, Vec<ObjectRow>, Option<StaffId>);

fn find(conn: &mut DbConnection, report: ReportId, ring: &Ring) -> StoreResult<Found> {
    let (row, grant) = store::report_find(conn, report, &ring.ids())?;
    let objects = store::objects_of_report(conn, report)?;
    Ok((row, grant, objects, store::claim_holder(conn, report)?))
}

fn open_row(
    ring: &Ring,
    row: &Report,
    grant: &store::GrantRow,
    objects: &[ObjectRow],
) -> Result<OpenReport, TriageError> {
    let holder = ring.identity(grant.key).ok_or(TriageError::NotFound)?;
    let opened = opening::open_grant(holder, &grant.sealed, row.id, &row.recipient)
        .map_err(|error| unreadable(row.id, &error))?;
    let card = objects
        .iter()
        .find(|object| object.id == row.card)
        .ok_or_else(|| unreadable(row.id, &SealError::WrongObject))?;
    opening::open_card(opened, card.id, &card.sealed).map_err(|error| unreadable(row.id, &error))
}
