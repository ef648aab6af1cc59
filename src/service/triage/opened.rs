//! A report opened for one request: the row, the key, and what was written about it.

use std::collections::BTreeSet;
use std::ops::Deref;

use super::{Ring, Triage, leads};
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::{AuditEvent, ReportPart};
use crate::domain::clock::Timestamp;
use crate::domain::form::CardSummary;
use crate::domain::ids::{KeyId, ReportId, StaffId};
use crate::domain::sealed::{Object, Sealed};
use crate::domain::submission::EarlierKey;
use crate::seal::opening::{self, OpenReport, Opened};
use crate::seal::{Kind, SealError, state};
use crate::service::accounts::Caller;
use crate::service::authority::{Authority, Signers};
use crate::service::error::Error;
use crate::service::prover::RowProver;
use crate::store::{
    self, DbConnection, Known, NOT_KNOWN, ObjectRow, Prover, Report, StoreError, StoreResult,
};

/// A report whose card opened with the caller's keys. What else was written about it is in [`WholeReport`].
pub(super) struct OpenedReport {
    pub row: Report,
    pub open: OpenReport,
    /// The caller's key that the grant is to.
    pub key: KeyId,
    /// Who has it, and their handle.
    pub holder: Option<(StaffId, String)>,
    /// Whether the caller leads one of their teams. A rule of the server, not of keys.
    pub leads: bool,
    /// Who has signed what is said about it.
    pub signers: Signers,
    /// The number in its history of what is written next.
    pub next: u32,
    /// The caller.
    reader: StaffId,
}

/// A report with everything that was written about it.
pub(super) struct WholeReport {
    report: OpenedReport,
    /// Its objects as they are sealed, the card among them.
    pub objects: Vec<ObjectRow>,
    /// Those that open and belong here, by their number.
    pub contents: Vec<Opened>,
    /// Whether they are those that were written.
    are_all: bool,
}

impl Deref for WholeReport {
    type Target = OpenedReport;

    fn deref(&self) -> &OpenedReport {
        &self.report
    }
}

impl OpenedReport {
    /// Whether the caller has it.
    pub fn is_mine(&self) -> bool {
        matches!(self.holder, Some((holder, _)) if holder == self.reader)
    }

    /// Fails if the caller does not have it. Looked at again where it is changed:
    /// [`Txn::must_hold`](crate::service::txn::Txn::must_hold).
    pub fn must_be_held(&self) -> Result<(), Error> {
        match &self.holder {
            Some((holder, handle)) if *holder != self.reader => Err(Error::HeldBy(handle.clone())),
            Some(_) => Ok(()),
            None => Err(Error::NotClaimed),
        }
    }

    /// The report, if the caller leads a team.
    pub fn led(self) -> Result<Self, Error> {
        self.leads.then_some(self).ok_or(Error::NotFound)
    }

    /// Whether its row did not say what only whoever has opened it knows. It does now.
    fn learn(&mut self, known: &Known) -> bool {
        let is_news = self.row.recipient == NOT_KNOWN;
        if is_news {
            self.row.recipient.clone_from(&known.recipient);
            self.row.state_key = known.state_key;
            self.row.day = known.day;
        }
        is_news
    }

    /// What its row should say.
    fn known(&self) -> Known {
        let grant = self.open.grant();
        let card = CardSummary::parse(self.open.summary());
        let came = card.map(|card| Timestamp::from_seconds(card.received_hour).day());
        Known {
            recipient: grant.recipient().to_string(),
            state_key: *grant.state_key().verify_key().as_bytes(),
            day: came.unwrap_or(self.row.day),
        }
    }

    /// Opens what was written. What does not open is alarmed and left out.
    fn whole(self, objects: Vec<ObjectRow>) -> WholeReport {
        let others = objects.iter().filter(|object| object.id != self.row.card);
        let opened = others.filter_map(|object| {
            opening::open_object(&self.open, object.id, &object.sealed)
                .inspect_err(
                    |error| tracing::error!(event = "report-damaged", %error, "ALARM: an object is not the report's"),
                )
                .ok()
        });
        let mut contents: Vec<Opened> = opened.collect();
        contents.sort_by_key(|opened| opened.position.number);
        let sealed = objects.iter().map(|o| (o.id, o.sealed.as_bytes()));
        WholeReport {
            are_all: state::contents_of(sealed) == self.row.contents,
            report: self,
            objects,
            contents,
        }
    }
}

impl WholeReport {
    /// The answers as JSON.
    pub fn answers(&self) -> Option<&[u8]> {
        let mut contents = self.contents.iter();
        let answers = contents.find(|object| object.kind == Kind::Answers);
        answers.map(|object| object.body.as_slice())
    }

    /// How many of its objects are not there, do not open, or do not belong here; at least one if another stands in the place of one.
    pub fn broken(&self) -> usize {
        let numbers = self.contents.iter().map(|opened| opened.position.number);
        let numbers: BTreeSet<u32> = numbers.collect();
        // The card is not among the contents; what stands twice under one number is not the report's.
        let whole = numbers.len().saturating_add(1);
        let newest = numbers.last().copied().unwrap_or_default();
        let numbered = usize::try_from(newest)
            .unwrap_or(usize::MAX)
            .saturating_add(1);
        let proven = usize::try_from(self.row.objects).unwrap_or(usize::MAX);
        let there = self.objects.len().max(numbered);
        let broken = proven.max(there).saturating_sub(whole);
        broken.max(usize::from(!self.are_all))
    }
}

impl Triage {
    /// Opens a report with the caller's keys, and nothing that was written about it.
    pub(super) async fn open(
        &self,
        caller: &Caller,
        report: ReportId,
    ) -> Result<OpenedReport, Error> {
        self.look(caller, report, |_, _, _| Ok(()), |report, ()| report)
            .await
    }

    /// Opens a report that the caller has claimed.
    pub(super) async fn open_mine(
        &self,
        caller: &Caller,
        report: ReportId,
    ) -> Result<OpenedReport, Error> {
        let opened = self.open(caller, report).await?;
        opened.must_be_held()?;
        Ok(opened)
    }

    /// Opens a report for somebody who leads a team.
    pub(super) async fn open_as_lead(
        &self,
        caller: &Caller,
        report: ReportId,
    ) -> Result<OpenedReport, Error> {
        self.open(caller, report).await?.led()
    }

    /// Opens a report and what was written about it, and looks for what stands beside it, all in one state of the database.
    pub(super) async fn open_whole<T: Send + 'static>(
        &self,
        caller: &Caller,
        report: ReportId,
        beside: impl FnOnce(&mut DbConnection, &Report, bool) -> StoreResult<T> + Send + 'static,
    ) -> Result<(WholeReport, T), Error> {
        let rows = move |conn: &mut DbConnection, row: &Report, leads| {
            let objects = store::objects_of_report(conn, row.id)?;
            Ok((objects, beside(conn, row, leads)?))
        };
        let (whole, beside) = self
            .look(caller, report, rows, |report, (objects, beside)| {
                (report.whole(objects), beside)
            })
            .await?;
        let place = (report, whole.key);
        self.heed_report(caller, place, ReportPart::Contents, whole.broken())
            .await;
        Ok((whole, beside))
    }

    /// One trip to the database: the caller's keys, the report, and further rows. All is opened on the staff's threads.
    pub(super) async fn look<R: Send + 'static, T: Send + 'static>(
        &self,
        caller: &Caller,
        report: ReportId,
        rows: impl FnOnce(&mut DbConnection, &Report, bool) -> StoreResult<R> + Send + 'static,
        open: impl FnOnce(OpenedReport, R) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let (own, reader) = (Self::own(caller)?, caller.staff);
        let authority = self.context.authority.clone();
        let prover = RowProver::new(self.context.audit_log.report_keys());
        let look = move |conn: &mut DbConnection| {
            let (ring, found) = store::read_transaction(conn, |conn| {
                let ring = Ring::open(conn, own)?;
                let found = find(conn, &authority, (report, reader), &ring, rows);
                Ok((ring, found))
            })?;
            let opened = found.map(|(found, rows)| {
                let key = found.grant.key;
                if !prover.is_proven(&found.row) {
                    return (key, Ok((None, None)));
                }
                let opened = found.open(&ring, reader).map(|mut report| {
                    let known = report.known();
                    let is_news = report.learn(&known);
                    let fits = report.row.state_key == known.state_key;
                    let known = (is_news || !fits).then_some(known);
                    (fits.then(|| open(report, rows)), known)
                });
                (key, opened)
            });
            Ok::<_, StoreError>((ring, opened))
        };
        let (ring, opened) = self.context.read(look).await?;
        self.heed(&ring).await;
        let (key, opened) = opened?;
        let broken = usize::from(opened.is_err());
        self.heed_report(caller, (report, key), ReportPart::Card, broken)
            .await;
        let (opened, known) = opened?;
        if opened.is_none() || known.is_some() {
            let mend = self.context.write(move |txn| match known {
                None => txn.mend(report),
                Some(known) => txn.learn(report, &known),
            });
            mend.await?;
        }
        opened.ok_or(Error::Changed)
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
        let is_news = (self.context.authority)
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
            tracing::error!(event = "alarm-unraised", %error, "an alarm could not be raised");
        }
    }
}

/// The rows of a report.
struct Found {
    row: Report,
    grant: store::GrantRow,
    card: Option<Sealed<Object>>,
    holder: Option<(StaffId, String)>,
    leads: bool,
    signers: Signers,
    next: u32,
    earlier: Vec<EarlierKey>,
}

fn find<R>(
    conn: &mut DbConnection,
    authority: &Authority,
    (report, reader): (ReportId, StaffId),
    ring: &Ring,
    rows: impl FnOnce(&mut DbConnection, &Report, bool) -> StoreResult<R>,
) -> StoreResult<(Found, R)> {
    let (row, grant) = store::report_find(conn, report, &ring.ids())?;
    let holder = match store::unless_damaged(store::claim_holder(conn, report))? {
        Some(holder) => Some((holder, store::staff_handle(conn, holder)?)),
        None => None,
    };
    let leads = leads(conn, authority, reader)?;
    let rows = rows(conn, &row, leads)?;
    let found = Found {
        card: store::card_of_report(conn, &row)?,
        signers: authority.signers(conn)?,
        next: store::object_next_number(conn, report)?,
        earlier: store::earlier_keys(conn, report)?,
        row,
        grant,
        holder,
        leads,
    };
    Ok((found, rows))
}

impl Found {
    fn open(self, ring: &Ring, reader: StaffId) -> Result<OpenedReport, Error> {
        let unreadable = |error: SealError| Error::unreadable(&error);
        let (row, key) = (self.row, self.grant.key);
        let own = ring.identity(key).ok_or(Error::NotFound)?;
        let (grant, earlier) = (&self.grant.sealed, &self.earlier);
        let grant =
            opening::open_grant(own, grant, row.id, &row.recipient, earlier).map_err(unreadable)?;
        let card = self
            .card
            .ok_or_else(|| unreadable(SealError::WrongObject))?;
        Ok(OpenedReport {
            open: opening::open_card(grant, row.card, &card).map_err(unreadable)?,
            row,
            key,
            holder: self.holder,
            leads: self.leads,
            signers: self.signers,
            next: self.next,
            reader,
        })
    }
}
