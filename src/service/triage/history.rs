//! What was written and decided about a report since it came, as it is sealed and as it is shown.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::opened::WholeReport;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ProposalId, ReportId, StaffId};
use crate::domain::look::Rest;
use crate::domain::named::named;
use crate::domain::outcome::Outcome;
use crate::domain::staff::StaffName;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::seal::opening::Opened;
use crate::seal::{Kind, Said, SealError, proposal_of_body};
use crate::service::intake::Written;

/// Between the handles of two who decided together.
pub(super) const BOTH: &str = " + ";

/// One line of the history.
pub struct Entry {
    /// Its number among what was written.
    pub number: u32,
    /// What it is.
    pub kind: EntryKind,
    /// When, from inside the ciphertext.
    pub at: Timestamp,
    /// The colleague; `None` for the reporter.
    pub author: Option<StaffName>,
    /// Who they are by their signatures, in the same order; nobody for the reporter.
    pub by: Vec<StaffId>,
    /// Whether all who are named as its authors have signed it; also for the reporter, whose key it carries.
    pub is_signed: bool,
    /// What was written.
    pub text: String,
    /// For a decision: the state it led to, if it changed it.
    pub state: Option<State>,
    /// For a decision: the urgency that was set, if it was.
    pub urgency: Option<Urgency>,
    /// For a decision: by when somebody looks again.
    pub look_again: Option<Timestamp>,
    /// For a decision: whose the report is from then on.
    pub assignees: Vec<StaffId>,
    /// For a decision: how the report ended.
    pub ending: Option<Ending>,
}

named! {
    /// What a line of the history is.
    EntryKind {
        /// The reporter wrote back.
        FromReporter = "from-reporter",
        /// The team wrote to the reporter.
        ToReporter = "to-reporter",
        /// A note between colleagues.
        Note = "note",
        /// A decision and its reason.
        Decision = "decision",
    }
}

/// How a report ended, as it is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// What came of it.
    pub outcome: Outcome,
    /// What is known of whether the child is safe.
    #[serde(default)]
    pub safety: String,
    /// Why the reporter was told nothing, if so.
    #[serde(default)]
    pub untold: String,
}

/// A decision as it is sealed.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct DecisionBody {
    pub author: String,
    pub text: String,
    pub state: Option<String>,
    pub urgency: Option<String>,
    #[serde(default)]
    pub linked: Option<String>,
    /// What somebody else proposed, where two people decided.
    #[serde(default)]
    pub proposal: Option<AgreedProposal>,
    /// What somebody proposed and somebody has taken back or refused.
    #[serde(default)]
    pub refused: Option<ProposalId>,
    /// By when somebody looks again, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_again: Option<i64>,
    /// Whose it is, by their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<String>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
}

impl DecisionBody {
    /// One that says whose the report is and when they look again, if that is decided.
    pub(super) fn resting(rest: Option<&Rest>) -> Self {
        let assignees = rest.iter().flat_map(|rest| rest.assignees.iter());
        Self {
            look_again: rest.map(|rest| rest.look_again.seconds()),
            assignees: assignees.map(ToString::to_string).collect(),
            ..Self::default()
        }
    }
}

/// Whether a proposal was agreed on, taken back or refused, by what the history says: its row may have been put back.
pub(super) fn has_ended(report: &WholeReport, id: ProposalId) -> bool {
    let decisions = report.contents.iter();
    let decisions = decisions.filter(|object| object.kind == Kind::Decision);
    let mut bodies =
        decisions.filter_map(|object| serde_json::from_slice::<DecisionBody>(&object.body).ok());
    bodies
        .any(|body| body.refused == Some(id) || body.proposal.is_some_and(|agreed| agreed.id == id))
}

/// A proposal that was agreed on, with its author's signature.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct AgreedProposal {
    pub id: ProposalId,
    /// As it was sealed, in base64.
    body: String,
}

impl AgreedProposal {
    pub(super) fn new(id: ProposalId, body: &[u8]) -> Self {
        let body = BASE64.encode(body);
        Self { id, body }
    }

    /// Who signed it, and what it says.
    pub(super) fn read(&self, report: ReportId) -> Result<(Said, Zeroizing<Vec<u8>>), SealError> {
        let body = BASE64.decode(self.body.as_bytes()).map(Zeroizing::new);
        let body = body.map_err(|_| SealError::Malformed)?;
        proposal_of_body(report, self.id, &body)
    }
}

pub(super) fn history(report: &WholeReport) -> Vec<Entry> {
    report
        .contents
        .iter()
        .filter_map(|object| Some(entry(report, kind_of(object.kind)?, object)))
        .collect()
}

/// What an object is in the history, if it stands there.
pub(super) const fn kind_of(kind: Kind) -> Option<EntryKind> {
    match kind {
        Kind::ReporterMessage => Some(EntryKind::FromReporter),
        Kind::StaffMessage => Some(EntryKind::ToReporter),
        Kind::Note => Some(EntryKind::Note),
        Kind::Decision => Some(EntryKind::Decision),
        Kind::Card | Kind::Answers | Kind::MailboxCard | Kind::MailItem | Kind::Proposal => None,
    }
}

fn entry(report: &WholeReport, kind: EntryKind, object: &Opened) -> Entry {
    let at = i64::try_from(object.position.seconds).unwrap_or(0);
    let body = &object.body;
    let signed = |said: &Said| report.signers.have_signed(said);
    let blank = Entry {
        number: object.position.number,
        kind,
        at: Timestamp::from_seconds(at),
        by: object.said.iter().map(|said| said.author).collect(),
        is_signed: object.said.as_ref().is_none_or(signed),
        author: None,
        text: String::new(),
        state: None,
        urgency: None,
        look_again: None,
        assignees: Vec::new(),
        ending: None,
    };
    if kind == EntryKind::Decision {
        let Ok(decision) = serde_json::from_slice::<DecisionBody>(body) else {
            return blank;
        };
        let proposal = decision.proposal.as_ref();
        let proposal = proposal.map(|agreed| agreed.read(report.row.id));
        let (first, is_first_signed) = match proposal {
            None => (None, true),
            Some(Ok((said, _))) => (Some(said.author), signed(&said)),
            Some(Err(_)) => (None, false),
        };
        let text = match decision.linked {
            Some(linked) => format!("{linked}\n{}", decision.text),
            None => decision.text,
        };
        return Entry {
            author: Some(StaffName::Handle(decision.author)),
            text,
            state: decision.state.and_then(|state| state.parse().ok()),
            urgency: decision.urgency.and_then(|urgency| urgency.parse().ok()),
            look_again: decision.look_again.map(Timestamp::from_seconds),
            assignees: decision
                .assignees
                .iter()
                .filter_map(|id| id.parse().ok())
                .collect(),
            ending: decision.ending,
            is_signed: blank.is_signed && is_first_signed,
            by: first.into_iter().chain(blank.by).collect(),
            ..blank
        };
    }
    match serde_json::from_slice::<Written>(body) {
        Ok(written) => Entry {
            author: Some(written.author)
                .filter(|author| !author.is_empty())
                .map(StaffName::Handle),
            text: written.text,
            ..blank
        },
        Err(_) => blank,
    }
}
