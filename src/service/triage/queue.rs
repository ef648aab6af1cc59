//! The queue: cards, most urgent first, then oldest, or in the order that was asked for.

mod card;
mod place;
mod view;

pub use card::{News, QueueCard};
pub use view::{Order, QueueFilter, Turn, View};

use card::{OpenRow, Reader};

use super::decisions::Waiting;
use super::reach::{Reach, reach};
use super::{Ring, Triage};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::service::prover::RowProver;
use crate::store::{
    self, DbConnection, DeskCounts, QUEUE_PAGE, QueuePlace, QueueTurn, StoreError, StoreResult,
};

/// More reports that are much alike are not counted.
pub const MOST_ALIKE: usize = 1_000;
/// More that waits is not counted.
pub const MOST_COUNTED: usize = 100;

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
    /// The forms through which reports come.
    pub channels: Vec<String>,
    /// Of how many reports these were chosen once they were open, if they were.
    pub looked_through: Option<u32>,
}

/// The reports beside one in a list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Neighbours {
    /// The one before it.
    pub previous: Option<ReportId>,
    /// The one after it.
    pub next: Option<ReportId>,
}

/// Lines that were read for one reader, each with its place and whether its row is as the server wrote it.
struct Lines {
    cards: Vec<(QueueCard, QueuePlace, bool)>,
    unreadable: Vec<ReportId>,
    before: Option<QueuePlace>,
    after: Option<QueuePlace>,
    looked_through: Option<u32>,
}

impl Triage {
    /// A page of what the caller's keys open.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn queue(&self, caller: &Caller, filter: QueueFilter) -> Result<QueuePage, Error> {
        let own = Self::own(caller)?;
        let (me, own_key, now) = (caller.staff, caller.key, self.context.clock.now());
        let today = self.context.clock.today();
        let wanted = filter.wanted(me, now.quarter(), self.turn(me, &filter.turn));
        let authority = self.context.authority.clone();
        let prover = RowProver::new(self.context.audit_log.report_keys());
        let (ring, lines, beside) = self
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
                    let channels = store::unless_damaged(store::channel_list(conn))?;
                    Ok((ring, page, people, (waiting, alike, reach, channels)))
                })?;
                let reader = Reader {
                    me,
                    ring: &ring,
                    people: &people,
                };
                // Opening the cards is what a page costs: it is done on the staff's threads and in the staff's turn.
                let most = (QUEUE_PAGE, matches!(wanted.turn, QueueTurn::Before(_)));
                let lines = Lines::open(conn, &reader, page, &prover, (&filter, now), most)?;
                Ok((ring, lines, beside))
            })
            .await?;
        self.heed(&ring).await;
        self.mend(&lines).await;
        let link = |place: Option<QueuePlace>| {
            let place = place.map(place::to_bytes)?;
            self.places.seal(me, &place).ok()
        };
        let (before, after) = (link(lines.before), link(lines.after));
        let (waiting, alike, reach, channels) = beside;
        let cards = lines.cards.into_iter();
        Ok(QueuePage {
            cards: cards
                .map(|(card, _, is_ours)| card.unless_changed(is_ours))
                .collect(),
            unreadable: lines.unreadable,
            is_first: before.is_none(),
            before,
            after,
            alike,
            waiting,
            reach,
            channels: channels.into_iter().map(|channel| channel.id).collect(),
            looked_through: lines.looked_through,
        })
    }

    /// The reports beside this one in what was asked for, as it stands now.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a report that the caller's keys do not open.
    pub async fn neighbours(
        &self,
        caller: &Caller,
        report: ReportId,
        filter: QueueFilter,
    ) -> Result<Neighbours, Error> {
        let own = Self::own(caller)?;
        let (me, now) = (caller.staff, self.context.clock.now());
        let prover = RowProver::new(self.context.audit_log.report_keys());
        let find = move |conn: &mut DbConnection| -> Result<_, StoreError> {
            let ring = Ring::open(conn, own)?;
            let (row, _) = store::report_find(conn, report, &ring.ids())?;
            let place = QueuePlace::of(&row);
            let reader = Reader {
                me,
                ring: &ring,
                people: &[],
            };
            let mut beside = |turn| -> StoreResult<Option<ReportId>> {
                let wanted = filter.wanted(me, now.quarter(), turn);
                let page = store::queue_beside(conn, &ring.ids(), &wanted)?;
                let one = (1, matches!(turn, QueueTurn::Before(_)));
                let lines = Lines::open(conn, &reader, page, &prover, (&filter, now), one)?;
                Ok(lines.cards.first().map(|(card, ..)| card.report))
            };
            Ok(Neighbours {
                previous: beside(QueueTurn::Before(place))?,
                next: beside(QueueTurn::After(place))?,
            })
        };
        self.context.read(find).await.map_err(Error::from)
    }

    /// What waits for the caller; `None` where that cannot be read, or they have no desk.
    pub async fn counts(&self, caller: &Caller) -> Option<DeskCounts> {
        let own = Self::own(caller).ok()?;
        let (me, now) = (caller.staff, self.context.clock.now().quarter());
        let count = move |conn: &mut DbConnection| -> Result<DeskCounts, StoreError> {
            let ring = Ring::open(conn, own)?;
            let states = View::ForMe.states();
            store::desk_counts(conn, &ring.ids(), (me, now), &states, MOST_COUNTED)
        };
        self.context.read(count).await.ok()
    }

    /// Reports whose rows somebody has changed, or that cannot be read, stand where nothing is lost by it. What cannot be mended now, the
    /// worker finds again: whoever reads the queue reads it all the same.
    async fn mend(&self, lines: &Lines) {
        let forged = lines.cards.iter().filter(|(.., is_ours)| !is_ours);
        let forged = forged.map(|(card, ..)| card.report);
        for report in forged.chain(lines.unreadable.iter().copied()) {
            let mended = self.context.write(move |txn| txn.mend(report)).await;
            if let Err(error) = mended {
                tracing::error!(event = "report-damaged", %error, "ALARM: a report cannot be mended");
            }
        }
    }

    fn turn(&self, reader: StaffId, asked: &Turn) -> QueueTurn {
        let place = |text| place::from_bytes(&self.places.open(reader, text).ok()?);
        match asked {
            Turn::Number(number) => Some(QueueTurn::Number(*number)),
            Turn::After(text) => place(text).map(QueueTurn::After),
            Turn::Before(text) => place(text).map(QueueTurn::Before),
        }
        .unwrap_or_default()
    }
}

impl Lines {
    /// Opens the lines that fit, as many as are wanted, in the direction of reading. A row that somebody has changed is shown whatever was
    /// asked for. What is left over is on the next page.
    fn open(
        conn: &mut DbConnection,
        reader: &Reader<'_>,
        page: store::QueuePage,
        prover: &RowProver,
        (filter, now): (&QueueFilter, Timestamp),
        (most, is_backwards): (usize, bool),
    ) -> StoreResult<Self> {
        let mut lines = Self {
            cards: Vec::new(),
            unreadable: page.unreadable,
            before: page.before,
            after: page.after,
            looked_through: None,
        };
        let count = page.rows.len();
        let mut looked = 0_usize;
        for at in 0..count {
            let at = if is_backwards {
                count.saturating_sub(at).saturating_sub(1)
            } else {
                at
            };
            let Some(row) = page.rows.get(at) else {
                break;
            };
            if lines.cards.len() == most {
                let end = lines.cards.last().map(|(_, place, _)| *place);
                *(if is_backwards {
                    &mut lines.before
                } else {
                    &mut lines.after
                }) = end;
                break;
            }
            looked = looked.saturating_add(1);
            let (line, is_ours) = (OpenRow::of(reader, row), prover.is_ours(&row.report));
            if !is_ours || filter.fits(&line, now) {
                let card = reader.card(conn, line)?;
                lines
                    .cards
                    .push((card, QueuePlace::of(&row.report), is_ours));
            }
        }
        if is_backwards {
            lines.cards.reverse();
        }
        if filter.looks_through() {
            lines.looked_through = u32::try_from(looked).ok();
        }
        Ok(lines)
    }
}

impl QueueCard {
    /// Where its row was changed by somebody else than the server, it stands where nothing is lost by it.
    fn unless_changed(self, is_ours: bool) -> Self {
        match is_ours {
            true => self,
            false => Self {
                state: State::Received,
                urgency: Urgency::U0,
                ..self
            },
        }
    }
}
