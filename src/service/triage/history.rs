//! What was written and decided about a report since it came, as it is sealed and as it is shown.

use serde::{Deserialize, Serialize};

use super::opened::WholeReport;
use crate::domain::clock::Timestamp;
use crate::domain::staff::StaffName;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::seal::Kind;
use crate::service::intake::Written;

/// One line of the history.
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// When, from inside the ciphertext.
    pub at: Timestamp,
    /// The colleague; `None` for the reporter.
    pub author: Option<StaffName>,
    /// What was written.
    pub text: String,
    /// For a decision: the state it led to, if it changed it.
    pub state: Option<State>,
    /// For a decision: the urgency that was set, if it was.
    pub urgency: Option<Urgency>,
}

/// What a line of the history is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// The reporter wrote back.
    FromReporter,
    /// The team wrote to the reporter.
    ToReporter,
    /// A note between colleagues.
    Note,
    /// A decision and its reason.
    Decision,
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
}

pub(super) fn history(report: &WholeReport) -> Vec<Entry> {
    report
        .contents
        .iter()
        .filter_map(|object| {
            let kind = match object.kind {
                Kind::ReporterMessage => EntryKind::FromReporter,
                Kind::StaffMessage => EntryKind::ToReporter,
                Kind::Note => EntryKind::Note,
                Kind::Decision => EntryKind::Decision,
                Kind::Card
                | Kind::Answers
                | Kind::MailboxCard
                | Kind::MailItem
                | Kind::Proposal => return None,
            };
            let at = i64::try_from(object.sequence).unwrap_or(0);
            Some(entry(kind, Timestamp::from_seconds(at), &object.body))
        })
        .collect()
}

fn entry(kind: EntryKind, at: Timestamp, body: &[u8]) -> Entry {
    let blank = Entry {
        kind,
        at,
        author: None,
        text: String::new(),
        state: None,
        urgency: None,
    };
    if kind == EntryKind::Decision {
        let Ok(decision) = serde_json::from_slice::<DecisionBody>(body) else {
            return blank;
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
