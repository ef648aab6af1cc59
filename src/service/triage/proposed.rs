//! A proposal as it is sealed, and opened again.

use serde::{Deserialize, Serialize};

use super::opened::{OpenedReport, WholeReport};
use super::tidy;
use crate::domain::clock::Day;
use crate::domain::ids::ProposalId;
use crate::domain::inert;
use crate::domain::proposal::ProposalKind;
use crate::domain::retention::RetentionClass;
use crate::domain::sealed::{Proposal, Sealed};
use crate::domain::urgency::Urgency;
use crate::seal::{Kind, SealError, opening};
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::store::ProposalRow;

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

/// What `ask` comes to on this report, today.
pub(super) fn proposed(
    caller: &Caller,
    opened: &WholeReport,
    day: Day,
    ask: &Ask,
    reason: String,
) -> Result<Proposed, Error> {
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
            if !inert::is_blank(message) {
                body.message = Some(tidy(message)?);
            }
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

/// Opens a proposal and checks that it is the one that its row says.
pub(super) fn read(opened: &OpenedReport, row: &ProposalRow) -> Result<Proposed, Error> {
    let body = read_sealed(opened, row.id, &row.sealed)?;
    let same = body.kind == row.kind.as_str()
        && body.proposer == row.proposer.to_string()
        && body.day == row.day.number()
        && body.approver.is_none();
    if same {
        Ok(body)
    } else {
        Err(Error::unreadable(&SealError::WrongObject))
    }
}

pub(super) fn read_sealed(
    opened: &OpenedReport,
    id: ProposalId,
    sealed: &Sealed<Proposal>,
) -> Result<Proposed, Error> {
    let body = opening::open_proposal(&opened.open, id, sealed)
        .map_err(|error| Error::unreadable(&error))?;
    serde_json::from_slice(&body).map_err(|_| Error::unreadable(&SealError::Malformed))
}
