//! Acts that need two people: one proposes, another one whose keys open the report approves, and it happens then and not before.
//!
//! What is proposed is sealed to the report and bound to it, so that whoever writes to the database can neither change nor move it.

use super::decisions::fits;
use super::history::DecisionBody;
use super::opened::OpenedReport;
use super::proposed::{Ask, Closing, proposed, read};
use super::{Triage, reason_of, tidy, to_json};
use crate::domain::audit::AuditEvent;
use crate::domain::ids::{ProposalId, ReportId, StaffId};
use crate::domain::inert;
use crate::domain::look::LookIn;
use crate::domain::proposal::ProposalKind;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::seal::keys::Recipient;
use crate::seal::{Kind, opening, random};
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::service::txn::Txn;
use crate::store::{self, ProposalRow, StoreError};

impl Triage {
    /// Proposes an act. Lowering the urgency and closing are for whoever has claimed the report; the others also for a lead.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn propose(
        &self,
        caller: &Caller,
        report: ReportId,
        version: i64,
        ask: Ask,
        reason: &str,
    ) -> Result<(), Error> {
        let reason = reason_of(reason)?;
        let (opened, ()) = self.open_whole(caller, report, |_, _, _| Ok(())).await?;
        let for_leads = matches!(
            ask.kind(),
            ProposalKind::Export | ProposalKind::Shred | ProposalKind::LiftHold
        );
        let must_hold = !(opened.leads && for_leads);
        if must_hold {
            opened.must_be_held()?;
        }
        if !fits(&opened, ask.kind()) {
            return Err(Error::NotPossible);
        }
        if opened.row.version.number() != version {
            return Err(Error::Changed);
        }
        self.check(&opened, &ask)?;
        let (id, now) = (random::proposal_id(), self.context.clock.now());
        let body = proposed(caller, &opened, now.day(), &ask, reason)?;
        let row = ProposalRow {
            id,
            report,
            kind: ask.kind(),
            proposer: caller.staff,
            day: now.day(),
            sealed: opening::seal_proposal(&opened.open, id, caller.signer(), &to_json(&body)?)?,
        };
        let recipient = opened.row.recipient.clone();
        let told = body.message.is_some();
        let lookup = *opened.open.lookup();
        let today = self.context.clock.at_least().day();
        self.context
            .write(move |txn| -> Result<(), Error> {
                if must_hold {
                    txn.must_hold(report, row.proposer)?;
                } else {
                    txn.must_read(report, row.proposer)?;
                }
                let seen = store::report_by_id(txn, report)?;
                if seen.version.number() != version || seen.recipient != recipient {
                    return Err(Error::Changed);
                }
                if told && store::mailbox_card(txn, &lookup, today)?.is_none() {
                    return Err(Error::MailboxClosed);
                }
                drop_void_in_txn(txn, report)?;
                store::proposal_insert(txn, &row).map_err(|error| match error {
                    StoreError::Conflict => Error::Waiting,
                    other => other.into(),
                })?;
                let event = AuditEvent::ActProposed {
                    report,
                    act: row.kind,
                    proposal: row.id,
                };
                Ok(txn.record(row.proposer, event)?)
            })
            .await
    }

    /// Takes a proposal back, or refuses somebody else's.
    ///
    /// # Errors
    /// [`Error::Changed`] if it waits no longer.
    pub async fn refuse(
        &self,
        caller: &Caller,
        report: ReportId,
        id: ProposalId,
    ) -> Result<(), Error> {
        let (opened, row) = self
            .open_whole(caller, report, move |conn, _, _| {
                store::proposal_of_report(conn, report, id)
            })
            .await?;
        let row = row.ok_or(Error::Changed)?;
        // The history says so too: a row that is put back later is known by it.
        let reason = read(&opened, &row).map(|(body, _)| body.reason);
        let body = DecisionBody {
            author: caller.handle.clone(),
            text: format!("✗ {}", reason.unwrap_or_default()),
            refused: Some(id),
            ..DecisionBody::default()
        };
        let now = self.context.clock.now();
        let object = self.object(&opened, Kind::Decision, caller, &body, (now, 0))?;
        let recipient = opened.row.recipient.clone();
        let actor = caller.staff;
        self.context
            .write(move |txn| -> Result<(), Error> {
                txn.must_read(report, actor)?;
                store::proposal_take(txn, &row)?;
                store::object_insert(txn, report, &recipient, &object)?;
                let (act, proposal, proposer) = (row.kind, row.id, row.proposer);
                let event = if proposer == actor {
                    AuditEvent::ActWithdrawn {
                        report,
                        act,
                        proposal,
                    }
                } else {
                    AuditEvent::ActRefused {
                        report,
                        act,
                        proposal,
                        proposer,
                    }
                };
                Ok(txn.record(actor, event)?)
            })
            .await
    }

    fn check_closing(&self, opened: &OpenedReport, closing: &Closing) -> Result<(), Error> {
        if !super::retention::choices(State::Closed).contains(&closing.class) {
            return Err(Error::NotPossible);
        }
        check_ending(closing)?;
        // What a clock alone destroys is kept for nobody.
        let is_kept = !closing.class.ends_unattended() || closing.ending.outcome.is_of_no_action();
        is_kept.then_some(()).ok_or(Error::Kept)?;
        let policy = &self.context.settings.retention;
        let days = (opened.row.day, self.context.clock.today());
        let clocks = closing.class.clocks(policy, days, closing.until, 0);
        clocks.map_err(|_| Error::Day)?;
        if inert::is_blank(&closing.message) {
            return Ok(());
        }
        let message = tidy(&closing.message);
        message.map(|_| ()).map_err(|_| Error::MessageTooLong)
    }

    fn check(&self, opened: &OpenedReport, ask: &Ask) -> Result<(), Error> {
        match ask {
            Ask::LowerUrgency(Urgency::U0) => Err(Error::NotPossible),
            Ask::Close(closing) => self.check_closing(opened, closing),
            Ask::Refer { to, .. } if inert::is_blank(to) => Err(Error::ToNobody),
            Ask::Refer { hours, .. } | Ask::Promote { hours, .. } => {
                let look = LookIn::hours(*hours, opened.row.urgency);
                look.map(|_| ()).map_err(|_| Error::Look)
            }
            Ask::Export(recipient) => recipient
                .parse::<Recipient>()
                .map(|_| ())
                .map_err(|_| Error::Recipient),
            Ask::LowerUrgency(_) | Ask::Shred | Ask::LiftHold => Ok(()),
        }
    }
}

/// What is required of an end: what came of it, and of one after an act also whether the child is safe, and what the reporter is told.
fn check_ending(closing: &Closing) -> Result<(), Error> {
    let ending = &closing.ending;
    if !closing.was_acted_upon {
        let fits = ending.outcome.is_of_no_action();
        return fits.then_some(()).ok_or(Error::Outcome);
    }
    if inert::is_blank(&ending.safety) {
        return Err(Error::Safety);
    }
    if inert::is_blank(&closing.message) && inert::is_blank(&ending.untold) {
        return Err(Error::Feedback);
    }
    Ok(())
}

/// Ends what was proposed by somebody who cannot read the report any more.
pub(super) fn drop_void_in_txn(txn: &mut Txn<'_>, report: ReportId) -> Result<(), StoreError> {
    for row in store::proposals_of_report(txn, report)? {
        if !store::can_read(txn, report, row.proposer)? {
            store::proposal_drop(txn, row.id)?;
            let event = AuditEvent::ActVoid {
                report,
                act: row.kind,
                proposal: row.id,
            };
            txn.record(row.proposer, event)?;
        }
    }
    Ok(())
}

/// Records that a report's new key has ended what waited on it.
pub(super) fn dropped_in_txn(
    txn: &mut Txn<'_>,
    (actor, report): (StaffId, ReportId),
    count: usize,
) -> Result<(), StoreError> {
    if count == 0 {
        return Ok(());
    }
    txn.record(actor, AuditEvent::ActsVoid { report, count })
}
