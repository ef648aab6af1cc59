//! A report opened for one request: the row, the key, and what was written about it.

use zeroize::Zeroizing;

use super::{Ring, Triage};
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::{AuditEvent, ReportPart};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{KeyId, ObjectId, ReportId, StaffId};
use crate::seal::opening::{self, OpenReport, Opened};
use crate::seal::{Kind, SealError};
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::store::{self, DbConnection, ObjectRow, Report, StoreError, StoreResult};

/// A report whose card opened with the caller's keys.
pub(super) struct OpenedReport {
    pub row: Report,
    pub open: OpenReport,
    /// The caller's key that the grant is to.
    pub key: KeyId,
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
            .filter_map(|object| {
                match opening::open_object(&self.open, object.id, &object.sealed) {
                    Ok(opened) => Some((object.id, opened)),
                    Err(error) => {
                        tracing::error!(%error, "ALARM: an object is not the report's");
                        None
                    }
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
    ) -> Result<OpenedReport, Error> {
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
        let opened = open_row(&ring, &row, &grant, &objects);
        self.heed_report(
            caller,
            (report, grant.key),
            ReportPart::Card,
            usize::from(opened.is_err()),
        )
        .await;
        opened.map(|open| OpenedReport {
            row,
            open,
            key: grant.key,
            objects,
            holder,
        })
    }

    /// Records that so many parts of a report did not open for somebody who holds its key, and raises the alarm, once. Which report
    /// it is, the trail alone says.
    pub(super) async fn heed_report(
        &self,
        caller: &Caller,
        (report, key): (ReportId, KeyId),
        part: ReportPart,
        broken: usize,
    ) {
        let why = (broken > 0).then_some(part);
        let is_news = (self.context.receivers)
            .is_news(&format!("{report} {part}"), why.map(ReportPart::as_str));
        if broken == 0 {
            return;
        }
        let actor = Some(caller.staff);
        let told = self.context.write(move |txn| -> StoreResult<()> {
            txn.record(
                actor,
                AuditEvent::ReportNotOpened {
                    report,
                    part,
                    count: broken,
                },
            )?;
            if is_news {
                let (kind, subject) = (AlarmKind::ReportBroken, key.to_string());
                txn.raise(kind, &subject)?;
            }
            Ok(())
        });
        if let Err(error) = told.await {
            tracing::error!(%error, "an alarm could not be raised");
        }
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
) -> Result<OpenReport, Error> {
    let holder = ring.identity(grant.key).ok_or(Error::NotFound)?;
    let opened = opening::open_grant(holder, &grant.sealed, row.id, &row.recipient)
        .map_err(|error| Error::unreadable(&error))?;
    let card = objects
        .iter()
        .find(|object| object.id == row.card)
        .ok_or_else(|| Error::unreadable(&SealError::WrongObject))?;
    opening::open_card(opened, card.id, &card.sealed).map_err(|error| Error::unreadable(&error))
}
