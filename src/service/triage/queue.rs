//! The queue: cards, most urgent first, then oldest.

use super::decisions::Waiting;
use super::reach::{Reach, reach};
use super::{Ring, Triage};
use crate::domain::clock::{Day, Quarter, Timestamp};
use crate::domain::deadline::{Deadline, Facts};
use crate::domain::form::CardSummary;
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::seal::opening;
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::service::prover::{RowProver, is_signed};
use crate::store::{self, QueuePlace, QueueRow, QueueTurn, Staff, StoreError};

/// More reports that are much alike are not counted.
pub const MOST_ALIKE: usize = 1_000;

/// What to show.
#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    /// Only these states; empty means the open ones.
    pub states: Vec<State>,
    /// Only this urgency.
    pub urgency: Option<Urgency>,
    /// Which page of 50.
    pub turn: Turn,
}

/// How a page was asked for. Links carry places from [`QueuePage`]; one that was not made for the caller leads to the first page.
#[derive(Debug, Clone)]
pub enum Turn {
    /// By its number, from 0. From 10 on there is none.
    Number(u32),
    /// The one after this place.
    After(String),
    /// The one before this place.
    Before(String),
}

impl Default for Turn {
    fn default() -> Self {
        Self::Number(0)
    }
}

/// One page.
pub struct QueuePage {
    /// At most 50 cards.
    pub cards: Vec<QueueCard>,
    /// Reports that are there and cannot be read.
    pub unreadable: Vec<ReportId>,
    /// Whether it is the first page, whatever was asked for.
    pub is_first: bool,
    /// A place for [`Turn::Before`], if there is a page before it.
    pub before: Option<String>,
    /// A place for [`Turn::After`], if there is a page after it.
    pub after: Option<String>,
    /// How many reports that are much alike stand beside the queue as one group, on the first page whatever it is filtered by, and how many
    /// of them are urgent; [`MOST_ALIKE`] at most are counted. `None` if that cannot be read.
    pub alike: Option<(usize, usize)>,
    /// What waits for somebody, on the first page whatever it is filtered by; `None` if that cannot be read.
    pub waiting: Option<Waiting>,
    /// What the caller's keys do not open.
    pub reach: Reach,
}

/// One report in the queue.
pub struct QueueCard {
    /// Its id.
    pub report: ReportId,
    /// Where it stands.
    pub state: State,
    /// How soon it needs a person.
    pub urgency: Urgency,
    /// The UTC day it came.
    pub day: Day,
    /// Handle of who has it.
    pub holder: Option<String>,
    /// Whether the caller has it.
    pub mine: bool,
    /// Handles of those whose it is.
    pub assignees: Vec<String>,
    /// What comes next, and by when, unless somebody is at it.
    pub next: Option<(Deadline, Timestamp)>,
    /// Its summary; `None` if it is sealed but does not open.
    pub card: Option<CardSummary>,
}

impl Triage {
    /// A page of what the caller's keys open.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn queue(&self, caller: &Caller, filter: QueueFilter) -> Result<QueuePage, Error> {
        let own = Self::own(caller)?;
        let wanted = store::QueueFilter {
            states: shown(&filter.states),
            urgency: filter.urgency,
            turn: self.turn(caller.staff, &filter.turn),
        };
        let (me, own_key, today) = (caller.staff, caller.key, self.context.clock.today());
        let authority = self.context.authority.clone();
        let prover = RowProver::new(self.context.audit_log.report_keys());
        let (ring, (cards, unreadable), page, beside) = self
            .context
            .read(move |conn| -> Result<_, StoreError> {
                let (ring, page, people, beside) = store::read_transaction(conn, |conn| {
                    let ring = Ring::open(conn, own)?;
                    let page = store::queue_page(conn, &ring.ids(), &wanted)?;
                    let (waiting, alike) = match page.before {
                        None => (
                            Waiting::find(conn, &authority, &ring.ids(), me, today),
                            store::queue_alike(conn, &ring.ids(), MOST_ALIKE),
                        ),
                        Some(_) => (Ok(Waiting::default()), Ok((0, 0))),
                    };
                    let waiting = store::unless_damaged(waiting.map(Some))?;
                    let alike = store::unless_damaged(alike.map(Some))?;
                    let reach = store::unless_damaged(reach(conn, me, own_key))?;
                    let people = store::unless_damaged(store::staff_list(conn))?;
                    Ok((ring, page, people, (waiting, alike, reach)))
                })?;
                // Opening the cards is what a page costs: it is done on the staff's threads and in the staff's turn.
                let cards = page.rows.iter();
                let cards = cards.map(|row| {
                    let is_ours = prover.is_ours(&row.report);
                    (shown_card(&ring, row, &people, me), is_ours)
                });
                let cards: Vec<(QueueCard, bool)> = cards.collect();
                let lost = page.unreadable;
                Ok((ring, (cards, lost), (page.before, page.after), beside))
            })
            .await?;
        self.heed(&ring).await;
        self.mend(&cards, &unreadable).await;
        let cards = cards.into_iter().map(|(card, is_ours)| match is_ours {
            true => card,
            false => QueueCard {
                state: State::Received,
                urgency: Urgency::U0,
                ..card
            },
        });
        let link = |place: Option<QueuePlace>| {
            let place = place.map(to_bytes)?;
            self.places.seal(me, &place).ok()
        };
        let (before, after) = (link(page.0), link(page.1));
        let (waiting, alike, reach) = beside;
        Ok(QueuePage {
            cards: cards.collect(),
            unreadable,
            is_first: before.is_none(),
            before,
            after,
            alike,
            waiting,
            reach,
        })
    }

    /// Reports whose rows somebody has changed, or that cannot be read, stand where nothing is lost by it. What cannot be mended now, the
    /// worker finds again: whoever reads the queue reads it all the same.
    async fn mend(&self, cards: &[(QueueCard, bool)], unreadable: &[ReportId]) {
        let forged = cards.iter().filter(|(_, is_ours)| !is_ours);
        let forged = forged.map(|(card, _)| card.report);
        for report in forged.chain(unreadable.iter().copied()) {
            let mended = self.context.write(move |txn| txn.mend(report)).await;
            if let Err(error) = mended {
                tracing::error!(event = "report-damaged", %error, "ALARM: a report cannot be mended");
            }
        }
    }

    fn turn(&self, reader: StaffId, asked: &Turn) -> QueueTurn {
        let place = |text| from_bytes(&self.places.open(reader, text).ok()?);
        match asked {
            Turn::Number(number) => Some(QueueTurn::Number(*number)),
            Turn::After(text) => place(text).map(QueueTurn::After),
            Turn::Before(text) => place(text).map(QueueTurn::Before),
        }
        .unwrap_or_default()
    }
}

/// Report (16), day (8), due (8), urgency.
fn to_bytes(place: QueuePlace) -> Vec<u8> {
    [
        place.report.as_bytes().as_slice(),
        &place.day.number().to_be_bytes(),
        &place.due.seconds().to_be_bytes(),
        place.urgency.as_str().as_bytes(),
    ]
    .concat()
}

fn from_bytes(bytes: &[u8]) -> Option<QueuePlace> {
    let (report, rest) = bytes.split_first_chunk()?;
    let (day, rest) = rest.split_first_chunk()?;
    let (due, urgency) = rest.split_first_chunk()?;
    Some(QueuePlace {
        urgency: std::str::from_utf8(urgency).ok()?.parse().ok()?,
        day: Day::from_number(i64::from_be_bytes(*day)),
        due: Quarter::from_seconds(i64::from_be_bytes(*due)),
        report: ReportId::from_bytes(*report),
    })
}

fn shown_card(ring: &Ring, row: &QueueRow, people: &[Staff], me: StaffId) -> QueueCard {
    let holder = |staff| people.iter().find(|person| person.id == staff);
    let card = summary(ring, row);
    QueueCard {
        report: row.report.id,
        state: row.report.state,
        urgency: urgency(row, card.as_ref()),
        day: row.report.day,
        holder: row
            .claimed_by
            .and_then(holder)
            .map(|person| person.handle.clone()),
        mine: row.claimed_by == Some(me),
        assignees: (row.report.assignees())
            .filter_map(holder)
            .map(|person| person.handle.clone())
            .collect(),
        next: next(row, card.as_ref()),
        card,
    }
}

fn next(row: &QueueRow, card: Option<&CardSummary>) -> Option<(Deadline, Timestamp)> {
    let report = &row.report;
    let came = card.map(|card| Timestamp::from_seconds(card.received_hour));
    let received = came.unwrap_or(report.day.start());
    let facts = Facts {
        urgency: report.urgency,
        state: report.state,
        due: report.due,
        is_looked_at: report.look_again.is_some(),
        received,
        told: received,
        replied: None,
        is_mailbox_open: false,
    };
    let is_waiting = row.claimed_by.is_none() || report.state.rests();
    facts.next().filter(|_| is_waiting)
}

/// What nobody has decided yet is as urgent as the sealed answers say, whatever stands in clear.
fn urgency(row: &QueueRow, card: Option<&CardSummary>) -> Urgency {
    let hint = card.and_then(|card| card.hints.first()?.urgency.parse().ok());
    match hint.filter(|_| !is_signed(&row.report)) {
        Some(hint) => row.report.urgency.min(hint),
        None => row.report.urgency,
    }
}

/// The states that are asked for; the open ones if none is, without those that stand as one group.
fn shown(asked: &[State]) -> Vec<State> {
    if asked.is_empty() {
        State::ALL
            .into_iter()
            .filter(|state| state.is_open() && *state != State::Alike)
            .collect()
    } else {
        asked.to_vec()
    }
}

/// A locked report's card stays shut, also for those who could open it.
fn summary(ring: &Ring, row: &QueueRow) -> Option<CardSummary> {
    if row.report.state == State::Locked {
        return None;
    }
    let report = &row.report;
    let grant = opening::open_grant(
        ring.identity(row.key)?,
        &row.grant,
        report.id,
        &report.recipient,
        &row.earlier,
    );
    let open = opening::open_card(grant.ok()?, report.card, row.card.as_ref()?).ok()?;
    CardSummary::parse(open.summary()).ok()
}
