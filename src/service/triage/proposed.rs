//! A proposal as it is sealed, and opened again.

use serde::{Deserialize, Serialize};

use super::history::{AgreedProposal, Ending};
use super::opened::{OpenedReport, WholeReport};
use super::tidy;
use crate::domain::clock::Day;
use crate::domain::ids::{ProposalId, StaffId};
use crate::domain::inert;
use crate::domain::proposal::ProposalKind;
use crate::domain::retention::RetentionClass;
use crate::domain::sealed::{Proposal, Sealed};
use crate::domain::urgency::Urgency;
use crate::seal::opening::{self, OpenProposal};
use crate::seal::{Kind, Said, SealError};
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::store::{ExportRow, ProposalRow};

/// What somebody proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// It is not of the highest urgency any more.
    LowerUrgency(Urgency),
    /// It is closed.
    Close(Closing),
    /// It is passed on.
    Refer {
        /// To whom.
        to: String,
        /// After how many hours somebody asks there what became of it.
        hours: u32,
    },
    /// It becomes a case.
    Promote {
        /// Whose.
        people: Vec<StaffId>,
        /// After how many hours they look again.
        hours: u32,
    },
    /// What is known of it leaves the house, sealed to this age recipient.
    Export(String),
    /// It is destroyed.
    Shred,
    /// The legal hold ends.
    LiftHold,
}

/// How a report is to be closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Whether anything was done about it.
    pub was_acted_upon: bool,
    /// What came of it.
    pub ending: Ending,
    /// How long it is kept.
    pub class: RetentionClass,
    /// For a class that takes a day: which.
    pub until: Option<Day>,
    /// What the reporter finds in the mailbox; empty for nothing.
    pub message: String,
}

/// A proposal as it is sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Proposed {
    pub kind: ProposalKind,
    pub proposer: StaffId,
    pub handle: String,
    pub day: i64,
    pub reason: String,
    /// How often the reporter had written.
    pub written: usize,
    pub urgency: Option<Urgency>,
    pub class: Option<RetentionClass>,
    pub until: Option<i64>,
    pub message: Option<String>,
    pub recipient: Option<String>,
    /// How it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
    /// To whom it is passed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_to: Option<String>,
    /// Whose it is from then on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<StaffId>,
    /// After how many hours they look again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<u32>,
}

/// An export that two people agreed on, as it is sealed: what one of them proposed, and who agreed.
#[derive(Serialize, Deserialize)]
pub(super) struct Agreed {
    pub proposal: AgreedProposal,
    /// Handle of who agreed.
    pub approver: String,
    /// Until when it can be fetched, in seconds since 1970.
    pub until: i64,
}

impl Ask {
    /// What kind of act it is.
    pub const fn kind(&self) -> ProposalKind {
        match self {
            Self::LowerUrgency(_) => ProposalKind::LowerUrgency,
            Self::Close(closing) if closing.was_acted_upon => ProposalKind::Close,
            Self::Close(_) => ProposalKind::NoAction,
            Self::Refer { .. } => ProposalKind::Refer,
            Self::Promote { .. } => ProposalKind::Promote,
            Self::Export(_) => ProposalKind::Export,
            Self::Shred => ProposalKind::Shred,
            Self::LiftHold => ProposalKind::LiftHold,
        }
    }
}

/// What `ask` comes to on this report, today.
pub(super) fn proposed(
    caller: &Caller,
    opened: &WholeReport,
    day: Day,
    ask: &Ask,
    reason: String,
) -> Result<Proposed, Error> {
    let mut body = Proposed {
        kind: ask.kind(),
        proposer: caller.staff,
        handle: caller.handle.clone(),
        day: day.number(),
        reason,
        written: written(opened),
        urgency: None,
        class: None,
        until: None,
        message: None,
        recipient: None,
        ending: None,
        passed_to: None,
        people: Vec::new(),
        hours: None,
    };
    match ask {
        Ask::LowerUrgency(urgency) => body.urgency = Some(*urgency),
        Ask::Close(closing) => {
            body.ending = Some(closing.ending.clone());
            body.class = Some(closing.class);
            body.until = closing.until.map(Day::number);
            if !inert::is_blank(&closing.message) {
                body.message = Some(tidy(&closing.message)?);
            }
        }
        Ask::Refer { to, hours } => {
            body.passed_to = Some(to.clone());
            body.hours = Some(*hours);
            body.people = vec![caller.staff];
        }
        Ask::Promote { people, hours } => {
            body.people = super::resting::assignees(people)?;
            body.hours = Some(*hours);
        }
        Ask::Export(recipient) => body.recipient = Some(recipient.clone()),
        Ask::Shred | Ask::LiftHold => {}
    }
    Ok(body)
}

/// How often the reporter has written.
pub(super) fn written(opened: &WholeReport) -> usize {
    let contents = opened.contents.iter();
    contents
        .filter(|object| object.kind == Kind::ReporterMessage)
        .count()
}

/// Opens a proposal and checks that it is the one that its row says, and is signed by whom it says. Gives it also as it is kept once it
/// is agreed on.
pub(super) fn read(
    opened: &OpenedReport,
    row: &ProposalRow,
) -> Result<(Proposed, AgreedProposal), Error> {
    let open = open(opened, row.id, &row.sealed)?;
    let body = parsed(opened, &open.said, &open.text)?;
    let same =
        open.said.author == row.proposer && body.kind == row.kind && body.day == row.day.number();
    if same {
        Ok((body, AgreedProposal::new(row.id, &open.body)))
    } else {
        Err(Error::unreadable(&SealError::WrongObject))
    }
}

/// What two people agreed on and can be fetched: what was proposed, who agreed, and their handle. Both have signed it.
pub(super) fn read_agreed(
    opened: &OpenedReport,
    row: &ExportRow,
) -> Result<(Proposed, StaffId, String), Error> {
    let open = open(opened, row.id, &row.sealed)?;
    let broken = |error: SealError| Error::unreadable(&error);
    if !opened.signers.have_signed(&open.said) {
        return Err(broken(SealError::Unauthenticated));
    }
    let agreed: Agreed =
        serde_json::from_slice(&open.text).map_err(|_| broken(SealError::Malformed))?;
    let (said, text) = agreed.proposal.read(row.report).map_err(broken)?;
    let is_same = agreed.proposal.id == row.id && agreed.until == row.expires_at.seconds();
    if !is_same || said.author == open.said.author {
        return Err(broken(SealError::WrongObject));
    }
    let proposed = parsed(opened, &said, &text)?;
    Ok((proposed, open.said.author, agreed.approver))
}

fn open(
    opened: &OpenedReport,
    id: ProposalId,
    sealed: &Sealed<Proposal>,
) -> Result<OpenProposal, Error> {
    opening::open_proposal(&opened.open, id, sealed).map_err(|error| Error::unreadable(&error))
}

/// What somebody proposes, if they have signed it.
fn parsed(opened: &OpenedReport, said: &Said, text: &[u8]) -> Result<Proposed, Error> {
    let broken = |error: SealError| Error::unreadable(&error);
    if !opened.signers.have_signed(said) {
        return Err(broken(SealError::Unauthenticated));
    }
    let body: Proposed = serde_json::from_slice(text).map_err(|_| broken(SealError::Malformed))?;
    if body.proposer != said.author {
        return Err(broken(SealError::WrongStaff));
    }
    Ok(body)
}
