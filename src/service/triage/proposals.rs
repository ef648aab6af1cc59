//! Acts that need two people: one proposes, another one whose keys open the report approves, and it happens then and not before.
//!
//! What is proposed is sealed to the report and bound to it, so that whoever writes to the database can neither change nor move it.

use serde::{Deserialize, Serialize};

use super::acts::{reason_of, record, to_json};
use super::opened::OpenedReport;
use super::{Triage, TriageError, tidy};
use crate::domain::clock::{Day, Timestamp};
use crate::domain::ids::{ProposalId, ReportId, StaffId};
use crate::domain::proposal::ProposalKind;
use crate::domain::retention::{Clocks, RetentionClass};
use crate::domain::sealed::{Proposal, Sealed};
use crate::domain::state::{Act, State};
use crate::domain::urgency::Urgency;
use crate::seal::keys::Recipient;
use crate::seal::{Kind, SealError, opening, random};
use crate::service::accounts::Caller;
use crate::service::journal::Journal;
use crate::store::{self, DbConnection, ExportRow, ProposalRow, StoreError};

/// Lines above the queue.
const LISTED: i64 = 20;

/// What somebody proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// It is not of the highest urgency any more.
    LowerUrgency(Urgency),
    /// It is closed without anything being done.
    NoAction {
        /// How long it is kept.
        class: RetentionClass,
        /// For a class that takes a day: which.
        until: Option<Day>,
        /// What the reporter finds in the mailbox; empty for nothing.
        message: String,
    },
    /// What is known of it leaves the house, sealed to this age recipient.
    Export(String),
    /// It is destroyed.
    Shred,
    /// The legal hold ends.
    LiftHold,
}

/// Why a decision was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// Nobody approves their own.
    #[error("one's own proposal")]
    Own,
    /// The same is proposed already.
    #[error("proposed already")]
    Waiting,
    /// The six-digit code is wrong or was used.
    #[error("the code is wrong")]
    WrongCode,
    /// A legal hold is in the way.
    #[error("under a legal hold")]
    Held,
    /// Whoever proposed it has left, or it has run out.
    #[error("void")]
    Void,
    /// The reporter has written since.
    #[error("the reporter has written since")]
    Written,
    /// Not an age recipient.
    #[error("not an age recipient")]
    Recipient,
    /// The retention class needs another day.
    #[error("the class needs another day")]
    Day,
    /// As for any other act on a report.
    #[error(transparent)]
    Triage(TriageError),
}

/// What waits on a report, and what may be proposed.
#[derive(Debug, Clone, Default)]
pub struct DecisionsView {
    /// What waits for a second person.
    pub proposals: Vec<ProposalView>,
    /// What the caller can fetch.
    pub exports: Vec<ReadyExport>,
    /// What the caller may propose now.
    pub may: Vec<ProposalKind>,
    /// Whether the caller leads a team.
    pub leads: bool,
    /// Whether a legal hold stops every clock.
    pub hold: bool,
    /// Its retention class.
    pub class: Option<RetentionClass>,
    /// Its clocks.
    pub clocks: Clocks,
    /// The classes that a lead can give it.
    pub classes: Vec<RetentionClass>,
}

/// An act that waits for a second person.
#[derive(Debug, Clone)]
pub struct ProposalView {
    /// Its id.
    pub id: ProposalId,
    /// What is proposed.
    pub kind: ProposalKind,
    /// Handle of who proposed it.
    pub proposer: String,
    /// Whether the caller did.
    pub mine: bool,
    /// The UTC day.
    pub day: Day,
    /// Why and how; `None` if it does not open, or is not what its row says.
    pub told: Option<ProposalTold>,
}

/// What a proposal says.
#[derive(Debug, Clone)]
pub struct ProposalTold {
    /// Why.
    pub reason: String,
    /// The urgency to be set.
    pub urgency: Option<Urgency>,
    /// The retention class to be given.
    pub class: Option<RetentionClass>,
    /// Its day.
    pub until: Option<Day>,
    /// What the reporter will be told.
    pub message: Option<String>,
    /// The recipient of an export, and 30 digits of it.
    pub recipient: Option<(String, String)>,
}

/// An export that the caller can fetch once.
#[derive(Debug, Clone)]
pub struct ReadyExport {
    /// Its id.
    pub id: ProposalId,
    /// Its recipient.
    pub recipient: String,
    /// 30 digits of it.
    pub fingerprint: String,
}

/// What waits for somebody on reports that the caller can open.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    /// Report, what is proposed, by whom, on which day, whether by the caller.
    pub proposals: Vec<(ReportId, ProposalKind, String, Day, bool)>,
    /// For leads: reports that are due to be looked at again, and since when.
    pub reviews: Vec<(ReportId, Day)>,
}

/// A proposal as it is sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Proposed {
    pub kind: String,
    pub proposer: String,
    pub handle: String,
    pub day: i64,
    pub reason: String,
    /// How often the reporter had written.
    pub written: usize,
    pub urgency: Option<String>,
    pub class: Option<String>,
    pub until: Option<i64>,
    pub message: Option<String>,
    pub recipient: Option<String>,
    /// Who agreed, and their handle: in an export that can be fetched, and nowhere else.
    pub approver: Option<(String, String)>,
}

impl Triage {
    /// Proposes an act. Lowering the urgency and closing are for whoever has claimed the report; the others also for a lead.
    ///
    /// # Errors
    /// [`DecisionError`].
    pub async fn propose(
        &self,
        caller: &Caller,
        report: ReportId,
        version: i64,
        ask: Ask,
        reason: &str,
    ) -> Result<(), DecisionError> {
        let reason = reason_of(reason)?;
        let opened = self.open_to_propose(caller, report, ask.kind()).await?;
        if opened.row.version.number() != version {
            return Err(TriageError::Changed.into());
        }
        self.check(&opened, &ask).await?;
        let (id, now) = (random::proposal_id(), self.context.clock.now());
        let body = proposed(caller, &opened, now.day(), &ask, reason)?;
        let row = ProposalRow {
            id,
            report,
            kind: ask.kind(),
            proposer: caller.staff,
            day: now.day(),
            sealed: opening::seal_proposal(&opened.open, id, &to_json(&body)?)?,
        };
        let recipient = opened.row.recipient.clone();
        let journal = self.context.journal.clone();
        self.context
            .store
            .write(move |conn| -> Result<(), StoreError> {
                let seen = store::report_by_id(conn, report)?;
                if seen.version.number() != version || seen.recipient != recipient {
                    return Err(StoreError::Stale);
                }
                drop_void_in_txn(&journal, conn, report, now)?;
                store::proposal_insert(conn, &row)?;
                let detail = format!("{} {}", row.kind, row.id);
                record(
                    &journal,
                    conn,
                    "act-proposed",
                    row.proposer,
                    report,
                    now,
                    &detail,
                )
            })
            .await
            .map_err(|error| match error {
                StoreError::Conflict => DecisionError::Waiting,
                other => other.into(),
            })
    }

    /// Takes a proposal back, or refuses somebody else's.
    ///
    /// # Errors
    /// [`TriageError::Changed`] if it waits no longer.
    pub async fn refuse(
        &self,
        caller: &Caller,
        report: ReportId,
        id: ProposalId,
    ) -> Result<(), DecisionError> {
        self.open(caller, report).await?;
        let row = self.proposal(report, id).await?;
        let class = if row.proposer == caller.staff {
            "act-withdrawn"
        } else {
            "act-refused"
        };
        let (journal, actor) = (self.context.journal.clone(), caller.staff);
        let now = self.context.clock.now();
        self.context
            .store
            .write(move |conn| -> Result<(), StoreError> {
                store::proposal_take_in_txn(conn, &row)?;
                let detail = format!("{} {} proposed-by {}", row.kind, row.id, row.proposer);
                record(&journal, conn, class, actor, report, now, &detail)
            })
            .await
            .map_err(DecisionError::from)
    }

    /// What waits for a second person, or for a look, on reports that the caller can open.
    ///
    /// # Errors
    /// [`TriageError`].
    pub async fn waiting(&self, caller: &Caller) -> Result<Waiting, TriageError> {
        let holding = self.ring(caller).await?.ids();
        let (leads, me) = (self.leads(caller).await?, caller.staff);
        let today = self.context.clock.today();
        self.context
            .store
            .run(move |conn| -> Result<Waiting, StoreError> {
                let mut waiting = Waiting::default();
                for row in store::proposals_waiting(conn, &holding, LISTED)? {
                    let handle = store::staff_find(conn, row.proposer)?.handle;
                    let mine = row.proposer == me;
                    waiting
                        .proposals
                        .push((row.report, row.kind, handle, row.day, mine));
                }
                if leads {
                    let due = store::reports_to_review(conn, &holding, today, LISTED)?;
                    let since = |report: &store::Report| report.review_day.unwrap_or(today);
                    waiting.reviews = due
                        .iter()
                        .map(|report| (report.id, since(report)))
                        .collect();
                }
                Ok(waiting)
            })
            .await
            .map_err(TriageError::from)
    }

    /// What the report's page shows of all this.
    pub(super) async fn decisions(
        &self,
        caller: &Caller,
        opened: &OpenedReport,
        leads: bool,
    ) -> Result<DecisionsView, TriageError> {
        let (report, now) = (opened.row.id, self.context.clock.now());
        let (rows, exports) = self
            .context
            .store
            .run(move |conn| -> Result<_, StoreError> {
                let mut rows = Vec::new();
                for row in store::proposals_of_report(conn, report)? {
                    if store::proposer_stands(conn, report, row.proposer)? {
                        let handle = store::staff_find(conn, row.proposer)?.handle;
                        rows.push((row, handle));
                    }
                }
                Ok((rows, store::exports_of_report(conn, report, now)?))
            })
            .await?;
        let waits = |kind: ProposalKind| rows.iter().any(|(row, _)| row.kind == kind);
        let mine = opened.holder == Some(caller.staff);
        let may = ProposalKind::ALL.iter().copied();
        let may = may.filter(|kind| !waits(*kind) && fits(opened, *kind, mine, leads));
        Ok(DecisionsView {
            may: may.collect(),
            exports: exports
                .iter()
                .filter_map(|row| ready(caller, opened, row))
                .collect(),
            proposals: rows
                .iter()
                .map(|(row, handle)| shown(caller, opened, row, handle))
                .collect(),
            leads,
            hold: opened.row.hold,
            class: Some(opened.row.retention),
            clocks: Clocks {
                until: opened.row.retain_until,
                review: opened.row.review_day,
            },
            classes: super::retention::choices(opened.row.state),
        })
    }

    /// Opens a report for somebody who may propose this.
    async fn open_to_propose(
        &self,
        caller: &Caller,
        report: ReportId,
        kind: ProposalKind,
    ) -> Result<OpenedReport, TriageError> {
        let leads = self.leads(caller).await?;
        let for_leads = !matches!(kind, ProposalKind::LowerUrgency | ProposalKind::NoAction);
        let opened = if leads && for_leads {
            self.open(caller, report).await?
        } else {
            self.open_mine(caller, report).await?
        };
        let mine = opened.holder == Some(caller.staff);
        if fits(&opened, kind, mine, leads) {
            Ok(opened)
        } else {
            Err(TriageError::NotPossible)
        }
    }

    async fn check(&self, opened: &OpenedReport, ask: &Ask) -> Result<(), DecisionError> {
        match ask {
            Ask::LowerUrgency(Urgency::U0) => Err(TriageError::NotPossible.into()),
            Ask::NoAction {
                class,
                until,
                message,
            } => {
                if !super::retention::choices(State::NoAction).contains(class) {
                    return Err(DecisionError::Day);
                }
                let policy = &self.context.settings.retention;
                class
                    .clocks(policy, self.context.clock.today(), *until, 0)
                    .map_err(|_| DecisionError::Day)?;
                if message.trim().is_empty() {
                    return Ok(());
                }
                tidy(message)?;
                let (lookup, today) = (*opened.open.lookup(), self.context.clock.today());
                let card = self
                    .context
                    .store
                    .run(move |conn| store::mailbox_card(conn, &lookup, today))
                    .await?;
                card.map(|_| ())
                    .ok_or(DecisionError::Triage(TriageError::MailboxClosed))
            }
            Ask::Export(recipient) => recipient
                .parse::<Recipient>()
                .map(|_| ())
                .map_err(|_| DecisionError::Recipient),
            Ask::LowerUrgency(_) | Ask::Shred | Ask::LiftHold => Ok(()),
        }
    }

    /// The row of a proposal on a report that the caller has opened.
    pub(super) async fn proposal(
        &self,
        report: ReportId,
        id: ProposalId,
    ) -> Result<ProposalRow, TriageError> {
        let rows = self
            .context
            .store
            .run(move |conn| store::proposals_of_report(conn, report))
            .await?;
        rows.into_iter()
            .find(|row| row.id == id)
            .ok_or(TriageError::Changed)
    }
}

impl Ask {
    /// What kind of act it is.
    pub const fn kind(&self) -> ProposalKind {
        match self {
            Self::LowerUrgency(_) => ProposalKind::LowerUrgency,
            Self::NoAction { .. } => ProposalKind::NoAction,
            Self::Export(_) => ProposalKind::Export,
            Self::Shred => ProposalKind::Shred,
            Self::LiftHold => ProposalKind::LiftHold,
        }
    }
}

/// Whether an act can be proposed on a report as it stands.
fn fits(opened: &OpenedReport, kind: ProposalKind, mine: bool, leads: bool) -> bool {
    let row = &opened.row;
    let locked = row.state == State::Locked;
    match kind {
        ProposalKind::LowerUrgency => mine && row.urgency == Urgency::U0 && !locked,
        ProposalKind::NoAction => mine && row.state.after(Act::Close).is_ok(),
        // What is locked leaves by a written procedure, not by this way (`domain.md` 2.9).
        ProposalKind::Export => (mine || leads) && !locked,
        ProposalKind::Shred => (mine || leads) && !row.hold,
        ProposalKind::LiftHold => (mine || leads) && row.hold,
    }
}

fn proposed(
    caller: &Caller,
    opened: &OpenedReport,
    day: Day,
    ask: &Ask,
    reason: String,
) -> Result<Proposed, TriageError> {
    let mut body = Proposed {
        kind: ask.kind().as_str().to_owned(),
        proposer: caller.staff.to_string(),
        handle: caller.handle.clone(),
        day: day.number(),
        reason,
        written: written(opened),
        urgency: None,
        class: None,
        until: None,
        message: None,
        recipient: None,
        approver: None,
    };
    match ask {
        Ask::LowerUrgency(urgency) => body.urgency = Some(urgency.as_str().to_owned()),
        Ask::NoAction {
            class,
            until,
            message,
        } => {
            body.class = Some(class.as_str().to_owned());
            body.until = until.map(Day::number);
            if !message.trim().is_empty() {
                body.message = Some(tidy(message)?);
            }
        }
        Ask::Export(recipient) => body.recipient = Some(recipient.clone()),
        Ask::Shred | Ask::LiftHold => {}
    }
    Ok(body)
}

/// How often the reporter has written.
pub(super) fn written(opened: &OpenedReport) -> usize {
    let contents = opened.contents();
    contents
        .iter()
        .filter(|(_, object)| object.kind == Kind::ReporterMessage)
        .count()
}

/// Opens a proposal and checks that it is the one that its row says.
pub(super) fn read(opened: &OpenedReport, row: &ProposalRow) -> Result<Proposed, TriageError> {
    let body = read_sealed(opened, row.id, &row.sealed)?;
    let same = body.kind == row.kind.as_str()
        && body.proposer == row.proposer.to_string()
        && body.day == row.day.number()
        && body.approver.is_none();
    if same {
        Ok(body)
    } else {
        Err(super::unreadable(row.report, &SealError::WrongStaff))
    }
}

pub(super) fn read_sealed(
    opened: &OpenedReport,
    id: ProposalId,
    sealed: &Sealed<Proposal>,
) -> Result<Proposed, TriageError> {
    let report = opened.row.id;
    let body = opening::open_proposal(&opened.open, id, sealed)
        .map_err(|error| super::unreadable(report, &error))?;
    serde_json::from_slice(&body).map_err(|_| super::unreadable(report, &SealError::Malformed))
}

fn shown(caller: &Caller, opened: &OpenedReport, row: &ProposalRow, handle: &str) -> ProposalView {
    ProposalView {
        id: row.id,
        kind: row.kind,
        proposer: handle.to_owned(),
        mine: row.proposer == caller.staff,
        day: row.day,
        told: read(opened, row).ok().map(told),
    }
}

fn told(body: Proposed) -> ProposalTold {
    ProposalTold {
        reason: body.reason,
        urgency: body.urgency.and_then(|urgency| urgency.parse().ok()),
        class: body.class.and_then(|class| class.parse().ok()),
        until: body.until.map(Day::from_number),
        message: body.message,
        recipient: body.recipient.and_then(|text| {
            let recipient: Recipient = text.parse().ok()?;
            Some((text, recipient.fingerprint()))
        }),
    }
}

/// The export, if the caller is one of the two who agreed on it.
fn ready(caller: &Caller, opened: &OpenedReport, row: &ExportRow) -> Option<ReadyExport> {
    let (_, recipient) = super::export::agreed(caller, opened, row).ok()?;
    Some(ReadyExport {
        id: row.id,
        fingerprint: recipient.fingerprint(),
        recipient: recipient.to_string(),
    })
}

/// Ends what was proposed by somebody who cannot read the report any more.
pub(super) fn drop_void_in_txn(
    journal: &Journal,
    conn: &mut DbConnection,
    report: ReportId,
    now: Timestamp,
) -> Result<(), StoreError> {
    for row in store::proposals_of_report(conn, report)? {
        if !store::proposer_stands(conn, report, row.proposer)? {
            store::proposal_drop(conn, row.id)?;
            let detail = format!("{} {}", row.kind, row.id);
            record(
                journal,
                conn,
                "act-void",
                row.proposer,
                report,
                now,
                &detail,
            )?;
        }
    }
    Ok(())
}

/// Records that a report's new key has ended what waited on it.
pub(super) fn dropped_in_txn(
    journal: &Journal,
    conn: &mut DbConnection,
    (actor, report): (StaffId, ReportId),
    now: Timestamp,
    count: usize,
) -> Result<(), StoreError> {
    if count == 0 {
        return Ok(());
    }
    let detail = format!("{count} by a new key");
    record(journal, conn, "act-void", actor, report, now, &detail)
}

impl From<TriageError> for DecisionError {
    fn from(error: TriageError) -> Self {
        Self::Triage(error)
    }
}

impl From<StoreError> for DecisionError {
    fn from(error: StoreError) -> Self {
        Self::Triage(error.into())
    }
}

impl From<SealError> for DecisionError {
    fn from(error: SealError) -> Self {
        Self::Triage(error.into())
    }
}
