//! What is asked of the queue, and which reports fit.

use crate::domain::clock::{Day, Quarter};
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::store::report_row::Report;

/// How many reports a page shows.
pub const QUEUE_PAGE: usize = 50;
/// How many are read where some are left out once they are open.
pub const QUEUE_LOOK: usize = 150;
/// How many pages have a number by which they are found without a place. Finding them reads what comes before.
const NUMBERED: u32 = 10;

/// What to show of the queue.
#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    /// Only these states; every state if empty.
    pub states: Vec<State>,
    /// Only this urgency.
    pub urgency: Option<Urgency>,
    /// Whose they are.
    pub whose: Whose,
    /// Of those that rest.
    pub awake: Awake,
    /// Only those that came through this form.
    pub channel: Option<String>,
    /// Only those that came from this UTC day on.
    pub from: Option<Day>,
    /// Only those that came until this UTC day.
    pub to: Option<Day>,
    /// What comes first.
    pub order: QueueOrder,
    /// Where the page begins or ends.
    pub turn: QueueTurn,
    /// Whether [`QUEUE_LOOK`] are read and not [`QUEUE_PAGE`]: some are left out once they are open.
    pub looks_through: bool,
}

/// Whose the reports are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Whose {
    /// Anybody's.
    #[default]
    Anybodys,
    /// Nobody's: nobody has claimed them, and nobody acts on them.
    Nobodys,
    /// Those that this person has claimed or acts on.
    Of(StaffId),
}

/// Which of the reports are shown that rest until somebody looks again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Awake {
    /// All of them.
    #[default]
    Whatever,
    /// Those at which somebody should look by then, or sooner than was said because the reporter has written.
    At(Quarter),
}

/// What comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueueOrder {
    /// The most urgent, of those the oldest.
    #[default]
    Urgency,
    /// What is due first.
    Due,
}

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueTurn {
    /// The one of this number, from 0. Of the numbers from 10 on there is none.
    Number(u32),
    /// The one after this place.
    After(QueuePlace),
    /// The one before this place.
    Before(QueuePlace),
}

/// A report's place in the order of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuePlace {
    /// Its urgency.
    pub urgency: Urgency,
    /// The UTC day it came.
    pub day: Day,
    /// By when it should be claimed.
    pub due: Quarter,
    /// The report.
    pub report: ReportId,
}

impl QueuePlace {
    /// Of a report.
    pub const fn of(report: &Report) -> Self {
        Self {
            urgency: report.urgency,
            day: report.day,
            due: report.due,
            report: report.id,
        }
    }

    /// What decides on its place.
    pub(super) fn rank(&self, order: QueueOrder) -> impl Ord + use<> {
        let (day, due) = (self.day.number(), self.due.seconds());
        let urgency = Urgency::ALL.iter().position(|one| *one == self.urgency);
        let urgency = urgency
            .and_then(|at| i64::try_from(at).ok())
            .unwrap_or_default();
        let [first, second, third]: [i64; 3] = match order {
            QueueOrder::Urgency => [urgency, day, due],
            QueueOrder::Due => [due, urgency, day],
        };
        (first, second, third, self.report)
    }
}

impl QueueTurn {
    /// The first page.
    pub const FIRST: Self = Self::Number(0);

    /// Whether there is no page of that number.
    pub(super) const fn is_beyond(self) -> bool {
        matches!(self, Self::Number(NUMBERED..))
    }

    /// How many reports come before the page without being on it.
    pub(super) fn skipped(self) -> usize {
        match self {
            Self::Number(number) => usize::try_from(number)
                .unwrap_or(usize::MAX)
                .saturating_mul(QUEUE_PAGE),
            Self::After(_) | Self::Before(_) => 0,
        }
    }
}

impl Default for QueueTurn {
    fn default() -> Self {
        Self::FIRST
    }
}

impl Awake {
    /// Whether a report is shown.
    pub(super) fn shows(self, report: &Report) -> bool {
        match self {
            Self::At(now) if report.state.rests() => {
                report.due <= now || report.look_again.is_some_and(|look| report.due < look)
            }
            Self::At(_) | Self::Whatever => true,
        }
    }
}

impl QueueFilter {
    /// How many a page reads.
    pub(super) const fn size(&self) -> usize {
        match self.looks_through {
            true => QUEUE_LOOK,
            false => QUEUE_PAGE,
        }
    }

    /// A page and one more, which tells whether there is another; and what is skipped.
    pub(super) fn read_at_most(&self) -> usize {
        let skipped = self.turn.skipped();
        skipped.saturating_add(self.size()).saturating_add(1)
    }

    /// Those that are asked for.
    pub(super) fn states(&self) -> &[State] {
        match self.states.as_slice() {
            [] => State::ALL.as_slice(),
            asked => asked,
        }
    }

    /// Whether a report fits, whoever it is that has it.
    pub(super) fn fits(&self, report: &Report) -> bool {
        let place = QueuePlace::of(report).rank(self.order);
        self.states().contains(&report.state)
            && self.urgency.is_none_or(|urgency| urgency == report.urgency)
            && (self.channel.as_ref()).is_none_or(|channel| *channel == report.channel)
            && self.from.is_none_or(|from| from <= report.day)
            && self.to.is_none_or(|to| report.day <= to)
            && self.awake.shows(report)
            && match self.turn {
                QueueTurn::Number(_) => true,
                QueueTurn::After(after) => place > after.rank(self.order),
                QueueTurn::Before(before) => place < before.rank(self.order),
            }
    }
}
