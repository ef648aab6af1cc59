//! Acts that need two people: one proposes, another one whose keys open the report approves, and it happens then and not before.
//!
//! What is proposed is sealed to the report and bound to it, so that whoever writes to the database can neither change nor move it.

use super::decisions::fits;
use super::opened::OpenedReport;
use super::proposed::{Ask, proposed};
use super::{Triage, reason_of, tidy, to_json};
use crate::domain::audit::AuditEvent;
use crate::domain::ids::{ProposalId, ReportId, StaffId};
use crate::domain::inert;
use crate::domain::proposal::ProposalKind;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::seal::keys::Recipient;
use crate::seal::{opening, random};
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
        let opened = self.open_to_propose(caller, report, ask.kind()).await?;
        if opened.row.version.number() != version {
            return Err(Error::Changed);
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
        self.context
            .write(move |txn| -> Result<(), StoreError> {
                let seen = store::report_by_id(txn, report)?;
                if seen.version.number() != version || seen.recipient != recipient {
                    return Err(StoreError::Stale);
                }
                drop_void_in_txn(txn, report)?;
                store::proposal_insert(txn, &row)?;
                let event = AuditEvent::ActProposed {
                    report,
                    act: row.kind,
                    proposal: row.id,
                };
                txn.record(row.proposer, event)
            })
            .await
            .map_err(|error| match error {
                StoreError::Conflict => Error::Waiting,
                other => other.into(),
            })
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
        self.open(caller, report).await?;
        let row = self.proposal(report, id).await?;
        let actor = caller.staff;
        self.context
            .write(move |txn| -> Result<(), StoreError> {
                store::proposal_take_in_txn(txn, &row)?;
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
                txn.record(actor, event)
            })
            .await
            .map_err(Error::from)
    }

    /// Opens a report for somebody who may propose this.
    async fn open_to_propose(
        &self,
        caller: &Caller,
        report: ReportId,
        kind: ProposalKind,
    ) -> Result<OpenedReport, Error> {
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
            Err(Error::NotPossible)
        }
    }

    async fn check(&self, opened: &OpenedReport, ask: &Ask) -> Result<(), Error> {
        match ask {
            Ask::LowerUrgency(Urgency::U0) => Err(Error::NotPossible),
            Ask::NoAction {
                class,
                until,
                message,
            } => {
                if !super::retention::choices(State::NoAction).contains(class) {
                    return Err(Error::NotPossible);
                }
                let policy = &self.context.settings.retention;
                let days = (opened.row.day, self.context.clock.today());
                class
                    .clocks(policy, days, *until, 0)
                    .map_err(|_| Error::Day)?;
                if inert::is_blank(message) {
                    return Ok(());
                }
                tidy(message).map_err(|_| Error::MessageTooLong)?;
                let (lookup, today) = (*opened.open.lookup(), self.context.clock.today());
                let card = self
                    .context
                    .store
                    .run(move |conn| store::mailbox_card(conn, &lookup, today))
                    .await?;
                card.map(|_| ()).ok_or(Error::MailboxClosed)
            }
            Ask::Export(recipient) => recipient
                .parse::<Recipient>()
                .map(|_| ())
                .map_err(|_| Error::Recipient),
            Ask::LowerUrgency(_) | Ask::Shred | Ask::LiftHold => Ok(()),
        }
    }

    /// The row of a proposal on a report that the caller has opened.
    pub(super) async fn proposal(
        &self,
        report: ReportId,
        id: ProposalId,
    ) -> Result<ProposalRow, Error> {
        let rows = self
            .context
            .store
            .run(move |conn| store::proposals_of_report(conn, report))
            .await?;
        rows.into_iter()
            .find(|row| row.id == id)
            .ok_or(Error::Changed)
    }
}

/// Ends what was proposed by somebody who cannot read the report any more.
pub(super) fn drop_void_in_txn(txn: &mut Txn<'_>, report: ReportId) -> Result<(), StoreError> {
    for row in store::proposals_of_report(txn, report)? {
        if !store::proposer_stands(txn, report, row.proposer)? {
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
