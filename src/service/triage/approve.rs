//! The second person: whoever approves does the act, in the transaction in which the proposal ends.

use super::acts::mail_item;
use super::history::{AgreedProposal, BOTH, DecisionBody, has_ended};
use super::opened::{OpenedReport, WholeReport};
use super::proposals::drop_void_in_txn;
use super::proposed::{Agreed, Proposed, read, written};
use super::{Triage, to_json};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::{Day, Timestamp};
use crate::domain::ids::{ProposalId, ReportId, StaffId};
use crate::domain::look::{LookIn, Rest};
use crate::domain::proposal::ProposalKind;
use crate::domain::retention::{Clocks, RetentionClass};
use crate::domain::state::{State, Transition};
use crate::domain::submission::SealedObject;
use crate::domain::urgency::Urgency;
use crate::seal::{Kind, SealError, opening};
use crate::service::accounts::Caller;
use crate::service::attempts;
use crate::service::error::Error;
use crate::service::mailbox::MailBody;
use crate::service::shred;
use crate::service::txn::Txn;
use crate::store::{
    self, ClaimOutcome, ExportRow, MailItemRow, ProposalRow, StoreError, Version, WriteTxn,
};

/// Seconds for which an export can be fetched.
const EXPORT_SECONDS: i64 = 86_400;

/// What an approval does to the tables. Made before the transaction, from what was opened.
enum Deed {
    Urgency(Urgency),
    Rest {
        act: Transition,
        rest: Rest,
    },
    Close {
        act: Transition,
        class: RetentionClass,
        clocks: Clocks,
        lookup: [u8; 32],
        message: Option<(MailItemRow, SealedObject)>,
    },
    Export(ExportRow),
    Shred {
        lookup: [u8; 32],
    },
    LiftHold(Option<(RetentionClass, Clocks)>),
}

/// Everything the transaction needs.
struct Approval {
    row: ProposalRow,
    deed: Deed,
    /// Who approves.
    actor: StaffId,
    now: Timestamp,
    /// What was seen of the report.
    state: State,
    version: Version,
    recipient: String,
    contents: [u8; 32],
    /// For the history; a destroyed report has none.
    decision: SealedObject,
}

impl Triage {
    /// Approves what somebody else proposed, and does it. Says what it was.
    ///
    /// # Errors
    /// [`Error::Own`] for one's own. Whatever the error, nothing was done.
    pub async fn approve(
        &self,
        caller: &Caller,
        report: ReportId,
        version: i64,
        id: ProposalId,
        code: &str,
    ) -> Result<ProposalKind, Error> {
        let (opened, row) = self
            .open_whole(caller, report, move |conn, _, _| {
                store::proposal_of_report(conn, report, id)
            })
            .await?;
        let row = row.ok_or(Error::Changed)?;
        if row.proposer == caller.staff {
            return Err(Error::Own);
        }
        self.refuse_void(report, row.proposer).await?;
        if opened.row.version.number() != version {
            return Err(Error::Changed);
        }
        let (proposed, agreed) = read(&opened, &row)?;
        still_holds(&opened, &row, &proposed)?;
        self.can_be_theirs(report, &proposed.people).await?;
        attempts::second_factor(&self.context, caller, code).await?;
        let kind = row.kind;
        let lookup = *opened.open.lookup();
        let number = self.mail_number(lookup).await?;
        let approval = self.approval(caller, &opened, row, (proposed, agreed, number))?;
        let ends = matches!(approval.deed, Deed::Shred { .. });
        let key = opened.open.grant().state_key();
        self.context
            .write(move |txn| {
                txn.sign_with(key);
                approval.carry_out(txn)
            })
            .await?;
        if ends {
            self.finish_shreds().await;
        }
        Ok(kind)
    }

    /// The report is out of reach already. If the rest does not succeed now, the worker's next look or the next start does it.
    async fn finish_shreds(&self) {
        let today = self.context.clock.today();
        let done = shred::finish_soon(&self.context.store, &self.context.audit_log, today).await;
        if let Err(error) = done {
            tracing::warn!(event = "put-off", %error, "a report that is being destroyed could not be finished now");
        }
    }

    /// Whether everybody whose it is to be can read it.
    async fn can_be_theirs(&self, report: ReportId, people: &[StaffId]) -> Result<(), Error> {
        let people = people.to_vec();
        let can_read = self.context.read(move |conn| {
            let mut people = people.into_iter();
            people.try_fold(true, |so_far, one| {
                Ok::<_, StoreError>(so_far && store::can_read(conn, report, one)?)
            })
        });
        can_read.await?.then_some(()).ok_or(Error::Assignees)
    }

    /// What somebody proposed who cannot read the report any more is ended here and now.
    async fn refuse_void(&self, report: ReportId, proposer: StaffId) -> Result<(), Error> {
        let stands = self
            .context
            .read(move |conn| store::can_read(conn, report, proposer))
            .await?;
        if stands {
            return Ok(());
        }
        self.context
            .write(move |txn| drop_void_in_txn(txn, report))
            .await?;
        Err(Error::Void)
    }

    fn approval(
        &self,
        caller: &Caller,
        opened: &WholeReport,
        row: ProposalRow,
        (proposed, agreed, number): (Proposed, AgreedProposal, i64),
    ) -> Result<Approval, Error> {
        let now = self.context.clock.now();
        let deed = self.deed(caller, opened, &row, (&proposed, &agreed), (now, number))?;
        let both = format!("{}{BOTH}{}", proposed.handle, caller.handle);
        let (act, rest) = match &deed {
            Deed::Rest { act, rest } => (Some(*act), Some(rest)),
            Deed::Close { act, .. } => (Some(*act), None),
            Deed::Urgency(_) | Deed::Export(_) | Deed::Shred { .. } | Deed::LiftHold(_) => {
                (None, None)
            }
        };
        let state = act.and_then(|act| taken(opened.row.state).after(act).ok());
        let text = match proposed.passed_to {
            Some(to) => format!("→ {to}\n{}", proposed.reason),
            None => proposed.reason,
        };
        let body = DecisionBody {
            author: both,
            text,
            ending: proposed.ending,
            state: state.map(|state| state.as_str().to_owned()),
            urgency: proposed.urgency.map(|urgency| urgency.to_string()),
            proposal: Some(agreed),
            ..DecisionBody::resting(rest)
        };
        Ok(Approval {
            decision: self.object(opened, Kind::Decision, caller, &body, (now, 0))?,
            row,
            deed,
            actor: caller.staff,
            now,
            state: opened.row.state,
            version: opened.row.version,
            recipient: opened.row.recipient.clone(),
            contents: opened.row.contents,
        })
    }

    fn deed(
        &self,
        caller: &Caller,
        opened: &OpenedReport,
        row: &ProposalRow,
        (proposed, agreed): (&Proposed, &AgreedProposal),
        (now, number): (Timestamp, i64),
    ) -> Result<Deed, Error> {
        Ok(match row.kind {
            ProposalKind::LowerUrgency => Deed::Urgency(proposed.urgency.ok_or_else(malformed)?),
            ProposalKind::NoAction => {
                let act = Transition::Close;
                self.closing(caller, opened, (act, proposed), (now, number))?
            }
            ProposalKind::Close => {
                let act = Transition::Conclude;
                self.closing(caller, opened, (act, proposed), (now, number))?
            }
            ProposalKind::Refer => resting(opened, (Transition::Refer, proposed), now)?,
            ProposalKind::Promote => resting(opened, (Transition::Promote, proposed), now)?,
            ProposalKind::Export => {
                let expires_at = now.plus(EXPORT_SECONDS).quarter();
                let body = to_json(&Agreed {
                    proposal: agreed.clone(),
                    approver: caller.handle.clone(),
                    until: expires_at.seconds(),
                })?;
                Deed::Export(ExportRow {
                    id: row.id,
                    report: row.report,
                    expires_at,
                    sealed: opening::seal_proposal(&opened.open, row.id, caller.signer(), &body)?,
                })
            }
            ProposalKind::Shred => Deed::Shred {
                lookup: *opened.open.lookup(),
            },
            ProposalKind::LiftHold => Deed::LiftHold(self.clocks_anew(&opened.row, now.day())),
        })
    }

    fn closing(
        &self,
        caller: &Caller,
        opened: &OpenedReport,
        (act, proposed): (Transition, &Proposed),
        (now, number): (Timestamp, i64),
    ) -> Result<Deed, Error> {
        let class = proposed.class.ok_or_else(malformed)?;
        let given = proposed.until.map(Day::from_number);
        let clocks = self.clocks(class, (opened.row.day, now.day()), given)?;
        let message = match &proposed.message {
            None => None,
            Some(text) => {
                // Sent by whoever agrees to it, after the decision in which both stand.
                let body = crate::service::intake::Written {
                    author: caller.handle.clone(),
                    text: text.clone(),
                };
                let object = self.object(opened, Kind::StaffMessage, caller, &body, (now, 1))?;
                Some((
                    mail_item(opened, &MailBody::Text(text.clone()), now, number)?,
                    object,
                ))
            }
        };
        Ok(Deed::Close {
            act,
            class,
            clocks,
            lookup: *opened.open.lookup(),
            message,
        })
    }
}

impl Approval {
    fn carry_out(self, txn: &mut Txn<'_>) -> Result<(), Error> {
        let (report, proposer) = (self.row.report, self.row.proposer);
        store::proposal_take(txn, &self.row)?;
        // Both must still be able to read it, at the moment in which it happens.
        if !store::can_read(txn, report, proposer)? || !store::can_read(txn, report, self.actor)? {
            return Err(Error::Changed);
        }
        // What is missing may be what was decided about it before.
        let row = store::report_by_id(txn, report)?;
        if row.contents != self.contents || !txn.is_sound(&row)? {
            return Err(Error::Changed);
        }
        let event = AuditEvent::ActApproved {
            report,
            act: self.row.kind,
            proposal: self.row.id,
            proposer,
        };
        txn.record(self.actor, event)?;
        match &self.deed {
            Deed::Urgency(urgency) => {
                store::report_urgency_set(txn, report, self.version, *urgency, self.now)?;
                let urgency = *urgency;
                txn.record(self.actor, AuditEvent::UrgencySet { report, urgency })?;
            }
            Deed::Rest { act, rest } => self.rest(txn, *act, rest)?,
            Deed::Close {
                act,
                class,
                clocks,
                lookup,
                message,
            } => {
                self.close(txn, *act, (*class, *clocks))?;
                self.say(txn)?;
                return Ok(self.tell(txn, lookup, message.as_ref())?);
            }
            Deed::Export(row) => {
                // Nothing of the report changes; that it is still the one that was seen, its version says.
                if store::report_by_id(txn, report)?.version != self.version {
                    return Err(Error::Changed);
                }
                store::export_insert(txn, row)?;
            }
            Deed::Shred { lookup } => {
                store::mailbox_close(txn, lookup)?;
                let seen = (report, self.version);
                shred::begin_in_txn(txn, seen, Some(self.actor), None)?;
                return Ok(());
            }
            Deed::LiftHold(clocks) => {
                let version = store::report_hold_set(txn, report, self.version, false)?;
                if let Some((class, clocks)) = *clocks {
                    store::report_retention_set(txn, report, version, class, clocks)?;
                }
                txn.record(self.actor, AuditEvent::HoldLifted { report })?;
            }
        }
        Ok(self.say(txn)?)
    }

    /// The decision goes into the history.
    fn say(&self, conn: &mut WriteTxn<'_>) -> Result<(), StoreError> {
        store::object_insert(conn, self.row.report, &self.recipient, &self.decision)
    }

    /// A report that went back to the queue meanwhile is taken by whoever approves. Gives what is seen of it then, and where the act leads.
    fn take(&self, txn: &mut Txn<'_>, act: Transition) -> Result<((State, Version), State), Error> {
        let report = self.row.report;
        let mut seen = (self.state, self.version);
        if self.state.is_new() {
            match store::claim(txn, report, seen, self.actor, self.now)? {
                ClaimOutcome::Claimed(version) => seen = (taken(self.state), version),
                ClaimOutcome::HeldBy(_) | ClaimOutcome::Changed => {
                    return Err(Error::Changed);
                }
            }
            txn.record(self.actor, AuditEvent::ReportClaimed { report })?;
        }
        let to = seen.0.after(act).map_err(|_| Error::NotPossible)?;
        Ok((seen, to))
    }

    /// Out of triage, to rest until somebody looks again.
    fn rest(&self, txn: &mut Txn<'_>, act: Transition, rest: &Rest) -> Result<(), Error> {
        let report = self.row.report;
        let (seen, to) = self.take(txn, act)?;
        for person in &rest.assignees {
            let can_read = store::can_read(txn, report, *person)?;
            can_read.then_some(()).ok_or(Error::Assignees)?;
        }
        store::report_rest_set(txn, report, seen, to, rest)?;
        txn.record(self.actor, AuditEvent::StateChanged { report, state: to })?;
        for person in &rest.assignees {
            let person = *person;
            txn.record(self.actor, AuditEvent::ReportAssigned { report, person })?;
        }
        Ok(())
    }

    /// Out of triage and into the drawer.
    fn close(
        &self,
        txn: &mut Txn<'_>,
        act: Transition,
        (class, clocks): (RetentionClass, Clocks),
    ) -> Result<(), Error> {
        let report = self.row.report;
        let (seen, to) = self.take(txn, act)?;
        let version = store::report_state_set(txn, report, seen, to)?;
        store::report_retention_set(txn, report, version, class, clocks)?;
        if let Some(holder) = store::claim_holder(txn, report)? {
            store::claim_release(txn, report, holder)?;
        }
        txn.record(self.actor, AuditEvent::StateChanged { report, state: to })?;
        txn.record(self.actor, AuditEvent::RetentionSet { report, class })?;
        Ok(())
    }

    /// The closing message. A reporter who has closed the mailbox meanwhile wants to hear nothing more.
    fn tell(
        &self,
        conn: &mut WriteTxn<'_>,
        lookup: &[u8; 32],
        message: Option<&(MailItemRow, SealedObject)>,
    ) -> Result<(), StoreError> {
        if let Some((item, object)) = message
            && store::mail_item_insert(conn, lookup, item)?
        {
            store::object_insert(conn, self.row.report, &self.recipient, object)?;
        }
        Ok(())
    }
}

/// Whether the report is still such that the proposal makes sense.
fn still_holds(opened: &WholeReport, row: &ProposalRow, proposed: &Proposed) -> Result<(), Error> {
    let report = &opened.row;
    let fits = match row.kind {
        ProposalKind::LowerUrgency => {
            report.urgency == Urgency::U0 && report.state != State::Locked
        }
        ProposalKind::NoAction => taken(report.state).after(Transition::Close).is_ok(),
        ProposalKind::Close => taken(report.state).after(Transition::Conclude).is_ok(),
        ProposalKind::Refer => taken(report.state).after(Transition::Refer).is_ok(),
        ProposalKind::Promote if !opened.leads => return Err(Error::LeadNeeded),
        ProposalKind::Promote => taken(report.state).after(Transition::Promote).is_ok(),
        ProposalKind::Export => report.state != State::Locked,
        ProposalKind::Shred => {
            if report.hold {
                return Err(Error::Held);
            }
            true
        }
        ProposalKind::LiftHold => report.hold,
    };
    if !fits {
        return Err(Error::NotPossible);
    }
    if let Some(hours) = proposed.hours {
        LookIn::hours(hours, report.urgency).map_err(|_| Error::Look)?;
    }
    if has_ended(opened, row.id) {
        return Err(Error::Void);
    }
    // What the reporter wrote since was not weighed.
    let weighs = !matches!(row.kind, ProposalKind::Export | ProposalKind::LiftHold);
    if weighs && proposed.written != written(opened) {
        return Err(Error::Written);
    }
    Ok(())
}

/// The state in which whoever approves has the report: one that went back to the queue is taken by them.
fn taken(state: State) -> State {
    match state.is_new() {
        true => state.after(Transition::Claim).unwrap_or(state),
        false => state,
    }
}

/// Whose it is from now on, and when they look again.
fn resting(
    opened: &OpenedReport,
    (act, proposed): (Transition, &Proposed),
    now: Timestamp,
) -> Result<Deed, Error> {
    let look = LookIn::hours(proposed.hours.ok_or_else(malformed)?, opened.row.urgency);
    let rest = Rest {
        assignees: proposed.people.clone(),
        look_again: look.map_err(|_| Error::Look)?.from(now),
    };
    Ok(Deed::Rest { act, rest })
}

fn malformed() -> Error {
    Error::unreadable(&SealError::Malformed)
}
