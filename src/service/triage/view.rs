//! Reading a report: the answers as they were sealed, and the history.

use super::Triage;
use super::access::AccessView;
use super::acts::mail_item;
use super::decisions::{DecisionRows, DecisionsView, decisions};
use super::history::{BOTH, Entry, EntryKind, history};
use super::opened::{OpenedReport, WholeReport};
use super::reading::Reading;
use crate::domain::audit::{AuditEvent, ReportPart};
use crate::domain::clock::{Day, Timestamp};
use crate::domain::deadline::{Deadline, Facts};
use crate::domain::form::{CardSummary, SealedAnswers};
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::staff::{StaffName, StaffState};
use crate::domain::state::{State, Transition};
use crate::domain::urgency::Urgency;
use crate::seal::opening;
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::service::mailbox::MailBody;
use crate::store;

/// A report as its page shows it.
pub struct ReportView {
    /// Its id.
    pub report: ReportId,
    /// Where it stands.
    pub state: State,
    /// How soon it needs a person.
    pub urgency: Urgency,
    /// The UTC day it came.
    pub day: Day,
    /// The hour it came, from inside the ciphertext.
    pub hour: Option<Timestamp>,
    /// Handle of who has it.
    pub holder: Option<String>,
    /// Whether the caller has it.
    pub mine: bool,
    /// Whose it is.
    pub assignees: Vec<StaffId>,
    /// What people are called.
    pub names: Vec<(StaffId, StaffName)>,
    /// Who could have it.
    pub readers: Vec<(StaffId, String)>,
    /// What comes next, and by when; and what the reporter should hear.
    pub deadlines: Vec<(Deadline, Timestamp)>,
    /// To be sent back with an act, so that it fails if the report has changed.
    pub version: i64,
    /// The number of the newest entry, to be sent back with words to the reporter, so that they fail if there is another.
    pub newest: u32,
    /// Until which entry the caller had read it before; `None` if they never had.
    pub read_until: Option<u32>,
    /// What the caller may do now.
    pub acts: Vec<Transition>,
    /// The answers as the reporter gave them; `None` while the report is locked.
    pub answers: Option<SealedAnswers>,
    /// What was written and decided since, oldest first.
    pub history: Vec<Entry>,
    /// Whether the reporter can still be written to.
    pub mailbox_open: bool,
    /// The answers' hints at urgency: reasons, never a decision.
    pub card: Option<CardSummary>,
    /// Who may read it, for leads.
    pub access: Option<AccessView>,
    /// What needs a second person, and how long it is kept.
    pub decisions: DecisionsView,
}

/// What stands beside a report's objects.
struct Beside {
    decisions: DecisionRows,
    access: Option<AccessView>,
    readers: Vec<StaffId>,
    people: Vec<store::Staff>,
}

impl Triage {
    /// Reads a report: all of it in one trip to the database, and the reading is in the trail, by a second one, before the page is shown.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a report that the caller's keys do not open.
    pub async fn read(&self, caller: &Caller, report: ReportId) -> Result<ReportView, Error> {
        let (actor, now) = (caller.staff, self.context.clock.now());
        let authority = self.context.authority.clone();
        let (whole, beside) = self
            .open_whole(caller, report, move |conn, row, leads| {
                Ok(Beside {
                    decisions: DecisionRows::find(conn, report, now)?,
                    access: leads
                        .then(|| AccessView::find(conn, &authority, actor, row))
                        .transpose()?,
                    readers: store::report_readers(conn, report)?,
                    people: store::staff_list(conn)?,
                })
            })
            .await?;
        let (decisions, broken) = decisions(caller, &whole, &beside.decisions);
        self.heed_report(caller, (report, whole.key), ReportPart::Proposals, broken)
            .await;
        let (mine, lookup) = (whole.is_mine(), *whole.open.lookup());
        let today = self.context.clock.at_least().day();
        let told = opening::read_id(&whole.open);
        let reading = Reading::of(&whole, actor);
        let (mailbox_open, is_told, read_until) = self
            .context
            .write(move |txn| -> Result<_, Error> {
                if mine {
                    store::claim_touch(txn, report, actor, now)?;
                }
                let read_until = reading.keep(txn)?;
                txn.record(actor, AuditEvent::ReportRead { report })?;
                let is_open = store::mailbox_card(txn, &lookup, today)?.is_some();
                let is_told = store::mail_item_is_there(txn, &lookup, told)?;
                Ok((is_open, is_told, read_until))
            })
            .await?;
        let mut view = view(&whole, mailbox_open);
        if mailbox_open && !is_told && view.answers.is_some() {
            self.tell_read(&whole, now).await;
        }
        for entry in &mut view.history {
            entry.is_signed &= is_by(entry, &beside.people);
            entry.author = entry
                .author
                .take()
                .map(|author| named(author, &beside.people));
        }
        view.read_until = read_until;
        view.assignees = whole.row.assignees().collect();
        let names = beside.people.iter();
        view.names = names
            .map(|one| (one.id, StaffName::of(one.id, &one.handle, one.state)))
            .collect();
        let readers = beside.people.iter();
        let readers = readers.filter(|person| {
            person.state == StaffState::Active && beside.readers.contains(&person.id)
        });
        view.readers = readers
            .map(|person| (person.id, person.handle.clone()))
            .collect();
        view.deadlines = deadlines(&view, &whole.row);
        view.decisions = decisions;
        view.access = beside.access;
        Ok(view)
    }
}

impl Triage {
    /// Tells the reporter that somebody has read the report, once. Where it fails, the report is read all the same, and the next reading
    /// makes up for it.
    async fn tell_read(&self, opened: &OpenedReport, now: Timestamp) {
        let told = async {
            let lookup = *opened.open.lookup();
            let number = self.mail_number(lookup).await?;
            let item = mail_item(opened, &MailBody::Read, now, number)?;
            let told = self
                .context
                .write(move |txn| store::mail_item_insert(txn, &lookup, &item));
            told.await.map_err(Error::from)
        };
        if let Err(error) = told.await {
            tracing::warn!(event = "put-off", %error, "a reporter could not be told that the report was read");
        }
    }
}

/// Whether the handles that were sealed are those of the people who signed.
fn is_by(entry: &Entry, people: &[store::Staff]) -> bool {
    let Some(StaffName::Handle(handles)) = &entry.author else {
        return entry.by.is_empty();
    };
    let handle = |id: &StaffId| people.iter().find(|person| person.id == *id);
    let signed: Option<Vec<_>> = entry.by.iter().map(handle).collect();
    signed.is_some_and(|people| {
        let signed: Vec<_> = people.iter().map(|person| person.handle.as_str()).collect();
        signed.join(BOTH) == *handles
    })
}

/// What was sealed carries the handle of that day. Whoever has left since is named without it.
fn named(author: StaffName, people: &[store::Staff]) -> StaffName {
    let StaffName::Handle(handle) = &author else {
        return author;
    };
    match people.iter().find(|person| person.handle == *handle) {
        Some(person) => StaffName::of(person.id, handle, person.state),
        None => author,
    }
}

fn view(opened: &WholeReport, mailbox_open: bool) -> ReportView {
    let (row, mine) = (&opened.row, opened.is_mine());
    let holder = opened.holder.as_ref().map(|(_, handle)| handle.clone());
    let shut = row.state == State::Locked;
    let card = CardSummary::parse(opened.open.summary()).ok();
    ReportView {
        report: row.id,
        state: row.state,
        urgency: row.urgency,
        day: row.day,
        hour: card
            .as_ref()
            .map(|card| Timestamp::from_seconds(card.received_hour)),
        mine,
        version: row.version.number(),
        newest: opened.next.saturating_sub(1),
        read_until: None,
        acts: possible(row.state, holder.is_some(), mine, opened.leads),
        holder,
        assignees: Vec::new(),
        names: Vec::new(),
        readers: Vec::new(),
        deadlines: Vec::new(),
        answers: if shut {
            None
        } else {
            opened
                .answers()
                .and_then(|json| SealedAnswers::parse(json).ok())
        },
        history: if shut { Vec::new() } else { history(opened) },
        mailbox_open,
        card: card.filter(|_| !shut),
        access: None,
        decisions: DecisionsView::default(),
    }
}

/// By when somebody should have done what comes next.
fn deadlines(view: &ReportView, row: &store::Report) -> Vec<(Deadline, Timestamp)> {
    let received = view.hour.unwrap_or(view.day.start());
    let last = |kind: EntryKind| {
        let of_kind = view.history.iter().filter(|entry| entry.kind == kind);
        of_kind.map(|entry| entry.at).max()
    };
    let facts = Facts {
        urgency: view.urgency,
        state: view.state,
        due: row.due,
        is_looked_at: row.look_again.is_some(),
        received,
        told: last(EntryKind::FromReporter).unwrap_or(received),
        replied: last(EntryKind::ToReporter),
        is_mailbox_open: view.mailbox_open,
    };
    facts.next().into_iter().chain(facts.reply()).collect()
}

fn possible(state: State, held: bool, mine: bool, lead: bool) -> Vec<Transition> {
    Transition::ALL
        .into_iter()
        .filter(|act| state.after(*act).is_ok())
        .filter(|act| match act {
            Transition::Claim => !held,
            // Closing takes two, see `proposals`.
            Transition::Close | Transition::Conclude | Transition::Refer | Transition::Promote => {
                false
            }
            // Nobody's choice.
            Transition::ReporterWrote | Transition::MissLook => false,
            // Whoever sees what must not be seen may shut it at once, claimed or not.
            Transition::Lock => true,
            Transition::Unlock => lead,
            Transition::Release
            | Transition::AskReporter
            | Transition::ActUpon
            | Transition::Resume
            | Transition::Link
            | Transition::MarkSpam => mine,
        })
        .collect()
}
