//! What a caseworker does with a report. Each act and its entry in the trail are one transaction.

use serde::Serialize;

use super::history::DecisionBody;
use super::opened::OpenedReport;
use super::{Triage, reason_of, tidy, to_json};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ObjectId, ReportId};
use crate::domain::inert;
use crate::domain::look::{Rest, of_question};
use crate::domain::retention::Clocks;
use crate::domain::state::{State, Transition};
use crate::domain::submission::SealedObject;
use crate::domain::urgency::Urgency;
use crate::seal::{Kind, Position, opening, random};
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::service::intake::Written;
use crate::service::mailbox::MailBody;
use crate::service::once::Once;
use crate::store::{self, ClaimOutcome, DbConnection, MailItemRow, StoreError, Version};

/// As much of one's own, written since a page was made, is looked through to see that nobody else has written.
const MOST_OWN: usize = 32;

/// A move to another state, and what is written about it.
pub(super) struct Change {
    pub act: Transition,
    pub to: State,
    pub reason: String,
    pub linked: Option<ReportId>,
    pub once: Option<Once>,
    /// For a state in which it rests: whose it is, and when they look again.
    pub rest: Option<Rest>,
}

impl Triage {
    /// Takes a report. Compare-and-set: one of many wins.
    ///
    /// # Errors
    /// [`Error::HeldBy`] tells the loser who has it.
    pub async fn claim(&self, caller: &Caller, report: ReportId) -> Result<(), Error> {
        let opened = self.open(caller, report).await?;
        let seen = (opened.row.state, opened.row.version);
        let (actor, now) = (caller.staff, self.context.clock.now());
        self.context
            .write(move |txn| -> Result<(), Error> {
                txn.must_read(report, actor)?;
                match store::claim(txn, report, seen, actor, now)? {
                    ClaimOutcome::Claimed(_) => {
                        Ok(txn.record(actor, AuditEvent::ReportClaimed { report })?)
                    }
                    ClaimOutcome::HeldBy(holder) => {
                        Err(Error::HeldBy(store::staff_handle(txn, holder)?))
                    }
                    ClaimOutcome::Changed => Err(Error::NotPossible),
                }
            })
            .await
    }

    /// Gives a report back to the queue.
    ///
    /// # Errors
    /// [`Error::NotClaimed`] if the caller does not have it.
    pub async fn release(&self, caller: &Caller, report: ReportId) -> Result<(), Error> {
        self.open(caller, report).await?;
        let actor = caller.staff;
        let released = self
            .context
            .write(move |txn| -> Result<(), StoreError> {
                txn.give_back(report, actor)?;
                txn.record(actor, AuditEvent::ReportReleased { report })
            })
            .await;
        match released {
            Err(StoreError::Stale) => Err(Error::NotClaimed),
            other => other.map_err(Error::from),
        }
    }

    /// Sets the urgency, with a reason. `version` is the one the page was made from.
    ///
    /// # Errors
    /// [`Error::SecondPersonNeeded`] for lowering U0.
    pub async fn set_urgency(
        &self,
        caller: &Caller,
        report: ReportId,
        version: i64,
        urgency: Urgency,
        reason: &str,
    ) -> Result<(), Error> {
        let reason = reason_of(reason)?;
        let opened = self.open_mine(caller, report).await?;
        if opened.row.urgency == Urgency::U0 && urgency != Urgency::U0 {
            return Err(Error::SecondPersonNeeded);
        }
        let now = self.context.clock.now();
        let body = DecisionBody {
            author: caller.handle.clone(),
            text: reason,
            urgency: Some(urgency.as_str().to_owned()),
            ..DecisionBody::default()
        };
        let object = self.object(&opened, Kind::Decision, caller, &body, (now, 0))?;
        let (actor, seen) = (caller.staff, Version::from_number(version));
        let recipient = opened.row.recipient.clone();
        let key = opened.open.grant().state_key();
        self.context
            .write(move |txn| -> Result<(), Error> {
                txn.sign_with(key);
                txn.must_hold(report, actor)?;
                // Raised meanwhile, it is no longer this person's alone to set.
                if store::report_by_id(txn, report)?.urgency == Urgency::U0
                    && urgency != Urgency::U0
                {
                    return Err(Error::Changed);
                }
                store::report_urgency_set(txn, report, seen, urgency, now)?;
                store::object_insert(txn, report, &recipient, &object)?;
                Ok(txn.record(actor, AuditEvent::UrgencySet { report, urgency })?)
            })
            .await
    }

    /// Adds a note that only colleagues read. The same words twice from one page are one note.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn note(
        &self,
        caller: &Caller,
        report: ReportId,
        text: &str,
        once: Option<Once>,
    ) -> Result<(), Error> {
        let text = tidy(text)?;
        let opened = self.open_mine(caller, report).await?;
        let now = self.context.clock.now();
        let object = self.written(&opened, Kind::Note, caller, text, (now, once))?;
        let actor = caller.staff;
        let recipient = opened.row.recipient.clone();
        self.context
            .write(move |txn| -> Result<(), Error> {
                txn.must_hold(report, actor)?;
                match store::object_insert(txn, report, &recipient, &object) {
                    // Two clicks: the note is there.
                    Err(StoreError::Conflict) => Ok(()),
                    other => {
                        other?;
                        Ok(txn.record(actor, AuditEvent::NoteWritten { report })?)
                    }
                }
            })
            .await
    }

    /// Writes to the reporter: one copy for the case, one for the mailbox. The same words twice from one page are one message.
    ///
    /// # Errors
    /// [`Error::MailboxClosed`] if the reporter could not read it; [`Error::News`] if the page does not show what was written last. Nothing
    /// was kept then.
    pub async fn message(
        &self,
        caller: &Caller,
        report: ReportId,
        text: &str,
        (newest, once): (Option<u32>, Option<Once>),
    ) -> Result<(), Error> {
        let text = tidy(text)?;
        let opened = self.open_mine(caller, report).await?;
        if !self.shows_all(caller, &opened, newest).await? {
            let is_sent = self.is_written(&opened, once, &text).await?;
            return is_sent.then_some(()).ok_or(Error::News);
        }
        let now = self.context.clock.now();
        let (actor, lookup) = (caller.staff, *opened.open.lookup());
        let number = self.mail_number(lookup).await?;
        let mail = mail_item(&opened, &MailBody::Text(text.clone()), now, number)?;
        let object = self.written(&opened, Kind::StaffMessage, caller, text, (now, once))?;
        let recipient = opened.row.recipient.clone();
        self.context
            .write(move |txn| -> Result<(), Error> {
                txn.must_hold(report, actor)?;
                match store::object_insert(txn, report, &recipient, &object) {
                    // Two clicks: the message is there and in the mailbox.
                    Err(StoreError::Conflict) => return Ok(()),
                    other => other?,
                }
                if !store::mail_item_insert(txn, &lookup, &mail)? {
                    return Err(Error::MailboxClosed);
                }
                Ok(txn.record(actor, AuditEvent::MessageWritten { report })?)
            })
            .await
    }

    /// Asks the reporter: a message, after which the report waits for an answer. The same words twice from one page are one question.
    ///
    /// # Errors
    /// [`Error::NotPossible`] if the report cannot wait now.
    pub async fn ask(
        &self,
        caller: &Caller,
        report: ReportId,
        version: i64,
        text: &str,
        (newest, once): (Option<u32>, Option<Once>),
    ) -> Result<(), Error> {
        let question = reason_of(text)?;
        let opened = self.open_mine(caller, report).await?;
        let shows_all = self.shows_all(caller, &opened, newest).await?;
        let asked = match opened.row.state.after(Transition::AskReporter) {
            _ if !shows_all => Err(Error::News),
            Ok(to) => {
                let seen = Version::from_number(version);
                let change = Change {
                    act: Transition::AskReporter,
                    to,
                    reason: question.clone(),
                    linked: None,
                    once,
                    rest: Some(Rest {
                        assignees: vec![caller.staff],
                        look_again: of_question(opened.row.urgency, self.context.clock.now()),
                    }),
                };
                self.change(caller, &opened, seen, change).await
            }
            Err(_) => Err(Error::NotPossible),
        };
        match asked {
            Err(Error::Changed | Error::NotPossible | Error::News)
                if self.is_written(&opened, once, &question).await? =>
            {
                Ok(())
            }
            asked => asked,
        }
    }

    /// Whether a page whose newest entry has that number shows all that others have written. One that does not say is from before this
    /// release.
    async fn shows_all(
        &self,
        caller: &Caller,
        opened: &OpenedReport,
        newest: Option<u32>,
    ) -> Result<bool, Error> {
        let Some(newest) = newest.filter(|newest| newest.saturating_add(1) < opened.next) else {
            return Ok(true);
        };
        let report = opened.row.id;
        let later =
            move |conn: &mut DbConnection| store::objects_after(conn, report, newest, MOST_OWN);
        let later = self.context.read(later).await?;
        // What they say themselves: the row's number is anybody's to write.
        let own = later.iter().filter_map(|(id, sealed)| {
            let opened = opening::open_object(&opened.open, *id, sealed).ok()?;
            let is_own = opened.said?.author == caller.staff;
            is_own.then_some(opened.position.number)
        });
        let mut own: Vec<u32> = own.collect();
        own.sort_unstable();
        Ok(own.into_iter().eq(newest.saturating_add(1)..opened.next))
    }

    /// Whether that was sent from that page already: two clicks.
    async fn is_written(
        &self,
        opened: &OpenedReport,
        once: Option<Once>,
        text: &str,
    ) -> Result<bool, Error> {
        let Some(Once(page)) = once else {
            return Ok(false);
        };
        let id = opening::staff_object_id(&opened.open, Kind::StaffMessage, page, text);
        let report = opened.row.id;
        let is_there = move |conn: &mut DbConnection| store::object_is_there(conn, report, id);
        Ok(self.context.read(is_there).await?)
    }

    /// A state change of the table that needs no second person, with a reason.
    ///
    /// # Errors
    /// [`Error::NotPossible`] if the table has no such move.
    pub async fn act(
        &self,
        caller: &Caller,
        report: ReportId,
        version: i64,
        act: Transition,
        reason: &str,
        linked: Option<ReportId>,
    ) -> Result<(), Error> {
        match act {
            Transition::Claim => return self.claim(caller, report).await,
            Transition::Release => return self.release(caller, report).await,
            Transition::ReporterWrote
            | Transition::Close
            | Transition::Conclude
            | Transition::AskReporter
            | Transition::ActUpon
            | Transition::Refer
            | Transition::Promote
            | Transition::MissLook => {
                return Err(Error::NotPossible);
            }
            Transition::Resume
            | Transition::Link
            | Transition::MarkSpam
            | Transition::Lock
            | Transition::Unlock => {}
        }
        let reason = match act {
            // Shutting comes first; why can be written afterwards.
            Transition::Lock if inert::is_blank(reason) => String::new(),
            _ => reason_of(reason)?,
        };
        let opened = self.open(caller, report).await?;
        match act {
            // Whoever sees what must not be seen may shut it at once, claimed or not.
            Transition::Lock => {}
            Transition::Unlock if opened.leads => {}
            Transition::Unlock => return Err(Error::NotPossible),
            _ => opened.must_be_held()?,
        }
        if let (Transition::Link, linked) = (act, linked) {
            // Linking to what the caller cannot open would tell whether it exists.
            let other = linked
                .filter(|other| *other != report)
                .ok_or(Error::NotFound)?;
            self.open(caller, other).await?;
        }
        let to = opened
            .row
            .state
            .after(act)
            .map_err(|_| Error::NotPossible)?;
        let change = Change {
            act,
            to,
            reason,
            linked,
            once: None,
            rest: None,
        };
        self.change(caller, &opened, Version::from_number(version), change)
            .await
    }

    pub(super) async fn change(
        &self,
        caller: &Caller,
        opened: &OpenedReport,
        seen: Version,
        change: Change,
    ) -> Result<(), Error> {
        let Change {
            act,
            to,
            reason,
            linked,
            once,
            rest,
        } = change;
        let now = self.context.clock.now();
        let lookup = *opened.open.lookup();
        let (mut mail, mut question) = (None, None);
        if act == Transition::AskReporter {
            let number = self.mail_number(lookup).await?;
            let said = (Kind::StaffMessage, caller, reason.clone());
            mail = Some(mail_item(
                opened,
                &MailBody::Text(reason.clone()),
                now,
                number,
            )?);
            question = Some(self.written(opened, said.0, said.1, said.2, (now, once))?);
        }
        let nth = u32::from(question.is_some());
        let body = DecisionBody {
            author: caller.handle.clone(),
            text: if mail.is_some() {
                String::new()
            } else {
                reason
            },
            state: Some(to.as_str().to_owned()),
            linked: linked.map(|id| id.to_string()),
            ..DecisionBody::resting(rest.as_ref())
        };
        let decision = self.object(opened, Kind::Decision, caller, &body, (now, nth))?;
        let (actor, report, from) = (caller.staff, opened.row.id, opened.row.state);
        let recipient = opened.row.recipient.clone();
        let row = &opened.row;
        // For how long it is kept somebody has decided, and taking it up again says nothing of that.
        let is_kept = act == Transition::Resume && row.state.rests();
        let kept = is_kept.then_some((
            row.retention,
            Clocks {
                until: row.retain_until,
                review: row.review_day,
            },
        ));
        let clocks = self.clocks_after(act, now.day()).or(kept);
        let key = opened.open.grant().state_key();
        self.context
            .write(move |txn| -> Result<(), Error> {
                txn.sign_with(key);
                match act {
                    Transition::Lock | Transition::Unlock => txn.must_read(report, actor)?,
                    _ => txn.must_hold(report, actor)?,
                }
                let version = match &rest {
                    Some(rest) => {
                        for staff in &rest.assignees {
                            txn.must_read(report, *staff)?;
                        }
                        store::report_rest_set(txn, report, (from, seen), to, rest)?
                    }
                    None => store::report_state_set(txn, report, (from, seen), to)?,
                };
                if let Some((class, clocks)) = clocks {
                    store::report_retention_set(txn, report, version, class, clocks)?;
                }
                if let Some(mail) = &mail
                    && !store::mail_item_insert(txn, &lookup, mail)?
                {
                    return Err(Error::MailboxClosed);
                }
                for object in question.iter().chain([&decision]) {
                    store::object_insert(txn, report, &recipient, object)?;
                }
                txn.record(actor, AuditEvent::StateChanged { report, state: to })?;
                let others = rest.iter().flat_map(|rest| rest.assignees.iter().copied());
                for person in others.filter(|person| *person != actor) {
                    txn.record(actor, AuditEvent::ReportAssigned { report, person })?;
                }
                Ok(())
            })
            .await
    }

    pub(super) fn written(
        &self,
        opened: &OpenedReport,
        kind: Kind,
        caller: &Caller,
        text: String,
        (now, once): (Timestamp, Option<Once>),
    ) -> Result<SealedObject, Error> {
        let id = once.map_or_else(random::object_id, |Once(page)| {
            opening::staff_object_id(&opened.open, kind, page, &text)
        });
        let author = caller.handle.clone();
        self.object_as(
            id,
            opened,
            kind,
            caller,
            &Written { author, text },
            (now, 0),
        )
    }

    /// What the caller says. One act may say several things: this is the one after so many.
    pub(super) fn object(
        &self,
        opened: &OpenedReport,
        kind: Kind,
        caller: &Caller,
        body: &impl Serialize,
        when: (Timestamp, u32),
    ) -> Result<SealedObject, Error> {
        self.object_as(random::object_id(), opened, kind, caller, body, when)
    }

    fn object_as(
        &self,
        id: ObjectId,
        opened: &OpenedReport,
        kind: Kind,
        caller: &Caller,
        body: &impl Serialize,
        (now, after): (Timestamp, u32),
    ) -> Result<SealedObject, Error> {
        let position = position(now, opened.next.saturating_add(after));
        let text = to_json(body)?;
        let by = caller.signer();
        opening::seal_object(&opened.open, id, (kind, position), by, &text).map_err(Error::from)
    }

    /// The number of the next message in a mailbox.
    pub(super) async fn mail_number(&self, lookup: [u8; 32]) -> Result<i64, Error> {
        let next = move |conn: &mut DbConnection| store::mail_item_next_number(conn, &lookup);
        Ok(self.context.read(next).await?)
    }
}

fn position(now: Timestamp, number: u32) -> Position {
    let seconds = u64::try_from(now.seconds()).unwrap_or_default();
    Position { seconds, number }
}

pub(super) fn mail_item(
    opened: &OpenedReport,
    body: &MailBody,
    now: Timestamp,
    number: i64,
) -> Result<MailItemRow, Error> {
    let position = position(now, u32::try_from(number).unwrap_or(u32::MAX));
    let id = match body {
        MailBody::Read => opening::read_id(&opened.open),
        MailBody::Text(_) | MailBody::Own(_) => random::mail_item_id(),
    };
    let sealed = opening::seal_mail_item(&opened.open, id, position, &to_json(body)?)?;
    Ok(MailItemRow { id, number, sealed })
}
