//! What waits for a second person, and what may be proposed, as pages show it.

use super::history::Ending;
use super::leads;
use super::opened::OpenedReport;
use super::proposed::{Proposed, read};
use crate::domain::clock::{Day, Timestamp};
use crate::domain::ids::{KeyId, ProposalId, ReportId, StaffId};
use crate::domain::proposal::ProposalKind;
use crate::domain::retention::{Clocks, RetentionClass};
use crate::domain::state::{State, Transition};
use crate::domain::urgency::Urgency;
use crate::seal::keys::Recipient;
use crate::service::accounts::Caller;
use crate::service::authority::Authority;
use crate::service::error::Error;
use crate::store::{self, DbConnection, ExportRow, ProposalRow, StoreResult};

/// Lines above the queue.
const LISTED: usize = 20;

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
    /// How it ends.
    pub ending: Option<Ending>,
    /// To whom it is passed on.
    pub passed_to: Option<String>,
    /// Whose it is from then on.
    pub people: Vec<StaffId>,
    /// After how many hours they look again.
    pub hours: Option<u32>,
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

impl Waiting {
    /// What waits on reports that `holding`, the keys of `me`, open.
    pub(super) fn find(
        conn: &mut DbConnection,
        authority: &Authority,
        holding: &[KeyId],
        me: StaffId,
        today: Day,
    ) -> StoreResult<Self> {
        let mut waiting = Self::default();
        for row in store::proposals_waiting(conn, holding, LISTED)? {
            let handle = store::staff_handle(conn, row.proposer)?;
            let mine = row.proposer == me;
            let line = (row.report, row.kind, handle, row.day, mine);
            waiting.proposals.push(line);
        }
        if leads(conn, authority, me)? {
            let due = store::reports_to_review(conn, holding, today, LISTED)?;
            waiting.reviews = due.into_iter().map(|(since, id)| (id, since)).collect();
        }
        Ok(waiting)
    }
}

/// The rows of what waits on a report.
pub(super) struct DecisionRows {
    /// What was proposed, and by whom.
    proposals: Vec<(ProposalRow, String)>,
    exports: Vec<ExportRow>,
}

impl DecisionRows {
    pub(super) fn find(
        conn: &mut DbConnection,
        report: ReportId,
        now: Timestamp,
    ) -> StoreResult<Self> {
        let mut proposals = Vec::new();
        for row in store::proposals_of_report(conn, report)? {
            if store::can_read(conn, report, row.proposer)? {
                let handle = store::staff_handle(conn, row.proposer)?;
                proposals.push((row, handle));
            }
        }
        let exports = store::exports_of_report(conn, report, now)?;
        Ok(Self { proposals, exports })
    }
}

/// What the report's page shows of all this, and how much of it does not open.
pub(super) fn decisions(
    caller: &Caller,
    opened: &OpenedReport,
    rows: &DecisionRows,
) -> (DecisionsView, usize) {
    let proposals: Vec<ProposalView> = rows
        .proposals
        .iter()
        .map(|(row, handle)| shown(caller, opened, row, handle))
        .collect();
    let mut broken = proposals
        .iter()
        .filter(|shown| shown.told.is_none())
        .count();
    let mut exports = Vec::new();
    for row in &rows.exports {
        match super::export::agreed(caller, opened, row) {
            Ok((.., recipient)) => exports.push(ReadyExport {
                id: row.id,
                fingerprint: recipient.fingerprint(),
                recipient: recipient.to_string(),
            }),
            Err(Error::Unreadable) => broken = broken.saturating_add(1),
            // For the two who agreed on it alone.
            Err(_) => {}
        }
    }
    let waits = |kind| proposals.iter().any(|shown| shown.kind == kind);
    let may = ProposalKind::ALL.iter().copied();
    let may = may.filter(|kind| !waits(*kind) && fits(opened, *kind));
    let view = DecisionsView {
        may: may.collect(),
        exports,
        leads: opened.leads,
        hold: opened.row.hold,
        class: Some(opened.row.retention),
        clocks: Clocks {
            until: opened.row.retain_until,
            review: opened.row.review_day,
        },
        classes: super::retention::choices(opened.row.state),
        proposals,
    };
    (view, broken)
}

/// Whether an act can be proposed on a report as it stands.
pub(super) fn fits(opened: &OpenedReport, kind: ProposalKind) -> bool {
    let (row, mine, leads) = (&opened.row, opened.is_mine(), opened.leads);
    let locked = row.state == State::Locked;
    match kind {
        ProposalKind::LowerUrgency => mine && row.urgency == Urgency::U0 && !locked,
        ProposalKind::NoAction => mine && row.state.after(Transition::Close).is_ok(),
        ProposalKind::Close => mine && row.state.after(Transition::Conclude).is_ok(),
        ProposalKind::Refer => mine && row.state.after(Transition::Refer).is_ok(),
        ProposalKind::Promote => mine && row.state.after(Transition::Promote).is_ok(),
        // What is locked leaves by a written procedure, not by this way.
        ProposalKind::Export => (mine || leads) && !locked,
        ProposalKind::Shred => (mine || leads) && !row.hold,
        ProposalKind::LiftHold => (mine || leads) && row.hold,
    }
}

fn shown(caller: &Caller, opened: &OpenedReport, row: &ProposalRow, handle: &str) -> ProposalView {
    ProposalView {
        id: row.id,
        kind: row.kind,
        proposer: handle.to_owned(),
        mine: row.proposer == caller.staff,
        day: row.day,
        told: read(opened, row).ok().map(|(body, _)| told(body)),
    }
}

fn told(body: Proposed) -> ProposalTold {
    ProposalTold {
        reason: body.reason,
        urgency: body.urgency,
        class: body.class,
        until: body.until.map(Day::from_number),
        message: body.message,
        ending: body.ending,
        passed_to: body.passed_to,
        people: body.people,
        hours: body.hours,
        recipient: body.recipient.and_then(|text| {
            let recipient: Recipient = text.parse().ok()?;
            Some((text, recipient.fingerprint()))
        }),
    }
}
