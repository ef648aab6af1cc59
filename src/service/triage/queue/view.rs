//! What the desk shows: a view, and what is chosen beside it.

use super::card::OpenRow;
use crate::domain::clock::{Day, Quarter, Timestamp};
use crate::domain::ids::StaffId;
use crate::domain::named::named;
use crate::domain::state::State;
use crate::domain::urgency::Urgency;
use crate::domain::zone::Zone;
use crate::store::{self, Awake, QueueOrder, QueueTurn, Whose};

named! {
    /// Which reports a caseworker looks at.
    #[derive(Default)]
    View {
        /// What waits for somebody or is in somebody's hands.
        #[default]
        Waiting = "waiting",
        /// What the caller has or acts on, and needs them now.
        ForMe = "for-me",
        /// Whatever the caller has or acts on.
        Mine = "mine",
        /// What nobody has and nobody acts on.
        Unassigned = "unassigned",
        /// What should have been done by now.
        Late = "late",
        /// Whatever is not at its end.
        Open = "open",
    }
}

named! {
    /// What comes first.
    Order {
        /// The most urgent, of those the oldest.
        Urgency = "urgency",
        /// What is due first.
        Due = "due",
    }
}

/// What to show.
#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    /// Which reports.
    pub view: View,
    /// Only this state.
    pub state: Option<State>,
    /// Only this urgency.
    pub urgency: Option<Urgency>,
    /// Only those that came through this form.
    pub channel: Option<String>,
    /// Only those whose reporter wrote in this language.
    pub language: Option<String>,
    /// Only those that came from this day on, in the zone.
    pub from: Option<Day>,
    /// Only those that came until this day.
    pub to: Option<Day>,
    /// In which days are counted.
    pub zone: Zone,
    /// What comes first; what is usual in the view if nothing is chosen.
    pub order: Option<Order>,
    /// Which page of 50.
    pub turn: Turn,
}

/// How a page was asked for. Links carry places from [`QueuePage`](super::QueuePage); one that was not made for the caller leads to the first
/// page.
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

impl View {
    /// Its states. What is alike stands as one group.
    pub(super) fn states(self) -> Vec<State> {
        const WAITING: &[State] = &[
            State::Received,
            State::InTriage,
            // In no other do clocks of before this release bring a report back.
            State::NeedsInformation,
        ];
        match self {
            Self::Waiting | Self::Unassigned => WAITING.to_vec(),
            Self::Late => vec![State::Received, State::InTriage],
            Self::Mine | Self::ForMe | Self::Open => {
                let open = State::ALL
                    .into_iter()
                    .filter(|state| (state.is_open() && *state != State::Alike) || state.rests());
                open.collect()
            }
        }
    }

    const fn awake(self, now: Quarter) -> Awake {
        match self {
            Self::Waiting | Self::ForMe | Self::Unassigned | Self::Late => Awake::At(now),
            Self::Mine | Self::Open => Awake::Whatever,
        }
    }

    const fn usual_order(self) -> Order {
        match self {
            Self::Late => Order::Due,
            _ => Order::Urgency,
        }
    }
}

impl QueueFilter {
    /// What comes first.
    pub fn order(&self) -> Order {
        self.order.unwrap_or(self.view.usual_order())
    }

    /// Whether some are left out once they are open: what decides is sealed.
    pub(super) const fn looks_through(&self) -> bool {
        let has_days = self.from.is_some() || self.to.is_some();
        self.language.is_some() || has_days || matches!(self.view, View::Late)
    }

    /// Whether a line fits whose card is open.
    pub(super) fn fits(&self, line: &OpenRow<'_>, now: Timestamp) -> bool {
        let card = line.summary();
        let language = card.map(|card| card.language.as_str());
        let is_spoken = self.language.is_none() || self.language.as_deref() == language;
        let is_late = || line.next().is_some_and(|(_, at)| at < now);
        // Where the card does not open, the day of UTC is all that is known.
        let day = card.map_or(line.report().day, |card| {
            self.zone.day(Timestamp::from_seconds(card.received_hour))
        });
        is_spoken
            && (self.view != View::Late || is_late())
            && self.from.is_none_or(|from| from <= day)
            && self.to.is_none_or(|to| day <= to)
    }

    /// What is asked of the database for `me`.
    pub(super) fn wanted(&self, me: StaffId, now: Quarter, turn: QueueTurn) -> store::QueueFilter {
        store::QueueFilter {
            states: self
                .state
                .map_or_else(|| self.view.states(), |one| vec![one]),
            urgency: self.urgency,
            whose: match self.view {
                View::Mine | View::ForMe => Whose::Of(me),
                View::Unassigned => Whose::Nobodys,
                View::Waiting | View::Late | View::Open => Whose::Anybodys,
            },
            // Whoever asks for a state sees all that are in it.
            awake: match (self.state, self.view) {
                (Some(_), View::Waiting | View::Unassigned | View::Late) => Awake::Whatever,
                (_, view) => view.awake(now),
            },
            channel: self.channel.clone(),
            // The day of a zone is of two days of UTC.
            from: self.from.map(|day| day.plus(-1)),
            to: self.to.map(|day| day.plus(1)),
            order: match self.order() {
                Order::Urgency => QueueOrder::Urgency,
                Order::Due => QueueOrder::Due,
            },
            turn,
            looks_through: self.looks_through(),
        }
    }
}
