//! What leaves the house: answers and history of one report, sealed to the recipient that two people agreed on. It exists in memory alone.

use serde::Serialize;
use zeroize::Zeroizing;

use super::history::{Entry, EntryKind, history};
use super::opened::{OpenedReport, WholeReport};
use super::proposed::{Proposed, read_agreed};
use super::{Triage, to_json};
use crate::domain::audit::AuditEvent;
use crate::domain::ids::{ProposalId, ReportId};
use crate::domain::proposal::ProposalKind;
use crate::domain::staff::StaffName;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::seal::keys::Recipient;
use crate::seal::{SealError, opening};
use crate::service::accounts::Caller;
use crate::service::attempts;
use crate::service::error::Error;
use crate::store::{self, ExportRow};

/// The file, before it is sealed.
#[derive(Serialize)]
struct File<'a> {
    format: &'static str,
    report: String,
    day: String,
    exported: String,
    agreed: [&'a str; 2],
    state: &'static str,
    urgency: &'static str,
    answers: Option<serde_json::Value>,
    history: Vec<Line>,
}

/// One line of the history.
#[derive(Serialize)]
struct Line {
    kind: EntryKind,
    day: String,
    author: Option<String>,
    /// Whether the author's own signature stands under it; for the reporter, whether the receipt's key does.
    signed: bool,
    text: String,
    state: Option<State>,
    urgency: Option<Urgency>,
}

impl Triage {
    /// Fetches an export, once: an age file to its recipient. For the two who agreed on it.
    ///
    /// # Errors
    /// [`Error::Void`] if it was fetched before or has run out.
    pub async fn fetch_export(
        &self,
        caller: &Caller,
        report: ReportId,
        id: ProposalId,
        code: &str,
    ) -> Result<Vec<u8>, Error> {
        let now = self.context.clock.now();
        let (opened, rows) = self
            .open_whole(caller, report, move |conn, _, _| {
                store::exports_of_report(conn, report, now)
            })
            .await?;
        let row = rows.into_iter().find(|row| row.id == id);
        let row = row.ok_or(Error::Void)?;
        let (agreed, approver, recipient) = agreed(caller, &opened, &row)?;
        if opened.row.state == State::Locked {
            return Err(Error::NotPossible);
        }
        attempts::second_factor(&self.context, caller, code).await?;
        let exported = now.day().to_string();
        let contents = contents(&opened, [&agreed.handle, &approver], exported)?;
        let file = opening::seal_export(&recipient, &contents)?;
        let actor = caller.staff;
        let (seen, key) = (opened.row.version, opened.row.recipient.clone());
        self.context
            .write(move |txn| -> Result<(), Error> {
                txn.must_read(report, actor)?;
                let row_now = store::report_by_id(txn, report)?;
                if row_now.version != seen || row_now.recipient != key {
                    return Err(Error::Changed);
                }
                store::export_take(txn, &row)?;
                let event = AuditEvent::ReportExported {
                    report,
                    proposal: row.id,
                    digits: recipient.fingerprint(),
                };
                Ok(txn.record(actor, event)?)
            })
            .await?;
        Ok(file.into_bytes())
    }
}

/// What was agreed on, the handle of who agreed, and whom it goes to, if the caller is one of the two.
pub(super) fn agreed(
    caller: &Caller,
    opened: &OpenedReport,
    row: &ExportRow,
) -> Result<(Proposed, String, Recipient), Error> {
    let (agreed, approver, handle) = read_agreed(opened, row)?;
    let broken = |error: SealError| Error::unreadable(&error);
    if agreed.kind != ProposalKind::Export {
        return Err(broken(SealError::WrongKind));
    }
    if caller.staff != approver && caller.staff != agreed.proposer {
        return Err(Error::NotFound);
    }
    let recipient = agreed.recipient.as_deref().unwrap_or_default();
    let recipient = recipient.parse().map_err(broken)?;
    Ok((agreed, handle, recipient))
}

fn contents(
    opened: &WholeReport,
    agreed: [&str; 2],
    exported: String,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let answers = opened.answers();
    let answers = answers.and_then(|json| serde_json::from_slice(json).ok());
    to_json(&File {
        format: "kapea-export/1",
        report: opened.row.id.to_string(),
        day: opened.row.day.to_string(),
        exported,
        agreed,
        state: opened.row.state.as_str(),
        urgency: opened.row.urgency.as_str(),
        answers,
        history: history(opened).into_iter().map(line).collect(),
    })
}

fn line(entry: Entry) -> Line {
    Line {
        kind: entry.kind,
        day: entry.at.day().to_string(),
        author: entry.author.map(|author| match author {
            StaffName::Handle(handle) | StaffName::Former(handle) => handle,
        }),
        signed: entry.is_signed,
        text: entry.text,
        state: entry.state,
        urgency: entry.urgency,
    }
}
