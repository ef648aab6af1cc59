//! The public form: from answers to a sealed, committed report and the code that opens its conversation.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::alike::{Alike, Sketch};
use super::context::Context;
use super::error::Error;
use super::forms::{AskedForm, Form, Formerly};
use super::pulse::Company;
use super::shown::{Showing, ShownOnce};
use super::turns::Place;
use super::txn::Txn;
use super::watch;
use crate::domain::alarm::Fault;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::{Day, Timestamp};
use crate::domain::form::{Filled, FormDefinition, Question};
use crate::domain::ids::ReportId;
use crate::domain::notice::{NoticeList, ordinary_due, urgent_due};
use crate::domain::submission::SealedSubmission;
use crate::domain::swap::Swap;
use crate::domain::urgency::Urgency;
use crate::seal::chain::VerifiedKey;
use crate::seal::receipt::{self, Master, ReceiptCode, Retyped};
use crate::seal::request::RequestId;
use crate::seal::sealing::{self, Draft};
use crate::seal::ticket::{self, Ticket};
use crate::seal::{SealError, mailbox, random};
use crate::store::{self, NewEvent, StoreError};

/// How often one report is sealed at most, if its team's key changes under it.
const SEALINGS: u32 = 8;
/// How long one waits for its turn at most.
const LONGEST_WAIT: Duration = Duration::from_secs(45);
const TICKET: &str = "report";
const RECHECK: &str = "recheck";
const RECHECK_SECONDS: i64 = 30 * 60;
const ARRIVED: &str = "arrived";
/// Until a caseworker decides, a report has the class of its kind that is kept longest without a decision.
pub(super) const RETENTION: &str = "undecided";

/// Whether reports can be received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormStatus {
    /// Yes; the form carries this ticket.
    Open {
        /// Text of a hidden field.
        ticket: String,
    },
    /// No: there is no key that custodians vouch for, or nothing could be kept. The page says so before anything is typed.
    Closed,
}

/// What the reporter keeps.
pub struct Receipt {
    /// The code, to be shown once.
    pub code: ReceiptCode,
    /// The code sealed for the retype check: text of a hidden field.
    pub kept: String,
    /// The code among other numbers, as lines of a list.
    pub disguised: Zeroizing<Vec<String>>,
    /// Query of the picture by which the page says that it has arrived.
    pub arrived: String,
}

/// The retype check is no longer possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the retype check has expired")]
pub struct Expired;

/// See the module.
#[derive(Clone)]
pub struct Intake {
    context: Context,
    shown: ShownOnce,
}

impl Intake {
    pub(super) fn new(context: Context) -> Self {
        Self {
            context,
            shown: ShownOnce::new(),
        }
    }

    /// Whether the form is open, and a fresh ticket if it is.
    pub async fn form_status(&self) -> FormStatus {
        if !self.can_keep().await {
            return FormStatus::Closed;
        }
        match self.receiver(&self.context.forms.now().channel).await {
            Some(_) => FormStatus::Open {
                ticket: self.ticket().await,
            },
            None => FormStatus::Closed,
        }
    }

    /// Whether what is sent could be kept, as far as is known without trying. A database that is busy may be free when the form is sent.
    async fn can_keep(&self) -> bool {
        !self.context.taking.is_refused() && self.context.store.has_room().await.unwrap_or(true)
    }

    /// What the form asks now.
    pub async fn form(&self) -> AskedForm {
        self.asked(self.context.forms.now()).await
    }

    /// The same with the form's own names for its channels.
    pub fn form_now(&self) -> Arc<Form> {
        self.context.forms.now()
    }

    /// The edition that a page asked: whoever has begun on a form that was changed meanwhile goes on with it.
    pub async fn form_of(&self, edition: &str) -> AskedForm {
        self.asked(self.context.forms.of(edition)).await
    }

    /// It promises a team of its own to answers that concern officials only while that team can receive.
    async fn asked(&self, form: Arc<Form>) -> AskedForm {
        // Where reports go is decided now, also for a page that asks an earlier form.
        let now = self.context.forms.now();
        let officials = match &now.officials {
            Some(channel) => self.receiver(channel).await.map(|_| channel.clone()),
            None => None,
        };
        let definition = FormDefinition::clone(&form.definition);
        let definition = definition.with_channels(|logical| match logical {
            Form::MAIN => Some(now.channel.clone()),
            Form::OFFICIALS => officials.clone(),
            _ => None,
        });
        AskedForm { form, definition }
    }

    /// A question of that name that is asked or was, among those that fit.
    pub fn formerly(&self, name: &str, fits: impl Fn(&Question) -> bool) -> Option<Formerly> {
        self.context.forms.formerly(name, fits)
    }

    /// What it asks of whoever tells more once a report is with its team.
    pub fn form_once_sent(&self, edition: &str) -> FormDefinition {
        FormDefinition::clone(&self.context.forms.of(edition).definition).once_sent()
    }

    /// Seals the answers to a form, stores them durably and gives the code. The same form sent again gives the same code.
    ///
    /// `language` is the language it was shown in (`en`, `km`).
    ///
    /// # Errors
    /// [`Error::ShownOnce`] if it was kept before and its page has arrived. Else nothing was kept, or what was kept before stands.
    pub async fn submit(
        &self,
        ticket: &str,
        (form, language): (&AskedForm, &str),
        filled: Filled,
    ) -> Result<Receipt, Error> {
        let now = self.context.clock.now();
        let keys = self.context.ticket_keys().await;
        let minutes = self.context.settings.ticket_minutes;
        let request = self.request(ticket, &filled);
        if self.shown.is_over(&request, 0, now) {
            return Err(Error::ShownOnce);
        }
        let (ticket, key) = ticket::check_any(&keys, TICKET, ticket, now, minutes)?;
        let code = receipt::derive_code(key, &ticket.nonce);
        let channel = filled.channel(form).to_owned();
        let turns = self.context.bulkheads.report.turns();
        let place = turns.of_form(&ticket.nonce, ticket.issued, now);
        self.until_a_person_could(&ticket, now).await;
        let typed = Arc::new(Typed {
            sketch: self.sketch(place, &filled).await?,
            place,
            code,
            language: language.to_owned(),
            filled,
            form: form.clone(),
            channel,
        });
        // The team's key may be changed between sealing and storing: then the report is sealed again, to the key that holds now.
        for _ in 0..SEALINGS {
            let receiver = self.receiver(&typed.channel).await;
            let receiver = receiver.ok_or(Error::Closed)?;
            let sealed = self.seal(Arc::clone(&typed), receiver).await?;
            if let Some(code) = self.store(sealed).await? {
                turns.served(place);
                let known_until = now.plus(i64::from(minutes).saturating_mul(60));
                self.shown.shows(request, now, known_until);
                return Ok(self.receipt(code, (request, 0)).await);
            }
        }
        tracing::error!(
            event = "report-not-stored",
            "a report could not be stored: its team's key changes again and again"
        );
        Err(Error::Unavailable)
    }

    /// Whether these words were sent with this ticket: they are not shown again then.
    pub fn was_sent(&self, ticket: &str, filled: &Filled) -> bool {
        let request = self.request(ticket, filled);
        self.shown.was_shown(&request, self.context.clock.now())
    }

    /// The page with a code has arrived: what it says in the query of its picture.
    pub async fn arrived(&self, said: &str) {
        let now = self.context.clock.now();
        let keys = self.context.ticket_keys().await;
        let opened = ticket::box_open_any(&keys, ARRIVED, said, now);
        if let Some((_, (request, showing))) = opened.as_ref().ok().and_then(|page| page_of(page)) {
            self.shown.arrived(&request, showing);
        }
    }

    /// Compares a code that the reporter typed again with the one that was shown.
    ///
    /// # Errors
    /// [`Expired`] half an hour after the code was shown, and once the page that answered has arrived.
    pub async fn recheck(&self, kept: &str, typed: &str) -> Result<(Receipt, Retyped), Expired> {
        let (code, page) = opened(&self.context, kept).await?;
        let (request, showing) = page;
        if self
            .shown
            .is_over(&request, showing, self.context.clock.now())
        {
            return Err(Expired);
        }
        let found = code.compare(typed);
        Ok((self.receipt(code, page).await, found))
    }

    /// How this process stands among the others.
    pub async fn company(&self) -> Company {
        self.context.company().await
    }

    /// Whether the machine's clock is believed.
    pub fn is_time_confirmed(&self) -> bool {
        self.context.clock.confirmed().is_some()
    }

    /// Whether what is in the memory of this process can reach a disk.
    pub fn swap(&self) -> Option<Swap> {
        self.context.process.and_then(|process| process.swap)
    }

    async fn ticket(&self) -> String {
        let keys = self.context.ticket_keys().await;
        ticket::issue(keys.newest(), TICKET, self.context.clock.now())
    }

    async fn receiver(&self, channel: &str) -> Option<VerifiedKey> {
        let Context {
            authority, store, ..
        } = &self.context;
        let (key, fault) = authority.current(store, channel).await;
        if let Some(Fault { kind, subject, .. }) = fault {
            watch::tell(&self.context, kind, subject).await;
        }
        key
    }

    async fn seal(&self, typed: Arc<Typed>, receiver: VerifiedKey) -> Result<Sealing, Error> {
        let context = self.context.clone();
        let lane = match typed.is_alike(&context.alike) {
            true => context.bulkheads.alike.clone(),
            false => context.bulkheads.report.clone(),
        };
        let sealed = lane.run_at(typed.place, move || sealing(&context, &typed, &receiver));
        // Before proxies give up: whoever sends the form again has the place that it had.
        let sealed = tokio::time::timeout(LONGEST_WAIT, sealed).await;
        let sealed = sealed.inspect_err(|_| lane.turns().refused().count());
        let sealed = sealed.map_err(|_| Error::Busy)??;
        sealed.map_err(|error: SealError| {
            self.context.samples.storage.count();
            tracing::error!(event = "report-not-stored", %error, "a report could not be sealed");
            Error::Unavailable
        })
    }

    /// What is sent sooner than somebody could fill a form in waits here, not before the lane: there it would be in the way.
    async fn until_a_person_could(&self, ticket: &Ticket, now: Timestamp) {
        let open = now.seconds().saturating_sub(ticket.issued.seconds());
        let least = self.context.settings.form_seconds;
        let left = least.saturating_sub(open).clamp(0, least);
        if left > 0 {
            tokio::time::sleep(Duration::from_secs(left.unsigned_abs())).await;
        }
    }

    /// What the words are compared by. Options are not among them: those of a short report would make it like any other.
    async fn sketch(&self, place: Place, filled: &Filled) -> Result<Sketch, Error> {
        let alike = self.context.alike.clone();
        let words = filled.texts().collect::<Vec<&str>>().join(" ");
        let words = Zeroizing::new(words);
        let compare = &self.context.bulkheads.compare;
        let sketch = compare.run_at(place, move || alike.sketch(&words));
        Ok(sketch.await?)
    }

    /// `None` if the key that it is sealed to is not the team's active one any more.
    async fn store(&self, sealing: Sealing) -> Result<Option<ReceiptCode>, Error> {
        let Sealing {
            code,
            master,
            digest,
            submission,
            sketch,
            now,
        } = sealing;
        // On-call was told of the urgent ones that it is much like.
        let urgent = submission.urgency.pages_on_call() && !submission.is_alike;
        let stored = self
            .context
            .write(move |txn| {
                let event = event(submission.report, urgent, now);
                store_in_txn(txn, &submission, &event)
            })
            .await;
        match stored {
            Ok(()) => {
                self.context.taking.took();
                self.context.alike.keep(sketch, urgent);
                if urgent {
                    self.context.wake.notify_one();
                }
                Ok(Some(code))
            }
            Err(StoreError::Stale) => Ok(None),
            Err(StoreError::Conflict) => {
                self.sent_before(master, digest).await?;
                Ok(Some(code))
            }
            Err(error) => {
                self.context.taking.refused(&error);
                self.context.samples.storage.count();
                tracing::error!(event = "report-not-stored", %error, "a report could not be stored; its reporter was told so");
                Err(Error::Unavailable)
            }
        }
    }

    /// The mailbox of this form's code exists: the same answers show the same page, others are refused.
    async fn sent_before(&self, master: Master, digest: [u8; 32]) -> Result<(), Error> {
        let (today, lookup) = (self.context.clock.at_least().day(), master.lookup());
        let store = &self.context.store;
        let card = store.run(move |conn| store::mailbox_card(conn, &lookup, today));
        match card.await {
            Ok(Some(card)) => match mailbox::open_card(&master, &card) {
                Ok(open) if *open.digest() == digest => Ok(()),
                _ => Err(Error::SentDifferently),
            },
            Ok(None) => Err(Error::SentDifferently),
            Err(StoreError::Busy) => Err(Error::Busy),
            Err(_) => Err(Error::Unavailable),
        }
    }

    /// What that page shows, and what it carries.
    async fn receipt(&self, code: ReceiptCode, (request, showing): CodePage) -> Receipt {
        let expires = self.context.clock.now().plus(RECHECK_SECONDS);
        let keys = self.context.ticket_keys().await;
        // The report is committed: a failure here must not hide its code.
        let sealed = |purpose, what: &[u8]| {
            ticket::box_seal(keys.newest(), purpose, expires, what).unwrap_or_default()
        };
        let page = |showing: Showing| [request.as_slice(), &showing.to_be_bytes()].concat();
        let next = page(showing.saturating_add(1));
        let kept = Zeroizing::new([code.digits().as_bytes(), &next].concat());
        Receipt {
            kept: sealed(RECHECK, &kept),
            disguised: code.disguised(self.filling(&code)),
            arrived: sealed(ARRIVED, &page(showing)),
            code,
        }
    }

    /// What stands before the groups of a hidden code: the same on every page and in every file of it, or two lists of one code would show
    /// which digits count.
    fn filling(&self, code: &ReceiptCode) -> [u8; 6] {
        let id = self.shown.id(&[b"disguise", code.digits().as_bytes()]);
        id.first_chunk().copied().unwrap_or_default()
    }

    /// By what a form with these words is known.
    fn request(&self, ticket: &str, filled: &Filled) -> RequestId {
        let words = Zeroizing::new(serde_json::to_vec(&filled.fields()).unwrap_or_default());
        self.shown
            .id(&[TICKET.as_bytes(), ticket.as_bytes(), &words])
    }
}

/// A page with a code: of which form, and how often it was shown before.
type CodePage = (RequestId, Showing);

/// The page that the bytes at the end name, and what stands before them.
fn page_of(bytes: &[u8]) -> Option<(&[u8], CodePage)> {
    let (rest, showing) = bytes.split_last_chunk()?;
    let (rest, request) = rest.split_last_chunk()?;
    Some((rest, (*request, Showing::from_be_bytes(*showing))))
}

/// What [`Receipt::kept`] keeps: the code, and the page that comes of sending it.
pub(super) async fn opened(
    context: &Context,
    kept: &str,
) -> Result<(ReceiptCode, CodePage), Expired> {
    let keys = context.ticket_keys().await;
    let kept = ticket::box_open_any(&keys, RECHECK, kept, context.clock.now());
    let kept = kept.map_err(|_| Expired)?;
    let (code, page) = page_of(&kept).ok_or(Expired)?;
    let code = std::str::from_utf8(code).map_err(|_| Expired)?;
    let code = ReceiptCode::parse(code).map_err(|_| Expired)?;
    Ok((code, page))
}

/// What is to be sealed, and to whom.
struct Typed {
    code: ReceiptCode,
    language: String,
    filled: Filled,
    form: AskedForm,
    channel: String,
    sketch: Sketch,
    place: Place,
}

impl Typed {
    /// Whether it is one of many now.
    fn is_alike(&self, alike: &Alike) -> bool {
        let urgency = self.filled.urgency(&self.form);
        alike.is_one_of_many(self.sketch, urgency.pages_on_call())
    }
}

struct Sealing {
    code: ReceiptCode,
    master: Master,
    /// What the same answers are known by.
    digest: [u8; 32],
    submission: SealedSubmission,
    sketch: Sketch,
    now: Timestamp,
}

/// All that is written of a report that came in.
///
/// # Errors
/// [`StoreError::Stale`] if the key that it is sealed to is not the team's any more; from the database.
pub(super) fn store_in_txn(
    txn: &mut Txn<'_>,
    submission: &SealedSubmission,
    event: &NewEvent,
) -> Result<(), StoreError> {
    // Which key is the team's, the ledger says and no row.
    let receiver = txn.authority().of_channel(txn, &submission.channel)?.key;
    if receiver.is_none_or(|now| now.key != submission.key) {
        return Err(StoreError::Stale);
    }
    store::report_insert(txn, submission, event)?;
    txn.record(
        None,
        AuditEvent::ReportReceived {
            report: submission.report,
            recipient: submission.recipient.clone(),
        },
    )
}

/// What is sealed, in clear for the moment of sealing.
struct Plain {
    answers: Zeroizing<Vec<u8>>,
    card: Zeroizing<Vec<u8>>,
    urgency: Urgency,
}

impl Plain {
    fn of(typed: &Typed, now: Timestamp) -> Option<Self> {
        let Typed {
            form,
            filled,
            language,
            ..
        } = typed;
        let who = filled.who(form);
        let words = |id: &str| (form.form.words)(language, id, who);
        Some(Self {
            answers: filled
                .to_sealed_json(form, &form.form.digest, language, &words)
                .ok()?,
            card: filled.card(form, language, now, &words).to_json().ok()?,
            urgency: filled.urgency(form),
        })
    }
}

/// The slow hash and the seals of one report.
fn sealing(context: &Context, typed: &Typed, receiver: &VerifiedKey) -> Result<Sealing, SealError> {
    let now = context.clock.now();
    let code = typed.code.clone();
    let master = receipt::master(&code, context.credentials().install_salt())?;
    let plain = Plain::of(typed, now).ok_or(SealError::NotOpened)?;
    let submission = sealing::seal_submission(&Draft {
        channel: &typed.channel,
        key: receiver.key,
        team: &receiver.recipient,
        answers: &plain.answers,
        summary: &plain.card,
        master: &master,
        urgency: plain.urgency,
        day: now.day(),
        due: plain.urgency.due(now),
        retention: RETENTION,
        // Others may have been kept while it waited.
        is_alike: typed.is_alike(&context.alike),
        mailbox_expires: mailbox_ends(now.day(), context.settings.mailbox_days),
    })?;
    Ok(Sealing {
        code,
        digest: sealing::content_digest(&master.auth(), &plain.answers),
        master,
        submission,
        sketch: typed.sketch,
        now,
    })
}

/// Never earlier than promised, and on the first of a month, so that many mailboxes end together: each would else name the day of its report.
fn mailbox_ends(today: Day, days: i64) -> Day {
    today.plus(days).month_start_or_next()
}

/// Urgent ones go to the on-call list at once, others to the hotline's list in the next quarter-hour slot.
pub(super) fn event(report: ReportId, urgent: bool, now: Timestamp) -> NewEvent {
    let (list, due) = match urgent {
        true => (NoticeList::OnCall, urgent_due(now)),
        false => (NoticeList::Hotline, ordinary_due(now)),
    };
    NewEvent {
        id: random::outbox_id(),
        urgent: urgent.then_some(report),
        list,
        due,
    }
}

/// A message as it lies in a mailbox or in a report's history.
#[derive(Serialize, Deserialize)]
pub(super) struct Written {
    /// Handle of a colleague; empty for the reporter.
    #[serde(default)]
    pub author: String,
    pub text: String,
}
