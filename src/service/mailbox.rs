//! The reporter's side of the conversation: what a receipt code opens, and nothing more.
//!
//! A code that is unknown, wrong, closed or expired takes the same path: one argon2id, one look-up, one opening. A text that cannot be a
//! code is told so at once, which says nothing about any mailbox.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::context::Context;
use super::error::Error;
use super::intake::{Written, event, opened};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{MailItemId, ObjectId};
use crate::domain::inert;
use crate::domain::look::read_by;
use crate::domain::state::{self, State};
use crate::domain::submission::SealedObject;
use crate::seal::mailbox::{self, OpenItem, OpenMailbox};
use crate::seal::receipt::{self, Master, ReceiptCode};
use crate::seal::{Position, sealing, ticket};
use crate::store::{self, DbConnection, MailItemRow, NOT_KNOWN, StoreError, StoreResult, WriteTxn};

/// How often a message is sealed at most, if the report's key changes under it.
const SEALINGS: u32 = 4;
const TICKET: &str = "mailbox";
const WRITE: &str = "mailbox/write";
const TICKET_SECONDS: i64 = 20 * 60;
const WRITE_MINUTES: u32 = 20;
/// Longest message, in Unicode scalar values.
pub const LONGEST: usize = 20_000;
/// Longest message of which the reporter can keep a copy, in bytes: longer ones would stand out by their size among what lies in mailboxes.
const LONGEST_COPY: usize = 3_000;
/// With so many items in a mailbox no copy goes in: every visit opens all of them.
const MOST_ITEMS: i64 = 64;

/// An open mailbox.
pub struct OpenedMailbox {
    /// Hidden field that stands for the code for 20 minutes.
    pub ticket: String,
    /// Hidden field that makes a message sent twice one message.
    pub write_ticket: String,
    /// What the team wrote, oldest first.
    pub messages: Vec<MailboxMessage>,
    /// What the reporter wrote and wanted to be able to read again, oldest first.
    pub own: Vec<MailboxMessage>,
    /// When somebody of the team opened the report for the first time. A reporter is shown the day alone.
    pub read_at: Option<Timestamp>,
    /// Whether one of them is missing or damaged that the reporter has not deleted.
    pub is_incomplete: bool,
    /// Whether the reporter has deleted something that lay here.
    pub has_deleted: bool,
    /// The message that was just sent, as it was sent.
    pub written: Option<WrittenMessage>,
}

/// A message that was just sent.
pub struct WrittenMessage {
    /// What it says.
    pub text: Zeroizing<String>,
    /// Whether the reporter wanted to be able to read it again, and cannot: it is too long for that, or too much lies there.
    pub lacks_copy: bool,
}

/// One message.
pub struct MailboxMessage {
    /// Its id, for deleting.
    pub id: MailItemId,
    /// When it was written. A reporter is shown the day alone.
    pub at: Timestamp,
    /// What it says.
    pub text: String,
}

/// See the module.
#[derive(Clone)]
pub struct Mailbox {
    context: Context,
}

impl Mailbox {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }

    /// Opens the mailbox of a code as somebody typed it.
    ///
    /// # Errors
    /// [`Error::NotACode`], and [`Error::NotFound`] for any code that opens none.
    pub async fn enter(&self, typed: &str) -> Result<OpenedMailbox, Error> {
        let code = ReceiptCode::parse(typed).map_err(Error::NotACode)?;
        self.enter_code(code).await
    }

    /// Opens the mailbox of a report from the page that shows its code, where nobody need type it. Whoever has the field `kept` of that page
    /// has the code as well.
    ///
    /// # Errors
    /// [`Error::Expired`] half an hour after the code was shown.
    pub async fn enter_kept(&self, kept: &str) -> Result<OpenedMailbox, Error> {
        let opened = opened(&self.context, kept).await;
        let (code, _) = opened.map_err(|_| Error::Expired)?;
        self.enter_code(code).await
    }

    async fn enter_code(&self, code: ReceiptCode) -> Result<OpenedMailbox, Error> {
        let credentials = self.context.credentials();
        let lane = &self.context.bulkheads.receipt;
        let master = lane
            .run(move || receipt::master(&code, credentials.install_salt()))
            .await?
            .map_err(|_| Error::Unavailable)?;
        let open = self.open(&master).await?;
        self.view(&master, &open, None).await
    }

    /// Opens it again with the hidden field of its page.
    ///
    /// # Errors
    /// [`Error::Expired`] after 20 minutes, [`Error::NotFound`] if it was closed meanwhile.
    pub async fn reopen(&self, ticket: &str) -> Result<OpenedMailbox, Error> {
        let (master, open) = self.by_ticket(ticket).await?;
        self.view(&master, &open, None).await
    }

    /// Adds to the report. The same text sent twice from one page is one message, another text another one. Whoever `keeps` it can read it
    /// again in the mailbox; so can whoever has the code.
    ///
    /// # Errors
    /// [`Error`]; nothing was kept.
    pub async fn write(
        &self,
        (ticket, write_ticket): (&str, &str),
        text: &str,
        keeps: bool,
    ) -> Result<OpenedMailbox, Error> {
        let text = tidy(text)?;
        let (master, open) = self.by_ticket(ticket).await?;
        let now = self.context.clock.now();
        let keys = self.context.ticket_keys().await;
        let (ticket, _) = ticket::check_any(&keys, WRITE, write_ticket, now, WRITE_MINUTES)
            .map_err(|_| Error::Expired)?;
        let seconds = u64::try_from(now.seconds()).unwrap_or_default();
        let body = serde_json::to_vec(&Written {
            author: String::new(),
            text: text.to_string(),
        })
        .map(Zeroizing::new)
        .map_err(|_| Error::Unavailable)?;
        let mut open = open;
        for _ in 0..SEALINGS {
            let id = sealing::reporter_message_id(&open, &ticket.nonce, &text);
            let report = open.report();
            let next = move |conn: &mut DbConnection| store::object_next_number(conn, report);
            let number = self.context.read(next).await?;
            let object =
                sealing::seal_reporter_message(&open, id, Position { seconds, number }, &body)?;
            if let Some(urgent) = self.store_message(&open, object).await? {
                if urgent {
                    self.context.wake.notify_one();
                }
                let lacks_copy = keeps && !self.keep_copy(&open, id, &text, seconds).await;
                let written = WrittenMessage { text, lacks_copy };
                return self.view(&master, &open, Some(written)).await;
            }
            // The report was given a new key meanwhile, which the mailbox's card names by now; or something else was written.
            open = self.open(&master).await?;
        }
        Err(Error::Unavailable)
    }

    /// Deletes one message from the team, for good.
    ///
    /// # Errors
    /// [`Error`]; a message that is gone already is no error.
    pub async fn delete(&self, ticket: &str, item: MailItemId) -> Result<OpenedMailbox, Error> {
        let (master, open) = self.by_ticket(ticket).await?;
        let lookup = *open.lookup();
        let rows = move |conn: &mut DbConnection| store::mail_items(conn, &lookup);
        let rows = self.context.read(rows).await?;
        let row = rows.iter().find(|row| row.id == item);
        let found = row.and_then(|row| mailbox::open_item(&open, item, &row.sealed).ok());
        if let Some(found) = found.filter(|found| !found.body.is_empty()) {
            let gone = mailbox::seal_gone(&open, item, found.position)?;
            self.delete_with(AuditEvent::ReporterDeletedMessage {}, move |conn| {
                store::mail_item_delete(conn, &lookup, item, &gone)
            })
            .await?;
        }
        self.view(&master, &open, None).await
    }

    /// Closes the mailbox and deletes what lies in it. The code then opens nothing.
    ///
    /// # Errors
    /// [`Error`]; the mailbox then stands.
    pub async fn close(&self, ticket: &str) -> Result<(), Error> {
        let (_, open) = self.by_ticket(ticket).await?;
        self.close_now(&open).await
    }

    async fn close_now(&self, open: &OpenMailbox) -> Result<(), Error> {
        let lookup = *open.lookup();
        self.delete_with(AuditEvent::ReporterClosedMailbox {}, move |conn| {
            store::mailbox_close(conn, &lookup)
        })
        .await
    }

    /// Deletes for good, with an entry that names no report: a mailbox has none.
    async fn delete_with(
        &self,
        event: AuditEvent,
        delete: impl FnOnce(&mut WriteTxn<'_>) -> StoreResult<bool> + Send + 'static,
    ) -> Result<(), Error> {
        self.context
            .write(move |txn| -> Result<(), StoreError> {
                if !delete(txn)? {
                    return Ok(());
                }
                txn.record(None, event)
            })
            .await?;
        self.context.scrub().await;
        Ok(())
    }

    async fn by_ticket(&self, text: &str) -> Result<(Master, OpenMailbox), Error> {
        let keys = self.context.ticket_keys().await;
        let bytes = ticket::box_open_any(&keys, TICKET, text, self.context.clock.now())
            .map_err(|_| Error::Expired)?;
        let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| Error::Expired)?;
        let master = Master::from_bytes(bytes);
        let open = self.open(&master).await?;
        Ok((master, open))
    }

    /// A look-up and an opening, whether there is such a mailbox or not.
    async fn open(&self, master: &Master) -> Result<OpenMailbox, Error> {
        let (today, lookup) = (self.context.clock.at_least().day(), master.lookup());
        let found = move |conn: &mut DbConnection| store::mailbox_card(conn, &lookup, today);
        match self.context.read(found).await? {
            Some(card) => mailbox::open_card(master, &card).map_err(|_| Error::NotFound),
            None => {
                let dummy = mailbox::dummy_card()?;
                drop(mailbox::open_card(dummy.master(), dummy.card()));
                Err(Error::NotFound)
            }
        }
    }

    async fn view(
        &self,
        master: &Master,
        open: &OpenMailbox,
        written: Option<WrittenMessage>,
    ) -> Result<OpenedMailbox, Error> {
        let lookup = *open.lookup();
        let rows = self
            .context
            .read(move |conn| store::mail_items(conn, &lookup))
            .await?;
        let contents = Contents::of(open, &rows);
        let now = self.context.clock.now();
        let keys = self.context.ticket_keys().await;
        Ok(OpenedMailbox {
            read_at: contents.read_at,
            own: contents.own,
            messages: contents.messages,
            is_incomplete: contents.is_incomplete,
            has_deleted: contents.has_deleted,
            ticket: ticket::box_seal(
                keys.newest(),
                TICKET,
                now.plus(TICKET_SECONDS),
                master.to_bytes().as_slice(),
            )?,
            write_ticket: ticket::issue(keys.newest(), WRITE, now),
            written,
        })
    }

    /// The reporter's own copy of a message that was sent. `false` if it is not there: the message is sent all the same.
    async fn keep_copy(
        &self,
        open: &OpenMailbox,
        message: ObjectId,
        text: &str,
        seconds: u64,
    ) -> bool {
        if text.len() > LONGEST_COPY {
            return false;
        }
        let (id, lookup) = (sealing::copy_id(open, message), *open.lookup());
        for _ in 0..SEALINGS {
            let kept = async {
                let next =
                    move |conn: &mut DbConnection| store::mail_item_next_number(conn, &lookup);
                let number = self.context.read(next).await?;
                if number > MOST_ITEMS {
                    return Ok(false);
                }
                let copy = own_item(open, id, text, (seconds, number))?;
                let kept = self.context.write(move |txn| -> Result<bool, StoreError> {
                    // Two clicks: it is there.
                    Ok(store::mail_item_is_there(txn, &lookup, id)?
                        || store::mail_item_insert(txn, &lookup, &copy)?)
                });
                kept.await.map_err(Error::from)
            };
            match kept.await {
                // Something else came in meanwhile.
                Err(Error::Changed) => {}
                kept => return kept.unwrap_or(false),
            }
        }
        false
    }

    /// The message, the report's move and the notice, in one transaction. `true` if the notice is urgent, `None` if the report has
    /// another key than the one that the message is sealed to.
    async fn store_message(
        &self,
        open: &OpenMailbox,
        object: SealedObject,
    ) -> Result<Option<bool>, Error> {
        let report = open.report();
        let (recipient, suite) = (open.recipient().to_string(), open.recipient().suite());
        let now = self.context.clock.now();
        let stored = self
            .context
            .write(move |txn| -> Result<bool, StoreError> {
                // Whoever has changed the row keeps nobody from writing.
                txn.mend(report)?;
                // Which key it has nobody knows then, until somebody opens it: one of a suite that its readers have left may be broken.
                let is_known = store::report_by_id(txn, report)?.recipient != NOT_KNOWN;
                if !is_known && Some(suite) < txn.readers_suite()? {
                    return Err(StoreError::Stale);
                }
                store::object_insert(txn, report, &recipient, &object)?;
                let row = store::report_by_id(txn, report)?;
                let moved = move_on(txn, &row, now)?;
                let urgent = moved == State::Received && row.urgency.pages_on_call();
                store::event_insert(txn, &event(report, urgent, now))?;
                txn.record(None, AuditEvent::ReporterWrote { report })?;
                Ok(urgent)
            })
            .await;
        match stored {
            // The same text was sent twice from one page: the message is there.
            Err(StoreError::Conflict) => Ok(Some(false)),
            Err(StoreError::Stale) => Ok(None),
            // The report has been destroyed. Nobody would read here any more, so that the code opens nothing from now on.
            Err(StoreError::NotFound) => {
                self.close_now(open).await?;
                Err(Error::NotFound)
            }
            other => other.map(Some).map_err(Error::from),
        }
    }
}

/// What lies in a mailbox.
#[derive(Default)]
struct Contents {
    messages: Vec<MailboxMessage>,
    own: Vec<MailboxMessage>,
    read_at: Option<Timestamp>,
    has_deleted: bool,
    /// Whether something of it is missing or damaged.
    is_incomplete: bool,
}

impl Contents {
    fn of(open: &OpenMailbox, rows: &[MailItemRow]) -> Self {
        let mut numbers = BTreeSet::new();
        let mut contents = Self::default();
        for row in rows {
            if let Ok(item) = mailbox::open_item(open, row.id, &row.sealed) {
                numbers.insert(item.position.number);
                contents.take(row.id, &item);
            }
        }
        let newest = numbers.last().copied().unwrap_or_default();
        let has_gap = usize::try_from(newest).is_ok_and(|newest| newest != numbers.len());
        contents.is_incomplete = has_gap || numbers.len() != rows.len();
        contents
    }

    fn take(&mut self, id: MailItemId, item: &OpenItem) {
        let at = i64::try_from(item.position.seconds).unwrap_or_default();
        let at = Timestamp::from_seconds(at);
        match serde_json::from_slice(&item.body) {
            Ok(MailBody::Text(text)) => self.messages.push(MailboxMessage { id, at, text }),
            Ok(MailBody::Own(text)) => self.own.push(MailboxMessage { id, at, text }),
            Ok(MailBody::Read) => self.read_at = Some(at),
            Err(_) => self.has_deleted |= item.body.is_empty(),
        }
    }
}

/// The reporter's own copy of a message.
fn own_item(
    open: &OpenMailbox,
    id: MailItemId,
    text: &str,
    (seconds, number): (u64, i64),
) -> Result<MailItemRow, Error> {
    let body = serde_json::to_vec(&MailBody::Own(text.to_owned())).map(Zeroizing::new);
    let body = body.map_err(|_| Error::Unavailable)?;
    let position = Position {
        seconds,
        number: u32::try_from(number).unwrap_or(u32::MAX),
    };
    let sealed = mailbox::seal_item(open, id, position, &body)?;
    Ok(MailItemRow { id, number, sealed })
}

fn move_on(
    conn: &mut WriteTxn<'_>,
    row: &store::Report,
    now: Timestamp,
) -> Result<State, StoreError> {
    let to = row
        .state
        .after(state::Transition::ReporterWrote)
        .unwrap_or(row.state);
    // Back to received also ends the claim. Where it stays as it is, a page from before says nothing of it any more.
    if to != row.state || to.rests() || to == State::InTriage {
        store::report_state_set(conn, row.id, (row.state, row.version), to)?;
    }
    if to != row.state {
        store::report_due_set(conn, row.id, row.urgency.due(now))?;
    } else if to.rests() {
        // Whoever acts on it has as long to read this as anybody has for a new report. That it is sooner than was said, if only by a
        // quarter of an hour, tells them on their desk.
        let soon = row.due.min(read_by(row.urgency, now));
        let sooner = row
            .look_again
            .map_or(soon, |look| soon.min(look.previous()));
        store::report_due_set(conn, row.id, sooner)?;
    }
    Ok(to)
}

/// What lies in a mailbox.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum MailBody {
    /// What the team wrote.
    Text(String),
    /// What the reporter wrote and wants to be able to read again.
    Own(String),
    /// Somebody of the team has opened the report.
    Read,
}

/// Line ends as `\n`, nothing else changed.
fn tidy(text: &str) -> Result<Zeroizing<String>, Error> {
    let text = Zeroizing::new(text.replace("\r\n", "\n").replace('\r', "\n"));
    if inert::is_blank(&text) {
        return Err(Error::Empty);
    }
    if text.chars().count() > LONGEST {
        return Err(Error::TooLong);
    }
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(Error::ControlCharacters);
    }
    Ok(text)
}
