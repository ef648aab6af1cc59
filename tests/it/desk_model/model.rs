//! What a desk promises, as plain rules over what people did and when. Knows nothing of how the product does it.

use std::collections::BTreeSet;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
pub const QUARTER: i64 = 900;
pub const DAY: i64 = 86_400;
/// Whoever touches nothing of a report for so long has it no more.
const IDLE: i64 = 15 * MINUTE;
/// For so long whoever has a report in hand keeps it after its look was due.
const HELD: i64 = 30 * MINUTE;
/// Quarter hours in which a report that waits is told of again and again; then every hour.
const CLOSE: usize = 8;

/// How soon a report needs a person, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    U0,
    U1,
    U2,
    U3,
}

impl Need {
    pub const ALL: [Self; 4] = [Self::U0, Self::U1, Self::U2, Self::U3];

    pub const fn rings(self) -> bool {
        matches!(self, Self::U0 | Self::U1)
    }

    /// What its reporter answers at the form.
    pub const fn told(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::U0 => &[("danger", "now"), ("account", "He is breaking the door.")],
            Self::U1 => &[("danger", "soon"), ("account", "He comes on Friday.")],
            Self::U2 => &[("account", "I do not know when.")],
            Self::U3 => &[("danger", "over"), ("account", "It was two years ago.")],
        }
    }

    /// For how many hours whoever acts on it may leave it alone.
    pub fn hours(self) -> impl Iterator<Item = u32> {
        let most = match self {
            Self::U0 => 12,
            Self::U1 => 72,
            Self::U2 => 720,
            Self::U3 => 2_160,
        };
        let all = [1, 4, 12, 24, 72, 168, 336, 720, 2_160];
        all.into_iter().filter(move |hours| *hours <= most)
    }

    /// By when whoever acts on a report reads what its reporter says now.
    pub fn read_by(self, now: i64) -> i64 {
        match self {
            Self::U0 | Self::U1 => self.soon(now) + QUARTER,
            Self::U2 | Self::U3 => self.soon(now) + DAY,
        }
    }

    /// By when somebody takes what a reporter says now.
    pub fn soon(self, now: i64) -> i64 {
        match self {
            Self::U0 => quarter(now + 15 * MINUTE),
            Self::U1 => quarter(now + HOUR),
            Self::U2 | Self::U3 => (now.div_euclid(DAY) + 1) * DAY,
        }
    }
}

pub const fn quarter(at: i64) -> i64 {
    at.div_euclid(QUARTER) * QUARTER
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// Nobody has it.
    Waits,
    /// Somebody has taken it and decides.
    Held,
    /// A question lies in the mailbox.
    Asked,
    /// Somebody acts on it.
    Acted,
    Spam,
    Closed,
}

/// A report. People are numbers.
#[derive(Debug, Clone)]
pub struct Case {
    pub need: Need,
    pub stand: Stand,
    /// Who has claimed it, and when they last touched it.
    pub holder: Option<(usize, i64)>,
    /// Who acts on it.
    pub owners: BTreeSet<usize>,
    /// By when they look again: as they said, or sooner because the reporter has written.
    pub look: i64,
    /// When it came.
    pub came: i64,
    /// By when somebody should take it, while it waits.
    pub due: i64,
    /// How often it was taken.
    pub taken: usize,
    /// Quarter hours that it has waited, and the last ones of those in which nobody was told.
    waited: usize,
    silent: usize,
}

impl Case {
    pub fn new(need: Need, now: i64) -> Self {
        Self {
            need,
            stand: Stand::Waits,
            holder: None,
            owners: BTreeSet::new(),
            look: 0,
            came: now,
            due: need.soon(now),
            taken: 0,
            waited: 0,
            silent: 0,
        }
    }

    /// Whether on-call must hear of it: it is urgent, and nobody does anything.
    pub fn rings(&self) -> bool {
        self.need.rings() && self.stand == Stand::Waits
    }

    /// Whether it stands in the queue that everybody sees first; `None` if it may.
    pub const fn is_in_queue(&self) -> Option<bool> {
        match self.stand {
            Stand::Waits | Stand::Held => Some(true),
            // The product shows it there, greyed by its state, although it rests.
            Stand::Asked => None,
            Stand::Acted | Stand::Spam | Stand::Closed => Some(false),
        }
    }

    /// Whether nobody need touch it, for now or for good.
    pub const fn is_settled(&self) -> bool {
        !matches!(self.stand, Stand::Waits | Stand::Held)
    }

    const fn rests(&self) -> bool {
        matches!(self.stand, Stand::Asked | Stand::Acted)
    }

    fn wait(&mut self, due: i64) {
        (self.stand, self.holder, self.due) = (Stand::Waits, None, due);
        (self.waited, self.silent) = (0, 0);
    }

    pub fn claim(&mut self, who: usize, now: i64) {
        self.holder = Some((who, now));
        self.taken += 1;
        match self.stand {
            Stand::Waits => self.stand = Stand::Held,
            // To have it in hand is no act.
            Stand::Asked | Stand::Acted | Stand::Held | Stand::Spam | Stand::Closed => {}
        }
    }

    pub const fn touch(&mut self, now: i64) {
        if let Some((_, touched)) = &mut self.holder {
            *touched = now;
        }
    }

    pub fn release(&mut self, now: i64) {
        self.holder = None;
        if self.stand == Stand::Held {
            self.wait(now.div_euclid(DAY) * DAY);
        }
        if self.rests() && self.owners.is_empty() {
            self.wait(self.look.min(self.need.soon(now)));
        }
    }

    pub fn act(&mut self, owners: BTreeSet<usize>, hours: u32, now: i64) {
        self.owners = owners;
        self.rest(
            Stand::Acted,
            quarter(now + i64::from(hours) * HOUR) + QUARTER,
        );
    }

    /// Nobody waits for an answer for longer than anybody may leave such a report alone, or for more than a week.
    pub fn ask(&mut self, who: usize, now: i64) {
        self.owners = BTreeSet::from([who]);
        let longest = self.need.hours().last().unwrap();
        let longest = quarter(now + i64::from(longest) * HOUR) + QUARTER;
        self.rest(Stand::Asked, longest.min(quarter(now + 7 * DAY)));
    }

    const fn rest(&mut self, stand: Stand, look: i64) {
        (self.stand, self.look) = (stand, look);
    }

    pub const fn mark_spam(&mut self) {
        self.stand = Stand::Spam;
    }

    pub const fn close(&mut self) {
        (self.stand, self.holder) = (Stand::Closed, None);
    }

    pub const fn resume(&mut self) {
        self.stand = Stand::Held;
    }

    pub fn hear(&mut self, now: i64) {
        let soon = self.need.soon(now);
        match self.stand {
            Stand::Waits | Stand::Held => {}
            Stand::Acted => self.look = self.look.min(self.need.read_by(now)),
            Stand::Asked | Stand::Spam | Stand::Closed => self.wait(soon),
        }
    }

    /// An account is closed.
    pub fn leave(&mut self, who: usize, now: i64) {
        if self.holder.is_some_and(|(holder, _)| holder == who) {
            self.release(now);
        }
        self.owners.remove(&who);
        self.miss(now);
    }

    /// Time has come to this.
    pub fn time(&mut self, now: i64) {
        if self.idle().is_some_and(|idle| idle <= now) {
            self.release(now);
        }
        self.miss(now);
    }

    /// What rests comes back when its look is over or nobody is left whose it is; out of somebody's hands half an hour later.
    fn miss(&mut self, now: i64) {
        let is_left = self.holder.is_none() && self.owners.is_empty();
        let patience = if self.holder.is_some() { HELD } else { 0 };
        if self.rests() && (self.look + patience <= now || is_left) {
            self.wait(self.look.min(self.need.soon(now)));
        }
    }

    /// When it is nobody's any more, if nothing is done.
    fn idle(&self) -> Option<i64> {
        let minute = |at: i64| at.div_euclid(MINUTE) * MINUTE;
        self.holder.map(|(_, touched)| minute(touched) + IDLE)
    }

    /// When something comes of it by itself; at once if it rings.
    pub fn next(&self, now: i64) -> i64 {
        // In somebody's hands a little later, and then it is looked at again.
        let late = if self.look <= now {
            self.look + HELD
        } else {
            self.look
        };
        let look = self.rests().then_some(late);
        let rings = self.rings().then_some(now);
        let next = self.idle().into_iter().chain(look).chain(rings).min();
        next.unwrap_or(i64::MAX)
    }

    /// A quarter hour is over, in which on-call was told or was not. `is_alone` if nothing else rings.
    pub fn quarter(&mut self, rang: bool, is_alone: bool) {
        if !self.rings() {
            return;
        }
        self.waited += 1;
        self.silent = if rang { 0 } else { self.silent + 1 };
        let most = match self.waited {
            1 if is_alone => 0,
            // Told of together with what waits already.
            1 => 1,
            2..=CLOSE => 2,
            _ => 6,
        };
        assert!(self.silent <= most, "on-call is not told of {self:?}");
    }
}
